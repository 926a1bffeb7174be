//! The matches that a query names: by themselves, by their number, by an athlete.

use diesel::{
    prelude::*,
    sql_types::{BigInt, Bool, Nullable},
};

use super::{Query, arrived::where_all, sql::Sql};
use crate::AthleteId;

/// A match that was named.
#[derive(Clone, Copy, Debug, PartialEq, Eq, QueryableByName)]
pub(super) struct Fight {
    #[diesel(sql_type = BigInt)]
    pub(super) id: i64,
    #[diesel(sql_type = BigInt)]
    pub(super) session: i64,
    #[diesel(sql_type = BigInt)]
    pub(super) index: i64,
    #[diesel(sql_type = Nullable<BigInt>)]
    pub(super) began_at: Option<i64>,
    /// Whether the athlete who is asked for was blue.
    #[diesel(sql_type = Bool)]
    pub(super) blue: bool,
    /// Whether it was red.
    #[diesel(sql_type = Bool)]
    pub(super) red: bool,
    /// Whether those who are asked for had a hit in it.
    #[diesel(sql_type = Bool)]
    pub(super) hits: bool,
}

/// The matches that the query names, the latest first.
pub(super) fn of(connection: &mut SqliteConnection, query: &Query) -> QueryResult<Vec<Fight>> {
    let ids = match query.athlete {
        Some(athlete) => Some(same_person(connection, athlete)?),
        None => None,
    };
    let mut statement =
        Sql::new("SELECT e.id, e.session_id AS session, e.match_index AS \"index\", e.began_at");
    for (side, column) in [("blue", "e.blue_athlete_id"), ("red", "e.red_athlete_id")] {
        match &ids {
            Some(ids) => {
                statement.push(&format!(", coalesce({column} IN "));
                statement.numbers(ids.iter().copied());
                statement.push(&format!(", 0) AS {side}"));
            }
            None => {
                statement.push(&format!(", 0 AS {side}"));
            }
        }
    }
    statement.push(", ").append(hits(ids.as_deref())).push(" AS hits");
    statement.push(" FROM matches AS e").append(where_all(&conditions(query, ids.as_deref())));
    let mut fights: Vec<Fight> = statement.load(connection)?;
    fights.sort_by_key(|fight| std::cmp::Reverse((fight.began_at, fight.id)));
    Ok(fights)
}

/// Whether these athletes had a hit in a match; anybody where nobody is asked for. Asked once for all matches: one
/// statement for each of thousands of matches without a hit takes longer than an operator waits.
fn hits(athletes: Option<&[i64]>) -> Sql {
    let mut exists = Sql::new(
        "EXISTS (SELECT 1 FROM hits WHERE hits.session_id = e.session_id AND hits.match_index = e.match_index",
    );
    if let Some(athletes) = athletes {
        exists.push(" AND iif(hits.athlete = 'blue', e.blue_athlete_id, e.red_athlete_id) IN ");
        exists.numbers(athletes.iter().copied());
    }
    exists.push(")");
    exists
}

/// The sessions that the query names, the latest first.
pub(super) fn sessions(connection: &mut SqliteConnection, query: &Query) -> QueryResult<Vec<i64>> {
    let mut statement = Sql::new("SELECT s.id AS id FROM sessions AS s");
    statement.append(where_all(&query.session_conditions("s.id"))).push(" ORDER BY s.id DESC");
    let sessions: Vec<Session> = statement.load(connection)?;
    Ok(sessions.into_iter().map(|session| session.id).collect())
}

#[derive(QueryableByName)]
struct Session {
    #[diesel(sql_type = BigInt)]
    id: i64,
}

/// What a match that the query names has to fulfil, in SQL over `matches` as `e`.
pub(super) fn conditions(query: &Query, athletes: Option<&[i64]>) -> Vec<Sql> {
    let mut all = query.session_conditions("e.session_id");
    if let Some(id) = query.match_id {
        let mut condition = Sql::new("e.id = ");
        condition.number(id.0);
        all.push(condition);
    }
    if let Some(number) = &query.match_number {
        let mut condition = Sql::new("e.number = ");
        condition.text(number);
        all.push(condition);
    }
    if let Some(athletes) = athletes {
        let mut condition = Sql::new("(e.blue_athlete_id IN ");
        condition.numbers(athletes.iter().copied());
        condition.push(" OR e.red_athlete_id IN ").numbers(athletes.iter().copied()).push(")");
        all.push(condition);
    }
    all
}

/// All athletes of the database who are the same person as this one; nobody when there is none.
pub(super) fn same_person(connection: &mut SqliteConnection, athlete: AthleteId) -> QueryResult<Vec<i64>> {
    use crate::schema::athletes::dsl::{athletes, id, merged_into};
    let found: Option<Option<i64>> =
        athletes.find(athlete.0).select(merged_into).first(connection).optional()?;
    let Some(merged) = found else { return Ok(Vec::new()) };
    let person = merged.unwrap_or(athlete.0);
    athletes.filter(id.eq(person).or(merged_into.eq(person))).order(id).select(id).load(connection)
}
