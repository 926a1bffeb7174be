//! The page about a tournament, or about any matches together.

mod challenges;
mod groups;
mod matches;

use std::collections::BTreeMap;

use maud::{Markup, html};
use pss_protocol::{Athlete, PerAthlete, Timestamp};

use self::{groups::Groups, matches::Line};
use super::{
    fight::histograms,
    irregular::{self, Called},
    page, reliability, statistics,
    statistics::Column,
    text,
};
use crate::{
    Calibration, Course, Missing, Overall, Predictor, ScoringRates,
    integrity::{self, History, Irregularity, Occasion, Subject, Trend, Weight},
};

/// Matches, and irregularities, that are listed one by one. A page stays below a few MB however many there are.
const LISTED: usize = 2_000;

/// What the page about a tournament is made of: it takes the matches one after the other and keeps only what it shows,
/// so that they need not be in memory together.
#[derive(Clone, Debug)]
pub struct TournamentReportData {
    title: String,
    matches: Vec<Line>,
    count: u64,
    first: Option<Timestamp>,
    last: Option<Timestamp>,
    corners: PerAthlete<Overall>,
    athletes: Groups,
    categories: Groups,
    rings: Groups,
    rates: ScoringRates,
    calibration: Calibration,
    history: History,
    kinds: BTreeMap<&'static str, [u64; 3]>,
    irregularities: Vec<(Called, Irregularity)>,
    irregular: u64,
    /// How matches and people are called in the list of trends.
    names: BTreeMap<u64, Called>,
    people: BTreeMap<i64, String>,
    incomplete: bool,
}

/// A match, and where and by whom it was fought.
#[derive(Clone, Copy, Debug)]
#[non_exhaustive]
pub struct Fought<'a> {
    /// The match.
    pub course: &'a Course,
    /// The name of the ring.
    pub ring: &'a str,
    /// Who fought, by ids that stay theirs. Who has none is told by name and country.
    pub people: PerAthlete<Option<i64>>,
    /// How the match can be asked for, such as `id:17`.
    pub reference: Option<&'a str>,
    /// The session of the database in which its datagrams are counted.
    pub session: Option<i64>,
    /// The file that it was read from, where there may be several.
    pub source: Option<&'a str>,
}

impl<'a> Fought<'a> {
    /// A match of which nothing else is known.
    pub const fn new(course: &'a Course, ring: &'a str) -> Self {
        Self {
            course,
            ring,
            people: PerAthlete { blue: None, red: None },
            reference: None,
            session: None,
            source: None,
        }
    }
}

impl TournamentReportData {
    /// Without any match.
    pub fn new(title: &str) -> Self {
        Self {
            title: title.to_owned(),
            matches: Vec::new(),
            count: 0,
            first: None,
            last: None,
            corners: PerAthlete { blue: Overall::default(), red: Overall::default() },
            athletes: Groups::default(),
            categories: Groups::default(),
            rings: Groups::default(),
            rates: ScoringRates::default(),
            calibration: Calibration::default(),
            history: History::default(),
            kinds: BTreeMap::new(),
            irregularities: Vec::new(),
            irregular: 0,
            names: BTreeMap::new(),
            people: BTreeMap::new(),
            incomplete: false,
        }
    }

    /// Some of what the matches were read from could not be read: the page says so.
    pub const fn set_incomplete(&mut self) {
        self.incomplete = true;
    }

    /// Takes one more match, the latest so far.
    pub fn add(&mut self, fought: &Fought<'_>) {
        let Fought { course, ring, people, .. } = *fought;
        let tag = self.count;
        self.count += 1;
        let at = course.events.iter().find_map(|event| event.at.wall);
        self.first = self.first.into_iter().chain(at).min();
        self.last = self.last.max(at);
        for athlete in Athlete::BOTH {
            self.corners[athlete].add(&course.statistics, athlete);
            let competitor = match athlete {
                Athlete::Blue => &course.summary.blue,
                Athlete::Red => &course.summary.red,
            };
            self.athletes.add_person(people[athlete], competitor, &course.statistics, athlete);
            self.categories.add_named(course.summary.category.as_deref(), &course.statistics, athlete);
            self.rings.add_named(Some(ring), &course.statistics, athlete);
            if let (Some(person), Some(name)) = (people[athlete], &competitor.name) {
                self.people.insert(person, name.clone());
            }
        }
        // What is predicted may not have been learned from.
        self.calibration.add(&Predictor::new(&self.rates), course);
        self.rates.learn(course);
        self.history.add(Occasion { match_tag: tag, ring, people }, course);
        let called = Called {
            number: course.summary.number.clone().unwrap_or_else(|| format!("#{}", tag + 1)),
            place: [
                fought.reference.map(str::to_owned),
                Some(format!("ring {ring}")),
                fought.source.map(str::to_owned),
            ]
            .into_iter()
            .flatten()
            .collect(),
            session: fought.session,
        };
        for irregularity in integrity::irregularities(course) {
            let of_kind = self.kinds.entry(irregularity.kind.as_str()).or_default();
            of_kind[irregularity.weight as usize] += 1;
            if irregularity.weight > Weight::Note {
                self.irregular += 1;
                if self.irregularities.len() < LISTED / 4 {
                    self.irregularities.push((called.clone(), irregularity));
                }
            }
        }
        if self.matches.len() < LISTED {
            self.names.insert(tag, called);
            self.matches.push(Line::new(fought, at));
        }
    }

