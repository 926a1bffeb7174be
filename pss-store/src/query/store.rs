//! The questions that a store answers.

use std::{collections::BTreeMap, fmt, vec};

use diesel::{
    QueryResult, QueryableByName, SqliteConnection,
    sql_types::{BigInt, Nullable, Text},
};
use serde::Serialize;

use super::{
    AthleteRow, EventRow, HitRow, MatchRow, MessageRow, Page, Query, arrived, athletes, codes,
    cursor::{Noun, Sequence},
    events::{Events, Hits},
    matches,
    messages::Messages,
};
use crate::{Store, StoreError};

impl Store {
    /// A page of messages.
    ///
    /// # Errors
    ///
    /// Of this and of all questions with a [`Query`]: [`StoreError::ImpossibleFilter`],
    /// [`StoreError::UnknownCode`] and [`StoreError::ForeignCursor`] when the query does not fit; otherwise when
    /// the database cannot be read.
    pub fn query_messages(&self, query: &Query) -> Result<Page<MessageRow>, StoreError> {
        check(Noun::Messages, query)?;
        self.read("query messages", |connection| arrived::page::<Messages>(connection, query))
    }

    /// A page of what the table decided.
    ///
    /// # Errors
    ///
    /// See [`query_messages`](Self::query_messages).
    pub fn query_match_events(&self, query: &Query) -> Result<Page<EventRow>, StoreError> {
        check(Noun::MatchEvents, query)?;
        self.read("query match events", |connection| arrived::page::<Events>(connection, query))
    }

    /// A page of hits.
    ///
    /// # Errors
    ///
    /// See [`query_messages`](Self::query_messages).
    pub fn query_hits(&self, query: &Query) -> Result<Page<HitRow>, StoreError> {
        check(Noun::Hits, query)?;
        self.read("query hits", |connection| arrived::page::<Hits>(connection, query))
    }

    /// A page of matches.
    ///
    /// # Errors
    ///
    /// See [`query_messages`](Self::query_messages).
    pub fn query_matches(&self, query: &Query) -> Result<Page<MatchRow>, StoreError> {
        check(Noun::Matches, query)?;
        self.read("query matches", |connection| matches::page(connection, self.caches(), query))
    }

    /// A page of athletes, in the order in which they were first seen.
    ///
    /// # Errors
    ///
    /// See [`query_messages`](Self::query_messages).
    pub fn query_athletes(&self, query: &Query) -> Result<Page<AthleteRow>, StoreError> {
        check(Noun::Athletes, query)?;
        self.read("query athletes", |connection| athletes::page(connection, query))
    }

    /// All messages of a query, read page after page; its limit means nothing.
    pub fn all_messages(&self, query: Query) -> Rows<MessageRow> {
        Rows::new(self, query, Self::query_messages)
    }

    /// All match events of a query, read page after page; its limit means nothing.
    pub fn all_match_events(&self, query: Query) -> Rows<EventRow> {
        Rows::new(self, query, Self::query_match_events)
    }

    /// All hits of a query, read page after page; its limit means nothing.
    pub fn all_hits(&self, query: Query) -> Rows<HitRow> {
        Rows::new(self, query, Self::query_hits)
    }

    /// All matches of a query, read page after page; its limit means nothing.
    pub fn all_matches(&self, query: Query) -> Rows<MatchRow> {
        Rows::new(self, query, Self::query_matches)
    }

    /// All athletes of a query, read page after page; its limit means nothing.
    pub fn all_athletes(&self, query: Query) -> Rows<AthleteRow> {
        Rows::new(self, query, Self::query_athletes)
    }

    /// How many messages fit a query, whatever its limit and its cursor.
    ///
    /// # Errors
    ///
    /// See [`query_messages`](Self::query_messages).
    pub fn count_messages(&self, query: &Query) -> Result<u64, StoreError> {
        check(Noun::Messages, query)?;
        self.read("count messages", |connection| arrived::count::<Messages>(connection, query))
    }

    /// How many match events fit a query, whatever its limit and its cursor.
    ///
    /// # Errors
    ///
    /// See [`query_messages`](Self::query_messages).
    pub fn count_match_events(&self, query: &Query) -> Result<u64, StoreError> {
        check(Noun::MatchEvents, query)?;
        self.read("count match events", |connection| arrived::count::<Events>(connection, query))
    }

