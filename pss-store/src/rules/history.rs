//! The rows of `rule_history`.

use diesel::prelude::*;
use pss_protocol::{Timestamp, rules::Dialect};

use super::{RuleHistoryEntry, StoredRule};
use crate::{change::OwnedChange, schema::rule_history};

#[derive(Clone, Copy)]
pub(super) enum Action {
    Add,
    Change,
    Disable,
    Enable,
    Reset,
    Remove,
}

impl Action {
    const fn as_str(self) -> &'static str {
        match self {
            Self::Add => "add",
            Self::Change => "change",
            Self::Disable => "disable",
            Self::Enable => "enable",
            Self::Reset => "reset",
            Self::Remove => "remove",
        }
    }
}

/// `rule`: as it is from now on.
pub(super) fn add(
    connection: &mut SqliteConnection,
    dialect: Dialect,
    id: &str,
    action: Action,
    rule: Option<&StoredRule>,
    change: &OwnedChange,
) -> QueryResult<()> {
    diesel::insert_into(rule_history::table)
        .values((
            rule_history::protocol_version.eq(dialect.as_str()),
            rule_history::rule_id.eq(id),
            rule_history::action.eq(action.as_str()),
            rule_history::rule.eq(rule.map(ToString::to_string)),
            rule_history::changed_at.eq(change.at.0),
            rule_history::changed_by.eq(&change.by),
            rule_history::reason.eq(&change.reason),
        ))
        .execute(connection)
        .map(drop)
}

/// The latest first.
pub(super) fn of(
    connection: &mut SqliteConnection,
    id: Option<(Dialect, &str)>,
) -> QueryResult<Vec<RuleHistoryEntry>> {
    type Row = (String, String, String, Option<String>, i64, String, String);
    let mut query = rule_history::table
        .order(rule_history::id.desc())
        .select((
            rule_history::protocol_version,
            rule_history::rule_id,
            rule_history::action,
            rule_history::rule,
            rule_history::changed_at,
            rule_history::changed_by,
            rule_history::reason,
        ))
        .into_boxed();
    if let Some((dialect, id)) = id {
        let of_rule = rule_history::protocol_version.eq(dialect.as_str()).and(rule_history::rule_id.eq(id));
        query = query.filter(of_rule);
    }
    let entry =
        |(protocol_version, rule_id, action, rule, changed_at, changed_by, reason): Row| RuleHistoryEntry {
            protocol_version,
            rule_id,
            action,
            rule,
            changed_at: Timestamp(changed_at),
            changed_by,
            reason,
        };
    Ok(query.load::<Row>(connection)?.into_iter().map(entry).collect())
}
