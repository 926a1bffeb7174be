//! `restrike db restore`: a backup in the place of the database.

use std::{io::Write as _, path::PathBuf};

use anyhow::Context as _;
use pss_store::DatabaseFile;
use serde::Serialize;

use super::{Outcome, bar, show};
use crate::{
    clock,
    database::{DatabaseArgs, Format, print_json},
    output::{CANNOT_WRITE, stdout, text::Harmless},
};

#[derive(Debug, clap::Args)]
pub(super) struct RestoreArgs {
    /// The backup. It is verified first and stays what it is.
    #[arg(value_name = "FILE")]
    backup: PathBuf,
    #[command(flatten)]
    database: DatabaseArgs,
    /// How to write.
    #[arg(long, value_enum, default_value_t)]
    format: Format,
}

#[derive(Serialize)]
struct Report {
    path: String,
    kept: Option<String>,
    schema: Option<String>,
    rows: u64,
    compared_with_manifest: bool,
}

pub(super) fn run(args: &RestoreArgs) -> anyhow::Result<Outcome> {
    let bar = bar();
    let backup = DatabaseFile::new(&args.backup)?;
    let restored = backup.restore_to(args.database.path(), clock::wall(), |progress| show(&bar, progress))?;
    bar.finish_and_clear();
    let report = Report {
        path: restored.path.display().to_string(),
        kept: restored.kept.map(|path| path.display().to_string()),
        schema: restored.backup.schema.found,
        rows: restored.backup.tables.iter().map(|table| table.rows).sum(),
        compared_with_manifest: restored.backup.manifest.is_some(),
    };
    if args.format == Format::Json {
        print_json(&report)?;
        return Ok(Outcome::Done);
    }
    let mut out = stdout();
    let written = writeln!(
        out,
        "{} is restored: {} rows, verified{}",
        Harmless(&report.path),
        report.rows,
        if report.compared_with_manifest { " against its manifest" } else { "; no manifest lies beside it" }
    );
    let kept =
        report.kept.iter().try_for_each(|kept| writeln!(out, "what was there before is {}", Harmless(kept)));
    written.and(kept).and_then(|()| out.flush()).context(CANNOT_WRITE)?;
    Ok(Outcome::Done)
}
