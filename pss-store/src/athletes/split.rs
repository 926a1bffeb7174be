//! One name that is two athletes.

use std::collections::BTreeSet;

use diesel::prelude::*;
use pss_protocol::Athlete;

use super::{MatchSide, rows};
use crate::{
    AthleteId, StoreError,
    change::OwnedChange,
    schema::{athlete_assignments, athletes, matches},
    store::Refusal,
};

pub(super) fn split(
    connection: &mut SqliteConnection,
    id: AthleteId,
    of_namesake: &[MatchSide],
    change: &OwnedChange,
) -> Result<AthleteId, Refusal> {
    let athlete = rows::demand(connection, id)?;
    if of_namesake.is_empty() {
        return Err(StoreError::refused("a namesake needs a match at least; name those that move").into());
    }
    let last: Option<i64> = athletes::table
        .filter(athletes::long_name.eq(&athlete.long_name))
        .filter(athletes::country.eq(&athlete.country))
        .filter(athletes::division.eq(&athlete.division))
        .select(diesel::dsl::max(athletes::variant))
        .first(connection)?;
    let namesake: i64 = diesel::insert_into(athletes::table)
        .values((
            athletes::long_name.eq(&athlete.long_name),
            athletes::country.eq(&athlete.country),
            athletes::division.eq(&athlete.division),
            athletes::variant.eq(last.unwrap_or_default() + 1),
            athletes::short_name.eq(&athlete.short_name),
        ))
        .returning(athletes::id)
        .get_result(connection)?;
    rows::remember(connection, (namesake, id.0), "split", None, change)?;
    // A match that was named twice moves once.
    for place in of_namesake.iter().copied().collect::<BTreeSet<_>>() {
        let named = fights(connection, id, place)?;
        assign(connection, place, namesake)?;
        rows::remember(connection, (namesake, named), "assign", Some(&place.to_string()), change)?;
    }
    Ok(AthleteId(namesake))
}

/// As whom this side of a match names the athlete: by the own name, or by one that was merged.
fn fights(connection: &mut SqliteConnection, id: AthleteId, place: MatchSide) -> Result<i64, Refusal> {
    let of_match: Option<(Option<i64>, Option<i64>)> = matches::table
        .filter(matches::session_id.eq(place.session.0))
        .filter(matches::match_index.eq(i64::from(place.match_index)))
        .select((matches::blue_athlete_id, matches::red_athlete_id))
        .first(connection)
        .optional()?;
    let (blue, red) = of_match.ok_or_else(|| StoreError::not_found("match", place))?;
    let named = match place.side {
        Athlete::Blue => blue,
        Athlete::Red => red,
    };
    let is = |connection: &mut SqliteConnection, named: i64| -> Result<bool, Refusal> {
        Ok(named == id.0 || rows::demand(connection, AthleteId(named))?.merged_into == Some(id.0))
    };
    match named {
        Some(named) if is(connection, named)? => Ok(named),
        _ => {
            let reason = format!("athlete {id} did not fight as {place}");
            Err(StoreError::refused(reason).into())
        }
    }
}

fn assign(connection: &mut SqliteConnection, place: MatchSide, athlete: i64) -> QueryResult<()> {
    let index = i64::from(place.match_index);
    diesel::replace_into(athlete_assignments::table)
        .values((
            athlete_assignments::session_id.eq(place.session.0),
            athlete_assignments::match_index.eq(index),
            athlete_assignments::side.eq(place.side.as_str()),
            athlete_assignments::athlete_id.eq(athlete),
        ))
        .execute(connection)?;
    let of_match =
        matches::table.filter(matches::session_id.eq(place.session.0)).filter(matches::match_index.eq(index));
    match place.side {
        Athlete::Blue => {
            diesel::update(of_match).set(matches::blue_athlete_id.eq(athlete)).execute(connection)?
        }
        Athlete::Red => {
            diesel::update(of_match).set(matches::red_athlete_id.eq(athlete)).execute(connection)?
        }
    };
    Ok(())
}
