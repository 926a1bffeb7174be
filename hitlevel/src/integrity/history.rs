//! Matches in the order of time.

use alloc::{borrow::ToOwned as _, collections::BTreeMap, string::String, vec::Vec};

use pss_protocol::{Athlete, EventKind, MessageKey, PerAthlete, Timestamp};

use super::{ChallengeTally, Irregularity, Trend, challenges, corner, drift};
use crate::{Course, HitStatistics, Levels, Thresholds};

/// Where and by whom a match was fought.
#[derive(Clone, Copy, Debug)]
pub struct Occasion<'a> {
    /// Names the match in what is found.
    pub match_tag: u64,
    /// The ring; its equipment stays there.
    pub ring: &'a str,
    /// The athletes, by an id that stays theirs; `None` where it is not known who it is.
    pub people: PerAthlete<Option<i64>>,
}

/// Matches in the order of time, and what shows only across them. Keeps counts and a few datagrams of each match.
///
/// ```
/// use hitlevel::{Courses, integrity::{History, Occasion}};
/// use pss_protocol::PerAthlete;
///
/// let mut history = History::default();
/// for (course, match_tag) in Courses::default().finish().zip(1..) {
///     let people = PerAthlete { blue: None, red: None };
///     history.add(Occasion { match_tag, ring: "1", people }, &course);
/// }
/// assert!(history.trends().is_empty());
/// ```
#[derive(Clone, Debug, Default)]
pub struct History {
    pub(super) rings: BTreeMap<String, Vec<Fought>>,
    pub(super) people: BTreeMap<i64, Vec<Performance>>,
    challenges: ChallengeTally,
    challenges_of: BTreeMap<i64, ChallengeTally>,
    matches: u64,
}

/// A match of a ring.
#[derive(Clone, Debug)]
pub(super) struct Fought {
    pub(super) match_tag: u64,
    /// How many matches of all rings came before.
    pub(super) nth: u64,
    pub(super) running_seconds: u64,
    pub(super) corners: PerAthlete<Felt>,
    /// The datagrams with which its rounds began.
    pub(super) rounds: Vec<MessageKey>,
}

/// The hits of an athlete in a match.
#[derive(Clone, Debug)]
pub(super) struct Felt {
    /// Hits that reach one of the levels.
    pub(super) valid: u64,
    /// Some of them.
    pub(super) evidence: Vec<MessageKey>,
}

/// A person's match.
#[derive(Clone, Debug)]
pub(super) struct Performance {
    pub(super) match_tag: u64,
    pub(super) began: Option<Timestamp>,
    pub(super) thresholds: Thresholds,
    pub(super) felt: Levels,
    pub(super) evidence: Vec<MessageKey>,
}

impl History {
    /// Takes one more match, the latest so far.
    pub fn add(&mut self, occasion: Occasion<'_>, course: &Course) {
        let cases = challenges(course);
        for case in &cases {
            self.challenges.record(case);
            if let Some(person) = case.athlete.and_then(|athlete| occasion.people[athlete]) {
                self.challenges_of.entry(person).or_default().record(case);
            }
        }
        let totals = PerAthlete::from_fn(|athlete| course.statistics.total(athlete));
        // Where judges give the points the levels say nothing, though sensors may have felt one or the other hit; and
        // a sensor may well report the level that stands for judges once.
        let sum = |count: fn(&HitStatistics) -> u64| count(&totals.blue) + count(&totals.red);
        if sum(|hits| hits.judged) > sum(|hits| hits.felt.count()) {
            return;
        }
        if let Some(fought) = self.fought(occasion, course, &totals) {
            self.rings.entry(occasion.ring.to_owned()).or_default().push(fought);
            self.matches += 1;
        }
        for athlete in Athlete::BOTH {
            let Some(person) = occasion.people[athlete].filter(|_| !totals[athlete].felt.is_empty()) else {
                continue;
            };
            self.people.entry(person).or_default().push(Performance {
                match_tag: occasion.match_tag,
                began: course.events.iter().find_map(|event| event.at.wall),
                thresholds: course.statistics.thresholds,
                felt: totals[athlete].felt.clone(),
                evidence: hits(course, athlete, 0),
            });
        }
    }

    fn fought(
        &self,
        occasion: Occasion<'_>,
        course: &Course,
        totals: &PerAthlete<HitStatistics>,
    ) -> Option<Fought> {
        let Thresholds { body: Some(body), head: Some(head) } = course.statistics.thresholds else {
            return None;
        };
        let needed = body.min(head);
        let running_seconds = totals.blue.running_seconds;
        let began = course.events.iter().filter(|event| matches!(event.kind, EventKind::RoundStarted));
        let timed = running_seconds > 0 && totals.blue.off_clock.rounds == 0;
        timed.then(|| Fought {
            match_tag: occasion.match_tag,
            nth: self.matches,
            running_seconds,
            corners: PerAthlete::from_fn(|athlete| Felt {
                valid: totals[athlete].felt.count_from(needed),
                evidence: hits(course, athlete, needed),
            }),
            rounds: began.filter_map(|event| event.evidence).collect(),
        })
    }

    /// What shows only across the matches so far: corners first, then people.
    pub fn trends(&self) -> Vec<Trend> {
        let mut trends = corner::look(self);
        trends.extend(drift::look(self));
        trends
    }

    /// All challenges so far.
    pub fn challenges(&self) -> &ChallengeTally {
        &self.challenges
    }

    /// The challenges of each person so far, by id; those of opponents and referees are not among them.
    pub fn challenges_by_person(&self) -> impl Iterator<Item = (i64, &ChallengeTally)> {
        self.challenges_of.iter().map(|(&person, tally)| (person, tally))
    }
}

/// The datagrams of some hits of this level or a higher one.
fn hits(course: &Course, whose: Athlete, least: u32) -> Vec<MessageKey> {
    let hits = course.events.iter().filter(
        |event| matches!(event.kind, EventKind::Hit { athlete, level } if athlete == whose && level >= least),
    );
    hits.filter_map(|event| event.evidence).take(Irregularity::EVIDENCE).collect()
}
