//! Messages, as they arrived.

use diesel::{
    prelude::*,
    sql_types::{BigInt, Binary, Double, Nullable, Text},
};
use pss_protocol::{RecognitionStatus, Timestamp};

use super::{
    MessageRow, Query,
    arrived::{Arrived, Branch, Raw},
    codes,
    cursor::{Key, Noun},
    fights::Fight,
    sql::{Sql, holds},
};
use crate::{
    EventId, MatchId, SessionId,
    models::{recognition, unreadable, unsigned},
    words::Word as _,
};

/// `pss_events`.
pub(super) struct Messages;

impl Arrived for Messages {
    const NOUN: Noun = Noun::Messages;
    const COLUMNS: &'static str = "rings.name AS ring, sources.address AS source, \
        matches.id AS match_id, e.match_index AS match_index, e.round AS round, e.event_code AS event_code, \
        e.recognition_status AS recognition_status, e.protocol_version AS protocol_version, \
        e.parser_confidence AS parser_confidence, e.validation_errors AS validation_errors, \
        e.processing_time_ms AS processing_time_ms, \
        substr(d.bytes, e.span_start + 1, e.span_end - e.span_start) AS raw";
    const TABLE: &'static str = "pss_events";
    const JOINS: &'static str = " CROSS JOIN datagrams AS d ON d.session_id = e.session_id AND d.seq = e.seq \
        CROSS JOIN sessions ON sessions.id = e.session_id CROSS JOIN rings ON rings.id = sessions.ring_id \
        LEFT JOIN sources ON sources.id = d.source_id \
        LEFT JOIN matches ON matches.session_id = e.session_id AND matches.match_index = e.match_index";
    const PLACE: [&'static str; 3] = ["session_id", "seq", "message_index"];
    const IN_MATCH: &'static [&'static str] = &["seq", "message_index"];
    const BY_ARRIVAL: &'static str = "pss_events_by_arrival";
    const BY_MATCH: &'static str = "pss_events_by_match";
    type Raw = RawMessage;
    type Row = MessageRow;

    fn joins_of_conditions(query: &Query) -> &'static str {
        match query.text {
            Some(_) => " CROSS JOIN datagrams AS d ON d.session_id = e.session_id AND d.seq = e.seq",
            None => "",
        }
    }

    fn conditions(query: &Query) -> Vec<Sql> {
        let mut all = Vec::new();
        // Where a branch says one of them already, it is true once more.
        if !query.codes.is_empty() {
            let mut condition = Sql::new("e.event_code IN ");
            condition.texts(query.codes.iter().filter_map(|code| codes::of_wire(code)));
            all.push(condition);
        }
        if !query.statuses.is_empty() {
            let mut condition = Sql::new("e.recognition_status IN ");
            condition.texts(query.statuses.iter().map(|status| status.as_str()));
            all.push(condition);
        }
        all.extend(
            query
                .text
                .as_ref()
                .map(|text| holds("substr(d.bytes, e.span_start + 1, e.span_end - e.span_start)", text)),
        );
        all
    }

    fn branches(query: &Query, keys: &'static str) -> Vec<Branch> {
        let by = |index, condition: Option<Sql>| Branch {
            index,
            keys,
            conditions: condition.into_iter().collect(),
        };
        let mut statuses: Vec<_> = query.statuses.iter().map(|status| status.as_str()).collect();
        statuses.sort_unstable();
        statuses.dedup();
        // The seldom ones are found by their own index, whatever else is asked for.
        if !statuses.is_empty() && !statuses.contains(&RecognitionStatus::Recognized.as_str()) {
            let branch = |status: &str| {
                let mut condition = Sql::new(&format!(
                    "{keys}.recognition_status <> 'recognized' AND {keys}.recognition_status = "
                ));
                condition.text(status);
                by("pss_events_not_recognized", Some(condition))
            };
            return statuses.into_iter().map(branch).collect();
        }
        let mut wanted: Vec<_> = query.codes.iter().filter_map(|code| codes::of_wire(code)).collect();
        wanted.sort_unstable();
        wanted.dedup();
        if wanted.is_empty() {
            return vec![by(Self::BY_ARRIVAL, None)];
        }
        let branch = |code: &str| {
            if code == "clk" {
                return by(Self::BY_ARRIVAL, Some(Sql::new("e.event_code = 'clk'")));
            }
            let mut condition = Sql::new(&format!("{keys}.event_code <> 'clk' AND {keys}.event_code = "));
            condition.text(code);
            by("pss_events_by_code", Some(condition))
        };
        wanted.into_iter().map(branch).collect()
    }

    fn side(_: &Fight) -> Option<Sql> {
        None
    }
}

