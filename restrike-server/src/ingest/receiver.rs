//! A socket that is received from and stamped, and nothing else.

use std::{
    io,
    net::{SocketAddr, UdpSocket},
    time::Duration,
};

use pss_protocol::Arrival;
use socket2::{Domain, Protocol, Socket, Type};

use super::drops::{self, DropCounter};
use crate::clock::Clock;

/// What the kernel is asked to keep for us while we are late: about 10 000 of the short datagrams of a PSS.
pub const RECEIVE_BUFFER: usize = 4 * 1024 * 1024;

/// How a [`Receiver`] opens its socket.
#[derive(Clone, Copy, Debug)]
#[non_exhaustive]
pub struct ReceiverConfig {
    /// Bytes of kernel buffer to ask for (`SO_RCVBUF`); the system may give less.
    pub buffer: usize,
    /// [`Receiver::receive`] comes back empty-handed after this time, so that its thread can look up.
    pub timeout: Duration,
}

impl Default for ReceiverConfig {
    fn default() -> Self {
        Self { buffer: RECEIVE_BUFFER, timeout: Duration::from_millis(100) }
    }
}

/// A datagram that arrived, borrowed from the receive buffer.
#[derive(Clone, Copy, Debug)]
pub struct Received<'a> {
    /// When the system call that brought it returned.
    pub arrival: Arrival,
    /// Who sent it; an IPv4 address even when it came through a socket for both families.
    pub source: SocketAddr,
    /// The payload; may be empty.
    pub bytes: &'a [u8],
}

/// One UDP socket. Its thread calls [`receive`](Self::receive) in a loop and does nothing else, so that the
/// socket's buffer only has to bridge the scheduler, never a disk.
///
/// ```no_run
/// use restrike_server::{Clock, Receiver, ReceiverConfig};
///
/// let mut receiver = Receiver::bind("0.0.0.0:6000".parse()?, Clock::start(), ReceiverConfig::default())?;
/// loop {
///     receiver.receive(|datagram| println!("{} bytes", datagram.bytes.len()))?;
/// }
/// # #[allow(unreachable_code)]
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub struct Receiver {
    socket: UdpSocket,
    clock: Clock,
    buffer: usize,
    drops: DropCounter,
    backend: Backend,
}

#[cfg(target_os = "linux")]
type Backend = super::recvmmsg::Batch;
#[cfg(not(target_os = "linux"))]
type Backend = super::recv_from::Buffer;

impl Receiver {
    /// Opens the socket; port 0 asks for a free one.
    ///
    /// # Errors
    ///
    /// What the system says: the port is taken, the address is not of this machine, no right to the port.
    pub fn bind(address: SocketAddr, clock: Clock, config: ReceiverConfig) -> io::Result<Self> {
        let socket = Socket::new(Domain::for_address(address), Type::DGRAM, Some(Protocol::UDP))?;
        // No SO_REUSEADDR: on UDP it would let a second server take the datagrams of the first.
        socket.set_recv_buffer_size(config.buffer)?;
        socket.bind(&address.into())?;
        let buffer = socket.recv_buffer_size()?;
        // Linux gives twice what was asked, for its own bookkeeping, and reports that.
        let buffer = if cfg!(target_os = "linux") { buffer / 2 } else { buffer };
        let socket = UdpSocket::from(socket);
        socket.set_read_timeout(Some(config.timeout))?;
        #[cfg(target_os = "linux")]
        super::recvmmsg::report_drops(&socket)?;
        Ok(Self { socket, clock, buffer, drops: DropCounter::default(), backend: Backend::new() })
    }

