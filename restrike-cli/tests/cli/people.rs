//! `restrike tournament`, `athletes` and `import`, over databases made by `restrike replay`.

use std::fs;

use insta::assert_snapshot;
use serde_json::Value;

use crate::util::{Dir, Run, corpus};

/// A directory with the captures replayed into `x.db`, in this order.
fn replayed(captures: &[&str]) -> Dir {
    let dir = Dir::new();
    for capture in captures {
        let path = corpus(&format!("{capture}.pcap"));
        let run = dir.run(["replay", path.to_str().unwrap(), "--db", "x.db"]);
        assert_eq!(run.code, 0, "{}", run.stderr);
    }
    dir
}

fn on_database(dir: &Dir, args: &[&str]) -> Run {
    Run::of(dir.command().args(args).env("RESTRIKE_DB", "x.db").env("USER", "ada").output().unwrap())
}

#[track_caller]
fn json(run: &Run) -> Value {
    assert_eq!(run.code, 0, "{}", run.stderr);
    serde_json::from_str(&run.stdout).unwrap()
}

/// The sender's log of a match where a real event puts it.
fn log(dir: &Dir, court: &str, name: &str, items: impl AsRef<[u8]>) {
    let folder = dir.path(court).join("20261122");
    fs::create_dir_all(&folder).unwrap();
    fs::write(folder.join(format!("{name}-matchLogItems.csv")), items).unwrap();
}

fn items(name: &str) -> Vec<u8> {
    fs::read(corpus(&format!("{name}-matchLogItems.csv"))).unwrap()
}

#[test]
fn a_tournament_from_its_beginning_to_its_end() {
    let dir = replayed(&["c_golden_tiebreak", "j_no_ovr_url"]);
    let run = |args: &[&str]| on_database(&dir, args);
    let added = run(&[
        "tournament",
        "add",
        "Open",
        "--time-zone",
        "Europe/Madrid",
        "--day",
        "2026-11-21..2026-11-23",
        "--ring",
        "1",
        "--place",
        "Hall 1",
    ]);
    assert_snapshot!("tournament_add", added.all());
    let again = run(&["tournament", "add", "Open", "--time-zone", "UTC"]);
    assert_eq!(again.code, 1);
    assert!(again.stderr.contains("tournament 1 has this name"), "{}", again.stderr);

    let assigned = run(&["tournament", "assign", "Open", "--from", "2026-11-22", "--until", "2026-11-22"]);
    assert!(assigned.stderr.contains("of tournament 1 from now on: sessions 1, 2"), "{}", assigned.stderr);
    assert_snapshot!("tournament_list", run(&["tournament", "list"]).all());
    assert_snapshot!("tournament_show", run(&["tournament", "show", "1"]).all());
    let shown = json(&run(&["tournament", "show", "Open", "--format", "json"]));
    assert_eq!(shown["fights"][0]["day"], "2026-11-22");
    assert_eq!(shown["fights"][0]["winner"], "blue");
    assert_eq!(shown["rings"], serde_json::json!(["1"]));

    let changed = run(&["tournament", "change", "1", "--day", "2026-11-23", "--all-rings", "--place", ""]);
    assert_eq!(changed.code, 0, "{}", changed.stderr);
    let shown = json(&run(&["tournament", "show", "1", "--format", "json"]));
    assert_eq!((&shown["fights"][0]["day"], &shown["place"]), (&Value::Null, &Value::Null));
    assert_eq!(run(&["tournament", "change", "1"]).code, 1, "nothing to change");
    assert_eq!(run(&["tournament", "assign", "none", "--session", "1"]).code, 0);
    let listed = json(&run(&["tournament", "list", "--format", "json"]));
    assert_eq!((&listed[0]["sessions"], &listed[0]["matches"]), (&1.into(), &1.into()));

    assert_eq!(run(&["tournament", "remove", "Open"]).code, 0);
    let gone = run(&["tournament", "show", "Open"]);
    assert_eq!((gone.code, gone.stderr.as_str()), (1, "restrike: error: there is no tournament Open\n"));
}

