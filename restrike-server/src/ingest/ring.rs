//! One ring's processing thread: from the inbox through journal and pipeline to store and bus.

use std::{
    fmt::Write as _,
    net::IpAddr,
    sync::{
        Arc,
        atomic::Ordering::{Relaxed, Release},
    },
    time::Duration,
};

use pss_protocol::{
    Both, Datagram, Flow, Message, Monotonic, Pipeline, PipelineConfig, Timestamp, capture::Line, parse,
};
use pss_store::StoreSink;

use super::{
    Received,
    ask::Asker,
    guard::{Guard, Verdict},
    inbox::{Batch, Inbox},
    publisher::Publisher,
    status::RingStatus,
    tally::Tally,
};
use crate::{clock::Clock, journal::Journal, rules::RuleFeed};

/// How often the pipeline is told the time while something may be about to settle.
const TICK: Duration = Duration::from_millis(10);

/// How often while nothing has arrived for [`SETTLED`].
const IDLE_TICK: Duration = Duration::from_millis(250);

/// After so long without a datagram nothing waits for its neighbours any more.
const SETTLED: Duration = Duration::from_secs(2);

/// A sender that was heard within this time speaks.
const SPEAKS: Duration = Duration::from_secs(10);

/// Where a ring's datagrams go.
type Outlets = Both<StoreSink, Both<Publisher, Tally>>;

/// Everything that one ring's thread owns.
pub(super) struct Ring {
    parts: RingParts,
    pipeline: Pipeline<Outlets>,
    /// The number of the last datagram.
    seq: u64,
    /// The latest time that the pipeline was told.
    told: Monotonic,
    /// When the sender was heard last.
    heard: Option<Monotonic>,
    /// Journal lines that were not handed over yet.
    lines: String,
    /// The rules that the pipeline has.
    rules_seen: u64,
}

/// What a [`Ring`] works with.
pub(super) struct RingParts {
    pub(super) inbox: Arc<Inbox>,
    pub(super) status: Arc<RingStatus>,
    pub(super) guard: Guard,
    pub(super) clock: Clock,
    pub(super) journal: Journal,
    pub(super) rules: Arc<RuleFeed>,
    pub(super) asker: Option<Asker>,
}

impl Ring {
    pub(super) fn new(
        parts: RingParts,
        reading: PipelineConfig,
        store: StoreSink,
        publisher: Publisher,
        tally: Tally,
    ) -> Self {
        let outlets = Both(store, Both(publisher, tally));
        Self {
            parts,
            pipeline: Pipeline::new(reading, outlets),
            seq: 0,
            told: Monotonic::default(),
            heard: None,
            lines: String::new(),
            rules_seen: 0,
        }
    }

    /// Works until the inbox is closed and empty, then settles what is open.
    pub(super) fn run(mut self) {
        let _watch = Watch { inbox: Arc::clone(&self.parts.inbox), status: Arc::clone(&self.parts.status) };
        let mut batch = Batch::default();
        loop {
            let now = self.parts.clock.mono();
            let quiet = self.heard.is_none_or(|heard| now.since(heard) > SETTLED);
            let more = self.parts.inbox.take(&mut batch, if quiet { IDLE_TICK } else { TICK });
            if let Some(rules) = self.parts.rules.newer(&mut self.rules_seen) {
                self.pipeline.replace_rule_book(rules);
            }
            for (datagram, flow) in batch.iter() {
                self.take(datagram, flow);
            }
            self.parts.journal.append(std::mem::take(&mut self.lines));
            if !more {
                break;
            }
            self.told = self.told.max(self.parts.clock.mono());
            self.pipeline.tick(self.told);
            self.publish();
        }
        self.finish();
    }

