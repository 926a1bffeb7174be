use etherparse::PacketBuilder;

/// A UDP datagram from 192.0.2.1:4000 to 192.0.2.2:6000, with its IP header.
pub(crate) fn ip(payload: &[u8]) -> Vec<u8> {
    let mut packet = Vec::new();
    let builder = PacketBuilder::ipv4([192, 0, 2, 1], [192, 0, 2, 2], 64).udp(4000, 6000);
    builder.write(&mut packet, payload).unwrap();
    packet
}

/// The same in an Ethernet frame.
pub(crate) fn ethernet(payload: &[u8]) -> Vec<u8> {
    let mut packet = Vec::new();
    let builder = PacketBuilder::ethernet2([1; 6], [2; 6]).ipv4([192, 0, 2, 1], [192, 0, 2, 2], 64);
    builder.udp(4000, 6000).write(&mut packet, payload).unwrap();
    packet
}

/// A classic capture: its magic number as its writer saw it, and how that writer wrote numbers.
pub(crate) fn pcap(
    magic: u32,
    bytes: fn(u32) -> [u8; 4],
    link: u32,
    packets: &[(u32, u32, Vec<u8>)],
) -> Vec<u8> {
    let mut file = Vec::new();
    let version = if bytes(1) == [0, 0, 0, 1] { 0x0002_0004 } else { 0x0004_0002 };
    for field in [magic, version, 0, 0, 65_535, link] {
        file.extend(bytes(field));
    }
    for (seconds, fraction, packet) in packets {
        let length = packet.len() as u32;
        for field in [*seconds, *fraction, length, length] {
            file.extend(bytes(field));
        }
        file.extend(packet);
    }
    file
}

/// Blocks of a pcapng file, written by a machine of either kind.
pub(crate) struct Pcapng {
    pub(crate) bytes: Vec<u8>,
    big_endian: bool,
}

impl Pcapng {
    /// Begins with a section header.
    pub(crate) fn new(big_endian: bool) -> Self {
        let mut file = Self { bytes: Vec::new(), big_endian };
        file.section(big_endian);
        file
    }

    /// Another section, perhaps of another machine.
    pub(crate) fn section(&mut self, big_endian: bool) {
        self.big_endian = big_endian;
        let mut body = self.u32(0x1A2B_3C4D).to_vec();
        body.extend(self.u16(1));
        body.extend(self.u16(0));
        body.extend([0xFF; 8]);
        self.block(0x0A0D_0D0A, &body);
    }

    /// An interface, with options as (code, value).
    pub(crate) fn interface(&mut self, link: u16, options: &[(u16, &[u8])]) {
        let mut body = [self.u16(link), self.u16(0)].concat();
        body.extend(self.u32(65_535));
        for (code, value) in options {
            body.extend(self.u16(*code));
            body.extend(self.u16(value.len() as u16));
            body.extend(*value);
            body.resize(body.len().next_multiple_of(4), 0);
        }
        body.extend([0; 4]);
        self.block(1, &body);
    }

    pub(crate) fn packet(&mut self, interface: u32, ticks: u64, packet: &[u8]) {
        let length = packet.len() as u32;
        let mut body = Vec::new();
        for field in [interface, (ticks >> 32) as u32, ticks as u32, length, length] {
            body.extend(self.u32(field));
        }
        body.extend(packet);
        body.resize(body.len().next_multiple_of(4), 0);
        self.block(6, &body);
    }

    pub(crate) fn simple_packet(&mut self, packet: &[u8]) {
        let mut body = self.u32(packet.len() as u32).to_vec();
        body.extend(packet);
        body.resize(body.len().next_multiple_of(4), 0);
        self.block(3, &body);
    }

    pub(crate) fn block(&mut self, kind: u32, body: &[u8]) {
        let length = self.u32(body.len() as u32 + 12);
        self.bytes.extend(self.u32(kind));
        self.bytes.extend(length);
        self.bytes.extend(body);
        self.bytes.extend(length);
    }

    fn u16(&self, number: u16) -> [u8; 2] {
        if self.big_endian { number.to_be_bytes() } else { number.to_le_bytes() }
    }

    fn u32(&self, number: u32) -> [u8; 4] {
        if self.big_endian { number.to_be_bytes() } else { number.to_le_bytes() }
    }
}
