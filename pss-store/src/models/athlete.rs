//! Athletes as the writer finds them. The identity is long name, country and division together: namesakes stay
//! apart, and the short name, which several athletes share, is only an attribute. Namesakes in all three are told
//! apart by hand: then the assignment of the match counts, not the name.

use std::collections::{BTreeSet, HashMap};

use diesel::prelude::*;
use pss_protocol::{Athlete, Competitor};

use super::Cache;
use crate::{
    AthleteId,
    schema::{athlete_assignments, athlete_history, athletes, matches},
};

/// What tells one athlete from another. What is not known is empty.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(crate) struct Identity {
    long_name: String,
    country: String,
    division: String,
}

/// Who fights in a match by hand, blue and red. Asked for each time, because another process may have assigned
/// them; the table is empty as a rule.
pub(crate) fn assigned(
    connection: &mut SqliteConnection,
    session: i64,
    match_index: i64,
) -> QueryResult<[Option<i64>; 2]> {
    let rows: Vec<(String, i64)> = athlete_assignments::table
        .filter(athlete_assignments::session_id.eq(session))
        .filter(athlete_assignments::match_index.eq(match_index))
        .select((athlete_assignments::side, athlete_assignments::athlete_id))
        .load(connection)?;
    let of = |wanted: Athlete| rows.iter().find(|(side, _)| side == wanted.as_str()).map(|(_, id)| *id);
    Ok([of(Athlete::Blue), of(Athlete::Red)])
}

/// The athlete's row by name, made where there is none; `None` for a competitor without a name.
pub(crate) fn resolve(
    connection: &mut SqliteConnection,
    cache: &mut Cache,
    competitor: &Competitor,
    division: Option<&str>,
) -> QueryResult<Option<i64>> {
    let Some(long_name) = competitor.name.clone().filter(|name| !name.is_empty()) else { return Ok(None) };
    let identity = Identity {
        long_name,
        country: competitor.country.clone().unwrap_or_default(),
        division: division.unwrap_or_default().to_owned(),
    };
    if let Some(id) = cache.athletes.get(&identity) {
        return Ok(Some(*id));
    }
    let short_name = competitor.short_name.as_deref();
    let known = athletes::table
        .filter(athletes::long_name.eq(&identity.long_name))
        .filter(athletes::country.eq(&identity.country))
        .filter(athletes::division.eq(&identity.division))
        .filter(athletes::variant.eq(0))
        .select(athletes::id)
        .first(connection)
        .optional()?;
    let id = match known {
        Some(id) => id,
        None => diesel::insert_into(athletes::table)
            .values((
                athletes::long_name.eq(&identity.long_name),
                athletes::country.eq(&identity.country),
                athletes::division.eq(&identity.division),
                athletes::short_name.eq(short_name),
            ))
            .returning(athletes::id)
            .get_result(connection)?,
    };
    if cache.athletes.len() >= MOST_ATHLETES {
        cache.athletes.clear();
    }
    cache.athletes.insert(identity, id);
    Ok(Some(id))
}

/// Removes an athlete whom nothing names any more: a match that was shown before its division was known leaves one
/// behind. What was done by hand keeps whom it names.
pub(crate) fn remove_unused(
    connection: &mut SqliteConnection,
    cache: &mut Cache,
    id: i64,
) -> QueryResult<()> {
    use diesel::dsl::exists;
    let same = diesel::alias!(athletes as same);
    let fights = matches::table.filter(matches::blue_athlete_id.eq(id).or(matches::red_athlete_id.eq(id)));
    let assigned = athlete_assignments::table.filter(athlete_assignments::athlete_id.eq(id));
    let merged = same.filter(same.field(athletes::merged_into).eq(id));
    let history = athlete_history::table
        .filter(athlete_history::athlete_id.eq(id).or(athlete_history::other_athlete_id.eq(id)));
    let used = exists(fights).or(exists(assigned)).or(exists(merged)).or(exists(history));
    if diesel::select(used).get_result(connection)? {
        return Ok(());
    }
    diesel::delete(athletes::table.find(id)).execute(connection)?;
    cache.athletes.retain(|_, known| *known != id);
    Ok(())
}

/// The athlete of this row, as a match names one.
pub(crate) fn competitor(connection: &mut SqliteConnection, id: i64) -> QueryResult<Competitor> {
    let (name, country, short_name): (String, String, Option<String>) = athletes::table
        .find(id)
        .select((athletes::long_name, athletes::country, athletes::short_name))
        .first(connection)?;
    let country = Some(country).filter(|country| !country.is_empty());
    Ok(Competitor { name: Some(name), country, short_name })
}

/// The athletes of these rows, as matches name them, and the one whom each was merged into.
pub(crate) fn competitors(
    connection: &mut SqliteConnection,
    ids: impl Iterator<Item = i64>,
) -> QueryResult<HashMap<i64, (Competitor, Option<AthleteId>)>> {
    let ids: BTreeSet<i64> = ids.collect();
    let rows: Vec<Named> =
        athletes::table.filter(athletes::id.eq_any(ids)).select(Named::as_select()).load(connection)?;
    let by_id = |row: Named| {
        let country = Some(row.country).filter(|country| !country.is_empty());
        let competitor = Competitor { name: Some(row.long_name), country, short_name: row.short_name };
        (row.id, (competitor, Some(AthleteId(row.merged_into.unwrap_or(row.id)))))
    };
    Ok(rows.into_iter().map(by_id).collect())
}

#[derive(Queryable, Selectable)]
#[diesel(table_name = athletes)]
struct Named {
    id: i64,
    long_name: String,
    country: String,
    short_name: Option<String>,
    merged_into: Option<i64>,
}

const MOST_ATHLETES: usize = 4096;
