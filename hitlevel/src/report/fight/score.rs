//! The score over time, and all that was decided.

use std::collections::BTreeSet;

use maud::{Markup, html};
use pss_protocol::{
    Athlete, Basis, ChallengeState, ClockAction, EventKind, InjuryAction, MatchEvent, PerAthlete,
};

use crate::{
    Course, Standing,
    report::{
        axis::{LEFT, Scale, TimeAxis, ruler},
        canvas::{Align, At, Canvas, Dash, Drawn, GREY, INK, PAPER, colour, figure},
        text,
    },
};

/// Rows of the table of events; a match has about a hundred.
const ROWS: usize = 400;

const TOP: i32 = 30;
const BOTTOM: i32 = 270;
/// The height of a row of labels.
const ROW: i32 = 22;
/// Rows of labels of a lane: what is close together stands one below the other.
const DEPTH: usize = 3;

pub(super) fn section(course: &Course, axis: &TimeAxis) -> Markup {
    let standings = course.standings();
    html! {
        section id="score" {
            h2 { "Score" }
            @if axis.is_empty() {
                p.missing { "– No round was fought." }
            } @else {
                (drawing(course, axis, &standings))
                p.caption {
                    "Solid line, filled labels: blue. Dashed line, framed labels: red. Each label stands at the moment \
                     of the running clock, side by side the rounds. P punch, K body kick, H head kick, TB and TH their \
                     technical bonuses, with the points given. A number at the right end counts labels that found no room."
                }
            }
            (table(course, &standings))
        }
    }
}

fn drawing(course: &Course, axis: &TimeAxis, standings: &[(usize, Standing)]) -> Markup {
    let lanes = lanes(course, axis);
    let height = BOTTOM + 34 + lanes.iter().map(Lane::height).sum::<i32>() + 6;
    let last = standings.last().map(|(_, standing)| standing.score).unwrap_or_default();
    let description = format!(
        "Two stepped lines over {} rounds; the last score shown is blue {}, red {}. Below, lanes with points, \
         gam-jeoms, challenges, interruptions and what was taken back. The table after the figure has all of it.",
        axis.rounds().len(),
        last.blue,
        last.red,
    );
    figure("score-figure", "Score over the running time of the rounds", &description, height, |canvas| {
        let scores = standings.iter().flat_map(|(_, standing)| [standing.score.blue, standing.score.red]);
        let (least, most) = scores.fold((0, 4), |(least, most), score| (score.min(least), score.max(most)));
        let scale = Scale::new((f64::from(least), BOTTOM), (f64::from(most) + 1.0, TOP));
        axis.draw(canvas, TOP, BOTTOM, true)?;
        for value in (0..=most).step_by(nice_step(most)) {
            ruler(canvas, &value.to_string(), scale.at(f64::from(value)))?;
        }
        for round in 0..axis.rounds().len() {
            lines(canvas, axis, round, standings, &scale)?;
        }
        let mut top = BOTTOM + 34;
        for lane in &lanes {
            lane.draw(canvas, top)?;
            top += lane.height();
        }
        Ok(())
    })
}

fn nice_step(most: i32) -> usize {
    let decades = (0..10).map(|power| 10_i64.pow(power));
    let mut steps = decades.flat_map(|decade| [1, 2, 5].map(|step| step * decade));
    steps.find(|step| i64::from(most) / step <= 6).unwrap_or(i64::MAX) as usize
}

