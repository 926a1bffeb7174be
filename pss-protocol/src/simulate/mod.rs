//! Matches that never were, told as a real sender tells them.
//!
//! [`Simulator`] makes the datagrams of whole match days, ring by ring: their content, their order and
//! disorder on arrival, the datagrams that the sender cuts, its silences and its stale totals. What really
//! happened comes with them as [`SimulatedMatch`], so that a reading can be measured.
//!
//! The same [`SimulatorConfig`] gives the same bytes at the same times on every platform. Nothing here sleeps
//! or sends; whoever drives it decides whether a second lasts a second.
//!
//! # What is simulated
//!
//! - The sender: its greeting and goodbye, reconnections, hardware tests, the block at match load, matches
//!   chosen twice, again after a false start, or by mistake.
//! - The match: best of three; conventional with 1 to 3 rounds and a golden round, where a point may be
//!   cancelled; para with time-outs and bonuses of its own; every decision; results that are undone and sent
//!   again; every kind of pause; exchanges of several kicks within milliseconds.
//! - What the wire does not say: bonuses without `pt`, removals that only totals show, no totals with fewer
//!   than three rounds, a `wrd` that is one round late and never corrected without an OVR address.
//!
//! Not simulated: loss and duplication on the network, requests and their answers, JSON, other dialects, rules
//! edited at the table, and a round of a best of three that ends by the point gap, which no capture shows.
//!
//! ```
//! use pss_protocol::simulate::{Simulator, SimulatorConfig};
//!
//! let mut config = SimulatorConfig::default();
//! config.matches = Some(1);
//! let mut matches = 0;
//! for datagram in Simulator::new(config) {
//!     // send `datagram.bytes` at `datagram.at` …
//!     matches += u32::from(datagram.ends.is_some());
//! }
//! assert_eq!(matches, 1);
//! ```

use alloc::{boxed::Box, collections::VecDeque, vec::Vec};

pub use truth::{
    SimulatedChallenge, SimulatedGamJeom, SimulatedHit, SimulatedMatch, SimulatedPoint, SimulatedResult,
    SimulatedRound,
};

use crate::Monotonic;
use ring::Ring;

mod actions;
mod clock;
mod course;
mod fight;
mod names;
mod out;
mod prng;
mod ring;
mod truth;

/// What is to be simulated.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct SimulatorConfig {
    /// Another seed gives other matches. 1 by default.
    pub seed: u64,
    /// How many rings, each with a sender of its own; a hall has 1 to 24. With 0 nothing is said. 1 by
    /// default.
    pub rings: u32,
    /// How many matches each ring plays; `None`, the default, goes on for ever.
    pub matches: Option<u32>,
    /// How well the sender and the network behave.
    pub manner: Manner,
    /// How many of 100 matches are conventional, and may be para or have a golden round; the others are best of
    /// three. 30 by default.
    pub conventional_percent: u8,
    /// Rounds of a conventional match, 1 to 3; `None`, the default, mixes them. With one round the sender says
    /// no totals.
    pub rounds: Option<u32>,
    /// Length of a round, from 1 to 5999 s like the two below. 120 s by default.
    pub round_seconds: u32,
    /// Length of the rest. 60 s by default.
    pub rest_seconds: u32,
    /// Length of the golden round. 60 s by default.
    pub golden_seconds: u32,
}

impl Default for SimulatorConfig {
    fn default() -> Self {
        Self {
            seed: 1,
            rings: 1,
            matches: None,
            manner: Manner::AsReal,
            conventional_percent: 30,
            rounds: None,
            round_seconds: 120,
            rest_seconds: 60,
            golden_seconds: 60,
        }
    }
}

/// How well the sender and the network behave. What happens in the matches is the same in both manners.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum Manner {
    /// As real: what belongs together arrives in any order, older totals arrive last, ticks come after the
    /// stop, and text beyond ASCII cuts its datagram.
    #[default]
    AsReal,
    /// As meant: everything in its order, nothing cut.
    Clean,
}

/// One datagram.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct SimulatedDatagram {
    /// On which ring, from 1.
    pub ring: u32,
    /// When it arrives, since the start of the simulation.
    pub at: Monotonic,
    /// The payload.
    pub bytes: Vec<u8>,
    /// The match whose last datagram this is.
    pub ends: Option<Box<SimulatedMatch>>,
}

/// Gives the datagrams of all rings in the order of arrival. Keeps one match of each ring in memory, however
/// many are played.
#[derive(Debug)]
pub struct Simulator {
    rings: Vec<(Ring, VecDeque<SimulatedDatagram>)>,
}

impl Simulator {
    /// A simulator at the start of the day.
    pub fn new(config: SimulatorConfig) -> Self {
        let rings = (1..=config.rings).map(|ring| (Ring::new(ring, config), VecDeque::new()));
        let mut simulator = Self { rings: rings.collect() };
        for place in 0..simulator.rings.len() {
            simulator.refill(place);
        }
        simulator
    }

    fn refill(&mut self, place: usize) {
        let (ring, queue) = &mut self.rings[place];
        let Some(batch) = ring.next_batch() else { return };
        queue.extend(batch.datagrams.into_iter().map(|(at, bytes)| SimulatedDatagram {
            ring: place as u32 + 1,
            at: Monotonic::from_micros(at),
            bytes,
            ends: None,
        }));
        if let Some(last) = queue.back_mut() {
            last.ends = batch.truth;
        }
    }
}

impl Iterator for Simulator {
    type Item = SimulatedDatagram;

    fn next(&mut self) -> Option<SimulatedDatagram> {
        let fronts = self.rings.iter().enumerate();
        let fronts = fronts.filter_map(|(place, (_, queue))| Some((queue.front()?.at, place)));
        let (_, place) = fronts.min()?;
        let datagram = self.rings[place].1.pop_front();
        if self.rings[place].1.is_empty() {
            self.refill(place);
        }
        datagram
    }
}
