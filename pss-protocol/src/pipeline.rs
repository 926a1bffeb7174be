//! The way of a datagram, in one piece.

use core::time::Duration;

use crate::{Datagram, Dialect, MatchState, Monotonic, Sink, Snapshot};

/// Parses, judges, rebuilds the match and gives all of it to a [`Sink`]. Sans-I/O; the same code serves the
/// live server and the replay of a capture. The contract:
///
/// 1. call [`ingest`](Self::ingest) for each datagram in arrival order;
/// 2. call [`tick`](Self::tick) about every 10 ms while nothing arrives, so that events settle;
/// 3. call [`finish`](Self::finish) at the end, which settles what is open.
#[derive(Debug)]
pub struct Pipeline<S> {
    state: MatchState,
    sink: S,
}

/// How a pipeline reads.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct PipelineConfig {
    /// `None`: told from the traffic.
    pub dialect: Option<Dialect>,
    /// Within this time the order of arrival means nothing.
    pub reorder_window: Duration,
    /// Whether the datagrams come off the wire, line ends and all. Then a source that has shown that it ends
    /// its messages with CRLF is held to it. `false` for logs, journals of text and plain lines.
    pub off_the_wire: bool,
}

impl Default for PipelineConfig {
    fn default() -> Self {
        Self { dialect: None, reorder_window: Duration::from_millis(50), off_the_wire: true }
    }
}

impl<S: Sink> Pipeline<S> {
    /// A pipeline at the start of a session.
    pub fn new(config: PipelineConfig, sink: S) -> Self {
        Self { state: MatchState::new(config.reorder_window), sink }
    }

    /// Takes one datagram.
    pub fn ingest(&mut self, datagram: &Datagram<'_>) {
        self.sink.datagram(datagram);
    }

    /// Tells the time, so that events settle while nothing arrives.
    pub fn tick(&mut self, now: Monotonic) {
        self.state.advance(now);
        self.sink.tick(now);
    }

    /// Settles everything and gives the sink back.
    pub fn finish(self) -> S {
        self.sink
    }

    /// The state for display; includes what has not settled yet.
    pub fn snapshot(&self) -> Snapshot {
        self.state.snapshot()
    }

    /// The sink.
    pub fn sink(&self) -> &S {
        &self.sink
    }

    /// The sink, to change it.
    pub fn sink_mut(&mut self) -> &mut S {
        &mut self.sink
    }
}
