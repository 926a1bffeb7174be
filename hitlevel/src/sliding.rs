//! How hard was hit in the last so many seconds.

use core::time::Duration;

use crate::Levels;

/// The levels of a window that slides: `BUCKETS` buckets of `SECONDS` each. It ends with the bucket that the present
/// is in, so it looks back over all but a part of the oldest bucket's time. The same memory however much is hit.
///
/// Time is what the caller says, since any start of its own, and may step back: what is still in the window is
/// counted where it belongs, what is older is not in it. Buckets begin at whole multiples of their length, so those of
/// two windows of one type agree: [`merge`](Self::merge) is associative and commutative and equals recording
/// everything.
///
/// ```
/// use core::time::Duration;
/// use hitlevel::SlidingLevels;
///
/// // The last minute, to 10 s.
/// let mut minute = SlidingLevels::<6, 10>::new();
/// minute.record(Duration::from_secs(9), 30);
/// minute.record(Duration::from_secs(12), 60);
/// assert_eq!(minute.window(Duration::from_secs(59)).count(), 2);
/// assert_eq!(minute.window(Duration::from_secs(60)).max(), Some(60));
/// assert!(minute.window(Duration::from_secs(70)).is_empty());
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SlidingLevels<const BUCKETS: usize, const SECONDS: u32> {
    /// Bucket `number` is at `number % BUCKETS`. Those that nothing is in are empty.
    buckets: [Levels; BUCKETS],
    /// The number of the newest.
    newest: Option<u64>,
}

impl<const BUCKETS: usize, const SECONDS: u32> SlidingLevels<BUCKETS, SECONDS> {
    /// How long the window is, the present bucket in full.
    pub const WINDOW: Duration = Duration::from_secs(BUCKETS as u64 * SECONDS as u64);

    /// Nothing yet.
    pub const fn new() -> Self {
        const { assert!(BUCKETS > 0 && SECONDS > 0, "a window has a length") };
        Self { buckets: [const { Levels::new() }; BUCKETS], newest: None }
    }

    /// One more hit.
    pub fn record(&mut self, at: Duration, level: u32) {
        let number = Self::number(at);
        self.advance(number);
        if let Some(bucket) = self.bucket_mut(number) {
            bucket.record(level);
        }
    }

    /// Adds all of another, of which only what is in the later one of the two windows is left.
    pub fn merge(&mut self, other: &Self) {
        let Some(newest) = other.newest else { return };
        self.advance(newest);
        for number in Self::numbers(newest) {
            if let Some(bucket) = self.bucket_mut(number) {
                bucket.merge(&other.buckets[Self::place(number)]);
            }
        }
    }

    /// All of the window that ends with the bucket of `now`; where a later one is known, with that.
    pub fn window(&self, now: Duration) -> Levels {
        let mut window = Levels::new();
        let Some(newest) = self.newest else { return window };
        let first = *Self::numbers(Self::number(now).max(newest)).start();
        for number in Self::numbers(newest).filter(|number| *number >= first) {
            window.merge(&self.buckets[Self::place(number)]);
        }
        window
    }

    const fn number(at: Duration) -> u64 {
        at.as_secs() / SECONDS as u64
    }

    const fn place(number: u64) -> usize {
        (number % BUCKETS as u64) as usize
    }

    /// The buckets of the window that ends with this one.
    const fn numbers(newest: u64) -> core::ops::RangeInclusive<u64> {
        newest.saturating_sub(BUCKETS as u64 - 1)..=newest
    }

    /// Has the window end with this bucket, unless it ends with a later one.
    fn advance(&mut self, number: u64) {
        let Some(newest) = self.newest.replace(number) else { return };
        if number <= newest {
            self.newest = Some(newest);
            return;
        }
        let first = newest.saturating_add(1).max(*Self::numbers(number).start());
        for gone in first..=number {
            self.buckets[Self::place(gone)] = Levels::new();
        }
    }

    fn bucket_mut(&mut self, number: u64) -> Option<&mut Levels> {
        let of_window = self.newest.is_some_and(|newest| Self::numbers(newest).contains(&number));
        of_window.then(|| &mut self.buckets[Self::place(number)])
    }
}

impl<const BUCKETS: usize, const SECONDS: u32> Default for SlidingLevels<BUCKETS, SECONDS> {
    fn default() -> Self {
        Self::new()
    }
}
