//! The clocks of a table: they show the floor of the time that is left.

use alloc::{format, string::String};

use super::out::{MS, Out, SECOND};
use crate::ClockTime;

/// How long after the change of the second a tick is sent.
const TICK_DELAY: u64 = 300;

/// How late an ordinary tick may be.
const TICK_LAG: u64 = 2 * MS;
/// How late a tick may be that a stop overtakes.
const OVERTAKEN_LAG: u64 = 45 * MS;

/// A clock that says its time every second: the match clock, the rest, the medical time or a time-out.
#[derive(Clone, Copy, Debug)]
pub(super) struct Clock {
    /// The code of its messages.
    code: &'static str,
    /// µs that are left.
    left: u64,
    /// The second that is shown, in whole seconds.
    shown: u64,
}

impl Clock {
    pub(super) const fn set(code: &'static str, seconds: u32) -> Self {
        Self { code, left: seconds as u64 * SECOND, shown: seconds as u64 }
    }

    pub(super) const fn left(&self) -> u64 {
        self.left
    }

    /// What is shown, in seconds.
    pub(super) const fn seconds(&self) -> u32 {
        self.shown as u32
    }

    pub(super) const fn time(&self) -> ClockTime {
        ClockTime::from_seconds(self.shown as u32)
    }

    /// The time with `action`, `clk;01:06;stop`.
    pub(super) fn say(&self, action: &str) -> String {
        format!("{};{};{action}", self.code, self.time())
    }

    /// Runs from `now` for `span` at most and gives the time that passed. The shown second changes when it is
    /// over, so the first tick follows a start from a full second at once.
    pub(super) fn run(&mut self, out: &mut Out, now: u64, span: u64) -> u64 {
        self.run_late(out, now, span, TICK_LAG)
    }

    /// Runs until just after the next tick, which arrives so late that what is said now overtakes it.
    pub(super) fn run_past_tick(&mut self, out: &mut Out, now: u64) -> u64 {
        let span = self.left - self.shown * SECOND + MS;
        self.run_late(out, now, span, OVERTAKEN_LAG)
    }

    fn run_late(&mut self, out: &mut Out, now: u64, span: u64, lag: u64) -> u64 {
        let span = span.min(self.left);
        let end = self.left - span;
        while self.shown > 0 && self.shown * SECOND > end {
            let due = now + (self.left - self.shown * SECOND) + TICK_DELAY;
            self.shown -= 1;
            out.say_late(due, lag, &format!("{};{}", self.code, self.time()));
        }
        self.left = end;
        span
    }
}
