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

/// A [`Change`] on its way to the writer.
#[derive(Clone, Debug)]
pub(crate) struct OwnedChange {
    pub(crate) by: String,
    pub(crate) at: Timestamp,
    pub(crate) reason: String,
}

impl From<&Change<'_>> for OwnedChange {
    fn from(change: &Change<'_>) -> Self {
        Self { by: change.by.to_owned(), at: change.at, reason: change.reason.to_owned() }
    }
}

impl OwnedChange {
    pub(crate) fn get(&self) -> Change<'_> {
        Change { by: &self.by, at: self.at, reason: &self.reason }
    }
}
