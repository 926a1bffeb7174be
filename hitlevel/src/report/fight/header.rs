//! Who fought, and how it ended.

use maud::{Markup, html};
use pss_protocol::{Athlete, Competitor, EventKind, MatchSummary, Scoring};

use crate::{
    Course, Missing,
    report::{MatchReportData, text},
};

/// The title of the page, and the name under which a browser saves it.
pub(super) fn title(course: &Course) -> String {
    let summary = &course.summary;
    let number = summary.number.as_deref().map_or_else(|| String::from("without number"), text::harmless);
    let of = |competitor: &Competitor| {
        competitor.name.as_deref().map_or_else(|| String::from("?"), text::harmless)
    };
    format!("Match {number}: {} – {}", of(&summary.blue), of(&summary.red))
}

pub(super) fn section(data: &MatchReportData<'_>) -> Markup {
    let summary = &data.course.summary;
    html! {
        header id="match" {
            h1 {
                "Match " (text::sent(summary.number.as_deref()))
                @if let Some(phase) = &summary.phase { ", " (text::foreign(phase)) }
            }
            div.athletes {
                @for (athlete, competitor) in [(Athlete::Blue, &summary.blue), (Athlete::Red, &summary.red)] {
                    div class={ "athlete " (text::class(athlete)) } {
                        (text::badge(athlete))
                        " " strong { (text::name(competitor)) }
                        @if summary.winner.is_some_and(|winner| winner.athlete() == Some(athlete)) {
                            " " span.winner { "winner" }
                        }
                    }
                }
            }
            (result(summary))
            (rounds(summary))
            (facts(data))
        }
    }
}

fn result(summary: &MatchSummary) -> Markup {
    html! {
        p.result {
            @match summary.winner {
                Some(winner) => {
                    @match winner.athlete() {
                        Some(athlete) => { (text::corner(athlete)) " won" },
                        None => "A tie",
                    }
                    (text::basis(summary.winner_basis))
                }
                None if summary.started => (text::missing("the winner is not known")),
                None => (text::missing("the match was not fought")),
            }
            @if let Some(figures) = &summary.result { ", " (text::foreign(figures)) }
            @if let Some(decision) = summary.decision {
                ", by " abbr title=(text::decision(decision)) { (decision.as_str()) } " (" (text::decision(decision)) ")"
                (text::basis(summary.decision_basis))
            } @else if summary.winner.is_some() {
                ", decision " (text::missing("not known"))
            }
        }
    }
}

fn rounds(summary: &MatchSummary) -> Markup {
    html! {
        @if !summary.rounds.is_empty() {
            table.narrow {
                caption {
                    @match summary.scoring {
                        Scoring::BestOf3 => "Score of each round, as shown at its end",
                        _ => "Score after each round, as shown at its end",
                    }
                }
                thead { tr {
                    th scope="col" { "Round" } th.number scope="col" { "Blue" } th.number scope="col" { "Red" }
                    th scope="col" { "Won by" } th.number scope="col" { "Gam-jeoms blue" } th.number scope="col" { "red" }
                } }
                tbody {
                    @for round in &summary.rounds {
                        tr {
                            th scope="row" { (round.round) }
                            td.number { (round.blue) } td.number { (round.red) }
                            td {
                                @match round.winner {
                                    Some(winner) => { (text::corner(winner)) (text::basis(round.winner_basis)) }
                                    None => "–",
                                }
                            }
                            td.number { (round.blue_gam_jeoms) } td.number { (round.red_gam_jeoms) }
                        }
                    }
                }
            }
        }
    }
}

fn facts(data: &MatchReportData<'_>) -> Markup {
    let summary = &data.course.summary;
    let level = |level: Option<u32>| text::measured(level.ok_or(Missing::NoThresholds), text::whole);
    let began = data.course.events.iter().find(|event| matches!(event.kind, EventKind::MatchStarted));
    html! {
        dl.facts {
            dt { "Category" } dd { (text::sent(summary.category.as_deref())) }
            dt { "Division" } dd { (text::sent(summary.division.as_deref())) }
            dt { "Scoring" } dd {
                @match summary.scoring {
                    Scoring::BestOf3 => "best of three rounds",
                    Scoring::Conventional => "points over all rounds",
                    _ => (text::missing("no message shows it")),
                }
            }
            dt { "Rounds" } dd {
                @match (summary.rounds_planned, summary.round_seconds) {
                    (Some(rounds), Some(seconds)) => { (rounds) " of " (text::minutes(seconds.into())) },
                    (Some(rounds), None) => (rounds),
                    _ => (text::missing("not sent")),
                }
            }
            dt { "Level for the body" } dd { (level(summary.body_level)) }
            dt { "Level for the head" } dd { (level(summary.head_level)) }
            dt { "Began" } dd {
                @match began.and_then(|event| event.at.wall) {
                    Some(at) => (text::moment(at)),
                    None if began.is_some() => (text::missing(Missing::NoArrivalTimes)),
                    None => (text::missing("it did not begin")),
                }
            }
            @for (name, value) in [("Ring", data.ring), ("Tournament", data.tournament), ("Source", data.source)] {
                @if let Some(value) = value { dt { (name) } dd { (text::foreign(value)) } }
            }
        }
    }
}
