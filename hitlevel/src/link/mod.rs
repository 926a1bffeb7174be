//! Hits linked to points.

use alloc::collections::VecDeque;
use core::time::Duration;

use pss_protocol::{
    Athlete, ClockTime, EventKey, EventKind, Linker, MatchEvent, MatchSummary, Monotonic, PerAthlete,
    PointCode, Sink,
};

use self::{
    assign::{Choice, Fit, Fits},
    few::Few,
};
use crate::HitStatistics;

mod assign;
mod few;

/// More points than this cannot score within the reorder window: whatever says so is not a match, and is not
/// waited for.
const WAITING: usize = 32;

/// How far a hit and its point may be apart.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct LinkConfig {
    /// How long before its point a hit may have been felt. Judges need that long for a kick that the sensors
    /// alone do not score. 5 s by default.
    pub window: Duration,
    /// Within this time the order of arrival means nothing, so a hit may come as much after its point. Should
    /// be the pipeline's [`reorder_window`](pss_protocol::PipelineConfig::reorder_window). 50 ms by default.
    pub reorder: Duration,
    /// How many hits of each athlete are remembered for linking, the newest; 10 by default, 16 at most.
    pub levels: usize,
}

impl Default for LinkConfig {
    fn default() -> Self {
        Self { window: Duration::from_secs(5), reorder: Duration::from_millis(50), levels: 10 }
    }
}

/// A kick that scored, and the hits that it may have come from.
#[derive(Clone, Copy, Debug, PartialEq)]
#[non_exhaustive]
pub struct Link {
    /// The point.
    pub point: EventKey,
    /// Who scored.
    pub athlete: Athlete,
    /// With what: [`PointCode::K`] or [`PointCode::H`].
    pub code: PointCode,
    /// The round of the point.
    pub round: u32,
    /// The hit that scored; `None` when none that can have was felt within the window.
    pub hit: Option<EventKey>,
    /// Its raw level.
    pub level: Option<u32>,
    /// Its round.
    pub hit_round: Option<u32>,
    /// Whether the hit is none that a sensor felt: level [`HitStatistics::JUDGED`](crate::HitStatistics::JUDGED),
    /// which a system without sensors reports when judges give the point.
    pub judged: bool,
    /// How sure the link is, from 0.0 to 1.0; 0.0 without a hit. It is the share that this link has of all ways to
    /// give the points of the moment hits or none, weighed by how near and how hard each hit was.
    pub confidence: f64,
    /// How long after the hit the point arrived, in µs; negative when the hit arrived last, `None` where the source
    /// has no times.
    pub delay_micros: Option<i64>,
    /// How many hits were considered: those of the athlete within the window that sensors felt and that scored
    /// nothing before.
    pub count: u32,
    /// The highest level among these.
    pub max: Option<u32>,
    /// The mean of their levels.
    pub average: Option<f64>,
}

/// Finds the hit behind every kick that scored.
///
/// - Hit and point are of the same athlete, the hit at most [`LinkConfig::window`] before and
///   [`LinkConfig::reorder`] after the point, and one hit scores at most one point.
/// - Among several a hit that reaches the level of the match for body or head and arrived together with the point
///   (within the reorder window) comes first, then one that arrived together, then the nearest in time that
///   reaches the level. One that does neither cannot have scored.
/// - Points of an athlete that came together are decided together, so that a hit that is too weak for the body is
///   left to the head. Where body and head may as well have each other's hit, the head has the harder.
/// - Punches have no sensor, and a technical bonus belongs to the kick before it: neither gets a link.
/// - A point that is taken back later keeps its hit: it is what the sensors had scored.
///
/// A point waits for twice the reorder window, so that a hit that arrived after it has settled, and for points
/// of the same athlete within one reorder window of it; then its [`Link`] is ready to [`drain`](Self::drain).
/// Choosing a match, and its ready, forget all hits. Memory does not grow with the length of a match as long as the
/// links are drained.
#[derive(Clone, Debug, Default)]
pub struct HitLinker {
    config: LinkConfig,
    current: Current,
    /// The newest hits that may still score, oldest first.
    recent: PerAthlete<VecDeque<Recent>>,
    /// Points that wait for a late hit.
    waiting: VecDeque<Waiting>,
    links: VecDeque<Link>,
}

/// A hit that may still score.
#[derive(Clone, Copy, Debug)]
struct Recent {
    key: EventKey,
    level: u32,
    when: Moment,
}

