//! The events of a match in a new reading beside the stored ones.

use std::collections::HashMap;

use super::difference::Changes;
use crate::models::match_event::FullRow;

/// What changes of a match's events.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct EventChanges {
    pub(super) changes: Changes,
    pub(super) renumbered: u64,
}

/// Compares the events by what they say. An event that is only in another place of the list is the same, and one
/// that another message or another athlete shows is another; of the rest, what the same message shows has changed.
pub(super) fn compare(stored: &[FullRow], read: &[FullRow]) -> EventChanges {
    if stored == read {
        return EventChanges::default();
    }
    let mut counts: HashMap<_, (Vec<&FullRow>, Vec<&FullRow>)> = HashMap::new();
    for row in stored {
        counts.entry(row.content()).or_default().0.push(row);
    }
    for row in read {
        counts.entry(row.content()).or_default().1.push(row);
    }
    let mut found = EventChanges::default();
    // By what shows them: how many are left on either side.
    let mut left: HashMap<_, (u64, u64)> = HashMap::new();
    for (stored, read) in counts.into_values() {
        let both = stored.len().min(read.len());
        found.renumbered += stored.iter().zip(&read).filter(|(stored, read)| stored != read).count() as u64;
        for row in &stored[both..] {
            left.entry(row.shown_by()).or_default().0 += 1;
        }
        for row in &read[both..] {
            left.entry(row.shown_by()).or_default().1 += 1;
        }
    }
    for (stored, read) in left.into_values() {
        let changed = stored.min(read);
        found.changes.changed += changed;
        found.changes.removed += stored - changed;
        found.changes.added += read - changed;
    }
    found
}
