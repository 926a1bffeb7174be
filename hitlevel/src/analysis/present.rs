//! What has to be remembered of the present round to know how long and how quickly.

use pss_protocol::{AnomalyKind, ClockTime, EventKind, MatchEvent, MatchSummary};

use crate::{Combinations, Tempo};

/// The match clock of the present round, as far as events show it.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct RoundClock {
    round: u32,
    /// What it showed when the round began; `None` where that was not seen.
    began: Option<ClockTime>,
    last: Option<ClockTime>,
    /// It cannot show more than this, in seconds.
    most: u32,
}

impl RoundClock {
    /// The seconds that ran since the event before it in the same round, which is said to last `length` seconds. A
    /// reading that no round of this length has moves nothing.
    pub(super) fn see(&mut self, event: &MatchEvent, length: Option<u32>) -> u32 {
        let starts = matches!(event.kind, EventKind::RoundStarted);
        if starts || event.round != self.round {
            let began = event.clock.filter(|_| starts);
            let most = longest(length, began);
            let last = event.clock.filter(|shown| shown.total_seconds() <= most);
            *self = Self { round: event.round, began, last, most };
            return 0;
        }
        let Some(shown) = event.clock.filter(|shown| shown.total_seconds() <= self.most) else { return 0 };
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
        before.saturating_sub(now)
    }

    /// The seconds of the match clock since the round began; `None` too where it shows more than it can.
    pub(super) fn elapsed(&self, event: &MatchEvent) -> Option<u32> {
        let shown = event.clock?.total_seconds();
        let began = self.began?.total_seconds();
        (shown <= self.most).then(|| began.saturating_sub(shown))
    }
}

/// What the clock of a round can show at most, in seconds: what it began with, or the length of the round where that
/// is more. A round of which neither is known is as long as [`Tempo`] counts.
pub(crate) fn longest(length: Option<u32>, began: Option<ClockTime>) -> u32 {
    length.max(began.map(ClockTime::total_seconds)).unwrap_or(Tempo::SECONDS * Tempo::SPANS as u32)
}

/// How long the rounds of a match are said to be.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct RoundLengths {
    planned: Option<u32>,
    seconds: Option<u32>,
}

impl RoundLengths {
    pub(crate) const fn of_match(summary: &MatchSummary) -> Self {
        Self { planned: summary.rounds_planned, seconds: summary.round_seconds }
    }

    /// That of one round, in seconds; that of the golden round is never said.
    pub(crate) fn of(self, round: u32) -> Option<u32> {
        self.seconds.filter(|_| self.planned.is_none_or(|planned| round <= planned))
    }
}

/// Whether it tells that the running clock went where it cannot run to.
pub(crate) fn is_clock_jump(event: &MatchEvent) -> bool {
    matches!(&event.kind, EventKind::Anomaly(anomaly) if anomaly.kind == AnomalyKind::ClockJump)
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
