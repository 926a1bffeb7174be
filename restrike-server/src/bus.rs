//! The live feed inside the process: what is now, what came last, and who waits for more.
//!
//! Every frame is serialized once and shared by all clients. A client is nothing but its position: it reads
//! from the same short history that serves `?since=`, so a slow one costs no memory, and one that fell behind
//! the history starts again from a snapshot. Nobody who publishes ever waits for a client.
//!
//! Statistics and predictions are no history: of each there is one value per ring, which the next one replaces.
//! They have no number; a client gets those that are newer than what it has, once it has every numbered frame.

use std::{
    collections::VecDeque,
    sync::{Mutex, MutexGuard, PoisonError},
};

use axum::extract::ws::Utf8Bytes;
use pss_protocol::{
    EventKey, Snapshot,
    feed::{Frame, FrameKind, Hello, RingSnapshot},
};
use serde::Serialize;
use serde_json::value::RawValue;
use tokio::sync::watch;

use crate::topics::{Topic, Topics};

/// Frames that are kept for clients that come back; at about 1 KiB each.
pub(crate) const HISTORY: usize = 8192;

/// Events that a ring's snapshot holds: a match has fewer, but for its hits.
const EVENTS: usize = 400;

/// Frames that a client takes at once.
const AT_ONCE: usize = 512;

/// All rings' frames in one order.
#[derive(Debug)]
pub(crate) struct Bus {
    epoch: String,
    rings: Vec<String>,
    history: usize,
    inner: Mutex<Inner>,
    /// The last publication.
    latest: watch::Sender<u64>,
}

#[derive(Debug)]
struct Inner {
    /// Counts what was published, whether it has a number or not.
    publication: u64,
    /// The number of the last frame.
    seq: u64,
    /// The last frames; the newest is `seq`.
    frames: VecDeque<(usize, Topic, Utf8Bytes)>,
    rings: Vec<RingNow>,
}

/// What a snapshot of a ring is made of.
#[derive(Debug, Default)]
struct RingNow {
    state: Snapshot,
    events: VecDeque<(EventKey, Box<RawValue>)>,
    /// At most one of each topic.
    values: Vec<Value>,
}

/// The latest of what is replaced as a whole.
#[derive(Debug)]
struct Value {
    topic: Topic,
    /// With which publication it came.
    publication: u64,
    data: Box<RawValue>,
}

/// A frame to be published, but for its number.
#[derive(Debug)]
pub(crate) enum Unnumbered {
    /// An event as its data frame will carry it.
    Event(EventKey, Box<RawValue>),
    /// The ring as it is now shown.
    State(Box<Snapshot>),
}

/// How far a client has read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Cursor {
    /// The last frame that it has.
    seq: u64,
    /// The last publication that it has.
    publication: u64,
    ring: Option<usize>,
    topics: Topics,
}

/// Why a client gets nothing.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Refusal {
    NoSuchRing,
    UnknownTopic,
}

/// From where a client wants to go on.
#[derive(Clone, Debug, Default, serde::Deserialize)]
pub(crate) struct Resume {
    /// The last frame that it has.
    pub(crate) since: Option<u64>,
    /// The epoch that it had it from; without it the present one is meant.
    pub(crate) epoch: Option<String>,
    /// Only this ring.
    pub(crate) ring: Option<String>,
    /// What it wants to hear of, with commas between; without it events and states.
    pub(crate) topics: Option<String>,
}

impl Bus {
    /// For these rings. `epoch` must differ with every start of the server.
    pub(crate) fn new(epoch: String, rings: Vec<String>, history: usize) -> Self {
        let now = rings.iter().map(|_| RingNow::default()).collect();
        let inner = Inner { publication: 0, seq: 0, frames: VecDeque::new(), rings: now };
        Self { epoch, rings, history, inner: Mutex::new(inner), latest: watch::Sender::new(0) }
    }

