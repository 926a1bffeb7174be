//! Text, one datagram a line: plain, and the tab-separated listing of our captures.

use std::{io, net::SocketAddr, time::Duration};

use pss_protocol::{Arrival, Monotonic};

use super::{
    InputDatagram, Place, Reader, Step,
    source::{ByteSource, Line},
};

/// A datagram of 64 KiB with every byte escaped, and the columns before it.
pub(super) const LINE_LIMIT: usize = 4 * 65_536 + 1024;

/// Plain lines have no times. One millisecond each keeps what belongs together within the reorder window;
/// a tick of the match clock or of the rest comes a second after what was before it.
const STEP: Duration = Duration::from_millis(1);
const TICK: Duration = Duration::from_secs(1);

/// One datagram a line in the escaped notation, blank lines left out.
pub(super) struct PlainReader {
    source: ByteSource,
    line: u64,
    time: Duration,
}

impl PlainReader {
    pub(super) fn new(source: ByteSource) -> Self {
        Self { source, line: 0, time: Duration::ZERO }
    }
}

impl Reader for PlainReader {
    fn next(&mut self, into: &mut InputDatagram) -> io::Result<Step> {
        loop {
            self.line += 1;
            let place = Place::Line(self.line);
            let text = match self.source.line(LINE_LIMIT)? {
                None => return Ok(Step::End),
                Some(Line::TooLong) => return Ok(place.damage(TOO_LONG)),
                Some(Line::Whole(text) | Line::Open(text)) => text,
            };
            if text.is_empty() {
                continue;
            }
            if let Err(at) = unescape_into(text, &mut into.bytes) {
                return Ok(place.damage(bad_escape(text, at)));
            }
            self.time += if is_tick(&into.bytes) { TICK } else { STEP };
            into.arrival = Arrival { wall: None, mono: Monotonic(self.time) };
            (into.source, into.destination) = (None, None);
            return Ok(Step::Datagram);
        }
    }

    fn drained(&self) -> bool {
        self.source.buffered().is_empty()
    }
}

/// `clk;01:59` or `brk;00:59`, whatever the line end, without an action.
fn is_tick(bytes: &[u8]) -> bool {
    let Some(time) = bytes.strip_prefix(b"clk;").or_else(|| bytes.strip_prefix(b"brk;")) else {
        return false;
    };
    let time = time.trim_ascii_end();
    let time = time.strip_suffix(b";").unwrap_or(time);
    !time.is_empty() && time.iter().all(|byte| byte.is_ascii_digit() || matches!(byte, b':' | b'.' | b' '))
}

/// `offset in ms <tab> source <tab> destination <tab> bytes <tab> payload`, with `#` before remarks. Payloads
/// that are no UTF-8 have a sixth column that says so.
pub(super) struct ListingReader {
    source: ByteSource,
    line: u64,
    time: Duration,
}

impl ListingReader {
    pub(super) fn new(source: ByteSource) -> Self {
        Self { source, line: 0, time: Duration::ZERO }
    }
}

impl Reader for ListingReader {
    fn next(&mut self, into: &mut InputDatagram) -> io::Result<Step> {
        loop {
            self.line += 1;
            let place = Place::Line(self.line);
            let text = match self.source.line(LINE_LIMIT)? {
                None => return Ok(Step::End),
                Some(Line::TooLong) => return Ok(place.damage(TOO_LONG)),
                Some(Line::Whole(text) | Line::Open(text)) => text,
            };
            if text.is_empty() || text.starts_with(b"#") {
                continue;
            }
            let Some(columns) = Columns::of(text) else {
                return Ok(place.damage("not the five columns offset, source, destination, bytes, payload"));
            };
            if let Err(at) = unescape_into(columns.payload, &mut into.bytes) {
                return Ok(place.damage(bad_escape(columns.payload, at)));
            }
            if into.bytes.len() != columns.length {
                let what = format!("{} bytes are said and {} are there", columns.length, into.bytes.len());
                return Ok(place.damage(what));
            }
            self.time = self.time.max(columns.offset);
            into.arrival = Arrival { wall: None, mono: Monotonic(self.time) };
            (into.source, into.destination) = (columns.source, columns.destination);
            return Ok(Step::Datagram);
        }
    }

    fn drained(&self) -> bool {
        self.source.buffered().is_empty()
    }
}