    /// How many hits fit a query, whatever its limit and its cursor.
    ///
    /// # Errors
    ///
    /// See [`query_messages`](Self::query_messages).
    pub fn count_hits(&self, query: &Query) -> Result<u64, StoreError> {
        check(Noun::Hits, query)?;
        self.read("count hits", |connection| arrived::count::<Hits>(connection, query))
    }

    /// How many matches fit a query, whatever its limit and its cursor.
    ///
    /// # Errors
    ///
    /// See [`query_messages`](Self::query_messages).
    pub fn count_matches(&self, query: &Query) -> Result<u64, StoreError> {
        check(Noun::Matches, query)?;
        self.read("count matches", |connection| matches::count(connection, query))
    }

    /// How many athletes fit a query, whatever its limit and its cursor.
    ///
    /// # Errors
    ///
    /// See [`query_messages`](Self::query_messages).
    pub fn count_athletes(&self, query: &Query) -> Result<u64, StoreError> {
        check(Noun::Athletes, query)?;
        self.read("count athletes", |connection| athletes::count(connection, query))
    }

    /// How many of everything fit a query, from one moment of the database.
    ///
    /// # Errors
    ///
    /// When the database cannot be read, and when the query fits nothing at all.
    pub fn query_counts(&self, query: &Query) -> Result<Counts, StoreError> {
        let query = Query { after: None, ..query.clone() };
        let checks = Noun::ALL.map(|noun| (noun, check(noun, &query)));
        let fits = |noun| checks.iter().any(|(known, check)| *known == noun && check.is_ok());
        let counts = self.read("count", |connection| {
            let mut counts = Counts::default();
            if fits(Noun::Messages) {
                counts.messages = Some(count_messages(connection, &query)?);
            }
            if fits(Noun::MatchEvents) {
                counts.match_events = Some(count_events(connection, &query)?);
            }
            if fits(Noun::Hits) {
                counts.hits = Some(arrived::count::<Hits>(connection, &query)?);
            }
            if fits(Noun::Matches) {
                counts.matches = Some(matches::count(connection, &query)?);
            }
            if fits(Noun::Athletes) {
                counts.athletes = Some(athletes::count(connection, &query)?);
            }
            Ok(counts)
        })?;
        if counts == Counts::default() {
            checks.into_iter().try_for_each(|(_, check)| check)?;
        }
        Ok(counts)
    }
}

/// How many of everything fit a query; `None` for what the query's filters make no sense for.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct Counts {
    /// Messages.
    pub messages: Option<MessageCounts>,
    /// Match events.
    pub match_events: Option<EventCounts>,
    /// Hits.
    pub hits: Option<u64>,
    /// Matches.
    pub matches: Option<u64>,
    /// Athletes.
    pub athletes: Option<u64>,
}

/// How many messages.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct MessageCounts {
    /// All of them.
    pub total: u64,
    /// By status.
    pub by_status: BTreeMap<String, u64>,
    /// By code of the wire; those that have none are in none of them.
    pub by_code: BTreeMap<String, u64>,
}

/// How many match events.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct EventCounts {
    /// All of them.
    pub total: u64,
    /// By the code that operators know.
    pub by_code: BTreeMap<String, u64>,
}

#[derive(QueryableByName)]
struct Counted {
    #[diesel(sql_type = Text)]
    word: String,
    #[diesel(sql_type = Nullable<Text>)]
    code: Option<String>,
    #[diesel(sql_type = BigInt)]
    count: i64,
}

fn count_messages(connection: &mut SqliteConnection, query: &Query) -> QueryResult<MessageCounts> {
    let mut counts = MessageCounts::default();
    let columns = "e.recognition_status AS word, e.event_code AS code";
    for statement in arrived::counts_by::<Messages>(connection, query, columns)? {
        for counted in statement.load::<Counted>(connection)? {
            let count = counted.count.unsigned_abs();
            counts.total += count;
            *counts.by_status.entry(counted.word).or_default() += count;
            if let Some(code) = counted.code {
                *counts.by_code.entry(code).or_default() += count;
            }
        }
    }
    Ok(counts)
}

