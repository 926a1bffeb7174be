//! What nobody knows: its patterns, what people found out about them, and where they occurred.

mod patterns;
mod rows;

use diesel::prelude::*;
use pss_protocol::{RecognitionStatus, Timestamp, shape::shape};

use self::patterns::hash_text;
pub(crate) use self::patterns::{Patterns, Sighting};
use crate::{
    Change, EventId, SessionId, Store, StoreError,
    change::OwnedChange,
    models::unsigned,
    schema::{datagrams, pss_events, pss_unknown_events},
};

/// Messages of one shape that nobody knows.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct UnknownEvent {
    /// Names the pattern: 16 hexadecimal digits.
    pub hash: String,
    /// What is left of the messages without their numbers and names; see [`pss_protocol::shape`].
    pub pattern: String,
    /// How many stored messages of this shape are unknown, those that were pruned since included.
    pub count: u64,
    /// When the first one arrived; `None` where the input had no clock.
    pub first_seen: Option<Timestamp>,
    /// When the last one arrived.
    pub last_seen: Option<Timestamp>,
    /// The one that was stored first, up to 1024 bytes of it.
    pub sample: Vec<u8>,
    /// Where that is, if it was not pruned since.
    pub sample_event: EventId,
    /// The nearest known code and its score from above 0.5 to 1.0; see [`pss_protocol::shape::suggest`].
    pub suggestion: Option<(String, f64)>,
    /// What people wrote about it.
    pub notes: Option<String>,
    /// What it turned out to be.
    pub resolved: Option<Resolved>,
}

/// What unknown messages turned out to be.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Resolved {
    /// A code of the wire, or a word such as `noise`.
    pub resolved_as: String,
    /// When that was said.
    pub at: Timestamp,
    /// Who said it.
    pub by: String,
}

/// Which unknown events are listed.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct UnknownFilter {
    /// Those too that are resolved, and those of which no message is unknown any more.
    pub all: bool,
    /// At most so many; `None` for all of them.
    pub limit: Option<u32>,
}

/// An unknown message of a pattern.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Occurrence {
    /// Where it is.
    pub event: EventId,
    /// When it arrived; `None` where the input had no clock.
    pub arrived_at: Option<Timestamp>,
    /// Its bytes, line end included.
    pub message: Vec<u8>,
}

impl Store {
    /// What nobody knows, by pattern: what came most often first.
    ///
    /// # Errors
    ///
    /// When the database cannot be read.
    pub fn unknown_events(&self, filter: UnknownFilter) -> Result<Vec<UnknownEvent>, StoreError> {
        self.read("list the unknown events", |connection| rows::list(connection, filter))
    }

    /// The pattern with this hash, or with the only one that begins like this.
    ///
    /// # Errors
    ///
    /// [`StoreError::NotFound`] when there is none, [`StoreError::Refused`] when there are several; otherwise when
    /// the database cannot be read.
    pub fn unknown_event(&self, hash: &str) -> Result<UnknownEvent, StoreError> {
        let found =
            self.read("find an unknown event", |connection| rows::beginning_with(connection, hash))?;
        rows::the_only_one(found, hash)
    }

    /// Counts a message that nobody knows for its pattern, and makes that where there is none. For those who store
    /// without a [`StoreSink`](crate::StoreSink), which does this by itself, as does
    /// [`store_pss_event_with_status`](Self::store_pss_event_with_status). Gives the pattern's hash.
    ///
    /// # Errors
    ///
    /// When the database cannot be written.
    pub fn store_unknown_event(
        &self,
        event: EventId,
        arrived_at: Option<Timestamp>,
        message: &[u8],
    ) -> Result<String, StoreError> {
        let message = message.to_owned();
        self.write("store an unknown event", move |connection| {
            let mut patterns = Patterns::default();
            let arrived_at = arrived_at.map(|at| at.0);
            let hash = patterns.see(connection, &Sighting { event, arrived_at, message: &message })?;
            patterns.write(connection)?;
            Ok(hash_text(hash))
        })
    }

