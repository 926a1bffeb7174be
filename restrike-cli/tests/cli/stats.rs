//! `restrike stats`, over recordings and over databases made of them.

mod recount;

use insta::assert_snapshot;
use serde_json::Value;

use crate::util::{Dir, Run, corpus};

pub(crate) const CAPTURES: [&str; 7] = [
    "a1_bestof3_realtime",
    "b_nonascii_truncation",
    "c_golden_tiebreak",
    "d_para_hw_connect",
    "e_requests",
    "h_bursts_reordering",
    "j_no_ovr_url",
];

/// Runs it where the locale is known.
fn stats(dir: &Dir, args: &[&str]) -> Run {
    let mut command = dir.command();
    command.arg("stats").args(args).env("LC_ALL", "C.UTF-8").env_remove("RESTRIKE_DB");
    Run::of(command.output().unwrap())
}

#[track_caller]
fn json(dir: &Dir, args: &[&str]) -> Vec<Value> {
    let run = stats(dir, &[args, &["--format", "json"]].concat());
    assert_eq!(run.code, 0, "{}", run.stderr);
    match serde_json::from_str(&run.stdout).unwrap() {
        Value::Array(all) => all,
        other => panic!("no array: {other}"),
    }
}

/// A directory with captures of the corpus under short names, each replayed into `x.db`.
fn replayed(captures: &[&str]) -> Dir {
    let dir = Dir::new();
    for capture in captures {
        let name = format!("{capture}.pcap");
        std::fs::copy(corpus(&name), dir.path(&name)).unwrap();
        replay(&dir, &name, "x.db");
    }
    dir
}

#[track_caller]
fn replay(dir: &Dir, file: &str, db: &str) {
    let run = dir.run(["replay", file, "--db", db]);
    assert_eq!(run.code, 0, "{}", run.stderr);
}

/// A match as a sender that tells no times has it, without its line ends.
fn typed(head: &[&str], hits: &[String]) -> String {
    let mut lines = vec!["pre;FightLoaded", "rnd;1"];
    lines.extend(head);
    lines.extend(["rdy;FightReady", "clk;02:00;start", "clk;01:59"]);
    lines.extend(hits.iter().map(String::as_str));
    lines.extend(["clk;00:00", "clk;0:00;stopEnd"]);
    lines.join("\n") + "\n"
}

const HEAD: &str = "mch;101;Final;MEN -58 kg;;#0000ff;#FFFFFF;#ff0000;#FFFFFF;x;SENIORS;3;120;cntDown;27;10";
const NAMES: &str = "at1;BLUE;A. BLUE;AAA;at2;RED;B. RED;BBB";

#[test]
fn a_real_match_for_people() {
    let dir = replayed(&["a1_bestof3_realtime"]);
    assert_snapshot!("stats_text", stats(&dir, &["a1_bestof3_realtime.pcap"]).all());
    let stored = stats(&dir, &["--db", "x.db"]).stdout;
    let told = stats(&dir, &["a1_bestof3_realtime.pcap"]).stdout;
    let behind = |text: &str| text.lines().skip(2).collect::<Vec<_>>().join("\n");
    assert_eq!(behind(&stored), behind(&told), "but for where it is from");
    let ascii = stats(&dir, &["a1_bestof3_realtime.pcap", "--ascii"]).stdout;
    assert!(ascii.is_ascii(), "{ascii}");
    let mut plain = dir.command();
    plain.args(["stats", "a1_bestof3_realtime.pcap"]).env("LC_ALL", "C");
    assert_eq!(Run::of(plain.output().unwrap()).stdout, ascii);
}

#[test]
fn groups_of_a_tournament_for_people() {
    let dir = replayed(&["b_nonascii_truncation", "c_golden_tiebreak", "d_para_hw_connect"]);
    let added = dir.run(["tournament", "add", "Open", "--time-zone", "UTC", "--db", "x.db"]);
    assert_eq!(added.code, 0, "{}", added.stderr);
    let assigned = dir.run(["tournament", "assign", "Open", "--session", "2", "--db", "x.db"]);
    assert_eq!(assigned.code, 0, "{}", assigned.stderr);
    for by in ["athlete", "round", "category", "tournament", "side,country", "all"] {
        let name = format!("stats_by_{}", by.replace(',', "_"));
        assert_snapshot!(name, stats(&dir, &["--db", "x.db", "--by", by]).all());
    }
    let of_open = json(&dir, &["--db", "x.db", "--tournament", "Open", "--by", "tournament"]);
    assert_eq!(of_open.len(), 1);
    assert_eq!(of_open[0]["tournament"], serde_json::json!({ "id": 1, "name": "Open" }));
    assert_eq!(of_open[0]["matches"], 5);
}

