use proptest::prelude::*;
use pss_protocol::{Athlete, PerAthlete, Scoring, Winner};

use super::*;

fn best_of_3() -> Standing {
    let (rounds_planned, round_seconds) = (Some(3), Some(120));
    let (scoring, round, stage) = (Scoring::BestOf3, 1, Stage::During);
    Standing {
        scoring,
        rounds_planned,
        round_seconds,
        round,
        stage,
        seconds_left: Some(60),
        ..Standing::default()
    }
}

fn conventional(round: u32) -> Standing {
    let (scoring, golden) = (Scoring::Conventional, round > 3);
    Standing { scoring, round, golden, seconds_left: Some(if golden { 30 } else { 60 }), ..best_of_3() }
}

fn predict(standing: &Standing) -> Prediction {
    Predictor::default().predict(standing).expect("all is known")
}

fn swapped(standing: &Standing) -> Standing {
    fn swap<T: Copy>(of: PerAthlete<T>) -> PerAthlete<T> {
        PerAthlete::from_fn(|athlete| of[athlete.opponent()])
    }
    Standing {
        score: swap(standing.score),
        points: swap(standing.points),
        gam_jeoms: swap(standing.gam_jeoms),
        round_gam_jeoms: swap(standing.round_gam_jeoms),
        round_wins: swap(standing.round_wins),
        round_winner: standing.round_winner.map(Athlete::opponent),
        ..*standing
    }
}

prop_compose! {
    /// A match of some course: what is shown fits together.
    fn standings()(
        best_of_3 in any::<bool>(),
        round in 1_u32..=4,
        stage in prop_oneof![Just(Stage::Before), Just(Stage::During), Just(Stage::Over)],
        seconds_left in 0_u32..120,
        score in (0..30_i32, 0..30_i32),
        earlier in (0..40_i32, 0..40_i32),
        gam_jeoms in (0..6_u32, 0..6_u32),
        wins in (0..2_u32, 0..2_u32),
    ) -> Standing {
        let round = if best_of_3 { round.min(3) } else { round };
        let golden = round > 3;
        let score = if golden { (score.0 % 2, score.1 % 2) } else { score };
        Standing {
            scoring: if best_of_3 { Scoring::BestOf3 } else { Scoring::Conventional },
            rounds_planned: Some(3),
            round_seconds: Some(120),
            round,
            stage,
            golden,
            seconds_left: Some(if golden { seconds_left / 2 } else { seconds_left }),
            score: PerAthlete { blue: score.0, red: score.1 },
            points: PerAthlete { blue: score.0 + earlier.0, red: score.1 + earlier.1 },
            gam_jeoms: PerAthlete { blue: gam_jeoms.0, red: gam_jeoms.1 },
            round_gam_jeoms: PerAthlete { blue: gam_jeoms.0 / 2, red: gam_jeoms.1 / 2 },
            round_wins: match round {
                2.. if best_of_3 => PerAthlete { blue: wins.0, red: wins.1.min(round - 1 - wins.0) },
                _ => PerAthlete::default(),
            },
            ..Standing::default()
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 64, ..ProptestConfig::default() })]

    #[test]
    fn probabilities_sum_to_one(standing in standings()) {
        let Prediction { round, fight } = predict(&standing);
        prop_assert_eq!(round.is_some(), standing.scoring == Scoring::BestOf3);
        for of in round.into_iter().chain([fight]) {
            prop_assert!((0.0..=1.0).contains(&of.blue) && (0.0..=1.0).contains(&of.red));
            prop_assert!((of.blue + of.red - 1.0).abs() < 1e-12);
        }
    }

    #[test]
    fn swapping_the_athletes_swaps_the_probabilities(standing in standings()) {
        let (mine, theirs) = (predict(&standing), predict(&swapped(&standing)));
        prop_assert!((mine.fight.blue - theirs.fight.red).abs() < 1e-9);
        if let (Some(mine), Some(theirs)) = (mine.round, theirs.round) {
            prop_assert!((mine.blue - theirs.red).abs() < 1e-9);
        }
    }

    #[test]
    fn a_larger_lead_is_never_worse(standing in standings(), more in 1_i32..=3, scored in any::<bool>()) {
        let mut ahead = standing;
        ahead.score.blue += more;
        if scored {
            ahead.points.blue += more;
        }
        let (before, after) = (predict(&standing), predict(&ahead));
        prop_assert!(after.fight.blue >= before.fight.blue - 1e-9, "{before:?} {after:?}");
        if let (Some(before), Some(after)) = (before.round, after.round) {
            prop_assert!(after.blue >= before.blue - 1e-9, "{before:?} {after:?}");
        }
    }

    #[test]
    fn a_larger_lead_is_never_worse_where_who_is_behind_attacks(
        standing in standings(), more in 1_i32..=3, seconds in 60_u64..100_000, marks in 0_u64..100_000,
    ) {
        let predictor = Predictor::new(&ScoringRates::pressed(seconds, marks));
        let mut ahead = standing;
        ahead.score.blue += more;
        let [before, after] = [&standing, &ahead].map(|standing| predictor.predict(standing).expect("all is known"));
        prop_assert!(after.fight.blue >= before.fight.blue - 1e-9, "{before:?} {after:?}");
        if let (Some(before), Some(after)) = (before.round, after.round) {
            prop_assert!(after.blue >= before.blue - 1e-9, "{before:?} {after:?}");
        }
    }

    #[test]
    fn the_same_lead_is_never_worse_with_less_time(standing in standings(), less in 1_u32..30) {
        let mut later = standing;
        later.stage = Stage::During;
        // What was shown so far is not about this; it would change with the time fought.
        later.round_seconds = later.round_seconds.filter(|_| later.round == 3 || later.golden);
        (later.points, later.gam_jeoms, later.round_gam_jeoms) = Default::default();
        prop_assume!(later.round_seconds.is_some() && lead(&later) > 0);
        let earlier = Standing { seconds_left: later.seconds_left.map(|left| left + less), ..later };
        prop_assert!(predict(&later).fight.blue >= predict(&earlier).fight.blue - 0.02);
    }
}

