//! Who changed something by hand, and how others learn of it.

use pss_protocol::Timestamp;

/// A change by hand, as its history keeps it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Change<'a> {
    /// Who makes it: a person's name, or what does it by itself (`reprocess`, `import`).
    pub by: &'a str,
    /// Now.
    pub at: Timestamp,
    /// Why, for people.
    pub reason: &'a str,
}
