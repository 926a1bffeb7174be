//! `restrike-server`: live rings to a database, a feed and a page.
//!
//! A datagram goes from its socket ([`Receiver`], a thread that only receives) to its ring's thread, and from
//! there to the journal, through the one [`Pipeline`](pss_protocol::Pipeline) of all programs, to the database
//! and to the bus, from which every client of the feed reads at its own pace. [`Config`] says what to do,
//! [`App`] does it.
#![deny(unsafe_code)]
#![warn(missing_docs)]

pub use app::{App, DRAIN};
pub use args::Args;
pub use clock::Clock;
pub use config::{Config, ConfigError, RingConfig, SenderConfig};
pub use demo::{Demo, DemoData};
pub use ingest::{RECEIVE_BUFFER, Received, Receiver, ReceiverConfig};

pub mod shutdown;

mod api;
mod app;
mod args;
mod bus;
mod clock;
mod config;
mod demo;
mod in_use;
mod ingest;
mod journal;
mod live;
mod refill;
mod router;
mod rules;
mod topics;
mod ui;
mod ws;
