//! What the pipeline costs beside the reading alone: rules, state and links together are at most ten times the
//! parse.

use std::{hint::black_box, process::ExitCode};

use hitlevel::{HitLinker, LinkConfig};
use pss_protocol::{Arrival, Datagram, Flow, Monotonic, Pipeline, PipelineConfig, parse};
use restrike_benches::{
    listing::{self, Recorded},
    ratio::{Bound, Contest, Gate, Verdict},
};

fn main() -> ExitCode {
    ["a1_bestof3_realtime", "c_golden_tiebreak", "h_bursts_reordering"]
        .map(measure)
        .into_iter()
        .fold(Verdict { passed: true }, Verdict::and)
        .into()
}

fn measure(capture: &'static str) -> Verdict {
    let recorded = listing::read(listing::CORPUS.as_ref(), capture).expect("the corpus is there");
    // The pipeline parses too: ten times the parse on top of it.
    let gates =
        [Gate { name: "way", numerator: "pipeline", denominator: "parse", bound: Bound::AtMost(11.0) }];
    Contest::new(capture)
        .entrant("parse", || read(&recorded))
        .entrant("pipeline", || rebuild(&recorded))
        .judge(&gates)
}

fn read(recorded: &[Recorded]) -> u64 {
    let messages = recorded.iter().flat_map(|datagram| parse(&datagram.bytes));
    messages.map(|parsed| black_box(&parsed).span.range().len() as u64).sum()
}

fn rebuild(recorded: &[Recorded]) -> u64 {
    let mut pipeline = Pipeline::new(PipelineConfig::default(), HitLinker::new(LinkConfig::default()));
    let mut links = 0;
    for (seq, datagram) in (1..).zip(recorded) {
        pipeline.ingest(&Datagram {
            seq,
            arrival: Arrival { wall: None, mono: Monotonic::from_micros(datagram.micros) },
            source: Some(datagram.source),
            flow: Flow::Broadcast,
            bytes: &datagram.bytes,
        });
        links += pipeline.sink_mut().drain().count() as u64;
    }
    let mut linker = pipeline.finish();
    links + linker.drain().count() as u64
}
