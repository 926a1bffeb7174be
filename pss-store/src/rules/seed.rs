//! The program's own rules in the table.

use diesel::prelude::*;
use pss_protocol::rules::{Dialect, Rule, RuleSet};

use super::row::{self, Row};
use crate::connection;

/// Puts the rules of this version in the place of those that another version left. Writes only what differs, so
/// nothing into a database that was opened by this version before.
pub(crate) fn seed(connection: &mut SqliteConnection) -> QueryResult<()> {
    let built_in = built_in();
    if differences(&built_in, &row::rows(connection)?).next().is_none() {
        return Ok(());
    }
    connection::transaction(connection, |connection| {
        // Again, because another process may have done the same.
        let known = row::rows(connection)?;
        differences(&built_in, &known).try_for_each(|difference| match difference {
            Difference::Missing(row) => row.insert(connection),
            Difference::Other(row) => row.update(connection),
            Difference::Gone(row) => row::remove(connection, &row.protocol_version, &row.rule_id),
        })
    })
}

/// The program's rule of this id, with its place.
pub(super) fn find(dialect: Dialect, id: &str) -> Option<(i64, Rule)> {
    (0..)
        .zip(RuleSet::built_in(dialect).rules())
        .find(|(_, rule)| rule.id == id)
        .map(|(n, rule)| (n, rule.clone()))
}

enum Difference<'a> {
    Missing(&'a Row),
    Other(&'a Row),
    /// The program no longer has it.
    Gone(&'a Row),
}

fn built_in() -> Vec<Row> {
    let of_dialect = |dialect| {
        let set = RuleSet::built_in(dialect);
        (0..)
            .zip(set.rules())
            .map(|(position, rule)| Row::new(dialect, position, rule, None))
            .collect::<Vec<_>>()
    };
    Dialect::ALL.into_iter().flat_map(of_dialect).collect()
}

fn differences<'a>(built_in: &'a [Row], known: &'a [Row]) -> impl Iterator<Item = Difference<'a>> {
    let here = built_in.iter().filter_map(|own| match known.iter().find(|row| row.is_same_rule(own)) {
        None => Some(Difference::Missing(own)),
        Some(row) if row.is_built_in() && row != own => Some(Difference::Other(own)),
        Some(_) => None,
    });
    let gone = known
        .iter()
        .filter(|row| row.is_built_in() && !built_in.iter().any(|own| row.is_same_rule(own)))
        .map(Difference::Gone);
    here.chain(gone)
}
