//! The rings of a capture: a recording of a whole hall holds several, each with a match of its own.

use std::net::SocketAddr;

use pss_protocol::{Datagram, Flow, Message, parse};

/// Tells the rings of a capture apart by where their senders broadcast to. Inputs without addresses have one.
#[derive(Debug, Default)]
pub(crate) struct Rings {
    /// Where each ring's datagrams go to; `None` for the first one until somebody speaks.
    places: Vec<Option<SocketAddr>>,
    /// Who speaks on which ring.
    senders: Vec<(SocketAddr, usize)>,
}

impl Rings {
    /// The ring of a datagram, counted from 0; one more than before when it is the first of its ring. `None` for
    /// the copy that a sender sends to a second receiver.
    pub(crate) fn of(&mut self, datagram: &Datagram<'_>, destination: Option<SocketAddr>) -> Option<usize> {
        if self.places.is_empty() {
            self.places.push(None);
        }
        let (Some(source), Some(destination)) = (datagram.source, destination) else { return Some(0) };
        // Requests, answers to others and foreign traffic are kept with the first ring; they touch no match.
        if datagram.flow != Flow::Broadcast || !speaks(datagram.bytes) {
            return Some(self.known(destination).unwrap_or(0));
        }
        if let Some(&(_, ring)) = self.senders.iter().find(|(sender, _)| *sender == source) {
            return (self.places[ring] == Some(destination)).then_some(ring);
        }
        let ring = self.known(destination).unwrap_or_else(|| self.begin(destination));
        self.senders.push((source, ring));
        Some(ring)
    }

    /// Where a ring's datagrams go to.
    pub(crate) fn place(&self, ring: usize) -> Option<SocketAddr> {
        self.places.get(ring).copied().flatten()
    }

    fn known(&self, destination: SocketAddr) -> Option<usize> {
        self.places.iter().position(|place| *place == Some(destination))
    }

    fn begin(&mut self, destination: SocketAddr) -> usize {
        if let [place @ None] = self.places.as_mut_slice() {
            *place = Some(destination);
            return 0;
        }
        self.places.push(Some(destination));
        self.places.len() - 1
    }
}

/// The name of a ring of a recording; those after the first are named by the place that they speak to as well.
pub(crate) fn ring_name(name: &str, further: Option<SocketAddr>) -> String {
    further.map_or_else(|| name.to_owned(), |place| format!("{name} {place}"))
}

/// Whether a scoring system says this.
fn speaks(bytes: &[u8]) -> bool {
    use Message::{Garbage, Json, Malformed, Request, Unknown};
    parse(bytes).any(|parsed| {
        !matches!(
            parsed.message,
            Garbage { .. } | Json { .. } | Malformed { .. } | Request { .. } | Unknown { .. }
        )
    })
}

#[cfg(test)]
mod tests {
    use pss_protocol::Arrival;

    use super::*;

    #[track_caller]
    fn check(rings: &mut Rings, source: u16, destination: u16, bytes: &str, ring: Option<usize>) {
        let at = |port| Some(SocketAddr::from(([192, 0, 2, 1], port)));
        let (arrival, flow) = (Arrival::default(), Flow::Broadcast);
        let datagram = Datagram { seq: 1, arrival, source: at(source), flow, bytes: bytes.as_bytes() };
        assert_eq!(rings.of(&datagram, at(destination)), ring, "{bytes}");
    }

    #[test]
    fn a_ring_is_a_place_that_somebody_speaks_to() {
        let mut rings = Rings::default();
        check(&mut rings, 53, 5353, "\u{1}mdns", Some(0));
        check(&mut rings, 1, 6001, "hel;\r\n", Some(0));
        check(&mut rings, 2, 6002, "hel;\r\n", Some(1));
        check(&mut rings, 1, 6001, "pt1;2\r\n", Some(0));
        check(&mut rings, 2, 6002, "pt1;2\r\n", Some(1));
        check(&mut rings, 53, 5353, "\u{1}mdns", Some(0));
        assert_eq!(rings.place(1).unwrap().port(), 6002);
    }

    #[test]
    fn a_sender_on_a_new_port_stays_on_its_ring_and_a_copy_is_no_ring() {
        let mut rings = Rings::default();
        check(&mut rings, 1, 6001, "hel;\r\n", Some(0));
        check(&mut rings, 1, 7001, "hel;\r\n", None);
        check(&mut rings, 9, 6001, "hel;\r\n", Some(0));
    }
}