    /// One datagram: is it the sender's, then to the journal, then through the pipeline.
    fn take(&mut self, received: Received<'_>, flow: Flow) {
        let status = &self.parts.status;
        let Received { mut arrival, source, bytes } = received;
        match flow {
            Flow::Answer => {
                if self.parts.guard.address() != Some(source.ip()) {
                    return refuse(status, source.ip());
                }
                if let Some(asker) = &mut self.parts.asker {
                    asker.answered();
                }
            }
            _ => match self.parts.guard.judge(source, arrival.mono, || speaks(bytes)) {
                Verdict::Refused => return refuse(status, source.ip()),
                Verdict::Unknown | Verdict::Sender => {}
                Verdict::Connected => {
                    tracing::info!(ring = status.name(), %source, "the sender is connected");
                    status.connections.fetch_add(1, Relaxed);
                    status.set_text(|text| text.sender = Some(source.ip()));
                }
                Verdict::Second => {
                    if status.second_sender.fetch_add(1, Relaxed) == 0 {
                        tracing::warn!(ring = status.name(), %source, "two programs send from the sender's address");
                    }
                }
            },
        }
        status.received.fetch_add(1, Relaxed);
        status.received_bytes.fetch_add(bytes.len() as u64, Relaxed);
        // Two sockets are stamped by two threads, and a tick may have overtaken both; the pipeline's time never
        // goes back. The journal keeps the time that the pipeline saw, so that it gives the same match again.
        arrival.mono = arrival.mono.max(self.told);
        self.told = arrival.mono;
        self.heard = Some(arrival.mono);
        self.seq += 1;
        let datagram = Datagram { seq: self.seq, arrival, source: Some(source), flow, bytes };
        let destination = (flow == Flow::Broadcast).then(|| status.listen());
        writeln!(self.lines, "{}", Line::from(&datagram).to(destination)).expect("a String takes everything");
        let began = self.parts.clock.mono();
        self.pipeline.ingest(&datagram);
        let took = self.parts.clock.mono().since(began);
        self.pipeline.sink_mut().0.processed(took);
        self.hand_over_links();
    }

    /// Shows what is new, and asks the sender for what is missing.
    fn publish(&mut self) {
        self.hand_over_links();
        let state = self.pipeline.snapshot();
        if let Some(asker) = &mut self.parts.asker {
            let speaks = self.heard.is_some_and(|heard| self.told.since(heard) < SPEAKS);
            let word = asker.poll(self.told, speaks, &state);
            self.parts.status.set_text(|text| text.requests = Some(word));
        }
        let Both(store, Both(publisher, tally)) = self.pipeline.sink_mut();
        publisher.publish(state);
        tally.hand_over(self.told);
        let status = &self.parts.status;
        // In this order: who sees a loss sees a number that is not below it.
        status.last_seq.store(self.seq, Relaxed);
        status.store_lost.store(store.lost(), Release);
    }

    fn hand_over_links(&mut self) {
        let Both(store, Both(publisher, tally)) = self.pipeline.sink_mut();
        hand_over_links(store, publisher, tally);
    }

    fn finish(self) {
        let state = self.pipeline.snapshot();
        let Both(mut store, Both(mut publisher, mut tally)) = self.pipeline.finish();
        tally.settle();
        hand_over_links(&mut store, &mut publisher, &mut tally);
        publisher.publish(state);
        let status = &self.parts.status;
        if store.lost() > status.store_refilled.load(Relaxed) {
            // Without an end the session is filled up from the journal when the server starts the next time.
            tracing::error!(
                ring = status.name(),
                lost = store.lost(),
                "the session is not complete in the database; the next start completes it from the journal"
            );
            return;
        }
        let now = self.parts.clock.now().wall.unwrap_or(Timestamp(0));
        if let Err(error) = store.finish(now) {
            tracing::error!(ring = self.parts.status.name(), %error, "the session is not complete in the database");
        }
    }
}

/// Makes a defect of this program visible, and keeps it to the ring that it hit.
struct Watch {
    inbox: Arc<Inbox>,
    status: Arc<RingStatus>,
}

impl Drop for Watch {
    fn drop(&mut self) {
        if std::thread::panicking() {
            self.status.panicked.store(true, Relaxed);
            self.inbox.abandon();
        }
    }
}

fn hand_over_links(store: &mut StoreSink, publisher: &mut Publisher, tally: &mut Tally) {
    tally.drain_links(|hit, point| {
        store.link(hit, point);
        publisher.link(hit, point);
    });
}

fn refuse(status: &RingStatus, source: IpAddr) {
    if status.refused.fetch_add(1, Relaxed) == 0 {
        tracing::warn!(ring = status.name(), %source, "a datagram that is not from the sender was refused");
    }
    status.set_text(|text| text.last_refused = Some(source));
}

/// Whether a datagram holds something that only a scoring system says. Anybody may send JSON, and a scoring system
/// that sends it says more than that.
fn speaks(bytes: &[u8]) -> bool {
    parse(bytes).any(|parsed| {
        !matches!(
            parsed.message,
            Message::Unknown { .. }
                | Message::Garbage { .. }
                | Message::Malformed { .. }
                | Message::Request { .. }
                | Message::Json { .. }
        )
    })
}
