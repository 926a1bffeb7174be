//! Simulated matches, rebuilt from their datagrams and measured against what was simulated.
#![cfg(feature = "simulate")]

use std::collections::BTreeMap;

use pss_protocol::{
    Arrival, Athlete, Datagram, EventKind, Flow, MatchEvent, MatchSummary, Pipeline, PipelineConfig,
    PointCode, Sink,
    simulate::{Manner, SimulatedMatch, Simulator, SimulatorConfig},
};

/// What the pipeline tells of each match.
#[derive(Default)]
struct Rebuilt(BTreeMap<u32, (Option<MatchSummary>, Vec<MatchEvent>)>);

impl Sink for Rebuilt {
    fn event(&mut self, event: &MatchEvent) {
        if let Some(index) = event.key.match_index {
            self.0.entry(index).or_default().1.push(event.clone());
        }
    }

    fn match_changed(&mut self, summary: &MatchSummary) {
        self.0.entry(summary.index).or_default().0 = Some(summary.clone());
    }
}

/// How many of how many things agree.
#[derive(Clone, Copy, Default)]
struct Share {
    right: usize,
    of: usize,
}

impl Share {
    fn value(self) -> f64 {
        if self.of == 0 { 1.0 } else { self.right as f64 / self.of as f64 }
    }

    fn one(&mut self, right: bool) {
        self.right += usize::from(right);
        self.of += 1;
    }

    /// Two lists without order: what both have, of what either has.
    fn lists<T: Ord>(&mut self, mut told: Vec<T>, mut rebuilt: Vec<T>) {
        told.sort();
        rebuilt.sort();
        let (told_len, rebuilt_len) = (told.len(), rebuilt.len());
        let common = told.into_iter().filter(|one| match rebuilt.binary_search(one) {
            Ok(place) => {
                rebuilt.remove(place);
                true
            }
            Err(_) => false,
        });
        let common = common.count();
        self.right += common;
        self.of += told_len + rebuilt_len - common;
    }
}

#[derive(Default)]
struct Measure {
    matches: Share,
    points: Share,
    removals: Share,
    gam_jeoms: Share,
    scores: Share,
    hits: Share,
    results: Share,
}

impl Measure {
    fn add(&mut self, told: &SimulatedMatch, summary: &MatchSummary, events: &[MatchEvent]) {
        // Without totals nobody can see technical bonuses.
        let visible = |code: PointCode| told.totals_sent || !matches!(code, PointCode::Tb | PointCode::Th);
        let points = told.points.iter().filter(|point| visible(point.code));
        self.points.lists(
            points.map(|point| (point.round, point.athlete, point.code, point.points)).collect(),
            events
                .iter()
                .filter_map(|event| match event.kind {
                    EventKind::Point { athlete, code, points } => Some((event.round, athlete, code, points)),
                    _ => None,
                })
                .collect(),
        );
        let removed = told.points.iter().filter(|point| point.removed);
        self.removals.lists(
            removed.map(|point| (point.round, point.athlete, point.points)).collect(),
            events
                .iter()
                .filter_map(|event| match event.kind {
                    EventKind::PointRemoved { athlete, points, .. } => Some((event.round, athlete, points)),
                    _ => None,
                })
                .collect(),
        );
        let gam_jeoms = |of_kind: fn(&EventKind) -> Option<Athlete>| {
            events.iter().filter_map(|event| Some((event.round, of_kind(&event.kind)?))).collect::<Vec<_>>()
        };
        let given = told.gam_jeoms.iter().map(|given| (given.round, given.athlete)).collect();
        self.gam_jeoms.lists(
            given,
            gam_jeoms(|kind| match kind {
                EventKind::GamJeom { athlete } => Some(*athlete),
                _ => None,
            }),
        );
        let taken =
            told.gam_jeoms.iter().filter(|given| given.removed).map(|given| (given.round, given.athlete));
        self.gam_jeoms.lists(
            taken.collect(),
            gam_jeoms(|kind| match kind {
                EventKind::GamJeomRemoved { athlete, .. } => Some(*athlete),
                _ => None,
            }),
        );
        if told.totals_sent {
            self.scores.lists(
                told.rounds
                    .iter()
                    .map(|round| (round.round, round.score.blue as i32, round.score.red as i32))
                    .collect(),
                summary.rounds.iter().map(|round| (round.round, round.blue, round.red)).collect(),
            );
        }
        self.hits.lists(
            told.hits.iter().map(|hit| (hit.round, hit.athlete, hit.level)).collect(),
            events
                .iter()
                .filter_map(|event| match event.kind {
                    EventKind::Hit { athlete, level } => Some((event.round, athlete, level)),
                    _ => None,
                })
                .collect(),
        );
        let result = told.result.as_ref();
        self.results.one(
            summary.winner == result.map(|result| result.winner)
                && summary.decision == result.map(|result| result.decision),
        );
    }
}

fn measure(manner: Manner, seed: u64, matches: u32) -> Measure {
    let mut config = SimulatorConfig::default();
    (config.manner, config.seed, config.matches) = (manner, seed, Some(matches));
    let mut pipeline = Pipeline::new(PipelineConfig::default(), Rebuilt::default());
    let mut told = Vec::new();
    for (simulated, seq) in Simulator::new(config).zip(1..) {
        let arrival = Arrival { wall: None, mono: simulated.at };
        let bytes = &simulated.bytes;
        pipeline.ingest(&Datagram { seq, arrival, source: None, flow: Flow::Broadcast, bytes });
        told.extend(simulated.ends);
    }
    let rebuilt = pipeline.finish().0;
    let mut measure = Measure::default();
    measure.matches.one(told.len() == rebuilt.len());
    for (told, (summary, events)) in told.iter().zip(rebuilt.values()) {
        let summary = summary.as_ref().expect("every match has a summary");
        measure.add(told, summary, events);
    }
    measure
}

/// Everything that the wire carries is read. What it does not carry: the technical bonuses of matches without
/// totals, and whether one point less is a punch or a gam-jeom taken back.
#[test]
fn matches_in_good_order_are_rebuilt_as_they_were() {
    for seed in 1..=3 {
        let measure = measure(Manner::Clean, seed, 60);
        measure.assert_least("matches", measure.matches, 1.0);
        measure.assert_least("scores", measure.scores, 1.0);
        measure.assert_least("hits", measure.hits, 1.0);
        measure.assert_least("results", measure.results, 1.0);
        measure.assert_least("points", measure.points, 0.99);
        measure.assert_least("gam-jeoms", measure.gam_jeoms, 0.98);
        measure.assert_least("removals", measure.removals, 0.9);
    }
}

/// As above, and decisions that were cut off their datagram and fit more than one.
#[test]
fn disorder_on_arrival_hides_little() {
    for seed in 1..=3 {
        let measure = measure(Manner::AsReal, seed, 60);
        measure.assert_least("matches", measure.matches, 1.0);
        measure.assert_least("scores", measure.scores, 0.99);
        measure.assert_least("hits", measure.hits, 1.0);
        measure.assert_least("results", measure.results, 0.95);
        measure.assert_least("points", measure.points, 0.99);
        measure.assert_least("gam-jeoms", measure.gam_jeoms, 0.98);
        measure.assert_least("removals", measure.removals, 0.9);
    }
}

impl Measure {
    fn assert_least(&self, what: &str, share: Share, least: f64) {
        assert!(share.value() >= least, "{what}: {} of {} are right, not {least}", share.right, share.of);
    }
}
