//! Files that come into being whole or not at all.

use std::{
    fs::{self, File},
    io,
    path::{Path, PathBuf},
};

use tempfile::{TempDir, TempPath};

use crate::StoreError;

/// A file that is being made. It lies in a folder of its own beside its place, so that whatever SQLite puts
/// next to it goes with it when the making fails, and taking its place is a rename.
#[derive(Debug)]
pub(crate) struct Unfinished {
    folder: TempDir,
    target: PathBuf,
}

impl Unfinished {
    /// Begins a file for this place. Whether something is there already is asked at the end as well, but the
    /// one who waits for a long copy wants to know it now.
    pub(crate) fn of(target: &Path, replace: bool) -> Result<Self, StoreError> {
        let target = std::path::absolute(target).map_err(|error| cannot_make(target, &error))?;
        if !replace && target.exists() {
            return Err(StoreError::AlreadyThere { path: target });
        }
        let parent = target.parent().unwrap_or_else(|| Path::new("/"));
        let folder = tempfile::Builder::new()
            .prefix(".restrike-unfinished-")
            .tempdir_in(parent)
            .map_err(|error| cannot_make(&target, &error))?;
        Ok(Self { folder, target })
    }

    /// Where to write until it is finished.
    pub(crate) fn path(&self) -> PathBuf {
        self.beside("file")
    }

    /// Another file, which goes with the folder.
    pub(crate) fn beside(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    /// Where it is going to be.
    pub(crate) fn target(&self) -> &Path {
        &self.target
    }

    /// Puts the file in its place when all of it is on the disk.
    pub(crate) fn finish(self, replace: bool) -> Result<PathBuf, StoreError> {
        let failed = |error: &io::Error| cannot_make(&self.target, error);
        let path = self.path();
        // For writing: Windows flushes nothing that was opened for reading only.
        let file = File::options().write(true).open(&path).map_err(|error| failed(&error))?;
        file.sync_all().map_err(|error| failed(&error))?;
        drop(file);
        let path = TempPath::try_from_path(path).map_err(|error| failed(&error))?;
        let placed = if replace { path.persist(&self.target) } else { path.persist_noclobber(&self.target) };
        placed.map_err(|error| match error.error.kind() {
            io::ErrorKind::AlreadyExists => StoreError::AlreadyThere { path: self.target.clone() },
            _ => failed(&error.error),
        })?;
        sync_folder_of(&self.target).map_err(|error| failed(&error))?;
        Ok(self.target)
    }
}

/// Puts a small text in its place, whole or not at all; what was there goes.
pub(crate) fn replace_with(target: &Path, content: &[u8]) -> Result<(), StoreError> {
    let file = Unfinished::of(target, true)?;
    fs::write(file.path(), content).map_err(|error| cannot_make(target, &error))?;
    file.finish(true).map(drop)
}

/// Makes the names in a folder survive a power cut. Windows has nothing of the kind and needs nothing.
pub(crate) fn sync_folder_of(path: &Path) -> io::Result<()> {
    #[cfg(unix)]
    if let Some(folder) = path.parent() {
        File::open(folder)?.sync_all()?;
    }
    #[cfg(not(unix))]
    let _ = path;
    Ok(())
}

/// Why a file cannot be made.
pub(crate) fn cannot_make(path: &Path, error: &io::Error) -> StoreError {
    let path = path.to_owned();
    match error.kind() {
        io::ErrorKind::StorageFull | io::ErrorKind::QuotaExceeded => StoreError::DiskFull { path },
        io::ErrorKind::NotFound => {
            let folder = path.parent().unwrap_or_else(|| Path::new("/")).display().to_string();
            StoreError::CannotMake {
                path,
                reason: format!("the folder {folder} does not exist; create it first"),
            }
        }
        _ => StoreError::CannotMake { path, reason: error.to_string() },
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_not_finished_leaves_nothing() {
        let folder = tempfile::tempdir().unwrap();
        let target = folder.path().join("a.txt");
        let file = Unfinished::of(&target, false).unwrap();
        fs::write(file.path(), "half").unwrap();
        fs::write(file.beside("file-journal"), "of SQLite").unwrap();
        drop(file);
        assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 0);
    }

    #[test]
    fn nothing_is_overwritten_unless_asked_for() {
        let folder = tempfile::tempdir().unwrap();
        let target = folder.path().join("a.txt");
        let late = Unfinished::of(&target, false).unwrap();
        fs::write(late.path(), "late").unwrap();
        replace_with(&target, b"first").unwrap();
        assert!(matches!(Unfinished::of(&target, false), Err(StoreError::AlreadyThere { .. })));
        assert!(matches!(late.finish(false), Err(StoreError::AlreadyThere { .. })));
        assert_eq!(fs::read(&target).unwrap(), b"first");
        replace_with(&target, b"second").unwrap();
        assert_eq!(fs::read(&target).unwrap(), b"second");
        assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 1);
    }
}
