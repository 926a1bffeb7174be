//! Matches merged by what they have in common.

use std::collections::{HashMap, HashSet};

use hitlevel::{Assessment, HitStatistics};
use pss_protocol::{Athlete, Timestamp};

use super::By;
use crate::courses::{Origin, Told, Tournament};

/// Whose hits they are, as far as that is told: of a match everything, of a group what it has in common.
#[derive(Clone, Debug, Default)]
pub(super) struct Who {
    pub(super) file: Option<String>,
    pub(super) session: Option<i64>,
    pub(super) ring: Option<String>,
    pub(super) tournament: Option<Tournament>,
    pub(super) match_id: Option<i64>,
    pub(super) number: Option<String>,
    pub(super) began_at: Option<Timestamp>,
    pub(super) phase: Option<String>,
    pub(super) division: Option<String>,
    pub(super) category: Option<String>,
    pub(super) round: Option<u32>,
    pub(super) side: Option<Athlete>,
    pub(super) athlete_id: Option<i64>,
    pub(super) name: Option<String>,
    pub(super) country: Option<String>,
}

impl Who {
    /// An athlete of a match.
    pub(super) fn of(told: &Told, athlete: Athlete) -> Self {
        let summary = &told.course.summary;
        let competitor = match athlete {
            Athlete::Blue => &summary.blue,
            Athlete::Red => &summary.red,
        };
        let stored = told.stored();
        Self {
            file: match &told.origin {
                Origin::File(name) => Some(name.clone()),
                Origin::Stored(_) => None,
            },
            session: stored.map(|stored| stored.session.0),
            ring: Some(told.ring.clone()),
            tournament: stored.and_then(|stored| stored.tournament.clone()),
            match_id: stored.map(|stored| stored.match_id.0),
            number: summary.number.clone(),
            began_at: told.began_at,
            phase: summary.phase.clone(),
            division: summary.division.clone(),
            category: summary.category.clone(),
            round: None,
            side: Some(athlete),
            athlete_id: stored.and_then(|stored| stored.athletes[athlete]).map(|id| id.0),
            name: competitor.name.clone(),
            country: competitor.country.clone(),
        }
    }

    /// What is left of it in a group.
    fn common(&self, by: &[By]) -> Self {
        let mut common = Self::default();
        for by in by {
            match by {
                By::Athlete => {
                    common.athlete_id = self.athlete_id;
                    common.name.clone_from(&self.name);
                    common.country.clone_from(&self.country);
                }
                By::Country => common.country.clone_from(&self.country),
                By::Side => common.side = self.side,
                By::Round => common.round = self.round,
                By::Match => {
                    common.match_id = self.match_id;
                    common.number.clone_from(&self.number);
                    common.began_at = self.began_at;
                    common.file.clone_from(&self.file);
                    common.session = self.session;
                    common.ring.clone_from(&self.ring);
                }
                By::Ring => {
                    common.file.clone_from(&self.file);
                    common.ring.clone_from(&self.ring);
                }
                By::Tournament => common.tournament.clone_from(&self.tournament),
                By::Category => {
                    common.division.clone_from(&self.division);
                    common.category.clone_from(&self.category);
                }
                By::All => {}
            }
        }
        common
    }
}

/// Hits that were put together.
#[derive(Clone, Debug)]
pub(super) struct Group {
    pub(super) who: Who,
    /// For people.
    pub(super) label: String,
    pub(super) matches: u64,
    pub(super) hits: HitStatistics,
    pub(super) assessment: Assessment,
}

/// What makes two hits belong together.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
enum Part {
    Id(Option<i64>),
    Texts([Option<String>; 2]),
    Number(u64),
}

/// Groups while they are filled.
pub(super) struct Groups<'a> {
    by: &'a [By],
    groups: HashMap<Vec<Part>, Group>,
    matches: u64,
}

impl<'a> Groups<'a> {
    pub(super) fn new(by: &'a [By]) -> Self {
        Self { by, groups: HashMap::new(), matches: 0 }
    }

    /// Adds what those who are asked for did in a match.
    pub(super) fn add(&mut self, told: &Told) {
        self.matches += 1;
        let statistics = &told.course.statistics;
        // A match that was only chosen, or not fought, is none of an athlete's.
        let fought = told.course.summary.started || statistics.rounds().any(|(_, round)| !is_empty(round));
        let mut touched = HashSet::new();
        for athlete in told.asked() {
            let mut who = Who::of(told, athlete);
            let mut spans: Vec<(Option<u32>, HitStatistics)> = Vec::new();
            if self.by.contains(&By::Round) {
                let rounds = statistics.rounds().filter(|(_, round)| !is_empty(round));
                spans.extend(rounds.map(|(number, round)| (Some(number), round[athlete].clone())));
            } else {
                spans.push((None, statistics.total(athlete)));
            }
            for (round, hits) in spans {
                who.round = round;
                let key = self.key(&who);
                let group = self.groups.entry(key.clone()).or_insert_with(|| Group {
                    who: who.common(self.by),
                    label: String::new(),
                    matches: 0,
                    hits: HitStatistics::default(),
                    assessment: Assessment::default(),
                });
                group.matches += u64::from(touched.insert(key) && fought);
                group.assessment.merge(&Assessment::of(&hits, statistics.thresholds));
                group.hits.merge(&hits);
            }
        }
    }

