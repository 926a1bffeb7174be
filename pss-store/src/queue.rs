//! The bounded queue between those who have something to store and the one who writes.

use std::{
    collections::VecDeque,
    sync::{Condvar, Mutex, MutexGuard, PoisonError},
    time::{Duration, Instant},
};

use diesel::SqliteConnection;

use crate::{StoreConfig, StoreError, StoreStatus, WhenFull, Written, batch::Batch, clock};

/// Something that only the writer may do, between two commits.
pub(crate) type Task = Box<dyn FnOnce(&mut SqliteConnection) + Send>;

/// What the writer takes at once.
pub(crate) enum Group {
    /// To be committed together.
    Batches(Vec<Batch>),
    Task(Task),
}

/// A batch that was not taken in.
pub(crate) struct Refused {
    pub(crate) error: StoreError,
    pub(crate) batch: Box<Batch>,
}

pub(crate) struct Queue {
    capacity: usize,
    patience: Duration,
    state: Mutex<State>,
    /// There is work, or the queue was closed.
    work: Condvar,
    /// Something was done, failed or stopped.
    progress: Condvar,
}

#[derive(Default)]
struct State {
    waiting: VecDeque<Work>,
    /// Datagrams that are not durable, those that the writer has in hand included.
    datagrams: usize,
    /// Works that were taken in and that were done with, both counted since the start and in the same order.
    accepted: u64,
    done: u64,
    written: Written,
    dropped: u64,
    /// Of the dropped ones, those that came back from a journal.
    refilled: u64,
    rejected: u64,
    /// Why rows were rejected last.
    refusal: Option<String>,
    last_commit: Option<Duration>,
    last_error: Option<String>,
    /// Since when the writer fails.
    failing: Option<Instant>,
    /// Attempts that failed, counted since the start.
    failures: u64,
    closed: bool,
    stopped: bool,
}

enum Work {
    Batch(Batch),
    Task(Task),
}

impl Queue {
    pub(crate) fn new(config: &StoreConfig) -> Self {
        Self {
            capacity: config.queue_datagrams.max(1),
            patience: config.patience,
            state: Mutex::default(),
            work: Condvar::new(),
            progress: Condvar::new(),
        }
    }

    /// Takes a batch in, or says why it cannot; then its datagrams are counted as dropped.
    pub(crate) fn push(&self, batch: Batch, when_full: WhenFull) -> Result<(), Refused> {
        let weight = batch.weight();
        let mut state = self.lock();
        let failures = state.failures;
        let refused = loop {
            if state.closed || state.stopped {
                break StoreError::Closed;
            }
            // A batch that is larger than the whole queue finds room when the queue is empty.
            if state.datagrams == 0 || state.datagrams + weight <= self.capacity {
                state.datagrams += weight;
                state.accepted += 1;
                state.waiting.push_back(Work::Batch(batch));
                drop(state);
                self.work.notify_one();
                return Ok(());
            }
            if when_full == WhenFull::Drop {
                break StoreError::NotDurable {
                    waiting: state.datagrams,
                    reason: String::from("the queue is full"),
                };
            }
            state = match self.wait(state, failures) {
                Ok(state) => state,
                Err((again, error)) => {
                    state = again;
                    break error;
                }
            };
        };
        state.dropped += batch.datagrams.len() as u64;
        drop(state);
        Err(Refused { error: refused, batch: Box::new(batch) })
    }

    /// Lets the writer do something and waits until it did.
    pub(crate) fn run(&self, task: Task) -> Result<(), StoreError> {
        let mut state = self.lock();
        if state.closed || state.stopped {
            return Err(StoreError::Closed);
        }
        state.accepted += 1;
        let ticket = state.accepted;
        state.waiting.push_back(Work::Task(task));
        self.work.notify_one();
        self.wait_until_done(state, ticket).map(drop)
    }

    /// Dropped datagrams are stored after all.
    pub(crate) fn refilled(&self, datagrams: u64) {
        self.lock().refilled += datagrams;
    }

    /// Lets the writer do something some time and does not wait.
    pub(crate) fn post(&self, task: Task) {
        let mut state = self.lock();
        if !state.closed && !state.stopped {
            state.accepted += 1;
            state.waiting.push_back(Work::Task(task));
            drop(state);
            self.work.notify_one();
        }
    }

    /// Waits until all that was taken in before this call is durable.
    pub(crate) fn flush(&self) -> Result<Written, StoreError> {
        let state = self.lock();
        let ticket = state.accepted;
        self.wait_until_done(state, ticket).map(|state| state.written)
    }

    /// Takes nothing in any more. The writer ends when it has done what is waiting.
    pub(crate) fn close(&self) {
        self.lock().closed = true;
        self.work.notify_all();
        self.progress.notify_all();
    }

    /// What is durable, or what is left behind; to be asked when the writer has ended.
    pub(crate) fn closing_balance(&self) -> Result<Written, StoreError> {
        let state = self.lock();
        if state.datagrams > 0 {
            return Err(not_durable(&state));
        }
        if state.rejected > 0 {
            let reason = state.refusal.clone().unwrap_or_default();
            return Err(StoreError::Lost { lost: state.rejected, reason });
        }
        Ok(state.written)
    }

    pub(crate) fn status(&self) -> StoreStatus {
        let state = self.lock();
        StoreStatus {
            waiting: state.datagrams,
            capacity: self.capacity,
            written: state.written,
            dropped: state.dropped,
            refilled: state.refilled,
            rejected: state.rejected,
            last_commit: state.last_commit,
            last_error: state.last_error.clone(),
            failing: state.failing.is_some(),
            degraded: degraded(&state),
        }
    }

