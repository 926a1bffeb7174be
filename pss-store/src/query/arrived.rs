//! The way from a query to its rows, for what arrived as part of the traffic: messages, match events, hits.
//!
//! A query becomes *steps*, one behind the other in the order of the rows: what has an arrival and what has none,
//! or match by match. A step has *branches* that are merged, one for each code or status, because an index gives
//! the rows of one code in their order, but not those of several. A page is read step by step until it is full.
//! The indexes are named in the statements: the latest rows are asked for again and again, and what was counted
//! last (`ANALYZE`) must not turn that into a search through everything.

use diesel::{prelude::*, sqlite::Sqlite};
use pss_protocol::Timestamp;

use super::{
    Cursor, Order, Page, Query,
    cursor::{Key, Noun, Sequence},
    fights::{self, Fight},
    sql::Sql,
    time_conditions,
};
use crate::models::number;

/// A noun whose rows arrived: a table, in statements called `e`, with a session and a place in it.
pub(super) trait Arrived {
    const NOUN: Noun;
    /// What is selected, but for `arrived_at` and the columns of [`PLACE`](Self::PLACE).
    const COLUMNS: &'static str;
    /// The table.
    const TABLE: &'static str;
    /// What is joined for [`COLUMNS`](Self::COLUMNS); adds no row, takes none away, changes no order.
    const JOINS: &'static str;
    /// The primary key, which begins with the session.
    const PLACE: [&'static str; 3];
    /// The columns of it that tell the rows of a match apart.
    const IN_MATCH: &'static [&'static str];
    /// The index by arrival.
    const BY_ARRIVAL: &'static str;
    /// The index by match; empty for the primary key.
    const BY_MATCH: &'static str;
    /// A row as the database gives it.
    type Raw: QueryableByName<Sqlite> + Raw<Row = Self::Row> + 'static;
    /// A row as it is given away.
    type Row;

