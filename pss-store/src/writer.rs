//! The one thread that writes.
//!
//! Group commit is *greedy*: what is queued when the last commit returns is the next transaction. No timer
//! holds anything back, and the busier the ring the larger the groups.

use std::{
    collections::HashMap,
    path::{Path, PathBuf},
    sync::Arc,
    thread,
    time::Duration,
};

use diesel::{
    Connection as _, SqliteConnection,
    result::{DatabaseErrorKind, Error},
};
use pss_protocol::MatchSummary;

use crate::{
    StoreError,
    batch::Batch,
    clock, connection,
    models::{Cache, datagram, match_, match_event, pss_event, session},
    queue::{Group, Queue, Task},
    slow::{self, SlowLog},
};

/// Writes until the queue is closed and empty, or until it is closed and patience with a failing database ends.
pub(crate) fn run(queue: Arc<Queue>, path: PathBuf, mut connection: SqliteConnection, slow: SlowLog) {
    let _stopped = OnDrop(&queue);
    connection.set_instrumentation(slow.watch());
    let mut writer =
        Writer { queue: &queue, path, connection: Some(connection), slow, cache: Cache::default() };
    while let Some(group) = queue.next(DATAGRAMS_PER_COMMIT) {
        let go_on = match group {
            Group::Batches(batches) => writer.write(batches),
            Group::Task(task) => {
                let go_on = writer.run(task);
                queue.task_done();
                go_on
            }
        };
        if !go_on {
            return;
        }
    }
    writer.keep_slow_queries();
}

struct Writer<'a> {
    queue: &'a Queue,
    path: PathBuf,
    /// `None` after an error: whatever state the old connection was left in went with it.
    connection: Option<SqliteConnection>,
    slow: SlowLog,
    cache: Cache,
}

impl Writer<'_> {
    /// Commits all of it in one transaction. Tries until that works; `false` when it was told to stop trying.
    fn write(&mut self, batches: Vec<Batch>) -> bool {
        let mut retry = Retry::default();
        loop {
            let began = clock::now();
            match self.attempt(&batches) {
                Ok(()) => {
                    self.queue.committed(&batches, clock::now().saturating_duration_since(began));
                    retry.worked();
                    return true;
                }
                Err(Failure::Refused(reason)) => return self.write_one_by_one(batches, reason),
                Err(Failure::Now(reason)) => {
                    if !retry.after(self.queue, reason) {
                        return false;
                    }
                }
            }
        }
    }

    /// One of these batches holds what the database refuses: the others are not to suffer for it.
    fn write_one_by_one(&mut self, batches: Vec<Batch>, reason: String) -> bool {
        if let [refused] = batches.as_slice() {
            tracing::error!(
                session = refused.session,
                datagrams = refused.datagrams.len(),
                store.reason = reason,
                "the database refused datagrams"
            );
            self.queue.rejected(refused, reason);
            return true;
        }
        batches.into_iter().all(|batch| self.write(vec![batch]))
    }

    fn attempt(&mut self, batches: &[Batch]) -> Result<(), Failure> {
        let cache = &mut self.cache;
        let connection = match &mut self.connection {
            Some(connection) => connection,
            none => {
                none.insert(reopen(&self.path, &self.slow).map_err(|error| Failure::Now(error.to_string()))?)
            }
        };
        connection::transaction(connection, |connection| write(connection, cache, batches)).map_err(|error| {
            self.connection = None;
            self.cache = Cache::default();
            match error {
                Error::DatabaseError(kind, reason) if is_about_the_rows(&kind) => {
                    Failure::Refused(reason.message().to_owned())
                }
                error => {
                    Failure::Now(StoreError::from_query(&self.path, "write", &error.to_string()).to_string())
                }
            }
        })
    }

    /// One attempt, at the end: they are not worth waiting for.
    fn keep_slow_queries(&mut self) {
        if let Some(connection) = self.connection.as_mut().filter(|_| self.slow.has_new())
            && let Err(error) =
                connection::transaction(connection, |connection| slow::keep(connection, &self.slow))
        {
            tracing::debug!(%error, "the slow queries were not written down");
        }
    }

    fn run(&mut self, task: Task) -> bool {
        let mut retry = Retry::default();
        while self.connection.is_none() {
            match reopen(&self.path, &self.slow) {
                Ok(connection) => self.connection = Some(connection),
                Err(error) => {
                    if !retry.after(self.queue, error.to_string()) {
                        return false;
                    }
                }
            }
        }
        if retry.failed > 0 {
            retry.worked();
            self.queue.recovered();
        }
        if let Some(connection) = &mut self.connection {
            task(connection);
            // It may have changed what is remembered.
            self.cache = Cache::default();
        }
        true
    }
}

