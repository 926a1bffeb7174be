//! The copy itself.

use std::{
    fs,
    path::{Path, PathBuf},
    thread,
    time::Duration,
};

use pss_protocol::Timestamp;
use rusqlite::{
    Connection,
    backup::{Backup as OnlineBackup, StepResult},
};

use super::{
    BackupManifest, TableHash, from_rusqlite, hash_tables, integrity, manifest_path, open, open_to_read,
};
use crate::{StoreError, unfinished::Unfinished};

/// A copy that was made, and proven equal to its source at one moment.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct Backup {
    /// The copy: one file, which needs no other.
    pub path: PathBuf,
    /// How long it is, in bytes.
    pub bytes: u64,
    /// What it holds; the same lies beside it.
    pub manifest: BackupManifest,
}

/// How far a copy is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct BackupProgress {
    /// Pages that are copied.
    pub done: u64,
    /// Pages that there are.
    pub total: u64,
}

/// Copies a database that may be in use into a new file, verifies the copy and puts it in its place.
///
/// A transaction that only reads holds one moment of the source from the first page to the last hash: who
/// writes meanwhile is not held up, and the copy never has to begin again.
pub(crate) fn copy(
    source: &Path,
    target: &Path,
    replace: bool,
    at: Option<Timestamp>,
    progress: &mut dyn FnMut(BackupProgress),
) -> Result<Backup, StoreError> {
    let unfinished = Unfinished::of(target, replace)?;
    let of_source = |error: rusqlite::Error| from_rusqlite(source, &error);
    let connection = open_to_read(source)?;
    connection.execute_batch("BEGIN").map_err(of_source)?;
    // The first look holds the moment.
    let schema = newest_migration(&connection).map_err(of_source)?;
    let tables = {
        copy_pages(&connection, &unfinished.path(), progress)
            .map_err(|error| place(error, unfinished.target()))?;
        hash_tables(&connection).map_err(of_source)?
    };
    connection.execute_batch("ROLLBACK").map_err(of_source)?;
    verify(&unfinished.path(), &tables).map_err(|error| place(error, unfinished.target()))?;

    let manifest = BackupManifest::new(schema, at, tables);
    let bytes = fs::metadata(unfinished.path()).map_or(0, |metadata| metadata.len());
    if replace {
        // Not beside the new copy, not even for a moment.
        let _ = fs::remove_file(manifest_path(unfinished.target()));
    }
    let path = unfinished.finish(replace)?;
    if let Err(error) = manifest.write_beside(&path) {
        if !replace {
            let _ = fs::remove_file(&path);
        }
        return Err(error);
    }
    Ok(Backup { path, bytes, manifest })
}

fn copy_pages(
    source: &Connection,
    path: &Path,
    progress: &mut dyn FnMut(BackupProgress),
) -> Result<(), StoreError> {
    let failed = |error: rusqlite::Error| from_rusqlite(path, &error);
    fs::File::create_new(path).map_err(|error| crate::unfinished::cannot_make(path, &error))?;
    let mut copy = open(path)?;
    {
        let backup = OnlineBackup::new(source, &mut copy).map_err(failed)?;
        let mut waited = 0;
        loop {
            match backup.step(PAGES_PER_STEP).map_err(failed)? {
                StepResult::Done => break,
                StepResult::More => {
                    let now = backup.progress();
                    let total = u64::try_from(now.pagecount).unwrap_or(0);
                    let rest = u64::try_from(now.remaining).unwrap_or(0);
                    progress(BackupProgress { done: total.saturating_sub(rest), total });
                }
                // Somebody else holds a lock.
                _ if waited < LOCKED_ATTEMPTS => {
                    waited += 1;
                    thread::sleep(Duration::from_millis(20));
                }
                _ => return Err(StoreError::Locked { path: path.to_owned() }),
            }
        }
    }
    // A copy is one file. Whoever opens it to write turns the write-ahead log on again.
    copy.pragma_update(None, "journal_mode", "DELETE").map_err(failed)?;
    copy.close().map_err(|(_, error)| failed(error))
}

/// Demands that a copy is whole and holds these rows.
fn verify(path: &Path, tables: &[TableHash]) -> Result<(), StoreError> {
    let failed = |error: rusqlite::Error| from_rusqlite(path, &error);
    let copy = open_to_read(path)?;
    if let Some(problem) = integrity(&copy).map_err(failed)?.into_iter().next() {
        return Err(StoreError::Damaged { path: path.to_owned(), reason: problem });
    }
    if hash_tables(&copy).map_err(failed)? != tables {
        return Err(StoreError::Damaged {
            path: path.to_owned(),
            reason: String::from("the copy does not hold what its source does"),
        });
    }
    Ok(())
}

/// The name under which people know a file that is not finished.
fn place(error: StoreError, target: &Path) -> StoreError {
    let path = target.to_owned();
    match error {
        StoreError::DiskFull { .. } => StoreError::DiskFull { path },
        StoreError::Damaged { reason, .. } => StoreError::CannotMake { path, reason },
        other => other,
    }
}

/// The database's schema, empty for one without any.
pub(crate) fn newest_migration(connection: &Connection) -> rusqlite::Result<String> {
    let known = "SELECT count(*) FROM sqlite_schema WHERE name = '__diesel_schema_migrations'";
    if connection.query_row(known, [], |row| row.get::<_, i64>(0))? == 0 {
        return Ok(String::new());
    }
    connection
        .query_row("SELECT coalesce(max(version), '') FROM __diesel_schema_migrations", [], |row| row.get(0))
}

/// 1 MiB of the usual pages: a few milliseconds.
const PAGES_PER_STEP: i32 = 256;

const LOCKED_ATTEMPTS: u32 = 250;
