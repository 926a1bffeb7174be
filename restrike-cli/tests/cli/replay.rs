use std::{net::UdpSocket, thread, time::Duration};

use pss_protocol::{PipelineConfig, Timestamp};
use pss_store::{NewSession, SessionKind, SourceDigest, Store, StoreConfig};

use crate::util::{Dir, corpus, field};

#[test]
fn a_file_becomes_one_session_of_the_database() {
    let dir = Dir::new();
    let capture = corpus("a1_bestof3_realtime.pcap");
    let capture = capture.to_str().unwrap();
    let replay = |more: &[&str]| dir.run([&["replay", capture, "--db", "a.db"], more].concat());
    let first = replay(&[]);
    assert_eq!(first.code, 0, "{}", first.stderr);
    assert!(first.stderr.contains("689 datagrams are session 1"), "{}", first.stderr);
    let again = replay(&[]);
    assert_eq!(again.code, 1);
    assert!(again.stderr.contains("was replayed before, as session 1; --again"), "{}", again.stderr);
    let forced = replay(&["--again"]);
    assert_eq!(forced.code, 0, "{}", forced.stderr);
    assert!(forced.stderr.contains("are session 2"), "{}", forced.stderr);
    // Narrowed it is something else; from a pipe it is the same.
    let narrowed = replay(&["--port", "9988"]);
    assert!(narrowed.stderr.contains("are session 3"), "{}", narrowed.stderr);
    let bytes = std::fs::read(capture).unwrap();
    let piped = dir.run_with_input(["replay", "-", "--db", "a.db"], &bytes);
    assert!(piped.stderr.contains("was replayed before"), "{}", piped.stderr);
}

#[test]
fn a_replay_that_was_cut_short_is_told_as_such() {
    let dir = Dir::new();
    let text = "rnd;1\n";
    let file = dir.file("some.txt", text);
    let mut digest = SourceDigest::default();
    digest.update(text.as_bytes());
    let store = Store::open(StoreConfig::new(dir.path("a.db"))).unwrap();
    let begun = store.begin_session(NewSession {
        ring: "1",
        kind: SessionKind::Replay,
        origin: None,
        digest: Some(digest.finish()),
        again: false,
        started_at: Timestamp(0),
        reading: PipelineConfig::default(),
    });
    begun.unwrap();
    store.close().unwrap();
    let run = dir.run(["replay", file, "--db", "a.db"]);
    assert_eq!(run.code, 1);
    assert!(run.stderr.contains("as session 1, which did not come to its end; --again"), "{}", run.stderr);
}

#[test]
fn databases_that_cannot_be_written() {
    let dir = Dir::new();
    let capture = dir.file("some.txt", "rnd;1\n");
    dir.file("no.db", "this is a letter and no database, whatever its name says");
    for (db, says) in [("no.db", "is not a database"), ("missing/a.db", "does not exist")] {
        let run = dir.run(["replay", capture, "--db", db]);
        assert_eq!(run.code, 1, "{db}");
        assert!(run.stderr.contains(says), "{}", run.stderr);
    }
}

#[test]
fn onto_the_wire_goes_what_the_sender_sent_to_all() {
    let dir = Dir::new();
    let socket = UdpSocket::bind("127.0.0.1:0").unwrap();
    socket.set_read_timeout(Some(Duration::from_secs(20))).unwrap();
    let target = format!("udp://{}", socket.local_addr().unwrap());
    let capture = corpus("e_requests.pcap");
    let capture = capture.to_str().unwrap();
    let all = dir.decode(0, [capture, "--port", "9988"]);
    let expected: Vec<_> = field(&all, "raw").into_iter().map(str::to_owned).collect();
    let count = expected.len();
    let receiver = thread::spawn(move || {
        let mut buffer = [0; 2048];
        let one = |_| {
            let length = socket.recv(&mut buffer).unwrap();
            pss_protocol::escape(&buffer[..length]).to_string()
        };
        (0..count).map(one).collect::<Vec<_>>()
    });
    let run = dir.run(["replay", capture, "--to", &target, "--speed", "400"]);
    assert_eq!(run.code, 0, "{}", run.stderr);
    assert_eq!(receiver.join().unwrap(), expected);
    assert!(run.stderr.contains(&format!("{count} datagrams sent")), "{}", run.stderr);
    assert!(run.stderr.contains("requests and answers between others were left out"), "{}", run.stderr);
}
