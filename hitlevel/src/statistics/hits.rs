//! One athlete, one span.

use core::ops::AddAssign;

use pss_protocol::PointCode;

use super::{Combinations, Tempo};
use crate::{Levels, Link, Spread};

/// The hits of one athlete over a span: a round, or any merge of rounds. Fixed size.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct HitStatistics {
    /// Levels that sensors felt.
    pub felt: Levels,
    /// Hits of level [`JUDGED`](Self::JUDGED): what a system without sensors reports when judges give the point. They
    /// are in nothing else here.
    pub judged: u64,
    /// Points whose hit was a judged one.
    pub judged_scored: u64,
    /// Levels of the hits that scored to the body.
    pub scored_body: Levels,
    /// Levels of the hits that scored to the head.
    pub scored_head: Levels,
    /// From the hit to its point, in µs; negative where the hit arrived last.
    pub delay_micros: Spread,
    /// Confidence of the links to these hits, each in thousandths.
    pub confidence_millis: Spread,
    /// Kicks that scored and no hit was felt for.
    pub points_without_hit: u64,
    /// What was scored, less what was taken back.
    pub points: Points,
    /// Time of the running clock in seconds, as the match clock shows it; rounds whose clock jumped are not in it.
    pub running_seconds: u64,
    /// What was counted in these.
    pub off_clock: OffClock,
    /// Hits over the course of the round.
    pub tempo: Tempo,
    /// Quick successions.
    pub combinations: Combinations,
    /// Rounds that came to their end.
    pub rounds_ended: u64,
    /// For each of them with a hit: seconds of the match clock from the last hit to its end.
    pub idle_at_end_seconds: Spread,
}

/// Rounds whose clock jumped while it ran. How long they were fought is not known, so they are in no rate.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct OffClock {
    /// How many rounds.
    pub rounds: u64,
    /// Hits that sensors felt in them.
    pub hits: u64,
    /// Points scored in them, less what was taken back.
    pub points: i64,
}

/// How often something was scored with each technique, and how many points it gave. Taken back ones are taken off,
/// which may be in a later round than they were scored in.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct Points {
    /// How often, in the order P, K, H, TB, TH.
    pub times: [i64; 5],
    /// Points given by these; those for the opponent's gam-jeoms are not among them.
    pub total: i64,
    /// The athlete's own gam-jeoms.
    pub gam_jeoms: i64,
}

impl Points {
    /// How often something was scored with this.
    pub const fn times(&self, code: PointCode) -> i64 {
        self.times[code as usize]
    }
}

impl AddAssign for Points {
    fn add_assign(&mut self, other: Self) {
        for (mine, others) in self.times.iter_mut().zip(other.times) {
            *mine += others;
        }
        self.total += other.total;
        self.gam_jeoms += other.gam_jeoms;
    }
}

impl HitStatistics {
    /// The level that judges-only systems report for every hit.
    pub const JUDGED: u32 = 99;

    /// Adds all of another span.
    pub fn merge(&mut self, other: &Self) {
        self.felt.merge(&other.felt);
        self.judged += other.judged;
        self.judged_scored += other.judged_scored;
        self.scored_body.merge(&other.scored_body);
        self.scored_head.merge(&other.scored_head);
        self.delay_micros.merge(&other.delay_micros);
        self.confidence_millis.merge(&other.confidence_millis);
        self.points_without_hit += other.points_without_hit;
        self.points += other.points;
        self.running_seconds += other.running_seconds;
        self.off_clock.rounds += other.off_clock.rounds;
        self.off_clock.hits += other.off_clock.hits;
        self.off_clock.points += other.off_clock.points;
        self.tempo.merge(&other.tempo);
        self.combinations.merge(&other.combinations);
        self.rounds_ended += other.rounds_ended;
        self.idle_at_end_seconds.merge(&other.idle_at_end_seconds);
    }

    /// Where the clock of this round jumped, all that was counted in it leaves the rates.
    pub(crate) fn leave_off_clock(&mut self) {
        if self.off_clock.rounds > 0 {
            self.running_seconds = 0;
            (self.off_clock.hits, self.off_clock.points) = (self.felt.count(), self.points.total);
        }
    }

    /// A kick that scored was linked, or not.
    pub(crate) fn add_link(&mut self, link: &Link) {
        let Some(level) = link.level else {
            self.points_without_hit += 1;
            return;
        };
        if link.judged {
            self.judged_scored += 1;
            return;
        }
        match link.code {
            PointCode::H | PointCode::Th => self.scored_head.record(level),
            _ => self.scored_body.record(level),
        }
        if let Some(delay) = link.delay_micros {
            self.delay_micros.record(delay);
        }
        self.confidence_millis.record(libm::round(link.confidence * 1000.0) as i64);
    }
}