#[derive(QueryableByName)]
pub(super) struct RawMessage {
    #[diesel(sql_type = Text)]
    ring: String,
    #[diesel(sql_type = BigInt)]
    session_id: i64,
    #[diesel(sql_type = BigInt)]
    seq: i64,
    #[diesel(sql_type = BigInt)]
    message_index: i64,
    #[diesel(sql_type = Nullable<BigInt>)]
    arrived_at: Option<i64>,
    #[diesel(sql_type = Nullable<Text>)]
    source: Option<String>,
    #[diesel(sql_type = Nullable<BigInt>)]
    match_id: Option<i64>,
    #[diesel(sql_type = Nullable<BigInt>)]
    match_index: Option<i64>,
    #[diesel(sql_type = Nullable<BigInt>)]
    round: Option<i64>,
    #[diesel(sql_type = Nullable<Text>)]
    event_code: Option<String>,
    #[diesel(sql_type = Text)]
    recognition_status: String,
    #[diesel(sql_type = Text)]
    protocol_version: String,
    #[diesel(sql_type = Double)]
    parser_confidence: f64,
    #[diesel(sql_type = Nullable<Text>)]
    validation_errors: Option<String>,
    #[diesel(sql_type = Nullable<Double>)]
    processing_time_ms: Option<f64>,
    #[diesel(sql_type = Binary)]
    raw: Vec<u8>,
}

/// The message of this name.
pub(crate) fn find(connection: &mut SqliteConnection, event: EventId) -> QueryResult<Option<MessageRow>> {
    let (session, seq, index) = recognition::key(event);
    let (columns, joins) = (Messages::COLUMNS, Messages::JOINS);
    let sql = format!(
        "SELECT e.arrived_at, e.session_id, e.seq, e.message_index, {columns} FROM pss_events AS e{joins} \
         WHERE e.session_id = ? AND e.seq = ? AND e.message_index = ?"
    );
    let raw = diesel::sql_query(sql)
        .bind::<BigInt, _>(session)
        .bind::<BigInt, _>(seq)
        .bind::<BigInt, _>(index)
        .get_result::<RawMessage>(connection)
        .optional()?;
    raw.map(|raw| raw.row().ok_or_else(|| unreadable("datagram", seq))).transpose()
}

impl Raw for RawMessage {
    type Row = MessageRow;

    fn key(&self) -> Key {
        Key { at: self.arrived_at, place: [self.session_id, self.seq, self.message_index] }
    }

    fn row(self) -> Option<MessageRow> {
        let findings = self.validation_errors.map_or_else(
            || serde_json::Value::Array(Vec::new()),
            // What somebody else wrote there is shown as it is.
            |text| serde_json::from_str(&text).unwrap_or(serde_json::Value::String(text)),
        );
        Some(MessageRow {
            ring: self.ring,
            session: SessionId(self.session_id),
            seq: unsigned(self.seq)?,
            index: unsigned(self.message_index)?,
            arrived_at: self.arrived_at.map(Timestamp),
            source: self.source,
            match_id: self.match_id.map(MatchId),
            match_index: self.match_index.and_then(unsigned),
            round: self.round.and_then(unsigned),
            code: self.event_code,
            status: RecognitionStatus::from_word(&self.recognition_status)?,
            confidence: self.parser_confidence,
            protocol_version: self.protocol_version,
            processing_ms: self.processing_time_ms,
            raw: self.raw,
            findings,
        })
    }
}
