//! Settings: what is set for this database, by whom and why.
//!
//! The definitions are rows too: they say what a value must be like, and what it is where nobody has set it.
//! Everybody who can read the database can read them, so no secret belongs here.

mod transfer;
mod value;

use std::time::Duration;

use diesel::prelude::*;
use pss_protocol::Timestamp;

pub use transfer::SettingDifference;
pub use value::{SettingKind, SettingValue};

use crate::{
    Change, Store, StoreError,
    change::OwnedChange,
    schema::{setting_definitions, settings, settings_history},
};

/// A setting: what it is for, what it may be, and what it is.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct Setting {
    /// What it belongs to, `store`.
    pub category: String,
    /// Its name there, `slow_query_ms`.
    pub key: String,
    /// What its values are.
    pub kind: SettingKind,
    /// What it does, for people.
    pub description: String,
    /// What it is where nobody has set it.
    pub default: String,
    /// What was set, where it differs from the default.
    pub set: Option<String>,
}

impl Setting {
    /// What it is now.
    pub fn value(&self) -> &str {
        self.set.as_deref().unwrap_or(&self.default)
    }
}

/// One time that a setting was changed.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct SettingChange {
    /// The setting's category.
    pub category: String,
    /// Its name there.
    pub key: String,
    /// What it was; `None`: the default.
    pub old: Option<String>,
    /// What it is from then on; `None`: the default.
    pub new: Option<String>,
    /// When.
    pub changed_at: Timestamp,
    /// By whom.
    pub changed_by: String,
    /// Why.
    pub reason: String,
}

impl Store {
    /// What a setting is now. A value that a hand wrote into the table and that is not allowed counts as not set.
    ///
    /// ```
    /// # use pss_store::{Store, StoreConfig};
    /// # let folder = tempfile::tempdir()?;
    /// # let store = Store::open(StoreConfig::new(folder.path().join("restrike.db")))?;
    /// let window: u64 = store.setting("pipeline", "reorder_window_ms")?;
    /// assert_eq!(window, 50);
    /// assert!(store.setting::<bool>("pipeline", "reorder_window_ms").is_err());
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    ///
    /// # Errors
    ///
    /// [`StoreError::NotFound`] when there is no such setting, [`StoreError::Refused`] when its values are not of
    /// this type, otherwise when the database cannot be read.
    pub fn setting<T: SettingValue>(&self, category: &str, key: &str) -> Result<T, StoreError> {
        let setting = self
            .read("read a setting", |connection| find(connection, category, key))?
            .ok_or_else(|| unknown(category, key))?;
        let set = setting.set.as_deref().filter(|text| match setting.kind.check(text) {
            Ok(_) => true,
            Err(allowed) => {
                tracing::warn!(
                    setting.category = category,
                    setting.key = key,
                    allowed,
                    "a setting is not allowed"
                );
                false
            }
        });
        let text = set.unwrap_or(&setting.default);
        T::from_setting(text).ok_or_else(|| {
            StoreError::refused(format!("{category}.{key} is {}, which is not asked for so", setting.kind))
        })
    }

    /// Every setting, by category and key.
    ///
    /// # Errors
    ///
    /// When the database cannot be read.
    pub fn settings(&self) -> Result<Vec<Setting>, StoreError> {
        self.read("read the settings", all)
    }

    /// Sets a setting. `None`: it was so already, and nothing was written.
    ///
    /// # Errors
    ///
    /// [`StoreError::NotFound`] when there is no such setting, [`StoreError::Refused`] with what is allowed when the
    /// value is not, otherwise when the database cannot be written.
    pub fn set_setting(
        &self,
        category: &str,
        key: &str,
        value: &str,
        change: &Change<'_>,
    ) -> Result<Option<SettingChange>, StoreError> {
        self.put_setting(category, key, Some(value), change)
    }

    /// Sets a setting back to its default. `None`: it was the default already.
    ///
    /// # Errors
    ///
    /// [`StoreError::NotFound`] when there is no such setting, otherwise when the database cannot be written.
    pub fn reset_setting(
        &self,
        category: &str,
        key: &str,
        change: &Change<'_>,
    ) -> Result<Option<SettingChange>, StoreError> {
        self.put_setting(category, key, None, change)
    }

    fn put_setting(
        &self,
        category: &str,
        key: &str,
        value: Option<&str>,
        change: &Change<'_>,
    ) -> Result<Option<SettingChange>, StoreError> {
        let (category, key) = (category.to_owned(), key.to_owned());
        let (value, change) = (value.map(str::to_owned), OwnedChange::from(change));
        self.change("set a setting", move |connection| {
            let setting = find(connection, &category, &key)?.ok_or_else(|| unknown(&category, &key))?;
            let new = match &value {
                Some(value) => wanted(&setting, value)?,
                None => None,
            };
            Ok(put(connection, &setting, new, &change)?)
        })
    }

    /// What was set, the latest first; of one setting where `name`, its category and key, says which.
    ///
    /// # Errors
    ///
    /// [`StoreError::NotFound`] when there is no such setting, otherwise when the database cannot be read.
    pub fn setting_history(&self, name: Option<(&str, &str)>) -> Result<Vec<SettingChange>, StoreError> {
        self.read("read the history of the settings", |connection| {
            if let Some((category, key)) = name
                && find(connection, category, key)?.is_none()
            {
                return Ok(Err(unknown(category, key)));
            }
            history(connection, name).map(Ok)
        })?
    }
}

