//! Feeds and helpers.

use std::{
    collections::{BTreeMap, VecDeque},
    path::Path,
    thread,
    time::Duration,
};

use diesel::{Connection as _, SqliteConnection, connection::SimpleConnection as _};
use pss_protocol::{
    Arrival, Both, Datagram, EventKey, EventKind, Flow, Linker, MatchEvent, MatchSummary, Monotonic,
    PerAthlete, Pipeline, PipelineConfig, RecognitionStatus, Record, Sink, Timestamp,
};
use pss_store::{NewSession, SessionId, SessionKind, Store, StoreSink, WhenFull};

/// The wall clock of every feed begins here.
pub(crate) const START: i64 = 1_763_811_191_000_000;

pub(crate) fn replay(ring: &str) -> NewSession<'_> {
    NewSession {
        ring,
        kind: SessionKind::Replay,
        origin: None,
        digest: None,
        again: false,
        started_at: Timestamp(START),
        reading: PipelineConfig::default(),
    }
}

/// A datagram that arrives `seq` milliseconds after the start.
pub(crate) fn datagram(seq: u64, bytes: &[u8]) -> Datagram<'_> {
    Datagram {
        seq,
        arrival: Arrival {
            wall: Some(Timestamp(START + seq as i64 * 1000)),
            mono: Monotonic::from_micros(seq * 1000),
        },
        source: Some("127.0.0.1:45453".parse().unwrap()),
        flow: Flow::Broadcast,
        bytes,
    }
}

pub(crate) fn at(seq: u64) -> Arrival {
    datagram(seq, b"").arrival
}

/// A session whose sink a test feeds.
pub(crate) fn begin(store: &Store, when_full: WhenFull) -> (SessionId, StoreSink) {
    let session = store.begin_session(replay("1")).unwrap();
    (session, store.sink(session, when_full))
}

/// Stores these datagrams as a session of their own, read by a pipeline.
pub(crate) fn store_all<'a>(store: &Store, datagrams: impl IntoIterator<Item = &'a [u8]>) -> SessionId {
    let (session, sink) = begin(store, WhenFull::Wait);
    let mut pipeline = Pipeline::new(PipelineConfig::default(), sink);
    for (seq, bytes) in (1..).zip(datagrams) {
        pipeline.ingest(&datagram(seq, bytes));
    }
    pipeline.finish().finish(Timestamp(START + 1)).unwrap();
    store.flush().unwrap();
    session
}

pub(crate) fn count(store: &Store, table: &str) -> u64 {
    let counts = store.counts().unwrap();
    counts.iter().find(|(name, _)| *name == table).unwrap_or_else(|| panic!("no table {table}")).1
}

/// Does what another program, or a hand, could do to the database.
pub(crate) fn execute(path: &Path, sql: &str) {
    let mut connection = SqliteConnection::establish(path.to_str().unwrap()).unwrap();
    connection
        .batch_execute(&format!("PRAGMA busy_timeout = 5000; PRAGMA foreign_keys = ON; {sql}"))
        .unwrap();
}

/// Looks every 10 ms for at most 30 s.
#[track_caller]
pub(crate) fn until(what: &str, mut holds: impl FnMut() -> bool) {
    for _ in 0..3000 {
        if holds() {
            return;
        }
        thread::sleep(Duration::from_millis(10));
    }
    panic!("waited in vain until {what}");
}

/// Remembers what a pipeline said.
#[derive(Default)]
pub(crate) struct Heard {
    pub(crate) datagrams: Vec<Vec<u8>>,
    pub(crate) messages: Vec<HeardMessage>,
    pub(crate) events: Vec<MatchEvent>,
    pub(crate) matches: BTreeMap<u32, MatchSummary>,
}

pub(crate) struct HeardMessage {
    pub(crate) seq: u64,
    pub(crate) index: u32,
    pub(crate) raw: Vec<u8>,
    pub(crate) code: Option<String>,
    pub(crate) status: RecognitionStatus,
    pub(crate) findings: usize,
}

impl Sink for Heard {
    fn datagram(&mut self, datagram: &Datagram<'_>) {
        self.datagrams.push(datagram.bytes.to_vec());
    }

    fn record(&mut self, record: &Record<'_>) {
        self.messages.push(HeardMessage {
            seq: record.datagram.seq,
            index: record.index,
            raw: record.raw().to_vec(),
            code: record.code.map(|code| code.to_string()),
            status: record.status,
            findings: record.findings.len(),
        });
    }

    fn event(&mut self, event: &MatchEvent) {
        self.events.push(event.clone());
    }

    fn match_changed(&mut self, summary: &MatchSummary) {
        self.matches.insert(summary.index, summary.clone());
    }
}

/// Links each point to the athlete's hit before it: enough to see that links are kept.
#[derive(Default)]
pub(crate) struct LastHit {
    hits: PerAthlete<Option<EventKey>>,
    found: VecDeque<(EventKey, EventKey)>,
}

impl Sink for LastHit {
    fn event(&mut self, event: &MatchEvent) {
        match event.kind {
            EventKind::Hit { athlete, .. } => self.hits[athlete] = Some(event.key),
            EventKind::Point { athlete, .. } => {
                let hit = self.hits[athlete].take().filter(|hit| hit.match_index == event.key.match_index);
                self.found.extend(hit.map(|hit| (hit, event.key)));
            }
            _ => {}
        }
    }
}

impl Linker for LastHit {
    fn next_link(&mut self) -> Option<(EventKey, EventKey)> {
        self.found.pop_front()
    }

    fn settle(&mut self) {}
}

/// A pipeline into a session, with links.
pub(crate) struct Feed(Pipeline<Both<StoreSink, LastHit>>);

impl Feed {
    pub(crate) fn new(sink: StoreSink) -> Self {
        Self(Pipeline::new(PipelineConfig::default(), Both(sink, LastHit::default())))
    }

    pub(crate) fn take(&mut self, datagram: &Datagram<'_>) {
        self.0.ingest(datagram);
        let Both(sink, linker) = self.0.sink_mut();
        sink.processed(Duration::from_micros(datagram.seq % 50));
        sink.take_links(linker);
    }

    pub(crate) fn push(&mut self) {
        self.0.sink_mut().0.push();
    }

    /// The sink, with all that was open settled.
    pub(crate) fn finish(self) -> StoreSink {
        let Both(mut sink, mut linker) = self.0.finish();
        sink.take_links(&mut linker);
        sink
    }
}

/// Changes what is stored behind the store's back, as a damaged or older reading would have left it.
pub(crate) fn sql(store: &Store, statements: &str) {
    let mut connection = SqliteConnection::establish(store.path().to_str().unwrap()).unwrap();
    connection.batch_execute("PRAGMA foreign_keys = ON; PRAGMA busy_timeout = 5000").unwrap();
    connection.batch_execute(statements).unwrap();
}
