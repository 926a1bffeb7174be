//! A day of matches: the captures one after the other, as often as is asked for.

use std::time::Duration;

use hitlevel::HitLinker;
use pss_protocol::{
    Arrival, Both, Datagram, Flow, FlowClassifier, Linker as _, Monotonic, Pipeline, PipelineConfig,
    Timestamp,
};
use pss_store::{NewSession, SessionId, SessionKind, Store, StoreSink, WhenFull};

use crate::listing::{self, Recorded};

/// The captures in one session, a minute between them.
#[derive(Clone, Debug)]
pub struct Day {
    recorded: Vec<(Recorded, Flow)>,
    length: u64,
}

/// When every day begins: 2026-11-22 08:00 UTC.
pub const BEGIN: Timestamp = Timestamp(1_795_334_400_000_000);

const PAUSE: u64 = 60_000_000;

impl Day {
    /// All captures of the corpus.
    ///
    /// # Panics
    ///
    /// When the captures are not there or not in their notation.
    pub fn captures() -> Self {
        let mut recorded: Vec<(Recorded, Flow)> = Vec::new();
        for name in listing::names(listing::CORPUS.as_ref()).expect("the corpus is there") {
            let mut flows = FlowClassifier::new();
            let begin = recorded.last().map_or(0, |(last, _)| last.micros + PAUSE);
            for mut datagram in
                listing::read(listing::CORPUS.as_ref(), &name).expect("the corpus can be read")
            {
                let flow = flows.classify(Some(datagram.source), Some(datagram.destination), &datagram.bytes);
                datagram.micros += begin;
                recorded.push((datagram, flow));
            }
        }
        let length = recorded.last().map_or(0, |(last, _)| last.micros + PAUSE);
        Self { recorded, length }
    }

    /// The first `count` datagrams of the captures, over and over, numbered from 1.
    pub fn datagrams(&self, count: usize) -> impl Iterator<Item = Datagram<'_>> {
        let offsets = (0..).map(|round: u64| round * self.length);
        let all = offsets
            .flat_map(|offset| self.recorded.iter().map(move |(datagram, flow)| (offset, datagram, *flow)));
        (1..).zip(all).take(count).map(|(seq, (offset, datagram, flow))| {
            let micros = offset + datagram.micros;
            Datagram {
                seq,
                arrival: Arrival {
                    wall: Some(Timestamp(BEGIN.0 + micros as i64)),
                    mono: Monotonic::from_micros(micros),
                },
                source: Some(datagram.source),
                flow,
                bytes: &datagram.bytes,
            }
        })
    }

    /// How many bytes the first `count` datagrams hold.
    pub fn bytes(&self, count: usize) -> u64 {
        self.datagrams(count).map(|datagram| datagram.bytes.len() as u64).sum()
    }
}

/// Begins a session without a file behind it.
///
/// # Panics
///
/// When the store cannot be written.
pub fn begin(store: &Store, ring: &str, kind: SessionKind) -> SessionId {
    let new = NewSession {
        ring,
        kind,
        origin: None,
        digest: None,
        again: false,
        started_at: BEGIN,
        reading: PipelineConfig::default(),
    };
    store.begin_session(new).expect("a new database takes a session")
}

/// A pipeline into a store, as both binaries build it.
pub type Way = Pipeline<Both<StoreSink, HitLinker>>;

/// The way of a session's datagrams into a store.
pub fn way(store: &Store, session: SessionId, when_full: WhenFull) -> Way {
    Pipeline::new(PipelineConfig::default(), Both(store.sink(session, when_full), HitLinker::default()))
}

/// One datagram on its way.
pub fn ingest(way: &mut Way, datagram: &Datagram<'_>) {
    way.ingest(datagram);
    let Both(sink, linker) = way.sink_mut();
    sink.processed(Duration::from_micros(10));
    while let Some((hit, point)) = linker.next_link() {
        sink.link(hit, point);
    }
}

/// Ends a session and waits until it is durable.
///
/// # Panics
///
/// When something of it could not be stored.
pub fn finish(store: &Store, way: Way) {
    let Both(mut sink, mut linker) = way.finish();
    linker.settle();
    while let Some((hit, point)) = linker.next_link() {
        sink.link(hit, point);
    }
    sink.finish(BEGIN).expect("nothing was lost");
    store.flush().expect("the disk takes it");
}
