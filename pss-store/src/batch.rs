//! What waits for the writer: everything that one session said since the last push, in owned form.

use std::{net::SocketAddr, ops::Range};

use pss_protocol::{
    Arrival, Code, Datagram, EventKey, Finding, Flow, MatchEvent, MatchSummary, Message, RecognitionStatus,
    Record, Severity, Span, Timestamp,
};

use crate::NewPssEvent;

/// A part of a session that is stored as a whole or not at all.
///
/// The rows lie by table, because the writer fills one table after the other; the datagrams share one buffer.
#[derive(Debug)]
pub(crate) struct Batch {
    pub(crate) session: i64,
    pub(crate) datagrams: Vec<DatagramItem>,
    pub(crate) messages: Vec<MessageItem>,
    pub(crate) placements: Vec<Placement>,
    pub(crate) events: Vec<MatchEvent>,
    pub(crate) links: Vec<Link>,
    /// The last summary of each match.
    pub(crate) matches: Vec<MatchSummary>,
    pub(crate) ended: Option<Timestamp>,
    bytes: Vec<u8>,
}

#[derive(Debug)]
pub(crate) struct DatagramItem {
    pub(crate) seq: u64,
    pub(crate) arrival: Arrival,
    pub(crate) source: Option<SocketAddr>,
    pub(crate) flow: Flow,
    bytes: Range<usize>,
}

#[derive(Debug)]
pub(crate) struct MessageItem {
    pub(crate) seq: u64,
    pub(crate) index: u32,
    pub(crate) span: Span,
    pub(crate) arrived_at: Option<Timestamp>,
    pub(crate) match_index: Option<u32>,
    pub(crate) round: Option<u32>,
    pub(crate) code: Option<Code>,
    pub(crate) status: RecognitionStatus,
    pub(crate) confidence: f32,
    pub(crate) protocol_version: &'static str,
    pub(crate) findings: Vec<Finding>,
    pub(crate) processing_us: Option<u64>,
    /// Name and value.
    pub(crate) detail: Option<(&'static str, String)>,
}

/// Messages that are in the database already and belong elsewhere, as an event says that settled after them.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Placement {
    /// The first datagram.
    pub(crate) from: u64,
    /// The datagram after the last.
    pub(crate) until: u64,
    pub(crate) place: Place,
}

#[derive(Clone, Copy, Debug)]
pub(crate) enum Place {
    Match(u32),
    Round(u32),
}

/// A hit that led to a point of the same match.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Link {
    pub(crate) hit: EventKey,
    pub(crate) point: u32,
}

impl Batch {
    pub(crate) fn new(session: i64) -> Self {
        Self {
            session,
            datagrams: Vec::new(),
            messages: Vec::new(),
            placements: Vec::new(),
            events: Vec::new(),
            links: Vec::new(),
            matches: Vec::new(),
            ended: None,
            bytes: Vec::new(),
        }
    }

    /// What it counts in the queue.
    pub(crate) fn weight(&self) -> usize {
        self.datagrams.len().max(1)
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.datagrams.is_empty()
            && self.messages.is_empty()
            && self.placements.is_empty()
            && self.events.is_empty()
            && self.links.is_empty()
            && self.matches.is_empty()
            && self.ended.is_none()
    }

    pub(crate) fn add_datagram(&mut self, datagram: &Datagram<'_>) {
        let start = self.bytes.len();
        self.bytes.extend_from_slice(datagram.bytes);
        self.datagrams.push(DatagramItem {
            seq: datagram.seq,
            arrival: datagram.arrival,
            source: datagram.source,
            flow: datagram.flow,
            bytes: start..self.bytes.len(),
        });
    }

    pub(crate) fn add_message(&mut self, record: &Record<'_>, match_index: Option<u32>, round: Option<u32>) {
        self.messages.push(MessageItem {
            seq: record.datagram.seq,
            index: record.index,
            span: record.span,
            arrived_at: record.datagram.arrival.wall,
            match_index,
            round,
            code: record.code,
            status: record.status,
            confidence: record.confidence,
            protocol_version: record.protocol_version,
            findings: record.findings.to_vec(),
            processing_us: None,
            detail: detail(record),
        });
    }

    /// A message that no pipeline read.
    pub(crate) fn add_event(&mut self, event: &NewPssEvent<'_>) {
        self.messages.push(MessageItem {
            seq: event.datagram.seq,
            index: event.index,
            span: event.span,
            arrived_at: event.datagram.arrival.wall,
            match_index: event.match_index,
            round: event.round,
            code: event.code,
            status: event.status,
            confidence: event.confidence,
            protocol_version: event.dialect.as_str(),
            findings: event.findings.to_vec(),
            processing_us: event.processing.map(|took| took.as_micros() as u64),
            detail: None,
        });
    }

    /// Puts the messages of the datagrams `from..until` where they belong, also those that left before.
    pub(crate) fn place(&mut self, from: u64, until: u64, place: Place) {
        let of_batch = self.messages.first().map_or(until, |message| message.seq).min(until);
        if from < of_batch {
            self.placements.push(Placement { from, until: of_batch, place });
        }
        for message in self.messages.iter_mut().rev().take_while(|message| message.seq >= from) {
            if message.seq < until {
                match place {
                    Place::Match(index) => message.match_index = Some(index),
                    Place::Round(round) => message.round = Some(round),
                }
            }
        }
    }

    /// Keeps only the last summary of each match.
    pub(crate) fn add_match(&mut self, summary: &MatchSummary) {
        match self.matches.iter_mut().rev().find(|known| known.index == summary.index) {
            Some(known) => known.clone_from(summary),
            None => self.matches.push(summary.clone()),
        }
    }

    pub(crate) fn bytes(&self, item: &DatagramItem) -> &[u8] {
        &self.bytes[item.bytes.clone()]
    }

    /// What arrived of a message; `None` where its datagram is not of this batch.
    pub(crate) fn message_bytes(&self, message: &MessageItem) -> Option<&[u8]> {
        // The datagrams are in the order of their arrival.
        let place = self.datagrams.binary_search_by_key(&message.seq, |datagram| datagram.seq).ok()?;
        self.bytes(&self.datagrams[place]).get(message.span.range())
    }
}

impl MessageItem {
    pub(crate) fn has_error(&self) -> bool {
        self.findings.iter().any(|finding| finding.severity == Severity::Error)
    }
}

/// What a message says beyond its bytes and its columns. The reading of a message that is not whole depends
/// on what its sender said before, so it is kept; what is recognized can be read again at any time.
fn detail(record: &Record<'_>) -> Option<(&'static str, String)> {
    match (record.status, record.message) {
        (RecognitionStatus::Partial | RecognitionStatus::Deprecated, message) => Some((
            "message",
            serde_json::to_string(message).expect("a message holds nothing that JSON cannot say"),
        )),
        (RecognitionStatus::Unknown, Message::Unknown { code, .. }) => {
            Some(("code", code.decode().into_owned()))
        }
        _ => None,
    }
}
