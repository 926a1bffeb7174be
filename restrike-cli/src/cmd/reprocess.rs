//! `restrike reprocess`: the stored datagrams again through today's parser and the rules of the database.

use std::io::{self, Write};

use anyhow::{Context as _, anyhow};
use hitlevel::HitLinker;
use pss_protocol::Timestamp;
use pss_store::{Changes, Difference, MatchDifference, Session, SessionId, WhichSessions};
use serde::Serialize;

use super::Outcome;
use crate::{
    clock,
    database::{DatabaseArgs, Format, print_json},
    output::{CANNOT_WRITE, complain, stdout, text::Harmless},
};

#[derive(Debug, clap::Args)]
pub(crate) struct ReprocessArgs {
    #[command(flatten)]
    database: DatabaseArgs,
    /// Only this session.
    #[arg(long, value_name = "N", conflicts_with = "since")]
    session: Option<i64>,
    /// Only sessions with a datagram that arrived at this time or later, as in 2026-11-22 or 2026-11-22T14:00:00Z.
    #[arg(long, value_name = "TIME", value_parser = time)]
    since: Option<Timestamp>,
    /// Shows what would change and changes nothing.
    #[arg(long)]
    dry_run: bool,
    /// How to write.
    #[arg(long, value_enum, default_value_t)]
    format: Format,
}

/// What became of a session.
#[derive(Serialize)]
struct Report {
    session: SessionId,
    ring: String,
    /// Why it was left out; null for one that was read.
    skipped: Option<String>,
    /// Whether what changes was written.
    applied: bool,
    difference: Option<Difference>,
}

pub(super) fn run(args: &ReprocessArgs) -> anyhow::Result<Outcome> {
    let store = args.database.open()?;
    let which = match (args.session, args.since) {
        (Some(id), _) => WhichSessions::One(SessionId(id)),
        (None, Some(time)) => WhichSessions::Since(time),
        (None, None) => WhichSessions::All,
    };
    let mut reports = Vec::new();
    let mut out = stdout();
    for (session, skipped) in store.sessions_to_reprocess(which, clock::wall())? {
        let Session { id, ring, .. } = session;
        let mut report = Report { session: id, ring, skipped, applied: false, difference: None };
        if let Some(reason) = &report.skipped {
            complain(format_args!("session {id} is left out: {}", Harmless(reason)));
            reports.push(report);
            continue;
        }
        let rereading = store.reprocess(id, HitLinker::default()).with_context(|| format!("session {id}"))?;
        let difference = rereading.difference().clone();
        if args.format == Format::Text {
            print(&mut out, &report.ring, &difference).and_then(|()| out.flush()).context(CANNOT_WRITE)?;
        }
        if !args.dry_run && !difference.is_empty() {
            store.apply(rereading, clock::wall()).with_context(|| format!("session {id}"))?;
            report.applied = true;
        }
        report.difference = Some(difference);
        reports.push(report);
    }
    store.close()?;
    match args.format {
        Format::Json => print_json(&reports)?,
        Format::Text => conclude(&reports, args.dry_run),
    }
    Ok(Outcome::Done)
}

fn print(out: &mut impl Write, ring: &str, difference: &Difference) -> io::Result<()> {
    let Difference { session, datagrams, messages, .. } = difference;
    write!(out, "session {session}, ring {}: {datagrams} datagrams, {messages} messages: ", Harmless(ring))?;
    match difference.matches.as_slice() {
        [] => writeln!(out, "nothing changes")?,
        [_] => writeln!(out, "1 match changes")?,
        several => writeln!(out, "{} matches change", several.len())?,
    }
    for of_match in &difference.matches {
        print_match(out, of_match)?;
    }
    for kept in &difference.kept_by_hand {
        let (event, by_hand, read) = (kept.event, kept.kept.as_str(), kept.read.as_str());
        writeln!(out, "  message {event} stays {by_hand}, as set by hand; read as {read}")?;
    }
    Ok(())
}

fn print_match(out: &mut impl Write, of_match: &MatchDifference) -> io::Result<()> {
    match (of_match.match_index, &of_match.number) {
        (None, _) => write!(out, "  outside of any match")?,
        (Some(_), Some(number)) => write!(out, "  match {}", Harmless(number))?,
        (Some(index), None) => write!(out, "  match without a number, place {index}")?,
    }
    let mut changes = Vec::new();
    changes.extend(count("messages", of_match.messages));
    changes.extend(count("events", of_match.events));
    if of_match.events_renumbered > 0 {
        changes.push(format!("{} events only renumbered or linked", of_match.events_renumbered));
    }
    if of_match.rounds_changed {
        changes.push(String::from("rounds"));
    }
    if of_match.details_changed {
        changes.push(String::from("details"));
    }
    match changes.as_slice() {
        [] => writeln!(out, ": what follows from it is written anew")?,
        changes => writeln!(out, ": {}", changes.join(", "))?,
    }
    for status in &of_match.statuses {
        let (from, to) = (status.from.as_str(), status.to.as_str());
        writeln!(out, "    {from} -> {to}: {} messages", status.count)?;
    }
    if let Some(result) = &of_match.result {
        let words = |result: &Option<String>| result.clone().unwrap_or_else(|| String::from("no such match"));
        let (from, to) = (words(&result.from), words(&result.to));
        writeln!(out, "    result: {} -> {}", Harmless(&from), Harmless(&to))?;
    }
    Ok(())
}

/// `messages +1 -2 ~3`, nothing where nothing changes.
fn count(of: &str, changes: Changes) -> Option<String> {
    let parts = [('+', changes.added), ('-', changes.removed), ('~', changes.changed)];
    let parts = parts.into_iter().filter(|(_, count)| *count > 0);
    let text: String = parts.map(|(sign, count)| format!(" {sign}{count}")).collect();
    (!changes.is_empty()).then(|| format!("{of}{text}"))
}

fn conclude(reports: &[Report], dry_run: bool) {
    let read = reports.iter().filter(|report| report.skipped.is_none()).count();
    let changing = |report: &&Report| report.difference.as_ref().is_some_and(|found| !found.is_empty());
    let changing = reports.iter().filter(changing).count();
    let done = if dry_run { "would change" } else { "changed" };
    let skipped = reports.len() - read;
    complain(format_args!("{read} sessions read again, {changing} {done}, {skipped} left out"));
}

fn time(text: &str) -> anyhow::Result<Timestamp> {
    let at = text.parse::<jiff::Timestamp>().or_else(|error| {
        let date = text.parse::<jiff::civil::Date>().map_err(|_| error)?;
        date.to_zoned(jiff::tz::TimeZone::UTC).map(|zoned| zoned.timestamp())
    });
    let at = at.map_err(|_| anyhow!("not a time such as 2026-11-22 or 2026-11-22T14:00:00Z"))?;
    Ok(Timestamp(at.as_microsecond()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_are_dates_or_moments() {
        assert_eq!(time("1970-01-02").unwrap(), Timestamp(86_400_000_000));
        assert_eq!(time("1970-01-01T01:00:00+01:00").unwrap(), Timestamp(0));
        assert!(time("yesterday").is_err());
    }
}
