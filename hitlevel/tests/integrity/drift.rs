//! Levels that drift through a day.

use hitlevel::{
    Course,
    integrity::{History, Occasion, Subject, Trend, TrendKind},
};
use pss_protocol::{
    Athlete, ClockTime, EventKey, EventKind, MatchEvent, MatchSummary, MessageKey, PerAthlete,
};

use crate::source::{Dice, arrival};

/// A match of one athlete, blue, with hits as they come, of which `share` percent of the level is felt.
fn fought(dice: &mut Dice, nth: u64, share: u64) -> Course {
    let mut summary = MatchSummary::new(nth as u32);
    (summary.body_level, summary.head_level) = (Some(27), Some(10));
    let hits = 15 + dice.below(15) as u32;
    let events = (0..hits).map(|id| {
        // Half of them weak, half of them kicks that would score.
        let level = if dice.below(2) == 0 { 7 + dice.below(20) } else { 27 + dice.below(25) };
        let level = (level * share / 100) as u32;
        let key = EventKey { match_index: Some(summary.index), id };
        let at = arrival(nth * 3_600_000_000 + u64::from(id) * 5_000_000);
        let mut event = MatchEvent::new(key, at, EventKind::Hit { athlete: Athlete::Blue, level });
        event.evidence = Some(MessageKey { seq: 1000 * nth + u64::from(id), index: 0 });
        (event.round, event.clock) = (1, Some(ClockTime::from_seconds(5 * (hits - id))));
        event
    });
    Course::new(summary.clone(), events.collect())
}

/// A day of so many matches; of each a share of the levels is felt.
fn day(seed: u64, shares: &[u64]) -> Vec<Trend> {
    let (mut dice, mut history) = (Dice(seed), History::default());
    for (&share, nth) in shares.iter().zip(0..) {
        let people = PerAthlete { blue: Some(17), red: None };
        let course = fought(&mut dice, nth, share);
        history.add(Occasion { match_tag: nth, ring: "1", people }, &course);
    }
    history.trends().into_iter().filter(|trend| trend.kind == TrendKind::LevelsDrift).collect()
}

#[test]
fn chance_is_no_drift() {
    let days = 2000;
    let told = (0..days).filter(|&seed| !day(seed, &[100; 5]).is_empty()).count();
    assert_eq!(told, 0, "of {days} days");
}

#[test]
fn a_drift_is_found_and_names_its_hits() {
    let shares = [100, 85, 70, 55, 40];
    let found: Vec<_> = (0..100).map(|seed| day(seed, &shares)).filter(|trends| !trends.is_empty()).collect();
    assert!(found.len() >= 85, "{} of 100", found.len());
    let trend = &found[0][0];
    assert_eq!((trend.kind, &trend.subject), (TrendKind::LevelsDrift, &Subject::Person(17)));
    assert_eq!(trend.matches, [0, 1, 2, 3, 4]);
    assert!(trend.strength.observed < 0.4 && trend.strength.p_value < 1e-4, "{:?}", trend.strength);
    assert!(trend.text.starts_with("levels fall through 5 matches"), "{}", trend.text);
    let of_all = trend.matches.iter().all(|tag| trend.evidence.iter().any(|(of, _)| of == tag));
    assert!(of_all, "{:?}", trend.evidence);
    assert!(trend.evidence_total > trend.evidence.len() as u64);
}

#[test]
fn two_matches_are_no_drift_and_two_days_no_day() {
    assert_eq!(day(1, &[100, 40]), []);
    let (mut dice, mut history) = (Dice(1), History::default());
    for (share, nth) in [(100, 0), (85, 1), (40, 24), (30, 25)] {
        let people = PerAthlete { blue: Some(17), red: None };
        let course = fought(&mut dice, nth, share);
        history.add(Occasion { match_tag: nth, ring: "1", people }, &course);
    }
    assert_eq!(history.trends(), []);
}
