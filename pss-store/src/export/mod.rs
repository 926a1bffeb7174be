//! What is stored, as files for other programs.
//!
//! Rows are read a page at a time and written as they come, so that millions of them need no more memory than
//! some thousand.

mod harmless;
mod table;
mod xlsx;

use std::io::{self, Write};

use serde::Serialize;

pub use self::harmless::cell as harmless_cell;
use self::table::{Cell, Flat};
use crate::{Query, Store, StoreError};

/// What is exported.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ExportNoun {
    /// What the table decided, one row an event.
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

/// As what.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ExportFormat {
    /// RFC 4180 with a head, UTF-8 without a byte order mark. Texts that a spreadsheet would take for a formula
    /// get a `'` in front, control characters are written as `\u{…}`.
    Csv,
    /// One array.
    Json,
    /// One object a line.
    Ndjson,
    /// A workbook. What has more rows than a sheet takes (1,048,576) goes on in the next one. Texts are made
    /// harmless as in CSV.
    Xlsx,
}

/// Why an export ended early.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ExportError {
    /// The database cannot be read, or the query does not fit.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// What is exported cannot be written.
    #[error("the export cannot be written: {0}")]
    Write(#[from] io::Error),
}

impl Store {
    /// Writes what a query finds and says how many rows that were. The query's limit and cursor do not matter:
    /// all rows are written, in the query's order.
    ///
    /// ```
    /// use pss_store::{ExportFormat, ExportNoun, Query};
    /// # let folder = tempfile::tempdir()?;
    /// # let store = pss_store::Store::open(pss_store::StoreConfig::new(folder.path().join("restrike.db")))?;
    ///
    /// let mut file = Vec::new();
    /// let rows = store.export(ExportNoun::Hits, Query::new().ring("1"), ExportFormat::Csv, &mut file)?;
    /// assert_eq!(rows, 0);
    /// assert!(file.starts_with(b"ring,session,match_id,"));
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    ///
    /// # Errors
    ///
    /// When the database cannot be read, when the query has a filter that means nothing for these rows, or when
    /// `out` cannot be written. What was written until then stays written.
    pub fn export(
        &self,
        noun: ExportNoun,
        query: Query,
        format: ExportFormat,
        out: &mut dyn Write,
    ) -> Result<u64, ExportError> {
        // Pages of the largest size: this is about the whole, not about the first rows.
        let query = query.limit(Query::MOST);
        match noun {
            ExportNoun::Events => render(self.all_match_events(query), "events", format, out),
            ExportNoun::Messages => render(self.all_messages(query), "messages", format, out),
            ExportNoun::Matches => render(self.all_matches(query), "matches", format, out),
            ExportNoun::Hits => render(self.all_hits(query), "hits", format, out),
            ExportNoun::Athletes => render(self.all_athletes(query), "athletes", format, out),
        }
    }
}

fn render<T: Flat + Serialize>(
    rows: impl Iterator<Item = Result<T, StoreError>>,
    name: &str,
    format: ExportFormat,
    out: &mut dyn Write,
) -> Result<u64, ExportError> {
    match format {
        ExportFormat::Csv => csv(rows, out),
        ExportFormat::Json => json(rows, out),
        ExportFormat::Ndjson => ndjson(rows, out),
        ExportFormat::Xlsx => xlsx::write(rows, name, xlsx::ROWS_PER_SHEET, out),
    }
}

fn csv<T: Flat>(
    rows: impl Iterator<Item = Result<T, StoreError>>,
    out: &mut dyn Write,
) -> Result<u64, ExportError> {
    let mut csv = csv::WriterBuilder::new().terminator(csv::Terminator::CRLF).from_writer(out);
    let failed = |error: csv::Error| ExportError::Write(io::Error::from(error));
    csv.write_record(T::COLUMNS).map_err(failed)?;
    let mut count = 0;
    for row in rows {
        for cell in row?.cells() {
            match cell {
                Cell::Empty => csv.write_field(""),
                Cell::Integer(number) => csv.write_field(number.to_string()),
                Cell::Number(number) => csv.write_field(number.to_string()),
                Cell::Bool(value) => csv.write_field(if value { "true" } else { "false" }),
                Cell::Text(text) => csv.write_field(harmless::cell(&text).as_bytes()),
            }
            .map_err(failed)?;
        }
        csv.write_record(None::<&[u8]>).map_err(failed)?;
        count += 1;
    }
    csv.flush()?;
    Ok(count)
}

fn json<T: Serialize>(
    rows: impl Iterator<Item = Result<T, StoreError>>,
    out: &mut dyn Write,
) -> Result<u64, ExportError> {
    let mut count = 0;
    out.write_all(b"[")?;
    for row in rows {
        out.write_all(if count == 0 { b"\n" } else { b",\n" })?;
        serde_json::to_writer(&mut *out, &row?).map_err(io::Error::from)?;
        count += 1;
    }
    out.write_all(b"\n]\n")?;
    out.flush()?;
    Ok(count)
}

fn ndjson<T: Serialize>(
    rows: impl Iterator<Item = Result<T, StoreError>>,
    out: &mut dyn Write,
) -> Result<u64, ExportError> {
    let mut count = 0;
    for row in rows {
        serde_json::to_writer(&mut *out, &row?).map_err(io::Error::from)?;
        out.write_all(b"\n")?;
        count += 1;
    }
    out.flush()?;
    Ok(count)
}
