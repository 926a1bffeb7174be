//! pcapng: sections of either byte order, each with its own interfaces, link types and clocks.

use std::io;

use pcap_parser::{
    Block, InterfaceDescriptionBlock, OptionCode, parse_block_be, parse_block_le,
    traits::PcapNGPacketBlock as _,
};

use super::{
    InputDatagram, Place, Reader, Step,
    capture_clock::CaptureClock,
    packet::{Content, Link, PacketReader},
    pcap::CUT,
    source::ByteSource,
};

/// Reads block after block. Every block tells its length at both ends, which finds damage and the way out of it.
pub(super) struct PcapngReader {
    source: ByteSource,
    big_endian: bool,
    interfaces: Vec<Interface>,
    packets: PacketReader,
    clock: CaptureClock,
    /// Counts the packets from 1.
    number: u64,
    /// Damage that was found while a datagram was at hand; told next.
    pending: Option<Step>,
    /// The block at hand.
    block: Vec<u8>,
}

struct Interface {
    number: i32,
    link: Option<Link>,
    clock: Ticks,
    /// That it cannot be read was told.
    refused: bool,
}

/// How an interface counts time.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Ticks {
    per_second: u128,
    offset_seconds: i64,
}

const SECTION_HEADER: u32 = 0x0A0D_0D0A;
const INTERFACE: u32 = 1;
const SIMPLE_PACKET: u32 = 3;
const ENHANCED_PACKET: u32 = 6;
const BYTE_ORDER: [u8; 4] = [0x1A, 0x2B, 0x3C, 0x4D];
/// A block of more is damage: packets have 256 KiB at most, and no other block is needed here.
const MAX_BLOCK: u32 = 16 * 1024 * 1024;
/// How far behind damage the next block is looked for.
const RESYNC_WINDOW: usize = 4 * 1024 * 1024;

impl PcapngReader {
    pub(super) fn new(source: ByteSource) -> Self {
        let (packets, clock) = (PacketReader::default(), CaptureClock::default());
        let (interfaces, block) = (Vec::new(), Vec::new());
        Self { source, big_endian: false, interfaces, packets, clock, number: 0, pending: None, block }
    }

    /// The length of the block that begins here, by its own word; `None` when that cannot be.
    fn block_length(&self, bytes: &[u8]) -> Option<usize> {
        let big_endian = if number(false, bytes, 0)? == SECTION_HEADER {
            section_is_big_endian(bytes)?
        } else {
            self.big_endian
        };
        let length = number(big_endian, bytes, 4)?;
        (length >= 12 && length % 4 == 0 && length <= MAX_BLOCK).then_some(length as usize)
    }

    /// Skips to the next block whose lengths agree. Returns how many bytes that were.
    fn resynchronize(&mut self) -> io::Result<Option<usize>> {
        self.source.fill(RESYNC_WINDOW)?;
        let bytes = self.source.buffered();
        // Blocks are aligned, but what stands before them may have lost bytes.
        let found = (1..bytes.len().saturating_sub(12)).find(|&at| {
            self.block_length(&bytes[at..])
                .is_some_and(|length| bytes.get(at..at + length).is_some_and(lengths_agree))
        });
        let skipped = found.unwrap_or(bytes.len());
        self.source.consume(skipped);
        Ok(found)
    }

    fn skip_damage(&mut self, place: Place, what: &str) -> io::Result<Step> {
        Ok(place.damage(match self.resynchronize()? {
            Some(skipped) => format!("{what}; {skipped} bytes skipped up to the next block"),
            None => format!("{what}; nothing can be read behind it"),
        }))
    }

    /// Takes in one block; those that hold neither packets nor what is needed to read them say nothing.
    fn block(&mut self, byte: u64, block: &[u8], into: &mut InputDatagram) -> Option<Step> {
        let of_section = number(false, block, 0)? == SECTION_HEADER;
        if of_section {
            self.big_endian = section_is_big_endian(block)?;
        }
        if !of_section
            && !matches!(number(self.big_endian, block, 0)?, INTERFACE | SIMPLE_PACKET | ENHANCED_PACKET)
        {
            return None;
        }
        let parse = if self.big_endian { parse_block_be } else { parse_block_le };
        let Ok((_, parsed)) = parse(block) else {
            return Some(Place::Byte(byte).damage("a block that cannot be read"));
        };
        match parsed {
            Block::SectionHeader(_) => self.interfaces.clear(),
            Block::InterfaceDescription(description) => {
                self.interfaces.push(Interface::new(&description, self.big_endian));
            }
            Block::EnhancedPacket(packet) => {
                let ticks = u64::from(packet.ts_high) << 32 | u64::from(packet.ts_low);
                return self.packet(byte, packet.if_id, Some(ticks), packet.packet_data(), into);
            }
            Block::SimplePacket(packet) => return self.packet(byte, 0, None, packet.packet_data(), into),
            _ => {}
        }
        None
    }

