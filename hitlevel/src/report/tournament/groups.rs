//! Statistics of many, one line each.

use std::collections::BTreeMap;

use maud::{Markup, html};
use pss_protocol::{Athlete, Competitor, PointCode};

use crate::{
    MatchStatistics, Overall,
    report::text::{self, measured, percent, tenth, whole},
};

/// Lines of a table.
const ROWS: usize = 500;

/// Who or what hits are counted of. In the order of this type they are listed where nothing else orders them.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Key {
    Person(i64),
    Competitor(String, Option<String>),
    Named(String),
    Unknown,
}

/// Hits by athlete, by ring, or by whatever has a name.
#[derive(Clone, Debug, Default)]
pub(super) struct Groups {
    groups: BTreeMap<Key, (Competitor, Overall)>,
}

impl Groups {
    pub(super) fn add_person(
        &mut self,
        person: Option<i64>,
        competitor: &Competitor,
        fight: &MatchStatistics,
        athlete: Athlete,
    ) {
        let key = match (person, &competitor.name) {
            (Some(person), _) => Key::Person(person),
            (None, Some(name)) => Key::Competitor(name.clone(), competitor.country.clone()),
            (None, None) => Key::Unknown,
        };
        let (called, overall) = self.groups.entry(key).or_default();
        if competitor.name.is_some() {
            called.clone_from(competitor);
        }
        overall.add(fight, athlete);
    }

    pub(super) fn add_named(&mut self, name: Option<&str>, fight: &MatchStatistics, athlete: Athlete) {
        let key = name.map_or(Key::Unknown, |name| Key::Named(name.to_owned()));
        let (called, overall) = self.groups.entry(key).or_default();
        called.name = name.map(str::to_owned);
        overall.add(fight, athlete);
    }

    /// How many there are that are known.
    pub(super) fn len(&self) -> usize {
        self.groups.keys().filter(|key| **key != Key::Unknown).count()
    }

    /// A line each, by name; of too many, those with the most matches.
    pub(super) fn table(&self, caption: &str, head: &str) -> Markup {
        let mut rows: Vec<&(Competitor, Overall)> = self.groups.values().collect();
        rows.sort_by_key(|(_, overall)| core::cmp::Reverse(overall.matches));
        let all = rows.len();
        rows.truncate(ROWS);
        rows.sort_by(|(one, _), (other, _)| one.name.cmp(&other.name));
        html! {
            table.groups {
                caption { (caption) }
                thead { tr {
                    th scope="col" { (head) }
                    @for name in [
                        "Matches", "Hits", "a minute", "Mean level", "p10", "p50", "p90", "Most", "Scored", "of all",
                        "Body", "Head", "Valid, not scored", "Near misses", "Without hit", "Points", "Punches", "Gam-jeoms",
                    ] { th.number scope="col" { (name) } }
                } }
                tbody { @for (called, overall) in rows { (row(called, overall)) } }
            }
            @if all > ROWS { p.note { "The " (ROWS) " with the most matches, of " (all) "." } }
        }
    }
}

fn row(called: &Competitor, overall: &Overall) -> Markup {
    let Overall { hits, assessment, .. } = overall;
    let level = |of: f64| measured(hits.level_quantile(of), whole);
    html! {
        tr {
            th scope="row" { (text::name(called)) }
            td.number { (overall.matches) }
            td.number { (hits.felt.count()) }
            td.number { (measured(hits.hits_per_minute(), tenth)) }
            td.number { (measured(hits.level_mean(), tenth)) }
            td.number { (level(0.1)) } td.number { (level(0.5)) } td.number { (level(0.9)) }
            td.number { (measured(hits.level_max(), whole)) }
            td.number { (hits.scored()) }
            td.number { (measured(hits.scoring_share(), percent)) }
            td.number { (hits.scored_body.count()) } td.number { (hits.scored_head.count()) }
            td.number { (measured(assessment.known(), |of| whole(of.valid_unscored))) }
            td.number { (measured(assessment.known(), |of| whole(of.near_body + of.near_head))) }
            td.number { (hits.points_without_hit) }
            td.number { (hits.points.total) }
            td.number { (hits.points.times(PointCode::P)) }
            td.number { (hits.points.gam_jeoms) }
        }
    }
}
