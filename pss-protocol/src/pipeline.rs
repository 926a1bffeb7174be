//! The way of a datagram, in one piece.

use core::time::Duration;

use crate::{
    Datagram, Dialect, Flow, LineEndRule, MatchState, MessageKey, Monotonic, Parsed, Record, Sink, Snapshot,
    StateInput, StateOutput, parse_with,
    request::parse_requests,
    rules::{self, CompiledRules, RuleBook},
    source::Sources,
};

/// Parses, judges, rebuilds the match and gives all of it to a [`Sink`]. Sans-I/O; the same code serves the
/// live server and the replay of a capture.
///
/// # Contract
///
/// 1. Call [`ingest`](Self::ingest) for each datagram in arrival order, each stamped with its arrival, its
///    source and its [`Flow`].
/// 2. Call [`tick`](Self::tick) about every 10 ms while nothing arrives, so that events settle and can be
///    shown. A replay may leave it out: each datagram tells the time too, and events come out in the same
///    order with the same content.
/// 3. Call [`finish`](Self::finish) at the end, which settles what is open.
///
/// For each datagram the sink gets, in this order: the events and matches that had settled before it arrived,
/// [`Sink::tick`], [`Sink::datagram`], [`Sink::record`] for each of its messages, and what they settled.
///
/// # How a datagram is read
///
/// - What goes towards the sender ([`Flow::Request`]) is read as a sender reads it: the ten words of
///   [`Request`](crate::Request) exactly, everything else is garbage there. It never touches the state.
/// - Everything else is the sender's. Off the wire ([`PipelineConfig::off_the_wire`]) a source that has ended
///   a message with CRLF, in this datagram or before, is held to it: without CRLF the datagram was cut.
/// - The dialect is told from what each source sends ([`rules::DialectDetector`]), unless the config names it.
/// - [`Flow::ForeignAnswer`] is judged and recorded and never touches the state.
///
/// The rules judge, they do not filter: what they call unknown is recorded and reaches the state, which takes
/// of it what it can.
///
/// ```
/// use pss_protocol::{Arrival, Datagram, Flow, Pipeline, Record, Sink};
///
/// #[derive(Default)]
/// struct Codes(Vec<&'static str>);
///
/// impl Sink for Codes {
///     fn record(&mut self, record: &Record<'_>) {
///         self.0.extend(record.code.map(|code| code.as_str()));
///     }
/// }
///
/// let mut pipeline = Pipeline::new(Default::default(), Codes::default());
/// let (arrival, flow) = (Arrival::default(), Flow::Broadcast);
/// let bytes = b"hl1;34\r\npt1;2\r\n";
/// pipeline.ingest(&Datagram { seq: 1, arrival, source: None, flow, bytes });
/// assert_eq!(pipeline.finish().0, ["hl1", "pt1"]);
/// ```
#[derive(Debug)]
pub struct Pipeline<S> {
    config: PipelineConfig,
    rules: RuleBook,
    sources: Sources,
    state: MatchState,
    sink: S,
}

/// How a pipeline reads.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
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
    /// A pipeline at the start of a session, with the built-in rules.
    pub fn new(config: PipelineConfig, sink: S) -> Self {
        Self::with_rules(config, RuleBook::built_in(), sink)
    }

    /// The same with rules of your own.
    pub fn with_rules(config: PipelineConfig, rules: RuleBook, sink: S) -> Self {
        let state = MatchState::new(config.reorder_window);
        Self { config, rules, sources: Sources::default(), state, sink }
    }

    /// Takes one datagram.
    pub fn ingest(&mut self, datagram: &Datagram<'_>) {
        self.tick(datagram.arrival.mono);
        self.sink.datagram(datagram);
        match datagram.flow {
            Flow::Request => {
                let dialect = self.config.dialect.unwrap_or_default();
                for (index, parsed) in (0..).zip(parse_requests(datagram.bytes)) {
                    record(&mut self.sink, self.rules.of(dialect), datagram, index, &parsed);
                }
            }
            Flow::Broadcast | Flow::Answer | Flow::ForeignAnswer => self.ingest_sent(datagram),
        }
        self.drain();
    }

    /// Tells the time, so that events settle while nothing arrives.
    pub fn tick(&mut self, now: Monotonic) {
        self.state.advance(now);
        self.drain();
        self.sink.tick(now);
    }

    /// Replaces the rules of the dialect that `rules` are for, from the next datagram on.
    pub fn replace_rules(&mut self, rules: CompiledRules) {
        self.rules.replace(rules);
    }

    /// Replaces the rules of every dialect, from the next datagram on.
    pub fn replace_rule_book(&mut self, rules: RuleBook) {
        self.rules = rules;
    }

    /// The sink, to change it.
    pub fn sink_mut(&mut self) -> &mut S {
        &mut self.sink
    }

    /// Settles everything and gives the sink back.
    pub fn finish(mut self) -> S {
        self.state.finish();
        self.drain();
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

    fn ingest_sent(&mut self, datagram: &Datagram<'_>) {
        let source = self.sources.of(datagram.source);
        let line_ends =
            if self.config.off_the_wire { source.line_end_rule(datagram.bytes) } else { LineEndRule::Any };
        for (index, parsed) in (0..).zip(parse_with(datagram.bytes, line_ends)) {
            let dialect = match self.config.dialect {
                Some(dialect) => dialect,
                None => {
                    source.detector.observe(&parsed, &datagram.bytes[parsed.span.range()]);
                    source.detector.dialect()
                }
            };
            record(&mut self.sink, self.rules.of(dialect), datagram, index, &parsed);
            if datagram.flow != Flow::ForeignAnswer {
                self.state.apply(&StateInput {
                    at: datagram.arrival,
                    key: MessageKey { seq: datagram.seq, index },
                    source: datagram.source,
                    flow: datagram.flow,
                    dialect,
                    parsed: &parsed,
                });
            }
        }
    }

    /// Hands on what the state has to tell.
    fn drain(&mut self) {
        while let Some(output) = self.state.poll() {
            match output {
                StateOutput::Event(event) => self.sink.event(&event),
                StateOutput::Match(summary) => self.sink.match_changed(&summary),
            }
        }
    }
}

/// Judges a message and gives its record to the sink.
fn record(
    sink: &mut impl Sink,
    rules: &CompiledRules,
    datagram: &Datagram<'_>,
    index: u32,
    parsed: &Parsed<'_>,
) {
    let verdict = rules::judge(rules, parsed, datagram.bytes);
    sink.record(&Record {
        datagram,
        index,
        span: parsed.span,
        message: &parsed.message,
        code: parsed.message.code(),
        status: verdict.status,
        confidence: verdict.confidence,
        protocol_version: rules.dialect().as_str(),
        findings: &verdict.findings,
    });
}
