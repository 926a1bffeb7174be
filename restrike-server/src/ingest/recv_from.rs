//! One datagram per system call, for systems without `recvmmsg`.

use std::{
    io,
    net::{SocketAddr, UdpSocket},
};

/// The longest datagram that UDP can carry, and one byte more.
const LONGEST: usize = 65_536;

/// A buffer for one socket.
pub(super) struct Buffer {
    bytes: Vec<u8>,
}

impl Buffer {
    pub(super) fn new() -> Self {
        Self { bytes: vec![0; LONGEST] }
    }

    /// Waits for a datagram, as long as the socket's read timeout allows.
    pub(super) fn receive(
        &mut self,
        socket: &UdpSocket,
    ) -> io::Result<impl Iterator<Item = (Option<SocketAddr>, &[u8], Option<u32>)>> {
        let (len, source) = socket.recv_from(&mut self.bytes)?;
        let source = SocketAddr::new(source.ip().to_canonical(), source.port());
        Ok(std::iter::once((Some(source), &self.bytes[..len], None)))
    }
}
