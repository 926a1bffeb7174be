//! Tournaments in the database.

use std::collections::BTreeSet;

use diesel::prelude::*;
use jiff::civil::Date;
use pss_protocol::Timestamp;

use super::{
    SessionChoice, StoredTournament, TournamentChange, TournamentId, TournamentInfo, TournamentMatch, days,
};
use crate::{
    MatchId, SessionId, StoreError,
    cache::Caches,
    models::{match_, session, unreadable, unsigned},
    schema::{matches, rings, sessions, tournament_days, tournament_rings, tournaments},
    store::Refusal,
};

pub(super) fn add(connection: &mut SqliteConnection, info: &TournamentInfo) -> Result<TournamentId, Refusal> {
    check_name(connection, &info.name, None)?;
    let id = diesel::insert_into(tournaments::table)
        .values((
            tournaments::name.eq(&info.name),
            tournaments::place.eq(unless_empty(info.place.as_deref())),
            tournaments::time_zone.eq(&info.time_zone),
            tournaments::notes.eq(unless_empty(info.notes.as_deref())),
        ))
        .returning(tournaments::id)
        .get_result(connection)?;
    set_days(connection, id, &info.days)?;
    set_rings(connection, id, &info.rings)?;
    Ok(TournamentId(id))
}

pub(super) fn change(
    connection: &mut SqliteConnection,
    id: TournamentId,
    change: &TournamentChange,
) -> Result<(), Refusal> {
    demand(connection, id)?;
    let row = tournaments::table.find(id.0);
    if let Some(name) = &change.name {
        check_name(connection, name, Some(id))?;
        diesel::update(row).set(tournaments::name.eq(name)).execute(connection)?;
    }
    if let Some(place) = &change.place {
        diesel::update(row).set(tournaments::place.eq(unless_empty(Some(place)))).execute(connection)?;
    }
    if let Some(notes) = &change.notes {
        diesel::update(row).set(tournaments::notes.eq(unless_empty(Some(notes)))).execute(connection)?;
    }
    if let Some(zone) = &change.time_zone {
        diesel::update(row).set(tournaments::time_zone.eq(zone)).execute(connection)?;
    }
    if let Some(days) = &change.days {
        set_days(connection, id.0, days)?;
    }
    if let Some(rings) = &change.rings {
        set_rings(connection, id.0, rings)?;
    }
    if change.days.is_some() || change.time_zone.is_some() {
        let of_tournament: Vec<i64> =
            sessions::table.filter(sessions::tournament_id.eq(id.0)).select(sessions::id).load(connection)?;
        for session in of_tournament {
            set_days_of_matches(connection, session, Some(id))?;
        }
    }
    Ok(())
}

pub(super) fn remove(connection: &mut SqliteConnection, id: TournamentId) -> Result<(), Refusal> {
    demand(connection, id)?;
    diesel::delete(tournaments::table.find(id.0)).execute(connection)?;
    Ok(())
}

pub(super) fn assign(
    connection: &mut SqliteConnection,
    choice: &SessionChoice,
    to: Option<TournamentId>,
) -> Result<Vec<SessionId>, Refusal> {
    if let Some(id) = to {
        demand(connection, id)?;
    }
    let chosen = chosen(connection, choice)?;
    for session in &chosen {
        diesel::update(sessions::table.find(session.0))
            .set(sessions::tournament_id.eq(to.map(|id| id.0)))
            .execute(connection)?;
        set_days_of_matches(connection, session.0, to)?;
    }
    Ok(chosen)
}

