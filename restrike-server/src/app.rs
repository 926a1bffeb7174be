//! The whole server: bound at once, run until told to stop, drained within a bound.

use std::{
    future::Future,
    io,
    net::{SocketAddr, TcpListener},
    path::PathBuf,
    sync::{
        Arc, OnceLock,
        atomic::{AtomicBool, Ordering::Relaxed},
    },
    thread::JoinHandle,
    time::Duration,
};

use anyhow::{Context as _, bail};
use pss_protocol::{PipelineConfig, Timestamp, capture::Header};
use pss_store::{CacheStatistics, NewSession, SessionId, SessionKind, Store, StoreConfig, WhenFull};
use tokio::{sync::Semaphore, time::timeout};
use tokio_util::sync::CancellationToken;

use crate::{
    bus::{self, Bus},
    clock::{self, Clock},
    config::Config,
    in_use::InUse,
    ingest::{BoundRing, Outlets, RingStatus},
    journal::{self, JournalStatus, JournalWriter},
    live::{Learner, LiveHits, Publication, Rates},
    refill::{RefillStatus, Refiller, RunningSession},
    router::router,
    rules::{self, RuleFeed},
};

/// Everything ends within this time after the signal; what does not is cut and named.
pub const DRAIN: Duration = Duration::from_secs(10);

/// More clients than that are not overlays but a mistake.
const MOST_CLIENTS: u32 = 1024;

/// Requests that read the database at once: fewer than it has connections, so that they keep nobody else out.
const MOST_READERS: usize = 2;

/// A server whose sockets are open. Nothing is received yet.
#[derive(Debug)]
pub struct App {
    http: TcpListener,
    http_addr: SocketAddr,
    rings: Vec<BoundRing>,
    clock: Clock,
    store: Store,
    journal: JournalWriter,
    journals_dir: PathBuf,
    /// The journals of this start.
    in_use: Vec<Option<InUse>>,
    shared: Arc<Shared>,
}

/// What the handlers of requests see.
#[derive(Debug)]
pub(crate) struct Shared {
    pub(crate) bus: Arc<Bus>,
    /// In the order of the bus.
    pub(crate) rings: Vec<Arc<RingStatus>>,
    /// In the same order.
    pub(crate) live: Arc<LiveHits>,
    pub(crate) assets_dir: Option<PathBuf>,
    /// One permit for each client of the feed.
    pub(crate) clients: Arc<Semaphore>,
    /// Told when clients are to be sent away.
    pub(crate) closing: CancellationToken,
    pub(crate) store: Store,
    /// One permit for each request that reads the database.
    pub(crate) readers: Arc<Semaphore>,
    /// The session of each ring, in the same order, once the rings run.
    sessions: OnceLock<Vec<SessionId>>,
    journal: Arc<JournalStatus>,
    pub(crate) refill: Arc<RefillStatus>,
}

impl Shared {
    /// How the caches of the database do.
    pub(crate) fn caches(&self) -> Vec<CacheStatistics> {
        self.store.cache_statistics()
    }

    /// The place of the ring whose session this is, where it runs here.
    pub(crate) fn ring_of(&self, session: SessionId) -> Option<usize> {
        self.sessions.get()?.iter().position(|&running| running == session)
    }

    /// What is not as it should be.
    pub(crate) fn reasons(&self) -> Vec<String> {
        let mut reasons: Vec<String> = self.rings.iter().flat_map(|ring| ring.reasons()).collect();
        reasons.extend(self.store.status().degraded.map(|reason| format!("database: {reason}")));
        reasons.extend(self.journal.reasons());
        reasons.extend(self.refill.reason());
        reasons
    }
}