    /// Numbers and publishes frames of a ring, in order.
    pub(crate) fn publish(&self, ring: usize, frames: impl IntoIterator<Item = Unnumbered>) {
        let mut inner = self.lock();
        let name = Some(self.rings[ring].as_str());
        for frame in frames {
            inner.seq += 1;
            let seq = inner.seq;
            let (topic, text) = match frame {
                Unnumbered::Event(key, data) => {
                    let text = encode(&Frame::new(FrameKind::Event, name, seq, &*data));
                    inner.rings[ring].remember(key, data);
                    (Topic::Events, text)
                }
                Unnumbered::State(state) => {
                    let text = encode(&Frame::new(FrameKind::State, name, seq, &*state));
                    inner.rings[ring].state = *state;
                    (Topic::State, text)
                }
            };
            if inner.frames.len() == self.history {
                inner.frames.pop_front();
            }
            inner.frames.push_back((ring, topic, text));
        }
        self.tell(inner);
    }

    /// Replaces the latest of a ring and topic, unless it is the same.
    pub(crate) fn replace(&self, ring: usize, topic: Topic, data: Box<RawValue>) {
        let mut inner = self.lock();
        let publication = inner.publication + 1;
        let values = &mut inner.rings[ring].values;
        match values.iter_mut().find(|value| value.topic == topic) {
            Some(value) if value.data.get() == data.get() => return,
            Some(value) => *value = Value { topic, publication, data },
            None => values.push(Value { topic, publication, data }),
        }
        self.tell(inner);
    }

    /// Wakes the clients.
    fn tell(&self, mut inner: MutexGuard<'_, Inner>) {
        inner.publication += 1;
        let publication = inner.publication;
        drop(inner);
        // Another publisher may have been faster since.
        self.latest.send_modify(|latest| *latest = publication.max(*latest));
    }

    /// A new client: its first frames, which are hello and, unless it goes on from where it was, snapshots.
    ///
    /// # Errors
    ///
    /// When it asks for what there is not.
    pub(crate) fn connect(&self, resume: &Resume) -> Result<(Cursor, Vec<Utf8Bytes>), Refusal> {
        let place = |name| self.rings.iter().position(|ring| ring == name).ok_or(Refusal::NoSuchRing);
        let ring = resume.ring.as_ref().map(place).transpose()?;
        let topics = resume.topics.as_deref().map(|topics| topics.parse().map_err(|_| Refusal::UnknownTopic));
        let topics = topics.transpose()?.unwrap_or_default();
        let inner = self.lock();
        let same_epoch = resume.epoch.as_ref().is_none_or(|epoch| *epoch == self.epoch);
        let since = resume.since.filter(|&since| same_epoch && inner.holds_after(since));
        let rings: Vec<&str> = self.chosen(ring).map(|ring| self.rings[ring].as_str()).collect();
        let data = Hello {
            epoch: &self.epoch,
            server: env!("CARGO_PKG_VERSION"),
            rings: &rings,
            resumed: since.is_some(),
        };
        let mut cursor = Cursor { seq: since.unwrap_or(inner.seq), publication: 0, ring, topics };
        let mut first = vec![encode(&Frame::new(FrameKind::Hello, None, cursor.seq, data))];
        if since.is_none() {
            self.snapshots(&inner, &cursor, &mut first);
            self.values(&inner, &mut cursor, &mut first);
        }
        Ok((cursor, first))
    }

    /// Gives what came after the cursor, a bounded number of frames, and moves it. A client that fell behind the
    /// history gets snapshots.
    pub(crate) fn read(&self, cursor: &mut Cursor, out: &mut Vec<Utf8Bytes>) {
        let inner = self.lock();
        if inner.holds_after(cursor.seq) {
            let behind = (inner.seq - cursor.seq) as usize;
            let start = inner.frames.len() - behind;
            for (ring, topic, text) in inner.frames.range(start..).take(AT_ONCE) {
                cursor.seq += 1;
                if cursor.ring.is_none_or(|only| only == *ring) && cursor.topics.contain(*topic) {
                    out.push(text.clone());
                }
            }
        } else {
            self.snapshots(&inner, cursor, out);
            cursor.seq = inner.seq;
        }
        if cursor.seq == inner.seq {
            self.values(&inner, cursor, out);
        }
    }

