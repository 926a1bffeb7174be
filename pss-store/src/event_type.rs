//! The codes of the wire and what they mean.

use diesel::prelude::*;

use crate::{Store, StoreError, schema::pss_event_types};

/// A code of the wire.
#[derive(Clone, Debug, PartialEq, Eq, Queryable)]
#[non_exhaustive]
pub struct EventType {
    /// As it is sent.
    pub code: String,
    /// What it says, for people.
    pub description: String,
}

impl Store {
    /// The event type of a code; `None` for a code that nobody knows.
    ///
    /// # Errors
    ///
    /// When the database cannot be read.
    pub fn event_type(&self, code: &str) -> Result<Option<EventType>, StoreError> {
        self.caches().event_types.get_or_load(code.to_owned(), || {
            self.read("find an event type", |connection| {
                pss_event_types::table
                    .find(code)
                    .select((pss_event_types::code, pss_event_types::description))
                    .first(connection)
                    .optional()
            })
        })
    }
}
