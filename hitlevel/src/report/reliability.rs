//! The page about how good the predictions are.

use maud::{Markup, html};

use super::{
    canvas::{Align, At, Canvas, Dash, Drawn, FAINT, GREY, INK, Mark, figure},
    page, text,
};
use crate::{Bin, Calibration, Forecasts, LeftOut, Measured};

/// A panel is square; three of them fit side by side.
const SIDE: i32 = 300;
const TOP: i32 = 40;
const LEFT: i32 = 60;
const APART: i32 = 380;
/// How high the bars with the numbers of predictions are at most.
const BARS: i32 = 40;
const HEIGHT: i32 = TOP + SIDE + 66 + BARS;

/// One self-contained HTML page about a [`Calibration`]: scores, reliability plots, and both as tables.
///
/// `source` says what the matches were, such as the name of a database.
///
/// ```
/// use hitlevel::{Calibration, report::reliability_page};
///
/// let page = reliability_page(&Calibration::default(), "no matches");
/// assert!(page.contains("too little data"));
/// ```
pub fn reliability_page(calibration: &Calibration, source: &str) -> String {
    let body = html! {
        h1 { "How good the predictions are" }
        p { "Matches: " (text::foreign(source)) }
        (left_out(calibration))
        section id="scores" {
            h2 { "Scores" }
            (scores(calibration))
        }
        section id="reliability" {
            h2 { "Reliability" }
            (reliability(calibration))
        }
    };
    page::page("How good the predictions are", &body)
}

fn kinds(calibration: &Calibration) -> [(&'static str, &Forecasts); 3] {
    [
        ("Rounds of best of three", &calibration.round),
        ("Best of three", &calibration.best_of_3),
        ("Conventional", &calibration.conventional),
    ]
}

/// What was predicted, and what was not.
pub(super) fn left_out(calibration: &Calibration) -> Markup {
    let LeftOut { no_winner, otherwise_decided, not_predictable } = calibration.left_out;
    html! {
        p.note {
            "Predicted was where a round begins and every 10 s of the running clock, each match with what the matches \
             before it had shown. Left out: " (no_winner) " without a winner, " (otherwise_decided)
            " that were not won by points or superiority, " (not_predictable) " of which too little is known."
        }
    }
}

/// Brier scores, in a table.
pub(super) fn scores(calibration: &Calibration) -> Markup {
    let fight = calibration.fight();
    html! {
        (score_table(kinds(calibration).into_iter().chain([("Any match", &fight)])))
        p.caption {
            "Brier score: the mean square of how far the probability was from what happened; 0 is perfect, 0.25 what \
             a coin gets. Naive: who leads will win. Skill: the margin as a share of the naive score."
        }
    }
}

/// The plots, and the same as a table.
pub(super) fn reliability(calibration: &Calibration) -> Markup {
    let kinds = kinds(calibration);
    html! {
        (plot(&kinds))
        p.caption {
            "Across: the mean predicted probability that blue wins, in tenths. Up: how often blue won. On the dashed \
             line what was predicted came true as often as it should. Below, how many predictions each tenth has."
        }
        (table(&kinds))
    }
}

fn score_table<'a>(kinds: impl Iterator<Item = (&'static str, &'a Forecasts)>) -> Markup {
    let number = |value: Measured<f64>| text::measured(value, three);
    html! {
        table {
            thead {
                tr {
                    @for heading in ["Who wins", "Matches", "Predictions", "Brier", "Naive", "Margin", "95 % of the margin", "Skill"] {
                        th scope="col" { (heading) }
                    }
                }
            }
            tbody {
                @for (name, of) in kinds {
                    tr {
                        th scope="row" { (name) }
                        td { (of.matches()) }
                        td { (of.count()) }
                        td { (number(of.brier())) }
                        td { (number(of.naive_brier())) }
                        td { (number(of.margin())) }
                        td { (text::measured(of.margin_interval(), |range| format!("{:.3} to {:.3}", range.start(), range.end()))) }
                        td { (number(of.skill())) }
                    }
                }
            }
        }
    }
}

