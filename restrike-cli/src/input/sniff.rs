//! Tells the formats apart by what they begin with.

use anyhow::{Context as _, bail};

use pss_protocol::capture;

use super::{Format, log, source::ByteSource, text};

/// Enough of an input to see what it is.
const HEAD: usize = 4096;

/// Looks at the beginning and takes nothing but a byte order mark.
pub(super) fn format(source: &mut ByteSource) -> anyhow::Result<Format> {
    // A slow pipe shows what it is long before it shows `HEAD` bytes.
    while source.buffered().len() < HEAD && is_undecided(source.buffered()) {
        if !source.read_more(HEAD).context("cannot be read")? {
            break;
        }
    }
    if let Some(format) = capture_format(source.buffered()) {
        return Ok(format);
    }
    match source.buffered() {
        [0x1F, 0x8B, ..] => bail!("is compressed; unpack it first: gunzip -c FILE | restrike decode -"),
        head if head.starts_with(b"SQLite format 3\0") => {
            bail!("is a database, no recording; name it by --db")
        }
        [0xFF, 0xFE, ..] | [0xFE, 0xFF, ..] => bail!("is text in UTF-16; save it as UTF-8"),
        [0xEF, 0xBB, 0xBF, ..] => source.consume(3),
        _ => {}
    }
    let head = &source.buffered()[..source.buffered().len().min(HEAD)];
    // A flipped bit makes no binary file of a text.
    if head.iter().filter(|&&byte| is_binary(byte)).count() * 64 > head.len() {
        bail!(
            "is no capture (pcap, pcapng), no journal, no log and no text; it begins with \"{}\"",
            &head[..head.len().min(16)].escape_ascii(),
        );
    }
    let line = head.split(|&byte| byte == b'\n').map(<[u8]>::trim_ascii).find(|line| !line.is_empty());
    Ok(match line {
        Some(line) if capture::is_journal(line) => Format::Journal,
        Some(line) if log::is_log_line(line) => Format::Log,
        Some(line) if text::is_listing(line) => Format::Listing,
        _ => Format::Plain,
    })
}

fn capture_format(head: &[u8]) -> Option<Format> {
    match head {
        [0xD4, 0xC3, 0xB2, 0xA1, ..]
        | [0xA1, 0xB2, 0xC3, 0xD4, ..]
        | [0x4D, 0x3C, 0xB2, 0xA1, ..]
        | [0xA1, 0xB2, 0x3C, 0x4D, ..]
        | [0x34, 0xCD, 0xB2, 0xA1, ..] => Some(Format::Pcap),
        [0x0A, 0x0D, 0x0D, 0x0A, ..] => Some(Format::Pcapng),
        _ => None,
    }
}

/// Whether more bytes could tell more.
fn is_undecided(head: &[u8]) -> bool {
    let has_line = head.trim_ascii_start().contains(&b'\n');
    head.len() < 4 || capture_format(head).is_none() && !has_line
}

/// Our escaped notation never leaves such a byte in a text.
fn is_binary(byte: u8) -> bool {
    byte < 0x20 && !matches!(byte, b'\t' | b'\n' | b'\r' | 0x0C | 0x1B) || byte == 0x7F
}
