//! Measuring, and the list in memory.

use std::{
    collections::HashMap,
    fmt::{self, Write as _},
    sync::{
        Arc, Mutex, MutexGuard, PoisonError,
        atomic::{AtomicU64, Ordering},
    },
    time::{Duration, Instant},
};

use diesel::connection::{Instrumentation, InstrumentationEvent};
use pss_protocol::Timestamp;

use crate::clock;

/// What was slow since the last writing down. Clones share it.
#[derive(Clone)]
pub(crate) struct SlowLog(Arc<Inner>);

struct Inner {
    threshold_us: AtomicU64,
    clock: Option<fn() -> Timestamp>,
    list: Mutex<List>,
}

#[derive(Default)]
struct List {
    statements: HashMap<String, Runs>,
    /// When it was written down last.
    kept: Option<Instant>,
}

/// The slow runs of a statement.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Runs {
    pub(crate) count: u64,
    pub(crate) total_us: u64,
    pub(crate) max_us: u64,
    pub(crate) first_at: Option<Timestamp>,
    pub(crate) last_at: Option<Timestamp>,
}

impl Runs {
    pub(crate) fn add(&mut self, other: &Self) {
        self.count += other.count;
        self.total_us = self.total_us.saturating_add(other.total_us);
        self.max_us = self.max_us.max(other.max_us);
        self.first_at = self.first_at.or(other.first_at);
        self.last_at = other.last_at.or(self.last_at);
    }
}

impl SlowLog {
    pub(crate) fn new(threshold: Duration, clock: Option<fn() -> Timestamp>) -> Self {
        let threshold_us = AtomicU64::new(micros(threshold));
        Self(Arc::new(Inner { threshold_us, clock, list: Mutex::default() }))
    }

    pub(crate) fn set_threshold(&self, threshold: Duration) {
        self.0.threshold_us.store(micros(threshold), Ordering::Relaxed);
    }

    /// For one connection.
    pub(crate) fn watch(&self) -> Watch {
        Watch { log: self.clone(), began: None }
    }

    pub(crate) fn has_new(&self) -> bool {
        !self.list().statements.is_empty()
    }

    /// Whether there is something new and the last writing down some time ago; then it counts as done now.
    pub(super) fn is_due(&self) -> bool {
        let mut list = self.list();
        let now = clock::now();
        let recently = list.kept.is_some_and(|kept| now.saturating_duration_since(kept) < PAUSE);
        let due = !list.statements.is_empty() && !recently;
        if due {
            list.kept = Some(now);
        }
        due
    }

    /// All of it; the list is empty then.
    pub(super) fn take(&self) -> Vec<(String, Runs)> {
        std::mem::take(&mut self.list().statements).into_iter().collect()
    }

    /// Adds runs; a new statement finds no room when there are very many.
    pub(super) fn add(&self, statement: String, runs: Runs) {
        let mut list = self.list();
        let room = list.statements.len() < MOST_STATEMENTS;
        match list.statements.get_mut(&statement) {
            Some(known) => known.add(&runs),
            None if room => {
                list.statements.insert(statement, runs);
            }
            None => {}
        }
    }

    fn list(&self) -> MutexGuard<'_, List> {
        // Whoever panicked held no half-changed list: each change is one insertion or a few additions.
        self.0.list.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl fmt::Debug for SlowLog {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SlowLog").field("threshold_us", &self.0.threshold_us).finish_non_exhaustive()
    }
}

/// Enough for every statement of the program several times over.
const MOST_STATEMENTS: usize = 256;

/// Between two times of writing down that nobody has asked for.
const PAUSE: Duration = Duration::from_secs(30);

fn micros(duration: Duration) -> u64 {
    u64::try_from(duration.as_micros()).unwrap_or(u64::MAX)
}

/// Measures the statements of one connection.
pub(crate) struct Watch {
    log: SlowLog,
    began: Option<Instant>,
}

impl Instrumentation for Watch {
    fn on_connection_event(&mut self, event: InstrumentationEvent<'_>) {
        match event {
            InstrumentationEvent::StartQuery { .. } => self.began = Some(clock::now()),
            InstrumentationEvent::FinishQuery { query, .. } => {
                let Some(began) = self.began.take() else { return };
                let took = micros(clock::now().saturating_duration_since(began));
                if took < self.log.0.threshold_us.load(Ordering::Relaxed) {
                    return;
                }
                let statement = text(&query);
                if is_of_this_list(&statement) {
                    return;
                }
                let at = self.log.0.clock.map(|clock| clock());
                let runs = Runs { count: 1, total_us: took, max_us: took, first_at: at, last_at: at };
                self.log.add(statement, runs);
            }
            _ => {}
        }
    }
}

/// The list does not tell of its own keeping, so that it never grows by being looked at.
fn is_of_this_list(statement: &str) -> bool {
    statement.starts_with("EXPLAIN") || statement.contains("slow_queries")
}

/// The text of a statement, without the values: diesel writes those behind it. The same statement with a longer or
/// shorter list of values is the same.
fn text(query: &impl fmt::Display) -> String {
    let mut head = Head(String::new());
    // It ends early, on purpose.
    let _ = write!(head, "{query}");
    let text = head.0.split(BINDS).next().unwrap_or_default().trim_end();
    let mut one = text.split_whitespace().collect::<Vec<_>>().join(" ");
    while let Some(at) = one.find("IN (?, ?") {
        one.replace_range(at + "IN (".len()..at + "IN (?, ".len(), "");
    }
    one
}

/// What stands between a statement and its values.
const BINDS: &str = "-- binds:";

/// Takes the beginning of a text, up to the values or to a length that no statement of ours has.
struct Head(String);

impl fmt::Write for Head {
    fn write_str(&mut self, text: &str) -> fmt::Result {
        self.0.push_str(text);
        if self.0.contains(BINDS) || self.0.len() > LONGEST_STATEMENT {
            return Err(fmt::Error);
        }
        Ok(())
    }
}

const LONGEST_STATEMENT: usize = 16 * 1024;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_statement_is_kept_without_its_values() {
        let with = "SELECT `a` FROM `t`\n  WHERE `a` IN (?, ?, ?) AND `b` = ? -- binds: [1, \"-- binds: Ann\", 3, 4]";
        assert_eq!(text(&with), "SELECT `a` FROM `t` WHERE `a` IN (?) AND `b` = ?");
        assert_eq!(text(&"INSERT INTO t VALUES (?, ?)"), "INSERT INTO t VALUES (?, ?)");
    }

    #[test]
    fn the_list_is_bounded_and_goes_on_counting() {
        let log = SlowLog::new(Duration::ZERO, None);
        let once = Runs { count: 1, total_us: 5, max_us: 5, first_at: None, last_at: Some(Timestamp(1)) };
        for number in 0..1000 {
            log.add(format!("SELECT {number}"), once);
        }
        log.add(String::from("SELECT 7"), Runs { max_us: 9, last_at: Some(Timestamp(2)), ..once });
        let list = log.take();
        assert_eq!(list.len(), MOST_STATEMENTS);
        let seventh = list.iter().find(|(statement, _)| statement == "SELECT 7").unwrap().1;
        let both = Runs { count: 2, total_us: 10, max_us: 9, first_at: None, last_at: Some(Timestamp(2)) };
        assert_eq!(seventh, both);
        assert!(!log.has_new() && !log.is_due());
    }
}
