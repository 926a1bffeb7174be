//! Gathers each match with its events and the points that its hits led to.

use std::collections::HashMap;

use hitlevel::HitLinker;
use pss_protocol::{Both, EventJson, EventKey, MatchEvent, MatchSummary, Sink};
use serde::{Serialize, ser::SerializeSeq};

/// A match with all that is known of it.
#[derive(Debug, Serialize)]
pub(in crate::cmd) struct MatchReport {
    #[serde(flatten)]
    pub(in crate::cmd) summary: MatchSummary,
    /// `None`: events were not asked for.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(in crate::cmd) events: Option<Events>,
}

/// The events of a match, each hit with the point that it led to.
#[derive(Debug, Default)]
pub(in crate::cmd) struct Events {
    list: Vec<MatchEvent>,
    /// From the id of a hit to that of its point.
    links: HashMap<u32, u32>,
}

impl Events {
    /// Events in their order, and for a hit the `id` of its point.
    pub(in crate::cmd) fn new(events: impl Iterator<Item = (MatchEvent, Option<u32>)>) -> Self {
        let mut all = Self::default();
        for (event, linked) in events {
            all.links.extend(linked.map(|point| (event.key.id, point)));
            all.list.push(event);
        }
        all
    }

    /// Each event, and for a hit the `id` of its point.
    pub(super) fn iter(&self) -> impl ExactSizeIterator<Item = (&MatchEvent, Option<u32>)> {
        self.list.iter().map(|event| (event, self.links.get(&event.key.id).copied()))
    }
}

impl Serialize for Events {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut list = serializer.serialize_seq(Some(self.list.len()))?;
        for (event, linked) in self.iter() {
            list.serialize_element(&EventJson::new(event, linked))?;
        }
        list.end()
    }
}

/// The sink behind `restrike matches`.
pub(super) struct Collector {
    gathered: Both<Gathered, HitLinker>,
    with_events: bool,
}

#[derive(Default)]
struct Gathered {
    summaries: Vec<MatchSummary>,
    events: HashMap<u32, Events>,
    with_events: bool,
}

impl Collector {
    pub(super) fn new(with_events: bool) -> Self {
        Self {
            gathered: Both(Gathered { with_events, ..Gathered::default() }, HitLinker::default()),
            with_events,
        }
    }

    /// Takes over the links that are ready.
    pub(super) fn settle(&mut self) {
        let Both(gathered, linker) = &mut self.gathered;
        for link in linker.drain() {
            if let Some(EventKey { match_index: Some(index), id }) = link.hit {
                gathered.events.entry(index).or_default().links.insert(id, link.point.id);
            }
        }
    }

    /// The matches in the order in which they were chosen.
    pub(super) fn finish(mut self) -> Vec<MatchReport> {
        self.gathered.1.finish();
        self.settle();
        let Both(Gathered { mut summaries, mut events, .. }, _) = self.gathered;
        summaries.sort_by_key(|summary| summary.index);
        let mut report = |summary: MatchSummary| {
            let events = self.with_events.then(|| events.remove(&summary.index).unwrap_or_default());
            MatchReport { summary, events }
        };
        summaries.into_iter().map(&mut report).collect()
    }
}

impl Sink for Collector {
    fn event(&mut self, event: &MatchEvent) {
        self.gathered.event(event);
    }

    fn match_changed(&mut self, summary: &MatchSummary) {
        self.gathered.match_changed(summary);
    }

    fn tick(&mut self, now: pss_protocol::Monotonic) {
        self.gathered.tick(now);
    }
}

impl Sink for Gathered {
    fn event(&mut self, event: &MatchEvent) {
        if let (true, Some(index)) = (self.with_events, event.key.match_index) {
            self.events.entry(index).or_default().list.push(event.clone());
        }
    }

    fn match_changed(&mut self, summary: &MatchSummary) {
        // The match that changes is nearly always the last one.
        match self.summaries.iter_mut().rev().find(|known| known.index == summary.index) {
            Some(known) => known.clone_from(summary),
            None => self.summaries.push(summary.clone()),
        }
    }
}
