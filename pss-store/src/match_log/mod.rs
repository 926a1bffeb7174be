//! The scoring system's own log of a match: what it says, whose match it is, and how our reading compares.
//!
//! The log knows what the wire does not carry (technical points, body or head, judges, removals), so it is the truth
//! that a reading is measured against. It never changes what was read.

mod compare;
mod course;
mod import;
mod join;
mod parse;
mod rows;
mod table;

use pss_protocol::Timestamp;
use serde::Serialize;

pub use self::{
    compare::{LogComparison, LoggedGamJeom, LoggedHit, LoggedPoint, Pair, RoundComparison, Tally},
    parse::{BadMatchLog, LogFlaw, LogItem, MatchLog},
};
use crate::{MatchId, Store, StoreError};

/// Names an imported log in its database.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
pub struct MatchLogId(pub i64);

impl std::fmt::Display for MatchLogId {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        self.0.fmt(f)
    }
}

/// An imported log, without its items.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[non_exhaustive]
pub struct StoredMatchLog {
    /// Its name in this database.
    pub id: MatchLogId,
    /// The folder `CourtNN`; empty without one.
    pub court: String,
    /// The common part of its files' names.
    pub name: String,
    /// The match's number; empty where the name does not say it.
    pub match_number: String,
    /// When its first item happened.
    pub began_at: Option<Timestamp>,
    /// When its last item happened.
    pub ended_at: Option<Timestamp>,
    /// How many items it has.
    pub items: u64,
    /// The row of the file `matchLog`: its columns by name.
    pub summary: Option<serde_json::Value>,
    /// The match that UDP gave of it.
    pub match_id: Option<MatchId>,
    /// When it was imported.
    pub imported_at: Timestamp,
}

/// What an import does, or would do.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[non_exhaustive]
pub struct LogDifference {
    /// What becomes of the log itself.
    pub state: LogState,
    /// Items that are not in the database yet.
    pub items_added: usize,
    /// Items that the database has and the log has no more.
    pub items_removed: usize,
    /// Items that are in both.
    pub items_kept: usize,
    /// Whether the row of the file `matchLog` is another than before.
    pub summary_changed: bool,
    /// Which match it is.
    pub join: LogJoin,
    /// How our reading of that match compares with the log.
    pub comparison: Option<LogComparison>,
}

/// What an import makes of a log.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum LogState {
    /// It was not there.
    New,
    /// The same files are there already.
    Unchanged,
    /// Files of this court and name are there, with other content.
    Replaced,
}

/// Which match of ours a log is of.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum LogJoin {
    /// This one.
    Match {
        /// The match.
        match_id: MatchId,
        /// It is found by its number alone: the clocks of the scoring system and of the receiver are apart by so
        /// many seconds, positive when the match was heard later. 0 where the times agree.
        clock_difference_s: i64,
    },
    /// None that has the number and the time.
    NoMatch,
    /// Several, and nothing that tells which: it is joined with none of them.
    Ambiguous {
        /// They.
        candidates: Vec<MatchId>,
    },
}

impl Store {
    /// Imports a log: a new one is added, the same files again change nothing, other content of the same court and
    /// name replaces what was there. Each time it is joined with the match that UDP gave, which may have come later.
    ///
    /// # Errors
    ///
    /// When the database cannot be written.
    pub fn import_match_log(&self, log: &MatchLog, at: Timestamp) -> Result<LogDifference, StoreError> {
        let log = log.clone();
        self.write("import a match log", move |connection| {
            let difference = import::examine(connection, &log)?;
            import::apply(connection, &log, &difference, at)?;
            Ok(difference)
        })
    }

    /// What [`import_match_log`](Self::import_match_log) would do. Writes nothing.
    ///
    /// # Errors
    ///
    /// When the database cannot be read.
    pub fn examine_match_log(&self, log: &MatchLog) -> Result<LogDifference, StoreError> {
        self.read("examine a match log", |connection| import::examine(connection, log))
    }

    /// The imported logs by court and name.
    ///
    /// # Errors
    ///
    /// When the database cannot be read.
    pub fn match_logs(&self) -> Result<Vec<StoredMatchLog>, StoreError> {
        self.read("list the match logs", |connection| rows::all(connection, None))
    }

    /// An imported log; `None` where there is none of this name.
    ///
    /// # Errors
    ///
    /// When the database cannot be read.
    pub fn match_log(&self, id: MatchLogId) -> Result<Option<StoredMatchLog>, StoreError> {
        self.read("find a match log", |connection| Ok(rows::all(connection, Some(id))?.pop()))
    }

    /// What a log holds, in its order.
    ///
    /// # Errors
    ///
    /// When the database cannot be read.
    pub fn match_log_items(&self, id: MatchLogId) -> Result<Vec<LogItem>, StoreError> {
        self.read("list the items of a match log", |connection| rows::items(connection, id))
    }

    /// How our reading of a match compares with its log, as of now; `None` where the log is not here or is joined
    /// with no match.
    ///
    /// # Errors
    ///
    /// When the database cannot be read.
    pub fn compare_match_log(&self, id: MatchLogId) -> Result<Option<LogComparison>, StoreError> {
        self.read("compare a match log", |connection| {
            let Some(match_id) = rows::all(connection, Some(id))?.pop().and_then(|log| log.match_id) else {
                return Ok(None);
            };
            let items = rows::items(connection, id)?;
            compare::compare(connection, &items, match_id)
        })
    }
}
