//! `restrike unknown`: what nobody knows, by its shape.

use std::io::{self, Write};

use anyhow::Context as _;
use pss_protocol::{Timestamp, escape};
use pss_store::{Occurrence, UnknownEvent, UnknownFilter};
use serde::Serialize;

use super::Outcome;
use crate::{
    database::{ChangeArgs, DatabaseArgs, Format, print_json},
    output::{
        CANNOT_WRITE, complain, stdout,
        table::{OrDash, Table},
        text::{Harmless, Shortened},
    },
};

#[derive(Debug, clap::Args)]
pub(crate) struct UnknownArgs {
    #[command(subcommand)]
    verb: UnknownVerb,
}

#[derive(Debug, clap::Subcommand)]
enum UnknownVerb {
    /// The patterns of unknown messages, what came most often first.
    List(ListArgs),
    /// A pattern with its sample, what it may be, and where it came last.
    Show(ShowArgs),
    /// Writes down what is found out about a pattern.
    Note(NoteArgs),
    /// Says what a pattern turned out to be; then it is not listed any more.
    Resolve(ResolveArgs),
}

#[derive(Debug, clap::Args)]
struct ListArgs {
    #[command(flatten)]
    database: DatabaseArgs,
    /// With those that are resolved, and those of which no message is unknown any more.
    #[arg(long)]
    all: bool,
    /// At most so many.
    #[arg(long, value_name = "N")]
    limit: Option<u32>,
    /// How to write.
    #[arg(long, value_enum, default_value_t)]
    format: Format,
}

#[derive(Debug, clap::Args)]
struct ShowArgs {
    #[command(flatten)]
    database: DatabaseArgs,
    /// The pattern's hash, or as much of its beginning as no other has.
    hash: String,
    /// How many of its messages, the latest first.
    #[arg(long, value_name = "N", default_value_t = 10)]
    messages: usize,
    /// How to write.
    #[arg(long, value_enum, default_value_t)]
    format: Format,
}

#[derive(Debug, clap::Args)]
struct NoteArgs {
    #[command(flatten)]
    database: DatabaseArgs,
    /// The pattern's hash, or as much of its beginning as no other has.
    hash: String,
    /// The note, in place of the one before.
    #[arg(required_unless_present = "clear")]
    text: Option<String>,
    /// Takes the note away.
    #[arg(long, conflicts_with = "text")]
    clear: bool,
}

#[derive(Debug, clap::Args)]
struct ResolveArgs {
    #[command(flatten)]
    database: DatabaseArgs,
    /// The pattern's hash, or as much of its beginning as no other has.
    hash: String,
    /// A code of the wire, or a word such as `noise`.
    #[arg(value_name = "AS", required_unless_present = "undo")]
    resolved_as: Option<String>,
    /// Takes it back.
    #[arg(long, conflicts_with = "resolved_as")]
    undo: bool,
    #[command(flatten)]
    change: ChangeArgs,
}

/// A pattern as JSON has it.
#[derive(Serialize)]
struct Report<'a> {
    hash: &'a str,
    pattern: &'a str,
    count: u64,
    first_seen: Option<Timestamp>,
    last_seen: Option<Timestamp>,
    sample: String,
    sample_event: String,
    suggested_event_type: Option<&'a str>,
    suggestion_score: Option<f64>,
    notes: Option<&'a str>,
    resolved_as: Option<&'a str>,
    resolved_at: Option<Timestamp>,
    resolved_by: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    messages: Option<Vec<MessageReport>>,
}

#[derive(Serialize)]
struct MessageReport {
    event: String,
    arrived_at: Option<Timestamp>,
    raw: String,
}

pub(super) fn run(args: &UnknownArgs) -> anyhow::Result<Outcome> {
    match &args.verb {
        UnknownVerb::List(args) => list(args),
        UnknownVerb::Show(args) => show(args),
        UnknownVerb::Note(args) => {
            let store = args.database.open()?;
            let found = store.note_unknown_event(&args.hash, args.text.as_deref())?;
            let done = if found.notes.is_some() { "noted" } else { "the note is taken away" };
            complain(format_args!("{}: {done}", found.hash));
            Ok(Outcome::Done)
        }
        UnknownVerb::Resolve(args) => {
            let store = args.database.open()?;
            let change = args.change.change();
            let found = store.resolve_unknown_event(&args.hash, args.resolved_as.as_deref(), &change)?;
            match &found.resolved {
                Some(resolved) => {
                    complain(format_args!("{} is {}", found.hash, Harmless(&resolved.resolved_as)));
                }
                None => complain(format_args!("{} is not resolved any more", found.hash)),
            }
            Ok(Outcome::Done)
        }
    }
}

