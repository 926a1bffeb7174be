//! How what a cluster settled on is told, and entered in the ledger.

use alloc::vec::Vec;

use super::{
    bout::{Bout, Outbox},
    cluster::{Cluster, Stamp, Stated},
    possible::Unstated,
    round::{Entry, EntryKind},
    solve::{Explanation, Seen},
};
use crate::{AnomalyKind, Athlete, Basis, Dialect, EventKind, PointCode};

/// How a settled change is told.
pub(super) struct Told {
    pub(super) stamp: Stamp,
    pub(super) kind: ToldKind,
}

pub(super) enum ToldKind {
    Hit(Athlete, u32),
    Point(Athlete, PointCode, u32, Basis),
    GamJeom(Athlete, u32, Basis),
    /// Of whose score, how much, and which entry of the ledger where that is known.
    Removal(Athlete, u32, Option<usize>),
    /// What else happened in this moment.
    Other(Basis, EventKind),
}

impl Bout {
    /// `shown`: a total of the same moment agrees.
    pub(super) fn tell(&mut self, Told { stamp, kind }: Told, shown: bool, out: &mut Outbox) {
        match kind {
            ToldKind::Hit(athlete, level) => {
                self.hits[athlete] += 1;
                self.emit(stamp, Basis::Stated, EventKind::Hit { athlete, level }, out);
            }
            ToldKind::Point(athlete, code, points, basis) => {
                let id = self.emit(stamp, basis, EventKind::Point { athlete, code, points }, out);
                let round = self.round_mut();
                if matches!(code, PointCode::Tb | PointCode::Th) {
                    round.mark_bonus(athlete, stamp.at.mono);
                }
                let kind = EntryKind::Point { athlete, code, points, bonus: false };
                round.ledger.push(Entry::new(id, stamp.at.mono, kind, shown, basis));
            }
            ToldKind::GamJeom(athlete, gives, basis) => {
                let id = self.emit(stamp, basis, EventKind::GamJeom { athlete }, out);
                let kind = EntryKind::GamJeom { athlete, gives };
                self.round_mut().ledger.push(Entry::new(id, stamp.at.mono, kind, shown, basis));
            }
            ToldKind::Removal(athlete, points, at) => self.tell_removal(athlete, points, at, stamp, out),
            ToldKind::Other(basis, kind) => {
                self.emit(stamp, basis, kind, out);
            }
        }
    }

    fn tell_removal(
        &mut self,
        whose: Athlete,
        points: u32,
        at: Option<usize>,
        stamp: Stamp,
        out: &mut Outbox,
    ) {
        let round = self.round_mut();
        let change = (whose, i32::try_from(points).unwrap_or(i32::MAX));
        let at = at.or_else(|| round.standing().find(|&at| round.ledger[at].effect() == change));
        let Some(at) = at else { return };
        let Some(entry) = round.ledger.get_mut(at).filter(|entry| !entry.removed) else { return };
        entry.removed = true;
        let removes = Some(entry.id);
        let kind = match entry.kind {
            EntryKind::Point { athlete, code, points, .. } => {
                EventKind::PointRemoved { athlete, code, points, removes }
            }
            EntryKind::GamJeom { athlete, .. } => {
                round.board[athlete] = round.board[athlete].saturating_sub(1);
                EventKind::GamJeomRemoved { athlete, removes }
            }
        };
        self.emit(stamp, Basis::Inferred, kind, out);
    }

