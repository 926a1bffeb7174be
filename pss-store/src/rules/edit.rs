//! Rules, changed by hand.

use pss_protocol::{
    Timestamp,
    rules::{Check, Dialect, Rule},
};

use super::{
    RuleOrigin, StoredRule,
    history::{self, Action},
    row::{self, Row},
    seed,
};
use crate::{Change, Store, StoreError, change::OwnedChange, store::Refusal};

/// What became of a rule that was reset.
#[derive(Clone, Debug, PartialEq)]
pub enum ResetRule {
    /// It is as the program has it.
    BuiltIn(Box<StoredRule>),
    /// It was a user's, or the program no longer has it, and is gone.
    Removed,
}

impl Store {
    /// Adds a rule of one's own, asked after all others.
    ///
    /// ```
    /// # use pss_protocol::Timestamp;
    /// # use pss_store::{Change, Store, StoreConfig};
    /// use pss_protocol::rules::{Check, Dialect, Rule};
    ///
    /// # let folder = tempfile::tempdir()?;
    /// # let store = Store::open(StoreConfig::new(folder.path().join("restrike.db")))?;
    /// let rule = Rule::new("youth-points", "points.points", Check::Range { min: 1, max: 3 }, "1 to 3 in this event");
    /// let change = Change { by: "me", at: Timestamp(0), reason: "youth rules" };
    /// store.add_rule(Dialect::TkStrike, &rule, &change)?;
    /// assert!(store.add_rule(Dialect::TkStrike, &rule, &change).is_err());
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    ///
    /// # Errors
    ///
    /// [`StoreError::Refused`] when the rule makes no sense or its id is taken, otherwise when the database cannot
    /// be written.
    pub fn add_rule(
        &self,
        dialect: Dialect,
        rule: &Rule,
        change: &Change<'_>,
    ) -> Result<StoredRule, StoreError> {
        check(rule)?;
        let (rule, change) = (rule.clone(), OwnedChange::from(change));
        self.change("add a rule", move |connection| {
            if row::find(connection, dialect, &rule.id)?.is_some() {
                let reason = format!("there is a rule `{}` of {dialect} already; change that one", rule.id);
                return Err(StoreError::refused(reason).into());
            }
            let position = row::last_position(connection, dialect)? + 1;
            Row::new(dialect, position, &rule, Some((RuleOrigin::Added, &change))).insert(connection)?;
            changed(connection, dialect, &rule.id, Action::Add, &change)
        })
    }

    /// Puts a rule in the place of the one with its id. One that is then as the program has it is the program's
    /// again.
    ///
    /// # Errors
    ///
    /// [`StoreError::Refused`] when the rule makes no sense, [`StoreError::NotFound`] when there is none of its id,
    /// otherwise when the database cannot be written.
    pub fn change_rule(
        &self,
        dialect: Dialect,
        rule: &Rule,
        change: &Change<'_>,
    ) -> Result<StoredRule, StoreError> {
        check(rule)?;
        let (rule, change) = (rule.clone(), OwnedChange::from(change));
        self.change("change a rule", move |connection| {
            let before = existing(connection, dialect, &rule.id)?;
            put(connection, dialect, &before, &rule, &change)?;
            changed(connection, dialect, &rule.id, Action::Change, &change)
        })
    }

    /// Has a rule asked no more, until it is [enabled](Self::enable_rule) again.
    ///
    /// # Errors
    ///
    /// [`StoreError::NotFound`] when there is none of this id, otherwise when the database cannot be written.
    pub fn disable_rule(
        &self,
        dialect: Dialect,
        id: &str,
        change: &Change<'_>,
    ) -> Result<StoredRule, StoreError> {
        self.switch_rule(dialect, id, false, change)
    }

    /// Has a rule asked again.
    ///
    /// # Errors
    ///
    /// As for [`disable_rule`](Self::disable_rule), and [`StoreError::Refused`] when this version cannot read the
    /// rule.
    pub fn enable_rule(
        &self,
        dialect: Dialect,
        id: &str,
        change: &Change<'_>,
    ) -> Result<StoredRule, StoreError> {
        self.switch_rule(dialect, id, true, change)
    }

    /// Makes a rule as the program has it. One that the program does not have is removed.
    ///
    /// # Errors
    ///
    /// [`StoreError::NotFound`] when there is none of this id, otherwise when the database cannot be written.
    pub fn reset_rule(
        &self,
        dialect: Dialect,
        id: &str,
        change: &Change<'_>,
    ) -> Result<ResetRule, StoreError> {
        let (id, change) = (id.to_owned(), OwnedChange::from(change));
        self.change("reset a rule", move |connection| {
            existing(connection, dialect, &id)?;
            match seed::find(dialect, &id) {
                Some((position, rule)) => {
                    Row::new(dialect, position, &rule, None).update(connection)?;
                    let stored = changed(connection, dialect, &id, Action::Reset, &change)?;
                    Ok(ResetRule::BuiltIn(Box::new(stored)))
                }
                None => {
                    row::remove(connection, dialect.as_str(), &id)?;
                    history::add(connection, dialect, &id, Action::Remove, None, &change)?;
                    Ok(ResetRule::Removed)
                }
            }
        })
    }