#[test]
fn what_is_not_known_gives_the_reason() {
    let reason =
        |standing: &Standing| Predictor::default().predict(standing).expect_err("not enough is known");
    assert_eq!(reason(&Standing::default()), Missing::ScoringUnknown);
    assert_eq!(reason(&Standing { round: 0, ..best_of_3() }), Missing::RoundsUnknown);
    assert_eq!(reason(&Standing { round: 4, ..best_of_3() }), Missing::RoundsUnknown);
    assert_eq!(reason(&Standing { round_seconds: None, ..best_of_3() }), Missing::RoundsUnknown);
    assert_eq!(reason(&Standing { round_seconds: Some(u32::MAX), ..best_of_3() }), Missing::RoundsUnknown);
    assert_eq!(reason(&Standing { rounds_planned: Some(u32::MAX), ..best_of_3() }), Missing::RoundsUnknown);
    assert_eq!(reason(&Standing { rounds_planned: None, ..conventional(1) }), Missing::RoundsUnknown);
    assert_eq!(reason(&Standing { seconds_left: None, ..best_of_3() }), Missing::NoMatchClock);
    assert_eq!(reason(&Standing { ended: true, ..best_of_3() }), Missing::WinnerUnknown);
    let both = PerAthlete { blue: 1, red: 1 };
    assert_eq!(reason(&Standing { round_wins: both, round: 1, ..best_of_3() }), Missing::RoundsUnknown);
}

#[test]
fn the_extremes_of_the_wire_are_no_trouble() {
    let score = PerAthlete { blue: i32::MAX, red: i32::MIN };
    for standing in [best_of_3(), conventional(1), conventional(2), conventional(4)] {
        let gam_jeoms = PerAthlete { blue: u32::MAX, red: 0 };
        let wild = Standing { score, points: score, gam_jeoms, round_gam_jeoms: gam_jeoms, ..standing };
        assert!((0.0..=1.0).contains(&predict(&wild).fight.blue));
        assert!(predict(&Standing { gam_jeoms: PerAthlete::default(), ..wild }).fight.blue > 0.99);
        let long = Standing { round_seconds: Some(5999), seconds_left: Some(u32::MAX), ..standing };
        assert!((predict(&long).fight.blue - 0.5).abs() < 1e-6);
    }
}

#[test]
fn what_is_decided_is_certain() {
    let blue = PerAthlete { blue: 1.0, red: 0.0 };
    let over = Standing { stage: Stage::Over, ..conventional(3) };
    assert_eq!(predict(&Standing { score: PerAthlete { blue: 8, red: 7 }, ..over }).fight, blue);
    let wins = Standing { round: 2, round_wins: PerAthlete { blue: 2, red: 0 }, ..best_of_3() };
    assert_eq!(predict(&wins).fight, blue);
    let gap = Standing { score: PerAthlete { blue: 25, red: 5 }, ..conventional(2) };
    assert_eq!(predict(&gap).fight, blue);
    assert!(predict(&Standing { round: 1, ..gap }).fight.blue < 1.0, "no gap in round 1");
    let round = Standing { score: PerAthlete { blue: 12, red: 0 }, ..best_of_3() };
    assert_eq!(predict(&round).round, Some(blue));
    let golden = Standing { score: PerAthlete { blue: 2, red: 1 }, ..conventional(4) };
    assert_eq!(predict(&golden).fight, blue);
    let won = |winner| predict(&Standing { winner: Some(winner), ended: true, ..Standing::default() }).fight;
    assert_eq!(won(Winner::Blue), blue);
    assert_eq!(won(Winner::Tie), PerAthlete { blue: 0.5, red: 0.5 });
}