/// From which time on a statement is slow.
pub(crate) fn slow_query(connection: &mut SqliteConnection) -> QueryResult<Duration> {
    let setting = find(connection, "store", "slow_query_ms")?.ok_or(diesel::result::Error::NotFound)?;
    let set = setting.set.as_deref().filter(|text| setting.kind.check(text).is_ok());
    Ok(Duration::from_millis(set.unwrap_or(&setting.default).parse().unwrap_or(u64::MAX)))
}

fn unknown(category: &str, key: &str) -> StoreError {
    StoreError::not_found("setting", format!("{category}.{key}"))
}

/// What is to be stored to have this value: none for the default.
fn wanted(setting: &Setting, value: &str) -> Result<Option<String>, StoreError> {
    let Setting { category, key, .. } = setting;
    let value = setting
        .kind
        .check(value)
        .map_err(|allowed| StoreError::refused(format!("{category}.{key} is {allowed}, not `{value}`")))?;
    Ok(Some(value).filter(|value| *value != setting.default))
}

/// Writes the value and the history; `new` is none for the default.
fn put(
    connection: &mut SqliteConnection,
    setting: &Setting,
    new: Option<String>,
    change: &OwnedChange,
) -> QueryResult<Option<SettingChange>> {
    if setting.set == new {
        return Ok(None);
    }
    let Setting { category, key, .. } = setting;
    match &new {
        Some(value) => {
            diesel::replace_into(settings::table)
                .values((settings::category.eq(category), settings::key.eq(key), settings::value.eq(value)))
                .execute(connection)?;
        }
        None => {
            diesel::delete(settings::table.find((category, key))).execute(connection)?;
        }
    }
    diesel::insert_into(settings_history::table)
        .values((
            settings_history::category.eq(category),
            settings_history::key.eq(key),
            settings_history::old_value.eq(&setting.set),
            settings_history::new_value.eq(&new),
            settings_history::changed_at.eq(change.at.0),
            settings_history::changed_by.eq(&change.by),
            settings_history::reason.eq(&change.reason),
        ))
        .execute(connection)?;
    Ok(Some(SettingChange {
        category: category.clone(),
        key: key.clone(),
        old: setting.set.clone(),
        new,
        changed_at: change.at,
        changed_by: change.by.clone(),
        reason: change.reason.clone(),
    }))
}

type Row = (String, String, String, String, String, String, Option<String>);

macro_rules! columns {
    () => {
        (
            setting_definitions::category,
            setting_definitions::key,
            setting_definitions::kind,
            setting_definitions::argument,
            setting_definitions::default_value,
            setting_definitions::description,
            settings::value.nullable(),
        )
    };
}

/// The setting of a definition.
#[diesel::dsl::auto_type(no_type_alias)]
fn is_set() -> _ {
    settings::category.eq(setting_definitions::category).and(settings::key.eq(setting_definitions::key))
}

fn all(connection: &mut SqliteConnection) -> QueryResult<Vec<Setting>> {
    let rows: Vec<Row> = setting_definitions::table
        .left_join(settings::table.on(is_set()))
        .order((setting_definitions::category, setting_definitions::key))
        .select(columns!())
        .load(connection)?;
    rows.into_iter().map(setting).collect()
}

fn find(connection: &mut SqliteConnection, category: &str, key: &str) -> QueryResult<Option<Setting>> {
    let row: Option<Row> = setting_definitions::table
        .left_join(settings::table.on(is_set()))
        .filter(setting_definitions::category.eq(category))
        .filter(setting_definitions::key.eq(key))
        .select(columns!())
        .first(connection)
        .optional()?;
    row.map(setting).transpose()
}

fn setting((category, key, kind, argument, default, description, set): Row) -> QueryResult<Setting> {
    let kind = SettingKind::from_parts(&kind, &argument).ok_or_else(|| {
        let text = format!("the definition of setting {category}.{key} means nothing to this version");
        diesel::result::Error::DeserializationError(text.into())
    })?;
    Ok(Setting { category, key, kind, description, default, set })
}

fn history(connection: &mut SqliteConnection, name: Option<(&str, &str)>) -> QueryResult<Vec<SettingChange>> {
    type Row = (String, String, Option<String>, Option<String>, i64, String, String);
    let mut query = settings_history::table
        .order(settings_history::id.desc())
        .select((
            settings_history::category,
            settings_history::key,
            settings_history::old_value,
            settings_history::new_value,
            settings_history::changed_at,
            settings_history::changed_by,
            settings_history::reason,
        ))
        .into_boxed();
    if let Some((category, key)) = name {
        query = query.filter(settings_history::category.eq(category).and(settings_history::key.eq(key)));
    }
    let change = |(category, key, old, new, changed_at, changed_by, reason): Row| SettingChange {
        category,
        key,
        old,
        new,
        changed_at: Timestamp(changed_at),
        changed_by,
        reason,
    };
    Ok(query.load::<Row>(connection)?.into_iter().map(change).collect())
}
