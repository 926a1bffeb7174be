use crate::{
    build::{Pcapng, ip, pcap},
    util::{Dir, corpus, field},
};

fn rounds(count: u32) -> Vec<(u32, u32, Vec<u8>)> {
    (1..=count).map(|round| (1_700_000_000 + round, 0, ip(format!("rnd;{round}\r\n").as_bytes()))).collect()
}

/// Length of one record of [`rounds`] below ten: header, IP, UDP, `rnd;N\r\n`.
const RECORD: usize = 16 + 20 + 8 + 7;

#[test]
fn half_a_capture_is_read_as_far_as_it_goes() {
    let dir = Dir::new();
    for name in ["a1_bestof3_realtime.pcap", "a1_bestof3_realtime.pcapng"] {
        let whole = std::fs::read(corpus(name)).unwrap();
        let all = dir.decode(0, [corpus(name)]);
        let half = dir.decode(3, [dir.file("half", &whole[..whole.len() / 2])]);
        assert!(half.len() > 300 && half.len() < 400, "{name}: {}", half.len());
        assert_eq!(half, all[..half.len()]);
        let run = dir.run(["matches", "half"]);
        assert_eq!(run.code, 3);
        assert!(run.stderr.contains("cut off within"), "{}", run.stderr);
        assert!(run.stdout.contains("Match 101"), "{}", run.stdout);
    }
}

#[test]
fn a_capture_torn_in_its_header_is_no_capture() {
    let dir = Dir::new();
    let file = pcap(0xA1B2_C3D4, u32::to_le_bytes, 101, &[]);
    insta::assert_snapshot!(dir.run(["decode", dir.file("torn.pcap", &file[..20])]).all());
}

#[test]
fn a_record_with_a_broken_length_costs_only_itself() {
    let dir = Dir::new();
    let mut file = pcap(0xA1B2_C3D4, u32::to_le_bytes, 101, &rounds(9));
    // The highest byte of the third record's length, then the lowest but one of the sixth's.
    file[24 + 2 * RECORD + 11] = 0x7F;
    file[24 + 5 * RECORD + 9] = 0x02;
    let run = dir.run(["decode", "--format", "ndjson", dir.file("broken.pcap", &file)]);
    let raw = run.json_lines();
    assert_eq!(
        field(&raw, "raw").concat(),
        r"rnd;1\r\nrnd;2\r\nrnd;4\r\nrnd;5\r\nrnd;7\r\nrnd;8\r\nrnd;9\r\n"
    );
    assert_eq!(run.code, 3);
    insta::assert_snapshot!(run.stderr);
}

#[test]
fn a_packet_that_is_no_ip_is_skipped_and_told() {
    let dir = Dir::new();
    let mut packets = rounds(3);
    packets[1].2[0] = 0x4F;
    let run =
        dir.run(["decode", dir.file("bad-ip.pcap", pcap(0xA1B2_C3D4, u32::to_le_bytes, 101, &packets))]);
    assert_eq!((run.code, run.stdout.lines().count()), (3, 2));
    assert!(run.stderr.contains("packet 2 at byte 75: bad IP header"), "{}", run.stderr);
}

#[test]
fn a_block_with_broken_lengths_costs_only_itself() {
    let dir = Dir::new();
    let mut file = Pcapng::new(false);
    file.interface(101, &[]);
    let mut starts = Vec::new();
    for round in 1..=5 {
        starts.push(file.bytes.len());
        file.packet(0, round, &ip(format!("rnd;{round}\r\n").as_bytes()));
    }
    file.bytes[starts[1] + 4] ^= 0x10;
    file.bytes[starts[3] + 7] = 0x80;
    let lines = dir.decode(3, [dir.file("broken.pcapng", &file.bytes)]);
    assert_eq!(field(&lines, "raw"), [r"rnd;1\r\n", r"rnd;3\r\n", r"rnd;5\r\n"]);
}

