//! As text.

use std::{
    fmt,
    io::{self, Write},
};

use hitlevel::integrity::{Irregularity, Outcome, Weight};

use super::{Found, Match, Name, Person, TrendView};
use crate::output::{fight::Named, spark::Signs, table::Table, text::Harmless};

/// So many datagrams are listed, and how many more there are.
const SHOWN: usize = 6;

pub(super) fn found(out: &mut impl Write, found: &Found, all: bool, signs: Signs) -> io::Result<()> {
    if found.matches.is_empty() {
        return Ok(()); // told already
    }
    let (mut asking, mut notes) = (0, 0);
    for fight in &found.matches {
        let count = fight.irregularities.iter().filter(|one| one.irregularity.weight > Weight::Note).count();
        asking += count;
        notes += fight.irregularities.len() - count;
        if count > 0 || (all && !fight.irregularities.is_empty()) {
            irregularities(out, fight, all, signs)?;
            writeln!(out)?;
        }
    }
    writeln!(
        out,
        "{} in {}: {asking} to look at, {notes} usual{}",
        Count(asking + notes, "irregularity", "irregularities"),
        Count(found.matches.len(), "match", "matches"),
        if notes > 0 && !all { " (--all lists them)" } else { "" },
    )?;
    trends(out, &found.trends, signs)?;
    challenges(out, found)?;
    if all { each_challenge(out, found, signs) } else { Ok(()) }
}

fn irregularities(out: &mut impl Write, fight: &Match, all: bool, signs: Signs) -> io::Result<()> {
    writeln!(out, "{}", Harmless(Heading(&fight.name, signs)))?;
    let mut table = Table::new(["weight", "round", "clock", "athlete", "datagrams", "what"]);
    for one in &fight.irregularities {
        let found = &one.irregularity;
        if !all && found.weight == Weight::Note {
            continue;
        }
        table.row([
            &found.weight,
            &found.round,
            &signs.or_dash(found.clock),
            &signs.or_dash(found.athlete),
            &Datagrams(&one.datagrams, found.evidence_total, signs),
            &What(found),
        ]);
    }
    table.write(out, "  ")
}

fn trends(out: &mut impl Write, trends: &[TrendView], signs: Signs) -> io::Result<()> {
    if trends.is_empty() {
        return writeln!(out, "across matches: nothing stands out");
    }
    writeln!(out, "\nacross matches")?;
    for trend in trends {
        let subject: &dyn fmt::Display = match (&trend.ring, &trend.athlete) {
            (Some(ring), _) => &format!("ring {ring}"),
            (None, Some(person)) => &person.to_string(),
            (None, None) => &"?",
        };
        writeln!(
            out,
            "  {}  {}: {} (p = {:.1e})",
            trend.kind,
            Harmless(subject),
            Harmless(&trend.text),
            trend.p_value
        )?;
        for (place, name) in trend.matches.iter().enumerate() {
            let datagrams: Vec<_> = trend
                .datagrams
                .iter()
                .filter(|datagram| datagram.of == place)
                .map(|datagram| datagram.datagram.clone())
                .collect();
            let total = datagrams.len() as u64;
            writeln!(out, "    {}: {}", Harmless(Heading(name, signs)), Datagrams(&datagrams, total, signs))?;
        }
    }
    Ok(())
}

fn challenges(out: &mut impl Write, found: &Found) -> io::Result<()> {
    if found.challenges.is_empty() {
        return writeln!(out, "no challenges");
    }
    writeln!(out, "\nchallenges by what was decided before")?;
    let mut table = Table::new(["decision", "challenged by", "accepted", "rejected", "closed", "open"]);
    for tally in &found.challenges {
        let by = tally.by.map_or("referee", |athlete| athlete.as_str());
        let of = tally.outcomes;
        table.row([&tally.challenged, &by, &of.accepted, &of.rejected, &of.closed, &of.open]);
    }
    table.write(out, "  ")
}

fn each_challenge(out: &mut impl Write, found: &Found, signs: Signs) -> io::Result<()> {
    if found.challenges.is_empty() {
        return Ok(());
    }
    writeln!(out, "\nand what was changed")?;
    let mut table = Table::new([
        "match",
        "round",
        "clock",
        "challenged by",
        "decision",
        "of",
        "outcome",
        "changed",
        "datagrams",
    ]);
    for fight in &found.matches {
        for view in &fight.challenges {
            let case = &view.case;
            let edits: Vec<_> = case.edits.iter().map(|edit| edit.as_str()).collect();
            let changed = if edits.is_empty() { "nothing".to_owned() } else { edits.join(", ") };
            table.row([
                &signs.or_dash(fight.name.number.as_ref()),
                &case.round,
                &signs.or_dash(case.clock),
                &case.athlete.map_or("referee", |athlete| athlete.as_str()),
                &case.challenged,
                &signs.or_dash(case.concerned),
                &if case.outcome == Outcome::Open { "never said" } else { case.outcome.as_str() },
                &changed,
                &Datagrams(&view.datagrams, view.datagrams.len() as u64, signs),
            ]);
        }
    }
    table.write(out, "  ")
}

/// What it is, and what is usually behind it.
struct What<'a>(&'a Irregularity);

impl fmt::Display for What<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0.text)?;
        match self.0.explanation {
            Some(explanation) => write!(f, " [{}]", explanation.as_str().replace('_', " ")),
            None => Ok(()),
        }
    }
}

struct Heading<'a>(&'a Name, Signs);

impl fmt::Display for Heading<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Name { match_id, file, ring, number, blue, red, .. } = self.0;
        write!(f, "match {}", self.1.or_dash(number.as_ref()))?;
        write!(f, ", blue {}, red {}, ring {ring}", Named(blue), Named(red))?;
        match (match_id, file) {
            (Some(id), _) => write!(f, ", id {id}"),
            (None, Some(file)) => write!(f, ", {file}"),
            (None, None) => Ok(()),
        }
    }
}

impl fmt::Display for Person {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        Named(&self.competitor).fmt(f)?;
        self.athlete_id.map_or(Ok(()), |id| write!(f, ", athlete {id}"))
    }
}

/// The first datagrams, and how many more there are.
struct Datagrams<'a>(&'a [String], u64, Signs);

impl fmt::Display for Datagrams<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self(datagrams, total, signs) = *self;
        if datagrams.is_empty() {
            return f.write_str(signs.dash());
        }
        let shown = &datagrams[..datagrams.len().min(SHOWN)];
        f.write_str(&shown.join(" "))?;
        match total.saturating_sub(shown.len() as u64) {
            0 => Ok(()),
            more => write!(f, " and {more} more"),
        }
    }
}

struct Count(usize, &'static str, &'static str);

impl fmt::Display for Count {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self(count, one, many) = self;
        write!(f, "{count} {}", if *count == 1 { one } else { many })
    }
}
