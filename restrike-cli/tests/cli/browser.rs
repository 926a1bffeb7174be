//! The pages in a real browser. Without chromium on the PATH this is told and left out, unless `RESTRIKE_REQUIRE=all`.

use std::{
    env, fs,
    io::Read as _,
    path::{Path, PathBuf},
    process::{Command, Stdio},
    thread,
    time::Duration,
};

use serde_json::Value;

use crate::util::{Dir, corpus};

/// A page that shows another one 1280 px wide and writes down what it finds there. The report itself runs no script.
const HARNESS: &str = r#"<!DOCTYPE html><title>harness</title>
<iframe id="page" style="width:1280px;height:1000px;border:0" src="page.html"></iframe><pre id="found"></pre>
<script>
document.getElementById("page").onload = event => {
  const view = event.target.contentWindow, page = view.document;
  const timing = view.performance.getEntriesByType("navigation")[0];
  document.getElementById("found").textContent = "FOUND" + JSON.stringify({
    sections: [...page.querySelectorAll("main > [id]")].map(section => section.id),
    wide: page.documentElement.scrollWidth,
    cut: [...page.querySelectorAll("td, th, dd, svg, .athlete")]
      .filter(one => one.getBoundingClientRect().right > 1280.5).length,
    figures: [...page.querySelectorAll("svg")].map(one => one.querySelector("title").textContent),
    unnamed: [...page.querySelectorAll("svg")].filter(one => !one.querySelector("desc").textContent).length,
    loaded: view.performance.getEntriesByType("resource").map(one => one.name),
    scripts: page.scripts.length,
    milliseconds: Math.round(timing.loadEventStart - timing.startTime),
  }) + "END";
};
</script>"#;

/// How often is looked whether the browser has ended: two minutes, on a machine that is busy with something else.
const PATIENCE: u32 = 6_000;
const BETWEEN: Duration = Duration::from_millis(20);

#[test]
fn a_match_in_a_browser() {
    let Some(chromium) = chromium() else { return };
    let dir = Dir::new();
    let capture = corpus("a1_bestof3_realtime.pcap");
    let run = dir.run(["report", capture.to_str().unwrap(), "--out", "page.html"]);
    assert_eq!(run.code, 0, "{}", run.stderr);
    let found = look(&chromium, &dir);
    let sections = [
        "match",
        "score",
        "levels",
        "histograms",
        "links",
        "tempo",
        "probability",
        "statistics",
        "irregularities",
        "quality",
    ];
    assert_eq!(found["sections"], Value::from(sections.to_vec()));
    assert_eq!(found["figures"].as_array().unwrap().len(), 5);
    usual(&found);
}

#[test]
fn a_tournament_with_long_names_in_a_browser() {
    let Some(chromium) = chromium() else { return };
    let dir = Dir::new();
    let name = "W".repeat(300);
    let lines = format!(
        "pre;FightLoaded\nmch;9;{name};MEN {name};;;;;;1;{name};3;120;cntDown;27;10\nat1;{name};{name};ESP;at2;<script>x</script>;x;JPN\n\
         rdy;FightReady\nrnd;1\nclk;02:00;start\nhl1;50\npt1;2\nsc1;2;sc2;0\nclk;01:59\n"
    );
    dir.file("text.txt", lines);
    let captures = ["b_nonascii_truncation", "c_golden_tiebreak"].map(|name| corpus(&format!("{name}.pcap")));
    let mut args = vec!["report", "--all", "--out", "page.html", "text.txt"];
    args.extend(captures.iter().map(|path| path.to_str().unwrap()));
    let run = dir.run(args);
    assert_eq!(run.code, 0, "{}", run.stderr);
    let found = look(&chromium, &dir);
    let sections = [
        "tournament",
        "matches",
        "levels",
        "statistics",
        "athletes",
        "categories",
        "rings",
        "rates",
        "irregularities",
        "challenges",
        "calibration",
    ];
    assert_eq!(found["sections"], Value::from(sections.to_vec()));
    usual(&found);
}

/// What holds of every page.
fn usual(found: &Value) {
    assert!(found["wide"].as_u64().unwrap() <= 1280, "it is wider than the screen: {found}");
    assert_eq!(found["cut"], 0, "{found}");
    assert_eq!(found["unnamed"], 0, "{found}");
    assert_eq!(found["loaded"], Value::from(Vec::<String>::new()), "nothing is loaded");
    assert_eq!(found["scripts"], 0);
}

/// Shows `page.html` of the directory, and tells what the browser found and that it complained of nothing.
fn look(chromium: &Path, dir: &Dir) -> Value {
    dir.file("harness.html", HARNESS);
    let mut command = Command::new(chromium);
    command
        .args([
            "--headless",
            "--disable-gpu",
            "--disable-dev-shm-usage",
            "--no-first-run",
            "--enable-logging=stderr",
        ])
        .args(["--allow-file-access-from-files", "--window-size=1400,1100", "--dump-dom"])
        // Tests may run as root, where chromium has no sandbox; it sees only pages of ours.
        .arg("--no-sandbox")
        .arg(format!("--user-data-dir={}", dir.path("profile").display()))
        .arg(format!("file://{}", dir.path("harness.html").display()));
    let (dom, log) = ended(command);
    let complaints: Vec<&str> = log.lines().filter(|line| line.contains("CONSOLE")).collect();
    assert_eq!(complaints, Vec::<&str>::new());
    let found = dom.split_once("FOUND").and_then(|(_, rest)| rest.split_once("END"));
    let (found, _) = found.unwrap_or_else(|| panic!("the page was not loaded: {log}"));
    let found = found.replace("&lt;", "<").replace("&gt;", ">").replace("&amp;", "&");
    let found: Value = serde_json::from_str(&found).unwrap();
    println!(
        "{} bytes, loaded in {} ms",
        fs::metadata(dir.path("page.html")).unwrap().len(),
        found["milliseconds"]
    );
    found
}

/// What a process wrote; it is ended when it takes too long.
fn ended(mut command: Command) -> (String, String) {
    let mut child =
        command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    let (mut stdout, mut stderr) = (child.stdout.take().unwrap(), child.stderr.take().unwrap());
    let read = thread::spawn(move || {
        let mut text = Vec::new();
        stdout.read_to_end(&mut text).unwrap();
        String::from_utf8_lossy(&text).into_owned()
    });
    let log = thread::spawn(move || {
        let mut text = Vec::new();
        stderr.read_to_end(&mut text).unwrap();
        String::from_utf8_lossy(&text).into_owned()
    });
    let mut looks = 0;
    while child.try_wait().unwrap().is_none() {
        if looks == PATIENCE {
            child.kill().unwrap();
            child.wait().unwrap();
            panic!("chromium did not end");
        }
        looks += 1;
        thread::sleep(BETWEEN);
    }
    (read.join().unwrap(), log.join().unwrap())
}

/// Where chromium is.
fn chromium() -> Option<PathBuf> {
    let found = env::split_paths(&env::var_os("PATH").unwrap_or_default())
        .flat_map(|folder| ["chromium", "chromium-browser", "google-chrome"].map(|name| folder.join(name)))
        .find(|path| path.is_file());
    if found.is_none() {
        let required = env::var("RESTRIKE_REQUIRE").is_ok_and(|what| what == "all");
        assert!(!required, "there is no chromium on the PATH");
        eprintln!("left out: there is no chromium on the PATH");
    }
    found
}
