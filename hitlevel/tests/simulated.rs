//! Links found in simulated matches, against the hits that the simulator let score.
#![cfg(feature = "pss")]

use std::collections::{BTreeMap, HashMap};

use hitlevel::{HitLinker, Link};
use pss_protocol::{
    Arrival, Athlete, Both, Datagram, EventKey, EventKind, Flow, MatchEvent, Pipeline, PipelineConfig, Sink,
    simulate::{Manner, SimulatedMatch, Simulator, SimulatorConfig},
};

/// The hits and kicks of each match, by their order.
#[derive(Default)]
struct Events(BTreeMap<u32, Vec<MatchEvent>>);

impl Sink for Events {
    fn event(&mut self, event: &MatchEvent) {
        if let Some(index) = event.key.match_index {
            self.0.entry(index).or_default().push(event.clone());
        }
    }
}

fn watch(manner: Manner) -> (Vec<SimulatedMatch>, Events, Vec<Link>) {
    let mut config = SimulatorConfig::default();
    (config.manner, config.matches) = (manner, Some(60));
    let sink = Both(Events::default(), HitLinker::default());
    let mut pipeline = Pipeline::new(PipelineConfig::default(), sink);
    let (mut told, mut links) = (Vec::new(), Vec::new());
    for (simulated, seq) in Simulator::new(config).zip(1..) {
        let arrival = Arrival { wall: None, mono: simulated.at };
        let bytes = &simulated.bytes;
        pipeline.ingest(&Datagram { seq, arrival, source: None, flow: Flow::Broadcast, bytes });
        links.extend(pipeline.sink_mut().1.drain());
        told.extend(simulated.ends.map(|told| *told));
    }
    let Both(events, mut linker) = pipeline.finish();
    linker.finish();
    links.extend(linker.drain());
    (told, events, links)
}

/// Of the hits of all matches: how many the linker tells right, scored or not, and how many there are.
fn right_hits(manner: Manner) -> (usize, usize) {
    let (told, events, links) = watch(manner);
    let scored: HashMap<EventKey, &Link> = links.iter().filter_map(|link| Some((link.hit?, link))).collect();
    let (mut right, mut all) = (0, 0);
    for (told, events) in told.iter().zip(events.0.values()) {
        for athlete in Athlete::BOTH {
            let hits = events.iter().filter_map(|event| match event.kind {
                EventKind::Hit { athlete: of, level } if of == athlete => Some((event.key, level)),
                _ => None,
            });
            let told_hits = told.hits.iter().filter(|hit| hit.athlete == athlete);
            let mut told_hits: Vec<_> =
                told_hits.map(|hit| (hit.level, hit.point.map(|point| told.points[point].code))).collect();
            let mut found: Vec<_> =
                hits.map(|(key, level)| (level, scored.get(&key).map(|link| link.code))).collect();
            assert_eq!(told_hits.len(), found.len());
            all += told_hits.len();
            // What arrives together may arrive in any order, so the order does not count.
            found.sort();
            told_hits.retain(|told| match found.binary_search(told) {
                Ok(place) => {
                    found.remove(place);
                    false
                }
                Err(_) => true,
            });
            right += told.hits.iter().filter(|hit| hit.athlete == athlete).count() - told_hits.len();
        }
    }
    (right, all)
}

/// What is missing are hits of one exchange that both could have scored: only their order told them apart.
#[test]
fn the_hits_that_scored_are_found() {
    for (manner, least) in [(Manner::Clean, 0.99), (Manner::AsReal, 0.98)] {
        let (right, all) = right_hits(manner);
        assert!(all > 1000, "{all} hits are too few to judge by");
        assert!(right as f64 >= least * all as f64, "{manner:?}: {right} of {all}");
    }
}