impl App {
    /// Opens every socket, the database and the journal.
    ///
    /// # Errors
    ///
    /// The first that cannot be opened: what, where, why and what to do about it.
    pub fn bind(config: &Config) -> anyhow::Result<Self> {
        let clock = Clock::start();
        let rings = config.rings.iter().map(|ring| {
            BoundRing::bind(ring, clock).map_err(|error| {
                let what =
                    format!("ring {}: cannot receive on udp {}{}", ring.name, ring.listen, remedy(&error));
                anyhow::Error::new(error).context(what)
            })
        });
        let rings: Vec<BoundRing> = rings.collect::<anyhow::Result<_>>()?;
        let http = TcpListener::bind(config.http).map_err(|error| {
            let what = format!("cannot serve on http {}{} (--http)", config.http, remedy(&error));
            anyhow::Error::new(error).context(what)
        })?;
        http.set_nonblocking(true)?;
        let http_addr = http.local_addr()?;

        std::fs::create_dir_all(&config.data_dir)
            .with_context(|| format!("cannot create the data directory {}", config.data_dir.display()))?;
        let mut database = StoreConfig::new(&config.database);
        database.clock = Some(clock::wall);
        let store = Store::open(database).context("cannot open the database")?;
        let names: Vec<&str> = config.rings.iter().map(|ring| ring.name.as_str()).collect();
        let started = clock.now().wall.context("no wall clock")?;
        let journals_dir = config.data_dir.join("journal");
        let stamp = file_stamp(&started.to_string());
        let in_use = names
            .iter()
            .map(|ring| InUse::take(&journal::path_of(&journals_dir, ring, &stamp)))
            .collect::<io::Result<_>>()
            .context("cannot lock the journal")?;
        let journal = JournalWriter::create(&journals_dir, &names, &stamp)
            .map_err(|(path, error)| anyhow::Error::new(error).context(path.display().to_string()))
            .context("cannot create the journal")?;

        let epoch = uuid::Uuid::new_v4().to_string();
        let bus = Bus::new(epoch, names.iter().map(|&name| name.to_owned()).collect(), bus::HISTORY);
        let shared = Shared {
            bus: Arc::new(bus),
            rings: rings.iter().map(BoundRing::status).collect(),
            live: Arc::new(LiveHits::new(rings.len())),
            assets_dir: config.assets_dir.clone(),
            clients: Arc::new(Semaphore::new(MOST_CLIENTS as usize)),
            closing: CancellationToken::new(),
            store: store.clone(),
            readers: Arc::new(Semaphore::new(MOST_READERS)),
            sessions: OnceLock::new(),
            journal: journal.status(),
            refill: Arc::default(),
        };
        let shared = Arc::new(shared);
        Ok(Self { http, http_addr, rings, clock, store, journal, journals_dir, in_use, shared })
    }

    /// Where pages, API and feed are served, with the real port.
    pub fn http_addr(&self) -> SocketAddr {
        self.http_addr
    }

    /// Name and address of each ring, with the real port.
    pub fn ring_addrs(&self) -> Vec<(String, SocketAddr)> {
        self.shared.rings.iter().map(|ring| (ring.name().to_owned(), ring.listen())).collect()
    }

    /// Writes one line for each socket: what scripts wait for and read ports from.
    ///
    /// # Errors
    ///
    /// When `out` cannot be written.
    pub fn announce(&self, mut out: impl io::Write) -> io::Result<()> {
        writeln!(out, "listening http {}", self.http_addr)?;
        for (name, address) in self.ring_addrs() {
            writeln!(out, "listening udp ring={name} {address}")?;
        }
        out.flush()
    }

    /// Receives and serves until `shutdown` is there, then drains: sockets first, so that nothing that arrived
    /// is lost, then the database, then the clients.
    ///
    /// # Errors
    ///
    /// When a thread cannot be started, the HTTP socket fails, or something did not end within [`DRAIN`].
    pub async fn run(self, shutdown: impl Future<Output = ()>) -> anyhow::Result<()> {
        let Self { http, rings, clock, store, journal, journals_dir, in_use, shared, .. } = self;
        let http = tokio::net::TcpListener::from_std(http)?;
        let stop = Arc::new(AtomicBool::new(false));
        let threads = spawn_rings(rings, clock, &store, (journal, journals_dir), &shared, &stop)?;

        let http_done = shared.closing.clone();
        let server = axum::serve(http, router(Arc::clone(&shared)))
            .with_graceful_shutdown(async move { http_done.cancelled().await });
        let mut server = tokio::spawn(async move { server.await });

        let failed = tokio::select! {
            () = shutdown => None,
            ended = &mut server => Some(ended),
        };
        tracing::info!("stopping");
        stop.store(true, Relaxed);
        let drained = timeout(DRAIN, async {
            let finished = tokio::task::spawn_blocking(move || {
                let finished = finish(threads, &store);
                // Not before: until all of it is in the database, the sessions look cut short.
                drop(in_use);
                finished
            });
            finished.await??;
            shared.closing.cancel();
            // A client gives its permit back when it is gone.
            let _gone = shared.clients.acquire_many(MOST_CLIENTS).await;
            if failed.is_none() {
                (&mut server).await??;
            }
            anyhow::Ok(())
        });
        match drained.await {
            Ok(result) => result?,
            Err(_) => {
                shared.closing.cancel();
                bail!("not everything ended within {DRAIN:?}: {}", shared.reasons().join("; "));
            }
        }
        match failed {
            Some(ended) => Ok(ended??),
            None => Ok(()),
        }
    }
}

