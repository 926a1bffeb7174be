//! Whether a database is whole.

use rusqlite::Connection;

/// What SQLite itself finds wrong: pages that contradict each other and rows that refer to nothing. The first
/// hundred of each; none when all is well.
pub(crate) fn integrity(connection: &Connection) -> rusqlite::Result<Vec<String>> {
    let mut problems = connection
        .prepare("PRAGMA integrity_check(100)")?
        .query_map([], |row| row.get(0))?
        .collect::<rusqlite::Result<Vec<String>>>()?;
    problems.retain(|problem| problem != "ok");
    let mut orphans = connection.prepare(
        "SELECT \"table\", parent, count(*) FROM pragma_foreign_key_check GROUP BY \"table\", parent LIMIT 100",
    )?;
    let orphans = orphans.query_map([], |row| {
        let (table, parent, rows): (String, String, i64) = (row.get(0)?, row.get(1)?, row.get(2)?);
        Ok(format!("{rows} rows of {table} refer to rows of {parent} that are not there"))
    })?;
    for orphan in orphans {
        problems.push(orphan?);
    }
    Ok(problems)
}
