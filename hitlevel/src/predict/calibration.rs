//! How good the predictions are, held against what became of the matches.

use alloc::vec::Vec;
use core::ops::RangeInclusive;

use pss_protocol::{Athlete, Decision, EventKind, Scoring, Winner};

use super::{
    Predictor, ScoringRates,
    timeline::{Moment, Step, walk},
};
use crate::{Course, Measured, Missing};

/// Predictions of matches whose outcome is known, held against it.
///
/// Each match that was won by points or by superiority is predicted where a round begins and every
/// [`Moment::SECONDS`] of the running clock, at most [`Moment::MOST`] times. A prediction may only rest on other matches than the one that it is
/// about: [`in_order`](Self::in_order) learns each match after it has been predicted.
///
/// Merging is exact and equals taking everything into one.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct Calibration {
    /// Who wins the round, in best of three.
    pub round: Forecasts,
    /// Who wins the match, in best of three.
    pub best_of_3: Forecasts,
    /// Who wins the match, in conventional matches.
    pub conventional: Forecasts,
    /// Matches that were left out.
    pub left_out: LeftOut,
}

/// Matches that no prediction was held against, by the reason.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize))]
#[non_exhaustive]
pub struct LeftOut {
    /// The winner is not known, or there is none.
    pub no_winner: u64,
    /// Won by something else than points or superiority (a withdrawal, a knock-out, …), or nobody said by what.
    pub otherwise_decided: u64,
    /// Nothing could be predicted: the clock, the rounds or the scoring are not known.
    pub not_predictable: u64,
}

impl Calibration {
    /// Predicts each match with what the matches before it have shown.
    pub fn in_order<'a>(courses: impl IntoIterator<Item = &'a Course>) -> Self {
        let mut calibration = Self::default();
        let mut rates = ScoringRates::default();
        for course in courses {
            calibration.add(&Predictor::new(&rates), course);
            rates.learn(course);
        }
        calibration
    }

    /// Takes the predictions of one match, which `predictor` must not have learned from.
    pub fn add(&mut self, predictor: &Predictor, course: &Course) {
        let Some(winner) = course.summary.winner.and_then(Winner::athlete) else {
            self.left_out.no_winner += 1;
            return;
        };
        use Decision::{Gdp, Ptf, Ptg, Pts, Sup};
        if !matches!(course.summary.decision, Some(Ptf | Ptg | Gdp | Sup | Pts)) {
            self.left_out.otherwise_decided += 1;
            return;
        }
        let (mut fights, mut rounds) = (Vec::new(), Vec::new());
        let mut asked = 0;
        walk(course, |step| {
            let standing = match step {
                Step::Clock(_, standing) => standing,
                Step::Event(place, _, standing) => match course.events[place].kind {
                    EventKind::RoundStarted => standing,
                    _ => return,
                },
            };
            asked += 1;
            if asked > Moment::MOST {
                return;
            }
            let Ok(prediction) = predictor.predict(standing) else { return };
            fights.push(Forecast::new(prediction.fight.blue, standing.leader(), winner));
            let won = course.summary.rounds.iter().find(|round| round.round == standing.round);
            if let (Some(round), Some(winner)) = (prediction.round, won.and_then(|round| round.winner)) {
                rounds.push(Forecast::new(round.blue, standing.round_leader(), winner));
            }
        });
        if fights.is_empty() {
            self.left_out.not_predictable += 1;
            return;
        }
        match course.summary.scoring {
            Scoring::BestOf3 => self.best_of_3.add(&fights),
            _ => self.conventional.add(&fights),
        }
        self.round.add(&rounds);
    }

    /// Who wins the match, whatever the scoring.
    pub fn fight(&self) -> Forecasts {
        let mut all = self.best_of_3.clone();
        all.merge(&self.conventional);
        all
    }

    /// Adds all of another.
    pub fn merge(&mut self, other: &Self) {
        self.round.merge(&other.round);
        self.best_of_3.merge(&other.best_of_3);
        self.conventional.merge(&other.conventional);
        self.left_out.no_winner += other.left_out.no_winner;
        self.left_out.otherwise_decided += other.left_out.otherwise_decided;
        self.left_out.not_predictable += other.left_out.not_predictable;
    }
}

/// A probability of 1, in the whole numbers that sums are exact in.
const CERTAIN: i64 = 1_000_000;

/// One prediction that blue wins, in millionths, and what became of it.
#[derive(Clone, Copy, Debug)]
struct Forecast {
    ours: i64,
    naive: i64,
    outcome: i64,
}

impl Forecast {
    fn new(ours: f64, leader: Option<Athlete>, winner: Athlete) -> Self {
        let ours = libm::round(ours * CERTAIN as f64) as i64;
        let naive = match leader {
            Some(Athlete::Blue) => CERTAIN,
            Some(Athlete::Red) => 0,
            None => CERTAIN / 2,
        };
        Self { ours, naive, outcome: if winner == Athlete::Blue { CERTAIN } else { 0 } }
    }

