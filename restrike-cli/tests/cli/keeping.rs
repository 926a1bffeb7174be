use std::fs;

use serde_json::Value;

use crate::util::{Dir, Run, corpus};

/// A folder with a database of one captured match.
fn with_database() -> Dir {
    let dir = Dir::new();
    let capture = corpus("a1_bestof3_realtime.pcap");
    ok(dir.run(["replay", capture.to_str().unwrap(), "--db", "a.db"]));
    dir
}

fn ok(run: Run) -> String {
    assert_eq!(run.code, 0, "{}", run.all());
    run.stdout
}

fn json(run: Run) -> Value {
    serde_json::from_str(&ok(run)).unwrap()
}

fn words(line: &str) -> Vec<&str> {
    line.split(' ').collect()
}

#[test]
fn a_backup_is_made_verified_and_restored() {
    let dir = with_database();
    let run = |line: &str| dir.run(words(line));
    let made = json(run("db backup --db a.db --format json"));
    let copy = made["path"].as_str().unwrap();
    assert!(copy.contains("backups") && fs::exists(format!("{copy}.json")).unwrap(), "{copy}");
    let verified = json(dir.run(["db", "verify", "--db", copy, "--format", "json"]));
    assert_eq!((&verified["whole"], &verified["manifest"]), (&Value::Bool(true), &Value::from("equal")));
    let status = json(run("db status --db a.db --format json"));
    assert_eq!(status["sessions"], 1);
    let events = status["tables"].as_array().unwrap().iter().find(|table| table["name"] == "pss_events");
    assert_eq!(events.unwrap()["rows"], 689);

    fs::write(dir.path("a.db"), "ruined".repeat(1000)).unwrap();
    assert_eq!(run("db verify --db a.db").code, 1);
    let half = fs::read(copy).unwrap();
    fs::write(dir.path("half.db"), &half[..half.len() / 2]).unwrap();
    let damaged = run("db verify --db half.db");
    assert_eq!((damaged.code, damaged.stdout.as_str()), (3, ""), "{}", damaged.all());
    assert!(damaged.stderr.contains("is damaged"), "{}", damaged.stderr);
    let restored = json(dir.run(["db", "restore", copy, "--db", "a.db", "--format", "json"]));
    assert!(restored["kept"].as_str().unwrap().contains("before-restore"), "{restored}");
    assert!(ok(run("db verify --db a.db")).ends_with("whole\n"));

    // The copy is changed: exit code 3, and no restore.
    let mut bytes = fs::read(copy).unwrap();
    let middle = bytes.len() / 2 / 4096 * 4096;
    bytes[middle..middle + 4096].fill(0x55);
    fs::write(copy, bytes).unwrap();
    assert_eq!(dir.run(["db", "verify", "--db", copy]).code, 3);
    assert_eq!(dir.run(["db", "restore", copy, "--db", "a.db"]).code, 3);
    assert!(ok(run("db migrate --db a.db --dry-run")).starts_with("up to date"));
    assert_eq!(run("db status --db none.db").code, 1);
    assert!(!dir.path("none.db").exists());
}

#[test]
fn a_damaged_database_is_told_apart_by_every_verb() {
    let dir = with_database();
    let mut bytes = fs::read(dir.path("a.db")).unwrap();
    // The first page says that it is a database, and what it holds is behind it.
    let pages = bytes.chunks_mut(4096).enumerate().skip(8).filter(|(number, _)| number % 2 == 0);
    pages.for_each(|(_, page)| page.fill(0x55));
    fs::write(dir.path("a.db"), bytes).unwrap();
    for line in [
        "stats --db a.db",
        "stats --db a.db --by round",
        "integrity --db a.db",
        "calibration --db a.db",
        "report --db a.db --all --out page.html",
        "query events --db a.db",
        "db export events --db a.db --format csv --out events.csv",
        "db verify --db a.db",
    ] {
        let run = dir.run(words(line));
        assert_eq!(run.code, 3, "{line}: {}", run.all());
        assert!(run.all().contains("damage"), "{line}: {}", run.all());
    }
    assert!(!dir.path("page.html").exists() && !dir.path("events.csv").exists());
}

#[test]
fn only_the_last_backups_are_kept() {
    let dir = with_database();
    let folder = dir.path("copies");
    fs::create_dir(&folder).unwrap();
    for second in 0..12 {
        fs::write(folder.join(format!("a-20200101T0000{second:02}Z.db")), "old").unwrap();
    }
    let made = json(dir.run(words("db backup --db a.db --dir copies --format json")));
    assert_eq!(made["removed"].as_array().unwrap().len(), 3);
    let left = fs::read_dir(&folder)
        .unwrap()
        .filter(|it| it.as_ref().unwrap().path().extension().is_some_and(|extension| extension == "db"));
    assert_eq!(left.count(), 10);
}

