//! A capture that is replayed as fast as it can be reads as it was recorded: beside the wall, the match clock
//! in the datagrams tells the time.

use pss_protocol::{
    Arrival, Datagram, FlowClassifier, MatchSummary, Monotonic, Pipeline, PipelineConfig, Sink,
};

use crate::corpus::{LISTINGS, listing};

#[derive(Default)]
struct Matches(Vec<MatchSummary>);

impl Sink for Matches {
    fn match_changed(&mut self, summary: &MatchSummary) {
        self.0.retain(|known| known.index != summary.index);
        self.0.push(summary.clone());
    }
}

/// The matches of a capture, its times divided by `speed`.
fn matches(name: &str, speed: u64) -> Vec<MatchSummary> {
    let mut flows = FlowClassifier::new();
    let mut pipeline = Pipeline::new(PipelineConfig::default(), Matches::default());
    for (seq, listed) in (1..).zip(listing(name)) {
        let flow = flows.classify(Some(listed.source), Some(listed.destination), &listed.bytes);
        let arrival = Arrival { wall: None, mono: Monotonic::from_micros(listed.micros / speed) };
        pipeline.ingest(&Datagram { seq, arrival, source: Some(listed.source), flow, bytes: &listed.bytes });
    }
    pipeline.finish().0
}

#[test]
fn a_capture_at_ten_thousand_times_its_speed_gives_the_same_matches() {
    for name in LISTINGS {
        let recorded = matches(name, 1);
        assert!(!recorded.is_empty(), "{name}");
        assert_eq!(matches(name, 10_000), recorded, "{name}");
    }
}
