//! A message with everything that is known of it.

use crate::{Code, Datagram, Finding, Message, RecognitionStatus, Span};

/// One message of one datagram, judged. Borrowed for the length of one call to a [`Sink`](crate::Sink).
#[derive(Clone, Copy, Debug)]
#[non_exhaustive]
pub struct Record<'a> {
    /// The datagram that it came in.
    pub datagram: &'a Datagram<'a>,
    /// The message in the datagram, from 0.
    pub index: u32,
    /// Its bytes in the datagram, line end included.
    pub span: Span,
    /// What it says.
    pub message: &'a Message<'a>,
    /// Its code; `None` for garbage and for codes that nobody knows.
    pub code: Option<Code>,
    /// How far it was understood.
    pub status: RecognitionStatus,
    /// From 0.0 to 1.0; see [`rules`](crate::rules) for the formula.
    pub confidence: f32,
    /// The protocol version whose rules judged it.
    pub protocol_version: &'static str,
    /// What is odd about it.
    pub findings: &'a [Finding],
}

impl Record<'_> {
    /// The bytes of the message, line end included.
    pub fn raw(&self) -> &[u8] {
        &self.datagram.bytes[self.span.range()]
    }
}
