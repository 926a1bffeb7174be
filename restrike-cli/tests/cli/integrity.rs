//! `restrike integrity`, over recordings and over databases made of them.

use insta::{assert_json_snapshot, assert_snapshot};
use serde_json::Value;

use crate::util::{Dir, Run, corpus};

fn integrity(dir: &Dir, args: &[&str]) -> Run {
    let mut command = dir.command();
    command.arg("integrity").args(args).env("LC_ALL", "C.UTF-8").env_remove("RESTRIKE_DB");
    Run::of(command.output().unwrap())
}

fn json(dir: &Dir, args: &[&str]) -> Value {
    let run = integrity(dir, &[args, &["--format", "json"]].concat());
    assert_eq!(run.code, 0, "{}", run.stderr);
    serde_json::from_str(&run.stdout).unwrap()
}

/// A directory with two captures, each replayed into `x.db`.
fn replayed() -> Dir {
    let dir = Dir::new();
    for (name, capture) in [("a.pcap", "a1_bestof3_realtime"), ("h.pcap", "h_bursts_reordering")] {
        std::fs::copy(corpus(&format!("{capture}.pcap")), dir.path(name)).unwrap();
        let run = dir.run(["replay", name, "--db", "x.db"]);
        assert_eq!(run.code, 0, "{}", run.stderr);
    }
    dir
}

#[test]
fn irregularities_are_listed_with_their_datagrams() {
    let dir = replayed();
    assert_snapshot!("integrity", integrity(&dir, &["a.pcap", "h.pcap"]).all());
    assert_snapshot!("integrity_all", integrity(&dir, &["--db", "x.db", "--all"]).all());
    assert_json_snapshot!("integrity_json", json(&dir, &["h.pcap"]));
}

#[test]
fn ascii_where_it_is_asked_for_or_the_locale_knows_no_more() {
    let dir = replayed();
    let shown = integrity(&dir, &["a.pcap", "--all"]).stdout;
    assert!(shown.contains('–'), "{shown}");
    let ascii = integrity(&dir, &["a.pcap", "--all", "--ascii"]).stdout;
    assert!(ascii.is_ascii(), "{ascii}");
    let mut plain = dir.command();
    plain.args(["integrity", "a.pcap", "--all"]).env("LC_ALL", "C");
    assert_eq!(Run::of(plain.output().unwrap()).stdout, ascii);
}

#[cfg(target_os = "linux")]
#[test]
fn a_full_disk_is_told_once() {
    let dir = replayed();
    let full = std::fs::OpenOptions::new().write(true).open("/dev/full").unwrap();
    let run = Run::of(dir.command().args(["integrity", "a.pcap"]).stdout(full).output().unwrap());
    assert_eq!(run.code, 1);
    assert_eq!(run.stderr.matches("the output cannot be written").count(), 1, "{}", run.stderr);
}

/// But for the names of matches and messages.
#[test]
fn a_database_and_its_recordings_tell_the_same() {
    let dir = replayed();
    let told = |args: &[&str]| {
        let mut found = json(&dir, args);
        for (fight, session) in found["matches"].as_array_mut().unwrap().iter_mut().zip(1..) {
            let names = ["match_id", "session", "file"];
            names.iter().for_each(|name| drop(fight.as_object_mut().unwrap().remove(*name)));
            for list in ["irregularities", "challenges"] {
                for one in fight[list].as_array_mut().unwrap() {
                    for datagram in one["datagrams"].as_array_mut().unwrap() {
                        let name = datagram.as_str().unwrap();
                        *datagram = name.strip_prefix(&format!("{session}:")).unwrap_or(name).into();
                    }
                }
            }
        }
        for one in found["challenges_by_athlete"].as_array_mut().unwrap() {
            one["athlete"]["athlete_id"] = Value::Null;
        }
        // In a recording they are in the order in which they came, in a database in that of their ids.
        let by_name = |one: &Value| one["athlete"]["name"].to_string();
        found["challenges_by_athlete"].as_array_mut().unwrap().sort_by_key(by_name);
        found
    };
    assert_eq!(told(&["--db", "x.db"]), told(&["a.pcap", "h.pcap"]));
}

#[test]
fn what_is_asked_for_is_told_and_nothing_else() {
    let dir = replayed();
    let red = json(&dir, &["h.pcap", "--athlete", "storm"]);
    let found = red["matches"][0]["irregularities"].as_array().unwrap();
    assert!(!found.is_empty() && found.iter().all(|one| one["athlete"] == "red"), "{found:?}");
    let one = json(&dir, &["--db", "x.db", "--match", "501"]);
    assert_eq!(one["matches"].as_array().unwrap().len(), 1);
    let run = integrity(&dir, &["--db", "x.db", "--match", "502"]);
    assert_eq!(run.code, 1, "{}", run.stderr);
    assert_eq!(integrity(&dir, &[]).code, 2);
    let run = integrity(&dir, &[dir.file("garbage", [0, 159, 146, 150])]);
    assert_eq!((run.code, run.stdout.as_str()), (1, ""));
}

/// From the second half on most hits of blue are lost.
#[test]
fn a_corner_that_feels_less_is_told_with_its_matches() {
    let dir = Dir::new();
    let simulated = dir.run(["simulate", "--matches", "16", "--seed", "7"]).stdout;
    let lines: Vec<_> = simulated.lines().collect();
    let mut hits = 0;
    let kept = lines.iter().enumerate().filter(|(nth, line)| {
        let hit = line.contains("\thl1;");
        hits += u32::from(hit);
        !hit || nth * 2 < lines.len() || hits.is_multiple_of(6)
    });
    let kept: Vec<_> = kept.map(|(_, &line)| line).collect();
    let found = json(&dir, &[dir.file("faulty.txt", kept.join("\n") + "\n")]);
    let [trend] = &found["trends"].as_array().unwrap()[..] else { panic!("{}", found["trends"]) };
    assert_eq!((&trend["kind"], &trend["corner"]), (&"corner_feels_less".into(), &"blue".into()));
    assert_eq!(trend["matches"][0]["file"], "faulty.txt");
    assert!(!trend["datagrams"].as_array().unwrap().is_empty());
    let run = integrity(&dir, &["faulty.txt"]);
    assert!(run.stdout.contains("corner_feels_less  ring 1: "), "{}", run.stdout);
}
