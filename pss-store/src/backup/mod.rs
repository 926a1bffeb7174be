//! Copies of a database while it is in use, and what proves that a copy is whole.
//!
//! The only module that names rusqlite: diesel has neither the online backup API nor rows of any shape.

mod check;
mod copy;
mod hashes;
mod manifest;

use std::{
    io,
    path::{Path, PathBuf},
    time::Duration,
};

use rusqlite::{Connection, ErrorCode, OpenFlags};

pub(crate) use self::{
    check::integrity,
    copy::copy,
    hashes::{hash_tables, hex},
};
pub use self::{
    copy::{Backup, BackupProgress},
    hashes::TableHash,
    manifest::{BackupManifest, manifest_path},
};
use crate::StoreError;

/// Opens a database that is there, to be read only. A name with a meaning for SQLite is only a name here.
pub(crate) fn open_to_read(path: &Path) -> Result<Connection, StoreError> {
    let connection = open(path)?;
    connection.pragma_update(None, "query_only", true).map_err(|error| from_rusqlite(path, &error))?;
    Ok(connection)
}

/// Opens a database that is there.
pub(crate) fn open(path: &Path) -> Result<Connection, StoreError> {
    let flags = OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    let connection = Connection::open_with_flags(path, flags).map_err(|error| from_rusqlite(path, &error))?;
    // What a file says about itself is not to be obeyed.
    let prepared = connection
        .busy_timeout(PATIENCE)
        .and_then(|()| connection.pragma_update(None, "trusted_schema", false))
        .and_then(|()| connection.pragma_update(None, "cell_size_check", true));
    prepared.map_err(|error| from_rusqlite(path, &error))?;
    Ok(connection)
}

/// What an error of rusqlite means for the user.
pub(crate) fn from_rusqlite(path: &Path, error: &rusqlite::Error) -> StoreError {
    let reason = error.to_string();
    let path: PathBuf = path.to_owned();
    match error.sqlite_error_code() {
        Some(ErrorCode::DiskFull) => StoreError::DiskFull { path },
        Some(ErrorCode::DatabaseBusy | ErrorCode::DatabaseLocked) => StoreError::Locked { path },
        Some(ErrorCode::ReadOnly) => StoreError::ReadOnly { path },
        Some(ErrorCode::DatabaseCorrupt) => StoreError::Damaged { path, reason },
        Some(ErrorCode::NotADatabase) => StoreError::NotADatabase { path },
        // An `fsync` that finds no room is an input/output error for SQLite.
        Some(ErrorCode::SystemIoFailure)
            if io::Error::last_os_error().kind() == io::ErrorKind::StorageFull =>
        {
            StoreError::DiskFull { path }
        }
        _ => StoreError::from_sqlite(&path, &reason),
    }
}

/// How long a lock of somebody else is waited for.
const PATIENCE: Duration = Duration::from_secs(5);