fn list(args: &ListArgs) -> anyhow::Result<Outcome> {
    let store = args.database.open()?;
    let found = store.unknown_events(UnknownFilter { all: args.all, limit: args.limit })?;
    match args.format {
        Format::Json => print_json(&found.iter().map(report).collect::<Vec<_>>())?,
        Format::Text if found.is_empty() => complain(format_args!("nothing is unknown")),
        Format::Text => {
            let mut table = Table::new(["hash", "count", "last seen", "perhaps", "resolved as", "pattern"]);
            for event in &found {
                let resolved = event.resolved.as_ref().map(|resolved| &resolved.resolved_as);
                table.row([
                    &event.hash,
                    &event.count,
                    &OrDash(event.last_seen),
                    &OrDash(perhaps(event)),
                    &OrDash(resolved),
                    &event.pattern,
                ]);
            }
            let mut out = stdout();
            table.write(&mut out, "").and_then(|()| out.flush()).context(CANNOT_WRITE)?;
        }
    }
    Ok(Outcome::Done)
}

fn show(args: &ShowArgs) -> anyhow::Result<Outcome> {
    let store = args.database.open()?;
    let found = store.unknown_event(&args.hash)?;
    let messages = store.occurrences_of_unknown_event(&found, args.messages)?;
    match args.format {
        Format::Json => {
            let messages = messages.iter().map(message_report).collect();
            print_json(&Report { messages: Some(messages), ..report(&found) })?;
        }
        Format::Text => print(&mut stdout(), &found, &messages).context(CANNOT_WRITE)?,
    }
    Ok(Outcome::Done)
}

fn print(out: &mut impl Write, event: &UnknownEvent, messages: &[Occurrence]) -> io::Result<()> {
    writeln!(out, "pattern     {}", Harmless(&event.pattern))?;
    writeln!(out, "hash        {}", Harmless(&event.hash))?;
    writeln!(out, "count       {}", event.count)?;
    writeln!(out, "first seen  {}", OrDash(event.first_seen))?;
    writeln!(out, "last seen   {}", OrDash(event.last_seen))?;
    writeln!(out, "perhaps     {}", Harmless(OrDash(perhaps(event))))?;
    writeln!(out, "sample      {} ({})", Harmless(Shortened(escape(&event.sample))), event.sample_event)?;
    writeln!(out, "notes       {}", Harmless(OrDash(event.notes.as_ref())))?;
    match &event.resolved {
        Some(resolved) => writeln!(
            out,
            "resolved    as {} by {} at {}",
            Harmless(&resolved.resolved_as),
            Harmless(&resolved.by),
            resolved.at
        )?,
        None => writeln!(out, "resolved    -")?,
    }
    if !messages.is_empty() {
        writeln!(out)?;
        let mut table = Table::new(["event", "arrived", "message"]);
        for message in messages {
            table.row([&message.event, &OrDash(message.arrived_at), &Shortened(escape(&message.message))]);
        }
        table.write(out, "")?;
    }
    out.flush()
}

/// `hl1 92 %`.
fn perhaps(event: &UnknownEvent) -> Option<String> {
    event.suggestion.as_ref().map(|(code, score)| format!("{code} {:.0} %", score * 100.0))
}

fn report(event: &UnknownEvent) -> Report<'_> {
    let resolved = event.resolved.as_ref();
    Report {
        hash: &event.hash,
        pattern: &event.pattern,
        count: event.count,
        first_seen: event.first_seen,
        last_seen: event.last_seen,
        sample: escape(&event.sample).to_string(),
        sample_event: event.sample_event.to_string(),
        suggested_event_type: event.suggestion.as_ref().map(|(code, _)| code.as_str()),
        suggestion_score: event.suggestion.as_ref().map(|(_, score)| *score),
        notes: event.notes.as_deref(),
        resolved_as: resolved.map(|resolved| resolved.resolved_as.as_str()),
        resolved_at: resolved.map(|resolved| resolved.at),
        resolved_by: resolved.map(|resolved| resolved.by.as_str()),
        messages: None,
    }
}

fn message_report(message: &Occurrence) -> MessageReport {
    MessageReport {
        event: message.event.to_string(),
        arrived_at: message.arrived_at,
        raw: escape(&message.message).to_string(),
    }
}
