//! From a captured packet to the UDP datagram in it.
//!
//! Checksums are not looked at: senders leave them to the network card, so a capture made on the sending
//! machine holds wrong ones.

use std::net::{IpAddr, SocketAddr};

use etherparse::{
    EtherType, IpNumber, LaxNetSlice, LaxSlicedPacket, SlicedPacket, TransportSlice, UdpSlice,
    defrag::IpDefragPool, ether_type,
};

use super::InputDatagram;

/// What a packet begins with: the link types that carry IP and that people capture on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Link {
    Ethernet,
    /// Linux "cooked", which `tcpdump -i any` wrote until 2020.
    LinuxCooked,
    /// Its second version, with the interface's number.
    LinuxCooked2,
    /// BSD loopback: an address family of four bytes in either order.
    Loopback,
    /// IPv4 or IPv6 at once.
    Raw,
}

impl Link {
    /// From the number of a pcap or pcapng file.
    pub(super) const fn from_number(number: i32) -> Option<Self> {
        // The upper bits of pcap's field say whether frames end in a check sequence.
        match number & 0x03FF_FFFF {
            1 => Some(Self::Ethernet),
            113 => Some(Self::LinuxCooked),
            276 => Some(Self::LinuxCooked2),
            0 | 108 => Some(Self::Loopback),
            // 12 and 14 are what some systems write for 101.
            12 | 14 | 101 | 228 | 229 => Some(Self::Raw),
            _ => None,
        }
    }
}

/// What a packet turned out to be.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Content {
    /// A UDP datagram; addresses and bytes are filled in.
    Datagram,
    /// A UDP datagram of which the capture holds only the beginning; that is filled in.
    Cut,
    /// Nothing of ours: ARP, TCP, a fragment whose others are still to come…
    Other,
    /// It says that it is IP and is not.
    Broken(&'static str),
}

/// Finds datagrams in packets; remembers IP fragments.
#[derive(Default)]
pub(super) struct PacketReader {
    fragments: IpDefragPool<u64, ()>,
    packets: u64,
}

/// Fragments are forgotten after this many packets, lest those that never get whole fill the memory.
const FRAGMENT_LIFETIME: u64 = 10_000;

impl PacketReader {
    /// Reads one packet. What the link layer pads behind the IP packet is left out.
    pub(super) fn read(&mut self, link: Link, packet: &[u8], into: &mut InputDatagram) -> Content {
        self.packets += 1;
        let Some((ether_type, ip)) = strip_link(link, packet) else { return Content::Broken("too short") };
        if !carries_ip(ether_type) {
            return Content::Other;
        }
        let sliced = LaxSlicedPacket::from_ether_type(ether_type, ip);
        let Some(net) = &sliced.net else {
            let is_ip = sliced.link_exts.is_empty()
                || sliced.ether_payload().is_some_and(|payload| carries_ip(payload.ether_type));
            return if is_ip && sliced.stop_err.is_some() {
                Content::Broken("bad IP header")
            } else {
                Content::Other
            };
        };
        let Some((source, destination)) = addresses(net) else { return Content::Other };
        let Some(payload) = net.ip_payload_ref() else { return Content::Other };
        if payload.fragmented {
            return self.fragment(ether_type, ip, source, destination, into);
        }
        if payload.ip_number != IpNumber::UDP {
            return Content::Other;
        }
        let Some(TransportSlice::Udp(udp)) = &sliced.transport else {
            return Content::Broken("bad UDP header");
        };
        let cut = payload.incomplete || usize::from(udp.length()) > payload.payload.len();
        fill(into, source, destination, udp);
        if cut { Content::Cut } else { Content::Datagram }
    }

