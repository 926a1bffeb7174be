//! Hits weighed by the levels of their match.

use super::HitStatistics;
use crate::{Levels, Measured, Missing};

/// From which level on a hit of this match is valid, as `mch` says.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Thresholds {
    /// To the body.
    pub body: Option<u32>,
    /// To the head.
    pub head: Option<u32>,
}

/// How an athlete's hits compare with the levels of their match. The wire does not say whether a hit was to the
/// body or to the head, so a hit that did not score and reaches only one of the two levels stays doubtful.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct Assessment {
    /// Hits of matches whose levels are known; all that follow are among these.
    pub assessed: u64,
    /// Hits of matches whose levels are not known.
    pub unassessed: u64,
    /// Hits that reach both levels: valid wherever they landed.
    pub valid: u64,
    /// Hits that reach one level only: valid there.
    pub doubtful: u64,
    /// Hits that reach both levels and did not score: a question for the judges.
    pub valid_unscored: u64,
    /// Hits that did not score and miss the level for the body by at most [`NEAR`](Self::NEAR).
    pub near_body: u64,
    /// Hits that did not score and miss the level for the head by at most [`NEAR`](Self::NEAR).
    pub near_head: u64,
    /// Hits that scored to the body below its level, or to the head below its: a question about sensors or rules.
    pub scored_below: u64,
    /// Hits that judges reported ([`HitStatistics::JUDGED`]): they have no level, and are in none of the others.
    pub judged: u64,
}

impl Assessment {
    /// A near miss is at most this much below the level.
    pub const NEAR: u32 = 3;

    /// Weighs the hits of one match (or of a round of it) by its levels.
    pub fn of(hits: &HitStatistics, thresholds: Thresholds) -> Self {
        let Thresholds { body: Some(body), head: Some(head) } = thresholds else {
            return Self { unassessed: hits.felt.count(), judged: hits.judged, ..Self::default() };
        };
        let unscored = |count: &dyn Fn(&Levels) -> u64| {
            let scored = count(&hits.scored_body) + count(&hits.scored_head);
            count(&hits.felt).saturating_sub(scored)
        };
        let near = |level: u32| {
            let near = level.saturating_sub(Self::NEAR)..=level.saturating_sub(1);
            if level == 0 { 0 } else { unscored(&|levels| levels.count_in(near.clone())) }
        };
        let (lower, higher) = (body.min(head), body.max(head));
        let below = |levels: &Levels, level: u32| levels.count() - levels.count_from(level);
        let valid = hits.felt.count_from(higher);
        Self {
            assessed: hits.felt.count(),
            unassessed: 0,
            valid,
            doubtful: hits.felt.count_from(lower) - valid,
            valid_unscored: unscored(&|levels| levels.count_from(higher)),
            near_body: near(body),
            near_head: near(head),
            scored_below: below(&hits.scored_body, body) + below(&hits.scored_head, head),
            judged: hits.judged,
        }
    }

    /// Adds all of another.
    pub fn merge(&mut self, other: &Self) {
        self.assessed += other.assessed;
        self.unassessed += other.unassessed;
        self.valid += other.valid;
        self.doubtful += other.doubtful;
        self.valid_unscored += other.valid_unscored;
        self.near_body += other.near_body;
        self.near_head += other.near_head;
        self.scored_below += other.scored_below;
        self.judged += other.judged;
    }

    /// The counts, where they mean something: zero valid hits are said only where it is known what is valid.
    /// Where some of the matches have no levels the counts are of the others, and `unassessed` says of how many
    /// hits they are not.
    ///
    /// # Errors
    ///
    /// When there were hits and no level is known for any of them, or judges alone reported them.
    pub const fn known(&self) -> Measured<&Self> {
        match (self.assessed, self.unassessed, self.judged) {
            (0, 0, 1..) => Err(Missing::JudgesOnly),
            (0, 1.., _) => Err(Missing::NoThresholds),
            _ => Ok(self),
        }
    }
}
