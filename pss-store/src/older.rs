//! What a database lacks that was written before there were rows for findings, patterns and statistics.

use diesel::prelude::*;
use pss_protocol::RecognitionStatus;

use crate::{
    EventId, SessionId,
    models::{Cache, unsigned},
    schema::{datagrams, pss_events, sessions},
    statistics,
    unknown::Sighting,
};

/// Derives it from the messages, right after the migration that adds the tables.
pub(crate) fn complete(connection: &mut SqliteConnection) -> QueryResult<()> {
    diesel::sql_query(FINDINGS).execute(connection)?;
    let mut cache = Cache::default();
    let mut after = None;
    while let Some(last) = see_unknown(connection, &mut cache, after)? {
        after = Some(last);
    }
    cache.write_counts(connection)?;
    let sessions: Vec<i64> = sessions::table.select(sessions::id).load(connection)?;
    sessions.into_iter().try_for_each(|session| statistics::recount(connection, session))
}

/// The findings were kept as JSON only.
const FINDINGS: &str = "INSERT INTO pss_event_validation_results \
    (session_id, seq, message_index, finding, rule_id, severity, field, message) \
    SELECT session_id, seq, message_index, finding.key, finding.value ->> 'rule', finding.value ->> 'severity', \
        finding.value ->> 'field', coalesce(finding.value ->> 'message', '') \
    FROM pss_events, \
        json_each(CASE WHEN json_valid(validation_errors) THEN validation_errors ELSE '[]' END) AS finding \
    WHERE validation_errors IS NOT NULL AND finding.type = 'object' AND finding.value ->> 'rule' IS NOT NULL \
        AND finding.value ->> 'severity' IN ('info', 'warning', 'error')";

/// Counts some of what nobody knows, behind this message. Gives the last one; `None` at the end.
fn see_unknown(
    connection: &mut SqliteConnection,
    cache: &mut Cache,
    after: Option<(i64, i64, i64)>,
) -> QueryResult<Option<(i64, i64, i64)>> {
    type Row = ((i64, i64, i64), Option<i64>, i64, i64, Vec<u8>);
    let key = (pss_events::session_id, pss_events::seq, pss_events::message_index);
    let mut rows = pss_events::table
        .inner_join(
            datagrams::table
                .on(datagrams::session_id.eq(pss_events::session_id).and(datagrams::seq.eq(pss_events::seq))),
        )
        .filter(pss_events::recognition_status.eq(RecognitionStatus::Unknown.as_str()))
        .order(key)
        .limit(AT_ONCE)
        .select((key, pss_events::arrived_at, pss_events::span_start, pss_events::span_end, datagrams::bytes))
        .into_boxed();
    if let Some((session, seq, index)) = after {
        rows = rows.filter(pss_events::session_id.gt(session).or(pss_events::session_id.eq(session).and(
            pss_events::seq.gt(seq).or(pss_events::seq.eq(seq).and(pss_events::message_index.gt(index))),
        )));
    }
    let rows: Vec<Row> = rows.load(connection)?;
    for ((session, seq, index), arrived_at, start, end, bytes) in &rows {
        let span = unsigned(*start).zip(unsigned(*end)).map(|(start, end): (usize, usize)| start..end);
        let event =
            || Some(EventId { session: SessionId(*session), seq: unsigned(*seq)?, index: unsigned(*index)? });
        if let (Some(message), Some(event)) = (span.and_then(|span| bytes.get(span)), event()) {
            cache.unknown.see(connection, &Sighting { event, arrived_at: *arrived_at, message })?;
        }
    }
    Ok(rows.last().map(|(key, ..)| *key))
}

const AT_ONCE: i64 = 1000;
