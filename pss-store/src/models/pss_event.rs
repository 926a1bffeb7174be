//! `pss_events`: one row for each message, with how far it was understood.

use std::borrow::Cow;

use diesel::prelude::*;
use pss_protocol::{Finding, RecognitionStatus};

use super::{Cache, number, validation_result};
use crate::{
    EventId, SessionId,
    batch::{Batch, MessageItem, Place, Placement},
    schema::{pss_event_details, pss_event_validation_results as results, pss_events},
    statistics::Counted,
    unknown::Sighting,
};

#[derive(Insertable)]
#[diesel(table_name = pss_events, treat_none_as_default_value = false)]
struct Row<'a> {
    session_id: i64,
    seq: i64,
    message_index: i64,
    span_start: i64,
    span_end: i64,
    arrived_at: Option<i64>,
    match_index: Option<i64>,
    round: Option<i64>,
    event_code: Option<&'a str>,
    recognition_status: &'a str,
    protocol_version: &'a str,
    parser_confidence: f64,
    validation_errors: Option<&'a str>,
    processing_time_ms: Option<f64>,
}

#[derive(Insertable)]
#[diesel(table_name = pss_event_details)]
struct DetailRow<'a> {
    session_id: i64,
    seq: i64,
    message_index: i64,
    name: &'a str,
    value: &'a str,
}

pub(crate) fn insert(connection: &mut SqliteConnection, cache: &mut Cache, batch: &Batch) -> QueryResult<()> {
    for item in &batch.messages {
        insert_message(connection, cache, batch.session, item, batch.message_bytes(item))?;
    }
    batch.placements.iter().try_for_each(|placement| place(connection, batch.session, *placement))
}

/// A message with all that follows from it. Without its bytes it is not counted among what nobody knows.
pub(crate) fn insert_message(
    connection: &mut SqliteConnection,
    cache: &mut Cache,
    session: i64,
    item: &MessageItem,
    bytes: Option<&[u8]>,
) -> QueryResult<()> {
    let findings = findings_json(&item.findings);
    let row = row(session, item, findings.as_deref());
    diesel::insert_into(pss_events::table).values(&row).execute(connection)?;
    insert_details(connection, session, item)?;
    cache.statistics.add(connection, &counted(session, item))?;
    if let (RecognitionStatus::Unknown, Some(message)) = (item.status, bytes) {
        let event = EventId { session: SessionId(session), seq: item.seq, index: item.index };
        let arrived_at = item.arrived_at.map(|at| at.0);
        cache.unknown.see(connection, &Sighting { event, arrived_at, message })?;
    }
    Ok(())
}

fn insert_details(connection: &mut SqliteConnection, session: i64, item: &MessageItem) -> QueryResult<()> {
    if let Some((name, value)) = &item.detail {
        let row = DetailRow {
            session_id: session,
            seq: number(item.seq),
            message_index: item.index.into(),
            name,
            value,
        };
        diesel::insert_into(pss_event_details::table).values(&row).execute(connection)?;
    }
    let event = EventId { session: SessionId(session), seq: item.seq, index: item.index };
    validation_result::insert(connection, event, &item.findings)
}

/// A message as it is stored, to compare it with another reading of its bytes.
#[derive(Queryable, Selectable)]
#[diesel(table_name = pss_events)]
pub(crate) struct StoredRow {
    pub(crate) seq: i64,
    pub(crate) message_index: i64,
    span_start: i64,
    span_end: i64,
    pub(crate) match_index: Option<i64>,
    round: Option<i64>,
    event_code: Option<String>,
    pub(crate) recognition_status: String,
    protocol_version: String,
    parser_confidence: f64,
    validation_errors: Option<String>,
}

impl StoredRow {
    /// Whether these are the same bytes of the datagram.
    pub(crate) fn has_span(&self, item: &MessageItem) -> bool {
        (self.span_start, self.span_end) == (item.span.start.into(), item.span.end.into())
    }

