//! Hits linked to points.

use alloc::collections::VecDeque;
use core::time::Duration;

use pss_protocol::{
    Athlete, ClockTime, EventKey, EventKind, Linker, MatchEvent, MatchSummary, Monotonic, PerAthlete,
    PointCode, Sink,
};

use crate::HitStatistics;

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
    /// How many hits of each athlete are remembered for linking, the newest; 10 by default.
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
    /// The hit that scored; `None` when none was felt within the window.
    pub hit: Option<EventKey>,
    /// Its raw level.
    pub level: Option<u32>,
    /// Its round.
    pub hit_round: Option<u32>,
    /// Whether the hit is none that a sensor felt: level [`HitStatistics::JUDGED`](crate::HitStatistics::JUDGED),
    /// which a system without sensors reports when judges give the point.
    pub judged: bool,
    /// How sure the link is, from 0.0 to 1.0; 0.0 without a hit.
    pub confidence: f64,
    /// How long after the hit the point arrived, in µs; negative when the hit arrived last.
    pub delay_micros: Option<i64>,
    /// How many hits were considered: those of the athlete within the window that scored nothing before.
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
/// - Among several a hit that arrived together with the point (within the reorder window) comes first, then
///   one that reaches the level of the match for body or head, then the nearest in time.
/// - Punches have no sensor, and a technical bonus belongs to the kick before it: neither gets a link.
/// - A point that is taken back later keeps its hit: it is what the sensors had scored.
///
/// A point waits for twice the reorder window, so that a hit that arrived after it has settled, and for points
/// of the same athlete within one reorder window of it; then its [`Link`] is ready to [`drain`](Self::drain).
/// Among points that came together the body chooses before the head, which needs less. Choosing a match, and its ready, forget all hits.
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

/// When something happened, by both clocks.
#[derive(Clone, Copy, Debug)]
struct Moment {
    at: Monotonic,
    round: u32,
    clock: Option<ClockTime>,
}

impl Moment {
    fn of(event: &MatchEvent) -> Self {
        Self { at: event.at.mono, round: event.round, clock: event.clock }
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
        Self { config, ..Self::default() }
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
    /// too weak for the body must be left to the head, so the body chooses first.
    fn settle_where(&mut self, due: impl Fn(&Waiting, &LinkConfig) -> bool) {
        let reorder = self.config.reorder;
        while let Some(&first) = self.waiting.front() {
            let together = |point: &Waiting| {
                let apart = point.when.since(first.when).max(first.when.since(point.when));
                point.athlete == first.athlete && apart <= reorder
            };
            if !self.waiting.iter().filter(|point| together(point)).all(|point| due(point, &self.config)) {
                return;
            }
            let body = self.waiting.iter().position(|point| together(point) && point.code == PointCode::K);
            if let Some(point) = self.waiting.remove(body.unwrap_or_default()) {
                self.link(point);
            }
        }
    }

    fn link(&mut self, point: Waiting) {
        let LinkConfig { window, reorder, .. } = self.config;
        let level_needed = match point.code {
            PointCode::H => self.current.head_level,
            _ => self.current.body_level,
        };
        let mut best: Option<((bool, bool, Duration), Recent)> = None;
        let (mut count, mut sum, mut max) = (0, 0, None);
        for &hit in &self.recent[point.athlete] {
            let (before, after) = (point.when.since(hit.when), hit.when.since(point.when));
            if before > window || after > reorder {
                continue;
            }
            count += 1;
            sum += u64::from(hit.level);
            max = max.max(Some(hit.level));
            let gap = before.max(after);
            let weak = level_needed.is_some_and(|needed| hit.level < needed);
            let rank = (gap > reorder, weak, gap);
            if best.is_none_or(|(least, _)| rank < least) {
                best = Some((rank, hit));
            }
        }
        let scored = best.map(|(_, hit)| hit);
        if let Some(hit) = scored {
            self.recent[point.athlete].retain(|other| other.key != hit.key);
        }
        self.links.push_back(Link {
            point: point.key,
            athlete: point.athlete,
            code: point.code,
            round: point.when.round,
            hit: scored.map(|hit| hit.key),
            level: scored.map(|hit| hit.level),
            hit_round: scored.map(|hit| hit.when.round),
            judged: scored.is_some_and(|hit| hit.level == HitStatistics::JUDGED),
            confidence: best.map_or(0.0, |((apart, weak, _), _)| match (apart, weak) {
                (false, false) => 1.0,
                (false, true) | (true, false) => 0.5,
                (true, true) => 0.25,
            }),
            delay_micros: scored.map(|hit| signed_micros(point.when.at) - signed_micros(hit.when.at)),
            count,
            max,
            average: (count > 0).then(|| sum as f64 / f64::from(count)),
        });
    }
}

impl Linker for HitLinker {
    fn next_link(&mut self) -> Option<(EventKey, EventKey)> {
        loop {
            let link = self.links.pop_front()?;
            if let Some(hit) = link.hit {
                return Some((hit, link.point));
            }
        }
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
        self.settle(Moment { at: now, round: 0, clock: None });
    }
}

/// Session times are far below the 292 000 years that this can hold.
fn signed_micros(at: Monotonic) -> i64 {
    i64::try_from(at.as_micros()).unwrap_or(i64::MAX)
}

#[cfg(test)]
mod tests {
    use alloc::vec::Vec;

