//! What a table holds, as one number.

use rusqlite::{Connection, types::ValueRef};
use serde::{Deserialize, Serialize};
use sha2::{Digest as _, Sha256};

/// A table's rows, counted and hashed.
///
/// The hash is the SHA-256 over all rows in the order of the primary key, each value as a byte for its kind
/// (0 null, 1 integer, 2 real, 3 text, 4 blob) and its content: numbers as 8 bytes with the lowest first, texts
/// and blobs behind their length in the same form.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct TableHash {
    /// The table.
    pub name: String,
    /// How many rows it has.
    pub rows: u64,
    /// The SHA-256 of all of them, in hexadecimal digits.
    pub sha256: String,
}

/// Hashes every table, in the order of their names. Inside of a transaction all of it is of one moment.
pub(crate) fn hash_tables(connection: &Connection) -> rusqlite::Result<Vec<TableHash>> {
    let mut names = connection.prepare(
        "SELECT name FROM sqlite_schema WHERE type = 'table' AND name NOT LIKE 'sqlite\\_%' ESCAPE '\\' ORDER BY name",
    )?;
    let names = names.query_map([], |row| row.get(0))?.collect::<rusqlite::Result<Vec<String>>>()?;
    names.into_iter().map(|name| hash_table(connection, name)).collect()
}

fn hash_table(connection: &Connection, name: String) -> rusqlite::Result<TableHash> {
    let mut key = connection.prepare("SELECT name FROM pragma_table_info(?) WHERE pk > 0 ORDER BY pk")?;
    let key = key.query_map([&name], |row| row.get(0))?.collect::<rusqlite::Result<Vec<String>>>()?;
    let order = if key.is_empty() {
        String::from("rowid")
    } else {
        key.iter().map(|column| quoted(column)).collect::<Vec<_>>().join(", ")
    };
    let mut statement = connection.prepare(&format!("SELECT * FROM {} ORDER BY {order}", quoted(&name)))?;
    let columns = statement.column_count();
    let mut hash = Sha256::new();
    let mut count = 0;
    let mut rows = statement.query([])?;
    while let Some(row) = rows.next()? {
        count += 1;
        for column in 0..columns {
            match row.get_ref(column)? {
                ValueRef::Null => hash.update([0]),
                ValueRef::Integer(value) => {
                    hash.update([1]);
                    hash.update(value.to_le_bytes());
                }
                ValueRef::Real(value) => {
                    hash.update([2]);
                    hash.update(value.to_le_bytes());
                }
                ValueRef::Text(value) => add_bytes(&mut hash, 3, value),
                ValueRef::Blob(value) => add_bytes(&mut hash, 4, value),
            }
        }
    }
    Ok(TableHash { name, rows: count, sha256: hex(&hash.finalize()) })
}

fn add_bytes(hash: &mut Sha256, kind: u8, value: &[u8]) {
    hash.update([kind]);
    hash.update((value.len() as u64).to_le_bytes());
    hash.update(value);
}

/// A name as SQL has it.
fn quoted(name: &str) -> String {
    format!("\"{}\"", name.replace('"', "\"\""))
}

/// Hexadecimal digits.
pub(crate) fn hex(bytes: &[u8]) -> String {
    use std::fmt::Write as _;
    bytes.iter().fold(String::with_capacity(2 * bytes.len()), |mut text, byte| {
        let _ = write!(text, "{byte:02x}");
        text
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn hashes(sql: &str) -> Vec<TableHash> {
        let connection = Connection::open_in_memory().unwrap();
        connection.execute_batch(sql).unwrap();
        hash_tables(&connection).unwrap()
    }

    #[test]
    fn the_order_of_writing_does_not_matter_and_every_value_does() {
        let table = "CREATE TABLE t (a INTEGER, b, PRIMARY KEY (a)) WITHOUT ROWID;";
        let one = hashes(&format!("{table} INSERT INTO t VALUES (1, 'x'), (2, NULL);"));
        assert_eq!(one[0].rows, 2);
        assert_eq!(one, hashes(&format!("{table} INSERT INTO t VALUES (2, NULL), (1, 'x');")));
        for other in [
            "(1, 'x')",
            "(1, 'x'), (2, 0)",
            "(1, x'78'), (2, NULL)",
            "(1, 'x'), (3, NULL)",
            "(1, ''), (2, 'x')",
        ] {
            assert_ne!(one, hashes(&format!("{table} INSERT INTO t VALUES {other};")), "{other}");
        }
    }
}
