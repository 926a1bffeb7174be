//! Up to 32 datagrams per system call, with the kernel's own count of what it dropped.
//!
//! The one module of the workspace that holds `unsafe`. It calls `recvmmsg(2)` itself because the wrappers at
//! hand either do not reset `msg_controllen` between calls, and then stop seeing the drop counter, or
//! allocate for each call.
#![allow(unsafe_code, reason = "recvmmsg, setsockopt and the walk over control messages")]

use std::{
    io, mem,
    net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr, UdpSocket},
    os::fd::AsRawFd as _,
    ptr,
};

/// Datagrams per call.
pub(super) const DEPTH: usize = 32;

/// Bytes from one datagram's place to the next. A datagram holds at most 65 527 bytes; the two cache lines on
/// top keep the places from falling into the same sets of the cache, which a plain 64 KiB stride would do.
const STRIDE: usize = 65_536 + 128;

/// Room for the drop counter and whatever else somebody switches on for the socket; aligned for `cmsghdr`.
type Control = [u64; 16];

/// Buffers for one socket.
pub(super) struct Batch {
    headers: Vec<libc::mmsghdr>,
    vectors: Vec<libc::iovec>,
    names: Vec<libc::sockaddr_storage>,
    controls: Vec<Control>,
    bytes: Vec<u8>,
    /// How many headers the last call wrote to and the next one has to set up again.
    used: usize,
}

// SAFETY: the raw pointers in `headers` and `vectors` point into the other vectors of the same value, which
// are never resized, and are used only by `receive` through `&mut self`; no other thread can hold them.
unsafe impl Send for Batch {}

impl Batch {
    pub(super) fn new() -> Self {
        // SAFETY: all of these are plain C structures of integers and pointers, for which zero is a value.
        let (header, name) =
            unsafe { (mem::zeroed::<libc::mmsghdr>(), mem::zeroed::<libc::sockaddr_storage>()) };
        let vector = libc::iovec { iov_base: ptr::null_mut(), iov_len: 0 };
        Self {
            headers: vec![header; DEPTH],
            vectors: vec![vector; DEPTH],
            names: vec![name; DEPTH],
            controls: vec![[0; 16]; DEPTH],
            // Pages that no datagram reaches are never touched: a quiet ring costs 32 pages, not 2 MiB.
            bytes: vec![0; DEPTH * STRIDE],
            used: DEPTH,
        }
    }

    /// Waits for a datagram (as long as the socket's read timeout allows) and takes what is there.
    pub(super) fn receive(&mut self, socket: &UdpSocket) -> io::Result<Received<'_>> {
        for index in 0..self.used {
            self.prepare(index);
        }
        self.used = 0;
        // SAFETY: `headers` holds `DEPTH` headers. Each points to one `iovec`, one address and one control
        // buffer with their true lengths (`prepare`), all in vectors of `self` that outlive the call and are
        // never resized, so their addresses hold. The timeout may be null.
        let count = unsafe {
            libc::recvmmsg(
                socket.as_raw_fd(),
                self.headers.as_mut_ptr(),
                DEPTH as libc::c_uint,
                libc::MSG_WAITFORONE as _,
                ptr::null_mut(),
            )
        };
        let Ok(count) = usize::try_from(count) else { return Err(io::Error::last_os_error()) };
        self.used = count;
        Ok(Received { batch: self, next: 0 })
    }

    /// Points a header at its buffers with their full lengths: the kernel overwrote the lengths.
    fn prepare(&mut self, index: usize) {
        // SAFETY: every index is below `DEPTH` and each place is `STRIDE` bytes of a buffer of
        // `DEPTH * STRIDE`.
        let place = unsafe { self.bytes.as_mut_ptr().add(index * STRIDE) };
        self.vectors[index] = libc::iovec { iov_base: place.cast(), iov_len: STRIDE };
        let header = &mut self.headers[index].msg_hdr;
        header.msg_name = (&raw mut self.names[index]).cast();
        header.msg_namelen = size_of::<libc::sockaddr_storage>() as libc::socklen_t;
        header.msg_iov = &raw mut self.vectors[index];
        header.msg_iovlen = 1;
        header.msg_control = (&raw mut self.controls[index]).cast();
        header.msg_controllen = size_of::<Control>() as _;
        header.msg_flags = 0;
    }

    fn source(&self, index: usize) -> Option<SocketAddr> {
        let name = &raw const self.names[index];
        let len = self.headers[index].msg_hdr.msg_namelen as usize;
        match libc::c_int::from(self.names[index].ss_family) {
            libc::AF_INET if len >= size_of::<libc::sockaddr_in>() => {
                // SAFETY: the kernel wrote a whole `sockaddr_in`; the storage is large and aligned enough
                // for every family.
                let name = unsafe { &*name.cast::<libc::sockaddr_in>() };
                let address = Ipv4Addr::from(u32::from_be(name.sin_addr.s_addr));
                Some(SocketAddr::new(address.into(), u16::from_be(name.sin_port)))
            }
            libc::AF_INET6 if len >= size_of::<libc::sockaddr_in6>() => {
                // SAFETY: as above, a whole `sockaddr_in6`.
                let name = unsafe { &*name.cast::<libc::sockaddr_in6>() };
                let address = IpAddr::V6(Ipv6Addr::from(name.sin6_addr.s6_addr));
                Some(SocketAddr::new(address.to_canonical(), u16::from_be(name.sin6_port)))
            }
            _ => None,
        }
    }

    /// The socket's drop counter at the time this datagram was queued; the kernel leaves it out while it is 0.
    fn drops(&self, index: usize) -> Option<u32> {
        let header = &raw const self.headers[index].msg_hdr;
        // SAFETY: the kernel set `msg_control` and `msg_controllen` to what it wrote; the macros stay within
        // them and give null at their end. The buffer is aligned for `cmsghdr`, and the counter is read
        // unaligned.
        unsafe {
            let mut message = libc::CMSG_FIRSTHDR(header);
            while let Some(found) = message.as_ref() {
                if found.cmsg_level == libc::SOL_SOCKET && found.cmsg_type == libc::SO_RXQ_OVFL {
                    return Some(libc::CMSG_DATA(message).cast::<u32>().read_unaligned());
                }
                message = libc::CMSG_NXTHDR(header, message);
            }
        }
        None
    }
}

/// What one call brought.
pub(super) struct Received<'a> {
    batch: &'a Batch,
    next: usize,
}

impl<'a> Iterator for Received<'a> {
    /// The source, the bytes, and the drop counter where the kernel sent it.
    type Item = (Option<SocketAddr>, &'a [u8], Option<u32>);

    fn next(&mut self) -> Option<Self::Item> {
        let index = self.next;
        if index == self.batch.used {
            return None;
        }
        self.next += 1;
        let len = (self.batch.headers[index].msg_len as usize).min(STRIDE);
        let bytes = &self.batch.bytes[index * STRIDE..][..len];
        Some((self.batch.source(index), bytes, self.batch.drops(index)))
    }
}

/// Asks the kernel to send its drop counter with every datagram.
pub(super) fn report_drops(socket: &UdpSocket) -> io::Result<()> {
    let on: libc::c_int = 1;
    // SAFETY: the option takes an `int`, whose address and size these are.
    let result = unsafe {
        libc::setsockopt(
            socket.as_raw_fd(),
            libc::SOL_SOCKET,
            libc::SO_RXQ_OVFL,
            (&raw const on).cast(),
            size_of_val(&on) as libc::socklen_t,
        )
    };
    if result == 0 { Ok(()) } else { Err(io::Error::last_os_error()) }
}
