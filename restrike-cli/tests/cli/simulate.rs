use std::{net::UdpSocket, thread, time::Duration};

use crate::util::{Dir, field};

#[test]
fn the_same_seed_gives_the_same_datagrams_in_every_output() {
    let dir = Dir::new();
    for name in ["a.journal", "a.pcap"] {
        let run = dir.run(["simulate", "--seed", "7", "--matches", "2", "--out", name]);
        assert_eq!((run.code, run.stdout.as_str()), (0, ""), "{}", run.stderr);
    }
    let listing = dir.run(["simulate", "--seed", "7", "--matches", "2"]).stdout;
    dir.file("a.txt", &listing);
    assert_eq!(listing, dir.run(["simulate", "--seed", "7", "--matches", "2"]).stdout);
    assert_ne!(listing, dir.run(["simulate", "--seed", "8", "--matches", "2"]).stdout);
    let read: Vec<_> = ["a.journal", "a.pcap", "a.txt"].map(|name| dir.decode(0, [name])).into();
    for lines in &read {
        assert!(lines.len() > 200);
        assert_eq!(field(lines, "raw"), field(&read[0], "raw"));
        assert_eq!(field(lines, "source"), field(&read[0], "source"));
    }
    assert_eq!(field(&read[0], "at").len(), read[1].len());
    let matches = dir.run(["matches", "--format", "json", "a.pcap"]);
    let matches: serde_json::Value = serde_json::from_str(&matches.stdout).unwrap();
    assert_eq!(matches.as_array().map(Vec::len), Some(2));
    let refused = dir.run(["simulate", "--out", "a.pcap"]);
    assert_eq!(refused.code, 1);
    assert!(refused.stderr.contains("is there already"), "{}", refused.stderr);
}

#[test]
fn rings_are_told_apart_by_their_ports() {
    let dir = Dir::new();
    assert_eq!(dir.run(["simulate", "--rings", "3", "--out", "hall.pcap"]).code, 0);
    let all = dir.decode(0, ["hall.pcap"]).len();
    let each: Vec<_> =
        ["6000", "6001", "6002"].map(|port| dir.decode(0, ["hall.pcap", "--port", port]).len()).into();
    assert!(each.iter().all(|count| *count > 100));
    assert_eq!(each.iter().sum::<usize>(), all);
}

#[test]
fn onto_the_wire() {
    let dir = Dir::new();
    let listing = dir.run(["simulate", "--seed", "3"]).stdout;
    let expected = listing.lines().count() - 1;
    let socket = UdpSocket::bind("127.0.0.1:0").unwrap();
    socket.set_read_timeout(Some(Duration::from_secs(20))).unwrap();
    let target = format!("udp://{}", socket.local_addr().unwrap());
    let receiver = thread::spawn(move || {
        let mut buffer = [0; 2048];
        (0..expected).map(|_| socket.recv(&mut buffer).unwrap()).sum::<usize>()
    });
    let run = dir.run(["simulate", "--seed", "3", "--to", &target, "--speed", "400"]);
    assert_eq!(run.code, 0, "{}", run.stderr);
    assert!(run.stderr.contains(&format!("{expected} datagrams sent")), "{}", run.stderr);
    assert!(receiver.join().unwrap() > expected * 5);
}
