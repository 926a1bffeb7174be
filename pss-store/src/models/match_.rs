//! Matches and their rounds, as last known.

use std::collections::HashMap;

use diesel::prelude::*;
use pss_protocol::{Athlete, Basis, Competitor, MatchSummary, PerAthlete, RoundSummary, Scoring, Winner};

use super::{Cache, athlete, unsigned};
use crate::{
    AthleteId, MatchId, SessionId, Topic,
    cache::Caches,
    hub,
    schema::{match_events, matches, rounds},
    tournament,
    words::{self, Word as _},
};

/// A match as it is stored.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct StoredMatch {
    /// Its name in this database.
    pub id: MatchId,
    /// The session in which it was fought.
    pub session: SessionId,
    /// What is known of it.
    pub summary: MatchSummary,
}

#[derive(AsChangeset, Insertable, Queryable, Selectable)]
#[diesel(table_name = matches, treat_none_as_null = true)]
struct Row {
    session_id: i64,
    match_index: i64,
    number: Option<String>,
    event_id: Option<String>,
    phase: Option<String>,
    category: Option<String>,
    division: Option<String>,
    rounds_planned: Option<i64>,
    round_seconds: Option<i64>,
    scoring: String,
    body_level: Option<i64>,
    head_level: Option<i64>,
    blue_athlete_id: Option<i64>,
    red_athlete_id: Option<i64>,
    blue_hits: i64,
    red_hits: i64,
    winner: Option<String>,
    winner_basis: Option<String>,
    decision: Option<String>,
    decision_basis: Option<String>,
    result: Option<String>,
    started: bool,
}

/// What a match was before it is written again.
#[derive(Queryable, Selectable)]
#[diesel(table_name = matches)]
struct Before {
    id: i64,
    blue_athlete_id: Option<i64>,
    red_athlete_id: Option<i64>,
    began_at: Option<i64>,
}

#[derive(Insertable, Queryable, Selectable)]
#[diesel(table_name = rounds)]
struct RoundRow {
    match_id: i64,
    round: i64,
    blue: i64,
    red: i64,
    winner: Option<String>,
    winner_basis: Option<String>,
    blue_gam_jeoms: i64,
    red_gam_jeoms: i64,
}

/// Writes what is known of a match now in place of what was known before.
pub(crate) fn write(
    connection: &mut SqliteConnection,
    cache: &mut Cache,
    session: i64,
    summary: &MatchSummary,
) -> QueryResult<()> {
    let division = summary.division.as_deref();
    let [blue, red] = athlete::assigned(connection, session, summary.index.into())?;
    let blue = match blue {
        None => athlete::resolve(connection, cache, &summary.blue, division)?,
        assigned => assigned,
    };
    let red = match red {
        None => athlete::resolve(connection, cache, &summary.red, division)?,
        assigned => assigned,
    };
    let row = row(session, summary, blue, red);
    let before: Option<Before> = matches::table
        .filter(matches::session_id.eq(row.session_id))
        .filter(matches::match_index.eq(row.match_index))
        .select(Before::as_select())
        .first(connection)
        .optional()?;
    let id = match before {
        Some(Before { id, .. }) => {
            diesel::update(matches::table.find(id)).set(&row).execute(connection)?;
            diesel::delete(rounds::table.filter(rounds::match_id.eq(id))).execute(connection)?;
            id
        }
        None => {
            diesel::insert_into(matches::table).values(&row).returning(matches::id).get_result(connection)?
        }
    };
    for round in &summary.rounds {
        diesel::insert_into(rounds::table).values(round_row(id, round)).execute(connection)?;
    }
    if before.as_ref().is_none_or(|before| before.began_at.is_none()) {
        set_beginning(connection, session, row.match_index, id)?;
    }
    if let Some(before) = before {
        for old in [before.blue_athlete_id, before.red_athlete_id].into_iter().flatten() {
            if ![blue, red].contains(&Some(old)) {
                athlete::remove_unused(connection, cache, old)?;
            }
        }
    }
    Ok(())
}

/// Has the beginning looked for again when the match is written the next time: its events have changed.
pub(crate) fn forget_beginning(
    connection: &mut SqliteConnection,
    session: i64,
    index: u32,
) -> QueryResult<()> {
    let of_match = matches::table
        .filter(matches::session_id.eq(session))
        .filter(matches::match_index.eq(i64::from(index)));
    diesel::update(of_match).set(matches::began_at.eq(None::<i64>)).execute(connection)?;
    Ok(())
}

/// Takes a match away that is none any more; its events are not touched.
pub(crate) fn remove(
    connection: &mut SqliteConnection,
    cache: &mut Cache,
    session: i64,
    index: u32,
) -> QueryResult<()> {
    let before: Option<Before> = matches::table
        .filter(matches::session_id.eq(session))
        .filter(matches::match_index.eq(i64::from(index)))
        .select(Before::as_select())
        .first(connection)
        .optional()?;
    let Some(before) = before else { return Ok(()) };
    diesel::delete(matches::table.find(before.id)).execute(connection)?;
    for athlete in [before.blue_athlete_id, before.red_athlete_id].into_iter().flatten() {
        athlete::remove_unused(connection, cache, athlete)?;
    }
    Ok(())
}

