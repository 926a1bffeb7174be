//! The store: one database, one writer, some readers.

use std::{
    collections::BTreeMap,
    fmt,
    path::{Path, PathBuf},
    sync::{Arc, Mutex, MutexGuard, PoisonError, mpsc},
    thread::{self, JoinHandle},
    time::Duration,
};

use diesel::{QueryResult, SqliteConnection};

use crate::{
    NewSession, SessionId, StoreConfig, StoreError, StoreSink, StoreStatus, Topic, WhenFull, Written,
    cache::Caches,
    connection::{self, ReadPool},
    hub::{self, Generations, Hub},
    models::{
        data_version,
        session::{self, Beginning, Begun},
    },
    queue::{Queue, Task},
    settings,
    slow::SlowLog,
    writer,
};

/// A database of sessions. Cheap to clone; the clones share the writer and the readers.
///
/// Every call may block (see [`StoreConfig::patience`]), so the caller decides on which thread it is made;
/// only a live [`StoreSink`] never waits. The last clone that goes closes the store.
#[derive(Clone)]
pub struct Store {
    inner: Arc<Inner>,
}

struct Inner {
    path: PathBuf,
    queue: Arc<Queue>,
    readers: ReadPool,
    caches: Caches,
    hub: Hub,
    slow: SlowLog,
    writer: Mutex<Option<JoinHandle<()>>>,
    /// The sessions that were begun here, each with how many datagrams were refilled and not read yet.
    begun: Mutex<BTreeMap<SessionId, u64>>,
}

impl Store {
    /// Opens the database, makes it where there is none, brings its schema up to date and starts the writer.
    ///
    /// # Errors
    ///
    /// When the file is no database or another program's, was written by a newer version, is locked, read-only
    /// or damaged, when its folder does not exist, when no space is left, or when SQLite is older than 3.51.3.
    pub fn open(config: StoreConfig) -> Result<Self, StoreError> {
        let path = connection::full_path(&config.path)?;
        let mut first = connection::open(&path)?;
        let (known, threshold) = hub::generations(&mut first)
            .and_then(|known| Ok((known, settings::slow_query(&mut first)?)))
            .map_err(|error| StoreError::from_query(&path, "read the settings", &error.to_string()))?;
        let slow = SlowLog::new(threshold, config.clock);
        let readers = connection::read_pool(&config, &path, slow.clone())?;
        let queue = Arc::new(Queue::new(&config));
        let of_writer = (Arc::clone(&queue), path.clone(), slow.clone());
        let writer = thread::Builder::new()
            .name(String::from("store-writer"))
            .spawn(move || writer::run(of_writer.0, of_writer.1, first, of_writer.2))
            .map_err(|error| StoreError::CannotOpen { path: path.clone(), reason: error.to_string() })?;
        let inner = Inner {
            path,
            queue,
            readers,
            caches: Caches::new(config.cache_ttl),
            hub: Hub::new(known),
            slow,
            writer: Mutex::new(Some(writer)),
            begun: Mutex::default(),
        };
        Ok(Self { inner: Arc::new(inner) })
    }

    /// Begins a session.
    ///
    /// # Errors
    ///
    /// [`StoreError::AlreadyReplayed`] when the same digest is here already and [`NewSession::again`] is not
    /// set; otherwise when the database cannot be written.
    pub fn begin_session(&self, new: NewSession<'_>) -> Result<SessionId, StoreError> {
        let beginning = Beginning {
            ring: new.ring.to_owned(),
            kind: new.kind,
            origin: new.origin.map(str::to_owned),
            digest: new.digest,
            again: new.again,
            started_at: new.started_at,
            reading: new.reading,
        };
        let begun =
            self.write("begin a session", move |connection| session::begin(connection, &beginning))?;
        match begun {
            Begun::Session(id) => {
                self.begun().insert(id, 0);
                Ok(id)
            }
            Begun::Already { session, finished } => Err(StoreError::AlreadyReplayed { session, finished }),
        }
    }

    /// Takes what a pipeline makes of a session's datagrams.
    pub fn sink(&self, session: SessionId, when_full: WhenFull) -> StoreSink {
        StoreSink::new(Arc::clone(&self.inner.queue), session, when_full)
    }

