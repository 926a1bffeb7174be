//! The clock of this program, read here and nowhere else.

use std::time::{Duration, Instant};

use jiff::Timestamp as Wall;
use pss_protocol::{Arrival, Monotonic, Timestamp};

/// Both clocks from one moment on.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Clock {
    started: Instant,
}

impl Clock {
    /// Counts from now.
    #[expect(clippy::disallowed_methods, reason = "the one clock function of this program")]
    pub(crate) fn start() -> Self {
        Self { started: Instant::now() }
    }

    /// The time since the start.
    pub(crate) fn elapsed(&self) -> Duration {
        self.started.elapsed()
    }

    /// Now, on both clocks.
    pub(crate) fn now(&self) -> Arrival {
        Arrival { wall: Some(wall()), mono: Monotonic(self.elapsed()) }
    }
}

/// The wall clock.
pub(crate) fn wall() -> Timestamp {
    Timestamp(Wall::now().as_microsecond())
}
