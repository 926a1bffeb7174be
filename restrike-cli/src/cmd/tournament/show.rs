//! Tournaments for people and for scripts.

use std::io::{self, Write};

use jiff::tz::TimeZone;
use pss_protocol::{MatchSummary, Timestamp};
use pss_store::{MatchId, SessionId, StoredTournament, TournamentMatch};
use serde::Serialize;

use super::Outcome;
use crate::{
    database::{Format, print_json},
    output::{
        fight::{Ended, Named},
        print,
        table::{OrDash, Table},
        text::Harmless,
    },
};

/// A tournament in JSON.
#[derive(Serialize)]
struct Listed<'a> {
    id: i64,
    name: &'a str,
    place: Option<&'a str>,
    time_zone: &'a str,
    notes: Option<&'a str>,
    days: Vec<String>,
    rings: Vec<&'a str>,
    sessions: u64,
    matches: u64,
}

#[derive(Serialize)]
struct Shown<'a> {
    #[serde(flatten)]
    tournament: Listed<'a>,
    fights: Vec<Fight<'a>>,
}

#[derive(Serialize)]
struct Fight<'a> {
    match_id: MatchId,
    session: SessionId,
    ring: &'a str,
    day: Option<String>,
    began_at: Option<Timestamp>,
    #[serde(flatten)]
    summary: &'a MatchSummary,
}

fn listed(tournament: &StoredTournament) -> Listed<'_> {
    let info = &tournament.info;
    Listed {
        id: tournament.id.0,
        name: &info.name,
        place: info.place.as_deref(),
        time_zone: &info.time_zone,
        notes: info.notes.as_deref(),
        days: info.days.iter().map(ToString::to_string).collect(),
        rings: info.rings.iter().map(String::as_str).collect(),
        sessions: tournament.sessions,
        matches: tournament.matches,
    }
}

pub(super) fn list(tournaments: &[StoredTournament], format: Format) -> anyhow::Result<Outcome> {
    if format == Format::Json {
        print_json(&tournaments.iter().map(listed).collect::<Vec<_>>())?;
        return Ok(Outcome::Done);
    }
    let mut table = Table::new(["id", "name", "place", "days", "rings", "sessions", "matches"]);
    for tournament in tournaments {
        let info = &tournament.info;
        table.row([
            &tournament.id,
            &info.name,
            &OrDash(info.place.as_deref()),
            &days(tournament),
            &rings(tournament),
            &tournament.sessions,
            &tournament.matches,
        ]);
    }
    print(|out| table.write(out, ""))?;
    Ok(Outcome::Done)
}

/// `2026-11-22 to 2026-11-24`, or one by one.
fn days(tournament: &StoredTournament) -> String {
    let days = &tournament.info.days;
    match (days.first(), days.last()) {
        (Some(first), Some(last)) if days.len() > 2 => {
            let in_a_row = first.until(*last).is_ok_and(|span| span.get_days() as usize + 1 == days.len());
            if in_a_row {
                return format!("{first} to {last}");
            }
        }
        (None, _) => return String::from("-"),
        _ => {}
    }
    days.iter().map(ToString::to_string).collect::<Vec<_>>().join(", ")
}

fn rings(tournament: &StoredTournament) -> String {
    let rings: Vec<_> = tournament.info.rings.iter().map(String::as_str).collect();
    if rings.is_empty() { String::from("all") } else { rings.join(", ") }
}

pub(super) fn one(
    tournament: &StoredTournament,
    matches: &[TournamentMatch],
    format: Format,
) -> anyhow::Result<Outcome> {
    match format {
        Format::Json => print_json(&Shown {
            tournament: listed(tournament),
            fights: matches
                .iter()
                .map(|one| Fight {
                    match_id: one.stored.id,
                    session: one.stored.session,
                    ring: &one.ring,
                    day: one.day.map(|day| day.to_string()),
                    began_at: one.began_at,
                    summary: &one.stored.summary,
                })
                .collect(),
        })?,
        Format::Text => print(|out| text(out, tournament, matches))?,
    }
    Ok(Outcome::Done)
}

fn text(out: &mut impl Write, tournament: &StoredTournament, matches: &[TournamentMatch]) -> io::Result<()> {
    let info = &tournament.info;
    writeln!(out, "Tournament {}, {}", tournament.id, Harmless(&info.name))?;
    let texts = [("place", info.place.as_deref()), ("notes", info.notes.as_deref())];
    for (name, text) in texts.into_iter().filter_map(|(name, text)| Some((name, text?))) {
        writeln!(out, "  {name:<10} {}", Harmless(text))?;
    }
    writeln!(out, "  time zone  {}", Harmless(&info.time_zone))?;
    writeln!(out, "  days       {}", days(tournament))?;
    writeln!(out, "  rings      {}", Harmless(rings(tournament)))?;
    // The days that are its own, then what began on others or at no known time.
    let mut of_day: Vec<(Option<jiff::civil::Date>, Vec<&TournamentMatch>)> =
        info.days.iter().map(|day| (Some(*day), Vec::new())).chain([(None, Vec::new())]).collect();
    for one in matches {
        let place = of_day.iter().position(|(day, _)| *day == one.day).unwrap_or(of_day.len() - 1);
        of_day[place].1.push(one);
    }
    // The clock of the hall; where this system does not know it, UTC with its Z.
    let zone = TimeZone::get(&info.time_zone).ok();
    for (day, matches) in of_day {
        match day {
            Some(day) => writeln!(out, "\n{day}")?,
            None if matches.is_empty() => continue,
            None => writeln!(out, "\nno day of the tournament")?,
        }
        let mut table = Table::new(["match", "id", "ring", "began", "category", "blue", "red", "result"]);
        for one in matches {
            let summary = &one.stored.summary;
            let began = one.began_at.map(|at| local(at, zone.as_ref()));
            table.row([
                &OrDash(summary.number.as_deref()),
                &one.stored.id.0,
                &one.ring,
                &OrDash(began),
                &OrDash(summary.category.as_deref()),
                &Named(&summary.blue),
                &Named(&summary.red),
                &Ended(summary),
            ]);
        }
        if table.is_empty() {
            writeln!(out, "  no match")?;
        } else {
            table.write(out, "  ")?;
        }
    }
    Ok(())
}

fn local(at: Timestamp, zone: Option<&TimeZone>) -> String {
    match (zone, jiff::Timestamp::from_microsecond(at.0)) {
        (Some(zone), Ok(local)) => zone.to_datetime(local).strftime("%Y-%m-%d %H:%M:%S").to_string(),
        _ => at.to_string(),
    }
}
