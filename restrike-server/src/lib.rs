//! `restrike-server`: live rings to a database, a feed and a page.
#![deny(unsafe_code)]
#![warn(missing_docs)]

pub use args::Args;
pub use clock::Clock;
pub use config::{Config, ConfigError, RingConfig, SenderConfig};
pub use ingest::{RECEIVE_BUFFER, Received, Receiver, ReceiverConfig};

mod args;
mod clock;
mod config;
mod ingest;
