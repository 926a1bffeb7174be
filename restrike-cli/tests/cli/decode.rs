use std::{
    io::{BufRead as _, BufReader, Read as _, Write as _},
    process::Stdio,
};

use serde_json::{Value, json};

use crate::{
    build::{Pcapng, ethernet, ip, pcap},
    util::{Dir, corpus, field},
};

/// The lines without their times, which a listing does not have.
fn timeless(mut lines: Vec<Value>) -> Vec<Value> {
    for line in &mut lines {
        line["at"] = Value::Null;
    }
    lines
}

#[test]
fn the_same_capture_gives_the_same_lines_in_every_format() {
    let dir = Dir::new();
    for name in ["a1_bestof3_realtime", "b_nonascii_truncation", "d_para_hw_connect", "e_requests"] {
        let pcap = dir.decode(0, [corpus(&format!("{name}.pcap"))]);
        assert!(pcap.len() > 100, "{name}");
        let listing = dir.decode(0, [corpus(&format!("{name}.txt"))]);
        assert!(listing.iter().all(|line| line["at"].is_null()));
        assert!(timeless(pcap.clone()) == timeless(listing), "{name}");
    }
    let pcap = dir.decode(0, [corpus("a1_bestof3_realtime.pcap")]);
    let pcapng = dir.decode(0, [corpus("a1_bestof3_realtime.pcapng")]);
    assert!(pcap == pcapng);
}

#[test]
fn the_lines_of_a_capture() {
    let dir = Dir::new();
    let path = corpus("a1_bestof3_realtime.pcap");
    let head = |format: &str| {
        let run = dir.run(["decode", "--format", format, path.to_str().unwrap()]);
        assert_eq!((run.code, run.stderr.as_str()), (0, ""));
        run.stdout.lines().take(40).collect::<Vec<_>>().join("\n")
    };
    insta::assert_snapshot!("decode_text", head("text"));
    insta::assert_snapshot!("decode_ndjson", head("ndjson"));
}

#[test]
fn what_was_cut_is_partial_and_says_where() {
    let dir = Dir::new();
    let lines = dir.decode(0, [corpus("b_nonascii_truncation.pcap")]);
    let partial: Vec<_> = lines.iter().filter(|line| line["status"] == "partial").collect();
    assert_eq!(partial.len(), 12);
    assert!(partial.iter().all(|line| !line["findings"].as_array().unwrap().is_empty()));
    assert!(lines.iter().all(|line| line["status"] == "partial" || line["status"] == "recognized"));
}

#[test]
fn a_log_has_whole_seconds_in_the_time_zone_that_is_told() {
    let dir = Dir::new();
    let log = corpus("a1_bestof3_realtime-externalIntegration.log");
    let lines = dir.decode(0, [log.to_str().unwrap()]);
    assert_eq!(lines[0]["raw"], "hel;");
    assert_eq!(lines[0]["at"], "2026-11-22T11:33:03.000000Z");
    assert_eq!(lines[0]["source"], Value::Null);
    assert!(field(&lines, "status").iter().all(|status| *status == "recognized"));
    let east = dir.decode(0, [log.to_str().unwrap(), "--time-zone", "+02:00"]);
    assert_eq!(east[0]["at"], "2026-11-22T09:33:03.000000Z");
}

#[test]
fn plain_lines_from_the_standard_input() {
    let dir = Dir::new();
    let run = dir.run_with_input(["decode", "--format", "ndjson", "-"], b"pt1;3\\r\\n\nhl2;40\n\nxyz;1\n");
    let lines = run.json_lines();
    assert_eq!(field(&lines, "raw"), ["pt1;3\\r\\n", "hl2;40", "xyz;1"]);
    assert_eq!(field(&lines, "status"), ["recognized", "recognized", "unknown"]);
    assert_eq!(lines[0]["message"], json!({"type": "points", "athlete": "blue", "points": 3}));
    assert_eq!((lines[0]["at"].clone(), lines[0]["source"].clone()), (Value::Null, Value::Null));
    assert_eq!(run.code, 0, "the status of a message does not change the exit code");
}

#[test]
fn each_file_is_counted_from_one() {
    let dir = Dir::new();
    let lines = dir.decode(0, [dir.file("a.txt", "rnd;1\nrnd;2\n"), dir.file("b.txt", "rnd;3;rnd\n")]);
    let numbers: Vec<_> = lines.iter().map(|line| line["seq"].as_u64().unwrap()).collect();
    assert_eq!(numbers, [1, 2, 1]);
}

#[test]
fn narrowing_keeps_the_numbers() {
    let dir = Dir::new();
    let capture = corpus("e_requests.txt");
    let capture = capture.to_str().unwrap();
    let all = dir.decode(0, [capture]);
    let requests = dir.decode(0, [capture, "--port", "9995"]);
    assert!(!requests.is_empty() && requests.len() < all.len());
    for request in &requests {
        assert!(request["code"] == "request" || request["status"] == "unknown");
        assert!(all.contains(request));
    }
    let sender = dir.decode(0, [capture, "--source", "127.0.0.1:55066"]);
    let host = dir.decode(0, [capture, "--source", "127.0.0.1"]);
    assert!(sender.iter().all(|line| line["source"] == "127.0.0.1:55066"));
    assert!(sender.len() < host.len() && host.len() < all.len());
    let none = dir.run(["decode", capture, "--port", "1"]);
    assert_eq!((none.code, none.stdout.as_str()), (0, ""));
    assert!(none.stderr.contains("--port and --source leave none"), "{}", none.stderr);
}

