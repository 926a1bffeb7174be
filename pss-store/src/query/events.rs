//! What the table decided, and the hits.

use diesel::{
    prelude::*,
    sql_types::{BigInt, Binary, Bool, Nullable, Text},
};
use pss_protocol::Timestamp;

use super::{
    EventRow, HitRow, Query,
    arrived::{Arrived, Branch, Raw},
    codes,
    cursor::{Key, Noun},
    fights::Fight,
    sql::{Sql, holds},
};
use crate::{AthleteId, MatchId, SessionId, models::unsigned};

/// `match_events`.
pub(super) struct Events;

impl Arrived for Events {
    const NOUN: Noun = Noun::MatchEvents;
    const COLUMNS: &'static str = "rings.name AS ring, matches.id AS match_id, matches.number AS match_number, e.round AS round, e.clock AS clock, e.kind AS kind, e.athlete AS athlete, \
        e.basis AS basis, e.code AS code, e.points AS points, e.removes AS removes, e.state AS state, \
        e.won AS won, e.shown_time AS shown_time, e.winner AS winner, e.decision AS decision, \
        e.anomaly AS anomaly, e.note AS note, e.evidence_seq AS evidence_seq, \
        e.evidence_index AS evidence_index, hits.level AS level, hits.linked_point AS linked_point, \
        substr(d.bytes, p.span_start + 1, p.span_end - p.span_start) AS raw";
    const TABLE: &'static str = "match_events";
    const JOINS: &'static str = " CROSS JOIN sessions ON sessions.id = e.session_id \
        CROSS JOIN rings ON rings.id = sessions.ring_id \
        LEFT JOIN matches ON matches.session_id = e.session_id AND matches.match_index = e.match_index \
        LEFT JOIN hits ON hits.session_id = e.session_id AND hits.match_index = e.match_index \
            AND hits.event_id = e.event_id \
        LEFT JOIN pss_events AS p ON p.session_id = e.session_id AND p.seq = e.evidence_seq \
            AND p.message_index = e.evidence_index \
        LEFT JOIN datagrams AS d ON d.session_id = p.session_id AND d.seq = p.seq";
    const PLACE: [&'static str; 3] = ["session_id", "match_index", "event_id"];
    const IN_MATCH: &'static [&'static str] = &["event_id"];
    const BY_ARRIVAL: &'static str = "match_events_by_arrival";
    const BY_MATCH: &'static str = "";
    type Raw = RawEvent;
    type Row = EventRow;

    fn joins_of_conditions(_: &Query) -> &'static str {
        ""
    }

    fn conditions(query: &Query) -> Vec<Sql> {
        let mut all = Vec::new();
        let kinds: Vec<_> = query.codes.iter().filter_map(|code| codes::condition(code)).collect();
        if !kinds.is_empty() {
            all.push(Sql::new(&format!("({})", kinds.join(" OR "))));
        }
        all.extend(query.text.as_ref().map(|text| holds("e.note", text)));
        all
    }

    fn branches(_: &Query, keys: &'static str) -> Vec<Branch> {
        vec![Branch { index: Self::BY_ARRIVAL, keys, conditions: Vec::new() }]
    }

    fn side(fight: &Fight) -> Option<Sql> {
        Some(on_side(fight))
    }
}

/// `hits`, found by their events, which have the arrival.
pub(super) struct Hits;

