//! A match as `restrike matches` lists it and as the store keeps it.

use alloc::{string::String, vec::Vec};

use crate::{Athlete, Basis, Decision, PerAthlete, Winner};

/// What is known of a match. Grows while the match runs; the last one is the record.
#[derive(Clone, Debug, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize))]
#[non_exhaustive]
pub struct MatchSummary {
    /// Counts the matches of the session from 0.
    #[cfg_attr(feature = "serde", serde(skip))]
    pub index: u32,
    /// Match number, text.
    pub number: Option<String>,
    /// Names the event, not the match.
    pub id: Option<String>,
    /// `Round of 16`.
    pub phase: Option<String>,
    /// `MEN -58 kg`.
    pub category: Option<String>,
    /// `SENIORS`.
    pub division: Option<String>,
    /// The golden round not counted.
    pub rounds_planned: Option<u32>,
    /// Length of a round.
    pub round_seconds: Option<u32>,
    /// Whether rounds or points are counted.
    pub scoring: Scoring,
    /// Valid from this level on, body.
    pub body_level: Option<u32>,
    /// Valid from this level on, head.
    pub head_level: Option<u32>,
    /// Chung.
    pub blue: Competitor,
    /// Hong.
    pub red: Competitor,
    /// Every started round, also 0-0.
    pub rounds: Vec<RoundSummary>,
    /// Who won; `None` where unknown.
    pub winner: Option<Winner>,
    /// Why we say so.
    pub winner_basis: Option<Basis>,
    /// How; `None` where unknown.
    pub decision: Option<Decision>,
    /// Why we say so.
    pub decision_basis: Option<Basis>,
    /// The figures as sent, `2-1`.
    pub result: Option<String>,
    /// How many hits were felt.
    pub hits: PerAthlete<u32>,
    /// Whether the clock ever ran.
    #[cfg_attr(feature = "serde", serde(skip))]
    pub started: bool,
}

impl MatchSummary {
    /// A match of which nothing is known but its place in the session.
    pub fn new(index: u32) -> Self {
        Self {
            index,
            number: None,
            id: None,
            phase: None,
            category: None,
            division: None,
            rounds_planned: None,
            round_seconds: None,
            scoring: Scoring::Unknown,
            body_level: None,
            head_level: None,
            blue: Competitor::default(),
            red: Competitor::default(),
            rounds: Vec::new(),
            winner: None,
            winner_basis: None,
            decision: None,
            decision_basis: None,
            result: None,
            hits: PerAthlete::default(),
            started: false,
        }
    }
}

/// An athlete in a summary.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize))]
pub struct Competitor {
    /// The long name, decoded.
    pub name: Option<String>,
    /// Three letters.
    pub country: Option<String>,
    /// For the scoreboard.
    #[cfg_attr(feature = "serde", serde(skip))]
    pub short_name: Option<String>,
}

/// A started round in a summary.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize))]
pub struct RoundSummary {
    /// Counted from 1.
    pub round: u32,
    /// Blue's score as shown at its end: best of three the round's, conventional cumulative, golden its own.
    pub blue: i32,
    /// Red's.
    pub red: i32,
    /// Who won it; in conventional and golden rounds only where it was said.
    pub winner: Option<Athlete>,
    /// Why we say so.
    pub winner_basis: Option<Basis>,
    /// Blue's gam-jeoms in this round.
    pub blue_gam_jeoms: u32,
    /// Red's.
    pub red_gam_jeoms: u32,
}

/// How a match is scored.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
#[cfg_attr(feature = "serde", derive(serde::Serialize), serde(rename_all = "snake_case"))]
pub enum Scoring {
    /// Rounds are won; each starts at 0-0.
    #[cfg_attr(feature = "serde", serde(rename = "best_of_3"))]
    BestOf3,
    /// Points are counted over all rounds.
    Conventional,
    /// Not known yet.
    #[default]
    Unknown,
}

impl Scoring {
    /// As in JSON.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::BestOf3 => "best_of_3",
            Self::Conventional => "conventional",
            Self::Unknown => "unknown",
        }
    }
}
