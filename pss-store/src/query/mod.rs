//! One question for everything that is stored: which rows, in which order, how many, from where on.

mod arrived;
mod athletes;
mod codes;
mod cursor;
mod events;
mod fights;
mod matches;
mod messages;
#[cfg(test)]
mod plans;
mod rows;
mod sql;
mod store;

use pss_protocol::{RecognitionStatus, Timestamp};

use self::sql::Sql;
pub use self::{
    cursor::{BadCursor, Cursor},
    rows::{AthleteRow, EventRow, HitRow, MatchRow, MessageRow, Page},
    store::{Counts, EventCounts, MessageCounts, Rows},
};
pub(crate) use self::{
    matches::places as places_of_matches, messages::find as find_message, store::check_matches,
};
use crate::{AthleteId, MatchId, SessionId};

/// Which messages, match events, hits, matches or athletes, in which order, and from where on.
///
/// Filters narrow together: what is given twice (codes, statuses) may be either, everything else must hold at
/// once. A filter that a noun has no sense for (the status of a hit) is an error of the query, not an empty
/// answer.
///
/// | filter | messages | match events | hits | matches | athletes |
/// |---|---|---|---|---|---|
/// | ring, session | ✓ | ✓ | ✓ | ✓ | who fought there |
/// | match | those that arrived in it | ✓ | ✓ | ✓ | who fought it |
/// | from, until | by arrival | by arrival | by arrival | by the beginning | who fought then |
/// | codes | codes of the wire | codes of operators | – | – | – |
/// | statuses | ✓ | – | – | – | – |
/// | athlete | of the athlete's matches | about the athlete | by the athlete | ✓ | as whom it was merged into |
/// | text | in the bytes | in the note | – | in number, names and headings | in names and country |
///
/// What a source without a clock said has no arrival: it counts as older than everything that has one, and a
/// query with `from` or `until` leaves it out. The messages of a session or a ring (where no time, code or status is
/// asked for), of a match and of an athlete's matches come session by session or match by match, within each as they
/// were received, whatever the clock did; and so do events, but those of a ring, which come by arrival.
///
/// ```
/// use pss_protocol::Timestamp;
/// use pss_store::{Order, Query};
///
/// let query = Query::new()
///     .ring("2")
///     .code("pt1")
///     .code("pt2")
///     .from(Timestamp(1_763_811_191_000_000))
///     .order(Order::OldestFirst)
///     .limit(50);
/// assert_eq!(query, query.clone());
/// ```
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Query {
    pub(crate) ring: Option<String>,
    pub(crate) session: Option<SessionId>,
    pub(crate) match_id: Option<MatchId>,
    pub(crate) match_number: Option<String>,
    pub(crate) from: Option<Timestamp>,
    pub(crate) until: Option<Timestamp>,
    pub(crate) codes: Vec<String>,
    pub(crate) statuses: Vec<RecognitionStatus>,
    pub(crate) athlete: Option<AthleteId>,
    pub(crate) text: Option<String>,
    pub(crate) order: Order,
    pub(crate) limit: Option<u32>,
    pub(crate) after: Option<Cursor>,
}

/// Which end of time comes first.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum Order {
    /// The latest first.
    #[default]
    NewestFirst,
    /// The earliest first.
    OldestFirst,
}

impl Query {
    /// How many rows a page has unless something else is asked for.
    pub const DEFAULT_LIMIT: u32 = 100;
    /// How many rows a page may have.
    pub const MOST: u32 = 10_000;

    /// Everything, the latest first, a page of [`DEFAULT_LIMIT`](Self::DEFAULT_LIMIT).
    pub fn new() -> Self {
        Self::default()
    }

    /// Only of the ring of this name.
    #[must_use]
    pub fn ring(mut self, name: impl Into<String>) -> Self {
        self.ring = Some(name.into());
        self
    }

    /// Only of this session.
    #[must_use]
    pub fn session(mut self, session: SessionId) -> Self {
        self.session = Some(session);
        self
    }

