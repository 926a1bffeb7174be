//! `restrike db export`: rows for other programs.

use std::{io::Write as _, path::PathBuf};

use anyhow::Context as _;
use pss_store::{ExportError, ExportFormat, ExportNoun};

use super::Outcome;
use crate::{
    database::DatabaseArgs,
    filter::FilterArgs,
    input,
    output::{CANNOT_WRITE, complain, file::write_whole, stdout, text::Harmless},
};

#[derive(Debug, clap::Args)]
pub(super) struct ExportArgs {
    /// Rows of what.
    #[arg(value_enum)]
    noun: Noun,
    #[command(flatten)]
    database: DatabaseArgs,
    /// As what.
    #[arg(long, value_enum)]
    format: Format,
    /// The new file; `-` is the standard output.
    #[arg(long, value_name = "FILE|-")]
    out: PathBuf,
    /// Replace the file when it is there already.
    #[arg(long)]
    force: bool,
    #[command(flatten)]
    filter: FilterArgs,
}

#[derive(Clone, Copy, Debug, clap::ValueEnum)]
enum Noun {
    /// What the table decided.
    Events,
    /// Messages as they were judged.
    Messages,
    /// Matches with their result.
    Matches,
    /// Hits with what they led to.
    Hits,
    /// Athletes.
    Athletes,
}

#[derive(Clone, Copy, Debug, clap::ValueEnum)]
enum Format {
    /// RFC 4180, UTF-8. What a spreadsheet would take for a formula gets a `'` in front.
    Csv,
    /// One array.
    Json,
    /// One object a line.
    Ndjson,
    /// A workbook.
    Xlsx,
}

pub(super) fn run(args: &ExportArgs) -> anyhow::Result<Outcome> {
    let noun = match args.noun {
        Noun::Events => ExportNoun::Events,
        Noun::Messages => ExportNoun::Messages,
        Noun::Matches => ExportNoun::Matches,
        Noun::Hits => ExportNoun::Hits,
        Noun::Athletes => ExportNoun::Athletes,
    };
    let format = match args.format {
        Format::Csv => ExportFormat::Csv,
        Format::Json => ExportFormat::Json,
        Format::Ndjson => ExportFormat::Ndjson,
        Format::Xlsx => ExportFormat::Xlsx,
    };
    let query = args.filter.query()?;
    let store = args.database.open()?;
    if input::is_stdin(&args.out) {
        let mut out = stdout();
        store.export(noun, query, format, &mut out).map_err(to_stdout)?;
        out.flush().context(CANNOT_WRITE)?;
        return Ok(Outcome::Done);
    }
    let rows = write_whole(&args.out, args.force, |file| Ok(store.export(noun, query, format, file)?))?;
    complain(format_args!("{rows} rows in {}", Harmless(args.out.display())));
    Ok(Outcome::Done)
}

/// A reader that has seen enough is no failure.
fn to_stdout(error: ExportError) -> anyhow::Error {
    match error {
        ExportError::Write(error) => anyhow::Error::new(error).context(CANNOT_WRITE),
        ExportError::Store(error) => error.into(),
        other => other.into(),
    }
}
