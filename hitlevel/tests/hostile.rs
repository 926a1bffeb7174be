//! Courses of events that no table sends: nothing panics, every probability is one, and nothing grows without bound.
#![cfg(all(feature = "report", feature = "serde"))]

use hitlevel::{
    Course, MatchHitsView, Moment, Predictor,
    integrity::{History, Occasion, irregularities},
    report::{MatchReportData, match_page},
};
use proptest::prelude::*;
use pss_protocol::{
    Arrival, Athlete, ClockTime, EventKey, EventKind, MatchEvent, MatchSummary, Monotonic, PerAthlete,
    PointCode, Scoring, Timestamp,
};

fn extreme() -> impl Strategy<Value = u32> {
    prop_oneof![4 => 0..6_u32, 2 => 0..200_u32, 1 => Just(99_999), 1 => Just(u32::MAX), 1 => any::<u32>()]
}

fn kind() -> impl Strategy<Value = EventKind> {
    let athlete = prop::sample::select(Athlete::BOTH.to_vec());
    let code = prop::sample::select(vec![PointCode::P, PointCode::K, PointCode::H, PointCode::Tb]);
    (0..9_u8, athlete, code, extreme(), any::<bool>()).prop_map(|(which, athlete, code, number, yes)| {
        match which {
            0 => EventKind::RoundStarted,
            1 => EventKind::RoundEnded { winner: yes.then_some(athlete) },
            2 => EventKind::GamJeom { athlete },
            3 => EventKind::GamJeomRemoved { athlete, removes: None },
            4 => EventKind::PointRemoved { athlete, code, points: number, removes: yes.then_some(number) },
            5 if number == 0 => {
                EventKind::MatchEnded { winner: yes.then_some(athlete.into()), decision: None }
            }
            5 | 6 => EventKind::Point { athlete, code, points: number },
            _ => EventKind::Hit { athlete, level: number },
        }
    })
}

prop_compose! {
    fn events()(
        of in prop::collection::vec(
            (kind(), extreme(), prop::option::of((any::<u16>(), 0..60_u16, any::<bool>())), any::<bool>(), any::<bool>()),
            0..60,
        ),
    ) -> Vec<MatchEvent> {
        (0..).zip(of).map(|(id, (kind, round, clock, late, end))| {
            let wall = Timestamp(if end { i64::MAX } else { i64::MIN });
            let mono = Monotonic::from_micros(if late { u64::MAX } else { u64::from(id) * 1_000_000 });
            let key = EventKey { match_index: Some(0), id };
            let mut event = MatchEvent::new(key, Arrival { wall: Some(wall), mono }, kind);
            event.round = round;
            event.clock = clock.map(|(minutes, seconds, usual)| ClockTime {
                minutes: if usual { minutes % 3 } else { minutes },
                seconds,
            });
            event
        }).collect()
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 200, ..ProptestConfig::default() })]

    #[test]
    fn courses_are_bounded(
        events in events(),
        scoring in prop::sample::select(vec![Scoring::BestOf3, Scoring::Conventional, Scoring::Unknown]),
        planned in prop::option::of(extreme()),
        length in prop::option::of(extreme()),
    ) {
        let mut summary = MatchSummary::new(0);
        (summary.scoring, summary.rounds_planned, summary.round_seconds) = (scoring, planned, length);
        (summary.body_level, summary.head_level) = (planned, length);
        let course = Course::new(summary, events);
        prop_assert!(course.standings().len() <= course.events.len());
        let moments = Predictor::default().timeline(&course);
        prop_assert!(moments.len() <= Moment::MOST);
        for prediction in moments.iter().filter_map(|moment| moment.prediction.ok()) {
            for of in prediction.round.into_iter().chain([prediction.fight]) {
                prop_assert!((0.0..=1.0).contains(&of.blue) && (0.0..=1.0).contains(&of.red));
                prop_assert!((of.blue + of.red - 1.0).abs() < 1e-9);
            }
        }
        irregularities(&course);
        let mut history = History::default();
        for match_tag in 0..3 {
            history.add(Occasion { match_tag, ring: "1", people: PerAthlete { blue: Some(1), red: Some(2) } }, &course);
        }
        history.trends();
        let view = serde_json::to_string(&MatchHitsView::new(&course.statistics)).expect("it is JSON");
        prop_assert!(view.len() < 100_000, "{} bytes", view.len());
        let page = match_page(&MatchReportData::new(&course));
        prop_assert!(page.len() < 400_000, "{} bytes", page.len());
    }
}
