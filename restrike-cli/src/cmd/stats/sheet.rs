//! Statistics as CSV, for spreadsheets and for whatever reads tables.

use std::{
    collections::BTreeMap,
    fmt::{Display, Write as _},
    io::{self, Write},
};

use anyhow::Context as _;
use csv::{Terminator, Writer, WriterBuilder};
use hitlevel::{Assessment, HitStatistics, HitsView, Missing, Thresholds};
use pss_store::harmless_cell;

use super::group::{Group, Who, is_empty};
use crate::{
    cmd::Outcome,
    courses::{CoursesArgs, for_each_course},
    output::{CANNOT_WRITE, stdout},
};

/// A cell; `None` is an empty one.
type Cell = Option<String>;

/// Whose hits the row is about. The columns are stable: new ones go behind the last of all.
const WHO: [&str; 18] = [
    "file",
    "session",
    "ring",
    "tournament",
    "match_id",
    "match",
    "began_at",
    "phase",
    "division",
    "category",
    "round",
    "side",
    "athlete_id",
    "athlete",
    "country",
    "body_level",
    "head_level",
    "matches",
];

fn who(who: &Who, thresholds: Thresholds, matches: u64) -> [Cell; WHO.len()] {
    let text = |text: &Option<String>| text.as_deref().map(|text| harmless_cell(text).into_owned());
    [
        text(&who.file),
        cell(who.session),
        text(&who.ring),
        who.tournament.as_ref().map(|tournament| harmless_cell(&tournament.name).into_owned()),
        cell(who.match_id),
        text(&who.number),
        cell(who.began_at),
        text(&who.phase),
        text(&who.division),
        text(&who.category),
        cell(who.round),
        cell(who.side),
        cell(who.athlete_id),
        text(&who.name),
        text(&who.country),
        cell(thresholds.body),
        cell(thresholds.head),
        cell(Some(matches)),
    ]
}

/// Columns that are fields of the view, under their names.
macro_rules! numbers {
    ($($field:ident)+) => {
        const NUMBERS: &[&str] = &[$(stringify!($field)),+];

        fn numbers(view: &HitsView) -> Vec<Cell> {
            vec![$(IntoCell::cell(view.$field)),+]
        }
    };
}

numbers! {
    hits judged_hits judged_points
    level_min level_mean level_max level_p10 level_p25 level_p50 level_p75 level_p90 level_p95 level_p99
    level_above_100
    scored scored_body scored_head scoring_share body_share scored_body_level_mean scored_head_level_mean
    points_without_hit
    delay_min_ms delay_mean_ms delay_max_ms link_confidence_min link_confidence_mean
    unassessed assessed valid doubtful valid_unscored near_body near_head scored_below
    punches body_kicks head_kicks body_bonuses head_bonuses points gam_jeoms
    running_seconds hits_per_minute
    fastest_2_ms fastest_3_ms fastest_4_ms follow_ups
    rounds_ended idle_at_end_min_s idle_at_end_mean_s idle_at_end_max_s
    tempo_later tempo_unplaced
}

/// Columns that are made of lists, the last of all.
const LISTS: [&str; 3] = ["level_histogram", "tempo_10s", "missing"];

fn lists(view: &HitsView) -> [Cell; LISTS.len()] {
    [Some(spaced(&view.level_histogram)), Some(spaced(&view.tempo_10s)), Some(reasons(&view.missing))]
}

fn spaced(numbers: &[impl Display]) -> String {
    numbers.iter().map(ToString::to_string).collect::<Vec<_>>().join(" ")
}

/// `level_min=no_hits level_max=no_hits`.
fn reasons(missing: &BTreeMap<&'static str, Missing>) -> String {
    let mut text = String::new();
    for (field, why) in missing {
        let space = if text.is_empty() { "" } else { " " };
        // The words of JSON.
        let why = serde_json::to_value(why).ok();
        let why = why.as_ref().and_then(serde_json::Value::as_str).unwrap_or_default();
        let _ = write!(text, "{space}{field}={why}");
    }
    text
}

fn cell(value: Option<impl Display>) -> Cell {
    value.map(|value| value.to_string())
}

trait IntoCell {
    fn cell(self) -> Cell;
}

macro_rules! into_cell {
    ($($number:ty)+) => {
        $(
            impl IntoCell for $number {
                fn cell(self) -> Cell {
                    Some(self.to_string())
                }
            }

            impl IntoCell for Option<$number> {
                fn cell(self) -> Cell {
                    self.map(|number| number.to_string())
                }
            }
        )+
    };
}

into_cell! { u32 u64 i64 f64 }

/// Rows under a head, which is written with the first of them or at the end: what fails before has no output.
struct Sheet<W: Write> {
    writer: Writer<W>,
    headed: bool,
}

impl<W: Write> Sheet<W> {
    fn new(out: W) -> Self {
        Self { writer: WriterBuilder::new().terminator(Terminator::CRLF).from_writer(out), headed: false }
    }

    fn row(&mut self, who: [Cell; WHO.len()], view: &HitsView) -> anyhow::Result<()> {
        self.head()?;
        let cells = who.into_iter().chain(numbers(view)).chain(lists(view)).map(Option::unwrap_or_default);
        self.writer.write_record(cells).map_err(io::Error::from).context(CANNOT_WRITE)
    }

    fn head(&mut self) -> anyhow::Result<()> {
        if self.headed {
            return Ok(());
        }
        self.headed = true;
        let head = WHO.iter().chain(NUMBERS).chain(&LISTS);
        self.writer.write_record(head).map_err(io::Error::from).context(CANNOT_WRITE)
    }

    fn finish(mut self) -> anyhow::Result<()> {
        self.head()?;
        self.writer.flush().context(CANNOT_WRITE)
    }
}

/// Each athlete who is asked for: each round, and the whole match, whose `round` is empty.
pub(super) fn matches(args: &CoursesArgs) -> anyhow::Result<Outcome> {
    let mut sheet = Sheet::new(stdout());
    let outcome = for_each_course(args, |told| {
        let statistics = &told.course.statistics;
        for athlete in told.asked() {
            let mut span = Who::of(&told, athlete);
            let mut row = |round, hits: &HitStatistics| {
                span.round = round;
                let assessment = Assessment::of(hits, statistics.thresholds);
                sheet.row(who(&span, statistics.thresholds, 1), &HitsView::new(hits, &assessment))
            };
            for (number, round) in statistics.rounds().filter(|(_, round)| !is_empty(round)) {
                row(Some(number), &round[athlete])?;
            }
            row(None, &statistics.total(athlete))?;
        }
        Ok(())
    })?;
    sheet.finish()?;
    Ok(outcome)
}

/// A row for each group; the columns that its hits do not have in common are empty.
pub(super) fn groups(groups: &[Group]) -> anyhow::Result<()> {
    let mut sheet = Sheet::new(stdout());
    for group in groups {
        let view = HitsView::new(&group.hits, &group.assessment);
        sheet.row(who(&group.who, Thresholds::default(), group.matches), &view)?;
    }
    sheet.finish()
}
