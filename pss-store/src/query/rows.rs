//! What a query gives: rows that need nothing else to be understood. Their names in JSON are kept stable and
//! pinned by snapshots.

use pss_protocol::{RecognitionStatus, Timestamp, escape};
use serde::{Serialize, Serializer};

use super::Cursor;
use crate::{AthleteId, EventId, MatchId, SessionId};

/// Some rows, and where to go on.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[non_exhaustive]
pub struct Page<T> {
    /// The rows in the order that was asked for.
    pub rows: Vec<T>,
    /// Hand it to [`Query::after`](crate::Query::after) for the next page; `None` when this was the last.
    pub next: Option<Cursor>,
}

/// A message with all that is kept of it.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[non_exhaustive]
pub struct MessageRow {
    /// The ring's name.
    pub ring: String,
    /// The session.
    pub session: SessionId,
    /// The datagram, counted from 1 in the session.
    pub seq: u64,
    /// The message in the datagram, from 0.
    pub index: u32,
    /// When it arrived; `None` where the source had no clock.
    pub arrived_at: Option<Timestamp>,
    /// Who sent it, address and port; `None` where the source does not say.
    pub source: Option<String>,
    /// The match that was on when it arrived.
    pub match_id: Option<MatchId>,
    /// That match, counted from 0 in the session.
    pub match_index: Option<u32>,
    /// The round that was set up when it arrived.
    pub round: Option<u32>,
    /// The code of the wire; `None` for garbage and for codes that nobody knows.
    pub code: Option<String>,
    /// How far it was understood.
    pub status: RecognitionStatus,
    /// From 0.0 to 1.0.
    pub confidence: f64,
    /// The protocol version whose rules judged it.
    pub protocol_version: String,
    /// How long the reading took, in milliseconds; `None` where nobody measured.
    pub processing_ms: Option<f64>,
    /// Its bytes, line end included; in JSON in the notation of [`escape`].
    #[serde(serialize_with = "escaped")]
    pub raw: Vec<u8>,
    /// What is odd about it, as `restrike decode` lists it; empty where nothing is.
    pub findings: serde_json::Value,
}

impl MessageRow {
    /// Its name in the database.
    pub fn id(&self) -> EventId {
        EventId { session: self.session, seq: self.seq, index: self.index }
    }
}

/// Something that the table decided.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[non_exhaustive]
pub struct EventRow {
    /// The ring's name.
    pub ring: String,
    /// The session.
    pub session: SessionId,
    /// The match; `None` for what happened outside of any.
    pub match_id: Option<MatchId>,
    /// That match, counted from 0 in the session.
    pub match_index: Option<u32>,
    /// The match's number.
    pub match_number: Option<String>,
    /// The event, counted from 0 in the match.
    pub event_id: u32,
    /// When the message arrived that shows it.
    pub arrived_at: Option<Timestamp>,
    /// The round; `None` before the first.
    pub round: Option<u32>,
    /// The match clock, `mm:ss`.
    pub clock: Option<String>,
    /// P, K, H, TB, TH, R, HL, CLK, RND or O.
    pub code: String,
    /// The kind, as in `restrike matches --events`.
    pub kind: String,
    /// `blue` or `red`.
    pub athlete: Option<String>,
    /// `stated` or `inferred`.
    pub basis: String,
    /// Points, where it gives or takes some.
    pub points: Option<i64>,
    /// The level, of a hit.
    pub level: Option<i64>,
    /// The event that it takes back.
    pub removes: Option<u32>,
    /// The point that a hit led to.
    pub linked_point: Option<u32>,
    /// How far a challenge, a kye-shi or a time-out is.
    pub state: Option<String>,
    /// Whether a challenge was won.
    pub won: Option<bool>,
    /// The medical time, or the time of a time-out.
    pub shown_time: Option<String>,
    /// `blue`, `red` or `tie`, of a match that ended.
    pub winner: Option<String>,
    /// `PTF` and the like.
    pub decision: Option<String>,
    /// The kind of an anomaly.
    pub anomaly: Option<String>,
    /// What an anomaly is about.
    pub note: Option<String>,
    /// The datagram of the message that shows it; `None` where silence does.
    pub seq: Option<u64>,
    /// The message in that datagram.
    pub index: Option<u32>,
    /// The bytes of that message; in JSON in the notation of [`escape`].
    #[serde(serialize_with = "maybe_escaped")]
    pub raw: Option<Vec<u8>>,
}

/// A hit that the sensors felt.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[non_exhaustive]
pub struct HitRow {
    /// The ring's name.
    pub ring: String,
    /// The session.
    pub session: SessionId,
    /// The match; `None` for a hit outside of any.
    pub match_id: Option<MatchId>,
    /// That match, counted from 0 in the session.
    pub match_index: Option<u32>,
    /// The match's number.
    pub match_number: Option<String>,
    /// The event, counted from 0 in the match.
    pub event_id: u32,
    /// When it arrived.
    pub arrived_at: Option<Timestamp>,
    /// The round; `None` before the first.
    pub round: Option<u32>,
    /// The match clock, `mm:ss`.
    pub clock: Option<String>,
    /// Who hit: `blue` or `red`.
    pub athlete: String,
    /// Who that is, the one whom a merged athlete was merged into.
    pub athlete_id: Option<AthleteId>,
    /// The name as the scoring system had it.
    pub athlete_name: Option<String>,
    /// The country's code as the scoring system had it.
    pub country: Option<String>,
    /// The raw level.
    pub level: i64,
    /// The event of the point that it led to.
    pub linked_point: Option<u32>,
    /// With what that point was scored.
    pub point_code: Option<String>,
    /// How many points it gave.
    pub points: Option<i64>,
}

/// A match as last known.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[non_exhaustive]
pub struct MatchRow {
    /// Its name in the database.
    pub match_id: MatchId,
    /// The ring's name.
    pub ring: String,
    /// The session.
    pub session: SessionId,
    /// Counted from 0 in the session.
    pub match_index: u32,
    /// When it was loaded; `None` where the source had no clock.
    pub began_at: Option<Timestamp>,
    /// Who blue is.
    pub blue_athlete_id: Option<AthleteId>,
    /// Who red is.
    pub red_athlete_id: Option<AthleteId>,
    /// Whether the clock ever ran.
    pub started: bool,
    /// What `restrike matches` lists of it.
    #[serde(flatten)]
    pub summary: pss_protocol::MatchSummary,
}

/// An athlete, all of whom were merged into it included.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct AthleteRow {
    /// Its name in the database.
    pub id: AthleteId,
    /// The long name.
    pub long_name: String,
    /// The name on the scoreboard.
    pub short_name: Option<String>,
    /// The country's code as the scoring system has it; `None` where it never said.
    pub country: Option<String>,
    /// The division; `None` where it was never said.
    pub division: Option<String>,
    /// Tells namesakes of the same country and division apart; 0 unless somebody had to.
    pub variant: u32,
    /// Who is the same person, by a merge.
    pub merged: Vec<AthleteId>,
    /// In how many matches.
    pub matches: u64,
    /// When the last of them was loaded.
    pub last_match_at: Option<Timestamp>,
}

fn escaped<S: Serializer>(bytes: &[u8], serializer: S) -> Result<S::Ok, S::Error> {
    serializer.collect_str(&escape(bytes))
}

fn maybe_escaped<S: Serializer>(bytes: &Option<Vec<u8>>, serializer: S) -> Result<S::Ok, S::Error> {
    match bytes {
        Some(bytes) => escaped(bytes, serializer),
        None => serializer.serialize_none(),
    }
}
