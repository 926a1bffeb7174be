//! Within one match.

use std::collections::BTreeMap;

use hitlevel::integrity::{Explanation, Irregularity, IrregularityKind as Kind, Weight, irregularities};
use pss_protocol::{Athlete, EventKind, MatchEvent, PointCode};

use crate::source::{Dice, capture, fair, fought, questions, simulated};

fn told(courses: &[hitlevel::Course]) -> BTreeMap<(Kind, Option<Explanation>), usize> {
    let mut told = BTreeMap::new();
    for found in courses.iter().flat_map(irregularities) {
        *told.entry((found.kind, found.explanation)).or_default() += 1;
    }
    told
}

/// The sender's clock ran faster than time in most of the captures, and a table gave kicks by hand.
#[test]
fn of_captures_only_what_is_true_is_told() {
    let edited = (Kind::PointWithoutHit, Some(Explanation::TableEdit));
    let fast = (Kind::ClockFast, None);
    let run = (Kind::GamJeomRun, None);
    for (name, expected) in [
        ("a1_bestof3_realtime", vec![(edited, 2)]),
        ("b_nonascii_truncation", vec![(fast, 4)]),
        ("c_golden_tiebreak", vec![(fast, 5)]),
        ("d_para_hw_connect", vec![(fast, 1)]),
        ("e_requests", vec![]),
        ("h_bursts_reordering", vec![(edited, 3), (run, 2)]),
        ("j_no_ovr_url", vec![(fast, 1)]),
    ] {
        assert_eq!(told(&capture(name)), BTreeMap::from_iter(expected), "{name}");
    }
}

#[cfg(feature = "serde")]
#[test]
fn json_is_pinned() {
    let courses = capture("h_bursts_reordering");
    let found: Vec<_> = courses.iter().flat_map(irregularities).collect();
    insta::assert_json_snapshot!(found);
}

/// What a fair table does is not asked about: nothing but runs of gam-jeoms, which are what they are.
#[test]
fn fair_matches_raise_no_questions() {
    let mut matches = 0;
    for seed in 1..=4 {
        let (courses, _) = fair(seed, 60);
        matches += courses.len();
        for course in &courses {
            let asked: Vec<_> =
                questions(course).into_iter().filter(|found| found.kind != Kind::GamJeomRun).collect();
            assert_eq!(asked, [], "seed {seed}, match {}", course.summary.index);
        }
    }
    assert!(matches > 200, "{matches} matches");
}

/// A match without its nth datagram of this beginning: what is asked about it, and the number of that datagram.
fn without(seed: u64, begins: &[u8], nth: usize) -> (Vec<Irregularity>, bool) {
    let mut seen = 0;
    let (courses, _) = simulated(seed, 1, |_, bytes| {
        seen += usize::from(bytes.starts_with(begins));
        (seen != nth || !bytes.starts_with(begins)).then(|| bytes.to_vec())
    });
    (courses.iter().flat_map(irregularities).collect(), seen >= nth)
}

/// Of each hit that scored alone, without any other near.
#[test]
fn a_kick_whose_hit_is_missing_is_asked_about() {
    let mut asked = 0;
    for seed in 1..=12 {
        let (courses, _) = fair(seed, 1);
        let course = &courses[0];
        let felt = |event: &&MatchEvent| matches!(event.kind, EventKind::Hit { athlete: Athlete::Blue, .. });
        let hits: Vec<_> = course.events.iter().filter(felt).collect();
        for (hit, nth) in hits.iter().zip(1..) {
            let Some(link) = course.links.iter().find(|link| link.hit == Some(hit.key)) else { continue };
            let alone = |other: &&&MatchEvent| {
                let apart = other.at.mono.since(hit.at.mono).max(hit.at.mono.since(other.at.mono));
                other.key != hit.key && apart.as_secs() < 6
            };
            let point = course.events.iter().find(|event| event.key == link.point).unwrap();
            if link.level == Some(99) || hits.iter().find(alone).is_some() {
                continue;
            }
            let (found, lost) = without(seed, b"hl1;", nth);
            assert!(lost);
            let named = found.iter().find(|one| {
                // Without the lost datagram those after it keep their numbers.
                one.kind == Kind::PointWithoutHit && one.evidence == Vec::from_iter(point.evidence)
            });
            let named = named.unwrap_or_else(|| panic!("seed {seed}, hit {nth}: {found:?}"));
            assert_eq!((named.weight, named.explanation), (Weight::Question, None), "seed {seed}, hit {nth}");
            asked += 1;
        }
    }
    assert!(asked > 30, "{asked} hits are too few to judge by");
}

/// Where ticks are missing as well, so probably are the datagrams of hits.
#[test]
fn a_lossy_network_explains_most_of_what_it_causes() {
    let mut dice = Dice(12_345);
    let (mut asked, mut explained) = (0, 0);
    for seed in 1..=4 {
        let (courses, _) = simulated(seed, 60, |_, bytes| (dice.below(100) >= 2).then(|| bytes.to_vec()));
        let of = |found: &Irregularity| matches!(found.kind, Kind::PointWithoutHit | Kind::ScoreWithoutPoint);
        for found in courses.iter().flat_map(irregularities).filter(of) {
            match found.explanation {
                None => asked += 1,
                Some(Explanation::DatagramLost) => explained += 1,
                Some(_) => {}
            }
        }
    }
    assert!(explained > 200, "{explained}");
    assert!(asked * 10 < explained, "{asked} of {explained} are asked about");
}