#[test]
fn link_types_that_cannot_be_read() {
    let dir = Dir::new();
    let run =
        dir.run(["decode", dir.file("wlan.pcap", pcap(0xA1B2_C3D4, u32::to_le_bytes, 105, &rounds(1)))]);
    insta::assert_snapshot!(run.all());
    // Other interfaces of the same file can still be read.
    let mut file = Pcapng::new(false);
    file.interface(105, &[]);
    file.interface(101, &[]);
    file.packet(0, 1, &ip(b"rnd;1\r\n"));
    file.packet(0, 2, &ip(b"rnd;2\r\n"));
    file.packet(1, 3, &ip(b"rnd;3\r\n"));
    let run = dir.run(["decode", dir.file("two.pcapng", &file.bytes)]);
    assert_eq!((run.code, run.stdout.lines().count(), run.stderr.lines().count()), (3, 1, 1));
}

#[test]
fn missing_foreign_and_empty_files() {
    let dir = Dir::new();
    std::fs::create_dir(dir.path("folder")).unwrap();
    dir.file("garbage", b"\x7fELF\x02\x01\x01\x00\x00\x00");
    dir.file("packed", b"\x1f\x8b\x08\x00");
    dir.file("empty", b"");
    dir.file("good", b"rnd;1\n");
    // What can be read is read, whatever became of the files before.
    let run = dir.run(["decode", "missing", "garbage", "packed", "folder", "empty", "good"]);
    insta::assert_snapshot!(run.all());
    let empty = dir.run(["matches", "--format", "json", "empty"]);
    assert_eq!((empty.code, empty.stdout.as_str()), (0, "[]\n"));
}

#[test]
fn lines_that_cannot_be_read_are_counted() {
    let dir = Dir::new();
    let text = "rnd;1\n".to_owned() + &"\\q\n".repeat(12) + "rnd;2\n";
    let run = dir.run(["decode", dir.file("bad.txt", text)]);
    assert_eq!((run.code, run.stdout.lines().count()), (3, 2));
    assert_eq!(run.stderr.lines().count(), 11, "{}", run.stderr);
    assert!(run.stderr.ends_with("bad.txt: 2 more places that cannot be read\n"), "{}", run.stderr);
}

#[test]
fn the_largest_datagram_and_the_empty_one() {
    let dir = Dir::new();
    let payload = vec![b'x'; 65_507];
    let packets = [(1, 0, ip(&payload)), (2, 0, ip(b""))];
    let lines = dir.decode(0, [dir.file("large.pcap", pcap(0xA1B2_C3D4, u32::to_le_bytes, 101, &packets))]);
    assert_eq!(lines[0]["raw"].as_str().map(str::len), Some(65_507));
    assert_eq!((lines.len(), lines[1]["raw"].as_str()), (2, Some("")));
    // As text it may be four times as long, and not longer.
    let text = "\\x00".repeat(65_536) + "\n" + &"\\x00".repeat(80_000) + "\nrnd;1\n";
    let lines = dir.decode(3, [dir.file("large.txt", text)]);
    assert_eq!(lines.len(), 2);
    assert_eq!(lines[1]["raw"], "rnd;1");
}

#[test]
fn wrong_usage_is_told_apart_from_failure() {
    let dir = Dir::new();
    for args in [
        &["decode"][..],
        &["decode", "x", "--format", "xml"],
        &["decode", "x", "--dialect", "klingon"],
        &["decode", "x", "--source", "nobody"],
        &["replay", "x"],
        &["replay", "x", "--db", "a", "--to", "udp://127.0.0.1:1"],
        &["replay", "x", "--to", "127.0.0.1:1"],
        &["replay", "x", "--to", "udp://127.0.0.1:1", "--speed", "0"],
        &["simulate", "--rings", "25"],
        &["record"],
    ] {
        assert_eq!(dir.run(args).code, 2, "{args:?}");
    }
}

#[cfg(target_os = "linux")]
#[test]
fn a_full_disk_is_told() {
    let dir = Dir::new();
    let capture = corpus("a1_bestof3_realtime.pcap");
    let full = std::fs::File::options().write(true).open("/dev/full").unwrap();
    let output = dir.command().arg("decode").arg(&capture).stdout(full).output().unwrap();
    let stderr = String::from_utf8(output.stderr).unwrap();
    assert_eq!(output.status.code(), Some(1));
    assert!(stderr.contains("the output cannot be written: No space left"), "{stderr}");
    let run = dir.run(["simulate", "--out", "/dev/full"]);
    assert_eq!(run.code, 1);
    assert!(run.stderr.contains("/dev/full cannot be written: No space left"), "{}", run.stderr);
}
