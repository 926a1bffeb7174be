//! How hard was hit: exact statistics of levels in constant memory.

use core::ops::RangeInclusive;

/// The distribution of hit levels, exactly: a counter for each level from 0 to [`HIGHEST`](Self::HIGHEST) and one
/// for all above, whose mean and maximum stay exact and whose quantiles are only known to be above.
///
/// `record` raises two counters and does not allocate; [`merge`](Self::merge) is associative and commutative and
/// gives what recording everything in one would have given. A counter that is full stays so: nothing overflows.
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
    count: u64,
    above: Above,
}

/// The hits above [`Levels::HIGHEST`].
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
struct Above {
    count: u64,
    /// As many levels as fit a full counter fit in here.
    sum: u128,
    /// The lowest and the highest.
    bounds: Option<(u32, u32)>,
}

impl Above {
    const fn of(level: u32) -> Self {
        Self { count: 1, sum: level as u128, bounds: Some((level, level)) }
    }

    fn merge(&mut self, other: &Self) {
        self.count = self.count.saturating_add(other.count);
        self.sum = self.sum.saturating_add(other.sum);
        self.bounds = match (self.bounds, other.bounds) {
            (Some((low, high)), Some((lower, higher))) => Some((low.min(lower), high.max(higher))),
            (mine, others) => mine.or(others),
        };
    }
}

/// A quantile of [`Levels`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Quantile {
    /// This level.
    At(u32),
    /// Some level above [`Levels::HIGHEST`].
    Above,
}

/// How many hits had a level from `from` to `to`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize))]
pub struct Band {
    /// The lowest level of the band.
    pub from: u32,
    /// The highest; `None` for the last band, which holds all above as well.
    pub to: Option<u32>,
    /// The hits.
    pub count: u64,
}

impl Levels {
    /// The highest level with a counter of its own. Sensors of all known systems report up to 100.
    pub const HIGHEST: u32 = 100;

    /// Nothing yet.
    pub const fn new() -> Self {
        let above = Above { count: 0, sum: 0, bounds: None };
        Self { counts: [0; Self::HIGHEST as usize + 1], count: 0, above }
    }

    /// One more hit.
    pub fn record(&mut self, level: u32) {
        match self.counts.get_mut(level as usize) {
            Some(counter) => *counter = counter.saturating_add(1),
            None => self.above.merge(&Above::of(level)),
        }
        self.count = self.count.saturating_add(1);
    }

    /// Adds all of another.
    pub fn merge(&mut self, other: &Self) {
        for (mine, others) in self.counts.iter_mut().zip(&other.counts) {
            *mine = mine.saturating_add(*others);
        }
        self.above.merge(&other.above);
        self.count = self.count.saturating_add(other.count);
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
        self.above.count
    }

    /// The lowest level.
    pub fn min(&self) -> Option<u32> {
        let counted = self.counts.iter().position(|&count| count > 0);
        counted.map(|level| level as u32).or_else(|| self.above.bounds.map(|(lowest, _)| lowest))
    }

    /// The highest level, exact above the counters too.
    pub fn max(&self) -> Option<u32> {
        let counted = self.counts.iter().rposition(|&count| count > 0);
        self.above.bounds.map(|(_, highest)| highest).or_else(|| counted.map(|level| level as u32))
    }

    /// The mean level.
    pub fn mean(&self) -> Option<f64> {
        let counted = (0..).zip(&self.counts).map(|(level, &count): (u128, _)| level * u128::from(count));
        let sum = counted.fold(self.above.sum, u128::saturating_add);
        (self.count > 0).then(|| sum as f64 / self.count as f64)
    }

    /// The smallest level that at least the share `of` of all hits do not exceed: 0.5 is the lower median. Below
    /// 0 is taken for 0, which is the minimum; above 1 for 1. `None` without hits, and for what is no number.
    pub fn quantile(&self, of: f64) -> Option<Quantile> {
        if self.count == 0 || of.is_nan() {
            return None;
        }
        let (of, count) = (of.clamp(0.0, 1.0), self.count as f64);
        let mut rank = libm::ceil(of * count).max(1.0) as u64;
        // 0.55 of 100 hits are 55 of them, but the product is a little more than that.
        if rank > 1 && (rank - 1) as f64 / count >= of {
            rank -= 1;
        }
        let rank = rank.min(self.count);
        let mut seen: u64 = 0;
        for (level, count) in (0..).zip(&self.counts) {
            seen = seen.saturating_add(*count);
            if seen >= rank {
                return Some(Quantile::At(level));
            }
        }
        Some(Quantile::Above)
    }