    use pss_protocol::Arrival;

    use super::*;

    const BLUE: Athlete = Athlete::Blue;

    /// A session in milliseconds; event ids count up over all matches.
    #[derive(Default)]
    struct Session {
        linker: HitLinker,
        next: u32,
        match_index: u32,
    }

    impl Session {
        fn event(&mut self, ms: u64, kind: EventKind) -> u32 {
            let key = EventKey { match_index: Some(self.match_index), id: self.next };
            self.next += 1;
            let at = Arrival { wall: None, mono: Monotonic::from_micros(ms * 1000) };
            self.linker.event(&MatchEvent::new(key, at, kind));
            key.id
        }

        fn hit(&mut self, ms: u64, athlete: Athlete, level: u32) -> u32 {
            self.event(ms, EventKind::Hit { athlete, level })
        }

        fn point(&mut self, ms: u64, athlete: Athlete, code: PointCode) -> u32 {
            self.event(ms, EventKind::Point { athlete, code, points: 2 })
        }

        fn levels(&mut self, body: u32, head: u32) {
            let mut summary = MatchSummary::new(self.match_index);
            (summary.body_level, summary.head_level) = (Some(body), Some(head));
            self.linker.match_changed(&summary);
        }

        /// Point and hit of every link, by id.
        fn links(&mut self) -> Vec<(u32, Option<u32>)> {
            self.linker.finish();
            self.linker.drain().map(|link| (link.point.id, link.hit.map(|hit| hit.id))).collect()
        }
    }

    #[test]
    fn hit_and_point_link_in_either_order() {
        let mut session = Session::default();
        let before = session.hit(1000, BLUE, 30);
        let first = session.point(1003, BLUE, PointCode::K);
        let second = session.point(9000, BLUE, PointCode::H);
        let after = session.hit(9050, BLUE, 20);
        assert_eq!(session.links(), [(first, Some(before)), (second, Some(after))]);
    }

    #[test]
    fn what_the_match_clock_tells_apart_is_apart_however_fast_it_came() {
        let mut session = Session::default();
        let mut kick = |id: u32, seconds: u32| {
            for (id, kind) in [
                (id, EventKind::Hit { athlete: BLUE, level: 30 }),
                (id + 1, EventKind::Point { athlete: BLUE, code: PointCode::K, points: 2 }),
            ] {
                let key = EventKey { match_index: Some(0), id };
                let at = Arrival { wall: None, mono: Monotonic::from_micros(id.into()) };
                let mut event = MatchEvent::new(key, at, kind);
                (event.round, event.clock) = (1, Some(ClockTime::from_seconds(seconds)));
                session.linker.event(&event);
            }
        };
        (0..20).for_each(|nth| kick(2 * nth, 110 - 5 * nth));
        let links = session.links();
        assert_eq!(links, (0..20).map(|nth| (2 * nth + 1, Some(2 * nth))).collect::<Vec<_>>());
    }

    #[test]
    fn a_link_says_what_was_considered() {
        let mut session = Session::default();
        session.hit(1000, BLUE, 10);
        session.hit(2000, BLUE, 21);
        session.hit(2000, Athlete::Red, 90);
        let point = session.point(2400, BLUE, PointCode::K);
        session.linker.finish();
        let link = session.linker.drain().next().expect("a kick is always linked");
        assert_eq!((link.point.id, link.athlete, link.code), (point, BLUE, PointCode::K));
        assert_eq!((link.level, link.delay_micros), (Some(21), Some(400_000)));
        assert_eq!((link.count, link.max, link.average), (2, Some(21), Some(15.5)));
    }

    #[test]
    fn the_window_is_closed_on_both_sides() {
        let mut session = Session::default();
        session.hit(999, BLUE, 30);
        let early = session.point(6000, BLUE, PointCode::K);
        session.hit(6051, BLUE, 30);
        session.linker.tick(Monotonic::from_micros(6_200_000));
        let links: Vec<_> = session.linker.drain().collect();
        assert_eq!(links.len(), 1);
        assert_eq!((links[0].point.id, links[0].hit, links[0].count), (early, None, 0));
        assert_eq!((links[0].max, links[0].average, links[0].delay_micros), (None, None, None));
        let on_time = session.point(11_051, BLUE, PointCode::K);
        let links = session.links();
        assert_eq!(links[0].0, on_time);
        assert!(links[0].1.is_some(), "exactly the window before the point still counts");
    }

