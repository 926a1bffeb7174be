//! The project's own journal: what arrived, one datagram a line, as text.
//!
//! A journal is appended to and never rewritten. It begins with a [`Header`] line, and every restart appends
//! another one, led by an empty line so that it stands alone even after a line that was cut off. Each other
//! line is a [`Line`]. Fields are separated by tabs, and each line ends with the CRC-32 (IEEE) of what stands
//! before it, in eight hexadecimal digits:
//!
//! ```text
//! restrike-journal  1  RING  EPOCH  wire|text  STARTED  crc
//! SEQ  MONOTONIC  WALL  FLOW  SOURCE  DESTINATION  PAYLOAD  crc
//! ```
//!
//! Times are microseconds since the start of the session and RFC 3339; what is not known is `-`; ring names
//! and payloads are in the notation of [`escape`](crate::escape()). The flow is kept, for a reader of the
//! journal cannot tell any more on which socket a datagram arrived.
//!
//! Nothing here touches a file: a writer appends [`Header::opening`] and then a `Line` and `'\n'` for each
//! datagram, a reader gives each line to [`Entry::parse`], or all of it to [`entries`].
//!
//! ```
//! use pss_protocol::capture::{Entry, Header, Line, entries};
//! use pss_protocol::{Arrival, Datagram, Monotonic, Timestamp};
//!
//! let datagram = Datagram {
//!     seq: 1,
//!     arrival: Arrival { wall: Some(Timestamp(1_000_000)), mono: Monotonic::from_micros(42) },
//!     source: Some("127.0.0.1:45453".parse().unwrap()),
//!     flow: Default::default(),
//!     bytes: b"pt1;3\r\n",
//! };
//! let header = Header { ring: "1".into(), epoch: 1, off_the_wire: true, started: None };
//! let mut journal = header.opening().to_string();
//! journal += &format!("{}\n", Line::from(&datagram));
//!
//! let Some(Ok((_, Entry::Datagram(line)))) = entries(journal.as_bytes()).nth(1) else { panic!() };
//! assert_eq!(line.bytes, datagram.bytes);
//! assert_eq!(
//!     line.to_string(),
//!     "1\t42\t1970-01-01T00:00:01.000000Z\tbroadcast\t127.0.0.1:45453\t-\tpt1;3\\r\\n\t4680c1fa",
//! );
//! ```

mod error;
mod line;

pub use error::{Damage, LineError, LineErrorKind};
pub use line::{Entry, Header, Line};

use error::LineErrorKind::Torn;

/// The first word of a header line.
const MAGIC: &str = "restrike-journal";

/// The version of the format that is written and read.
const VERSION: u32 = 1;

/// Whether a file that begins like this is a journal.
pub fn is_journal(beginning: &[u8]) -> bool {
    beginning.trim_ascii_start().starts_with(MAGIC.as_bytes())
}

/// The entries of a journal that is in memory, each with the offset of its line. A damaged line is told and
/// skipped; a last line without its end is torn, whatever it holds.
pub fn entries(journal: &[u8]) -> Entries<'_> {
    Entries { journal, offset: 0, line: 0 }
}

/// See [`entries`].
#[derive(Clone, Debug)]
pub struct Entries<'a> {
    journal: &'a [u8],
    offset: usize,
    line: u64,
}

impl<'a> Iterator for Entries<'a> {
    type Item = Result<(usize, Entry<'a>), Damage>;

    fn next(&mut self) -> Option<Self::Item> {
        loop {
            let offset = self.offset;
            let rest = self.journal.get(offset..).filter(|rest| !rest.is_empty())?;
            self.line += 1;
            let (line, entry) = match memchr::memchr(b'\n', rest) {
                Some(len) => (&rest[..len], Entry::parse(&rest[..len])),
                None => (rest, Err(LineError { kind: Torn, at: rest.len() })),
            };
            self.offset += line.len() + 1;
            if line.is_empty() {
                continue;
            }
            let damaged = |error: LineError| Damage { line: self.line, offset: offset as u64, error };
            return Some(entry.map(|entry| (offset, entry)).map_err(damaged));
        }
    }
}