    /// What was done to the rules by hand, the latest first; of one rule where `id` names it.
    ///
    /// # Errors
    ///
    /// When the database cannot be read.
    pub fn rule_history(&self, id: Option<(Dialect, &str)>) -> Result<Vec<RuleHistoryEntry>, StoreError> {
        self.read("read the history of the rules", |connection| history::of(connection, id))
    }

    fn switch_rule(
        &self,
        dialect: Dialect,
        id: &str,
        enabled: bool,
        change: &Change<'_>,
    ) -> Result<StoredRule, StoreError> {
        let (id, change) = (id.to_owned(), OwnedChange::from(change));
        self.change("switch a rule", move |connection| {
            let before = existing(connection, dialect, &id)?;
            if before.enabled == enabled {
                return Ok(before);
            }
            match before.rule() {
                Ok(rule) => put(connection, dialect, &before, &Rule { enabled, ..rule }, &change)?,
                // Nobody asks it anyway, but another version would.
                Err(_) if !enabled => row::disable(connection, dialect, &id, &change)?,
                Err(reason) => return Err(StoreError::refused(format!("{reason}; change it first")).into()),
            }
            let action = if enabled { Action::Enable } else { Action::Disable };
            changed(connection, dialect, &id, action, &change)
        })
    }
}

/// What the rules' history keeps of a change.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct RuleHistoryEntry {
    /// The dialect of the rule, as [`Dialect::as_str`].
    pub protocol_version: String,
    /// The rule.
    pub rule_id: String,
    /// `add`, `change`, `disable`, `enable`, `reset` or `remove`.
    pub action: String,
    /// The rule as it was from then on, in words for people; `None` when it was removed.
    pub rule: Option<String>,
    /// When.
    pub changed_at: Timestamp,
    /// By whom.
    pub changed_by: String,
    /// Why.
    pub reason: String,
}

/// Refuses what could not be stored, or not be asked.
pub(super) fn check(rule: &Rule) -> Result<(), StoreError> {
    let refuse = |reason: &str| Err(StoreError::refused(format!("rule `{}`: {reason}", rule.id)));
    rule.codes().map_err(|error| StoreError::refused(error.to_string()))?;
    let is_plain = |c: char| c.is_ascii_alphanumeric() || "-_.".contains(c);
    if rule.id.len() > LONGEST_ID || !rule.id.chars().all(is_plain) {
        return refuse("an id is up to 64 letters, digits, `-`, `_` and `.`");
    }
    if READINGS_OWN.contains(&&*rule.id) {
        return refuse("the reading itself has a check of this id; choose another");
    }
    if rule.message.is_empty()
        || rule.message.len() > LONGEST_MESSAGE
        || rule.message.contains(char::is_control)
    {
        return refuse("its message is one line of 1 to 200 bytes that says what is wrong");
    }
    if Check::from_parts(rule.check.kind(), &rule.check.argument()).as_ref() != Ok(&rule.check) {
        return refuse(
            "its check cannot be written down: only built-in functions can, and no word may hold `|`",
        );
    }
    Ok(())
}

const LONGEST_ID: usize = 64;
const LONGEST_MESSAGE: usize = 200;

/// The checks of the reading, whose findings are no rule's.
const READINGS_OWN: [&str; 8] =
    ["terminator_cut", "truncated", "repaired", "missing", "surplus", "malformed", "unknown_code", "garbage"];

fn existing(
    connection: &mut diesel::SqliteConnection,
    dialect: Dialect,
    id: &str,
) -> Result<StoredRule, Refusal> {
    row::find(connection, dialect, id)?
        .ok_or_else(|| StoreError::not_found("rule", format!("`{id}` of {dialect}")).into())
}

/// Writes a rule over the one that is there.
fn put(
    connection: &mut diesel::SqliteConnection,
    dialect: Dialect,
    before: &StoredRule,
    rule: &Rule,
    change: &OwnedChange,
) -> Result<(), Refusal> {
    let built_in = seed::find(dialect, &rule.id);
    let row = match built_in {
        Some((position, own)) if own == *rule => Row::new(dialect, position, rule, None),
        Some(_) => Row::new(dialect, before.position, rule, Some((RuleOrigin::Changed, change))),
        None => Row::new(dialect, before.position, rule, Some((RuleOrigin::Added, change))),
    };
    Ok(row.update(connection)?)
}

/// The rule after a change that its history keeps.
fn changed(
    connection: &mut diesel::SqliteConnection,
    dialect: Dialect,
    id: &str,
    action: Action,
    change: &OwnedChange,
) -> Result<StoredRule, Refusal> {
    let stored = existing(connection, dialect, id)?;
    history::add(connection, dialect, id, action, Some(&stored), change)?;
    Ok(stored)
}
