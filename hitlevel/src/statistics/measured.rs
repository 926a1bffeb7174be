//! What can be said of an athlete's hits, or why it cannot.

use super::HitStatistics;
use crate::{Levels, Measured, Missing, Quantile, Spread};

/// The least, the mean and the most of something.
#[derive(Clone, Copy, Debug, PartialEq)]
#[non_exhaustive]
pub struct Extent {
    /// The least.
    pub min: f64,
    /// The mean.
    pub mean: f64,
    /// The most.
    pub max: f64,
}

impl Extent {
    /// Of what was counted in units of which one has `per`.
    fn of(spread: &Spread, per: f64) -> Option<Self> {
        let (min, mean, max) = (spread.min()?, spread.mean()?, spread.max()?);
        Some(Self { min: min as f64 / per, mean: mean / per, max: max as f64 / per })
    }
}

/// Every error is a [`Missing`]: what there would have to be for a number.
impl HitStatistics {
    /// Hits that sensors felt and that scored.
    pub const fn scored(&self) -> u64 {
        self.scored_body.count() + self.scored_head.count()
    }

    /// Whether there were hits, but judges alone gave the points: then the levels say nothing.
    pub const fn judges_only(&self) -> bool {
        self.felt.is_empty() && self.judged > 0
    }

    /// The levels, unless there are none.
    const fn levels(&self) -> Measured<&Levels> {
        match (self.felt.is_empty(), self.judged) {
            (true, 0) => Err(Missing::NoHits),
            (true, _) => Err(Missing::JudgesOnly),
            (false, _) => Ok(&self.felt),
        }
    }

    /// Why there is nothing to say about hits that scored, where there is nothing.
    const fn unscored(&self) -> Missing {
        if self.judges_only() { Missing::JudgesOnly } else { Missing::NoLinks }
    }

    /// The lowest level.
    pub fn level_min(&self) -> Measured<u32> {
        self.levels()?.min().ok_or(Missing::NoHits)
    }

    /// The mean level.
    pub fn level_mean(&self) -> Measured<f64> {
        self.levels()?.mean().ok_or(Missing::NoHits)
    }

    /// The highest level.
    pub fn level_max(&self) -> Measured<u32> {
        self.levels()?.max().ok_or(Missing::NoHits)
    }

    /// The level that the share `of` of all hits does not exceed, from 0.0 to 1.0.
    pub fn level_quantile(&self, of: f64) -> Measured<u32> {
        match self.levels()?.quantile(of) {
            Some(Quantile::At(level)) => Ok(level),
            Some(Quantile::Above) => Err(Missing::AboveCounters),
            None => Err(Missing::NoHits),
        }
    }

    /// The share of the hits that scored, from 0.0 to 1.0.
    pub fn scoring_share(&self) -> Measured<f64> {
        Ok(self.scored() as f64 / self.levels()?.count() as f64)
    }

    /// The share of the hits that scored which scored to the body, from 0.0 to 1.0; the rest scored to the head.
    pub fn body_share(&self) -> Measured<f64> {
        match self.scored() {
            0 => Err(self.unscored()),
            scored => Ok(self.scored_body.count() as f64 / scored as f64),
        }
    }

    /// The mean level of the hits that scored to the body.
    pub fn scored_body_mean(&self) -> Measured<f64> {
        self.scored_body.mean().ok_or_else(|| self.unscored())
    }

    /// The mean level of the hits that scored to the head.
    pub fn scored_head_mean(&self) -> Measured<f64> {
        self.scored_head.mean().ok_or_else(|| self.unscored())
    }

    /// How long the clock ran, in seconds. Rounds whose clock jumped are not in it.
    pub const fn ran_seconds(&self) -> Measured<u64> {
        match (self.running_seconds, self.off_clock.rounds) {
            (0, 0) => Err(Missing::NoRunningClock),
            (0, _) => Err(Missing::ClockJumped),
            (seconds, _) => Ok(seconds),
        }
    }

    /// Hits per minute of the running clock, in the rounds whose clock did not jump.
    pub fn hits_per_minute(&self) -> Measured<f64> {
        if self.judges_only() {
            return Err(Missing::JudgesOnly);
        }
        let hits = self.felt.count() - self.off_clock.hits;
        Ok(hits as f64 * 60.0 / self.ran_seconds()? as f64)
    }

    /// Points scored per minute of the running clock, in the rounds whose clock did not jump.
    pub fn points_per_minute(&self) -> Measured<f64> {
        let points = self.points.total - self.off_clock.points;
        Ok(points as f64 * 60.0 / self.ran_seconds()? as f64)
    }

    /// From the hit to its point, in ms; negative where the hit arrived last.
    pub fn delay_millis(&self) -> Measured<Extent> {
        let missing = if self.scored() == 0 { self.unscored() } else { Missing::NoArrivalTimes };
        Extent::of(&self.delay_micros, 1000.0).ok_or(missing)
    }

    /// How sure the links are, from 0.0 to 1.0.
    pub fn link_confidence(&self) -> Measured<Extent> {
        Extent::of(&self.confidence_millis, 1000.0).ok_or_else(|| self.unscored())
    }

    /// The time in ms from the first to the last of the quickest `hits` in succession: 2, 3 or 4 of them in one
    /// round.
    pub fn fastest_millis(&self, hits: usize) -> Measured<f64> {
        self.levels()?;
        let missing =
            if self.combinations.untimed() > 0 { Missing::NoArrivalTimes } else { Missing::TooFewHits };
        self.combinations.fastest(hits).map(|micros| micros as f64 / 1000.0).ok_or(missing)
    }

    /// How many hits came within a second of the one before
    /// ([`FOLLOW_UP_MICROS`](super::Combinations::FOLLOW_UP_MICROS)).
    pub const fn follow_ups(&self) -> Measured<u64> {
        if self.judges_only() {
            return Err(Missing::JudgesOnly);
        }
        match (self.combinations.untimed(), self.felt.count()) {
            (1.., hits) if hits == self.combinations.untimed() => Err(Missing::NoArrivalTimes),
            _ => Ok(self.combinations.followed_up()),
        }
    }

    /// Seconds of the match clock from the last hit of a round to its end.
    pub fn idle_at_end(&self) -> Measured<Extent> {
        if self.rounds_ended == 0 {
            return Err(Missing::NoRoundEnded);
        }
        self.levels()?;
        Extent::of(&self.idle_at_end_seconds, 1.0).ok_or(Missing::NoMatchClock)
    }
}
