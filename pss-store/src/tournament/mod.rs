//! Tournaments: their days and rings, and which sessions and matches belong to them.

mod days;
mod rows;

use std::collections::BTreeSet;

use jiff::civil::Date;
use pss_protocol::Timestamp;

pub(crate) use self::days::{day_of_match, of_session_at};
use crate::{MatchId, SessionId, Store, StoreError, StoredMatch};

/// Names a tournament in its database.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct TournamentId(pub i64);

impl std::fmt::Display for TournamentId {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        self.0.fmt(f)
    }
}

/// What is known of a tournament.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct TournamentInfo {
    /// Its name, which no other has.
    pub name: String,
    /// Where it takes place.
    pub place: Option<String>,
    /// An IANA name, `Europe/Madrid`: tells on which day a match is fought.
    pub time_zone: String,
    /// For people.
    pub notes: Option<String>,
    /// Its days in its time zone.
    pub days: BTreeSet<Date>,
    /// The names of its rings; empty: all rings are its. A ring that is not known yet is made.
    pub rings: BTreeSet<String>,
}

/// What is to change; what is `None` stays.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct TournamentChange {
    /// Another name.
    pub name: Option<String>,
    /// Another place; empty for none.
    pub place: Option<String>,
    /// Another time zone.
    pub time_zone: Option<String>,
    /// Other notes; empty for none.
    pub notes: Option<String>,
    /// All its days from now on.
    pub days: Option<BTreeSet<Date>>,
    /// All its rings from now on.
    pub rings: Option<BTreeSet<String>>,
}

/// A tournament as it is stored.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct StoredTournament {
    /// Its name in this database.
    pub id: TournamentId,
    /// What is known of it.
    pub info: TournamentInfo,
    /// How many sessions are its.
    pub sessions: u64,
    /// How many matches its sessions have.
    pub matches: u64,
}

/// A match of a tournament.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct TournamentMatch {
    /// The match.
    pub stored: StoredMatch,
    /// The ring on which it was fought.
    pub ring: String,
    /// When it was loaded.
    pub began_at: Option<Timestamp>,
    /// Its day; `None` where it is none of the tournament's, or the input had no clock.
    pub day: Option<Date>,
}

/// Which sessions are meant.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum SessionChoice {
    /// This one.
    Session(SessionId),
    /// Those of a ring (`None`: of every ring) with a match, or without one their start, in `from..until`.
    Between {
        /// The ring's name.
        ring: Option<String>,
        /// The first moment.
        from: Timestamp,
        /// The moment after the last.
        until: Timestamp,
    },
}

impl Store {
    /// Adds a tournament. The sessions that are here already stay where they are, see
    /// [`assign_sessions`](Self::assign_sessions).
    ///
    /// # Errors
    ///
    /// When the name is empty or taken, when nobody knows the time zone, or when the database cannot be written.
    pub fn add_tournament(&self, info: TournamentInfo) -> Result<TournamentId, StoreError> {
        days::time_zone(&info.time_zone)?;
        self.change("add a tournament", move |connection| rows::add(connection, &info))
    }

    /// Changes a tournament. Where its days or its time zone change, the days of its matches follow.
    ///
    /// # Errors
    ///
    /// When it is not there, when the new name is empty or taken, when nobody knows the time zone, or when the
    /// database cannot be written.
    pub fn change_tournament(&self, id: TournamentId, change: TournamentChange) -> Result<(), StoreError> {
        if let Some(zone) = &change.time_zone {
            days::time_zone(zone)?;
        }
        self.change("change a tournament", move |connection| rows::change(connection, id, &change))
    }

    /// Removes a tournament. Its sessions and matches stay, as those of none.
    ///
    /// # Errors
    ///
    /// When it is not there, or the database cannot be written.
    pub fn remove_tournament(&self, id: TournamentId) -> Result<(), StoreError> {
        self.change("remove a tournament", move |connection| rows::remove(connection, id))
    }

    /// Gives sessions to a tournament, or takes them away (`None`), and their matches follow: each gets the day of
    /// the tournament on which it began. Returns the sessions that it found.
    ///
    /// # Errors
    ///
    /// When the tournament or the session is not there, or the database cannot be written.
    pub fn assign_sessions(
        &self,
        choice: SessionChoice,
        to: Option<TournamentId>,
    ) -> Result<Vec<SessionId>, StoreError> {
        self.change("assign sessions", move |connection| rows::assign(connection, &choice, to))
    }

    /// All tournaments, the last first.
    ///
    /// # Errors
    ///
    /// When the database cannot be read.
    pub fn tournaments(&self) -> Result<Vec<StoredTournament>, StoreError> {
        self.read("list the tournaments", |connection| rows::all(connection, None))
    }

    /// A tournament; `None` where there is none of this name.
    ///
    /// # Errors
    ///
    /// When the database cannot be read.
    pub fn tournament(&self, id: TournamentId) -> Result<Option<StoredTournament>, StoreError> {
        self.read("find a tournament", |connection| Ok(rows::all(connection, Some(id))?.pop()))
    }

    /// The matches of a tournament in the order in which they began; those of no known time come last.
    ///
    /// # Errors
    ///
    /// When the database cannot be read.
    pub fn matches_of_tournament(&self, id: TournamentId) -> Result<Vec<TournamentMatch>, StoreError> {
        self.read("list the matches of a tournament", |connection| {
            rows::matches(connection, self.caches(), id)
        })
    }

    /// The tournament and the day of a match.
    ///
    /// # Errors
    ///
    /// When the database cannot be read.
    pub fn tournament_of_match(
        &self,
        id: MatchId,
    ) -> Result<Option<(TournamentId, Option<Date>)>, StoreError> {
        self.read("find the tournament of a match", |connection| rows::of_match(connection, id))
    }
}