    /// Whether the row is the one that `item` would get if its status were `status`.
    pub(crate) fn says(&self, item: &MessageItem, status: RecognitionStatus) -> bool {
        let findings = findings_json(&item.findings);
        let row = row(0, item, findings.as_deref());
        self.has_span(item)
            && self.match_index == row.match_index
            && self.round == row.round
            && self.event_code.as_deref() == row.event_code
            && self.recognition_status == status.as_str()
            && self.protocol_version == row.protocol_version
            && self.parser_confidence.to_bits() == row.parser_confidence.to_bits()
            && self.validation_errors.as_deref() == row.validation_errors
    }
}

/// Puts another reading of the same bytes in place of the stored one. The status and the time that the first reading
/// took stay, and nothing is counted here.
pub(crate) fn update_reading(
    connection: &mut SqliteConnection,
    session: i64,
    item: &MessageItem,
) -> QueryResult<()> {
    let findings = findings_json(&item.findings);
    let row = row(session, item, findings.as_deref());
    let key = (row.session_id, row.seq, row.message_index);
    diesel::update(pss_events::table.find(key))
        .set((
            pss_events::match_index.eq(row.match_index),
            pss_events::round.eq(row.round),
            pss_events::event_code.eq(row.event_code),
            pss_events::protocol_version.eq(row.protocol_version),
            pss_events::parser_confidence.eq(row.parser_confidence),
            pss_events::validation_errors.eq(row.validation_errors),
        ))
        .execute(connection)?;
    let details = pss_event_details::table
        .filter(pss_event_details::session_id.eq(key.0))
        .filter(pss_event_details::seq.eq(key.1))
        .filter(pss_event_details::message_index.eq(key.2));
    diesel::delete(details).execute(connection)?;
    let results = results::table
        .filter(results::session_id.eq(key.0))
        .filter(results::seq.eq(key.1))
        .filter(results::message_index.eq(key.2));
    diesel::delete(results).execute(connection)?;
    insert_details(connection, session, item)
}

/// The findings as `validation_errors` has them.
pub(crate) fn findings_json(findings: &[Finding]) -> Option<String> {
    let json = || serde_json::to_string(findings).expect("findings hold nothing that JSON cannot say");
    (!findings.is_empty()).then(json)
}

fn counted(session: i64, item: &MessageItem) -> Counted {
    Counted {
        session,
        code: item.code.map(|code| Cow::Borrowed(code.as_str())),
        arrived_at: item.arrived_at.map(|at| at.0),
        status: item.status,
        error: item.has_error(),
        micros: item.processing_us,
    }
}

fn row<'a>(session_id: i64, item: &'a MessageItem, findings: Option<&'a str>) -> Row<'a> {
    Row {
        session_id,
        seq: number(item.seq),
        message_index: item.index.into(),
        span_start: item.span.start.into(),
        span_end: item.span.end.into(),
        arrived_at: item.arrived_at.map(|at| at.0),
        match_index: item.match_index.map(i64::from),
        round: item.round.map(i64::from),
        event_code: item.code.map(|code| code.as_str()),
        recognition_status: item.status.as_str(),
        protocol_version: item.protocol_version,
        // As a decimal: 0.9 is 0.9 in the database, and not the nearest number of 32 bits.
        parser_confidence: (f64::from(item.confidence) * 1e4).round() / 1e4,
        validation_errors: findings,
        processing_time_ms: item.processing_us.map(|micros| micros as f64 / 1e3),
    }
}

fn place(connection: &mut SqliteConnection, session: i64, placement: Placement) -> QueryResult<()> {
    let rows = pss_events::table
        .filter(pss_events::session_id.eq(session))
        .filter(pss_events::seq.ge(number(placement.from)))
        .filter(pss_events::seq.lt(number(placement.until)));
    let update = diesel::update(rows);
    match placement.place {
        Place::Match(index) => {
            update.set(pss_events::match_index.eq(i64::from(index))).execute(connection)?
        }
        Place::Round(round) => update.set(pss_events::round.eq(i64::from(round))).execute(connection)?,
    };
    Ok(())
}
