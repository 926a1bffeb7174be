//! On which day something happened, and whose day that is.

use diesel::prelude::*;
use jiff::{
    civil::Date,
    tz::{TimeZone, TimeZoneDatabase},
};

use crate::{
    StoreError,
    schema::{sessions, tournament_days, tournament_rings, tournaments},
};

/// The time zone of this name, from the tables that are built in: the same day on every machine.
pub(crate) fn time_zone(name: &str) -> Result<TimeZone, StoreError> {
    TimeZoneDatabase::bundled().get(name).map_err(|_| {
        StoreError::refused(format!(
            "no time zone is called {name:?}; an IANA name is meant, as in Europe/Madrid"
        ))
    })
}

/// The day on which it was `at` in a time zone; UTC for a zone that nobody knows any more.
pub(crate) fn date_in(zone: &str, at: i64) -> Option<Date> {
    let zone = time_zone(zone).unwrap_or(TimeZone::UTC);
    let at = jiff::Timestamp::from_microsecond(at).ok()?;
    Some(zone.to_datetime(at).date())
}

/// The one tournament that has this ring and this moment's day; `None` where there are several.
pub(crate) fn of_session_at(
    connection: &mut SqliteConnection,
    ring: i64,
    at: i64,
) -> QueryResult<Option<i64>> {
    let zones: Vec<(i64, String)> =
        tournaments::table.select((tournaments::id, tournaments::time_zone)).load(connection)?;
    let mut found = None;
    for (id, zone) in zones {
        if day(connection, id, &zone, at)?.is_none() || !has_ring(connection, id, ring)? {
            continue;
        }
        if found.replace(id).is_some() {
            return Ok(None);
        }
    }
    Ok(found)
}

/// The day of a match that began at this moment. A session of no tournament becomes one's here, when its first
/// match begins on a day and a ring that exactly one has: a replay happens long after its matches.
pub(crate) fn day_of_match(
    connection: &mut SqliteConnection,
    session: i64,
    began_at: i64,
) -> QueryResult<Option<i64>> {
    let (tournament, ring): (Option<i64>, i64) = sessions::table
        .find(session)
        .select((sessions::tournament_id, sessions::ring_id))
        .first(connection)?;
    let tournament = match tournament {
        Some(tournament) => tournament,
        None => {
            let Some(tournament) = of_session_at(connection, ring, began_at)? else { return Ok(None) };
            diesel::update(sessions::table.find(session))
                .set(sessions::tournament_id.eq(tournament))
                .execute(connection)?;
            tournament
        }
    };
    let zone: String =
        tournaments::table.find(tournament).select(tournaments::time_zone).first(connection)?;
    day(connection, tournament, &zone, began_at)
}

/// The tournament's day at this moment.
pub(crate) fn day(
    connection: &mut SqliteConnection,
    tournament: i64,
    zone: &str,
    at: i64,
) -> QueryResult<Option<i64>> {
    let Some(date) = date_in(zone, at) else { return Ok(None) };
    tournament_days::table
        .filter(tournament_days::tournament_id.eq(tournament))
        .filter(tournament_days::date.eq(date.to_string()))
        .select(tournament_days::id)
        .first(connection)
        .optional()
}

fn has_ring(connection: &mut SqliteConnection, tournament: i64, ring: i64) -> QueryResult<bool> {
    let rings: Vec<i64> = tournament_rings::table
        .filter(tournament_rings::tournament_id.eq(tournament))
        .select(tournament_rings::ring_id)
        .load(connection)?;
    Ok(rings.is_empty() || rings.contains(&ring))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_day_is_the_day_of_the_place() {
        // 2026-11-22 23:30 UTC.
        let at = 1_795_390_200_000_000;
        assert_eq!(date_in("UTC", at).unwrap().to_string(), "2026-11-22");
        assert_eq!(date_in("Asia/Seoul", at).unwrap().to_string(), "2026-11-23");
        assert_eq!(date_in("Europe/Madrid", at).unwrap().to_string(), "2026-11-23");
        assert_eq!(date_in("America/Lima", at).unwrap().to_string(), "2026-11-22");
        assert!(time_zone("Mars/Olympus").is_err());
    }
}
