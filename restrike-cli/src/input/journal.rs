//! Our own journal.

use std::{io, time::Duration};

use pss_protocol::{
    Arrival, Monotonic, Timestamp,
    capture::{Entry, Header, Line as JournalLine},
};

use super::{
    InputDatagram, Place, Reader, Step,
    source::{ByteSource, Line},
    text::{LINE_LIMIT, TOO_LONG},
};

/// Reads the sessions of a journal one after the other, as one recording.
pub(super) struct JournalReader {
    source: ByteSource,
    line: u64,
    time: SessionTime,
}

impl JournalReader {
    pub(super) fn new(source: ByteSource) -> Self {
        Self { source, line: 0, time: SessionTime::default() }
    }

    /// Whether the journal that begins here holds datagrams as they were on the wire. A head that is damaged
    /// does not say; live rings and `restrike record` write nothing else.
    pub(super) fn is_off_the_wire(head: &[u8]) -> bool {
        let lines = head.split(|&byte| byte == b'\n');
        let mut headers = lines.filter_map(|line| match Entry::parse(line) {
            Ok(Entry::Header(Header { off_the_wire, .. })) => Some(off_the_wire),
            _ => None,
        });
        headers.next().unwrap_or(true)
    }
}

impl Reader for JournalReader {
    fn next(&mut self, into: &mut InputDatagram) -> io::Result<Step> {
        loop {
            self.line += 1;
            let place = Place::Line(self.line);
            let (text, open) = match self.source.line(LINE_LIMIT)? {
                None => return Ok(Step::End),
                Some(Line::TooLong) => return Ok(place.damage(TOO_LONG)),
                Some(Line::Whole(text)) => (text, false),
                Some(Line::Open(text)) => (text, true),
            };
            if text.is_empty() {
                continue;
            }
            match Entry::parse(text) {
                Ok(Entry::Header(header)) => self.time.begin(header.started),
                Ok(Entry::Datagram(line)) => {
                    let JournalLine { arrival, flow, source, destination, bytes, .. } = line;
                    into.arrival = self.time.arrival(arrival);
                    (into.flow, into.source, into.destination) = (Some(flow), source, destination);
                    into.bytes.clear();
                    into.bytes.extend_from_slice(&bytes);
                    return Ok(Step::Datagram);
                }
                Ok(_) => return Ok(place.damage("an entry of a kind that is not known")),
                Err(_) if open => return Ok(place.damage("torn: the journal ends within this line")),
                Err(error) => return Ok(place.damage(error.to_string())),
            }
        }
    }

    fn drained(&self) -> bool {
        self.source.buffered().is_empty()
    }
}

/// Every session counts its own monotonic time; one behind the other they make one that never runs back.
#[derive(Default)]
struct SessionTime {
    base: Duration,
    last: Arrival,
}

/// Between two sessions of which it is not known how far apart they were. Long enough for all to settle.
const UNKNOWN_GAP: Duration = Duration::from_secs(1);

impl SessionTime {
    fn begin(&mut self, started: Option<Timestamp>) {
        let gap = match (self.last.wall, started) {
            (Some(before), Some(now)) => {
                Duration::from_micros(u64::try_from(now.0.saturating_sub(before.0)).unwrap_or(0))
            }
            _ => UNKNOWN_GAP,
        };
        if self.last != Arrival::default() {
            self.base = self.last.mono.0.saturating_add(gap);
        }
    }

    fn arrival(&mut self, stated: Arrival) -> Arrival {
        let mono = self.base.saturating_add(stated.mono.0).max(self.last.mono.0);
        self.last = Arrival { wall: stated.wall, mono: Monotonic(mono) };
        self.last
    }
}

#[cfg(test)]
mod tests {
    use pss_protocol::{Datagram, Flow};

    use super::*;

    fn datagram(seq: u64, wall: i64, mono: u64) -> String {
        let arrival = Arrival { wall: Some(Timestamp(wall)), mono: Monotonic::from_micros(mono) };
        let datagram = Datagram { seq, arrival, source: None, flow: Flow::Answer, bytes: b"rnd;1\r\n" };
        format!("{}\n", JournalLine::from(&datagram))
    }

    fn header(started: i64) -> Header {
        Header { ring: "1".to_owned(), epoch: 0, off_the_wire: true, started: Some(Timestamp(started)) }
    }

    #[test]
    fn sessions_follow_each_other_and_damage_is_told() {
        let mut journal = header(5_000_000).opening().to_string();
        journal += &datagram(1, 5_000_010, 10);
        journal += &datagram(2, 5_000_020, 20).replace("rnd;1", "rnd;2");
        journal += &header(9_000_000).opening().to_string();
        journal += &datagram(1, 9_000_005, 5);
        journal += &datagram(2, 9_000_006, 6)[..20];
        let mut reader = JournalReader::new(ByteSource::new(Box::new(io::Cursor::new(journal))));
        let mut into = InputDatagram::default();
        let mut seen = Vec::new();
        loop {
            seen.push(match reader.next(&mut into).unwrap() {
                Step::End => break,
                Step::Damage(damage) => damage.to_string(),
                Step::Datagram => format!("{:?} {:?}", into.arrival.mono.0, into.flow.unwrap()),
            });
        }
        assert_eq!(seen[0], "10µs Answer");
        assert!(seen[1].starts_with("line 4: the checksum does not match"), "{}", seen[1]);
        // 3.99999 s lie between the last datagram and the second session.
        assert_eq!(seen[2], "4.000005s Answer");
        assert_eq!(seen[3], "line 8: torn: the journal ends within this line");
        assert_eq!(seen.len(), 4);
    }
}
