//! `match_events`: what the table decided, with `hits`, `challenges` and `injuries`, which follow from it.

use std::hash::Hash;

use diesel::prelude::*;
use pss_protocol::{EventKey, EventKind, MatchEvent, Winner};

use super::{challenge, event_row, injury, number, unsigned};
use crate::{
    batch::Batch,
    schema::{hits, match_events},
    words::Word as _,
};

/// The `match_index` of what happened outside of any match; a primary key cannot be null.
pub(super) const NO_MATCH: i64 = -1;

/// An event as it is stored, with what was found out about it later.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct StoredEvent {
    /// The event.
    pub event: MatchEvent,
    /// For a hit, the `id` of the point that it led to.
    pub linked_point: Option<u32>,
}

#[derive(Clone, Debug, Default, PartialEq, Eq, Hash, Insertable, Queryable, Selectable)]
#[diesel(table_name = match_events, treat_none_as_default_value = false)]
struct Row {
    session_id: i64,
    match_index: i64,
    event_id: i64,
    kind: String,
    arrived_at: Option<i64>,
    monotonic_us: i64,
    evidence_seq: Option<i64>,
    evidence_index: Option<i64>,
    round: i64,
    clock: Option<String>,
    basis: String,
    athlete: Option<String>,
    code: Option<String>,
    points: Option<i64>,
    removes: Option<i64>,
    state: Option<String>,
    won: Option<bool>,
    shown_time: Option<String>,
    winner: Option<String>,
    decision: Option<String>,
    anomaly: Option<String>,
    note: Option<String>,
}

#[derive(Insertable)]
#[diesel(table_name = hits, treat_none_as_default_value = false)]
struct HitRow<'a> {
    session_id: i64,
    match_index: i64,
    event_id: i64,
    athlete: &'a str,
    level: i64,
    round: i64,
    clock: Option<&'a str>,
    linked_point: Option<i64>,
}

/// All that the tables hold of an event, to compare it with that of another reading.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct FullRow {
    row: Row,
    level: Option<i64>,
    linked_point: Option<i64>,
}

impl FullRow {
    pub(crate) fn new(session: i64, event: &MatchEvent, linked_point: Option<u32>) -> Self {
        let level = match event.kind {
            EventKind::Hit { level, .. } => Some(level.into()),
            _ => None,
        };
        Self { row: row(session, event), level, linked_point: linked_point.map(i64::from) }
    }

    /// What it says, without the ids of its match's events.
    pub(crate) fn content(&self) -> impl Eq + Hash {
        (Row { event_id: 0, removes: None, ..self.row.clone() }, self.level)
    }

    /// What kind of event it is and what shows it.
    pub(crate) fn shown_by(&self) -> impl Eq + Hash {
        let Row { kind, athlete, evidence_seq, evidence_index, .. } = &self.row;
        (kind.clone(), athlete.clone(), *evidence_seq, *evidence_index)
    }

    /// Whether other tables have rows that follow from it.
    pub(crate) fn is_interruption(&self) -> bool {
        matches!(self.row.kind.as_str(), "challenge" | "injury")
    }
}

/// The rows of a match in the order of their ids, whatever version wrote them.
pub(crate) fn full_rows(
    connection: &mut SqliteConnection,
    session: i64,
    index: Option<u32>,
) -> QueryResult<Vec<FullRow>> {
    let match_index = index.map_or(NO_MATCH, i64::from);
    let rows: Vec<(Row, Option<i64>, Option<i64>)> = match_events::table
        .left_join(
            hits::table.on(hits::session_id
                .eq(match_events::session_id)
                .and(hits::match_index.eq(match_events::match_index))
                .and(hits::event_id.eq(match_events::event_id))),
        )
        .filter(match_events::session_id.eq(session))
        .filter(match_events::match_index.eq(match_index))
        .order(match_events::event_id)
        .select((Row::as_select(), hits::level.nullable(), hits::linked_point.nullable()))
        .load(connection)?;
    Ok(rows.into_iter().map(|(row, level, linked_point)| FullRow { row, level, linked_point }).collect())
}

/// The matches of a session that have events, `None` for what happened outside of any.
pub(crate) fn matches_with_events(
    connection: &mut SqliteConnection,
    session: i64,
) -> QueryResult<Vec<Option<u32>>> {
    let indexes: Vec<i64> = match_events::table
        .filter(match_events::session_id.eq(session))
        .select(match_events::match_index)
        .distinct()
        .load(connection)?;
    Ok(indexes.into_iter().map(unsigned).collect())
}

