//! Statements that took long: which, how often, why, and what would help.
//!
//! Each connection measures its statements. Those over the threshold (the setting `store.slow_query_ms`) go, without
//! the values that were asked for, into a short list in memory, and from there into the table `slow_queries`: when
//! the list is asked for, when the store closes, and about every half minute of [`Store::notice_changes`]. The live
//! path waits for none of it.

mod plan;
mod rows;
mod watch;

use pss_protocol::Timestamp;

pub(crate) use self::{rows::keep, watch::SlowLog};
use crate::{Store, StoreError};

/// A statement that took long, with all its runs over the threshold.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct SlowQuery {
    /// Its text, with `?` for each value.
    pub statement: String,
    /// How many runs were over the threshold.
    pub count: u64,
    /// How long they took together, µs.
    pub total_us: u64,
    /// How long the slowest took, µs.
    pub max_us: u64,
    /// The first such run; `None` where the store was given no [clock](crate::StoreConfig::clock).
    pub first_at: Option<Timestamp>,
    /// The last such run.
    pub last_at: Option<Timestamp>,
    /// How SQLite goes about it, a step a line; empty where it has no plan.
    pub query_plan: String,
    /// What would help, where that can be told.
    pub suggestion: Option<String>,
}

impl Store {
    /// The statements that took long, those that cost most first: this store's up to now, and what other processes
    /// have written down.
    ///
    /// # Errors
    ///
    /// When the database cannot be read, or what is new cannot be written.
    pub fn slow_queries(&self) -> Result<Vec<SlowQuery>, StoreError> {
        if self.slow_log().has_new() {
            let log = self.slow_log().clone();
            self.write("keep the slow queries", move |connection| keep(connection, &log))?;
        }
        self.read("list the slow queries", rows::all)
    }

    /// Forgets them all, and says how many there were.
    ///
    /// # Errors
    ///
    /// When the database cannot be written.
    pub fn clear_slow_queries(&self) -> Result<u64, StoreError> {
        self.slow_log().take();
        self.write("forget the slow queries", |connection| Ok(rows::clear(connection)? as u64))
    }

    /// Has the writer write down what is new, if that is some time ago, and does not wait for it.
    pub(crate) fn keep_slow_queries(&self) {
        if self.slow_log().is_due() {
            let log = self.slow_log().clone();
            self.post(Box::new(move |connection| {
                if let Err(error) = crate::connection::transaction(connection, |c| keep(c, &log)) {
                    tracing::debug!(%error, "the slow queries were not written down");
                }
            }));
        }
    }
}
