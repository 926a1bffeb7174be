//! The axis that all figures of a match share: the running time of its rounds, side by side.

use pss_protocol::{EventKind, MatchEvent};

use super::canvas::{Align, At, Canvas, Dash, Drawn, FAINT, GREY, INK, WIDTH};
use crate::{
    Course,
    analysis::{RoundLengths, longest},
};

/// Room for the names of panels and lanes.
pub(super) const LEFT: i32 = 92;
const RIGHT: i32 = 16;
/// Between two rounds, and after the last one: room for the score at its end.
const GAP: i32 = 56;
/// No match has more. What comes later, from a sender that counts on and on, is drawn in the last one.
const ROUNDS: usize = 10;

/// Where each event of a match is on paper.
///
/// A round is as long as its clock was seen running, so that time runs only ahead, even where the clock was set
/// back. What happens while it stands is where it stands.
#[derive(Clone, Debug)]
pub(super) struct TimeAxis {
    rounds: Vec<Span>,
    /// For each event: the place of its round in `rounds` (what was before the first is in the first), and the
    /// seconds in it.
    places: Vec<(usize, u32)>,
    /// What the clock showed at each event.
    shown: Vec<Option<u32>>,
    pixels_per_second: f64,
}

/// A round on the axis.
#[derive(Clone, Copy, Debug)]
pub(super) struct Span {
    pub(super) round: u32,
    /// How long it ran.
    pub(super) seconds: u32,
    left: i32,
}

impl TimeAxis {
    pub(super) fn of(course: &Course) -> Self {
        let mut rounds: Vec<Span> = Vec::new();
        let mut places = Vec::with_capacity(course.events.len());
        let lengths = RoundLengths::of_match(&course.summary);
        // What the clock of the round can show at most.
        let (mut ran, mut shown, mut most) = (0_u32, None, longest(lengths.of(0), None));
        for event in &course.events {
            if enters(event, &rounds) {
                rounds.push(Span { round: event.round, seconds: 0, left: 0 });
                (ran, shown) = (0, None);
                let starts = matches!(event.kind, EventKind::RoundStarted);
                most = longest(lengths.of(event.round), event.clock.filter(|_| starts));
            }
            let seen = event.clock.map(|clock| clock.total_seconds()).filter(|&now| now <= most);
            if let Some(now) = seen {
                ran = ran.saturating_add(shown.map_or(0, |before: u32| before.saturating_sub(now)));
                // A round is begun again after a false start: its clock is full again.
                shown = Some(now);
            }
            if let Some(span) = rounds.last_mut() {
                span.seconds = span.seconds.max(ran);
            }
            places.push((rounds.len().saturating_sub(1), ran));
        }
        let total = rounds.iter().map(|span| span.seconds.max(1)).fold(0, u32::saturating_add);
        let room = WIDTH - LEFT - RIGHT - GAP * i32::try_from(rounds.len()).unwrap_or(i32::MAX / GAP);
        let pixels_per_second = f64::from(room.max(1)) / f64::from(total.max(1));
        let mut left = LEFT;
        for span in &mut rounds {
            span.left = left;
            left += pixels(span.seconds.max(1), pixels_per_second) + GAP;
        }
        let shown =
            course.events.iter().map(|event| event.clock.map(|clock| clock.total_seconds())).collect();
        Self { rounds, places, shown, pixels_per_second }
    }

    /// The rounds that something happened in.
    pub(super) fn rounds(&self) -> &[Span] {
        &self.rounds
    }

    /// Which of [`rounds`](Self::rounds) an event belongs to.
    pub(super) fn round_of(&self, event: usize) -> usize {
        self.places.get(event).map_or(0, |&(round, _)| round)
    }

    /// Where an event is.
    pub(super) fn x(&self, event: usize) -> i32 {
        let (round, seconds) = self.places.get(event).copied().unwrap_or_default();
        self.x_at(round, seconds)
    }

    /// Where the clock shows `seconds_left`, after an event and before the next.
    pub(super) fn x_later(&self, event: usize, seconds_left: Option<u32>) -> i32 {
        let (round, seconds) = self.places.get(event).copied().unwrap_or_default();
        let passed = match (self.shown.get(event).copied().flatten(), seconds_left) {
            (Some(shown), Some(left)) => shown.saturating_sub(left),
            _ => 0,
        };
        self.x_at(round, seconds.saturating_add(passed))
    }