    fn fragment(
        &mut self,
        ether_type: EtherType,
        ip: &[u8],
        source: IpAddr,
        destination: IpAddr,
        into: &mut InputDatagram,
    ) -> Content {
        let Ok(sliced) = SlicedPacket::from_ether_type(ether_type, ip) else {
            return Content::Broken("bad IP fragment");
        };
        if self.packets.is_multiple_of(1024) {
            let oldest = self.packets.saturating_sub(FRAGMENT_LIFETIME);
            self.fragments.retain(|&packet| packet >= oldest);
        }
        let whole = match self.fragments.process_sliced_packet(&sliced, self.packets, ()) {
            Ok(Some(whole)) => whole,
            Ok(None) => return Content::Other,
            Err(_) => return Content::Broken("IP fragments that do not fit together"),
        };
        let content = if whole.ip_number != IpNumber::UDP {
            Content::Other
        } else if let Ok(udp) = UdpSlice::from_slice_lax(&whole.payload) {
            fill(into, source, destination, &udp);
            Content::Datagram
        } else {
            Content::Broken("bad UDP header")
        };
        self.fragments.return_buf(whole);
        content
    }
}

fn fill(into: &mut InputDatagram, source: IpAddr, destination: IpAddr, udp: &UdpSlice<'_>) {
    into.source = Some(SocketAddr::new(source, udp.source_port()));
    into.destination = Some(SocketAddr::new(destination, udp.destination_port()));
    into.bytes.clear();
    into.bytes.extend_from_slice(udp.payload());
}

/// The ether type and what it is the type of; VLAN tags stay on for etherparse to take off.
fn strip_link(link: Link, packet: &[u8]) -> Option<(EtherType, &[u8])> {
    let typed_at = |at: usize, rest: usize| {
        let ether_type = packet.get(at..at + 2)?;
        Some((EtherType(u16::from_be_bytes([ether_type[0], ether_type[1]])), packet.get(rest..)?))
    };
    match link {
        Link::Ethernet => typed_at(12, 14),
        Link::LinuxCooked => typed_at(14, 16),
        Link::LinuxCooked2 => typed_at(0, 20),
        Link::Loopback => by_version(packet.get(4..)?),
        Link::Raw => by_version(packet),
    }
}

/// The family's number differs between systems, the IP version does not.
fn by_version(ip: &[u8]) -> Option<(EtherType, &[u8])> {
    match ip.first()? >> 4 {
        4 => Some((ether_type::IPV4, ip)),
        6 => Some((ether_type::IPV6, ip)),
        _ => Some((EtherType(0), ip)),
    }
}

fn carries_ip(ether_type: EtherType) -> bool {
    matches!(
        ether_type,
        ether_type::IPV4
            | ether_type::IPV6
            | ether_type::VLAN_TAGGED_FRAME
            | ether_type::PROVIDER_BRIDGING
            | ether_type::VLAN_DOUBLE_TAGGED_FRAME
    )
}

fn addresses(net: &LaxNetSlice<'_>) -> Option<(IpAddr, IpAddr)> {
    match net {
        LaxNetSlice::Ipv4(ip) => {
            let header = ip.header();
            Some((header.source_addr().into(), header.destination_addr().into()))
        }
        LaxNetSlice::Ipv6(ip) => {
            let header = ip.header();
            Some((header.source_addr().into(), header.destination_addr().into()))
        }
        LaxNetSlice::Arp(_) => None,
    }
}

#[cfg(test)]
mod tests {
    use etherparse::{
        IpFragOffset, IpHeaders, Ipv4Header, Ipv6FragmentHeader, Ipv6Header, Ipv6RawExtHeader,
        LinuxSllPacketType, PacketBuilder, UdpHeader, VlanId,
    };

    use super::*;

    const PAYLOAD: &[u8] = b"pt1;3\r\n";

    fn read(link: Link, packet: &[u8]) -> (Content, InputDatagram) {
        let mut datagram = InputDatagram::default();
        let content = PacketReader::default().read(link, packet, &mut datagram);
        (content, datagram)
    }

