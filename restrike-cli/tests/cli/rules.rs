//! Rules and settings of a database.

use crate::util::{Dir, corpus};

/// A database with one replay.
fn database() -> Dir {
    let dir = Dir::new();
    let capture = corpus("a1_bestof3_realtime.pcap");
    let run = dir.run(["replay", capture.to_str().unwrap(), "--db", "a.db"]);
    assert_eq!(run.code, 0, "{}", run.stderr);
    dir
}

#[test]
fn a_rule_is_tried_out_added_asked_and_removed() {
    let dir = database();
    let run = |words: &[&str]| dir.run([&["rules"], words, &["--db", "a.db"]].concat());
    let demand = ["--field", "points.points", "--check", "range", "--argument", "1..1", "--message", "one"];
    let tried = run(&[&["test", "--session", "1", "--rule", "youth"], demand.as_slice()].concat());
    assert_eq!(
        tried.all(),
        "exit 0\n--- stdout\n\
         code  before      after    messages  first datagram\n\
         pt1   recognized  unknown  10        35\n\
         pt2   recognized  unknown  10        60\n\
         --- stderr\n\
         restrike: 20 of 689 messages would have another status, 0 more only other findings\n"
    );
    assert_eq!(run(&["show", "youth"]).code, 1, "a trial stores nothing");
    let by = ["--by", "ann", "--reason", "event"];
    let added = run(&[&["add", "youth"], demand.as_slice(), &by].concat());
    assert_eq!(added.code, 0, "{}", added.stderr);
    let judged = run(&["test", r"pt1;3\r\n"]);
    assert_eq!(
        judged.stdout,
        "pt1;3\\r\\n  unknown 0.250  points of blue\n    error: one (points.points) at bytes 4..5 [youth]\n"
    );
    let listed = run(&["list", "--changed", "--format", "json"]);
    let listed: serde_json::Value = serde_json::from_str(&listed.stdout).unwrap();
    assert_eq!(listed.as_array().unwrap().len(), 1);
    assert_eq!((&listed[0]["id"], &listed[0]["changed_by"]), (&"youth".into(), &"ann".into()));
    // What is replayed from now on is judged by it.
    let capture = corpus("a1_bestof3_realtime.pcap");
    assert_eq!(dir.run(["replay", capture.to_str().unwrap(), "--db", "a.db", "--again"]).code, 0);
    let unknown = dir.run(["query", "messages", "--db", "a.db", "--status", "unknown", "--format", "json"]);
    assert!(unknown.stdout.contains("\"youth\""), "{}", unknown.all());
    let removed = run(&["reset", "youth"]);
    assert_eq!(removed.stderr, "restrike: rule youth of tkstrike was removed\n");
    assert_eq!(run(&["list", "--changed", "--format", "json"]).stdout, "[]\n");
}

#[test]
fn what_makes_no_sense_is_refused() {
    let dir = database();
    for (words, code, says) in [
        (&["rules", "add", "x", "--check", "required"][..], 2, "a new rule needs a --message"),
        (&["rules", "add", "x", "--message", "m", "--check", "magic"], 2, "no check is called `magic`"),
        (&["rules", "change", "clock-time", "--field", "clock.tim"], 1, "no message has a field `clock.tim`"),
        (&["rules", "disable", "x"], 1, "there is no rule `x` of tkstrike"),
        (&["rules", "test", r"\q"], 2, "an escape that means nothing"),
        (&["rules", "test", "--session", "9", "--rule", "hit-floor"], 1, "there is no session 9"),
        (&["rules", "test", "clk;", "--argument", "1..2"], 2, "name the rule on trial by --rule"),
        (&["rules", "list", "--version", "v9"], 2, "possible values"),
        (&["rules", "test"], 2, "DATAGRAM"),
        (&["settings", "set", "store.slow_query_ms", "-1"], 1, "a whole number from 1 to 60000, not `-1`"),
        (&["settings", "get", "store.speed"], 1, "no setting store.speed"),
        (&["settings", "get", "speed"], 2, "not CATEGORY.KEY"),
        (&["settings", "import", "none.json"], 1, "none.json cannot be read"),
    ] {
        let run = dir.run([words, &["--db", "a.db"]].concat());
        assert_eq!(run.code, code, "{words:?}: {}", run.stderr);
        assert!(run.stderr.contains(says), "{words:?}: {}", run.stderr);
    }
}

#[test]
fn settings_go_from_one_database_into_another() {
    let dir = database();
    let run = |words: &[&str]| dir.run([&["settings"], words].concat());
    assert_eq!(run(&["set", "store.slow_query_ms", "75", "--db", "a.db", "--by", "ann"]).code, 0);
    assert_eq!(run(&["get", "store.slow_query_ms", "--db", "a.db"]).stdout, "75\n");
    assert!(run(&["history", "--db", "a.db"]).stdout.contains("ann  store.slow_query_ms  (default)  75"));
    assert_eq!(run(&["export", "--db", "a.db", "--out", "s.json"]).code, 0);
    assert_eq!(run(&["export", "--db", "a.db", "--out", "s.json"]).code, 1, "nothing is overwritten");
    let text = dir.file("some.txt", "rnd;1\n");
    assert_eq!(dir.run(["replay", text, "--db", "b.db"]).code, 0);
    let import = |more: &[&str]| run(&[&["import", "s.json", "--db", "b.db"], more].concat());
    let table = "setting              from  to\nstore.slow_query_ms  50    75\n";
    assert_eq!(import(&["--dry-run"]).stdout, table);
    assert_eq!(run(&["get", "store.slow_query_ms", "--db", "b.db"]).stdout, "50\n");
    assert_eq!(import(&[]).stdout, table);
    assert_eq!(run(&["get", "store.slow_query_ms", "--db", "b.db"]).stdout, "75\n");
    assert_eq!(import(&[]).stderr, "restrike: all of it was so already\n");
}

#[test]
fn slow_statements_are_listed() {
    let dir = database();
    assert_eq!(dir.run(["db", "slow", "--db", "a.db", "--clear"]).code, 0);
    let set = dir.run(["settings", "set", "store.slow_query_ms", "60000", "--db", "a.db"]);
    assert_eq!(set.code, 0, "{}", set.stderr);
    let run = dir.run(["db", "slow", "--db", "a.db"]);
    let none = "restrike: no statement took 60000 ms or longer (store.slow_query_ms)\n";
    assert_eq!((run.stdout.as_str(), run.stderr.as_str()), ("", none));
    assert_eq!(dir.run(["db", "slow", "--db", "a.db", "--format", "json"]).stdout, "[]\n");
}
