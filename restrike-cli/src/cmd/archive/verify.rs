//! `restrike archive verify`.

use std::{env, io::Write as _, path::PathBuf};

use anyhow::Context as _;
use pss_store::{OpenedArchive, StoreError};
use serde::Serialize;

use super::{Outcome, SessionReport, keys, session_line, sessions, signer};
use crate::{
    database::{Format, print_json},
    output::{CANNOT_WRITE, complain, stdout, text::Harmless},
};

#[derive(Debug, clap::Args)]
pub(super) struct VerifyArgs {
    /// The archive.
    #[arg(value_name = "FILE")]
    archive: PathBuf,
    /// A public key that is trusted; may be given several times. With it, an archive that nobody of them signed
    /// is a failure.
    #[arg(long = "key", value_name = "FILE")]
    keys: Vec<PathBuf>,
    /// A folder with room for the database in the archive; the system's for temporary files without it.
    #[arg(long, value_name = "DIR")]
    scratch: Option<PathBuf>,
    /// How to write.
    #[arg(long, value_enum, default_value_t)]
    format: Format,
}

#[derive(Serialize)]
struct Report<'a> {
    signature: &'static str,
    signed_by: Option<String>,
    schema: &'a str,
    program: &'a str,
    made_at: pss_protocol::Timestamp,
    sessions: Vec<SessionReport<'a>>,
}

/// An archive that cannot be trusted is damaged: exit code 3.
pub(super) fn run(args: &VerifyArgs) -> anyhow::Result<Outcome> {
    let trusted = args.keys.iter().map(|path| keys::read_public(path)).collect::<Result<Vec<_>, _>>()?;
    let scratch = args.scratch.clone().unwrap_or_else(env::temp_dir);
    let archive = match OpenedArchive::open(&args.archive, &scratch, &trusted) {
        Err(error @ StoreError::BadArchive { .. }) => {
            complain(format_args!("error: {}", Harmless(error)));
            return Ok(Outcome::Damaged);
        }
        other => other?,
    };
    let manifest = archive.manifest();
    let (signature, signed_by, sentence) = signer(&archive);
    let report = Report {
        signature,
        signed_by,
        schema: &manifest.schema,
        program: &manifest.program,
        made_at: pss_protocol::Timestamp(manifest.made_at),
        sessions: sessions(&manifest.sessions),
    };
    match args.format {
        Format::Json => print_json(&report)?,
        Format::Text => print(&report, &sentence).context(CANNOT_WRITE)?,
    }
    let believed = trusted.is_empty() || signature == "trusted";
    Ok(if believed { Outcome::Done } else { Outcome::Failed })
}

fn print(report: &Report<'_>, sentence: &str) -> std::io::Result<()> {
    let mut out = stdout();
    writeln!(out, "{sentence}")?;
    let (made, program) = (report.made_at, Harmless(report.program));
    writeln!(out, "made {made} by version {program}, schema {}", Harmless(report.schema))?;
    for session in &report.sessions {
        writeln!(out, "{}", session_line(session))?;
    }
    out.flush()
}
