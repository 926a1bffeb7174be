//! The captures, from their listings: one datagram a line, times to the microsecond.

use std::{net::SocketAddr, path::Path};

use anyhow::{Context, Result};

/// One datagram of a capture.
#[derive(Clone, Debug, PartialEq)]
pub struct Recorded {
    /// Since the start of the capture.
    pub micros: u64,
    /// Who sent it.
    pub source: SocketAddr,
    /// To whom.
    pub destination: SocketAddr,
    /// What it held.
    pub bytes: Vec<u8>,
}

/// The corpus that every crate tests with.
pub const CORPUS: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../pss-protocol/tests/corpus");

/// The names of the captures in a directory, sorted: each has a listing `NAME.txt` and logs of its matches.
///
/// # Errors
///
/// When the directory cannot be listed.
pub fn names(directory: &Path) -> Result<Vec<String>> {
    let entries =
        std::fs::read_dir(directory).with_context(|| format!("cannot list {}", directory.display()))?;
    let mut names = Vec::new();
    for entry in entries {
        let name = entry?.file_name().to_string_lossy().into_owned();
        if let Some(name) = name.strip_suffix("-m1-matchLogItems.csv") {
            names.push(name.to_owned());
        }
    }
    names.sort();
    Ok(names)
}

/// Reads `NAME.txt`.
///
/// # Errors
///
/// When the file cannot be read, or a line of it is not a datagram: says which, and why.
pub fn read(directory: &Path, name: &str) -> Result<Vec<Recorded>> {
    let path = directory.join(format!("{name}.txt"));
    let text = std::fs::read_to_string(&path).with_context(|| format!("cannot read {}", path.display()))?;
    text.lines()
        .enumerate()
        .filter(|(_, line)| !line.starts_with('#') && !line.is_empty())
        .map(|(index, line)| {
            parse(line).with_context(|| format!("{} line {} is not a datagram", path.display(), index + 1))
        })
        .collect()
}

fn parse(line: &str) -> Result<Recorded> {
    let mut columns = line.splitn(5, '\t');
    let mut next = |what| columns.next().with_context(|| format!("the line ends before the {what}"));
    let millis: f64 = next("offset")?.parse().context("the offset is not a number")?;
    let source = next("source")?.parse().context("the source is not an address")?;
    let destination = next("destination")?.parse().context("the destination is not an address")?;
    let length: usize = next("length")?.parse().context("the length is not a number")?;
    // A payload that is not UTF-8 is followed by a note that says so.
    let payload = next("payload")?;
    let bytes = pss_protocol::unescape(payload.strip_suffix("\t!invalid-utf8").unwrap_or(payload))
        .map_err(|position| anyhow::anyhow!("byte {position} of the payload begins no known escape"))?;
    anyhow::ensure!(bytes.len() == length, "{} bytes where the line says {length}", bytes.len());
    Ok(Recorded { micros: (millis * 1000.0).round() as u64, source, destination, bytes })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_a_line() {
        let line = r"1.840	127.0.0.1:45453	127.0.10.1:9988	10	inlb;50:\r\n";
        let recorded = parse(line).unwrap();
        assert_eq!(recorded.micros, 1840);
        assert_eq!(recorded.source, "127.0.0.1:45453".parse().unwrap());
        assert_eq!(recorded.bytes, b"inlb;50:\r\n");
    }

    #[test]
    fn reads_bytes_that_are_no_text() {
        let line = "1.840\t127.0.0.1:1\t127.0.10.1:2\t2\tA\\xc4\t!invalid-utf8";
        assert_eq!(parse(line).unwrap().bytes, b"A\xC4");
    }

    #[test]
    fn a_wrong_length_is_an_error() {
        let line = r"1.840	127.0.0.1:45453	127.0.10.1:9988	11	inlb;50:\r\n";
        assert_eq!(parse(line).unwrap_err().to_string(), "10 bytes where the line says 11");
    }
}
