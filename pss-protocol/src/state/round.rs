//! One round: its score, its gam-jeoms and what they are made of.

use alloc::vec::Vec;
use core::time::Duration;

use super::solve::Total;
use crate::{Athlete, Basis, Monotonic, PerAthlete, PointCode};

/// A technical bonus follows its kick by up to about a second.
pub(super) const BONUS_AFTER: Duration = Duration::from_millis(1_500);

/// How late the `pt` of a point can be that its total gave away.
const LATE_POINT: Duration = Duration::from_millis(400);

#[derive(Clone, Debug, Default)]
pub(super) struct Round {
    /// Counted from 1; 0 when we joined in mid-match and do not know.
    pub(super) number: u32,
    pub(super) golden: bool,
    /// Its clock has run.
    pub(super) started: bool,
    /// Its time is over, or a rest began.
    pub(super) over: bool,
    /// How it ended, once [`over`](Self::over): on time, or before.
    pub(super) ran_out: bool,
    /// `RoundEnded` was told.
    pub(super) concluded: bool,
    /// The score at its start.
    pub(super) base: Total,
    /// The score as it stands; as the scoreboard shows it.
    pub(super) total: Total,
    /// Whether `total` is known: not when we joined in mid-match and have seen no score yet.
    pub(super) total_known: bool,
    /// Whether it is open how the score goes on from the round before (the scoring is not known yet).
    pub(super) base_open: bool,
    /// Whether `board` is known: not when we joined in mid-match and have seen no `wg` yet.
    pub(super) board_known: bool,
    /// Gam-jeoms as `wg` counts them.
    pub(super) board: PerAthlete<u32>,
    /// The same at the start of the round.
    pub(super) board_base: PerAthlete<u32>,
    /// Who won it, as `wrd` says.
    pub(super) winner: Option<Athlete>,
    pub(super) ledger: Vec<Entry>,
}

/// Something that changed the score.
#[derive(Clone, Copy, Debug)]
pub(super) struct Entry {
    /// Its event.
    pub(super) id: u32,
    pub(super) at: Monotonic,
    pub(super) kind: EntryKind,
    /// A total has shown it.
    pub(super) shown: bool,
    /// Nobody stated it.
    pub(super) guessed: bool,
    pub(super) removed: bool,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum EntryKind {
    Point {
        athlete: Athlete,
        code: PointCode,
        points: u32,
        /// A technical bonus was added to this kick.
        bonus: bool,
    },
    GamJeom {
        /// Who committed it.
        athlete: Athlete,
        /// What the opponent got.
        gives: u32,
    },
}

impl Entry {
    pub(super) fn new(id: u32, at: Monotonic, kind: EntryKind, shown: bool, basis: Basis) -> Self {
        Self { id, at, kind, shown, guessed: basis == Basis::Inferred, removed: false }
    }

    /// Whose score it changed, and by how much.
    pub(super) fn effect(&self) -> (Athlete, i32) {
        match self.kind {
            EntryKind::Point { athlete, points, .. } => (athlete, i32::try_from(points).unwrap_or(i32::MAX)),
            EntryKind::GamJeom { athlete, gives } => {
                (athlete.opponent(), i32::try_from(gives).unwrap_or(i32::MAX))
            }
        }
    }
}

impl Round {
    /// A round set up after `before`, `None` for the first.
    pub(super) fn new(number: u32, golden: bool, before: Option<&Self>, cumulative: Option<bool>) -> Self {
        let mut round = Self { number, golden, total_known: true, board_known: true, ..Self::default() };
        let Some(before) = before else { return round };
        match cumulative {
            Some(true) => round.board = before.board,
            Some(false) => {}
            None => round.base_open = !golden,
        }
        if cumulative == Some(true) && !golden {
            round.base = before.total;
        }
        round.board_base = round.board;
        round.total = round.base;
        round
    }

    /// What the next gam-jeom of `athlete` gives the opponent. In the golden round single ones give nothing
    /// and every second one gives two.
    pub(super) fn gam_jeom_gives(&self, athlete: Athlete, already: u32) -> u32 {
        if !self.golden {
            return 1;
        }
        let nth = self.board[athlete] - self.board_base[athlete].min(self.board[athlete]) + already + 1;
        if nth.is_multiple_of(2) { 2 } else { 0 }
    }

    /// Gam-jeoms given in this round.
    pub(super) fn gam_jeoms(&self, athlete: Athlete) -> u32 {
        self.board[athlete].saturating_sub(self.board_base[athlete])
    }

    /// The kick that a technical bonus at `now` can belong to: the last one without a bonus.
    pub(super) fn kick_for_bonus(&self, athlete: Athlete, now: Monotonic) -> Option<usize> {
        self.kicks(athlete).find(|&at| now.since(self.ledger[at].at) <= BONUS_AFTER)
    }

    /// Whether just this point was concluded from the score a moment ago: then a late `pt` only confirms it.
    pub(super) fn guessed(&self, athlete: Athlete, code: PointCode, points: u32, now: Monotonic) -> bool {
        self.ledger.iter().rev().take_while(|entry| now.since(entry.at) <= LATE_POINT).any(|entry| {
            let same = matches!(entry.kind, EntryKind::Point { athlete: a, code: c, points: p, .. }
                if (a, c, p) == (athlete, code, points));
            same && entry.guessed && !entry.removed
        })
    }

    /// Notes that the last kick got its bonus.
    pub(super) fn mark_bonus(&mut self, athlete: Athlete, now: Monotonic) {
        let Some(kick) = self.kick_for_bonus(athlete, now) else { return };
        if let EntryKind::Point { bonus, .. } = &mut self.ledger[kick].kind {
            *bonus = true;
        }
    }

    /// Standing kicks of an athlete without a bonus, latest first.
    pub(super) fn kicks(&self, athlete: Athlete) -> impl Iterator<Item = usize> + '_ {
        (0..self.ledger.len()).rev().filter(move |&at| {
            let Entry { kind, removed, .. } = self.ledger[at];
            !removed
                && matches!(kind, EntryKind::Point { athlete: who, code: PointCode::K | PointCode::H, bonus: false, .. }
                    if who == athlete)
        })
    }

    /// What has scored and stands, latest first.
    pub(super) fn standing(&self) -> impl Iterator<Item = usize> + '_ {
        (0..self.ledger.len()).rev().filter(|&at| !self.ledger[at].removed)
    }
}
