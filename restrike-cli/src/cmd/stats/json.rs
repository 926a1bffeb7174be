//! Statistics as JSON.

use std::io::{self, Write as _};

use anyhow::Context as _;
use hitlevel::{HitsView, LinkView, MatchHitsView};
use pss_protocol::{Athlete, Competitor, Timestamp};
use serde::Serialize;
use serde_json::{Map, Value, json};

use super::{By, group::Group};
use crate::{
    cmd::Outcome,
    courses::{CoursesArgs, Origin, Told, Tournament, for_each_course},
    output::{CANNOT_WRITE, Out, stdout},
};

/// A match: who, what, the hits and what they scored.
#[derive(Serialize)]
struct Match<'a> {
    file: Option<&'a str>,
    session: Option<i64>,
    match_id: Option<i64>,
    ring: &'a str,
    tournament: Option<&'a Tournament>,
    began_at: Option<Timestamp>,
    number: Option<&'a str>,
    phase: Option<&'a str>,
    division: Option<&'a str>,
    category: Option<&'a str>,
    blue: Who<'a>,
    red: Who<'a>,
    #[serde(flatten)]
    hits: MatchHitsView,
    links: Vec<LinkView>,
}

#[derive(Serialize)]
struct Who<'a> {
    athlete_id: Option<i64>,
    #[serde(flatten)]
    competitor: &'a Competitor,
}

impl<'a> Match<'a> {
    fn new(told: &'a Told) -> Self {
        let course = &told.course;
        let summary = &course.summary;
        let stored = told.stored();
        let who = |athlete: Athlete, competitor: &'a Competitor| Who {
            athlete_id: stored.and_then(|stored| stored.athletes[athlete]).map(|id| id.0),
            competitor,
        };
        Self {
            file: match &told.origin {
                Origin::File(name) => Some(name),
                Origin::Stored(_) => None,
            },
            session: stored.map(|stored| stored.session.0),
            match_id: stored.map(|stored| stored.match_id.0),
            ring: &told.ring,
            tournament: stored.and_then(|stored| stored.tournament.as_ref()),
            began_at: told.began_at,
            number: summary.number.as_deref(),
            phase: summary.phase.as_deref(),
            division: summary.division.as_deref(),
            category: summary.category.as_deref(),
            blue: who(Athlete::Blue, &summary.blue),
            red: who(Athlete::Red, &summary.red),
            hits: MatchHitsView::new(&course.statistics),
            links: course.links.iter().map(LinkView::new).collect(),
        }
    }
}

/// One array with an object on each line, written as they come. What fails before the first has no output.
struct Array {
    out: Out,
    any: bool,
}

impl Array {
    fn new() -> Self {
        Self { out: stdout(), any: false }
    }

    fn push(&mut self, object: &impl Serialize) -> anyhow::Result<()> {
        self.out.write_all(if self.any { b",\n" } else { b"[\n" }).context(CANNOT_WRITE)?;
        self.any = true;
        serde_json::to_writer(&mut self.out, object).map_err(io::Error::from).context(CANNOT_WRITE)
    }

    fn finish(mut self) -> anyhow::Result<()> {
        let end: &[u8] = if self.any { b"\n]\n" } else { b"[]\n" };
        self.out.write_all(end).and_then(|()| self.out.flush()).context(CANNOT_WRITE)
    }
}

pub(super) fn matches(args: &CoursesArgs) -> anyhow::Result<Outcome> {
    let mut array = Array::new();
    let outcome = for_each_course(args, |told| array.push(&Match::new(&told)))?;
    array.finish()?;
    Ok(outcome)
}

#[derive(Serialize)]
struct Line {
    #[serde(flatten)]
    group: Map<String, Value>,
    matches: u64,
    #[serde(flatten)]
    hits: HitsView,
}

pub(super) fn groups(by: &[By], groups: &[Group]) -> anyhow::Result<()> {
    let mut array = Array::new();
    for group in groups {
        array.push(&Line {
            group: by.iter().filter_map(|by| named(*by, group)).collect(),
            matches: group.matches,
            hits: HitsView::new(&group.hits, &group.assessment),
        })?;
    }
    array.finish()
}

/// What the hits have in common, under the name of what they are put together by.
fn named(by: By, group: &Group) -> Option<(String, Value)> {
    let who = &group.who;
    let (name, value) = match by {
        By::Athlete => ("athlete", json!({ "id": who.athlete_id, "name": who.name, "country": who.country })),
        By::Country => ("country", json!(who.country)),
        By::Side => ("side", json!(who.side)),
        By::Round => ("round", json!(who.round)),
        By::Match => (
            "match",
            json!({
                "number": who.number,
                "match_id": who.match_id,
                "file": who.file,
                "session": who.session,
                "ring": who.ring,
                "began_at": who.began_at,
            }),
        ),
        By::Ring => ("ring", json!({ "name": who.ring, "file": who.file })),
        By::Tournament => ("tournament", json!(who.tournament)),
        By::Category => ("category", json!({ "division": who.division, "category": who.category })),
        By::All => return None,
    };
    Some((name.to_owned(), value))
}
