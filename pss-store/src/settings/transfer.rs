//! All settings as one file, out and in.

use std::collections::BTreeMap;

use serde_json::{Value, json};

use super::{Setting, SettingChange, SettingKind, all, put, unknown, wanted};
use crate::{Change, Store, StoreError, change::OwnedChange};

/// What an import changes of one setting.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct SettingDifference {
    /// The setting's category.
    pub category: String,
    /// Its name there.
    pub key: String,
    /// What it is.
    pub old: String,
    /// What the file has.
    pub new: String,
}

const FORMAT: &str = "restrike-settings";
const VERSION: u64 = 1;

impl Store {
    /// Every setting with its value, as JSON: `{"format":"restrike-settings","version":1,"settings":{…}}` with an
    /// object for each category.
    ///
    /// # Errors
    ///
    /// When the database cannot be read.
    pub fn export_settings(&self) -> Result<String, StoreError> {
        let mut categories: BTreeMap<String, BTreeMap<String, Value>> = BTreeMap::new();
        for setting in self.settings()? {
            let value = typed(&setting);
            categories.entry(setting.category).or_default().insert(setting.key, value);
        }
        let file = json!({ "format": FORMAT, "version": VERSION, "settings": categories });
        Ok(format!("{file:#}\n"))
    }

    /// What [`import_settings`](Self::import_settings) would change.
    ///
    /// # Errors
    ///
    /// The same as the import's.
    pub fn compare_settings(&self, file: &str) -> Result<Vec<SettingDifference>, StoreError> {
        let known = self.settings()?;
        let mut differences = Vec::new();
        for (setting, new) in read(file, &known)? {
            let new = new.unwrap_or_else(|| setting.default.clone());
            if new != setting.value() {
                differences.push(SettingDifference {
                    category: setting.category.clone(),
                    key: setting.key.clone(),
                    old: setting.value().to_owned(),
                    new,
                });
            }
        }
        Ok(differences)
    }

    /// Sets what a file of [`export_settings`](Self::export_settings) names, all of it or nothing. Settings that
    /// it does not name stay as they are.
    ///
    /// # Errors
    ///
    /// [`StoreError::Refused`] when it is no such file or of a newer version, or a value is not allowed,
    /// [`StoreError::NotFound`] when it names a setting that does not exist; otherwise when the database cannot be
    /// written.
    pub fn import_settings(&self, file: &str, change: &Change<'_>) -> Result<Vec<SettingChange>, StoreError> {
        let (file, change) = (file.to_owned(), OwnedChange::from(change));
        self.change("import settings", move |connection| {
            let known = all(connection)?;
            let mut changes = Vec::new();
            for (setting, new) in read(&file, &known)? {
                changes.extend(put(connection, setting, new, &change)?);
            }
            Ok(changes)
        })
    }
}

/// A value as JSON has it.
fn typed(setting: &Setting) -> Value {
    let text = setting.value();
    let value = match setting.kind {
        SettingKind::Bool | SettingKind::Integer(_) | SettingKind::Number(_) => {
            serde_json::from_str(text).ok()
        }
        SettingKind::Text { .. } | SettingKind::Choice(_) | SettingKind::Path => None,
    };
    value.unwrap_or_else(|| Value::from(text))
}

/// The settings that a file names, each with what is to be stored of it.
fn read<'a>(file: &str, known: &'a [Setting]) -> Result<Vec<(&'a Setting, Option<String>)>, StoreError> {
    let refuse =
        |reason: String| StoreError::refused(format!("these are no settings that can be read: {reason}"));
    // Editors on Windows begin with it.
    let file = file.strip_prefix('\u{FEFF}').unwrap_or(file);
    let file: Value = serde_json::from_str(file).map_err(|error| refuse(error.to_string()))?;
    if file["format"] != FORMAT {
        return Err(refuse(format!("its `format` is not `{FORMAT}`")));
    }
    if file["version"] != VERSION {
        let reason = format!("its version is {}, this program reads version {VERSION}", file["version"]);
        return Err(refuse(reason));
    }
    let categories =
        file["settings"].as_object().ok_or_else(|| refuse(String::from("`settings` is no object")))?;
    let mut named = Vec::new();
    for (category, keys) in categories {
        let keys = keys.as_object().ok_or_else(|| refuse(format!("`settings.{category}` is no object")))?;
        for (key, value) in keys {
            let setting = known
                .iter()
                .find(|setting| setting.category == *category && setting.key == *key)
                .ok_or_else(|| unknown(category, key))?;
            let text = match value {
                Value::String(text) => text.clone(),
                Value::Bool(_) | Value::Number(_) => value.to_string(),
                Value::Null | Value::Array(_) | Value::Object(_) => {
                    return Err(refuse(format!("`{category}.{key}` is no single value")));
                }
            };
            named.push((setting, wanted(setting, &text)?));
        }
    }
    Ok(named)
}
