//! The list of matches.

use maud::{Markup, html};
use pss_protocol::{Athlete, Competitor, Decision, Timestamp, Winner};

use super::Fought;
use crate::report::text;

/// A match in the list.
#[derive(Clone, Debug)]
pub(super) struct Line {
    reference: Option<String>,
    at: Option<Timestamp>,
    ring: String,
    number: Option<String>,
    phase: Option<String>,
    category: Option<String>,
    blue: Competitor,
    red: Competitor,
    rounds: Vec<(i32, i32)>,
    winner: Option<Winner>,
    result: Option<String>,
    decision: Option<Decision>,
    started: bool,
    hits: [u64; 2],
}

impl Line {
    pub(super) fn new(fought: &Fought<'_>, at: Option<Timestamp>) -> Self {
        let summary = &fought.course.summary;
        Self {
            reference: fought.reference.map(str::to_owned),
            at,
            ring: fought.ring.to_owned(),
            number: summary.number.clone(),
            phase: summary.phase.clone(),
            category: summary.category.clone(),
            blue: summary.blue.clone(),
            red: summary.red.clone(),
            rounds: summary.rounds.iter().take(5).map(|round| (round.blue, round.red)).collect(),
            winner: summary.winner,
            result: summary.result.clone(),
            decision: summary.decision,
            started: summary.started,
            hits: Athlete::BOTH.map(|athlete| fought.course.statistics.total(athlete).felt.count()),
        }
    }
}

pub(super) fn section(lines: &[Line], count: u64) -> Markup {
    let references = lines.iter().any(|line| line.reference.is_some());
    html! {
        section id="matches" {
            h2 { "Matches" }
            table.matches {
                caption { "In the order of time" }
                thead { tr {
                    th scope="col" { "Match" } @if references { th scope="col" { "In the database" } }
                    th scope="col" { "Begun" } th scope="col" { "Ring" } th scope="col" { "Phase" } th scope="col" { "Weight class" }
                    th scope="col" { "Blue" } th scope="col" { "Red" } th scope="col" { "Rounds" } th scope="col" { "Result" }
                    th.number scope="col" { "Hits blue" } th.number scope="col" { "red" }
                } }
                tbody { @for line in lines { (row(line, references)) } }
            }
            @if count > lines.len() as u64 { p.note { "The first " (lines.len()) " of " (count) " matches are listed; all are counted." } }
        }
    }
}

fn row(line: &Line, references: bool) -> Markup {
    let side = |athlete: Athlete, competitor: &Competitor| {
        let won = line.winner.is_some_and(|winner| winner.athlete() == Some(athlete));
        html! { td { @if won { b { (text::name(competitor)) } " ✓" } @else { (text::name(competitor)) } } }
    };
    html! {
        tr {
            td { @match &line.number { Some(number) => (text::foreign(number)), None => "–" } }
            @if references { td { (line.reference.as_deref().unwrap_or("–")) } }
            td { @match line.at { Some(at) => (text::moment(at)), None => "–" } }
            td { (text::foreign(&line.ring)) }
            td { @if let Some(phase) = &line.phase { (text::foreign(phase)) } }
            td { @if let Some(category) = &line.category { (text::foreign(category)) } }
            (side(Athlete::Blue, &line.blue))
            (side(Athlete::Red, &line.red))
            td {
                @for (place, (blue, red)) in line.rounds.iter().enumerate() {
                    @if place > 0 { ", " } span.whole { (blue) "–" (red) }
                }
            }
            td {
                @match line.winner {
                    Some(winner) => (text::winner(winner)),
                    None if line.started => (text::missing("winner not known")),
                    None => (text::missing("not fought")),
                }
                @if let Some(result) = &line.result { " " (text::foreign(result)) }
                @if let Some(decision) = line.decision { " " abbr title=(text::decision(decision)) { (decision.as_str()) } }
            }
            @for hits in line.hits { td.number { (hits) } }
        }
    }
}
