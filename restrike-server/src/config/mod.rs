//! What the server is told before it binds anything.

use std::{
    collections::HashSet,
    net::{Ipv4Addr, SocketAddr},
    path::PathBuf,
};

pub use ring::{RingConfig, SenderConfig};

mod load;
mod ring;
#[cfg(test)]
mod tests;

/// Where pages, API and feed are served unless somebody says otherwise.
const HTTP: SocketAddr = SocketAddr::new(std::net::IpAddr::V4(Ipv4Addr::LOCALHOST), 8088);

/// More sockets than that on one machine is a mistake, not a tournament.
const MOST_RINGS: usize = 64;

/// Everything that the server is told, checked.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Config {
    /// Where pages, API and feed are served; a loopback address, because there is no password yet.
    pub http: SocketAddr,
    /// The rings, at least one, each with a name and a socket of its own.
    pub rings: Vec<RingConfig>,
    /// The SQLite file.
    pub database: PathBuf,
    /// Holds the journal, and the database unless it was placed elsewhere.
    pub data_dir: PathBuf,
    /// Serves the files of this directory instead of the built-in page.
    pub assets_dir: Option<PathBuf>,
}

impl Config {
    /// A ring on 0.0.0.0:6000 and everything else as it is by default, kept in `data_dir`.
    pub fn new(data_dir: impl Into<PathBuf>) -> Self {
        let data_dir = data_dir.into();
        Self {
            http: HTTP,
            rings: vec![RingConfig::default()],
            database: data_dir.join("restrike.db"),
            data_dir,
            assets_dir: None,
        }
    }

    /// Checks what the types cannot.
    ///
    /// # Errors
    ///
    /// The first setting that cannot be served, and what to do about it.
    pub fn validate(&self) -> Result<(), ConfigError> {
        if !self.http.ip().is_loopback() {
            return Err(ConfigError::NotLoopback(self.http));
        }
        if self.rings.is_empty() {
            return Err(ConfigError::NoRing);
        }
        if self.rings.len() > MOST_RINGS {
            return Err(ConfigError::TooManyRings(self.rings.len()));
        }
        let mut names = HashSet::new();
        let mut sockets = HashSet::new();
        for ring in &self.rings {
            if !names.insert(&ring.name) {
                return Err(ConfigError::SameName(ring.name.clone()));
            }
            if ring.listen.port() != 0 && !sockets.insert(ring.listen) {
                return Err(ConfigError::SameSocket(ring.listen));
            }
        }
        Ok(())
    }
}

/// A setting that cannot be used: exit status 2.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ConfigError {
    /// The file, a variable or a flag cannot be read, or names a setting that does not exist.
    #[error("cannot read the settings: {0}")]
    Read(String),
    /// A value is not what its setting takes.
    #[error("{setting}: {value:?} is not {expected}")]
    Value {
        /// The flag, or the section and key.
        setting: &'static str,
        /// As given.
        value: String,
        /// What it should be.
        expected: &'static str,
    },
    /// Serving to other machines needs a password, which this version does not have.
    #[error("http.listen: {0} can be reached from other machines, which needs a password; use 127.0.0.1")]
    NotLoopback(SocketAddr),
    /// No ring at all.
    #[error("no ring is configured; give one with --ring NAME=UDPADDR or a [[ring]] section")]
    NoRing,
    /// Too many of them.
    #[error("{0} rings are more than one server takes ({MOST_RINGS})")]
    TooManyRings(usize),
    /// Two rings have one name.
    #[error("two rings are named {0:?}; names tell rings apart")]
    SameName(String),
    /// Two rings listen on one socket.
    #[error("two rings listen on {0}; each needs a port or an address of its own")]
    SameSocket(SocketAddr),
    /// PostgreSQL is not part of this build.
    #[error("database.url: only SQLite is built in; give the path of a file")]
    NotSqlite,
    /// Neither a flag nor the system says where to keep data.
    #[error("no home directory is known to keep data in; say where with --data-dir DIR")]
    NoDataDir,
}
