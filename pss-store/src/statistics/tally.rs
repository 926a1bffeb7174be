//! The statistics as they are brought up to date: in memory first, then each changed row once.

use std::{borrow::Cow, collections::HashMap};

use diesel::{
    connection::DefaultLoadingMode,
    dsl::sql,
    prelude::*,
    sql_types::{Bool, Double, Nullable},
};
use pss_protocol::{RecognitionStatus, Timestamp};

use super::{EventStatistics, ProcessingCounts, histogram::Histogram};
use crate::{
    SessionId,
    models::{number, unsigned},
    schema::{pss_event_statistics, pss_events},
    words::Word as _,
};

/// Rows of the statistics, and what changed of them. Lives for a transaction, or in the writer for as long as nobody
/// else may have changed the table.
#[derive(Debug, Default)]
pub(crate) struct Tally {
    cells: HashMap<Key, Held>,
    /// Those that are not written yet, each once.
    changed: Vec<Key>,
}

/// A message as the statistics count it.
#[derive(Clone, Debug)]
pub(crate) struct Counted {
    pub(crate) session: i64,
    pub(crate) code: Option<Cow<'static, str>>,
    pub(crate) arrived_at: Option<i64>,
    pub(crate) status: RecognitionStatus,
    /// Whether it has a finding of severity error.
    pub(crate) error: bool,
    pub(crate) micros: Option<u64>,
}

#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(super) struct Key {
    session: i64,
    /// Empty for what has no known code.
    code: Cow<'static, str>,
    /// Counted from 1970-01-01 UTC.
    day: Option<i64>,
}

#[derive(Debug, Default)]
struct Held {
    counts: ProcessingCounts,
    changed: bool,
    /// The least or the greatest went away: to be found among those that are left.
    range_is_lost: bool,
}

impl Tally {
    pub(crate) fn add(&mut self, connection: &mut SqliteConnection, message: &Counted) -> QueryResult<()> {
        let held = self.held(connection, message)?;
        held.counts.add(message.status, message.error, message.micros);
        Ok(())
    }

    /// Takes away what was added before. The message itself must have changed or gone by the time of
    /// [`write`](Self::write).
    pub(crate) fn remove(&mut self, connection: &mut SqliteConnection, message: &Counted) -> QueryResult<()> {
        let held = self.held(connection, message)?;
        held.range_is_lost |= held.counts.remove(message.status, message.error, message.micros);
        Ok(())
    }

    /// Moves a message from its status to another.
    pub(crate) fn change_status(
        &mut self,
        connection: &mut SqliteConnection,
        message: &Counted,
        new: RecognitionStatus,
    ) -> QueryResult<()> {
        self.held(connection, message)?.counts.change_status(message.status, new);
        Ok(())
    }

    /// Writes what changed.
    pub(crate) fn write(&mut self, connection: &mut SqliteConnection) -> QueryResult<()> {
        for key in self.changed.drain(..) {
            let Some(held) = self.cells.get_mut(&key) else { continue };
            if std::mem::take(&mut held.range_is_lost) {
                (held.counts.min_us, held.counts.max_us) = range(connection, &key)?;
            }
            held.changed = false;
            write(connection, &key, &held.counts)?;
        }
        // Sessions end, days pass; what is needed again is read again.
        if self.cells.len() > MOST_CELLS {
            self.cells.clear();
        }
        Ok(())
    }

    fn held(&mut self, connection: &mut SqliteConnection, message: &Counted) -> QueryResult<&mut Held> {
        let key = Key::of(message);
        if !self.cells.contains_key(&key) {
            let counts = load(connection, &key)?;
            self.cells.insert(key.clone(), Held { counts, ..Held::default() });
        }
        let held = self.cells.get_mut(&key).expect("it was put there");
        if !held.changed {
            held.changed = true;
            self.changed.push(key);
        }
        Ok(held)
    }
}

/// Counts the messages of a session again and puts that in place of what the table said.
pub(crate) fn recount(connection: &mut SqliteConnection, session: i64) -> QueryResult<()> {
    let counted = count(connection, session)?;
    let of_session = pss_event_statistics::table.filter(pss_event_statistics::session_id.eq(session));
    diesel::delete(of_session).execute(connection)?;
    counted.iter().try_for_each(|(key, counts)| write(connection, key, counts))
}

/// What the messages of a session say, whatever the table does.
pub(super) fn count(
    connection: &mut SqliteConnection,
    session: i64,
) -> QueryResult<HashMap<Key, ProcessingCounts>> {
    type Row = (Option<String>, Option<i64>, String, bool, Option<f64>);
    let has_error = sql::<Bool>(
        "validation_errors IS NOT NULL AND EXISTS (SELECT 1 FROM pss_event_validation_results AS results \
         WHERE results.session_id = pss_events.session_id AND results.seq = pss_events.seq \
         AND results.message_index = pss_events.message_index AND results.severity = 'error')",
    );
    let rows = pss_events::table
        .filter(pss_events::session_id.eq(session))
        .select((
            pss_events::event_code,
            pss_events::arrived_at,
            pss_events::recognition_status,
            has_error,
            pss_events::processing_time_ms,
        ))
        .load_iter::<Row, DefaultLoadingMode>(connection)?;
    let mut cells: HashMap<Key, ProcessingCounts> = HashMap::new();
    for row in rows {
        let (code, arrived_at, status, error, took) = row?;
        let status = RecognitionStatus::from_word(&status).ok_or_else(|| unreadable("status", &status))?;
        let micros = took.map(micros);
        let code = code.map(Cow::Owned);
        let message = Counted { session, code, arrived_at, status, error, micros };
        cells.entry(Key::of(&message)).or_default().add(status, error, message.micros);
    }
    Ok(cells)
}

