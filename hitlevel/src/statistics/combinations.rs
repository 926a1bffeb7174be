//! Hits in quick succession.

/// The quickest successions of an athlete's hits in one round.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Combinations {
    fastest: [Option<u64>; Self::LONGEST - 1],
    followed_up: u64,
    untimed: u64,
}

impl Combinations {
    /// The longest succession that is looked at.
    pub const LONGEST: usize = 4;

    /// A hit that comes within this many µs of the one before follows it up.
    pub const FOLLOW_UP_MICROS: u64 = 1_000_000;

    /// One more hit: `micros_since[n]` is the time since the hit n + 1 before it in the same round, where there is one.
    pub fn record(&mut self, micros_since: [Option<u64>; Self::LONGEST - 1]) {
        self.merge(&Self {
            fastest: micros_since,
            followed_up: micros_since[0].is_some_and(|micros| micros <= Self::FOLLOW_UP_MICROS).into(),
            untimed: 0,
        });
    }

    /// One more hit, of a source that has no times of arrival.
    pub const fn record_untimed(&mut self) {
        self.untimed += 1;
    }

    /// Adds all of another.
    pub fn merge(&mut self, other: &Self) {
        for (mine, others) in self.fastest.iter_mut().zip(other.fastest) {
            *mine = match (*mine, others) {
                (Some(known), Some(new)) => Some(known.min(new)),
                (known, new) => known.or(new),
            };
        }
        self.followed_up += other.followed_up;
        self.untimed += other.untimed;
    }

    /// The µs from the first to the last of the quickest `hits` in succession; `None` where there were never so
    /// many, and for less than 2 or more than [`LONGEST`](Self::LONGEST).
    pub fn fastest(&self, hits: usize) -> Option<u64> {
        self.fastest.get(hits.checked_sub(2)?).copied().flatten()
    }

    /// How many hits came within a second of the one before.
    pub const fn followed_up(&self) -> u64 {
        self.followed_up
    }

    /// How many hits had no time of arrival, so that they are in none of these.
    pub const fn untimed(&self) -> u64 {
        self.untimed
    }
}
