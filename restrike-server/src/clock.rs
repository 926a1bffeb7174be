//! The clock of the binary: the only place that reads one.

use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

use pss_protocol::{Arrival, Monotonic, Timestamp};

/// Tells the time on both clocks: wall, and monotonic since the session began.
///
/// Everything of one process shares one `Clock`, so that times of several rings can be compared.
#[derive(Clone, Copy, Debug)]
pub struct Clock {
    origin: Instant,
}

impl Clock {
    /// A session begins now.
    pub fn start() -> Self {
        Self { origin: read().0 }
    }

    /// Now, on both clocks.
    pub fn now(&self) -> Arrival {
        let (instant, system) = read();
        let mono = instant.saturating_duration_since(self.origin);
        Arrival { wall: Some(timestamp(system)), mono: Monotonic(truncate(mono)) }
    }

    /// Now, on the clock that never jumps.
    pub fn mono(&self) -> Monotonic {
        self.now().mono
    }
}

/// The wall clock.
pub(crate) fn wall() -> Timestamp {
    timestamp(read().1)
}

/// The time as the journal and the database keep it: whole microseconds. What they hold must give the same
/// match again, so nothing finer may reach the pipeline.
fn truncate(time: Duration) -> Duration {
    Duration::from_micros(time.as_micros() as u64)
}

fn timestamp(time: SystemTime) -> Timestamp {
    // A clock set before 1970 is wrong, but a wrong wall clock must not stop a match.
    let since = time.duration_since(UNIX_EPOCH).unwrap_or_default();
    Timestamp(since.as_micros() as i64)
}

#[expect(clippy::disallowed_methods, reason = "the one clock function of the binary")]
fn read() -> (Instant, SystemTime) {
    (Instant::now(), SystemTime::now())
}