/// A match began with its first event, which is that it was loaded, unless that was not heard. Its day follows.
fn set_beginning(
    connection: &mut SqliteConnection,
    session: i64,
    match_index: i64,
    id: i64,
) -> QueryResult<()> {
    let began_at: Option<Option<i64>> = match_events::table
        .filter(match_events::session_id.eq(session))
        .filter(match_events::match_index.eq(match_index))
        .order(match_events::event_id)
        .select(match_events::arrived_at)
        .first(connection)
        .optional()?;
    let Some(began_at) = began_at.flatten() else { return Ok(()) };
    let day = tournament::day_of_match(connection, session, began_at)?;
    diesel::update(matches::table.find(id))
        .set((matches::began_at.eq(began_at), matches::tournament_day_id.eq(day)))
        .execute(connection)?;
    Ok(())
}

/// The matches of a session in their order, with the athletes from the cache of readers where there is one.
pub(crate) fn of_session(
    connection: &mut SqliteConnection,
    caches: Option<&Caches>,
    session: i64,
) -> QueryResult<Vec<StoredMatch>> {
    let rows = matches::table
        .filter(matches::session_id.eq(session))
        .order(matches::match_index)
        .select((matches::id, Row::as_select()))
        .load(connection)?;
    complete(connection, caches, rows)
}

/// The match with this name, with the athletes from the cache of readers where there is one.
pub(crate) fn find(
    connection: &mut SqliteConnection,
    caches: Option<&Caches>,
    id: i64,
) -> QueryResult<Option<StoredMatch>> {
    let row = matches::table.find(id).select((matches::id, Row::as_select())).first(connection).optional()?;
    Ok(complete(connection, caches, row.into_iter().collect())?.pop())
}

/// A match as a list of matches has it.
pub(crate) struct Listed {
    pub(crate) stored: StoredMatch,
    pub(crate) began_at: Option<i64>,
    /// Who fought: the ones whom merged athletes were merged into.
    pub(crate) athletes: PerAthlete<Option<AthleteId>>,
}

/// Matches of a session, from the place `first` to `last`, in their order: a statement for each table, however many
/// matches there are.
pub(crate) fn between(
    connection: &mut SqliteConnection,
    session: i64,
    (first, last): (i64, i64),
) -> QueryResult<Vec<Listed>> {
    let rows: Vec<(i64, Option<i64>, Row)> = matches::table
        .filter(matches::session_id.eq(session))
        .filter(matches::match_index.between(first, last))
        .order(matches::match_index)
        .select((matches::id, matches::began_at, Row::as_select()))
        .load(connection)?;
    let ids: Vec<i64> = rows.iter().map(|(id, ..)| *id).collect();
    let of_all: Vec<RoundRow> = rounds::table
        .filter(rounds::match_id.eq_any(&ids))
        .order((rounds::match_id, rounds::round))
        .select(RoundRow::as_select())
        .load(connection)?;
    let mut of_match: HashMap<i64, Vec<RoundRow>> = HashMap::new();
    for round in of_all {
        of_match.entry(round.match_id).or_default().push(round);
    }
    let named = rows.iter().flat_map(|(.., row)| [row.blue_athlete_id, row.red_athlete_id]).flatten();
    let athletes = athlete::competitors(connection, named)?;
    let who = |id: Option<i64>| id.and_then(|id| athletes.get(&id)).cloned().unwrap_or_default();
    rows.into_iter()
        .map(|(id, began_at, row)| {
            let [(blue, blue_id), (red, red_id)] = [row.blue_athlete_id, row.red_athlete_id].map(who);
            let rounds = of_match.remove(&id).unwrap_or_default();
            let summary = summary(row, blue, red, rounds).ok_or_else(|| unreadable(id))?;
            Ok(Listed {
                stored: StoredMatch { id: MatchId(id), session: SessionId(session), summary },
                began_at,
                athletes: PerAthlete { blue: blue_id, red: red_id },
            })
        })
        .collect()
}

/// The session and the place in it of the match with this name.
pub(crate) fn key(connection: &mut SqliteConnection, id: i64) -> QueryResult<Option<(i64, i64)>> {
    matches::table.find(id).select((matches::session_id, matches::match_index)).first(connection).optional()
}

