//! When was hit.

use maud::{Markup, html};
use pss_protocol::Athlete;

use crate::{
    Course, Tempo,
    report::{
        axis::{Scale, TimeAxis, ruler},
        canvas::{Align, Canvas, Dash, Drawn, INK, colour, figure},
        text,
    },
};

const TOP: i32 = 30;
const MIDDLE: i32 = 140;
const BOTTOM: i32 = 250;

pub(super) fn section(course: &Course, axis: &TimeAxis) -> Markup {
    let most = axis.rounds().iter().flat_map(|span| {
        Athlete::BOTH.map(|athlete| {
            let spans = course.statistics.round(span.round)[athlete].tempo.spans();
            spans.iter().copied().max().unwrap_or_default()
        })
    });
    let most = most.max().unwrap_or_default();
    let (mut later, mut unplaced) = (0, 0);
    for athlete in Athlete::BOTH {
        let tempo = course.statistics.total(athlete).tempo;
        later += tempo.later();
        unplaced += tempo.unplaced();
    }
    html! {
        section id="tempo" {
            h2 { "Tempo" }
            @if most == 0 {
                p.missing {
                    "– "
                    @if unplaced > 0 { "The match clock at the hits is not known." } @else { "No hit was felt." }
                }
            } @else {
                (drawing(course, axis, most))
                p.caption { "Hits in each 10 s of the match clock: blue upwards and filled, red downwards and hatched." }
                (table(course, axis))
            }
            @if later > 0 { p.note { (later) " hits came after the last of these spans." } }
            @if unplaced > 0 && most > 0 { p.note { (unplaced) " hits came while the match clock was not known." } }
        }
    }
}

fn drawing(course: &Course, axis: &TimeAxis, most: u32) -> Markup {
    let total = |athlete| course.statistics.total(athlete).hits_per_minute();
    let rate = |athlete| {
        total(athlete).map_or_else(|reason| reason.to_string(), |rate| format!("{rate:.1} a minute"))
    };
    let description = format!(
        "Bars, blue upwards, red downwards, at most {most}. Over all: blue {}, red {}.",
        rate(Athlete::Blue),
        rate(Athlete::Red)
    );
    figure("tempo-figure", "Hits in each 10 s", &description, BOTTOM + 30, |canvas| {
        axis.draw(canvas, TOP, BOTTOM, true)?;
        for athlete in Athlete::BOTH {
            half(canvas, course, axis, athlete, most)?;
        }
        for round in 0..axis.rounds().len() {
            let (left, right) = axis.ends(round);
            canvas.line(&[(left, MIDDLE), (right, MIDDLE)], INK, 1, Dash::Solid)?;
        }
        Ok(())
    })
}

fn half(canvas: &Canvas<'_>, course: &Course, axis: &TimeAxis, athlete: Athlete, most: u32) -> Drawn {
    let edge = if athlete == Athlete::Blue { TOP + 4 } else { BOTTOM - 4 };
    let scale = Scale::new((0.0, MIDDLE), (most.into(), edge));
    ruler(canvas, &most.to_string(), scale.at(most.into()))?;
    canvas.text(text::corner(athlete), (8, (MIDDLE + edge) / 2), INK, Align::Left)?;
    for (round, span) in axis.rounds().iter().enumerate() {
        let spans = course.statistics.round(span.round)[athlete].tempo.spans();
        for (place, hits) in spans.iter().enumerate().filter(|(_, hits)| **hits > 0) {
            let from = place as u32 * Tempo::SECONDS;
            let (left, right) = (axis.x_at(round, from) + 1, axis.x_at(round, from + Tempo::SECONDS) - 1);
            let (from, to) = ((left, MIDDLE), (right.max(left + 3), scale.at((*hits).into())));
            match athlete {
                Athlete::Blue => canvas.fill(from, to, colour(athlete))?,
                Athlete::Red => canvas.hatch(from, to, colour(athlete))?,
            }
        }
    }
    Ok(())
}

fn table(course: &Course, axis: &TimeAxis) -> Markup {
    let hits =
        |round: u32, athlete, place: usize| course.statistics.round(round)[athlete].tempo.spans()[place];
    let any = |place: usize| {
        axis.rounds()
            .iter()
            .any(|span| Athlete::BOTH.iter().any(|&athlete| hits(span.round, athlete, place) > 0))
    };
    let last = (0..Tempo::SPANS).rev().find(|&place| any(place)).unwrap_or_default();
    html! {
        table.narrow {
            caption { "Hits in each 10 s" }
            thead { tr {
                th scope="col" { "From" }
                @for span in axis.rounds() {
                    th.number scope="col" { "Round " (span.round) " blue" } th.number scope="col" { "red" }
                }
            } }
            tbody {
                @for place in 0..=last {
                    tr {
                        th scope="row" { (text::minutes(place as u64 * u64::from(Tempo::SECONDS))) }
                        @for span in axis.rounds() {
                            @for athlete in Athlete::BOTH { td.number { (hits(span.round, athlete, place)) } }
                        }
                    }
                }
            }
        }
    }
}