/// Both scores of one round, and what they were at its end.
fn lines(
    canvas: &Canvas<'_>,
    axis: &TimeAxis,
    round: usize,
    standings: &[(usize, Standing)],
    scale: &Scale,
) -> Drawn {
    let of_round = standings.iter().filter(|(event, _)| axis.round_of(*event) == round);
    let before = standings.iter().rfind(|(event, _)| axis.round_of(*event) < round);
    let mut score = before.map(|(_, standing)| standing.score).unwrap_or_default();
    let (left, right) = axis.ends(round);
    let mut steps: PerAthlete<Vec<At>> = PerAthlete::default();
    let mut from = left;
    for (event, standing) in of_round {
        let x = axis.x(*event);
        if x <= left {
            // The beginning of the round, where a score that counts by rounds is set to nothing.
            score = standing.score;
            continue;
        }
        for athlete in Athlete::BOTH {
            let line = &mut steps[athlete];
            // Apart by a pixel or two, so that neither line hides the other.
            let apart = if athlete == Athlete::Blue { -1 } else { 1 };
            line.push((from, scale.at(score[athlete].into()) + apart));
            line.push((x, scale.at(score[athlete].into()) + apart));
        }
        (from, score) = (x, standing.score);
    }
    let ends = PerAthlete::from_fn(|athlete| scale.at(score[athlete].into()));
    for athlete in Athlete::BOTH {
        let apart = if athlete == Athlete::Blue { -1 } else { 1 };
        let line = &mut steps[athlete];
        line.extend([(from, ends[athlete] + apart), (right, ends[athlete] + apart)]);
        line.dedup();
        let dash = if athlete == Athlete::Blue { Dash::Solid } else { Dash::Dashed };
        canvas.line(line, colour(athlete), 3, dash)?;
    }
    // Two labels need a line each.
    let close = (ends.blue - ends.red).abs() < 18;
    let away = if !close { 0 } else { 9 };
    let up = if ends.blue <= ends.red { -1 } else { 1 };
    for (athlete, side) in [(Athlete::Blue, up), (Athlete::Red, -up)] {
        let label = format!("{} {}", initial(athlete), score[athlete]);
        canvas.text(&label, (right + 7, ends[athlete] + side * away), INK, Align::Left)?;
    }
    Ok(())
}

const fn initial(athlete: Athlete) -> &'static str {
    match athlete {
        Athlete::Blue => "B",
        Athlete::Red => "R",
    }
}

/// A lane of labels below the score.
struct Lane {
    name: &'static str,
    /// The row, the place on the axis, whose it is and what is written.
    labels: Vec<(usize, At, Option<Athlete>, String)>,
    rows: usize,
    left_out: usize,
}

impl Lane {
    fn new(name: &'static str, items: impl Iterator<Item = (i32, Option<Athlete>, String)>) -> Self {
        let mut lane = Self { name, labels: Vec::new(), rows: 1, left_out: 0 };
        let mut free_from = [i32::MIN; DEPTH];
        for (x, athlete, label) in items {
            let width = 9 * i32::try_from(label.chars().count()).unwrap_or(20) + 8;
            let left = x - 2;
            let Some(row) = free_from.iter().position(|free| *free <= left) else {
                lane.left_out += 1;
                continue;
            };
            free_from[row] = left + width + 2;
            lane.rows = lane.rows.max(row + 1);
            lane.labels.push((row, (left, left + width), athlete, label));
        }
        lane
    }

    fn height(&self) -> i32 {
        ROW * self.rows as i32 + 8
    }

    fn draw(&self, canvas: &Canvas<'_>, top: i32) -> Drawn {
        canvas.small(self.name, (LEFT - 10, top + ROW / 2), GREY, Align::Right)?;
        for (row, (left, right), athlete, label) in &self.labels {
            let top = top + ROW * *row as i32;
            let (from, to) = ((*left, top + 2), (*right, top + ROW - 2));
            let ink = match athlete {
                Some(Athlete::Blue) => {
                    canvas.fill(from, to, colour(Athlete::Blue))?;
                    PAPER
                }
                Some(Athlete::Red) => {
                    canvas.fill(from, to, PAPER)?;
                    canvas.frame(from, to, colour(Athlete::Red))?;
                    INK
                }
                None => INK,
            };
            canvas.small(label, ((left + right) / 2, top + ROW / 2), ink, Align::Middle)?;
        }
        if self.left_out > 0 {
            let more = format!("+{}", self.left_out);
            canvas.small(&more, (1155, top + ROW / 2), GREY, Align::Right)?;
        }
        Ok(())
    }
}

