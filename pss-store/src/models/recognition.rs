//! The status of stored messages: how it changes, and the history of that.

use std::borrow::Cow;

use diesel::prelude::*;
use pss_protocol::{RecognitionStatus, Timestamp};

use super::{Cache, number, unreadable, unsigned};
use crate::{
    Change, EventId, RecognitionChange, StatusUpdate,
    schema::{datagrams, pss_event_recognition_history, pss_event_validation_results, pss_events},
    statistics::{Counted, micros},
    unknown::Sighting,
    words::Word as _,
};

/// A stored message as it is counted.
pub(crate) struct Stored {
    pub(crate) counted: Counted,
    /// Its bytes, line end included.
    pub(crate) message: Vec<u8>,
}

/// Finds a message.
pub(crate) fn find(connection: &mut SqliteConnection, event: EventId) -> QueryResult<Option<Stored>> {
    type Row = (Option<String>, Option<i64>, String, Option<f64>, i64, i64);
    let key = key(event);
    let row: Option<Row> = pss_events::table
        .find(key)
        .select((
            pss_events::event_code,
            pss_events::arrived_at,
            pss_events::recognition_status,
            pss_events::processing_time_ms,
            pss_events::span_start,
            pss_events::span_end,
        ))
        .first(connection)
        .optional()?;
    let Some((code, arrived_at, status, took, start, end)) = row else { return Ok(None) };
    let has_error = pss_event_validation_results::table
        .filter(pss_event_validation_results::session_id.eq(key.0))
        .filter(pss_event_validation_results::seq.eq(key.1))
        .filter(pss_event_validation_results::message_index.eq(key.2))
        .filter(pss_event_validation_results::severity.eq("error"));
    let error = diesel::select(diesel::dsl::exists(has_error)).get_result(connection)?;
    let bytes: Vec<u8> = datagrams::table.find((key.0, key.1)).select(datagrams::bytes).first(connection)?;
    let status = RecognitionStatus::from_word(&status).ok_or_else(|| unreadable("datagram", key.1))?;
    let span = unsigned(start).zip(unsigned(end)).map(|(start, end): (usize, usize)| start..end);
    let message = span.and_then(|span| bytes.get(span)).ok_or_else(|| unreadable("datagram", key.1))?;
    let (code, micros) = (code.map(Cow::Owned), took.map(micros));
    let counted = Counted { session: key.0, code, arrived_at, status, error, micros };
    Ok(Some(Stored { counted, message: message.to_owned() }))
}

/// Gives a message another status and writes that to its history; `None` where there is no such message. What is
/// counted follows when `cache` is [written](Cache::write_counts).
pub(crate) fn change_status(
    connection: &mut SqliteConnection,
    cache: &mut Cache,
    event: EventId,
    new: RecognitionStatus,
    change: &Change<'_>,
) -> QueryResult<Option<StatusUpdate>> {
    let Some(stored) = find(connection, event)? else { return Ok(None) };
    let old = stored.counted.status;
    if old == new {
        return Ok(Some(StatusUpdate::Unchanged));
    }
    let (session, seq, index) = key(event);
    diesel::update(pss_events::table.find((session, seq, index)))
        .set(pss_events::recognition_status.eq(new.as_str()))
        .execute(connection)?;
    diesel::insert_into(pss_event_recognition_history::table)
        .values((
            pss_event_recognition_history::session_id.eq(session),
            pss_event_recognition_history::seq.eq(seq),
            pss_event_recognition_history::message_index.eq(index),
            pss_event_recognition_history::old_status.eq(old.as_str()),
            pss_event_recognition_history::new_status.eq(new.as_str()),
            pss_event_recognition_history::changed_at.eq(change.at.0),
            pss_event_recognition_history::changed_by.eq(change.by),
            pss_event_recognition_history::reason.eq(change.reason),
        ))
        .execute(connection)?;
    cache.statistics.change_status(connection, &stored.counted, new)?;
    count_unknown(connection, cache, event, &stored, new)?;
    Ok(Some(StatusUpdate::Changed { old }))
}

/// Keeps the count of what nobody knows when a message becomes known, or unknown.
fn count_unknown(
    connection: &mut SqliteConnection,
    cache: &mut Cache,
    event: EventId,
    stored: &Stored,
    new: RecognitionStatus,
) -> QueryResult<()> {
    const UNKNOWN: RecognitionStatus = RecognitionStatus::Unknown;
    match (stored.counted.status, new) {
        (UNKNOWN, UNKNOWN) => Ok(()),
        (UNKNOWN, _) => cache.unknown.forget(connection, &stored.message),
        (_, UNKNOWN) => {
            let arrived_at = stored.counted.arrived_at;
            let sighting = Sighting { event, arrived_at, message: &stored.message };
            cache.unknown.see(connection, &sighting).map(drop)
        }
        _ => Ok(()),
    }
}

/// Takes a message out of what is counted, as its row and its results say it is. It must have changed or gone, and
/// been counted anew, by the time that `cache` is [written](Cache::write_counts).
pub(crate) fn uncount(
    connection: &mut SqliteConnection,
    cache: &mut Cache,
    event: EventId,
) -> QueryResult<()> {
    let Some(stored) = find(connection, event)? else { return Ok(()) };
    cache.statistics.remove(connection, &stored.counted)?;
    match stored.counted.status {
        RecognitionStatus::Unknown => cache.unknown.forget(connection, &stored.message),
        _ => Ok(()),
    }
}

/// What was changed of a message, the oldest first.
pub(crate) fn history(
    connection: &mut SqliteConnection,
    event: EventId,
) -> QueryResult<Vec<RecognitionChange>> {
    let key = key(event);
    let rows: Vec<(String, String, i64, String, String)> = pss_event_recognition_history::table
        .filter(pss_event_recognition_history::session_id.eq(key.0))
        .filter(pss_event_recognition_history::seq.eq(key.1))
        .filter(pss_event_recognition_history::message_index.eq(key.2))
        .order(pss_event_recognition_history::id)
        .select((
            pss_event_recognition_history::old_status,
            pss_event_recognition_history::new_status,
            pss_event_recognition_history::changed_at,
            pss_event_recognition_history::changed_by,
            pss_event_recognition_history::reason,
        ))
        .load(connection)?;
    rows.into_iter()
        .map(|(old, new, at, by, reason)| {
            let status =
                |word: &str| RecognitionStatus::from_word(word).ok_or_else(|| unreadable("datagram", key.1));
            Ok(RecognitionChange { old: status(&old)?, new: status(&new)?, at: Timestamp(at), by, reason })
        })
        .collect()
}

/// The name of a message as the tables have it.
pub(crate) fn key(event: EventId) -> (i64, i64, i64) {
    (event.session.0, number(event.seq), event.index.into())
}
