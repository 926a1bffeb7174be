//! Irregularities: in captures, in the matches of a fair simulator, and in the same with faults put in.
#![cfg(feature = "pss")]

mod challenges;
mod corners;
mod drift;
mod edges;
mod matches;
mod source;
