//! The two files of a match, read.

use std::collections::BTreeMap;

use pss_protocol::Timestamp;
use serde::Serialize;
use sha2::{Digest as _, Sha256};

use super::table::{Row, Table};

/// A match as the scoring system's own log has it, read from the bytes of its files.
///
/// ```
/// use pss_store::MatchLog;
///
/// let items = b"eventTime,roundNumber,matchLogItemType,score\n1795347193259,1,START_MATCH,0-0\n";
/// let log = MatchLog::read("20261122103000-A-12", "Court01", items, None)?;
/// assert_eq!(log.match_number(), "A-12");
/// assert_eq!(log.items().len(), 1);
/// # Ok::<(), pss_store::BadMatchLog>(())
/// ```
#[derive(Clone, Debug, PartialEq)]
pub struct MatchLog {
    name: String,
    court: String,
    digest: [u8; 32],
    items: Vec<LogItem>,
    summary: Option<serde_json::Value>,
    flaws: Vec<LogFlaw>,
}

/// One line of a log.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
#[non_exhaustive]
pub struct LogItem {
    /// When it happened.
    pub at: Option<Timestamp>,
    /// The round.
    pub round: Option<u32>,
    /// What was left of the round, in milliseconds.
    pub clock_ms: Option<u32>,
    /// What it is, in the words of the log: `BLUE_BODY_POINT`.
    pub kind: String,
    /// What it says beyond that: the level of a hit, who gave a point, the result.
    pub value: Option<String>,
    /// What blue's score rose by; negative where points were taken back.
    pub blue_add: Option<i32>,
    /// What red's rose by.
    pub red_add: Option<i32>,
    /// The score after it, gam-jeoms of the other included.
    pub blue_points: Option<i32>,
    /// Red's.
    pub red_points: Option<i32>,
    /// Blue's gam-jeoms after it.
    pub blue_gam_jeoms: Option<i32>,
    /// Red's.
    pub red_gam_jeoms: Option<i32>,
    /// The other columns by name, as far as they say something.
    pub rest: BTreeMap<String, serde_json::Value>,
}

/// Something in a file that could not be read. The rest was.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct LogFlaw {
    /// Which of the two files: `matchLogItems` or `matchLog`.
    pub file: &'static str,
    /// The line, counted from 1; 0 where that is not known.
    pub line: u64,
    /// What is wrong with it; a value that is quoted is escaped.
    pub what: String,
}

/// These bytes are no log of a match.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum BadMatchLog {
    /// The header lacks what tells a log from other tables.
    #[error("not a log of match items: it has no column {0}")]
    NoColumn(&'static str),
    /// There is a header and nothing else.
    #[error("the log has no items")]
    NoItems,
}

impl MatchLog {
    /// Reads a log. `name` is the common part of its files' names, `20261122103000-101`; `court` the folder
    /// `CourtNN`, empty without one; `items` the bytes of the file `matchLogItems`, `summary` those of `matchLog`.
    ///
    /// # Errors
    ///
    /// When `items` is another table or has no line that can be read. A line that cannot is a [flaw](Self::flaws).
    pub fn read(name: &str, court: &str, items: &[u8], summary: Option<&[u8]>) -> Result<Self, BadMatchLog> {
        let mut digest = Sha256::new();
        // The length first, so that no other two files have the same bytes.
        digest.update((items.len() as u64).to_be_bytes());
        digest.update(items);
        digest.update(summary.unwrap_or_default());
        let mut log = Self {
            name: name.to_owned(),
            court: court.to_owned(),
            digest: digest.finalize().into(),
            items: Vec::new(),
            summary: None,
            flaws: Vec::new(),
        };
        log.read_items(items)?;
        if let Some(summary) = summary {
            log.read_summary(summary);
        }
        Ok(log)
    }

    /// The common part of its files' names.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// The folder `CourtNN`; empty without one.
    pub fn court(&self) -> &str {
        &self.court
    }