/// Milliseconds as the database has them in whole microseconds, which is what was measured.
pub(crate) fn micros(milliseconds: f64) -> u64 {
    (milliseconds * 1e3).round() as u64
}

impl Key {
    fn of(message: &Counted) -> Self {
        Self {
            session: message.session,
            code: message.code.clone().unwrap_or_default(),
            day: message.arrived_at.map(|at| at.div_euclid(MICROS_PER_DAY)),
        }
    }

    /// `YYYY-MM-DD`, empty where the input had no clock.
    fn day_text(&self) -> String {
        let Some(day) = self.day else { return String::new() };
        let text = Timestamp(day.saturating_mul(MICROS_PER_DAY)).to_string();
        text.split('T').next().unwrap_or_default().to_owned()
    }
}

#[derive(Insertable, Queryable, Selectable)]
#[diesel(table_name = pss_event_statistics, treat_none_as_default_value = false)]
pub(super) struct Row {
    session_id: i64,
    event_code: String,
    day: String,
    total: i64,
    recognized: i64,
    partial: i64,
    unknown: i64,
    deprecated: i64,
    errors: i64,
    timed: i64,
    min_us: Option<i64>,
    sum_us: i64,
    max_us: Option<i64>,
    p99_us: Option<i64>,
    histogram: Vec<u8>,
}

impl Row {
    /// The inverse of [`write()`]; `None` for what this version would never write.
    fn counts(&self) -> Option<ProcessingCounts> {
        Some(ProcessingCounts {
            total: unsigned(self.total)?,
            recognized: unsigned(self.recognized)?,
            partial: unsigned(self.partial)?,
            unknown: unsigned(self.unknown)?,
            deprecated: unsigned(self.deprecated)?,
            errors: unsigned(self.errors)?,
            timed: unsigned(self.timed)?,
            sum_us: unsigned(self.sum_us)?,
            min_us: self.min_us.map(unsigned).map_or(Some(None), |min| min.map(Some))?,
            max_us: self.max_us.map(unsigned).map_or(Some(None), |max| max.map(Some))?,
            histogram: Histogram::decode(&self.histogram)?,
        })
    }
}

impl TryFrom<Row> for EventStatistics {
    type Error = diesel::result::Error;

    fn try_from(row: Row) -> Result<Self, Self::Error> {
        let counts = row.counts().ok_or_else(|| unreadable("statistics", &row.event_code))?;
        let known = |text: String| Some(text).filter(|text| !text.is_empty());
        Ok(Self {
            session: SessionId(row.session_id),
            code: known(row.event_code),
            day: known(row.day),
            counts,
        })
    }
}

fn load(connection: &mut SqliteConnection, key: &Key) -> QueryResult<ProcessingCounts> {
    let row: Option<Row> = pss_event_statistics::table
        .find((key.session, key.code.as_ref(), key.day_text()))
        .select(Row::as_select())
        .first(connection)
        .optional()?;
    row.map_or_else(
        || Ok(ProcessingCounts::default()),
        |row| row.counts().ok_or_else(|| unreadable("statistics", &row.event_code)),
    )
}

fn write(connection: &mut SqliteConnection, key: &Key, counts: &ProcessingCounts) -> QueryResult<()> {
    let row = Row {
        session_id: key.session,
        event_code: key.code.clone().into_owned(),
        day: key.day_text(),
        total: number(counts.total),
        recognized: number(counts.recognized),
        partial: number(counts.partial),
        unknown: number(counts.unknown),
        deprecated: number(counts.deprecated),
        errors: number(counts.errors),
        timed: number(counts.timed),
        min_us: counts.min_us.map(number),
        sum_us: number(counts.sum_us),
        max_us: counts.max_us.map(number),
        p99_us: counts.percentile_us(99).map(number),
        histogram: counts.histogram.encode(),
    };
    if counts.total == 0 {
        let place = pss_event_statistics::table.find((row.session_id, &row.event_code, &row.day));
        diesel::delete(place).execute(connection)?;
    } else {
        diesel::replace_into(pss_event_statistics::table).values(&row).execute(connection)?;
    }
    Ok(())
}

/// The shortest and the longest of those that are there.
fn range(connection: &mut SqliteConnection, key: &Key) -> QueryResult<(Option<u64>, Option<u64>)> {
    let messages = pss_events::table.filter(pss_events::session_id.eq(key.session)).into_boxed();
    let messages = match key.code.as_ref() {
        "" => messages.filter(pss_events::event_code.is_null()),
        code => messages.filter(pss_events::event_code.eq(code)),
    };
    let messages = match key.day {
        None => messages.filter(pss_events::arrived_at.is_null()),
        Some(day) => {
            let start = day.saturating_mul(MICROS_PER_DAY);
            messages
                .filter(pss_events::arrived_at.ge(start))
                .filter(pss_events::arrived_at.lt(start.saturating_add(MICROS_PER_DAY)))
        }
    };
    let (min, max): (Option<f64>, Option<f64>) = messages
        .select((
            sql::<Nullable<Double>>("min(processing_time_ms)"),
            sql::<Nullable<Double>>("max(processing_time_ms)"),
        ))
        .first(connection)?;
    Ok((min.map(micros), max.map(micros)))
}

fn unreadable(what: &str, value: &str) -> diesel::result::Error {
    let text =
        format!("the {what} of {value:?} are not of this version; count again with recount_statistics");
    diesel::result::Error::DeserializationError(text.into())
}

const MICROS_PER_DAY: i64 = 86_400_000_000;

/// A hall's rings for a week.
const MOST_CELLS: usize = 8192;