#[test]
fn classic_captures_of_every_byte_order_and_resolution() {
    let dir = Dir::new();
    let micros = [(1_700_000_000, 5, ip(b"rnd;1\r\n"))];
    let nanos = [(1_700_000_000, 5_999, ip(b"rnd;1\r\n"))];
    for (name, capture) in [
        ("little", pcap(0xA1B2_C3D4, u32::to_le_bytes, 101, &micros)),
        ("big", pcap(0xA1B2_C3D4, u32::to_be_bytes, 101, &micros)),
        ("little-nanos", pcap(0xA1B2_3C4D, u32::to_le_bytes, 101, &nanos)),
        ("big-nanos", pcap(0xA1B2_3C4D, u32::to_be_bytes, 101, &nanos)),
    ] {
        let lines = dir.decode(0, [dir.file(name, capture)]);
        assert_eq!(field(&lines, "raw"), ["rnd;1\\r\\n"], "{name}");
        assert_eq!(field(&lines, "at"), ["2023-11-14T22:13:20.000005Z"], "{name}");
        assert_eq!(field(&lines, "source"), ["192.0.2.1:4000"], "{name}");
    }
}

#[test]
fn interfaces_of_different_links_and_clocks_in_one_file() {
    let dir = Dir::new();
    for big_endian in [false, true] {
        let mut file = Pcapng::new(big_endian);
        let seconds: u64 = 1_700_000_000;
        file.interface(1, &[]);
        // Nanoseconds; the next one counts 1024ths of a second and is an hour behind.
        file.interface(101, &[(9, &[9])]);
        let hour = if big_endian { 3600_i64.to_be_bytes() } else { 3600_i64.to_le_bytes() };
        file.interface(101, &[(9, &[0x80 | 10]), (14, &hour)]);
        file.block(0xBAD, b"a block that nobody knows...");
        file.packet(0, seconds * 1_000_000 + 1, &ethernet(b"rnd;1\r\n"));
        file.packet(1, seconds * 1_000_000_000 + 2_000, &ip(b"rnd;2\r\n"));
        file.packet(2, (seconds - 3600) * 1024 + 512, &ip(b"rnd;3\r\n"));
        // Another section knows nothing of these interfaces.
        file.section(!big_endian);
        file.interface(101, &[]);
        file.packet(0, (seconds + 1) * 1_000_000, &ip(b"rnd;4\r\n"));
        file.simple_packet(&ip(b"rnd;5\r\n"));
        let lines = dir.decode(0, [dir.file("two.pcapng", &file.bytes)]);
        assert_eq!(
            field(&lines, "raw"),
            ["rnd;1\\r\\n", "rnd;2\\r\\n", "rnd;3\\r\\n", "rnd;4\\r\\n", "rnd;5\\r\\n"]
        );
        assert_eq!(
            field(&lines, "at"),
            [
                "2023-11-14T22:13:20.000001Z",
                "2023-11-14T22:13:20.000002Z",
                "2023-11-14T22:13:20.500000Z",
                "2023-11-14T22:13:21.000000Z",
                "null",
            ]
        );
    }
}

#[test]
fn a_reader_that_has_seen_enough_is_no_error() {
    let dir = Dir::new();
    let mut command = dir.command();
    command.arg("decode").arg(corpus("a1_bestof3_realtime.pcap"));
    let mut child = command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    // 120 KiB are written, more than a pipe holds.
    let mut line = String::new();
    let mut stdout = BufReader::with_capacity(256, child.stdout.take().unwrap());
    stdout.read_line(&mut line).unwrap();
    drop(stdout);
    let mut stderr = String::new();
    child.stderr.take().unwrap().read_to_string(&mut stderr).unwrap();
    assert_eq!((child.wait().unwrap().code(), stderr.as_str()), (Some(0), ""));
}

#[test]
fn a_live_pipe_is_shown_as_it_comes() {
    let dir = Dir::new();
    let mut command = dir.command();
    let command = command.args(["decode", "--format", "ndjson", "-"]);
    let mut child = command.stdin(Stdio::piped()).stdout(Stdio::piped()).spawn().unwrap();
    let mut stdin = child.stdin.take().unwrap();
    let mut stdout = BufReader::new(child.stdout.take().unwrap()).lines();
    for round in 1..=3 {
        // Nothing more is sent before the answer to this line has come.
        writeln!(stdin, "rnd;{round}").unwrap();
        let line: Value = serde_json::from_str(&stdout.next().unwrap().unwrap()).unwrap();
        assert_eq!(line["message"]["round"], round);
    }
    drop(stdin);
    assert!(child.wait().unwrap().success());
}

#[test]
fn names_cannot_command_the_terminal() {
    let dir = Dir::new();
    let run =
        dir.run(["decode", dir.file("evil.txt", "at1;\\x1B[2J;A\u{9b}31m\u{202e}B;ESP;at2;C;C;JPN\\r\\n\n")]);
    assert_eq!(run.code, 0);
    assert!(!run.stdout.contains(['\u{1b}', '\u{9b}', '\u{202e}']), "{}", run.stdout);
    assert!(run.stdout.contains(r"A\u{9b}31m\u{202e}B"), "{}", run.stdout);
}
