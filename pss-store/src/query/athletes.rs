//! Athletes: one row for each person, whoever was merged into it included.

use diesel::{
    prelude::*,
    sql_types::{BigInt, Nullable, Text},
};
use pss_protocol::Timestamp;

use super::{
    AthleteRow, Cursor, Order, Page, Query,
    arrived::{order_by, unreadable, where_all},
    cursor::{Key, Noun, Sequence},
    fights,
    sql::{Sql, holds},
    time_conditions,
};
use crate::{
    AthleteId,
    models::{number, unsigned},
};

#[derive(QueryableByName)]
struct Found {
    #[diesel(sql_type = BigInt)]
    id: i64,
    #[diesel(sql_type = Text)]
    long_name: String,
    #[diesel(sql_type = Nullable<Text>)]
    short_name: Option<String>,
    #[diesel(sql_type = Text)]
    country: String,
    #[diesel(sql_type = Text)]
    division: String,
    #[diesel(sql_type = BigInt)]
    variant: i64,
}

#[derive(QueryableByName)]
struct Fought {
    #[diesel(sql_type = BigInt)]
    matches: i64,
    #[diesel(sql_type = Nullable<BigInt>)]
    last: Option<i64>,
}

/// The next page.
pub(super) fn page(connection: &mut SqliteConnection, query: &Query) -> QueryResult<Page<AthleteRow>> {
    let size = query.page_size();
    let mut statement = select(connection, query)?;
    statement.push(" LIMIT ").number(number(size as u64 + 1));
    let mut found: Vec<Found> = statement.load(connection)?;
    let more = found.len() > size;
    found.truncate(size);
    let next = found.last().filter(|_| more).map(|last| Cursor {
        noun: Noun::Athletes,
        sequence: Sequence::Arrival,
        order: query.order,
        key: key(last.id),
    });
    let rows = found.into_iter().map(|found| row(connection, found)).collect::<QueryResult<_>>()?;
    Ok(Page { rows, next })
}

/// The statement for a page.
pub(super) fn select(connection: &mut SqliteConnection, query: &Query) -> QueryResult<Sql> {
    let mut statement = Sql::new(
        "SELECT e.id AS id, e.long_name AS long_name, e.short_name AS short_name, e.country AS country, \
         e.division AS division, e.variant AS variant FROM athletes AS e",
    );
    let mut all = conditions(connection, query)?;
    all.extend(query.after.map(|cursor| {
        let mut condition = Sql::new(match query.order {
            Order::NewestFirst => "e.id < ",
            Order::OldestFirst => "e.id > ",
        });
        condition.number(cursor.key.place[0]);
        condition
    }));
    statement.append(where_all(&all)).push(&order_by(&["id"], query.order));
    Ok(statement)
}

/// How many athletes there are.
pub(super) fn count(connection: &mut SqliteConnection, query: &Query) -> QueryResult<u64> {
    let mut statement = Sql::new("SELECT count(*) AS count FROM athletes AS e");
    statement.append(where_all(&conditions(connection, query)?));
    statement.count(connection)
}

/// Whether an athlete, in SQL `a`, has this text in its names or is of this country.
pub(super) fn named(text: &str) -> Sql {
    let mut any = Sql::new("(");
    any.append(holds("a.long_name", text)).push(" OR ");
    any.append(holds("a.short_name", text)).push(" OR ");
    any.append(holds("a.country", text)).push(")");
    any
}

fn conditions(connection: &mut SqliteConnection, query: &Query) -> QueryResult<Vec<Sql>> {
    let mut all = vec![Sql::new("e.merged_into IS NULL")];
    if let Some(athlete) = query.athlete {
        let mut condition = Sql::new("e.id IN ");
        condition.numbers(fights::same_person(connection, athlete)?);
        all.push(condition);
    }
    if let Some(text) = &query.text {
        let mut condition =
            Sql::new("EXISTS (SELECT 1 FROM athletes AS a WHERE (a.id = e.id OR a.merged_into = e.id) AND ");
        condition.append(named(text)).push(")");
        all.push(condition);
    }
    let mut fought = query.session_conditions("m.session_id");
    fought.extend(time_conditions("m.began_at", query.from, query.until));
    if let Some(id) = query.match_id {
        let mut condition = Sql::new("m.id = ");
        condition.number(id.0);
        fought.push(condition);
    }
    if let Some(number) = &query.match_number {
        let mut condition = Sql::new("m.number = ");
        condition.text(number);
        fought.push(condition);
    }
    if !fought.is_empty() {
        let mut condition = Sql::new(
            "EXISTS (SELECT 1 FROM athletes AS a \
             JOIN matches AS m ON m.blue_athlete_id = a.id OR m.red_athlete_id = a.id",
        );
        fought.push(Sql::new("(a.id = e.id OR a.merged_into = e.id)"));
        condition.append(where_all(&fought)).push(")");
        all.push(condition);
    }
    Ok(all)
}

fn key(id: i64) -> Key {
    Key { at: None, place: [id, 0, 0] }
}

fn row(connection: &mut SqliteConnection, found: Found) -> QueryResult<AthleteRow> {
    let ids = fights::same_person(connection, AthleteId(found.id))?;
    let mut statement =
        Sql::new("SELECT count(*) AS matches, max(began_at) AS last FROM matches WHERE blue_athlete_id IN ");
    statement.numbers(ids.iter().copied()).push(" OR red_athlete_id IN ").numbers(ids.iter().copied());
    let fought: Option<Fought> = statement.load(connection)?.pop();
    let fought = fought.unwrap_or(Fought { matches: 0, last: None });
    let known = |text: String| Some(text).filter(|text| !text.is_empty());
    Ok(AthleteRow {
        id: AthleteId(found.id),
        long_name: found.long_name,
        short_name: found.short_name,
        country: known(found.country),
        division: known(found.division),
        variant: unsigned(found.variant).ok_or_else(|| unreadable(Noun::Athletes, key(found.id)))?,
        merged: ids.into_iter().filter(|id| *id != found.id).map(AthleteId).collect(),
        matches: fought.matches.unsigned_abs(),
        last_match_at: fought.last.map(Timestamp),
    })
}
