//! What holds for every sequence of hits and points.
#![cfg(feature = "pss")]

use std::collections::{BTreeMap, HashSet};

use hitlevel::{HitLinker, Link};
use proptest::prelude::*;
use pss_protocol::{
    Arrival, Athlete, EventKey, EventKind, MatchEvent, Monotonic, PointCode, Sink as _, Timestamp,
};

#[derive(Clone, Copy, Debug)]
struct Step {
    /// Milliseconds since the step before; the order of arrival may be off by up to the reorder window.
    after: u64,
    early: u64,
    athlete: Athlete,
    what: What,
}

#[derive(Clone, Copy, Debug)]
enum What {
    Hit(u32),
    Point(PointCode),
    Tick,
}

fn step() -> impl Strategy<Value = Step> {
    use PointCode::{H, K, P, Tb, Th};
    let what = prop_oneof![
        4 => (7u32..100).prop_map(What::Hit),
        4 => prop::sample::select(vec![K, H, P, Tb, Th]).prop_map(What::Point),
        1 => Just(What::Tick),
    ];
    let after = prop_oneof![0u64..5, 0u64..200, 0u64..6000];
    (after, 0u64..50, prop::sample::select(Athlete::BOTH.to_vec()), what)
        .prop_map(|(after, early, athlete, what)| Step { after, early, athlete, what })
}

/// Every event by its id, and every link.
fn run(steps: &[Step], ticks: bool) -> (BTreeMap<u32, MatchEvent>, Vec<Link>) {
    let mut linker = HitLinker::default();
    let (mut events, mut links, mut now) = (BTreeMap::new(), Vec::new(), 100);
    for (step, id) in steps.iter().zip(0..) {
        now += step.after;
        let kind = match step.what {
            What::Hit(level) => EventKind::Hit { athlete: step.athlete, level },
            What::Point(code) => EventKind::Point { athlete: step.athlete, code, points: 2 },
            What::Tick => {
                // A pipeline has settled, and told, all that is older than its reorder window.
                if ticks {
                    linker.tick(Monotonic::from_micros(now * 1000));
                }
                continue;
            }
        };
        let at =
            Arrival { wall: Some(Timestamp(0)), mono: Monotonic::from_micros((now - step.early) * 1000) };
        let event = MatchEvent::new(EventKey { match_index: Some(0), id }, at, kind);
        linker.event(&event);
        links.extend(linker.drain());
        events.insert(id, event);
    }
    linker.finish();
    links.extend(linker.drain());
    (events, links)
}

proptest! {
    #[test]
    fn links_hold_their_promises(steps in prop::collection::vec(step(), 0..80)) {
        let (events, links) = run(&steps, true);
        let kicks = events.values().filter(|event| {
            matches!(event.kind, EventKind::Point { code: PointCode::K | PointCode::H, .. })
        });
        prop_assert_eq!(links.len(), kicks.count(), "every kick gets one link, nothing else gets any");

        let (mut points, mut hits) = (HashSet::new(), HashSet::new());
        for link in &links {
            prop_assert!(points.insert(link.point), "a point is linked once");
            let point = &events[&link.point.id];
            prop_assert_eq!(point.kind.athlete(), Some(link.athlete));
            prop_assert_eq!(link.judged, link.level == Some(99));
            prop_assert!((0.0..=1.0).contains(&link.confidence));
            prop_assert_eq!(link.hit.is_some(), link.confidence > 0.0);
            prop_assert!(link.count <= 10);
            let Some(hit) = link.hit else { continue };
            prop_assert!(hits.insert(hit), "a hit scores once");
            let hit = &events[&hit.id];
            prop_assert_eq!(hit.kind.athlete(), Some(link.athlete));
            let micros = |event: &MatchEvent| i64::try_from(event.at.mono.as_micros()).unwrap();
            let delay = micros(point) - micros(hit);
            prop_assert_eq!(link.delay_micros, Some(delay));
            prop_assert!((-50_000..=5_000_000).contains(&delay));
            if let (Some(max), Some(average)) = (link.max, link.average) {
                prop_assert!(max != 99 && average <= f64::from(max) && average > 6.0);
                prop_assert!(link.judged || link.level <= Some(max));
            } else {
                prop_assert!(link.judged, "a felt hit is among those that were considered");
            }
        }
    }

    /// A tick says that what could come has come, so what was decided by then stays: live equals stored.
    #[test]
    fn ticks_change_nothing(steps in prop::collection::vec(step(), 0..80)) {
        prop_assert_eq!(run(&steps, true).1, run(&steps, false).1);
    }
}
