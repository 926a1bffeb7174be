//! A session on its way into the store.

use std::{fmt, mem, sync::Arc, time::Duration};

use pss_protocol::{
    Datagram, EventKey, Linker, MatchEvent, MatchSummary, Monotonic, Record, Sink, Timestamp,
};

use crate::{SessionId, StoreError, assembly::Assembly, batch::Batch, queue::Queue};

/// What a sink does when the writer's queue is full.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum WhenFull {
    /// The live path: never waits. What does not fit is counted and shown as degraded.
    Drop,
    /// A replay: waits for room, so that reading slows down to what the disk can take.
    Wait,
}

/// Takes what a [`Pipeline`](pss_protocol::Pipeline) makes of a session's datagrams and hands it to the writer.
///
/// It copies what is borrowed and does nothing else on the caller's thread. A live sink
/// ([`WhenFull::Drop`]) hands over each datagram with all that came of it when it is told that the datagram
/// is [processed](Self::processed), at the next datagram, or at a tick, whichever comes first; a waiting sink
/// collects 512 datagrams. [`push`](Self::push) hands over at once, [`finish`](Self::finish) ends the session.
pub struct StoreSink {
    queue: Arc<Queue>,
    when_full: WhenFull,
    assembly: Assembly,
    lost: u64,
    /// Events were lost too.
    torn: bool,
    reason: Option<String>,
}

impl StoreSink {
    pub(crate) fn new(queue: Arc<Queue>, session: SessionId, when_full: WhenFull) -> Self {
        Self { queue, when_full, assembly: Assembly::new(session.0), lost: 0, torn: false, reason: None }
    }

    /// The session that it writes.
    pub fn session(&self) -> SessionId {
        SessionId(self.assembly.batch.session)
    }

    /// Says which point a hit led to. Call it after both events went through this sink.
    pub fn link(&mut self, hit: EventKey, point: EventKey) {
        self.assembly.link(hit, point);
    }

    /// Says all that `linker` has found. Call it where the events went through this sink first.
    pub fn take_links(&mut self, linker: &mut impl Linker) {
        while let Some((hit, point)) = linker.next_link() {
            self.link(hit, point);
        }
    }

    /// Says how long the last datagram's way through the pipeline took; its messages share the time equally.
    /// A live sink then hands the datagram over.
    pub fn processed(&mut self, took: Duration) {
        let messages = self.assembly.batch.messages.iter_mut().rev();
        let of_datagram: Vec<_> =
            messages.take_while(|message| message.seq == self.assembly.last_seq).collect();
        let share = took.as_micros() as u64 / (of_datagram.len() as u64).max(1);
        for message in of_datagram {
            message.processing_us = Some(share);
        }
        self.push_when_live();
    }

    /// Hands over what was collected. Waits for room where the sink was made to wait.
    pub fn push(&mut self) {
        if self.assembly.batch.is_empty() {
            return;
        }
        let next = Batch::new(self.assembly.batch.session);
        let batch = mem::replace(&mut self.assembly.batch, next);
        let datagrams = batch.datagrams.len() as u64;
        match self.queue.push(batch, self.when_full) {
            Err(refused) => {
                self.lost += datagrams;
                self.reason = Some(refused.error.to_string());
                self.keep(*refused.batch);
            }
            Ok(()) if self.lost == 0 && !self.torn => self.reason = None,
            Ok(()) => {}
        }
    }

    /// What found no room and is not in the datagrams goes with the next push: it is little, and once lost it would
    /// be missing until the session is read again as a whole.
    fn keep(&mut self, mut refused: Batch) {
        if refused.events.len() > MOST_EVENTS_KEPT {
            refused.events.clear();
            refused.links.clear();
            self.torn = true;
        }
        let batch = &mut self.assembly.batch;
        batch.events = refused.events;
        batch.links = refused.links;
        batch.placements = refused.placements;
        batch.matches = refused.matches;
        batch.ended = refused.ended;
    }

    /// How many datagrams of this session found no room.
    pub fn lost(&self) -> u64 {
        self.lost
    }

    /// Ends the session at `ended_at` and hands over the rest. [`Store::flush`](crate::Store::flush) then
    /// tells when all of it is durable.
    ///
    /// # Errors
    ///
    /// [`StoreError::Lost`] when something of this session found no room in the queue.
    pub fn finish(mut self, ended_at: Timestamp) -> Result<(), StoreError> {
        // Without an end it is read again as a whole when the program starts the next time.
        self.assembly.batch.ended = (!self.torn).then_some(ended_at);
        self.push();
        match self.reason.take() {
            Some(reason) => Err(StoreError::Lost { lost: self.lost, reason }),
            None => Ok(()),
        }
    }

    fn push_when_live(&mut self) {
        if self.when_full == WhenFull::Drop {
            self.push();
        }
    }
}

impl Sink for StoreSink {
    fn datagram(&mut self, datagram: &Datagram<'_>) {
        if self.when_full == WhenFull::Drop || self.assembly.batch.datagrams.len() >= DATAGRAMS_PER_PUSH {
            self.push();
        }
        self.assembly.datagram(datagram);
        self.assembly.batch.add_datagram(datagram);
    }

    fn record(&mut self, record: &Record<'_>) {
        self.assembly.record(record);
    }

    fn event(&mut self, event: &MatchEvent) {
        self.assembly.event(event);
    }

    fn match_changed(&mut self, summary: &MatchSummary) {
        self.assembly.match_changed(summary);
    }

    fn tick(&mut self, _now: Monotonic) {
        self.push_when_live();
    }
}

impl Drop for StoreSink {
    /// Hands over the rest. The session stays without an end.
    fn drop(&mut self) {
        self.push();
    }
}

impl fmt::Debug for StoreSink {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("StoreSink")
            .field("session", &self.assembly.batch.session)
            .field("when_full", &self.when_full)
            .field("lost", &self.lost)
            .finish_non_exhaustive()
    }
}

/// Enough to make the hand-over cheap, little enough to keep the writer busy all the time.
const DATAGRAMS_PER_PUSH: usize = 512;

/// So many events happen in days; more of them come from garbage.
const MOST_EVENTS_KEPT: usize = 65_536;