    /// How many matches were taken.
    pub const fn matches(&self) -> u64 {
        self.count
    }
}

/// One self-contained HTML page about a tournament or a whole database, as careful as
/// [`match_page`](super::match_page): matches with results, statistics by athlete, weight class and ring, levels,
/// scoring rates, irregularities, challenges, and how good the predictions were.
///
/// ```
/// use hitlevel::report::{TournamentReportData, tournament_page};
///
/// let page = tournament_page(&TournamentReportData::new("Open"));
/// assert!(page.contains("No match"));
/// ```
pub fn tournament_page(data: &TournamentReportData) -> String {
    let body = html! {
        (header(data))
        @if data.count > 0 {
            (matches::section(&data.matches, data.count))
            section id="levels" {
                h2 { "Levels" }
                @let hits = PerAthlete::from_fn(|athlete| data.corners[athlete].hits.clone());
                (histograms(&hits, None, "histogram-figure"))
            }
            (corners(data))
            section id="athletes" {
                h2 { "Athletes" }
                (data.athletes.table("Each athlete over all matches", "Athlete"))
            }
            section id="categories" {
                h2 { "Weight classes" }
                (data.categories.table("Both athletes of each match, by weight class", "Weight class"))
            }
            section id="rings" {
                h2 { "Rings" }
                (data.rings.table("Both athletes of each match, by ring", "Ring"))
            }
            (rates(data))
            (irregularities(data))
            (challenges::section(data.history.challenges()))
            section id="calibration" {
                h2 { "How good predictions were" }
                (reliability::left_out(&data.calibration))
                (reliability::scores(&data.calibration))
                (reliability::reliability(&data.calibration))
            }
        }
    };
    page::page(&text::harmless(&data.title), &body)
}

fn header(data: &TournamentReportData) -> Markup {
    html! {
        header id="tournament" {
            h1 { (text::foreign(&data.title)) }
            @if data.incomplete {
                p.note { "Some of the source could not be read: what stood there is in no number of this page." }
            }
            @if data.count == 0 {
                p { (text::missing("No match")) }
            } @else {
                dl.facts {
                    dt { "Matches" } dd { (data.count) }
                    dt { "Athletes" } dd { (data.athletes.len()) }
                    dt { "First message" } dd { (time(data.first)) }
                    dt { "Last match begun" } dd { (time(data.last)) }
                    dt { "Hits felt" } dd { (data.corners.blue.hits.felt.count() + data.corners.red.hits.felt.count()) }
                    dt { "Rings" } dd { (data.rings.len()) }
                }
            }
        }
    }
}

fn time(at: Option<Timestamp>) -> Markup {
    text::measured(at.ok_or(Missing::NoArrivalTimes), text::moment)
}

/// Everything by corner: where one feels less than the other over many matches, equipment is a question.
fn corners(data: &TournamentReportData) -> Markup {
    let mut all = data.corners.blue.clone();
    all.merge(&data.corners.red);
    let columns = [
        Column {
            head: html! { (text::badge(Athlete::Blue)) },
            hits: &data.corners.blue.hits,
            assessment: data.corners.blue.assessment,
        },
        Column {
            head: html! { (text::badge(Athlete::Red)) },
            hits: &data.corners.red.hits,
            assessment: data.corners.red.assessment,
        },
        Column { head: html! { "Both" }, hits: &all.hits, assessment: all.assessment },
    ];
    html! {
        section id="statistics" {
            h2 { "Statistics" }
            (statistics::table("All matches by corner", &columns))
            p.caption { "In the column of both the running clock counts for each athlete." }
            @if all.assessment.unassessed > 0 && all.assessment.assessed > 0 {
                p.note { "By the levels: without " (all.assessment.unassessed) " hits of matches whose levels are not known." }
            }
        }
    }
}