    /// Whether the cursor has everything.
    pub(crate) fn is_current(&self, cursor: &Cursor) -> bool {
        *self.latest.borrow() <= cursor.publication
    }

    /// Changes with every publication.
    pub(crate) fn latest(&self) -> watch::Receiver<u64> {
        self.latest.subscribe()
    }

    /// The state of each ring, in the order of the rings.
    pub(crate) fn states(&self) -> Vec<Snapshot> {
        self.lock().rings.iter().map(|ring| ring.state.clone()).collect()
    }

    fn chosen(&self, ring: Option<usize>) -> std::ops::Range<usize> {
        ring.map_or(0..self.rings.len(), |ring| ring..ring + 1)
    }

    /// For whoever wants any of what they hold.
    fn snapshots(&self, inner: &Inner, cursor: &Cursor, out: &mut Vec<Utf8Bytes>) {
        if !cursor.topics.contain(Topic::Events) && !cursor.topics.contain(Topic::State) {
            return;
        }
        for ring in self.chosen(cursor.ring) {
            let RingNow { state, events, .. } = &inner.rings[ring];
            let events: Vec<&RawValue> = events.iter().map(|(_, event)| &**event).collect();
            let data = RingSnapshot { state, events: &events };
            out.push(encode(&Frame::new(FrameKind::Snapshot, Some(&self.rings[ring]), inner.seq, data)));
        }
    }

    /// The values that are newer than what the cursor has; from then on it has everything.
    fn values(&self, inner: &Inner, cursor: &mut Cursor, out: &mut Vec<Utf8Bytes>) {
        for ring in self.chosen(cursor.ring) {
            let is_wanted =
                |value: &&Value| value.publication > cursor.publication && cursor.topics.contain(value.topic);
            for value in inner.rings[ring].values.iter().filter(is_wanted) {
                let name = Some(self.rings[ring].as_str());
                out.push(encode(&Frame::new(value.topic.kind(), name, cursor.seq, &*value.data)));
            }
        }
        cursor.publication = inner.publication;
    }

    /// No panic can happen between two changes that belong together.
    fn lock(&self) -> MutexGuard<'_, Inner> {
        self.inner.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Inner {
    /// Whether every frame after `seq` is still there.
    fn holds_after(&self, seq: u64) -> bool {
        seq <= self.seq && self.seq - seq <= self.frames.len() as u64
    }
}

impl RingNow {
    /// Keeps the event for snapshots; one that was told before is replaced.
    fn remember(&mut self, key: EventKey, data: Box<RawValue>) {
        if let Some((_, known)) = self.events.iter_mut().rev().find(|(known, _)| *known == key) {
            *known = data;
            return;
        }
        if self.events.len() == EVENTS {
            self.events.pop_front();
        }
        self.events.push_back((key, data));
    }
}

fn encode(frame: &impl Serialize) -> Utf8Bytes {
    let text = serde_json::to_string(frame).expect("frames have string keys and no failing serializer");
    Utf8Bytes::from(text)
}

#[cfg(test)]
mod tests {
    use serde_json::Value;

    use super::*;

    fn bus(history: usize) -> Bus {
        Bus::new("E".to_owned(), vec!["1".to_owned(), "2".to_owned()], history)
    }

    fn event(id: u32, text: &str) -> Unnumbered {
        let data = RawValue::from_string(format!("{{\"text\":\"{text}\"}}")).unwrap();
        Unnumbered::Event(EventKey { match_index: Some(0), id }, data)
    }

    fn state(round: u32) -> Unnumbered {
        let mut state = Snapshot::default();
        state.round = round;
        Unnumbered::State(Box::new(state))
    }

