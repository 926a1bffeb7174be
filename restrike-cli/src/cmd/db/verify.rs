//! `restrike db verify`: whether a database is whole.

use std::io::{self, Write};

use anyhow::Context as _;
use pss_store::Verification;
use serde::Serialize;

use super::Outcome;
use crate::{
    database::{DatabaseArgs, Format, print_json},
    output::{CANNOT_WRITE, stdout, text::Harmless},
};

#[derive(Debug, clap::Args)]
pub(super) struct VerifyArgs {
    #[command(flatten)]
    database: DatabaseArgs,
    /// How to write.
    #[arg(long, value_enum, default_value_t)]
    format: Format,
}

#[derive(Serialize)]
struct Report<'a> {
    whole: bool,
    schema: Option<&'a str>,
    damage: &'a [String],
    manifest: &'static str,
    manifest_differences: &'a [String],
    gaps: Vec<Gap<'a>>,
    tables: &'a [pss_store::TableHash],
}

#[derive(Serialize)]
struct Gap<'a> {
    session: i64,
    ring: &'a str,
    missing: i64,
    first: i64,
}

/// Damage is exit code 3.
pub(super) fn run(args: &VerifyArgs) -> anyhow::Result<Outcome> {
    let found = args.database.file()?.verify()?;
    match args.format {
        Format::Json => print_json(&report(&found))?,
        Format::Text => print(&mut stdout(), &found).context(CANNOT_WRITE)?,
    }
    Ok(if found.is_whole() { Outcome::Done } else { Outcome::Damaged })
}

fn report(found: &Verification) -> Report<'_> {
    Report {
        whole: found.is_whole(),
        schema: found.schema.found.as_deref(),
        damage: &found.damage,
        manifest: match &found.manifest {
            None => "none",
            Some(differences) if differences.is_empty() => "equal",
            Some(_) => "different",
        },
        manifest_differences: found.manifest.as_deref().unwrap_or_default(),
        gaps: found
            .gaps
            .iter()
            .map(|gap| Gap { session: gap.session, ring: &gap.ring, missing: gap.missing, first: gap.first })
            .collect(),
        tables: &found.tables,
    }
}

fn print(out: &mut impl Write, found: &Verification) -> io::Result<()> {
    let rows: u64 = found.tables.iter().map(|table| table.rows).sum();
    writeln!(out, "{} tables, {rows} rows", found.tables.len())?;
    for damage in &found.damage {
        writeln!(out, "damaged: {}", Harmless(damage))?;
    }
    match &found.manifest {
        None => writeln!(out, "no manifest lies beside it")?,
        Some(differences) if differences.is_empty() => writeln!(out, "as its manifest says")?,
        Some(differences) => {
            for difference in differences {
                writeln!(out, "not as its manifest says: {}", Harmless(difference))?;
            }
        }
    }
    for gap in &found.gaps {
        writeln!(
            out,
            "session {} of ring {} lacks {} datagrams, the first is {}",
            gap.session,
            Harmless(&gap.ring),
            gap.missing,
            gap.first
        )?;
    }
    writeln!(out, "{}", if found.is_whole() { "whole" } else { "NOT whole; restore it from a backup" })?;
    out.flush()
}