    /// Waits until all that sinks have handed over is durable, and says how much is.
    ///
    /// # Errors
    ///
    /// [`StoreError::NotDurable`] when the writer fails for longer than [`StoreConfig::patience`]; what waits
    /// is kept and written as soon as that works.
    pub fn flush(&self) -> Result<Written, StoreError> {
        self.inner.queue.flush()
    }

    /// How the writing goes.
    pub fn status(&self) -> StoreStatus {
        self.inner.queue.status()
    }

    /// Where the database is, in full.
    pub fn path(&self) -> &Path {
        &self.inner.path
    }

    /// Writes what is waiting and ends the writer. What sinks push from now on is refused.
    ///
    /// # Errors
    ///
    /// [`StoreError::NotDurable`] when the writer fails for longer than [`StoreConfig::patience`]: then what
    /// waits is lost to this database. [`StoreError::Lost`] when the database refused rows for what they are.
    pub fn close(&self) -> Result<Written, StoreError> {
        self.inner.close()
    }

    /// Whether a session was begun here.
    pub(crate) fn is_of_this_process(&self, session: SessionId) -> bool {
        self.begun().contains_key(&session)
    }

    /// Datagrams of a session that was begun here were refilled; their messages are to follow.
    pub(crate) fn note_refilled(&self, session: SessionId, datagrams: u64) {
        if let Some(unread) = self.begun().get_mut(&session) {
            *unread += datagrams;
        }
    }

    /// All that was refilled of a session was read too: it is no reason any more to be degraded.
    pub(crate) fn note_refilled_read(&self, session: SessionId) {
        let unread = self.begun().get_mut(&session).map(std::mem::take);
        self.inner.queue.refilled(unread.unwrap_or(0));
    }

    fn begun(&self) -> MutexGuard<'_, BTreeMap<SessionId, u64>> {
        self.inner.begun.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Reads from one moment of the database.
    pub(crate) fn read<T>(
        &self,
        doing: &'static str,
        query: impl FnOnce(&mut SqliteConnection) -> QueryResult<T>,
    ) -> Result<T, StoreError> {
        let failed = |reason: String| StoreError::from_query(&self.inner.path, doing, &reason);
        let mut connection = self.inner.readers.get().map_err(|error| failed(error.to_string()))?;
        diesel::Connection::transaction(&mut *connection, query)
            .map_err(|error: diesel::result::Error| failed(error.to_string()))
    }

    /// Reads from one moment of the database over two connections at once; over one where the second cannot be had
    /// soon, or sees another moment because somebody committed in between.
    pub(crate) fn read_side_by_side<T>(
        &self,
        doing: &'static str,
        query: impl FnOnce(&mut [&mut SqliteConnection]) -> QueryResult<T>,
    ) -> Result<T, StoreError> {
        use diesel::Connection as _;
        let failed = |reason: String| StoreError::from_query(&self.inner.path, doing, &reason);
        let mut first = self.inner.readers.get().map_err(|error| failed(error.to_string()))?;
        let second = if self.inner.readers.max_size() > 1 {
            self.inner.readers.get_timeout(SECOND_PATIENCE).ok()
        } else {
            None
        };
        let read = match second {
            Some(mut second) => data_version(&mut second).and_then(|before| {
                first.transaction(|first| {
                    // A transaction sees the moment of its first statement.
                    data_version(first)?;
                    second.transaction(|second| {
                        if data_version(second)? == before {
                            query(&mut [first, second])
                        } else {
                            query(&mut [first])
                        }
                    })
                })
            }),
            None => first.transaction(|first| query(&mut [first])),
        };
        read.map_err(|error| failed(error.to_string()))
    }