    fn values(frames: &[Utf8Bytes]) -> Vec<Value> {
        frames.iter().map(|frame| serde_json::from_str(frame).unwrap()).collect()
    }

    /// `type seq` of every frame.
    fn outline(frames: &[Utf8Bytes]) -> Vec<String> {
        let outline = |frame: &Value| format!("{} {}", frame["type"].as_str().unwrap(), frame["seq"]);
        values(frames).iter().map(outline).collect()
    }

    #[test]
    fn snapshot_then_deltas() {
        let bus = bus(10);
        bus.publish(0, [event(0, "a"), state(2)]);
        let (mut cursor, first) = bus.connect(&Resume::default()).unwrap();
        assert_eq!(outline(&first), ["hello 2", "snapshot 2", "snapshot 2"]);
        let first = values(&first);
        assert_eq!(first[0]["data"]["rings"], serde_json::json!(["1", "2"]));
        assert_eq!(first[1]["data"]["round"], 2);
        assert_eq!(first[1]["data"]["events"], serde_json::json!([{"text": "a"}]));
        assert!(bus.is_current(&cursor));

        bus.publish(1, [event(0, "b")]);
        bus.publish(0, [state(3)]);
        assert!(!bus.is_current(&cursor));
        let mut out = Vec::new();
        bus.read(&mut cursor, &mut out);
        assert_eq!(outline(&out), ["event 3", "state 4"]);
        assert_eq!(values(&out)[0]["ring"], "2");
        assert!(bus.is_current(&cursor));
    }

    #[test]
    fn resumes_only_what_it_still_has() {
        let bus = bus(3);
        bus.publish(0, (0..5).map(|id| event(id, "x")));
        let resume = |since, epoch: Option<&str>| {
            let epoch = epoch.map(str::to_owned);
            let resume = Resume { since: Some(since), epoch, ..Resume::default() };
            let (mut cursor, mut frames) = bus.connect(&resume).unwrap();
            bus.read(&mut cursor, &mut frames);
            outline(&frames)
        };
        assert_eq!(resume(2, Some("E")), ["hello 2", "event 3", "event 4", "event 5"]);
        assert_eq!(resume(5, None), ["hello 5"]);
        for (since, epoch) in [(1, Some("E")), (6, Some("E")), (4, Some("other"))] {
            assert_eq!(resume(since, epoch), ["hello 5", "snapshot 5", "snapshot 5"], "{since} {epoch:?}");
        }
    }

    #[test]
    fn a_client_that_fell_behind_starts_again() {
        let bus = bus(3);
        let (mut cursor, _) =
            bus.connect(&Resume { ring: Some("2".to_owned()), ..Resume::default() }).unwrap();
        bus.publish(0, (0..4).map(|id| event(id, "x")));
        let mut out = Vec::new();
        bus.read(&mut cursor, &mut out);
        assert_eq!(outline(&out), ["snapshot 4"]);
        out.clear();
        bus.publish(1, [event(0, "y")]);
        bus.publish(0, [event(5, "x")]);
        bus.read(&mut cursor, &mut out);
        assert_eq!(outline(&out), ["event 5"]);
        assert!(bus.is_current(&cursor));
        let other = bus.connect(&Resume { ring: Some("3".to_owned()), ..Resume::default() });
        assert_eq!(other, Err(Refusal::NoSuchRing));
    }

    #[test]
    fn an_event_told_again_replaces_the_first() {
        let bus = bus(10);
        bus.publish(0, [event(7, "hit"), event(8, "point"), event(7, "hit, linked")]);
        let (_, first) = bus.connect(&Resume::default()).unwrap();
        let events = &values(&first)[1]["data"]["events"];
        assert_eq!(*events, serde_json::json!([{"text": "hit, linked"}, {"text": "point"}]));
    }

