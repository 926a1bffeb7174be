//! When something happened: while the clock ran, or at the table; and where datagrams are missing.

use alloc::{vec, vec::Vec};
use core::time::Duration;

use pss_protocol::{
    AnomalyKind, Basis, ChallengeState, ClockAction, EventKind, InjuryAction, MatchEvent, Monotonic,
    PointCode,
};

/// What belongs to a challenge may arrive this long after its outcome.
const LATE: Duration = Duration::from_millis(300);

/// Once the clock has run on by more seconds than this a challenge is over, whatever was said.
const GOES_ON: u32 = 5;

/// A missing datagram makes another one of this long before or after it doubtful.
const BURST: Duration = Duration::from_secs(1);

/// What can be said of the moments at which the events of a match happened.
pub(super) struct Moments {
    /// The places of the events in the order of arrival: what settles late has a higher id.
    pub(super) order: Vec<usize>,
    /// By place.
    at_table: Vec<bool>,
    /// When a datagram was missed, in the order of time.
    losses: Vec<(Monotonic, usize)>,
    ticks_lost: usize,
}

impl Moments {
    pub(super) fn of(events: &[MatchEvent]) -> Self {
        let mut order: Vec<usize> = (0..events.len()).collect();
        order.sort_by_key(|&place| (events[place].at.mono, place));
        let mut at_table = vec![false; events.len()];
        interrupted(events, &order, &mut at_table);
        stood(events, &order, &mut at_table);
        let missed = |&&place: &&usize| shows_loss(&events[place]);
        let losses: Vec<_> =
            order.iter().filter(missed).map(|&place| (events[place].at.mono, place)).collect();
        let losses = losses.into_iter().filter(|&(_, place)| !at_table[place]).collect();
        let ticks_lost = events.iter().filter(|event| is_lost_tick(event)).count();
        Self { order, at_table, losses, ticks_lost }
    }

    /// Whether this was edited at the table: in a challenge, an interruption or a rest, or while the clock stood as
    /// far as times of arrival show it.
    pub(super) fn at_table(&self, place: usize) -> bool {
        self.at_table[place]
    }

    /// How often a tick of the match clock was missed.
    pub(super) fn ticks_lost(&self) -> usize {
        self.ticks_lost
    }

    /// Whether some datagram of the same moment is missing, other than the one that `place` itself tells of.
    pub(super) fn loss_near(&self, events: &[MatchEvent], place: usize) -> bool {
        let at = events[place].at.mono;
        let from = self.losses.partition_point(|&(loss, _)| loss + BURST < at);
        let mut near = self.losses[from..].iter().take_while(|&&(loss, _)| loss <= at + BURST);
        // Not itself, and not what the same message told.
        near.any(|&(_, of)| of != place && events[of].at.mono != at)
    }
}

/// Some may have been missed at once.
fn is_lost_tick(event: &MatchEvent) -> bool {
    matches!(&event.kind, EventKind::Anomaly(anomaly) if anomaly.kind == AnomalyKind::DatagramLost)
}

/// Whether the event is there only because a datagram is not.
fn shows_loss(event: &MatchEvent) -> bool {
    match &event.kind {
        EventKind::Anomaly(anomaly) => {
            matches!(anomaly.kind, AnomalyKind::DatagramLost | AnomalyKind::PointWithoutScore)
        }
        EventKind::Point { code: PointCode::P | PointCode::K | PointCode::H, .. } => {
            event.basis == Basis::Inferred
        }
        _ => false,
    }
}

/// Marks what was edited in a challenge, an interruption or a rest.
fn interrupted(events: &[MatchEvent], order: &[usize], at_table: &mut [bool]) {
    let (mut challenges, mut fights, mut halted) = (0_u32, false, false);
    let mut requested: Option<u32> = None;
    let mut until: Option<Monotonic> = None;
    for &place in order {
        let event = &events[place];
        let shown = event.clock.map(|clock| clock.total_seconds());
        if shown.zip(requested).is_some_and(|(shown, requested)| shown + GOES_ON < requested) {
            challenges = 0; // its outcome was lost
        }
        match &event.kind {
            EventKind::RoundStarted => (challenges, fights, halted) = (0, true, false),
            EventKind::RoundEnded { .. } | EventKind::MatchEnded { .. } | EventKind::MatchLoaded => {
                fights = false
            }
            // Hits are sent only while the clock runs.
            EventKind::Hit { .. } => (fights, halted) = (true, false),
            EventKind::Challenge { state: ChallengeState::Requested, .. } => {
                challenges += 1;
                requested = shown;
            }
            EventKind::Challenge { .. } => {
                challenges = challenges.saturating_sub(1);
                until = Some(event.at.mono + LATE);
            }
            EventKind::Injury { action, .. } => halted = *action == InjuryAction::Show,
            EventKind::TimeOut { action, .. } => halted = *action == ClockAction::Start,
            _ => {}
        }
        let late = until.is_some_and(|until| event.at.mono <= until);
        at_table[place] = challenges > 0 || halted || late || !fights;
    }
}

/// Marks what happened while the clock stood for certain. While it runs, the time of arrival and what the clock shows
/// add up to the same second; where the sum grew both before and after an event, it stood on both sides of it.
fn stood(events: &[MatchEvent], order: &[usize], at_table: &mut [bool]) {
    let mut segment: Option<(u32, i64, i64)> = None; // the round, and the least and greatest the sum may be
    let mut stood_before = vec![false; events.len()];
    for &place in order {
        let Some((round, sum)) = sum(&events[place]) else { continue };
        segment = match segment.filter(|&(of, ..)| of == round) {
            Some((_, least, most)) if sum < most && sum + SECOND > least => {
                Some((round, least.max(sum), most.min(sum + SECOND)))
            }
            before => {
                stood_before[place] = before.is_some_and(|(_, _, most)| sum >= most);
                Some((round, sum, sum + SECOND))
            }
        };
    }
    let mut after: Option<(u32, i64)> = None;
    for &place in order.iter().rev() {
        let Some((round, sum)) = sum(&events[place]) else { continue };
        let stood_after = after.is_some_and(|(of, next)| of == round && next >= sum + SECOND);
        at_table[place] |= stood_before[place] && stood_after;
        after = Some((round, sum));
    }
}

const SECOND: i64 = 1_000_000;

/// The round, and the µs at which the clock would be at zero if it never stood, up to a second less than it is.
fn sum(event: &MatchEvent) -> Option<(u32, i64)> {
    // Without a wall clock the source had no times, and what stands for them means nothing.
    event.at.wall?;
    let arrived = i64::try_from(event.at.mono.as_micros()).ok()?;
    Some((event.round, arrived.saturating_add(i64::from(event.clock?.total_seconds()) * SECOND)))
}
