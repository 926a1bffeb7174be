//! Athletes in the database, as a person looks at them.

use diesel::{
    dsl::sql,
    prelude::*,
    sql_types::{BigInt, Text},
};
use pss_protocol::{Athlete, Timestamp};

use super::{AthleteChange, AthleteFilter, AthleteMatch, AthleteRecord, MatchSide, StoredAthlete};
use crate::{
    AthleteId, SessionId, StoreError,
    cache::Caches,
    change::OwnedChange,
    models::{match_, unreadable, unsigned},
    schema::{athlete_history, athletes, matches},
    store::Refusal,
    words::Word as _,
};

#[derive(Clone, Queryable, Selectable)]
#[diesel(table_name = athletes)]
pub(super) struct Row {
    pub(super) id: i64,
    pub(super) long_name: String,
    pub(super) country: String,
    pub(super) division: String,
    pub(super) variant: i64,
    pub(super) short_name: Option<String>,
    pub(super) merged_into: Option<i64>,
}

pub(super) fn list(
    connection: &mut SqliteConnection,
    filter: &AthleteFilter<'_>,
) -> QueryResult<Vec<StoredAthlete>> {
    let mut query = athletes::table
        .order((athletes::long_name, athletes::country, athletes::division, athletes::variant))
        .select(Row::as_select())
        .into_boxed();
    if let Some(name) = filter.name {
        // `instr`, not `LIKE`: nothing in a name is a sign for anything else.
        let contains = |column: &str| {
            sql::<diesel::sql_types::Bool>(&format!("instr(lower(coalesce({column}, '')), lower("))
                .bind::<Text, _>(name.to_owned())
                .sql(")) > 0")
        };
        query = query.filter(contains("long_name").or(contains("short_name")));
    }
    if let Some(country) = filter.country {
        query = query.filter(athletes::country.eq(country));
    }
    if let Some(division) = filter.division {
        query = query.filter(athletes::division.eq(division));
    }
    if !filter.merged {
        query = query.filter(athletes::merged_into.is_null());
    }
    if let Some(limit) = filter.limit {
        query = query.limit(limit.into());
    }
    let rows = query.load(connection)?;
    rows.into_iter().map(|row| complete(connection, row)).collect()
}

fn complete(connection: &mut SqliteConnection, row: Row) -> QueryResult<StoredAthlete> {
    // As the view `participants` counts, but found by the indexes.
    #[derive(QueryableByName)]
    struct Count {
        #[diesel(sql_type = BigInt)]
        count: i64,
    }
    const COUNT: &str = "SELECT count(*) AS count FROM (
        WITH same AS (SELECT ?1 AS id UNION ALL SELECT id FROM athletes WHERE merged_into = ?1)
        SELECT matches.id FROM matches JOIN same ON matches.blue_athlete_id = same.id
        UNION ALL SELECT matches.id FROM matches JOIN same ON matches.red_athlete_id = same.id)";
    let matches: Count = diesel::sql_query(COUNT).bind::<BigInt, _>(row.id).get_result(connection)?;
    Ok(StoredAthlete {
        id: AthleteId(row.id),
        variant: unsigned(row.variant).ok_or_else(|| unreadable("athlete", row.id))?,
        long_name: row.long_name,
        country: row.country,
        division: row.division,
        short_name: row.short_name,
        merged_into: row.merged_into.map(AthleteId),
        matches: matches.count.unsigned_abs(),
    })
}

