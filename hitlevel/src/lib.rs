//! Hit levels: which hit scored which point, and what was hit without scoring.
//!
//! The sensors of a scoring system report the raw level of every hit, valid or not, but never say which hit
//! a point came from. [`HitLinker`] finds it: it listens to a [`Pipeline`](pss_protocol::Pipeline) as a pure
//! [`Sink`](pss_protocol::Sink) and gives a [`Link`] for every kick that scored. It reads no clock and needs
//! no `std`.
//!
//! ```
//! use hitlevel::HitLinker;
//! use pss_protocol::{Both, Pipeline, PipelineConfig};
//!
//! let mut pipeline = Pipeline::new(PipelineConfig::default(), Both(HitLinker::default(), ()));
//! // … `pipeline.ingest(…)` and `pipeline.tick(…)`, and after any of them:
//! for link in pipeline.sink_mut().0.drain() {
//!     println!("point {} came from hit {:?}, level {:?}", link.point.id, link.hit, link.level);
//! }
//! // At the end what still waits for a late hit is settled.
//! let Both(mut linker, ()) = pipeline.finish();
//! linker.finish();
//! assert_eq!(linker.drain().count(), 0);
//! ```
//!
//! # Crate features
//!
//! * **std** (default): nothing but `std` in [`pss_protocol`]; without it the crate is `no_std` + `alloc`.
//! * **pss** (default): [`HitLinker`], and with it the dependency on `pss-protocol`.
#![cfg_attr(not(feature = "std"), no_std)]
#![forbid(unsafe_code)]
#![warn(missing_docs)]

#[cfg(feature = "pss")]
extern crate alloc;

#[cfg(feature = "pss")]
pub use link::{HitLinker, HitSample, Link, LinkConfig};

#[cfg(feature = "pss")]
mod link;