#[test]
fn a_real_match_as_json_and_csv() {
    let dir = replayed(&["j_no_ovr_url"]);
    let file = "j_no_ovr_url.pcap";
    assert_snapshot!("stats_json", serde_json::to_string_pretty(&json(&dir, &["--db", "x.db"])).unwrap());
    assert_snapshot!("stats_csv", stats(&dir, &[file, "--format", "csv"]).all().replace('\r', ""));
    let by = stats(&dir, &[file, "--format", "csv", "--by", "country"]);
    assert_snapshot!("stats_csv_by_country", by.all().replace('\r', ""));
}

#[test]
fn a_recording_and_its_database_say_the_same() {
    let simulated = Dir::new();
    let run =
        simulated.run(["simulate", "--rings", "2", "--matches", "4", "--seed", "11", "--out", "s.pcap"]);
    assert_eq!(run.code, 0, "{}", run.stderr);
    let files = CAPTURES.map(|capture| corpus(&format!("{capture}.pcap"))).into_iter();
    let others = ["a1_bestof3_realtime.pcapng", "a1_bestof3_realtime.txt"].map(corpus);
    let mut compared = 0;
    for (number, file) in files.chain(others).chain([simulated.path("s.pcap")]).enumerate() {
        let file = file.to_str().unwrap();
        let db = format!("{number}.db");
        replay(&simulated, file, &db);
        let unplaced = |args: &[&str]| {
            let mut all = json(&simulated, args);
            for one in &mut all {
                let one = one.as_object_mut().unwrap();
                for place in ["file", "session", "match_id", "blue", "red"] {
                    assert!(one.remove(place).is_some(), "{place}");
                }
            }
            // A recording has them ring by ring, a database as they began.
            all.sort_by_key(|one| (one["ring"].to_string(), one["began_at"].to_string()));
            all
        };
        let (told, stored) = (unplaced(&[file]), unplaced(&["--db", &db]));
        assert_eq!(told.len(), stored.len(), "{file}");
        for (told, stored) in told.iter().zip(&stored) {
            assert_eq!(told, stored, "{file}");
        }
        compared += told.len();
    }
    assert!(compared > 25, "{compared} matches");
}

#[test]
fn matches_of_a_database_come_in_the_order_in_which_they_began() {
    // Replayed in another order than they were fought in.
    let dir = replayed(&["j_no_ovr_url", "c_golden_tiebreak", "a1_bestof3_realtime"]);
    let all = json(&dir, &["--db", "x.db"]);
    let numbers: Vec<&str> = all.iter().map(|one| one["number"].as_str().unwrap()).collect();
    assert_eq!(numbers, ["101", "701", "201", "202", "203", "204", "205"]);
    let by_match = json(&dir, &["--db", "x.db", "--by", "match"]);
    let of_lines: Vec<&str> = by_match.iter().map(|one| one["match"]["number"].as_str().unwrap()).collect();
    assert_eq!(of_lines, numbers);
    // The fast way, which has them session by session, has the same hits.
    let hits = |lines: &[Value]| -> u64 { lines.iter().map(|line| line["hits"].as_u64().unwrap()).sum() };
    assert_eq!(hits(&json(&dir, &["--db", "x.db", "--by", "round"])), hits(&by_match));
}