    #[test]
    fn a_point_waits_for_hits_that_settle_after_it() {
        let mut session = Session::default();
        session.point(1000, BLUE, PointCode::K);
        session.linker.tick(Monotonic::from_micros(1_100_000));
        assert_eq!(session.linker.drain().count(), 0);
        session.linker.tick(Monotonic::from_micros(1_100_001));
        assert_eq!(session.linker.drain().count(), 1);
    }

    #[test]
    fn punches_and_technical_bonuses_take_no_hit() {
        let mut session = Session::default();
        let hit = session.hit(1000, BLUE, 30);
        session.point(1000, BLUE, PointCode::P);
        session.point(1001, BLUE, PointCode::Tb);
        session.point(1001, BLUE, PointCode::Th);
        let kick = session.point(1002, BLUE, PointCode::K);
        assert_eq!(session.links(), [(kick, Some(hit))]);
    }

    #[test]
    fn one_hit_scores_once() {
        let mut session = Session::default();
        let hit = session.hit(1000, BLUE, 30);
        let first = session.point(1001, BLUE, PointCode::K);
        let second = session.point(1002, BLUE, PointCode::K);
        assert_eq!(session.links(), [(first, Some(hit)), (second, None)]);
    }

    #[test]
    fn the_nearest_hit_wins_unless_too_weak() {
        let mut session = Session::default();
        session.hit(1000, BLUE, 40);
        let near = session.hit(2000, BLUE, 12);
        let point = session.point(4000, BLUE, PointCode::K);
        assert_eq!(session.links(), [(point, Some(near))]);

        // Whether the match is described before anything happens in it, as a stored one is, or after.
        for described_first in [true, false] {
            let mut session = Session::default();
            if described_first {
                session.levels(27, 10);
            }
            session.event(0, EventKind::MatchLoaded);
            if !described_first {
                session.levels(27, 10);
            }
            let valid = session.hit(1000, BLUE, 40);
            let weak = session.hit(2000, BLUE, 12);
            let body = session.point(4000, BLUE, PointCode::K);
            let head = session.point(4001, BLUE, PointCode::H);
            assert_eq!(session.links(), [(body, Some(valid)), (head, Some(weak))]);
        }
    }

    #[test]
    fn a_hit_at_the_point_beats_a_stronger_one_long_before() {
        let mut session = Session::default();
        session.event(0, EventKind::MatchLoaded);
        session.levels(27, 10);
        session.hit(1000, BLUE, 40);
        let point = session.point(4000, BLUE, PointCode::K);
        let with_it = session.hit(4003, BLUE, 20);
        assert_eq!(session.links(), [(point, Some(with_it))]);
    }

    #[test]
    fn of_points_that_came_together_the_body_takes_the_hit_that_only_it_needs() {
        let mut session = Session::default();
        session.event(0, EventKind::MatchLoaded);
        session.levels(27, 10);
        let head = session.point(4000, BLUE, PointCode::H);
        let strong = session.hit(4001, BLUE, 38);
        let weak = session.hit(4002, BLUE, 19);
        let body = session.point(4040, BLUE, PointCode::K);
        session.linker.tick(Monotonic::from_micros(4_110_000));
        assert_eq!(session.linker.drain().count(), 0, "the head waits for the body");
        assert_eq!(session.links(), [(body, Some(strong)), (head, Some(weak))]);
    }

    #[test]
    fn only_the_newest_levels_are_kept() {
        let mut session = Session::default();
        for ms in 0..12 {
            session.hit(1000 + ms, BLUE, 30);
        }
        session.point(3000, BLUE, PointCode::K);
        session.linker.finish();
        assert_eq!(session.linker.drain().next().map(|link| link.count), Some(10));
    }

    #[test]
    fn later_hits_do_not_push_out_the_hit_of_a_waiting_point() {
        let mut session = Session::default();
        let hit = session.hit(1000, BLUE, 30);
        let point = session.point(1001, BLUE, PointCode::K);
        for ms in 60..80 {
            session.hit(1000 + ms, BLUE, 30);
        }
        assert_eq!(session.links(), [(point, Some(hit))]);
    }

    #[test]
    fn load_and_ready_forget_hits() {
        for kind in [EventKind::MatchLoaded, EventKind::MatchReady] {
            let mut session = Session::default();
            session.hit(1000, BLUE, 30);
            session.event(1100, kind);
            let point = session.point(1200, BLUE, PointCode::K);
            assert_eq!(session.links(), [(point, None)]);
        }
    }

    #[test]
    fn a_point_that_waits_when_the_match_changes_is_linked_in_its_own_match() {
        let mut session = Session::default();
        let hit = session.hit(1000, BLUE, 30);
        let point = session.point(1001, BLUE, PointCode::K);
        session.match_index += 1;
        session.hit(1002, BLUE, 99);
        assert_eq!(session.links(), [(point, Some(hit))]);
    }
}