#[test]
fn a_replay_finds_the_tournament_of_its_matches() {
    let dir = replayed(&["e_requests"]);
    let added =
        ["tournament", "add", "Open", "--time-zone", "Asia/Seoul", "--day", "2026-11-22", "--ring", "1"];
    assert_eq!(on_database(&dir, &added).code, 0);
    let path = corpus("j_no_ovr_url.pcap");
    assert_eq!(on_database(&dir, &["replay", path.to_str().unwrap(), "--db", "x.db"]).code, 0);
    let shown = json(&on_database(&dir, &["tournament", "show", "1", "--format", "json"]));
    assert_eq!(shown["fights"].as_array().unwrap().len(), 1);
    assert_eq!((&shown["fights"][0]["number"], &shown["fights"][0]["session"]), (&"701".into(), &2.into()));
}

#[test]
fn what_a_tournament_is_asked_wrongly_is_wrong_usage() {
    let dir = replayed(&["e_requests"]);
    for args in [
        &["tournament", "add", "Open"][..],
        &["tournament", "add", "Open", "--time-zone", "UTC", "--day", "tomorrow"],
        &["tournament", "assign", "1"],
        &["tournament", "assign", "1", "--from", "2026-11-22"],
        &["athletes", "split", "1", "here"],
    ] {
        assert_eq!(on_database(&dir, args).code, 2, "{args:?}");
    }
    for (args, says) in [
        (&["tournament", "add", "Open", "--time-zone", "Mars/Olympus"][..], "no time zone is called"),
        (&["tournament", "assign", "7", "--session", "1"], "there is no tournament 7"),
        (&["tournament", "list", "--db", "missing.db"], "does not exist"),
        (&["athletes", "show", "99"], "there is no athlete 99"),
        (&["athletes", "merge", "1", "1"], "both are athlete 1 already"),
        (&["import", "compare", "5"], "there is no match log 5"),
        (&["import", "matchlog", "missing"], "missing cannot be read"),
    ] {
        let run = on_database(&dir, args);
        assert_eq!(run.code, 1, "{args:?}");
        assert!(run.stderr.contains(says), "{args:?}: {}", run.stderr);
    }
}

#[test]
fn athletes_are_merged_and_told_apart() {
    let dir = replayed(&["c_golden_tiebreak"]);
    let run = |args: &[&str]| on_database(&dir, args);
    assert_snapshot!("athletes_list", run(&["athletes", "list"]).all());
    let ids = json(&run(&["athletes", "list", "--name", "silva", "--format", "json"]));
    assert_eq!(ids.as_array().unwrap().len(), 1);
    assert_eq!(ids[0]["id"], 1);
    assert_eq!(run(&["athletes", "merge", "1", "3", "--reason", "for the test"]).code, 0);
    assert_snapshot!("athletes_show", run(&["athletes", "show", "3"]).all());
    assert_eq!(run(&["athletes", "unmerge", "1"]).code, 0);
    let split = run(&["athletes", "split", "1", "1:1:blue", "1:2:blue"]);
    assert_eq!(split.stderr, "restrike: these matches are the namesake's from now on, athlete 5\n");
    let shown = json(&run(&["athletes", "show", "5", "--format", "json"]));
    assert_eq!((&shown["variant"], &shown["matches"]), (&1.into(), &2.into()));
    assert_eq!(shown["fights"][0]["place"], "1:2:blue");
    let history = json(&run(&["athletes", "history", "1", "--format", "json"]));
    let told: Vec<_> = history.as_array().unwrap().iter().map(|one| (&one["action"], &one["by"])).collect();
    let actions: Vec<Value> = ["merge", "unmerge", "split", "assign", "assign"].map(Value::from).into();
    let by = Value::from("ada");
    assert_eq!(told, actions.iter().map(|action| (action, &by)).collect::<Vec<_>>());
    assert_eq!(history[0]["reason"], "for the test");
    let none = run(&["athletes", "list", "--similar"]);
    assert_eq!(none.stderr, "restrike: no two athletes look like one\n");
}

