//! A session on its way into the store.

use std::{fmt, mem, sync::Arc, time::Duration};

use pss_protocol::{
    Datagram, EventKey, EventKind, Flow, Linker, MatchEvent, MatchSummary, Message, Monotonic, Record, Sink,
    Timestamp,
};

use crate::{
    SessionId, StoreError,
    batch::{Batch, Link, Place},
    queue::Queue,
};

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
    batch: Batch,
    /// The match that the last message belongs to.
    match_index: Option<u32>,
    /// The round that the last message belongs to, and the datagram that began it.
    round: Option<(u32, u64)>,
    /// The datagram that arrived last.
    last_seq: u64,
    lost: u64,
    reason: Option<String>,
}

impl StoreSink {
    pub(crate) fn new(queue: Arc<Queue>, session: SessionId, when_full: WhenFull) -> Self {
        Self {
            queue,
            when_full,
            batch: Batch::new(session.0),
            match_index: None,
            round: None,
            last_seq: 0,
            lost: 0,
            reason: None,
        }
    }

    /// The session that it writes.
    pub fn session(&self) -> SessionId {
        SessionId(self.batch.session)
    }

    /// Says which point a hit led to. Call it after both events went through this sink.
    pub fn link(&mut self, hit: EventKey, point: EventKey) {
        self.batch.links.push(Link { hit, point: point.id });
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
        let messages = self.batch.messages.iter_mut().rev();
        let of_datagram: Vec<_> = messages.take_while(|message| message.seq == self.last_seq).collect();
        let share = took.as_micros() as u64 / (of_datagram.len() as u64).max(1);
        for message in of_datagram {
            message.processing_us = Some(share);
        }
        self.push_when_live();
    }

    /// Hands over what was collected. Waits for room where the sink was made to wait.
    pub fn push(&mut self) {
        if self.batch.is_empty() {
            return;
        }
        let next = Batch::new(self.batch.session);
        let batch = mem::replace(&mut self.batch, next);
        let datagrams = batch.datagrams.len() as u64;
        if let Err(error) = self.queue.push(batch, self.when_full) {
            self.lost += datagrams;
            self.reason = Some(error.to_string());
        }
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
        self.batch.ended = Some(ended_at);
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

    /// From the datagram `from` on all is of `round`, up to where another round began since.
    fn set_round(&mut self, from: u64, round: u32) {
        match self.round {
            Some((known, _)) if known == round => {}
            Some((_, since)) if since > from => self.batch.place(from, since, Place::Round(round)),
            _ => {
                self.batch.place(from, self.last_seq + 1, Place::Round(round));
                self.round = Some((round, from));
            }
        }
    }
}

impl Sink for StoreSink {
    fn datagram(&mut self, datagram: &Datagram<'_>) {
        if self.when_full == WhenFull::Drop || self.batch.datagrams.len() >= DATAGRAMS_PER_PUSH {
            self.push();
        }
        self.last_seq = datagram.seq;
        self.batch.add_datagram(datagram);
    }

    fn record(&mut self, record: &Record<'_>) {
        let of_match = matches!(record.datagram.flow, Flow::Broadcast | Flow::Answer);
        if let (true, Message::Round { round: Some(round) }) = (of_match, record.message) {
            self.round = Some((*round, record.datagram.seq));
        }
        self.batch.add_message(record, self.match_index, self.round.map(|(round, _)| round));
    }

    fn event(&mut self, event: &MatchEvent) {
        // Events settle after their messages: what arrived since the evidence is put right here.
        let from = event.evidence.map_or(self.last_seq + 1, |evidence| evidence.seq);
        if let Some(index) = event.key.match_index
            && self.match_index != Some(index)
        {
            self.match_index = Some(index);
            self.batch.place(from, self.last_seq + 1, Place::Match(index));
        }
        if matches!(event.kind, EventKind::RoundStarted) {
            self.set_round(from, event.round);
        }
        self.batch.events.push(event.clone());
    }

    fn match_changed(&mut self, summary: &MatchSummary) {
        self.batch.add_match(summary);
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
            .field("session", &self.batch.session)
            .field("when_full", &self.when_full)
            .field("lost", &self.lost)
            .finish_non_exhaustive()
    }
}

/// Enough to make the hand-over cheap, little enough to keep the writer busy all the time.
const DATAGRAMS_PER_PUSH: usize = 512;