    fn assert_v4(link: Link, packet: &[u8]) {
        let (content, datagram) = read(link, packet);
        assert_eq!(content, Content::Datagram);
        assert_eq!(datagram.source, Some("192.0.2.1:4000".parse().unwrap()));
        assert_eq!(datagram.destination, Some("192.0.2.2:6000".parse().unwrap()));
        assert_eq!(datagram.bytes, PAYLOAD);
    }

    fn raw_v4() -> Vec<u8> {
        let mut packet = Vec::new();
        PacketBuilder::ipv4([192, 0, 2, 1], [192, 0, 2, 2], 64)
            .udp(4000, 6000)
            .write(&mut packet, PAYLOAD)
            .unwrap();
        packet
    }

    #[test]
    fn ethernet_with_padding_and_vlan_tags() {
        let ethernet = || PacketBuilder::ethernet2([1; 6], [2; 6]);
        let mut plain = Vec::new();
        ethernet()
            .ipv4([192, 0, 2, 1], [192, 0, 2, 2], 64)
            .udp(4000, 6000)
            .write(&mut plain, PAYLOAD)
            .unwrap();
        // Frames below 60 bytes are padded on the wire.
        plain.resize(60, 0);
        assert_v4(Link::Ethernet, &plain);

        let vlan = VlanId::try_new(7).unwrap();
        let mut tagged = Vec::new();
        let builder = ethernet().single_vlan(vlan).ipv4([192, 0, 2, 1], [192, 0, 2, 2], 64);
        builder.udp(4000, 6000).write(&mut tagged, PAYLOAD).unwrap();
        assert_v4(Link::Ethernet, &tagged);

        let mut stacked = Vec::new();
        let builder = ethernet().double_vlan(vlan, vlan).ipv4([192, 0, 2, 1], [192, 0, 2, 2], 64);
        builder.udp(4000, 6000).write(&mut stacked, PAYLOAD).unwrap();
        assert_v4(Link::Ethernet, &stacked);
    }

    #[test]
    fn cooked_raw_and_loopback() {
        let mut cooked = Vec::new();
        PacketBuilder::linux_sll(LinuxSllPacketType::HOST, 6, [3; 8])
            .ipv4([192, 0, 2, 1], [192, 0, 2, 2], 64)
            .udp(4000, 6000)
            .write(&mut cooked, PAYLOAD)
            .unwrap();
        assert_v4(Link::LinuxCooked, &cooked);

        let mut cooked2 = vec![0x08, 0x00, 0, 0, 0, 0, 0, 3, 0, 1, 0, 6, 1, 2, 3, 4, 5, 6, 0, 0];
        cooked2.extend(raw_v4());
        assert_v4(Link::LinuxCooked2, &cooked2);

        assert_v4(Link::Raw, &raw_v4());
        for family in [[2, 0, 0, 0], [0, 0, 0, 2]] {
            assert_v4(Link::Loopback, &[&family[..], &raw_v4()].concat());
        }
    }

    #[test]
    fn ipv6_with_an_extension_header() {
        let options = Ipv6RawExtHeader::new_raw(IpNumber::UDP, &[1, 4, 0, 0, 0, 0]).unwrap();
        let udp = UdpHeader::without_ipv4_checksum(4000, 6000, PAYLOAD.len()).unwrap();
        let mut packet = Vec::new();
        let ip = Ipv6Header {
            payload_length: (options.header_len() + 8 + PAYLOAD.len()) as u16,
            next_header: IpNumber::IPV6_DESTINATION_OPTIONS,
            source: "2001:db8::1".parse::<std::net::Ipv6Addr>().unwrap().octets(),
            destination: "2001:db8::2".parse::<std::net::Ipv6Addr>().unwrap().octets(),
            ..Ipv6Header::default()
        };
        ip.write(&mut packet).unwrap();
        options.write(&mut packet).unwrap();
        udp.write(&mut packet).unwrap();
        packet.extend_from_slice(PAYLOAD);
        let (content, datagram) = read(Link::Raw, &packet);
        assert_eq!(content, Content::Datagram);
        assert_eq!(datagram.source, Some("[2001:db8::1]:4000".parse().unwrap()));
        assert_eq!(datagram.bytes, PAYLOAD);
    }

