//! What is merged equals what is counted at once, in any order.
#![cfg(feature = "pss")]

use hitlevel::{
    Analysis, Assessment, Combinations, HitStatistics, Levels, Link, MatchStatistics, Overall, Points, Tempo,
};
use proptest::prelude::*;
use pss_protocol::{
    Arrival, Athlete, ClockTime, EventKey, EventKind, MatchEvent, MatchSummary, Monotonic, PointCode,
    Sink as _, Timestamp,
};

/// A match: its thresholds, and what happens so many ms after the step before.
#[derive(Clone, Debug)]
struct Fight {
    levels: Option<(u32, u32)>,
    steps: Vec<(u64, Athlete, What)>,
}

#[derive(Clone, Copy, Debug)]
enum What {
    Hit(u32),
    Point(PointCode),
    Removed(PointCode),
    GamJeom,
    NextRound,
    RoundOver,
}

fn fight() -> impl Strategy<Value = Fight> {
    use PointCode::{H, K, P, Tb, Th};
    let code = || prop::sample::select(vec![K, H, P, Tb, Th]);
    let what = prop_oneof![
        8 => prop_oneof![8 => 0u32..100, 1 => Just(99), 1 => any::<u32>()].prop_map(What::Hit),
        4 => code().prop_map(What::Point),
        1 => code().prop_map(What::Removed),
        1 => Just(What::GamJeom),
        1 => Just(What::NextRound),
        1 => Just(What::RoundOver),
    ];
    let after = prop_oneof![0u64..60, 0u64..3000];
    let steps = prop::collection::vec((after, prop::sample::select(Athlete::BOTH.to_vec()), what), 0..40);
    (prop::option::weighted(0.8, (0u32..120, 0u32..120)), steps)
        .prop_map(|(levels, steps)| Fight { levels, steps })
}

/// The events of a session of these matches, by match.
fn session(fights: &[Fight]) -> Vec<(MatchSummary, Vec<MatchEvent>)> {
    let mut millis = 0;
    let of_match = |(index, fight): (u32, &Fight)| {
        let mut summary = MatchSummary::new(index);
        (summary.body_level, summary.head_level) = fight.levels.unzip();
        let (mut round, mut began) = (0, millis);
        let events = (0..).zip(&fight.steps).map(|(id, &(after, athlete, what))| {
            millis += after;
            if matches!(what, What::NextRound) {
                (round, began) = (round + 1, millis);
            }
            let kind = match what {
                What::Hit(level) => EventKind::Hit { athlete, level },
                What::Point(code) => EventKind::Point { athlete, code, points: 2 },
                What::Removed(code) => EventKind::PointRemoved { athlete, code, points: 2, removes: None },
                What::GamJeom => EventKind::GamJeom { athlete },
                What::NextRound => EventKind::RoundStarted,
                What::RoundOver => EventKind::RoundEnded { winner: None },
            };
            let micros = millis * 1000;
            let at = Arrival { wall: Some(Timestamp(micros as i64)), mono: Monotonic::from_micros(micros) };
            let mut event = MatchEvent::new(EventKey { match_index: Some(index), id }, at, kind);
            event.round = round;
            let ran = u32::try_from((millis - began) / 1000).unwrap();
            event.clock = Some(ClockTime::from_seconds(120u32.saturating_sub(ran)));
            event
        });
        (summary, events.collect())
    };
    (0..).zip(fights).map(of_match).collect()
}

fn feed(analysis: &mut Analysis, (summary, events): &(MatchSummary, Vec<MatchEvent>)) {
    analysis.match_changed(summary);
    events.iter().for_each(|event| analysis.event(event));
}

fn analysed(fight: &(MatchSummary, Vec<MatchEvent>)) -> (MatchStatistics, Vec<Link>) {
    let mut analysis = Analysis::default();
    feed(&mut analysis, fight);
    analysis.finish();
    let links = analysis.drain_links().collect();
    (analysis.statistics().clone(), links)
}

fn overall(fights: &[MatchStatistics]) -> Overall {
    let mut all = Overall::default();
    for fight in fights {
        Athlete::BOTH.into_iter().for_each(|athlete| all.add(fight, athlete));
    }
    all
}

/// Whether a merge may be done in any order, and gives what came of everything at once.
fn merges<T: Clone + PartialEq>([a, b, c]: [&T; 3], all: &T, merge: impl Fn(&mut T, &T)) -> bool {
    let merged = |parts: &[&T]| {
        let mut into = parts[0].clone();
        parts[1..].iter().for_each(|part| merge(&mut into, part));
        into
    };
    merged(&[a, b, c]) == *all && merged(&[a, &merged(&[b, c])]) == *all && merged(&[c, a, b]) == *all
}

