//! How hard and how often was hit lately.

use core::time::Duration;

use crate::{Measured, Missing};

/// Levels of which the old ones count less and less: half as much after `HALF_LIFE_SECONDS`, a quarter after twice
/// that. A few numbers, however many hits there are.
///
/// Time is what the caller says, since any start of its own. What is told late counts as much as if it had been told
/// in its place, so the order means nothing; [`merge`](Self::merge) is associative and commutative and equals
/// recording everything, but for the rounding of floating point. Only what decays alike has the same type, and so
/// can be merged.
///
/// ```
/// use core::time::Duration;
/// use hitlevel::DecayedLevels;
///
/// let mut lately = DecayedLevels::<20>::new(Duration::ZERO);
/// lately.record(Duration::from_secs(10), 30);
/// lately.record(Duration::from_secs(30), 60);
/// // The first counts half as much as the second.
/// assert_eq!(lately.mean(), Some(50.0));
/// assert_eq!(lately.weight(Duration::from_secs(50)), 0.75);
/// ```
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct DecayedLevels<const HALF_LIFE_SECONDS: u32> {
    since: Duration,
    /// The latest hit. What follows is as of this moment, so the latest weighs 1 and nothing fades away altogether.
    at: Duration,
    count: u64,
    weight: f64,
    /// Of the squares of all weights.
    squares: f64,
    /// Of the levels, each times its weight.
    levels: f64,
}

impl<const HALF_LIFE_SECONDS: u32> DecayedLevels<HALF_LIFE_SECONDS> {
    /// Nothing yet; hits would have been heard from `since` on.
    pub const fn new(since: Duration) -> Self {
        const { assert!(HALF_LIFE_SECONDS > 0, "what decays takes its time") };
        Self { since, at: Duration::ZERO, count: 0, weight: 0.0, squares: 0.0, levels: 0.0 }
    }

    /// One more hit.
    pub fn record(&mut self, at: Duration, level: u32) {
        let levels = f64::from(level);
        self.merge(&Self { since: self.since, at, count: 1, weight: 1.0, squares: 1.0, levels });
    }

    /// Adds all of another. What both heard is taken for heard since the earlier beginning.
    pub fn merge(&mut self, other: &Self) {
        let at = self.at.max(other.at);
        let (mine, others) = (Self::left(self.at, at), Self::left(other.at, at));
        let sum = |a: f64, b: f64| a * mine + b * others;
        *self = Self {
            since: self.since.min(other.since),
            at,
            count: self.count.saturating_add(other.count),
            weight: sum(self.weight, other.weight),
            squares: self.squares * mine * mine + other.squares * others * others,
            levels: sum(self.levels, other.levels),
        };
    }

    /// What is left at `now` of one that was 1 then.
    fn left(then: Duration, now: Duration) -> f64 {
        let age = now.saturating_sub(then);
        // One side of each merge has not aged, so this spares half of the work.
        if age.is_zero() { 1.0 } else { libm::exp2(-age.as_secs_f64() / f64::from(HALF_LIFE_SECONDS)) }
    }

    /// How many hits, whatever they weigh.
    pub const fn count(&self) -> u64 {
        self.count
    }

    /// The mean level, each hit by its weight.
    pub fn mean(&self) -> Option<f64> {
        (self.count > 0).then(|| self.levels / self.weight)
    }

    /// How many hits of equal weight would give as sure a mean: at least 1, and less than [`count`](Self::count)
    /// unless all came at once. 0 without hits.
    pub fn effective_count(&self) -> f64 {
        if self.count == 0 { 0.0 } else { self.weight * self.weight / self.squares }
    }

    /// What all hits weigh at `now`, of which a new one weighs 1. Before the latest hit `now` is that moment.
    pub fn weight(&self, now: Duration) -> f64 {
        self.weight * Self::left(self.at, now)
    }

    /// Hits per minute lately: what they weigh at `now`, by what a hit in each moment since the beginning would.
    ///
    /// # Errors
    ///
    /// [`Missing::TooLittleData`] where no time has passed since the beginning.
    pub fn per_minute(&self, now: Duration) -> Measured<f64> {
        let now = now.max(self.at);
        if now <= self.since {
            return Err(Missing::TooLittleData);
        }
        let seconds_of_weight = f64::from(HALF_LIFE_SECONDS) / core::f64::consts::LN_2;
        let faded = -now.saturating_sub(self.since).as_secs_f64() * core::f64::consts::LN_2;
        let heard = -libm::expm1(faded / f64::from(HALF_LIFE_SECONDS)) * seconds_of_weight;
        Ok(self.weight(now) * 60.0 / heard)
    }
}
