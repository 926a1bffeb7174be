//! How hard was hit, when, and what came of it.

use std::collections::BTreeMap;

use maud::{Markup, html};
use pss_protocol::{Athlete, EventKind, PointCode};

use crate::{
    Course, HitStatistics, Thresholds,
    report::{
        axis::{Scale, TimeAxis, ruler},
        canvas::{Align, Canvas, Dash, Drawn, FAINT, INK, Mark, colour, figure},
    },
};

/// Hits of an athlete that are drawn; with more, those that scored nothing are thinned out.
const DRAWN: usize = 1_500;

const PANEL: i32 = 200;
const TOP: i32 = 30;
const BETWEEN: i32 = 42;

/// What came of a hit.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Fate {
    Body,
    Head,
    /// Reached both levels and scored nothing.
    ValidUnscored,
    Unscored,
    /// Level 99: judges, not sensors.
    Judged,
}

impl Fate {
    const fn mark(self) -> Mark {
        match self {
            Self::Body => Mark::Square,
            Self::Head => Mark::Triangle,
            Self::ValidUnscored => Mark::Diamond,
            Self::Unscored => Mark::Ring,
            Self::Judged => Mark::Cross,
        }
    }
}

/// A hit as it is drawn.
#[derive(Clone, Copy, Debug)]
struct Shown {
    x: i32,
    level: u32,
    fate: Fate,
}

pub(super) fn section(course: &Course, axis: &TimeAxis) -> Markup {
    let of = |athlete| hits_of(course, axis, athlete);
    let (blue, red) = (of(Athlete::Blue), of(Athlete::Red));
    let all = blue.0.len() + red.0.len();
    let left_out = blue.1 + red.1;
    html! {
        section id="levels" {
            h2 { "Hit levels over time" }
            @if all == 0 {
                p.missing { "– No hit was felt." }
            } @else if axis.is_empty() {
                p.missing { "– The match clock at the hits is not known." }
            } @else {
                (drawing(course, axis, &[(Athlete::Blue, blue.0), (Athlete::Red, red.0)]))
                ul.legend {
                    li { b { "■" } " scored to the body" } li { b { "▲" } " scored to the head" }
                    li { b { "◇" } " reached both levels and did not score" } li { b { "○" } " did not score" }
                    li { b { "×" } " level 99, given by judges" }
                    li { "long dashes: level for the body" } li { "dots: level for the head" }
                }
                @if left_out > 0 {
                    p.note {
                        (left_out) " of " (all + left_out) " hits are not drawn: of those that did not score only the \
                        hardest at each place are. All are counted."
                    }
                }
                @let Thresholds { body, head } = course.statistics.thresholds;
                @if body.is_none() || head.is_none() {
                    p.missing { "– The match data do not give the level for the body, or that for the head, so what was valid is not known." }
                }
            }
        }
    }
}

/// The hits of an athlete to draw, and how many are left out.
fn hits_of(course: &Course, axis: &TimeAxis, of: Athlete) -> (Vec<Shown>, usize) {
    let scored: BTreeMap<u32, PointCode> =
        course.links.iter().filter_map(|link| Some((link.hit?.id, link.code))).collect();
    let valid_from = match course.statistics.thresholds {
        Thresholds { body: Some(body), head: Some(head) } => Some(body.max(head)),
        _ => None,
    };
    let mut hits = Vec::new();
    for (place, event) in course.events.iter().enumerate() {
        let EventKind::Hit { athlete, level } = event.kind else { continue };
        if athlete != of {
            continue;
        }
        let fate = match scored.get(&event.key.id) {
            _ if level == HitStatistics::JUDGED => Fate::Judged,
            Some(PointCode::H | PointCode::Th) => Fate::Head,
            Some(_) => Fate::Body,
            None if valid_from.is_some_and(|least| level >= least) => Fate::ValidUnscored,
            None => Fate::Unscored,
        };
        hits.push(Shown { x: axis.x(place), level, fate });
    }
    let all = hits.len();
    if all > DRAWN {
        // What lies on the same few pixels cannot be told apart anyway.
        let mut hardest: BTreeMap<(i32, bool), u32> = BTreeMap::new();
        for hit in &hits {
            let most = hardest.entry((hit.x / 2, hit.fate == Fate::ValidUnscored)).or_default();
            *most = hit.level.max(*most);
        }
        let mut scored = 0;
        hits.retain(|hit| match hit.fate {
            Fate::Body | Fate::Head => {
                scored += 1;
                scored <= DRAWN
            }
            fate => match hardest.get_mut(&(hit.x / 2, fate == Fate::ValidUnscored)) {
                // Only the first of equals: its place is taken then.
                Some(most) if *most == hit.level => {
                    *most = u32::MAX;
                    true
                }
                _ => false,
            },
        });
    }
    let drawn = hits.len();
    (hits, all - drawn)
}