/// Starts the threads of all rings, and the journal's.
fn spawn_rings(
    rings: Vec<BoundRing>,
    clock: Clock,
    store: &Store,
    (journal, journals_dir): (JournalWriter, PathBuf),
    shared: &Shared,
    stop: &Arc<AtomicBool>,
) -> anyhow::Result<Vec<JoinHandle<()>>> {
    let (journals, journal_thread) = journal.spawn().context("cannot start a thread")?;
    let started = clock.now().wall.context("no wall clock")?;
    let rules = Arc::new(RuleFeed::new(store.rule_book().context("cannot read the rules")?));
    let mut threads = vec![
        rules::watch(store.clone(), Arc::clone(&rules), Arc::clone(stop)).context("cannot start a thread")?,
    ];
    let mut reading = PipelineConfig::default();
    let window = store.setting("pipeline", "reorder_window_ms").context("cannot read the settings")?;
    reading.reorder_window = Duration::from_millis(window);
    let mut running = Vec::new();
    for (index, (ring, journal)) in rings.into_iter().zip(journals).enumerate() {
        let status = ring.status();
        let session = store.begin_session(NewSession {
            ring: status.name(),
            kind: SessionKind::Live,
            origin: Some(&status.listen().to_string()),
            digest: None,
            again: false,
            started_at: started,
            reading,
        });
        let session = session.with_context(|| format!("ring {}: cannot begin a session", status.name()))?;
        let header = Header {
            ring: status.name().to_owned(),
            epoch: epoch_of(store, session)?,
            off_the_wire: reading.off_the_wire,
            started: Some(started),
        };
        journal.append(header.opening().to_string());
        running.push(RunningSession { session, status: Arc::clone(&status), journal: journal.clone() });
        let store = store.sink(session, WhenFull::Drop);
        let (rules, bus, live) = (Arc::clone(&rules), Arc::clone(&shared.bus), Arc::clone(&shared.live));
        let outlets = Outlets { reading, rules, journal, store, bus, live, index };
        threads.extend(ring.spawn(outlets, stop).context("cannot start a thread")?);
    }
    let of_this_start: Vec<SessionId> = running.iter().map(|running| running.session).collect();
    shared.sessions.get_or_init(|| of_this_start.clone());
    threads.extend(spawn_statistics(clock, store, shared, stop, started).context("cannot start a thread")?);
    let refiller =
        Refiller { store: store.clone(), clock, status: Arc::clone(&shared.refill), stop: Arc::clone(stop) };
    refiller.clone().complete_older(journals_dir, of_this_start).context("cannot start a thread")?;
    threads.push(refiller.keep_up(running).context("cannot start a thread")?);
    threads.push(journal_thread);
    Ok(threads)
}

/// Starts the threads that make statistics and predictions; the rings wait for neither.
fn spawn_statistics(
    clock: Clock,
    store: &Store,
    shared: &Shared,
    stop: &Arc<AtomicBool>,
    started: Timestamp,
) -> io::Result<[JoinHandle<()>; 2]> {
    let rates = Arc::<Rates>::default();
    let learner = Learner {
        store: store.clone(),
        bus: Arc::clone(&shared.bus),
        sessions: shared.sessions.get().cloned().unwrap_or_default(),
        rates: Arc::clone(&rates),
        started,
        stop: Arc::clone(stop),
    };
    let publication = Publication {
        live: Arc::clone(&shared.live),
        rates,
        bus: Arc::clone(&shared.bus),
        clock,
        stop: Arc::clone(stop),
    };
    Ok([learner.start()?, publication.start()?])
}

/// What to do about an address that cannot be had.
fn remedy(error: &io::Error) -> &'static str {
    match error.kind() {
        io::ErrorKind::AddrInUse => {
            "; another program (or another reStrike) uses it: stop that or choose another port"
        }
        io::ErrorKind::AddrNotAvailable => "; this machine does not have that address",
        io::ErrorKind::PermissionDenied => "; ports below 1024 need rights: choose another port",
        _ => "",
    }
}

/// Names the life of the ring's store, so that the journal's datagrams have the same identity as the stored.
fn epoch_of(store: &Store, session: SessionId) -> anyhow::Result<u64> {
    let sessions = store.sessions().context("cannot read the database")?;
    let begun = sessions
        .iter()
        .find(|begun| begun.id == session)
        .context("the new session is not in the database")?;
    u64::try_from(begun.epoch).context("the epoch of the ring is negative")
}

/// Waits for the threads and makes everything durable. Blocks.
fn finish(threads: Vec<JoinHandle<()>>, store: &Store) -> anyhow::Result<()> {
    let panicked: Vec<_> = threads
        .into_iter()
        .filter_map(|thread| {
            let name = thread.thread().name().unwrap_or("unnamed").to_owned();
            thread.join().is_err().then_some(name)
        })
        .collect();
    store.close().context("the database is not complete")?;
    if !panicked.is_empty() {
        bail!("threads ended by a defect of this program: {}", panicked.join(", "));
    }
    Ok(())
}

/// `2026-11-22T14:49:15.123456Z` as a part of a file name on every system.
fn file_stamp(rfc3339: &str) -> String {
    rfc3339.chars().filter(|c| c.is_ascii_alphanumeric()).collect()
}
