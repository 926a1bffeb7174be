//! Who may speak on a ring.

use std::{
    collections::VecDeque,
    net::{IpAddr, SocketAddr},
    time::Duration,
};

use pss_protocol::Monotonic;

/// Ports that are remembered; a sender opens one per connection.
const PORTS: usize = 8;

/// A datagram of the old connection may arrive this long after the first of the new one and mean nothing: the
/// sender's threads overtake each other.
const OVERLAP: Duration = Duration::from_secs(1);

/// Learns the address of the sender and then hears nobody else. It holds an address, never a port.
#[derive(Debug)]
pub(super) struct Guard {
    address: Option<IpAddr>,
    /// The ports of that address, the one that opened last in front, and when each opened.
    ports: VecDeque<(u16, Monotonic)>,
}

/// What the guard says to a datagram.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Verdict {
    /// Nobody has spoken yet, nor does this one: heard, and nothing learned.
    Unknown,
    /// The sender.
    Sender,
    /// The sender, on a new connection.
    Connected,
    /// The sender's address speaks on two connections at once: two programs.
    Second,
    /// Somebody else.
    Refused,
}

impl Guard {
    /// Locked to `address` where it is known beforehand.
    pub(super) fn new(address: Option<IpAddr>) -> Self {
        Self { address, ports: VecDeque::with_capacity(PORTS) }
    }

    /// Whom it is locked to.
    pub(super) fn address(&self) -> Option<IpAddr> {
        self.address
    }

    /// Judges a datagram. `speaks` tells whether it holds what only a scoring system says; it is asked while the
    /// sender is not known, so that a stray datagram does not lock the ring to a stranger.
    pub(super) fn judge(
        &mut self,
        source: SocketAddr,
        at: Monotonic,
        speaks: impl FnOnce() -> bool,
    ) -> Verdict {
        match self.address {
            Some(address) if address != source.ip() => return Verdict::Refused,
            Some(_) => {}
            None if !speaks() => return Verdict::Unknown,
            None => self.address = Some(source.ip()),
        }
        match self.ports.iter().position(|&(port, _)| port == source.port()) {
            Some(0) => Verdict::Sender,
            Some(_) if at.since(self.ports[0].1) <= OVERLAP => Verdict::Sender,
            Some(_) => Verdict::Second,
            None => {
                self.ports.truncate(PORTS - 1);
                self.ports.push_front((source.port(), at));
                Verdict::Connected
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn judge(guard: &mut Guard, source: &str, seconds: u64, speaks: bool) -> Verdict {
        guard.judge(source.parse().unwrap(), Monotonic(Duration::from_secs(seconds)), || speaks)
    }

    #[test]
    fn learns_who_speaks_and_locks() {
        let mut guard = Guard::new(None);
        assert_eq!(judge(&mut guard, "10.0.0.9:1", 0, false), Verdict::Unknown);
        assert_eq!(judge(&mut guard, "10.0.0.1:5000", 1, true), Verdict::Connected);
        assert_eq!(judge(&mut guard, "10.0.0.1:5000", 2, false), Verdict::Sender);
        assert_eq!(judge(&mut guard, "10.0.0.9:1", 3, true), Verdict::Refused);
        assert_eq!(guard.address(), Some("10.0.0.1".parse().unwrap()));
    }

    #[test]
    fn a_new_port_is_a_reconnect_unless_the_old_one_still_speaks() {
        let mut guard = Guard::new(Some("10.0.0.1".parse().unwrap()));
        assert_eq!(judge(&mut guard, "10.0.0.2:5000", 0, true), Verdict::Refused);
        assert_eq!(judge(&mut guard, "10.0.0.1:5000", 0, true), Verdict::Connected);
        assert_eq!(judge(&mut guard, "10.0.0.1:5001", 10, true), Verdict::Connected);
        assert_eq!(judge(&mut guard, "10.0.0.1:5000", 11, true), Verdict::Sender, "overtaken on its way");
        assert_eq!(judge(&mut guard, "10.0.0.1:5001", 12, true), Verdict::Sender);
        assert_eq!(judge(&mut guard, "10.0.0.1:5000", 13, true), Verdict::Second);
    }
}
