//! Live, from a recording and from a database: the same links and the same statistics.

use std::{collections::BTreeMap, net::SocketAddr};

use hitlevel::{Analysis, Course, Courses, Link, MatchStatistics};
use pss_protocol::{
    Arrival, Both, FlowClassifier, MatchEvent, MatchSummary, Monotonic, Pipeline, PipelineConfig, Sink,
    Timestamp,
    capture::{Header, Line},
    simulate::{Simulator, SimulatorConfig},
    unescape,
};
use pss_store::{Query, Store, StoreConfig, StoreError, StoredCourse};

use crate::util::{Dir, corpus};

/// What came of each match, by its index.
type Told = BTreeMap<u32, (MatchStatistics, Vec<Link>)>;

/// What a server has while it listens: one analysis for all matches of a ring, with each match as it was last.
#[derive(Default)]
struct Live {
    analysis: Analysis,
    matches: Told,
    links: Vec<Link>,
}

impl Live {
    /// Keeps the present match, when another one is about to begin.
    fn before(&mut self, next: Option<u32>) {
        let present = self.analysis.statistics().match_index;
        if next.is_some() && next != present {
            self.end();
        }
    }

    fn end(&mut self) {
        self.analysis.finish();
        self.links.extend(self.analysis.drain_links());
        let statistics = self.analysis.statistics().clone();
        if let Some(index) = statistics.match_index {
            let old = self.matches.insert(index, (statistics, std::mem::take(&mut self.links)));
            assert!(old.is_none(), "a match comes once");
        }
    }
}

impl Sink for Live {
    fn event(&mut self, event: &MatchEvent) {
        self.before(event.key.match_index);
        self.analysis.event(event);
        self.links.extend(self.analysis.drain_links());
    }

    fn match_changed(&mut self, summary: &MatchSummary) {
        self.before(Some(summary.index));
        self.analysis.match_changed(summary);
    }

    fn tick(&mut self, now: Monotonic) {
        self.analysis.tick(now);
        self.links.extend(self.analysis.drain_links());
    }
}

/// The datagrams of a listing of the corpus.
fn recorded(name: &str) -> Vec<Line<'static>> {
    let text = std::fs::read_to_string(corpus(&format!("{name}.txt"))).unwrap();
    let mut flows = FlowClassifier::new();
    let lines = text.lines().filter(|line| !line.starts_with('#'));
    (1..)
        .zip(lines)
        .map(|(seq, line)| {
            let columns: Vec<&str> = line.split('\t').collect();
            let micros = (columns[0].parse::<f64>().unwrap() * 1000.0).round() as u64;
            let [source, destination] = [columns[1], columns[2]].map(|it| it.parse::<SocketAddr>().unwrap());
            let bytes = unescape(columns[4]).unwrap();
            let flow = flows.classify(Some(source), Some(destination), &bytes);
            line_at(seq, micros, Some(source), flow, bytes)
        })
        .collect()
}

/// The datagrams of some matches that never were.
fn simulated(seed: u64) -> Vec<Line<'static>> {
    let mut config = SimulatorConfig::default();
    (config.seed, config.matches) = (seed, Some(6));
    (1..)
        .zip(Simulator::new(config))
        .map(|(seq, datagram)| {
            line_at(seq, datagram.at.as_micros(), None, pss_protocol::Flow::Broadcast, datagram.bytes)
        })
        .collect()
}

fn line_at(
    seq: u64,
    micros: u64,
    source: Option<SocketAddr>,
    flow: pss_protocol::Flow,
    bytes: Vec<u8>,
) -> Line<'static> {
    let wall = Some(Timestamp(1_800_000_000_000_000 + micros as i64));
    let arrival = Arrival { wall, mono: Monotonic::from_micros(micros) };
    Line::from(&pss_protocol::Datagram { seq, arrival, source, flow, bytes: &bytes }).into_owned()
}

/// The matches as a server sees them, whose clock goes on between the datagrams, and as a recording has them.
fn listen(lines: &[Line<'_>]) -> (Told, Vec<Course>) {
    let mut pipeline = Pipeline::new(PipelineConfig::default(), Both(Live::default(), Courses::default()));
    for (line, next) in lines.iter().zip(lines[1..].iter().map(Some).chain([None])) {
        pipeline.ingest(&line.datagram());
        let now = line.arrival.mono.as_micros();
        let until = next.map_or(u64::MAX, |next| next.arrival.mono.as_micros());
        for later in (1..40).map(|step| now + 10_000 * step).take_while(|&later| later < until) {
            pipeline.tick(Monotonic::from_micros(later));
        }
    }
    let Both(mut live, courses) = pipeline.finish();
    live.end();
    (live.matches, courses.finish().collect())
}

/// The same after a replay into a database.
fn stored(lines: &[Line<'_>]) -> Vec<StoredCourse> {
    let dir = Dir::new();
    let header = Header { ring: "1".into(), epoch: 1, off_the_wire: true, started: None };
    let mut journal = header.opening().to_string();
    lines.iter().for_each(|line| journal += &format!("{line}\n"));
    let file = dir.file("matches.journal", journal);
    let run = dir.run(["replay", file, "--db", "x.db"]);
    assert_eq!(run.code, 0, "{}", run.stderr);
    let store = Store::open(StoreConfig::new(dir.path("x.db"))).unwrap();
    let mut courses = Vec::new();
    store
        .for_each_course(&Query::new(), |course| {
            courses.push(course);
            Ok::<(), StoreError>(())
        })
        .unwrap();
    courses
}

fn compare(name: &str, lines: &[Line<'_>]) {
    let (live, told) = listen(lines);
    let stored = stored(lines);
    assert_eq!((live.len(), told.len()), (stored.len(), stored.len()), "{name}");
    let mut linked = 0;
    for ((told, stored), (live, live_links)) in told.iter().zip(stored).zip(live.values()) {
        let name = format!("{name}, match {:?}", told.summary.number);
        assert_eq!(*live_links, told.links, "{name}");
        assert_eq!(*live, told.statistics, "{name}");
        let linked_points: BTreeMap<u32, u32> = (stored.events.iter())
            .filter_map(|stored| Some((stored.event.key.id, stored.linked_point?)))
            .collect();
        let again =
            Course::new(stored.fight.summary, stored.events.into_iter().map(|stored| stored.event).collect());
        let ids = |link: &Link| Some((link.hit?.id, link.point.id));
        assert_eq!(linked_points, again.links.iter().filter_map(ids).collect(), "{name}");
        linked += linked_points.len();
        assert_eq!(again.links, told.links, "{name}");
        assert_eq!(again.statistics, told.statistics, "{name}");
    }
    assert!(linked > 0, "{name}: nothing was linked");
}

#[test]
fn captures_tell_the_same_live_and_stored() {
    for name in crate::stats::CAPTURES {
        compare(name, &recorded(name));
    }
}

#[test]
fn simulated_matches_tell_the_same_live_and_stored() {
    for seed in 1..=5 {
        compare(&format!("seed {seed}"), &simulated(seed));
    }
}