    fn asking(topics: &str) -> Resume {
        Resume { topics: Some(topics.to_owned()), ..Resume::default() }
    }

    fn value(text: &str) -> Box<RawValue> {
        RawValue::from_string(format!("{{\"text\":\"{text}\"}}")).unwrap()
    }

    #[test]
    fn who_asks_for_no_statistics_gets_none() {
        let bus = bus(10);
        bus.replace(0, Topic::Hits, value("a"));
        let (mut cursor, mut frames) = bus.connect(&Resume::default()).unwrap();
        bus.replace(0, Topic::Hits, value("b"));
        bus.publish(0, [state(1)]);
        bus.replace(0, Topic::Prediction, value("c"));
        bus.read(&mut cursor, &mut frames);
        assert_eq!(outline(&frames), ["hello 0", "snapshot 0", "snapshot 0", "state 1"]);
        assert!(bus.is_current(&cursor));
    }

    #[test]
    fn of_statistics_only_the_latest_counts() {
        let bus = bus(10);
        bus.replace(0, Topic::Hits, value("old"));
        bus.publish(0, [event(0, "x")]);
        let (mut cursor, first) = bus.connect(&asking("hits,events,prediction,state")).unwrap();
        assert_eq!(outline(&first), ["hello 1", "snapshot 1", "snapshot 1", "hits 1"]);
        assert!(bus.is_current(&cursor));

        bus.replace(0, Topic::Hits, value("older"));
        bus.publish(0, [state(1), event(1, "y")]);
        bus.replace(0, Topic::Hits, value("newer"));
        bus.replace(1, Topic::Prediction, value("p"));
        let mut out = Vec::new();
        bus.read(&mut cursor, &mut out);
        assert_eq!(outline(&out), ["state 2", "event 3", "hits 3", "prediction 3"]);
        assert_eq!(values(&out)[2]["data"]["text"], "newer");
        assert_eq!(values(&out)[3]["ring"], "2");

        bus.replace(0, Topic::Hits, value("newer"));
        assert!(bus.is_current(&cursor), "the same again is nothing new");
    }

    #[test]
    fn topics_leave_out_the_rest() {
        let bus = bus(3);
        bus.publish(0, [event(0, "x"), state(1)]);
        bus.replace(0, Topic::Hits, value("a"));
        let (mut only_hits, first) = bus.connect(&asking("hits")).unwrap();
        assert_eq!(outline(&first), ["hello 2", "hits 2"]);
        let (mut only_states, _) = bus.connect(&asking("state")).unwrap();
        bus.publish(0, [event(1, "x"), state(2)]);
        let mut out = Vec::new();
        bus.read(&mut only_states, &mut out);
        bus.read(&mut only_hits, &mut out);
        assert_eq!(outline(&out), ["state 4"]);
        assert!(bus.is_current(&only_hits));

        // Neither does falling behind bring more.
        bus.publish(0, (2..9).map(|id| event(id, "x")));
        bus.replace(0, Topic::Hits, value("b"));
        out.clear();
        bus.read(&mut only_hits, &mut out);
        assert_eq!(outline(&out), ["hits 11"]);
    }

    #[test]
    fn who_comes_back_gets_the_latest_statistics_after_what_it_missed() {
        let bus = bus(10);
        bus.replace(0, Topic::Hits, value("a"));
        bus.publish(0, (0..3).map(|id| event(id, "x")));
        let resume = Resume { since: Some(1), ..asking("events,hits") };
        let (mut cursor, mut frames) = bus.connect(&resume).unwrap();
        bus.read(&mut cursor, &mut frames);
        assert_eq!(outline(&frames), ["hello 1", "event 2", "event 3", "hits 3"]);
    }

    #[test]
    fn unknown_topics_are_refused() {
        for topics in ["", "hit", "hits,", "events, state", "Hits"] {
            assert_eq!(bus(1).connect(&asking(topics)), Err(Refusal::UnknownTopic), "{topics:?}");
        }
    }
}
