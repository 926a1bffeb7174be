//! `restrike match`: one stored match with all that belongs to it.

use std::io::{self, Write};

use anyhow::{Context as _, anyhow};
use pss_protocol::{Athlete, ClockTime, Timestamp};
use pss_store::{MatchId, Store, StoredChallenge, StoredInjury};
use serde::Serialize;

use super::{
    Outcome,
    matches::{Events, MatchReport, print_matches},
};
use crate::{
    database::{DatabaseArgs, Format, print_json},
    output::{
        CANNOT_WRITE, stdout,
        table::{OrDash, Table},
        text::Harmless,
    },
};

#[derive(Debug, clap::Args)]
pub(crate) struct MatchArgs {
    #[command(subcommand)]
    verb: MatchVerb,
}

#[derive(Debug, clap::Subcommand)]
enum MatchVerb {
    /// Rounds, scores, gam-jeoms, challenges and kye-shis of a match.
    Show(ShowArgs),
}

#[derive(Debug, clap::Args)]
struct ShowArgs {
    #[command(flatten)]
    database: DatabaseArgs,
    /// The match: the number under `match` in `restrike query`, `match_id` in its JSON.
    #[arg(value_name = "ID")]
    id: i64,
    /// With everything that happened in it.
    #[arg(long)]
    events: bool,
    /// How to write.
    #[arg(long, value_enum, default_value_t)]
    format: Format,
}

/// A match as JSON has it: as `restrike matches` does, and what the store has put together.
#[derive(Serialize)]
struct Report {
    match_id: i64,
    session: i64,
    #[serde(flatten)]
    report: MatchReport,
    tournament: Option<Tournament>,
    challenges: Vec<Challenge>,
    injuries: Vec<Injury>,
}

#[derive(Serialize)]
struct Tournament {
    id: i64,
    name: String,
    /// `None`: the match was on none of its days.
    day: Option<String>,
}

#[derive(Serialize)]
struct Challenge {
    event_id: u32,
    athlete: Option<Athlete>,
    round: u32,
    clock: Option<ClockTime>,
    requested_at: Option<Timestamp>,
    accepted: Option<bool>,
    won: Option<bool>,
    decided_at: Option<Timestamp>,
    decided_by: Option<u32>,
    closed_at: Option<Timestamp>,
}

#[derive(Serialize)]
struct Injury {
    event_id: u32,
    athlete: Option<Athlete>,
    round: u32,
    clock: Option<ClockTime>,
    shown_at: Option<Timestamp>,
    shown_time: Option<ClockTime>,
    hidden_at: Option<Timestamp>,
    hidden_time: Option<ClockTime>,
}

pub(super) fn run(args: &MatchArgs) -> anyhow::Result<Outcome> {
    let MatchVerb::Show(args) = &args.verb;
    let store = args.database.open()?;
    let id = MatchId(args.id);
    let stored = store.find_match(id)?.ok_or_else(|| {
        anyhow!("there is no match {}; `restrike query matches` lists the matches", args.id)
    })?;
    let events = if args.events {
        let events = store.events_of_match(id)?;
        Some(Events::new(events.into_iter().map(|stored| (stored.event, stored.linked_point))))
    } else {
        None
    };
    let report = Report {
        match_id: args.id,
        session: stored.session.0,
        report: MatchReport { summary: stored.summary, events },
        tournament: tournament(&store, id)?,
        challenges: store.challenges_of_match(id)?.into_iter().map(Challenge::from).collect(),
        injuries: store.injuries_of_match(id)?.into_iter().map(Injury::from).collect(),
    };
    match args.format {
        Format::Json => print_json(&report)?,
        Format::Text => print(&report).context(CANNOT_WRITE)?,
    }
    Ok(Outcome::Done)
}

fn tournament(store: &Store, id: MatchId) -> anyhow::Result<Option<Tournament>> {
    let Some((tournament, day)) = store.tournament_of_match(id)? else { return Ok(None) };
    let stored = store.tournament(tournament)?;
    Ok(stored.map(|stored| Tournament {
        id: stored.id.0,
        name: stored.info.name,
        day: day.map(|day| day.to_string()),
    }))
}

fn print(report: &Report) -> io::Result<()> {
    let mut out = stdout();
    print_matches(&mut out, std::slice::from_ref(&report.report))?;
    if let Some(Tournament { id, name, day }) = &report.tournament {
        writeln!(out, "  of       tournament {id}, {}, {}", Harmless(name), OrDash(day.as_ref()))?;
    }
    if !report.challenges.is_empty() {
        writeln!(out, "\nchallenges")?;
        challenges(&report.challenges).write(&mut out, "  ")?;
    }
    if !report.injuries.is_empty() {
        writeln!(out, "\nkye-shis")?;
        injuries(&report.injuries).write(&mut out, "  ")?;
    }
    out.flush()
}

fn challenges(challenges: &[Challenge]) -> Table<7> {
    let mut table = Table::new(["event", "round", "clock", "whose", "requested", "became", "closed"]);
    for challenge in challenges {
        let became = match (challenge.accepted, challenge.won) {
            (Some(true), Some(true)) => "accepted, won",
            (Some(true), Some(false)) => "accepted, lost",
            (Some(true), None) => "accepted",
            (Some(false), _) => "rejected",
            (None, _) => "-",
        };
        table.row([
            &challenge.event_id,
            &challenge.round,
            &OrDash(challenge.clock),
            &challenge.athlete.map_or("referee", Athlete::as_str),
            &OrDash(challenge.requested_at),
            &became,
            &OrDash(challenge.closed_at),
        ]);
    }
    table
}

fn injuries(injuries: &[Injury]) -> Table<8> {
    let mut table =
        Table::new(["event", "round", "clock", "whose", "shown", "medical time", "hidden", "time left"]);
    for injury in injuries {
        table.row([
            &injury.event_id,
            &injury.round,
            &OrDash(injury.clock),
            &OrDash(injury.athlete.map(Athlete::as_str)),
            &OrDash(injury.shown_at),
            &OrDash(injury.shown_time),
            &OrDash(injury.hidden_at),
            &OrDash(injury.hidden_time),
        ]);
    }
    table
}

impl From<StoredChallenge> for Challenge {
    fn from(stored: StoredChallenge) -> Self {
        Self {
            event_id: stored.event_id,
            athlete: stored.athlete,
            round: stored.round,
            clock: stored.clock,
            requested_at: stored.requested_at,
            accepted: stored.accepted,
            won: stored.won,
            decided_at: stored.decided_at,
            decided_by: stored.decided_by,
            closed_at: stored.closed_at,
        }
    }
}

impl From<StoredInjury> for Injury {
    fn from(stored: StoredInjury) -> Self {
        Self {
            event_id: stored.event_id,
            athlete: stored.athlete,
            round: stored.round,
            clock: stored.clock,
            shown_at: stored.shown_at,
            shown_time: stored.shown_time,
            hidden_at: stored.hidden_at,
            hidden_time: stored.hidden_time,
        }
    }
}
