//! How often is scored, and how much at once.

use alloc::vec::Vec;

use pss_protocol::{Athlete, EventKind, PerAthlete, PointCode, Scoring};

use super::chain::{BANDS, MARKS, Pace, band};
use crate::{Course, MatchStatistics, Standing, standing::Walk};

/// How often athletes score, what with, and how often they commit a gam-jeom: of a tournament, or of any matches.
///
/// A **mark** is what an athlete scores at once: a punch, or a kick together with its technical bonus. It gives
/// 1 to 8 points; what gives more counts as 8. What was taken back is not counted, and neither are golden rounds.
///
/// Only whole numbers are kept, so merging is exact and equals learning from everything. Where little was learned
/// the documented assumption ([`default`](Self::default)) weighs as much as
/// [`ASSUMED_SECONDS`](Self::ASSUMED_SECONDS) of one athlete.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct ScoringRates {
    /// By points, from 1.
    marks: [u64; MARKS],
    gam_jeoms: u64,
    athlete_seconds: u64,
    /// Of best of three, and of the others: who scored while one led, by the lead.
    by_lead: [[ByLead; BANDS]; 2],
}

/// How often who led scored, and how often who did not.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
struct ByLead {
    leader: u64,
    other: u64,
}

impl ScoringRates {
    /// How much running time of one athlete the assumption stands for: that of two and a half rounds of each.
    pub const ASSUMED_SECONDS: u64 = 600;

    /// In that time: marks of 1 to 8 points …
    const ASSUMED_MARKS: [u64; MARKS] = [2, 8, 3, 1, 1, 0, 0, 0];

    /// … and gam-jeoms.
    const ASSUMED_GAM_JEOMS: u64 = 4;

    /// How much time of the match itself weighs as much as all other matches, in seconds.
    pub const MATCH_WEIGHT_SECONDS: f64 = 300.0;

    /// That weight in marks is at least this, however seldom is scored: below, what the first marks of a match
    /// show about the athletes would be taken for more than it can be.
    const LEAST_WEIGHT_MARKS: f64 = 4.0;

    /// What a match shows is believed up to so many marks, or gam-jeoms, of an athlete per second fought: many times
    /// what the busiest do …
    const MOST_PER_SECOND: f64 = 0.5;

    /// … and so many more: the clock may be wrong, and much may happen at once.
    const MOST_AT_ONCE: f64 = 10.0;

    /// So many marks with each lead are assumed to be shared evenly.
    const ASSUMED_WITH_LEAD: u64 = 40;

    /// Who leads scores at least so much of what both do: more of it can hardly be the lead's doing.
    const LEAST_LEADER_SHARE: f64 = 0.2;

    /// Adds what happened in a match. Nothing is learned from one whose running clock jumped: how long was fought is
    /// not known.
    pub fn learn(&mut self, course: &Course) {
        if course.statistics.total(Athlete::Blue).off_clock.rounds > 0 {
            return;
        }
        let planned = course.summary.rounds_planned.unwrap_or(3);
        let golden = |round: u32| course.summary.scoring != Scoring::BestOf3 && round > planned;
        // Time and marks of the same rounds: those that are told apart.
        let counts = |round: u32| (1..=MatchStatistics::ROUNDS as u32).contains(&round) && !golden(round);
        for round in (1..=MatchStatistics::ROUNDS as u32).filter(|&round| counts(round)) {
            let of_round = course.statistics.round(round);
            self.athlete_seconds += of_round.blue.running_seconds + of_round.red.running_seconds;
        }
        self.learn_by_lead(course);
        let mut marks = Vec::<Mark>::new();
        let mut gam_jeoms = 0_u64;
        for event in course.events.iter().filter(|event| counts(event.round)) {
            match event.kind {
                EventKind::Point { athlete, code, points } => {
                    marks.push(Mark { id: event.key.id, round: event.round, athlete, code, points });
                }
                EventKind::PointRemoved { athlete, code, points, removes } => {
                    let same = |mark: &Mark| match removes {
                        Some(id) => mark.id == id,
                        None => (mark.athlete, mark.code, mark.points) == (athlete, code, points),
                    };
                    if let Some(place) = marks.iter().rposition(same) {
                        marks.remove(place);
                    }
                }
                EventKind::GamJeom { .. } => gam_jeoms += 1,
                EventKind::GamJeomRemoved { .. } => gam_jeoms = gam_jeoms.saturating_sub(1),
                _ => {}
            }
        }
        self.gam_jeoms += gam_jeoms;
        for points in with_bonuses(marks) {
            if let Some(place) = points.checked_sub(1) {
                self.marks[(place as usize).min(MARKS - 1)] += 1;
            }
        }
    }

