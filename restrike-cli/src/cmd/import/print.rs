//! Imports for people.

use std::{
    fmt::{self, Display},
    io::{self, Write},
};

use pss_protocol::{Athlete, Winner};
use pss_store::{LogComparison, LogDifference, LogJoin, LogState, StoredMatchLog, Tally};

use super::Report;
use crate::output::{
    table::{OrDash, Table},
    text::Harmless,
};

pub(super) fn reports(out: &mut impl Write, reports: &[Report], dry_run: bool) -> io::Result<()> {
    for report in reports {
        write!(out, "{}: ", Harmless(&report.path))?;
        match (&report.difference, &report.error) {
            (Some(difference), _) => told(out, difference)?,
            (None, error) => writeln!(out, "damaged, {}", Harmless(error.as_deref().unwrap_or_default()))?,
        }
        for flaw in &report.flaws {
            writeln!(out, "  damaged: {} line {}, {}", flaw.file, flaw.line, Harmless(&flaw.what))?;
        }
    }
    if dry_run && !reports.is_empty() {
        writeln!(out, "nothing was written")?;
    }
    Ok(())
}

fn told(out: &mut impl Write, difference: &LogDifference) -> io::Result<()> {
    let LogDifference { items_added, items_removed, items_kept, .. } = difference;
    match difference.state {
        LogState::New => write!(out, "new, {items_added} items")?,
        LogState::Unchanged => write!(out, "unchanged, {items_kept} items")?,
        LogState::Replaced => {
            write!(out, "replaced, {items_added} items more, {items_removed} less, {items_kept} the same")?;
            if difference.summary_changed {
                write!(out, ", another summary")?;
            }
        }
    }
    match &difference.join {
        LogJoin::Match { match_id, clock_difference_s } => {
            write!(out, "; match {}", match_id.0)?;
            let seconds = clock_difference_s.unsigned_abs();
            match clock_difference_s {
                0 => {}
                1.. => write!(out, ", the scoring system's clock is {seconds} s behind")?,
                _ => write!(out, ", the scoring system's clock is {seconds} s ahead")?,
            }
        }
        LogJoin::Ambiguous { candidates } => {
            let ids: Vec<_> = candidates.iter().map(|id| id.0.to_string()).collect();
            write!(out, "; may be match {}: not joined", ids.join(" or "))?;
        }
        LogJoin::NoMatch => write!(out, "; no match of this number and time")?,
    }
    match &difference.comparison {
        Some(found) if found.is_equal() => writeln!(out, ", read as the log has it"),
        Some(found) => {
            writeln!(out, ", read otherwise")?;
            comparison(out, found, "  ")
        }
        None => writeln!(out),
    }
}

pub(super) fn comparison(out: &mut impl Write, found: &LogComparison, indent: &str) -> io::Result<()> {
    let point = |one: &pss_store::LoggedPoint| {
        format!("round {} {} {} {}", one.round, one.athlete.as_str(), one.code, one.points)
    };
    let gam_jeom = |one: &pss_store::LoggedGamJeom| format!("round {} {}", one.round, one.athlete.as_str());
    let hit = |one: &pss_store::LoggedHit| {
        format!("round {} {} level {}", one.round, one.athlete.as_str(), one.level)
    };
    tally(out, indent, "points", &found.points, point)?;
    tally(out, indent, "gam-jeoms", &found.gam_jeoms, gam_jeom)?;
    tally(out, indent, "hits", &found.hits, hit)?;
    for round in &found.rounds {
        let name = format!("round {}", round.round);
        pair(out, indent, &name, round.log.map(Score), round.reading.map(Score))?;
    }
    let winner =
        |winner: Option<Winner>| winner.map(|winner| winner.athlete().map_or("tie", Athlete::as_str));
    pair(out, indent, "winner", winner(found.winner.log), winner(found.winner.reading))?;
    let decision = |decision: Option<pss_protocol::Decision>| decision.map(|one| one.as_str());
    pair(out, indent, "decision", decision(found.decision.log), decision(found.decision.reading))
}

fn tally<T>(
    out: &mut impl Write,
    indent: &str,
    name: &str,
    found: &Tally<T>,
    words: impl Fn(&T) -> String,
) -> io::Result<()> {
    write!(out, "{indent}{name:<10} {} in both", found.both)?;
    for (whose, list) in [("only in the log", &found.only_log), ("only read", &found.only_reading)] {
        if !list.is_empty() {
            let list: Vec<_> = list.iter().map(&words).collect();
            write!(out, "; {whose}: {}", list.join(", "))?;
        }
    }
    writeln!(out)
}

fn pair<T: Display + PartialEq>(
    out: &mut impl Write,
    indent: &str,
    name: &str,
    log: Option<T>,
    reading: Option<T>,
) -> io::Result<()> {
    if log == reading {
        return writeln!(out, "{indent}{name:<10} {}", OrDash(log));
    }
    writeln!(out, "{indent}{name:<10} {} in the log, {} read", OrDash(log), OrDash(reading))
}

/// Blue's and red's.
#[derive(PartialEq)]
struct Score((i32, i32));

impl Display for Score {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} : {}", self.0.0, self.0.1)
    }
}

pub(super) fn logs(out: &mut impl Write, logs: &[StoredMatchLog]) -> io::Result<()> {
    let mut table = Table::new(["log", "court", "name", "number", "began", "items", "match"]);
    for log in logs {
        let some = |text| Some(text).filter(|text: &&String| !text.is_empty());
        table.row([
            &log.id,
            &OrDash(some(&log.court)),
            &log.name,
            &OrDash(some(&log.match_number)),
            &OrDash(log.began_at),
            &log.items,
            &OrDash(log.match_id.map(|id| id.0)),
        ]);
    }
    table.write(out, "")
}
