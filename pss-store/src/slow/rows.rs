//! The rows of `slow_queries`.

use diesel::prelude::*;
use pss_protocol::Timestamp;

use super::{
    SlowQuery, plan,
    watch::{Runs, SlowLog},
};
use crate::{
    models::{number, unsigned},
    schema::slow_queries,
};

/// Writes down what is new. What could not be written stays new.
pub(crate) fn keep(connection: &mut SqliteConnection, log: &SlowLog) -> QueryResult<()> {
    let new = log.take();
    let outcome = new.iter().try_for_each(|(statement, runs)| write(connection, statement, runs));
    let outcome = outcome.and_then(|()| trim(connection));
    if outcome.is_err() {
        new.into_iter().for_each(|(statement, runs)| log.add(statement, runs));
    }
    outcome
}

fn write(connection: &mut SqliteConnection, statement: &str, new: &Runs) -> QueryResult<()> {
    let of_statement = slow_queries::table.filter(slow_queries::statement.eq(statement));
    type Known = (i64, i64, i64, i64, Option<i64>, Option<i64>, String, Option<String>);
    let known: Option<Known> = of_statement
        .select((
            slow_queries::id,
            slow_queries::count,
            slow_queries::total_us,
            slow_queries::max_us,
            slow_queries::first_at,
            slow_queries::last_at,
            slow_queries::query_plan,
            slow_queries::suggestion,
        ))
        .first(connection)
        .optional()?;
    let mut runs = *new;
    let mut explained = None;
    let mut id = None;
    if let Some((row, count, total_us, max_us, first_at, last_at, query_plan, suggestion)) = known {
        id = Some(row);
        if number(new.max_us) <= max_us {
            explained = Some((query_plan, suggestion));
        }
        runs = Runs {
            count: unsigned(count).unwrap_or_default(),
            total_us: unsigned(total_us).unwrap_or_default(),
            max_us: unsigned(max_us).unwrap_or_default(),
            first_at: first_at.map(Timestamp),
            last_at: last_at.map(Timestamp),
        };
        runs.add(new);
    }
    let (query_plan, suggestion) = explained.unwrap_or_else(|| {
        let plan = plan::explain(connection, statement);
        let suggestion = plan::suggestion(statement, &plan);
        (plan.join("\n"), suggestion)
    });
    let values = (
        slow_queries::statement.eq(statement),
        slow_queries::count.eq(number(runs.count)),
        slow_queries::total_us.eq(number(runs.total_us)),
        slow_queries::max_us.eq(number(runs.max_us)),
        slow_queries::first_at.eq(runs.first_at.map(|at| at.0)),
        slow_queries::last_at.eq(runs.last_at.map(|at| at.0)),
        slow_queries::query_plan.eq(query_plan),
        slow_queries::suggestion.eq(suggestion),
    );
    match id {
        Some(id) => diesel::update(slow_queries::table.find(id)).set(values).execute(connection)?,
        None => diesel::insert_into(slow_queries::table).values(values).execute(connection)?,
    };
    Ok(())
}

/// Keeps those that cost most.
fn trim(connection: &mut SqliteConnection) -> QueryResult<()> {
    let costly = slow_queries::table
        .order((slow_queries::total_us.desc(), slow_queries::id))
        .select(slow_queries::id)
        .limit(MOST_ROWS);
    let kept: Vec<i64> = costly.load(connection)?;
    if kept.len() as i64 == MOST_ROWS {
        diesel::delete(slow_queries::table.filter(slow_queries::id.ne_all(kept))).execute(connection)?;
    }
    Ok(())
}

const MOST_ROWS: i64 = 500;

/// Those that cost most first.
pub(super) fn all(connection: &mut SqliteConnection) -> QueryResult<Vec<SlowQuery>> {
    type Row = (String, i64, i64, i64, Option<i64>, Option<i64>, String, Option<String>);
    let rows: Vec<Row> = slow_queries::table
        .order((slow_queries::total_us.desc(), slow_queries::id))
        .select((
            slow_queries::statement,
            slow_queries::count,
            slow_queries::total_us,
            slow_queries::max_us,
            slow_queries::first_at,
            slow_queries::last_at,
            slow_queries::query_plan,
            slow_queries::suggestion,
        ))
        .load(connection)?;
    let query =
        |(statement, count, total_us, max_us, first_at, last_at, query_plan, suggestion): Row| SlowQuery {
            statement,
            count: unsigned(count).unwrap_or_default(),
            total_us: unsigned(total_us).unwrap_or_default(),
            max_us: unsigned(max_us).unwrap_or_default(),
            first_at: first_at.map(Timestamp),
            last_at: last_at.map(Timestamp),
            query_plan,
            suggestion,
        };
    Ok(rows.into_iter().map(query).collect())
}

pub(super) fn clear(connection: &mut SqliteConnection) -> QueryResult<usize> {
    diesel::delete(slow_queries::table).execute(connection)
}
