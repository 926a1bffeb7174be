use serde_json::Value;

use crate::util::{Dir, corpus};

/// A database of a capture and of a text without times.
fn database() -> Dir {
    let dir = Dir::new();
    let capture = corpus("a1_bestof3_realtime.pcap");
    assert_eq!(dir.run(["replay", "--db", "q.db", capture.to_str().unwrap()]).code, 0);
    let text = dir.file("typed.txt", "clk;01:59\nxyz;1;\\xFF\nhl1;40\n");
    assert_eq!(dir.run(["replay", "--db", "q.db", "--ring", "typed", text]).code, 0);
    dir
}

fn query(dir: &Dir, args: &str) -> crate::util::Run {
    dir.run(["query", "--db", "q.db"].into_iter().chain(args.split(' ')))
}

#[test]
fn every_noun_in_text() {
    let dir = database();
    let told: Vec<_> = [
        "messages --limit 2",
        "messages --ring typed --order oldest",
        "messages --match 101 --code pt1,PT2 --limit 2",
        "events --match id:1 --code R --limit 3",
        "hits --athlete 1 --limit 2",
        "matches",
        "athletes --text tan",
        "counts --ring typed",
        "matches --ring nowhere",
        "messages --from 2026-11-22T11:43:00Z --until 2026-11-22T11:43:02Z",
        "messages --from 2026-11-22T13:43:00 --until 2026-11-22T13:43:02 --time-zone +02:00",
    ]
    .iter()
    .map(|args| format!("$ query {args}\n{}", query(&dir, args).all()))
    .collect();
    insta::assert_snapshot!("query_text", told.join("\n"));
}

#[test]
fn a_stored_match_is_told_as_that_of_a_file() {
    let dir = database();
    let of = ["tournament", "add", "Open", "--db", "q.db", "--time-zone", "UTC", "--day", "2026-11-22"];
    assert_eq!(dir.run(of).code, 0);
    let of = ["tournament", "assign", "1", "--db", "q.db", "--session", "1"];
    assert_eq!(dir.run(of).code, 0);
    let shown = dir.run(["match", "show", "1", "--db", "q.db"]);
    insta::assert_snapshot!("match_text", shown.all());
    let capture = corpus("a1_bestof3_realtime.pcap");
    let of_file = dir.run(["matches", "--events", "--format", "json", capture.to_str().unwrap()]);
    let of_file: Value = serde_json::from_str(&of_file.stdout).unwrap();
    let stored = dir.run(["match", "show", "1", "--db", "q.db", "--events", "--format", "json"]);
    let stored: Value = serde_json::from_str(&stored.stdout).unwrap();
    for (field, value) in of_file[0].as_object().unwrap() {
        assert_eq!(&stored[field], value, "{field}");
    }
    insta::assert_snapshot!("match_challenges", serde_json::to_string_pretty(&stored["challenges"]).unwrap());
    assert_eq!(dir.run(["match", "show", "99", "--db", "q.db"]).code, 1);
}

#[test]
fn what_cannot_be_asked_is_refused() {
    let dir = database();
    let told: Vec<_> = [
        "hits --status partial",
        "matches --code K",
        "messages --code zz",
        "messages --after page2",
        "hits --after 1mtn.5.1.2.3",
        "messages --status odd",
        "messages --from yesterday",
        "messages --limit 0",
        "messages --all",
    ]
    .iter()
    .map(|args| {
        let run = query(&dir, args);
        assert_eq!(run.stdout, "");
        format!("$ query {args}\nexit {}\n{}", run.code, run.stderr)
    })
    .collect();
    insta::assert_snapshot!("query_refused", told.join("\n"));
}

#[test]
fn pages_lead_to_everything() {
    let dir = database();
    let all = query(&dir, "messages --all --format ndjson").json_lines();
    assert_eq!(all.len(), 692);
    let (mut pages, mut after) = (Vec::new(), String::new());
    loop {
        let run = query(&dir, &format!("messages --limit 300 --format json{after}"));
        let page: Value = serde_json::from_str(&run.stdout).unwrap();
        pages.extend(page["rows"].as_array().unwrap().clone());
        let Some(next) = page["next"].as_str() else { break };
        after = format!(" --after {next}");
    }
    assert_eq!(pages, all);
}
