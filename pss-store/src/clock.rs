//! The store's own durations: how long a commit took, how long the writer has been failing.

use std::time::Instant;

/// Now, on the clock that never jumps. Times of the match and of the wire are always arguments.
#[expect(clippy::disallowed_methods, reason = "the store measures its own commits and its own patience")]
pub(crate) fn now() -> Instant {
    Instant::now()
}