    /// How many hits had one of these levels, of those that have a counter.
    pub fn count_in(&self, levels: RangeInclusive<u32>) -> u64 {
        let (low, high) = (*levels.start(), (*levels.end()).min(Self::HIGHEST));
        if levels.is_empty() || low > high {
            return 0;
        }
        self.counts[low as usize..=high as usize].iter().fold(0, |sum, count| sum.saturating_add(*count))
    }

    /// How many hits had this level or a higher one. Above [`HIGHEST`](Self::HIGHEST) + 1, where only the lowest and
    /// the highest are known, that may be more than there were: it is all of them, if the highest reaches the level.
    pub fn count_from(&self, level: u32) -> u64 {
        let reach = |&(_, highest): &(u32, u32)| highest >= level;
        let above = self.above.bounds.filter(reach).map_or(0, |_| self.above.count);
        self.count_in(level..=Self::HIGHEST).saturating_add(above)
    }

    /// Hits in bands of equal width, such as 0 to 10, 11 to 20 and so on for 10; the last band is what is above
    /// [`HIGHEST`](Self::HIGHEST), and the one before it ends there, however narrow that makes it. The first has
    /// level 0 besides. A width of 0 is taken for 1.
    ///
    /// ```
    /// let mut levels = hitlevel::Levels::new();
    /// [3, 30, 31, 250].into_iter().for_each(|level| levels.record(level));
    /// let bars: Vec<_> = levels.histogram(30).map(|band| (band.from, band.to, band.count)).collect();
    /// let expected =
    ///     [(0, Some(30), 2), (31, Some(60), 1), (61, Some(90), 0), (91, Some(100), 0), (101, None, 1)];
    /// assert_eq!(bars, expected);
    /// ```
    pub fn histogram(&self, width: u32) -> impl Iterator<Item = Band> + '_ {
        let width = width.clamp(1, Self::HIGHEST);
        let inner = (1..).map(move |bars| bars * width + 1).take_while(|&start| start <= Self::HIGHEST);
        self.bands(inner.chain([Self::HIGHEST + 1]))
    }

    /// Hits in bands that begin at these levels; the first band begins at 0, the last has no end. A start that is
    /// not above the one before, or above [`HIGHEST`](Self::HIGHEST) + 1, where no more bands can be told apart,
    /// makes none.
    ///
    /// ```
    /// let mut levels = hitlevel::Levels::new();
    /// [3, 12, 26, 27, 80].into_iter().for_each(|level| levels.record(level));
    /// // The thresholds of head and body.
    /// let [weak, head, both] = ["weak", "to the head", "anywhere"];
    /// let named: Vec<_> = levels.bands([10, 27]).zip([weak, head, both]).collect();
    /// let counts: Vec<_> = named.iter().map(|(band, name)| (*name, band.count)).collect();
    /// assert_eq!(counts, [(weak, 1), (head, 2), (both, 2)]);
    /// ```
    pub fn bands<'a, I>(&'a self, starts: I) -> impl Iterator<Item = Band> + 'a
    where
        I: IntoIterator<Item = u32>,
        I::IntoIter: 'a,
    {
        let mut last = 0;
        let rising = starts.into_iter().filter(move |&start| {
            let rises = start > last && start <= Self::HIGHEST + 1;
            if rises {
                last = start;
            }
            rises
        });
        let mut from = 0;
        rising.map(Some).chain([None]).map(move |next| match next {
            Some(next) => {
                let begin = core::mem::replace(&mut from, next);
                Band { from: begin, to: Some(next - 1), count: self.count_in(begin..=next - 1) }
            }
            None => Band { from, to: None, count: self.count_from(from) },
        })
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
