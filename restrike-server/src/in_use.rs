//! Which journals somebody writes or completes at this moment, over all processes with one data directory.

use std::{
    fs::{self, File, OpenOptions, TryLockError},
    io,
    path::{Path, PathBuf},
};

/// Proof that nobody else uses a journal, for as long as this lives. The lock goes with its process, however that
/// ends.
///
/// It is a file of its own, not the journal: what is locked cannot be read on Windows.
#[derive(Debug)]
pub(crate) struct InUse {
    path: PathBuf,
    _lock: File,
}

impl InUse {
    /// Takes `DATA_DIR/journal/NAME`, by `DATA_DIR/running/NAME.lock`; `None` while somebody else has it. A file
    /// system without locks refuses nobody.
    pub(crate) fn take(journal: &Path) -> io::Result<Option<Self>> {
        let folder = journal.parent().unwrap_or(journal).with_file_name("running");
        fs::create_dir_all(&folder)?;
        let path = folder.join(journal.file_name().unwrap_or_default()).with_added_extension("lock");
        let lock = OpenOptions::new().create(true).truncate(false).write(true).open(&path)?;
        match lock.try_lock() {
            Err(TryLockError::WouldBlock) => return Ok(None),
            Err(TryLockError::Error(error)) if error.kind() != io::ErrorKind::Unsupported => {
                return Err(error);
            }
            _ => {}
        }
        Ok(Some(Self { path, _lock: lock }))
    }
}

impl Drop for InUse {
    fn drop(&mut self) {
        // What stays behind is only a name: nobody holds its lock.
        let _ = fs::remove_file(&self.path);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_at_a_time() {
        let dir = tempfile::tempdir().unwrap();
        let take = |journal| InUse::take(&dir.path().join("journal").join(journal)).unwrap();
        let first = take("1-now.journal").unwrap();
        assert!(take("1-now.journal").is_none());
        assert!(take("2-now.journal").is_some());
        drop(first);
        assert!(take("1-now.journal").is_some());
    }
}
