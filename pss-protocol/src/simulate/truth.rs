//! What was simulated: the truth that a reading of the datagrams can be measured against.

use alloc::{string::String, vec::Vec};

use crate::{
    Athlete, ChallengeState, ClockTime, Competitor, Decision, FinalScore, Monotonic, PerAthlete, PointCode,
    Scoring, Winner,
};

/// A match as the simulated table decided it.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct SimulatedMatch {
    /// On which ring, from 1.
    pub ring: u32,
    /// Match number, text.
    pub number: String,
    /// `Round of 16`.
    pub phase: String,
    /// `MEN -58 kg`.
    pub category: String,
    /// `SENIORS`; `None` is sent as `null`.
    pub division: Option<String>,
    /// The athletes; short and long name are the same, as the real sender has it.
    pub athletes: PerAthlete<Competitor>,
    /// Whether rounds or points are counted.
    pub scoring: Scoring,
    /// The golden round not counted.
    pub rounds_planned: u32,
    /// Length of a round.
    pub round_seconds: u32,
    /// Valid from this level on, body.
    pub body_level: u32,
    /// Valid from this level on, head.
    pub head_level: u32,
    /// Whether the sender says totals in play: not with fewer than three rounds, the golden one counted.
    pub totals_sent: bool,
    /// Whether the clock ever ran.
    pub started: bool,
    /// Every point, in the order of time.
    pub points: Vec<SimulatedPoint>,
    /// Every gam-jeom, in the order of time.
    pub gam_jeoms: Vec<SimulatedGamJeom>,
    /// Every hit that was sent, in the order of time.
    pub hits: Vec<SimulatedHit>,
    /// Every challenge, in the order of time.
    pub challenges: Vec<SimulatedChallenge>,
    /// Every started round.
    pub rounds: Vec<SimulatedRound>,
    /// How it ended; `None` for a match that was only loaded.
    pub result: Option<SimulatedResult>,
}

/// A point that the table gave.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct SimulatedPoint {
    /// When, before the network.
    pub at: Monotonic,
    /// Who scored.
    pub athlete: Athlete,
    /// With what.
    pub code: PointCode,
    /// How many points.
    pub points: u32,
    /// In which round.
    pub round: u32,
    /// The match clock as shown.
    pub clock: ClockTime,
    /// Whether it was taken back later in the round.
    pub removed: bool,
}

/// A gam-jeom that the referee gave.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct SimulatedGamJeom {
    /// When, before the network.
    pub at: Monotonic,
    /// To whom.
    pub athlete: Athlete,
    /// How many points the opponent got for it: 1, in the golden round 0 or 2.
    pub points: u32,
    /// In which round.
    pub round: u32,
    /// Whether it was taken back later in the round.
    pub removed: bool,
}

/// A hit that the sensors felt.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct SimulatedHit {
    /// When, before the network.
    pub at: Monotonic,
    /// Who hit.
    pub athlete: Athlete,
    /// Raw level.
    pub level: u32,
    /// In which round.
    pub round: u32,
    /// The place in [`SimulatedMatch::points`] of the point that it scored.
    pub point: Option<usize>,
}

/// A challenge and what came of it.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct SimulatedChallenge {
    /// Whose card.
    pub athlete: Athlete,
    /// In which round.
    pub round: u32,
    /// Accepted, rejected or closed.
    pub outcome: ChallengeState,
}

/// A round that was started.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct SimulatedRound {
    /// Counted from 1; the golden round is the planned rounds + 1.
    pub round: u32,
    /// The score as shown at its end: best of three the round's, conventional cumulative, golden its own.
    pub score: PerAthlete<u32>,
    /// The gam-jeoms given in it and not taken back.
    pub gam_jeoms: PerAthlete<u32>,
    /// Who won it, in best of three; in conventional and golden rounds what a corrected `wrd` says of it.
    pub winner: Option<Athlete>,
}

/// How a match ended.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct SimulatedResult {
    /// Who won.
    pub winner: Winner,
    /// How.
    pub decision: Decision,
    /// The figures of `wmh`.
    pub score: FinalScore,
}

impl SimulatedMatch {
    /// The points of `athlete` in `round` with those for the opponent's gam-jeoms, less what was taken back.
    pub fn points_in(&self, round: u32, athlete: Athlete) -> u32 {
        let scored = self.points.iter().filter(|point| point.athlete == athlete);
        let scored = scored.filter(|point| point.round == round && !point.removed).map(|point| point.points);
        let given = self.gam_jeoms.iter().filter(|gam_jeom| gam_jeom.athlete == athlete.opponent());
        let given = given.filter(|gam_jeom| gam_jeom.round == round && !gam_jeom.removed);
        scored.sum::<u32>() + given.map(|gam_jeom| gam_jeom.points).sum::<u32>()
    }

    /// The number of the golden round.
    pub const fn golden_round(&self) -> u32 {
        self.rounds_planned + 1
    }

    /// The rounds that each has won.
    pub fn round_wins(&self) -> PerAthlete<u32> {
        let won = |athlete| self.rounds.iter().filter(|round| round.winner == Some(athlete)).count() as u32;
        PerAthlete::from_fn(won)
    }
}
