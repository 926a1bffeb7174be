//! Text as the wire carries it: bytes first, characters when somebody looks.

use alloc::borrow::Cow;
use core::fmt;

/// Text of a datagram, kept as the bytes that arrived.
///
/// Real senders cut names inside a character and some send Latin-1, so a field is bytes with two
/// lossless views: [`decode`](Self::decode) for people and the escaped notation of
/// [`escape`](crate::escape()) for logs and JSON. `Display` writes the decoded view.
///
/// ```
/// use pss_protocol::Text;
///
/// assert_eq!(Text::from("ÖZTÜRK").decode(), "ÖZTÜRK");
/// assert_eq!(Text::from(&b"M\xDCLLER"[..]).decode(), "MÜLLER"); // Latin-1
/// ```
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub struct Text<'a>(&'a [u8]);

impl<'a> Text<'a> {
    /// The bytes as they were on the wire.
    pub const fn as_bytes(&self) -> &'a [u8] {
        self.0
    }

    /// Whether the field was there but empty.
    pub const fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// The characters, when the bytes are valid UTF-8.
    pub fn as_str(&self) -> Option<&'a str> {
        core::str::from_utf8(self.0).ok()
    }

    /// The characters for a reader: UTF-8 where the bytes are, otherwise Latin-1, byte for character.
    ///
    /// A UTF-8 text that was cut inside its last character keeps its whole characters and shows the rest
    /// as `\xNN`, so that a cut name does not turn into Latin-1 letters.
    pub fn decode(&self) -> Cow<'a, str> {
        let error = match core::str::from_utf8(self.0) {
            Ok(text) => return Cow::Borrowed(text),
            Err(error) => error,
        };
        let (whole, rest) = self.0.split_at(error.valid_up_to());
        if error.error_len().is_none() && whole.iter().any(|byte| !byte.is_ascii()) {
            let whole = core::str::from_utf8(whole).expect("`valid_up_to` ends a valid prefix");
            return Cow::Owned(alloc::format!("{whole}{}", crate::escape(rest)));
        }
        Cow::Owned(self.0.iter().map(|&byte| char::from(byte)).collect())
    }
}

impl<'a> From<&'a [u8]> for Text<'a> {
    fn from(bytes: &'a [u8]) -> Self {
        Self(bytes)
    }
}

impl<'a> From<&'a str> for Text<'a> {
    fn from(text: &'a str) -> Self {
        Self(text.as_bytes())
    }
}

impl fmt::Display for Text<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(&self.decode())
    }
}

impl fmt::Debug for Text<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "\"{}\"", crate::escape(self.0))
    }
}

#[cfg(feature = "serde")]
impl serde::Serialize for Text<'_> {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&self.decode())
    }
}
