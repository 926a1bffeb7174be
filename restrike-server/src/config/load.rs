//! Flags before variables before the file before the defaults.

use std::{
    collections::HashMap,
    path::{Path, PathBuf},
};

use config::{Environment, File, FileFormat};
use serde::Deserialize;

use super::{Config, ConfigError, RingConfig};
use crate::args::Args;

/// Variables with this prefix are settings; what follows is SECTION__KEY.
const PREFIX: &str = "RESTRIKE";

/// The settings as they are written in the file.
#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
struct Written {
    data_dir: Option<PathBuf>,
    http: WrittenHttp,
    database: WrittenDatabase,
    ring: Vec<WrittenRing>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
struct WrittenHttp {
    listen: Option<String>,
    assets_dir: Option<PathBuf>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
struct WrittenDatabase {
    url: Option<String>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct WrittenRing {
    name: String,
    listen: String,
    sender: Option<String>,
}

impl Config {
    /// Puts the settings together. `environment` is that of the process; nothing is bound and nothing but the
    /// settings file is read.
    ///
    /// # Errors
    ///
    /// What cannot be read, is not known, or cannot be served.
    pub fn load(args: &Args, environment: HashMap<String, String>) -> Result<Self, ConfigError> {
        let data_home = data_home(&environment);
        let written = read(args.config.as_deref(), environment)?;

        let data_dir =
            args.data_dir.clone().or(written.data_dir).or(data_home).ok_or(ConfigError::NoDataDir)?;
        let mut config = Self::new(data_dir);
        if let Some(listen) = &written.http.listen {
            config.http = listen.parse().map_err(|_| ConfigError::Value {
                setting: "http.listen",
                value: listen.clone(),
                expected: "an address and port like 127.0.0.1:8088",
            })?;
        }
        if let Some(http) = args.http {
            config.http = http;
        }
        config.assets_dir = args.assets_dir.clone().or(written.http.assets_dir);
        if let Some(url) = args.database.as_ref().or(written.database.url.as_ref()) {
            config.database = database_path(url)?;
        }
        if !args.ring.is_empty() {
            config.rings = args.ring.iter().map(|ring| ring.parse()).collect::<Result<_, _>>()?;
        } else if !written.ring.is_empty() {
            let ring =
                |ring: &WrittenRing| RingConfig::from_parts(&ring.name, &ring.listen, ring.sender.as_deref());
            config.rings = written.ring.iter().map(ring).collect::<Result<_, _>>()?;
        }
        config.validate()?;
        Ok(config)
    }
}

fn read(file: Option<&Path>, environment: HashMap<String, String>) -> Result<Written, ConfigError> {
    // The file was read by itself and is sound, so what is wrong now comes from a variable.
    let unreadable =
        |error: config::ConfigError| ConfigError::Read(format!("a {PREFIX}__ variable: {error}"));
    let mut sources = config::Config::builder();
    if let Some(file) = file {
        let text = std::fs::read_to_string(file)
            .map_err(|error| ConfigError::Read(format!("{}: {error}", file.display())))?;
        // Read alone first, so that a mistake in the file is not put down to a variable.
        let alone = config::Config::builder().add_source(File::from_str(&text, FileFormat::Toml));
        alone
            .build()
            .and_then(|alone| alone.try_deserialize::<Written>())
            .map_err(|error| ConfigError::Read(format!("{}: {error}", file.display())))?;
        sources = sources.add_source(File::from_str(&text, FileFormat::Toml));
    }
    let variables =
        Environment::with_prefix(PREFIX).prefix_separator("__").separator("__").source(Some(environment));
    sources.add_source(variables).build().and_then(|all| all.try_deserialize()).map_err(unreadable)
}

/// A path, or `sqlite:` before one.
fn database_path(url: &str) -> Result<PathBuf, ConfigError> {
    let path = url.strip_prefix("sqlite://").or_else(|| url.strip_prefix("sqlite:")).unwrap_or(url);
    if path.contains("://") {
        return Err(ConfigError::NotSqlite);
    }
    Ok(PathBuf::from(path))
}

/// Where programs of this user keep their data.
fn data_home(environment: &HashMap<String, String>) -> Option<PathBuf> {
    let variable = |name: &str| environment.get(name).filter(|value| !value.is_empty()).map(PathBuf::from);
    if cfg!(windows) {
        return variable("LOCALAPPDATA").map(|base| base.join("reStrike"));
    }
    let base = variable("XDG_DATA_HOME").or_else(|| variable("HOME").map(|home| home.join(".local/share")));
    base.map(|base| base.join("restrike"))
}