    fn key(&self, who: &Who) -> Vec<Part> {
        let part = |by: &By| match by {
            By::Athlete if who.athlete_id.is_some() => Part::Id(who.athlete_id),
            By::Athlete => Part::Texts([who.name.clone(), who.country.clone()]),
            By::Country => Part::Texts([who.country.clone(), None]),
            By::Side => Part::Number(who.side.map_or(0, |side| side.number().into())),
            By::Round => Part::Number(who.round.unwrap_or(0).into()),
            By::Match => Part::Number(self.matches),
            By::Ring => Part::Texts([who.file.clone(), who.ring.clone()]),
            By::Tournament => Part::Id(who.tournament.as_ref().map(|tournament| tournament.id)),
            By::Category => Part::Texts([who.division.clone(), who.category.clone()]),
            By::All => Part::Number(0),
        };
        self.by.iter().map(part).collect()
    }

    /// The groups in the order of what they are put together by; matches in theirs.
    pub(super) fn finish(self) -> Vec<Group> {
        let by = self.by;
        let mut sorted: Vec<(Vec<Rank>, Group)> = self
            .groups
            .into_iter()
            .map(|(key, mut group)| {
                let ranks = by.iter().zip(key).map(|(by, part)| rank(*by, part, &group.who)).collect();
                let labels = by.iter().map(|by| label(*by, &group.who));
                group.label = labels.collect::<Vec<_>>().join(", ");
                (ranks, group)
            })
            .collect();
        sorted.sort_by(|one, other| one.0.cmp(&other.0));
        sorted.into_iter().map(|(_, group)| group).collect()
    }
}

/// Whether nothing at all was counted in a round.
pub(super) fn is_empty(round: &hitlevel::RoundStatistics) -> bool {
    *round == hitlevel::RoundStatistics::default()
}

/// By number, then by text; what is not known comes last.
type Rank = (u64, bool, [Option<String>; 2], Option<i64>);

fn rank(by: By, part: Part, who: &Who) -> Rank {
    let texts = match (by, &part) {
        (By::Athlete, _) => [who.name.clone(), who.country.clone()],
        (By::Tournament, _) => [who.tournament.as_ref().map(|tournament| tournament.name.clone()), None],
        (_, Part::Texts(texts)) => texts.clone(),
        (_, Part::Id(_) | Part::Number(_)) => [None, None],
    };
    let number = if let Part::Number(number) = part { number } else { 0 };
    let id = if let Part::Id(id) = part { id } else { None };
    (number, texts == [None, None], texts, id)
}

fn label(by: By, who: &Who) -> String {
    let known = |text: &Option<String>| text.clone().unwrap_or_else(|| String::from("?"));
    match by {
        By::Athlete => {
            let country = who.country.as_ref().map_or_else(String::new, |country| format!(" ({country})"));
            // Two athletes of a database may well have the same name.
            let id = who.athlete_id.map_or_else(String::new, |id| format!(" id:{id}"));
            format!("{}{country}{id}", known(&who.name))
        }
        By::Country => known(&who.country),
        By::Side => who.side.map_or("?", Athlete::as_str).to_owned(),
        By::Round => round_label(who.round.unwrap_or(0)),
        By::Match => match who.match_id {
            Some(id) => format!("match {} (id:{id})", known(&who.number)),
            None => format!("match {}", known(&who.number)),
        },
        By::Ring => match &who.file {
            Some(file) => format!("{file} ring {}", known(&who.ring)),
            None => format!("ring {}", known(&who.ring)),
        },
        By::Tournament => {
            who.tournament.as_ref().map_or_else(|| String::from("no tournament"), |known| known.name.clone())
        }
        By::Category => match (&who.division, &who.category) {
            (Some(division), Some(category)) => format!("{category}, {division}"),
            (one, other) => known(if other.is_some() { other } else { one }),
        },
        By::All => String::from("all"),
    }
}

/// Round 0 is what was outside of all rounds.
pub(super) fn round_label(round: u32) -> String {
    if round == 0 { String::from("outside of rounds") } else { format!("round {round}") }
}