fn rates(data: &TournamentReportData) -> Markup {
    let rates = &data.rates;
    let mut both = data.corners.blue.hits.clone();
    both.merge(&data.corners.red.hits);
    html! {
        section id="rates" {
            h2 { "Scoring rates" }
            dl {
                dt { "Points an athlete scores a minute of the running clock" }
                dd { (text::measured(both.points_per_minute(), |points| format!("{points:.2}"))) }
                dt { "Actions that score a minute, for predictions" } dd { (format!("{:.2}", rates.marks_per_minute())) }
                dt { "Points of such an action" } dd { (format!("{:.2}", rates.points_per_mark())) }
                dt { "Gam-jeoms an athlete commits a minute" } dd { (format!("{:.2}", rates.gam_jeoms_per_minute())) }
            }
            p.caption {
                "The last three hold an assumption that weighs as much as " (ScoringRates::ASSUMED_SECONDS / 60) " minutes of one \
                 athlete; " (text::minutes(rates.athlete_seconds())) " were learned from. Golden rounds are left out."
            }
        }
    }
}

fn irregularities(data: &TournamentReportData) -> Markup {
    let trends = data.history.trends();
    html! {
        section id="irregularities" {
            h2 { "Irregularities" }
            @if data.kinds.is_empty() {
                p { "Nothing that does not fit together was found in any match." }
            } @else {
                table.narrow {
                    caption { "How often, by kind and weight" }
                    thead { tr {
                        th scope="col" { "Kind" } th.number scope="col" { "Contradictions" } th.number scope="col" { "Questions" }
                        th.number scope="col" { "Notes" }
                    } }
                    tbody {
                        @for (kind, of) in &data.kinds {
                            tr {
                                th scope="row" { (kind.replace('_', " ")) }
                                @for weight in [Weight::Contradiction, Weight::Question, Weight::Note] { td.number { (of[weight as usize]) } }
                            }
                        }
                    }
                }
            }
            @if !data.irregularities.is_empty() {
                (irregular::table("Contradictions and questions", data.irregularities.iter().map(|(of, one)| (Some(of), one))))
            }
            @if data.irregular > data.irregularities.len() as u64 {
                p.note { "The first " (data.irregularities.len()) " of " (data.irregular) " are listed." }
            }
            h3 { "Across matches" }
            @if trends.is_empty() { p { "No corner felt far less than before, and no athlete's levels went one way." } }
            @else { (trend_table(data, &trends)) }
            p.caption {
                "None of this proves anything. Datagrams are named by session, number and message in it, as restrike event takes \
                 them; those of a recording by number, as restrike decode counts them."
            }
        }
    }
}

fn trend_table(data: &TournamentReportData, trends: &[Trend]) -> Markup {
    /// Matches that are named in a cell.
    const NAMED: usize = 12;
    let called = |tag: &u64| match data.names.get(tag) {
        Some(called) => called.shown(),
        None => html! { "#" (tag + 1) },
    };
    html! {
        table {
            caption { "What shows only across matches" }
            thead { tr {
                th scope="col" { "About" } th scope="col" { "What" } th.number scope="col" { "Seen" } th.number scope="col" { "Expected" }
                th.number scope="col" { "By chance" } th scope="col" { "Matches" }
            } }
            tbody {
                @for trend in trends.iter().take(LISTED / 10) {
                    tr {
                        td {
                            @match &trend.subject {
                                Subject::Corner { ring, athlete } => { "Ring " (text::foreign(ring)) ", " (text::badge(*athlete)) }
                                Subject::Person(id) => @match data.people.get(id) {
                                    Some(name) => (text::foreign(name)),
                                    None => { "Athlete " (id) }
                                }
                            }
                        }
                        td { (text::foreign(&trend.text)) }
                        td.number { (format!("{:.2}", trend.strength.observed)) }
                        td.number { (format!("{:.2}", trend.strength.expected)) }
                        td.number { (format!("{:.1e}", trend.strength.p_value)) }
                        td {
                            @for (place, tag) in trend.matches.iter().take(NAMED).enumerate() {
                                @if place > 0 { "; " } (called(tag))
                            }
                            @if trend.matches.len() > NAMED { " and " (trend.matches.len() - NAMED) " more" }
                        }
                    }
                }
            }
        }
    }
}
