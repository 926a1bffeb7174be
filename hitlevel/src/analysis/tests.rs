//! What is counted in matches that go as they should not.

use alloc::{string::String, vec::Vec};

use pss_protocol::{Anomaly, AnomalyKind, Arrival, ClockTime, EventKey, PointCode, Timestamp};

use super::*;
use crate::{Assessment, Missing};

const BLUE: Athlete = Athlete::Blue;

/// A match, event by event, 100 ms apart unless said otherwise.
#[derive(Default)]
struct Bout {
    analysis: Analysis,
    id: u32,
    ms: u64,
    round: u32,
    clock: Option<u32>,
}

impl Bout {
    fn new() -> Self {
        let mut bout = Self::default();
        let mut summary = MatchSummary::new(0);
        (summary.body_level, summary.head_level) = (Some(27), Some(10));
        bout.analysis.match_changed(&summary);
        bout
    }

    fn event(&mut self, clock: Option<u32>, kind: EventKind) {
        self.ms += 100;
        self.clock = clock;
        let key = EventKey { match_index: Some(0), id: self.id };
        self.id += 1;
        let at = Arrival { wall: Some(Timestamp(0)), mono: Monotonic::from_micros(self.ms * 1000) };
        let mut event = MatchEvent::new(key, at, kind);
        (event.round, event.clock) = (self.round, clock.map(ClockTime::from_seconds));
        self.analysis.event(&event);
    }

    fn round(&mut self, round: u32, clock: u32) {
        self.round = round;
        self.event(Some(clock), EventKind::RoundStarted);
    }

    fn hit(&mut self, clock: u32, level: u32) {
        self.event(Some(clock), EventKind::Hit { athlete: BLUE, level });
    }

    fn end(&mut self, clock: u32) {
        self.event(Some(clock), EventKind::RoundEnded { winner: None });
    }

    fn of_round(&mut self, round: u32) -> HitStatistics {
        self.analysis.finish();
        self.analysis.statistics().round(round)[BLUE].clone()
    }
}

#[test]
fn an_empty_match_has_no_numbers_but_reasons() {
    let bout = Bout::new();
    let total = bout.analysis.statistics().total(BLUE);
    assert_eq!(total.level_mean(), Err(Missing::NoHits));
    assert_eq!(total.scoring_share(), Err(Missing::NoHits));
    assert_eq!(total.hits_per_minute(), Err(Missing::NoRunningClock));
    assert_eq!(total.fastest_millis(2), Err(Missing::NoHits));
    assert_eq!(total.delay_millis(), Err(Missing::NoLinks));
    assert_eq!(total.idle_at_end(), Err(Missing::NoRoundEnded));
    assert_eq!(Assessment::of(&total, Thresholds::default()).known().map(|known| known.valid), Ok(0));
}

#[test]
fn one_hit_says_what_one_hit_can() {
    let mut bout = Bout::new();
    bout.round(1, 120);
    bout.hit(90, 31);
    bout.end(0);
    let hits = bout.of_round(1);
    assert_eq!((hits.level_mean(), hits.level_quantile(0.1)), (Ok(31.0), Ok(31)));
    assert_eq!((hits.scoring_share(), hits.hits_per_minute()), (Ok(0.0), Ok(0.5)));
    assert_eq!(hits.fastest_millis(2), Err(Missing::TooFewHits));
    assert_eq!(hits.body_share(), Err(Missing::NoLinks));
    assert_eq!(hits.idle_at_end().map(|idle| idle.mean), Ok(90.0));
    assert_eq!((hits.running_seconds, hits.tempo.spans()[3]), (120, 1));
    let unknown = Assessment::of(&hits, Thresholds::default());
    assert_eq!(unknown.known(), Err(Missing::NoThresholds));
}

#[test]
fn the_clock_ran_what_it_showed_however_it_was_set() {
    let mut bout = Bout::new();
    bout.round(1, 120);
    bout.hit(100, 30);
    // Set up by ten seconds, which are fought again.
    bout.hit(110, 30);
    bout.hit(60, 30);
    // A hit whose clock is a second older than that of the one before.
    bout.hit(61, 30);
    bout.hit(60, 30);
    bout.end(0);
    assert_eq!(bout.of_round(1).running_seconds, 20 + 50 + 60);
}

