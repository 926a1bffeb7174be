//! What the verbs over a database have in common: which one, and who changes it.

use std::path::PathBuf;

use anyhow::bail;
use pss_store::{Change, Store, StoreConfig};

use crate::clock;

/// Which database.
#[derive(Debug, clap::Args)]
pub(crate) struct DatabaseArgs {
    /// The database; `DATA_DIR/restrike.db` of a server. It may be in use.
    #[arg(long = "db", value_name = "PATH", env = "RESTRIKE_DB")]
    path: PathBuf,
}

impl DatabaseArgs {
    /// Opens it. A database that is not there is a mistake in its path, so none is made.
    pub(crate) fn open(&self) -> anyhow::Result<Store> {
        if !self.path.exists() {
            bail!("{} does not exist; `restrike replay` and the server make databases", self.path.display());
        }
        Ok(Store::open(StoreConfig::new(&self.path))?)
    }

    /// Where it is.
    pub(crate) fn path(&self) -> &std::path::Path {
        &self.path
    }
}

/// Who changes something, and why.
#[derive(Debug, clap::Args)]
pub(crate) struct ChangeArgs {
    /// Who makes the change, for the history.
    #[arg(long, value_name = "NAME", env = "USER", default_value = "restrike")]
    by: String,
    /// Why, for the history.
    #[arg(long, value_name = "TEXT", default_value = "")]
    reason: String,
}

impl ChangeArgs {
    pub(crate) fn change(&self) -> Change<'_> {
        Change { by: &self.by, at: clock::wall(), reason: &self.reason }
    }
}
