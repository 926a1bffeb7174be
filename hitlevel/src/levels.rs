//! How hard was hit: exact statistics of levels in constant memory.

use core::ops::RangeInclusive;

/// The distribution of hit levels, exactly: a counter for each level from 0 to [`HIGHEST`](Self::HIGHEST) and one
/// for all above, whose mean and maximum stay exact and whose quantiles are only known to be above.
///
/// `record` neither allocates nor branches on anything but the level; [`merge`](Self::merge) is associative and
/// commutative and gives what recording everything in one would have given.
///
/// ```
/// use hitlevel::{Levels, Quantile};
///
/// let mut levels = Levels::new();
/// [12, 30, 31, 250].into_iter().for_each(|level| levels.record(level));
/// assert_eq!((levels.count(), levels.min(), levels.max()), (4, Some(12), Some(250)));
/// assert_eq!(levels.mean(), Some(80.75));
/// assert_eq!(levels.quantile(0.5), Some(Quantile::At(30)));
/// assert_eq!(levels.quantile(1.0), Some(Quantile::Above));
/// assert_eq!(levels.above(), 1);
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Levels {
    counts: [u64; Self::HIGHEST as usize + 1],
    above: u64,
    /// The lowest and the highest level above [`Self::HIGHEST`].
    bounds_above: Option<(u32, u32)>,
    sum: u64,
    count: u64,
}

/// A quantile of [`Levels`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Quantile {
    /// This level.
    At(u32),
    /// Some level above [`Levels::HIGHEST`].
    Above,
}

impl Levels {
    /// The highest level with a counter of its own. Sensors of all known systems report up to 100.
    pub const HIGHEST: u32 = 100;

    /// Nothing yet.
    pub const fn new() -> Self {
        Self { counts: [0; Self::HIGHEST as usize + 1], above: 0, bounds_above: None, sum: 0, count: 0 }
    }

    /// One more hit.
    pub fn record(&mut self, level: u32) {
        match self.counts.get_mut(level as usize) {
            Some(counter) => *counter += 1,
            None => {
                self.above += 1;
                self.widen_above((level, level));
            }
        }
        self.count += 1;
        self.sum = self.sum.saturating_add(u64::from(level));
    }

    /// Adds all of another.
    pub fn merge(&mut self, other: &Self) {
        for (mine, others) in self.counts.iter_mut().zip(&other.counts) {
            *mine += others;
        }
        self.above += other.above;
        if let Some(bounds) = other.bounds_above {
            self.widen_above(bounds);
        }
        self.sum = self.sum.saturating_add(other.sum);
        self.count += other.count;
    }

    fn widen_above(&mut self, (low, high): (u32, u32)) {
        let (lowest, highest) = self.bounds_above.unwrap_or((low, high));
        self.bounds_above = Some((lowest.min(low), highest.max(high)));
    }

    /// How many hits.
    pub const fn count(&self) -> u64 {
        self.count
    }

    /// Whether there is none.
    pub const fn is_empty(&self) -> bool {
        self.count == 0
    }

    /// How many were above [`HIGHEST`](Self::HIGHEST).
    pub const fn above(&self) -> u64 {
        self.above
    }

    /// The lowest level.
    pub fn min(&self) -> Option<u32> {
        let counted = self.counts.iter().position(|&count| count > 0);
        counted.map(|level| level as u32).or_else(|| self.bounds_above.map(|(lowest, _)| lowest))
    }

    /// The highest level, exact above the counters too.
    pub fn max(&self) -> Option<u32> {
        let counted = self.counts.iter().rposition(|&count| count > 0);
        self.bounds_above.map(|(_, highest)| highest).or_else(|| counted.map(|level| level as u32))
    }

    /// The mean level.
    pub fn mean(&self) -> Option<f64> {
        (self.count > 0).then(|| self.sum as f64 / self.count as f64)
    }

    /// The smallest level that at least the share `of` of all hits do not exceed: 0.5 is the lower median. Below
    /// 0 is taken for 0, which is the minimum; above 1 for 1.
    pub fn quantile(&self, of: f64) -> Option<Quantile> {
        if self.count == 0 || of.is_nan() {
            return None;
        }
        let rank = libm::ceil(of.clamp(0.0, 1.0) * self.count as f64).max(1.0) as u64;
        let mut seen = 0;
        for (level, count) in self.counts.iter().enumerate() {
            seen += count;
            if seen >= rank {
                return Some(Quantile::At(level as u32));
            }
        }
        Some(Quantile::Above)
    }

    /// How many hits had one of these levels, of those that have a counter.
    pub fn count_in(&self, levels: RangeInclusive<u32>) -> u64 {
        let (low, high) = (*levels.start(), (*levels.end()).min(Self::HIGHEST));
        if low > high {
            return 0;
        }
        self.counts[low as usize..=high as usize].iter().sum()
    }

    /// How many hits had this level or a higher one.
    pub fn count_from(&self, level: u32) -> u64 {
        self.count_in(level..=Self::HIGHEST) + self.above
    }

    /// How many hits had each level from 0 to [`HIGHEST`](Self::HIGHEST).
    pub const fn counts(&self) -> &[u64; Self::HIGHEST as usize + 1] {
        &self.counts
    }
}

impl Default for Levels {
    fn default() -> Self {
        Self::new()
    }
}