#[test]
fn match_logs_are_imported_once_and_damage_is_told() {
    let dir = replayed(&["a1_bestof3_realtime", "c_golden_tiebreak", "e_requests"]);
    let run = |args: &[&str]| on_database(&dir, args);
    log(&dir, "Court01", "20261122103000-101", items("a1_bestof3_realtime-m1"));
    log(&dir, "Court01", "20261122103100-201", items("c_golden_tiebreak-m1"));
    let torn = items("e_requests-m1");
    log(&dir, "Court02", "20261122103200-301", &torn[..1500]);
    log(&dir, "Court02", "20261122103300-302", "\u{1b}[2J,a letter\n");
    log(&dir, "Court02", "20261122103400-999", items("j_no_ovr_url-m1"));
    let summary = "\u{feff}\"matchNumber\",\"roundsWinners\",\"winner\"\n\"101\",{\"1\":\"RED\",\"2\":\"BLUE\"},\"BLUE\"\n";
    fs::write(dir.path("Court01").join("20261122/20261122103000-101-matchLog.csv"), summary).unwrap();
    fs::write(dir.path("Court02").join("20261122/20261122103500-777-matchLog.csv"), summary).unwrap();

    let dry = run(&["import", "matchlog", ".", "--dry-run"]);
    assert_snapshot!("import_dry_run", dry.all());
    assert_eq!(json(&run(&["import", "list", "--format", "json"])), serde_json::json!([]));
    let first = run(&["import", "matchlog", "Court01"]);
    assert_eq!(first.code, 0, "{}", first.stderr);
    assert_eq!(run(&["import", "matchlog", "Court02"]).code, 3);
    assert_snapshot!("import_list", run(&["import", "list"]).all());
    let listed = json(&run(&["import", "list", "--format", "json"]));
    assert_eq!(listed[0]["summary"]["roundsWinners"]["1"], "RED");
    let again = run(&["import", "matchlog", "Court01", "--format", "json"]);
    let again = json(&again);
    assert!(again.as_array().unwrap().iter().all(|log| log["state"] == "unchanged"), "{again}");
    assert_snapshot!("import_compare", run(&["import", "compare", "1"]).all());
    assert_snapshot!("import_compare_json", run(&["import", "compare", "3", "--format", "json"]).all());

    // From within the folder the court is above it.
    let one = dir.path("Court01").join("20261122/20261122103000-101-matchLogItems.csv");
    let one = json(&run(&["import", "matchlog", one.to_str().unwrap(), "--format", "json"]));
    assert_eq!((&one[0]["court"], &one[0]["state"]), (&"Court01".into(), &"unchanged".into()));
}

#[test]
fn the_senders_own_logs_find_their_matches_without_a_number_in_their_names() {
    let captures = ["a1_bestof3_realtime", "b_nonascii_truncation", "c_golden_tiebreak", "d_para_hw_connect"];
    let more = ["e_requests", "h_bursts_reordering", "j_no_ovr_url"];
    let dir = replayed(&[&captures[..], &more].concat());
    let folder = corpus("");
    let run = on_database(&dir, &["import", "matchlog", folder.to_str().unwrap(), "--format", "json"]);
    let reports = json(&run);
    let reports = reports.as_array().unwrap();
    assert_eq!(reports.len(), 14);
    for report in reports {
        assert_eq!(report["join"]["kind"], "match", "{report}");
        let comparison = &report["comparison"];
        for figure in ["points", "gam_jeoms", "hits"] {
            assert_eq!(comparison[figure]["only_log"], serde_json::json!([]), "{report}");
            assert_eq!(comparison[figure]["only_reading"], serde_json::json!([]), "{report}");
        }
        assert_eq!(comparison["winner"]["log"], comparison["winner"]["reading"]);
    }
}
