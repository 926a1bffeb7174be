//! How often was hit how hard.

use maud::{Markup, html};
use pss_protocol::{Athlete, PerAthlete};

use crate::{
    HitStatistics, Levels, Thresholds,
    report::{
        axis::{LEFT, Scale, ruler},
        canvas::{Align, Canvas, Dash, Drawn, GREY, INK, WIDTH, colour, figure, pale},
        text,
    },
};

/// The width of a level.
const BAR: i32 = 10;
const MIDDLE: i32 = 210;
const HALF: i32 = 170;

/// Two histograms back to back, and the same in bands of ten as a table. `id` names the figure in the page.
pub(in crate::report) fn section(
    hits: &PerAthlete<HitStatistics>,
    thresholds: Option<Thresholds>,
    id: &str,
) -> Markup {
    html! {
        @if hits.blue.felt.is_empty() && hits.red.felt.is_empty() {
            p.missing {
                "– "
                @if hits.blue.judged + hits.red.judged > 0 { "Judges alone gave the points, so there are no levels." }
                @else { "No hit was felt." }
            }
        } @else {
            (drawing(hits, thresholds, id))
            p.caption {
                "Blue upwards, red downwards. Filled: scored to the body. Hatched: scored to the head. Pale: did not score. \
                 The last bar holds all levels above " (Levels::HIGHEST) "."
            }
            (table(hits))
        }
    }
}

fn drawing(hits: &PerAthlete<HitStatistics>, thresholds: Option<Thresholds>, id: &str) -> Markup {
    let describe = |athlete: Athlete| {
        let felt = &hits[athlete].felt;
        match (felt.min(), felt.quantile(0.5), felt.max()) {
            (Some(least), Some(middle), Some(most)) => {
                format!(
                    "{}: {} hits from {least} to {most}, median {}.",
                    text::corner(athlete),
                    felt.count(),
                    text::quantile(middle)
                )
            }
            _ => format!("{}: no hits.", text::corner(athlete)),
        }
    };
    let description = format!(
        "{} {} The table after the figure has bands of ten.",
        describe(Athlete::Blue),
        describe(Athlete::Red)
    );
    figure(id, "How often each level was hit", &description, MIDDLE + HALF + 34, |canvas| {
        let counts = Athlete::BOTH.map(|athlete| {
            let felt = &hits[athlete].felt;
            felt.counts().iter().copied().max().unwrap_or_default().max(felt.above())
        });
        let most = counts[0].max(counts[1]).max(4);
        for athlete in Athlete::BOTH {
            half(canvas, athlete, &hits[athlete], most)?;
        }
        for level in (0..Levels::HIGHEST).step_by(10) {
            let x = x_of(level) + BAR / 2;
            canvas.small(&level.to_string(), (x, MIDDLE + HALF + 16), GREY, Align::Middle)?;
        }
        canvas.small(
            &format!("> {}", Levels::HIGHEST),
            (x_of(Levels::HIGHEST + 2) + BAR / 2, MIDDLE + HALF + 16),
            GREY,
            Align::Middle,
        )?;
        canvas.line(&[(LEFT, MIDDLE), (WIDTH - 16, MIDDLE)], INK, 1, Dash::Solid)?;
        thresholds.map_or(Ok(()), |thresholds| levels(canvas, thresholds))
    })
}

fn x_of(level: u32) -> i32 {
    LEFT + 6 + i32::try_from(level).unwrap_or_default() * BAR
}

/// The bars of one athlete.
fn half(canvas: &Canvas<'_>, athlete: Athlete, hits: &HitStatistics, most: u64) -> Drawn {
    let edge = if athlete == Athlete::Blue { MIDDLE - HALF } else { MIDDLE + HALF };
    let scale = Scale::new((0.0, MIDDLE), (most as f64, edge));
    for value in [most / 2, most] {
        ruler(canvas, &value.to_string(), scale.at(value as f64))?;
    }
    canvas.text(text::corner(athlete), (8, (MIDDLE + edge) / 2), INK, Align::Left)?;
    let above = [&hits.felt, &hits.scored_body, &hits.scored_head].map(Levels::above);
    let of = |level: u32| {
        if level > Levels::HIGHEST {
            return above;
        }
        [&hits.felt, &hits.scored_body, &hits.scored_head].map(|levels| levels.counts()[level as usize])
    };
    for level in 0..=Levels::HIGHEST + 2 {
        // One place is left free before the bar of all that is above.
        let [felt, body, head] = if level == Levels::HIGHEST + 1 { [0; 3] } else { of(level) };
        if felt + body + head == 0 {
            continue;
        }
        let (left, right) = (x_of(level) + 1, x_of(level) + BAR - 1);
        let y = |count: u64| scale.at(count as f64);
        canvas.fill((left, MIDDLE), (right, y(felt)), pale(athlete))?;
        canvas.frame((left, MIDDLE), (right, y(felt)), colour(athlete))?;
        if body > 0 {
            canvas.fill((left, MIDDLE), (right, y(body)), colour(athlete))?;
        }
        if head > 0 {
            canvas.hatch((left, y(body)), (right, y(body + head)), INK)?;
        }
    }
    Ok(())
}

fn levels(canvas: &Canvas<'_>, thresholds: Thresholds) -> Drawn {
    let named = [("body", thresholds.body, Dash::Dashed, 14), ("head", thresholds.head, Dash::Dotted, 30)];
    for (name, level, dash, y) in named {
        let Some(level) = level.filter(|level| *level <= Levels::HIGHEST) else { continue };
        let x = x_of(level);
        canvas.line(&[(x, y), (x, MIDDLE + HALF)], INK, 1, dash)?;
        canvas.small(&format!("{name} {level}"), (x + 4, y), INK, Align::Left)?;
    }
    Ok(())
}

fn table(hits: &PerAthlete<HitStatistics>) -> Markup {
    // The bands of the JSON views.
    let bands = (0..=10).map(|band: u32| match band {
        0 => (0, 10),
        10 => (Levels::HIGHEST + 1, u32::MAX),
        band => (band * 10 + 1, band * 10 + 10),
    });
    let count = |levels: &Levels, (from, to): (u32, u32)| match to {
        u32::MAX => levels.above(),
        to => levels.count_in(from..=to),
    };
    html! {
        table.narrow {
            caption { "Hits by level: all, scored to the body, scored to the head" }
            thead {
                tr {
                    th scope="col" { "Level" }
                    @for athlete in Athlete::BOTH {
                        th.number scope="col" { (text::corner(athlete)) } th.number scope="col" { "body" }
                        th.number scope="col" { "head" }
                    }
                }
            }
            tbody {
                @for band in bands {
                    tr {
                        th scope="row" {
                            @if band.1 == u32::MAX { "> " (Levels::HIGHEST) } @else { (band.0) "–" (band.1) }
                        }
                        @for athlete in Athlete::BOTH {
                            @for levels in [&hits[athlete].felt, &hits[athlete].scored_body, &hits[athlete].scored_head] {
                                td.number { (count(levels, band)) }
                            }
                        }
                    }
                }
            }
        }
    }
}