    /// What each scores beside what the score was just before.
    fn learn_by_lead(&mut self, course: &Course) {
        let by_lead = &mut self.by_lead[usize::from(course.summary.scoring != Scoring::BestOf3)];
        let mut walk = Walk::new(&course.summary);
        for event in &course.events {
            let scorer = match event.kind {
                EventKind::Point { athlete, code: PointCode::P | PointCode::K | PointCode::H, .. } => {
                    Some(athlete)
                }
                EventKind::GamJeom { athlete } => Some(athlete.opponent()),
                _ => None,
            };
            let standing = walk.standing();
            let lead = standing.score.blue.saturating_sub(standing.score.red);
            if let (Some(scorer), Some(band), false) = (scorer, band(lead), standing.golden) {
                match standing.round_leader() == Some(scorer) {
                    true => by_lead[band].leader += 1,
                    false => by_lead[band].other += 1,
                }
            }
            walk.apply(event);
        }
    }

    /// How much of what is scored goes to who leads, by the lead. That the better athlete leads more often is no
    /// effect of the lead, so it is never more than half.
    fn leader_share(&self, scoring: Scoring) -> [f64; BANDS] {
        self.by_lead[usize::from(scoring != Scoring::BestOf3)].map(|ByLead { leader, other }| {
            let assumed = Self::ASSUMED_WITH_LEAD as f64;
            let share = (leader as f64 + assumed / 2.0) / ((leader + other) as f64 + assumed);
            share.clamp(Self::LEAST_LEADER_SHARE, 0.5)
        })
    }

    /// Adds all of another.
    pub fn merge(&mut self, other: &Self) {
        for (mine, others) in self.by_lead.iter_mut().flatten().zip(other.by_lead.iter().flatten()) {
            mine.leader += others.leader;
            mine.other += others.other;
        }
        for (mine, others) in self.marks.iter_mut().zip(other.marks) {
            *mine += others;
        }
        self.gam_jeoms += other.gam_jeoms;
        self.athlete_seconds += other.athlete_seconds;
    }

    /// Running time that was learned from, in seconds, of both athletes of every match together.
    pub const fn athlete_seconds(&self) -> u64 {
        self.athlete_seconds
    }

    /// Marks an athlete scores per minute of the running clock, the assumption included.
    pub fn marks_per_minute(&self) -> f64 {
        let marks: u64 = self.assumed_marks().iter().sum();
        marks as f64 * 60.0 / self.assumed_seconds()
    }

    /// Points that a mark gives on average, the assumption included.
    pub fn points_per_mark(&self) -> f64 {
        let marks = self.assumed_marks();
        let points: u64 = (1..).zip(marks).map(|(points, times)| points * times).sum();
        points as f64 / marks.iter().sum::<u64>() as f64
    }

    /// Gam-jeoms an athlete commits per minute of the running clock, the assumption included.
    pub fn gam_jeoms_per_minute(&self) -> f64 {
        (self.gam_jeoms + Self::ASSUMED_GAM_JEOMS) as f64 * 60.0 / self.assumed_seconds()
    }

    fn assumed_marks(&self) -> [u64; MARKS] {
        core::array::from_fn(|place| self.marks[place] + Self::ASSUMED_MARKS[place])
    }

    fn assumed_seconds(&self) -> f64 {
        (self.athlete_seconds + Self::ASSUMED_SECONDS) as f64
    }

