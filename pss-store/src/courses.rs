//! Matches with all that happened in them: many of them, fast, as statistics over a whole database want them.

use std::{
    collections::HashMap,
    sync::mpsc::{self, Receiver},
    thread,
};

use diesel::{
    QueryResult, QueryableByName, SqliteConnection,
    sql_types::{BigInt, Text},
};
use pss_protocol::Timestamp;

use crate::{
    MatchId, MatchRow, Query, SessionId, Store, StoreError, StoredEvent,
    models::{event_row, match_},
    query,
};

/// A match with all that happened in it.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct StoredCourse {
    /// The match.
    pub fight: MatchRow,
    /// Its events in the order of their ids.
    pub events: Vec<StoredEvent>,
}

impl Store {
    /// Gives each match of a query with its events to `visit`: session by session, within each in the order in which
    /// they were chosen. The limit, the cursor and the order of the query mean nothing.
    ///
    /// All of it is read from one moment of the database, by two connections at once where both see the same moment.
    /// In memory are only some matches at a time. An error that `visit` returns ends the reading.
    ///
    /// ```
    /// use pss_store::{Query, Store, StoreConfig, StoreError};
    ///
    /// # let folder = tempfile::tempdir()?;
    /// let store = Store::open(StoreConfig::new(folder.path().join("restrike.db")))?;
    /// let mut events = 0;
    /// store.for_each_course(&Query::new().ring("1"), |course| {
    ///     events += course.events.len();
    ///     Ok::<(), StoreError>(())
    /// })?;
    /// assert_eq!(events, 0);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    ///
    /// # Errors
    ///
    /// The first one of `visit`; otherwise see [`query_messages`](Self::query_messages).
    pub fn for_each_course<E: From<StoreError>>(
        &self,
        query: &Query,
        mut visit: impl FnMut(StoredCourse) -> Result<(), E>,
    ) -> Result<(), E> {
        let query = Query { after: None, ..query.clone() };
        query::check_matches(&query)?;
        let mut refused = None;
        let read = self.read_side_by_side("read matches with their events", |connections| {
            let first = connections.first_mut().ok_or(diesel::result::Error::NotFound)?;
            let runs = runs(first, &query)?;
            read(connections, &runs, |course| visit(course).map_err(|error| refused = Some(error)).is_ok())
        });
        // What the visitor refused comes first: it is why the reading ended.
        refused.map_or(Ok(()), Err)?;
        Ok(read?)
    }
}

impl Store {
    /// Gives the matches of the same tournament that began earlier than this one to `visit`, as
    /// [`for_each_course`](Self::for_each_course) does: for a match of no tournament those of the whole database. For
    /// one that is not there, or of which nobody knows when it began, there are none.
    ///
    /// # Errors
    ///
    /// See [`for_each_course`](Self::for_each_course).
    pub fn for_each_course_before<E: From<StoreError>>(
        &self,
        id: MatchId,
        mut visit: impl FnMut(StoredCourse) -> Result<(), E>,
    ) -> Result<(), E> {
        let fight = self.query_matches(&Query::new().match_id(id).limit(1))?.rows.pop();
        let Some(began_at) = fight.and_then(|fight| fight.began_at) else { return Ok(()) };
        let tournament =
            |id| Ok::<_, StoreError>(self.tournament_of_match(id)?.map(|(tournament, _)| tournament));
        let of = tournament(id)?;
        self.for_each_course(&Query::new().until(began_at), |course| {
            match of.is_none() || tournament(course.fight.match_id)? == of {
                true => visit(course),
                false => Ok(()),
            }
        })
    }
}

/// Matches of one session that follow each other without a gap: from the place `first` to `last`.
#[derive(Debug, PartialEq, Eq)]
struct Run {
    session: i64,
    ring: String,
    first: i64,
    last: i64,
}

#[derive(QueryableByName)]
struct Place {
    #[diesel(sql_type = BigInt)]
    session_id: i64,
    #[diesel(sql_type = BigInt)]
    match_index: i64,
    #[diesel(sql_type = Text)]
    ring: String,
}

/// What is to be read, in order.
fn runs(connection: &mut SqliteConnection, query: &Query) -> QueryResult<Vec<Run>> {
    let mut runs: Vec<Run> = Vec::new();
    for Place { session_id, match_index, ring } in query::places_of_matches::<Place>(connection, query)? {
        match runs.last_mut() {
            Some(run)
                if run.session == session_id
                    && run.last + 1 == match_index
                    && run.last - run.first + 1 < MOST_IN_RUN =>
            {
                run.last = match_index;
            }
            _ => runs.push(Run { session: session_id, ring, first: match_index, last: match_index }),
        }
    }
    Ok(runs)
}

/// Reads the runs in turn over all connections and gives them away in their order, until `visit` says no.
fn read(
    connections: &mut [&mut SqliteConnection],
    runs: &[Run],
    mut visit: impl FnMut(StoredCourse) -> bool,
) -> QueryResult<()> {
    let turns = connections.len();
    thread::scope(|scope| {
        // Dropped before the threads are waited for, so that one that has something to hand over ends.
        let readers: Vec<Receiver<QueryResult<Vec<StoredCourse>>>> = connections
            .iter_mut()
            .enumerate()
            .map(|(turn, connection)| {
                let (hand_over, taken) = mpsc::sync_channel(RUNS_AHEAD);
                scope.spawn(move || {
                    for run in runs.iter().skip(turn).step_by(turns) {
                        let read = read_run(connection, run);
                        let failed = read.is_err();
                        if hand_over.send(read).is_err() || failed {
                            return;
                        }
                    }
                });
                taken
            })
            .collect();
        for turn in 0..runs.len() {
            // A reader that panicked passes that on when it is waited for.
            let Ok(courses) = readers[turn % turns].recv() else { break };
            for course in courses? {
                if !visit(course) {
                    return Ok(());
                }
            }
        }
        Ok(())
    })
}

fn read_run(connection: &mut SqliteConnection, run: &Run) -> QueryResult<Vec<StoredCourse>> {
    let of_run = (run.first, run.last);
    let fights = match_::between(connection, run.session, of_run)?;
    let mut courses: Vec<StoredCourse> = fights
        .into_iter()
        .map(|fight| StoredCourse {
            fight: MatchRow {
                match_id: fight.stored.id,
                ring: run.ring.clone(),
                session: SessionId(run.session),
                match_index: fight.stored.summary.index,
                began_at: fight.began_at.map(Timestamp),
                blue_athlete_id: fight.athletes.blue,
                red_athlete_id: fight.athletes.red,
                started: fight.stored.summary.started,
                summary: fight.stored.summary,
            },
            events: Vec::new(),
        })
        .collect();
    let places: HashMap<u32, usize> =
        courses.iter().enumerate().map(|(place, course)| (course.fight.match_index, place)).collect();
    let mut present = None;
    event_row::for_each(connection, run.session, of_run, |event| {
        let index = event.event.key.match_index;
        if present.is_none_or(|(known, _)| known != index) {
            present = Some((index, index.and_then(|index| places.get(&index).copied())));
        }
        if let Some((_, Some(place))) = present {
            courses[place].events.push(event);
        }
    })?;
    Ok(courses)
}

/// Some ten thousand events: long enough that the statements for a run do not count, short enough for the memory.
const MOST_IN_RUN: i64 = 32;

/// How many runs each reader may be ahead.
const RUNS_AHEAD: usize = 2;
