//! A match, round by round.

use alloc::boxed::Box;

use pss_protocol::{Athlete, PerAthlete};

use super::{Assessment, HitStatistics, Thresholds};

/// A match as it is known so far. Takes the same memory however long it is.
#[derive(Clone, Debug, Default, PartialEq)]
#[non_exhaustive]
pub struct MatchStatistics {
    /// Counted from 0 in the session; `None` before any match.
    pub match_index: Option<u32>,
    /// As last said.
    pub thresholds: Thresholds,
    /// Rounds 1 to [`ROUNDS`](Self::ROUNDS), and first what was before round 1 or after the last of these.
    rounds: Box<[RoundStatistics; Self::ROUNDS + 1]>,
}

/// A round: each athlete.
pub type RoundStatistics = PerAthlete<HitStatistics>;

impl MatchStatistics {
    /// Rounds that are told apart: more than any match has, the golden one included.
    pub const ROUNDS: usize = 7;

    /// Of a match of which nothing was counted yet.
    pub(crate) fn new(match_index: Option<u32>) -> Self {
        Self { match_index, ..Self::default() }
    }

    /// The statistics of a round; what is no such round is kept together with round 0.
    pub fn round(&self, round: u32) -> &RoundStatistics {
        &self.rounds[Self::place(round)]
    }

    /// All of them with their numbers, those without anything too; first 0, what was outside of all rounds.
    pub fn rounds(&self) -> impl Iterator<Item = (u32, &RoundStatistics)> {
        (0..).zip(self.rounds.iter())
    }

    /// The same, to record.
    pub(crate) fn round_mut(&mut self, round: u32) -> &mut RoundStatistics {
        &mut self.rounds[Self::place(round)]
    }

    fn place(round: u32) -> usize {
        let round = round as usize;
        if round > Self::ROUNDS { 0 } else { round }
    }

    /// One athlete over the whole match.
    pub fn total(&self, athlete: Athlete) -> HitStatistics {
        let mut total = HitStatistics::default();
        self.rounds.iter().for_each(|round| total.merge(&round[athlete]));
        total
    }

    /// One athlete's hits of the whole match, weighed by its levels.
    pub fn assessment(&self, athlete: Athlete) -> Assessment {
        Assessment::of(&self.total(athlete), self.thresholds)
    }
}
