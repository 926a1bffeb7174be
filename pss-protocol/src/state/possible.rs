//! What can have changed the score without being stated, and how likely that is.

use alloc::vec::Vec;

use super::{
    bout::Bout,
    cluster::{Cluster, StatedPoint},
    round::BONUS_AFTER,
    solve::Possible,
};
use crate::{Athlete, Dialect, Monotonic, PointCode};

/// A change that nobody stated.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) enum Unstated {
    /// A point whose `pt` was lost.
    Point(PointCode),
    /// A technical bonus; it never has a `pt`.
    Bonus,
    /// A gam-jeom of the opponent whose `wg` was lost.
    GamJeom,
    /// An entry of the ledger was taken back.
    Removal(usize),
    /// Something that was scored in the same cluster was taken back.
    RemovalAtOnce,
}

/// What each possible change draws on; see [`Possible::pool`].
mod pool {
    pub(super) const BONUS: u8 = 0;
    pub(super) const FELT: u8 = 1;
    pub(super) const KICK: u8 = 2;
    pub(super) const PUNCH: u8 = 3;
    pub(super) const GAM_JEOM: u8 = 4;
    pub(super) const AT_ONCE: u8 = 5;

    /// Each entry of the ledger can be removed once.
    pub(super) fn entry(at: usize) -> u8 {
        u8::try_from(at + 6).unwrap_or(u8::MAX)
    }
}

impl Bout {
    /// What can have changed an athlete's score without being stated.
    pub(super) fn possible(
        &self,
        athlete: Athlete,
        cluster: &Cluster,
        dialect: Dialect,
    ) -> Vec<Possible<Unstated>> {
        let round = self.round();
        let now = cluster.totals.first().map_or(self.now, |total| total.stamp.at.mono);
        let running = self.clock.running();
        let mut possible = Vec::with_capacity(8);
        let felt = u8::try_from(self.hits_left(athlete, cluster, now)).unwrap_or(u8::MAX);
        let kicked = cluster.points.iter().any(|point| point.athlete == athlete && point.amount >= 2)
            || round.kick_for_bonus(athlete, now).is_some();
        if dialect == Dialect::TkStrike {
            // A kick can have been lost just before its bonus, so a bonus is never out of the question. While
            // the clock stands the table adds what a challenge was about, a bonus alone as well.
            let (cost, most) = if kicked {
                (1.0, 2)
            } else if self.clock.stood(BONUS_AFTER, now) {
                (3.0, 1)
            } else if felt > 0 {
                (3.2, 2)
            } else {
                (4.5, 2)
            };
            for change in if self.para { 1..=2 } else { 2..=2 } {
                possible.push(Possible { change, cost, most, pool: pool::BONUS, tag: Unstated::Bonus });
            }
        }
        for (change, code) in [(2, PointCode::K), (3, PointCode::H)] {
            let tag = Unstated::Point(code);
            possible.push(Possible { change, cost: 2.5, most: felt, pool: pool::FELT, tag });
            possible.push(Possible { change, cost: 4.2, most: 2, pool: pool::KICK, tag });
        }
        let punch = if running { 3.5 } else { 4.5 };
        possible.push(Possible {
            change: 1,
            cost: punch,
            most: 3,
            pool: pool::PUNCH,
            tag: Unstated::Point(PointCode::P),
        });
        let offender = athlete.opponent();
        if !round.golden {
            let said_again = cluster.boards.iter().any(|board| {
                board.value[offender] == Some(round.board[offender])
                    && !self.recent.repeats_board(board.value)
            });
            let cost = if said_again && round.board[offender] > 0 { 3.0 } else { 4.0 };
            let cost = if running { cost } else { cost - 1.0 };
            possible.push(Possible {
                change: 1,
                cost,
                most: 2,
                pool: pool::GAM_JEOM,
                tag: Unstated::GamJeom,
            });
        }
        self.possible_removals(athlete, running, &mut possible);
        possible
    }

    /// Valid hits of the last moments that no stated kick accounts for.
    fn hits_left(&self, athlete: Athlete, cluster: &Cluster, now: Monotonic) -> usize {
        let (hits, kicks) = self.hits_and_kicks(athlete, cluster, now);
        hits.saturating_sub(kicks)
    }

    /// Whether fewer valid hits of the athlete were felt than kicks stated.
    pub(super) fn felt_less(&self, kick: &StatedPoint, cluster: &Cluster) -> bool {
        let (hits, kicks) = self.hits_and_kicks(kick.athlete, cluster, kick.stamp.at.mono);
        hits < kicks
    }

    fn hits_and_kicks(&self, athlete: Athlete, cluster: &Cluster, now: Monotonic) -> (usize, usize) {
        let valid = self.valid_level();
        let hits = cluster.hits.iter().filter(|hit| hit.athlete == athlete && hit.level >= valid).count();
        let kicks =
            cluster.points.iter().filter(|point| point.athlete == athlete && point.amount >= 2).count();
        (hits + self.recent.hits(athlete, valid, now), kicks + self.recent.kicks(athlete, now))
    }

    fn possible_removals(&self, athlete: Athlete, running: bool, possible: &mut Vec<Possible<Unstated>>) {
        let round = self.round();
        let unlikely = if running { 1.0 } else { 0.0 };
        for (age, at) in round.standing().enumerate() {
            let entry = &round.ledger[at];
            let (who, change) = entry.effect();
            if who != athlete || change == 0 {
                continue;
            }
            let cost = if entry.shown { 4.0 + 0.1 * age as f32 } else { 1.0 };
            possible.push(Possible {
                change: -change,
                cost: cost + unlikely,
                most: 1,
                pool: pool::entry(at),
                tag: Unstated::Removal(at),
            });
        }
        // Points that were scored and removed within this cluster are not in the ledger yet.
        for change in [-2, -3, -1] {
            possible.push(Possible {
                change,
                cost: 7.0 + unlikely,
                most: 1,
                pool: pool::AT_ONCE,
                tag: Unstated::RemovalAtOnce,
            });
        }
    }
}
