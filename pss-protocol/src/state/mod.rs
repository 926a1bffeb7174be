//! What the scoring table decided, rebuilt from what arrived.

use alloc::{boxed::Box, collections::VecDeque};
use core::{net::SocketAddr, time::Duration};

use crate::{Arrival, Dialect, Flow, MatchEvent, MatchSummary, MessageKey, Monotonic, Parsed, Snapshot};

/// One judged message, as the state takes it.
#[derive(Clone, Copy, Debug)]
pub struct StateInput<'a> {
    /// When its datagram arrived.
    pub at: Arrival,
    /// Its name.
    pub key: MessageKey,
    /// Who sent it.
    pub source: Option<SocketAddr>,
    /// Only [`Flow::Broadcast`] and [`Flow::Answer`] touch the state.
    pub flow: Flow,
    /// How its numbers are to be read.
    pub dialect: Dialect,
    /// The message and its flaw.
    pub parsed: &'a Parsed<'a>,
}

/// What the state has to tell; drained after every call.
#[derive(Clone, Debug, PartialEq)]
pub enum StateOutput {
    /// Something happened.
    Event(MatchEvent),
    /// The match as known now.
    Match(Box<MatchSummary>),
}

/// A pure reducer: messages and the time in, events and summaries out.
#[derive(Debug)]
pub struct MatchState {
    window: Duration,
    out: VecDeque<StateOutput>,
}

impl MatchState {
    /// Knows nothing yet. `window`: within this time the order of arrival means nothing.
    pub fn new(window: Duration) -> Self {
        Self { window, out: VecDeque::new() }
    }

    /// Takes one message.
    pub fn apply(&mut self, input: &StateInput<'_>) {
        self.advance(input.at.mono);
    }

    /// Settles what arrived more than the window before `now`.
    pub fn advance(&mut self, now: Monotonic) {
        let _ = (now, self.window);
    }

    /// Settles everything: the input is over.
    pub fn finish(&mut self) {}

    /// The next output, oldest first.
    pub fn poll(&mut self) -> Option<StateOutput> {
        self.out.pop_front()
    }

    /// Everything that a display shows.
    pub fn snapshot(&self) -> Snapshot {
        Snapshot::default()
    }
}