    /// The square of how far a prediction was off.
    fn off(&self, predicted: i64) -> i128 {
        i128::from(predicted - self.outcome).pow(2)
    }
}

/// Predictions of one kind beside what became of them, and beside the naive ones: who leads wins, and where nobody
/// leads each does with 0.5.
///
/// The **Brier score** is the mean square of how far the probability was from the outcome, 1 or 0: 0 is perfect, 0.25
/// what a coin gets.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Forecasts {
    matches: u64,
    count: i128,
    /// In units of 1e-12, like all squares below.
    ours: i128,
    naive: i128,
    /// Over the matches: squares and products of their sums, for the interval.
    gain_squared: i128,
    gain_by_count: i128,
    count_squared: i128,
    bins: [Bin; Self::BINS],
}

/// The predictions of about the same probability.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Bin {
    count: u64,
    predicted: i64,
    won: u64,
}

impl Bin {
    /// How many.
    pub const fn count(&self) -> u64 {
        self.count
    }

    /// The mean probability; `None` where there is none.
    pub fn predicted(&self) -> Option<f64> {
        (self.count > 0).then(|| self.predicted as f64 / CERTAIN as f64 / self.count as f64)
    }

    /// How often it came true, from 0.0 to 1.0; `None` where there is none.
    pub fn observed(&self) -> Option<f64> {
        (self.count > 0).then(|| self.won as f64 / self.count as f64)
    }
}

impl Forecasts {
    /// How many groups of probabilities are told apart: tenths.
    pub const BINS: usize = 10;

    /// Adds those of one match, which depend on each other.
    fn add(&mut self, forecasts: &[Forecast]) {
        if forecasts.is_empty() {
            return;
        }
        let mut of_match = Self { matches: 1, ..Self::default() };
        for forecast in forecasts {
            of_match.count += 1;
            of_match.ours += forecast.off(forecast.ours);
            of_match.naive += forecast.off(forecast.naive);
            let place = forecast.ours * Self::BINS as i64 / CERTAIN;
            let bin = &mut of_match.bins[(place as usize).min(Self::BINS - 1)];
            bin.count += 1;
            bin.predicted += forecast.ours;
            bin.won += u64::from(forecast.outcome == CERTAIN);
        }
        let gain = of_match.naive - of_match.ours;
        of_match.gain_squared = gain * gain;
        of_match.gain_by_count = gain * of_match.count;
        of_match.count_squared = of_match.count * of_match.count;
        self.merge(&of_match);
    }

    /// Adds all of another.
    pub fn merge(&mut self, other: &Self) {
        self.matches += other.matches;
        self.count += other.count;
        self.ours += other.ours;
        self.naive += other.naive;
        self.gain_squared += other.gain_squared;
        self.gain_by_count += other.gain_by_count;
        self.count_squared += other.count_squared;
        for (mine, others) in self.bins.iter_mut().zip(other.bins) {
            mine.count += others.count;
            mine.predicted += others.predicted;
            mine.won += others.won;
        }
    }

    /// How many matches they are about.
    pub const fn matches(&self) -> u64 {
        self.matches
    }

    /// How many predictions.
    pub fn count(&self) -> u64 {
        u64::try_from(self.count).unwrap_or_default()
    }

    /// The Brier score.
    ///
    /// # Errors
    ///
    /// Where nothing was predicted, as below.
    pub fn brier(&self) -> Measured<f64> {
        self.mean(self.ours)
    }

    /// That of the naive predictions.
    ///
    /// # Errors
    ///
    /// As [`brier`](Self::brier).
    pub fn naive_brier(&self) -> Measured<f64> {
        self.mean(self.naive)
    }

    /// By how much ours is below the naive one: the margin.
    ///
    /// # Errors
    ///
    /// As [`brier`](Self::brier).
    pub fn margin(&self) -> Measured<f64> {
        self.mean(self.naive - self.ours)
    }

    /// The margin as a share of the naive score: 0.0 is no better, 1.0 perfect.
    ///
    /// # Errors
    ///
    /// As [`brier`](Self::brier), and where the naive predictions were perfect.
    pub fn skill(&self) -> Measured<f64> {
        if self.naive == 0 {
            return Err(Missing::TooLittleData);
        }
        Ok((self.naive - self.ours) as f64 / self.naive as f64)
    }

    /// Where the margin of all such matches is with 95 %. The predictions of a match depend on each other, so it is the
    /// matches that count.
    ///
    /// # Errors
    ///
    /// With fewer than [`MATCHES_FOR_INTERVAL`](Self::MATCHES_FOR_INTERVAL) matches.
    pub fn margin_interval(&self) -> Measured<RangeInclusive<f64>> {
        if self.matches < Self::MATCHES_FOR_INTERVAL {
            return Err(Missing::TooLittleData);
        }
        let margin = self.margin()?;
        let (matches, count) = (self.matches as f64, self.count as f64);
        // The variance of a ratio of sums, to first order.
        let squares = self.gain_squared as f64 * 1e-24 - 2.0 * margin * self.gain_by_count as f64 * 1e-12
            + margin * margin * self.count_squared as f64;
        let error = libm::sqrt(squares.max(0.0) * matches / (matches - 1.0)) / count;
        Ok(margin - 1.96 * error..=margin + 1.96 * error)
    }

