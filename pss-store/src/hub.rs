//! Who changed what, told to those who want to know: in this process, and from other processes.
//!
//! Triggers count the changes of each topic in the table `changes`, in the transaction that makes them. Whoever
//! reads other numbers there than last time has missed something.

use std::{
    fmt,
    sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError, Weak},
    time::Duration,
};

use diesel::prelude::*;

use crate::{Store, StoreError, schema::changes};

/// What can change while others hold it in memory.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[non_exhaustive]
pub enum Topic {
    /// The rules that messages are judged by.
    Rules,
    /// The settings.
    Settings,
    /// The files and the overrides of flags.
    Flags,
    /// Athletes that are known already.
    Athletes,
    /// The codes of the wire and their descriptions.
    EventTypes,
}

impl Topic {
    /// Every topic.
    pub const ALL: [Self; 5] = [Self::Rules, Self::Settings, Self::Flags, Self::Athletes, Self::EventTypes];

    /// As in the database: `rules`, `settings`, `flags`, `athletes` or `event_types`.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Rules => "rules",
            Self::Settings => "settings",
            Self::Flags => "flags",
            Self::Athletes => "athletes",
            Self::EventTypes => "event_types",
        }
    }
}

/// How often each topic has changed, in the order of [`Topic::ALL`].
pub(crate) type Generations = [i64; Topic::ALL.len()];

/// The generations as of the reader's moment.
pub(crate) fn generations(connection: &mut SqliteConnection) -> QueryResult<Generations> {
    let rows: Vec<(String, i64)> =
        changes::table.select((changes::topic, changes::generation)).load(connection)?;
    Ok(Topic::ALL.map(|topic| rows.iter().find(|row| row.0 == topic.as_str()).map_or(0, |row| row.1)))
}

/// The generation of one topic as of the reader's moment.
pub(crate) fn generation(connection: &mut SqliteConnection, topic: Topic) -> QueryResult<i64> {
    let row = changes::table.find(topic.as_str()).select(changes::generation).first(connection).optional()?;
    Ok(row.unwrap_or(0))
}

/// What is known of the changes, and who wants to know.
pub(crate) struct Hub {
    state: Mutex<State>,
}

struct State {
    known: Generations,
    subscribers: Vec<Weak<Mailbox>>,
}

#[derive(Default)]
struct Mailbox {
    topics: Vec<Topic>,
    changed: Mutex<Vec<Topic>>,
    arrived: Condvar,
}

impl Hub {
    pub(crate) fn new(known: Generations) -> Self {
        Self { state: Mutex::new(State { known, subscribers: Vec::new() }) }
    }

    /// Compares with what was known. `forget` is called for each topic that has changed, before anybody is told.
    pub(crate) fn observe(&self, now: Generations, forget: impl Fn(Topic)) -> Vec<Topic> {
        let mut state = lock(&self.state);
        let before = std::mem::replace(&mut state.known, now);
        let changed: Vec<_> = Topic::ALL
            .into_iter()
            .enumerate()
            .filter(|(i, _)| before[*i] != now[*i])
            .map(|(_, t)| t)
            .collect();
        // With the lock held: whoever comes next and finds nothing new must not meet what is to be forgotten.
        changed.iter().copied().for_each(forget);
        if !changed.is_empty() {
            state
                .subscribers
                .retain(|mailbox| mailbox.upgrade().is_some_and(|mailbox| mailbox.put(&changed)));
        }
        changed
    }

    fn subscribe(&self, topics: &[Topic]) -> Subscription {
        let mailbox = Arc::new(Mailbox { topics: topics.to_vec(), ..Mailbox::default() });
        lock(&self.state).subscribers.push(Arc::downgrade(&mailbox));
        Subscription(mailbox)
    }
}

impl Mailbox {
    fn put(&self, changed: &[Topic]) -> bool {
        let mut mail = lock(&self.changed);
        for topic in changed.iter().filter(|topic| self.topics.contains(topic)) {
            if !mail.contains(topic) {
                mail.push(*topic);
            }
        }
        if !mail.is_empty() {
            self.arrived.notify_all();
        }
        true
    }
}

/// Learns of changes; ends when it is dropped. A topic that changes several times before anybody looks is told
/// once.
pub struct Subscription(Arc<Mailbox>);

impl Subscription {
    /// What has changed since the last call, without waiting.
    pub fn changed(&self) -> Vec<Topic> {
        std::mem::take(&mut lock(&self.0.changed))
    }

    /// What has changed since the last call; waits for it as long as `timeout`, and is empty when nothing came.
    pub fn wait(&self, timeout: Duration) -> Vec<Topic> {
        let mail = lock(&self.0.changed);
        let waited = self.0.arrived.wait_timeout_while(mail, timeout, |mail| mail.is_empty());
        std::mem::take(&mut waited.unwrap_or_else(PoisonError::into_inner).0)
    }
}

impl fmt::Debug for Subscription {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Subscription").field(&self.0.topics).finish()
    }
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    // Nothing panics while it holds one of them.
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

impl Store {
    /// Learns of every change of these topics from now on: those made through this store and its clones at
    /// once, those of other processes when somebody [notices](Self::notice_changes) them.
    ///
    /// ```
    /// # use pss_protocol::Timestamp;
    /// # use pss_store::{Change, Store, StoreConfig, Topic};
    /// # let folder = tempfile::tempdir()?;
    /// # let store = Store::open(StoreConfig::new(folder.path().join("restrike.db")))?;
    /// let changes = store.subscribe(&[Topic::Settings]);
    /// let change = Change { by: "me", at: Timestamp(0), reason: "a slow disk" };
    /// store.set_setting("store", "slow_query_ms", "200", &change)?;
    /// assert_eq!(changes.changed(), [Topic::Settings]);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn subscribe(&self, topics: &[Topic]) -> Subscription {
        self.hub().subscribe(topics)
    }

    /// Finds what other processes have changed since the last look, forgets what was held in memory of it, and
    /// tells the subscribers. Reads five small rows: a server calls it about each second.
    ///
    /// # Errors
    ///
    /// When the database cannot be read.
    pub fn notice_changes(&self) -> Result<Vec<Topic>, StoreError> {
        let now = self.read("look for changes", generations)?;
        let changed = self.observe(now);
        self.keep_slow_queries();
        Ok(changed)
    }
}
