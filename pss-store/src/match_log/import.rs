//! A log into the database.

use diesel::prelude::*;
use pss_protocol::Timestamp;

use super::{
    LogDifference, LogJoin, LogState, compare, join,
    parse::{LogItem, MatchLog},
    rows,
};
use crate::schema::{match_log_items, match_logs};

/// What is different, without changing anything.
pub(super) fn examine(connection: &mut SqliteConnection, log: &MatchLog) -> QueryResult<LogDifference> {
    let known = rows::known(connection, log.court(), log.name())?;
    let (state, kept, removed, summary_changed) = match &known {
        None => (LogState::New, 0, 0, log.summary().is_some()),
        Some(known) if known.digest == log.digest() => (LogState::Unchanged, log.items().len(), 0, false),
        Some(known) => {
            let before = rows::items(connection, known.id)?;
            let kept = common(&before, log.items());
            let summary = log.summary().map(ToString::to_string);
            (LogState::Replaced, kept, before.len() - kept, known.summary != summary)
        }
    };
    let join = join::find(connection, log)?;
    let comparison = match join {
        LogJoin::Match { match_id, .. } => compare::compare(connection, log.items(), match_id)?,
        _ => None,
    };
    Ok(LogDifference {
        state,
        items_added: log.items().len() - kept,
        items_removed: removed,
        items_kept: kept,
        summary_changed,
        join,
        comparison,
    })
}

/// How many items two versions of a log share, each counted once. They are numbered by their place, so a line more
/// at the start moves all of them.
fn common(before: &[LogItem], now: &[LogItem]) -> usize {
    let keys = |items: &[LogItem]| {
        let mut keys: Vec<String> = items.iter().map(|item| format!("{item:?}")).collect();
        keys.sort_unstable();
        keys
    };
    let now = keys(now);
    let mut now = now.iter().peekable();
    let mut common = 0;
    for key in keys(before) {
        while now.next_if(|other| **other < key).is_some() {}
        common += usize::from(now.next_if(|other| **other == key).is_some());
    }
    common
}

/// Makes it so.
pub(super) fn apply(
    connection: &mut SqliteConnection,
    log: &MatchLog,
    difference: &LogDifference,
    at: Timestamp,
) -> QueryResult<()> {
    let match_id = match difference.join {
        LogJoin::Match { match_id, .. } => Some(match_id.0),
        _ => None,
    };
    let of_log =
        match_logs::table.filter(match_logs::court.eq(log.court())).filter(match_logs::name.eq(log.name()));
    if difference.state == LogState::Unchanged {
        // UDP may have given the match since.
        diesel::update(of_log).set(match_logs::match_id.eq(match_id)).execute(connection)?;
        return Ok(());
    }
    let times = log.times();
    let values = (
        match_logs::digest.eq(log.digest().as_slice()),
        match_logs::match_number.eq(log.match_number()),
        match_logs::began_at.eq(times.map(|(began, _)| began.0)),
        match_logs::ended_at.eq(times.map(|(_, ended)| ended.0)),
        match_logs::summary.eq(log.summary().map(ToString::to_string)),
        match_logs::match_id.eq(match_id),
        match_logs::imported_at.eq(at.0),
    );
    // A log that is replaced keeps its name in this database.
    let id: i64 = if difference.state == LogState::Replaced {
        let id = diesel::update(of_log).set(values).returning(match_logs::id).get_result(connection)?;
        diesel::delete(match_log_items::table.filter(match_log_items::match_log_id.eq(id)))
            .execute(connection)?;
        id
    } else {
        diesel::insert_into(match_logs::table)
            .values((match_logs::court.eq(log.court()), match_logs::name.eq(log.name()), values))
            .returning(match_logs::id)
            .get_result(connection)?
    };
    rows::insert_items(connection, id, log.items())
}