fn drawing(course: &Course, axis: &TimeAxis, hits: &[(Athlete, Vec<Shown>)]) -> Markup {
    let bottom = TOP + 2 * PANEL + BETWEEN;
    let description = format!(
        "Two panels, blue above red. Blue felt {} hits, red {}; {} and {} of them scored. The table of linked hits \
         and that of statistics have the numbers.",
        course.statistics.total(Athlete::Blue).felt.count(),
        course.statistics.total(Athlete::Red).felt.count(),
        course.statistics.total(Athlete::Blue).scored(),
        course.statistics.total(Athlete::Red).scored(),
    );
    figure("levels-figure", "Levels of all hits over the running time", &description, bottom + 30, |canvas| {
        for (panel, (athlete, hits)) in hits.iter().enumerate() {
            let top = TOP + panel as i32 * (PANEL + BETWEEN);
            self::panel(canvas, axis, top, *athlete, hits, course.statistics.thresholds)?;
        }
        Ok(())
    })
}

fn panel(
    canvas: &Canvas<'_>,
    axis: &TimeAxis,
    top: i32,
    athlete: Athlete,
    hits: &[Shown],
    thresholds: Thresholds,
) -> Drawn {
    let bottom = top + PANEL;
    // Levels above 100 exist; one that is far out must not press the others flat, so it is drawn at the edge.
    let most = hits.iter().map(|hit| hit.level).max().unwrap_or_default().clamp(100, 150);
    let scale = Scale::new((0.0, bottom), (f64::from(most), top + 6));
    axis.draw(canvas, top, bottom, athlete == Athlete::Blue)?;
    for level in (0..=most).step_by(25) {
        ruler(canvas, &level.to_string(), scale.at(level.into()))?;
    }
    let name = if athlete == Athlete::Blue { "Blue" } else { "Red" };
    canvas.text(name, (8, top + 12), INK, Align::Left)?;
    for hit in hits {
        if matches!(hit.fate, Fate::Body | Fate::Head) {
            canvas.line(&[(hit.x, bottom), (hit.x, scale.at(hit.level.into()))], FAINT, 2, Dash::Solid)?;
        }
    }
    for (name, level, dash) in
        [("body", thresholds.body, Dash::Dashed), ("head", thresholds.head, Dash::Dotted)]
    {
        let Some(level) = level else { continue };
        let y = scale.at(level.into());
        for round in 0..axis.rounds().len() {
            let (left, right) = axis.ends(round);
            canvas.line(&[(left, y), (right, y)], INK, 1, dash)?;
        }
        let right = axis.rounds().len().checked_sub(1).map_or(0, |last| axis.ends(last).1);
        // The two labels stand apart where the levels are close.
        let apart = match (thresholds.body, thresholds.head) {
            (Some(body), Some(head)) if body.abs_diff(head) < 9 => {
                if (name == "body") == (body >= head) {
                    -8
                } else {
                    8
                }
            }
            _ => 0,
        };
        canvas.small(&format!("{name} {level}"), (right + 3, y + apart), INK, Align::Left)?;
    }
    // What scored lies above what did not.
    for last in [false, true] {
        for hit in hits.iter().filter(|hit| (hit.fate != Fate::Unscored) == last) {
            canvas.mark(hit.fate.mark(), (hit.x, scale.at(hit.level.into())), colour(athlete))?;
        }
    }
    Ok(())
}
