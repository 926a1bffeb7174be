//! What shows only across matches.

use alloc::{string::String, vec::Vec};
use core::fmt;

use pss_protocol::{Athlete, MessageKey};

/// Something that shows only across matches.
#[derive(Clone, Debug, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize))]
#[non_exhaustive]
pub struct Trend {
    /// Of which kind.
    pub kind: TrendKind,
    /// What it is about.
    pub subject: Subject,
    /// The matches in which it shows, by [`Occasion::match_tag`](super::Occasion::match_tag), in the order of time.
    pub matches: Vec<u64>,
    /// How far from what was to be expected.
    pub strength: Strength,
    /// Hits that show it, each with its match; at most [`Irregularity::EVIDENCE`](super::Irregularity::EVIDENCE).
    /// Where hits are missing, the datagrams with which the rounds began in which they are.
    pub evidence: Vec<(u64, MessageKey)>,
    /// How many datagrams show it in all.
    pub evidence_total: u64,
    /// For people; holds no names.
    pub text: String,
}

/// The kinds of [`Trend`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[cfg_attr(feature = "serde", derive(serde::Serialize), serde(rename_all = "snake_case"))]
#[non_exhaustive]
pub enum TrendKind {
    /// A corner with far fewer valid hits than its history: a sensor fault is suspected.
    CornerFeelsLess,
    /// An athlete's levels go one way through the day.
    LevelsDrift,
}

impl TrendKind {
    /// As in JSON.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::CornerFeelsLess => "corner_feels_less",
            Self::LevelsDrift => "levels_drift",
        }
    }
}

impl fmt::Display for TrendKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.as_str())
    }
}

/// What a [`Trend`] is about.
#[derive(Clone, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize), serde(rename_all = "snake_case"))]
#[non_exhaustive]
pub enum Subject {
    /// The hits of one corner of a ring: what the opponent's protector and one's own socks feel.
    Corner {
        /// The ring, as it was given.
        ring: String,
        /// Whose hits.
        athlete: Athlete,
    },
    /// An athlete, by the id that was given.
    Person(i64),
}

/// How far from what was to be expected.
#[derive(Clone, Copy, Debug, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize))]
#[non_exhaustive]
pub struct Strength {
    /// The probability of something as far away, or farther, by chance.
    pub p_value: f64,
    /// What was seen: valid hits of a corner; for a drift the share of pairs of hits of different matches, ties
    /// halved, of which the later one is higher.
    pub observed: f64,
    /// What was to be expected of the same: valid hits by the corner's history; for a drift one half.
    pub expected: f64,
}
