//! What a backup held when it was made, in a file beside it.

use std::{
    fs, io,
    path::{Path, PathBuf},
};

use pss_protocol::Timestamp;
use serde::{Deserialize, Serialize};

use super::TableHash;
use crate::{StoreError, unfinished};

/// Says what is in a backup, so that it can be verified years later without its source.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct BackupManifest {
    /// Of this file: 1.
    pub format: u32,
    /// The database's newest migration.
    pub schema: String,
    /// The version of the program that made the backup.
    pub program: String,
    /// When, in µs since 1970 UTC; `None` where nobody said.
    pub made_at: Option<i64>,
    /// Each table's rows, counted and hashed.
    pub tables: Vec<TableHash>,
}

impl BackupManifest {
    pub(crate) fn new(schema: String, at: Option<Timestamp>, tables: Vec<TableHash>) -> Self {
        let program = String::from(env!("CARGO_PKG_VERSION"));
        Self { format: FORMAT, schema, program, made_at: at.map(|at| at.0), tables }
    }

    pub(crate) fn write_beside(&self, database: &Path) -> Result<(), StoreError> {
        let mut text =
            serde_json::to_string_pretty(self).expect("a manifest holds nothing that JSON cannot say");
        text.push('\n');
        unfinished::replace_with(&manifest_path(database), text.as_bytes())
    }

    /// The manifest beside a database; `None` where there is none.
    pub(crate) fn beside(database: &Path) -> Result<Option<Self>, StoreError> {
        let path = manifest_path(database);
        let text = match fs::read_to_string(&path) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
            other => other.map_err(|error| bad(&path, &error.to_string()))?,
        };
        let manifest: Self = serde_json::from_str(&text).map_err(|error| bad(&path, &error.to_string()))?;
        if manifest.format != FORMAT {
            return Err(bad(
                &path,
                &format!("its format is {}, this version knows {FORMAT}", manifest.format),
            ));
        }
        Ok(Some(manifest))
    }

    /// What differs from it, in words; nothing when the tables are as they were.
    pub(crate) fn differences(&self, tables: &[TableHash]) -> Vec<String> {
        let found = |name: &str| tables.iter().find(|table| table.name == name);
        let mut differences: Vec<String> = self
            .tables
            .iter()
            .filter_map(|was| match found(&was.name) {
                None => Some(format!("the table {} is missing", was.name)),
                Some(is) if is.rows != was.rows => {
                    Some(format!("{} has {} rows and had {}", was.name, is.rows, was.rows))
                }
                Some(is) if is != was => Some(format!("rows of {} are not what they were", was.name)),
                Some(_) => None,
            })
            .collect();
        let added = tables.iter().filter(|table| self.tables.iter().all(|was| was.name != table.name));
        differences.extend(added.map(|table| format!("the table {} was not there", table.name)));
        differences
    }
}

/// Where the manifest of a backup lies: its name with `.json` behind it.
pub fn manifest_path(database: &Path) -> PathBuf {
    let mut name = database.as_os_str().to_owned();
    name.push(".json");
    PathBuf::from(name)
}

fn bad(path: &Path, reason: &str) -> StoreError {
    StoreError::CannotOpen { path: path.to_owned(), reason: reason.to_owned() }
}

const FORMAT: u32 = 1;
