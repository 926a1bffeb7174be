//! Where the matches come from.

use hitlevel::{
    Course, Courses,
    integrity::{History, Irregularity, Occasion, Trend, Weight, irregularities},
};
use pss_protocol::{
    Arrival, ClockTime, Datagram, EventKey, EventKind, Flow, FlowClassifier, MatchEvent, MatchSummary,
    MessageKey, Monotonic, PerAthlete, Pipeline, PipelineConfig, Timestamp,
    simulate::{SimulatedMatch, Simulator, SimulatorConfig},
    unescape,
};

/// The day begins here.
const MORNING: i64 = 1_700_000_000_000_000;

pub(crate) fn arrival(micros: u64) -> Arrival {
    Arrival { wall: Some(Timestamp(MORNING + micros as i64)), mono: Monotonic::from_micros(micros) }
}

/// The matches of a capture.
pub(crate) fn capture(name: &str) -> Vec<Course> {
    let path = format!("{}/../pss-protocol/tests/corpus/{name}.txt", env!("CARGO_MANIFEST_DIR"));
    let text = std::fs::read_to_string(&path).unwrap_or_else(|error| panic!("{path}: {error}"));
    let mut flows = FlowClassifier::new();
    let mut pipeline = Pipeline::new(PipelineConfig::default(), Courses::default());
    for (line, seq) in text.lines().filter(|line| !line.starts_with('#')).zip(1..) {
        let columns: Vec<&str> = line.split('\t').collect();
        let (millis, bytes): (f64, _) = (columns[0].parse().unwrap(), unescape(columns[4]).unwrap());
        let (source, destination) = (columns[1].parse().unwrap(), columns[2].parse().unwrap());
        let flow = flows.classify(Some(source), Some(destination), &bytes);
        let arrival = arrival((millis * 1000.0) as u64);
        pipeline.ingest(&Datagram { seq, arrival, source: Some(source), flow, bytes: &bytes });
    }
    pipeline.finish().finish().collect()
}

/// Plays the matches of one ring, whose datagrams `change` may change or, with `None`, lose. It is told how many
/// matches ended before.
pub(crate) fn simulated(
    seed: u64,
    matches: u32,
    mut change: impl FnMut(usize, &[u8]) -> Option<Vec<u8>>,
) -> (Vec<Course>, Vec<SimulatedMatch>) {
    let mut config = SimulatorConfig::default();
    (config.seed, config.matches) = (seed, Some(matches));
    let mut pipeline = Pipeline::new(PipelineConfig::default(), Courses::default());
    let mut truth: Vec<SimulatedMatch> = Vec::new();
    for (said, seq) in Simulator::new(config).zip(1..) {
        if let Some(bytes) = change(truth.len(), &said.bytes) {
            let (arrival, flow) = (arrival(said.at.as_micros()), Flow::Broadcast);
            pipeline.ingest(&Datagram { seq, arrival, source: None, flow, bytes: &bytes });
        }
        truth.extend(said.ends.map(|ended| *ended));
    }
    (pipeline.finish().finish().collect(), truth)
}

/// As they were told.
pub(crate) fn fair(seed: u64, matches: u32) -> (Vec<Course>, Vec<SimulatedMatch>) {
    simulated(seed, matches, |_, bytes| Some(bytes.to_vec()))
}

/// A match with what happens in it: arrival in ms, round, seconds on the match clock. Its datagrams count from 100 on, the
/// first is that of the start.
pub(crate) fn fought(events: Vec<(u64, u32, u32, EventKind)>) -> Course {
    let mut summary = MatchSummary::new(0);
    (summary.body_level, summary.head_level, summary.started) = (Some(27), Some(10), true);
    let started = (0, 1, 120, EventKind::RoundStarted);
    let events = [started].into_iter().chain(events).zip(0..).map(|((ms, round, clock, kind), id)| {
        let key = EventKey { match_index: Some(0), id };
        let mut event = MatchEvent::new(key, arrival(1000 * ms), kind);
        event.evidence = Some(MessageKey { seq: 100 + u64::from(id), index: 0 });
        (event.round, event.clock) = (round, Some(ClockTime::from_seconds(clock)));
        event
    });
    Course::new(summary, events.collect())
}

/// What somebody should look at.
pub(crate) fn questions(course: &Course) -> Vec<Irregularity> {
    irregularities(course).into_iter().filter(|found| found.weight > Weight::Note).collect()
}

/// What shows across the matches of one ring, whose athletes nobody knows.
pub(crate) fn trends(courses: &[Course]) -> Vec<Trend> {
    let mut history = History::default();
    for (course, match_tag) in courses.iter().zip(0..) {
        let people = PerAthlete { blue: None, red: None };
        history.add(Occasion { match_tag, ring: "1", people }, course);
    }
    history.trends()
}

/// Numbers that look like chance and are the same each time.
pub(crate) struct Dice(pub(crate) u64);

impl Dice {
    pub(crate) fn below(&mut self, most: u64) -> u64 {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 33) % most
    }
}
