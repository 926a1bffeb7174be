//! What reStrike makes of the datagrams alone.

use std::collections::BTreeMap;

use hitlevel::{Analysis, Link};
use pss_protocol::{
    Arrival, Athlete, Both, Datagram, EventKind, FlowClassifier, MatchEvent, MatchSummary, Monotonic,
    Pipeline, PipelineConfig, PointCode, Sink, escape,
};
use restrike_benches::listing::Recorded;

use crate::{
    course::{Course, count},
    linking::found,
};

/// The matches that the pipeline rebuilds. With `trace` every datagram and every event goes to stdout as well.
pub(crate) fn from_datagrams(recorded: &[Recorded], trace: bool) -> Vec<Course> {
    let sink = Both(Collector { trace, courses: BTreeMap::new(), events: Vec::new() }, Analysis::default());
    let mut pipeline = Pipeline::new(PipelineConfig::default(), sink);
    let mut flows = FlowClassifier::new();
    for (seq, recorded) in (1..).zip(recorded) {
        let Recorded { micros, source, destination, bytes } = recorded;
        let flow = flows.classify(Some(*source), Some(*destination), bytes);
        let arrival = Arrival { wall: None, mono: Monotonic::from_micros(*micros) };
        pipeline.ingest(&Datagram { seq, arrival, source: Some(*source), flow, bytes });
    }
    let Both(mut collector, mut analysis) = pipeline.finish();
    analysis.finish();
    analysis.drain_links().for_each(|link| collector.link(&link));
    collector.courses.into_values().collect()
}

/// Gathers the matches by their index in the session.
struct Collector {
    trace: bool,
    courses: BTreeMap<u32, Course>,
    events: Vec<MatchEvent>,
}

impl Collector {
    fn link(&mut self, link: &Link) {
        let event = |key| self.events.iter().find(|event| event.key == key);
        let Some((hit, point)) = link.hit.and_then(event).zip(event(link.point)) else { return };
        let Some(course) = link.point.match_index.and_then(|index| self.courses.get_mut(&index)) else {
            return;
        };
        course.scored.extend(found(link, hit, point));
        let is_punch = matches!(point.kind, EventKind::Point { code: PointCode::P, .. });
        course.punches_linked += u32::from(is_punch);
    }
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
            EventKind::Hit { athlete, level } => {
                count(&mut course.hits, (round, athlete, level));
                course.hits_at.push(((round, athlete, level), millis(event.at) as i64));
            }
            _ => {}
        }
        self.events.push(event.clone());
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
