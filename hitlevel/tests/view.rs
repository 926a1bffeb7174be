//! What leaves a process as JSON about hits.
#![cfg(all(feature = "pss", feature = "serde"))]

use hitlevel::{Course, Courses, LinkView, MatchHitsView, Overall, OverallView};
use pss_protocol::{
    Arrival, Athlete, ClockTime, Datagram, EventKey, EventKind, Flow, MatchEvent, MatchSummary, Monotonic,
    Pipeline, PipelineConfig, PointCode, Timestamp,
};
use serde_json::{Value, json};

/// The matches of a capture of the corpus.
fn captured(name: &str) -> Vec<Course> {
    let path = format!("{}/../pss-protocol/tests/corpus/{name}.txt", env!("CARGO_MANIFEST_DIR"));
    let listing = std::fs::read_to_string(path).expect("the corpus is there");
    let mut pipeline = Pipeline::new(PipelineConfig::default(), Courses::default());
    for (line, seq) in listing.lines().filter(|line| !line.starts_with('#')).zip(1..) {
        let columns: Vec<&str> = line.split('\t').collect();
        let micros = (columns[0].parse::<f64>().expect("a number") * 1000.0).round() as u64;
        let bytes = pss_protocol::unescape(columns[4]).expect("escaped");
        let arrival = Arrival { wall: Some(Timestamp(0)), mono: Monotonic::from_micros(micros) };
        let source = columns[1].parse().ok();
        pipeline.ingest(&Datagram { seq, arrival, source, flow: Flow::Broadcast, bytes: &bytes });
    }
    pipeline.finish().finish().collect()
}

fn course(levels: bool, kinds: &[(u32, EventKind)]) -> Course {
    let mut summary = MatchSummary::new(0);
    if levels {
        (summary.body_level, summary.head_level) = (Some(27), Some(10));
    }
    let events = kinds.iter().zip(0..).map(|((clock, kind), id)| {
        let mono = Monotonic::from_micros(u64::from(120 - clock) * 1_000_000);
        let at = Arrival { wall: Some(Timestamp(0)), mono };
        let mut event = MatchEvent::new(EventKey { match_index: Some(0), id }, at, kind.clone());
        (event.round, event.clock) = (1, Some(ClockTime::from_seconds(*clock)));
        event
    });
    Course::new(summary, events.collect())
}

fn json(course: &Course) -> Value {
    let links: Vec<_> = course.links.iter().map(LinkView::new).collect();
    json!({ "hits": MatchHitsView::new(&course.statistics), "links": links })
}

#[test]
fn an_empty_match() {
    insta::assert_json_snapshot!(json(&course(true, &[])));
}

#[test]
fn one_hit_that_scored_without_levels() {
    let hit = EventKind::Hit { athlete: Athlete::Red, level: 31 };
    let point = EventKind::Point { athlete: Athlete::Red, code: PointCode::K, points: 2 };
    insta::assert_json_snapshot!(json(&course(
        false,
        &[(120, EventKind::RoundStarted), (97, hit), (97, point)]
    )));
}

#[test]
fn a_real_match() {
    let courses = captured("a1_bestof3_realtime");
    insta::assert_json_snapshot!(json(&courses[0]));
}

#[test]
fn a_merge_of_matches() {
    let mut overall = Overall::default();
    for course in captured("c_golden_tiebreak") {
        overall.add(&course.statistics, Athlete::Blue);
    }
    insta::assert_json_snapshot!(OverallView::new(&overall));
}

/// Every null has its reason and every reason its null, wherever they are.
fn check(value: &Value, checked: &mut usize) {
    let Value::Object(fields) = value else {
        value.as_array().into_iter().flatten().for_each(|value| check(value, checked));
        return;
    };
    if let Some(missing) = fields.get("missing") {
        let missing = missing.as_object().expect("an object");
        for (name, value) in fields {
            assert_eq!(value.is_null(), missing.contains_key(name), "{name} in {value}");
        }
        assert!(missing.keys().all(|name| fields.contains_key(name)), "{missing:?}");
        *checked += 1;
    }
    fields.values().for_each(|value| check(value, checked));
}

#[test]
fn what_is_null_has_a_reason() {
    let above = EventKind::Hit { athlete: Athlete::Blue, level: 250 };
    let judged = EventKind::Hit { athlete: Athlete::Red, level: 99 };
    let mut courses = vec![
        course(true, &[]),
        course(true, &[(90, above.clone()), (90, judged.clone())]),
        course(false, &[(120, EventKind::RoundStarted), (80, judged), (70, above)]),
    ];
    for name in ["a1_bestof3_realtime", "b_nonascii_truncation", "d_para_hw_connect", "h_bursts_reordering"] {
        courses.extend(captured(name));
    }
    let mut checked = 0;
    courses.iter().for_each(|course| check(&json(course), &mut checked));
    assert!(checked > 20, "{checked}");
}
