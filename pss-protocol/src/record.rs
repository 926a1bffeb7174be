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
    /// From 0.0 to 1.0; see [`rules`](crate::rules#confidence) for the formula.
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

#[cfg(feature = "serde")]
mod line {
    use core::fmt;

    use serde::{Serialize, Serializer};

    use super::Record;
    use crate::{Code, Finding, Message, RecognitionStatus, Timestamp, escape};

    /// A record as one JSON object, the line of `restrike decode --format ndjson`.
    ///
    /// ```
    /// # use pss_protocol::{Datagram, Pipeline, PipelineConfig, Record, RecordLine, Sink};
    /// struct Print;
    ///
    /// impl Sink for Print {
    ///     fn record(&mut self, record: &Record<'_>) {
    ///         println!("{}", serde_json::to_string(&RecordLine::from(record)).unwrap());
    ///     }
    /// }
    /// ```
    #[derive(Clone, Debug, Serialize)]
    #[non_exhaustive]
    pub struct RecordLine<'a> {
        /// Of the datagram, from 1.
        pub seq: u64,
        /// When it arrived; `null` where the input has no time.
        pub at: Option<Timestamp>,
        /// Who sent it; `null` where the input does not say.
        #[serde(serialize_with = "as_text")]
        pub source: Option<core::net::SocketAddr>,
        /// The message in the datagram, from 0.
        pub index: u32,
        /// Its bytes, line end included, in the notation of [`escape`](crate::escape()).
        #[serde(serialize_with = "escaped")]
        pub raw: &'a [u8],
        /// `null` for garbage and for codes that nobody knows.
        pub code: Option<Code>,
        /// How far it was understood.
        pub status: RecognitionStatus,
        /// From 0.0 to 1.0.
        pub confidence: f32,
        /// What it says.
        pub message: &'a Message<'a>,
        /// What is odd about it.
        pub findings: &'a [Finding],
    }

    impl<'a> From<&'a Record<'_>> for RecordLine<'a> {
        fn from(record: &'a Record<'_>) -> Self {
            Self {
                seq: record.datagram.seq,
                at: record.datagram.arrival.wall,
                source: record.datagram.source,
                index: record.index,
                raw: record.raw(),
                code: record.code,
                status: record.status,
                confidence: record.confidence,
                message: record.message,
                findings: record.findings,
            }
        }
    }

    fn as_text<S: Serializer>(value: &Option<impl fmt::Display>, serializer: S) -> Result<S::Ok, S::Error> {
        match value {
            Some(value) => serializer.collect_str(value),
            None => serializer.serialize_none(),
        }
    }

    fn escaped<S: Serializer>(bytes: &[u8], serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(&escape(bytes))
    }
}

#[cfg(feature = "serde")]
pub use line::RecordLine;
