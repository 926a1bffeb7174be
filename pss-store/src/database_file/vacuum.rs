//! Giving free pages back to the disk.

use std::path::{Path, PathBuf};

use diesel::{connection::SimpleConnection as _, prelude::*};

use super::{DatabaseFile, status::INCREMENTAL};
use crate::{StoreError, connection};

/// What a vacuum gave back.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Vacuumed {
    /// The bytes of all pages before.
    pub bytes_before: u64,
    /// And after.
    pub bytes_after: u64,
}

impl DatabaseFile {
    /// Writes the database anew, without free pages and in order. Others read meanwhile, but writing waits, so
    /// this is nothing for a running match; [`vacuum_incrementally`](Self::vacuum_incrementally) is, and works
    /// from the first full one on.
    ///
    /// # Errors
    ///
    /// [`StoreError::DiskFull`] when the disk has no room for a second copy, before anything is written;
    /// otherwise when the database is locked or cannot be written.
    pub fn vacuum(&self) -> Result<Vacuumed, StoreError> {
        self.demand_room()?;
        self.changing_size(|connection| {
            // Which pages are free is remembered one by one from now on.
            connection.batch_execute("PRAGMA auto_vacuum = INCREMENTAL; VACUUM")
        })
    }

    /// Gives free pages back in steps so small that a writer goes on between them.
    ///
    /// # Errors
    ///
    /// When the database was never vacuumed in full, so that it does not know its free pages one by one;
    /// otherwise when it cannot be written.
    pub fn vacuum_incrementally(&self) -> Result<Vacuumed, StoreError> {
        let able = number(&mut connection::look(&self.path)?, &self.path, "auto_vacuum")? == INCREMENTAL;
        if !able {
            return Err(StoreError::Query {
                doing: "vacuum in steps",
                reason: String::from("this database needs a full vacuum first, once"),
            });
        }
        self.changing_size(|connection| {
            let free = "SELECT freelist_count AS value FROM pragma_freelist_count";
            loop {
                let before = diesel::sql_query(free).get_result::<connection::Number>(connection)?.value;
                if before == 0 {
                    return Ok(());
                }
                connection.batch_execute("PRAGMA incremental_vacuum(256)")?;
                let after = diesel::sql_query(free).get_result::<connection::Number>(connection)?.value;
                if after >= before {
                    return Ok(());
                }
            }
        })
    }

    fn changing_size(
        &self,
        work: impl FnOnce(&mut SqliteConnection) -> QueryResult<()>,
    ) -> Result<Vacuumed, StoreError> {
        let failed =
            |error: diesel::result::Error| StoreError::from_query(&self.path, "vacuum", &error.to_string());
        let mut connection = connection::work(&self.path)?;
        let bytes_before = self.bytes(&mut connection)?;
        work(&mut connection).map_err(failed)?;
        // The pages are gone from the file when the write-ahead log is in it.
        connection.batch_execute("PRAGMA wal_checkpoint(TRUNCATE)").map_err(failed)?;
        let bytes_after = self.bytes(&mut connection)?;
        Ok(Vacuumed { bytes_before, bytes_after })
    }

    fn bytes(&self, connection: &mut SqliteConnection) -> Result<u64, StoreError> {
        Ok(number(connection, &self.path, "page_count")? * number(connection, &self.path, "page_size")?)
    }

    /// SQLite writes the new database to a temporary file first and then to the write-ahead log.
    fn demand_room(&self) -> Result<(), StoreError> {
        let connection = &mut connection::look(&self.path)?;
        let free = number(connection, &self.path, "freelist_count")?;
        let page = number(connection, &self.path, "page_size")?;
        let needed = self.bytes(connection)?.saturating_sub(free * page);
        let folder = self.path.parent().unwrap_or_else(|| Path::new("/"));
        for place in [folder, &temporary_folder()] {
            if room(place).is_some_and(|room| room < needed) {
                return Err(StoreError::DiskFull { path: place.to_owned() });
            }
        }
        Ok(())
    }
}

fn number(connection: &mut SqliteConnection, path: &Path, pragma: &str) -> Result<u64, StoreError> {
    diesel::sql_query(format!("SELECT {pragma} AS value FROM pragma_{pragma}"))
        .get_result::<connection::Number>(connection)
        .map(|number| number.value.unsigned_abs())
        .map_err(|error| StoreError::from_sqlite(path, &error.to_string()))
}

/// Where SQLite puts what it needs for a while.
fn temporary_folder() -> PathBuf {
    let asked = ["SQLITE_TMPDIR", "TMPDIR"].into_iter().find_map(std::env::var_os).map(PathBuf::from);
    asked.filter(|folder| folder.is_dir()).unwrap_or_else(|| {
        let usual = PathBuf::from("/var/tmp");
        if usual.is_dir() { usual } else { std::env::temp_dir() }
    })
}

/// How many bytes a disk still takes; `None` where the system does not tell.
pub(crate) fn room(folder: &Path) -> Option<u64> {
    #[cfg(unix)]
    return rustix::fs::statvfs(folder).ok().map(|disk| disk.f_bavail.saturating_mul(disk.f_frsize));
    #[cfg(not(unix))]
    {
        let _ = folder;
        None
    }
}
