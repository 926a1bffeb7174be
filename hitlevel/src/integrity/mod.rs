//! Irregularities: what does not fit together across the events of a match, and across matches, for the eye of a
//! technical delegate.
//!
//! - [`irregularities`] looks at one match: points that no hit explains, hits that should have scored, a clock that
//!   goes wrong, runs of gam-jeoms, results that contradict the course. Each [`Irregularity`] names the datagrams
//!   that show it, and, where there is one, the usual [`Explanation`].
//! - [`History`] looks across matches, fed with them in the order of time: a corner whose hits are no longer felt,
//!   an athlete whose levels drift, both as [`Trend`]s with the probability that it is chance.
//! - [`challenges()`] tells what was decided before each challenge and what was changed because of it;
//!   [`ChallengeTally`] counts the outcomes by the kind of the decision.
//!
//! Nothing here proves anything. Formulas and bounds are told in `docs/HITS.md`, with how often each is wrong.

use alloc::{string::String, vec::Vec};
use core::fmt;

use pss_protocol::{Arrival, Athlete, ClockTime, MessageKey};

pub use self::{
    challenges::{ChallengeCase, ChallengeTally, Challenged, Edit, Outcome, Outcomes, challenges},
    history::{History, Occasion},
    trend::{Strength, Subject, Trend, TrendKind},
    within::irregularities,
};

mod challenges;
mod chance;
mod clock;
mod corner;
mod drift;
mod fouls;
mod history;
mod moments;
mod scoring;
mod trend;
mod within;

/// Something in one match that does not fit together.
#[derive(Clone, Debug, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize))]
#[non_exhaustive]
pub struct Irregularity {
    /// Of which kind.
    pub kind: IrregularityKind,
    /// How much it asks for.
    pub weight: Weight,
    /// What usually is behind it, where something in the match speaks for that. Then the weight is
    /// [`Weight::Note`].
    pub explanation: Option<Explanation>,
    /// The match, counted from 0 in the session.
    pub match_index: u32,
    /// Whom it is about.
    pub athlete: Option<Athlete>,
    /// The round, 0 before the first.
    pub round: u32,
    /// When the first datagram of it arrived.
    #[cfg_attr(feature = "serde", serde(serialize_with = "wall"))]
    pub at: Arrival,
    /// The match clock then, where known.
    pub clock: Option<ClockTime>,
    /// The datagrams that show it, in the order of arrival, at most [`EVIDENCE`](Self::EVIDENCE); empty only where
    /// silence is what shows it. Not in JSON: only who knows the session can name a message.
    #[cfg_attr(feature = "serde", serde(skip))]
    pub evidence: Vec<MessageKey>,
    /// How many datagrams show it in all.
    pub evidence_total: u64,
    /// For people; holds no names.
    pub text: String,
}

impl Irregularity {
    /// No more datagrams than this are named for one irregularity, or one trend.
    pub const EVIDENCE: usize = 32;

    /// No more irregularities of one kind, athlete and explanation are told one by one; the rest follow together.
    pub const ONE_BY_ONE: usize = 20;
}

#[cfg(feature = "serde")]
fn wall<S: serde::Serializer>(at: &Arrival, serializer: S) -> Result<S::Ok, S::Error> {
    serde::Serialize::serialize(&at.wall, serializer)
}

/// What does not fit.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[cfg_attr(feature = "serde", derive(serde::Serialize), serde(rename_all = "snake_case"))]
#[non_exhaustive]
pub enum IrregularityKind {
    /// A kick scored, and the sensors felt none.
    PointWithoutHit,
    /// The score rose, and no point was told.
    ScoreWithoutPoint,
    /// A point was told that the score never showed.
    PointWithoutScore,
    /// A kick scored whose hit was below the level that it needs.
    ScoredBelowLevel,
    /// A hit that is valid wherever it landed did not score.
    ValidHitUnscored,
    /// The running clock went back.
    ClockJump,
    /// The clock was set to another time.
    ClockSet,
    /// The clock counted more seconds than passed.
    ClockFast,
    /// Several gam-jeoms in a row against the same athlete.
    GamJeomRun,
    /// The winner that was said is not the one of the score.
    WinnerMismatch,
    /// Two senders spoke on the ring during the match.
    TwoSenders,
    /// A message that makes no sense at this point of the match.
    OutOfPlace,
}

impl IrregularityKind {
    /// As in JSON.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::PointWithoutHit => "point_without_hit",
            Self::ScoreWithoutPoint => "score_without_point",
            Self::PointWithoutScore => "point_without_score",
            Self::ScoredBelowLevel => "scored_below_level",
            Self::ValidHitUnscored => "valid_hit_unscored",
            Self::ClockJump => "clock_jump",
            Self::ClockSet => "clock_set",
            Self::ClockFast => "clock_fast",
            Self::GamJeomRun => "gam_jeom_run",
            Self::WinnerMismatch => "winner_mismatch",
            Self::TwoSenders => "two_senders",
            Self::OutOfPlace => "out_of_place",
        }
    }
}

impl fmt::Display for IrregularityKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.as_str())
    }
}

/// How much an irregularity asks for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[cfg_attr(feature = "serde", derive(serde::Serialize), serde(rename_all = "snake_case"))]
pub enum Weight {
    /// Usual, and listed so that nothing is hidden.
    Note,
    /// Somebody should look at it.
    Question,
    /// What was said contradicts itself.
    Contradiction,
}

impl Weight {
    /// As in JSON.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Note => "note",
            Self::Question => "question",
            Self::Contradiction => "contradiction",
        }
    }
}

impl fmt::Display for Weight {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.as_str())
    }
}

/// What usually is behind an irregularity.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[cfg_attr(feature = "serde", derive(serde::Serialize), serde(rename_all = "snake_case"))]
#[non_exhaustive]
pub enum Explanation {
    /// It was edited at the table: in a challenge, an interruption or a rest, or while the clock stood.
    TableEdit,
    /// Other datagrams of the same moment are missing, so one for this probably was lost too.
    DatagramLost,
    /// No hit was felt in the whole match, of neither athlete: there are no sensors, or nobody listened to them.
    NoSensors,
    /// Another hit of the same moment scored.
    SameMoment,
    /// What was said later agrees with the course.
    Corrected,
}

impl Explanation {
    /// As in JSON.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::TableEdit => "table_edit",
            Self::DatagramLost => "datagram_lost",
            Self::NoSensors => "no_sensors",
            Self::SameMoment => "same_moment",
            Self::Corrected => "corrected",
        }
    }
}

impl fmt::Display for Explanation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.as_str())
    }
}
