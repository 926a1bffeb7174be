//! Challenges.

use hitlevel::integrity::{ChallengeTally, Challenged, Edit, Outcome, challenges};
use pss_protocol::{Athlete, ChallengeState, EventKind, PointCode};

use crate::source::{capture, fair, fought};

#[test]
fn a_challenge_tells_what_was_before_and_what_was_changed() {
    let courses = capture("a1_bestof3_realtime");
    let cases = challenges(&courses[0]);
    let brief: Vec<_> = cases
        .iter()
        .map(|case| {
            (case.athlete, case.round, case.challenged, case.outcome, Vec::from_iter(case.edits.clone()))
        })
        .collect();
    let (blue, red, none) = (Some(Athlete::Blue), Some(Athlete::Red), Challenged::NoScore);
    assert_eq!(
        brief,
        [
            (blue, 1, none, Outcome::Accepted, vec![Edit::PointAdded]),
            (blue, 2, none, Outcome::Rejected, vec![]),
            (red, 3, none, Outcome::Accepted, vec![Edit::PointAdded]),
            (blue, 3, none, Outcome::Closed, vec![]),
        ]
    );
    assert!(cases.iter().all(|case| case.evidence.len() >= 2), "{cases:?}");
    let bursts = capture("h_bursts_reordering");
    let edits = challenges(&bursts[0]).remove(0).edits;
    assert_eq!(Vec::from_iter(edits), [Edit::PointAdded, Edit::PointRemoved, Edit::GamJeomGiven]);
}

/// Every challenge of the simulator with its outcome, and something changed where it was accepted.
#[test]
fn outcomes_are_those_of_the_table() {
    let mut tally = ChallengeTally::default();
    let mut known = [0_u64; 3];
    let (mut accepted, mut changed) = (0_u32, 0_u32);
    for seed in 1..=3 {
        let (courses, truth) = fair(seed, 40);
        for case in courses.iter().flat_map(challenges) {
            tally.record(&case);
            if case.outcome == Outcome::Accepted {
                accepted += 1;
                changed += u32::from(!case.edits.is_empty());
            }
        }
        for challenge in truth.iter().flat_map(|told| &told.challenges) {
            known[match challenge.outcome {
                ChallengeState::Accepted => 0,
                ChallengeState::Rejected => 1,
                _ => 2,
            }] += 1;
        }
    }
    let mut found = [0; 3];
    for outcomes in Challenged::ALL.map(|kind| tally.of(kind)) {
        found[0] += outcomes.accepted;
        found[1] += outcomes.rejected;
        found[2] += outcomes.closed;
        assert_eq!(outcomes.open, 0);
    }
    assert_eq!(found, known);
    assert!(accepted > 50 && changed * 20 >= accepted * 19, "{changed} of {accepted} changed something");
}

#[test]
fn the_last_decision_shortly_before_is_what_is_challenged() {
    let (blue, red) = (Athlete::Blue, Athlete::Red);
    let say = |athlete, state| EventKind::Challenge { athlete, state, won: None };
    let ask = |athlete| say(Some(athlete), ChallengeState::Requested);
    let point = |code| EventKind::Point { athlete: blue, code, points: 2 };
    let course = fought(vec![
        // Red's gam-jeom, 3 s before on the clock and longer in time: it is taken back.
        (10_000, 1, 110, EventKind::GamJeom { athlete: red }),
        (25_000, 1, 107, ask(red)),
        (35_000, 1, 107, EventKind::GamJeomRemoved { athlete: red, removes: Some(1) }),
        (35_002, 1, 107, say(Some(red), ChallengeState::Accepted)),
        // Red again, about blue's bonus, and the clock is set by 4 s.
        (45_000, 1, 97, point(PointCode::K)),
        (45_800, 1, 97, point(PointCode::Tb)),
        (48_000, 1, 96, ask(red)),
        (60_000, 1, 100, say(Some(red), ChallengeState::Rejected)),
        // Nothing for 6 s; the referee's own, whose outcome is never said, and what comes in the next round.
        (70_000, 1, 90, point(PointCode::P)),
        (76_000, 1, 84, say(None, ChallengeState::Requested)),
        (200_000, 2, 120, EventKind::RoundStarted),
        (201_000, 2, 119, point(PointCode::P)),
        // Asked for before it was seen.
        (203_000, 2, 117, say(Some(red), ChallengeState::Closed)),
    ]);
    let cases: Vec<_> = challenges(&course)
        .into_iter()
        .map(|case| {
            let datagrams: Vec<_> = case.evidence.iter().map(|key| key.seq - 100).collect();
            (
                case.athlete,
                case.challenged,
                case.concerned,
                case.outcome,
                Vec::from_iter(case.edits),
                datagrams,
            )
        })
        .collect();
    assert_eq!(
        cases,
        [
            (
                Some(red),
                Challenged::GamJeom,
                Some(red),
                Outcome::Accepted,
                vec![Edit::GamJeomRemoved],
                vec![1, 2, 3, 4]
            ),
            (
                Some(red),
                Challenged::Technical,
                Some(blue),
                Outcome::Rejected,
                vec![Edit::TimeCorrected],
                vec![6, 7, 8]
            ),
            (None, Challenged::NoScore, None, Outcome::Open, vec![], vec![10]),
            (Some(red), Challenged::Punch, Some(blue), Outcome::Closed, vec![], vec![12, 13]),
        ]
    );
}
