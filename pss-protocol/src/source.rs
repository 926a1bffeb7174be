//! What is known of each source of datagrams.

use alloc::vec::Vec;
use core::net::SocketAddr;

use crate::{LineEndRule, rules::DialectDetector};

/// What one source has shown.
#[derive(Clone, Debug)]
pub(crate) struct Source {
    address: Option<SocketAddr>,
    /// Whether it has ended a message with CRLF, so that a missing one means a cut.
    ends_with_crlf: bool,
    pub(crate) detector: DialectDetector,
}

impl Source {
    const fn new(address: Option<SocketAddr>, detector: DialectDetector) -> Self {
        Self { address, ends_with_crlf: false, detector }
    }

    /// How a datagram of this source is to be read, given that it came off the wire.
    pub(crate) fn line_end_rule(&mut self, datagram: &[u8]) -> LineEndRule {
        // A JSON object may be written over several lines, and has no end of its own.
        if !self.ends_with_crlf && datagram.first() != Some(&b'{') {
            self.ends_with_crlf = datagram.windows(2).any(|pair| pair == b"\r\n");
        }
        if self.ends_with_crlf { LineEndRule::CrLf } else { LineEndRule::Any }
    }
}

/// The sources that spoke last. Their number is bounded: anybody can send from as many addresses as he likes.
#[derive(Clone, Debug, Default)]
pub(crate) struct Sources {
    /// The one that spoke last comes last.
    known: Vec<Source>,
}

impl Sources {
    const MOST: usize = 32;

    /// The source with this address, which a new one begins as [`Self::successor`] says.
    pub(crate) fn of(&mut self, address: Option<SocketAddr>) -> &mut Source {
        // Nearly always the one that spoke last speaks again.
        let last = self.known.len().wrapping_sub(1);
        if self.known.get(last).is_none_or(|source| source.address != address) {
            self.bring_up(address);
        }
        self.known.last_mut().expect("`bring_up` leaves the source last")
    }

    #[cold]
    fn bring_up(&mut self, address: Option<SocketAddr>) {
        match self.known.iter().position(|source| source.address == address) {
            Some(place) => self.known[place..].rotate_left(1),
            None => {
                let source = Source::new(address, self.successor(address));
                if self.known.len() == Self::MOST {
                    self.known.remove(0);
                }
                self.known.push(source);
            }
        }
    }

    /// A sender that connects again speaks from a new port of the same address, and as it spoke before.
    fn successor(&self, address: Option<SocketAddr>) -> DialectDetector {
        let same_host =
            |source: &&Source| source.address.map(|known| known.ip()) == address.map(|new| new.ip());
        self.known.iter().rev().find(same_host).map(|source| source.detector.clone()).unwrap_or_default()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn address(port: u16) -> Option<SocketAddr> {
        Some(SocketAddr::from(([10, 0, 0, 1], port)))
    }

    #[test]
    fn crlf_is_held_against_the_source_that_showed_it() {
        let mut sources = Sources::default();
        assert_eq!(sources.of(address(1)).line_end_rule(b"pt1;3"), LineEndRule::Any);
        assert_eq!(sources.of(address(1)).line_end_rule(b"pt1;3\r\n"), LineEndRule::CrLf);
        assert_eq!(sources.of(address(2)).line_end_rule(b"pt1;3"), LineEndRule::Any);
        assert_eq!(sources.of(address(1)).line_end_rule(b"pt1;3"), LineEndRule::CrLf);
    }

    #[test]
    fn a_flood_of_addresses_pushes_the_oldest_out() {
        let mut sources = Sources::default();
        sources.of(address(1)).line_end_rule(b"hel;\r\n");
        for port in 2..=Sources::MOST as u16 {
            sources.of(address(port));
        }
        assert_eq!(sources.of(address(1)).line_end_rule(b"x"), LineEndRule::CrLf);
        for port in 2..=Sources::MOST as u16 + 1 {
            sources.of(address(port));
        }
        assert_eq!(sources.known.len(), Sources::MOST);
        assert_eq!(sources.of(address(1)).line_end_rule(b"x"), LineEndRule::Any);
    }
}
