//! The rules of the database on their way to the rings, whoever changes them and whenever.

use std::{
    io,
    sync::{
        Arc, Mutex, PoisonError,
        atomic::{AtomicBool, AtomicU64, Ordering},
    },
    thread::{self, JoinHandle},
    time::Duration,
};

use pss_protocol::rules::RuleBook;
use pss_store::{Store, Topic};

/// How soon a change by this process takes effect, and how soon this thread ends.
const LOOK: Duration = Duration::from_millis(250);

/// Every so many looks the database is asked for changes by other processes: about once a second.
const LOOKS_PER_QUESTION: u32 = 4;

/// The rules as they are now, for the rings to take over.
#[derive(Debug)]
pub(crate) struct RuleFeed {
    version: AtomicU64,
    book: Mutex<RuleBook>,
}

impl RuleFeed {
    pub(crate) fn new(book: RuleBook) -> Self {
        Self { version: AtomicU64::new(1), book: Mutex::new(book) }
    }

    /// The rules, when they are others than at the last call with the same `seen`, which begins as 0.
    pub(crate) fn newer(&self, seen: &mut u64) -> Option<RuleBook> {
        if self.version.load(Ordering::Acquire) == *seen {
            return None;
        }
        let book = self.book.lock().unwrap_or_else(PoisonError::into_inner);
        *seen = self.version.load(Ordering::Acquire);
        Some(book.clone())
    }

    fn put(&self, new: RuleBook) {
        let mut book = self.book.lock().unwrap_or_else(PoisonError::into_inner);
        *book = new;
        self.version.fetch_add(1, Ordering::Release);
    }
}

/// Starts the thread that notices what others change in the database. It ends soon after `stop` was set.
pub(crate) fn watch(store: Store, feed: Arc<RuleFeed>, stop: Arc<AtomicBool>) -> io::Result<JoinHandle<()>> {
    let changes = store.subscribe(&[Topic::Rules]);
    thread::Builder::new().name(String::from("changes")).spawn(move || {
        let mut looks = 0;
        // What changed before anybody listened is taken over too.
        let mut stale = true;
        let mut failed = false;
        while !stop.load(Ordering::Relaxed) {
            stale |= !changes.wait(LOOK).is_empty();
            looks += 1;
            let mut outcome = Ok(());
            if looks % LOOKS_PER_QUESTION == 0 {
                outcome = store.notice_changes().map(|changed| stale |= changed.contains(&Topic::Rules));
            }
            if stale && outcome.is_ok() {
                outcome = store.rule_book().map(|book| {
                    feed.put(book);
                    stale = false;
                });
            }
            match outcome {
                Ok(()) => failed = false,
                Err(error) if !failed => {
                    tracing::warn!(%error, "cannot look for changes of rules and settings; trying again");
                    failed = true;
                }
                Err(_) => {}
            }
        }
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_version_is_given_once_to_each() {
        let feed = RuleFeed::new(RuleBook::built_in());
        let (mut here, mut there) = (0, 0);
        assert!(feed.newer(&mut here).is_some());
        assert!(feed.newer(&mut here).is_none());
        feed.put(RuleBook::built_in());
        assert!(feed.newer(&mut here).is_some() && feed.newer(&mut there).is_some());
        assert!(feed.newer(&mut here).is_none() && feed.newer(&mut there).is_none());
    }
}