    /// What is joined for the conditions alone, when rows are only counted.
    fn joins_of_conditions(query: &Query) -> &'static str;
    /// What has to hold beside the ring, the session and the times.
    fn conditions(query: &Query) -> Vec<Sql>;
    /// In the order of arrival: where to look. Together the branches give each row once.
    /// The table of the index is `keys` in statements.
    fn branches(query: &Query, keys: &'static str) -> Vec<Branch>;
    /// What has to hold in a match that the athlete who is asked for fought on this side.
    fn side(fight: &Fight) -> Option<Sql>;
    /// Whether a match may have rows at all; those of which it is known that they have none are not looked at.
    fn may_be_in(fight: &Fight) -> bool {
        let _ = fight;
        true
    }
}

/// A row as the database gives it.
pub(super) trait Raw {
    type Row;
    /// Its arrival, and its place as in [`Arrived::PLACE`].
    fn key(&self) -> Key;
    /// As it is given away; `None` when it holds what this version does not know.
    fn row(self) -> Option<Self::Row>;
}

/// A part of a table, in an order that an index has.
#[derive(Clone, Debug)]
pub(super) struct Branch {
    /// Empty for the primary key.
    pub(super) index: &'static str,
    /// What the table is called where the index is read: `e`, or [`KEYS`].
    pub(super) keys: &'static str,
    pub(super) conditions: Vec<Sql>,
}

/// Branches that are merged, and the columns by which they are in order.
pub(super) struct Step {
    branches: Vec<Branch>,
    columns: Vec<&'static str>,
    fight: Option<Fight>,
}

/// The table in statements.
pub(super) const ROWS: &str = "e";
/// An index that is read alone, so that a row is looked for only where the index does not say no already.
pub(super) const KEYS: &str = "k";

/// The next page.
pub(super) fn page<N: Arrived>(
    connection: &mut SqliteConnection,
    query: &Query,
) -> QueryResult<Page<N::Row>> {
    let sequence = sequence(N::NOUN, query);
    let after = query.after.map(|cursor| cursor.key);
    let size = query.page_size();
    let mut rows: Vec<(Key, N::Raw)> = Vec::new();
    for step in steps::<N>(connection, query, after, KEYS)? {
        // One more than the page has: it tells whether another page follows.
        let mut statement = step.select::<N>(query.order);
        statement.push(" LIMIT ").number(number((size + 1 - rows.len()) as u64));
        for raw in statement.load::<N::Raw>(connection)? {
            rows.push((step.key(raw.key()), raw));
        }
        if rows.len() > size {
            break;
        }
    }
    let more = rows.len() > size;
    rows.truncate(size);
    let next = rows.last().filter(|_| more).map(|(key, _)| Cursor {
        noun: N::NOUN,
        sequence,
        order: query.order,
        key: *key,
    });
    let rows = rows.into_iter().map(|(key, raw)| raw.row().ok_or_else(|| unreadable(N::NOUN, key)));
    Ok(Page { rows: rows.collect::<QueryResult<_>>()?, next })
}

/// How many rows there are, whatever the limit and the cursor.
pub(super) fn count<N: Arrived>(connection: &mut SqliteConnection, query: &Query) -> QueryResult<u64> {
    let mut count = 0;
    for step in steps::<N>(connection, query, None, ROWS)? {
        for branch in &step.branches {
            let mut statement = Sql::new("SELECT count(*) AS count");
            statement.append(branch.from::<N>(N::joins_of_conditions(query)));
            count += statement.count(connection)?;
        }
    }
    Ok(count)
}

/// The statements that count by `columns`, to be added up.
pub(super) fn counts_by<N: Arrived>(
    connection: &mut SqliteConnection,
    query: &Query,
    columns: &str,
) -> QueryResult<Vec<Sql>> {
    let mut statements = Vec::new();
    for step in steps::<N>(connection, query, None, ROWS)? {
        for branch in &step.branches {
            let mut statement = Sql::new(&format!("SELECT {columns}, count(*) AS count"));
            statement.append(branch.from::<N>(N::joins_of_conditions(query)));
            statement.push(" GROUP BY 1, 2");
            statements.push(statement);
        }
    }
    Ok(statements)
}

/// In which order the rows of a query come.
pub(super) fn sequence(noun: Noun, query: &Query) -> Sequence {
    // In a session the messages are in the order in which they were received, and what was decided is match by
    // match: of a ring, which has been silent for a day, messages are to be found as fast as of one that speaks.
    let by_session = query.session.is_some() || noun == Noun::Messages && query.ring.is_some();
    if query.names_fights() {
        Sequence::Match
    } else if by_session && !query.has_times() && !query.has_kinds() {
        Sequence::Session
    } else {
        Sequence::Arrival
    }
}

/// What is to be read one behind the other.
pub(super) fn steps<N: Arrived>(
    connection: &mut SqliteConnection,
    query: &Query,
    after: Option<Key>,
    keys: &'static str,
) -> QueryResult<Vec<Step>> {
    let order = query.order;
    Ok(match sequence(N::NOUN, query) {
        Sequence::Arrival => by_arrival::<N>(query, after, keys),
        Sequence::Session => {
            let mut sessions = fights::sessions(connection, query)?;
            if order == Order::OldestFirst {
                sessions.reverse();
            }
            sessions.into_iter().filter_map(|session| of_session::<N>(query, session, after)).collect()
        }
        Sequence::Match => {
            let mut fights = fights::of(connection, query)?;
            if order == Order::OldestFirst {
                fights.reverse();
            }
            fights
                .into_iter()
                .filter(N::may_be_in)
                .filter_map(|fight| of_fight::<N>(query, fight, after))
                .collect()
        }
    })
}

/// All rows by arrival: those that have one, and as older than all of them those that have none.
fn by_arrival<N: Arrived>(query: &Query, after: Option<Key>, keys: &'static str) -> Vec<Step> {
    let timed = match after {
        // The page before ended among those without a time, which come last.
        Some(Key { at: None, .. }) if query.order == Order::NewestFirst => None,
        _ => Some(of_arrival::<N>(
            query,
            arrivals::<N>(query, after.filter(|key| key.at.is_some()), keys),
            "arrived_at",
            keys,
        )),
    };
    let untimed = match after {
        // Nothing without a time was before, or after, a time.
        _ if query.has_times() => None,
        Some(Key { at: Some(_), .. }) if query.order == Order::OldestFirst => None,
        _ => {
            let mut conditions = vec![Sql::new(&format!("{keys}.arrived_at IS NULL"))];
            let behind = after.filter(|key| key.at.is_none());
            conditions.extend(behind.map(|key| beyond(keys, &N::PLACE, &key.place, query.order)));
            Some(of_arrival::<N>(query, conditions, N::PLACE[0], keys))
        }
    };
    let mut steps: Vec<_> = [timed, untimed].into_iter().flatten().collect();
    if query.order == Order::OldestFirst {
        steps.reverse();
    }
    steps
}

fn of_arrival<N: Arrived>(
    query: &Query,
    mut conditions: Vec<Sql>,
    first: &'static str,
    keys: &'static str,
) -> Step {
    conditions.extend(query.session_conditions(&format!("{keys}.session_id")));
    conditions.extend(N::conditions(query));
    let mut branches = N::branches(query, keys);
    for branch in &mut branches {
        branch.conditions.extend(conditions.iter().cloned());
    }
    let mut columns = vec![first];
    columns.extend(N::PLACE.iter().filter(|column| **column != first));
    Step { branches, columns, fight: None }
}

/// What has to hold of the arrival where there is one. Of two bounds on the same side the database goes by one
/// alone, and not always by the nearer, so it gets one on each side.
fn arrivals<N: Arrived>(query: &Query, after: Option<Key>, keys: &str) -> Vec<Sql> {
    let columns = [&["arrived_at"], N::PLACE.as_slice()].concat();
    let behind = |key: Key| {
        let values = [&[key.at.unwrap_or_default()], key.place.as_slice()].concat();
        beyond(keys, &columns, &values, query.order)
    };
    let bound = |comparison: &str, bound: Timestamp| {
        let mut condition = Sql::new(&format!("{keys}.arrived_at "));
        condition.push(comparison).number(bound.0);
        condition
    };
    let nearer =
        |is_nearer: &dyn Fn(i64) -> bool| after.filter(|key| key.at.is_none_or(is_nearer)).map(behind);
    let (lower, upper) = match query.order {
        Order::NewestFirst => (None, nearer(&|at| query.until.is_none_or(|until| at < until.0))),
        Order::OldestFirst => (nearer(&|at| query.from.is_none_or(|from| at >= from.0)), None),
    };
    let lower = lower
        .or_else(|| query.from.map(|from| bound(">= ", from)))
        .unwrap_or_else(|| Sql::new(&format!("{keys}.arrived_at IS NOT NULL")));
    let upper = upper.or_else(|| query.until.map(|until| bound("< ", until)));
    [Some(lower), upper].into_iter().flatten().collect()
}

/// What a session received; `None` when the page before ended behind it.
fn of_session<N: Arrived>(query: &Query, session: i64, after: Option<Key>) -> Option<Step> {
    let mut place = Sql::new("e.session_id = ");
    place.number(session);
    let mut branch = Branch { index: "", keys: ROWS, conditions: vec![place] };
    branch.conditions.extend(N::conditions(query));
    if let Some(key) = after {
        let [last, rest @ ..] = key.place;
        let done = match query.order {
            Order::NewestFirst => session > last,
            Order::OldestFirst => session < last,
        };
        if done {
            return None;
        }
        if session == last {
            branch.conditions.push(beyond(ROWS, &N::PLACE[1..], &rest, query.order));
        }
    }
    Some(Step { branches: vec![branch], columns: N::PLACE[1..].to_vec(), fight: None })
}

/// What arrived in a match; `None` when the page before ended behind it.
fn of_fight<N: Arrived>(query: &Query, fight: Fight, after: Option<Key>) -> Option<Step> {
    let mut branch = Branch { index: N::BY_MATCH, keys: ROWS, conditions: Vec::new() };
    let mut place = Sql::new("e.session_id = ");
    place.number(fight.session).push(" AND e.match_index = ").number(fight.index);
    branch.conditions.push(place);
    branch.conditions.extend(time_conditions("e.arrived_at", query.from, query.until));
    branch.conditions.extend(N::conditions(query));
    if query.athlete.is_some() {
        branch.conditions.extend(N::side(&fight));
    }
    if let Some(key) = after {
        let (last, this) = ((key.at, key.place[0]), (fight.began_at, fight.id));
        let done = match query.order {
            Order::NewestFirst => this > last,
            Order::OldestFirst => this < last,
        };
        if done {
            return None;
        }
        if this == last {
            let values = &key.place[N::PLACE.len() - N::IN_MATCH.len()..];
            branch.conditions.push(beyond(ROWS, N::IN_MATCH, values, query.order));
        }
    }
    Some(Step { branches: vec![branch], columns: N::IN_MATCH.to_vec(), fight: Some(fight) })
}

/// Behind this key in the order.
fn beyond(table: &str, columns: &[&str], values: &[i64], order: Order) -> Sql {
    let columns = columns.iter().map(|column| format!("{table}.{column}")).collect::<Vec<_>>().join(", ");
    let mut condition = Sql::new(&format!("({columns}) "));
    condition.push(match order {
        Order::NewestFirst => "< ",
        Order::OldestFirst => "> ",
    });
    condition.numbers(values.iter().copied());
    condition
}

/// `a DESC, b DESC`.
pub(super) fn order_by(columns: &[&str], order: Order) -> String {
    let direction = match order {
        Order::NewestFirst => "DESC",
        Order::OldestFirst => "ASC",
    };
    let columns: Vec<_> = columns.iter().map(|column| format!("{column} {direction}")).collect();
    format!(" ORDER BY {}", columns.join(", "))
}

/// `WHERE …`, or nothing.
pub(super) fn where_all(conditions: &[Sql]) -> Sql {
    let mut all = Sql::default();
    for (place, condition) in conditions.iter().enumerate() {
        all.push(if place == 0 { " WHERE " } else { " AND " });
        all.append(condition.clone());
    }
    all
}

pub(super) fn unreadable(noun: Noun, key: Key) -> diesel::result::Error {
    let [a, b, c] = key.place;
    let noun = noun.as_str();
    let text =
        format!("one of the {noun} ({a}, {b}, {c}) has a number or a word that this version does not know");
    diesel::result::Error::DeserializationError(text.into())
}

impl Step {
    /// The statement for all of it, in its order.
    pub(super) fn select<N: Arrived>(&self, order: Order) -> Sql {
        let mut statement = Sql::default();
        for (place, branch) in self.branches.iter().enumerate() {
            statement.push(if place == 0 { "SELECT " } else { " UNION ALL SELECT " });
            for column in [&["arrived_at"], N::PLACE.as_slice()].concat() {
                statement.push(&format!("{}.{column} AS {column}, ", branch.keys));
            }
            statement.push(N::COLUMNS);
            statement.append(branch.from::<N>(N::JOINS));
        }
        statement.push(&order_by(&self.columns, order));
        statement
    }

    /// The key of a row, by the sequence that the step is of.
    fn key(&self, key: Key) -> Key {
        match &self.fight {
            Some(fight) => Key { at: fight.began_at, place: [fight.id, key.place[1], key.place[2]] },
            None if self.columns[0] == "arrived_at" => key,
            None => Key { at: None, ..key },
        }
    }
}

impl Branch {
    fn from<N: Arrived>(&self, joins: &str) -> Sql {
        let mut from = Sql::new(" FROM ");
        from.push(N::TABLE).push(" AS ").push(self.keys);
        if !self.index.is_empty() {
            from.push(" INDEXED BY ").push(self.index);
        }
        if self.keys != ROWS {
            from.push(" CROSS JOIN ").push(N::TABLE).push(" AS e");
            for (place, column) in N::PLACE.iter().enumerate() {
                from.push(if place == 0 { " ON " } else { " AND " })
                    .push(&format!("e.{column} = {}.{column}", self.keys));
            }
        }
        from.push(joins).append(where_all(&self.conditions));
        from
    }
}