const BLUE: Athlete = Athlete::Blue;

fn hit(level: u32) -> EventKind {
    EventKind::Hit { athlete: BLUE, level }
}

fn kick(code: PointCode) -> EventKind {
    EventKind::Point { athlete: BLUE, code, points: 2 }
}

/// Kind, explanation and the datagrams, less those of the sender.
fn brief(found: &[Irregularity]) -> Vec<(Kind, Option<Explanation>, Vec<u64>)> {
    let seqs = |found: &Irregularity| found.evidence.iter().map(|key| key.seq - 100).collect();
    found.iter().map(|found| (found.kind, found.explanation, seqs(found))).collect()
}

#[test]
fn levels_and_points_must_agree() {
    let course = fought(vec![
        (10_000, 1, 110, hit(40)),
        (10_010, 1, 110, kick(PointCode::K)),
        // Below the level for the body, and enough for the head.
        (20_000, 1, 100, hit(15)),
        (20_010, 1, 100, kick(PointCode::K)),
        (30_000, 1, 90, hit(15)),
        (30_010, 1, 90, kick(PointCode::H)),
        // Too weak and too long before to have scored.
        (40_000, 1, 80, hit(20)),
        (42_000, 1, 78, kick(PointCode::K)),
        // Valid anywhere, and nothing came of it; then enough only for the head, which nobody can tell.
        (60_000, 1, 60, hit(27)),
        (70_000, 1, 50, hit(26)),
        // No point comes of the second hit of one kick.
        (80_000, 1, 40, hit(30)),
        (80_005, 1, 40, kick(PointCode::K)),
        (80_200, 1, 39, hit(31)),
    ]);
    assert_eq!(
        brief(&irregularities(&course)),
        [
            (Kind::ScoredBelowLevel, None, vec![3, 4]),
            (Kind::PointWithoutHit, None, vec![8]),
            (Kind::ValidHitUnscored, None, vec![9]),
            (Kind::ValidHitUnscored, Some(Explanation::SameMoment), vec![13]),
        ]
    );
}

#[test]
fn what_is_given_while_the_clock_stands_is_an_edit() {
    let course = fought(vec![
        (5_000, 1, 115, hit(8)),
        // The clock stood at 01:45 from 15 s on, the kick came 5 s later, and it ran again at 25 s.
        (20_000, 1, 105, kick(PointCode::K)),
        (35_000, 1, 95, hit(8)),
        (45_000, 1, 85, kick(PointCode::K)),
        (46_000, 1, 84, hit(8)),
    ]);
    assert_eq!(
        brief(&irregularities(&course)),
        [
            (Kind::PointWithoutHit, Some(Explanation::TableEdit), vec![2]),
            (Kind::PointWithoutHit, None, vec![4]),
        ]
    );
}

#[test]
fn a_clock_that_was_set_or_runs_fast_is_told() {
    let set = fought(vec![
        (10_000, 1, 110, hit(8)),
        (15_000, 1, 114, hit(8)),
        (20_000, 1, 80, hit(8)),
        (40_000, 1, 60, hit(8)),
        (80_000, 1, 20, hit(8)),
    ]);
    assert_eq!(
        brief(&irregularities(&set)),
        [(Kind::ClockSet, None, vec![1, 2]), (Kind::ClockSet, None, vec![2, 3])]
    );
    let fast = (1..=10).map(|nth| (10_000 * nth, 1, 120 - 12 * nth as u32, hit(8))).collect();
    let found = irregularities(&fought(fast));
    assert_eq!(found.len(), 1, "{found:?}");
    assert_eq!((found[0].kind, found[0].weight), (Kind::ClockFast, Weight::Question));
    assert_eq!(found[0].text, "the match clock counted 120 s while 100.0 s passed");
    let right = (1..=10).map(|nth| (10_700 * nth, 1, 120 - 11 * nth as u32, hit(8))).collect();
    assert_eq!(irregularities(&fought(right)), []);
}

#[test]
fn gam_jeoms_in_a_row_are_told_once() {
    let gam_jeom = |athlete| EventKind::GamJeom { athlete };
    let red = Athlete::Red;
    let course = fought(vec![
        (10_000, 1, 110, gam_jeom(BLUE)),
        (50_000, 1, 70, gam_jeom(BLUE)),
        (51_000, 1, 69, hit(8)),
        (90_000, 1, 30, gam_jeom(BLUE)),
        (95_000, 1, 25, gam_jeom(red)),
        (96_000, 1, 24, gam_jeom(red)),
        // That was taken back, so it was none.
        (97_000, 1, 23, EventKind::GamJeomRemoved { athlete: red, removes: Some(6) }),
        (98_000, 1, 22, gam_jeom(red)),
        (99_000, 1, 21, gam_jeom(BLUE)),
    ]);
    assert_eq!(brief(&irregularities(&course)), [(Kind::GamJeomRun, None, vec![1, 2, 4])]);
}
