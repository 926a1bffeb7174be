//! Who will win: the live probability, from where the match stands and how often is scored.
//!
//! [`ScoringRates`] are learned from the matches of a tournament; a [`Predictor`] holds them against a
//! [`Standing`]. The model and its limits are described in docs/PREDICTION.md.

use alloc::vec::Vec;

use pss_protocol::{Athlete, PerAthlete, Scoring, Winner};

use crate::{Course, Measured, Missing, Stage, Standing};
use chain::{Golden, Leads};
use rates::PACES;

pub use self::{
    calibration::{Bin, Calibration, Forecasts, LeftOut},
    rates::ScoringRates,
    timeline::Moment,
};

mod calibration;
mod chain;
mod rates;
mod timeline;

/// A lead that ends a round of a best of three.
const ROUND_GAP: i32 = 12;

/// A lead that ends a conventional match from round 2 on.
const MATCH_GAP: i32 = 20;

/// A lead that is taken as decisive where no rule ends the round: nobody makes up for it in what is left.
const FAR_AHEAD: i32 = 40;

/// Who wins a round or a match that nothing decides: superiority, of which the wire says nothing.
const EVEN: f64 = 0.5;

/// The longest round that a match clock can show, in seconds.
const MOST_SECONDS: u32 = 99 * 60 + 59;

/// More rounds than any match has.
const MOST_ROUNDS: u32 = 9;

/// How likely each athlete wins.
#[derive(Clone, Copy, Debug, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize))]
#[non_exhaustive]
pub struct Prediction {
    /// The present round, in best of three while the match is not decided; else rounds are not won. Both sum to 1.
    pub round: Option<PerAthlete<f64>>,
    /// The match. Both sum to 1: a draw counts as half a win for each.
    pub fight: PerAthlete<f64>,
}

impl Prediction {
    fn new(round: Option<f64>, fight: f64) -> Self {
        let both = |blue: f64| {
            let blue = blue.clamp(0.0, 1.0);
            PerAthlete { blue, red: 1.0 - blue }
        };
        Self { round: round.map(both), fight: both(fight) }
    }
}

/// Tells from where a match stands how likely each athlete wins.
///
/// Deterministic: the same rates and the same standing give the same probabilities on every platform.
///
/// ```
/// use hitlevel::{Predictor, ScoringRates, Standing};
/// use pss_protocol::Scoring;
///
/// let predictor = Predictor::new(&ScoringRates::default());
/// let mut standing = Standing::default();
/// assert!(predictor.predict(&standing).is_err(), "nothing is known");
/// (standing.scoring, standing.round, standing.round_seconds) = (Scoring::BestOf3, 1, Some(120));
/// let before = predictor.predict(&standing)?;
/// assert!((before.fight.blue - 0.5).abs() < 1e-9);
/// standing.score.blue = 5;
/// assert!(predictor.predict(&standing)?.fight.blue > 0.6);
/// # Ok::<(), hitlevel::Missing>(())
/// ```
#[derive(Clone, Debug, Default)]
pub struct Predictor {
    rates: ScoringRates,
}

impl Predictor {
    /// With what was learned so far.
    pub fn new(rates: &ScoringRates) -> Self {
        Self { rates: *rates }
    }

    /// How likely each athlete wins from here.
    ///
    /// # Errors
    ///
    /// When what it takes is not known: the scoring, the rounds or the clock; or the match is over and nothing said
    /// who won.
    pub fn predict(&self, standing: &Standing) -> Measured<Prediction> {
        if let Some(winner) = standing.winner {
            return Ok(Prediction::new(None, certain(winner)));
        }
        if standing.ended {
            return Err(Missing::WinnerUnknown);
        }
        match standing.scoring {
            Scoring::Unknown => Err(Missing::ScoringUnknown),
            Scoring::BestOf3 => BestOf3::of(standing)?.predict(standing, &self.rates),
            Scoring::Conventional => conventional(standing, &self.rates),
        }
    }

    /// How the match went: after each event that changed where it stood, and every
    /// [`Moment::SECONDS`] of the running clock, up to [`Moment::MOST`] moments.
    pub fn timeline(&self, course: &Course) -> Vec<Moment> {
        timeline::moments(self, course)
    }
}

/// Seconds of the clock that are left of the present round.
fn seconds_left(standing: &Standing) -> Measured<f64> {
    let length = || if standing.golden { Ok(Standing::GOLDEN_SECONDS) } else { round_seconds(standing) };
    match standing.stage {
        Stage::Before => length().map(f64::from),
        Stage::During => {
            let shown = standing.seconds_left.ok_or(Missing::NoMatchClock)?.min(MOST_SECONDS);
            // The clock shows whole seconds, rounded down; it starts at a whole one.
            let most = length().map_or(f64::INFINITY, |length| length.max(shown).into());
            Ok((f64::from(shown) + 0.5).min(most))
        }
        Stage::Over => Ok(0.0),
    }
}

fn round_seconds(standing: &Standing) -> Measured<u32> {
    standing
        .round_seconds
        .filter(|seconds| (1..=MOST_SECONDS).contains(seconds))
        .ok_or(Missing::RoundsUnknown)
}

/// The lead of blue. A score that no match has is a large one.
fn lead(standing: &Standing) -> i32 {
    standing.score.blue.saturating_sub(standing.score.red)
}

/// A best of three (or five, …) at one moment.
struct BestOf3 {
    /// Rounds to win.
    needed: u32,
    /// How the rounds before may have gone, with the probability of each.
    before: Vec<(PerAthlete<u32>, f64)>,
    /// Left of the present round.
    seconds_left: f64,
    /// Length of the rounds to come.
    round_seconds: f64,
}

