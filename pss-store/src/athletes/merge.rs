//! Two athletes who are one.
//!
//! The history holds into whom each was merged at first; `athletes.merged_into` always names the last of the chain,
//! so that whoever reads needs one step. No chain comes back to where it began: only an athlete who is nobody else
//! is merged, and only into another such.

use diesel::prelude::*;

use super::rows;
use crate::{
    AthleteId, StoreError,
    change::OwnedChange,
    schema::{athlete_history, athletes, matches},
    store::Refusal,
};

pub(super) fn merge(
    connection: &mut SqliteConnection,
    from: AthleteId,
    into: AthleteId,
    change: &OwnedChange,
) -> Result<(), Refusal> {
    if let Some(already) = rows::demand(connection, from)?.merged_into {
        let reason = format!("athlete {from} was merged into {already} already; unmerge {from} first");
        return Err(StoreError::refused(reason).into());
    }
    let into = rows::demand(connection, into)?.merged_into.map_or(into, AthleteId);
    if from == into {
        return Err(StoreError::refused(format!("both are athlete {into} already")).into());
    }
    if let Some(place) = fought_each_other(connection, from, into)? {
        let reason = format!("athletes {from} and {into} are two: they fought each other, match {place}");
        return Err(StoreError::refused(reason).into());
    }
    diesel::update(athletes::table.filter(athletes::id.eq(from.0).or(athletes::merged_into.eq(from.0))))
        .set(athletes::merged_into.eq(into.0))
        .execute(connection)?;
    rows::remember(connection, (from.0, into.0), "merge", None, change)?;
    Ok(())
}

/// A match, by its name in this database, in which one was blue and the other red.
fn fought_each_other(
    connection: &mut SqliteConnection,
    one: AthleteId,
    other: AthleteId,
) -> QueryResult<Option<i64>> {
    let mut group = |id: AthleteId| -> QueryResult<Vec<i64>> {
        athletes::table
            .filter(athletes::id.eq(id.0).or(athletes::merged_into.eq(id.0)))
            .select(athletes::id)
            .load(connection)
    };
    let (one, other) = (group(one)?, group(other)?);
    let is = |blue: &[i64], red: &[i64]| {
        let blue = matches::blue_athlete_id.eq_any(blue.to_vec());
        blue.and(matches::red_athlete_id.eq_any(red.to_vec()))
    };
    matches::table
        .filter(is(&one, &other).or(is(&other, &one)))
        .select(matches::id)
        .first(connection)
        .optional()
}

pub(super) fn unmerge(
    connection: &mut SqliteConnection,
    id: AthleteId,
    change: &OwnedChange,
) -> Result<(), Refusal> {
    let Some(last) = rows::demand(connection, id)?.merged_into else {
        return Err(StoreError::refused(format!("athlete {id} is not merged into another")).into());
    };
    let group: Vec<i64> =
        athletes::table.filter(athletes::merged_into.eq(last)).select(athletes::id).load(connection)?;
    let next: Vec<(i64, i64)> = group
        .iter()
        .map(|member| Ok((*member, merged_at_first(connection, *member)?.unwrap_or(last))))
        .collect::<QueryResult<_>>()?;
    // Who came into the group by way of this athlete leaves it with this athlete.
    for member in &group {
        let way = |at: &i64| next.iter().find(|(from, _)| from == at).map(|(_, to)| *to);
        let leaves = *member != id.0
            && std::iter::successors(Some(*member), way).take(group.len() + 1).any(|at| at == id.0);
        if leaves {
            diesel::update(athletes::table.find(member))
                .set(athletes::merged_into.eq(id.0))
                .execute(connection)?;
        }
    }
    diesel::update(athletes::table.find(id.0))
        .set(athletes::merged_into.eq(None::<i64>))
        .execute(connection)?;
    rows::remember(connection, (id.0, last), "unmerge", None, change)?;
    Ok(())
}

/// Into whom an athlete was merged by hand, before that one was merged as well.
fn merged_at_first(connection: &mut SqliteConnection, id: i64) -> QueryResult<Option<i64>> {
    let found: Option<Option<i64>> = athlete_history::table
        .filter(athlete_history::athlete_id.eq(id))
        .filter(athlete_history::action.eq("merge"))
        .order(athlete_history::id.desc())
        .select(athlete_history::other_athlete_id)
        .first(connection)
        .optional()?;
    Ok(found.flatten())
}