impl Arrived for Hits {
    const NOUN: Noun = Noun::Hits;
    const COLUMNS: &'static str = "rings.name AS ring, matches.id AS match_id, matches.number AS match_number, e.round AS round, e.clock AS clock, hits.athlete AS athlete, \
        coalesce(athletes.merged_into, athletes.id) AS athlete_id, athletes.long_name AS athlete_name, \
        athletes.country AS country, hits.level AS level, hits.linked_point AS linked_point, \
        points.code AS point_code, points.points AS points";
    const TABLE: &'static str = "match_events";
    const JOINS: &'static str = " CROSS JOIN hits ON hits.session_id = e.session_id \
            AND hits.match_index = e.match_index AND hits.event_id = e.event_id \
        CROSS JOIN sessions ON sessions.id = e.session_id CROSS JOIN rings ON rings.id = sessions.ring_id \
        LEFT JOIN matches ON matches.session_id = e.session_id AND matches.match_index = e.match_index \
        LEFT JOIN athletes ON athletes.id \
            = iif(hits.athlete = 'blue', matches.blue_athlete_id, matches.red_athlete_id) \
        LEFT JOIN match_events AS points ON points.session_id = e.session_id \
            AND points.match_index = e.match_index AND points.event_id = hits.linked_point";
    const PLACE: [&'static str; 3] = Events::PLACE;
    const IN_MATCH: &'static [&'static str] = Events::IN_MATCH;
    const BY_ARRIVAL: &'static str = Events::BY_ARRIVAL;
    const BY_MATCH: &'static str = Events::BY_MATCH;
    type Raw = RawHit;
    type Row = HitRow;

    fn joins_of_conditions(_: &Query) -> &'static str {
        ""
    }

    fn conditions(_: &Query) -> Vec<Sql> {
        vec![Sql::new("e.kind = 'hit'")]
    }

    fn branches(query: &Query, keys: &'static str) -> Vec<Branch> {
        Events::branches(query, keys)
    }

    fn side(fight: &Fight) -> Option<Sql> {
        Some(on_side(fight))
    }

    fn may_be_in(fight: &Fight) -> bool {
        fight.hits
    }
}

fn on_side(fight: &Fight) -> Sql {
    let sides = [(fight.blue, "blue"), (fight.red, "red")];
    let mut condition = Sql::new("e.athlete IN ");
    condition.texts(sides.into_iter().filter(|(fought, _)| *fought).map(|(_, side)| side));
    condition
}

#[derive(QueryableByName)]
pub(super) struct RawEvent {
    #[diesel(sql_type = Text)]
    ring: String,
    #[diesel(sql_type = BigInt)]
    session_id: i64,
    #[diesel(sql_type = Nullable<BigInt>)]
    match_id: Option<i64>,
    #[diesel(sql_type = BigInt)]
    match_index: i64,
    #[diesel(sql_type = Nullable<Text>)]
    match_number: Option<String>,
    #[diesel(sql_type = BigInt)]
    event_id: i64,
    #[diesel(sql_type = Nullable<BigInt>)]
    arrived_at: Option<i64>,
    #[diesel(sql_type = BigInt)]
    round: i64,
    #[diesel(sql_type = Nullable<Text>)]
    clock: Option<String>,
    #[diesel(sql_type = Text)]
    kind: String,
    #[diesel(sql_type = Nullable<Text>)]
    athlete: Option<String>,
    #[diesel(sql_type = Text)]
    basis: String,
    #[diesel(sql_type = Nullable<Text>)]
    code: Option<String>,
    #[diesel(sql_type = Nullable<BigInt>)]
    points: Option<i64>,
    #[diesel(sql_type = Nullable<BigInt>)]
    removes: Option<i64>,
    #[diesel(sql_type = Nullable<Text>)]
    state: Option<String>,
    #[diesel(sql_type = Nullable<Bool>)]
    won: Option<bool>,
    #[diesel(sql_type = Nullable<Text>)]
    shown_time: Option<String>,
    #[diesel(sql_type = Nullable<Text>)]
    winner: Option<String>,
    #[diesel(sql_type = Nullable<Text>)]
    decision: Option<String>,
    #[diesel(sql_type = Nullable<Text>)]
    anomaly: Option<String>,
    #[diesel(sql_type = Nullable<Text>)]
    note: Option<String>,
    #[diesel(sql_type = Nullable<BigInt>)]
    evidence_seq: Option<i64>,
    #[diesel(sql_type = Nullable<BigInt>)]
    evidence_index: Option<i64>,
    #[diesel(sql_type = Nullable<BigInt>)]
    level: Option<i64>,
    #[diesel(sql_type = Nullable<BigInt>)]
    linked_point: Option<i64>,
    #[diesel(sql_type = Nullable<Binary>)]
    raw: Option<Vec<u8>>,
}

