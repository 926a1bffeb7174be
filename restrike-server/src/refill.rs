//! What the database did not get at once, from the journal: after a kill at the next start, and while the server
//! runs as soon as the database keeps up again. In threads of their own; the live path never waits for them.

use std::{
    collections::BTreeSet,
    fs::{self, File},
    io::{self, BufRead as _, BufReader},
    path::{Path, PathBuf},
    sync::{
        Arc, Mutex, PoisonError,
        atomic::{
            AtomicBool, AtomicU64,
            Ordering::{Acquire, Relaxed},
        },
    },
    thread::{self, JoinHandle},
    time::Duration,
};

use anyhow::{Context as _, bail};
use hitlevel::HitLinker;
use pss_protocol::{
    Timestamp,
    capture::{Entry, Header, Line, is_journal},
};
use pss_store::{Session, SessionId, Store};

use crate::{clock::Clock, in_use::InUse, ingest::RingStatus, journal::Journal};

/// How the filling up goes, for `/readyz`.
#[derive(Debug, Default)]
pub(crate) struct RefillStatus {
    refilled: AtomicU64,
    error: Mutex<Option<String>>,
}

impl RefillStatus {
    /// Datagrams that came from a journal.
    pub(crate) fn refilled(&self) -> u64 {
        self.refilled.load(Relaxed)
    }

    /// What could not be filled up, and why.
    pub(crate) fn reason(&self) -> Option<String> {
        self.error.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    fn set_error(&self, error: String) {
        *self.error.lock().unwrap_or_else(PoisonError::into_inner) = Some(error);
    }
}

/// A session that is being written, with what it is filled up from.
#[derive(Debug)]
pub(crate) struct RunningSession {
    pub(crate) session: SessionId,
    pub(crate) status: Arc<RingStatus>,
    pub(crate) journal: Journal,
}

/// What fills up.
#[derive(Clone, Debug)]
pub(crate) struct Refiller {
    pub(crate) store: Store,
    pub(crate) clock: Clock,
    pub(crate) status: Arc<RefillStatus>,
    pub(crate) stop: Arc<AtomicBool>,
}

impl Refiller {
    /// Starts the thread that fills up what runs, until told to stop.
    pub(crate) fn keep_up(self, running: Vec<RunningSession>) -> io::Result<JoinHandle<()>> {
        thread::Builder::new().name("refill".to_owned()).spawn(move || {
            // For how many losses each session was looked through.
            let mut seen = vec![0; running.len()];
            while !self.stop.load(Relaxed) {
                for (running, seen) in running.iter().zip(&mut seen) {
                    self.look_after(running, seen);
                }
                thread::sleep(LOOKS_EVERY);
            }
        })
    }

    /// Starts the thread that completes what an earlier start left behind. Nobody waits for it: reading a whole day
    /// again takes longer than a shutdown may, and what it did not do, the next start does.
    pub(crate) fn complete_older(self, journals: PathBuf, of_this_start: Vec<SessionId>) -> io::Result<()> {
        let work = move || {
            if let Err(error) = self.complete_all(&journals, &of_this_start) {
                self.cannot_complete(&error);
            }
        };
        thread::Builder::new().name("complete".to_owned()).spawn(work).map(drop)
    }

    fn look_after(&self, running: &RunningSession, seen: &mut u64) {
        let lost = running.status.store_lost.load(Acquire);
        if lost == *seen || !self.is_calm() {
            return;
        }
        match self.refill(running) {
            Ok(()) => *seen = lost,
            Err(error) => {
                let ring = running.status.name();
                tracing::warn!(ring, error = format!("{error:#}"), "cannot refill yet");
            }
        }
    }

    /// Whether the writer works and has little to do.
    fn is_calm(&self) -> bool {
        let status = self.store.status();
        !status.failing && status.waiting * 8 <= status.capacity
    }

    /// What found the queue full.
    fn refill(&self, running: &RunningSession) -> anyhow::Result<()> {
        let RunningSession { session, status, journal } = running;
        let last = status.last_seq.load(Relaxed);
        self.store.flush()?;
        let gaps = self.store.gaps(*session, Some(last))?;
        if !journal.sync(JOURNAL_PATIENCE) {
            bail!("the journal does not keep up");
        }
        let missing = |seq: u64| gaps.iter().any(|gap| gap.contains(&seq));
        let refilled = self.add_lines(*session, journal.path(), |line| missing(line.seq))?;
        self.store.read_refilled(*session)?;
        status.store_refilled.fetch_add(refilled, Relaxed);
        self.status.refilled.fetch_add(refilled, Relaxed);
        tracing::info!(
            ring = status.name(),
            refilled,
            "datagrams that found no room are in the database now"
        );
        Ok(())
    }

