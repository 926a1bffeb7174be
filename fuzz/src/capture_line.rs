//! A line of the journal is read or refused, never half understood.

use pss_protocol::{
    Arrival, Datagram, Flow, Monotonic,
    capture::{Entry, Line, entries},
};

/// As a journal: whatever it holds, each line is an entry or a damage with a position in it, and an entry
/// written again reads the same. As the payload of a datagram: it comes back byte for byte, and never from a
/// line with one byte changed.
pub fn capture_line(data: &[u8]) {
    for entry in entries(data) {
        match entry {
            Ok((offset, Entry::Datagram(line))) => {
                assert!(offset < data.len(), "an entry begins within the journal");
                let written = line.to_string();
                let again = Entry::parse(written.as_bytes()).expect("what was written can be read");
                assert!(matches!(again, Entry::Datagram(again) if again == line), "written as {written}");
            }
            Ok((offset, _)) => assert!(offset < data.len(), "an entry begins within the journal"),
            Err(damage) => assert!(damage.offset <= data.len() as u64, "damage lies within the journal"),
        }
    }

    let datagram = Datagram {
        seq: data.len() as u64,
        arrival: Arrival { wall: None, mono: Monotonic::from_micros(1) },
        source: None,
        flow: Flow::Broadcast,
        bytes: data,
    };
    let mut written = Line::from(&datagram).to_string().into_bytes();
    let Ok(Entry::Datagram(line)) = Entry::parse(&written) else { panic!("what was written can be read") };
    assert_eq!(line.bytes, data);

    let flipped = usize::from(data.first().copied().unwrap_or_default()) % written.len();
    written[flipped] ^= 1;
    assert!(Entry::parse(&written).is_err(), "byte {flipped} changed and nobody noticed");
}