    /// Lets the writer do something between two commits.
    pub(crate) fn write<T: Send + 'static>(
        &self,
        doing: &'static str,
        task: impl Fn(&mut SqliteConnection) -> QueryResult<T> + Send + 'static,
    ) -> Result<T, StoreError> {
        self.change(doing, move |connection| task(connection).map_err(Refusal::Query))
    }

    /// Lets the writer do something between two commits that may turn out to be wrong to ask for: then nothing of
    /// it is written.
    pub(crate) fn change<T: Send + 'static>(
        &self,
        doing: &'static str,
        task: impl Fn(&mut SqliteConnection) -> Result<T, Refusal> + Send + 'static,
    ) -> Result<T, StoreError> {
        let (answer, answered) = mpsc::sync_channel(1);
        let path = self.inner.path.clone();
        self.inner.queue.run(Box::new(move |connection| {
            let mut attempts = 0;
            let outcome = loop {
                attempts += 1;
                let outcome = connection::transaction(connection, &task);
                let explained = outcome.map_err(|refusal| match refusal {
                    Refusal::Because(error) => error,
                    Refusal::Query(error) => StoreError::from_query(&path, doing, &error.to_string()),
                });
                match explained {
                    Err(StoreError::Locked { .. }) if attempts < LOCKED_ATTEMPTS => {}
                    outcome => break outcome,
                }
            };
            // A change that is made but not noticed here is noticed later.
            let generations = outcome.is_ok().then(|| hub::generations(connection).ok()).flatten();
            // Nobody waits any more when the patience of the one who asked is over.
            let _ = answer.send((outcome, generations));
        }))?;
        let (outcome, generations) = answered.try_recv().map_err(|_| StoreError::Closed)?;
        if let Some(generations) = generations {
            self.observe(generations);
        }
        outcome
    }

    pub(crate) fn caches(&self) -> &Caches {
        &self.inner.caches
    }

    pub(crate) fn hub(&self) -> &Hub {
        &self.inner.hub
    }

    /// Lets everybody learn of what has changed up to `now`.
    pub(crate) fn observe(&self, now: Generations) -> Vec<Topic> {
        let changed = self.hub().observe(now, |topic| self.caches().clear(topic));
        if changed.contains(&Topic::Settings) {
            match self.read("read the settings", settings::slow_query) {
                Ok(threshold) => self.inner.slow.set_threshold(threshold),
                Err(error) => tracing::debug!(%error, "the threshold of slow queries stays"),
            }
        }
        changed
    }

    pub(crate) fn slow_log(&self) -> &SlowLog {
        &self.inner.slow
    }

    /// Has the writer do something some time, unless the store is closed.
    pub(crate) fn post(&self, task: Task) {
        self.inner.queue.post(task);
    }
}

/// Why a change was not made.
#[derive(Debug)]
pub(crate) enum Refusal {
    /// It was wrong to ask for.
    Because(StoreError),
    /// The database could not.
    Query(diesel::result::Error),
}

impl From<diesel::result::Error> for Refusal {
    fn from(error: diesel::result::Error) -> Self {
        Self::Query(error)
    }
}

impl From<StoreError> for Refusal {
    fn from(error: StoreError) -> Self {
        Self::Because(error)
    }
}

impl Store {
    /// Lets the writer do something between two commits that is no transaction, or several.
    pub(crate) fn write_apart<T: Send + 'static>(
        &self,
        doing: &'static str,
        task: impl FnOnce(&mut SqliteConnection) -> QueryResult<T> + Send + 'static,
    ) -> Result<T, StoreError> {
        let (answer, answered) = mpsc::sync_channel(1);
        let path = self.inner.path.clone();
        self.inner.queue.run(Box::new(move |connection| {
            let outcome =
                task(connection).map_err(|error| StoreError::from_query(&path, doing, &error.to_string()));
            // Nobody waits any more when the patience of the one who asked is over.
            let _ = answer.send(outcome);
        }))?;
        answered.try_recv().map_err(|_| StoreError::Closed)?
    }
}

impl Inner {
    fn close(&self) -> Result<Written, StoreError> {
        self.queue.close();
        let writer = self.writer.lock().unwrap_or_else(PoisonError::into_inner).take();
        if let Some(writer) = writer {
            // A writer that panicked has left its rows in the queue, and the balance says so.
            let _ = writer.join();
        }
        self.queue.closing_balance()
    }
}

impl Drop for Inner {
    fn drop(&mut self) {
        let unclosed = self.writer.get_mut().unwrap_or_else(PoisonError::into_inner).is_some();
        if let (true, Err(error)) = (unclosed, self.close()) {
            tracing::error!(store.reason = %error, "the store was closed with datagrams left");
        }
    }
}

/// A second reader makes the reading faster, which is not worth a longer wait.
const SECOND_PATIENCE: Duration = Duration::from_millis(100);

/// Each of them waits a quarter of a second for the lock.
const LOCKED_ATTEMPTS: u32 = 8;

impl fmt::Debug for Store {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Store").field("path", &self.inner.path).finish_non_exhaustive()
    }
}
