//! The journal: what is written is read back, and damage is told from it.

use std::{borrow::Cow, net::SocketAddr};

use proptest::prelude::*;
use pss_protocol::{
    Arrival, Flow, Monotonic, Timestamp,
    capture::{Entry, Header, Line, LineErrorKind, entries, is_journal},
};

fn line(seq: u64, bytes: &[u8]) -> Line<'_> {
    Line {
        seq,
        arrival: Arrival {
            wall: Some(Timestamp(1_795_347_206_069_123)),
            mono: Monotonic::from_micros(1000 * seq),
        },
        flow: Flow::Broadcast,
        source: Some("127.0.0.1:45453".parse().unwrap()),
        destination: None,
        bytes: Cow::Borrowed(bytes),
    }
}

fn header() -> Header {
    Header { ring: "Hall 2\tring 1".into(), epoch: 3, off_the_wire: true, started: Some(Timestamp(0)) }
}

fn read(text: &str) -> Result<Entry<'_>, LineErrorKind> {
    Entry::parse(text.as_bytes()).map_err(|error| error.kind)
}

/// The body with the checksum that it ought to have.
fn summed(body: &str) -> String {
    format!("{body}\t{:08x}", crc32(body.as_bytes()))
}

/// CRC-32 (IEEE), bit by bit: another way than the crate's own.
fn crc32(bytes: &[u8]) -> u32 {
    let step = |crc: u32, _| if crc & 1 == 1 { (crc >> 1) ^ 0xEDB8_8320 } else { crc >> 1 };
    !bytes.iter().fold(!0, |crc: u32, &byte| (0..8).fold(crc ^ u32::from(byte), step))
}

#[test]
fn a_line_is_as_the_documentation_says() {
    let text = line(17, b"at1;\xD6;\xC5\x9E\t\\\r\n").to_string();
    let body =
        "17\t17000\t2026-11-22T11:33:26.069123Z\tbroadcast\t127.0.0.1:45453\t-\tat1;\\xD6;Ş\\x09\\\\\\r\\n";
    assert_eq!(text, summed(body));
    assert_eq!(
        header().to_string(),
        summed("restrike-journal\t1\tHall 2\\x09ring 1\t3\twire\t1970-01-01T00:00:00.000000Z"),
    );
}

#[test]
fn a_journal_is_read_back() {
    let journal = format!("{}{}\n{}\n", header().opening(), line(1, b"hel;\r\n"), line(2, b""));
    assert!(is_journal(journal.as_bytes()));
    let read: Vec<_> = entries(journal.as_bytes()).map(|entry| entry.unwrap().1).collect();
    let expected =
        [Entry::Header(header()), Entry::Datagram(line(1, b"hel;\r\n")), Entry::Datagram(line(2, b""))];
    assert_eq!(read, expected);
}

#[test]
fn a_torn_tail_is_told_and_the_next_session_is_read() {
    let torn = line(2, b"clk;01:59\r\n").to_string();
    for len in 1..torn.len() {
        let journal = format!("{}{}\n{}", header().opening(), line(1, b"hel;\r\n"), &torn[..len]);
        let read: Vec<_> = entries(journal.as_bytes()).collect();
        assert_eq!(read.len(), 3, "{len}");
        let damage = read[2].as_ref().unwrap_err();
        assert_eq!((&damage.error.kind, damage.line), (&LineErrorKind::Torn, 4), "{len}");
        assert_eq!(damage.offset as usize + damage.error.at, journal.len());

        let journal = format!("{journal}{}{}\n", header().opening(), line(1, b"bye;\r\n"));
        let read: Vec<_> = entries(journal.as_bytes()).collect();
        assert_eq!(read.iter().filter(|entry| entry.is_err()).count(), 1, "{len}");
        assert_eq!(read[4].as_ref().unwrap().1, Entry::Datagram(line(1, b"bye;\r\n")));
    }
}