/// Takes the events of a match away, with all that follows from them.
pub(crate) fn remove_of_match(
    connection: &mut SqliteConnection,
    session: i64,
    index: Option<u32>,
) -> QueryResult<()> {
    let of_match = match_events::table
        .filter(match_events::session_id.eq(session))
        .filter(match_events::match_index.eq(index.map_or(NO_MATCH, i64::from)));
    diesel::delete(of_match).execute(connection)?;
    Ok(())
}

pub(crate) fn insert(connection: &mut SqliteConnection, batch: &Batch) -> QueryResult<()> {
    for event in &batch.events {
        let row = row(batch.session, event);
        diesel::insert_into(match_events::table).values(&row).execute(connection)?;
        if let EventKind::Hit { athlete, level } = event.kind {
            let hit = HitRow {
                session_id: row.session_id,
                match_index: row.match_index,
                event_id: row.event_id,
                athlete: athlete.as_str(),
                level: level.into(),
                round: row.round,
                clock: row.clock.as_deref(),
                linked_point: None,
            };
            diesel::insert_into(hits::table).values(&hit).execute(connection)?;
        }
        let of_match = (row.session_id, row.match_index);
        match event.kind {
            EventKind::Challenge { athlete, state, won } => {
                challenge::apply(connection, of_match, event, challenge::Step { athlete, state, won })?;
            }
            EventKind::Injury { athlete, action, time } => {
                injury::apply(connection, of_match, event, athlete, action, time)?;
            }
            _ => {}
        }
    }
    for link in &batch.links {
        let key = (batch.session, match_index(link.hit), i64::from(link.hit.id));
        diesel::update(hits::table.find(key))
            .set(hits::linked_point.eq(i64::from(link.point)))
            .execute(connection)?;
    }
    Ok(())
}

/// The events of a match in the order of their ids.
pub(crate) fn of_match(
    connection: &mut SqliteConnection,
    session: i64,
    index: i64,
) -> QueryResult<Vec<StoredEvent>> {
    between(connection, session, index, index)
}

/// The events of a session by match and id, those outside of any match first.
pub(crate) fn of_session(connection: &mut SqliteConnection, session: i64) -> QueryResult<Vec<StoredEvent>> {
    between(connection, session, NO_MATCH, i64::MAX)
}

fn between(
    connection: &mut SqliteConnection,
    session: i64,
    first: i64,
    last: i64,
) -> QueryResult<Vec<StoredEvent>> {
    let mut events = Vec::new();
    event_row::for_each(connection, session, (first, last), |event| events.push(event))?;
    Ok(events)
}

fn match_index(key: EventKey) -> i64 {
    key.match_index.map_or(NO_MATCH, i64::from)
}

fn row(session_id: i64, event: &MatchEvent) -> Row {
    let text = |word: &str| Some(word.to_owned());
    let mut row = Row {
        session_id,
        match_index: match_index(event.key),
        event_id: event.key.id.into(),
        kind: event.kind.as_str().to_owned(),
        arrived_at: event.at.wall.map(|wall| wall.0),
        monotonic_us: number(event.at.mono.as_micros()),
        evidence_seq: event.evidence.map(|evidence| number(evidence.seq)),
        evidence_index: event.evidence.map(|evidence| evidence.index.into()),
        round: event.round.into(),
        clock: event.clock.map(|clock| clock.to_string()),
        basis: event.basis.as_str().to_owned(),
        athlete: event.kind.athlete().map(|athlete| athlete.as_str().to_owned()),
        ..Row::default()
    };
    match &event.kind {
        EventKind::Point { code, points, .. } => {
            row.code = text(code.as_str());
            row.points = Some((*points).into());
        }
        EventKind::PointRemoved { code, points, removes, .. } => {
            row.code = text(code.as_str());
            row.points = Some((*points).into());
            row.removes = removes.map(i64::from);
        }
        EventKind::GamJeomRemoved { removes, .. } => row.removes = removes.map(i64::from),
        EventKind::Challenge { state, won, .. } => {
            row.state = state.word().map(str::to_owned);
            row.won = *won;
        }
        EventKind::Injury { action, time, .. } => {
            row.state = action.word().map(str::to_owned);
            row.shown_time = time.map(|time| time.to_string());
        }
        EventKind::TimeOut { action, time, .. } => {
            row.state = action.word().map(str::to_owned);
            row.shown_time = time.map(|time| time.to_string());
        }
        EventKind::MatchEnded { winner, decision } => {
            row.winner = winner.and_then(Winner::word).map(str::to_owned);
            row.decision = decision.map(|decision| decision.as_str().to_owned());
        }
        EventKind::Anomaly(anomaly) => {
            row.anomaly = text(anomaly.kind.as_str());
            row.note = Some(anomaly.text.clone());
        }
        // These say all in the columns of every event, and hits in their own table.
        _ => {}
    }
    row
}
