//! What a database could do without us: the same rows again, by prepared statements and nothing else.

use std::path::Path;

use rusqlite::{Connection, types::Value};

/// The rows of some tables, in memory.
#[derive(Debug)]
pub struct Rows {
    schema: Vec<String>,
    tables: Vec<Table>,
}

#[derive(Debug)]
struct Table {
    insert: String,
    rows: Vec<Vec<Value>>,
}

impl Rows {
    /// All rows of every table that a session fills, and the schema with its indexes and triggers.
    ///
    /// # Errors
    ///
    /// When the database cannot be read.
    pub fn read(path: &Path) -> rusqlite::Result<Self> {
        let connection = Connection::open(path)?;
        let schema = texts(
            &connection,
            "SELECT sql FROM sqlite_schema WHERE sql IS NOT NULL AND name NOT LIKE 'sqlite_%'",
        )?;
        let names = texts(
            &connection,
            "SELECT name FROM sqlite_schema WHERE type = 'table' AND name NOT LIKE 'sqlite_%'",
        )?;
        let mut tables = Vec::new();
        for name in names {
            let mut statement = connection.prepare(&format!("SELECT * FROM \"{name}\""))?;
            let columns = statement.column_count();
            let places = vec!["?"; columns].join(", ");
            let row = |row: &rusqlite::Row<'_>| (0..columns).map(|column| row.get(column)).collect();
            let rows = statement.query_map([], row)?.collect::<rusqlite::Result<_>>()?;
            tables.push(Table { insert: format!("INSERT INTO \"{name}\" VALUES ({places})"), rows });
        }
        Ok(Self { schema, tables })
    }

    /// Makes a database of the same schema and fills it in one transaction, a prepared statement a table. Says how
    /// many rows that were.
    ///
    /// # Errors
    ///
    /// When the database cannot be written.
    pub fn write(&self, path: &Path) -> rusqlite::Result<u64> {
        let mut connection = Connection::open(path)?;
        connection.execute_batch("PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL;")?;
        for sql in &self.schema {
            connection.execute_batch(sql)?;
        }
        let transaction = connection.transaction()?;
        // Checked like ours, but at the end: the tables come in no particular order.
        transaction.execute_batch("PRAGMA defer_foreign_keys = ON;")?;
        let mut count = 0;
        for table in &self.tables {
            let mut insert = transaction.prepare(&table.insert)?;
            for row in &table.rows {
                insert.execute(rusqlite::params_from_iter(row))?;
                count += 1;
            }
        }
        transaction.commit()?;
        Ok(count)
    }
}

/// Bytes of each table with its indexes, the largest first, after a checkpoint that empties the write-ahead log.
///
/// # Errors
///
/// When the database cannot be read.
pub fn sizes(path: &Path) -> rusqlite::Result<Vec<(String, u64)>> {
    let connection = Connection::open(path)?;
    connection.query_row("PRAGMA wal_checkpoint(TRUNCATE)", [], |_| Ok(()))?;
    let query = "SELECT schema.tbl_name, sum(stat.pgsize) FROM dbstat AS stat \
         JOIN sqlite_schema AS schema ON schema.name = stat.name GROUP BY 1 ORDER BY 2 DESC";
    let mut statement = connection.prepare(query)?;
    statement.query_map([], |row| Ok((row.get(0)?, row.get::<_, i64>(1)?.unsigned_abs())))?.collect()
}

fn texts(connection: &Connection, sql: &str) -> rusqlite::Result<Vec<String>> {
    connection.prepare(sql)?.query_map([], |row| row.get(0))?.collect()
}
