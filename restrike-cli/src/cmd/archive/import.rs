//! `restrike archive import`.

use std::{
    io::Write as _,
    path::{Path, PathBuf},
};

use anyhow::{Context as _, bail};
use pss_store::{ImportOutcome, ImportedSession, OpenedArchive, Store};
use serde::Serialize;

use super::{Outcome, keys, signer};
use crate::{
    database::{DatabaseArgs, Format, print_json, store_config},
    output::{CANNOT_WRITE, stdout, text::Harmless},
};

#[derive(Debug, clap::Args)]
#[command(group = clap::ArgGroup::new("whom").required(true).args(["keys", "any_signer"]))]
pub(super) struct ImportArgs {
    /// The archive.
    #[arg(value_name = "FILE")]
    archive: PathBuf,
    #[command(flatten)]
    database: DatabaseArgs,
    /// The public key of somebody whose archives are taken; may be given several times.
    #[arg(long = "key", value_name = "FILE")]
    keys: Vec<PathBuf>,
    /// Take it whoever signed it, and when nobody did.
    #[arg(long)]
    any_signer: bool,
    /// How to write.
    #[arg(long, value_enum, default_value_t)]
    format: Format,
}

#[derive(Serialize)]
struct Report {
    signature: &'static str,
    signed_by: Option<String>,
    sessions: Vec<Imported>,
}

#[derive(Serialize)]
struct Imported {
    session: i64,
    ring: String,
    epoch: i64,
    outcome: &'static str,
    datagrams_added: u64,
}

pub(super) fn run(args: &ImportArgs) -> anyhow::Result<Outcome> {
    let trusted = args.keys.iter().map(|path| keys::read_public(path)).collect::<Result<Vec<_>, _>>()?;
    // Beside the database, where there must be room for it anyway.
    let path = std::path::absolute(args.database.path())?;
    let scratch = path.parent().unwrap_or_else(|| Path::new("."));
    let archive = OpenedArchive::open(&args.archive, scratch, &trusted)?;
    let (signature, signed_by, sentence) = signer(&archive);
    if !args.any_signer && signature != "trusted" {
        bail!("{}: {sentence}", args.archive.display());
    }
    // An archive may well be the beginning of a database.
    let store = Store::open(store_config(&path))?;
    let imported = store.import(&archive)?;
    store.close()?;
    let report =
        Report { signature, signed_by, sessions: imported.into_iter().map(Imported::from).collect() };
    match args.format {
        Format::Json => print_json(&report)?,
        Format::Text => print(&report, &sentence).context(CANNOT_WRITE)?,
    }
    Ok(Outcome::Done)
}

fn print(report: &Report, sentence: &str) -> std::io::Result<()> {
    let mut out = stdout();
    writeln!(out, "{sentence}")?;
    for session in &report.sessions {
        let what = match session.outcome {
            "already_here" => String::from("is here already"),
            outcome => format!("{outcome}, {} datagrams", session.datagrams_added),
        };
        writeln!(out, "  session {:>5}  {what}  ring {}", session.session, Harmless(&session.ring))?;
    }
    out.flush()
}

impl From<ImportedSession> for Imported {
    fn from(session: ImportedSession) -> Self {
        let (outcome, datagrams_added) = match session.outcome {
            ImportOutcome::Added { datagrams } => ("added", datagrams),
            ImportOutcome::Completed { datagrams } => ("completed", datagrams),
            ImportOutcome::AlreadyHere => ("already_here", 0),
        };
        Self {
            session: session.session.0,
            ring: session.ring,
            epoch: session.epoch,
            outcome,
            datagrams_added,
        }
    }
}
