//! Matches that are hardly any.

use hitlevel::{
    Course,
    integrity::{Explanation, Irregularity, IrregularityKind as Kind, challenges, irregularities},
};
use proptest::prelude::*;
use pss_protocol::{
    Anomaly, AnomalyKind, Athlete, Basis, ChallengeState, ClockAction, ClockTime, EventKey, EventKind,
    InjuryAction, MatchEvent, MatchSummary, MessageKey, PointCode,
};

use crate::source::{arrival, trends};

const RED: Athlete = Athlete::Red;

fn course(levels: Option<(u32, u32)>, kinds: Vec<(u64, u32, Option<u32>, EventKind)>) -> Course {
    let mut summary = MatchSummary::new(0);
    (summary.body_level, summary.head_level) = levels.unzip();
    let events = kinds.into_iter().zip(0..).map(|((ms, round, clock, kind), id)| {
        let mut event = MatchEvent::new(EventKey { match_index: Some(0), id }, arrival(1000 * ms), kind);
        (event.round, event.clock) = (round, clock.map(ClockTime::from_seconds));
        event.evidence = Some(MessageKey { seq: u64::from(id), index: 0 });
        event
    });
    Course::new(summary, events.collect())
}

fn hits(levels: Option<(u32, u32)>, count: u64, level: u32) -> Course {
    let clock = |nth: u64| Some(120 - (nth / 100) as u32);
    let hit = |nth: u64| (10 * nth, 1, clock(nth), EventKind::Hit { athlete: RED, level });
    course(levels, (0..count).map(hit).collect())
}

#[test]
fn little_or_nothing_is_no_irregularity() {
    assert_eq!(irregularities(&course(None, vec![])), []);
    assert_eq!(irregularities(&hits(Some((27, 10)), 1, 9)), []);
    assert_eq!(irregularities(&hits(None, 10_000, 90)), [], "nobody knows what was valid");
    let three = [hits(Some((27, 10)), 0, 0), hits(Some((27, 10)), 1, 30), hits(None, 5, 30)];
    assert_eq!(trends(&three), []);
}

#[test]
fn ten_thousand_valid_hits_are_told_in_a_few_lines() {
    let found = irregularities(&hits(Some((27, 10)), 10_000, 90));
    assert_eq!(found.len(), Irregularity::ONE_BY_ONE + 1);
    let rest = found.last().unwrap();
    assert_eq!((rest.kind, rest.evidence.len()), (Kind::ValidHitUnscored, Irregularity::EVIDENCE));
    assert_eq!(rest.evidence_total, 10_000 - Irregularity::ONE_BY_ONE as u64);
    assert!(rest.text.starts_with("9980 more of the same: "), "{}", rest.text);
}

#[test]
fn judges_alone_need_no_sensors() {
    let kick = EventKind::Point { athlete: RED, code: PointCode::K, points: 2 };
    let started = (0, 1, Some(120), EventKind::RoundStarted);
    let judged = (9_000, 1, Some(111), EventKind::Hit { athlete: RED, level: 99 });
    let judges = vec![started.clone(), judged, (30_000, 1, Some(90), kick.clone())];
    assert_eq!(irregularities(&course(Some((27, 10)), judges)), []);
    let unheard = irregularities(&course(Some((27, 10)), vec![started, (30_000, 1, Some(90), kick)]));
    assert_eq!(unheard.len(), 1);
    assert_eq!(unheard[0].explanation, Some(Explanation::NoSensors));
}

fn kinds() -> impl Strategy<Value = EventKind> {
    let athlete = prop_oneof![Just(Athlete::Blue), Just(RED)];
    let code = prop_oneof![Just(PointCode::P), Just(PointCode::K), Just(PointCode::H), Just(PointCode::Tb)];
    let state = prop_oneof![
        Just(ChallengeState::Requested),
        Just(ChallengeState::Accepted),
        Just(ChallengeState::Rejected),
        Just(ChallengeState::Closed)
    ];
    let anomaly = prop_oneof![
        Just(AnomalyKind::ScoreWithoutPoint),
        Just(AnomalyKind::ClockJump),
        Just(AnomalyKind::DatagramLost),
        Just(AnomalyKind::WinnerMismatch),
        Just(AnomalyKind::StaleScore)
    ];
    (0..12, athlete, code, state, anomaly, any::<u32>()).prop_map(
        |(which, athlete, code, state, kind, number)| {
            let removes = Some(number % 60);
            match which {
                0 => EventKind::Point { athlete, code, points: number },
                1 => EventKind::PointRemoved { athlete, code, points: number, removes },
                2 => EventKind::GamJeom { athlete },
                3 => EventKind::GamJeomRemoved { athlete, removes },
                4 | 5 => EventKind::Hit { athlete, level: number % 130 },
                6 => EventKind::RoundStarted,
                7 => EventKind::RoundEnded { winner: Some(athlete) },
                8 => EventKind::Challenge { athlete: (number % 3 > 0).then_some(athlete), state, won: None },
                9 => EventKind::Injury { athlete: None, action: InjuryAction::Show, time: None },
                10 => EventKind::TimeOut { athlete, action: ClockAction::Start, time: None },
                _ => EventKind::Anomaly(Anomaly { kind, text: String::from("odd") }),
            }
        },
    )
}

proptest! {
    /// Whatever happens, in whatever order, each irregularity has a text and names datagrams of the match.
    #[test]
    fn anything_at_all_can_be_looked_at(
        levels in prop::option::of((0_u32..130, 0_u32..130)),
        told in prop::collection::vec((any::<u32>(), 0_u32..6, prop::option::of(0_u32..70_000), kinds(), any::<bool>()), 0..60),
    ) {
        let kinds = told.iter().map(|(ms, round, clock, kind, _)| (u64::from(*ms), *round, *clock, kind.clone()));
        let mut course = course(levels, kinds.collect());
        for (event, told) in course.events.iter_mut().zip(&told) {
            event.basis = if told.4 { Basis::Stated } else { Basis::Inferred };
        }
        let events = course.events.len() as u64;
        for found in irregularities(&course) {
            prop_assert!(!found.text.is_empty());
            prop_assert!(!found.evidence.is_empty() && found.evidence.len() <= Irregularity::EVIDENCE);
            prop_assert!(found.evidence_total >= found.evidence.len() as u64);
            prop_assert!(found.evidence.iter().all(|key| key.seq < events));
        }
        for case in challenges(&course) {
            prop_assert!(!case.evidence.is_empty());
        }
        trends(&[course.clone(), course.clone(), course]);
    }
}
