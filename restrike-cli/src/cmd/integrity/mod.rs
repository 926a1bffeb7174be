//! `restrike integrity`: what does not fit together, for the eye of a technical delegate.

mod print;

use std::collections::HashMap;

use hitlevel::integrity::{
    ChallengeCase, ChallengeTally, Challenged, History, Irregularity, Occasion, Outcomes, Subject, Trend,
    TrendKind, challenges, irregularities,
};
use pss_protocol::{Athlete, Competitor, MessageKey, PerAthlete};
use serde::Serialize;

use super::Outcome;
use crate::{
    courses::{CoursesArgs, Origin, Told, for_each_course},
    database::{Format, print_json},
    output::{self, spark::Signs},
};

#[derive(Debug, clap::Args)]
pub(crate) struct IntegrityArgs {
    #[command(flatten)]
    courses: CoursesArgs,
    /// As text list the irregularities with a usual explanation too, and each challenge; JSON has all of them.
    #[arg(long)]
    all: bool,
    /// How to write.
    #[arg(long, value_enum, default_value_t)]
    format: Format,
    /// Text without dashes that need Unicode; so it is anyhow where the locale has no UTF-8.
    #[arg(long)]
    ascii: bool,
}

/// All that was found.
#[derive(Serialize)]
struct Found {
    matches: Vec<Match>,
    trends: Vec<TrendView>,
    challenges: Vec<Tally>,
    challenges_by_athlete: Vec<TallyOfPerson>,
}

/// A match and what does not fit in it.
#[derive(Serialize)]
struct Match {
    #[serde(flatten)]
    name: Name,
    irregularities: Vec<IrregularityView>,
    challenges: Vec<CaseView>,
}

/// Which match.
#[derive(Clone, Debug, Serialize)]
struct Name {
    match_id: Option<i64>,
    session: Option<i64>,
    file: Option<String>,
    ring: String,
    match_index: u32,
    number: Option<String>,
    blue: Competitor,
    red: Competitor,
}

impl Name {
    fn of(told: &Told) -> Self {
        let summary = &told.course.summary;
        let stored = told.stored();
        Self {
            match_id: stored.map(|stored| stored.match_id.0),
            session: stored.map(|stored| stored.session.0),
            file: match &told.origin {
                Origin::File(file) => Some(file.clone()),
                Origin::Stored(_) => None,
            },
            ring: told.ring.clone(),
            match_index: summary.index,
            number: summary.number.clone(),
            blue: summary.blue.clone(),
            red: summary.red.clone(),
        }
    }

    /// A message as the other verbs name it: `SESSION:SEQ:INDEX` in a database, `SEQ:INDEX` in a file.
    fn datagram(&self, MessageKey { seq, index }: MessageKey) -> String {
        match self.session {
            Some(session) => format!("{session}:{seq}:{index}"),
            None => format!("{seq}:{index}"),
        }
    }

    fn datagrams(&self, keys: &[MessageKey]) -> Vec<String> {
        keys.iter().map(|&key| self.datagram(key)).collect()
    }
}

#[derive(Serialize)]
struct IrregularityView {
    #[serde(flatten)]
    irregularity: Irregularity,
    datagrams: Vec<String>,
}

#[derive(Serialize)]
struct CaseView {
    #[serde(flatten)]
    case: ChallengeCase,
    datagrams: Vec<String>,
}

/// A trend with the names that this program gave the library numbers for.
#[derive(Serialize)]
struct TrendView {
    kind: TrendKind,
    ring: Option<String>,
    corner: Option<Athlete>,
    athlete: Option<Person>,
    p_value: f64,
    observed: f64,
    expected: f64,
    text: String,
    matches: Vec<Name>,
    datagrams: Vec<Datagram>,
    datagrams_total: u64,
}

#[derive(Serialize)]
struct Datagram {
    /// The place in `matches`.
    of: usize,
    datagram: String,
}

#[derive(Clone, Serialize)]
struct Person {
    /// In the database.
    athlete_id: Option<i64>,
    #[serde(flatten)]
    competitor: Competitor,
}

#[derive(Serialize)]
struct Tally {
    challenged: Challenged,
    /// Whose challenges; null for the referee's own.
    by: Option<Athlete>,
    #[serde(flatten)]
    outcomes: Outcomes,
}

#[derive(Serialize)]
struct TallyOfPerson {
    athlete: Person,
    challenged: Challenged,
    #[serde(flatten)]
    outcomes: Outcomes,
}

pub(super) fn run(args: &IntegrityArgs) -> anyhow::Result<Outcome> {
    let mut search = Search::default();
    let outcome = for_each_course(&args.courses, |told| {
        search.add(&told);
        Ok(())
    })?;
    let found = search.finish();
    match args.format {
        Format::Json => print_json(&found)?,
        Format::Text => output::print(|out| print::found(out, &found, args.all, Signs::new(args.ascii)))?,
    }
    Ok(outcome)
}

