//! What a new reading changes, written: each match in one transaction.

use diesel::prelude::*;
use pss_protocol::{RecognitionStatus, Timestamp};

use super::{
    CHANGED_BY,
    compare::{Part, Summary},
};
use crate::{
    Change, EventId, SessionId,
    batch::{Batch, MessageItem},
    models::{
        Cache, match_, match_event, number,
        pss_event::{self, StoredRow},
        recognition, unsigned,
    },
    schema::{datagrams, pss_event_recognition_history as history, pss_events},
    unknown::Sighting,
};

/// Writes what is new of a match.
pub(super) fn part(
    connection: &mut SqliteConnection,
    session: SessionId,
    part: &Part,
    at: Timestamp,
) -> QueryResult<()> {
    let mut cache = Cache::default();
    for gone in &part.gone {
        remove(connection, &mut cache, EventId { session, seq: gone.seq, index: gone.index })?;
    }
    for message in &part.messages {
        write(connection, &mut cache, session, message, at)?;
    }
    cache.write_counts(connection)?;
    if let Some(events) = &part.events {
        match_event::remove_of_match(connection, session.0, part.match_index)?;
        let mut batch = Batch::new(session.0);
        batch.events.clone_from(&events.list);
        batch.links.clone_from(&events.links);
        match_event::insert(connection, &batch)?;
    }
    match &part.summary {
        Summary::Same => Ok(()),
        Summary::Now(summary) => {
            if part.events.is_some() {
                match_::forget_beginning(connection, session.0, summary.index)?;
            }
            match_::write(connection, &mut cache, session.0, summary)
        }
        Summary::Gone => {
            part.match_index.map_or(Ok(()), |index| match_::remove(connection, &mut cache, session.0, index))
        }
    }
}

/// Counts what was stored before there were statistics and patterns.
pub(super) fn count(connection: &mut SqliteConnection, session: SessionId) -> QueryResult<()> {
    crate::statistics::recount(connection, session.0)?;
    let unknown: Vec<(i64, i64)> = pss_events::table
        .filter(pss_events::session_id.eq(session.0))
        .filter(pss_events::recognition_status.eq(RecognitionStatus::Unknown.as_str()))
        .select((pss_events::seq, pss_events::message_index))
        .load(connection)?;
    let mut cache = Cache::default();
    for (seq, index) in unknown {
        let Some((seq, index)) = unsigned(seq).zip(unsigned(index)) else { continue };
        let event = EventId { session, seq, index };
        if let Some(stored) = recognition::find(connection, event)? {
            let arrived_at = stored.counted.arrived_at;
            cache.unknown.see(connection, &Sighting { event, arrived_at, message: &stored.message })?;
        }
    }
    cache.unknown.write(connection)
}

/// Takes a message away that is none any more.
fn remove(connection: &mut SqliteConnection, cache: &mut Cache, event: EventId) -> QueryResult<()> {
    recognition::uncount(connection, cache, event)?;
    diesel::delete(pss_events::table.find(recognition::key(event))).execute(connection)?;
    Ok(())
}

/// Writes a message that is new or says something else. How long its first reading took stays, and so does a status
/// that a person has set.
fn write(
    connection: &mut SqliteConnection,
    cache: &mut Cache,
    session: SessionId,
    message: &MessageItem,
    at: Timestamp,
) -> QueryResult<()> {
    let event = EventId { session, seq: message.seq, index: message.index };
    let row: Option<StoredRow> = pss_events::table
        .find(recognition::key(event))
        .select(StoredRow::as_select())
        .first(connection)
        .optional()?;
    let goes_on = match row {
        Some(row) if row.has_span(message) => true,
        // Other bytes are another message.
        Some(_) => {
            remove(connection, cache, event)?;
            false
        }
        None => false,
    };
    if !goes_on {
        let bytes: Vec<u8> = datagrams::table
            .find((session.0, number(message.seq)))
            .select(datagrams::bytes)
            .first(connection)?;
        let bytes = bytes.get(message.span.range());
        return pss_event::insert_message(connection, cache, session.0, message, bytes);
    }
    if !is_by_hand(connection, event)? {
        let change = Change { by: CHANGED_BY, at, reason: "read again" };
        recognition::change_status(connection, cache, event, message.status, &change)?;
    }
    if let Some(stored) = recognition::find(connection, event)? {
        cache.statistics.remove(connection, &stored.counted)?;
    }
    pss_event::update_reading(connection, session.0, message)?;
    if let Some(stored) = recognition::find(connection, event)? {
        cache.statistics.add(connection, &stored.counted)?;
    }
    Ok(())
}

/// Whether the last who changed the status was a person.
fn is_by_hand(connection: &mut SqliteConnection, event: EventId) -> QueryResult<bool> {
    let (session, seq, index) = recognition::key(event);
    let last: Option<String> = history::table
        .filter(history::session_id.eq(session))
        .filter(history::seq.eq(seq))
        .filter(history::message_index.eq(index))
        .order(history::id.desc())
        .select(history::changed_by)
        .first(connection)
        .optional()?;
    Ok(last.is_some_and(|by| by != CHANGED_BY))
}