fn count_events(connection: &mut SqliteConnection, query: &Query) -> QueryResult<EventCounts> {
    let mut counts = EventCounts::default();
    for statement in arrived::counts_by::<Events>(connection, query, "e.kind AS word, e.code AS code")? {
        for counted in statement.load::<Counted>(connection)? {
            let code = codes::of_event(&counted.word, counted.code.as_deref()).to_owned();
            counts.total += counted.count.unsigned_abs();
            *counts.by_code.entry(code).or_default() += counted.count.unsigned_abs();
        }
    }
    Ok(counts)
}

/// All rows of a query, one after the other. Reads a page at a time, so nothing is held while nobody asks, and
/// what is added in the meantime comes too where its place is still ahead. Ends after the first error.
pub struct Rows<T> {
    store: Store,
    /// `None` when there are no more pages.
    query: Option<Query>,
    ask: fn(&Store, &Query) -> Result<Page<T>, StoreError>,
    rows: vec::IntoIter<T>,
}

impl<T> Rows<T> {
    fn new(store: &Store, query: Query, ask: fn(&Store, &Query) -> Result<Page<T>, StoreError>) -> Self {
        let query = Some(query.limit(ROWS_AT_A_TIME));
        Self { store: store.clone(), query, ask, rows: Vec::new().into_iter() }
    }
}

impl<T> Iterator for Rows<T> {
    type Item = Result<T, StoreError>;

    fn next(&mut self) -> Option<Self::Item> {
        loop {
            if let Some(row) = self.rows.next() {
                return Some(Ok(row));
            }
            let query = self.query.take()?;
            match (self.ask)(&self.store, &query) {
                Ok(page) => {
                    self.rows = page.rows.into_iter();
                    self.query = page.next.map(|cursor| query.after(cursor));
                }
                Err(error) => return Some(Err(error)),
            }
        }
    }
}

impl<T> fmt::Debug for Rows<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Rows").field("query", &self.query).field("at_hand", &self.rows.len()).finish()
    }
}

const ROWS_AT_A_TIME: u32 = 1_000;

/// Whether the query makes sense for matches.
pub(crate) fn check_matches(query: &Query) -> Result<(), StoreError> {
    check(Noun::Matches, query)
}

/// Whether the query makes sense for the noun.
fn check(noun: Noun, query: &Query) -> Result<(), StoreError> {
    let messages = noun == Noun::Messages;
    let impossible = |filter| Err(StoreError::ImpossibleFilter { noun: noun.as_str(), filter });
    if !query.statuses.is_empty() && !messages {
        return impossible("status");
    }
    if query.text.is_some() && noun == Noun::Hits {
        return impossible("text");
    }
    match noun {
        Noun::Messages => {
            refuse_unknown(noun, query, |code| codes::of_wire(code).is_some(), codes::all_of_wire)?
        }
        Noun::MatchEvents => {
            refuse_unknown(noun, query, |code| codes::condition(code).is_some(), codes::of_operators)?;
        }
        _ if !query.codes.is_empty() => return impossible("code"),
        _ => {}
    }
    let Some(cursor) = query.after else { return Ok(()) };
    let sequence = match noun {
        Noun::Messages | Noun::MatchEvents | Noun::Hits => arrived::sequence(noun, query),
        Noun::Matches | Noun::Athletes => Sequence::Arrival,
    };
    if cursor.noun != noun {
        return Err(StoreError::ForeignCursor { noun: noun.as_str(), of: cursor.noun.as_str() });
    }
    if (cursor.sequence, cursor.order) != (sequence, query.order) {
        return Err(StoreError::ForeignCursor { noun: noun.as_str(), of: "another order" });
    }
    Ok(())
}

fn refuse_unknown(
    noun: Noun,
    query: &Query,
    is_known: impl Fn(&str) -> bool,
    known: impl Fn() -> String,
) -> Result<(), StoreError> {
    match query.codes.iter().find(|code| !is_known(code)) {
        Some(code) => {
            Err(StoreError::UnknownCode { noun: noun.as_str(), code: code.clone(), known: known() })
        }
        None => Ok(()),
    }
}