    /// How fast both may score from here, each with its weight. The weights sum to [`PACES`].
    ///
    /// What an athlete scores has a Gamma distribution around the rate of the tournament, and what the match has shown
    /// so far narrows it. Both have seen the same time, so blue's share of the marks has a Beta distribution; it is
    /// taken at three places, which have its mean and its variance.
    pub(super) fn paces(&self, standing: &Standing) -> [(Pace, f64); 3] {
        let rate = self.marks_per_minute() / 60.0;
        let weight = Self::MATCH_WEIGHT_SECONDS.max(Self::LEAST_WEIGHT_MARKS / rate);
        let fought = standing.seconds_fought().map_or(0.0, f64::from);
        let seconds = weight + fought;
        let seen = fought > 0.0;
        let most = Self::MOST_AT_ONCE + Self::MOST_PER_SECOND * fought;
        let shape = PerAthlete::from_fn(|athlete| {
            let points = if seen { standing.points[athlete].max(0) } else { 0 };
            rate * weight + (f64::from(points) / self.points_per_mark()).min(most)
        });
        let gam_jeom_rate = self.gam_jeoms_per_minute() / 60.0;
        let gam_jeoms = PerAthlete::from_fn(|athlete| {
            let given = if seen { standing.gam_jeoms[athlete] } else { 0 };
            (gam_jeom_rate * weight + f64::from(given).min(most)) / seconds
        });
        let both = shape.blue + shape.red;
        let mean = shape.blue / both;
        let spread = libm::sqrt(3.0 * mean * (1.0 - mean) / (both + 1.0));
        let marks = self.assumed_marks();
        let all: u64 = marks.iter().sum();
        let share = marks.map(|times| times as f64 / all as f64);
        let leader_share = self.leader_share(standing.scoring);
        [(-spread, 1.0), (0.0, 4.0), (spread, 1.0)].map(|(off, weight)| {
            let blue = (mean + off).clamp(0.0, 1.0) * both / seconds;
            let rates = PerAthlete { blue, red: both / seconds - blue };
            let points = PerAthlete::from_fn(|athlete| share.map(|share| share * rates[athlete]));
            (Pace { points, gam_jeoms, leader_share }, weight)
        })
    }
}

/// The sum of the weights of the paces: whole numbers, so that the mean of certainties is certain.
pub(super) const PACES: f64 = 6.0;

/// Something that was scored and stands.
struct Mark {
    id: u32,
    round: u32,
    athlete: Athlete,
    code: PointCode,
    points: u32,
}

/// The points of each mark: a technical bonus belongs to the athlete's kick before it.
fn with_bonuses(marks: Vec<Mark>) -> impl Iterator<Item = u32> {
    let mut sums = Vec::<u32>::new();
    let mut kicks = PerAthlete::<Option<(u32, usize)>>::default();
    for mark in marks {
        let bonus = matches!(mark.code, PointCode::Tb | PointCode::Th);
        match kicks[mark.athlete].take() {
            Some((round, kick)) if bonus && round == mark.round => {
                sums[kick] = sums[kick].saturating_add(mark.points);
            }
            _ => {
                if matches!(mark.code, PointCode::K | PointCode::H) {
                    kicks[mark.athlete] = Some((mark.round, sums.len()));
                }
                sums.push(mark.points);
            }
        }
    }
    sums.into_iter()
}

#[cfg(test)]
impl ScoringRates {
    /// Where nobody who leads ever scores.
    pub(super) fn pressed(athlete_seconds: u64, marks: u64) -> Self {
        let by_lead = [[ByLead { leader: 0, other: 10_000 }; BANDS]; 2];
        Self { marks: [marks / 5; MARKS], gam_jeoms: marks / 5, athlete_seconds, by_lead }
    }
}

#[cfg(test)]
mod tests {
    use alloc::vec;

    use pss_protocol::{
        Arrival, ClockTime, EventKey, EventKind::*, MatchEvent, MatchSummary, Monotonic, PointCode::*,
    };

    use super::*;

    const BLUE: Athlete = Athlete::Blue;
    const RED: Athlete = Athlete::Red;

    /// A conventional match of one round of two minutes and a golden one: round, clock, and what happened.
    fn course(events: &[(u32, u32, EventKind)]) -> Course {
        let mut summary = MatchSummary::new(0);
        (summary.scoring, summary.rounds_planned) = (Scoring::Conventional, Some(1));
        summary.round_seconds = Some(120);
        let events = (0_u32..).zip(events).map(|(id, (round, clock, kind))| {
            let at = Arrival { wall: None, mono: Monotonic::from_micros(u64::from(id) * 1_000_000) };
            let mut event = MatchEvent::new(EventKey { match_index: Some(0), id }, at, kind.clone());
            (event.round, event.clock) = (*round, Some(ClockTime::from_seconds(*clock)));
            event
        });
        Course::new(summary, events.collect())
    }

