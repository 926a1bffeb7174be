//! `pss_unknown_events` as it is read and as people change it.

use diesel::prelude::*;
use pss_protocol::Timestamp;

use super::{Resolved, UnknownEvent, UnknownFilter};
use crate::{EventId, SessionId, StoreError, models::unsigned, schema::pss_unknown_events};

#[derive(Queryable, Selectable)]
#[diesel(table_name = pss_unknown_events)]
struct Row {
    pattern_hash: String,
    pattern: String,
    first_seen: Option<i64>,
    last_seen: Option<i64>,
    count: i64,
    sample: Vec<u8>,
    sample_session_id: i64,
    sample_seq: i64,
    sample_index: i64,
    suggested_event_type: Option<String>,
    suggestion_score: Option<f64>,
    notes: Option<String>,
    resolved_as: Option<String>,
    resolved_at: Option<i64>,
    resolved_by: Option<String>,
}

pub(super) fn list(
    connection: &mut SqliteConnection,
    filter: UnknownFilter,
) -> QueryResult<Vec<UnknownEvent>> {
    let mut rows = pss_unknown_events::table.into_boxed();
    if !filter.all {
        rows = rows.filter(pss_unknown_events::resolved_as.is_null()).filter(pss_unknown_events::count.gt(0));
    }
    if let Some(limit) = filter.limit {
        rows = rows.limit(limit.into());
    }
    let rows: Vec<Row> = rows
        .order((pss_unknown_events::count.desc(), pss_unknown_events::pattern))
        .select(Row::as_select())
        .load(connection)?;
    rows.into_iter().map(event).collect()
}

/// The first two.
pub(super) fn beginning_with(
    connection: &mut SqliteConnection,
    hash: &str,
) -> QueryResult<Vec<UnknownEvent>> {
    let hash = hash.to_ascii_lowercase();
    // The digits end with `f`.
    let beyond = format!("{hash}g");
    let rows: Vec<Row> = pss_unknown_events::table
        .filter(pss_unknown_events::pattern_hash.ge(&hash))
        .filter(pss_unknown_events::pattern_hash.lt(beyond))
        .order(pss_unknown_events::pattern_hash)
        .limit(2)
        .select(Row::as_select())
        .load(connection)?;
    rows.into_iter().map(event).collect()
}

pub(super) fn the_only_one(mut found: Vec<UnknownEvent>, hash: &str) -> Result<UnknownEvent, StoreError> {
    match (found.pop(), found.pop()) {
        (Some(only), None) => Ok(only),
        (None, _) => Err(StoreError::not_found("unknown event", hash)),
        (Some(_), Some(_)) => Err(StoreError::refused(format!(
            "more than one unknown event begins with {hash:?}; give more digits"
        ))),
    }
}

pub(super) fn note(connection: &mut SqliteConnection, event: &UnknownEvent) -> QueryResult<()> {
    diesel::update(pss_unknown_events::table.find(&event.hash))
        .set(pss_unknown_events::notes.eq(&event.notes))
        .execute(connection)?;
    Ok(())
}

pub(super) fn resolve(connection: &mut SqliteConnection, event: &UnknownEvent) -> QueryResult<()> {
    let resolved = event.resolved.as_ref();
    diesel::update(pss_unknown_events::table.find(&event.hash))
        .set((
            pss_unknown_events::resolved_as.eq(resolved.map(|resolved| &resolved.resolved_as)),
            pss_unknown_events::resolved_at.eq(resolved.map(|resolved| resolved.at.0)),
            pss_unknown_events::resolved_by.eq(resolved.map(|resolved| &resolved.by)),
        ))
        .execute(connection)?;
    Ok(())
}

fn event(row: Row) -> QueryResult<UnknownEvent> {
    let name = row.pattern_hash.clone();
    read(row).ok_or_else(|| {
        let text = format!("unknown event {name:?} has a number that this version does not know");
        diesel::result::Error::DeserializationError(text.into())
    })
}

fn read(row: Row) -> Option<UnknownEvent> {
    let resolved = row.resolved_as.map(|resolved_as| Resolved {
        resolved_as,
        at: Timestamp(row.resolved_at.unwrap_or_default()),
        by: row.resolved_by.unwrap_or_default(),
    });
    Some(UnknownEvent {
        hash: row.pattern_hash,
        pattern: row.pattern,
        count: unsigned(row.count)?,
        first_seen: row.first_seen.map(Timestamp),
        last_seen: row.last_seen.map(Timestamp),
        sample: row.sample,
        sample_event: EventId {
            session: SessionId(row.sample_session_id),
            seq: unsigned(row.sample_seq)?,
            index: unsigned(row.sample_index)?,
        },
        suggestion: row.suggested_event_type.zip(row.suggestion_score),
        notes: row.notes,
        resolved,
    })
}
