//! One file for each noun: its rows, how they are written and how they are read.

pub(crate) mod athlete;
pub(crate) mod datagram;
pub(crate) mod match_;
pub(crate) mod match_event;
pub(crate) mod pss_event;
pub(crate) mod session;

/// What the writer remembers between rows. It is forgotten when a transaction is rolled back.
#[derive(Debug, Default)]
pub(crate) struct Cache {
    pub(crate) sources: std::collections::HashMap<std::net::SocketAddr, i64>,
    pub(crate) athletes: std::collections::HashMap<athlete::Identity, i64>,
}

/// Numbers of the wire and of the protocol's types as SQLite has them.
pub(crate) fn number(value: u64) -> i64 {
    i64::try_from(value).unwrap_or(i64::MAX)
}

/// A stored number as the protocol's types have it; none that was written by [`number`] is out of range.
pub(crate) fn unsigned<T: TryFrom<i64>>(value: i64) -> Option<T> {
    T::try_from(value).ok()
}
