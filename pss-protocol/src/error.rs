//! What could not be read, and where.

use core::fmt;

use crate::Span;

/// A field that a known code demands and that could not be read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize))]
pub struct ParseError {
    /// What was expected there.
    pub kind: ParseErrorKind,
    /// The bytes that are not that, counted from the first byte of the message.
    pub span: Span,
}

/// What was expected.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize), serde(rename_all = "snake_case"))]
#[non_exhaustive]
pub enum ParseErrorKind {
    /// A whole number that fits.
    ExpectedNumber,
    /// `m:ss`, `m.ss` or seconds.
    ExpectedTime,
    /// One of the words that the field may hold.
    ExpectedWord,
    /// The tag that begins the next part (`at2`, `sc2`, `rd2`, `ju1`).
    ExpectedTag,
}

impl fmt::Display for ParseError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let expected = match self.kind {
            ParseErrorKind::ExpectedNumber => "a whole number",
            ParseErrorKind::ExpectedTime => "a time m:ss",
            ParseErrorKind::ExpectedWord => "a word of the protocol",
            ParseErrorKind::ExpectedTag => "the tag of the next part",
        };
        write!(f, "expected {expected} at bytes {}..{}", self.span.start, self.span.end)
    }
}

impl core::error::Error for ParseError {}
