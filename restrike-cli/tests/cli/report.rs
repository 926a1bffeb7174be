use std::fs;

use serde_json::Value;

use crate::util::{Dir, corpus};

/// What is read of a page, a line for each cell or paragraph, without what is drawn.
fn text(page: &str) -> String {
    let (mut text, mut hidden) = (String::new(), None);
    for part in page.split('<').skip(1) {
        let (tag, words) = part.split_once('>').unwrap();
        let name = tag.split_whitespace().next().unwrap_or_default();
        match (hidden, name) {
            (None, "style" | "svg") => hidden = Some(name),
            (Some(of), name) if name.strip_prefix('/') == Some(of) => hidden = None,
            _ => {}
        }
        match name.trim_start_matches('/') {
            _ if hidden.is_some() => continue,
            "td" | "th" | "li" if !name.starts_with('/') => text.push_str(" | "),
            "tr" | "p" | "h1" | "h2" | "h3" | "dt" | "caption" | "ul" | "section" | "div" => text.push('\n'),
            "dd" => text.push_str(": "),
            _ => {}
        }
        text.push_str(words);
    }
    let lines = text.lines().map(str::trim).filter(|line| !line.is_empty());
    lines.collect::<Vec<_>>().join("\n")
}

/// A text without what stands between two headings.
fn without(text: &str, from: &str, to: &str) -> String {
    let (before, rest) = text.split_once(&format!("\n{from}\n")).unwrap();
    let (_, after) = rest.split_once(&format!("\n{to}\n")).unwrap();
    format!("{before}\n{to}\n{after}")
}

/// The cells of the row of a table that begins so.
fn row<'a>(text: &'a str, head: &str) -> Vec<&'a str> {
    let line = text.lines().find(|line| line.trim_start_matches("| ").starts_with(&format!("{head} |")));
    let line = line.unwrap_or_else(|| panic!("no row {head} in {text}"));
    line.split('|').map(str::trim).filter(|cell| !cell.is_empty()).skip(1).collect()
}

const CAPTURES: [&str; 7] = [
    "a1_bestof3_realtime",
    "b_nonascii_truncation",
    "c_golden_tiebreak",
    "d_para_hw_connect",
    "e_requests",
    "h_bursts_reordering",
    "j_no_ovr_url",
];

fn capture(name: &str) -> String {
    corpus(&format!("{name}.pcap")).to_str().unwrap().to_owned()
}

fn page(dir: &Dir, args: &[&str]) -> String {
    let out = dir.path("page.html");
    let run = dir.run(["report", "--force", "--out", out.to_str().unwrap()].iter().chain(args).copied());
    assert_eq!(run.code, 0, "{}", run.stderr);
    assert_eq!(run.stdout, "");
    fs::read_to_string(out).unwrap()
}

fn database(dir: &Dir) -> String {
    let db = dir.path("matches.db").to_str().unwrap().to_owned();
    let mut args = vec![String::from("replay"), String::from("--db"), db.clone()];
    args.extend(CAPTURES.map(capture));
    let run = dir.run(args);
    assert_eq!(run.code, 0, "{}", run.stderr);
    db
}

#[test]
fn a_match_of_a_real_sender() {
    let dir = Dir::new();
    let capture = capture("a1_bestof3_realtime");
    let text = text(&page(&dir, &[&capture])).replace(&capture, "a1.pcap");
    // The probabilities have tests of their own.
    insta::assert_snapshot!("report_match", without(&text, "Win probability", "Statistics"));
}

#[test]
fn all_matches_of_the_corpus() {
    let dir = Dir::new();
    let page = page(&dir, &["--db", &database(&dir), "--all", "--title", "All <captures>"]);
    let text = text(&page);
    let (text, _) = text.split_once("\nHow good predictions were\n").unwrap();
    insta::assert_snapshot!("report_tournament", text);
}

#[test]
fn the_numbers_are_those_of_the_database() {
    let dir = Dir::new();
    let db = database(&dir);
    let mut matches = 0;
    for id in 1..=17 {
        let fight = format!("id:{id}");
        let text = text(&page(&dir, &["--db", &db, "--match", &fight]));
        let hits =
            dir.run(["query", "hits", "--limit", "1000", "--format", "json", "--db", &db, "--match", &fight]);
        let hits: Value = serde_json::from_str(&hits.stdout).unwrap();
        let hits = hits["rows"].as_array().unwrap();
        let count = |athlete: &str, linked: bool| {
            let of = hits.iter().filter(|hit| hit["athlete"] == athlete && hit["level"] != 99);
            of.filter(|hit| !linked || !hit["linked_point"].is_null()).count().to_string()
        };
        let (felt, scored) = (row(&text, "Hits felt"), row(&text, "Hits that scored"));
        let columns = felt.len() / 2;
        for (athlete, total) in [("blue", columns - 1), ("red", 2 * columns - 1)] {
            assert_eq!(felt[total], count(athlete, false), "match {id}, {athlete}");
            assert_eq!(scored[total], count(athlete, true), "match {id}, {athlete}");
            let levels = || {
                hits.iter().filter(|hit| hit["athlete"] == athlete).filter_map(|hit| hit["level"].as_u64())
            };
            let highest = levels().filter(|level| *level != 99).max();
            let shown = row(&text, "Highest level")[total];
            assert_eq!(
                shown,
                highest.map_or_else(|| "– no hits".into(), |level| level.to_string()),
                "match {id}"
            );
        }
        matches += usize::from(!hits.is_empty());
    }
    assert!(matches > 10, "there are hits to count");
}

