//! Who wins, as it looks at this moment.

use std::{collections::BTreeMap, time::Duration};

use hitlevel::{Missing, Prediction, Predictor, Standing};
use pss_protocol::{Monotonic, PerAthlete, Snapshot};
use serde::Serialize;

use super::learn::Learned;

/// How often a ring's prediction is made while it changes.
const PACE: Duration = Duration::from_secs(1);

/// The `data` of a frame with a prediction.
#[derive(Debug, Serialize)]
pub(super) struct PredictionData {
    /// As in the frames of events: counted from 0 in the session, null before any.
    #[serde(rename = "match")]
    match_index: Option<u32>,
    /// Who wins the present round; null where no round is to be won.
    round: Option<PerAthlete<f64>>,
    /// Who wins the match.
    fight: Option<PerAthlete<f64>>,
    /// Why what is null is missing.
    missing: BTreeMap<&'static str, Reason>,
    /// How many matches of the tournament were learned from …
    learned_matches: u64,
    /// … and how long was fought in them.
    learned_seconds: u64,
}

/// Why there is no prediction.
#[derive(Debug, Serialize)]
#[serde(untagged)]
enum Reason {
    Missing(Missing),
    NoMatch(NoMatch),
}

/// The ring has heard of none yet.
#[derive(Debug, Serialize)]
#[serde(rename_all = "snake_case")]
enum NoMatch {
    NoMatch,
}

/// One ring's predictions.
#[derive(Debug, Default)]
pub(super) struct Foresight {
    /// What the last one was made of.
    made_of: Option<(Option<(u32, Standing)>, Learned)>,
    /// None is made before.
    due: Monotonic,
}

impl Foresight {
    /// A prediction, if one is due and what it depends on has changed. Without a match it tells what was learned.
    pub(super) fn look(
        &mut self,
        shown: &Snapshot,
        learned: Learned,
        now: Monotonic,
    ) -> Option<PredictionData> {
        let index = shown.summary.as_ref().map(|summary| summary.index);
        let made_of = (index.zip(Standing::of(shown)), learned);
        if now < self.due || self.made_of == Some(made_of) {
            return None;
        }
        self.made_of = Some(made_of);
        self.due = now + PACE;
        Some(PredictionData::new(made_of))
    }
}

impl PredictionData {
    fn new((shown, learned): (Option<(u32, Standing)>, Learned)) -> Self {
        let mut missing = BTreeMap::new();
        let predictor = Predictor::new(&learned.rates);
        let (round, fight) = match shown.map(|(_, standing)| predictor.predict(&standing)) {
            Some(Ok(Prediction { round, fight, .. })) => {
                (round.ok_or(Reason::Missing(Missing::NoRoundToWin)), Ok(fight))
            }
            Some(Err(reason)) => (Err(Reason::Missing(reason)), Err(Reason::Missing(reason))),
            None => (Err(Reason::NoMatch(NoMatch::NoMatch)), Err(Reason::NoMatch(NoMatch::NoMatch))),
        };
        let mut keep = |name, value: Result<PerAthlete<f64>, Reason>| match value {
            Ok(chances) => Some(PerAthlete::from_fn(|athlete| (chances[athlete] * 1000.0).round() / 1000.0)),
            Err(reason) => {
                missing.insert(name, reason);
                None
            }
        };
        let (round, fight) = (keep("round", round), keep("fight", fight));
        let (learned_matches, learned_seconds) = (learned.matches, learned.rates.athlete_seconds() / 2);
        Self {
            match_index: shown.map(|(index, _)| index),
            round,
            fight,
            missing,
            learned_matches,
            learned_seconds,
        }
    }
}

#[cfg(test)]
mod tests {
    use pss_protocol::{ClockTime, MatchSummary, Phase, Scoring};

    use super::*;

    fn shown(seconds: u32) -> Snapshot {
        let mut summary = MatchSummary::new(2);
        (summary.scoring, summary.round_seconds) = (Scoring::BestOf3, Some(120));
        let mut shown = Snapshot::default();
        shown.summary = Some(summary);
        (shown.phase, shown.round) = (Phase::Fighting, 1);
        shown.clock = Some(ClockTime::from_seconds(seconds));
        shown
    }

    #[test]
    fn at_most_one_a_second_and_none_without_a_change() {
        let mut foresight = Foresight::default();
        let mut at = |millis: u64, seconds: u32| {
            let now = Monotonic::from_micros(millis * 1000);
            foresight.look(&shown(seconds), Learned::default(), now).is_some()
        };
        assert!(at(0, 90));
        assert!(!at(1500, 90), "the same");
        assert!(at(1600, 89));
        assert!(!at(2599, 88), "not yet");
        assert!(at(2600, 88));
    }

    #[test]
    fn what_cannot_be_told_has_its_reason() {
        let of = |shown: &Snapshot| {
            let data = Foresight::default().look(shown, Learned::default(), Monotonic::default()).unwrap();
            serde_json::to_value(data).unwrap()
        };
        let even = serde_json::json!({ "blue": 0.5, "red": 0.5 });
        let all = serde_json::json!({
            "match": 2, "round": even, "fight": even, "missing": {}, "learned_matches": 0, "learned_seconds": 0,
        });
        assert_eq!(of(&shown(90)), all);

        let nothing = of(&Snapshot::default());
        assert!(nothing["match"].is_null() && nothing["fight"].is_null() && nothing["round"].is_null());
        assert_eq!(nothing["missing"], serde_json::json!({ "fight": "no_match", "round": "no_match" }));

        let mut unknown = shown(90);
        unknown.summary = Some(MatchSummary::new(2));
        let data = of(&unknown);
        assert!(data["fight"].is_null() && data["round"].is_null());
        let reasons = serde_json::json!({ "fight": "scoring_unknown", "round": "scoring_unknown" });
        assert_eq!(data["missing"], reasons);

        let mut conventional = shown(90);
        let summary = conventional.summary.as_mut().unwrap();
        (summary.scoring, summary.rounds_planned) = (Scoring::Conventional, Some(3));
        let data = of(&conventional);
        assert_eq!(data["fight"], even);
        assert_eq!(data["missing"], serde_json::json!({ "round": "no_round_to_win" }));
    }
}
