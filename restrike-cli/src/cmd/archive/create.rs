//! `restrike archive create`.

use std::{io::Write as _, path::PathBuf};

use anyhow::{Context as _, bail};
use pss_protocol::Timestamp;
use pss_store::{ArchiveRequest, ArchiveSelection, SessionId};
use serde::Serialize;

use super::{Outcome, SessionReport, keys, session_line, sessions};
use crate::{
    clock,
    database::{DatabaseArgs, Format, print_json},
    output::{CANNOT_WRITE, stdout, text::Harmless},
};

#[derive(Debug, clap::Args)]
#[command(group = clap::ArgGroup::new("what").required(true).multiple(true).args(
    ["sessions", "tournament", "from", "until", "all"]
))]
pub(super) struct CreateArgs {
    #[command(flatten)]
    database: DatabaseArgs,
    /// The file to make.
    #[arg(long, value_name = "FILE")]
    out: PathBuf,
    /// These sessions.
    #[arg(long = "session", value_name = "N", value_delimiter = ',', conflicts_with_all = ["tournament", "from", "until", "all"])]
    sessions: Vec<i64>,
    /// The sessions of the tournament of this name.
    #[arg(long, value_name = "NAME", conflicts_with_all = ["from", "until", "all"])]
    tournament: Option<String>,
    /// The sessions that began then or later, RFC 3339.
    #[arg(long, value_name = "TIME")]
    from: Option<jiff::Timestamp>,
    /// The sessions that began before.
    #[arg(long, value_name = "TIME")]
    until: Option<jiff::Timestamp>,
    /// All sessions.
    #[arg(long, conflicts_with_all = ["from", "until"])]
    all: bool,
    /// Sign it with this secret key, of `restrike archive keygen`.
    #[arg(long, value_name = "FILE")]
    key: Option<PathBuf>,
    /// How to write.
    #[arg(long, value_enum, default_value_t)]
    format: Format,
}

#[derive(Serialize)]
struct Report<'a> {
    path: String,
    bytes: u64,
    signed_by: Option<String>,
    sessions: Vec<SessionReport<'a>>,
}

pub(super) fn run(args: &CreateArgs) -> anyhow::Result<Outcome> {
    let key = args.key.as_deref().map(keys::read_secret).transpose()?;
    let store = args.database.open()?;
    let time = |time: &Option<jiff::Timestamp>| time.map(|time| Timestamp(time.as_microsecond()));
    let chosen = store.select_sessions(&match &args.tournament {
        Some(name) => ArchiveSelection::Tournament(name.clone()),
        None if args.sessions.is_empty() => {
            ArchiveSelection::Began { from: time(&args.from), until: time(&args.until) }
        }
        None => ArchiveSelection::Sessions(args.sessions.iter().copied().map(SessionId).collect()),
    })?;
    if chosen.is_empty() {
        bail!("no session is meant by that");
    }
    let mut request = ArchiveRequest::new(&args.out, &chosen, clock::wall());
    request.key = key.as_ref();
    let made = store.archive(&request)?;
    let report = Report {
        path: made.path.display().to_string(),
        bytes: made.bytes,
        signed_by: key.map(|key| key.public().id().to_string()),
        sessions: sessions(&made.manifest.sessions),
    };
    match args.format {
        Format::Json => print_json(&report)?,
        Format::Text => print(&report).context(CANNOT_WRITE)?,
    }
    Ok(Outcome::Done)
}

fn print(report: &Report<'_>) -> std::io::Result<()> {
    let mut out = stdout();
    let signed = match &report.signed_by {
        Some(key) => format!("signed by {key}"),
        None => String::from("not signed"),
    };
    let count = report.sessions.len();
    writeln!(out, "{}: {count} sessions, {} bytes, {signed}", Harmless(&report.path), report.bytes)?;
    for session in &report.sessions {
        writeln!(out, "{}", session_line(session))?;
    }
    out.flush()
}
