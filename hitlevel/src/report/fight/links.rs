//! Which hit scored which point, and what was hit for nothing.

use std::collections::{BTreeMap, BTreeSet};

use maud::{Markup, html};
use pss_protocol::{Athlete, EventKind, MatchEvent};

use crate::{Assessment, Course, HitStatistics, Link, Measured, Missing, Thresholds, report::text};

/// Rows of each table.
const ROWS: usize = 200;

pub(super) fn section(course: &Course) -> Markup {
    html! {
        section id="links" {
            h2 { "Hits that scored, and hits that were lost" }
            (linked(course))
            (lost(course))
        }
    }
}

fn linked(course: &Course) -> Markup {
    let events: BTreeMap<u32, &MatchEvent> =
        course.events.iter().map(|event| (event.key.id, event)).collect();
    let mut links: Vec<&Link> = course.links.iter().collect();
    links.sort_by_key(|link| link.point);
    html! {
        @if links.is_empty() {
            p.missing { "– No kick scored." }
        } @else {
            table {
                caption { "Each kick that scored, and its hit" }
                thead { tr {
                    th scope="col" { "Round" } th scope="col" { "Clock" } th scope="col" { "Corner" } th scope="col" { "Point" }
                    th.number scope="col" { "Hit level" } th.number scope="col" { "Delay" }
                    th.number scope="col" { "Confidence" } th.number scope="col" { "Hits considered" }
                    th.number scope="col" { "Highest of these" }
                } }
                tbody { @for link in links.iter().take(ROWS) { (row(link, events.get(&link.point.id).copied(), course.statistics.thresholds)) } }
            }
            @if links.len() > ROWS { p.note { "The first " (ROWS) " of " (links.len()) " are listed." } }
        }
    }
}

fn row(link: &Link, point: Option<&MatchEvent>, thresholds: Thresholds) -> Markup {
    let needed = match link.code {
        pss_protocol::PointCode::H | pss_protocol::PointCode::Th => thresholds.head,
        _ => thresholds.body,
    };
    let below = !link.judged && link.level.zip(needed).is_some_and(|(level, needed)| level < needed);
    html! {
        tr {
            td { (link.round) }
            td { (point.map_or_else(|| String::from("–"), text::clock)) }
            td { (text::badge(link.athlete)) }
            td { (link.code.as_str()) " " (link.code.technique()) }
            td.number {
                @match link.level {
                    Some(_) if link.judged => (text::missing("given by judges")),
                    Some(level) => { (level) @if below { " " span.flag { "below its level" } } },
                    None => (text::missing("no hit felt")),
                }
            }
            td.number {
                @match (link.hit, link.delay_micros) {
                    (Some(_), Some(micros)) => (text::milliseconds(micros as f64 / 1000.0)),
                    (Some(_), None) => (text::missing(Missing::NoArrivalTimes)),
                    (None, _) => "–",
                }
            }
            td.number { @if link.hit.is_some() { (text::percent(link.confidence)) } @else { "–" } }
            td.number { (link.count) }
            td.number { @match link.max { Some(most) => (most), None => "–" } }
        }
    }
}

/// Hits that scored nothing and are worth a look.
fn lost(course: &Course) -> Markup {
    let noteworthy = worth_a_look(course);
    html! {
        @match noteworthy {
            Err(reason) => p { "Hits that could have scored: " (text::missing(reason)) },
            Ok(hits) if hits.is_empty() => p { "Every hit that reached both levels scored, and none was just below." },
            Ok(hits) => {
                table {
                    caption { "Hits that reached both levels and did not score, and near misses" }
                    thead { tr {
                        th scope="col" { "Round" } th scope="col" { "Clock" } th scope="col" { "Corner" }
                        th.number scope="col" { "Level" } th scope="col" { "What" }
                    } }
                    tbody {
                        @for (event, athlete, level, what) in hits.iter().take(ROWS) {
                            tr {
                                td { (event.round) } td { (text::clock(event)) } td { (text::badge(*athlete)) }
                                td.number { (level) } td { (what) }
                            }
                        }
                    }
                }
                @if hits.len() > ROWS { p.note { "The first " (ROWS) " of " (hits.len()) " are listed." } }
                p.caption { "Whether a hit landed on body or head is not sent, so a near miss may be near to either level." }
            },
        }
    }
}

fn worth_a_look(course: &Course) -> Measured<Vec<(&MatchEvent, Athlete, u32, &'static str)>> {
    let Thresholds { body: Some(body), head: Some(head) } = course.statistics.thresholds else {
        return Err(Missing::NoThresholds);
    };
    let scored: BTreeSet<u32> = course.links.iter().filter_map(|link| Some(link.hit?.id)).collect();
    let near = |level: u32, needed: u32| level < needed && level + Assessment::NEAR >= needed;
    let what = |level: u32| match () {
        () if level >= body.max(head) => Some("reached both levels, did not score"),
        () if near(level, body) && near(level, head) => Some("just below both levels"),
        () if near(level, body) => Some("just below the level for the body"),
        () if near(level, head) => Some("just below the level for the head"),
        () => None,
    };
    let felt = course.events.iter().filter(|event| !scored.contains(&event.key.id));
    let hits = felt.filter_map(|event| match event.kind {
        EventKind::Hit { athlete, level } if level != HitStatistics::JUDGED => {
            Some((event, athlete, level, what(level)?))
        }
        _ => None,
    });
    Ok(hits.collect())
}