    /// The sessions of journals in this folder that have no end and are not of this start.
    fn complete_all(&self, journals: &Path, of_this_start: &[SessionId]) -> anyhow::Result<()> {
        let sessions = self.store.sessions()?;
        let open = |header: &Header| {
            sessions.iter().find(|session| {
                session.ring == header.ring
                    && u64::try_from(session.epoch) == Ok(header.epoch)
                    && session.ended_at.is_none()
                    && !of_this_start.contains(&session.id)
            })
        };
        let failed = || journals.display().to_string();
        let entries = fs::read_dir(journals).with_context(failed)?;
        let paths = entries.map(|entry| Ok(entry?.path())).collect::<io::Result<BTreeSet<_>>>();
        for path in paths.with_context(failed)? {
            let Some(header) = header_of(&path) else { continue };
            let Some(session) = open(&header) else { continue };
            // Another server writes it, or completes it already.
            let Some(_in_use) = InUse::take(&path).with_context(|| path.display().to_string())? else {
                continue;
            };
            if self.stop.load(Relaxed) {
                break;
            }
            // One journal that cannot be read does not keep the others from being completed.
            if let Err(error) = self.complete(session, &path) {
                self.cannot_complete(&error.context(format!(
                    "session {} from {}",
                    session.id,
                    path.display()
                )));
            }
        }
        Ok(())
    }

    /// Says so, unless it is only that the server ends.
    fn cannot_complete(&self, error: &anyhow::Error) {
        if !self.stop.load(Relaxed) {
            tracing::error!(error = format!("{error:#}"), "an older session is not complete");
            self.status.set_error(format!("refill: {error:#}"));
        }
    }

    /// Fills up a session that was cut short, reads it again and ends it.
    fn complete(&self, session: &Session, journal: &Path) -> anyhow::Result<()> {
        let mut end = session.started_at;
        let refilled = self.add_lines(session.id, journal, |line| {
            end = line.arrival.wall.unwrap_or(end).max(end);
            true
        })?;
        let rereading = self.store.reprocess(session.id, HitLinker::default())?;
        self.store.apply(rereading, self.clock.now().wall.unwrap_or(Timestamp(0)))?;
        self.store.end_session(session.id, end)?;
        self.status.refilled.fetch_add(refilled, Relaxed);
        tracing::info!(
            ring = session.ring,
            session = session.id.0,
            refilled,
            "a session that was cut short is complete"
        );
        Ok(())
    }

    /// Adds the lines that are wanted and not there; gives how many these were.
    fn add_lines(
        &self,
        session: SessionId,
        journal: &Path,
        mut wanted: impl FnMut(&Line<'_>) -> bool,
    ) -> anyhow::Result<u64> {
        let mut added = 0;
        let mut lines: Vec<Line<'static>> = Vec::new();
        each_line(journal, |line| {
            if wanted(&line) {
                lines.push(line.into_owned());
            }
            if lines.len() >= LINES_AT_ONCE {
                added += self.store.refill(session, lines.iter().map(Line::datagram))?.added;
                lines.clear();
            }
            Ok(())
        })?;
        added += self.store.refill(session, lines.iter().map(Line::datagram))?.added;
        Ok(added)
    }
}

/// The first entry of a journal, where that is a header.
fn header_of(path: &Path) -> Option<Header> {
    let mut file = BufReader::new(File::open(path).ok()?);
    let mut line = Vec::new();
    // The opening is an empty line and the header.
    while file.read_until(b'\n', &mut line).ok()? > 0 {
        let text = line.trim_ascii_end();
        if !text.is_empty() {
            return match is_journal(text).then(|| Entry::parse(text))? {
                Ok(Entry::Header(header)) => Some(header),
                _ => None,
            };
        }
        line.clear();
    }
    None
}

/// Every datagram of a journal of one session. A line that cannot be read was not written whole: it is left out.
fn each_line(path: &Path, mut take: impl FnMut(Line<'_>) -> anyhow::Result<()>) -> anyhow::Result<()> {
    let mut file = BufReader::new(File::open(path).with_context(|| path.display().to_string())?);
    let mut line = Vec::new();
    while file.read_until(b'\n', &mut line).with_context(|| path.display().to_string())? > 0 {
        if let Some(text) = line.strip_suffix(b"\n")
            && let Ok(Entry::Datagram(datagram)) = Entry::parse(text)
        {
            take(datagram)?;
        }
        line.clear();
    }
    Ok(())
}

/// How often it is looked whether something is to be refilled.
const LOOKS_EVERY: Duration = Duration::from_millis(200);

/// How long the journal may take to write what is queued for it.
const JOURNAL_PATIENCE: Duration = Duration::from_secs(10);

/// As many lines as are added in one transaction.
const LINES_AT_ONCE: usize = 4096;
