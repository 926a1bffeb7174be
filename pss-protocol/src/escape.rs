//! Bytes as one line of printable text, losslessly.

use alloc::vec::Vec;
use core::fmt::{self, Write as _};

/// Writes bytes in the notation of our captures and JSON: `\r`, `\n` and `\\` escaped, and `\xNN` for bytes
/// that are not UTF-8 and for other control characters. [`unescape`] is the inverse.
///
/// ```
/// assert_eq!(pss_protocol::escape(b"pt1;3\r\n").to_string(), r"pt1;3\r\n");
/// assert_eq!(pss_protocol::escape(b"\xC5\x9E \xC4").to_string(), r"Ş \xC4");
/// ```
pub fn escape(bytes: &[u8]) -> Escape<'_> {
    Escape(bytes)
}

/// See [`escape`].
#[derive(Clone, Copy, Debug)]
pub struct Escape<'a>(&'a [u8]);

impl fmt::Display for Escape<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for chunk in self.0.utf8_chunks() {
            for character in chunk.valid().chars() {
                match character {
                    '\r' => f.write_str("\\r")?,
                    '\n' => f.write_str("\\n")?,
                    '\\' => f.write_str("\\\\")?,
                    '\0'..='\x1F' | '\x7F' => write!(f, "\\x{:02X}", u32::from(character))?,
                    _ => f.write_char(character)?,
                }
            }
            for byte in chunk.invalid() {
                write!(f, "\\x{byte:02X}")?;
            }
        }
        Ok(())
    }
}

/// The bytes that [`escape`] wrote. An escape that it never writes is refused with its byte position.
///
/// # Errors
///
/// The position of a `\` that is not followed by `r`, `n`, `\` or `x` with two hexadecimal digits.
pub fn unescape(text: &str) -> Result<Vec<u8>, usize> {
    let bytes = text.as_bytes();
    let mut out = Vec::with_capacity(bytes.len());
    let mut at = 0;
    while at < bytes.len() {
        if bytes[at] != b'\\' {
            out.push(bytes[at]);
            at += 1;
            continue;
        }
        let (byte, len) = match bytes.get(at + 1) {
            Some(b'r') => (b'\r', 2),
            Some(b'n') => (b'\n', 2),
            Some(b'\\') => (b'\\', 2),
            Some(b'x') => {
                let digits = text.get(at + 2..at + 4).ok_or(at)?;
                if !digits.bytes().all(|digit| digit.is_ascii_hexdigit()) {
                    return Err(at);
                }
                (u8::from_str_radix(digits, 16).map_err(|_| at)?, 4)
            }
            _ => return Err(at),
        };
        out.push(byte);
        at += len;
    }
    Ok(out)
}
