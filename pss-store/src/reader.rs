//! What can be read back.

use std::fmt;

use diesel::{dsl::count_star, prelude::*};
use pss_protocol::{Arrival, Flow, MatchSummary, RecognitionStatus, Span};
use serde::Serialize;

use crate::{
    Session, SessionId, Store, StoreError, StoredChallenge, StoredEvent, StoredInjury, StoredMatch,
    models::{challenge, injury, match_, match_event, session, unsigned},
    schema::{
        athletes, datagrams, hits, match_events, matches, pss_event_details, pss_events, rings, rounds,
        sessions,
    },
    words::{self, Word as _},
};

/// Names a match in its database.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
pub struct MatchId(pub i64);

/// Names an athlete in its database.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
pub struct AthleteId(pub i64);

impl fmt::Display for AthleteId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

/// All that a session says, without what differs between two runs over the same datagrams: times, sources,
/// ids of the database. Two dumps are equal when the same was understood.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct SessionDump {
    /// The datagrams in the order of `seq`.
    pub datagrams: Vec<StoredDatagram>,
    /// The messages in the order of `seq` and `index`.
    pub messages: Vec<StoredMessage>,
    /// The events by match and `id`, those outside of any match first. Their arrival is left out.
    pub events: Vec<StoredEvent>,
    /// The matches in their order.
    pub matches: Vec<MatchSummary>,
}

/// A datagram as it arrived.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct StoredDatagram {
    /// Counted from 1 in the session.
    pub seq: u64,
    /// Which way it went.
    pub flow: Flow,
    /// Its bytes.
    pub bytes: Vec<u8>,
}

/// A message and how far it was understood.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct StoredMessage {
    /// The datagram that it came in.
    pub seq: u64,
    /// The message in the datagram, from 0.
    pub index: u32,
    /// Its bytes in the datagram.
    pub span: Span,
    /// The match that was on when it arrived, counted from 0 in the session.
    pub match_index: Option<u32>,
    /// The round that was set up when it arrived.
    pub round: Option<u32>,
    /// The code; `None` for garbage and for codes that nobody knows.
    pub code: Option<String>,
    /// How far it was understood.
    pub status: RecognitionStatus,
    /// The protocol version whose rules judged it.
    pub protocol_version: String,
    /// From 0.0 to 1.0, to four digits.
    pub confidence: f64,
    /// The findings as JSON, `None` where there are none.
    pub findings: Option<String>,
}

impl Store {
    /// The sessions in the order in which they began.
    ///
    /// # Errors
    ///
    /// When the database cannot be read.
    pub fn sessions(&self) -> Result<Vec<Session>, StoreError> {
        self.read("list the sessions", session::all)
    }

    /// The matches of a session in their order.
    ///
    /// # Errors
    ///
    /// When the database cannot be read.
    pub fn matches_of_session(&self, session: SessionId) -> Result<Vec<StoredMatch>, StoreError> {
        self.read("list the matches of a session", |connection| {
            match_::of_session(connection, Some(self.caches()), session.0)
        })
    }

    /// A match; `None` where there is none of this name.
    ///
    /// # Errors
    ///
    /// When the database cannot be read.
    pub fn find_match(&self, id: MatchId) -> Result<Option<StoredMatch>, StoreError> {
        self.read("find a match", |connection| match_::find(connection, Some(self.caches()), id.0))
    }

    /// The events of a match in the order of their ids; none for a match that is not here.
    ///
    /// # Errors
    ///
    /// When the database cannot be read.
    pub fn events_of_match(&self, id: MatchId) -> Result<Vec<StoredEvent>, StoreError> {
        self.read("list the events of a match", |connection| {
            let key = match_::key(connection, id.0)?;
            key.map_or_else(
                || Ok(Vec::new()),
                |(session, index)| match_event::of_match(connection, session, index),
            )
        })
    }

    /// The challenges of a match in their order; none for a match that is not here.
    ///
    /// # Errors
    ///
    /// When the database cannot be read.
    pub fn challenges_of_match(&self, id: MatchId) -> Result<Vec<StoredChallenge>, StoreError> {
        self.read("list the challenges of a match", |connection| {
            let key = match_::key(connection, id.0)?;
            key.map_or_else(
                || Ok(Vec::new()),
                |(session, index)| challenge::of_match(connection, session, index),
            )
        })
    }

