//! What a Taekwondo protector and scoring system (PSS) says over UDP, and what it means.
//!
//! A datagram goes one way: [`parse`] makes typed [`Message`]s of its bytes, the [`rules`] judge them,
//! [`MatchState`] rebuilds what the scoring table decided, and a [`Sink`] receives all of it.
//! [`Pipeline`] is that way in one piece; it does no I/O and reads no clock, so it serves a live socket and a
//! recorded capture alike.
#![cfg_attr(not(feature = "std"), no_std)]
#![forbid(unsafe_code)]
#![warn(missing_docs)]

extern crate alloc;

pub use athlete::{Athlete, PerAthlete};
pub use error::{ParseError, ParseErrorKind};
pub use escape::{Escape, escape, unescape};
pub use event::{Anomaly, AnomalyKind, Basis, EventKey, EventKind, MatchEvent, MessageKey, PointCode};
#[cfg(feature = "serde")]
pub use event_json::EventJson;
pub use finding::{Finding, RecognitionStatus, Severity};
pub use flow::FlowClassifier;
pub use message::{
    AthleteName, Athletes, ChallengeState, ClockAction, Code, Decision, FinalScore, InjuryAction, MatchInfo,
    MatchResult, Message, Official, OwnedMessage, Referees, Request, RoundScores, RoundWinners, SettingKey,
    Winner,
};
pub use pipeline::{Pipeline, PipelineConfig};
pub use record::Record;
#[cfg(feature = "serde")]
pub use record::RecordLine;
pub use rules::Dialect;
pub use sink::{Both, Linker, Sink};
pub use snapshot::{ChallengeView, InjuryView, Phase, Snapshot, TimeOutView};
pub use span::Span;
pub use state::{MatchState, StateInput, StateOutput};
pub use summary::{Competitor, MatchSummary, RoundSummary, Scoring};
pub use text::Text;
pub use time::{Arrival, ClockTime, Datagram, Flow, Monotonic, Timestamp};
pub use wire::{Flaw, LineEnd, LineEndRule, Messages, Parsed, parse, parse_with};

pub mod capture;
#[cfg(feature = "serde")]
pub mod feed;
pub mod noc;
pub mod rules;
pub mod shape;
#[cfg(feature = "simulate")]
pub mod simulate;

mod athlete;
mod error;
mod escape;
mod event;
#[cfg(feature = "serde")]
mod event_json;
mod finding;
mod flow;
mod message;
mod pipeline;
mod record;
mod request;
mod sink;
mod snapshot;
mod source;
mod span;
mod state;
mod summary;
mod text;
mod time;
mod wire;