impl Raw for RawEvent {
    type Row = EventRow;

    fn key(&self) -> Key {
        Key { at: self.arrived_at, place: [self.session_id, self.match_index, self.event_id] }
    }

    fn row(self) -> Option<EventRow> {
        let code = codes::of_event(&self.kind, self.code.as_deref()).to_owned();
        Some(EventRow {
            ring: self.ring,
            session: SessionId(self.session_id),
            match_id: self.match_id.map(MatchId),
            match_index: unsigned(self.match_index),
            match_number: self.match_number,
            event_id: unsigned(self.event_id)?,
            arrived_at: self.arrived_at.map(Timestamp),
            round: round(self.round),
            clock: self.clock,
            code,
            kind: self.kind,
            athlete: self.athlete,
            basis: self.basis,
            points: self.points,
            level: self.level,
            removes: self.removes.and_then(unsigned),
            linked_point: self.linked_point.and_then(unsigned),
            state: self.state,
            won: self.won,
            shown_time: self.shown_time,
            winner: self.winner,
            decision: self.decision,
            anomaly: self.anomaly,
            note: self.note,
            seq: self.evidence_seq.and_then(unsigned),
            index: self.evidence_index.and_then(unsigned),
            raw: self.raw,
        })
    }
}

#[derive(QueryableByName)]
pub(super) struct RawHit {
    #[diesel(sql_type = Text)]
    ring: String,
    #[diesel(sql_type = BigInt)]
    session_id: i64,
    #[diesel(sql_type = Nullable<BigInt>)]
    match_id: Option<i64>,
    #[diesel(sql_type = BigInt)]
    match_index: i64,
    #[diesel(sql_type = Nullable<Text>)]
    match_number: Option<String>,
    #[diesel(sql_type = BigInt)]
    event_id: i64,
    #[diesel(sql_type = Nullable<BigInt>)]
    arrived_at: Option<i64>,
    #[diesel(sql_type = BigInt)]
    round: i64,
    #[diesel(sql_type = Nullable<Text>)]
    clock: Option<String>,
    #[diesel(sql_type = Text)]
    athlete: String,
    #[diesel(sql_type = Nullable<BigInt>)]
    athlete_id: Option<i64>,
    #[diesel(sql_type = Nullable<Text>)]
    athlete_name: Option<String>,
    #[diesel(sql_type = Nullable<Text>)]
    country: Option<String>,
    #[diesel(sql_type = BigInt)]
    level: i64,
    #[diesel(sql_type = Nullable<BigInt>)]
    linked_point: Option<i64>,
    #[diesel(sql_type = Nullable<Text>)]
    point_code: Option<String>,
    #[diesel(sql_type = Nullable<BigInt>)]
    points: Option<i64>,
}

impl Raw for RawHit {
    type Row = HitRow;

    fn key(&self) -> Key {
        Key { at: self.arrived_at, place: [self.session_id, self.match_index, self.event_id] }
    }

    fn row(self) -> Option<HitRow> {
        Some(HitRow {
            ring: self.ring,
            session: SessionId(self.session_id),
            match_id: self.match_id.map(MatchId),
            match_index: unsigned(self.match_index),
            match_number: self.match_number,
            event_id: unsigned(self.event_id)?,
            arrived_at: self.arrived_at.map(Timestamp),
            round: round(self.round),
            clock: self.clock,
            athlete: self.athlete,
            athlete_id: self.athlete_id.map(AthleteId),
            athlete_name: self.athlete_name,
            country: self.country.filter(|country| !country.is_empty()),
            level: self.level,
            linked_point: self.linked_point.and_then(unsigned),
            point_code: self.point_code,
            points: self.points,
        })
    }
}

/// 0 is before the first.
fn round(stored: i64) -> Option<u32> {
    unsigned(stored).filter(|round| *round > 0)
}
