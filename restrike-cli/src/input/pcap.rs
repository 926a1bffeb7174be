//! Classic pcap: both byte orders, microseconds and nanoseconds.

use std::io;

use anyhow::{anyhow, bail};
use pcap_parser::{
    LegacyPcapBlock, PcapHeader, parse_pcap_frame, parse_pcap_frame_be, parse_pcap_frame_modified,
    parse_pcap_header,
};

use super::{
    InputDatagram, Place, Reader, Step,
    capture_clock::CaptureClock,
    packet::{Content, Link, PacketReader},
    source::ByteSource,
};

/// Reads packet after packet. Behind a record that cannot be, it looks for the next one that can.
pub(super) struct PcapReader {
    source: ByteSource,
    header: PcapHeader,
    link: Link,
    packets: PacketReader,
    clock: CaptureClock,
    /// Counts the packets from 1.
    number: u64,
    /// The seconds of the last datagrams, against which records are held. Two, for one may be wrong itself.
    recent_seconds: [Option<u32>; 2],
    /// Damage that was found while a datagram was at hand; told next.
    pending: Option<Step>,
    /// No record here is as it should be, so that being odd says nothing.
    trusting: bool,
}

/// The most that a record may hold. Wireshark's own limit; more is damage.
const MAX_PACKET: u32 = 256 * 1024;
/// How far behind damage the next record is looked for.
const RESYNC_WINDOW: usize = 4 * 1024 * 1024;
/// Records around damage are at most this far apart in time.
const NEAR_SECONDS: u32 = 30 * 24 * 3600;

impl PcapReader {
    pub(super) fn new(mut source: ByteSource) -> anyhow::Result<Self> {
        let start = source.fill(24)?;
        let (_, header) = parse_pcap_header(start).map_err(|_| {
            anyhow!("a capture cut off within its header: {} of 24 bytes are there", start.len())
        })?;
        source.consume(24);
        let Some(link) = Link::from_number(header.network.0) else {
            bail!(
                "a capture of link type {}, which cannot be read; capture on Ethernet, WLAN as Ethernet, \
                 loopback or `any` instead",
                header.network.0
            );
        };
        let (packets, clock) = (PacketReader::default(), CaptureClock::default());
        Ok(Self {
            source,
            header,
            link,
            packets,
            clock,
            number: 0,
            recent_seconds: [None; 2],
            pending: None,
            trusting: false,
        })
    }

    fn record_header(&self) -> usize {
        if self.header.is_modified_format() { 24 } else { 16 }
    }

    /// The length that a record's header tells.
    fn captured_length(&self, record: &[u8]) -> u32 {
        let bytes = record[8..12].try_into().expect("four bytes");
        if self.header.is_bigendian() { u32::from_be_bytes(bytes) } else { u32::from_le_bytes(bytes) }
    }

