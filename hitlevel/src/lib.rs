//! Hit levels: which hit scored which point, what was hit without scoring, and what all of it tells.
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
//! * **pss** (default): everything that knows matches, and with it the dependency on `pss-protocol`. Without it
//!   what is left are the statistics of levels as such.
//! * **serde**: `Serialize` for what leaves a process as JSON.
//! * **report**: self-contained HTML pages about a match or a tournament, see [`report`]. Needs `std`.
#![cfg_attr(not(feature = "std"), no_std)]
#![forbid(unsafe_code)]
#![warn(missing_docs)]

#[cfg(feature = "pss")]
extern crate alloc;

#[cfg(feature = "pss")]
pub use analysis::Analysis;
#[cfg(feature = "pss")]
pub use course::{Course, Courses};
pub use decayed::DecayedLevels;
pub use levels::{Band, Levels, Quantile};
#[cfg(feature = "pss")]
pub use link::{HitLinker, Link, LinkConfig};
pub use missing::{Measured, Missing};
#[cfg(feature = "pss")]
pub use predict::{Bin, Calibration, Forecasts, LeftOut, Moment, Prediction, Predictor, ScoringRates};
pub use sliding::SlidingLevels;
pub use spread::Spread;
#[cfg(feature = "pss")]
pub use standing::{Stage, Standing};
#[cfg(feature = "pss")]
pub use statistics::{
    Assessment, Combinations, Extent, HitStatistics, MatchStatistics, Overall, Points, RoundStatistics,
    Tempo, Thresholds,
};
#[cfg(all(feature = "pss", feature = "serde"))]
pub use view::{HitsView, LinkView, MatchHitsView, OverallView, RoundHitsView};

#[cfg(feature = "pss")]
mod analysis;
#[cfg(feature = "pss")]
mod course;
mod decayed;
#[cfg(feature = "pss")]
pub mod integrity;
mod levels;
#[cfg(feature = "pss")]
mod link;
mod missing;
#[cfg(feature = "pss")]
mod predict;
#[cfg(feature = "report")]
pub mod report;
mod sliding;
mod spread;
#[cfg(feature = "pss")]
mod standing;
#[cfg(feature = "pss")]
mod statistics;
#[cfg(all(feature = "pss", feature = "serde"))]
mod view;
