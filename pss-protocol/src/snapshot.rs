//! Everything that a display shows.

use alloc::vec::Vec;

use crate::{Athlete, ClockTime, MatchSummary, PerAthlete};

/// The whole state of a ring at one moment, for display.
#[derive(Clone, Debug, Default, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize))]
#[non_exhaustive]
pub struct Snapshot {
    /// Whether a sender is connected; `None` before anybody spoke.
    pub connected: Option<bool>,
    /// Where the match is.
    pub phase: Phase,
    /// The match, where one is loaded.
    #[cfg_attr(feature = "serde", serde(rename = "match"))]
    pub summary: Option<MatchSummary>,
    /// The round, 0 before the first.
    pub round: u32,
    /// Whether this is the golden round.
    pub golden: bool,
    /// The match clock as shown.
    pub clock: Option<ClockTime>,
    /// Whether it runs.
    pub running: bool,
    /// The rest between rounds, while it runs.
    pub rest: Option<ClockTime>,
    /// The score as shown.
    pub score: PerAthlete<i32>,
    /// Gam-jeoms as shown.
    pub gam_jeoms: PerAthlete<u32>,
    /// Rounds won so far.
    pub round_wins: PerAthlete<u32>,
    /// Kye-shi, while open.
    pub injury: Option<InjuryView>,
    /// Para time-out, while open.
    pub time_out: Option<TimeOutView>,
    /// Challenges that are open.
    pub challenges: Vec<ChallengeView>,
    /// Challenges that cost the athlete the video quota: rejected ones, and those said to be lost.
    pub challenges_lost: PerAthlete<u32>,
}

/// Where a match is.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
#[cfg_attr(feature = "serde", derive(serde::Serialize), serde(rename_all = "snake_case"))]
pub enum Phase {
    /// No match.
    #[default]
    Idle,
    /// A match was chosen.
    Loaded,
    /// Its data are complete.
    Ready,
    /// The clock runs.
    Fighting,
    /// The clock stands within a round.
    Paused,
    /// Between rounds.
    Rest,
    /// The match has a result.
    Ended,
}

/// An open kye-shi.
#[derive(Clone, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize))]
pub struct InjuryView {
    /// Whose, where said.
    pub athlete: Option<Athlete>,
    /// What is left.
    pub time: Option<ClockTime>,
}

/// An open time-out.
#[derive(Clone, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize))]
pub struct TimeOutView {
    /// Whose.
    pub athlete: Athlete,
    /// What is left.
    pub time: Option<ClockTime>,
}

/// An open challenge.
#[derive(Clone, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize))]
pub struct ChallengeView {
    /// Whose; `None` for the referee's own.
    pub athlete: Option<Athlete>,
}