    fn learned(courses: &[&Course]) -> ScoringRates {
        let mut rates = ScoringRates::default();
        courses.iter().for_each(|course| rates.learn(course));
        rates
    }

    fn point(athlete: Athlete, code: PointCode, points: u32) -> EventKind {
        Point { athlete, code, points }
    }

    #[test]
    fn marks_are_what_was_scored_at_once_and_stands() {
        let rates = learned(&[&course(&[
            (1, 120, RoundStarted),
            (1, 100, point(BLUE, K, 2)),
            (1, 99, point(RED, P, 1)),
            (1, 99, point(BLUE, Tb, 2)), // of the kick: a mark of 4
            (1, 90, point(BLUE, Th, 2)), // of no kick: a mark of its own
            (1, 80, point(RED, H, 3)),   // 5: taken back
            (1, 80, PointRemoved { athlete: RED, code: H, points: 3, removes: Some(5) }),
            (1, 70, GamJeom { athlete: RED }),
            (1, 60, point(RED, K, 99)),
            (1, 0, RoundEnded { winner: None }),
            (2, 60, RoundStarted),
            (2, 50, point(BLUE, P, 1)),
            (2, 40, GamJeom { athlete: BLUE }),
        ])]);
        assert_eq!(rates.marks, [1, 1, 0, 1, 0, 0, 0, 1]);
        assert_eq!((rates.gam_jeoms, rates.athlete_seconds()), (1, 240));
    }

    #[test]
    fn who_scored_is_held_against_who_led() {
        let rates = learned(&[&course(&[
            (1, 120, RoundStarted),
            (1, 100, point(BLUE, H, 3)),        // at a draw
            (1, 90, point(BLUE, K, 2)),         // 3 ahead
            (1, 80, point(RED, K, 2)),          // 5 behind
            (1, 70, GamJeom { athlete: BLUE }), // 3 behind
            (2, 60, RoundStarted),
            (2, 50, point(BLUE, P, 1)),
        ])]);
        assert_eq!(rates.by_lead[0], [ByLead::default(); BANDS]);
        assert_eq!(rates.by_lead[1][1], ByLead { leader: 1, other: 2 });
        let share = rates.leader_share(Scoring::Conventional)[1];
        assert!((share - 21.0 / 43.0).abs() < 1e-12, "{share}");
        assert_eq!(rates.leader_share(Scoring::BestOf3), [0.5; BANDS]);
    }

    #[test]
    fn nothing_is_learned_where_the_clock_jumped() {
        let jump = pss_protocol::Anomaly { kind: pss_protocol::AnomalyKind::ClockJump, text: String::new() };
        let jumped = course(&[
            (1, 120, RoundStarted),
            (1, 90, point(BLUE, K, 2)),
            (1, 110, Anomaly(jump)),
            (1, 20, point(RED, P, 1)),
        ]);
        assert_eq!(learned(&[&jumped]), ScoringRates::default());
    }

    #[test]
    fn merging_is_learning_from_everything_in_any_order() {
        let first = course(&[(1, 120, RoundStarted), (1, 90, point(BLUE, P, 1)), (1, 80, point(RED, K, 2))]);
        let second = course(&[(1, 120, RoundStarted), (1, 30, GamJeom { athlete: RED })]);
        let third = course(&[]);
        let parts: Vec<_> = vec![&first, &second, &third];
        for order in [[0, 1, 2], [2, 1, 0], [1, 0, 2]] {
            let mut merged = ScoringRates::default();
            order.iter().for_each(|&part| merged.merge(&learned(&[parts[part]])));
            assert_eq!(merged, learned(&parts));
        }
    }

    #[test]
    fn without_matches_the_assumption_holds() {
        let rates = ScoringRates::default();
        assert!((rates.marks_per_minute() - 1.5).abs() < 1e-12);
        assert!((rates.points_per_mark() - 36.0 / 15.0).abs() < 1e-12);
        assert!((rates.gam_jeoms_per_minute() - 0.4).abs() < 1e-12);
    }
}
