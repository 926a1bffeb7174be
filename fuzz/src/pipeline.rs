//! The same datagrams at the same times give the same match.

use core::{net::SocketAddr, time::Duration};
use std::collections::BTreeMap;

use pss_protocol::{
    Arrival, Datagram, Flow, MatchEvent, MatchSummary, Monotonic, Pipeline, PipelineConfig, Record, Sink,
    Span,
};

/// Runs timed datagrams twice and compares everything that comes out, then once more as a live ring runs them:
/// with the time told while nothing arrives, which settles earlier but nothing else.
pub fn pipeline(data: &[u8]) {
    let datagrams = decode(data);
    let replayed = run(&datagrams, false);
    assert_eq!(run(&datagrams, false), replayed, "the same input twice differs");

    let live = run(&datagrams, true);
    assert_eq!(live.records, replayed.records, "the records of a live ring differ from those of a replay");
    assert_eq!(live.events, replayed.events, "the events of a live ring differ from those of a replay");
    assert_eq!(live.latest(), replayed.latest(), "the matches of a live ring differ from those of a replay");
}

/// How often a live ring tells the time.
const TICK: Duration = Duration::from_millis(10);

/// A datagram of the script.
struct Scripted<'a> {
    at: Monotonic,
    source: SocketAddr,
    flow: Flow,
    bytes: &'a [u8],
}

/// Four bytes before each datagram: who and which way, the time since the one before in two scales, the length.
fn decode(mut data: &[u8]) -> Vec<Scripted<'_>> {
    let mut at = Monotonic::default();
    let mut datagrams = Vec::new();
    while let [who, millis, seconds, length, rest @ ..] = data {
        at = at + Duration::from_millis(u64::from(*millis)) + Duration::from_secs(u64::from(seconds / 64));
        let (bytes, rest) = rest.split_at(rest.len().min(usize::from(*length)));
        let flow = match who / 4 % 8 {
            0 => Flow::Request,
            1 => Flow::Answer,
            2 => Flow::ForeignAnswer,
            _ => Flow::Broadcast,
        };
        let source = SocketAddr::from(([127, 0, 0, who % 2], 6000 + u16::from(who / 2 % 2)));
        datagrams.push(Scripted { at, source, flow, bytes });
        data = rest;
    }
    datagrams
}

fn run(datagrams: &[Scripted<'_>], live: bool) -> Outputs {
    let mut pipeline = Pipeline::new(PipelineConfig::default(), Outputs::default());
    let mut now = Monotonic::default();
    for (seq, scripted) in (1..).zip(datagrams) {
        while live && now + TICK < scripted.at {
            now = now + TICK;
            pipeline.tick(now);
        }
        now = scripted.at;
        pipeline.ingest(&Datagram {
            seq,
            arrival: Arrival { wall: None, mono: scripted.at },
            source: Some(scripted.source),
            flow: scripted.flow,
            bytes: scripted.bytes,
        });
        let _ = pipeline.snapshot();
    }
    pipeline.finish()
}

/// Everything that comes out.
#[derive(Debug, Default, PartialEq)]
struct Outputs {
    records: Vec<(u64, u32, Span, &'static str)>,
    events: Vec<MatchEvent>,
    matches: Vec<MatchSummary>,
}

impl Outputs {
    /// Each match as it was known at last.
    fn latest(&self) -> BTreeMap<u32, &MatchSummary> {
        self.matches.iter().map(|summary| (summary.index, summary)).collect()
    }
}

impl Sink for Outputs {
    fn record(&mut self, record: &Record<'_>) {
        assert!((0.0..=1.0).contains(&record.confidence), "confidence {}", record.confidence);
        self.records.push((record.datagram.seq, record.index, record.span, record.status.as_str()));
    }

    fn event(&mut self, event: &MatchEvent) {
        self.events.push(event.clone());
    }

    fn match_changed(&mut self, summary: &MatchSummary) {
        self.matches.push(summary.clone());
    }
}
