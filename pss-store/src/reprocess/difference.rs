//! What a new reading changes, for people and for scripts.

use pss_protocol::RecognitionStatus;
use serde::Serialize;

use crate::{EventId, SessionId};

/// What reading a session again changes. Empty where today's reading is the stored one.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[non_exhaustive]
pub struct Difference {
    /// The session.
    pub session: SessionId,
    /// How many datagrams were read.
    pub datagrams: u64,
    /// How many messages are in them.
    pub messages: u64,
    /// The matches of which something changes, what is outside of any match first.
    pub matches: Vec<MatchDifference>,
    /// Messages whose status a person has set otherwise than today's reading: it stays.
    pub kept_by_hand: Vec<KeptStatus>,
}

impl Difference {
    /// Whether nothing changes.
    pub fn is_empty(&self) -> bool {
        self.matches.is_empty()
    }
}

/// What changes of a match.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
#[non_exhaustive]
pub struct MatchDifference {
    /// The match, counted from 0 in the session; `None` for what is outside of any match.
    pub match_index: Option<u32>,
    /// Its number, where one is known.
    pub number: Option<String>,
    /// The messages: other status, confidence, findings, code, span, match or round.
    pub messages: Changes,
    /// Of the messages, those that get another status.
    pub statuses: Vec<StatusChanges>,
    /// The events. What only gets another `id` is not counted as changed.
    pub events: Changes,
    /// Events that only get another `id`, and hits that lead to another point.
    pub events_renumbered: u64,
    /// The result: winner, decision or figures.
    pub result: Option<ResultChange>,
    /// Whether scores, winners or gam-jeoms of rounds change.
    pub rounds_changed: bool,
    /// Whether anything else that is known of the match changes.
    pub details_changed: bool,
}

/// How many rows come, go and become other ones.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct Changes {
    /// New ones.
    pub added: u64,
    /// Those that are no more.
    pub removed: u64,
    /// Those that say something else.
    pub changed: u64,
}

impl Changes {
    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        *self == Self::default()
    }
}

/// Messages that get another status.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct StatusChanges {
    /// What it was.
    pub from: RecognitionStatus,
    /// What it becomes.
    pub to: RecognitionStatus,
    /// How many messages.
    pub count: u64,
}

/// The result before and after, in words.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct ResultChange {
    /// What it was; `None` for a match that was not there.
    pub from: Option<String>,
    /// What it becomes; `None` for a match that is no more.
    pub to: Option<String>,
}

/// A message whose status stays as a person has set it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct KeptStatus {
    /// The message.
    #[serde(serialize_with = "as_text")]
    pub event: EventId,
    /// What it is, by hand.
    pub kept: RecognitionStatus,
    /// What today's reading says.
    pub read: RecognitionStatus,
}

fn as_text<S: serde::Serializer>(event: &EventId, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.collect_str(event)
}
