//! The course of a match, as far as it is measured: one type for what was and for what was rebuilt.

use std::collections::BTreeMap;

use pss_protocol::{Athlete, PointCode};

use crate::linking::Scored;

/// How often each value occurs.
pub(crate) type Multiset<T> = BTreeMap<T, u32>;

/// A scoring event: round, athlete, code, points.
pub(crate) type Point = (u32, Athlete, PointCode, u32);
/// A gam-jeom: round, athlete.
pub(crate) type GamJeom = (u32, Athlete);
/// A hit: round, athlete, raw level.
pub(crate) type Hit = (u32, Athlete, u32);

/// What is compared of a match.
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) struct Course {
    /// For people, `a1-m1` or the match number.
    pub(crate) name: String,
    /// Every point ever given, those taken back later included.
    pub(crate) points: Multiset<Point>,
    /// Every gam-jeom ever given, those taken back later included.
    pub(crate) gam_jeoms: Multiset<GamJeom>,
    /// Every hit that was felt.
    pub(crate) hits: Multiset<Hit>,
    /// The same, each with its time in ms.
    pub(crate) hits_at: Vec<(Hit, i64)>,
    /// Points with the hits that scored them.
    pub(crate) scored: Vec<Scored>,
    /// Punches that got a hit.
    pub(crate) punches_linked: u32,
    /// Blue's and red's score at the end of each round.
    pub(crate) scores: BTreeMap<u32, (i32, i32)>,
    /// `blue`, `red` or `tie`.
    pub(crate) winner: Option<String>,
    /// `PTF` and its like.
    pub(crate) decision: Option<String>,
}

/// Counts one more.
pub(crate) fn count<T: Ord>(set: &mut Multiset<T>, value: T) {
    *set.entry(value).or_default() += 1;
}