fn plot(kinds: &[(&str, &Forecasts)]) -> Markup {
    let description = "For each kind of prediction a square panel: the predicted probability across, how often it came \
                       true upwards. The tables after the figure have the same numbers.";
    figure("reliability-figure", "Predicted and observed", description, HEIGHT, |canvas| {
        (0..).zip(kinds).try_for_each(|(nth, (name, of))| panel(canvas, LEFT + nth * APART, name, of))
    })
}

fn panel(canvas: &Canvas<'_>, left: i32, name: &str, of: &Forecasts) -> Drawn {
    let bottom = TOP + SIDE;
    let place = |across: f64, up: f64| -> At {
        let pixels = |share: f64| libm::round(share * f64::from(SIDE)) as i32;
        (left + pixels(across), bottom - pixels(up))
    };
    canvas.text(name, (left + SIDE / 2, TOP - 20), INK, Align::Middle)?;
    for tenths in [0, 2, 4, 6, 8, 10] {
        let share = f64::from(tenths) / 10.0;
        let label = format!("{share:.1}");
        canvas.line(&[place(0.0, share), place(1.0, share)], FAINT, 1, Dash::Solid)?;
        canvas.line(&[place(share, 0.0), place(share, 1.0)], FAINT, 1, Dash::Solid)?;
        canvas.small(&label, (left - 8, place(0.0, share).1), GREY, Align::Right)?;
        canvas.small(&label, (place(share, 0.0).0, bottom + 14), GREY, Align::Middle)?;
    }
    canvas.line(&[place(0.0, 0.0), place(1.0, 1.0)], GREY, 2, Dash::Dashed)?;
    canvas.small("predicted", (left + SIDE / 2, bottom + 36), GREY, Align::Middle)?;
    let seen: Vec<At> =
        of.bins().iter().filter_map(|bin| Some(place(bin.predicted()?, bin.observed()?))).collect();
    if seen.is_empty() {
        return canvas.text("– no predictions", (left + SIDE / 2, TOP + SIDE / 2), GREY, Align::Middle);
    }
    canvas.line(&seen, INK, 2, Dash::Solid)?;
    seen.iter().try_for_each(|&at| canvas.mark(Mark::Square, at, INK))?;
    let most = of.bins().iter().map(Bin::count).max().unwrap_or_default().max(1);
    let ground = HEIGHT - 8;
    canvas.line(&[(left, ground), (left + SIDE, ground)], GREY, 1, Dash::Solid)?;
    for (nth, bin) in (0..).zip(of.bins()) {
        let tenth = SIDE / Forecasts::BINS as i32;
        let height = libm::ceil(bin.count() as f64 / most as f64 * f64::from(BARS)) as i32;
        let from = left + nth * tenth;
        canvas.fill((from + 3, ground - height), (from + tenth - 3, ground), GREY)?;
    }
    Ok(())
}

/// The numbers of the figure.
fn table(kinds: &[(&str, &Forecasts)]) -> Markup {
    let share = |share: Option<f64>| share.map_or_else(|| "–".to_owned(), three);
    html! {
        table {
            thead {
                tr {
                    th scope="col" rowspan="2" { "Probability" }
                    @for (name, _) in kinds { th scope="colgroup" colspan="3" { (name) } }
                }
                tr {
                    @for _ in kinds {
                        @for heading in ["Predictions", "Mean", "Blue won"] { th scope="col" { (heading) } }
                    }
                }
            }
            tbody {
                @for place in 0..Forecasts::BINS {
                    tr {
                        th scope="row" { (format!("0.{place} to {:.1}", (place + 1) as f64 / Forecasts::BINS as f64)) }
                        @for (_, of) in kinds {
                            @let bin = of.bins()[place];
                            td { (bin.count()) }
                            td { (share(bin.predicted())) }
                            td { (share(bin.observed())) }
                        }
                    }
                }
            }
        }
    }
}

fn three(value: f64) -> String {
    format!("{value:.3}")
}
