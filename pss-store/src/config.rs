//! How a store is opened.

use std::{
    path::{Path, PathBuf},
    time::Duration,
};

use pss_protocol::Timestamp;

/// Where the database is and how patient the store is.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct StoreConfig {
    /// The database file; created where there is none, in a folder that must exist.
    pub path: PathBuf,
    /// How many connections read at the same time.
    pub readers: u32,
    /// How many datagrams, with all that was made of them, wait in memory for the writer.
    pub queue_datagrams: usize,
    /// How long somebody who *waits* (for room in the queue, for [`flush`](crate::Store::flush), for
    /// [`close`](crate::Store::close)) bears a writer that fails again and again. The live path never waits.
    pub patience: Duration,
    /// After this time what was kept in memory is read again, whether anybody has said that it changed or not.
    pub cache_ttl: Duration,
    /// The wall clock of the program, which the library does not read: for when a query was slow. Without one that
    /// is not known.
    pub clock: Option<fn() -> Timestamp>,
}

impl StoreConfig {
    /// The defaults: 4 readers, 65,536 datagrams, 30 s, one minute.
    pub fn new(path: impl AsRef<Path>) -> Self {
        Self {
            path: path.as_ref().to_owned(),
            readers: 4,
            queue_datagrams: 65_536,
            patience: Duration::from_secs(30),
            cache_ttl: Duration::from_secs(60),
            clock: None,
        }
    }
}
