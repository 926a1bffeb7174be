//! `restrike db prune`: old sessions, taken out of a database.

use std::{io::Write as _, path::PathBuf};

use anyhow::{Context as _, bail};
use pss_protocol::Timestamp;
use pss_store::{ArchiveRequest, PrunableSession, Retention, SessionId, Store};
use serde::Serialize;

use super::{Bytes, Outcome};
use crate::{
    clock,
    cmd::archive::keys,
    database::{DatabaseArgs, Format, print_json},
    output::{CANNOT_WRITE, stdout, text::Harmless},
};

#[derive(Debug, clap::Args)]
#[command(group = clap::ArgGroup::new("fate").required(true).args(["archive", "no_archive", "dry_run"]))]
pub(super) struct PruneArgs {
    #[command(flatten)]
    database: DatabaseArgs,
    /// Sessions that ended more than so many days ago. Without --days and --mb the settings
    /// store.retention_days and store.retention_mb say what goes.
    #[arg(long, value_name = "N")]
    days: Option<u32>,
    /// The oldest sessions while the database is larger than so many MB.
    #[arg(long, value_name = "N")]
    mb: Option<u32>,
    /// Archive them into this new file first. Nothing is deleted before it is verified.
    #[arg(long, value_name = "FILE")]
    archive: Option<PathBuf>,
    /// Sign the archive with this secret key.
    #[arg(long, value_name = "FILE", requires = "archive")]
    key: Option<PathBuf>,
    /// Delete them without an archive.
    #[arg(long)]
    no_archive: bool,
    /// Only say what would go.
    #[arg(long, conflicts_with = "no_archive")]
    dry_run: bool,
    /// How to write.
    #[arg(long, value_enum, default_value_t)]
    format: Format,
}

#[derive(Serialize)]
struct Report {
    deleted: bool,
    archive: Option<String>,
    sessions: Vec<Pruned>,
}

#[derive(Serialize)]
struct Pruned {
    session: i64,
    ring: String,
    ended_at: Timestamp,
    datagrams: u64,
    bytes: u64,
}

pub(super) fn run(args: &PruneArgs) -> anyhow::Result<Outcome> {
    let store = args.database.open()?;
    let now = clock::wall();
    let going = store.prunable(retention(args, &store)?, now)?;
    let ids: Vec<SessionId> = going.iter().map(|session| session.session).collect();
    let mut report = Report {
        deleted: !args.dry_run,
        archive: None,
        sessions: going.into_iter().map(Pruned::from).collect(),
    };
    if !args.dry_run && !ids.is_empty() {
        if let Some(target) = &args.archive {
            let key = args.key.as_deref().map(keys::read_secret).transpose()?;
            let mut request = ArchiveRequest::new(target, &ids, now);
            request.key = key.as_ref();
            report.archive = Some(store.archive(&request)?.path.display().to_string());
        }
        for session in &ids {
            store.delete_session(*session, |_| {})?;
        }
    }
    store.close()?;
    match args.format {
        Format::Json => print_json(&report)?,
        Format::Text => print(&report).context(CANNOT_WRITE)?,
    }
    Ok(Outcome::Done)
}

fn retention(args: &PruneArgs, store: &Store) -> anyhow::Result<Retention> {
    if args.days.is_some() || args.mb.is_some() {
        return Ok(Retention { days: args.days, megabytes: args.mb });
    }
    let setting = |key: &str| -> anyhow::Result<Option<u32>> {
        let value: u32 = store.setting("store", key)?;
        Ok(Some(value).filter(|value| *value > 0))
    };
    let retention = Retention { days: setting("retention_days")?, megabytes: setting("retention_mb")? };
    if retention == Retention::default() {
        bail!(
            "nothing says how much is kept: give --days or --mb, or set store.retention_days or \
             store.retention_mb"
        );
    }
    Ok(retention)
}

fn print(report: &Report) -> std::io::Result<()> {
    let mut out = stdout();
    for session in &report.sessions {
        writeln!(
            out,
            "session {:>5}  ended {}  {:>9} datagrams  {:>8}  ring {}",
            session.session,
            session.ended_at,
            session.datagrams,
            Bytes(session.bytes),
            Harmless(&session.ring)
        )?;
    }
    let bytes = report.sessions.iter().map(|session| session.bytes).sum();
    let done = if report.deleted { "deleted" } else { "would be deleted" };
    writeln!(out, "{} sessions {done}, about {}", report.sessions.len(), Bytes(bytes))?;
    if let Some(archive) = &report.archive {
        writeln!(out, "they are in {}", Harmless(archive))?;
    }
    if report.deleted && !report.sessions.is_empty() {
        writeln!(out, "new rows use the room; `restrike db vacuum` gives it back to the disk")?;
    }
    out.flush()
}

impl From<PrunableSession> for Pruned {
    fn from(session: PrunableSession) -> Self {
        Self {
            session: session.session.0,
            ring: session.ring,
            ended_at: session.ended_at,
            datagrams: session.datagrams,
            bytes: session.bytes,
        }
    }
}
