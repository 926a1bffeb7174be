//! What the verbs over a database have in common: which one, and who changes it.

use std::{
    io::{self, Write as _},
    path::{Path, PathBuf},
};

use anyhow::{Context as _, bail};
use pss_store::{Change, DatabaseFile, Store, StoreConfig, StoreError, StoredTournament, TournamentId};

use crate::{clock, output};

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
        open(&self.path)
    }

    /// The file, not opened and not migrated.
    pub(crate) fn file(&self) -> anyhow::Result<DatabaseFile> {
        Ok(DatabaseFile::new(&self.path)?)
    }

    /// Where it is.
    pub(crate) fn path(&self) -> &Path {
        &self.path
    }
}

/// Opens a database that is there.
pub(crate) fn open(path: &Path) -> anyhow::Result<Store> {
    if !path.exists() {
        bail!("{} does not exist; `restrike replay` and the server make databases", path.display());
    }
    Ok(Store::open(store_config(path))?)
}

/// A tournament by its number, or else by its name.
pub(crate) fn tournament(store: &Store, name: &str) -> anyhow::Result<StoredTournament> {
    if let Ok(id) = name.parse()
        && let Some(found) = store.tournament(TournamentId(id))?
    {
        return Ok(found);
    }
    let found = store.tournaments()?.into_iter().find(|known| known.info.name == name);
    Ok(found.ok_or_else(|| StoreError::NotFound { what: "tournament", name: name.to_owned() })?)
}

/// How this program opens a store.
pub(crate) fn store_config(path: &Path) -> StoreConfig {
    let mut config = StoreConfig::new(path);
    config.clock = Some(clock::wall);
    config
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

/// How data are written by the verbs over a database.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, clap::ValueEnum)]
pub(crate) enum Format {
    /// For people.
    #[default]
    Text,
    /// One JSON value.
    Json,
}

/// Writes one JSON value to the standard output.
pub(crate) fn print_json(value: &impl serde::Serialize) -> anyhow::Result<()> {
    let mut out = output::stdout();
    let written = serde_json::to_writer_pretty(&mut out, value).map_err(io::Error::from);
    written.and_then(|()| writeln!(out)).and_then(|()| out.flush()).context(output::CANNOT_WRITE)
}
