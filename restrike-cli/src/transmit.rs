//! Datagrams onto the wire, in time.

use std::{
    collections::HashMap,
    fmt, io,
    net::{SocketAddr, ToSocketAddrs as _, UdpSocket},
    str::FromStr,
    thread,
    time::Duration,
};

use anyhow::Context as _;
use pss_protocol::Monotonic;

use crate::clock::Clock;

/// `udp://HOST:PORT`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct UdpTarget {
    host: String,
    port: u16,
}

impl FromStr for UdpTarget {
    type Err = &'static str;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        const FORM: &str = "not of the form udp://HOST:PORT";
        let (host, port) = text.strip_prefix("udp://").and_then(|rest| rest.rsplit_once(':')).ok_or(FORM)?;
        let port = port.strip_suffix('/').unwrap_or(port).parse().map_err(|_| FORM)?;
        let host = host.strip_prefix('[').and_then(|host| host.strip_suffix(']')).unwrap_or(host);
        if host.is_empty() || port == 0 {
            return Err(FORM);
        }
        Ok(Self { host: host.to_owned(), port })
    }
}

impl fmt::Display for UdpTarget {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let bracket = self.host.contains(':');
        let (open, close) = if bracket { ("[", "]") } else { ("", "") };
        write!(f, "udp://{open}{}{close}:{}", self.host, self.port)
    }
}

impl UdpTarget {
    /// The address, the port raised by `offset`.
    pub(crate) fn resolve(&self, offset: u16) -> anyhow::Result<SocketAddr> {
        let port =
            self.port.checked_add(offset).with_context(|| format!("{self}: the ports end at 65535"))?;
        let mut addresses = (self.host.as_str(), port)
            .to_socket_addrs()
            .with_context(|| format!("{self}: host not found"))?;
        addresses.next().with_context(|| format!("{self}: the host has no address"))
    }
}

/// How many times faster than recorded.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) enum Speed {
    /// That many times.
    Times(f64),
    /// Without any gap.
    Max,
}

impl FromStr for Speed {
    type Err = &'static str;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        if text == "max" {
            return Ok(Self::Max);
        }
        let times = text.strip_prefix('x').unwrap_or(text).parse::<f64>().ok();
        // Slower than a thousandth is a typing error that would look like a hang.
        times
            .filter(|times| (0.001..=1e9).contains(times))
            .map(Self::Times)
            .ok_or("neither a number from 0.001 up nor `max`")
    }
}

/// Waits until a recorded moment comes round again.
#[derive(Debug)]
pub(crate) struct Pace {
    speed: Speed,
    /// When the first moment came round, and which that was.
    begun: Option<(Clock, Monotonic)>,
}

impl Pace {
    /// The first moment that is waited for is at once.
    pub(crate) fn new(speed: Speed) -> Self {
        Self { speed, begun: None }
    }

    /// Sleeps until `at`. What is late comes at once, and what follows it in its own time.
    pub(crate) fn wait_for(&mut self, at: Monotonic) {
        let Speed::Times(times) = self.speed else { return };
        let (clock, first) = self.begun.get_or_insert_with(|| (Clock::start(), at));
        let passed = at.since(*first).as_secs_f64() / times;
        let due = Duration::try_from_secs_f64(passed).unwrap_or(Duration::MAX);
        thread::sleep(due.saturating_sub(clock.elapsed()));
    }
}

/// Sends to one address. Each recorded source gets a port of its own, so that a sender which reconnected, or a
/// second one, shows as what it was.
#[derive(Debug)]
pub(crate) struct UdpSender {
    to: SocketAddr,
    sockets: HashMap<Option<SocketAddr>, UdpSocket>,
    refused: bool,
}

/// More sources than that share a socket: a capture of a busy network has thousands.
const MOST_SOCKETS: usize = 64;

impl UdpSender {
    pub(crate) fn new(to: SocketAddr) -> Self {
        Self { to, sockets: HashMap::new(), refused: false }
    }

    /// Whether the other host has said that nobody listens there.
    pub(crate) fn was_refused(&self) -> bool {
        self.refused
    }

    /// Sends one datagram.
    pub(crate) fn send(&mut self, source: Option<SocketAddr>, bytes: &[u8]) -> anyhow::Result<()> {
        let source = if self.sockets.len() < MOST_SOCKETS || self.sockets.contains_key(&source) {
            source
        } else {
            None
        };
        let socket = match self.sockets.entry(source) {
            std::collections::hash_map::Entry::Occupied(entry) => entry.into_mut(),
            std::collections::hash_map::Entry::Vacant(entry) => entry.insert(connect(self.to)?),
        };
        let mut result = socket.send(bytes);
        if matches!(&result, Err(error) if error.kind() == io::ErrorKind::ConnectionRefused) {
            // That was the answer to an earlier datagram; this one has not been sent.
            self.refused = true;
            result = socket.send(bytes);
        }
        match result {
            Err(error) if error.kind() == io::ErrorKind::ConnectionRefused => Ok(()),
            other => {
                other.map(drop).with_context(|| format!("cannot send {} bytes to {}", bytes.len(), self.to))
            }
        }
    }
}

fn connect(to: SocketAddr) -> anyhow::Result<UdpSocket> {
    let any = if to.is_ipv4() { "0.0.0.0:0" } else { "[::]:0" };
    let socket = UdpSocket::bind(any).context("no port left to send from")?;
    socket.connect(to).with_context(|| format!("cannot reach {to}"))?;
    Ok(socket)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn targets() {
        for text in ["udp://127.0.0.1:6000", "udp://[::1]:6000", "udp://scoreboard:6000"] {
            assert_eq!(text.parse::<UdpTarget>().unwrap().to_string(), text);
        }
        for text in ["127.0.0.1:6000", "tcp://a:1", "udp://a", "udp://:6000", "udp://a:0", "udp://a:70000"] {
            assert!(text.parse::<UdpTarget>().is_err(), "{text}");
        }
        let local: UdpTarget = "udp://127.0.0.1:65535".parse().unwrap();
        assert!(local.resolve(0).is_ok());
        assert!(local.resolve(1).is_err());
    }

    #[test]
    fn speeds() {
        assert_eq!("max".parse(), Ok(Speed::Max));
        assert_eq!("2.5".parse(), Ok(Speed::Times(2.5)));
        assert_eq!("x4".parse(), Ok(Speed::Times(4.0)));
        for text in ["0", "-1", "NaN", "inf", "fast"] {
            assert!(text.parse::<Speed>().is_err(), "{text}");
        }
    }
}