fn chosen(connection: &mut SqliteConnection, choice: &SessionChoice) -> Result<Vec<SessionId>, Refusal> {
    match choice {
        SessionChoice::Session(id) => {
            let found =
                sessions::table.find(id.0).select(sessions::id).first::<i64>(connection).optional()?;
            found.ok_or_else(|| StoreError::not_found("session", id))?;
            Ok(vec![*id])
        }
        SessionChoice::Between { ring, from, until } => {
            let mut query = sessions::table
                .inner_join(rings::table)
                .order(sessions::id)
                .select((sessions::id, sessions::started_at))
                .into_boxed();
            if let Some(ring) = ring {
                query = query.filter(rings::name.eq(ring));
            }
            let mut chosen = Vec::new();
            for (id, started_at) in query.load::<(i64, i64)>(connection)? {
                let first: Option<i64> = matches::table
                    .filter(matches::session_id.eq(id))
                    .select(diesel::dsl::min(matches::began_at))
                    .first(connection)?;
                let within = matches::table
                    .filter(matches::session_id.eq(id))
                    .filter(matches::began_at.ge(from.0))
                    .filter(matches::began_at.lt(until.0));
                let within = match first {
                    Some(_) => diesel::select(diesel::dsl::exists(within)).get_result(connection)?,
                    None => (from.0..until.0).contains(&started_at),
                };
                if within {
                    chosen.push(SessionId(id));
                }
            }
            Ok(chosen)
        }
    }
}

/// Gives each match of a session its day in the tournament that the session now has.
fn set_days_of_matches(
    connection: &mut SqliteConnection,
    session: i64,
    tournament: Option<TournamentId>,
) -> QueryResult<()> {
    let zone: Option<String> = match tournament {
        Some(id) => Some(tournaments::table.find(id.0).select(tournaments::time_zone).first(connection)?),
        None => None,
    };
    let of_session: Vec<(i64, Option<i64>)> = matches::table
        .filter(matches::session_id.eq(session))
        .select((matches::id, matches::began_at))
        .load(connection)?;
    for (id, began_at) in of_session {
        let day = match (tournament, &zone, began_at) {
            (Some(tournament), Some(zone), Some(at)) => days::day(connection, tournament.0, zone, at)?,
            _ => None,
        };
        diesel::update(matches::table.find(id))
            .set(matches::tournament_day_id.eq(day))
            .execute(connection)?;
    }
    Ok(())
}

pub(super) fn all(
    connection: &mut SqliteConnection,
    only: Option<TournamentId>,
) -> QueryResult<Vec<StoredTournament>> {
    type Row = (i64, String, Option<String>, String, Option<String>);
    let mut query = tournaments::table
        .order(tournaments::id.desc())
        .select((
            tournaments::id,
            tournaments::name,
            tournaments::place,
            tournaments::time_zone,
            tournaments::notes,
        ))
        .into_boxed();
    if let Some(id) = only {
        query = query.filter(tournaments::id.eq(id.0));
    }
    query
        .load::<Row>(connection)?
        .into_iter()
        .map(|(id, name, place, time_zone, notes)| {
            let dates: Vec<String> = tournament_days::table
                .filter(tournament_days::tournament_id.eq(id))
                .select(tournament_days::date)
                .load(connection)?;
            let names: Vec<String> = tournament_rings::table
                .inner_join(rings::table)
                .filter(tournament_rings::tournament_id.eq(id))
                .select(rings::name)
                .load(connection)?;
            let its_sessions = sessions::table.filter(sessions::tournament_id.eq(id));
            let sessions: i64 = its_sessions.count().get_result(connection)?;
            let matches: i64 = matches::table
                .filter(matches::session_id.eq_any(its_sessions.select(sessions::id)))
                .count()
                .get_result(connection)?;
            let days: Option<_> = dates.iter().map(|date| date.parse().ok()).collect();
            Ok(StoredTournament {
                id: TournamentId(id),
                info: TournamentInfo {
                    name,
                    place,
                    time_zone,
                    notes,
                    days: days.ok_or_else(|| unreadable("tournament", id))?,
                    rings: names.into_iter().collect(),
                },
                sessions: unsigned(sessions).unwrap_or_default(),
                matches: unsigned(matches).unwrap_or_default(),
            })
        })
        .collect()
}