#[test]
fn a_clock_that_shows_what_no_round_has_moves_nothing() {
    let mut bout = Bout::new();
    bout.round(1, 120);
    bout.hit(90, 30);
    bout.hit(5999, 31);
    bout.hit(80, 30);
    bout.hit(5999, 31);
    bout.end(60);
    let hits = bout.of_round(1);
    assert_eq!((hits.ran_seconds(), hits.hits_per_minute()), (Ok(60), Ok(4.0)));
    assert_eq!((hits.tempo.unplaced(), hits.tempo.spans()[3], hits.tempo.spans()[4]), (2, 1, 1));
}

#[test]
fn a_start_with_too_short_a_time_may_be_corrected() {
    let mut bout = Bout::new();
    let mut summary = MatchSummary::new(0);
    (summary.round_seconds, summary.rounds_planned) = (Some(120), Some(3));
    bout.analysis.match_changed(&summary);
    bout.round(1, 60);
    bout.hit(110, 30);
    bout.end(50);
    // The golden round is as long as it begins.
    bout.round(4, 60);
    bout.hit(110, 30);
    bout.end(50);
    assert_eq!([1, 4].map(|round| bout.of_round(round).running_seconds), [60, 10]);
}

#[test]
fn a_round_whose_clock_jumped_is_in_no_rate() {
    let mut bout = Bout::new();
    bout.round(1, 120);
    bout.hit(100, 30);
    let anomaly = Anomaly { kind: AnomalyKind::ClockJump, text: String::new() };
    bout.event(Some(119), EventKind::Anomaly(anomaly));
    // Settled after the jump, and older.
    bout.hit(100, 30);
    bout.event(Some(90), EventKind::Point { athlete: BLUE, code: PointCode::P, points: 1 });
    bout.end(0);
    let hits = bout.of_round(1);
    assert_eq!((hits.felt.count(), hits.off_clock.hits, hits.off_clock.points), (2, 2, 1));
    let rates = [hits.hits_per_minute().err(), hits.points_per_minute().err(), hits.ran_seconds().err()];
    assert_eq!(rates, [Some(Missing::ClockJumped); 3]);
    bout.round(2, 120);
    bout.hit(90, 30);
    bout.end(0);
    let total = bout.analysis.statistics().total(BLUE);
    assert_eq!((total.hits_per_minute(), total.points_per_minute()), (Ok(0.5), Ok(0.0)));
}

#[test]
fn a_start_that_was_not_seen_places_no_hit() {
    let mut bout = Bout::new();
    bout.round = 2;
    bout.hit(80, 30);
    bout.hit(70, 30);
    let hits = bout.of_round(2);
    assert_eq!((hits.tempo.unplaced(), hits.tempo.spans().iter().sum()), (2, 0_u32));
    assert_eq!(hits.running_seconds, 10);
}

#[test]
fn a_sender_that_comes_and_goes_does_not_stop_the_round() {
    let mut bout = Bout::new();
    bout.round(1, 120);
    bout.hit(100, 30);
    let key = EventKey { match_index: None, id: 0 };
    let at = Arrival { wall: Some(Timestamp(0)), mono: Monotonic::from_micros(300_000) };
    bout.analysis.event(&MatchEvent::new(key, at, EventKind::SenderGone));
    bout.hit(95, 30);
    let hits = bout.of_round(1);
    assert_eq!((hits.running_seconds, hits.tempo.unplaced()), (25, 0));
    assert_eq!(hits.fastest_millis(2), Ok(100.0));
}

#[test]
fn rounds_are_apart_and_those_that_no_match_has_are_together() {
    let mut bout = Bout::new();
    for round in [1, 2, 7, 8, u32::MAX] {
        bout.round(round, 60);
        bout.hit(50, 30);
        bout.event(Some(50), EventKind::GamJeom { athlete: BLUE });
        bout.end(40);
    }
    for round in [1, 2, 7] {
        let hits = bout.of_round(round);
        assert_eq!((hits.felt.count(), hits.points.gam_jeoms, hits.running_seconds), (1, 1, 20));
        assert_eq!(hits.idle_at_end().map(|idle| idle.max), Ok(10.0));
    }
    assert_eq!(bout.of_round(0).felt.count(), 2);
    assert_eq!(bout.analysis.statistics().total(BLUE).felt.count(), 5);
}

