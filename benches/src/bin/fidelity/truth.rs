//! What the scoring table decided: the sender's own log of a match (`NAME-mK-matchLogItems.csv`).

use std::{
    collections::{BTreeMap, BTreeSet},
    path::{Path, PathBuf},
};

use anyhow::{Context, Result};
use pss_protocol::{Athlete, PointCode};

use crate::{
    course::{Course, count},
    linking::{Kick, beside},
};

/// The logs of a capture's matches, in the order in which they were fought.
pub(crate) fn of_capture(directory: &Path, capture: &str) -> Result<Vec<Course>> {
    (1..)
        .map(|number| directory.join(format!("{capture}-m{number}-matchLogItems.csv")))
        .take_while(|path| path.exists())
        .enumerate()
        .map(|(index, path)| read(path, format!("m{}", index + 1)))
        .collect()
}

fn read(path: PathBuf, name: String) -> Result<Course> {
    let text = std::fs::read_to_string(&path).with_context(|| format!("cannot read {}", path.display()))?;
    parse(&text, name).with_context(|| format!("{} is not a log of match items", path.display()))
}

/// One line of the log, as far as it is measured.
struct Item<'a> {
    columns: &'a BTreeMap<String, usize>,
    record: &'a csv::StringRecord,
}

impl Item<'_> {
    fn text(&self, column: &str) -> Result<&str> {
        let index = self.columns.get(column).with_context(|| format!("no column {column}"))?;
        self.record.get(*index).with_context(|| format!("a line ends before {column}"))
    }

    fn number(&self, column: &str) -> Result<i64> {
        let text = self.text(column)?;
        if text.is_empty() {
            return Ok(0);
        }
        text.parse().with_context(|| format!("{column} is not a number: {text:?}"))
    }

    fn score(&self) -> Result<(i32, i32)> {
        let text = self.text("score")?;
        let (blue, red) = text.split_once('-').with_context(|| format!("not a score: {text:?}"))?;
        Ok((blue.parse()?, red.parse()?))
    }
}

fn parse(text: &str, name: String) -> Result<Course> {
    let mut reader = csv::Reader::from_reader(text.trim_start_matches('\u{feff}').as_bytes());
    // The header names `entryValue` twice; the columns agree where they matter, the later one counts.
    let columns =
        reader.headers()?.iter().enumerate().map(|(index, name)| (name.to_owned(), index)).collect();
    let mut course = Course { name, ..Course::default() };
    let mut started = BTreeSet::new();
    let mut kicks = Kicks::default();
    for record in reader.records() {
        let record = record?;
        let item = Item { columns: &columns, record: &record };
        let round = u32::try_from(item.number("roundNumber")?)?;
        match item.text("matchLogItemType")? {
            "START_ROUND" => {
                started.insert(round);
            }
            "END_ROUND" => {
                course.scores.insert(round, item.score()?);
            }
            "MATCH_FINISHED" => {
                // A golden round that was decided by points has no END_ROUND of its own.
                if started.contains(&round) && !course.scores.contains_key(&round) {
                    course.scores.insert(round, item.score()?);
                }
                let (winner, decision) = item.text("entryValue")?.split_once(" - ").unwrap_or_default();
                course.winner = some(&winner.trim().to_lowercase());
                course.decision = some(decision.trim());
            }
            kind => take(&mut course, &mut kicks, &item, round, kind)?,
        }
    }
    course.scored = beside(&kicks.points, &kicks.hits);
    Ok(course)
}

/// What sensors felt and what they gave for it.
#[derive(Default)]
struct Kicks {
    hits: Vec<Kick>,
    points: Vec<Kick>,
}