    /// Waits for datagrams and gives each to `each`, oldest first; all of one call carry one time. Returns how
    /// many there were: 0 when the time-out passed or a signal came.
    ///
    /// # Errors
    ///
    /// What the system says of the socket itself; a datagram cannot cause one.
    pub fn receive(&mut self, mut each: impl FnMut(Received<'_>)) -> io::Result<usize> {
        let received = match self.backend.receive(&self.socket) {
            Ok(received) => received,
            Err(error) if is_transient(&error) => return Ok(0),
            Err(error) => return Err(error),
        };
        let arrival = self.clock.now();
        let mut count = 0;
        for (source, bytes, dropped) in received {
            if let Some(dropped) = dropped {
                self.drops.observe(dropped);
            }
            if let Some(source) = source {
                each(Received { arrival, source, bytes });
                count += 1;
            }
        }
        Ok(count)
    }

    /// Takes what has arrived already, without waiting for more; afterwards [`receive`](Self::receive) does not
    /// wait any more either.
    ///
    /// # Errors
    ///
    /// As [`receive`](Self::receive).
    pub fn drain(&mut self, mut each: impl FnMut(Received<'_>)) -> io::Result<usize> {
        self.socket.set_nonblocking(true)?;
        // A sender that never pauses must not keep us from ending: what one full buffer can hold, and done.
        let most = self.buffer / 256 + 1024;
        let mut count = 0;
        while count < most {
            match self.receive(&mut each)? {
                0 => break,
                more => count += more,
            }
        }
        Ok(count)
    }

    /// How many datagrams the kernel has dropped on this socket because its buffer was full, as far as the
    /// datagrams received so far tell. Exact on Linux; elsewhere the system does not say and this stays 0.
    pub fn drops(&self) -> u64 {
        self.drops.total()
    }

    /// Like [`drops`](Self::drops) after asking the system: sees also what was dropped after the last datagram
    /// that was queued. Reads a file, so it is for idle moments.
    pub fn drops_now(&mut self) -> u64 {
        if let Some(counter) = drops::read(&self.socket) {
            self.drops.observe(counter);
        }
        self.drops.total()
    }

    /// Where it listens, with the real port.
    ///
    /// # Errors
    ///
    /// What the system says.
    pub fn local_addr(&self) -> io::Result<SocketAddr> {
        self.socket.local_addr()
    }

    /// Bytes of kernel buffer that the system granted, in the same measure as they are asked for.
    pub fn buffer(&self) -> usize {
        self.buffer
    }

    /// The socket, to send from it.
    ///
    /// # Errors
    ///
    /// What the system says when the handle cannot be duplicated.
    pub fn try_clone_socket(&self) -> io::Result<UdpSocket> {
        self.socket.try_clone()
    }
}

impl std::fmt::Debug for Receiver {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Receiver")
            .field("socket", &self.socket)
            .field("buffer", &self.buffer)
            .field("drops", &self.drops)
            .finish_non_exhaustive()
    }
}

/// Nothing came, or the news that somebody we asked is not there: not a fault of the socket.
fn is_transient(error: &io::Error) -> bool {
    use io::ErrorKind::{ConnectionRefused, ConnectionReset, Interrupted, TimedOut, WouldBlock};
    matches!(error.kind(), WouldBlock | TimedOut | Interrupted | ConnectionReset | ConnectionRefused)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn bind(buffer: usize) -> Receiver {
        let config = ReceiverConfig { buffer, timeout: Duration::from_secs(5) };
        Receiver::bind("127.0.0.1:0".parse().unwrap(), Clock::start(), config).unwrap()
    }

    fn sender(to: &Receiver) -> UdpSocket {
        let socket = UdpSocket::bind("127.0.0.1:0").unwrap();
        socket.connect(to.local_addr().unwrap()).unwrap();
        socket
    }

    #[test]
    fn keeps_order_source_and_every_length() {
        let mut receiver = bind(RECEIVE_BUFFER);
        let sender = sender(&receiver);
        let sent: Vec<Vec<u8>> = [0, 1, 7, 1_500, 65_507, 3, 0].map(|len| vec![len as u8; len]).into();
        for datagram in &sent {
            sender.send(datagram).unwrap();
        }
        let mut got = Vec::new();
        while got.len() < sent.len() {
            let count = receiver
                .receive(|datagram| {
                    assert_eq!(datagram.source, sender.local_addr().unwrap());
                    got.push(datagram.bytes.to_vec());
                })
                .unwrap();
            assert!(count > 0, "timed out");
        }
        assert!(got == sent);
        assert_eq!(receiver.drops_now(), 0);
    }

    #[test]
    fn comes_back_empty_handed() {
        let config = ReceiverConfig { buffer: 65_536, timeout: Duration::from_millis(1) };
        let mut receiver = Receiver::bind("127.0.0.1:0".parse().unwrap(), Clock::start(), config).unwrap();
        assert_eq!(receiver.receive(|_| panic!("nobody sent")).unwrap(), 0);
        assert_eq!(receiver.drain(|_| panic!("nobody sent")).unwrap(), 0);
    }

    #[test]
    fn refuses_a_taken_port() {
        let receiver = bind(65_536);
        let taken = receiver.local_addr().unwrap();
        let error = Receiver::bind(taken, Clock::start(), ReceiverConfig::default()).unwrap_err();
        assert_eq!(error.kind(), io::ErrorKind::AddrInUse);
    }

    #[cfg(target_os = "linux")]
    #[test]
    fn counts_exactly_what_the_kernel_dropped() {
        const SENT: usize = 3_000;
        let mut receiver = bind(64 * 1024);
        let sender = sender(&receiver);
        let mut received = 0;
        for _ in 0..3 {
            for _ in 0..SENT {
                sender.send(b"hl1;34\r\n").unwrap();
            }
            received += receiver.drain(|_| {}).unwrap();
        }
        assert!(received < 3 * SENT, "the buffer held everything: nothing is tested");
        assert!(receiver.drops() > 0, "the counter of the datagrams is silent");
        assert_eq!(receiver.drops_now(), (3 * SENT - received) as u64);
        // The counter that comes with a datagram agrees with the one from the table.
        sender.send(b"hl1;34\r\n").unwrap();
        assert_eq!(receiver.drain(|_| {}).unwrap(), 1);
        assert_eq!(receiver.drops(), (3 * SENT - received) as u64);
    }
}
