//! Times of a capture as both clocks of an [`Arrival`].

use std::time::Duration;

use pss_protocol::{Arrival, Monotonic, Timestamp};

/// Counts the monotonic time from the first datagram; a capture whose times run back (several interfaces, a
/// clock that was set) stands still until they have caught up.
#[derive(Debug, Default)]
pub(crate) struct CaptureClock {
    first: Option<i128>,
    last: Duration,
}

impl CaptureClock {
    /// `nanos` since 1970.
    pub(crate) fn arrival(&mut self, nanos: i128) -> Arrival {
        let first = *self.first.get_or_insert(nanos);
        let offset = u64::try_from(nanos - first).map_or(Duration::ZERO, Duration::from_nanos);
        self.last = self.last.max(offset);
        let micros = i64::try_from(nanos.div_euclid(1000)).ok();
        Arrival { wall: micros.map(Timestamp), mono: Monotonic(self.last) }
    }

    /// A packet that carries no time arrives with the one before it.
    pub(crate) fn arrival_without_time(&self) -> Arrival {
        Arrival { wall: None, mono: Monotonic(self.last) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn time_never_runs_back() {
        let mut clock = CaptureClock::default();
        let times = [5_000_000_000, 5_000_001_500, 4_000_000_000, 5_000_002_000];
        let arrivals = times.map(|nanos| clock.arrival(nanos));
        assert_eq!(arrivals.map(|at| at.mono.0.as_nanos()), [0, 1500, 1500, 2000]);
        assert_eq!(arrivals[1].wall, Some(Timestamp(5_000_001)));
        assert_eq!(arrivals[2].wall, Some(Timestamp(4_000_000)));
        assert_eq!(clock.arrival(i128::from(u64::MAX) * 1000).wall, None);
    }
}