impl Recent {
    const fn is_judged(&self) -> bool {
        self.level == HitStatistics::JUDGED
    }
}

/// When something happened, by both clocks.
#[derive(Clone, Copy, Debug)]
struct Moment {
    at: Monotonic,
    round: u32,
    clock: Option<ClockTime>,
    /// Whether the source has times of arrival; otherwise `at` only tells the order.
    timed: bool,
}

impl Moment {
    fn of(event: &MatchEvent) -> Self {
        Self { at: event.at.mono, round: event.round, clock: event.clock, timed: event.at.wall.is_some() }
    }

    /// The time since `earlier`: that between the arrivals, but at least what the match clock shows. A recording
    /// that is replayed at full speed arrives within a moment, and its clock still tells what was seconds apart.
    fn since(self, earlier: Self) -> Duration {
        let arrived = self.at.since(earlier.at);
        match (self.clock, earlier.clock) {
            (Some(now), Some(then)) if self.round == earlier.round => {
                // The clock shows whole seconds: one more may just have begun.
                let shown = then.total_seconds().saturating_sub(now.total_seconds()).saturating_sub(1);
                arrived.max(Duration::from_secs(shown.into()))
            }
            _ => arrived,
        }
    }

    /// The time between the two, whichever was first.
    fn apart(self, other: Self) -> Duration {
        self.since(other).max(other.since(self))
    }

    /// The µs from the arrival of `earlier`, negative when it arrived later.
    fn micros_after(self, earlier: Self) -> Option<i64> {
        // Session times are far below the 292 000 years that this can hold.
        let micros = |at: Monotonic| i64::try_from(at.as_micros()).unwrap_or(i64::MAX);
        (self.timed && earlier.timed).then(|| micros(self.at) - micros(earlier.at))
    }
}

/// What is known of the match that the events belong to.
#[derive(Clone, Copy, Debug, Default)]
struct Current {
    match_index: Option<u32>,
    body_level: Option<u32>,
    head_level: Option<u32>,
}

#[derive(Clone, Copy, Debug)]
struct Waiting {
    key: EventKey,
    when: Moment,
    athlete: Athlete,
    code: PointCode,
}

impl HitLinker {
    /// A linker that knows no hit yet.
    pub fn new(config: LinkConfig) -> Self {
        let levels = config.levels.min(assign::HITS);
        Self { config: LinkConfig { levels, ..config }, ..Self::default() }
    }

