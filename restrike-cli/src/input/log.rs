//! The log of a TkStrike: every message in full, with a time in whole seconds.

use std::{io, time::Duration};

use jiff::{civil::DateTime, tz::TimeZone};
use pss_protocol::{Arrival, Flow, Monotonic, Timestamp};

use super::{
    InputDatagram, Place, Reader, Step,
    source::{ByteSource, Line},
    text::{LINE_LIMIT, TOO_LONG},
};

/// Takes the lines that tell of a sent message; all others are the sender's own business.
///
/// The messages stand there in the charset of the sender's system, so their bytes are taken as they are. The
/// log does not say to whom a message went, but it says who asked for what, which tells the answers.
pub(super) struct LogReader {
    source: ByteSource,
    zone: TimeZone,
    line: u64,
    clock: LogClock,
    requests: OpenRequests,
}

const SENT: &[u8] = b"**** SEND TO SOCKET ";
const ASKED: &[u8] = b" - Requested for ";
const TIME_LENGTH: usize = "2026-11-22 11:33:11".len();

impl LogReader {
    pub(super) fn new(source: ByteSource, zone: TimeZone) -> Self {
        let (clock, requests) = (LogClock::default(), OpenRequests::default());
        Self { source, zone, line: 0, clock, requests }
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
            let behind = |mark: &[u8]| memchr::memmem::find(text, mark).map(|at| &text[at + mark.len()..]);
            let second = || {
                let time = self.zone.to_ambiguous_timestamp(time_of(text)?);
                time.compatible().ok().map(jiff::Timestamp::as_second)
            };
            let Some(message) = behind(SENT) else {
                if let (Some(subject), Some(second)) = (behind(ASKED), second()) {
                    self.requests.open(subject, second);
                }
                continue;
            };
            let Some(second) = second() else {
                return Ok(place.damage("a message without a time"));
            };
            into.bytes.clear();
            into.bytes.extend_from_slice(message);
            (into.source, into.destination) = (None, None);
            into.flow = self.requests.answered_by(message, second).then_some(Flow::ForeignAnswer);
            into.arrival = self.clock.stamp(second);
            return Ok(Step::Datagram);
        }
    }

    fn drained(&self) -> bool {
        self.source.buffered().is_empty()
    }
}

/// Makes both clocks of whole seconds. Within a second the messages get a millisecond each; a clock that was
/// set back stands still for a moment.
#[derive(Default)]
struct LogClock {
    second: Option<i64>,
    /// The monotonic time of that second.
    base: Duration,
    /// Messages before this one in that second.
    within: u32,
}

impl LogClock {
    fn stamp(&mut self, second: i64) -> Arrival {
        match self.second {
            Some(before) if before == second => self.within += 1,
            Some(before) => {
                let passed = u64::try_from(second - before).unwrap_or(0);
                // Messages beyond the thousandth of a second have run into the next one.
                let used = Duration::from_millis(u64::from(self.within) + 1);
                self.base += Duration::from_secs(passed).max(used);
                self.within = 0;
            }
            None => {}
        }
        self.second = Some(second);
        Arrival {
            wall: Some(Timestamp(second.saturating_mul(1_000_000))),
            mono: Monotonic(self.base + Duration::from_millis(u64::from(self.within))),
        }
    }
}

/// What other receivers asked for and has not been answered: how its answer begins, and when it was asked.
#[derive(Default)]
struct OpenRequests(Vec<(&'static [u8], i64)>);

impl OpenRequests {
    /// The answer comes at once; a request of which none came must not take a later broadcast for it.
    const SECONDS: i64 = 1;

    /// `subject` as the log names it.
    fn open(&mut self, subject: &[u8], second: i64) {
        let answer: &[u8] = match subject.trim_ascii() {
            b"ATHLETES" => b"at1;",
            b"CLOCK" => b"clk;",
            b"MATCH" => b"mch;",
            b"PENALTIES" => b"wg1;",
            b"REFEREES" => b"ref;",
            b"REST" => b"brk;",
            b"ROUND" => b"rnd;",
            b"SCORES" => b"sc1;",
            b"WINNER" => b"wmh;",
            b"WINNER_PERIODS" => b"wrd;",
            _ => return,
        };
        self.0.retain(|(_, asked)| second - asked <= Self::SECONDS);
        self.0.push((answer, second));
    }

    /// Whether this message answers one of them, which is closed with that.
    fn answered_by(&mut self, message: &[u8], second: i64) -> bool {
        let answers = |(answer, asked): &(&[u8], i64)| {
            message.starts_with(answer) && (0..=Self::SECONDS).contains(&(second - asked))
        };
        match self.0.iter().position(answers) {
            Some(place) => {
                self.0.remove(place);
                true
            }
            None => false,
        }
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

    #[test]
    fn what_was_asked_for_is_told_from_what_is_for_all() {
        let log = "\
2026-11-22 11:31:24 INFO  EXTERNAL_INTEGRATION:552 - Requested for CLOCK
2026-11-22 11:31:24 INFO  EXTERNAL_INTEGRATION:181 - **** SEND TO SOCKET rnd;1
2026-11-22 11:31:24 INFO  EXTERNAL_INTEGRATION:181 - **** SEND TO SOCKET clk;00:13
2026-11-22 11:31:24 INFO  EXTERNAL_INTEGRATION:181 - **** SEND TO SOCKET clk;00:12
2026-11-22 11:31:25 INFO  EXTERNAL_INTEGRATION:561 - Requested for SCORES
2026-11-22 11:31:27 INFO  EXTERNAL_INTEGRATION:181 - **** SEND TO SOCKET sc1;2;sc2;1
";
        let mut reader = LogReader::new(ByteSource::new(Box::new(log.as_bytes())), TimeZone::UTC);
        let mut datagram = InputDatagram::default();
        let mut flows = Vec::new();
        while reader.next(&mut datagram).unwrap() == Step::Datagram {
            flows.push(datagram.flow);
        }
        assert_eq!(flows, [None, Some(Flow::ForeignAnswer), None, None]);
    }
}
