//! The log of a TkStrike: every message in full, with a time in whole seconds.

use std::{io, time::Duration};

use jiff::{civil::DateTime, tz::TimeZone};
use pss_protocol::{Arrival, Monotonic, Timestamp};

use super::{
    InputDatagram, Place, Reader, Step,
    source::{ByteSource, Line},
    text::{LINE_LIMIT, TOO_LONG},
};

/// Takes the lines that tell of a sent message; all others are the sender's own business.
///
/// The messages stand there in the charset of the sender's system, so their bytes are taken as they are.
/// Within a second the messages get a millisecond each; a clock that was set back stands still for a moment.
pub(super) struct LogReader {
    source: ByteSource,
    zone: TimeZone,
    line: u64,
    second: Option<i64>,
    /// The monotonic time of that second.
    base: Duration,
    /// Messages so far in that second.
    within: u32,
}

const SENT: &[u8] = b"**** SEND TO SOCKET ";
const TIME_LENGTH: usize = "2026-11-22 11:33:11".len();

impl LogReader {
    pub(super) fn new(source: ByteSource, zone: TimeZone) -> Self {
        Self { source, zone, line: 0, second: None, base: Duration::ZERO, within: 0 }
    }
}

/// Keeps the time of the log in step with both clocks.
fn stamp(second: i64, last: &mut Option<i64>, base: &mut Duration, within: &mut u32) -> Arrival {
    match *last {
        Some(before) if before == second => *within += 1,
        Some(before) => {
            let passed = u64::try_from(second - before).unwrap_or(0);
            // Messages beyond the thousandth of a second have run into the next one.
            let used = Duration::from_millis(u64::from(*within) + 1);
            *base += Duration::from_secs(passed).max(used);
            *within = 0;
        }
        None => {}
    }
    *last = Some(second);
    Arrival {
        wall: Some(Timestamp(second.saturating_mul(1_000_000))),
        mono: Monotonic(*base + Duration::from_millis(u64::from(*within))),
    }
}

impl Reader for LogReader {
    fn next(&mut self, into: &mut InputDatagram) -> io::Result<Step> {
        loop {
            self.line += 1;
            let place = Place::Line(self.line);
            let text = match self.source.line(LINE_LIMIT)? {
                None => return Ok(Step::End),
                Some(Line::TooLong) => return Ok(place.damage(TOO_LONG)),
                Some(Line::Whole(text) | Line::Open(text)) => text,
            };
            let Some(at) = memchr::memmem::find(text, SENT) else { continue };
            let time =
                time_of(text).and_then(|time| self.zone.to_ambiguous_timestamp(time).compatible().ok());
            let Some(time) = time else {
                return Ok(place.damage("a message without a time"));
            };
            into.bytes.clear();
            into.bytes.extend_from_slice(&text[at + SENT.len()..]);
            (into.source, into.destination) = (None, None);
            into.arrival = stamp(time.as_second(), &mut self.second, &mut self.base, &mut self.within);
            return Ok(Step::Datagram);
        }
    }

    fn drained(&self) -> bool {
        self.source.buffered().is_empty()
    }
}

fn time_of(line: &[u8]) -> Option<DateTime> {
    let text = std::str::from_utf8(line.get(..TIME_LENGTH)?).ok()?;
    DateTime::strptime("%Y-%m-%d %H:%M:%S", text).ok()
}

/// Whether a line begins as the log's lines do.
pub(super) fn is_log_line(line: &[u8]) -> bool {
    time_of(line).is_some() && line.get(TIME_LENGTH) == Some(&b' ')
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &'static str, zone: TimeZone) -> Vec<String> {
        let mut reader = LogReader::new(ByteSource::new(Box::new(text.as_bytes())), zone);
        let mut datagram = InputDatagram::default();
        let mut seen = Vec::new();
        loop {
            seen.push(match reader.next(&mut datagram).unwrap() {
                Step::End => return seen,
                Step::Damage(damage) => damage.to_string(),
                Step::Datagram => format!(
                    "{} {:?} {}",
                    datagram.arrival.wall.unwrap(),
                    datagram.arrival.mono.0,
                    datagram.bytes.escape_ascii()
                ),
            });
        }
    }

    const LOG: &str = "\
2026-11-22 11:33:11 INFO  EXTERNAL_INTEGRATION:131 - WtUDPService :: connect to ip 127.0.10.1
2026-11-22 11:33:11 INFO  EXTERNAL_INTEGRATION:181 - **** SEND TO SOCKET hel;
2026-11-22 11:33:11 INFO  EXTERNAL_INTEGRATION:181 - **** SEND TO SOCKET inlb;50:
2026-11-22 11:33:13 INFO  EXTERNAL_INTEGRATION:181 - **** SEND TO SOCKET rnd;1
java.io.IOException: something
2026-11-22 11:30:00 INFO  EXTERNAL_INTEGRATION:181 - **** SEND TO SOCKET rnd;2
no time - **** SEND TO SOCKET rnd;3
";

    #[test]
    fn sent_messages_with_times_that_never_run_back() {
        insta::assert_snapshot!(read(LOG, TimeZone::UTC).join("\n"), @r"
        2026-11-22T11:33:11.000000Z 0ns hel;
        2026-11-22T11:33:11.000000Z 1ms inlb;50:
        2026-11-22T11:33:13.000000Z 2s rnd;1
        2026-11-22T11:30:00.000000Z 2.001s rnd;2
        line 7: a message without a time
        ");
    }

    #[test]
    fn the_time_zone_is_an_argument() {
        let east = jiff::tz::offset(2).to_time_zone();
        assert!(read(LOG, east)[0].starts_with("2026-11-22T09:33:11"));
    }
}