#[test]
fn an_athlete_is_asked_for() {
    let dir = replayed(&["c_golden_tiebreak"]);
    let file = "c_golden_tiebreak.pcap";
    let silva = json(&dir, &[file, "--athlete", "sILVA", "--by", "all"]);
    assert_eq!((&silva[0]["matches"], &silva[0]["hits"]), (&4.into(), &19.into()));
    let by_id = json(&dir, &["--db", "x.db", "--athlete", "id:1", "--by", "athlete"]);
    assert_eq!(by_id.len(), 1, "only that athlete");
    assert_eq!((&by_id[0]["athlete"]["name"], &by_id[0]["hits"]), (&"P. SILVA".into(), &19.into()));
    let rows = stats(&dir, &[file, "--athlete", "silva", "--format", "csv"]).stdout;
    assert!(rows.lines().skip(1).all(|row| row.contains("P. SILVA")), "{rows}");

    // Whom the operator has merged is one.
    assert_eq!(dir.run(["athletes", "merge", "1", "3", "--db", "x.db"]).code, 0);
    let merged = json(&dir, &["--db", "x.db", "--athlete", "id:1", "--by", "athlete"]);
    assert_eq!((&merged[0]["athlete"]["id"], &merged[0]["matches"]), (&3.into(), &5.into()));
}

#[test]
fn names_from_the_network_do_no_harm() {
    let dir = Dir::new();
    let names = "at1;B;=1+1;AAA;at2;R;\u{1b}[2J\u{202e}X;BBB";
    let hits = ["hl1;40".to_owned(), "hl2;41".to_owned()];
    dir.file("x.txt", typed(&[HEAD, names], &hits));
    let text = stats(&dir, &["x.txt"]).stdout;
    assert!(text.contains(r"\u{1b}[2J\u{202e}X") && !text.contains('\u{1b}'), "{text}");
    let csv = stats(&dir, &["x.txt", "--format", "csv"]).stdout;
    assert!(csv.contains(",'=1+1,") && csv.contains(r",\u{1b}[2J\u{202e}X,"), "{csv}");
    assert_eq!(json(&dir, &["x.txt"])[0]["blue"]["name"], "=1+1", "JSON is for programs");
}

#[test]
fn what_cannot_be_said_is_a_dash_and_the_reason() {
    let dir = Dir::new();
    dir.file("unscored.txt", typed(&[HEAD, NAMES], &[]));
    let none = stats(&dir, &["unscored.txt"]);
    assert_eq!(none.code, 0);
    assert!(none.stdout.contains("– (no hits)"), "{}", none.stdout);
    assert!(!none.stdout.contains("NaN") && !none.stdout.contains("inf"), "{}", none.stdout);

    let hits: Vec<String> = (0..3).map(|_| "hl1;40".to_owned()).collect();
    dir.file("unknown.txt", typed(&[NAMES], &hits));
    let unknown = stats(&dir, &["unknown.txt"]).stdout;
    for reason in ["– (thresholds unknown)", "– (the source has no time of day)", "body – (not said)"] {
        assert!(unknown.contains(reason), "{reason}: {unknown}");
    }
    let blue = &json(&dir, &["unknown.txt"])[0]["total"]["blue"];
    assert_eq!((&blue["valid"], &blue["missing"]["valid"]), (&Value::Null, &"no_thresholds".into()));
    assert_eq!(
        (&blue["fastest_2_ms"], &blue["missing"]["fastest_2_ms"]),
        (&Value::Null, &"no_arrival_times".into())
    );

    let judged: Vec<String> = ["hl1;99", "pt1;2", "hl1;99", "pt1;2"].map(str::to_owned).into();
    dir.file("judged.txt", typed(&[HEAD, NAMES], &judged));
    let judged = stats(&dir, &["judged.txt"]).stdout;
    assert!(
        judged.contains("given by judges alone") && judged.contains("– (points by judges only)"),
        "{judged}"
    );

    let above: Vec<String> = ["hl1;101", "hl1;250"].map(str::to_owned).into();
    dir.file("above.txt", typed(&[HEAD, NAMES], &above));
    let above = stats(&dir, &["above.txt"]).stdout;
    assert!(above.contains(">100 / >100") && above.contains("+2 above"), "{above}");
}

#[test]
fn ten_thousand_hits_are_counted() {
    let dir = Dir::new();
    let hits: Vec<String> = (0..10_000).map(|hit| format!("hl{};{}", hit % 2 + 1, hit % 50 + 1)).collect();
    dir.file("many.txt", typed(&[HEAD, NAMES], &hits));
    let all = json(&dir, &["many.txt", "--by", "side"]);
    let expected = [("blue", 1, 49), ("red", 2, 50)];
    for (side, (name, min, max)) in all.iter().zip(expected) {
        assert_eq!((&side["side"], &side["hits"]), (&name.into(), &5000.into()));
        assert_eq!((&side["level_min"], &side["level_max"]), (&min.into(), &max.into()));
    }
}

