//! The real `restrike`, run in temporary directories.

/// Running the binary, and the corpus.
mod util;

/// Captures built byte by byte.
mod build;

/// Links and statistics, live, recorded and stored.
mod courses;

/// `restrike decode` over every kind of input.
mod decode;

/// Torn, flipped, missing, foreign and huge inputs.
mod damage;

/// `restrike flags`.
mod flags;

/// `restrike integrity`.
mod integrity;

/// `restrike matches`.
mod matches;

/// `restrike tournament`, `athletes` and `import`.
mod people;

/// `restrike query`.
mod query;

/// `restrike record`, with real sockets and signals.
mod record;

/// `restrike db` and `restrike archive`.
mod keeping;

/// `restrike replay` into a database and onto the wire.
mod replay;

/// `restrike report`.
mod report;

/// The pages of `restrike report` in a browser.
mod browser;

/// `restrike reprocess`.
mod reprocess;

/// `restrike unknown`, `event` and `statistics`.
mod status;

/// `restrike rules` and `settings`, `restrike db slow`.
mod rules;

/// `restrike stats`.
mod stats;

/// `restrike calibration`.
mod calibration;

/// `restrike simulate`.
mod simulate;
