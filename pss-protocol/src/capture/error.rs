//! What is wrong with a line of a journal.

use core::fmt;

/// A damaged line, and where it is in the journal.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Damage {
    /// Counted from 1.
    pub line: u64,
    /// The line's first byte in the journal.
    pub offset: u64,
    /// What is wrong with it.
    pub error: LineError,
}

impl fmt::Display for Damage {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { line, offset, error } = self;
        write!(f, "line {line} (byte {}): {}", offset + error.at as u64, error.kind)
    }
}

impl core::error::Error for Damage {}

/// Why a line could not be read, and where in the line.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct LineError {
    /// What is wrong.
    pub kind: LineErrorKind,
    /// The byte of the line at which it shows.
    pub at: usize,
}

impl fmt::Display for LineError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} at byte {}", self.kind, self.at)
    }
}

impl core::error::Error for LineError {}

/// Why a line could not be read.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum LineErrorKind {
    /// The line ends before its checksum: its writer was stopped. What it held is lost, nothing else is.
    Torn,
    /// The line is whole, and some bit of it is not what was written.
    Checksum {
        /// What the line says.
        stated: u32,
        /// What its bytes give.
        found: u32,
    },
    /// The line is as it was written, by a version that is not known here.
    Version,
    /// The line is as it was written, and this field of it cannot be read.
    Field(&'static str),
}

impl fmt::Display for LineErrorKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Torn => f.write_str("the line is torn, it ends before its checksum"),
            Self::Checksum { stated, found } => {
                write!(f, "the checksum does not match, it says {stated:08x} and the bytes give {found:08x}")
            }
            Self::Version => f.write_str("the journal was written by a newer version"),
            Self::Field(field) => write!(f, "the field `{field}` cannot be read"),
        }
    }
}
