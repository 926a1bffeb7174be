//! How many took how long, in buckets that grow with what they hold.
//!
//! Up to 15 µs each value has a bucket. From there on each power of two is divided into 16 buckets of equal width, so
//! the largest value of a bucket is less than 1/16 above the smallest.

/// Counts of durations in µs.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Histogram {
    /// Bucket and count, in the order of the buckets; none is empty.
    buckets: Vec<(u16, u64)>,
}

impl Histogram {
    pub(crate) fn add(&mut self, micros: u64) {
        self.add_to(bucket(micros), 1);
    }

    /// Takes one away that was added before.
    pub(crate) fn remove(&mut self, micros: u64) {
        if let Ok(place) = self.find(bucket(micros)) {
            self.buckets[place].1 -= 1;
            if self.buckets[place].1 == 0 {
                self.buckets.remove(place);
            }
        }
    }

    /// Adds what another one counted.
    pub(crate) fn merge(&mut self, other: &Self) {
        for (bucket, count) in &other.buckets {
            self.add_to(*bucket, *count);
        }
    }

    /// At most so many µs took `per_cent` of what was counted; `None` where nothing was.
    pub(crate) fn percentile(&self, per_cent: u64) -> Option<u64> {
        let total: u128 = self.buckets.iter().map(|(_, count)| u128::from(*count)).sum();
        let rank = (total * u128::from(per_cent)).div_ceil(100);
        let mut seen = 0_u128;
        self.buckets.iter().find_map(|(bucket, count)| {
            seen += u128::from(*count);
            (seen >= rank).then(|| largest(*bucket))
        })
    }

    /// As in the database: for each bucket that is not empty, its distance from the one before it (from 0 for the
    /// first) and its count, each as a little-endian base-128 number.
    pub(crate) fn encode(&self) -> Vec<u8> {
        let mut out = Vec::with_capacity(self.buckets.len() * 3);
        let mut last = 0;
        for (bucket, count) in &self.buckets {
            write_number((bucket - last).into(), &mut out);
            write_number(*count, &mut out);
            last = *bucket;
        }
        out
    }

    /// The inverse of [`encode`](Self::encode); `None` for bytes that it never writes.
    pub(crate) fn decode(mut bytes: &[u8]) -> Option<Self> {
        let mut buckets = Vec::new();
        let mut last = 0;
        while !bytes.is_empty() {
            let distance = read_number(&mut bytes)?;
            let count = read_number(&mut bytes)?;
            let bucket =
                u64::from(last).checked_add(distance).filter(|bucket| *bucket <= LAST_BUCKET)? as u16;
            if count == 0 || (distance == 0 && !buckets.is_empty()) {
                return None;
            }
            buckets.push((bucket, count));
            last = bucket;
        }
        Some(Self { buckets })
    }

    fn add_to(&mut self, bucket: u16, count: u64) {
        match self.find(bucket) {
            Ok(place) => self.buckets[place].1 = self.buckets[place].1.saturating_add(count),
            Err(place) => self.buckets.insert(place, (bucket, count)),
        }
    }

    fn find(&self, bucket: u16) -> Result<usize, usize> {
        self.buckets.binary_search_by_key(&bucket, |(bucket, _)| *bucket)
    }
}

/// Buckets in each power of two, as a power of two.
const DIVISION: u32 = 4;
const LAST_BUCKET: u64 = bucket(u64::MAX) as u64;

const fn bucket(micros: u64) -> u16 {
    match micros.checked_ilog2() {
        Some(power) if power >= DIVISION => {
            let division = micros >> (power - DIVISION);
            // `division` is 16..32; the buckets of the power 4 follow those of the single values.
            ((power - DIVISION) as u16) * 16 + division as u16
        }
        _ => micros as u16,
    }
}

/// The largest value of a bucket.
const fn largest(bucket: u16) -> u64 {
    if bucket < 16 {
        return bucket as u64;
    }
    let shift = bucket as u32 / 16 - 1;
    let division = 16 + bucket as u64 % 16;
    (division << shift) + ((1 << shift) - 1)
}

fn write_number(mut number: u64, out: &mut Vec<u8>) {
    while number >= 0x80 {
        out.push(number as u8 | 0x80);
        number >>= 7;
    }
    out.push(number as u8);
}

fn read_number(bytes: &mut &[u8]) -> Option<u64> {
    let mut number = 0_u64;
    for shift in (0..64).step_by(7) {
        let (first, rest) = bytes.split_first()?;
        *bytes = rest;
        number |= u64::from(first & 0x7F) << shift;
        if first & 0x80 == 0 {
            return Some(number);
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn buckets_follow_each_other() {
        let mut last = 0;
        for micros in 0..100_000 {
            let bucket = bucket(micros);
            assert!(bucket == last || bucket == last + 1, "{micros} is in {bucket}, after {last}");
            assert!(micros <= largest(bucket));
            if bucket > last {
                assert_eq!(largest(last), micros - 1);
            }
            last = bucket;
        }
        assert_eq!(largest(bucket(u64::MAX)), u64::MAX);
    }

    #[test]
    fn percentiles_of_nothing_and_of_one() {
        let mut histogram = Histogram::default();
        assert_eq!(histogram.percentile(99), None);
        histogram.add(7);
        assert_eq!((histogram.percentile(0), histogram.percentile(100)), (Some(7), Some(7)));
    }

    #[test]
    fn what_is_no_histogram_is_refused() {
        for bytes in [&[1][..], &[1, 0], &[1, 1, 0, 1], &[0xFF, 0x7F, 1], &[0x80; 12]] {
            assert_eq!(Histogram::decode(bytes), None, "{bytes:?}");
        }
        assert_eq!(Histogram::decode(&[]), Some(Histogram::default()));
    }

    fn values() -> impl Strategy<Value = Vec<u64>> {
        prop::collection::vec(prop_oneof![0..200_u64, 0..2_000_000_u64, any::<u64>()], 1..200)
    }

    proptest! {
        #[test]
        fn percentiles_are_at_most_a_sixteenth_too_high(mut values in values(), per_cent in 0..=100_u64) {
            let mut histogram = Histogram::default();
            values.iter().for_each(|value| histogram.add(*value));
            values.sort_unstable();
            let rank = (values.len() as u64 * per_cent).div_ceil(100).max(1) as usize;
            let (exact, told) = (values[rank - 1], histogram.percentile(per_cent).unwrap());
            prop_assert!(told >= exact && told - exact <= exact / 16, "{told} for {exact}");
        }

        #[test]
        fn what_is_written_is_read(values in values()) {
            let mut histogram = Histogram::default();
            values.iter().for_each(|value| histogram.add(*value));
            prop_assert_eq!(Histogram::decode(&histogram.encode()), Some(histogram.clone()));
            let mut other = histogram.clone();
            other.merge(&histogram);
            values.iter().for_each(|value| other.remove(*value));
            prop_assert_eq!(&other, &histogram);
            values.iter().for_each(|value| other.remove(*value));
            prop_assert_eq!(other, Histogram::default());
        }

        #[test]
        fn any_bytes_are_read_or_refused(bytes in prop::collection::vec(any::<u8>(), 0..40)) {
            if let Some(histogram) = Histogram::decode(&bytes) {
                prop_assert_eq!(Histogram::decode(&histogram.encode()), Some(histogram));
            }
        }
    }
}
