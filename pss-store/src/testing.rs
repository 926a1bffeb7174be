//! A store for tests.

use std::ops::Deref;

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
    pub fn folder(&self) -> &std::path::Path {
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
