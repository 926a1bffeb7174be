//! `restrike calibration`, over captures, databases made of them, and invented matches.

use insta::assert_snapshot;
use serde_json::Value;

use crate::util::{Dir, Run, corpus};

fn calibration(dir: &Dir, args: &[&str]) -> Run {
    let mut command = dir.command();
    command.arg("calibration").args(args).env("LC_ALL", "C.UTF-8").env_remove("RESTRIKE_DB");
    Run::of(command.output().unwrap())
}

#[track_caller]
fn json(dir: &Dir, args: &[&str]) -> Value {
    let run = calibration(dir, &[args, &["--format", "json"]].concat());
    assert_eq!(run.code, 0, "{}", run.stderr);
    serde_json::from_str(&run.stdout).unwrap()
}

#[test]
fn captures_are_told_for_people() {
    let captures = ["a1_bestof3_realtime.pcap", "c_golden_tiebreak.pcap"].map(corpus);
    let captures = captures.map(|path| path.display().to_string());
    let run = calibration(&Dir::new(), &captures.each_ref().map(String::as_str));
    assert_eq!(run.code, 0, "{}", run.stderr);
    assert_snapshot!(run.stdout);
}

#[test]
fn a_database_gives_what_the_capture_gives() {
    let dir = Dir::new();
    let capture = corpus("c_golden_tiebreak.pcap").display().to_string();
    assert_eq!(dir.run(["replay", &capture, "--db", "x.db"]).code, 0);
    assert_eq!(json(&dir, &["--db", "x.db"]), json(&dir, &[&capture]));
}

#[test]
fn invented_matches_are_predicted_better_than_by_who_leads() {
    let dir = Dir::new();
    let args = ["--simulated", "40", "--seed", "4", "--out", "page.html"];
    let found = json(&dir, &args);
    let any = &found["any_match"];
    let number = |name: &str| any[name].as_f64().unwrap_or_else(|| panic!("{name}: {any}"));
    assert!(number("margin") > 0.0 && number("brier") < 0.25, "{any}");
    assert!(number("margin_low") < number("margin") && number("margin") < number("margin_high"));
    assert_eq!(any["missing"], serde_json::json!({}));
    let counted: u64 =
        any["reliability"].as_array().unwrap().iter().map(|bin| bin["predictions"].as_u64().unwrap()).sum();
    assert_eq!(Some(counted), any["predictions"].as_u64());

    let page = std::fs::read_to_string(dir.path("page.html")).unwrap();
    assert!(page.contains("40 invented ones, seed 4") && page.contains("<svg"), "{page}");
    let again = calibration(&dir, &args);
    assert_eq!(again.code, 1, "the page is there already: {}", again.stderr);
}

#[test]
fn nothing_is_a_dash_and_the_reason() {
    let dir = Dir::new();
    std::fs::write(dir.path("nothing.txt"), "").unwrap();
    let run = calibration(&dir, &["nothing.txt"]);
    assert_eq!(run.code, 0, "{}", run.stderr);
    assert!(run.stdout.contains("– (too little data)"), "{}", run.stdout);
    // What is only assumed is no finding.
    assert!(
        run.stdout.contains("scoring: – (the clock was not seen running); predicted is with 1.50"),
        "{}",
        run.stdout
    );
    let found = json(&dir, &["nothing.txt"]);
    assert_eq!(found["marks_per_minute"], Value::Null);
    assert_eq!(found["missing"]["marks_per_minute"], "no_running_clock");
    assert_eq!(found["round"]["brier"], Value::Null);
    assert_eq!(found["round"]["missing"]["brier"], "too_little_data");
}

#[test]
fn ascii_where_it_is_asked_for_or_the_locale_knows_no_more() {
    let dir = Dir::new();
    std::fs::write(dir.path("nothing.txt"), "").unwrap();
    let ascii = calibration(&dir, &["nothing.txt", "--ascii"]).stdout;
    assert!(ascii.is_ascii() && ascii.contains("- (too little data)"), "{ascii}");
    let mut plain = dir.command();
    plain.args(["calibration", "nothing.txt"]).env("LC_ALL", "C");
    assert_eq!(Run::of(plain.output().unwrap()).stdout, ascii);
}

#[test]
fn what_does_not_go_together_is_wrong_usage() {
    let dir = Dir::new();
    for args in [
        &["--simulated", "5", "x.pcap"][..],
        &["--simulated", "0"],
        &["--simulated", "5", "--db", "x.db"],
        &["--simulated", "5", "--athlete", "x"],
        &["--seed", "5", "x.pcap"],
        &["--force", "x.pcap"],
        &[],
    ] {
        assert_eq!(calibration(&dir, args).code, 2, "{args:?}");
    }
}
