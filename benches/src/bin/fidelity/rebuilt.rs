//! What reStrike makes of the datagrams alone.

use std::collections::BTreeMap;

use pss_protocol::{
    Arrival, Athlete, Datagram, EventKind, FlowClassifier, MatchEvent, MatchSummary, Monotonic, Pipeline,
    PipelineConfig, Sink, escape,
};
use restrike_benches::listing::Recorded;

use crate::course::{Course, count};

/// The matches that the pipeline rebuilds. With `trace` every datagram and every event goes to stdout as well.
pub(crate) fn from_datagrams(recorded: &[Recorded], trace: bool) -> Vec<Course> {
    let mut pipeline =
        Pipeline::new(PipelineConfig::default(), Collector { trace, courses: BTreeMap::new() });
    let mut flows = FlowClassifier::new();
    for (seq, recorded) in (1..).zip(recorded) {
        let Recorded { micros, source, destination, bytes } = recorded;
        let flow = flows.classify(Some(*source), Some(*destination), bytes);
        let arrival = Arrival { wall: None, mono: Monotonic::from_micros(*micros) };
        pipeline.ingest(&Datagram { seq, arrival, source: Some(*source), flow, bytes });
    }
    pipeline.finish().courses.into_values().collect()
}

/// Gathers the matches by their index in the session.
struct Collector {
    trace: bool,
    courses: BTreeMap<u32, Course>,
}

impl Sink for Collector {
    fn datagram(&mut self, datagram: &Datagram<'_>) {
        if self.trace {
            println!("{:>10.3} {}", millis(datagram.arrival), escape(datagram.bytes));
        }
    }

    fn event(&mut self, event: &MatchEvent) {
        if self.trace {
            let at = millis(event.at);
            println!("           → round {} {:?} {:?} at {at:.3}", event.round, event.basis, event.kind);
        }
        let Some(index) = event.key.match_index else { return };
        let course = self.courses.entry(index).or_default();
        let round = event.round;
        match event.kind {
            EventKind::Point { athlete, code, points } => {
                count(&mut course.points, (round, athlete, code, points))
            }
            EventKind::GamJeom { athlete } => count(&mut course.gam_jeoms, (round, athlete)),
            EventKind::Hit { athlete, level } => count(&mut course.hits, (round, athlete, level)),
            _ => {}
        }
    }

    fn match_changed(&mut self, summary: &MatchSummary) {
        let course = self.courses.entry(summary.index).or_default();
        course.name = summary.number.clone().unwrap_or_default();
        course.scores = summary.rounds.iter().map(|round| (round.round, (round.blue, round.red))).collect();
        course.winner =
            summary.winner.map(|winner| winner.athlete().map_or("tie", Athlete::as_str).to_owned());
        course.decision = summary.decision.map(|decision| decision.as_str().to_owned());
    }
}

fn millis(at: Arrival) -> f64 {
    at.mono.as_micros() as f64 / 1000.0
}
