//! What an athlete's hits of a round, a match or a whole tournament amount to.
//!
//! Everything that is counted here is exact, takes the same memory however long a match is, and merges: the
//! statistics of two spans together are those of the merged ones, in any order.
//!
//! - [`HitStatistics`]: one athlete over one span, a round or anything merged.
//! - [`Assessment`]: the same hits weighed by the levels of their match. Matches have different levels, so these
//!   are counted match by match before they are merged.
//! - [`MatchStatistics`]: a match, round by round.
//! - [`Overall`]: any merge of matches, with their assessments.

mod assessment;
mod combinations;
mod fight;
mod hits;
mod measured;
mod overall;
mod tempo;

pub use self::{
    assessment::{Assessment, Thresholds},
    combinations::Combinations,
    fight::{MatchStatistics, RoundStatistics},
    hits::{HitStatistics, OffClock, Points},
    measured::Extent,
    overall::Overall,
    tempo::Tempo,
};
