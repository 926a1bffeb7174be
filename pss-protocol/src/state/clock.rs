//! The match clock as the scoreboard shows it.

use core::time::Duration;

use crate::{ClockAction, ClockTime, Monotonic};

/// How late a tick can be: this soon after a stop it does not restart the clock. The sender's own lag is 50 ms,
/// the rest is for the network.
const LATE: Duration = Duration::from_millis(300);

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
    /// It runs, and shows more than a moment ago.
    Jumped,
    /// The same after a silence: it may be another round.
    Returned,
}

#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Clock {
    time: Option<ClockTime>,
    running: bool,
    stopped_at: Option<Monotonic>,
    /// Seconds that no tick showed, and since when they are waited for.
    missing: u16,
    missing_since: Monotonic,
    /// When it was last heard.
    heard: Monotonic,
}

/// A running clock that shows this much more was set back; less is an older tick that came late.
const JUMP_SECONDS: u32 = 3;

/// A running clock that was silent this long has not just lost a tick or two.
const SILENCE: Duration = Duration::from_secs(3);

impl Clock {
    pub(super) fn time(&self) -> Option<ClockTime> {
        self.time
    }

    pub(super) fn running(&self) -> bool {
        self.running
    }

    /// Whether it has been standing since this long before `now`.
    pub(super) fn stood(&self, since: Duration, now: Monotonic) -> bool {
        !self.running && self.stopped_at.is_none_or(|stopped| now.since(stopped) >= since)
    }

    /// Shows a time without running, as at match load.
    pub(super) fn set(&mut self, time: Option<ClockTime>) {
        *self = Self { time, ..Self::default() };
    }

    /// Takes a `clk`. `fresh`: a round is set up whose clock has not run yet.
    pub(super) fn apply(
        &mut self,
        now: Monotonic,
        time: Option<ClockTime>,
        action: Option<ClockAction>,
        fresh: bool,
    ) -> ClockChange {
        let silent = now.since(self.heard) >= SILENCE;
        self.heard = now;
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
            None => match self.tick(now, time, fresh) {
                ClockChange::Jumped if silent => ClockChange::Returned,
                change => change,
            },
        }
    }

    /// A time without an action: the block at match load, or a second of a running clock.
    fn tick(&mut self, now: Monotonic, time: Option<ClockTime>, fresh: bool) -> ClockChange {
        let Some(time) = time else { return ClockChange::Nothing };
        if self.running {
            return self.running_tick(now, time);
        }
        if self.stopped_at.is_some_and(|stopped| now.since(stopped) < LATE) {
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

    fn running_tick(&mut self, now: Monotonic, time: ClockTime) -> ClockChange {
        let Some(shown) = self.time else {
            self.time = Some(time);
            return ClockChange::Nothing;
        };
        if time > shown {
            if time.total_seconds() >= shown.total_seconds() + JUMP_SECONDS {
                self.time = Some(time);
                self.missing = 0;
                return ClockChange::Jumped;
            }
            self.missing = self.missing.saturating_sub(1); // an older tick that came late
            return ClockChange::Nothing;
        }
        let skipped = shown.total_seconds().saturating_sub(time.total_seconds()).saturating_sub(1);
        if skipped > 0 {
            self.missing = self.missing.saturating_add(u16::try_from(skipped).unwrap_or(u16::MAX));
            self.missing_since = now;
        }
        self.time = Some(time);
        ClockChange::Nothing
    }

    /// How many seconds no tick showed, once none of them can come late any more.
    pub(super) fn take_missing(&mut self, now: Monotonic) -> Option<u16> {
        let over = self.missing > 0 && now.since(self.missing_since) >= LATE;
        over.then(|| core::mem::take(&mut self.missing))
    }

    fn run_out(&mut self, now: Monotonic) -> ClockChange {
        self.time = Some(ClockTime::ZERO);
        self.stopped_at = Some(now);
        self.running = false;
        ClockChange::RanOut
    }
}
