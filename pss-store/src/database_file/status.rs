//! How large a database is, and what is in it.

use std::{fs, path::PathBuf};

use diesel::{
    prelude::*,
    sql_types::{BigInt, Nullable, Text},
};
use pss_protocol::Timestamp;

use super::{DatabaseFile, SchemaVersions, schema_of};
use crate::{StoreError, connection};

/// What is known of a database without reading all of it.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct DatabaseStatus {
    /// Where it is.
    pub path: PathBuf,
    /// Which schema it has.
    pub schema: SchemaVersions,
    /// The length of the file, in bytes.
    pub file_bytes: u64,
    /// The length of the write-ahead log beside it; 0 where there is none.
    pub wal_bytes: u64,
    /// The size of a page, in bytes.
    pub page_bytes: u64,
    /// Pages in the file.
    pub pages: u64,
    /// Pages that hold nothing: new rows use them, `vacuum` gives them back.
    pub free_pages: u64,
    /// Whether the free pages can be given back a few at a time.
    pub incremental_vacuum: bool,
    /// The tables with their indexes, the largest first.
    pub tables: Vec<TableSize>,
    /// How many sessions.
    pub sessions: u64,
    /// How many of them have no end: they run, or were cut short.
    pub open_sessions: u64,
    /// When the first session began.
    pub oldest: Option<Timestamp>,
    /// When the last session began.
    pub newest: Option<Timestamp>,
}

/// What a table takes.
#[derive(Clone, Debug, PartialEq, Eq, QueryableByName)]
#[non_exhaustive]
pub struct TableSize {
    /// Its name.
    #[diesel(sql_type = Text)]
    pub name: String,
    /// Its rows.
    #[diesel(sql_type = BigInt)]
    pub rows: i64,
    /// The bytes of its pages, those of its indexes included.
    #[diesel(sql_type = BigInt)]
    pub bytes: i64,
    /// The bytes of its indexes alone; a table `WITHOUT ROWID` is an index that does not count as one.
    #[diesel(sql_type = BigInt)]
    pub index_bytes: i64,
}

#[derive(QueryableByName)]
struct Sessions {
    #[diesel(sql_type = BigInt)]
    sessions: i64,
    #[diesel(sql_type = BigInt)]
    open: i64,
    #[diesel(sql_type = Nullable<BigInt>)]
    oldest: Option<i64>,
    #[diesel(sql_type = Nullable<BigInt>)]
    newest: Option<i64>,
}

impl DatabaseFile {
    /// How large it is, and what is in it. Visits every page once.
    ///
    /// # Errors
    ///
    /// When it is no database of ours, was written by a newer version, or cannot be read.
    pub fn status(&self) -> Result<DatabaseStatus, StoreError> {
        let mut connection = connection::look(&self.path)?;
        let schema = schema_of(&mut connection, &self.path)?;
        let failed = |error: diesel::result::Error| StoreError::from_sqlite(&self.path, &error.to_string());
        let length = |path: PathBuf| fs::metadata(path).map_or(0, |metadata| metadata.len());
        let mut wal = self.path.clone().into_os_string();
        wal.push("-wal");
        let (file_bytes, wal_bytes) = (length(self.path.clone()), length(PathBuf::from(wal)));
        connection
            .transaction(|connection| {
                let mut pragma = |name: &str| {
                    let query = format!("SELECT {name} AS value FROM pragma_{name}");
                    diesel::sql_query(query)
                        .get_result::<connection::Number>(connection)
                        .map(|number| number.value.unsigned_abs())
                };
                let (page_bytes, pages) = (pragma("page_size")?, pragma("page_count")?);
                let (free_pages, auto_vacuum) = (pragma("freelist_count")?, pragma("auto_vacuum")?);
                let sessions = sessions(connection)?;
                Ok(DatabaseStatus {
                    path: self.path.clone(),
                    schema,
                    file_bytes,
                    wal_bytes,
                    page_bytes,
                    pages,
                    free_pages,
                    incremental_vacuum: auto_vacuum == INCREMENTAL,
                    tables: tables(connection)?,
                    sessions: sessions.sessions.unsigned_abs(),
                    open_sessions: sessions.open.unsigned_abs(),
                    oldest: sessions.oldest.map(Timestamp),
                    newest: sessions.newest.map(Timestamp),
                })
            })
            .map_err(failed)
    }
}

fn sessions(connection: &mut SqliteConnection) -> QueryResult<Sessions> {
    let any = "SELECT count(*) AS value FROM sqlite_schema WHERE name = 'sessions'";
    if diesel::sql_query(any).get_result::<connection::Number>(connection)?.value == 0 {
        return Ok(Sessions { sessions: 0, open: 0, oldest: None, newest: None });
    }
    diesel::sql_query(
        "SELECT count(*) AS sessions, count(*) FILTER (WHERE ended_at IS NULL) AS open, \
         min(started_at) AS oldest, max(started_at) AS newest FROM sessions",
    )
    .get_result(connection)
}

fn tables(connection: &mut SqliteConnection) -> QueryResult<Vec<TableSize>> {
    let mut tables: Vec<TableSize> = diesel::sql_query(
        "SELECT s.tbl_name AS name, 0 AS rows, sum(d.pgsize) AS bytes, \
             coalesce(sum(d.pgsize) FILTER (WHERE s.type = 'index'), 0) AS index_bytes \
         FROM sqlite_schema s JOIN dbstat d ON d.name = s.name AND d.aggregate = TRUE \
         WHERE s.type IN ('table', 'index') AND s.rootpage > 0 GROUP BY s.tbl_name ORDER BY bytes DESC, name",
    )
    .load(connection)?;
    for table in &mut tables {
        let count = format!("SELECT count(*) AS value FROM \"{}\"", table.name.replace('"', "\"\""));
        table.rows = diesel::sql_query(count).get_result::<connection::Number>(connection)?.value;
    }
    Ok(tables)
}

/// What `PRAGMA auto_vacuum` says when free pages are known one by one.
pub(super) const INCREMENTAL: u64 = 2;
