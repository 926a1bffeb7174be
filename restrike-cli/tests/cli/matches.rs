use serde_json::Value;

use crate::util::{Dir, corpus};

fn matches(dir: &Dir, names: &[&str], more: &[&str]) -> Value {
    let mut command = dir.command();
    command.args(["matches", "--format", "json"]).args(more).args(names.iter().map(|name| corpus(name)));
    let run = crate::util::Run::of(command.output().unwrap());
    assert_eq!((run.code, run.stderr.as_str()), (0, ""));
    serde_json::from_str(&run.stdout).unwrap()
}

#[test]
fn a_match_in_json_and_in_text() {
    let dir = Dir::new();
    insta::assert_json_snapshot!("matches_json", matches(&dir, &["a1_bestof3_realtime.pcap"], &[]));
    let capture = corpus("a1_bestof3_realtime.pcap");
    let text = dir.run(["matches", capture.to_str().unwrap(), "--events"]);
    insta::assert_snapshot!("matches_text", text.stdout);
}

#[test]
fn every_event_has_what_it_must_have() {
    let dir = Dir::new();
    let found = matches(&dir, &["a1_bestof3_realtime.pcap"], &["--events"]);
    let events = found[0]["events"].as_array().unwrap();
    assert!(events.len() > 50);
    let mut linked = 0;
    for (place, event) in events.iter().enumerate() {
        assert_eq!(event["id"], place);
        assert!(event["kind"].is_string() && event["at"].is_string() && event["round"].is_u64());
        assert!(event["basis"] == "stated" || event["basis"] == "inferred");
        if let Some(point) = event["linked_point"].as_u64() {
            linked += 1;
            let point = &events[point as usize];
            assert_eq!((&point["kind"], &point["athlete"]), (&Value::from("point"), &event["athlete"]));
        }
    }
    assert!(linked > 0);
}

#[test]
fn several_files_give_one_array_in_their_order() {
    let dir = Dir::new();
    let both = matches(&dir, &["c_golden_tiebreak.pcap", "a1_bestof3_realtime.pcap"], &[]);
    let first = matches(&dir, &["c_golden_tiebreak.pcap"], &[]);
    let second = matches(&dir, &["a1_bestof3_realtime.pcap"], &[]);
    let joined = [first.as_array().unwrap().as_slice(), second.as_array().unwrap()].concat();
    assert_eq!(both, Value::Array(joined));
}

/// A log has no line ends and whole seconds, and still tells the same story.
#[test]
fn a_log_gives_the_same_results_as_the_capture() {
    let dir = Dir::new();
    for name in ["a1_bestof3_realtime", "c_golden_tiebreak", "e_requests"] {
        let capture = matches(&dir, &[&format!("{name}.pcap")], &[]);
        let log = matches(&dir, &[&format!("{name}-externalIntegration.log")], &[]);
        assert_eq!(capture.as_array().map(Vec::len), log.as_array().map(Vec::len), "{name}");
        for (capture, log) in capture.as_array().unwrap().iter().zip(log.as_array().unwrap()) {
            for field in ["number", "winner", "decision", "result", "scoring", "rounds"] {
                assert_eq!(capture[field], log[field], "{name} {field}");
            }
        }
    }
}

#[test]
fn the_last_hit_of_a_recording_is_linked_too() {
    let dir = Dir::new();
    let text = "pre;FightLoaded\nrnd;1\nclk;02:00\nrdy;FightReady\nclk;02:00;start\nclk;01:59\nhl1;40\npt1;2\nsc1;2;sc2;0\n";
    let run = dir.run(["matches", "--format", "json", "--events", dir.file("end.txt", text)]);
    let found: Value = serde_json::from_str(&run.stdout).unwrap();
    let events = found[0]["events"].as_array().unwrap();
    let of_kind = |kind: &str| events.iter().find(|event| event["kind"] == kind).unwrap();
    assert_eq!(of_kind("hit")["linked_point"], of_kind("point")["id"]);
}

#[test]
fn the_rings_of_a_hall_are_not_mixed() {
    let dir = Dir::new();
    assert_eq!(dir.run(["simulate", "--rings", "3", "--matches", "2", "--out", "hall.pcap"]).code, 0);
    let matches = |args: &[&str]| -> Vec<Value> {
        let run = dir.run(["matches", "--events", "--format", "json", "hall.pcap"].iter().chain(args));
        serde_json::from_str(&run.stdout).expect("an array of matches")
    };
    let apart: Vec<_> = ["6000", "6001", "6002"].iter().flat_map(|port| matches(&["--port", port])).collect();
    assert_eq!(apart.len(), 6);
    assert_eq!(matches(&[]), apart);
    let run = dir.run(["replay", "hall.pcap", "--db", "hall.db"]);
    assert_eq!(run.code, 0, "{}", run.stderr);
    assert!(run.stderr.contains("sessions 1, 2, 3, one for each ring"), "{}", run.stderr);
}
