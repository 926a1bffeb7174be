//! A small generator of pseudo-random numbers, the same on every platform.

/// SplitMix64: a counter with an odd step, and a mixing of its bits as the output. One addition and three
/// xor-shift-multiplies a number, 64 bits of state, no weak seeds: all that a simulation asks for. Nothing
/// here is fit for secrets.
#[derive(Clone, Debug)]
pub(super) struct Prng(u64);

/// 2⁶⁴ divided by the golden ratio, made odd: the steps spread evenly over the circle of all values.
const STEP: u64 = 0x9E37_79B9_7F4A_7C15;

impl Prng {
    /// The stream number `stream` of `seed`; streams of one seed have nothing to do with each other.
    pub(super) const fn new(seed: u64, stream: u64) -> Self {
        Self(mix(seed ^ mix(stream.wrapping_mul(STEP))))
    }

    /// A new stream that does not change with how many numbers are drawn from this one later.
    pub(super) fn fork(&mut self) -> Self {
        Self::new(self.next(), 0)
    }

    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(STEP);
        mix(self.0)
    }

    /// Evenly from 0 to `bound` - 1; 0 for an empty range. The bias of the multiplication is below 2⁻³² for
    /// any bound used here.
    pub(super) fn below(&mut self, bound: u64) -> u64 {
        ((u128::from(self.next()) * u128::from(bound)) >> 64) as u64
    }

    /// Evenly from `low` to `high`, both included.
    pub(super) fn between(&mut self, low: u64, high: u64) -> u64 {
        low + self.below(high.saturating_sub(low) + 1)
    }

    /// True in `percent` of 100 cases.
    pub(super) fn percent(&mut self, percent: u64) -> bool {
        self.below(100) < percent
    }

    /// One of `from`, which must not be empty.
    pub(super) fn pick<'a, T>(&mut self, from: &'a [T]) -> &'a T {
        &from[self.below(from.len() as u64) as usize]
    }

    /// Any order of `items` is equally likely.
    pub(super) fn shuffle<T>(&mut self, items: &mut [T]) {
        for last in (1..items.len()).rev() {
            items.swap(last, self.below(last as u64 + 1) as usize);
        }
    }
}

const fn mix(mut bits: u64) -> u64 {
    bits = (bits ^ (bits >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
    bits = (bits ^ (bits >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
    bits ^ (bits >> 31)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_stream_is_pinned() {
        // The first outputs of SplitMix64 from state 0, as its users agree on them.
        let mut prng = Prng(0);
        assert_eq!([prng.next(), prng.next()], [0xE220_A839_7B1D_CDAF, 0x6E78_9E6A_A1B9_65F4]);
    }

    #[test]
    fn bounds_are_kept_and_reached() {
        let mut prng = Prng::new(1, 1);
        let mut seen = [false; 5];
        for _ in 0..200 {
            seen[prng.below(5) as usize] = true;
        }
        assert_eq!(seen, [true; 5]);
        assert_eq!(prng.below(0), 0);
        assert_eq!(prng.between(7, 7), 7);
        assert_eq!((prng.percent(0), prng.percent(100)), (false, true));
    }
}
