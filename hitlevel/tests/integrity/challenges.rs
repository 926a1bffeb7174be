//! Challenges.

use hitlevel::integrity::{ChallengeTally, Challenged, Edit, Outcome, challenges};
use pss_protocol::{Athlete, ChallengeState};

use crate::source::{capture, fair};

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