    /// From so many matches on an interval means something.
    pub const MATCHES_FOR_INTERVAL: u64 = 30;

    /// The predictions in tenths: from 0.0 to below 0.1, and so on.
    pub const fn bins(&self) -> &[Bin; Self::BINS] {
        &self.bins
    }

    fn mean(&self, sum: i128) -> Measured<f64> {
        if self.count == 0 { Err(Missing::TooLittleData) } else { Ok(sum as f64 * 1e-12 / self.count as f64) }
    }
}

#[cfg(test)]
mod tests {
    use alloc::vec;

    use proptest::prelude::*;

    use super::*;

    fn forecasts(matches: &[Vec<(f64, Option<bool>, bool)>]) -> Forecasts {
        let mut forecasts = Forecasts::default();
        let athlete = |blue: bool| if blue { Athlete::Blue } else { Athlete::Red };
        for of_match in matches {
            let of_match = of_match
                .iter()
                .map(|&(ours, leader, won)| Forecast::new(ours, leader.map(athlete), athlete(won)));
            forecasts.add(&of_match.collect::<Vec<_>>());
        }
        forecasts
    }

    #[test]
    fn scores_and_bins_are_those_of_the_definition() {
        let few =
            forecasts(&[vec![(0.8, Some(true), true), (0.6, None, true)], vec![(0.35, Some(false), true)]]);
        assert_eq!((few.matches(), few.count()), (2, 3));
        let near = |measured: Measured<f64>, expected: f64| {
            assert!((measured.expect("there are some") - expected).abs() < 1e-9, "{measured:?} {expected}");
        };
        near(few.brier(), (0.04 + 0.16 + 0.4225) / 3.0);
        near(few.naive_brier(), (0.0 + 0.25 + 1.0) / 3.0);
        near(few.margin(), (1.25 - 0.6225) / 3.0);
        near(few.skill(), 1.0 - 0.6225 / 1.25);
        assert_eq!(few.margin_interval(), Err(Missing::TooLittleData));
        let [third, sixth, eighth] = [3, 6, 8].map(|place| few.bins()[place]);
        assert_eq!((third.count(), third.predicted(), third.observed()), (1, Some(0.35), Some(1.0)));
        assert_eq!((sixth.count(), eighth.count()), (1, 1));
        assert_eq!((few.bins()[0].predicted(), few.bins()[0].observed()), (None, None));
    }

    #[test]
    fn nothing_and_perfection_give_the_reason() {
        let none = Forecasts::default();
        assert_eq!(none.brier(), Err(Missing::TooLittleData));
        assert_eq!(none.skill(), Err(Missing::TooLittleData));
        let perfect = forecasts(&[vec![(1.0, Some(true), true)]]);
        assert_eq!((perfect.brier(), perfect.skill()), (Ok(0.0), Err(Missing::TooLittleData)));
        assert_eq!(perfect.bins()[Forecasts::BINS - 1].count(), 1);
    }

    #[test]
    fn the_interval_counts_matches_not_predictions() {
        let of_match = |times: usize, won| vec![(0.7, Some(true), won); times];
        let both = |times| (0..100).map(|nth| of_match(times, nth % 2 == 0)).collect::<Vec<_>>();
        let some = forecasts(&both(1)).margin_interval().expect("enough matches");
        let more = forecasts(&both(9)).margin_interval().expect("enough matches");
        assert!((some.start() - more.start()).abs() < 1e-9 && (some.end() - more.end()).abs() < 1e-9);
        // Won: 0 − 0.09; lost: 1 − 0.49. The standard error of their mean over 100 matches.
        let (mean, deviation) = (0.21, 0.3);
        let half = 1.96 * deviation / libm::sqrt(99.0);
        assert!((some.start() - (mean - half)).abs() < 1e-6 && (some.end() - (mean + half)).abs() < 1e-6);
    }

    proptest! {
        #[test]
        fn merging_is_taking_everything(
            matches in prop::collection::vec(
                prop::collection::vec((0.0..=1.0_f64, any::<Option<bool>>(), any::<bool>()), 0..6), 0..12),
            cuts in (0..12_usize, 0..12_usize),
        ) {
            let first = cuts.0.min(matches.len());
            let second = cuts.1.clamp(first, matches.len());
            let [a, b, c] = [&matches[..first], &matches[first..second], &matches[second..]].map(forecasts);
            let merged = |parts: &[&Forecasts]| {
                let mut all = Forecasts::default();
                parts.iter().for_each(|part| all.merge(part));
                all
            };
            let all = forecasts(&matches);
            prop_assert_eq!(&merged(&[&a, &b, &c]), &all);
            prop_assert_eq!(&merged(&[&c, &a, &b]), &all);
            prop_assert_eq!(&merged(&[&a, &merged(&[&b, &c])]), &all);
        }
    }
}
