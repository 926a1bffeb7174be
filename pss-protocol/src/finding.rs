//! What is odd about a message, and what that makes of it.

use alloc::{borrow::Cow, string::String};
use core::fmt;

use crate::Span;

/// One thing that the reading or a rule has to say about a message.
#[derive(Clone, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize))]
pub struct Finding {
    /// The id of the rule, or of the reading's own check: `terminator_cut`, `truncated`, `repaired`, `missing`,
    /// `surplus`, `malformed`, `unknown_code` or `garbage`.
    pub rule: Cow<'static, str>,
    /// How bad it is.
    pub severity: Severity,
    /// The field: the message's type and the name in its JSON (`athletes.red.long_name`), or `terminator` for
    /// the line end; `None` for the whole message.
    pub field: Option<Cow<'static, str>>,
    /// Where in the datagram.
    pub span: Span,
    /// For people.
    pub message: String,
}

impl fmt::Display for Finding {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.severity, self.message)?;
        if let Some(field) = &self.field {
            write!(f, " ({field})")?;
        }
        write!(f, " at bytes {}..{} [{}]", self.span.start, self.span.end, self.rule)
    }
}

/// How bad a finding is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize), serde(rename_all = "snake_case"))]
pub enum Severity {
    /// Worth knowing; the status stays.
    Info,
    /// A field is missing, untrusted or surplus: the message is at best `partial`.
    Warning,
    /// The message does not say what its code promises: it is `unknown`.
    Error,
}

impl Severity {
    /// `info`, `warning` or `error`.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Info => "info",
            Self::Warning => "warning",
            Self::Error => "error",
        }
    }

    /// The severity with this [`as_str`](Self::as_str).
    pub fn from_name(name: &str) -> Option<Self> {
        [Self::Info, Self::Warning, Self::Error].into_iter().find(|severity| severity.as_str() == name)
    }
}

impl fmt::Display for Severity {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.as_str())
    }
}

/// How far a message was understood.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize), serde(rename_all = "snake_case"))]
pub enum RecognitionStatus {
    /// Known, all understood, all rules hold.
    Recognized,
    /// Known; some field is missing, untrusted or surplus.
    Partial,
    /// The code is not known, or a rule of severity error fails.
    Unknown,
    /// Known, and retired in this protocol version.
    Deprecated,
}

impl RecognitionStatus {
    /// As in JSON and in the database.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Recognized => "recognized",
            Self::Partial => "partial",
            Self::Unknown => "unknown",
            Self::Deprecated => "deprecated",
        }
    }
}

impl fmt::Display for RecognitionStatus {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.as_str())
    }
}