proptest! {
    #[test]
    fn matches_merge_in_any_order(
        fights in prop::collection::vec(fight(), 0..6),
        cuts in (any::<prop::sample::Index>(), any::<prop::sample::Index>()),
    ) {
        let fights: Vec<_> = session(&fights).iter().map(|fight| analysed(fight).0).collect();
        let (first, second) = (cuts.0.index(fights.len() + 1), cuts.1.index(fights.len() + 1));
        let (first, second) = (first.min(second), first.max(second));
        let parts = [&fights[..first], &fights[first..second], &fights[second..]].map(overall);
        let all = overall(&fights);
        prop_assert!(merges(parts.each_ref(), &all, Overall::merge));
        prop_assert!(merges(parts.each_ref().map(|part| &part.hits), &all.hits, HitStatistics::merge));
        let assessments = parts.each_ref().map(|part| &part.assessment);
        prop_assert!(merges(assessments, &all.assessment, Assessment::merge));
        let points = parts.each_ref().map(|part| &part.hits.points);
        prop_assert!(merges(points, &all.hits.points, |into: &mut Points, part| *into += *part));
    }

    #[test]
    fn the_rounds_of_a_match_add_up_to_its_events(fights in prop::collection::vec(fight(), 1..3)) {
        for fight in session(&fights) {
            let (statistics, links) = analysed(&fight);
            for athlete in Athlete::BOTH {
                let total = statistics.total(athlete);
                let mut felt = Levels::new();
                let (mut judged, mut points) = (0, 0);
                for event in &fight.1 {
                    match event.kind {
                        EventKind::Hit { athlete: of, level: 99 } if of == athlete => judged += 1,
                        EventKind::Hit { athlete: of, level } if of == athlete => felt.record(level),
                        EventKind::Point { athlete: of, .. } if of == athlete => points += 2,
                        EventKind::PointRemoved { athlete: of, .. } if of == athlete => points -= 2,
                        _ => {}
                    }
                }
                prop_assert_eq!(&total.felt, &felt);
                prop_assert_eq!((total.judged, total.points.total), (judged, points));
                let mine: Vec<_> = links.iter().filter(|link| link.athlete == athlete).collect();
                prop_assert_eq!(
                    total.scored() + total.judged_scored + total.points_without_hit,
                    mine.len() as u64
                );
                let timed = total.tempo.spans().iter().sum::<u32>() + total.tempo.later() + total.tempo.unplaced();
                prop_assert_eq!(u64::from(timed), felt.count());
                prop_assert!(total.scored_body.count() <= felt.count());
            }
        }
    }

    #[test]
    fn a_session_is_its_matches(fights in prop::collection::vec(fight(), 0..5)) {
        let session = session(&fights);
        let mut whole = Analysis::default();
        let mut links = Vec::new();
        let mut unsettled = Analysis::default();
        for fight in &session {
            feed(&mut whole, fight);
            whole.finish();
            let (statistics, of_match) = analysed(fight);
            prop_assert!(*whole.statistics() == statistics, "match {:?}", statistics.match_index);
            links.extend(of_match);
            // Nobody has to settle one match before the next.
            feed(&mut unsettled, fight);
        }
        unsettled.finish();
        prop_assert_eq!(&whole.drain_links().collect::<Vec<_>>(), &links);
        prop_assert_eq!(&unsettled.drain_links().collect::<Vec<_>>(), &links);
        prop_assert!(unsettled.statistics() == whole.statistics());
    }

    #[test]
    fn tempos_merge(records in prop::collection::vec(prop::option::of(0u32..400), 0..90)) {
        let tempo = |records: &[Option<u32>]| {
            let mut tempo = Tempo::default();
            records.iter().for_each(|&elapsed| tempo.record(elapsed));
            tempo
        };
        let third = records.len() / 3;
        let parts = [&records[..third], &records[third..2 * third], &records[2 * third..]].map(tempo);
        prop_assert!(merges(parts.each_ref(), &tempo(&records), Tempo::merge));
    }

    #[test]
    fn combinations_merge(
        records in prop::collection::vec(prop::option::of(prop::array::uniform3(prop::option::of(any::<u64>()))), 0..60),
    ) {
        let combinations = |records: &[Option<[Option<u64>; 3]>]| {
            let mut all = Combinations::default();
            for record in records {
                match record {
                    Some(since) => all.record(*since),
                    None => all.record_untimed(),
                }
            }
            all
        };
        let third = records.len() / 3;
        let parts = [&records[..third], &records[third..2 * third], &records[2 * third..]].map(combinations);
        let all = combinations(&records);
        prop_assert!(merges(parts.each_ref(), &all, Combinations::merge));
        let least = |of: usize| records.iter().flatten().filter_map(|since| since[of]).min();
        prop_assert_eq!([2, 3, 4].map(|hits| all.fastest(hits)), [0, 1, 2].map(least));
    }
}

/// As with levels: what is doubled 64 times must not overflow.
#[test]
fn full_tempos_stay_full() {
    let mut tempo = Tempo::default();
    [Some(5), Some(500), None].into_iter().for_each(|elapsed| tempo.record(elapsed));
    for _ in 0..40 {
        tempo.merge(&tempo.clone());
    }
    tempo.record(Some(5));
    assert_eq!((tempo.spans()[0], tempo.later(), tempo.unplaced()), (u32::MAX, u32::MAX, u32::MAX));
}
