//! `restrike unknown`, `restrike event` and `restrike statistics`.

use serde_json::Value;

use crate::util::{Dir, Run};

/// What is known; what nobody knows, one shape of it twice and one that a terminal would obey; and a known code with a
/// field that cannot be read.
const SAID: &str = "pt1;3\nhl3;34\nxyz1;1;L. RIVERA\nxyz2;20;K. TANAKA\n\\x1b[2J\nclk;ab:cd\n";

fn database() -> Dir {
    let dir = Dir::new();
    let run = dir.run(["replay", dir.file("said.txt", SAID), "--db", "said.db"]);
    assert_eq!(run.code, 0, "{}", run.stderr);
    dir
}

fn over(dir: &Dir, args: &[&str]) -> Run {
    dir.run(args.iter().chain(&["--db", "said.db"]))
}

fn json(dir: &Dir, args: &[&str]) -> Value {
    let run = over(dir, &[args, &["--format", "json"]].concat());
    assert_eq!(run.code, 0, "{}", run.stderr);
    serde_json::from_str(&run.stdout).unwrap()
}

/// The hash of the pattern that two messages have.
fn hash(dir: &Dir) -> String {
    json(dir, &["unknown", "list"])[0]["hash"].as_str().unwrap().to_owned()
}

#[test]
fn unknown_messages_are_listed_by_their_shape() {
    let dir = database();
    insta::assert_snapshot!("unknown_list", over(&dir, &["unknown", "list"]).all());
    insta::assert_json_snapshot!("unknown_list_json", json(&dir, &["unknown", "list", "--limit", "1"]));
    insta::assert_snapshot!("unknown_show", over(&dir, &["unknown", "show", &hash(&dir)]).all());
    let shown = json(&dir, &["unknown", "show", &hash(&dir), "--messages", "1"]);
    assert_eq!(shown["messages"][0]["event"], "1:4:0", "the latest first");
    assert_eq!(shown["messages"].as_array().unwrap().len(), 1);
}

#[test]
fn a_resolved_pattern_is_not_listed_until_that_is_taken_back() {
    let dir = database();
    let hash = hash(&dir);
    let patterns =
        |more: &[&str]| json(&dir, &[&["unknown", "list"], more].concat()).as_array().unwrap().len();
    let open = patterns(&[]);
    assert_eq!(over(&dir, &["unknown", "note", &hash[..6], "only at ring 2"]).code, 0);
    let run = over(&dir, &["unknown", "resolve", &hash[..6], "noise", "--by", "me"]);
    assert_eq!(run.stderr, format!("restrike: {hash} is noise\n"));
    assert_eq!((patterns(&[]), patterns(&["--all"])), (open - 1, open));
    let shown = json(&dir, &["unknown", "show", &hash]);
    assert_eq!(shown["notes"], "only at ring 2");
    assert_eq!((&shown["resolved_as"], &shown["resolved_by"]), (&Value::from("noise"), &Value::from("me")));
    assert_eq!(over(&dir, &["unknown", "resolve", &hash, "--undo"]).code, 0);
    assert_eq!(over(&dir, &["unknown", "note", &hash, "--clear"]).code, 0);
    assert_eq!(patterns(&[]), open);
    assert!(json(&dir, &["unknown", "show", &hash])["notes"].is_null());
}

#[test]
fn a_pattern_that_is_not_there_or_not_the_only_one_is_refused() {
    let dir = database();
    for (hash, why) in
        [("zz", "there is no unknown event zz"), ("", "give more digits"), ("é\u{1b}", "there is no")]
    {
        let run = over(&dir, &["unknown", "show", hash]);
        assert_eq!(run.code, 1, "{hash:?}");
        assert!(run.stderr.contains(why), "{}", run.stderr);
    }
    assert_eq!(over(&dir, &["unknown", "resolve", "zz"]).code, 2, "as what?");
    assert_eq!(dir.run(["unknown", "list", "--db", "none.db"]).code, 1);
}

#[test]
fn a_status_is_changed_with_a_history_and_the_counts_follow() {
    let dir = database();
    let unknown = |dir: &Dir| json(dir, &["statistics", "--by", "all"])[0]["unknown"].as_u64().unwrap();
    let before = unknown(&dir);
    let set = |status: &str| {
        over(&dir, &["event", "set-status", "1:3:0", status, "--by", "me", "--reason", "tried"])
    };
    assert_eq!(set("recognized").stderr, "restrike: message 1:3:0 is recognized now, it was unknown\n");
    assert_eq!(
        set("recognized").stderr,
        "restrike: message 1:3:0 is recognized already; nothing was changed\n"
    );
    assert_eq!(unknown(&dir), before - 1);
    let hash = hash(&dir);
    let patterns = json(&dir, &["unknown", "list"]);
    assert!(patterns.as_array().unwrap().iter().all(|pattern| pattern["count"] == 1), "{hash} {patterns}");

    let mut history = json(&dir, &["event", "history", "1:3:0"]);
    assert!(history[0]["at"].as_str().unwrap().ends_with('Z'));
    history[0]["at"] = Value::from("[now]");
    insta::assert_json_snapshot!("event_history_json", history);
    let text = over(&dir, &["event", "history", "1:3:0"]);
    assert!(text.stdout.contains("unknown  recognized  me  tried"), "{}", text.stdout);
}

#[test]
fn a_message_is_shown_with_all_that_is_kept_of_it() {
    let dir = database();
    let untimed = |text: String| {
        let lines =
            text.lines().map(|line| if line.starts_with("processing") { "processing  [took]" } else { line });
        lines.collect::<Vec<_>>().join("\n")
    };
    insta::assert_snapshot!("event_show", untimed(over(&dir, &["event", "show", "1:6:0"]).all()));
    assert_eq!(
        json(&dir, &["event", "show", "1:5"])["raw"],
        "\\x1B[2J",
        "harmless, and the first of its datagram"
    );
    assert_eq!(over(&dir, &["event", "show", "1:99:0"]).code, 1);
    assert_eq!(over(&dir, &["event", "history", "1:99:0"]).code, 1);
    assert_eq!(over(&dir, &["event", "show", "soon"]).code, 2);
}

#[test]
fn statistics_are_told_by_what_is_asked_for() {
    let dir = database();
    let counts = |args: &[&str]| {
        let lines = json(&dir, &[&["statistics"], args].concat());
        let count =
            |line: &Value| (line["event_code"].clone(), line["total"].as_u64(), line["errors"].as_u64());
        lines.as_array().unwrap().iter().map(count).collect::<Vec<_>>()
    };
    assert_eq!(
        counts(&[]),
        [(Value::Null, Some(4), Some(4)), ("clk".into(), Some(1), Some(1)), ("pt1".into(), Some(1), Some(0))]
    );
    assert_eq!(counts(&["--code", "pt1"]), [("pt1".into(), Some(1), Some(0))]);
    assert_eq!(counts(&["--by", "session,day"]), [(Value::Null, Some(6), Some(5))]);
    assert!(counts(&["--session", "2"]).is_empty());
    let text = over(&dir, &["statistics", "--by", "session"]).stdout;
    assert!(text.starts_with("session  day  code  total  recognized"), "{text}");
}
