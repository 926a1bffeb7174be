//! The page about one match.

mod header;
mod histogram;
mod levels;
mod links;
mod probability;
mod quality;
mod score;
mod tempo;

pub(super) use self::histogram::section as histograms;

use maud::{Markup, html};
use pss_protocol::{Athlete, PerAthlete};

use super::{MatchReportData, axis::TimeAxis, irregular, page, statistics, statistics::Column, text};
use crate::{Assessment, Course, integrity};

/// One self-contained HTML page about a match: no script, no network, and no number that says more than is known.
///
/// The page opens in any browser, fits a screen 1280 px wide and A4 paper, and is readable without colours. It says
/// everything in words and tables that it shows in figures. Names and all other texts from the wire are escaped, and
/// cannot turn the direction of the text around them.
///
/// ```
/// use hitlevel::{Course, report::{MatchReportData, match_page}};
/// use pss_protocol::MatchSummary;
///
/// let course = Course::new(MatchSummary::new(0), Vec::new());
/// let page = match_page(&MatchReportData::new(&course));
/// assert!(page.starts_with("<!DOCTYPE html>"));
/// ```
pub fn match_page(data: &MatchReportData<'_>) -> String {
    let course = data.course;
    let axis = TimeAxis::of(course);
    let body = html! {
        (header::section(data))
        (score::section(course, &axis))
        (levels::section(course, &axis))
        section id="histograms" {
            h2 { "Levels" }
            @let totals = PerAthlete::from_fn(|athlete| course.statistics.total(athlete));
            (histogram::section(&totals, Some(course.statistics.thresholds), "histogram-figure"))
        }
        (links::section(course))
        (tempo::section(course, &axis))
        (probability::section(course, &axis, &data.predictor, data.learned_from))
        (counted(course))
        (irregularities(course))
        (quality::section(course, data.reception.as_ref()))
    };
    page::page(&header::title(course), &body)
}

/// The table of statistics: each athlete by round and in all.
fn counted(course: &Course) -> Markup {
    let statistics = &course.statistics;
    let rounds: Vec<u32> = statistics
        .rounds()
        .filter(|(_, of)| Athlete::BOTH.iter().any(|&athlete| of[athlete] != Default::default()))
        .map(|(round, _)| round)
        .collect();
    let totals = PerAthlete::from_fn(|athlete| statistics.total(athlete));
    let mut columns = Vec::new();
    for athlete in Athlete::BOTH {
        let head = |span: &str| html! { (text::badge(athlete)) " " (span) };
        for &round in &rounds {
            let hits = &statistics.round(round)[athlete];
            let name = if round == 0 { String::from("outside rounds") } else { format!("round {round}") };
            columns.push(Column {
                head: head(&name),
                hits,
                assessment: Assessment::of(hits, statistics.thresholds),
            });
        }
        let total = &totals[athlete];
        columns.push(Column {
            head: head("all"),
            hits: total,
            assessment: Assessment::of(total, statistics.thresholds),
        });
    }
    html! {
        section id="statistics" {
            h2 { "Statistics" }
            (statistics::table("Each athlete by round and in all", &columns))
            p.caption {
                "A near miss is at most " (Assessment::NEAR) " below a level and did not score. A dash stands where a number \
                 cannot be given, with the reason."
            }
        }
    }
}

/// What does not fit together, and the challenges.
fn irregularities(course: &Course) -> Markup {
    /// Rows of the table.
    const ROWS: usize = 100;
    let mut found = integrity::irregularities(course);
    found.sort_by_key(|irregularity| core::cmp::Reverse(irregularity.weight));
    let cases = integrity::challenges(course);
    html! {
        section id="irregularities" {
            h2 { "Irregularities and challenges" }
            @if found.is_empty() {
                p { "Nothing that does not fit together was found." }
            } @else {
                (irregular::table("What does not fit together", found.iter().take(ROWS).map(|irregularity| (None, irregularity))))
                @if found.len() > ROWS { p.note { "The first " (ROWS) " of " (found.len()) " are listed." } }
                p.caption { "None of this proves anything. Datagrams are named by their number, as restrike decode counts them." }
            }
            @if cases.is_empty() { p { "No challenge was requested." } } @else { (irregular::cases(&cases)) }
        }
    }
}
