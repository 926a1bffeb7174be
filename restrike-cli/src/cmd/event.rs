//! `restrike event`: one message, how far it was understood, and who changed that.

use std::io::{self, Write};

use anyhow::{Context as _, anyhow};
use clap::builder::{PossibleValuesParser, TypedValueParser};
use pss_protocol::{RecognitionStatus, Timestamp, escape};
use pss_store::{EventId, MessageRow, RecognitionChange, StatusUpdate};
use serde::Serialize;

use super::Outcome;
use crate::{
    database::{ChangeArgs, DatabaseArgs, Format, print_json},
    output::{
        CANNOT_WRITE, complain, stdout,
        table::{OrDash, Table},
        text::Harmless,
    },
};

#[derive(Debug, clap::Args)]
pub(crate) struct EventArgs {
    #[command(subcommand)]
    verb: EventVerb,
}

#[derive(Debug, clap::Subcommand)]
enum EventVerb {
    /// All that is kept of a message.
    Show(ShowArgs),
    /// How its status was changed, the oldest change first.
    History(ShowArgs),
    /// Gives it another status, and writes that to its history.
    SetStatus(SetStatusArgs),
}

#[derive(Debug, clap::Args)]
struct ShowArgs {
    #[command(flatten)]
    database: DatabaseArgs,
    /// The message: SESSION:SEQ:INDEX.
    #[arg(value_name = "ID")]
    event: EventId,
    /// How to write.
    #[arg(long, value_enum, default_value_t)]
    format: Format,
}

#[derive(Debug, clap::Args)]
struct SetStatusArgs {
    #[command(flatten)]
    database: DatabaseArgs,
    /// The message: SESSION:SEQ:INDEX.
    #[arg(value_name = "ID")]
    event: EventId,
    /// How far it was understood.
    #[arg(value_parser = status())]
    status: RecognitionStatus,
    #[command(flatten)]
    change: ChangeArgs,
}

const STATUSES: [RecognitionStatus; 4] = [
    RecognitionStatus::Recognized,
    RecognitionStatus::Partial,
    RecognitionStatus::Unknown,
    RecognitionStatus::Deprecated,
];

fn status() -> impl TypedValueParser<Value = RecognitionStatus> {
    PossibleValuesParser::new(STATUSES.map(RecognitionStatus::as_str)).map(|name| {
        let named = |status: &RecognitionStatus| status.as_str() == name;
        STATUSES.into_iter().find(named).expect("only the names of statuses are possible values")
    })
}

/// A message as JSON has it: as `restrike query` does, and its history.
#[derive(Serialize)]
struct Report<'a> {
    id: String,
    #[serde(flatten)]
    message: &'a MessageRow,
    history: Vec<ChangeReport<'a>>,
}

#[derive(Serialize)]
struct ChangeReport<'a> {
    at: Timestamp,
    by: &'a str,
    old_status: RecognitionStatus,
    new_status: RecognitionStatus,
    reason: &'a str,
}

pub(super) fn run(args: &EventArgs) -> anyhow::Result<Outcome> {
    match &args.verb {
        EventVerb::Show(args) => show(args),
        EventVerb::History(args) => history(args),
        EventVerb::SetStatus(args) => set_status(args),
    }
}

fn show(args: &ShowArgs) -> anyhow::Result<Outcome> {
    let store = args.database.open()?;
    let message =
        store.find_message(args.event)?.ok_or_else(|| anyhow!("there is no message {}", args.event))?;
    let history = store.recognition_history(args.event)?;
    match args.format {
        Format::Json => {
            let history = history.iter().map(report).collect();
            print_json(&Report { id: args.event.to_string(), message: &message, history })?;
        }
        Format::Text => print(&mut stdout(), args.event, &message, &history).context(CANNOT_WRITE)?,
    }
    Ok(Outcome::Done)
}

fn history(args: &ShowArgs) -> anyhow::Result<Outcome> {
    let history = args.database.open()?.recognition_history(args.event)?;
    match args.format {
        Format::Json => print_json(&history.iter().map(report).collect::<Vec<_>>())?,
        Format::Text if history.is_empty() => {
            complain(format_args!("the status of message {} was never changed", args.event));
        }
        Format::Text => {
            let mut out = stdout();
            print_history(&mut out, &history).and_then(|()| out.flush()).context(CANNOT_WRITE)?;
        }
    }
    Ok(Outcome::Done)
}

fn set_status(args: &SetStatusArgs) -> anyhow::Result<Outcome> {
    let store = args.database.open()?;
    let update = store.update_event_recognition_status(args.event, args.status, &args.change.change())?;
    match update {
        StatusUpdate::Changed { old } => {
            complain(format_args!("message {} is {} now, it was {old}", args.event, args.status));
        }
        StatusUpdate::Unchanged => {
            complain(format_args!("message {} is {} already; nothing was changed", args.event, args.status));
        }
    }
    Ok(Outcome::Done)
}

fn print(
    out: &mut impl Write,
    id: EventId,
    message: &MessageRow,
    history: &[RecognitionChange],
) -> io::Result<()> {
    writeln!(out, "message     {id}")?;
    writeln!(out, "ring        {}", Harmless(&message.ring))?;
    writeln!(out, "arrived     {}", OrDash(message.arrived_at))?;
    writeln!(out, "source      {}", Harmless(OrDash(message.source.as_ref())))?;
    writeln!(out, "match       {}", OrDash(message.match_id.map(|id| id.0)))?;
    writeln!(out, "round       {}", OrDash(message.round))?;
    writeln!(out, "code        {}", Harmless(OrDash(message.code.as_ref())))?;
    writeln!(out, "status      {}", message.status)?;
    writeln!(out, "confidence  {}", message.confidence)?;
    writeln!(out, "version     {}", Harmless(&message.protocol_version))?;
    match message.processing_ms {
        Some(took) => writeln!(out, "processing  {took:.3} ms")?,
        None => writeln!(out, "processing  -")?,
    }
    writeln!(out, "bytes       {}", Harmless(escape(&message.raw)))?;
    for finding in message.findings.as_array().into_iter().flatten() {
        let text = |name: &str| finding[name].as_str().unwrap_or("?");
        let field = finding["field"].as_str().map(|field| format!(" ({field})")).unwrap_or_default();
        let words = format!("{}: {}{field} [{}]", text("severity"), text("message"), text("rule"));
        writeln!(out, "finding     {}", Harmless(words))?;
    }
    if !history.is_empty() {
        writeln!(out)?;
        print_history(out, history)?;
    }
    out.flush()
}

fn print_history(out: &mut impl Write, history: &[RecognitionChange]) -> io::Result<()> {
    let mut table = Table::new(["changed", "from", "to", "by", "reason"]);
    for change in history {
        table.row([&change.at, &change.old, &change.new, &change.by, &change.reason]);
    }
    table.write(out, "")
}

fn report(change: &RecognitionChange) -> ChangeReport<'_> {
    ChangeReport {
        at: change.at,
        by: &change.by,
        old_status: change.old,
        new_status: change.new,
        reason: &change.reason,
    }
}