fn complete(
    connection: &mut SqliteConnection,
    caches: Option<&Caches>,
    rows: Vec<(i64, Row)>,
) -> QueryResult<Vec<StoredMatch>> {
    let cached = match caches {
        Some(caches) => Some((&caches.athletes, hub::generation(connection, Topic::Athletes)?)),
        None => None,
    };
    let competitor = |connection: &mut SqliteConnection, id: Option<i64>| match (id, cached) {
        (None, _) => Ok(Competitor::default()),
        (Some(id), None) => athlete::competitor(connection, id),
        (Some(id), Some((cache, generation))) => {
            cache.get_or_load((generation, id), || athlete::competitor(connection, id))
        }
    };
    rows.into_iter()
        .map(|(id, row)| {
            let of_match: Vec<RoundRow> = rounds::table
                .filter(rounds::match_id.eq(id))
                .order(rounds::round)
                .select(RoundRow::as_select())
                .load(connection)?;
            let blue = competitor(connection, row.blue_athlete_id)?;
            let red = competitor(connection, row.red_athlete_id)?;
            let session = SessionId(row.session_id);
            let summary = summary(row, blue, red, of_match).ok_or_else(|| unreadable(id))?;
            Ok(StoredMatch { id: MatchId(id), session, summary })
        })
        .collect()
}

fn row(session_id: i64, summary: &MatchSummary, blue: Option<i64>, red: Option<i64>) -> Row {
    let basis = |basis: Option<Basis>| basis.map(|basis| basis.as_str().to_owned());
    Row {
        session_id,
        match_index: summary.index.into(),
        number: summary.number.clone(),
        event_id: summary.id.clone(),
        phase: summary.phase.clone(),
        category: summary.category.clone(),
        division: summary.division.clone(),
        rounds_planned: summary.rounds_planned.map(i64::from),
        round_seconds: summary.round_seconds.map(i64::from),
        scoring: summary.scoring.as_str().to_owned(),
        body_level: summary.body_level.map(i64::from),
        head_level: summary.head_level.map(i64::from),
        blue_athlete_id: blue,
        red_athlete_id: red,
        blue_hits: summary.hits.blue.into(),
        red_hits: summary.hits.red.into(),
        winner: summary.winner.and_then(Winner::word).map(str::to_owned),
        winner_basis: basis(summary.winner_basis),
        decision: summary.decision.map(|decision| decision.as_str().to_owned()),
        decision_basis: basis(summary.decision_basis),
        result: summary.result.clone(),
        started: summary.started,
    }
}

fn round_row(match_id: i64, round: &RoundSummary) -> RoundRow {
    RoundRow {
        match_id,
        round: round.round.into(),
        blue: round.blue.into(),
        red: round.red.into(),
        winner: round.winner.map(|athlete| athlete.as_str().to_owned()),
        winner_basis: round.winner_basis.map(|basis| basis.as_str().to_owned()),
        blue_gam_jeoms: round.blue_gam_jeoms.into(),
        red_gam_jeoms: round.red_gam_jeoms.into(),
    }
}

/// The inverse of [`row`] and [`round_row`].
fn summary(row: Row, blue: Competitor, red: Competitor, rounds: Vec<RoundRow>) -> Option<MatchSummary> {
    let basis = |word: Option<String>| word.as_deref().and_then(Basis::from_word);
    let mut summary = MatchSummary::new(unsigned(row.match_index)?);
    summary.number = row.number;
    summary.id = row.event_id;
    summary.phase = row.phase;
    summary.category = row.category;
    summary.division = row.division;
    summary.rounds_planned = row.rounds_planned.and_then(unsigned);
    summary.round_seconds = row.round_seconds.and_then(unsigned);
    summary.scoring = Scoring::from_word(&row.scoring)?;
    summary.body_level = row.body_level.and_then(unsigned);
    summary.head_level = row.head_level.and_then(unsigned);
    summary.blue = blue;
    summary.red = red;
    summary.winner = row.winner.as_deref().and_then(Winner::from_word);
    summary.winner_basis = basis(row.winner_basis);
    summary.decision = row.decision.as_deref().and_then(words::decision);
    summary.decision_basis = basis(row.decision_basis);
    summary.result = row.result;
    summary.hits = PerAthlete { blue: unsigned(row.blue_hits)?, red: unsigned(row.red_hits)? };
    summary.started = row.started;
    summary.rounds = rounds.into_iter().map(round).collect::<Option<_>>()?;
    Some(summary)
}

fn round(row: RoundRow) -> Option<RoundSummary> {
    Some(RoundSummary {
        round: unsigned(row.round)?,
        blue: unsigned(row.blue)?,
        red: unsigned(row.red)?,
        winner: row.winner.as_deref().and_then(Athlete::from_word),
        winner_basis: row.winner_basis.as_deref().and_then(Basis::from_word),
        blue_gam_jeoms: unsigned(row.blue_gam_jeoms)?,
        red_gam_jeoms: unsigned(row.red_gam_jeoms)?,
    })
}

fn unreadable(id: i64) -> diesel::result::Error {
    let text = format!("match {id} has a number or a word that this version does not know");
    diesel::result::Error::DeserializationError(text.into())
}
