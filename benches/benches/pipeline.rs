//! What the whole way costs beside the reading alone: rules, state and links together take at most ten times as
//! long as the parse, over every capture, one after the other as on a day of matches.

use std::{hint::black_box, process::ExitCode};

use hitlevel::{HitLinker, LinkConfig};
use pss_protocol::{Arrival, Datagram, Flow, FlowClassifier, Monotonic, Pipeline, PipelineConfig, parse};
use restrike_benches::{
    listing::{self, Recorded},
    ratio::{Bound, Contest, Gate},
};

fn main() -> ExitCode {
    let day = day();
    // The pipeline parses too, so what comes on top of the parse is one less than the ratio.
    let gates = [Gate {
        name: "way",
        numerator: "pipeline and links",
        denominator: "parse",
        bound: Bound::AtMost(11.0),
    }];
    Contest::new("captures")
        .entrant("parse", || read(&day))
        .entrant("pipeline and links", || rebuild(&day))
        .judge(&gates)
        .into()
}

/// The captures in one session, a minute between them.
fn day() -> Vec<(Recorded, Flow)> {
    let mut day: Vec<(Recorded, Flow)> = Vec::new();
    for name in listing::names(listing::CORPUS.as_ref()).expect("the corpus is there") {
        let mut flows = FlowClassifier::new();
        let begin = day.last().map_or(0, |(last, _)| last.micros + 60_000_000);
        for mut datagram in listing::read(listing::CORPUS.as_ref(), &name).expect("the corpus can be read") {
            let flow = flows.classify(Some(datagram.source), Some(datagram.destination), &datagram.bytes);
            datagram.micros += begin;
            day.push((datagram, flow));
        }
    }
    day
}

fn read(day: &[(Recorded, Flow)]) -> u64 {
    let messages = day.iter().flat_map(|(datagram, _)| parse(&datagram.bytes));
    messages.map(|parsed| black_box(&parsed).span.range().len() as u64).sum()
}

fn rebuild(day: &[(Recorded, Flow)]) -> u64 {
    let mut pipeline = Pipeline::new(PipelineConfig::default(), HitLinker::new(LinkConfig::default()));
    let mut links = 0;
    for (seq, (datagram, flow)) in (1..).zip(day) {
        pipeline.ingest(&Datagram {
            seq,
            arrival: Arrival { wall: None, mono: Monotonic::from_micros(datagram.micros) },
            source: Some(datagram.source),
            flow: *flow,
            bytes: &datagram.bytes,
        });
        links += pipeline.sink_mut().drain().count() as u64;
    }
    let mut linker = pipeline.finish();
    linker.finish();
    links + linker.drain().count() as u64
}
