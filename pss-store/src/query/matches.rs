//! Matches.

use diesel::{
    prelude::*,
    sql_types::{BigInt, Nullable},
    sqlite::Sqlite,
};
use pss_protocol::Timestamp;

use super::{
    Cursor, MatchRow, Order, Page, Query,
    arrived::{order_by, where_all},
    cursor::{Key, Noun, Sequence},
    fights,
    sql::{Sql, holds},
    time_conditions,
};
use crate::{AthleteId, MatchId, cache::Caches, models::match_, models::number, schema::matches as table};

#[derive(QueryableByName)]
struct Found {
    #[diesel(sql_type = BigInt)]
    id: i64,
    #[diesel(sql_type = Nullable<BigInt>)]
    began_at: Option<i64>,
}

/// The next page.
pub(super) fn page(
    connection: &mut SqliteConnection,
    caches: &Caches,
    query: &Query,
) -> QueryResult<Page<MatchRow>> {
    let size = query.page_size();
    let mut statement = select(connection, query)?;
    statement.push(" LIMIT ").number(number(size as u64 + 1));
    let mut found: Vec<Found> = statement.load(connection)?;
    let more = found.len() > size;
    found.truncate(size);
    let next = found.last().filter(|_| more).map(|last| Cursor {
        noun: Noun::Matches,
        sequence: Sequence::Arrival,
        order: query.order,
        key: Key { at: last.began_at, place: [last.id, 0, 0] },
    });
    let rows = found.iter().map(|found| row(connection, caches, found)).collect::<QueryResult<_>>()?;
    Ok(Page { rows, next })
}

/// The statement for the keys of a page. SQLite's own order of what is null is the order of a query: older than
/// everything.
pub(super) fn select(connection: &mut SqliteConnection, query: &Query) -> QueryResult<Sql> {
    let mut statement = Sql::new("SELECT e.id AS id, e.began_at AS began_at FROM matches AS e");
    if !query.names_fights() {
        statement.push(" INDEXED BY matches_by_beginning");
    }
    let mut all = conditions(connection, query)?;
    all.extend(query.after.map(|cursor| beyond(cursor.key, query.order)));
    statement.append(where_all(&all)).push(&order_by(&["began_at", "id"], query.order));
    Ok(statement)
}

/// Where the matches are, by session and by their order in it.
pub(crate) fn places<Row>(connection: &mut SqliteConnection, query: &Query) -> QueryResult<Vec<Row>>
where
    Row: QueryableByName<Sqlite> + 'static,
{
    let mut statement = Sql::new(
        "SELECT e.session_id, e.match_index, rings.name AS ring FROM matches AS e \
         JOIN sessions ON sessions.id = e.session_id JOIN rings ON rings.id = sessions.ring_id",
    );
    statement.append(where_all(&conditions(connection, query)?));
    statement.push(" ORDER BY e.session_id, e.match_index");
    statement.load(connection)
}

/// How many matches there are.
pub(super) fn count(connection: &mut SqliteConnection, query: &Query) -> QueryResult<u64> {
    let mut statement = Sql::new("SELECT count(*) AS count FROM matches AS e");
    statement.append(where_all(&conditions(connection, query)?));
    statement.count(connection)
}

fn conditions(connection: &mut SqliteConnection, query: &Query) -> QueryResult<Vec<Sql>> {
    let athletes = query.athlete.map(|athlete| fights::same_person(connection, athlete)).transpose()?;
    let mut all = fights::conditions(query, athletes.as_deref());
    all.extend(time_conditions("e.began_at", query.from, query.until));
    if let Some(text) = &query.text {
        let mut any = Sql::new("(");
        for column in ["number", "event_id", "phase", "category", "division"] {
            any.append(holds(&format!("e.{column}"), text)).push(" OR ");
        }
        any.push(
            "EXISTS (SELECT 1 FROM athletes AS a WHERE a.id IN (e.blue_athlete_id, e.red_athlete_id) AND ",
        );
        any.append(super::athletes::named(text)).push("))");
        all.push(any);
    }
    Ok(all)
}

fn beyond(key: Key, order: Order) -> Sql {
    let [id, ..] = key.place;
    let mut condition = Sql::new("(");
    match (key.at, order) {
        (Some(at), Order::NewestFirst) => {
            condition.push("e.began_at IS NULL OR (e.began_at, e.id) < ").numbers([at, id])
        }
        (Some(at), Order::OldestFirst) => condition.push("(e.began_at, e.id) > ").numbers([at, id]),
        (None, Order::NewestFirst) => condition.push("e.began_at IS NULL AND e.id < ").number(id),
        (None, Order::OldestFirst) => condition.push("e.began_at IS NOT NULL OR e.id > ").number(id),
    };
    condition.push(")");
    condition
}

fn row(connection: &mut SqliteConnection, caches: &Caches, found: &Found) -> QueryResult<MatchRow> {
    use crate::schema::{rings, sessions};
    let stored = match_::find(connection, Some(caches), found.id)?.ok_or(diesel::result::Error::NotFound)?;
    let (blue, red): (Option<i64>, Option<i64>) = table::table
        .find(found.id)
        .select((table::blue_athlete_id, table::red_athlete_id))
        .first(connection)?;
    let ring = sessions::table
        .inner_join(rings::table)
        .filter(sessions::id.eq(stored.session.0))
        .select(rings::name)
        .first(connection)?;
    Ok(MatchRow {
        match_id: MatchId(found.id),
        ring,
        session: stored.session,
        match_index: stored.summary.index,
        began_at: found.began_at.map(Timestamp),
        blue_athlete_id: person(connection, blue)?,
        red_athlete_id: person(connection, red)?,
        started: stored.summary.started,
        summary: stored.summary,
    })
}

/// The one whom a merged athlete was merged into.
fn person(connection: &mut SqliteConnection, id: Option<i64>) -> QueryResult<Option<AthleteId>> {
    use crate::schema::athletes::dsl::{athletes, merged_into};
    let Some(id) = id else { return Ok(None) };
    let merged: Option<i64> = athletes.find(id).select(merged_into).first(connection)?;
    Ok(Some(AthleteId(merged.unwrap_or(id))))
}
