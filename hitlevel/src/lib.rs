//! Hit levels: which hit scored which point, what was hit without scoring, and what all of it tells.
//!
//! The sensors of a scoring system report the raw level of every hit, valid or not, but never say which hit
//! a point came from. [`HitLinker`] finds it; [`Analysis`] counts hits and links as they come, in memory that does not
//! grow with the match; [`Course`] is a match as a whole. All of them are pure: they listen to a
//! [`Pipeline`](pss_protocol::Pipeline) as a [`Sink`](pss_protocol::Sink) or are given the events of a database, read no
//! clock and need no `std`.
//!
//! The whole way, from datagrams to numbers:
//!
//! ```
//! # #[cfg(feature = "pss")] {
//! use hitlevel::{Courses, Missing, Overall};
//! use pss_protocol::{Arrival, Athlete, Datagram, Flow, Monotonic, Pipeline, PipelineConfig, Timestamp};
//!
//! let said = [
//!     "pre;FightLoaded", "rnd;1", "clk;02:00",
//!     "mch;101;Final;MEN -58 kg;;#0000ff;#FFFFFF;#ff0000;#FFFFFF;x;SENIORS;3;120;cntDown;27;10",
//!     "at1;A. ONE;A. ONE;KOR;at2;B. TWO;B. TWO;FRA", "rdy;FightReady",
//!     "clk;02:00;start", "clk;01:59", "hl1;12", "clk;01:30", "hl1;41", "pt1;2", "sc1;2;sc2;0", "clk;01:00",
//!     "hl1;24", "clk;00:59",
//! ];
//! let mut pipeline = Pipeline::new(PipelineConfig::default(), Courses::default());
//! for (seq, text) in (1..).zip(said) {
//!     let bytes = format!("{text}\r\n").into_bytes();
//!     let arrival = Arrival { wall: Some(Timestamp(0)), mono: Monotonic::from_micros(seq * 20_000) };
//!     pipeline.ingest(&Datagram { seq, arrival, source: None, flow: Flow::Broadcast, bytes: &bytes });
//! }
//!
//! let course = pipeline.finish().finish().next().expect("one match");
//! let link = &course.links[0];
//! assert_eq!((link.athlete, link.level), (Athlete::Blue, Some(41)));
//! assert!(link.confidence > 0.9);
//!
//! let blue = course.statistics.total(Athlete::Blue);
//! assert_eq!((blue.felt.count(), blue.scored(), blue.level_max()), (3, 1, Ok(41)));
//! assert_eq!(course.statistics.assessment(Athlete::Blue).near_body, 1, "24 is just below 27");
//! // Where there is no number there is the reason.
//! let red = course.statistics.total(Athlete::Red);
//! assert_eq!(red.level_mean(), Err(Missing::NoHits));
//! // Anything merges: the matches of an athlete, a ring, a weight class.
//! let mut overall = Overall::default();
//! overall.add(&course.statistics, Athlete::Blue);
//! assert_eq!(overall.hits.felt, blue.felt);
//! # }
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
    Assessment, Combinations, Extent, HitStatistics, MatchStatistics, OffClock, Overall, Points,
    RoundStatistics, Tempo, Thresholds,
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