    fn packet(
        &mut self,
        byte: u64,
        interface: u32,
        ticks: Option<u64>,
        data: &[u8],
        into: &mut InputDatagram,
    ) -> Option<Step> {
        self.number += 1;
        let place = Place::Packet { number: self.number, byte };
        let Some(interface) = self.interfaces.get_mut(interface as usize) else {
            return Some(place.damage(format!(
                "it belongs to interface {interface}, which the capture does not describe"
            )));
        };
        let Some(link) = interface.link else {
            if interface.refused {
                return None;
            }
            interface.refused = true;
            let what = format!(
                "this and all packets of its interface have link type {}, which cannot be read",
                interface.number
            );
            return Some(place.damage(what));
        };
        match self.packets.read(link, data, into) {
            Content::Other => return None,
            Content::Broken(what) => return Some(place.damage(what)),
            Content::Cut => self.pending = Some(place.damage(CUT)),
            Content::Datagram => {}
        }
        into.arrival = match ticks {
            Some(ticks) => self.clock.arrival(interface.clock.nanos(ticks)),
            None => self.clock.arrival_without_time(),
        };
        Some(Step::Datagram)
    }
}

impl Reader for PcapngReader {
    fn next(&mut self, into: &mut InputDatagram) -> io::Result<Step> {
        if let Some(step) = self.pending.take() {
            return Ok(step);
        }
        loop {
            let byte = self.source.position();
            let place = Place::Byte(byte);
            let start = self.source.fill(12)?;
            if start.is_empty() {
                return Ok(Step::End);
            }
            if start.len() < 12 {
                let rest = start.len();
                self.source.consume(rest);
                return Ok(place.damage("the capture is cut off within the header of a block"));
            }
            let Some(length) = self.block_length(self.source.buffered()) else {
                return self.skip_damage(place, "a block of a length that cannot be");
            };
            let there = self.source.fill(length)?.len();
            if there < length {
                // Either the file ends within this block, or its length is wrong and others follow.
                let missing = length - there;
                return self
                    .skip_damage(place, &format!("cut off within a block: {missing} bytes are missing"));
            }
            if !lengths_agree(&self.source.buffered()[..length]) {
                return self.skip_damage(place, "a block whose two lengths differ");
            }
            self.block.clear();
            self.block.extend_from_slice(&self.source.buffered()[..length]);
            self.source.consume(length);
            // Put back below, so that the next block finds the memory of this one.
            let block = std::mem::take(&mut self.block);
            let step = self.block(byte, &block, into);
            self.block = block;
            if let Some(step) = step {
                return Ok(step);
            }
        }
    }

    fn drained(&self) -> bool {
        self.source.buffered().len() < 12
    }
}

impl Interface {
    fn new(description: &InterfaceDescriptionBlock<'_>, big_endian: bool) -> Self {
        let option = |code| {
            let mut found = description.options.iter().filter(|option| option.code == code);
            found.next().map(|option| option.value())
        };
        let resolution = option(OptionCode::IfTsresol).and_then(|value| value.first()).copied();
        let offset =
            option(OptionCode::IfTsoffset).and_then(|value| <[u8; 8]>::try_from(value.get(..8)?).ok());
        let offset_seconds =
            offset.map_or(0, if big_endian { i64::from_be_bytes } else { i64::from_le_bytes });
        let number = description.linktype.0;
        let clock = Ticks { per_second: per_second(resolution.unwrap_or(6)), offset_seconds };
        Self { number, link: Link::from_number(number), clock, refused: false }
    }
}

impl Ticks {
    fn nanos(self, ticks: u64) -> i128 {
        let nanos = u128::from(ticks) * 1_000_000_000 / self.per_second;
        // At most 2^64 seconds in nanoseconds: within 2^94.
        nanos as i128 + i128::from(self.offset_seconds) * 1_000_000_000
    }
}

/// `if_tsresol`: a power of ten, or of two when the highest bit is set. Finer than a `u64` of ticks can count
/// for a second is read as the finest of its kind.
fn per_second(resolution: u8) -> u128 {
    let exponent = u32::from(resolution & 0x7F);
    if resolution & 0x80 == 0 { 10_u128.pow(exponent.min(38)) } else { 1 << exponent }
}

fn number(big_endian: bool, bytes: &[u8], at: usize) -> Option<u32> {
    let bytes = bytes.get(at..at + 4)?.try_into().expect("four bytes");
    Some(if big_endian { u32::from_be_bytes(bytes) } else { u32::from_le_bytes(bytes) })
}

fn section_is_big_endian(block: &[u8]) -> Option<bool> {
    let order = block.get(8..12)?;
    if order == BYTE_ORDER { Some(true) } else { order.iter().rev().eq(&BYTE_ORDER).then_some(false) }
}

/// Whether a whole block ends with the length that it begins with.
fn lengths_agree(block: &[u8]) -> bool {
    block[4..8] == block[block.len() - 4..]
}
