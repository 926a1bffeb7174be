//! A store for tests.

use std::{ops::Deref, path::Path};

use diesel::{Connection as _, SqliteConnection, connection::SimpleConnection as _};

use crate::{Store, StoreConfig};

/// A new, migrated database in a temporary folder, which goes when the value goes. A file, not `:memory:`: that
/// would be another database for each connection.
///
/// # Panics
///
/// When the temporary folder or the database cannot be made.
#[derive(Debug)]
pub struct TestStore {
    // In this order: the store closes before its folder goes.
    store: Store,
    folder: tempfile::TempDir,
}

impl TestStore {
    /// With the default configuration.
    pub fn new() -> Self {
        Self::with(|_| {})
    }

    /// With a configuration of its own, the path excepted.
    pub fn with(change: impl FnOnce(&mut StoreConfig)) -> Self {
        let folder = tempfile::tempdir().expect("a test can make a temporary folder");
        let mut config = StoreConfig::new(folder.path().join("restrike.db"));
        change(&mut config);
        let store = Store::open(config).expect("a test can make a database");
        Self { store, folder }
    }

    /// The temporary folder.
    pub fn folder(&self) -> &Path {
        self.folder.path()
    }
}

impl Default for TestStore {
    fn default() -> Self {
        Self::new()
    }
}

impl Deref for TestStore {
    type Target = Store;

    fn deref(&self) -> &Store {
        &self.store
    }
}

/// Another program that holds a database for itself: nobody else writes until it lets go.
#[must_use = "the lock ends with the value"]
pub struct TestLock(SqliteConnection);

impl TestLock {
    /// Takes hold of the database.
    ///
    /// # Panics
    ///
    /// When that does not work within 10 s.
    pub fn of(path: &Path) -> Self {
        let path = path.to_str().expect("a test names its database in UTF-8");
        let mut connection = SqliteConnection::establish(path).expect("a test can open its database");
        connection
            .batch_execute("PRAGMA busy_timeout = 10000; BEGIN EXCLUSIVE")
            .expect("a test can lock its database");
        Self(connection)
    }

    /// Lets go of it.
    ///
    /// # Panics
    ///
    /// When that does not work.
    pub fn release(mut self) {
        self.0.batch_execute("COMMIT").expect("a test can let go of its database");
    }
}

impl std::fmt::Debug for TestLock {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("TestLock")
    }
}
