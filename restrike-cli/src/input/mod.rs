//! Every kind of recording, read as one: stamped datagrams in order.

mod capture_clock;
mod journal;
mod log;
mod packet;
mod pcap;
mod pcapng;
mod sniff;
mod source;
#[cfg(test)]
mod tests;
mod text;

use std::{
    fmt,
    fs::File,
    io::{self, Read},
    net::SocketAddr,
    path::Path,
};

use anyhow::{Context as _, bail};
use jiff::tz::TimeZone;
use pss_protocol::{Arrival, Flow};

use self::source::ByteSource;

/// A datagram of an input. Used again for the next one, so that reading does not allocate.
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) struct InputDatagram {
    /// When it arrived; a reader whose input has no times makes up the monotonic one.
    pub(crate) arrival: Arrival,
    /// Who sent it, where the input says so.
    pub(crate) source: Option<SocketAddr>,
    /// Where it went, where the input says so.
    pub(crate) destination: Option<SocketAddr>,
    /// Which way it went, where the input says so.
    pub(crate) flow: Option<Flow>,
    /// The payload.
    pub(crate) bytes: Vec<u8>,
}

/// What reading on has brought.
#[derive(Debug, PartialEq)]
pub(crate) enum Step {
    /// The datagram is filled in.
    Datagram,
    /// Part of the input cannot be read; reading goes on behind it.
    Damage(Damage),
    /// Nothing is left.
    End,
}

/// A part of an input that cannot be read.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Damage {
    pub(crate) place: Place,
    pub(crate) what: String,
}

impl fmt::Display for Damage {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.place, self.what)
    }
}

/// Where in an input.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Place {
    /// Counted from 1.
    Line(u64),
    /// Counted from 0.
    Byte(u64),
    /// The packet counted from 1, as Wireshark shows it, and where it begins.
    Packet { number: u64, byte: u64 },
}

impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Line(number) => write!(f, "line {number}"),
            Self::Byte(byte) => write!(f, "byte {byte}"),
            Self::Packet { number, byte } => write!(f, "packet {number} at byte {byte}"),
        }
    }
}

impl Place {
    fn damage(self, what: impl Into<String>) -> Step {
        Step::Damage(Damage { place: self, what: what.into() })
    }
}

/// The formats, told apart by content.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Format {
    Pcap,
    Pcapng,
    Journal,
    Log,
    Listing,
    Plain,
}

/// Reads one format.
trait Reader {
    fn next(&mut self, into: &mut InputDatagram) -> io::Result<Step>;

    /// Whether the next step has to read from the operating system, perhaps to wait.
    fn drained(&self) -> bool;
}

/// An open input of any format.
pub(crate) struct Input {
    off_the_wire: bool,
    reader: Box<dyn Reader>,
}

impl Input {
    /// Looks at the first bytes and takes the reader that fits. `zone` is that of a log's times.
    ///
    /// # Errors
    ///
    /// When nothing can be read, or when it is no format of ours.
    pub(crate) fn new(bytes: Box<dyn Read>, zone: &TimeZone) -> anyhow::Result<Self> {
        let mut source = ByteSource::new(bytes);
        let format = sniff::format(&mut source)?;
        let off_the_wire = match format {
            Format::Pcap | Format::Pcapng | Format::Listing => true,
            Format::Journal => journal::JournalReader::is_off_the_wire(source.buffered()),
            // A log holds no line ends, and typed lines often none.
            Format::Log | Format::Plain => false,
        };
        let reader: Box<dyn Reader> = match format {
            Format::Pcap => Box::new(pcap::PcapReader::new(source)?),
            Format::Pcapng => Box::new(pcapng::PcapngReader::new(source)),
            Format::Journal => Box::new(journal::JournalReader::new(source)),
            Format::Log => Box::new(log::LogReader::new(source, zone.clone())),
            Format::Listing => Box::new(text::ListingReader::new(source)),
            Format::Plain => Box::new(text::PlainReader::new(source)),
        };
        Ok(Self { off_the_wire, reader })
    }

    /// Whether the datagrams are as they were on the wire, line ends and all.
    pub(crate) fn off_the_wire(&self) -> bool {
        self.off_the_wire
    }

    /// The next datagram, damage or the end.
    pub(crate) fn next(&mut self, into: &mut InputDatagram) -> io::Result<Step> {
        self.reader.next(into)
    }

    /// Whether the next step may have to wait.
    pub(crate) fn drained(&self) -> bool {
        self.reader.drained()
    }
}

/// Whether `path` means the standard input.
pub(crate) fn is_stdin(path: &Path) -> bool {
    path.as_os_str() == "-"
}

/// Opens a file for reading and says how long it is, or the standard input.
pub(crate) fn open(path: &Path) -> anyhow::Result<(Box<dyn Read>, Option<u64>)> {
    if is_stdin(path) {
        return Ok((Box::new(io::stdin()), None));
    }
    let file = File::open(path).context("cannot be opened")?;
    let metadata = file.metadata().context("cannot be looked at")?;
    if metadata.is_dir() {
        bail!("is a directory; name the files in it");
    }
    let length = metadata.is_file().then_some(metadata.len());
    Ok((Box::new(file), length))
}