/// The lanes that have something in them.
fn lanes(course: &Course, axis: &TimeAxis) -> Vec<Lane> {
    let of = |name, label: &dyn Fn(&MatchEvent) -> Option<String>| {
        let placed = course
            .events
            .iter()
            .enumerate()
            .filter_map(|(place, event)| Some((axis.x(place), event.kind.athlete(), label(event)?)));
        Lane::new(name, placed)
    };
    let points = |of: Athlete| {
        move |event: &MatchEvent| match event.kind {
            EventKind::Point { athlete, code, points } if athlete == of => Some(format!("{code}+{points}")),
            _ => None,
        }
    };
    let answered = answered(course);
    let lanes = [
        of("Blue", &points(Athlete::Blue)),
        of("Red", &points(Athlete::Red)),
        of("Gam-jeom", &|event| match event.kind {
            EventKind::GamJeom { athlete } => Some(initial(athlete).to_owned()),
            _ => None,
        }),
        of("Challenge", &|event| match event.kind {
            EventKind::Challenge { athlete, state, won } if state != ChallengeState::Requested => {
                let who = athlete.map_or("Ref", initial);
                Some(format!("{who} {}", text::outcome(state, won)))
            }
            EventKind::Challenge { athlete, .. } if !answered.contains(&event.key.id) => {
                Some(format!("{}?", athlete.map_or("Ref", initial)))
            }
            _ => None,
        }),
        of("Stops", &|event| match event.kind {
            EventKind::Injury { action: InjuryAction::Show, .. } => Some(String::from("kye-shi")),
            EventKind::TimeOut { action: ClockAction::Start, .. } => Some(String::from("time-out")),
            _ => None,
        }),
        of("Taken back", &|event| match event.kind {
            EventKind::PointRemoved { code, points, .. } => Some(format!("{code}−{points}")),
            EventKind::GamJeomRemoved { .. } => Some(String::from("GJ")),
            _ => None,
        }),
    ];
    lanes.into_iter().filter(|lane| !lane.labels.is_empty()).collect()
}

/// The requests of a challenge that got a word later: that word stands for them.
fn answered(course: &Course) -> BTreeSet<u32> {
    let mut answered = BTreeSet::new();
    let mut open = None;
    for event in &course.events {
        match event.kind {
            EventKind::Challenge { athlete, state: ChallengeState::Requested, .. } => {
                open = Some((athlete, event.key.id));
            }
            EventKind::Challenge { athlete, .. } => {
                answered.extend(open.take_if(|(of, _)| *of == athlete).map(|(_, id)| id));
            }
            _ => {}
        }
    }
    answered
}

/// Everything but hits, in words.
fn table(course: &Course, standings: &[(usize, Standing)]) -> Markup {
    let told = |event: &MatchEvent| {
        !matches!(event.kind, EventKind::Hit { .. } | EventKind::SenderConnected | EventKind::SenderGone)
    };
    let rows: Vec<(usize, &MatchEvent)> =
        course.events.iter().enumerate().filter(|(_, event)| told(event)).collect();
    let score_after = |place: usize| {
        let known = standings.partition_point(|(event, _)| *event <= place).checked_sub(1)?;
        standings.get(known).map(|(_, standing)| standing.score)
    };
    html! {
        @if rows.is_empty() {
            p.missing { "– Nothing happened." }
        } @else {
            table.events {
                caption { "What happened, hits apart" }
                thead { tr {
                    th scope="col" { "Round" } th scope="col" { "Clock" } th scope="col" { "Corner" }
                    th scope="col" { "What" } th.number scope="col" { "Score" } th scope="col" { "Basis" }
                } }
                tbody {
                    @for (place, event) in rows.iter().take(ROWS) {
                        tr {
                            td { @if event.round > 0 { (event.round) } @else { "–" } }
                            td { (text::clock(event)) }
                            td { (whose(event)) }
                            td { (text::foreign(&text::happened(event))) }
                            td.number {
                                @if let Some(score) = score_after(*place) { (score.blue) "–" (score.red) }
                            }
                            td { @if event.basis == Basis::Inferred { span.basis { "inferred" } } @else { "stated" } }
                        }
                    }
                }
            }
            @if rows.len() > ROWS {
                p.note { "The first " (ROWS) " of " (rows.len()) " events are listed." }
            }
        }
    }
}

/// The corner of what an athlete did; a round or a match is not theirs.
fn whose(event: &MatchEvent) -> Markup {
    let of = match event.kind {
        EventKind::RoundEnded { .. } | EventKind::MatchEnded { .. } => None,
        EventKind::Challenge { athlete: None, .. } => return html! { "Referee" },
        _ => event.kind.athlete(),
    };
    html! { @if let Some(athlete) = of { (text::badge(athlete)) } }
}
