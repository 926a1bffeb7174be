//! Who would have been expected to win, moment by moment.

use maud::{Markup, html};
use pss_protocol::{Athlete, EventKind};

use crate::{
    Course, Measured, Missing, Moment, Predictor, Standing,
    report::{
        axis::{Scale, TimeAxis, ruler},
        canvas::{Align, At, Canvas, Dash, Drawn, GREY, INK, colour, figure},
        text,
    },
};

const TOP: i32 = 30;
const BOTTOM: i32 = 230;
/// Rows of the table.
const ROWS: usize = 40;

pub(super) fn section(
    course: &Course,
    axis: &TimeAxis,
    predictor: &Predictor,
    learned: Option<u64>,
) -> Markup {
    let moments = predictor.timeline(course);
    let known = moments.iter().filter(|moment| moment.prediction.is_ok()).count();
    html! {
        section id="probability" {
            h2 { "Win probability" }
            @if axis.is_empty() {
                p.missing { "– No round was fought." }
            } @else if known == 0 {
                p { (text::missing(first_reason(&moments))) }
            } @else {
                (drawing(axis, &moments))
                p.caption {
                    "Solid line: how likely blue wins the match. Dotted line: the round, where rounds count. Above the middle blue is \
                     likelier to win, below it red. "
                    @match learned {
                        Some(matches) => { "How often is scored was learned from " (matches) " earlier matches of the same source." },
                        None => "How often is scored is assumed, and then taken from this match.",
                    }
                    " A model of the score and the clock, which knows nothing of the athletes."
                }
                @if known < moments.len() {
                    p.note { "At " (moments.len() - known) " of " (moments.len()) " moments there is no number: " (first_reason(&moments)) "." }
                }
                @if moments.len() == Moment::MOST { p.note { "No more than the first " (Moment::MOST) " moments are drawn." } }
                (table(course, &moments))
            }
        }
    }
}

fn first_reason(moments: &[Moment]) -> Missing {
    moments.iter().find_map(|moment| moment.prediction.err()).unwrap_or(Missing::TooLittleData)
}

fn fight(moment: &Moment) -> Measured<f64> {
    moment.prediction.map(|prediction| prediction.fight.blue)
}

fn drawing(axis: &TimeAxis, moments: &[Moment]) -> Markup {
    let last = moments.iter().rev().find_map(|moment| fight(moment).ok()).unwrap_or(0.5);
    let (least, most) = moments
        .iter()
        .filter_map(|moment| fight(moment).ok())
        .fold((last, last), |(least, most), now| (now.min(least), now.max(most)));
    let description = format!(
        "A line between blue and red: the probability that blue wins goes from {} to {}, and ends at {}. The table \
         after the figure has its values where rounds begin and end and points are scored.",
        text::percent(least),
        text::percent(most),
        text::percent(last),
    );
    figure(
        "probability-figure",
        "Win probability over the running time",
        &description,
        BOTTOM + 30,
        |canvas| {
            let scale = Scale::new((0.0, BOTTOM), (1.0, TOP));
            axis.draw(canvas, TOP, BOTTOM, true)?;
            for (value, label) in
                [(0.0, "0 %"), (0.25, "25 %"), (0.5, "50 %"), (0.75, "75 %"), (1.0, "100 %")]
            {
                ruler(canvas, label, scale.at(value))?;
            }
            canvas.text("Blue", (8, TOP + 24), INK, Align::Left)?;
            canvas.text("Red", (8, BOTTOM - 24), INK, Align::Left)?;
            for round in 0..axis.rounds().len() {
                let (left, right) = axis.ends(round);
                canvas.line(&[(left, scale.at(0.5)), (right, scale.at(0.5))], GREY, 1, Dash::Dashed)?;
                let of_round = moments.iter().filter(|moment| axis.round_of(moment.place) == round);
                let of_round: Vec<&Moment> = of_round.collect();
                line(canvas, axis, &scale, &of_round, Dash::Dotted, |moment| {
                    let prediction = moment.prediction.ok()?;
                    prediction.round.map(|round| round.blue)
                })?;
                line(canvas, axis, &scale, &of_round, Dash::Solid, |moment| fight(moment).ok())?;
                if let Some(at_end) = of_round.iter().rev().find_map(|moment| fight(moment).ok()) {
                    canvas.text(&text::percent(at_end), (right + 6, scale.at(at_end)), INK, Align::Left)?;
                }
            }
            Ok(())
        },
    )
}

