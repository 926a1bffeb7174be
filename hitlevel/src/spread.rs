//! Least, mean and most of anything that is measured.

/// Count, minimum, mean and maximum of whole numbers such as µs or seconds. Exact; `merge` is associative and
/// commutative and equals recording everything.
///
/// ```
/// let mut spread = hitlevel::Spread::default();
/// [-20, 50].into_iter().for_each(|micros| spread.record(micros));
/// assert_eq!((spread.min(), spread.mean(), spread.max()), (Some(-20), Some(15.0), Some(50)));
/// ```
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Spread {
    count: u64,
    /// As many values as fit a full counter fit in here.
    sum: i128,
    bounds: Option<(i64, i64)>,
}

impl Spread {
    /// One more.
    pub fn record(&mut self, value: i64) {
        self.merge(&Self { count: 1, sum: value.into(), bounds: Some((value, value)) });
    }

    /// Adds all of another.
    pub fn merge(&mut self, other: &Self) {
        self.count = self.count.saturating_add(other.count);
        self.sum = self.sum.saturating_add(other.sum);
        self.bounds = match (self.bounds, other.bounds) {
            (Some((low, high)), Some((lower, higher))) => Some((low.min(lower), high.max(higher))),
            (mine, others) => mine.or(others),
        };
    }

    /// How many.
    pub const fn count(&self) -> u64 {
        self.count
    }

    /// The least.
    pub fn min(&self) -> Option<i64> {
        self.bounds.map(|(low, _)| low)
    }

    /// The most.
    pub fn max(&self) -> Option<i64> {
        self.bounds.map(|(_, high)| high)
    }

    /// The mean.
    pub fn mean(&self) -> Option<f64> {
        (self.count > 0).then(|| self.sum as f64 / self.count as f64)
    }
}
