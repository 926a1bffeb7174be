//! `restrike db status`: how large a database is, and what is in it.

use std::io::{self, Write};

use anyhow::Context as _;
use pss_protocol::Timestamp;
use pss_store::DatabaseStatus;
use serde::Serialize;

use super::{Bytes, Outcome};
use crate::{
    database::{DatabaseArgs, Format, print_json},
    output::{CANNOT_WRITE, stdout, text::Harmless},
};

#[derive(Debug, clap::Args)]
pub(super) struct StatusArgs {
    #[command(flatten)]
    database: DatabaseArgs,
    /// How to write.
    #[arg(long, value_enum, default_value_t)]
    format: Format,
}

#[derive(Serialize)]
struct Report {
    path: String,
    schema: Option<String>,
    schema_known: String,
    migrations_pending: usize,
    file_bytes: u64,
    wal_bytes: u64,
    page_bytes: u64,
    pages: u64,
    free_pages: u64,
    incremental_vacuum: bool,
    sessions: u64,
    open_sessions: u64,
    oldest: Option<Timestamp>,
    newest: Option<Timestamp>,
    tables: Vec<Table>,
}

#[derive(Serialize)]
struct Table {
    name: String,
    rows: i64,
    bytes: i64,
    index_bytes: i64,
}

pub(super) fn run(args: &StatusArgs) -> anyhow::Result<Outcome> {
    let report = report(args.database.file()?.status()?);
    match args.format {
        Format::Json => print_json(&report)?,
        Format::Text => print(&mut stdout(), &report).context(CANNOT_WRITE)?,
    }
    Ok(Outcome::Done)
}

fn report(status: DatabaseStatus) -> Report {
    Report {
        path: status.path.display().to_string(),
        schema: status.schema.found,
        schema_known: status.schema.known,
        migrations_pending: status.schema.pending.len(),
        file_bytes: status.file_bytes,
        wal_bytes: status.wal_bytes,
        page_bytes: status.page_bytes,
        pages: status.pages,
        free_pages: status.free_pages,
        incremental_vacuum: status.incremental_vacuum,
        sessions: status.sessions,
        open_sessions: status.open_sessions,
        oldest: status.oldest,
        newest: status.newest,
        tables: status
            .tables
            .into_iter()
            .map(|table| Table {
                name: table.name,
                rows: table.rows,
                bytes: table.bytes,
                index_bytes: table.index_bytes,
            })
            .collect(),
    }
}

fn print(out: &mut impl Write, report: &Report) -> io::Result<()> {
    writeln!(out, "{}", Harmless(&report.path))?;
    let schema = report.schema.as_deref().unwrap_or("none yet");
    write!(out, "  schema      {}", Harmless(schema))?;
    match report.migrations_pending {
        0 => writeln!(out, ", up to date")?,
        pending => writeln!(out, ", {pending} migrations behind {}", report.schema_known)?,
    }
    write!(out, "  file        {}", Bytes(report.file_bytes))?;
    writeln!(out, ", write-ahead log {}", Bytes(report.wal_bytes))?;
    writeln!(
        out,
        "  pages       {} of {} bytes, {} free ({})",
        report.pages,
        report.page_bytes,
        report.free_pages,
        Bytes(report.free_pages * report.page_bytes)
    )?;
    writeln!(out, "  sessions    {}, {} without an end", report.sessions, report.open_sessions)?;
    if let (Some(oldest), Some(newest)) = (report.oldest, report.newest) {
        writeln!(out, "  began       {oldest} to {newest}")?;
    }
    let width = report.tables.iter().map(|table| table.name.chars().count()).max().unwrap_or(0).max(5);
    writeln!(out, "\n  {:width$}  {:>12}  {:>12}  {:>12}", "table", "rows", "size", "of indexes")?;
    for table in &report.tables {
        let (bytes, indexes) = (Bytes(table.bytes.unsigned_abs()), Bytes(table.index_bytes.unsigned_abs()));
        let name = Harmless(&table.name).to_string();
        writeln!(out, "  {name:width$}  {:>12}  {bytes:>12}  {indexes:>12}", table.rows)?;
    }
    out.flush()
}
