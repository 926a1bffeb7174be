//! A ring's statistics, counted as its events come.

use std::{collections::VecDeque, sync::Arc, time::Duration};

use hitlevel::{Analysis, Link};
use pss_protocol::{EventKey, MatchEvent, MatchSummary, Monotonic, Sink};

use crate::live::{LiveHits, MatchHits};

/// How often what was counted is handed over while it changes.
const PACE: Duration = Duration::from_secs(1);

/// Many times what a match has; more of them come from garbage.
const MOST_LINKS: usize = 1024;

/// Counts the hits of the match that is on, and hands over a copy at most once a second.
#[derive(Debug)]
pub(super) struct Tally {
    analysis: Analysis,
    /// Of this match, in the order in which they were found.
    links: VecDeque<Link>,
    live: Arc<LiveHits>,
    ring: usize,
    /// Whether anything came since it was handed over.
    changed: bool,
    /// Not to be handed over before.
    due: Monotonic,
}

impl Tally {
    pub(super) fn new(live: Arc<LiveHits>, ring: usize) -> Self {
        let (analysis, links) = (Analysis::default(), VecDeque::new());
        Self { analysis, links, live, ring, changed: false, due: Monotonic::default() }
    }

    /// Tells which hits have turned out to lead to which points since the last call.
    pub(super) fn drain_links(&mut self, mut tell: impl FnMut(EventKey, EventKey)) {
        for link in self.analysis.drain_links() {
            if let Some(hit) = link.hit {
                tell(hit, link.point);
            }
            self.changed = true;
            if self.links.len() == MOST_LINKS {
                self.links.pop_front();
            }
            self.links.push_back(link);
        }
    }

    /// Settles what waits for a late hit: nothing comes any more.
    pub(super) fn settle(&mut self) {
        self.analysis.finish();
    }

    /// Hands over what was counted, if that is due.
    pub(super) fn hand_over(&mut self, now: Monotonic) {
        if !self.changed || now < self.due {
            return;
        }
        let statistics = self.analysis.statistics().clone();
        self.links.retain(|link| link.point.match_index == statistics.match_index);
        let links = self.links.iter().copied().collect();
        self.live.put(self.ring, MatchHits { statistics, links });
        self.changed = false;
        self.due = now + PACE;
    }
}

impl Sink for Tally {
    fn event(&mut self, event: &MatchEvent) {
        self.analysis.event(event);
        self.changed = true;
    }

    fn match_changed(&mut self, summary: &MatchSummary) {
        self.analysis.match_changed(summary);
        self.changed = true;
    }

    fn tick(&mut self, now: Monotonic) {
        self.analysis.tick(now);
    }
}
