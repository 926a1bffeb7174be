//! `restrike-server`: live rings to a database, a feed and a page.
#![deny(unsafe_code)]
#![warn(missing_docs)]

pub use clock::Clock;
pub use ingest::{RECEIVE_BUFFER, Received, Receiver, ReceiverConfig};

mod clock;
mod ingest;