pub(super) fn record(
    connection: &mut SqliteConnection,
    caches: &Caches,
    id: AthleteId,
) -> QueryResult<Option<AthleteRecord>> {
    let Some(row) = find(connection, id)? else { return Ok(None) };
    let merged: Vec<Row> = athletes::table
        .filter(athletes::merged_into.eq(id.0))
        .order(athletes::id)
        .select(Row::as_select())
        .load(connection)?;
    let ids: Vec<i64> = merged.iter().map(|row| row.id).chain([id.0]).collect();
    type Sides = (i64, Option<i64>, Option<i64>, Option<i64>);
    let sides: Vec<Sides> = matches::table
        .filter(matches::blue_athlete_id.eq_any(&ids).or(matches::red_athlete_id.eq_any(&ids)))
        .order((matches::began_at.desc(), matches::id.desc()))
        .select((matches::id, matches::began_at, matches::blue_athlete_id, matches::red_athlete_id))
        .load(connection)?;
    let mut of_athlete = Vec::new();
    for (match_id, began_at, blue, red) in sides {
        let stored =
            match_::find(connection, Some(caches), match_id)?.ok_or(diesel::result::Error::NotFound)?;
        for (side, named) in [(Athlete::Blue, blue), (Athlete::Red, red)] {
            if let Some(named) = named.filter(|named| ids.contains(named)) {
                let stored = stored.clone();
                let began_at = began_at.map(Timestamp);
                of_athlete.push(AthleteMatch { stored, began_at, side, named: AthleteId(named) });
            }
        }
    }
    let merged = merged.into_iter().map(|row| complete(connection, row)).collect::<QueryResult<_>>()?;
    Ok(Some(AthleteRecord { athlete: complete(connection, row)?, merged, matches: of_athlete }))
}

pub(super) fn find(connection: &mut SqliteConnection, id: AthleteId) -> QueryResult<Option<Row>> {
    athletes::table.find(id.0).select(Row::as_select()).first(connection).optional()
}

/// The athlete, who must be there.
pub(super) fn demand(connection: &mut SqliteConnection, id: AthleteId) -> Result<Row, Refusal> {
    Ok(find(connection, id)?.ok_or_else(|| StoreError::not_found("athlete", id))?)
}

pub(super) fn history(connection: &mut SqliteConnection, id: AthleteId) -> QueryResult<Vec<AthleteChange>> {
    type Row = (i64, Option<i64>, String, Option<String>, i64, String, String);
    let rows: Vec<Row> = athlete_history::table
        .filter(athlete_history::athlete_id.eq(id.0).or(athlete_history::other_athlete_id.eq(id.0)))
        .order(athlete_history::id)
        .select((
            athlete_history::athlete_id,
            athlete_history::other_athlete_id,
            athlete_history::action,
            athlete_history::detail,
            athlete_history::changed_at,
            athlete_history::changed_by,
            athlete_history::reason,
        ))
        .load(connection)?;
    let changes = rows.into_iter().map(|(athlete, other, action, detail, at, by, reason)| AthleteChange {
        athlete: AthleteId(athlete),
        other: other.map(AthleteId),
        action,
        detail,
        at: Timestamp(at),
        by,
        reason,
    });
    Ok(changes.collect())
}

/// Writes down what was done.
pub(super) fn remember(
    connection: &mut SqliteConnection,
    (athlete, other): (i64, i64),
    action: &str,
    detail: Option<&str>,
    change: &OwnedChange,
) -> QueryResult<()> {
    diesel::insert_into(athlete_history::table)
        .values((
            athlete_history::athlete_id.eq(athlete),
            athlete_history::other_athlete_id.eq(other),
            athlete_history::action.eq(action),
            athlete_history::detail.eq(detail),
            athlete_history::changed_at.eq(change.at.0),
            athlete_history::changed_by.eq(&change.by),
            athlete_history::reason.eq(&change.reason),
        ))
        .execute(connection)?;
    Ok(())
}

/// As [`Display`](std::fmt::Display) writes it.
impl std::str::FromStr for MatchSide {
    type Err = BadMatchSide;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let mut parts = text.splitn(3, ':');
        let mut number = || parts.next()?.parse().ok();
        let (session, match_index) = (number().ok_or(BadMatchSide)?, number().ok_or(BadMatchSide)?);
        let side = parts.next().and_then(Athlete::from_word).ok_or(BadMatchSide)?;
        let match_index = u32::try_from(match_index).map_err(|_| BadMatchSide)?;
        Ok(Self { session: SessionId(session), match_index, side })
    }
}

/// A text that names no side of a match.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("not a side of a match, which is SESSION:MATCH:SIDE, as in 3:0:blue")]
pub struct BadMatchSide;