    pub(super) fn tell_unstated(
        &mut self,
        cluster: &Cluster,
        explanation: &Explanation<Unstated>,
        dialect: Dialect,
        told: &mut Vec<Told>,
        out: &mut Outbox,
    ) {
        if explanation.unstated.is_empty() {
            return;
        }
        let before = self.round().total;
        for &(athlete, change, tag) in &explanation.unstated {
            let shows =
                |total: &&Stated<Seen>| total.value.0[athlete].is_some_and(|score| score != before[athlete]);
            let Some(stamp) =
                cluster.totals.iter().find(shows).or_else(|| cluster.totals.first()).map(|total| total.stamp)
            else {
                continue;
            };
            let points = change.unsigned_abs();
            let kind = match tag {
                Unstated::Point(code) => {
                    self.anomaly(
                        stamp,
                        AnomalyKind::ScoreWithoutPoint,
                        alloc::format!("the score of {athlete} rose by {points} without a point"),
                        out,
                    );
                    ToldKind::Point(athlete, code, points, Basis::Inferred)
                }
                Unstated::Bonus => {
                    let code = self.bonus_code(athlete, stamp, cluster, explanation, dialect);
                    ToldKind::Point(athlete, code, points, Basis::Inferred)
                }
                Unstated::GamJeom => {
                    let offender = athlete.opponent();
                    self.round_mut().board[offender] += 1;
                    ToldKind::GamJeom(offender, points, Basis::Inferred)
                }
                Unstated::Removal(at) => ToldKind::Removal(athlete, points, Some(at)),
                Unstated::RemovalAtOnce => ToldKind::Removal(athlete, points, None),
            };
            // What was taken back at once comes after all that was given.
            let stamp = match tag {
                Unstated::RemovalAtOnce => cluster.totals.last().map_or(stamp, |total| total.stamp),
                _ => stamp,
            };
            told.push(Told { stamp, kind });
        }
    }

    /// The bonus belongs to the kick before it: in this cluster, or in the ledger.
    fn bonus_code(
        &self,
        athlete: Athlete,
        stamp: Stamp,
        cluster: &Cluster,
        explanation: &Explanation<Unstated>,
        dialect: Dialect,
    ) -> PointCode {
        let lost = explanation.unstated.iter().find_map(|&(who, _, tag)| match tag {
            Unstated::Point(code) if who == athlete => Some(code),
            _ => None,
        });
        let stated =
            cluster.points.iter().rev().filter(|point| point.athlete == athlete && point.amount >= 2);
        let stated = stated.map(|point| self.kinds.reading(point.amount, dialect).0).next();
        let code = stated.or(lost).or_else(|| {
            let round = self.round();
            // What is added long after a kick belongs to the last one.
            let kick =
                round.kick_for_bonus(athlete, stamp.at.mono).or_else(|| round.kicks(athlete).next())?;
            match round.ledger[kick].kind {
                EntryKind::Point { code, .. } => Some(code),
                EntryKind::GamJeom { .. } => None,
            }
        });
        if code == Some(PointCode::H) { PointCode::Th } else { PointCode::Tb }
    }

    /// A `wg` shows a gam-jeom whose point we took for something else: that is taken back.
    pub(super) fn retract_guess(&self, offender: Athlete, stamp: Stamp, told: &mut Vec<Told>) {
        let round = self.round();
        let guess = round.standing().find(|&at| {
            let entry = &round.ledger[at];
            matches!(entry.kind, EntryKind::Point { athlete, code: PointCode::P, .. } if athlete == offender.opponent())
                && entry.guessed
        });
        if let Some(at) = guess {
            told.push(Told { stamp, kind: ToldKind::Removal(offender.opponent(), 1, Some(at)) });
        }
    }

    /// A `wg` below the board, and no echo of an older one: a gam-jeom was taken back unseen.
    pub(super) fn lower_board(&mut self, cluster: &Cluster, told: &mut Vec<Told>) {
        for athlete in Athlete::BOTH {
            let Some(board) = cluster.boards.last() else { return };
            let Some(count) = board.value[athlete] else { continue };
            let highest = cluster.boards.iter().filter_map(|board| board.value[athlete]).max();
            let late = cluster.boards.iter().all(|board| self.recent.repeats_board(board.value));
            if highest != Some(count) || late || count >= self.round().board[athlete] {
                continue;
            }
            let round = self.round_mut();
            let taken = round.standing().find(|&at| {
                matches!(round.ledger[at].kind, EntryKind::GamJeom { athlete: who, .. } if who == athlete)
            });
            if let Some(at) = taken {
                let (whose, change) = round.ledger[at].effect();
                let kind = ToldKind::Removal(whose, change.unsigned_abs(), Some(at));
                told.push(Told { stamp: board.stamp, kind });
                round.board[athlete] = count + 1; // telling the removal counts down
            } else {
                round.board[athlete] = count;
            }
        }
    }
}
