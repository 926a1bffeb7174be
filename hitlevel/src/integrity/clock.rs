//! The match clock against the times of arrival.

use alloc::{format, vec::Vec};
use core::time::Duration;

use pss_protocol::{AnomalyKind, EventKind};

use crate::analysis::{RoundLengths, longest};

use super::{Irregularity, IrregularityKind, Weight, within::Look};

/// A clock that shows whole seconds, and one lost tick: less than this is no difference, in seconds.
const TOLERANCE: f64 = 2.0;

/// A clock that counts so much faster than time passes was not set once, it runs fast.
const FAST: f64 = 1.15;

/// Lost ticks are told this long after the one that shows it.
const TICKS: Duration = Duration::from_secs(2);

/// The pace is looked at only if so much was seen, in seconds of the match clock.
const LEAST_SECONDS: f64 = 10.0;

/// From one event of a round to the next one that shows a time.
#[derive(Clone, Copy)]
struct Step {
    from: usize,
    to: usize,
    /// Seconds of the match clock; negative where it shows more than before.
    counted: f64,
    /// Seconds between the arrivals.
    passed: f64,
}

impl Step {
    fn excess(&self) -> f64 {
        self.counted - self.passed
    }
}

pub(super) fn look(look: &Look<'_>, found: &mut Vec<Irregularity>) {
    let steps = steps(look);
    if runs_fast(&steps) {
        found.extend(ran_fast(look, &steps));
    }
    // A clock that runs fast loses more than passes all the time.
    let least = if runs_fast(&steps) { f64::INFINITY } else { TOLERANCE };
    found.extend(steps.iter().filter_map(|step| was_set(look, step, least)));
}

/// The steps of all rounds.
fn steps(look: &Look<'_>) -> Vec<Step> {
    let mut steps = Vec::new();
    let lengths = RoundLengths::of_match(&look.course.summary);
    let mut last: Option<usize> = None;
    let mut began = None;
    for &place in &look.moments.order {
        let event = &look.events()[place];
        match event.kind {
            EventKind::MatchLoaded | EventKind::MatchReady | EventKind::MatchStarted => {
                last = None;
                continue;
            }
            EventKind::RoundStarted => (last, began) = (None, event.clock),
            _ => {}
        }
        // Without a wall clock the source had no times, and what stands for them means nothing.
        let (Some(shown), Some(_)) = (event.clock, event.at.wall) else { continue };
        if shown.total_seconds() > longest(lengths.of(event.round), began) {
            continue;
        }
        let before = last.replace(place).map(|from| (from, &look.events()[from]));
        let Some((from, before)) = before.filter(|(_, before)| before.round == event.round) else { continue };
        let Some(showed) = before.clock else { continue };
        let counted = f64::from(showed.total_seconds()) - f64::from(shown.total_seconds());
        let passed = event.at.mono.since(before.at.mono).as_secs_f64();
        steps.push(Step { from, to: place, counted, passed });
    }
    steps
}

/// Whether the clock counted more seconds than passed, and not in one step.
fn runs_fast(steps: &[Step]) -> bool {
    let greatest = steps.iter().map(Step::excess).fold(0.0, f64::max);
    let (counted, passed) = pace(steps);
    counted >= LEAST_SECONDS && counted - greatest > FAST * passed + TOLERANCE
}

/// The seconds that the clock counted, and those that passed with it. Where it shows the same for longer than a second
/// it stood.
fn pace(steps: &[Step]) -> (f64, f64) {
    let counting = steps.iter().filter(|step| step.counted >= 0.0);
    counting.fold((0.0, 0.0), |(counted, passed), step| {
        let with_it = if step.counted > 0.0 { step.passed } else { step.passed.min(1.0) };
        (counted + step.counted, passed + with_it)
    })
}

fn ran_fast(look: &Look<'_>, steps: &[Step]) -> Option<Irregularity> {
    let counting = steps.iter().filter(|step| step.counted > 0.0);
    let places: Vec<_> = counting.flat_map(|step| [step.from, step.to]).collect();
    let (counted, passed) = pace(steps);
    let text = format!("the match clock counted {counted:.0} s while {passed:.1} s passed");
    let told = look.tell(IrregularityKind::ClockFast, Weight::Question, None, &places, text)?;
    Some(Irregularity { athlete: None, ..told })
}

/// The clock shows more than before, or lost more seconds than passed.
fn was_set(look: &Look<'_>, step: &Step, least: f64) -> Option<Irregularity> {
    let text = if step.counted < 0.0 {
        format!("the match clock shows {:.0} s more than before: it was set", -step.counted)
    } else if step.excess() > least {
        format!("the match clock lost {:.0} s in {:.1} s: it was set", step.counted, step.passed)
    } else {
        return None;
    };
    if told_already(look, step) {
        return None;
    }
    let told = look.tell(IrregularityKind::ClockSet, Weight::Note, None, &[step.to, step.from], text)?;
    Some(Irregularity { athlete: None, ..told })
}

/// A jump is an anomaly of its own; where ticks were lost the clock that was known was an old one.
fn told_already(look: &Look<'_>, step: &Step) -> bool {
    let (events, order) = (look.events(), &look.moments.order);
    let soon = events[step.to].at.mono + TICKS;
    let from = order.partition_point(|&place| events[place].at.mono < events[step.from].at.mono);
    let mut near =
        order[from..].iter().map(|&place| &events[place]).take_while(|event| event.at.mono <= soon);
    near.any(|event| {
        matches!(&event.kind, EventKind::Anomaly(anomaly)
            if matches!(anomaly.kind, AnomalyKind::ClockJump | AnomalyKind::DatagramLost))
    })
}
