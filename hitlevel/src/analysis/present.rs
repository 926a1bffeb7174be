//! What has to be remembered of the present round to know how long and how quickly.

use pss_protocol::{AnomalyKind, ClockTime, EventKind, MatchEvent};

use crate::Combinations;

/// The match clock of the present round, as far as events show it.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct RoundClock {
    round: u32,
    /// What it showed when the round began; `None` where that was not seen.
    began: Option<ClockTime>,
    last: Option<ClockTime>,
}

impl RoundClock {
    /// The seconds that ran since the event before it in the same round.
    pub(super) fn see(&mut self, event: &MatchEvent) -> u32 {
        let starts = matches!(event.kind, EventKind::RoundStarted);
        if starts || event.round != self.round {
            *self = Self { round: event.round, began: event.clock.filter(|_| starts), last: event.clock };
            return 0;
        }
        let Some(shown) = event.clock else { return 0 };
        let Some(before) = self.last else {
            self.last = Some(shown);
            return 0;
        };
        let (before, now) = (before.total_seconds(), shown.total_seconds());
        // What belongs together is told with the clock that each message came with: one that shows a second more than
        // the one before it is late, and no correction.
        if now == before + 1 {
            return 0;
        }
        self.last = Some(shown);
        // The clock did not run to where it jumped.
        if matches!(&event.kind, EventKind::Anomaly(anomaly) if anomaly.kind == AnomalyKind::ClockJump) {
            return 0;
        }
        before.saturating_sub(now)
    }

    /// The seconds of the match clock since the round began.
    pub(super) fn elapsed(&self, event: &MatchEvent) -> Option<u32> {
        Some(self.began?.total_seconds().saturating_sub(event.clock?.total_seconds()))
    }
}

/// An athlete's last hits of a round, the newest first.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct LastHits {
    round: u32,
    micros: [Option<u64>; Combinations::LONGEST - 1],
    clock: Option<ClockTime>,
}

impl LastHits {
    /// Takes one more; gives the time since each of those before it, or `None` where the source has no times.
    pub(super) fn next(&mut self, event: &MatchEvent) -> Option<[Option<u64>; Combinations::LONGEST - 1]> {
        if event.round != self.round {
            *self = Self { round: event.round, ..Self::default() };
        }
        self.clock = event.clock;
        // Without a wall clock the source had no times, and what stands for them means nothing.
        let now = event.at.wall.map(|_| event.at.mono.as_micros())?;
        let since = self.micros.map(|before| before.map(|before| now.abs_diff(before)));
        self.micros.rotate_right(1);
        self.micros[0] = Some(now);
        Some(since)
    }

    /// The seconds of the match clock from the last hit to the end of the round; `None` when there was no hit in it,
    /// and when the clock was set up since.
    pub(super) fn seconds_until(&self, end: &MatchEvent) -> Option<i64> {
        let (hit, end) = (self.clock?, end.clock.filter(|_| end.round == self.round)?);
        hit.total_seconds().checked_sub(end.total_seconds()).map(i64::from)
    }
}
