//! A match and all that happened in it, and where it stood at each moment.

use alloc::{collections::BTreeMap, vec::Vec};

use pss_protocol::{
    Athlete, EventKind, MatchEvent, MatchSummary, PerAthlete, Scoring, Sink, Snapshot, Winner,
};

use crate::{Analysis, Link, MatchStatistics};

/// A match as a whole: what a report, a calibration and the search for irregularities start from. Unlike
/// [`Analysis`] it keeps every event.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct Course {
    /// The match as last known.
    pub summary: MatchSummary,
    /// What happened in it, in the order of the ids.
    pub events: Vec<MatchEvent>,
    /// Every kick that scored and the hit that did it, in the order in which that was found.
    pub links: Vec<Link>,
    /// All that was counted.
    pub statistics: MatchStatistics,
}

impl Course {
    /// From what a database has, or what [`Courses`] gathered.
    pub fn new(summary: MatchSummary, events: Vec<MatchEvent>) -> Self {
        let mut analysis = Analysis::default();
        analysis.match_changed(&summary);
        events.iter().for_each(|event| analysis.event(event));
        analysis.finish();
        let links = analysis.drain_links().collect();
        Self { links, statistics: analysis.statistics().clone(), summary, events }
    }

    /// Where the match stood after each event that changed it, with the place of that event in `events`.
    ///
    /// The score is what the events add up to. Where a total was taken as it was (an anomaly `score_without_point`
    /// with no point), it is not in the events, and the last standing of a round differs from
    /// [`MatchSummary::rounds`].
    pub fn standings(&self) -> Vec<(usize, Standing)> {
        let mut standing = Standing::before(&self.summary);
        let mut golden_gam_jeoms = PerAthlete::<u32>::default();
        let mut standings = Vec::new();
        for (place, event) in self.events.iter().enumerate() {
            let before = standing;
            standing.round = event.round.max(standing.round);
            standing.seconds_left = event.clock.map(|clock| clock.total_seconds()).or(standing.seconds_left);
            match event.kind {
                EventKind::RoundStarted => {
                    standing.golden = standing.scoring != Scoring::BestOf3
                        && standing.rounds_planned.is_some_and(|planned| event.round > planned);
                    if standing.golden || standing.scoring == Scoring::BestOf3 {
                        standing.score = PerAthlete::default();
                    }
                    golden_gam_jeoms = PerAthlete::default();
                }
                EventKind::Point { athlete, points, .. } => {
                    standing.score[athlete] += i32::try_from(points).unwrap_or(i32::MAX);
                }
                EventKind::PointRemoved { athlete, points, .. } => {
                    standing.score[athlete] -= i32::try_from(points).unwrap_or(i32::MAX);
                }
                EventKind::GamJeom { athlete } => {
                    golden_gam_jeoms[athlete] += 1;
                    // In the golden round every second one of an athlete counts, and twice.
                    standing.score[athlete.opponent()] += match standing.golden {
                        true if golden_gam_jeoms[athlete] % 2 == 1 => 0,
                        true => 2,
                        false => 1,
                    };
                }
                EventKind::GamJeomRemoved { athlete, .. } if !standing.golden => {
                    standing.score[athlete.opponent()] -= 1;
                }
                EventKind::RoundEnded { winner } => {
                    let listed = self.summary.rounds.iter().find(|round| round.round == event.round);
                    let winner = winner.or_else(|| listed.and_then(|round| round.winner));
                    if let Some(winner) = winner {
                        standing.round_wins[winner] += 1;
                    }
                    standing.between_rounds = true;
                }
                EventKind::MatchEnded { winner, .. } => standing.winner = winner,
                _ => {}
            }
            standing.between_rounds &= !matches!(event.kind, EventKind::RoundStarted);
            if standing != before {
                standings.push((place, standing));
            }
        }
        standings
    }
}

/// Where a match stands at one moment.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct Standing {
    /// Whether rounds or points are counted.
    pub scoring: Scoring,
    /// The golden round not counted.
    pub rounds_planned: Option<u32>,
    /// Length of a round.
    pub round_seconds: Option<u32>,
    /// The round, 0 before the first; that which has just ended while `between_rounds`.
    pub round: u32,
    /// Whether this is the golden round.
    pub golden: bool,
    /// Whether the round has ended and the next one has not begun.
    pub between_rounds: bool,
    /// What the match clock shows; up to a second more is left.
    pub seconds_left: Option<u32>,
    /// As shown: of the round in best of three and in the golden round, of the match otherwise.
    pub score: PerAthlete<i32>,
    /// Rounds won.
    pub round_wins: PerAthlete<u32>,
    /// The result, once there is one.
    pub winner: Option<Winner>,
}

impl Standing {
    fn before(summary: &MatchSummary) -> Self {
        let MatchSummary { scoring, rounds_planned, round_seconds, .. } = *summary;
        Self { scoring, rounds_planned, round_seconds, ..Self::default() }
    }

    /// Of a ring that is shown live; `None` while no match is loaded.
    pub fn of(shown: &Snapshot) -> Option<Self> {
        let summary = shown.summary.as_ref()?;
        Some(Self {
            round: shown.round,
            golden: shown.golden,
            between_rounds: shown.phase == pss_protocol::Phase::Rest,
            seconds_left: shown.clock.map(|clock| clock.total_seconds()),
            score: shown.score,
            round_wins: shown.round_wins,
            winner: summary.winner,
            ..Self::before(summary)
        })
    }

    /// Who leads by what counts first: rounds won, then the score.
    pub fn leader(&self) -> Option<Athlete> {
        let ahead = |blue: i64, red: i64| match blue.cmp(&red) {
            core::cmp::Ordering::Greater => Some(Athlete::Blue),
            core::cmp::Ordering::Less => Some(Athlete::Red),
            core::cmp::Ordering::Equal => None,
        };
        let (wins, score) = (self.round_wins, self.score);
        let by_rounds = ahead(wins.blue.into(), wins.red.into()).filter(|_| self.scoring == Scoring::BestOf3);
        by_rounds.or_else(|| ahead(score.blue.into(), score.red.into()))
    }
}

/// Gathers the matches of a session with all that happens in them.
#[derive(Clone, Debug, Default)]
pub struct Courses {
    matches: BTreeMap<u32, (Option<MatchSummary>, Vec<MatchEvent>)>,
}

impl Courses {
    /// The matches in the order in which they were chosen.
    pub fn finish(self) -> impl Iterator<Item = Course> {
        self.matches.into_iter().map(|(index, (summary, events))| {
            Course::new(summary.unwrap_or_else(|| MatchSummary::new(index)), events)
        })
    }
}

impl Sink for Courses {
    fn event(&mut self, event: &MatchEvent) {
        if let Some(index) = event.key.match_index {
            self.matches.entry(index).or_default().1.push(event.clone());
        }
    }

    fn match_changed(&mut self, summary: &MatchSummary) {
        self.matches.entry(summary.index).or_default().0 = Some(summary.clone());
    }
}
