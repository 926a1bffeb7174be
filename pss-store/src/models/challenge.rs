//! `challenges`: a request for a review with all that came of it.
//!
//! The wire says each step by itself. A step belongs to the athlete's last challenge of the match, unless that one
//! is over; what is over is told by the clock, which stands still during a review.

use diesel::prelude::*;
use pss_protocol::{Athlete, ChallengeState, ClockTime, MatchEvent, Timestamp};

use super::unsigned;
use crate::{
    schema::{challenges, match_events},
    words::{self, Word as _},
};

/// A request for a review with all that came of it. It is open while it has neither an outcome nor a close.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct StoredChallenge {
    /// The `id` of the event that opened it.
    pub event_id: u32,
    /// Whose; `None` for the referee's own.
    pub athlete: Option<Athlete>,
    /// The round.
    pub round: u32,
    /// The match clock when it was opened.
    pub clock: Option<ClockTime>,
    /// When it was requested; `None` where the input had no clock or the request never arrived.
    pub requested_at: Option<Timestamp>,
    /// Accepted or not; `None` while it is open, and when it was closed without a decision. The last word counts.
    pub accepted: Option<bool>,
    /// Whether it was won, where that was said.
    pub won: Option<bool>,
    /// When the last word came.
    pub decided_at: Option<Timestamp>,
    /// The `id` of the event that was the last word.
    pub decided_by: Option<u32>,
    /// When it was closed, where that was said.
    pub closed_at: Option<Timestamp>,
}

#[derive(AsChangeset, Clone, Debug, Identifiable, Insertable, Queryable, Selectable)]
#[diesel(table_name = challenges, primary_key(session_id, match_index, event_id))]
#[diesel(treat_none_as_null = true, treat_none_as_default_value = false)]
struct Row {
    session_id: i64,
    match_index: i64,
    event_id: i64,
    athlete: Option<String>,
    round: i64,
    clock: Option<String>,
    requested_at: Option<i64>,
    outcome: Option<String>,
    won: Option<bool>,
    decided_at: Option<i64>,
    decided_by: Option<i64>,
    closed_at: Option<i64>,
}

/// A step of a challenge, as its event says it.
#[derive(Clone, Copy)]
pub(crate) struct Step {
    pub(crate) athlete: Option<Athlete>,
    pub(crate) state: ChallengeState,
    pub(crate) won: Option<bool>,
}

/// Takes a step that was just written to `match_events`.
pub(crate) fn apply(
    connection: &mut SqliteConnection,
    (session_id, match_index): (i64, i64),
    event: &MatchEvent,
    step: Step,
) -> QueryResult<()> {
    let athlete = step.athlete.map(|athlete| athlete.as_str().to_owned());
    let last: Option<Row> = challenges::table
        .filter(challenges::session_id.eq(session_id))
        .filter(challenges::match_index.eq(match_index))
        .filter(challenges::athlete.is(&athlete))
        .order(challenges::event_id.desc())
        .select(Row::as_select())
        .first(connection)
        .optional()?;
    let event_id = i64::from(event.key.id);
    let at = event.at.wall.map(|wall| wall.0);
    let new = Row {
        session_id,
        match_index,
        event_id,
        athlete,
        round: event.round.into(),
        clock: event.clock.map(|clock| clock.to_string()),
        requested_at: None,
        outcome: None,
        won: None,
        decided_at: None,
        decided_by: None,
        closed_at: None,
    };
    let (mut row, known) = match last {
        Some(last) if goes_on(connection, &last, &new, step.state)? => (last, true),
        _ => (new, false),
    };
    match step.state {
        ChallengeState::Requested if known => return Ok(()), // said twice
        ChallengeState::Requested => row.requested_at = at,
        ChallengeState::Accepted | ChallengeState::Rejected => {
            row.outcome = step.state.word().map(str::to_owned);
            row.decided_at = at;
            row.decided_by = Some(event_id);
        }
        ChallengeState::Closed => row.closed_at = row.closed_at.or(at),
    }
    row.won = step.won.or(row.won);
    if known {
        diesel::update(&row).set(&row).execute(connection)?;
    } else {
        diesel::insert_into(challenges::table).values(&row).execute(connection)?;
    }
    Ok(())
}

/// Whether a step belongs to the athlete's last challenge.
fn goes_on(
    connection: &mut SqliteConnection,
    last: &Row,
    now: &Row,
    state: ChallengeState,
) -> QueryResult<bool> {
    let is_same_moment = |row: &Row| (row.round, &row.clock) == (now.round, &now.clock);
    let open = last.outcome.is_none() && last.closed_at.is_none();
    if open {
        // A second request while the clock runs is another challenge: what became of the first was not heard.
        return Ok(state != ChallengeState::Requested || is_same_moment(last));
    }
    if state == ChallengeState::Requested {
        return Ok(false);
    }
    // Another word on what was decided corrects it, unless the clock ran in between: then a request was not heard.
    let decided: Option<(i64, Option<String>)> = match last.decided_by {
        Some(id) => match_events::table
            .find((last.session_id, last.match_index, id))
            .select((match_events::round, match_events::clock))
            .first(connection)
            .optional()?,
        None => None,
    };
    Ok(decided.map_or_else(
        || is_same_moment(last),
        |(round, clock)| (round, clock) == (now.round, now.clock.clone()),
    ))
}

/// The challenges of a match in their order.
pub(crate) fn of_match(
    connection: &mut SqliteConnection,
    session: i64,
    index: i64,
) -> QueryResult<Vec<StoredChallenge>> {
    let rows = challenges::table
        .filter(challenges::session_id.eq(session))
        .filter(challenges::match_index.eq(index))
        .order(challenges::event_id)
        .select(Row::as_select())
        .load(connection)?;
    rows.into_iter()
        .map(|row| {
            let id = row.event_id;
            challenge(row).ok_or_else(|| super::unreadable("challenge", id))
        })
        .collect()
}

fn challenge(row: Row) -> Option<StoredChallenge> {
    Some(StoredChallenge {
        event_id: unsigned(row.event_id)?,
        athlete: row.athlete.as_deref().and_then(Athlete::from_word),
        round: unsigned(row.round)?,
        clock: row.clock.as_deref().and_then(words::clock),
        requested_at: row.requested_at.map(Timestamp),
        accepted: row.outcome.map(|outcome| outcome == "accepted"),
        won: row.won,
        decided_at: row.decided_at.map(Timestamp),
        decided_by: row.decided_by.and_then(unsigned),
        closed_at: row.closed_at.map(Timestamp),
    })
}