#[test]
fn damage_names_the_line_and_the_byte() {
    let first = line(1, b"pt1;3\r\n").to_string();
    let flipped = first.replacen("pt1;3", "pt1;2", 1);
    let journal = format!("{flipped}\n{first}\n");
    let damage = entries(journal.as_bytes()).next().unwrap().unwrap_err();
    assert!(matches!(damage.error.kind, LineErrorKind::Checksum { .. }));
    assert_eq!((damage.line, damage.offset, damage.error.at), (1, 0, first.len() - 9));
    assert!(damage.to_string().starts_with("line 1 (byte 72): the checksum does not match"), "{damage}");
}

#[test]
fn what_was_written_wrong_is_told_by_its_field() {
    let field = LineErrorKind::Field;
    for (body, kind) in [
        ("x\t0\t-\tbroadcast\t-\t-\t", field("seq")),
        ("1\t-1\t-\tbroadcast\t-\t-\t", field("monotonic")),
        ("1\t0\t2026-02-30T00:00:00.000000Z\tbroadcast\t-\t-\t", field("wall")),
        ("1\t0\t-\tsideways\t-\t-\t", field("flow")),
        ("1\t0\t-\trequest\tlocalhost\t-\t", field("source")),
        ("1\t0\t-\trequest\t-\t1.2.3.4\t", field("destination")),
        ("1\t0\t-\trequest\t-\t-\t\\q", field("payload")),
        ("1\t0\t-\trequest\t-\t-", field("payload")),
        ("1\t0\t-\trequest\t-\t-\t\t", field("surplus")),
        ("restrike-journal\t2\tanything", LineErrorKind::Version),
        ("restrike-journal\t1\tring\t1\tair\t-", field("kind")),
        ("restrike-journal\t1\tring\t1\twire\tyesterday", field("started")),
    ] {
        assert_eq!(read(&summed(body)), Err(kind), "{body}");
    }
}

#[test]
fn other_files_are_no_journals() {
    for other in [&b""[..], b"\n", b"pt1;3\r\n", b"\xD4\xC3\xB2\xA1", b"# offset_ms\tsrc"] {
        assert!(!is_journal(other));
    }
}

fn addresses() -> impl Strategy<Value = Option<SocketAddr>> {
    let address = any::<(std::net::IpAddr, u16)>().prop_map(SocketAddr::from);
    prop::option::of(address)
}

prop_compose! {
    fn lines()(
        seq: u64,
        wall in prop::option::of(any::<i64>().prop_map(Timestamp)),
        mono in 0..u64::MAX / 2,
        flow in prop::sample::select(vec![Flow::Broadcast, Flow::Answer, Flow::ForeignAnswer, Flow::Request]),
        source in addresses(),
        destination in addresses(),
        bytes: Vec<u8>,
    ) -> Line<'static> {
        let arrival = Arrival { wall, mono: Monotonic::from_micros(mono) };
        Line { seq, arrival, flow, source, destination, bytes: Cow::Owned(bytes) }
    }
}

proptest! {
    #[test]
    fn lines_are_read_back(line in lines()) {
        let text = line.to_string();
        prop_assert!(!text.contains(['\n', '\r']));
        prop_assert_eq!(Entry::parse(text.as_bytes()), Ok(Entry::Datagram(line)));
    }

    #[test]
    fn headers_are_read_back(
        ring: String,
        epoch: u64,
        off_the_wire: bool,
        started in prop::option::of(any::<i64>().prop_map(Timestamp)),
    ) {
        let header = Header { ring, epoch, off_the_wire, started };
        let text = header.to_string();
        prop_assert_eq!(Entry::parse(text.as_bytes()), Ok(Entry::Header(header)));
    }

    #[test]
    fn every_flipped_bit_is_told(line in lines(), at: prop::sample::Index, bit in 0..8_u32) {
        let mut text = line.to_string().into_bytes();
        let at = at.index(text.len());
        text[at] ^= 1 << bit;
        // A checksum's digit is the same in either case, and is all the same once it is read.
        if let Ok(read) = Entry::parse(&text) {
            prop_assert!(at >= text.len() - 8 && bit == 5);
            prop_assert_eq!(read, Entry::Datagram(line));
        }
    }

    #[test]
    fn nothing_panics(journal: Vec<u8>) {
        let _ = entries(&journal).count();
    }
}
