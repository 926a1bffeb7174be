//! From the pipeline to the bus.

use std::{collections::VecDeque, sync::Arc};

use pss_protocol::{EventKey, EventKind, MatchEvent, MessageKey, Record, Sink, Snapshot, feed::FeedEvent};
use serde_json::value::{RawValue, to_raw_value};

use crate::bus::{Bus, Unnumbered};

/// Makes frames of a ring's events; they are published together when the batch that they came of is done.
#[derive(Debug)]
pub(super) struct Publisher {
    bus: Arc<Bus>,
    ring: usize,
    messages: RecentMessages,
    /// The last hits, which may still be linked to a point, and their bytes.
    hits: VecDeque<(MatchEvent, Option<Vec<u8>>)>,
    shown: Snapshot,
    pending: Vec<Unnumbered>,
}

impl Publisher {
    /// Hits that are kept to be told again; a few times what the linker considers.
    const HITS: usize = 64;

    pub(super) fn new(bus: Arc<Bus>, ring: usize) -> Self {
        Self {
            bus,
            ring,
            messages: RecentMessages::default(),
            hits: VecDeque::new(),
            shown: Snapshot::default(),
            pending: Vec::new(),
        }
    }

    /// Tells a hit again, now with the point that it scored.
    pub(super) fn link(&mut self, hit: EventKey, point: EventKey) {
        let Some(index) = self.hits.iter().position(|(event, _)| event.key == hit) else { return };
        let Some((hit, raw)) = self.hits.remove(index) else { return };
        let event = FeedEvent::new(&hit, raw.as_deref()).linked(&hit, point.id);
        self.pending.push(Unnumbered::Event(hit.key, encode(&event)));
    }

    /// Publishes what came together, and the state if it shows anything new.
    pub(super) fn publish(&mut self, state: Snapshot) {
        if state != self.shown {
            self.shown = state.clone();
            self.pending.push(Unnumbered::State(Box::new(state)));
        }
        if !self.pending.is_empty() {
            self.bus.publish(self.ring, self.pending.drain(..));
        }
    }
}

impl Sink for Publisher {
    fn record(&mut self, record: &Record<'_>) {
        let key = MessageKey { seq: record.datagram.seq, index: record.index };
        self.messages.push(key, record.raw());
    }

    fn event(&mut self, event: &MatchEvent) {
        let raw = event.evidence.and_then(|evidence| self.messages.get(evidence));
        let data = encode(&FeedEvent::new(event, raw));
        if matches!(event.kind, EventKind::Hit { .. }) {
            let raw = raw.map(<[u8]>::to_vec);
            self.hits.truncate(Self::HITS - 1);
            self.hits.push_front((event.clone(), raw));
        }
        self.pending.push(Unnumbered::Event(event.key, data));
    }
}

fn encode(event: &FeedEvent<'_>) -> Box<RawValue> {
    to_raw_value(event).expect("events have string keys and no failing serializer")
}

/// The bytes of the messages that events may still name: an event settles after its message.
#[derive(Debug, Default)]
struct RecentMessages {
    entries: VecDeque<(MessageKey, Vec<u8>)>,
    bytes: usize,
}

impl RecentMessages {
    /// More than arrives within the reorder window at any rate that a ring can have.
    const MOST: usize = 8192;
    const MOST_BYTES: usize = 1024 * 1024;

    fn push(&mut self, key: MessageKey, raw: &[u8]) {
        let mut buffer = Vec::new();
        while self.entries.len() >= Self::MOST || self.bytes > Self::MOST_BYTES {
            let Some((_, oldest)) = self.entries.pop_front() else { break };
            self.bytes -= oldest.len();
            buffer = oldest;
        }
        buffer.clear();
        buffer.extend_from_slice(raw);
        self.bytes += raw.len();
        self.entries.push_back((key, buffer));
    }

    fn get(&self, key: MessageKey) -> Option<&[u8]> {
        let index = self.entries.binary_search_by_key(&key, |(key, _)| *key).ok()?;
        Some(&self.entries[index].1)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn remembers_the_last_messages_within_bounds() {
        let key = |seq| MessageKey { seq, index: 0 };
        let mut recent = RecentMessages::default();
        for seq in 0..10_000 {
            recent.push(key(seq), seq.to_string().as_bytes());
        }
        assert_eq!(recent.entries.len(), RecentMessages::MOST);
        assert_eq!(recent.get(key(9_999)), Some(&b"9999"[..]));
        assert_eq!(recent.get(key(10_000 - RecentMessages::MOST as u64 - 1)), None);
        for seq in 10_000..10_100 {
            recent.push(key(seq), &[0; 65_507]);
        }
        assert!(recent.bytes <= RecentMessages::MOST_BYTES + 65_507);
        assert_eq!(recent.bytes, recent.entries.iter().map(|(_, bytes)| bytes.len()).sum::<usize>());
    }
}
