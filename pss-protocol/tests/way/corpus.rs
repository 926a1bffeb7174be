//! Reads the corpus' listings.

use std::net::SocketAddr;

/// One datagram of a listing.
#[derive(Debug)]
pub(crate) struct Listed {
    pub(crate) micros: u64,
    pub(crate) source: SocketAddr,
    pub(crate) destination: SocketAddr,
    pub(crate) bytes: Vec<u8>,
}

/// The listings with both addresses, by their names.
pub(crate) const LISTINGS: [&str; 7] = [
    "a1_bestof3_realtime",
    "b_nonascii_truncation",
    "c_golden_tiebreak",
    "d_para_hw_connect",
    "e_requests",
    "h_bursts_reordering",
    "j_no_ovr_url",
];

/// The datagrams of one listing.
pub(crate) fn listing(name: &str) -> Vec<Listed> {
    let path = format!("{}/tests/corpus/{name}.txt", env!("CARGO_MANIFEST_DIR"));
    let text = std::fs::read_to_string(&path).unwrap_or_else(|error| panic!("{path}: {error}"));
    let read = |line: &str| {
        let columns: Vec<&str> = line.split('\t').collect();
        let millis: f64 = columns[0].parse().unwrap();
        let bytes = pss_protocol::unescape(columns[4]).unwrap();
        assert_eq!(bytes.len().to_string(), columns[3], "{line}");
        let (source, destination) = (columns[1].parse().unwrap(), columns[2].parse().unwrap());
        Listed { micros: (millis * 1000.0) as u64, source, destination, bytes }
    };
    text.lines().filter(|line| !line.starts_with('#')).map(read).collect()
}