/// What one athlete did or suffered.
fn take(course: &mut Course, kicks: &mut Kicks, item: &Item<'_>, round: u32, kind: &str) -> Result<()> {
    let (athlete, what, added) = match kind.split_once('_') {
        Some(("BLUE", what)) => (Athlete::Blue, what, "blueAddPoints"),
        Some(("RED", what)) => (Athlete::Red, what, "redAddPoints"),
        _ => return Ok(()),
    };
    let code = match what {
        "PUNCH_POINT" => PointCode::P,
        "BODY_POINT" => PointCode::K,
        "HEAD_POINT" => PointCode::H,
        "BODY_TECH_POINT" => PointCode::Tb,
        "HEAD_TECH_POINT" => PointCode::Th,
        "ADD_GAME_JEON" => {
            count(&mut course.gam_jeoms, (round, athlete));
            return Ok(());
        }
        "BODY_HIT" | "HEAD_HIT" => {
            let (level, at) = (u32::try_from(item.number("entryValue")?)?, item.number("eventTime")?);
            let code = if what == "HEAD_HIT" { PointCode::H } else { PointCode::K };
            count(&mut course.hits, (round, athlete, level));
            course.hits_at.push(((round, athlete, level), at));
            kicks.hits.push(Kick { round, athlete, code, level, at });
            return Ok(());
        }
        _ => return Ok(()),
    };
    // A removal is logged under the same name with a negative amount.
    if let Ok(points @ 1..) = u32::try_from(item.number(added)?) {
        count(&mut course.points, (round, athlete, code, points));
        if item.text("entryValue")? == "SENSOR" {
            kicks.points.push(Kick { round, athlete, code, level: 0, at: item.number("eventTime")? });
        }
    }
    Ok(())
}

fn some(text: &str) -> Option<String> {
    (!text.is_empty()).then(|| text.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    const LOG: &str = "\u{feff}\"eventTime\",\"roundNumber\",\"matchLogItemType\",\"entryValue\",\"blueAddPoints\",\"redAddPoints\",\"score\",\"entryValue\"
\"7\",\"1\",\"START_ROUND\",\"\",\"0\",\"0\",\"0-0\",\"\"
\"7\",\"1\",\"BLUE_BODY_HIT\",\"40\",\"0\",\"0\",\"0-0\",\"40\"
\"7\",\"1\",\"BLUE_BODY_POINT\",\"SENSOR\",\"2\",\"0\",\"2-0\",\"SENSOR\"
\"7\",\"1\",\"BLUE_BODY_POINT\",\"\",\"-2\",\"0\",\"0-0\",\"\"
\"7\",\"1\",\"RED_ADD_GAME_JEON\",\"\",\"0\",\"0\",\"1-0\",\"\"
\"7\",\"1\",\"END_ROUND\",\"\",\"0\",\"0\",\"1-0\",\"\"
\"7\",\"4\",\"START_ROUND\",\"\",\"0\",\"0\",\"0-0\",\"\"
\"7\",\"4\",\"MATCH_FINISHED\",\"\",\"0\",\"0\",\"0-2\",\"RED - GDP\"
";

    #[test]
    fn reads_what_is_measured() {
        let course = parse(LOG, "m1".into()).unwrap();
        assert_eq!(course.points, [((1, Athlete::Blue, PointCode::K, 2), 1)].into());
        assert_eq!(course.gam_jeoms, [((1, Athlete::Red), 1)].into());
        assert_eq!(course.hits, [((1, Athlete::Blue, 40), 1)].into());
        assert_eq!(course.hits_at, [((1, Athlete::Blue, 40), 7)]);
        assert_eq!(course.scored.len(), 1);
        assert_eq!(course.scores, [(1, (1, 0)), (4, (0, 2))].into());
        assert_eq!((course.winner.as_deref(), course.decision.as_deref()), (Some("red"), Some("GDP")));
    }

    #[test]
    fn a_broken_log_is_an_error() {
        let error = parse("\"roundNumber\"\n\"one\"\n", "m1".into()).unwrap_err();
        assert_eq!(error.to_string(), "roundNumber is not a number: \"one\"");
    }
}