/// Goes through the matches, one after the other.
#[derive(Default)]
struct Search {
    history: History,
    names: Vec<Name>,
    matches: Vec<Match>,
    people: People,
}

impl Search {
    fn add(&mut self, told: &Told) {
        let name = Name::of(told);
        let people = self.people.of(told);
        let occasion = Occasion { match_tag: self.names.len() as u64, ring: &told.ring, people };
        self.history.add(occasion, &told.course);
        let asked = |athlete: Option<Athlete>| athlete.is_none_or(|athlete| told.asked[athlete]);
        let found = irregularities(&told.course).into_iter().filter(|found| asked(found.athlete));
        let cases = challenges(&told.course).into_iter().filter(|case| asked(case.athlete));
        self.matches.push(Match {
            irregularities: found
                .map(|irregularity| IrregularityView {
                    datagrams: name.datagrams(&irregularity.evidence),
                    irregularity,
                })
                .collect(),
            challenges: cases
                .map(|case| CaseView { datagrams: name.datagrams(&case.evidence), case })
                .collect(),
            name: name.clone(),
        });
        self.names.push(name);
    }

    fn finish(self) -> Found {
        let trends = self.history.trends().iter().map(|trend| self.trend(trend)).collect();
        let by_person = self.history.challenges_by_person().flat_map(|(id, tally)| {
            let athlete = self.people.person(id);
            Challenged::ALL.into_iter().filter_map(move |challenged| {
                let outcomes = tally.of(challenged);
                (outcomes.total() > 0).then(|| TallyOfPerson {
                    athlete: athlete.clone(),
                    challenged,
                    outcomes,
                })
            })
        });
        Found {
            challenges: tallies(self.history.challenges()),
            challenges_by_athlete: by_person.collect(),
            trends,
            matches: self.matches,
        }
    }

    fn trend(&self, trend: &Trend) -> TrendView {
        let of = |tag: u64| trend.matches.iter().position(|&known| known == tag);
        let (ring, corner, athlete) = match &trend.subject {
            Subject::Corner { ring, athlete } => (Some(ring.clone()), Some(*athlete), None),
            Subject::Person(id) => (None, None, Some(self.people.person(*id))),
            _ => (None, None, None),
        };
        let datagrams = trend.evidence.iter().filter_map(|&(tag, key)| {
            Some(Datagram {
                of: of(tag)?,
                datagram: self.names.get(usize::try_from(tag).ok()?)?.datagram(key),
            })
        });
        TrendView {
            kind: trend.kind,
            ring,
            corner,
            athlete,
            p_value: trend.strength.p_value,
            observed: trend.strength.observed,
            expected: trend.strength.expected,
            text: trend.text.clone(),
            matches: trend
                .matches
                .iter()
                .filter_map(|&tag| self.names.get(usize::try_from(tag).ok()?))
                .cloned()
                .collect(),
            datagrams: datagrams.collect(),
            datagrams_total: trend.evidence_total,
        }
    }
}

fn tallies(tally: &ChallengeTally) -> Vec<Tally> {
    let of = |by: Option<Athlete>, outcomes: &[Outcomes]| {
        let all = Challenged::ALL.into_iter().zip(outcomes.iter().copied());
        let some = all.filter(|(_, outcomes)| outcomes.total() > 0);
        some.map(move |(challenged, outcomes)| Tally { challenged, by, outcomes }).collect::<Vec<_>>()
    };
    let athletes = Athlete::BOTH.into_iter().flat_map(|athlete| of(Some(athlete), &tally.athletes[athlete]));
    athletes.chain(of(None, &tally.referee)).collect()
}

/// Who fought: by the id of the database, in a file by name and country.
#[derive(Default)]
struct People {
    known: HashMap<i64, Person>,
    named: HashMap<(String, Option<String>), i64>,
}

impl People {
    fn of(&mut self, told: &Told) -> PerAthlete<Option<i64>> {
        let summary = &told.course.summary;
        let mut of = |athlete, competitor: &Competitor| {
            let stored = told.stored().and_then(|stored| stored.athletes[athlete]).map(|id| id.0);
            let id = stored.or_else(|| {
                // Ids of databases are positive.
                let name = competitor.name.clone().filter(|_| told.stored().is_none())?;
                let next = -1 - i64::try_from(self.named.len()).ok()?;
                Some(*self.named.entry((name, competitor.country.clone())).or_insert(next))
            })?;
            let person = || Person { athlete_id: stored, competitor: competitor.clone() };
            self.known.entry(id).or_insert_with(person);
            Some(id)
        };
        PerAthlete { blue: of(Athlete::Blue, &summary.blue), red: of(Athlete::Red, &summary.red) }
    }

    fn person(&self, id: i64) -> Person {
        let unknown = || Person { athlete_id: Some(id), competitor: Competitor::default() };
        self.known.get(&id).cloned().unwrap_or_else(unknown)
    }
}
