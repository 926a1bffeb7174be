//! A database as a file: what is done to it as a whole.

#[cfg(test)]
mod migration_tests;
mod own_backups;
mod restore;
mod status;
mod vacuum;
mod verify;

use std::path::{Path, PathBuf};

use diesel::SqliteConnection;
use pss_protocol::Timestamp;

pub use self::{
    own_backups::OwnBackups,
    restore::Restored,
    status::{DatabaseStatus, TableSize},
    vacuum::Vacuumed,
    verify::{SessionGaps, Verification},
};
use crate::{
    Store, StoreConfig, StoreError,
    backup::{self, Backup, BackupProgress},
    connection,
};

/// A database as a file, whether a [`Store`] has it open or not.
///
/// Nothing here migrates it but [`migrate`](Self::migrate), and nothing makes one that is not there.
///
/// ```
/// use pss_store::{BackupRequest, DatabaseFile, Store, StoreConfig};
///
/// # let folder = tempfile::tempdir()?;
/// # let path = folder.path().join("restrike.db");
/// let store = Store::open(StoreConfig::new(&path))?;
/// let file = DatabaseFile::new(store.path())?;
/// let backup = file.back_up(&BackupRequest::to(folder.path().join("copy.db")), |_| {})?;
/// assert!(DatabaseFile::new(&backup.path)?.verify()?.is_whole());
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DatabaseFile {
    path: PathBuf,
}

/// Where a backup goes.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct BackupRequest {
    /// The file to make.
    pub target: PathBuf,
    /// Whether a file that is there already goes.
    pub replace: bool,
    /// Now, for the manifest.
    pub at: Option<Timestamp>,
}

impl BackupRequest {
    /// To a place where nothing is yet.
    pub fn to(target: impl AsRef<Path>) -> Self {
        Self { target: target.as_ref().to_owned(), replace: false, at: None }
    }
}

/// Which schema a database has, and which this version of the program makes of it.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct SchemaVersions {
    /// The newest migration in the file; `None` when it holds nothing yet.
    pub found: Option<String>,
    /// The newest migration that this version knows.
    pub known: String,
    /// What [`DatabaseFile::migrate`] would apply, in order.
    pub pending: Vec<String>,
}

impl DatabaseFile {
    /// Names a database.
    ///
    /// # Errors
    ///
    /// When the file is not there.
    pub fn new(path: impl AsRef<Path>) -> Result<Self, StoreError> {
        let path = connection::full_path(path.as_ref())?;
        if !path.exists() {
            return Err(StoreError::Missing { path });
        }
        Ok(Self { path })
    }

    /// Where it is, in full.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// Which schema it has.
    ///
    /// # Errors
    ///
    /// When it is no database of ours, was written by a newer version, or cannot be read.
    pub fn schema(&self) -> Result<SchemaVersions, StoreError> {
        schema_of(&mut connection::look(&self.path)?, &self.path)
    }

    /// Brings its schema up to date. A database of an older version is backed up first, into a file beside it
    /// that is named by the old schema, and the backup is verified. Says what it found.
    ///
    /// # Errors
    ///
    /// [`StoreError::NotBackedUp`] when the backup cannot be made: then nothing was migrated. Otherwise as
    /// [`Store::open`].
    pub fn migrate(&self) -> Result<SchemaVersions, StoreError> {
        let before = self.schema()?;
        if !before.pending.is_empty() {
            Store::open(StoreConfig::new(&self.path))?.close()?;
        }
        Ok(before)
    }

    /// Where [`migrate`](Self::migrate) would put the backup.
    ///
    /// # Errors
    ///
    /// As [`schema`](Self::schema).
    pub fn migration_backup(&self) -> Result<Option<PathBuf>, StoreError> {
        let schema = self.schema()?;
        let older = schema.found.filter(|_| !schema.pending.is_empty());
        Ok(older.map(|found| connection::backup_of_schema(&self.path, &found)))
    }

    /// Copies it into a new file, also while others write, and verifies the copy: SQLite's own checks, and the
    /// rows of every table counted and hashed in the copy and in the source at the same moment. The result is
    /// one file with a [`BackupManifest`](crate::BackupManifest) beside it. Calls `progress` after each MiB.
    ///
    /// # Errors
    ///
    /// [`StoreError::AlreadyThere`] unless it may be replaced; [`StoreError::DiskFull`]; when the source is
    /// damaged. Nothing is left behind then, and what was to be replaced is as it was.
    pub fn back_up(
        &self,
        request: &BackupRequest,
        mut progress: impl FnMut(BackupProgress),
    ) -> Result<Backup, StoreError> {
        connection::look(&self.path)?;
        let target = connection::full_path(&request.target)?;
        if is_same_file(&target, &self.path) {
            return Err(StoreError::AlreadyThere { path: target });
        }
        backup::copy(&self.path, &target, request.replace, request.at, &mut progress)
    }
}

fn schema_of(connection: &mut SqliteConnection, path: &Path) -> Result<SchemaVersions, StoreError> {
    let state =
        connection::schema(connection).map_err(|error| StoreError::from_sqlite(path, &error.to_string()))?;
    if let Some(found) = state.newer {
        return Err(StoreError::NewerSchema { path: path.to_owned(), found, known: state.known });
    }
    Ok(SchemaVersions { found: state.found, known: state.known, pending: state.pending })
}

/// Whether both names lead to one file.
fn is_same_file(one: &Path, other: &Path) -> bool {
    one == other || matches!((one.canonicalize(), other.canonicalize()), (Ok(one), Ok(other)) if one == other)
}
