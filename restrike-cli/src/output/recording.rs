//! Writes datagrams to a file: our journal, or classic pcap when the name ends in `.pcap`.

use std::{
    fs::{File, OpenOptions},
    io::{self, BufWriter, Read as _, Write},
    net::SocketAddr,
    path::Path,
};

use anyhow::{Context as _, bail};
use etherparse::PacketBuilder;
use pss_protocol::{
    Datagram, Timestamp,
    capture::{self, Header, Line},
};

/// A file being written.
pub(crate) struct Recording {
    out: BufWriter<File>,
    format: Format,
    started: Timestamp,
    /// A packet being built.
    packet: Vec<u8>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Format {
    Journal,
    Pcap,
}

/// What to do about a file that is there already and not empty.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Existing {
    /// A journal takes another session at its end; a capture is refused.
    Append,
    /// Refused.
    Refuse,
}

/// Little-endian, microseconds, version 2.4, no time zone, packets of up to 256 KiB that begin with their IP
/// header (link type 101, raw).
const PCAP_HEADER: [u8; 24] =
    [0xD4, 0xC3, 0xB2, 0xA1, 2, 0, 4, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 4, 0, 101, 0, 0, 0];
/// Hops that a packet may take; nobody looks at it in a file.
const TIME_TO_LIVE: u8 = 64;

impl Recording {
    /// Opens the file and writes its head. `ring` names what is recorded.
    pub(crate) fn create(
        path: &Path,
        existing: Existing,
        ring: &str,
        started: Timestamp,
    ) -> anyhow::Result<Self> {
        let shown = path.display();
        let is_pcap = path.extension().is_some_and(|extension| extension.eq_ignore_ascii_case("pcap"));
        let file = OpenOptions::new().append(true).create(true).open(path);
        let file = file.with_context(|| format!("{shown} cannot be written"))?;
        let length = file.metadata().with_context(|| format!("{shown} cannot be looked at"))?.len();
        if length > 0 && (is_pcap || existing == Existing::Refuse) {
            bail!("{shown} is there already; remove it or choose another name");
        }
        if length > 0 && !is_journal(path).with_context(|| format!("{shown} cannot be read"))? {
            bail!("{shown} is there already and is no journal; choose another name");
        }
        let format = if is_pcap { Format::Pcap } else { Format::Journal };
        let mut out = BufWriter::with_capacity(256 * 1024, file);
        let head = match format {
            Format::Pcap => out.write_all(&PCAP_HEADER),
            Format::Journal => {
                let header =
                    Header { ring: ring.to_owned(), epoch: 0, off_the_wire: true, started: Some(started) };
                write!(out, "{}", header.opening())
            }
        };
        head.and_then(|()| out.flush()).with_context(|| format!("{shown} cannot be written"))?;
        Ok(Self { out, format, started, packet: Vec::new() })
    }

    /// Adds a datagram.
    pub(crate) fn write(&mut self, datagram: &Datagram<'_>, destination: SocketAddr) -> io::Result<()> {
        match self.format {
            Format::Journal => writeln!(self.out, "{}", Line::from(datagram).to(Some(destination))),
            Format::Pcap => self.write_packet(datagram, destination),
        }
    }

    /// Gives what was written to the operating system.
    pub(crate) fn flush(&mut self) -> io::Result<()> {
        self.out.flush()
    }

    /// Sees all that was written onto the disk.
    pub(crate) fn finish(self) -> io::Result<()> {
        let file = self.out.into_inner().map_err(io::IntoInnerError::into_error)?;
        match file.sync_all() {
            // A pipe or `/dev/null` has nothing to lose.
            Err(error) if error.kind() == io::ErrorKind::InvalidInput => Ok(()),
            other => other,
        }
    }

    fn write_packet(&mut self, datagram: &Datagram<'_>, destination: SocketAddr) -> io::Result<()> {
        let unknown = SocketAddr::new(destination.ip(), 0);
        let source = datagram.source.unwrap_or(unknown);
        let builder = match (source, destination) {
            (SocketAddr::V4(from), SocketAddr::V4(to)) => {
                PacketBuilder::ipv4(from.ip().octets(), to.ip().octets(), TIME_TO_LIVE)
            }
            // A socket for both families shows IPv4 senders with mapped addresses.
            (from, to) => {
                let octets = |address: SocketAddr| match address {
                    SocketAddr::V4(address) => address.ip().to_ipv6_mapped().octets(),
                    SocketAddr::V6(address) => address.ip().octets(),
                };
                PacketBuilder::ipv6(octets(from), octets(to), TIME_TO_LIVE)
            }
        };
        self.packet.clear();
        builder
            .udp(source.port(), destination.port())
            .write(&mut self.packet, datagram.bytes)
            .map_err(|error| io::Error::new(io::ErrorKind::InvalidInput, error.to_string()))?;
        let wall = datagram.arrival.wall.map_or_else(
            || self.started.0.saturating_add_unsigned(datagram.arrival.mono.as_micros()),
            |wall| wall.0,
        );
        // The format counts seconds from 1970 to 2106.
        let seconds = u32::try_from(wall.div_euclid(1_000_000)).unwrap_or(0);
        let length = self.packet.len() as u32;
        for field in [seconds, wall.rem_euclid(1_000_000) as u32, length, length] {
            self.out.write_all(&field.to_le_bytes())?;
        }
        self.out.write_all(&self.packet)
    }
}

/// Whether the file begins as a journal does.
fn is_journal(path: &Path) -> io::Result<bool> {
    let mut head = Vec::new();
    File::open(path)?.take(64).read_to_end(&mut head)?;
    Ok(capture::is_journal(&head))
}
