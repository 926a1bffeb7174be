//! Ratios beside their limits, measured in one run: the harness, and what is measured against.
//!
//! Criterion is for reading; a gate is an interleaved run of the thing and of its denominator ([`ratio`]),
//! because two runs one after the other differ by more than what is to be shown.

pub mod allocations;
pub mod baseline;
pub mod corpus;
pub mod day;
pub mod listing;
pub mod ratio;
pub mod season;
pub mod sqlite;

/// The example of README.md compiles and runs.
#[cfg(doctest)]
#[doc = include_str!("../../README.md")]
pub struct Readme;
