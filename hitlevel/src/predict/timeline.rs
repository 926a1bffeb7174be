//! A match from its beginning to its end, as it was predicted on the way.

use alloc::vec::Vec;

use pss_protocol::MatchEvent;

use super::{MOST_SECONDS, Prediction, Predictor};
use crate::{Course, Measured, Stage, Standing, standing::Walk};

/// What was to be expected at one moment of a match.
#[derive(Clone, Copy, Debug, PartialEq)]
#[non_exhaustive]
pub struct Moment {
    /// The place in [`Course::events`] of the last event before it, or that made it.
    pub place: usize,
    /// Where the match stood.
    pub standing: Standing,
    /// Who would win.
    pub prediction: Measured<Prediction>,
}

impl Moment {
    /// Without anything that happens there is a moment every so many seconds of the running clock.
    pub const SECONDS: u32 = 10;

    /// No match has more moments than this: there are a few hundred, and what comes later is left out.
    pub const MOST: usize = 1000;
}

/// Where a match stood, event by event and every [`Moment::SECONDS`]: the first [`Moment::MOST`] of them.
pub(super) fn moments(predictor: &Predictor, course: &Course) -> Vec<Moment> {
    let mut moments = Vec::new();
    let mut add = |place, standing: &Standing| {
        if moments.len() < Moment::MOST {
            moments.push(Moment { place, standing: *standing, prediction: predictor.predict(standing) });
        }
    };
    walk(course, |step| match step {
        Step::Clock(place, standing) => add(place, standing),
        Step::Event(place, before, after) => {
            let passed = Standing { seconds_left: after.seconds_left, ..*before };
            if passed != *after {
                add(place, after);
            }
        }
    });
    moments
}

/// What is met on the way through a match.
pub(super) enum Step<'a> {
    /// The running clock reached a multiple of [`Moment::SECONDS`]; with the place of the event before.
    Clock(usize, &'a Standing),
    /// An event, by its place, with the standings before and after it.
    Event(usize, &'a Standing, &'a Standing),
}

pub(super) fn walk(course: &Course, mut each: impl FnMut(Step<'_>)) {
    let mut walk = Walk::new(&course.summary);
    for (place, event) in course.events.iter().enumerate() {
        for seconds in passed(walk.standing(), event) {
            let standing = Standing { seconds_left: Some(seconds), ..*walk.standing() };
            each(Step::Clock(place.saturating_sub(1), &standing));
        }
        let before = *walk.standing();
        walk.apply(event);
        each(Step::Event(place, &before, walk.standing()));
    }
}

/// The multiples of [`Moment::SECONDS`] that the clock shows from the event before to this one, without 0.
fn passed(standing: &Standing, event: &MatchEvent) -> impl Iterator<Item = u32> + use<> {
    let now = event.clock.map(|clock| clock.total_seconds());
    let fought = standing.stage == Stage::During && standing.round == event.round;
    let (now, before) = match (now, standing.seconds_left) {
        // A clock that lost more than a round was set.
        (Some(now), Some(before)) if fought && before.saturating_sub(now) <= longest(standing) => {
            (now, before)
        }
        _ => (0, 0),
    };
    let places = now.div_ceil(Moment::SECONDS).max(1)..before.div_ceil(Moment::SECONDS);
    places.rev().map(|place| place * Moment::SECONDS)
}

/// As long as the present round can last, in seconds.
fn longest(standing: &Standing) -> u32 {
    let least = if standing.golden { Standing::GOLDEN_SECONDS } else { 0 };
    standing.round_seconds.map_or(MOST_SECONDS, |length| length.clamp(least, MOST_SECONDS))
}