#[test]
fn a_round_that_goes_on_ends_when_it_ended_last() {
    let mut bout = Bout::new();
    bout.round(1, 60);
    bout.hit(50, 30);
    bout.end(20);
    bout.hit(15, 30);
    bout.end(0);
    let hits = bout.of_round(1);
    assert_eq!((hits.rounds_ended, hits.idle_at_end().map(|idle| idle.max)), (1, Ok(15.0)));
}

#[test]
fn a_clock_that_was_set_up_after_the_last_hit_leaves_no_time() {
    let mut bout = Bout::new();
    bout.round(1, 60);
    bout.hit(5, 30);
    bout.end(10);
    assert_eq!(bout.of_round(1).idle_at_end(), Err(Missing::NoMatchClock));
}

#[test]
fn what_is_taken_back_in_a_later_round_is_taken_off_there() {
    let mut bout = Bout::new();
    bout.round(1, 60);
    let kick = EventKind::Point { athlete: BLUE, code: PointCode::Th, points: 2 };
    bout.event(Some(50), kick);
    bout.round(2, 60);
    let back = EventKind::PointRemoved { athlete: BLUE, code: PointCode::Th, points: 2, removes: None };
    bout.event(Some(60), back);
    let of_rounds = [1, 2].map(|round| bout.of_round(round).points);
    assert_eq!(of_rounds.map(|points| (points.times(PointCode::Th), points.total)), [(1, 2), (-1, -2)]);
    assert_eq!(bout.analysis.statistics().total(BLUE).points.total, 0);
}

#[test]
fn judges_alone_leave_the_levels_without_a_word() {
    let mut bout = Bout::new();
    bout.round(1, 120);
    bout.hit(90, 99);
    bout.event(Some(90), EventKind::Point { athlete: BLUE, code: PointCode::K, points: 2 });
    bout.end(0);
    let hits = bout.of_round(1);
    assert!(hits.judges_only());
    assert_eq!((hits.judged, hits.judged_scored, hits.scored()), (1, 1, 0));
    for missing in [hits.level_mean().err(), hits.scoring_share().err(), hits.hits_per_minute().err()] {
        assert_eq!(missing, Some(Missing::JudgesOnly));
    }
    let assessment = Assessment::of(&hits, bout.analysis.statistics().thresholds);
    assert_eq!(assessment.known(), Err(Missing::JudgesOnly));
}

#[test]
fn thresholds_that_come_late_weigh_what_was_before() {
    let mut bout = Bout::default();
    bout.round(1, 120);
    bout.hit(90, 31);
    let mut summary = MatchSummary::new(0);
    (summary.body_level, summary.head_level) = (Some(27), Some(10));
    bout.analysis.match_changed(&summary);
    let assessment = bout.analysis.statistics().assessment(BLUE);
    assert_eq!((assessment.valid, assessment.valid_unscored), (1, 1));
}

#[test]
fn ten_thousand_hits_are_counted_one_by_one() {
    let mut bout = Bout::new();
    bout.round(1, 120);
    (0..10_000).for_each(|nth| bout.hit(120 - nth / 100, nth % 250));
    bout.end(0);
    let hits = bout.of_round(1);
    assert_eq!((hits.felt.count(), hits.judged), (9_960, 40));
    assert_eq!(hits.level_quantile(0.99), Err(Missing::AboveCounters));
    assert_eq!(hits.felt.above(), 40 * 149);
    assert_eq!(hits.tempo.spans().iter().sum::<u32>() + hits.tempo.unplaced(), 9_960);
    assert_eq!(hits.running_seconds, 120);
    let rates = [hits.hits_per_minute(), hits.scoring_share(), hits.level_mean()];
    let finite: Vec<_> = rates.into_iter().filter(|rate| rate.is_ok_and(f64::is_finite)).collect();
    assert_eq!(finite.len(), 3);
}