fn reopen(path: &Path, slow: &SlowLog) -> Result<SqliteConnection, StoreError> {
    let mut connection = connection::reopen(path)?;
    connection.set_instrumentation(slow.watch());
    Ok(connection)
}

/// Attempts that fail for a reason that may pass.
#[derive(Default)]
struct Retry {
    failed: u32,
}

impl Retry {
    /// Waits, longer each time; `false` when no other attempt is wanted.
    fn after(&mut self, queue: &Queue, reason: String) -> bool {
        if self.failed == 0 {
            tracing::warn!(store.reason = reason, "cannot write, datagrams wait in memory");
        }
        let again = queue.failed(reason);
        if again {
            thread::sleep(LONGEST_PAUSE.min(SHORTEST_PAUSE * 2u32.saturating_pow(self.failed)));
            self.failed += 1;
        }
        again
    }

    fn worked(&self) {
        if self.failed > 0 {
            tracing::info!(store.attempts = self.failed, "writing works again");
        }
    }
}

/// Why an attempt did not work.
enum Failure {
    /// The rows contradict the schema, and always will.
    Refused(String),
    /// Something outside of the rows, which may pass.
    Now(String),
}

fn is_about_the_rows(kind: &DatabaseErrorKind) -> bool {
    matches!(
        kind,
        DatabaseErrorKind::UniqueViolation
            | DatabaseErrorKind::ForeignKeyViolation
            | DatabaseErrorKind::NotNullViolation
            | DatabaseErrorKind::CheckViolation
    )
}

fn write(connection: &mut SqliteConnection, cache: &mut Cache, batches: &[Batch]) -> Result<(), Error> {
    cache.forget_if_changed(connection)?;
    // Of a match only the last summary counts, however many came since the last commit.
    let mut matches: HashMap<(i64, u32), &MatchSummary> = HashMap::new();
    for batch in batches {
        datagram::insert(connection, cache, batch)?;
        pss_event::insert(connection, cache, batch)?;
        match_event::insert(connection, batch)?;
        for summary in &batch.matches {
            matches.insert((batch.session, summary.index), summary);
        }
    }
    cache.write_counts(connection)?;
    // In order, so that the rows of two runs get the same ids.
    let mut matches: Vec<_> = matches.into_iter().collect();
    matches.sort_unstable_by_key(|(key, _)| *key);
    for ((session, _), summary) in matches {
        match_::write(connection, cache, session, summary)?;
    }
    for batch in batches {
        if let Some(at) = batch.ended {
            session::end(connection, batch.session, at)?;
        }
    }
    Ok(())
}

/// Tells those who wait when the writer ends, even by a panic.
struct OnDrop<'a>(&'a Queue);

impl Drop for OnDrop<'_> {
    fn drop(&mut self) {
        self.0.stopped();
    }
}

/// Large enough that a commit costs nothing beside its rows, small enough that the queue drains steadily.
const DATAGRAMS_PER_COMMIT: usize = 8192;

const SHORTEST_PAUSE: Duration = Duration::from_millis(20);
const LONGEST_PAUSE: Duration = Duration::from_millis(500);
