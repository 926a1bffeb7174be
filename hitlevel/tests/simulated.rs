//! Links found in simulated matches, against the hits that the simulator let score.
#![cfg(feature = "pss")]

use std::collections::{BTreeMap, HashMap};

use hitlevel::{HitLinker, Link};
use pss_protocol::{
    Arrival, Athlete, Both, Datagram, EventKey, EventKind, Flow, MatchEvent, Pipeline, PipelineConfig, Sink,
    Timestamp,
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

/// Which datagrams never arrive: about this share, the same ones every time.
fn is_lost(seq: u64, share: f64) -> bool {
    // The high bits of a multiplicative hash are spread evenly.
    (seq.wrapping_mul(0x9E37_79B9_7F4A_7C15) >> 11) as f64 / (1u64 << 53) as f64 <= share
}

fn watch(manner: Manner, matches: u32, lost: f64) -> (Vec<SimulatedMatch>, Events, Vec<Link>) {
    let mut config = SimulatorConfig::default();
    (config.manner, config.matches) = (manner, Some(matches));
    let sink = Both(Events::default(), HitLinker::default());
    let mut pipeline = Pipeline::new(PipelineConfig::default(), sink);
    let (mut told, mut links) = (Vec::new(), Vec::new());
    for (simulated, seq) in Simulator::new(config).zip(1..) {
        let arrival = Arrival { wall: Some(Timestamp(0)), mono: simulated.at };
        let bytes = &simulated.bytes;
        if !is_lost(seq, lost) {
            pipeline.ingest(&Datagram { seq, arrival, source: None, flow: Flow::Broadcast, bytes });
        }
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
    let (told, events, links) = watch(manner, 60, 0.0);
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

/// The confidence of each link to a hit, and whether that hit really scored such a point at that moment.
fn sureness(manner: Manner, lost: f64) -> Vec<(f64, bool)> {
    let (told, events, links) = watch(manner, 300, lost);
    let mut events: HashMap<_, _> =
        events.0.into_values().flatten().map(|event| (event.key, event)).collect();
    let mut micros = |key: EventKey| events.remove(&key).map(|event| event.at.mono.as_micros());
    // What really scored, in the order of time.
    let mut scored: Vec<_> = (told.iter())
        .flat_map(|told| told.hits.iter().filter_map(|hit| Some((hit, &told.points[hit.point?]))))
        .map(|(hit, point)| (hit.at.as_micros(), point.at.as_micros(), hit.athlete, hit.level, point.code))
        .collect();
    scored.sort_unstable();
    let mut sureness = Vec::new();
    for link in &links {
        let Some((hit, level)) = link.hit.zip(link.level) else { continue };
        let (hit_at, point_at) = (micros(hit).expect("was told"), micros(link.point).expect("was told"));
        let first = scored.partition_point(|(at, ..)| *at + 500_000 < hit_at);
        let near = scored[first..].iter().take_while(|(at, ..)| *at < hit_at + 500_000);
        let right = near.copied().any(|(_, scored_at, athlete, of_level, code)| {
            (athlete, of_level, code) == (link.athlete, level, link.code)
                && scored_at.abs_diff(point_at) < 500_000
        });
        sureness.push((link.confidence, right));
    }
    sureness
}

/// The tables are in docs/HITS.md; `--nocapture` prints them.
#[test]
fn surer_links_are_righter() {
    for lost in [0.0, 0.1] {
        let sureness = sureness(Manner::AsReal, lost);
        let mut before = 0.0;
        println!("lost: {lost}\n| confidence | links | right |\n|---|---|---|");
        for band in [0.0..0.25, 0.25..0.6, 0.6..1.0] {
            let of_band: Vec<_> = sureness.iter().filter(|(sure, _)| band.contains(sure)).collect();
            let right = of_band.iter().filter(|(_, right)| *right).count();
            let share = right as f64 / of_band.len() as f64;
            println!("| {:.2} to {:.2} | {} | {share:.3} |", band.start, band.end, of_band.len());
            assert!(of_band.len() > 20, "{} links in {band:?} are too few to judge by", of_band.len());
            assert!(share > before, "{share} of {band:?} is not more than {before}");
            before = share;
        }
        assert!(before > 0.995, "{before} of the surest are right");
    }
}

/// What is missing are hits of one exchange that both could have scored. What arrives together arrives in any order,
/// so the linker goes by the levels, as the captures have them; the simulator has them the other way round.
#[test]
fn the_hits_that_scored_are_found() {
    for (manner, least) in [(Manner::Clean, 0.985), (Manner::AsReal, 0.98)] {
        let (right, all) = right_hits(manner);
        assert!(all > 1000, "{all} hits are too few to judge by");
        assert!(right as f64 >= least * all as f64, "{manner:?}: {right} of {all}");
    }
}