    fn wait_until_done<'a>(
        &'a self,
        mut state: MutexGuard<'a, State>,
        ticket: u64,
    ) -> Result<MutexGuard<'a, State>, StoreError> {
        let failures = state.failures;
        while state.done < ticket {
            if state.stopped {
                return Err(StoreError::Closed);
            }
            state = self.wait(state, failures).map_err(|(_, error)| error)?;
        }
        Ok(state)
    }

    /// Waits for progress. Gives up when the writer has been failing for too long and did so again since the
    /// one who waits has seen `failures`: whoever comes late gets one more attempt.
    fn wait<'a>(
        &'a self,
        state: MutexGuard<'a, State>,
        failures: u64,
    ) -> Result<MutexGuard<'a, State>, (MutexGuard<'a, State>, StoreError)> {
        let tired = state.failing.is_some_and(|since| elapsed(since) >= self.patience);
        if tired && state.failures > failures {
            let error = not_durable(&state);
            return Err((state, error));
        }
        Ok(self.progress.wait(state).unwrap_or_else(PoisonError::into_inner))
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        // Whoever panicked held no half-changed state: each change is a few additions.
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// The writer's side.
impl Queue {
    /// What is waiting, up to about `most` datagrams; `None` when the queue is closed and empty.
    pub(crate) fn next(&self, most: usize) -> Option<Group> {
        let state = self.lock();
        let mut state = self
            .work
            .wait_while(state, |state| state.waiting.is_empty() && !state.closed)
            .unwrap_or_else(PoisonError::into_inner);
        let mut batches = Vec::new();
        let mut weight = 0;
        while weight < most {
            match state.waiting.pop_front() {
                Some(Work::Batch(batch)) => {
                    weight += batch.weight();
                    batches.push(batch);
                }
                Some(Work::Task(task)) if batches.is_empty() => return Some(Group::Task(task)),
                Some(task @ Work::Task(_)) => {
                    state.waiting.push_front(task);
                    break;
                }
                None => break,
            }
        }
        (!batches.is_empty()).then_some(Group::Batches(batches))
    }

    /// These batches are durable.
    pub(crate) fn committed(&self, batches: &[Batch], took: Duration) {
        let mut state = self.lock();
        state.written.commits += 1;
        for batch in batches {
            state.written.datagrams += batch.datagrams.len() as u64;
            state.written.messages += batch.messages.len() as u64;
            state.written.events += batch.events.len() as u64;
        }
        state.last_commit = Some(took);
        self.settle(state, batches);
    }

    /// The database refused this batch for what it holds: trying again would not help.
    pub(crate) fn rejected(&self, batch: &Batch, reason: String) {
        let mut state = self.lock();
        state.rejected += batch.weight() as u64;
        state.last_error = Some(reason.clone());
        state.refusal = Some(reason);
        self.settle(state, std::slice::from_ref(batch));
    }

    fn settle(&self, mut state: MutexGuard<'_, State>, batches: &[Batch]) {
        state.datagrams -= batches.iter().map(Batch::weight).sum::<usize>();
        state.done += batches.len() as u64;
        state.failing = None;
        drop(state);
        self.progress.notify_all();
    }

    /// A task was run.
    pub(crate) fn task_done(&self) {
        self.lock().done += 1;
        self.progress.notify_all();
    }

    /// An attempt failed. `false`: the queue is closed and patience is over, so no other attempt is wanted.
    pub(crate) fn failed(&self, reason: String) -> bool {
        let mut state = self.lock();
        let since = *state.failing.get_or_insert_with(clock::now);
        state.last_error = Some(reason);
        state.failures += 1;
        let again = !state.closed || elapsed(since) < self.patience;
        drop(state);
        self.progress.notify_all();
        again
    }

    /// The database can be written again, though nothing waits that would show it.
    pub(crate) fn recovered(&self) {
        self.lock().failing = None;
        self.progress.notify_all();
    }

    /// The writer is gone.
    pub(crate) fn stopped(&self) {
        let mut state = self.lock();
        state.stopped = true;
        // Whoever waits for a task learns from its dropped answer that it was not done.
        state.waiting.retain(|work| matches!(work, Work::Batch(_)));
        drop(state);
        self.progress.notify_all();
    }
}

fn elapsed(since: Instant) -> Duration {
    clock::now().saturating_duration_since(since)
}

fn not_durable(state: &State) -> StoreError {
    let reason = state.last_error.clone().unwrap_or_else(|| String::from("the writer has stopped"));
    StoreError::NotDurable { waiting: state.datagrams, reason }
}

fn degraded(state: &State) -> Option<String> {
    if state.stopped && !state.closed {
        return Some(String::from("the writer has stopped; restart the program"));
    }
    if state.failing.is_some() {
        return state.last_error.clone();
    }
    let mut reasons = Vec::new();
    let missing = state.dropped.saturating_sub(state.refilled);
    if missing > 0 {
        reasons.push(format!("{missing} datagrams found the queue full and are not stored"));
    }
    if state.rejected > 0 {
        reasons.push(format!("{} datagrams were refused by the database", state.rejected));
    }
    (!reasons.is_empty()).then(|| reasons.join("; "))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_database_that_came_back_is_no_reason_any_more() {
        let queue = Queue::new(&StoreConfig::new("anywhere.db"));
        assert!(queue.failed(String::from("the disk is full")));
        assert_eq!(queue.status().degraded.as_deref(), Some("the disk is full"));
        queue.recovered();
        let status = queue.status();
        assert_eq!((status.degraded, status.last_error.as_deref()), (None, Some("the disk is full")));
    }
}
