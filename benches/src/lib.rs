//! Ratios beside their bounds, each with its denominator measured in the same run.
#![warn(missing_docs)]

pub mod cpu;
pub mod listing;

/// The example of README.md compiles and runs.
#[cfg(doctest)]
#[doc = include_str!("../../README.md")]
pub struct Readme;
