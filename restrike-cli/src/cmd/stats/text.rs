//! Statistics for people.

mod view;

use std::{collections::BTreeSet, io::Write as _};

use anyhow::Context as _;
use hitlevel::{Assessment, HitStatistics, Levels, Measured, Missing};

use self::view::View;
use super::group::Group;
use crate::{
    cmd::Outcome,
    courses::{CoursesArgs, for_each_course},
    output::{CANNOT_WRITE, print, spark::Signs, stdout, table::Table},
};

/// One view for each match.
pub(super) fn matches(args: &CoursesArgs, signs: Signs) -> anyhow::Result<Outcome> {
    let mut out = stdout();
    let mut first = true;
    let outcome = for_each_course(args, |told| {
        let gap = if first { Ok(()) } else { writeln!(out) };
        first = false;
        gap.and_then(|()| View { signs, told: &told }.write(&mut out)).context(CANNOT_WRITE)
    })?;
    out.flush().context(CANNOT_WRITE)?;
    Ok(outcome)
}

/// One line for each group.
pub(super) fn groups(groups: &[Group], signs: Signs) -> anyhow::Result<()> {
    if groups.is_empty() {
        return Ok(());
    }
    let mut table = Table::new([
        "",
        "matches",
        "hits",
        "/min",
        "min",
        "median",
        "mean",
        "p90",
        "max",
        "scored",
        "body : head",
        "valid unscored",
        "near b : h",
        "below",
        "levels 0-100",
        "missing",
    ]);
    for Group { label, matches, hits, assessment, .. } in groups {
        let mut cells = Cells::new(signs);
        let scored = scored(&mut cells, hits);
        let split = cells.of(hits.body_share().map(|_| split(hits)));
        let [min, median, mean, p90, max] = cells.levels(hits);
        let [valid_unscored, near, below] = cells.assessed(assessment);
        table.row([
            label,
            matches,
            &hits.felt.count(),
            &cells.of(hits.hits_per_minute().map(one)),
            &min,
            &median,
            &mean,
            &p90,
            &max,
            &scored,
            &split,
            &valid_unscored,
            &near,
            &below,
            &histogram(signs, &hits.felt, 10),
            &cells.reasons(hits, assessment),
        ]);
    }
    print(|out| table.write(out, ""))
}

/// Cells of a line: dashes where there is no number, and the reasons at its end.
struct Cells {
    signs: Signs,
    missing: BTreeSet<Missing>,
}

impl Cells {
    fn new(signs: Signs) -> Self {
        Self { signs, missing: BTreeSet::new() }
    }

    fn of(&mut self, measured: Measured<String>) -> String {
        measured.unwrap_or_else(|why| {
            self.missing.insert(why);
            self.signs.dash().to_owned()
        })
    }

    /// Minimum, median, mean, 90 % and maximum.
    fn levels(&mut self, hits: &HitStatistics) -> [String; 5] {
        let signs = self.signs;
        let text = |level: u32| level.to_string();
        let mut at = |of| match hits.level_quantile(of) {
            Err(Missing::AboveCounters) => quantile(signs, Err(Missing::AboveCounters)),
            other => self.of(other.map(text)),
        };
        let (median, p90) = (at(0.5), at(0.9));
        [
            self.of(hits.level_min().map(text)),
            median,
            self.of(hits.level_mean().map(one)),
            p90,
            self.of(hits.level_max().map(text)),
        ]
    }

    /// Valid and unscored, near misses, scored below.
    fn assessed(&mut self, assessment: &Assessment) -> [String; 3] {
        let known = assessment.known();
        [
            self.of(known.map(|hits| format!("{} of {}", hits.valid_unscored, hits.valid))),
            self.of(known.map(|hits| format!("{} : {}", hits.near_body, hits.near_head))),
            self.of(known.map(|hits| hits.scored_below.to_string())),
        ]
    }

    /// Why there are dashes, and what the numbers leave out.
    fn reasons(self, hits: &HitStatistics, assessment: &Assessment) -> String {
        // Without any hit it goes without saying that none scored.
        let said = |why: &&Missing| **why != Missing::NoLinks || !self.missing.contains(&Missing::NoHits);
        let mut reasons: Vec<String> = self.missing.iter().filter(said).map(ToString::to_string).collect();
        if hits.judged > 0 && !hits.felt.is_empty() {
            reasons.push(format!("{} hits by judges left out", hits.judged));
        }
        if assessment.assessed > 0 && assessment.unassessed > 0 {
            reasons.push(format!("thresholds of {} hits unknown", assessment.unassessed));
        }
        reasons.join(", ")
    }
}

/// With one decimal.
fn one(number: f64) -> String {
    format!("{number:.1}")
}

fn percent(share: f64) -> String {
    format!("{:.1} %", share * 100.0)
}

/// A quantile of levels of which there are some.
fn quantile(signs: Signs, level: Measured<u32>) -> String {
    match level {
        Ok(level) => level.to_string(),
        Err(Missing::AboveCounters) => format!(">{}", Levels::HIGHEST),
        Err(_) => signs.dash().to_owned(),
    }
}

fn scored(cells: &mut Cells, hits: &HitStatistics) -> String {
    cells.of(hits.scoring_share().map(|share| format!("{} ({})", hits.scored(), percent(share))))
}

fn split(hits: &HitStatistics) -> String {
    format!("{} : {}", hits.scored_body.count(), hits.scored_head.count())
}

/// A bar for so many levels each, the last for 100 alone.
fn histogram(signs: Signs, levels: &Levels, each: usize) -> String {
    let bars =
        signs.spark(&levels.counts().chunks(each).map(|counts| counts.iter().sum()).collect::<Vec<u64>>());
    match levels.above() {
        0 => bars.to_string(),
        above => format!("{bars} +{above} above"),
    }
}
