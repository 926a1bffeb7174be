//! Backups that are named by the time, of which the last few are kept.

use std::{
    fs, io,
    path::{Path, PathBuf},
};

use diesel::prelude::*;
use pss_protocol::Timestamp;

use super::{DatabaseFile, restore::file_stamp};
use crate::{
    StoreError,
    backup::manifest_path,
    connection,
    schema::{setting_definitions, settings},
    unfinished::cannot_make,
};

/// The backups of one database in one folder: `NAME-20261122T175800Z.db`, named by the second in UTC.
#[derive(Clone, Debug)]
pub struct OwnBackups {
    folder: PathBuf,
    stem: String,
}

impl OwnBackups {
    /// Those of this database in this folder.
    pub fn of(database: &DatabaseFile, folder: impl AsRef<Path>) -> Self {
        let stem = database.path().file_stem().unwrap_or_default().to_string_lossy().into_owned();
        Self { folder: folder.as_ref().to_owned(), stem }
    }

    /// The name of a backup of this moment.
    pub fn next(&self, now: Timestamp) -> PathBuf {
        self.folder.join(format!("{}-{}.db", self.stem, file_stamp(now)))
    }

    /// Those that are there, the oldest first.
    ///
    /// # Errors
    ///
    /// When the folder cannot be read.
    pub fn list(&self) -> Result<Vec<PathBuf>, StoreError> {
        let failed = |error: &io::Error| cannot_make(&self.folder, error);
        let mut found = Vec::new();
        for entry in fs::read_dir(&self.folder).map_err(|error| failed(&error))? {
            let entry = entry.map_err(|error| failed(&error))?;
            if entry.file_name().to_str().is_some_and(|name| self.is_own(name)) {
                found.push(entry.path());
            }
        }
        found.sort();
        Ok(found)
    }

    /// Removes all but the last `kept`, with their manifests, and says which. Files of other names stay.
    ///
    /// # Errors
    ///
    /// When the folder cannot be read, or a file in it not removed.
    pub fn remove_older_than(&self, kept: u32) -> Result<Vec<PathBuf>, StoreError> {
        let mut old = self.list()?;
        old.truncate(old.len().saturating_sub(kept.max(1) as usize));
        for path in &old {
            fs::remove_file(path).map_err(|error| cannot_make(path, &error))?;
            // A backup without a manifest is none of ours any more, but no reason to stop.
            let _ = fs::remove_file(manifest_path(path));
        }
        Ok(old)
    }

    fn is_own(&self, name: &str) -> bool {
        let stamp = name.strip_prefix(&self.stem).and_then(|rest| rest.strip_prefix('-'));
        stamp.and_then(|rest| rest.strip_suffix(".db")).is_some_and(|stamp| {
            stamp.len() == "20261122T175800Z".len()
                && stamp.char_indices().all(|(at, character)| match at {
                    8 => character == 'T',
                    15 => character == 'Z',
                    _ => character.is_ascii_digit(),
                })
        })
    }
}

impl DatabaseFile {
    /// How many backups of their own making are to be kept: the setting `store.backups_kept`. 10 in a database
    /// of a version that had no settings.
    ///
    /// # Errors
    ///
    /// When it cannot be read.
    pub fn backups_kept(&self) -> Result<u32, StoreError> {
        let connection = &mut connection::look(&self.path)?;
        let set = settings::table.find(("store", "backups_kept")).select(settings::value);
        let usual = setting_definitions::table
            .find(("store", "backups_kept"))
            .select(setting_definitions::default_value);
        let value: Option<String> = match set.first(connection).optional() {
            Ok(None) => usual.first(connection).optional().unwrap_or_default(),
            Ok(value) => value,
            // No such table yet.
            Err(_) => None,
        };
        Ok(value.and_then(|value| value.parse().ok()).unwrap_or(10))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_own_backups_are_counted_and_removed() {
        let folder = tempfile::tempdir().unwrap();
        let database = folder.path().join("restrike.db");
        fs::write(&database, "").unwrap();
        let own = OwnBackups::of(&DatabaseFile::new(&database).unwrap(), folder.path());
        let day = 86_400_000_000;
        let names: Vec<_> =
            (0..5).map(|number| own.next(Timestamp(1_763_811_191_000_000 + number * day))).collect();
        for path in &names {
            fs::write(path, "").unwrap();
            fs::write(manifest_path(path), "").unwrap();
        }
        let other = folder.path().join("restrike-of-saturday.db");
        fs::write(&other, "").unwrap();
        assert_eq!(own.remove_older_than(2).unwrap(), names[..3]);
        assert_eq!(own.list().unwrap(), names[3..]);
        assert!(other.exists() && database.exists());
        assert!(!manifest_path(&names[0]).exists() && manifest_path(&names[4]).exists());
    }
}
