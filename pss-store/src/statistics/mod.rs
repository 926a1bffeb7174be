//! How the reading went, by session, code and day: kept at every commit, and equal to a recount.

mod counts;
mod histogram;
mod tally;
#[cfg(test)]
mod tests;

use diesel::prelude::*;

pub use self::counts::ProcessingCounts;
pub(crate) use self::tally::{Counted, Tally, micros, recount};
use crate::{SessionId, Store, StoreError, schema::pss_event_statistics};

/// Which statistics are asked for; what is `None` may be anything.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct StatisticsFilter {
    /// Of this session.
    pub session: Option<SessionId>,
    /// Of this code of the wire; the empty text is for what has no known code.
    pub code: Option<String>,
    /// Of this day of arrival in UTC, `YYYY-MM-DD`; the empty text is for inputs without a clock.
    pub day: Option<String>,
}

/// How the reading of one code went on one day of a session.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct EventStatistics {
    /// The session.
    pub session: SessionId,
    /// The code of the wire; `None` for what has no known code.
    pub code: Option<String>,
    /// The day of arrival in UTC, `YYYY-MM-DD`; `None` where the input had no clock.
    pub day: Option<String>,
    /// What was counted.
    pub counts: ProcessingCounts,
}

impl Store {
    /// How the reading went, by session, day and code in this order. [`ProcessingCounts::merge`] makes one of several.
    ///
    /// ```
    /// use pss_store::{StatisticsFilter, Store, StoreConfig};
    ///
    /// # let folder = tempfile::tempdir()?;
    /// let store = Store::open(StoreConfig::new(folder.path().join("restrike.db")))?;
    /// let of_clocks = StatisticsFilter { code: Some(String::from("clk")), ..StatisticsFilter::default() };
    /// assert!(store.statistics(&of_clocks)?.is_empty());
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    ///
    /// # Errors
    ///
    /// When the database cannot be read.
    pub fn statistics(&self, filter: &StatisticsFilter) -> Result<Vec<EventStatistics>, StoreError> {
        self.read("read the statistics", |connection| {
            let mut rows = pss_event_statistics::table.into_boxed();
            if let Some(session) = filter.session {
                rows = rows.filter(pss_event_statistics::session_id.eq(session.0));
            }
            if let Some(code) = &filter.code {
                rows = rows.filter(pss_event_statistics::event_code.eq(code));
            }
            if let Some(day) = &filter.day {
                rows = rows.filter(pss_event_statistics::day.eq(day));
            }
            let rows: Vec<tally::Row> = rows
                .order((
                    pss_event_statistics::session_id,
                    pss_event_statistics::day,
                    pss_event_statistics::event_code,
                ))
                .select(tally::Row::as_select())
                .load(connection)?;
            rows.into_iter().map(EventStatistics::try_from).collect()
        })
    }

    /// Counts the messages of a session again, in one transaction. Needed only for a table that something else than
    /// this crate has changed.
    ///
    /// # Errors
    ///
    /// When the database cannot be read or written.
    pub fn recount_statistics(&self, session: SessionId) -> Result<(), StoreError> {
        self.write("count the messages again", move |connection| recount(connection, session.0))
    }
}