    /// The match's number as the files' name has it: what follows fourteen digits and a dash. Empty for other names.
    pub fn match_number(&self) -> &str {
        match self.name.split_at_checked(14) {
            Some((stamp, rest)) if stamp.bytes().all(|byte| byte.is_ascii_digit()) => {
                rest.strip_prefix('-').unwrap_or_default()
            }
            _ => "",
        }
    }

    /// What tells it from every other content: the SHA-256 over both files.
    pub fn digest(&self) -> &[u8; 32] {
        &self.digest
    }

    /// What happened, in the order of the log.
    pub fn items(&self) -> &[LogItem] {
        &self.items
    }

    /// The row of the file `matchLog`: its columns by name.
    pub fn summary(&self) -> Option<&serde_json::Value> {
        self.summary.as_ref()
    }

    /// What could not be read.
    pub fn flaws(&self) -> &[LogFlaw] {
        &self.flaws
    }

    /// When the first and the last item happened.
    pub fn times(&self) -> Option<(Timestamp, Timestamp)> {
        times(&self.items)
    }

    fn read_items(&mut self, bytes: &[u8]) -> Result<(), BadMatchLog> {
        let (table, damage) = Table::read(bytes);
        for column in [KIND, "eventTime"] {
            if !table.has(column) {
                return Err(BadMatchLog::NoColumn(column));
            }
        }
        for row in table.rows() {
            if table.text(row, KIND).is_none() {
                self.flaw(ITEMS, row.line, String::from("it does not say what happened"));
                continue;
            }
            if row.width() < table.width() {
                let what = format!("it has {} of {} columns", row.width(), table.width());
                self.flaw(ITEMS, row.line, what);
            }
            let item = self.item(&table, row);
            self.items.push(item);
        }
        self.damage(ITEMS, damage);
        if self.items.is_empty() { Err(BadMatchLog::NoItems) } else { Ok(()) }
    }

    fn item(&mut self, table: &Table, row: &Row) -> LogItem {
        let mut number = |column: &'static str| {
            let text = table.text(row, column)?;
            let number = text.parse::<i64>().ok();
            if number.is_none() {
                self.flaw(ITEMS, row.line, format!("{column} is not a number: {text:?}"));
            }
            number
        };
        let at = number("eventTime").and_then(|ms| ms.checked_mul(1000)).map(Timestamp);
        let round = number("roundNumber").and_then(|round| u32::try_from(round).ok());
        let clock_ms = number("roundTime").and_then(|ms| u32::try_from(ms.rem_euclid(CLOCK_RANGE_MS)).ok());
        let mut small = |column| number(column).and_then(|number| i32::try_from(number).ok());
        let (blue_add, red_add) = (small("blueAddPoints"), small("redAddPoints"));
        let (blue_gam_jeoms, red_gam_jeoms) = (small("bluePenalties"), small("redPenalties"));
        let score = table.text(row, "score").and_then(|score| {
            let (blue, red) = score.split_once('-')?;
            Some((blue.trim().parse().ok()?, red.trim().parse().ok()?))
        });
        LogItem {
            at,
            round,
            clock_ms,
            kind: table.text(row, KIND).unwrap_or_default().to_owned(),
            value: table.text(row, "entryValue").map(str::to_owned),
            blue_add,
            red_add,
            blue_points: score.map(|(blue, _)| blue),
            red_points: score.map(|(_, red)| red),
            blue_gam_jeoms,
            red_gam_jeoms,
            rest: table.rest(row, &TAKEN).into_iter().collect(),
        }
    }

    /// Nobody has shown us such a file, so nothing of it is demanded.
    fn read_summary(&mut self, bytes: &[u8]) {
        let (table, damage) = Table::read(bytes);
        let mut rows = table.rows().iter().map(|row| table.rest(row, &[]).into());
        self.summary = match (rows.next(), rows.len()) {
            (first, 0) => first,
            (first, _) => Some(first.into_iter().chain(rows).collect()),
        };
        if self.summary.is_none() {
            self.flaw(SUMMARY, 0, String::from("it has no row"));
        }
        self.damage(SUMMARY, damage);
    }

    fn damage(&mut self, file: &'static str, damage: Option<(u64, String)>) {
        if let Some((line, what)) = damage {
            self.flaw(file, line, what);
        }
    }

    fn flaw(&mut self, file: &'static str, line: u64, what: String) {
        self.flaws.push(LogFlaw { file, line, what });
    }
}