    /// The kye-shis of a match in their order; none for a match that is not here.
    ///
    /// # Errors
    ///
    /// When the database cannot be read.
    pub fn injuries_of_match(&self, id: MatchId) -> Result<Vec<StoredInjury>, StoreError> {
        self.read("list the injuries of a match", |connection| {
            let key = match_::key(connection, id.0)?;
            key.map_or_else(
                || Ok(Vec::new()),
                |(session, index)| injury::of_match(connection, session, index),
            )
        })
    }

    /// How many rows each table has, by the table's name.
    ///
    /// # Errors
    ///
    /// When the database cannot be read.
    pub fn counts(&self) -> Result<Vec<(&'static str, u64)>, StoreError> {
        macro_rules! counts {
            ($connection:ident: $($table:ident)+) => {
                vec![$((
                    stringify!($table),
                    $table::table.select(count_star()).first::<i64>($connection)?.unsigned_abs(),
                ),)+]
            };
        }
        self.read("count the rows", |connection| {
            Ok(counts!(connection: rings sessions datagrams pss_events pss_event_details matches rounds athletes
                match_events hits))
        })
    }

    /// All that a session says, to compare it with another session over the same datagrams.
    ///
    /// # Errors
    ///
    /// When the database cannot be read.
    pub fn dump_records(&self, session: SessionId) -> Result<SessionDump, StoreError> {
        self.read("read a session", |connection| {
            let mut events = match_event::of_session(connection, session.0)?;
            for stored in &mut events {
                stored.event.at = Arrival::default();
            }
            let matches = match_::of_session(connection, Some(self.caches()), session.0)?;
            Ok(SessionDump {
                datagrams: datagrams_of(connection, session)?,
                messages: messages_of(connection, session)?,
                events,
                matches: matches.into_iter().map(|stored| stored.summary).collect(),
            })
        })
    }
}

fn datagrams_of(connection: &mut SqliteConnection, session: SessionId) -> QueryResult<Vec<StoredDatagram>> {
    let rows: Vec<(i64, i32, Vec<u8>)> = datagrams::table
        .filter(datagrams::session_id.eq(session.0))
        .order(datagrams::seq)
        .select((datagrams::seq, datagrams::flow, datagrams::bytes))
        .load(connection)?;
    rows.into_iter()
        .map(|(seq, flow, bytes)| {
            let stored = || {
                Some(StoredDatagram { seq: unsigned(seq)?, flow: words::flow(flow)?, bytes: bytes.clone() })
            };
            stored().ok_or_else(|| unreadable(seq))
        })
        .collect()
}

#[derive(Queryable, Selectable)]
#[diesel(table_name = pss_events)]
struct MessageRow {
    seq: i64,
    message_index: i64,
    span_start: i64,
    span_end: i64,
    match_index: Option<i64>,
    round: Option<i64>,
    event_code: Option<String>,
    recognition_status: String,
    protocol_version: String,
    parser_confidence: f64,
    validation_errors: Option<String>,
}

fn messages_of(connection: &mut SqliteConnection, session: SessionId) -> QueryResult<Vec<StoredMessage>> {
    let rows = pss_events::table
        .filter(pss_events::session_id.eq(session.0))
        .order((pss_events::seq, pss_events::message_index))
        .select(MessageRow::as_select())
        .load(connection)?;
    rows.into_iter()
        .map(|row| {
            let seq = row.seq;
            message(row).ok_or_else(|| unreadable(seq))
        })
        .collect()
}

fn message(row: MessageRow) -> Option<StoredMessage> {
    Some(StoredMessage {
        seq: unsigned(row.seq)?,
        index: unsigned(row.message_index)?,
        span: Span { start: unsigned(row.span_start)?, end: unsigned(row.span_end)? },
        match_index: row.match_index.and_then(unsigned),
        round: row.round.and_then(unsigned),
        code: row.event_code,
        status: RecognitionStatus::from_word(&row.recognition_status)?,
        protocol_version: row.protocol_version,
        confidence: row.parser_confidence,
        findings: row.validation_errors,
    })
}

fn unreadable(seq: i64) -> diesel::result::Error {
    let text = format!("datagram {seq} has a number or a word that this version does not know");
    diesel::result::Error::DeserializationError(text.into())
}