struct Columns<'a> {
    offset: Duration,
    source: Option<SocketAddr>,
    destination: Option<SocketAddr>,
    length: usize,
    payload: &'a [u8],
}

impl<'a> Columns<'a> {
    fn of(line: &'a [u8]) -> Option<Self> {
        let mut columns = line.splitn(5, |&byte| byte == b'\t');
        let mut text = || std::str::from_utf8(columns.next()?).ok();
        let offset = text()?.parse::<f64>().ok()?;
        let (source, destination) = (address(text()?)?, address(text()?)?);
        let length = text()?.parse().ok()?;
        let offset = Duration::try_from_secs_f64((offset * 1000.0).round() / 1e6).ok()?;
        let payload = columns.next()?;
        let payload = payload.strip_suffix(b"\t!invalid-utf8").unwrap_or(payload);
        Some(Self { offset, source, destination, length, payload })
    }
}

/// `-` stands for an address that is not known.
fn address(text: &str) -> Option<Option<SocketAddr>> {
    if text == "-" { Some(None) } else { text.parse().ok().map(Some) }
}

/// Whether a text that begins with this line is a listing.
pub(super) fn is_listing(line: &[u8]) -> bool {
    line.starts_with(b"# offset_ms\t") || Columns::of(line).is_some()
}

/// Told of a line that no datagram can need.
pub(super) const TOO_LONG: &str = "longer than any datagram; skipped";

/// Undoes the escaped notation; bytes that are not UTF-8 (a text in Latin-1) stay as they are.
///
/// # Errors
///
/// Where an escape stands that there is not.
pub(super) fn unescape_into(text: &[u8], bytes: &mut Vec<u8>) -> Result<(), usize> {
    bytes.clear();
    if !text.contains(&b'\\') {
        bytes.extend_from_slice(text);
        return Ok(());
    }
    let mut done = 0;
    for chunk in text.utf8_chunks() {
        bytes.extend(pss_protocol::unescape(chunk.valid()).map_err(|at| done + at)?);
        bytes.extend_from_slice(chunk.invalid());
        done += chunk.valid().len() + chunk.invalid().len();
    }
    Ok(())
}

/// What to say of the escape at `at`.
pub(super) fn bad_escape(text: &[u8], at: usize) -> String {
    let shown = &text[at..text.len().min(at + 4)];
    format!(
        "`{}` at column {} is no escape; there are \\r \\n \\\\ and \\xNN",
        String::from_utf8_lossy(shown),
        at + 1
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(mut reader: impl Reader) -> Vec<String> {
        let mut datagram = InputDatagram::default();
        let mut seen = Vec::new();
        loop {
            seen.push(match reader.next(&mut datagram).unwrap() {
                Step::End => return seen,
                Step::Damage(damage) => damage.to_string(),
                Step::Datagram => format!("{:?} {}", datagram.arrival.mono.0, datagram.bytes.escape_ascii()),
            });
        }
    }

    fn source(text: &'static [u8]) -> ByteSource {
        ByteSource::new(Box::new(text))
    }

    #[test]
    fn plain_lines_get_times_that_let_events_settle() {
        let text = b"clk;02:00;start\r\nclk;01:59\n\npt1;3\\r\\n\nM\xDCLLER \\\\\n\\q\nclk;\nbrk;0.58;";
        insta::assert_snapshot!(read(PlainReader::new(source(text))).join("\n"), @r"
        1ms clk;02:00;start
        1.001s clk;01:59
        1.002s pt1;3\r\n
        1.003s M\xdcLLER \\
        line 6: `\q` at column 1 is no escape; there are \r \n \\ and \xNN
        1.004s clk;
        2.004s brk;0.58;
        ");
    }

    #[test]
    fn a_listing_says_what_is_wrong_with_a_line() {
        let text = b"# offset_ms\tsrc\n0.500\t127.0.0.1:1\t[::1]:2\t6\thel;\\r\\n\n1.5\t-\t-\t5\thel;\nnonsense\n0.25\t-\t-\t0\t\n";
        insta::assert_snapshot!(read(ListingReader::new(source(text))).join("\n"), @r"
        500µs hel;\r\n
        line 3: 5 bytes are said and 4 are there
        line 4: not the five columns offset, source, destination, bytes, payload
        500µs 
        ");
    }
}