    /// Writes down what is found out about a pattern, in place of what was written before; `None` for nothing.
    ///
    /// # Errors
    ///
    /// As [`unknown_event`](Self::unknown_event), and when the database cannot be written.
    pub fn note_unknown_event(&self, hash: &str, note: Option<&str>) -> Result<UnknownEvent, StoreError> {
        let (hash, note) = (hash.to_owned(), note.map(str::to_owned));
        self.change("note an unknown event", move |connection| {
            let mut found = rows::the_only_one(rows::beginning_with(connection, &hash)?, &hash)?;
            found.notes.clone_from(&note);
            rows::note(connection, &found)?;
            Ok(found)
        })
    }

    /// Says what a pattern turned out to be: a code of the wire, or a word such as `noise`; `None` takes it back.
    /// This changes no message; reading again does, once a version knows it.
    ///
    /// # Errors
    ///
    /// As [`unknown_event`](Self::unknown_event), and when the database cannot be written.
    pub fn resolve_unknown_event(
        &self,
        hash: &str,
        resolved_as: Option<&str>,
        change: &Change<'_>,
    ) -> Result<UnknownEvent, StoreError> {
        let (hash, resolved_as) = (hash.to_owned(), resolved_as.map(str::to_owned));
        let change = OwnedChange::from(change);
        self.change("resolve an unknown event", move |connection| {
            let mut found = rows::the_only_one(rows::beginning_with(connection, &hash)?, &hash)?;
            let Change { by, at, .. } = change.get();
            found.resolved =
                resolved_as.clone().map(|resolved_as| Resolved { resolved_as, at, by: by.to_owned() });
            rows::resolve(connection, &found)?;
            Ok(found)
        })
    }

    /// The unknown messages of a pattern that were stored last, the latest first. Looks at the 10,000 unknown
    /// messages that were stored last.
    ///
    /// # Errors
    ///
    /// When the database cannot be read.
    pub fn occurrences_of_unknown_event(
        &self,
        unknown: &UnknownEvent,
        limit: usize,
    ) -> Result<Vec<Occurrence>, StoreError> {
        self.read("look for unknown messages", |connection| occurrences(connection, unknown, limit))
    }
}

fn occurrences(
    connection: &mut SqliteConnection,
    unknown: &UnknownEvent,
    limit: usize,
) -> QueryResult<Vec<Occurrence>> {
    type Row = (i64, i64, i64, Option<i64>, i64, i64, Vec<u8>);
    let known: std::collections::HashSet<String> = match unknown.pattern.as_str() {
        // Of the overflow is whatever has no pattern of its own.
        patterns::OVERFLOW => pss_unknown_events::table
            .select(pss_unknown_events::pattern)
            .load_iter::<String, diesel::connection::DefaultLoadingMode>(connection)?
            .collect::<QueryResult<_>>()?,
        _ => std::collections::HashSet::new(),
    };
    let rows = pss_events::table
        .inner_join(
            datagrams::table
                .on(datagrams::session_id.eq(pss_events::session_id).and(datagrams::seq.eq(pss_events::seq))),
        )
        .filter(pss_events::recognition_status.eq(RecognitionStatus::Unknown.as_str()))
        // Said again as the index has it.
        .filter(pss_events::recognition_status.ne(RecognitionStatus::Recognized.as_str()))
        .order((pss_events::session_id.desc(), pss_events::seq.desc(), pss_events::message_index.desc()))
        .limit(MOST_LOOKED_AT)
        .select((
            pss_events::session_id,
            pss_events::seq,
            pss_events::message_index,
            pss_events::arrived_at,
            pss_events::span_start,
            pss_events::span_end,
            datagrams::bytes,
        ))
        .load_iter::<Row, diesel::connection::DefaultLoadingMode>(connection)?;
    let mut found = Vec::new();
    for row in rows {
        if found.len() >= limit {
            break;
        }
        let (session, seq, index, arrived_at, start, end, bytes) = row?;
        let message =
            unsigned(start).zip(unsigned(end)).and_then(|(start, end): (usize, usize)| bytes.get(start..end));
        let event =
            || Some(EventId { session: SessionId(session), seq: unsigned(seq)?, index: unsigned(index)? });
        let (Some(message), Some(event)) = (message, event()) else { continue };
        let pattern = shape(message);
        let is_one = if known.is_empty() { pattern == unknown.pattern } else { !known.contains(&pattern) };
        if is_one {
            let arrived_at = arrived_at.map(Timestamp);
            found.push(Occurrence { event, arrived_at, message: message.to_owned() });
        }
    }
    Ok(found)
}

const MOST_LOOKED_AT: i64 = 10_000;
