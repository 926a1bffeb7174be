//! Tells the formats apart by what they begin with.

use anyhow::{Context as _, bail};

use pss_protocol::capture;

use super::{Format, log, source::ByteSource, text};

/// Enough of a text to see what kind it is, even behind a banner.
const HEAD: usize = 4096;

/// Looks at the beginning and takes nothing but a byte order mark.
pub(super) fn format(source: &mut ByteSource) -> anyhow::Result<Format> {
    // A slow pipe shows its first line long before it shows `HEAD` bytes.
    while source.buffered().len() < HEAD && !has_text_line(source.buffered()) {
        if !source.read_more(HEAD).context("cannot be read")? {
            break;
        }
    }
    let head = source.buffered();
    match head {
        [0xD4, 0xC3, 0xB2, 0xA1, ..]
        | [0xA1, 0xB2, 0xC3, 0xD4, ..]
        | [0x4D, 0x3C, 0xB2, 0xA1, ..]
        | [0xA1, 0xB2, 0x3C, 0x4D, ..]
        | [0x34, 0xCD, 0xB2, 0xA1, ..] => return Ok(Format::Pcap),
        [0x0A, 0x0D, 0x0D, 0x0A, ..] => return Ok(Format::Pcapng),
        [0x1F, 0x8B, ..] => bail!("is compressed; unpack it first: `gunzip -c FILE | restrike … -`"),
        [0xFF, 0xFE, ..] | [0xFE, 0xFF, ..] => bail!("is text in UTF-16; save it as UTF-8"),
        _ => {}
    }
    if let [0xEF, 0xBB, 0xBF, ..] = head {
        source.consume(3);
    }
    let head = source.buffered();
    if let Some(at) = head.iter().position(|&byte| is_binary(byte)) {
        bail!(
            "is no capture (pcap, pcapng), no journal, no log and no text: byte {at} is 0x{:02X}, the first \
             bytes are {}",
            head[at],
            &head[..head.len().min(8)].escape_ascii()
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

fn has_text_line(head: &[u8]) -> bool {
    let begins_binary = head.iter().take(4).any(|&byte| is_binary(byte) || byte >= 0x80);
    let line = head.trim_ascii_start();
    head.len() >= 4 && !begins_binary && line.contains(&b'\n')
}

/// Our escaped notation never leaves such a byte in a text.
fn is_binary(byte: u8) -> bool {
    byte < 0x20 && !matches!(byte, b'\t' | b'\n' | b'\r' | 0x0C | 0x1B) || byte == 0x7F
}
