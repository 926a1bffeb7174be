//! How good are the data: what was lost, what was inferred, and what nobody can know.

use std::collections::BTreeMap;

use maud::{Markup, html};
use pss_protocol::{Anomaly, AnomalyKind, Basis, EventKind, MatchEvent, Scoring};

use crate::{
    Course,
    report::{Reception, text},
};

/// Anomalies that are listed.
const ROWS: usize = 100;

pub(super) fn section(course: &Course, reception: Option<&Reception>) -> Markup {
    let inferred: Vec<&MatchEvent> =
        course.events.iter().filter(|event| event.basis == Basis::Inferred).collect();
    let anomalies: Vec<(&MatchEvent, &Anomaly)> = course
        .events
        .iter()
        .filter_map(|event| match &event.kind {
            EventKind::Anomaly(anomaly) => Some((event, anomaly)),
            _ => None,
        })
        .collect();
    let lost = anomalies.iter().filter(|(_, anomaly)| anomaly.kind == AnomalyKind::DatagramLost).count();
    let mut kinds: BTreeMap<&str, usize> = BTreeMap::new();
    for event in &inferred {
        *kinds.entry(event.kind.as_str()).or_default() += 1;
    }
    html! {
        section id="quality" {
            h2 { "How good the data are" }
            dl {
                dt { "Events" } dd { (course.events.len()) }
                dt { "Inferred, not stated" }
                dd {
                    (inferred.len())
                    @if !kinds.is_empty() {
                        " ("
                        @for (place, (kind, times)) in kinds.iter().enumerate() {
                            @if place > 0 { ", " } (times) " " (kind.replace('_', " "))
                        }
                        ")"
                    }
                }
                dt { "Gaps in which datagrams were lost" } dd { (lost) }
                dt { "What does not fit" } dd { (anomalies.len()) @if anomalies.len() == 1 { " anomaly" } @else { " anomalies" } }
                @if let Some(reception) = reception { (received(reception)) }
            }
            @if !anomalies.is_empty() {
                table {
                    caption { "What does not fit" }
                    thead { tr { th scope="col" { "Round" } th scope="col" { "Clock" } th scope="col" { "Kind" } th scope="col" { "What" } } }
                    tbody {
                        @for (event, anomaly) in anomalies.iter().take(ROWS) {
                            tr {
                                td { @if event.round > 0 { (event.round) } @else { "–" } } td { (text::clock(event)) }
                                td { (anomaly.kind.as_str().replace('_', " ")) } td { (text::foreign(&anomaly.text)) }
                            }
                        }
                    }
                }
                @if anomalies.len() > ROWS { p.note { "The first " (ROWS) " of " (anomalies.len()) " are listed." } }
            }
            h3 { "What cannot be known" }
            ul { @for text in unknowable(course) { li { (text) } } }
        }
    }
}

fn received(reception: &Reception) -> Markup {
    let rows = [
        ("Messages of the session", reception.messages),
        ("Messages understood in part, or repaired", reception.partial),
        ("Messages that nobody knows, or that break a rule", reception.unknown),
    ];
    let damage = reception.damage.filter(|places| *places > 0);
    html! {
        @for (name, value) in rows {
            dt { (name) }
            dd { @match value { Some(value) => (value), None => (text::missing("not counted by this source")) } }
        }
        @if let Some(places) = damage {
            dt { "Places where the recording cannot be read" }
            dd { (places) " – what stood there is in no number of this page" }
        }
    }
}

/// What holds of this match, of all that the wire never says.
fn unknowable(course: &Course) -> Vec<&'static str> {
    let summary = &course.summary;
    let mut texts = vec![
        "Whether a hit landed on body or head: only a point tells.",
        "A hit whose datagram was lost: nothing else carries it.",
        "Hits below the level from which the sensors report at all.",
    ];
    if summary.body_level.is_none() || summary.head_level.is_none() {
        texts.push("Which hits were valid: the match data do not give both levels.");
    }
    if summary.scoring == Scoring::Unknown {
        texts.push("Whether rounds or points counted: no message shows it.");
    }
    if summary.scoring != Scoring::BestOf3 && summary.rounds_planned.is_some_and(|rounds| rounds < 3) {
        texts.push(
            "When technical bonuses were given: matches of fewer than three rounds send no running score, so they are \
             inferred from the final figures, without time.",
        );
    }
    if summary.decision.is_none() {
        texts.push("How the match was decided, where no message says it and several decisions fit.");
    }
    if differs(course) {
        texts.push(
            "Which points make up the score that was shown: some of it was taken as it was, so the figure of the score \
             ends elsewhere than the score of the rounds above.",
        );
    }
    texts
}

/// Whether what the events add up to is not the score that was listed.
fn differs(course: &Course) -> bool {
    let standings = course.standings();
    course.summary.rounds.iter().any(|listed| {
        let last = standings.iter().rfind(|(_, standing)| standing.round == listed.round);
        last.is_some_and(|(_, standing)| {
            (standing.score.blue, standing.score.red) != (listed.blue, listed.red)
        })
    })
}
