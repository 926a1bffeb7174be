//! What goes to the terminal: data to the standard output, the rest to the standard error.

pub(crate) mod describe;
pub(crate) mod fight;
pub(crate) mod file;
pub(crate) mod progress;
pub(crate) mod recording;
pub(crate) mod spark;
pub(crate) mod table;
pub(crate) mod text;

use std::{
    fmt,
    io::{self, BufWriter, IsTerminal as _, StdoutLock, Write as _},
};

use anyhow::Context as _;
use tracing_subscriber::filter::{EnvFilter, LevelFilter};

/// The standard output, buffered. Flush it at the end: an error of the drop would go unseen.
pub(crate) type Out = BufWriter<StdoutLock<'static>>;

/// What to say when that fails.
pub(crate) const CANNOT_WRITE: &str = "the output cannot be written";

/// Opens the standard output.
pub(crate) fn stdout() -> Out {
    BufWriter::with_capacity(64 * 1024, io::stdout().lock())
}

/// Writes data for people to the standard output.
pub(crate) fn print(write: impl FnOnce(&mut Out) -> io::Result<()>) -> anyhow::Result<()> {
    let mut out = stdout();
    write(&mut out).and_then(|()| out.flush()).context(CANNOT_WRITE)
}

/// Sends what the libraries log to the standard error; `RUST_LOG` says how much, by default warnings.
pub(crate) fn start_log() {
    let filter = EnvFilter::builder().with_default_directive(LevelFilter::WARN.into()).from_env_lossy();
    tracing_subscriber::fmt()
        .with_env_filter(filter)
        .with_writer(io::stderr)
        .with_ansi(io::stderr().is_terminal())
        .without_time()
        .init();
}

/// Says something that is no data. Whether it can be read there is not ours to fail about.
pub(crate) fn complain(text: fmt::Arguments<'_>) {
    let _ = writeln!(io::stderr(), "restrike: {text}");
}

/// Whether this is the complaint that nobody reads our output any more.
pub(crate) fn is_broken_pipe(error: &anyhow::Error) -> bool {
    const BROKEN: Option<io::ErrorKind> = Some(io::ErrorKind::BrokenPipe);
    error.chain().any(|cause| {
        let io = cause.downcast_ref::<io::Error>().map(io::Error::kind);
        let json = cause.downcast_ref::<serde_json::Error>().and_then(serde_json::Error::io_error_kind);
        io == BROKEN || json == BROKEN
    })
}
