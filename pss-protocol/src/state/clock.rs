//! The match clock as the scoreboard shows it.

use core::time::Duration;

use crate::{ClockAction, ClockTime, Monotonic};

/// A tick this soon after a stop is late and does not restart the clock; the sender's own lag is 50 ms, the
/// rest is for the network.
const LATE_TICK: Duration = Duration::from_millis(300);

/// What a clock message changed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum ClockChange {
    /// Nothing but the figures, or nothing at all.
    Nothing,
    /// It runs now and did not before.
    Started,
    /// It stands now and did not before.
    Stopped,
    /// The time of the round is over.
    RanOut,
    /// The figures were edited.
    Corrected,
}

#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Clock {
    time: Option<ClockTime>,
    running: bool,
    stopped_at: Option<Monotonic>,
}

impl Clock {
    pub(super) fn time(&self) -> Option<ClockTime> {
        self.time
    }

    pub(super) fn running(&self) -> bool {
        self.running
    }

    /// Shows a time without running, as at match load.
    pub(super) fn set(&mut self, time: Option<ClockTime>) {
        *self = Self { time, running: false, stopped_at: None };
    }

    /// Takes a `clk`. `fresh`: a round is set up whose clock has not run yet.
    pub(super) fn apply(
        &mut self,
        now: Monotonic,
        time: Option<ClockTime>,
        action: Option<ClockAction>,
        fresh: bool,
    ) -> ClockChange {
        match action {
            Some(ClockAction::Start) => {
                self.time = time.or(self.time);
                if core::mem::replace(&mut self.running, true) {
                    ClockChange::Nothing
                } else {
                    ClockChange::Started
                }
            }
            Some(ClockAction::Stop) if time == Some(ClockTime::ZERO) => self.run_out(now),
            Some(ClockAction::StopEnd) => self.run_out(now),
            Some(ClockAction::Stop) => {
                self.time = time.or(self.time);
                self.stopped_at = Some(now);
                if core::mem::replace(&mut self.running, false) {
                    ClockChange::Stopped
                } else {
                    ClockChange::Nothing
                }
            }
            Some(ClockAction::Correct) => {
                self.time = time.or(self.time);
                ClockChange::Corrected
            }
            None => self.tick(now, time, fresh),
        }
    }

    /// A time without an action: the block at match load, or a second of a running clock.
    fn tick(&mut self, now: Monotonic, time: Option<ClockTime>, fresh: bool) -> ClockChange {
        let Some(time) = time else { return ClockChange::Nothing };
        if self.running {
            // Older ticks that arrive late do not turn the clock back.
            if self.time.is_none_or(|shown| time < shown) {
                self.time = Some(time);
            }
            return ClockChange::Nothing;
        }
        if self.stopped_at.is_some_and(|stopped| now.since(stopped) < LATE_TICK) {
            return ClockChange::Nothing;
        }
        let counts_down = self.time.is_some_and(|shown| time < shown) || fresh;
        self.time = Some(time);
        if !counts_down || time == ClockTime::ZERO {
            return ClockChange::Nothing;
        }
        self.running = true; // its start was lost
        ClockChange::Started
    }

    fn run_out(&mut self, now: Monotonic) -> ClockChange {
        self.time = Some(ClockTime::ZERO);
        self.stopped_at = Some(now);
        self.running = false;
        ClockChange::RanOut
    }
}
