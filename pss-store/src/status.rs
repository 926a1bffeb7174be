//! How the writing goes.

use std::time::Duration;

/// What is durable.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct Written {
    /// Transactions that were committed.
    pub commits: u64,
    /// Datagrams in them.
    pub datagrams: u64,
    /// Messages in them.
    pub messages: u64,
    /// Match events in them.
    pub events: u64,
}

/// The writer's state at one moment.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct StoreStatus {
    /// Datagrams in memory that are not durable yet.
    pub waiting: usize,
    /// How many may wait.
    pub capacity: usize,
    /// What is durable since the store was opened.
    pub written: Written,
    /// Datagrams of the live path that found the queue full and were not stored.
    pub dropped: u64,
    /// Of these, datagrams that were [refilled](crate::Store::refill) since.
    pub refilled: u64,
    /// Datagrams that the database refused for what they are, or for what came of them; a defect of the caller.
    pub rejected: u64,
    /// How long the last commit took.
    pub last_commit: Option<Duration>,
    /// The last error of the writer, also after it recovered.
    pub last_error: Option<String>,
    /// Whether the last attempt to write failed; what waits is tried again.
    pub failing: bool,
    /// Why the store is not complete or not up to date; `None` while all is well. Failing ends with the next
    /// commit that works; dropped datagrams stay a reason until they are refilled, and
    /// rejected ones for ever.
    pub degraded: Option<String>,
}
