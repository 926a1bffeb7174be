//! `restrike db vacuum`: free pages, given back to the disk.

use std::io::Write as _;

use anyhow::Context as _;
use serde::Serialize;

use super::{Bytes, Outcome};
use crate::{
    database::{DatabaseArgs, Format, print_json},
    output::{CANNOT_WRITE, stdout},
};

#[derive(Debug, clap::Args)]
pub(super) struct VacuumArgs {
    #[command(flatten)]
    database: DatabaseArgs,
    /// In steps so small that a running match does not notice. Works after the first full vacuum.
    #[arg(long)]
    incremental: bool,
    /// How to write.
    #[arg(long, value_enum, default_value_t)]
    format: Format,
}

#[derive(Serialize)]
struct Report {
    bytes_before: u64,
    bytes_after: u64,
}

pub(super) fn run(args: &VacuumArgs) -> anyhow::Result<Outcome> {
    let file = args.database.file()?;
    let done = if args.incremental { file.vacuum_incrementally()? } else { file.vacuum()? };
    let report = Report { bytes_before: done.bytes_before, bytes_after: done.bytes_after };
    match args.format {
        Format::Json => print_json(&report)?,
        Format::Text => {
            let mut out = stdout();
            writeln!(out, "{} before, {} now", Bytes(report.bytes_before), Bytes(report.bytes_after))
                .and_then(|()| out.flush())
                .context(CANNOT_WRITE)?;
        }
    }
    Ok(Outcome::Done)
}
