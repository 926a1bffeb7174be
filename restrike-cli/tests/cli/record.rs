use std::{
    io::{BufRead as _, BufReader},
    net::UdpSocket,
    process::{Child, ChildStderr, Stdio},
};

use crate::util::{Dir, field};

/// A recorder that listens, and where. It is killed when a test fails before it has ended by itself.
struct Recorder {
    child: Child,
    stderr: BufReader<ChildStderr>,
    address: String,
}

impl Recorder {
    fn start(dir: &Dir, args: &[&str]) -> Self {
        let mut command = dir.command();
        // No test takes that long; one that fails must not hang.
        command.args(["record", "--listen", "127.0.0.1:0", "--for", "60"]).args(args).stderr(Stdio::piped());
        let mut child = command.spawn().unwrap();
        let mut stderr = BufReader::new(child.stderr.take().unwrap());
        let mut line = String::new();
        stderr.read_line(&mut line).unwrap();
        let address = line.split_whitespace().find(|word| word.starts_with("127.0.0.1:")).expect(&line);
        Self { address: address.to_owned(), child, stderr }
    }

    fn send(&self, payloads: &[&[u8]]) {
        let socket = UdpSocket::bind("127.0.0.1:0").unwrap();
        for payload in payloads {
            socket.send_to(payload, &self.address).unwrap();
        }
    }

    fn ended(mut self) -> (Option<i32>, String) {
        let mut line = String::new();
        self.stderr.read_line(&mut line).unwrap();
        (self.child.wait().unwrap().code(), line)
    }
}

impl Drop for Recorder {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

#[test]
fn what_was_sent_is_in_the_file() {
    let dir = Dir::new();
    let payloads: [&[u8]; 4] = [b"rnd;1\r\n", b"", b"at1;\xC5;\\\t\n", &[b'x'; 60_000]];
    for name in ["a.journal", "a.pcap"] {
        let recorder = Recorder::start(&dir, &["--out", name, "--count", "4"]);
        recorder.send(&payloads);
        let (code, line) = recorder.ended();
        assert_eq!((code, line.as_str()), (Some(0), &*format!("restrike: 4 datagrams recorded to {name}\n")));
        let lines = dir.decode(0, [name]);
        let mut raw = vec![String::new(); 5];
        for line in &lines {
            raw[line["seq"].as_u64().unwrap() as usize] += line["raw"].as_str().unwrap();
        }
        let sent: Vec<_> = payloads.iter().map(|payload| pss_protocol::escape(payload).to_string()).collect();
        assert_eq!(raw[1..], sent, "{name}");
        assert!(field(&lines, "at").iter().all(|at| at.ends_with('Z')));
        assert!(field(&lines, "source").iter().all(|source| source.starts_with("127.0.0.1:")));
    }
}

#[test]
fn a_journal_goes_on_and_a_capture_is_not_overwritten() {
    let dir = Dir::new();
    for round in 1..=2 {
        let recorder = Recorder::start(&dir, &["--out", "day.journal", "--count", "1"]);
        recorder.send(&[format!("rnd;{round}\r\n").as_bytes()]);
        assert_eq!(recorder.ended().0, Some(0));
    }
    assert_eq!(field(&dir.decode(0, ["day.journal"]), "raw"), [r"rnd;1\r\n", r"rnd;2\r\n"]);
    dir.file("old.pcap", "precious");
    let run = dir.run(["record", "--listen", "127.0.0.1:0", "--out", "old.pcap", "--for", "0"]);
    assert_eq!(run.code, 1);
    assert!(run.stderr.contains("old.pcap is there already"), "{}", run.stderr);
}

#[test]
fn a_file_that_is_no_journal_is_left_alone() {
    let dir = Dir::new();
    dir.file("notes.txt", "ring 2: call the referee\n");
    let run = dir.run(["record", "--listen", "127.0.0.1:0", "--out", "notes.txt", "--for", "0"]);
    assert_eq!(run.code, 1);
    assert!(run.stderr.contains("notes.txt is there already and is no journal"), "{}", run.stderr);
    assert_eq!(std::fs::read(dir.path("notes.txt")).unwrap(), b"ring 2: call the referee\n");
}

#[cfg(unix)]
#[test]
fn a_signal_ends_it_and_keeps_everything() {
    use std::{process::Command, time::Duration};

    let dir = Dir::new();
    for (signal, name) in [("-TERM", "term.journal"), ("-INT", "int.pcap")] {
        let recorder = Recorder::start(&dir, &["--out", name]);
        recorder.send(&[b"rnd;1\r\n", b"rnd;2\r\n"]);
        // It has received both when they are in the file, which it flushes as soon as nothing comes.
        let written = || {
            std::fs::read(dir.path(name)).is_ok_and(|file| memchr::memmem::find(&file, b"rnd;2").is_some())
        };
        let mut tries = 0..4000;
        while !written() {
            assert!(tries.next().is_some(), "nothing was written");
            std::thread::sleep(Duration::from_millis(5));
        }
        assert!(
            Command::new("kill").args([signal, &recorder.child.id().to_string()]).status().unwrap().success()
        );
        let (code, line) = recorder.ended();
        assert_eq!((code, line.as_str()), (Some(0), &*format!("restrike: 2 datagrams recorded to {name}\n")));
        assert_eq!(dir.decode(0, [name]).len(), 2);
    }
}

#[test]
fn a_taken_port_is_told() {
    let dir = Dir::new();
    let taken = UdpSocket::bind("127.0.0.1:0").unwrap();
    let address = taken.local_addr().unwrap().to_string();
    let run = dir.run(["record", "--listen", &address, "--out", "x.journal"]);
    assert_eq!(run.code, 1);
    let says = format!("cannot listen on udp {address}; another program receives there");
    assert!(run.stderr.contains(&says), "{}", run.stderr);
    assert!(!dir.path("x.journal").exists());
}

#[test]
fn flipped_bits_and_a_torn_end_of_a_journal() {
    let dir = Dir::new();
    let recorder = Recorder::start(&dir, &["--out", "a.journal", "--count", "3"]);
    recorder.send(&[b"rnd;1\r\n", b"rnd;2\r\n", b"rnd;3\r\n"]);
    assert_eq!(recorder.ended().0, Some(0));
    let mut journal = std::fs::read(dir.path("a.journal")).unwrap();
    let at = memchr::memmem::find(&journal, b"rnd;1").unwrap();
    journal[at + 4] ^= 8;
    journal.truncate(journal.len() - 5);
    let run = dir.run(["decode", "--format", "ndjson", dir.file("a.journal", journal)]);
    assert_eq!(run.code, 3);
    assert_eq!(field(&run.json_lines(), "raw"), [r"rnd;2\r\n"]);
    let complaints: Vec<_> = run.stderr.lines().collect();
    assert!(complaints[0].contains("line 3: the checksum does not match"), "{}", run.stderr);
    assert!(complaints[1].contains("line 5: torn"), "{}", run.stderr);
}