    fn parse<'a>(&self, record: &'a [u8]) -> Option<LegacyPcapBlock<'a>> {
        let parse = match (self.header.is_modified_format(), self.header.is_bigendian()) {
            (true, _) => parse_pcap_frame_modified,
            (false, true) => parse_pcap_frame_be,
            (false, false) => parse_pcap_frame,
        };
        parse(record).ok().map(|(_, block)| block)
    }

    fn nanos(&self, seconds: u32, fraction: u32) -> i128 {
        let unit = if self.header.is_nanosecond_precision() { 1 } else { 1000 };
        i128::from(seconds) * 1_000_000_000 + i128::from(fraction) * unit
    }

    /// How far it is to the next place where a record can begin.
    fn find_next(&mut self) -> io::Result<Option<usize>> {
        let size = self.record_header();
        let bytes = self.source.fill(RESYNC_WINDOW)?.len();
        let bytes = &self.source.buffered()[..bytes];
        Ok((1..bytes.len().saturating_sub(size)).find(|&at| {
            // Two records in a row, or one that ends the file: one alone is easily a coincidence.
            self.plausible(&bytes[at..]).is_some_and(|length| {
                let behind = &bytes[at + length..];
                behind.is_empty() || self.plausible(behind).is_some()
            })
        }))
    }

    /// Skips what cannot be read, up to the next record.
    fn skip_damage(&mut self, place: Place, what: &str) -> io::Result<Step> {
        let found = self.find_next()?;
        let skipped = found.unwrap_or_else(|| self.source.buffered().len());
        self.number += 1;
        self.source.consume(skipped);
        Ok(place.damage(match found {
            Some(_) => format!("{what}; {skipped} bytes skipped up to the next packet"),
            None => format!("{what}; no packet found behind it"),
        }))
    }

    /// Whether no record can begin behind the next `length` bytes.
    fn is_followed_by_nonsense(&mut self, length: usize) -> io::Result<bool> {
        let size = self.record_header();
        let behind = &self.source.fill(length + size)?[length..];
        Ok(behind.len() >= size && self.captured_length(&self.source.buffered()[length..]) > MAX_PACKET)
    }

    /// The length of the record that may begin here.
    fn plausible(&self, bytes: &[u8]) -> Option<usize> {
        let size = self.record_header();
        if bytes.len() < size || self.captured_length(bytes) > MAX_PACKET {
            return None;
        }
        let length = size + self.captured_length(bytes) as usize;
        let record = self.parse(bytes.get(..length)?)?;
        let fractions = if self.header.is_nanosecond_precision() { 1_000_000_000 } else { 1_000_000 };
        let mut recent = self.recent_seconds.iter().flatten().peekable();
        let near =
            recent.peek().is_none() || recent.any(|last| record.ts_sec.abs_diff(*last) <= NEAR_SECONDS);
        (near && record.ts_usec < fractions && record.caplen > 0 && record.caplen <= record.origlen)
            .then_some(length)
    }
}

impl Reader for PcapReader {
    fn next(&mut self, into: &mut InputDatagram) -> io::Result<Step> {
        if let Some(step) = self.pending.take() {
            return Ok(step);
        }
        let size = self.record_header();
        loop {
            let byte = self.source.position();
            let place = Place::Packet { number: self.number + 1, byte };
            let available = self.source.fill(size)?;
            if available.is_empty() {
                return Ok(Step::End);
            }
            if available.len() < size {
                let rest = available.len();
                self.source.consume(rest);
                return Ok(place.damage("the capture is cut off within the header of this packet"));
            }
            let length = self.captured_length(self.source.buffered());
            if length > MAX_PACKET {
                let what = format!("its length says {length} bytes, more than any packet has");
                return self.skip_damage(place, &what);
            }
            let whole = size + length as usize;
            let there = self.source.fill(whole)?.len();
            if there < whole {
                // Either the file ends within this packet, or its length is wrong and others follow.
                let what = format!("cut off within this packet: {} bytes are missing", whole - there);
                return self.skip_damage(place, &what);
            }
            let record = &self.source.buffered()[..whole];
            let Some(block) = self.parse(record) else {
                return self.skip_damage(place, "a record that cannot be read");
            };
            let (seconds, fraction) = (block.ts_sec, block.ts_usec);
            let sound = self.plausible(record).is_some();
            let content = self.packets.read(self.link, block.data, into);
            let doubtful = match (sound, content == Content::Datagram) {
                (true, true) => false,
                (false, false) => true,
                _ => self.is_followed_by_nonsense(whole)?,
            };
            if doubtful && !self.trusting {
                match self.find_next()? {
                    // The next record begins where this one says, so it is only odd.
                    Some(next) if next == whole => {}
                    Some(_) => {
                        return self.skip_damage(place, "not a packet, or not of the length that it says");
                    }
                    None => self.trusting = true,
                }
            }
            self.number += 1;
            self.source.consume(whole);
            match content {
                Content::Other => continue,
                Content::Broken(what) => return Ok(place.damage(what)),
                Content::Cut => self.pending = Some(place.damage(CUT)),
                Content::Datagram => {}
            }
            self.recent_seconds = [self.recent_seconds[1], Some(seconds)];
            into.arrival = self.clock.arrival(self.nanos(seconds, fraction));
            return Ok(Step::Datagram);
        }
    }

    fn drained(&self) -> bool {
        self.source.buffered().len() < self.record_header()
    }
}

/// Told of a datagram whose end the capture left out.
pub(super) const CUT: &str =
    "the capture holds only the beginning of this datagram; capture without a snap length";