pub(super) fn matches(
    connection: &mut SqliteConnection,
    caches: &Caches,
    id: TournamentId,
) -> QueryResult<Vec<TournamentMatch>> {
    type Row = (i64, String, Option<i64>, Option<String>);
    let rows: Vec<Row> = matches::table
        .inner_join(sessions::table.inner_join(rings::table))
        .left_join(tournament_days::table)
        .filter(sessions::tournament_id.eq(id.0))
        .order((matches::began_at.is_null(), matches::began_at, matches::id))
        .select((matches::id, rings::name, matches::began_at, tournament_days::date.nullable()))
        .load(connection)?;
    rows.into_iter()
        .map(|(id, ring, began_at, date)| {
            let stored =
                match_::find(connection, Some(caches), id)?.ok_or(diesel::result::Error::NotFound)?;
            let day = date.and_then(|date| date.parse().ok());
            Ok(TournamentMatch { stored, ring, began_at: began_at.map(Timestamp), day })
        })
        .collect()
}

pub(super) fn of_match(
    connection: &mut SqliteConnection,
    id: MatchId,
) -> QueryResult<Option<(TournamentId, Option<Date>)>> {
    let found: Option<(Option<i64>, Option<String>)> = matches::table
        .inner_join(sessions::table)
        .left_join(tournament_days::table)
        .filter(matches::id.eq(id.0))
        .select((sessions::tournament_id, tournament_days::date.nullable()))
        .first(connection)
        .optional()?;
    Ok(found.and_then(|(tournament, date)| {
        Some((TournamentId(tournament?), date.and_then(|date| date.parse().ok())))
    }))
}

fn demand(connection: &mut SqliteConnection, id: TournamentId) -> Result<(), Refusal> {
    let found = tournaments::table.find(id.0).select(tournaments::id).first::<i64>(connection).optional()?;
    found.ok_or_else(|| StoreError::not_found("tournament", id))?;
    Ok(())
}

fn check_name(
    connection: &mut SqliteConnection,
    name: &str,
    of: Option<TournamentId>,
) -> Result<(), Refusal> {
    if name.trim().is_empty() {
        return Err(StoreError::refused("a tournament needs a name").into());
    }
    let taken: Option<i64> = tournaments::table
        .filter(tournaments::name.eq(name))
        .select(tournaments::id)
        .first(connection)
        .optional()?;
    match taken {
        Some(id) if Some(TournamentId(id)) != of => {
            Err(StoreError::refused(format!("tournament {id} has this name; choose another")).into())
        }
        _ => Ok(()),
    }
}

/// Days that stay keep their rows, and so their matches.
fn set_days(connection: &mut SqliteConnection, id: i64, days: &BTreeSet<Date>) -> QueryResult<()> {
    let dates: Vec<String> = days.iter().map(ToString::to_string).collect();
    let of_tournament = tournament_days::table.filter(tournament_days::tournament_id.eq(id));
    diesel::delete(of_tournament.filter(tournament_days::date.ne_all(&dates))).execute(connection)?;
    for date in &dates {
        diesel::insert_or_ignore_into(tournament_days::table)
            .values((tournament_days::tournament_id.eq(id), tournament_days::date.eq(date)))
            .execute(connection)?;
    }
    Ok(())
}

fn set_rings(connection: &mut SqliteConnection, id: i64, rings: &BTreeSet<String>) -> QueryResult<()> {
    diesel::delete(tournament_rings::table.filter(tournament_rings::tournament_id.eq(id)))
        .execute(connection)?;
    for ring in rings {
        let ring = session::ring(connection, ring)?;
        diesel::insert_into(tournament_rings::table)
            .values((tournament_rings::tournament_id.eq(id), tournament_rings::ring_id.eq(ring)))
            .execute(connection)?;
    }
    Ok(())
}

fn unless_empty(text: Option<&str>) -> Option<&str> {
    text.filter(|text| !text.is_empty())
}
