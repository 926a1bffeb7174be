//! The real server on free ports of this machine, with a data directory of its own.

/// UDP in, feed out: frames, resume, slow clients, pages.
mod feed;
mod hits;
/// What arrives is kept: the same capture gives the same records, and nothing hurts.
mod ingest;
/// The program: exit statuses, stdout, SIGTERM, kill.
#[cfg(unix)]
mod process;
/// A database that is locked, and what a kill leaves behind.
#[cfg(unix)]
mod refill;
/// Asking the sender for its last messages.
#[cfg(target_os = "linux")]
mod requests;
/// Rules that change while the server runs.
mod rules;
/// Starts servers and speaks to them.
mod support;