    /// Where a moment of a round is.
    pub(super) fn x_at(&self, round: usize, seconds: u32) -> i32 {
        let Some(span) = self.rounds.get(round) else { return LEFT };
        span.left + pixels(seconds.min(span.seconds.max(1)), self.pixels_per_second)
    }

    /// Where a round begins and ends.
    pub(super) fn ends(&self, round: usize) -> (i32, i32) {
        let seconds = self.rounds.get(round).map_or(0, |span| span.seconds.max(1));
        (self.x_at(round, 0), self.x_at(round, seconds))
    }

    /// The frame of each round from `top` to `bottom`, its name above when `named`, and the time below.
    pub(super) fn draw(&self, canvas: &Canvas<'_>, top: i32, bottom: i32, named: bool) -> Drawn {
        for (place, span) in self.rounds.iter().enumerate() {
            let (left, right) = self.ends(place);
            if named && right - left > 40 {
                let middle = ((left + right) / 2, top - 12);
                canvas.text(&format!("Round {}", span.round), middle, INK, Align::Middle)?;
            }
            let step = self.step();
            for seconds in (0..=span.seconds).step_by(step as usize) {
                let x = self.x_at(place, seconds);
                canvas.line(&[(x, top), (x, bottom)], FAINT, 1, Dash::Solid)?;
                let label = format!("{}:{:02}", seconds / 60, seconds % 60);
                canvas.small(&label, (x, bottom + 13), GREY, Align::Middle)?;
            }
            canvas.frame((left, top), (right, bottom), GREY)?;
        }
        Ok(())
    }

    /// Seconds between two times that are written: so many that they have room, however long the rounds are.
    fn step(&self) -> u32 {
        let wide = |step: &u32| pixels(*step, self.pixels_per_second) >= 60;
        let hours = core::iter::successors(Some(3600_u32), |step| step.checked_mul(2));
        [10, 20, 30, 60, 120, 300, 600, 1800].into_iter().chain(hours).find(wide).unwrap_or(u32::MAX)
    }

    /// What to say where there is nothing to show.
    pub(super) fn is_empty(&self) -> bool {
        self.rounds.is_empty()
    }
}

/// Whether an event begins another round of the axis. What comes late and names an older round does not.
fn enters(event: &MatchEvent, rounds: &[Span]) -> bool {
    let happens = !matches!(
        event.kind,
        EventKind::MatchLoaded | EventKind::MatchReady | EventKind::SenderConnected | EventKind::SenderGone
    );
    happens
        && event.round > 0
        && rounds.len() < ROUNDS
        && rounds.last().is_none_or(|last| event.round > last.round)
}

fn pixels(seconds: u32, per_second: f64) -> i32 {
    (f64::from(seconds) * per_second).round() as i32
}

/// A vertical scale: values to pixels.
#[derive(Clone, Copy, Debug)]
pub(super) struct Scale {
    least: f64,
    most: f64,
    at_least: i32,
    at_most: i32,
}

impl Scale {
    /// `least` is drawn at the first pixel, `most` at the second.
    pub(super) fn new((least, at_least): (f64, i32), (most, at_most): (f64, i32)) -> Self {
        Self { least, most: if most > least { most } else { least + 1.0 }, at_least, at_most }
    }

    /// Where a value is; what is outside is at the edge.
    pub(super) fn at(&self, value: f64) -> i32 {
        let share = ((value - self.least) / (self.most - self.least)).clamp(0.0, 1.0);
        self.at_least + (share * f64::from(self.at_most - self.at_least)).round() as i32
    }
}

/// A value's line across the whole figure, with the value at its left.
pub(super) fn ruler(canvas: &Canvas<'_>, label: &str, y: i32) -> Drawn {
    let from: At = (LEFT - 4, y);
    canvas.line(&[from, (WIDTH - RIGHT - GAP, y)], FAINT, 1, Dash::Solid)?;
    canvas.small(label, (LEFT - 10, y), GREY, Align::Right)
}
