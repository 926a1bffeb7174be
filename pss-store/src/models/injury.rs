//! `injuries`: a kye-shi from its show to its hide.

use diesel::prelude::*;
use pss_protocol::{Athlete, ClockTime, InjuryAction, MatchEvent, Timestamp};

use super::unsigned;
use crate::{
    schema::injuries,
    words::{self, Word as _},
};

/// A kye-shi from its show to its hide.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct StoredInjury {
    /// The `id` of the event that opened it.
    pub event_id: u32,
    /// Whose, where that was said.
    pub athlete: Option<Athlete>,
    /// The round.
    pub round: u32,
    /// The match clock when it began.
    pub clock: Option<ClockTime>,
    /// When it was shown; `None` where the input had no clock or the show never arrived.
    pub shown_at: Option<Timestamp>,
    /// What the medical clock began with.
    pub shown_time: Option<ClockTime>,
    /// When it was hidden or set back; `None` while it lasts.
    pub hidden_at: Option<Timestamp>,
    /// What was left of the medical time.
    pub hidden_time: Option<ClockTime>,
}

#[derive(Clone, Debug, Insertable, Queryable, Selectable)]
#[diesel(table_name = injuries, treat_none_as_default_value = false)]
struct Row {
    session_id: i64,
    match_index: i64,
    event_id: i64,
    athlete: Option<String>,
    round: i64,
    clock: Option<String>,
    shown_at: Option<i64>,
    shown_time: Option<String>,
    hidden_at: Option<i64>,
    hidden_time: Option<String>,
}

/// Takes an event of kind `injury` that was just written to `match_events`.
pub(crate) fn apply(
    connection: &mut SqliteConnection,
    (session_id, match_index): (i64, i64),
    event: &MatchEvent,
    athlete: Option<Athlete>,
    action: InjuryAction,
    time: Option<ClockTime>,
) -> QueryResult<()> {
    let at = event.at.wall.map(|wall| wall.0);
    let time = time.map(|time| time.to_string());
    let mut row = Row {
        session_id,
        match_index,
        event_id: event.key.id.into(),
        athlete: athlete.map(|athlete| athlete.as_str().to_owned()),
        round: event.round.into(),
        clock: event.clock.map(|clock| clock.to_string()),
        shown_at: None,
        shown_time: None,
        hidden_at: None,
        hidden_time: None,
    };
    if action == InjuryAction::Show {
        row.shown_at = at;
        row.shown_time = time;
        diesel::insert_into(injuries::table).values(&row).execute(connection)?;
        return Ok(());
    }
    let last: Option<Row> = injuries::table
        .filter(injuries::session_id.eq(session_id))
        .filter(injuries::match_index.eq(match_index))
        .order(injuries::event_id.desc())
        .select(Row::as_select())
        .first(connection)
        .optional()?;
    // A hide need not repeat whose it is. One that finds nothing open tells of a show that was not heard; a reset
    // then says nothing.
    let open = last.filter(|last| {
        let same = last.athlete == row.athlete || last.athlete.is_none() || row.athlete.is_none();
        same && last.hidden_at.is_none() && last.hidden_time.is_none()
    });
    match open {
        Some(last) => {
            diesel::update(injuries::table.find((session_id, match_index, last.event_id)))
                .set((
                    injuries::athlete.eq(last.athlete.or(row.athlete)),
                    injuries::hidden_at.eq(at),
                    injuries::hidden_time.eq(time),
                ))
                .execute(connection)?;
        }
        None if action == InjuryAction::Hide => {
            row.hidden_at = at;
            row.hidden_time = time;
            diesel::insert_into(injuries::table).values(&row).execute(connection)?;
        }
        None => {}
    }
    Ok(())
}

/// The injuries of a match in their order.
pub(crate) fn of_match(
    connection: &mut SqliteConnection,
    session: i64,
    index: i64,
) -> QueryResult<Vec<StoredInjury>> {
    let rows = injuries::table
        .filter(injuries::session_id.eq(session))
        .filter(injuries::match_index.eq(index))
        .order(injuries::event_id)
        .select(Row::as_select())
        .load(connection)?;
    rows.into_iter()
        .map(|row| {
            let id = row.event_id;
            injury(row).ok_or_else(|| super::unreadable("injury", id))
        })
        .collect()
}

fn injury(row: Row) -> Option<StoredInjury> {
    let clock = |text: Option<String>| text.as_deref().and_then(words::clock);
    Some(StoredInjury {
        event_id: unsigned(row.event_id)?,
        athlete: row.athlete.as_deref().and_then(Athlete::from_word),
        round: unsigned(row.round)?,
        clock: clock(row.clock),
        shown_at: row.shown_at.map(Timestamp),
        shown_time: clock(row.shown_time),
        hidden_at: row.hidden_at.map(Timestamp),
        hidden_time: clock(row.hidden_time),
    })
}