    /// The pieces of a UDP datagram of 64 bytes, 24 bytes each.
    fn pieces() -> Vec<Vec<u8>> {
        let payload = [b'x'; 56];
        let mut whole =
            UdpHeader::without_ipv4_checksum(4000, 6000, payload.len()).unwrap().to_bytes().to_vec();
        whole.extend_from_slice(&payload);
        whole.chunks(24).map(<[u8]>::to_vec).collect()
    }

    fn assert_reassembled(packets: &[Vec<u8>]) {
        let mut reader = PacketReader::default();
        let mut datagram = InputDatagram::default();
        let contents: Vec<_> =
            packets.iter().map(|packet| reader.read(Link::Raw, packet, &mut datagram)).collect();
        assert_eq!(contents, [Content::Other, Content::Other, Content::Datagram]);
        assert_eq!(datagram.bytes, [b'x'; 56]);
        assert_eq!(datagram.source.map(|source| source.port()), Some(4000));
    }

    #[test]
    fn fragments_in_any_order() {
        let v4 = |index: usize, piece: &Vec<u8>| {
            let mut header =
                Ipv4Header::new(piece.len() as u16, 64, IpNumber::UDP, [192, 0, 2, 1], [192, 0, 2, 2])
                    .unwrap();
            header.identification = 99;
            header.dont_fragment = false;
            header.more_fragments = index < 2;
            header.fragment_offset = IpFragOffset::try_new(index as u16 * 3).unwrap();
            let mut packet = Vec::new();
            IpHeaders::Ipv4(header, Default::default()).write(&mut packet).unwrap();
            packet.extend_from_slice(piece);
            packet
        };
        let v6 = |index: usize, piece: &Vec<u8>| {
            let fragment = Ipv6FragmentHeader::new(
                IpNumber::UDP,
                IpFragOffset::try_new(index as u16 * 3).unwrap(),
                index < 2,
                99,
            );
            let header = Ipv6Header {
                payload_length: (8 + piece.len()) as u16,
                next_header: IpNumber::IPV6_FRAGMENTATION_HEADER,
                ..Ipv6Header::default()
            };
            let mut packet = Vec::new();
            header.write(&mut packet).unwrap();
            fragment.write(&mut packet).unwrap();
            packet.extend_from_slice(piece);
            packet
        };
        for mut packets in [
            pieces().iter().enumerate().map(|(index, piece)| v4(index, piece)).collect::<Vec<_>>(),
            pieces().iter().enumerate().map(|(index, piece)| v6(index, piece)).collect(),
        ] {
            assert_reassembled(&packets);
            packets.rotate_left(1);
            assert_reassembled(&packets);
        }
    }

    #[test]
    fn a_datagram_cut_by_the_capture_keeps_what_is_there() {
        let packet = raw_v4();
        let (content, datagram) = read(Link::Raw, &packet[..packet.len() - 3]);
        assert_eq!(content, Content::Cut);
        assert_eq!(datagram.bytes, b"pt1;");
    }

    #[test]
    fn what_is_no_udp() {
        let mut tcp = Vec::new();
        PacketBuilder::ipv4([192, 0, 2, 1], [192, 0, 2, 2], 64)
            .tcp(1, 2, 3, 4)
            .write(&mut tcp, b"x")
            .unwrap();
        assert_eq!(read(Link::Raw, &tcp).0, Content::Other);
        let arp = [&[0xFF; 12][..], &[0x08, 0x06, 0, 1, 8, 0]].concat();
        assert_eq!(read(Link::Ethernet, &arp).0, Content::Other);
        // The header says five words and two are there.
        assert_eq!(read(Link::Raw, &[0x45, 0, 0, 40, 0, 0, 0, 0]).0, Content::Broken("bad IP header"));
        assert_eq!(read(Link::Ethernet, &[1, 2, 3]).0, Content::Broken("too short"));
    }
}
