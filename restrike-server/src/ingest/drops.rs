//! What the kernel dropped because the socket's buffer was full, as one number that only grows.

use std::net::UdpSocket;

/// Follows the kernel's counter of one socket.
///
/// The counter comes with the next datagram that is *queued*, so what was dropped after the last one stays
/// unseen until another arrives. While the socket is idle the same counter is read from `/proc`.
#[derive(Debug, Default)]
pub(super) struct DropCounter {
    last: u32,
    total: u64,
}

impl DropCounter {
    /// Takes a reading of the kernel's counter, which wraps at 2³². A reading older than the last changes
    /// nothing.
    pub(super) fn observe(&mut self, counter: u32) {
        let newly = counter.wrapping_sub(self.last);
        if newly < u32::MAX / 2 {
            self.last = counter;
            self.total += u64::from(newly);
        }
    }

    /// Everything that was dropped since the socket was opened.
    pub(super) fn total(&self) -> u64 {
        self.total
    }
}

/// The kernel's counter of an idle socket, where the system tells it.
#[cfg(target_os = "linux")]
pub(super) fn read(socket: &UdpSocket) -> Option<u32> {
    use std::os::fd::AsRawFd as _;

    let link = std::fs::read_link(format!("/proc/self/fd/{}", socket.as_raw_fd())).ok()?;
    let inode = link.to_str()?.strip_prefix("socket:[")?.strip_suffix(']')?;
    let table =
        if socket.local_addr().ok()?.is_ipv4() { "/proc/self/net/udp" } else { "/proc/self/net/udp6" };
    find(&std::fs::read_to_string(table).ok()?, inode)
}

/// No such table elsewhere.
#[cfg(not(target_os = "linux"))]
pub(super) fn read(_socket: &UdpSocket) -> Option<u32> {
    None
}

/// The last column of the line whose tenth is `inode`.
#[cfg(any(target_os = "linux", test))]
fn find(table: &str, inode: &str) -> Option<u32> {
    let line = table.lines().skip(1).find(|line| line.split_ascii_whitespace().nth(9) == Some(inode))?;
    line.split_ascii_whitespace().nth(12)?.parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn counts_across_the_wrap_and_ignores_older_readings() {
        let mut drops = DropCounter::default();
        drops.observe(u32::MAX / 2 - 1);
        drops.observe(u32::MAX - 9);
        drops.observe(u32::MAX - 20);
        drops.observe(5);
        assert_eq!(drops.total(), u64::from(u32::MAX) + 1 + 5);
    }

    #[test]
    fn finds_the_line_of_the_socket() {
        let table = "  sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode ref pointer drops\n\
             8: 00000000:1770 00000000:0000 07 00000000:00000000 00:00000000 00000000     0        0 4711 2 0000000000000000 0\n\
             9: 00000000:2704 00000000:0000 07 00000000:00000000 00:00000000 00000000     0        0 4712 2 0000000000000000 31\n";
        assert_eq!(find(table, "4712"), Some(31));
        assert_eq!(find(table, "4711"), Some(0));
        assert_eq!(find(table, "1"), None);
    }
}