    /// The links that are ready, in the order in which they became so.
    pub fn drain(&mut self) -> impl Iterator<Item = Link> + '_ {
        self.links.drain(..)
    }

    /// Settles the points that still wait: the input is over.
    pub fn finish(&mut self) {
        self.settle_where(|_, _| true);
    }

    /// Events outside of any match, a sender that comes or goes, do not end the match.
    fn enter_match(&mut self, match_index: Option<u32>) {
        if match_index.is_some() && self.current.match_index != match_index {
            self.forget();
            self.current = Current { match_index, ..Current::default() };
        }
    }

    /// Ends linking with the hits so far.
    fn forget(&mut self) {
        self.finish();
        self.recent = PerAthlete::default();
    }

    fn hit(&mut self, event: &MatchEvent, athlete: Athlete, level: u32) {
        let when = Moment::of(event);
        if self.recent[athlete].len() >= self.config.levels {
            // A point that cannot have come from this hit must not lose an older one to it.
            self.settle_where(|point, config| when.since(point.when) > config.reorder);
        }
        let recent = &mut self.recent[athlete];
        recent.push_back(Recent { key: event.key, level, when });
        if recent.len() > self.config.levels {
            recent.pop_front();
        }
    }

    /// Links every point whose late hits must have settled by `now`.
    fn settle(&mut self, now: Moment) {
        // A hit may arrive one reorder window after the point, and settles another one later.
        self.settle_where(|point, config| now.since(point.when) > config.reorder * 2);
    }

    /// Links the points that are due, oldest first, but points that came together only together: a hit that is
    /// too weak for the body must be left to the head.
    fn settle_where(&mut self, due: impl Fn(&Waiting, &LinkConfig) -> bool) {
        let config = self.config;
        while let Some(&first) = self.waiting.front() {
            let together = |point: &Waiting| {
                point.athlete == first.athlete && point.when.apart(first.when) <= config.reorder
            };
            if !self.waiting.iter().filter(|point| together(point)).all(|point| due(point, &config)) {
                return;
            }
            self.link_together(together);
        }
    }

    /// Links the first of these points that wait, as many as are decided at once.
    fn link_together(&mut self, together: impl Fn(&Waiting) -> bool) {
        let mut points = Few::<Waiting, { assign::POINTS }>::default();
        self.waiting.retain(|point| !together(point) || !points.push(*point));
        let Some(&Waiting { athlete, .. }) = points.iter().next() else { return };
        let mut fits = Fits::default();
        for (place, point) in points.iter().enumerate() {
            for (nth, hit) in self.recent[athlete].iter().enumerate() {
                fits.set(place, nth, self.fit(point, hit));
            }
        }
        let chosen = fits.assign();
        for (place, point) in points.iter().enumerate() {
            let link = self.link(point, chosen[place]);
            self.links.push_back(link);
        }
        let scored = |nth: usize| chosen.iter().any(|choice| choice.hit == Some(nth));
        let mut nth = 0..;
        self.recent[athlete].retain(|_| !nth.next().is_some_and(scored));
    }

    /// How well a hit would do for a point; `None` when it is out of its window.
    fn fit(&self, point: &Waiting, hit: &Recent) -> Option<Fit> {
        let LinkConfig { window, reorder, .. } = self.config;
        let (before, after) = (point.when.since(hit.when), hit.when.since(point.when));
        if before > window || after > reorder {
            return None;
        }
        let needed =
            if point.code == PointCode::H { self.current.head_level } else { self.current.body_level };
        let gap = before.max(after);
        let span = window.saturating_sub(reorder).as_secs_f64();
        Some(Fit {
            // A window that is no longer than the reorder window leaves nothing apart.
            apart: (gap > reorder).then(|| (gap - reorder).as_secs_f64() / span),
            reaches: needed.is_none_or(|needed| hit.level >= needed),
            head: point.code == PointCode::H,
            level: hit.level,
            gap,
        })
    }

    /// Says what became of a point. The hits of its moment are all still there.
    fn link(&self, point: &Waiting, Choice { hit, confidence }: Choice) -> Link {
        let hits = &self.recent[point.athlete];
        let (mut count, mut sum, mut max) = (0, 0, None);
        for hit in hits.iter().filter(|hit| !hit.is_judged() && self.fit(point, hit).is_some()) {
            count += 1;
            sum += u64::from(hit.level);
            max = max.max(Some(hit.level));
        }
        let scored = hit.and_then(|nth| hits.get(nth));
        Link {
            point: point.key,
            athlete: point.athlete,
            code: point.code,
            round: point.when.round,
            hit: scored.map(|hit| hit.key),
            level: scored.map(|hit| hit.level),
            hit_round: scored.map(|hit| hit.when.round),
            judged: scored.is_some_and(Recent::is_judged),
            confidence,
            delay_micros: scored.and_then(|hit| point.when.micros_after(hit.when)),
            count,
            max,
            average: (count > 0).then(|| sum as f64 / f64::from(count)),
        }
    }
}

/// Takes links up to the next one that has a hit: that hit and its point.
pub(crate) fn next_pair(links: &mut VecDeque<Link>) -> Option<(EventKey, EventKey)> {
    core::iter::from_fn(|| links.pop_front()).find_map(|link| Some((link.hit?, link.point)))
}

impl Linker for HitLinker {
    fn next_link(&mut self) -> Option<(EventKey, EventKey)> {
        next_pair(&mut self.links)
    }

    fn settle(&mut self) {
        self.finish();
    }
}

impl Sink for HitLinker {
    fn event(&mut self, event: &MatchEvent) {
        let when = Moment::of(event);
        self.enter_match(event.key.match_index);
        self.settle(when);
        match event.kind {
            EventKind::MatchLoaded | EventKind::MatchReady => self.forget(),
            EventKind::Hit { athlete, level } => self.hit(event, athlete, level),
            EventKind::Point { athlete, code: code @ (PointCode::K | PointCode::H), .. } => {
                if self.waiting.len() >= WAITING {
                    self.finish();
                }
                self.waiting.push_back(Waiting { key: event.key, when, athlete, code });
            }
            _ => {}
        }
    }

    fn match_changed(&mut self, summary: &MatchSummary) {
        // A stored match is described before any of its events comes.
        self.enter_match(Some(summary.index));
        self.current.body_level = summary.body_level;
        self.current.head_level = summary.head_level;
    }

    fn tick(&mut self, now: Monotonic) {
        self.settle(Moment { at: now, round: 0, clock: None, timed: true });
    }
}

#[cfg(test)]
mod tests;