#[test]
fn an_archive_is_believed_by_its_key() {
    let dir = with_database();
    let run = |line: &str| dir.run(words(line));
    ok(run("archive keygen --out our.key"));
    let secret = fs::read_to_string(dir.path("our.key")).unwrap();
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt as _;
        assert_eq!(fs::metadata(dir.path("our.key")).unwrap().permissions().mode() & 0o777, 0o600);
    }
    assert_eq!(run("archive keygen --out our.key").code, 1, "a key is never overwritten");
    assert_eq!(fs::read_to_string(dir.path("our.key")).unwrap(), secret);
    ok(run("archive keygen --out other.key"));

    ok(run("archive create --db a.db --session 1 --out event.restrike --key our.key"));
    assert!(ok(run("archive verify event.restrike --key our.key.pub")).contains("; trusted"));
    assert!(ok(run("archive verify event.restrike")).contains("its signer is not known"));
    assert_eq!(run("archive verify event.restrike --key other.key.pub").code, 1);
    let refused = run("archive import event.restrike --db b.db --key other.key.pub");
    assert_eq!(refused.code, 1, "{}", refused.all());
    assert!(!dir.path("b.db").exists());
    let import = "archive import event.restrike --db b.db --key our.key.pub --format json";
    assert_eq!(json(run(import))["sessions"][0]["outcome"], "added");
    assert_eq!(json(run(import))["sessions"][0]["outcome"], "already_here");

    let bytes = fs::read(dir.path("event.restrike")).unwrap();
    fs::write(dir.path("event.restrike"), &bytes[..bytes.len() / 2]).unwrap();
    assert_eq!(run("archive verify event.restrike").code, 3);
    assert_eq!(run("archive create --db a.db --session 7 --out x.restrike").code, 1);
    assert_eq!(run("archive create --db a.db --out x.restrike").code, 2);
    for refused in [
        run("archive verify event.restrike --key our.key"),
        run("archive import a.db --db b.db --any-signer"),
    ] {
        assert_eq!(refused.code, 1);
        assert!(!refused.all().contains(secret.trim()));
    }
}

#[test]
fn what_is_pruned_is_archived_first() {
    let dir = with_database();
    let run = |line: &str| dir.run(words(line));
    assert_eq!(run("db prune --db a.db --days 0").code, 2, "with or without an archive?");
    assert_eq!(run("db prune --db a.db --no-archive").code, 1, "nothing says how much is kept");
    let plan = json(run("db prune --db a.db --days 0 --dry-run --format json"));
    assert_eq!((plan["sessions"].as_array().unwrap().len(), &plan["deleted"]), (1, &Value::Bool(false)));
    fs::write(dir.path("taken"), "precious").unwrap();
    assert_eq!(run("db prune --db a.db --days 0 --archive taken").code, 1);
    assert_eq!(json(run("db status --db a.db --format json"))["sessions"], 1, "no archive, nothing deleted");
    ok(run("db prune --db a.db --days 0 --archive old.restrike"));
    let status = json(run("db status --db a.db --format json"));
    assert_eq!(status["sessions"], 0);
    ok(run("db vacuum --db a.db"));
    ok(run("archive import old.restrike --db a.db --any-signer"));
    assert!(ok(run("db verify --db a.db")).ends_with("whole\n"));
}

#[test]
fn exports_go_to_files_and_pipes() {
    let dir = with_database();
    let run = |line: &str| dir.run(words(line));
    let csv = ok(run("db export hits --db a.db --format csv --out - --order oldest"));
    assert!(csv.starts_with("ring,session,match_id,"), "{csv}");
    ok(run("db export hits --db a.db --format csv --out hits.csv --order oldest"));
    assert_eq!(fs::read_to_string(dir.path("hits.csv")).unwrap(), csv);
    assert_eq!(run("db export hits --db a.db --format json --out hits.csv").code, 1, "it is there already");
    ok(run("db export hits --db a.db --format json --out hits.csv --force"));
    assert_eq!(run("db export hits --db a.db --format csv --out x.csv --status unknown").code, 1);
    let left: Vec<_> = fs::read_dir(dir.path("")).unwrap().map(|it| it.unwrap().file_name()).collect();
    assert!(left.iter().all(|name| !name.to_string_lossy().contains("unfinished")), "{left:?}");
    let points = ok(run("db export events --db a.db --format ndjson --out - --code K"));
    assert!(points.lines().all(|line| line.contains(r#""code":"K""#)) && !points.is_empty(), "{points}");
}
