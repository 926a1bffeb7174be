//! Rows as flat as a spreadsheet needs them.

use std::borrow::Cow;

use pss_protocol::{MatchSummary, Timestamp, escape};

use crate::{AthleteRow, EventRow, HitRow, MatchRow, MessageRow};

/// What a column holds in one row.
pub(super) enum Cell<'a> {
    Empty,
    Integer(i64),
    Number(f64),
    Bool(bool),
    Text(Cow<'a, str>),
}

/// A row with one value a column.
pub(super) trait Flat {
    const COLUMNS: &'static [&'static str];

    fn cells(&self) -> Vec<Cell<'_>>;
}

macro_rules! flat {
    ($type:ty, $row:ident: $($name:ident = $value:expr,)+) => {
        impl Flat for $type {
            const COLUMNS: &'static [&'static str] = &[$(stringify!($name)),+];

            fn cells(&self) -> Vec<Cell<'_>> {
                let $row = self;
                vec![$(Cell::from($value)),+]
            }
        }
    };
}

flat! { MessageRow, row:
    ring = &row.ring,
    session = row.session.0,
    seq = row.seq,
    index = row.index,
    arrived_at = row.arrived_at,
    source = &row.source,
    match_id = row.match_id.map(|id| id.0),
    match_index = row.match_index,
    round = row.round,
    code = &row.code,
    status = row.status.as_str(),
    confidence = row.confidence,
    protocol_version = &row.protocol_version,
    processing_ms = row.processing_ms,
    raw = escape(&row.raw).to_string(),
    findings = Some(&row.findings).filter(|findings| !is_empty(findings)).map(ToString::to_string),
}

flat! { EventRow, row:
    ring = &row.ring,
    session = row.session.0,
    match_id = row.match_id.map(|id| id.0),
    match_index = row.match_index,
    match_number = &row.match_number,
    event_id = row.event_id,
    arrived_at = row.arrived_at,
    round = row.round,
    clock = &row.clock,
    code = &row.code,
    kind = &row.kind,
    athlete = &row.athlete,
    basis = &row.basis,
    points = row.points,
    level = row.level,
    removes = row.removes,
    linked_point = row.linked_point,
    state = &row.state,
    won = row.won,
    shown_time = &row.shown_time,
    winner = &row.winner,
    decision = &row.decision,
    anomaly = &row.anomaly,
    note = &row.note,
    seq = row.seq,
    index = row.index,
    raw = row.raw.as_ref().map(|raw| escape(raw).to_string()),
}

flat! { HitRow, row:
    ring = &row.ring,
    session = row.session.0,
    match_id = row.match_id.map(|id| id.0),
    match_index = row.match_index,
    match_number = &row.match_number,
    event_id = row.event_id,
    arrived_at = row.arrived_at,
    round = row.round,
    clock = &row.clock,
    athlete = &row.athlete,
    athlete_id = row.athlete_id.map(|id| id.0),
    athlete_name = &row.athlete_name,
    country = &row.country,
    level = row.level,
    linked_point = row.linked_point,
    point_code = &row.point_code,
    points = row.points,
}

flat! { MatchRow, row:
    match_id = row.match_id.0,
    ring = &row.ring,
    session = row.session.0,
    match_index = row.match_index,
    began_at = row.began_at,
    number = &row.summary.number,
    event_id = &row.summary.id,
    phase = &row.summary.phase,
    category = &row.summary.category,
    division = &row.summary.division,
    scoring = row.summary.scoring.as_str(),
    rounds_planned = row.summary.rounds_planned,
    round_seconds = row.summary.round_seconds,
    body_level = row.summary.body_level,
    head_level = row.summary.head_level,
    blue_athlete_id = row.blue_athlete_id.map(|id| id.0),
    blue_name = &row.summary.blue.name,
    blue_country = &row.summary.blue.country,
    red_athlete_id = row.red_athlete_id.map(|id| id.0),
    red_name = &row.summary.red.name,
    red_country = &row.summary.red.country,
    rounds = rounds(&row.summary),
    winner = row.summary.winner.and_then(word),
    winner_basis = row.summary.winner_basis.map(|basis| basis.as_str()),
    decision = row.summary.decision.map(|decision| decision.to_string()),
    decision_basis = row.summary.decision_basis.map(|basis| basis.as_str()),
    result = &row.summary.result,
    blue_hits = row.summary.hits.blue,
    red_hits = row.summary.hits.red,
    started = row.started,
}

flat! { AthleteRow, row:
    id = row.id.0,
    long_name = &row.long_name,
    short_name = &row.short_name,
    country = &row.country,
    division = &row.division,
    variant = row.variant,
    merged = row.merged.iter().map(|id| id.0.to_string()).collect::<Vec<_>>().join(" "),
    matches = row.matches,
    last_match_at = row.last_match_at,
}

/// The score of each round, blue first: `7:5 3:8`.
fn rounds(summary: &MatchSummary) -> String {
    let rounds: Vec<_> = summary.rounds.iter().map(|round| format!("{}:{}", round.blue, round.red)).collect();
    rounds.join(" ")
}

fn word<T: crate::words::Word>(value: T) -> Option<&'static str> {
    value.word()
}

fn is_empty(findings: &serde_json::Value) -> bool {
    findings.is_null() || findings.as_array().is_some_and(Vec::is_empty)
}

impl From<i64> for Cell<'_> {
    fn from(number: i64) -> Self {
        Self::Integer(number)
    }
}

impl From<u32> for Cell<'_> {
    fn from(number: u32) -> Self {
        Self::Integer(number.into())
    }
}

impl From<u64> for Cell<'_> {
    fn from(number: u64) -> Self {
        Self::Integer(crate::models::number(number))
    }
}

impl From<f64> for Cell<'_> {
    fn from(number: f64) -> Self {
        Self::Number(number)
    }
}

impl From<bool> for Cell<'_> {
    fn from(value: bool) -> Self {
        Self::Bool(value)
    }
}

impl From<Timestamp> for Cell<'_> {
    fn from(time: Timestamp) -> Self {
        Self::Text(time.to_string().into())
    }
}

impl From<String> for Cell<'_> {
    fn from(text: String) -> Self {
        Self::Text(text.into())
    }
}

impl<'a> From<&'a str> for Cell<'a> {
    fn from(text: &'a str) -> Self {
        Self::Text(text.into())
    }
}

impl<'a> From<&'a String> for Cell<'a> {
    fn from(text: &'a String) -> Self {
        Self::Text(text.into())
    }
}

impl<'a> From<&'a Option<String>> for Cell<'a> {
    fn from(text: &'a Option<String>) -> Self {
        text.as_deref().into()
    }
}

impl<'a, T: Into<Self>> From<Option<T>> for Cell<'a> {
    fn from(value: Option<T>) -> Self {
        value.map_or(Self::Empty, Into::into)
    }
}
