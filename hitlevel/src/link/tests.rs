//! What the linker does with short sessions.

use alloc::vec::Vec;

use pss_protocol::{Arrival, Timestamp};

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
        let at = Arrival { wall: Some(Timestamp(0)), mono: Monotonic::from_micros(ms * 1000) };
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
    assert_eq!(session.links(), [(head, Some(weak)), (body, Some(strong))]);
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

#[test]
fn a_hit_long_before_that_was_too_weak_cannot_have_scored() {
    let mut session = Session::default();
    session.event(0, EventKind::MatchLoaded);
    session.levels(27, 10);
    session.hit(1000, BLUE, 12);
    let point = session.point(2000, BLUE, PointCode::K);
    session.linker.finish();
    let link = session.linker.drain().next().expect("a kick is always told");
    assert_eq!((link.point.id, link.hit, link.confidence), (point, None, 0.0));
    assert_eq!((link.count, link.max), (1, Some(12)), "it was looked at");
}

#[test]
fn judged_hits_are_linked_and_set_apart() {
    let mut session = Session::default();
    session.hit(1000, BLUE, 99);
    session.hit(1500, BLUE, 31);
    session.point(1001, BLUE, PointCode::K);
    session.point(1501, BLUE, PointCode::K);
    session.linker.finish();
    let links: Vec<_> = session.linker.drain().collect();
    assert_eq!((links[0].judged, links[0].level, links[0].count, links[0].max), (true, Some(99), 0, None));
    assert_eq!((links[1].judged, links[1].count, links[1].average), (false, 1, Some(31.0)));
}

#[test]
fn of_body_and_head_the_head_has_the_harder_hit_and_nobody_is_sure() {
    for order in [[40, 30], [30, 40]] {
        let mut session = Session::default();
        session.event(0, EventKind::MatchLoaded);
        session.levels(27, 10);
        session.hit(4000, BLUE, order[0]);
        let body = session.point(4001, BLUE, PointCode::K);
        let head = session.point(4002, BLUE, PointCode::H);
        session.hit(4003, BLUE, order[1]);
        session.linker.finish();
        let links: Vec<_> = session.linker.drain().collect();
        let told: Vec<_> = links.iter().map(|link| (link.point.id, link.level)).collect();
        assert_eq!(told, [(body, Some(30)), (head, Some(40))]);
        assert!(links.iter().all(|link| (0.4..0.5).contains(&link.confidence)), "{links:?}");
    }
}

#[test]
fn confidence_falls_with_the_distance_and_with_rivals() {
    let confidence = |hits: &[u64]| {
        let mut session = Session::default();
        hits.iter().for_each(|&ms| _ = session.hit(ms, BLUE, 30));
        session.point(6000, BLUE, PointCode::K);
        session.linker.finish();
        session.linker.drain().next().expect("a kick is always told").confidence
    };
    let falling = [
        confidence(&[6000]),
        confidence(&[2000, 6000]),
        confidence(&[5999, 6000]),
        confidence(&[5000]),
        confidence(&[3000, 5000]),
        confidence(&[1000]),
        confidence(&[]),
    ];
    assert!(falling.is_sorted_by(|surer, less| surer > less), "{falling:?}");
    assert_eq!(falling[6], 0.0);
}

#[test]
fn a_flood_of_points_is_neither_waited_for_nor_lost() {
    let mut session = Session::default();
    let points = 10 * WAITING;
    for _ in 0..points {
        session.point(1000, BLUE, PointCode::K);
        assert!(session.linker.waiting.len() <= WAITING);
    }
    session.linker.finish();
    assert_eq!(session.linker.drain().count(), points);
}

#[test]
fn without_times_there_is_no_delay() {
    let mut linker = HitLinker::default();
    for (id, kind) in [
        (0, EventKind::Hit { athlete: BLUE, level: 30 }),
        (1, EventKind::Point { athlete: BLUE, code: PointCode::K, points: 2 }),
    ] {
        let at = Arrival { wall: None, mono: Monotonic::from_micros(id.into()) };
        linker.event(&MatchEvent::new(EventKey { match_index: Some(0), id }, at, kind));
    }
    linker.finish();
    let link = linker.drain().next().expect("a kick is always told");
    assert_eq!((link.level, link.delay_micros), (Some(30), None));
}
