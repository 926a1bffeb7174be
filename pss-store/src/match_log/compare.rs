//! Our reading of a match beside its log.

use std::collections::BTreeMap;

use diesel::prelude::*;
use pss_protocol::{Athlete, Decision, PointCode, Winner};
use serde::Serialize;

use super::{
    course::{self, Course},
    parse::LogItem,
};
use crate::MatchId;

/// A scoring event.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
pub struct LoggedPoint {
    /// The round.
    pub round: u32,
    /// Who scored.
    pub athlete: Athlete,
    /// With what.
    pub code: PointCode,
    /// How many points it gave.
    pub points: u32,
}

/// A gam-jeom.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
pub struct LoggedGamJeom {
    /// The round.
    pub round: u32,
    /// Whose.
    pub athlete: Athlete,
}

/// A hit that was felt.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
pub struct LoggedHit {
    /// The round.
    pub round: u32,
    /// Who hit.
    pub athlete: Athlete,
    /// The raw level.
    pub level: u32,
}

/// How our reading of a match compares with its log, which is the truth.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[non_exhaustive]
pub struct LogComparison {
    /// The match.
    pub match_id: MatchId,
    /// Every point ever given, those taken back later included.
    pub points: Tally<LoggedPoint>,
    /// Every gam-jeom ever given, likewise.
    pub gam_jeoms: Tally<LoggedGamJeom>,
    /// Every hit.
    pub hits: Tally<LoggedHit>,
    /// The score of each round that either knows.
    pub rounds: Vec<RoundComparison>,
    /// Who won.
    pub winner: Pair<Winner>,
    /// How.
    pub decision: Pair<Decision>,
}

impl LogComparison {
    /// Whether nothing differs.
    pub fn is_equal(&self) -> bool {
        self.points.is_equal()
            && self.gam_jeoms.is_equal()
            && self.hits.is_equal()
            && self.rounds.iter().all(|round| round.log == round.reading)
            && self.winner.is_equal()
            && self.decision.is_equal()
    }
}

/// What is in both, what only the log has, what only our reading has; the same thing may come several times.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[non_exhaustive]
pub struct Tally<T> {
    /// How many are in both.
    pub both: usize,
    /// What we missed.
    pub only_log: Vec<T>,
    /// What we read and nobody decided.
    pub only_reading: Vec<T>,
}

impl<T: Copy + Ord> Tally<T> {
    fn of(log: &[T], reading: &[T]) -> Self {
        let mut counts: BTreeMap<T, (usize, usize)> = BTreeMap::new();
        for value in log {
            counts.entry(*value).or_default().0 += 1;
        }
        for value in reading {
            counts.entry(*value).or_default().1 += 1;
        }
        let mut tally = Self { both: 0, only_log: Vec::new(), only_reading: Vec::new() };
        for (value, (log, reading)) in counts {
            tally.both += log.min(reading);
            tally.only_log.extend(std::iter::repeat_n(value, log.saturating_sub(reading)));
            tally.only_reading.extend(std::iter::repeat_n(value, reading.saturating_sub(log)));
        }
        tally
    }

    /// Whether both have the same.
    pub fn is_equal(&self) -> bool {
        self.only_log.is_empty() && self.only_reading.is_empty()
    }
}

/// The score at the end of a round, blue's first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct RoundComparison {
    /// The round.
    pub round: u32,
    /// The log's; `None` where it does not have the round.
    pub log: Option<(i32, i32)>,
    /// Ours.
    pub reading: Option<(i32, i32)>,
}

/// What the log says and what we read.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct Pair<T> {
    /// The log's.
    pub log: Option<T>,
    /// Ours.
    pub reading: Option<T>,
}

impl<T: PartialEq> Pair<T> {
    /// Whether both say the same.
    pub fn is_equal(&self) -> bool {
        self.log == self.reading
    }
}

/// Compares a log with a match; `None` for a match that is not here.
pub(super) fn compare(
    connection: &mut SqliteConnection,
    items: &[LogItem],
    match_id: MatchId,
) -> QueryResult<Option<LogComparison>> {
    let reading = course::of_match(connection, match_id)?;
    Ok(reading.map(|reading| of_courses(match_id, &course::of_log(items), &reading)))
}

fn of_courses(match_id: MatchId, log: &Course, reading: &Course) -> LogComparison {
    let mut rounds: Vec<u32> = log.scores.keys().chain(reading.scores.keys()).copied().collect();
    rounds.sort_unstable();
    rounds.dedup();
    LogComparison {
        match_id,
        points: Tally::of(&log.points, &reading.points),
        gam_jeoms: Tally::of(&log.gam_jeoms, &reading.gam_jeoms),
        hits: Tally::of(&log.hits, &reading.hits),
        rounds: rounds
            .into_iter()
            .map(|round| RoundComparison {
                round,
                log: log.scores.get(&round).copied(),
                reading: reading.scores.get(&round).copied(),
            })
            .collect(),
        winner: Pair { log: log.winner, reading: reading.winner },
        decision: Pair { log: log.decision, reading: reading.decision },
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tallies_count_what_comes_several_times() {
        let tally = Tally::of(&[1, 1, 2, 3], &[1, 2, 2, 4]);
        assert_eq!(tally, Tally { both: 2, only_log: vec![1, 3], only_reading: vec![2, 4] });
        assert!(!tally.is_equal());
        assert!(Tally::of(&[2, 1], &[1, 2]).is_equal());
    }
}