#[test]
fn nothing_to_tell_is_told() {
    let dir = replayed(&["j_no_ovr_url"]);
    let file = "j_no_ovr_url.pcap";
    dir.file("empty", "");
    dir.file("idle.txt", "hel;\nbye;\n");
    dir.file("garbage", [0x7f, b'E', b'L', b'F', 2, 1, 1, 0, 0, 0, 0xff, 0xfe]);
    dir.file("broken.db", [0xff; 4096]);
    for (args, code, says) in [
        (&["empty"][..], 0, "no match found"),
        (&["idle.txt"], 0, "no match found"),
        (&["idle.txt", "--match", "1"], 0, "no match found"),
        (&["garbage"], 1, "is no capture"),
        (&["x.db"], 1, "is a database, no recording; name it by --db"),
        (&["missing.pcap"], 1, "cannot be opened"),
        (&[file, "--match", "999"], 1, "no match has the number 999; there are 701"),
        (&[file, "--athlete", "nobody"], 1, "no athlete of these matches is called so"),
        (&[file, "--ring", "2"], 0, "no match found"),
        (&["--db", "missing.db"], 1, "does not exist"),
        (&["--db", "broken.db"], 1, "broken.db"),
        (&["--db", "x.db", "--match", "999"], 1, "no match has the number 999; there are 701"),
        (&["--db", "x.db", "--match", "id:99"], 1, "there is no match 99"),
        (&["--db", "x.db", "--match", "id:99", "--athlete", "one"], 1, "there is no match 99"),
        (&["--db", "x.db", "--match", "id:1", "--athlete", "nobody"], 1, "no athlete of these matches"),
        (&["--db", "x.db", "--athlete", "id:99"], 1, "there is no athlete 99"),
        (&["--db", "x.db", "--tournament", "none"], 1, "there is no tournament none"),
        (&["--db", "x.db", "--session", "99"], 0, "no match found"),
        (&["--db", "x.db", "--from", "2030-01-01"], 0, "no match found"),
        (&[][..], 2, "name recordings"),
        (&[file, "--session", "1"], 2, "--session goes with --db"),
        (&[file, "--match", "id:1"], 2, "--match id:N goes with --db"),
        (&["--db", "x.db", "--port", "1"], 2, "--port goes with FILE"),
        (&["--db", "x.db", file], 2, "cannot be used with"),
        (&[file, "--by", "nose"], 2, "invalid value"),
        (&[file, "--by", "round,side,round"], 2, "--by names round twice"),
        (&[file, "--match", ""], 2, "the number of a match is not empty"),
        (&[file, "--athlete", " "], 2, "a name has letters"),
    ] {
        for format in ["text", "json", "csv"] {
            let run = stats(&dir, &[args, &["--format", format]].concat());
            assert_eq!(run.code, code, "{args:?}: {}", run.stderr);
            assert!(run.stderr.contains(says), "{args:?}: {}", run.stderr);
            let nothing = match (format, code) {
                ("json", 0) => "[]\n",
                ("csv", 0) => run.stdout.lines().next().unwrap(),
                _ => "",
            };
            assert!(code == 1 || run.stdout.trim_end() == nothing.trim_end(), "{args:?}: {}", run.stdout);
        }
    }
}

#[test]
fn the_database_of_the_environment_is_for_who_names_no_file() {
    let dir = replayed(&["j_no_ovr_url"]);
    let with = |args: &[&str]| {
        Run::of(dir.command().arg("stats").args(args).env("RESTRIKE_DB", "x.db").output().unwrap())
    };
    assert!(with(&[]).stdout.contains("session 1, id:1"));
    assert!(with(&["j_no_ovr_url.pcap"]).stdout.contains("from        j_no_ovr_url.pcap"));
}

#[test]
fn one_bad_file_does_not_keep_the_others_from_being_told() {
    let dir = replayed(&["j_no_ovr_url"]);
    let run = stats(&dir, &["missing", "j_no_ovr_url.pcap", "--by", "all"]);
    assert_eq!(run.code, 1);
    assert!(run.stdout.contains("all"), "{}", run.stdout);
}