/// When the first and the last of these items happened.
pub(super) fn times(items: &[LogItem]) -> Option<(Timestamp, Timestamp)> {
    let times = || items.iter().filter_map(|item| item.at);
    Some((times().min()?, times().max()?))
}

const ITEMS: &str = "matchLogItems";
const SUMMARY: &str = "matchLog";

const KIND: &str = "matchLogItemType";

/// The columns that an item has a field for.
const TAKEN: [&str; 10] = [
    "eventTime",
    "roundNumber",
    "roundTime",
    KIND,
    "entryValue",
    "blueAddPoints",
    "redAddPoints",
    "score",
    "bluePenalties",
    "redPenalties",
];

/// The remaining time is written as a time of some day in some time zone, of which only minutes and seconds count.
/// Zones differ by quarters of an hour, and no round is longer than one.
const CLOCK_RANGE_MS: i64 = 15 * 60 * 1000;

#[cfg(test)]
mod tests {
    use super::*;

    const HEADER: &str = "eventTime,roundNumber,roundTime,matchLogItemType,entryValue,score,entryValue,foo\n";

    fn read(lines: &str) -> Result<MatchLog, BadMatchLog> {
        MatchLog::read("n", "", format!("{HEADER}{lines}").as_bytes(), None)
    }

    #[test]
    fn a_line_is_read_as_far_as_it_goes() {
        let log =
            read("1795347193259,1,1795345312007,BLUE_BODY_HIT,,2-1,19,bar\nx,,,RESUME\n,,,,,,,\n").unwrap();
        let [hit, resume] = log.items() else { panic!("{:?}", log.items()) };
        assert_eq!(hit.at, Some(Timestamp(1_795_347_193_259_000)));
        assert_eq!((hit.round, hit.clock_ms), (Some(1), Some(112_007)));
        assert_eq!((hit.value.as_deref(), hit.blue_points, hit.red_points), (Some("19"), Some(2), Some(1)));
        assert_eq!(hit.rest, [("foo".to_owned(), "bar".into())].into());
        assert_eq!((resume.kind.as_str(), resume.at), ("RESUME", None));
        let flaws: Vec<_> = log.flaws().iter().map(|flaw| (flaw.line, flaw.what.as_str())).collect();
        assert_eq!(
            flaws,
            [
                (3, "it has 4 of 8 columns"),
                (3, "eventTime is not a number: \"x\""),
                (4, "it does not say what happened"),
            ]
        );
    }

    #[test]
    fn other_tables_are_no_logs() {
        let no = MatchLog::read("n", "", b"a,b\n1,2\n", None).unwrap_err();
        assert_eq!(no.to_string(), "not a log of match items: it has no column matchLogItemType");
        assert_eq!(read("").unwrap_err(), BadMatchLog::NoItems);
        for bytes in [&b""[..], b"\xFF\xFE\0", b"\"", &[0; 1000]] {
            assert!(MatchLog::read("n", "", bytes, Some(bytes)).is_err());
        }
    }

    #[test]
    fn the_number_is_in_the_name() {
        let number = |name: &str| {
            let log = MatchLog::read(name, "", format!("{HEADER},,,RESUME,,,,\n").as_bytes(), None).unwrap();
            log.match_number().to_owned()
        };
        assert_eq!(number("20261122103000-101"), "101");
        assert_eq!(number("20261122103000-A-12"), "A-12");
        assert_eq!(number("a1_bestof3_realtime-m1"), "");
        assert_eq!(number("2026112210300é-101"), "");
    }
}