#[test]
fn a_round_that_is_over_counts_once() {
    let score = PerAthlete { blue: 5, red: 2 };
    let open = Standing { stage: Stage::Over, seconds_left: Some(0), score, ..best_of_3() };
    let told =
        Standing { round_winner: Some(Athlete::Blue), round_wins: PerAthlete { blue: 1, red: 0 }, ..open };
    let next = Standing { round: 2, stage: Stage::Before, score: PerAthlete::default(), ..told };
    let next = Standing { round_winner: None, ..next };
    let blue = [open, told, next].map(|standing| predict(&standing).fight.blue);
    assert!(blue.iter().all(|&each| (each - blue[0]).abs() < 1e-12), "{blue:?}");
    assert!((blue[0] - 0.75).abs() < 0.1, "one more of two rounds is three in four");
}

#[test]
fn a_round_whose_winner_nobody_said_went_to_either_unless_the_match_goes_on() {
    let drawn = Standing { round: 2, stage: Stage::Before, ..best_of_3() };
    assert!((predict(&drawn).fight.blue - 0.5).abs() < 1e-12);
    let third = Standing { round: 3, round_wins: PerAthlete { blue: 1, red: 0 }, ..drawn };
    assert!((predict(&third).fight.blue - 0.5).abs() < 1e-12, "else there were no round 3");
}

#[test]
fn the_golden_round_is_a_race_to_two() {
    let at = |blue, red, gam_jeoms: (u32, u32)| {
        let round_gam_jeoms = PerAthlete { blue: gam_jeoms.0, red: gam_jeoms.1 };
        predict(&Standing { score: PerAthlete { blue, red }, round_gam_jeoms, ..conventional(4) }).fight.blue
    };
    assert!((at(0, 0, (0, 0)) - 0.5).abs() < 1e-12);
    assert!((at(1, 1, (0, 0)) - 0.5).abs() < 1e-12);
    assert!(at(1, 0, (0, 0)) > 0.6);
    assert!(at(0, 0, (0, 1)) > 0.51, "one more gam-jeom of red ends it");
    assert!((at(0, 0, (0, 2)) - 0.5).abs() < 1e-12, "two have counted");
}

/// What was shown is believed up to a point, so no later prediction takes hundreds of jumps.
#[test]
fn a_false_score_makes_no_pace_that_nobody_has() {
    let points = PerAthlete { blue: 99_999, red: 0 };
    let gam_jeoms = PerAthlete { blue: 0, red: 99_999 };
    let wild = Standing { seconds_left: Some(119), points, gam_jeoms, ..best_of_3() };
    for (pace, _) in ScoringRates::default().paces(&wild) {
        let marks: f64 = Athlete::BOTH.iter().flat_map(|&athlete| pace.points[athlete]).sum();
        assert!(marks < 0.1, "{marks} marks a second");
        assert!(pace.gam_jeoms.red < 0.1, "{} gam-jeoms a second", pace.gam_jeoms.red);
    }
}

mod moments {
    use alloc::vec::Vec;

    use pss_protocol::{
        Arrival, ClockTime, Decision, EventKey, EventKind, MatchEvent, MatchSummary, Monotonic,
    };

    use super::*;

    /// A round of two minutes whose clock shows these seconds.
    fn shown(seconds: impl IntoIterator<Item = u32>) -> Course {
        let mut summary = MatchSummary::new(0);
        (summary.scoring, summary.rounds_planned) = (Scoring::Conventional, Some(1));
        summary.round_seconds = Some(120);
        (summary.winner, summary.decision) = (Some(Winner::Blue), Some(Decision::Ptf));
        let events = (0_u32..).zip(seconds).map(|(id, seconds)| {
            let kind = match id {
                0 => EventKind::RoundStarted,
                _ => EventKind::Hit { athlete: Athlete::Blue, level: 20 },
            };
            let at = Arrival { wall: None, mono: Monotonic::from_micros(u64::from(id) * 1_000_000) };
            let mut event = MatchEvent::new(EventKey { match_index: Some(0), id }, at, kind);
            (event.round, event.clock) = (1, Some(ClockTime::from_seconds(seconds)));
            event
        });
        Course::new(summary, events.collect::<Vec<_>>())
    }

    fn counted(course: &Course) -> (usize, u64) {
        let mut calibration = Calibration::default();
        calibration.add(&Predictor::default(), course);
        (Predictor::default().timeline(course).len(), calibration.fight().count())
    }

    #[test]
    fn are_ten_seconds_apart() {
        assert_eq!(counted(&shown([120, 85])), (4, 4)); // its start, 110, 100 and 90
    }

    #[test]
    fn of_a_clock_that_was_set_are_none() {
        assert_eq!(counted(&shown([120, 65_535 * 60 + 59, 110])), (1, 1));
        assert_eq!(counted(&shown([120, 232, 111])), (1, 1), "longer than the round");
    }

    #[test]
    fn are_no_more_than_a_page_can_bear() {
        let up_and_down = (0..500).flat_map(|_| [120, 0]);
        assert_eq!(counted(&shown(up_and_down)), (Moment::MOST, Moment::MOST as u64));
    }
}

#[test]
fn what_the_match_has_shown_moves_the_prediction() {
    let level = Standing { round: 2, score: PerAthlete { blue: 4, red: 4 }, ..conventional(2) };
    let faster = Standing { points: PerAthlete { blue: 30, red: 4 }, ..level };
    assert!(predict(&faster).fight.blue > 0.6);
}
