//! The table of all that is counted.

use maud::{Markup, html};
use pss_protocol::PointCode;

use super::text::{measured, milliseconds, minutes, percent, tenth, whole};
use crate::{Assessment, HitStatistics};

/// A column: whose hits, over which span.
pub(super) struct Column<'a> {
    pub(super) head: Markup,
    pub(super) hits: &'a HitStatistics,
    pub(super) assessment: Assessment,
}

/// What is in a row.
struct Row {
    name: &'static str,
    cell: fn(&HitStatistics, &Assessment) -> Markup,
}

impl Row {
    const fn new(name: &'static str, cell: fn(&HitStatistics, &Assessment) -> Markup) -> Self {
        Self { name, cell }
    }
}

/// The first row of a group has the group's name before it.
const GROUPS: &[(&str, &[Row])] = &[
    (
        "Hits",
        &[
            Row::new("Hits felt", |hits, _| count(hits.felt.count())),
            Row::new("Given by judges", |hits, _| count(hits.judged)),
            Row::new("Lowest level", |hits, _| measured(hits.level_min(), whole)),
            Row::new("Mean level", |hits, _| measured(hits.level_mean(), tenth)),
            Row::new("Median level", |hits, _| measured(hits.level_quantile(0.5), whole)),
            Row::new("90 % at most", |hits, _| measured(hits.level_quantile(0.9), whole)),
            Row::new("Highest level", |hits, _| measured(hits.level_max(), whole)),
            Row::new("Above 100", |hits, _| count(hits.felt.above())),
        ],
    ),
    (
        "Scoring",
        &[
            Row::new("Hits that scored", |hits, _| count(hits.scored())),
            Row::new("… of all", |hits, _| measured(hits.scoring_share(), percent)),
            Row::new("… to the body", |hits, _| count(hits.scored_body.count())),
            Row::new("… to the head", |hits, _| count(hits.scored_head.count())),
            Row::new("… to the body, of these", |hits, _| measured(hits.body_share(), percent)),
            Row::new("Mean level, body", |hits, _| measured(hits.scored_body_mean(), tenth)),
            Row::new("Mean level, head", |hits, _| measured(hits.scored_head_mean(), tenth)),
            Row::new("Kicks without a hit", |hits, _| count(hits.points_without_hit)),
            Row::new("Hit to point, mean", |hits, _| {
                measured(hits.delay_millis(), |delay| milliseconds(delay.mean))
            }),
            Row::new("Hit to point, longest", |hits, _| {
                measured(hits.delay_millis(), |delay| milliseconds(delay.max))
            }),
            Row::new("Confidence, mean", |hits, _| {
                measured(hits.link_confidence(), |sure| percent(sure.mean))
            }),
        ],
    ),
    (
        "By the levels",
        &[
            Row::new("Reached both", |_, of| measured(of.known(), |of| whole(of.valid))),
            Row::new("Reached one", |_, of| measured(of.known(), |of| whole(of.doubtful))),
            Row::new("Both, did not score", |_, of| measured(of.known(), |of| whole(of.valid_unscored))),
            Row::new("Near miss, body", |_, of| measured(of.known(), |of| whole(of.near_body))),
            Row::new("Near miss, head", |_, of| measured(of.known(), |of| whole(of.near_head))),
            Row::new("Scored below", |_, of| measured(of.known(), |of| whole(of.scored_below))),
        ],
    ),
    (
        "Points",
        &[
            Row::new("Points scored", |hits, _| count(hits.points.total)),
            Row::new("Punches", |hits, _| count(hits.points.times(PointCode::P))),
            Row::new("Body kicks", |hits, _| count(hits.points.times(PointCode::K))),
            Row::new("Head kicks", |hits, _| count(hits.points.times(PointCode::H))),
            Row::new("Bonuses, body", |hits, _| count(hits.points.times(PointCode::Tb))),
            Row::new("Bonuses, head", |hits, _| count(hits.points.times(PointCode::Th))),
            Row::new("Own gam-jeoms", |hits, _| count(hits.points.gam_jeoms)),
        ],
    ),
    (
        "Time",
        &[
            Row::new("Running clock", |hits, _| measured(hits.ran_seconds(), minutes)),
            Row::new("Hits a minute", |hits, _| measured(hits.hits_per_minute(), tenth)),
            Row::new("Quickest 2 hits", |hits, _| measured(hits.fastest_millis(2), milliseconds)),
            Row::new("Quickest 3 hits", |hits, _| measured(hits.fastest_millis(3), milliseconds)),
            Row::new("Quickest 4 hits", |hits, _| measured(hits.fastest_millis(4), milliseconds)),
            Row::new("Within 1 s of the last", |hits, _| measured(hits.follow_ups(), whole)),
            Row::new("Last hit before the end, mean", |hits, _| {
                measured(hits.idle_at_end(), |idle| format!("{:.0} s", idle.mean))
            }),
        ],
    ),
];

/// A row for each number, a column for each span.
pub(super) fn table(caption: &str, columns: &[Column<'_>]) -> Markup {
    html! {
        table.statistics {
            caption { (caption) }
            thead { tr { th scope="col" { "" } @for column in columns { th.number scope="col" { (column.head) } } } }
            @for (group, rows) in GROUPS {
                tbody {
                    tr.group { th scope="rowgroup" colspan=(columns.len() + 1) { (group) } }
                    @for row in *rows {
                        tr {
                            th scope="row" { (row.name) }
                            @for column in columns { td.number { ((row.cell)(column.hits, &column.assessment)) } }
                        }
                    }
                }
            }
        }
    }
}

fn count(value: impl ToString) -> Markup {
    html! { (value.to_string()) }
}
