//! A backup in the place of the database.

use std::{
    ffi::OsString,
    fs, io,
    path::{Path, PathBuf},
};

use diesel::{SqliteConnection, connection::SimpleConnection as _};
use pss_protocol::Timestamp;

use super::{BackupRequest, DatabaseFile, Verification, is_same_file};
use crate::{
    StoreError,
    backup::BackupProgress,
    connection,
    unfinished::{Unfinished, cannot_make, sync_folder_of},
};

/// What a restore did.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct Restored {
    /// The database.
    pub path: PathBuf,
    /// Where the one lies that was there before; `None` when none was.
    pub kept: Option<PathBuf>,
    /// What the backup was found to hold.
    pub backup: Verification,
}

impl DatabaseFile {
    /// Puts a copy of this file in the place of the database at `target`. This file is verified first, against
    /// its manifest as well where one lies beside it; so is the copy. The database that is there is kept under
    /// another name, which `now` is a part of. The change is one rename: at no moment is no database there.
    ///
    /// A backup of an older version stays what it is; opening it migrates it. Sessions that begin after a
    /// restore never take the epoch of one that the restore took away, because the epoch is the time.
    ///
    /// # Errors
    ///
    /// [`StoreError::Damaged`] when this file is not whole; [`StoreError::InUse`] when somebody has the database
    /// open; [`StoreError::DiskFull`]. The database is as it was then.
    pub fn restore_to(
        &self,
        target: &Path,
        now: Timestamp,
        progress: impl FnMut(BackupProgress),
    ) -> Result<Restored, StoreError> {
        let target = connection::full_path(target)?;
        if is_same_file(&target, &self.path) {
            return Err(StoreError::CannotMake {
                path: target,
                reason: String::from("it would be restored from itself"),
            });
        }
        let backup = self.verify()?;
        let problems = backup.damage.iter().chain(backup.manifest.iter().flatten());
        if let Some(problem) = problems.into_iter().next() {
            return Err(StoreError::Damaged { path: self.path.clone(), reason: problem.clone() });
        }
        // Whoever has it open is to end now, not after a long copy.
        drop(Alone::with(&target)?);

        let unfinished = Unfinished::of(&target, true)?;
        let copy = unfinished.beside("copy");
        self.back_up(&BackupRequest::to(&copy), progress)?;
        let failed = |error: &io::Error| cannot_make(&target, error);
        fs::rename(&copy, unfinished.path()).map_err(|error| failed(&error))?;
        if let Ok(present) = fs::metadata(&target) {
            fs::set_permissions(unfinished.path(), present.permissions()).map_err(|error| failed(&error))?;
        }

        let alone = Alone::with(&target)?;
        let kept = keep(&target, now).map_err(|error| failed(&error))?;
        let placed = unfinished.finish(true);
        drop(alone);
        if let (Err(_), Some(kept)) = (&placed, &kept) {
            let _ = fs::remove_file(kept);
        }
        Ok(Restored { path: placed?, kept, backup })
    }
}

/// Gives the present database another name beside its own. What it has in a write-ahead log, when it is too
/// damaged for SQLite to put it in its place, goes along: it must not meet another database.
fn keep(target: &Path, now: Timestamp) -> io::Result<Option<PathBuf>> {
    if !target.exists() {
        return Ok(None);
    }
    let stem = target.file_stem().unwrap_or_default().to_string_lossy();
    let stamp = file_stamp(now);
    let name = |more: &str| target.with_file_name(format!("{stem}.before-restore-{stamp}{more}.db"));
    let free = |path: &PathBuf| !path.exists();
    let kept = Some(name(""))
        .filter(free)
        .or_else(|| (2..).map(|number| name(&format!("-{number}"))).find(free))
        .expect("there are more numbers than files");
    // A second name, so that the first leads to a database at every moment; a file system without second names
    // gets a copy.
    if fs::hard_link(target, &kept).is_err() {
        fs::copy(target, &kept)?;
    }
    for log in ["-wal", "-shm", "-journal"] {
        let (from, to) = (with_ending(target, log), with_ending(&kept, log));
        match fs::rename(from, to) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(error),
            _ => {}
        }
    }
    sync_folder_of(target)?;
    Ok(Some(kept))
}

/// A time as a part of a file's name: `20261122T175800Z`.
pub(crate) fn file_stamp(time: Timestamp) -> String {
    let text = time.to_string();
    let seconds = text.split('.').next().unwrap_or(&text);
    let mut stamp: String = seconds.chars().filter(char::is_ascii_alphanumeric).collect();
    stamp.push('Z');
    stamp
}

fn with_ending(path: &Path, ending: &str) -> PathBuf {
    let mut name = OsString::from(path);
    name.push(ending);
    PathBuf::from(name)
}

/// Proof that nobody else has a database open. Its write-ahead log is in its place while this lives.
struct Alone {
    /// `None` when there is no database, or one that is too damaged to be locked.
    _lock: Option<SqliteConnection>,
}

impl Alone {
    fn with(path: &Path) -> Result<Self, StoreError> {
        if !path.exists() {
            return Ok(Self { _lock: None });
        }
        let lock = || {
            let mut connection = connection::look(path)?;
            // Leaving the write-ahead log takes the whole database, which each open connection holds a part of.
            connection
                .batch_execute(
                    "PRAGMA query_only = OFF; PRAGMA busy_timeout = 250; PRAGMA journal_mode = DELETE; BEGIN EXCLUSIVE",
                )
                .map_err(|error| StoreError::from_sqlite(path, &error.to_string()))?;
            Ok(connection)
        };
        match lock() {
            Ok(connection) => Ok(Self { _lock: Some(connection) }),
            Err(StoreError::Locked { path }) => Err(StoreError::InUse { path }),
            Err(StoreError::Damaged { .. } | StoreError::NotADatabase { .. }) => Ok(Self { _lock: None }),
            Err(error) => Err(error),
        }
    }
}
