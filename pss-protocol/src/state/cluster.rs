//! The messages of a moment, gathered until their order can no longer change.

use alloc::vec::Vec;
use core::time::Duration;

use super::solve::{Seen, Total};
use crate::{Arrival, Athlete, Basis, ClockTime, EventKind, MessageKey, Monotonic, PerAthlete};

/// Where and when something was said.
#[derive(Clone, Copy, Debug)]
pub(super) struct Stamp {
    pub(super) at: Arrival,
    /// `None` when no single message says it.
    pub(super) key: Option<MessageKey>,
    pub(super) clock: Option<ClockTime>,
}

/// A `pt`.
#[derive(Clone, Copy, Debug)]
pub(super) struct StatedPoint {
    pub(super) stamp: Stamp,
    pub(super) athlete: Athlete,
    pub(super) amount: u32,
}

/// An `hl`.
#[derive(Clone, Copy, Debug)]
pub(super) struct StatedHit {
    pub(super) stamp: Stamp,
    pub(super) athlete: Athlete,
    pub(super) level: u32,
}

/// A message with a count for each athlete: `sc`, the current round of `s11`, or `wg`.
#[derive(Clone, Copy, Debug)]
pub(super) struct Stated<T> {
    pub(super) stamp: Stamp,
    pub(super) value: T,
}

#[derive(Clone, Debug, Default)]
pub(super) struct Cluster {
    pub(super) hits: Vec<StatedHit>,
    pub(super) points: Vec<StatedPoint>,
    pub(super) totals: Vec<Stated<Seen>>,
    pub(super) boards: Vec<Stated<PerAthlete<Option<u32>>>>,
    /// What else happened meanwhile, told in order with the rest.
    pub(super) others: Vec<(Stamp, Basis, EventKind)>,
    span: Option<(Monotonic, Monotonic)>,
}

impl Cluster {
    pub(super) fn is_empty(&self) -> bool {
        self.span.is_none()
    }

    /// Notes that something arrived.
    pub(super) fn touch(&mut self, now: Monotonic) {
        self.span = Some(self.span.map_or((now, now), |(first, _)| (first, now)));
    }

    /// When the first of it arrived.
    pub(super) fn began(&self) -> Option<Monotonic> {
        self.span.map(|(first, _)| first)
    }

    /// When it is settled if nothing more arrives. While something is left to explain it waits three times as
    /// long for a message that is late, but never longer than eight windows in all.
    pub(super) fn due(&self, window: Duration, explained: bool) -> Option<Monotonic> {
        let (first, last) = self.span?;
        let patience = if explained { window } else { window * 3 };
        Some((last + patience).min(first + window * 8))
    }

    pub(super) fn clear(&mut self) {
        self.hits.clear();
        self.points.clear();
        self.totals.clear();
        self.boards.clear();
        self.others.clear();
        self.span = None;
    }
}

/// What was said in the moments before, for telling duplicates and late datagrams from news.
#[derive(Clone, Debug, Default)]
pub(super) struct Recent {
    totals: Vec<(Monotonic, Total)>,
    points: Vec<(Monotonic, Athlete, u32)>,
    boards: Vec<(Monotonic, PerAthlete<Option<u32>>)>,
    hits: Vec<(Monotonic, Athlete, u32)>,
}

/// How long a datagram can be late.
const LATE: Duration = Duration::from_millis(400);
/// How long before a total its hit and its point may have come.
const BEFORE: Duration = Duration::from_millis(150);
/// How soon a duplicate follows.
const DUPLICATE: Duration = Duration::from_millis(120);

impl Recent {
    pub(super) fn forget_before(&mut self, now: Monotonic) {
        self.totals.retain(|(at, _)| now.since(*at) <= LATE);
        self.points.retain(|(at, ..)| now.since(*at) <= LATE);
        self.boards.retain(|(at, _)| now.since(*at) <= LATE);
        self.hits.retain(|(at, ..)| now.since(*at) <= LATE);
    }

    pub(super) fn note_total(&mut self, at: Monotonic, total: Total) {
        self.totals.push((at, total));
    }

    pub(super) fn note_point(&mut self, point: &StatedPoint) {
        self.points.push((point.stamp.at.mono, point.athlete, point.amount));
    }

    pub(super) fn note_board(&mut self, at: Monotonic, board: PerAthlete<Option<u32>>) {
        self.boards.push((at, board));
    }

    pub(super) fn note_hit(&mut self, hit: &StatedHit) {
        self.hits.push((hit.stamp.at.mono, hit.athlete, hit.level));
    }

    /// Hits of at least this level a moment before.
    pub(super) fn hits(&self, athlete: Athlete, level: u32, now: Monotonic) -> usize {
        let counts = |&&(at, who, felt): &&(Monotonic, Athlete, u32)| {
            who == athlete && felt >= level && now.since(at) <= BEFORE
        };
        self.hits.iter().filter(counts).count()
    }

    /// Stated kicks a moment before.
    pub(super) fn kicks(&self, athlete: Athlete, now: Monotonic) -> usize {
        let counts = |&&(at, who, amount): &&(Monotonic, Athlete, u32)| {
            who == athlete && amount >= 2 && now.since(at) <= BEFORE
        };
        self.points.iter().filter(counts).count()
    }

    pub(super) fn totals(&self) -> Vec<Total> {
        self.totals.iter().map(|&(_, total)| total).collect()
    }

    /// Whether the same `pt` was there a moment ago.
    pub(super) fn repeats(&self, point: &StatedPoint) -> bool {
        self.points.iter().any(|&(at, athlete, amount)| {
            athlete == point.athlete && amount == point.amount && point.stamp.at.mono.since(at) <= DUPLICATE
        })
    }

    /// Whether the same `wg` was there a moment ago.
    pub(super) fn repeats_board(&self, board: PerAthlete<Option<u32>>) -> bool {
        self.boards.iter().any(|&(_, other)| other == board)
    }

    pub(super) fn clear(&mut self) {
        self.totals.clear();
        self.points.clear();
        self.boards.clear();
        self.hits.clear();
    }
}