impl BestOf3 {
    fn of(standing: &Standing) -> Measured<Self> {
        let planned = standing.rounds_planned.unwrap_or(3);
        let round = standing.round;
        if !(1..=MOST_ROUNDS).contains(&planned) || !(1..=planned).contains(&round) {
            return Err(Missing::RoundsUnknown);
        }
        let needed = planned / 2 + 1;
        let won = PerAthlete::from_fn(|athlete| {
            let present = u32::from(standing.round_winner == Some(athlete));
            standing.round_wins[athlete].saturating_sub(present)
        });
        let seconds_left = seconds_left(standing)?;
        let round_seconds = match round_seconds(standing) {
            Ok(seconds) => seconds.into(),
            Err(_) if round == planned => seconds_left,
            Err(missing) => return Err(missing),
        };
        Ok(Self { needed, before: ways(won, round - 1, needed), seconds_left, round_seconds })
    }

    fn predict(&self, standing: &Standing, rates: &ScoringRates) -> Measured<Prediction> {
        if let Some(winner) = Athlete::BOTH.into_iter().find(|&who| standing.round_wins[who] >= self.needed) {
            return Ok(Prediction::new(None, certain(winner.into())));
        }
        if self.before.is_empty() {
            return Err(Missing::RoundsUnknown);
        }
        let end = Leads::by_sign(ROUND_GAP, EVEN);
        let (mut round, mut fight) = (0.0, 0.0);
        for (pace, weight) in rates.paces(standing) {
            let [now, whole] = end.before(&pace, [self.seconds_left, self.round_seconds]);
            let this = match standing.round_winner {
                Some(winner) => certain(winner.into()),
                None => now.at(lead(standing)),
            };
            let next = whole.at(0);
            round += weight * this;
            for &(wins, share) in &self.before {
                let after = |winner| self.wins_from(with(wins, winner), next);
                fight += weight * share * (this * after(Athlete::Blue) + (1.0 - this) * after(Athlete::Red));
            }
        }
        Ok(Prediction::new(Some(round / PACES), fight / PACES))
    }

    /// How likely blue wins the match with these rounds won, when it wins each further one with `next`.
    fn wins_from(&self, wins: PerAthlete<u32>, next: f64) -> f64 {
        match Athlete::BOTH.into_iter().find(|&athlete| wins[athlete] >= self.needed) {
            Some(winner) => certain(winner.into()),
            None => {
                let after = |winner| self.wins_from(with(wins, winner), next);
                next * after(Athlete::Blue) + (1.0 - next) * after(Athlete::Red)
            }
        }
    }
}

/// Rounds won after so many rounds, when the winners of some are not known, a drawn one for example: each went to
/// either with the same probability, but nobody had won the match with them.
fn ways(won: PerAthlete<u32>, rounds: u32, needed: u32) -> Vec<(PerAthlete<u32>, f64)> {
    let Some(open) = won.blue.checked_add(won.red).and_then(|known| rounds.checked_sub(known)) else {
        return Vec::new(); // more were won than fought
    };
    let mut times = 1_u32; // how many ways there are to give `blue` of the open rounds to blue
    let mut ways = Vec::new();
    for blue in 0..=open {
        let wins = PerAthlete { blue: won.blue + blue, red: won.red + open - blue };
        if wins.blue < needed && wins.red < needed {
            ways.push((wins, f64::from(times)));
        }
        times = times * (open - blue) / (blue + 1);
    }
    let all: f64 = ways.iter().map(|(_, times)| times).sum();
    ways.iter_mut().for_each(|(_, times)| *times /= all);
    ways
}

fn with(mut wins: PerAthlete<u32>, winner: Athlete) -> PerAthlete<u32> {
    wins[winner] += 1;
    wins
}

fn conventional(standing: &Standing, rates: &ScoringRates) -> Measured<Prediction> {
    let planned = standing.rounds_planned.filter(|planned| (1..=MOST_ROUNDS).contains(planned));
    let planned = planned.ok_or(Missing::RoundsUnknown)?;
    if !(1..=planned + 1).contains(&standing.round) || standing.golden != (standing.round > planned) {
        return Err(Missing::RoundsUnknown);
    }
    let left = seconds_left(standing)?;
    let to_come = match planned.saturating_sub(standing.round) {
        0 => 0.0,
        rounds => f64::from(rounds) * f64::from(round_seconds(standing)?),
    };
    let mut fight = 0.0;
    for (pace, weight) in rates.paces(standing) {
        let golden =
            Golden::after(&pace, if standing.golden { left } else { Standing::GOLDEN_SECONDS.into() });
        let blue = if standing.golden {
            golden.at(standing.score, standing.round_gam_jeoms)
        } else {
            let draw = golden.at(PerAthlete::default(), PerAthlete::default());
            match (standing.round, planned) {
                (1, 1) => Leads::by_sign(FAR_AHEAD, draw).after(&pace, left),
                (1, _) => {
                    let second = Leads::by_sign(MATCH_GAP, draw).after(&pace, to_come);
                    second.widened(FAR_AHEAD).after(&pace, left)
                }
                _ => Leads::by_sign(MATCH_GAP, draw).after(&pace, left + to_come),
            }
            .at(lead(standing))
        };
        fight += weight * blue;
    }
    Ok(Prediction::new(None, fight / PACES))
}

/// Blue's share once it is decided.
fn certain(winner: Winner) -> f64 {
    match winner {
        Winner::Blue => 1.0,
        Winner::Red => 0.0,
        Winner::Tie => EVEN,
    }
}

#[cfg(test)]
mod tests;
