//! Corners whose hits are no longer felt.

use hitlevel::integrity::{Irregularity, Subject, Trend, TrendKind};
use pss_protocol::Athlete;

use crate::source::{Dice, fair, simulated, trends};

/// The sender is fair: nothing stands out in 600 matches.
#[test]
fn sound_corners_are_not_suspected() {
    let mut matches = 0;
    for seed in 100..120 {
        let (courses, _) = fair(seed, 30);
        matches += courses.len();
        assert_eq!(trends(&courses), [], "seed {seed}");
    }
    assert!(matches >= 600);
}

/// Blue loses this share of its hits from the match with this number on, counted from 0.
fn faulty(seed: u64, matches: u32, from: usize, percent: u64) -> Vec<Trend> {
    let mut dice = Dice(seed);
    let (courses, _) = simulated(seed, matches, |nth, bytes| {
        let lost = nth >= from && bytes.starts_with(b"hl1;") && dice.below(100) < percent;
        (!lost).then(|| bytes.to_vec())
    });
    trends(&courses)
}

fn is_blue(trend: &Trend) -> bool {
    let blue = Subject::Corner { ring: "1".into(), athlete: Athlete::Blue };
    trend.kind == TrendKind::CornerFeelsLess && trend.subject == blue
}

#[test]
fn a_corner_that_feels_a_fifth_is_found_and_no_other() {
    for (from, least) in [(2, 14), (5, 19)] {
        let mut found = 0;
        for seed in 100..120 {
            let trends = faulty(seed, from + 10, from as usize, 80);
            assert!(trends.iter().all(is_blue), "{trends:?}");
            found += u32::from(!trends.is_empty());
        }
        assert!(found >= least, "of 20 faults from match {from} on {found} were found");
    }
}

#[test]
fn a_fault_names_its_matches_and_its_hits() {
    let trends = faulty(7, 16, 8, 85);
    let [trend] = &trends[..] else { panic!("{trends:?}") };
    assert!(trend.matches.len() >= 3 && trend.matches.iter().all(|&tag| tag >= 7), "{:?}", trend.matches);
    assert!(!trend.evidence.is_empty() && trend.evidence.len() <= Irregularity::EVIDENCE);
    assert!(trend.evidence.iter().all(|(tag, _)| trend.matches.contains(tag)));
    assert!(trend.strength.observed < trend.strength.expected / 2.0 && trend.strength.p_value < 1e-4);
    // Without any hit the rounds are named in which none was felt.
    let silent = faulty(7, 16, 8, 100);
    let [trend] = &silent[..] else { panic!("{silent:?}") };
    assert_eq!(trend.strength.observed, 0.0);
    assert!(!trend.evidence.is_empty());
}