/// The line of a round; where there is no number it is broken.
fn line(
    canvas: &Canvas<'_>,
    axis: &TimeAxis,
    scale: &Scale,
    moments: &[&Moment],
    dash: Dash,
    value: impl Fn(&Moment) -> Option<f64>,
) -> Drawn {
    let width = if matches!(dash, Dash::Solid) { 3 } else { 2 };
    let mut points: Vec<At> = Vec::new();
    let mut before: Option<&Moment> = None;
    for moment in moments {
        match value(moment) {
            Some(value) => {
                let (x, y) = (axis.x_later(moment.place, moment.standing.seconds_left), scale.at(value));
                // While only the clock runs it slides; what happens is a step.
                let slides = before.is_some_and(|before| {
                    Standing { seconds_left: moment.standing.seconds_left, ..before.standing }
                        == moment.standing
                });
                points.extend(points.last().filter(|_| !slides).map(|&(_, level)| (x, level)));
                points.push((x, y));
            }
            None => {
                canvas.line(&points, colour(Athlete::Blue), width, dash)?;
                points.clear();
            }
        }
        before = Some(moment);
    }
    canvas.line(&points, colour(Athlete::Blue), width, dash)
}

/// The moments that people ask for: where rounds begin and end, and the largest changes.
fn table(course: &Course, moments: &[Moment]) -> Markup {
    let event = |moment: &Moment| course.events.get(moment.place);
    let mut swings: Vec<(f64, usize)> = moments
        .windows(2)
        .enumerate()
        .filter_map(|(place, pair)| Some(((fight(&pair[1]).ok()? - fight(&pair[0]).ok()?).abs(), place + 1)))
        .filter(|(change, _)| *change >= 0.05)
        .collect();
    swings.sort_by(|a, b| b.0.total_cmp(&a.0));
    swings.truncate(10);
    let marked = |place: usize, moment: &Moment| {
        let edge = event(moment).is_some_and(|event| {
            matches!(
                event.kind,
                EventKind::RoundStarted | EventKind::RoundEnded { .. } | EventKind::MatchEnded { .. }
            ) && event.clock.map(|clock| clock.total_seconds()) == moment.standing.seconds_left
        });
        edge || swings.iter().any(|(_, swing)| *swing == place)
    };
    let rows: Vec<&Moment> = moments
        .iter()
        .enumerate()
        .filter(|(place, moment)| marked(*place, moment))
        .map(|(_, moment)| moment)
        .take(ROWS)
        .collect();
    html! {
        table {
            caption { "Where rounds begin and end, and the largest changes" }
            thead { tr {
                th scope="col" { "Round" } th scope="col" { "Clock" } th scope="col" { "After" } th.number scope="col" { "Score" }
                th.number scope="col" { "Blue wins the match" } th.number scope="col" { "Red" } th.number scope="col" { "Blue wins the round" }
            } }
            tbody {
                @for moment in rows {
                    tr {
                        td { (moment.standing.round) }
                        td { @if let Some(seconds) = moment.standing.seconds_left { (text::minutes(seconds.into())) } @else { "–" } }
                        td { @if let Some(event) = event(moment) { (text::foreign(&text::told(event))) } }
                        td.number { (moment.standing.score.blue) "–" (moment.standing.score.red) }
                        td.number { (text::measured(fight(moment), text::percent)) }
                        td.number { (text::measured(moment.prediction.map(|of| of.fight.red), text::percent)) }
                        td.number {
                            @match moment.prediction.ok().and_then(|of| of.round) {
                                Some(round) => (text::percent(round.blue)),
                                None => "–",
                            }
                        }
                    }
                }
            }
        }
    }
}
