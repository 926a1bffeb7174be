//! The real server on free ports of this machine, with a data directory of its own.

/// UDP in, feed out: frames, resume, slow clients, pages.
mod feed;
/// What arrives is kept: the same capture gives the same records, and nothing hurts.
mod ingest;
/// The program: exit statuses, stdout, SIGTERM.
#[cfg(unix)]
mod process;
mod requests;
/// Asking the sender for its last messages.
#[cfg(target_os = "linux")]
mod rules;
/// Starts servers and speaks to them.
mod support;