#[test]
fn a_recording_and_a_database_make_the_same_page() {
    let dir = Dir::new();
    let db = database(&dir);
    let capture = capture("h_bursts_reordering");
    let of = |page: String| {
        let body = text(&page);
        // Where it comes from differs, what was learned from matches before, and what the session's messages were.
        let (_, body) = body.split_once("\nScore\n").unwrap();
        let body = without(body, "Win probability", "Statistics");
        body.split_once("\nHow good the data are\n").unwrap().0.to_owned()
    };
    assert_eq!(of(page(&dir, &[&capture])), of(page(&dir, &["--db", &db, "--match", "501"])));
}

#[test]
fn a_page_tells_how_its_recording_was_read() {
    let dir = Dir::new();
    let whole = capture("a1_bestof3_realtime");
    let said = text(&page(&dir, &[&whole]));
    assert!(said.contains("Messages of the session\n: 6") && !said.contains("not counted"), "{said}");
    assert!(said.contains("Source\n: a1_bestof3_realtime.pcap:"), "the path is nobody's business: {said}");
    assert!(!said.contains("cannot be read"), "{said}");
    let mut bytes = fs::read(&whole).unwrap();
    bytes.truncate(bytes.len() - 7);
    fs::write(dir.path("torn.pcap"), bytes).unwrap();
    let run = dir.run(["report", "torn.pcap", "--out", "-"]);
    assert_eq!(run.code, 3, "{}", run.stderr);
    let said = text(&run.stdout);
    assert!(said.contains("Places where the recording cannot be read\n: 1 "), "{said}");
    let run = dir.run(["report", "torn.pcap", "--all", "--out", "-"]);
    let said = text(&run.stdout);
    assert!(said.contains("Some of the source could not be read") && said.starts_with("torn.pcap"), "{said}");
}

#[test]
fn irregularities_of_many_matches_can_be_traced() {
    let dir = Dir::new();
    let db = database(&dir);
    let said = text(&page(&dir, &["--db", &db, "--all"]));
    let (_, table) = said.split_once("Contradictions and questions").unwrap();
    let first = table.lines().nth(2).unwrap();
    let cells: Vec<&str> = first.split('|').map(str::trim).collect();
    assert!(cells[1].contains(", id:") && cells[1].contains(", ring 1"), "{first}");
    let datagram = cells.last().unwrap().split(',').next().unwrap();
    let shown = dir.run(["event", "show", datagram, "--db", &db]);
    assert_eq!(shown.code, 0, "{datagram}: {}", shown.stderr);
}

#[test]
fn several_matches_are_named() {
    let dir = Dir::new();
    let capture = capture("c_golden_tiebreak");
    let run = dir.run(["report", &capture, "--out", "page.html"]);
    assert_eq!(run.code, 1);
    for said in ["there are 5 matches: 201, 202, 203, 204, 205", "--match", "--all"] {
        assert!(run.stderr.contains(said), "{}", run.stderr);
    }
    assert!(!dir.path("page.html").exists());
    let run = dir.run(["report", &capture, "--match", "203", "--out", "page.html"]);
    assert_eq!(run.code, 0, "{}", run.stderr);
}

#[test]
fn a_page_is_replaced_only_when_told_and_never_half() {
    let dir = Dir::new();
    dir.file("page.html", "mine");
    let capture = capture("a1_bestof3_realtime");
    let run = dir.run(["report", &capture, "--out", "page.html"]);
    assert_eq!(run.code, 1);
    assert!(run.stderr.contains("is there already"), "{}", run.stderr);
    assert_eq!(fs::read_to_string(dir.path("page.html")).unwrap(), "mine");
    let run = dir.run(["report", "nothing.pcap", "--force", "--out", "page.html"]);
    assert_eq!(run.code, 1);
    assert_eq!(fs::read_to_string(dir.path("page.html")).unwrap(), "mine", "what failed replaces nothing");
    let run = dir.run(["report", &capture, "--force", "--out", "page.html"]);
    assert_eq!(run.code, 0, "{}", run.stderr);
    assert!(fs::read_to_string(dir.path("page.html")).unwrap().starts_with("<!DOCTYPE html>"));
    let left = fs::read_dir(dir.path("")).unwrap().count();
    assert_eq!(left, 1, "nothing unfinished is left");
}

#[test]
fn a_page_on_the_standard_output() {
    let dir = Dir::new();
    let run = dir.run(["report", &capture("a1_bestof3_realtime"), "--out", "-"]);
    assert_eq!(run.code, 0);
    assert!(run.stdout.starts_with("<!DOCTYPE html>") && run.stdout.ends_with("</html>"));
}

#[test]
fn nothing_to_make_a_page_about() {
    let dir = Dir::new();
    let empty = dir.file("empty.txt", "");
    let run = dir.run(["report", empty, "--out", "page.html"]);
    assert_eq!(run.code, 1, "{}", run.stderr);
    let garbage = dir.file("garbage.txt", "no datagram of ours\n");
    let run = dir.run(["report", garbage, "--out", "page.html"]);
    assert_eq!(run.code, 1, "{}", run.stderr);
    assert!(run.stderr.contains("no match to make a page about"), "{}", run.stderr);
    let run = dir.run(["report", garbage, "--title", "x", "--out", "page.html"]);
    assert_eq!(run.code, 2, "{}", run.stderr);
    assert!(!dir.path("page.html").exists());
}
