//! Any merge of matches.

use pss_protocol::Athlete;

use super::{Assessment, HitStatistics, MatchStatistics};

/// The hits of an athlete, a ring, a tournament, a weight class: of any matches together.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct Overall {
    /// How many matches (counted for each athlete that was added of it).
    pub matches: u64,
    /// All hits.
    pub hits: HitStatistics,
    /// The same, each weighed by the levels of its match.
    pub assessment: Assessment,
}

impl Overall {
    /// Adds one athlete of a match.
    pub fn add(&mut self, fight: &MatchStatistics, athlete: Athlete) {
        self.matches += 1;
        let total = fight.total(athlete);
        self.assessment.merge(&Assessment::of(&total, fight.thresholds));
        self.hits.merge(&total);
    }

    /// Adds all of another.
    pub fn merge(&mut self, other: &Self) {
        self.matches += other.matches;
        self.hits.merge(&other.hits);
        self.assessment.merge(&other.assessment);
    }
}
