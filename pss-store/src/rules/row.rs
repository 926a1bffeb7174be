//! The rows of `pss_event_validation_rules`.

use diesel::prelude::*;
use pss_protocol::{
    Timestamp,
    rules::{Dialect, Rule},
};

use super::{RuleOrigin, StoredRule};
use crate::{change::OwnedChange, schema::pss_event_validation_rules as rules};

#[derive(AsChangeset, Debug, Identifiable, Insertable, PartialEq, Queryable, Selectable)]
#[diesel(table_name = rules, primary_key(protocol_version, rule_id), treat_none_as_null = true)]
pub(super) struct Row {
    pub(super) protocol_version: String,
    pub(super) rule_id: String,
    pub(super) position: i64,
    event_code: Option<String>,
    field: Option<String>,
    check_kind: String,
    check_argument: String,
    severity: String,
    message: String,
    enabled: bool,
    origin: String,
    changed_at: Option<i64>,
    changed_by: Option<String>,
    reason: Option<String>,
}

impl Row {
    /// A rule as the program has it, where nobody says who changed it.
    pub(super) fn new(
        dialect: Dialect,
        position: i64,
        rule: &Rule,
        changed: Option<(RuleOrigin, &OwnedChange)>,
    ) -> Self {
        let by = changed.map(|(_, change)| change);
        Self {
            protocol_version: dialect.as_str().to_owned(),
            rule_id: rule.id.clone().into_owned(),
            position,
            event_code: rule.code.map(|code| code.as_str().to_owned()),
            field: rule.field.clone().map(Into::into),
            check_kind: rule.check.kind().to_owned(),
            check_argument: rule.check.argument(),
            severity: rule.severity.as_str().to_owned(),
            message: rule.message.clone().into_owned(),
            enabled: rule.enabled,
            origin: changed.map_or(RuleOrigin::BuiltIn, |(origin, _)| origin).as_str().to_owned(),
            changed_at: by.map(|change| change.at.0),
            changed_by: by.map(|change| change.by.clone()),
            reason: by.map(|change| change.reason.clone()),
        }
    }

    pub(super) fn is_same_rule(&self, other: &Self) -> bool {
        self.protocol_version == other.protocol_version && self.rule_id == other.rule_id
    }

    pub(super) fn is_built_in(&self) -> bool {
        self.origin == RuleOrigin::BuiltIn.as_str()
    }

    pub(super) fn insert(&self, connection: &mut SqliteConnection) -> QueryResult<()> {
        diesel::insert_into(rules::table).values(self).execute(connection).map(drop)
    }

    pub(super) fn update(&self, connection: &mut SqliteConnection) -> QueryResult<()> {
        diesel::update(self).set(self).execute(connection).map(drop)
    }
}

impl From<Row> for StoredRule {
    fn from(row: Row) -> Self {
        Self {
            protocol_version: row.protocol_version,
            id: row.rule_id,
            position: row.position,
            event_code: row.event_code,
            field: row.field,
            check_kind: row.check_kind,
            check_argument: row.check_argument,
            severity: row.severity,
            message: row.message,
            enabled: row.enabled,
            // The table admits no other word.
            origin: RuleOrigin::from_name(&row.origin).unwrap_or(RuleOrigin::Added),
            changed_at: row.changed_at.map(Timestamp),
            changed_by: row.changed_by,
            reason: row.reason,
        }
    }
}

/// Every rule, those of a protocol version together and in their order.
pub(super) fn rows(connection: &mut SqliteConnection) -> QueryResult<Vec<Row>> {
    rules::table
        .order((rules::protocol_version, rules::position, rules::rule_id))
        .select(Row::as_select())
        .load(connection)
}

/// The same, as users see them.
pub(super) fn all(connection: &mut SqliteConnection) -> QueryResult<Vec<StoredRule>> {
    Ok(rows(connection)?.into_iter().map(Into::into).collect())
}

pub(super) fn find(
    connection: &mut SqliteConnection,
    dialect: Dialect,
    id: &str,
) -> QueryResult<Option<StoredRule>> {
    let row: Option<Row> =
        rules::table.find((dialect.as_str(), id)).select(Row::as_select()).first(connection).optional()?;
    Ok(row.map(Into::into))
}

pub(super) fn last_position(connection: &mut SqliteConnection, dialect: Dialect) -> QueryResult<i64> {
    let last: Option<i64> = rules::table
        .filter(rules::protocol_version.eq(dialect.as_str()))
        .select(diesel::dsl::max(rules::position))
        .first(connection)?;
    Ok(last.unwrap_or(-1))
}

pub(super) fn remove(connection: &mut SqliteConnection, protocol_version: &str, id: &str) -> QueryResult<()> {
    diesel::delete(rules::table.find((protocol_version, id))).execute(connection).map(drop)
}

/// Of a row that this version cannot read the rest stays as it is.
pub(super) fn disable(
    connection: &mut SqliteConnection,
    dialect: Dialect,
    id: &str,
    change: &OwnedChange,
) -> QueryResult<()> {
    diesel::update(rules::table.find((dialect.as_str(), id)))
        .set((
            rules::enabled.eq(false),
            rules::changed_at.eq(change.at.0),
            rules::changed_by.eq(&change.by),
            rules::reason.eq(&change.reason),
        ))
        .execute(connection)
        .map(drop)
}
