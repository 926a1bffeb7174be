//! When to stop.

use std::{future::Future, io};

use tokio::signal;

/// Ready at the first Ctrl-C or, on Unix, SIGTERM from now on.
///
/// # Errors
///
/// When the system does not let us know of signals.
#[cfg(unix)]
pub fn signal() -> io::Result<impl Future<Output = ()>> {
    let mut terminate = signal::unix::signal(signal::unix::SignalKind::terminate())?;
    let mut interrupt = signal::unix::signal(signal::unix::SignalKind::interrupt())?;
    Ok(async move {
        tokio::select! {
            _ = terminate.recv() => {}
            _ = interrupt.recv() => {}
        }
    })
}

/// Ready at the first Ctrl-C, Ctrl-Break, closing of the console or shutdown of the system from now on.
///
/// # Errors
///
/// When the system does not let us know of signals.
#[cfg(windows)]
pub fn signal() -> io::Result<impl Future<Output = ()>> {
    let mut c = signal::windows::ctrl_c()?;
    let mut interrupted = signal::windows::ctrl_break()?;
    let mut closed = signal::windows::ctrl_close()?;
    let mut down = signal::windows::ctrl_shutdown()?;
    Ok(async move {
        tokio::select! {
            _ = c.recv() => {}
            _ = interrupted.recv() => {}
            _ = closed.recv() => {}
            _ = down.recv() => {}
        }
    })
}