    /// Only of this match.
    #[must_use]
    pub fn match_id(mut self, id: MatchId) -> Self {
        self.match_id = Some(id);
        self
    }

    /// Only of the matches with this number, as the scoring system has it (`101`, `A-12`). Numbers come again
    /// from day to day.
    #[must_use]
    pub fn match_number(mut self, number: impl Into<String>) -> Self {
        self.match_number = Some(number.into());
        self
    }

    /// Only what arrived at this time or later.
    #[must_use]
    pub fn from(mut self, from: Timestamp) -> Self {
        self.from = Some(from);
        self
    }

    /// Only what arrived before this time.
    #[must_use]
    pub fn until(mut self, until: Timestamp) -> Self {
        self.until = Some(until);
        self
    }

    /// Only of this code; call it again for another one that may be as well. Messages have the codes of the wire
    /// (`pt1`, `hl2`), match events those that operators know (`P K H TB TH R HL CLK RND O`).
    #[must_use]
    pub fn code(mut self, code: impl Into<String>) -> Self {
        self.codes.push(code.into());
        self
    }

    /// Only of this status; call it again for another one that may be as well.
    #[must_use]
    pub fn status(mut self, status: RecognitionStatus) -> Self {
        self.statuses.push(status);
        self
    }

    /// Only of this athlete, whoever else is the same by a merge included.
    #[must_use]
    pub fn athlete(mut self, athlete: AthleteId) -> Self {
        self.athlete = Some(athlete);
        self
    }

    /// Only what holds this text; `a` to `z` are taken for `A` to `Z`.
    #[must_use]
    pub fn text(mut self, text: impl Into<String>) -> Self {
        self.text = Some(text.into());
        self
    }

    /// The latest first, or the earliest.
    #[must_use]
    pub fn order(mut self, order: Order) -> Self {
        self.order = order;
        self
    }

    /// At most so many rows, from 1 to [`MOST`](Self::MOST); what is beyond is taken for the nearest of both.
    #[must_use]
    pub fn limit(mut self, limit: u32) -> Self {
        self.limit = Some(limit);
        self
    }

    /// Goes on behind the page that gave this as its [`next`](Page::next), with the same filters and order.
    #[must_use]
    pub fn after(mut self, cursor: Cursor) -> Self {
        self.after = Some(cursor);
        self
    }

    /// How many rows a page has.
    pub(crate) fn page_size(&self) -> usize {
        self.limit.unwrap_or(Self::DEFAULT_LIMIT).clamp(1, Self::MOST) as usize
    }

    /// Whether it is about certain matches, so that it goes from match to match.
    fn names_fights(&self) -> bool {
        self.match_id.is_some() || self.match_number.is_some() || self.athlete.is_some()
    }

    fn has_times(&self) -> bool {
        self.from.is_some() || self.until.is_some()
    }

    /// Whether it asks for certain codes or statuses.
    fn has_kinds(&self) -> bool {
        !self.codes.is_empty() || !self.statuses.is_empty()
    }

    /// What a session has to be, in SQL.
    fn session_conditions(&self, column: &str) -> Vec<Sql> {
        let mut all = Vec::new();
        if let Some(session) = self.session {
            let mut condition = Sql::new(column);
            condition.push(" = ").number(session.0);
            all.push(condition);
        }
        if let Some(ring) = &self.ring {
            let mut condition = Sql::new(column);
            condition.push(
                " IN (SELECT sessions.id FROM rings JOIN sessions ON sessions.ring_id = rings.id \
                 WHERE rings.name = ",
            );
            condition.text(ring).push(")");
            all.push(condition);
        }
        all
    }
}

/// What a time has to be, in SQL.
fn time_conditions(column: &str, from: Option<Timestamp>, until: Option<Timestamp>) -> Vec<Sql> {
    let condition = |(bound, comparison): (Option<Timestamp>, &str)| {
        let mut condition = Sql::new(&format!("{column} {comparison} "));
        condition.number(bound?.0);
        Some(condition)
    };
    [(from, ">="), (until, "<")].into_iter().filter_map(condition).collect()
}
