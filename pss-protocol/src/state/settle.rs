//! Turns a cluster of messages into points, gam-jeoms and the score.

use alloc::vec::Vec;

use super::{
    bout::{Bout, Outbox},
    cluster::{Cluster, Stamp, Stated, StatedPoint},
    round::{Entry, EntryKind},
    solve::{Explanation, Known, Possible, Problem, Seen, Total, solve},
};
use crate::{
    AnomalyKind, Arrival, Athlete, Basis, Decision, Dialect, EventKind, Monotonic, PerAthlete, PointCode,
    Scoring,
};

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

/// What is known before solving.
enum Source {
    Point(usize),
    /// Of whom, and what it gives the opponent.
    GamJeom(Athlete, u32),
}

/// How a settled change is told.
struct Told {
    stamp: Stamp,
    kind: ToldKind,
}

enum ToldKind {
    Hit(Athlete, u32),
    Point(Athlete, PointCode, u32, Basis),
    GamJeom(Athlete, u32, Basis),
    /// Of whose score, how much, and which entry of the ledger where that is known.
    Removal(Athlete, u32, Option<usize>),
    /// What else happened in this moment.
    Other(Basis, EventKind),
}

impl Bout {
    /// Whether the cluster can be settled without guessing: then it need not wait for late messages.
    pub(super) fn explained(&self, dialect: Dialect) -> bool {
        let (known, _) = self.known(&self.cluster, dialect);
        let problem = Problem {
            starts: &[self.round().total],
            known: &known,
            seen: &self.cluster.totals.iter().map(|total| total.value).collect::<Vec<_>>(),
            recent: &[],
            possible: &PerAthlete::<Vec<Possible<()>>>::default(),
            unseen_end: 1.0,
        };
        let risen = self.cluster.boards.iter().any(|board| {
            Athlete::BOTH
                .iter()
                .any(|&athlete| board.value[athlete].is_some_and(|n| n > self.round().board[athlete]))
        });
        // A gam-jeom is told by two messages; with one of them missing the other may still come.
        let half = risen && self.cluster.totals.is_empty() && !self.round().golden;
        !half && self.round().total_known && !self.round().base_open && solve(&problem).cost == 0.0
    }

    /// Settles what the cluster holds and empties it.
    pub(super) fn settle(&mut self, dialect: Dialect, out: &mut Outbox) {
        if self.cluster.is_empty() {
            return;
        }
        let cluster = core::mem::take(&mut self.cluster);
        self.settle_cluster(&cluster, dialect, out);
        self.cluster = cluster;
        self.cluster.clear();
    }

    fn settle_cluster(&mut self, cluster: &Cluster, dialect: Dialect, out: &mut Outbox) {
        let mut told: Vec<Told> = cluster
            .hits
            .iter()
            .map(|hit| Told { stamp: hit.stamp, kind: ToldKind::Hit(hit.athlete, hit.level) })
            .collect();
        told.extend(cluster.others.iter().map(|(stamp, basis, kind)| {
            let kind = ToldKind::Other(*basis, kind.clone());
            Told { stamp: *stamp, kind }
        }));
        let scored = !(cluster.points.is_empty() && cluster.totals.is_empty() && cluster.boards.is_empty());
        if scored {
            self.settle_score(cluster, dialect, &mut told, out);
        }
        told.sort_by_key(|told| told.stamp.at.mono);
        let changed = !told.is_empty();
        for told in told {
            self.tell(told, !cluster.totals.is_empty(), out);
        }
        if changed {
            self.changed = true;
        }
    }

    /// What the cluster states: the points in order, then the gam-jeoms that `wg` shows anew.
    fn known(&self, cluster: &Cluster, dialect: Dialect) -> (Vec<Known>, Vec<Source>) {
        let mut known = Vec::new();
        let mut sources = Vec::new();
        let round = self.round();
        for (at, point) in cluster.points.iter().enumerate() {
            let twin = |other: &StatedPoint| other.athlete == point.athlete && other.amount == point.amount;
            let (code, points) = reading(point.amount, dialect);
            let repeated = cluster.points[..at].iter().any(twin)
                || self.recent.repeats(point)
                || round.guessed(point.athlete, code, points, point.stamp.at.mono);
            let drop_cost = match (repeated, self.shows_scores) {
                (true, true) => 1.5,
                (true, false) => 6.0,
                (false, _) => 8.0,
            };
            let change = i32::try_from(points).unwrap_or(i32::MAX / 4);
            known.push(Known { athlete: point.athlete, change, drop_cost });
            sources.push(Source::Point(at));
        }
        for athlete in Athlete::BOTH.into_iter().filter(|_| round.board_known) {
            let highest = cluster.boards.iter().filter_map(|board| board.value[athlete]).max();
            let risen = highest.unwrap_or(0).saturating_sub(round.board[athlete]).min(4);
            for nth in 0..risen {
                let gives = round.gam_jeom_gives(athlete, nth);
                let change = i32::try_from(gives).unwrap_or(0);
                // Dropping it says: its point was counted before, as something else.
                known.push(Known { athlete: athlete.opponent(), change, drop_cost: 3.0 });
                sources.push(Source::GamJeom(athlete, gives));
            }
        }
        (known, sources)
    }

    fn settle_score(&mut self, cluster: &Cluster, dialect: Dialect, told: &mut Vec<Told>, out: &mut Outbox) {
        let (known, sources) = self.known(cluster, dialect);
        let seen: Vec<Seen> = cluster.totals.iter().map(|total| total.value).collect();
        let explanation = if self.round().total_known {
            self.explain(cluster, &known, &seen, dialect)
        } else {
            self.adopt(&known, &seen)
        };
        if explanation.start == 1 {
            self.restart_score();
        } else if self.round().base_open && !seen.is_empty() {
            self.go_on_scoring();
        }
        for (at, source) in sources.iter().enumerate() {
            let dropped = at < 32 && explanation.dropped & (1 << at) != 0;
            match *source {
                Source::Point(point) => {
                    let point = &cluster.points[point];
                    if dropped {
                        let duplicate = known[at].drop_cost < 3.0;
                        if !duplicate {
                            self.anomaly(
                                point.stamp,
                                AnomalyKind::PointWithoutScore,
                                alloc::format!("a point of {} that the score never showed", point.athlete),
                                out,
                            );
                        }
                        continue;
                    }
                    let (code, points) = reading(point.amount, dialect);
                    told.push(Told {
                        stamp: point.stamp,
                        kind: ToldKind::Point(point.athlete, code, points, Basis::Stated),
                    });
                }
                Source::GamJeom(athlete, gives) => {
                    let shows = |board: &&Stated<PerAthlete<Option<u32>>>| {
                        board.value[athlete].is_some_and(|count| count > self.round().board[athlete])
                    };
                    let stamp = cluster.boards.iter().find(shows).map(|board| board.stamp);
                    if let Some(stamp) = stamp {
                        if dropped {
                            self.retract_guess(athlete, stamp, told);
                        }
                        told.push(Told { stamp, kind: ToldKind::GamJeom(athlete, gives, Basis::Stated) });
                    }
                }
            }
        }
        self.tell_unstated(cluster, &explanation, dialect, told, out);
        let round = self.round_mut();
        for athlete in Athlete::BOTH {
            if let Some(highest) = cluster.boards.iter().filter_map(|board| board.value[athlete]).max() {
                round.board[athlete] = round.board[athlete].max(highest);
            }
        }
        round.total = explanation.end;
        round.total_known |= !seen.is_empty();
        round.board_known |= !cluster.boards.is_empty();
        let stale =
            cluster.totals.last().is_some_and(|last| last.value.or(explanation.end) != explanation.end);
        self.lower_board(cluster, told);
        self.remember(cluster, explanation.end);
        if explanation.leap
            && let Some(last) = cluster.totals.last()
        {
            let text =
                alloc::format!("the score went to {}-{} at once", explanation.end.blue, explanation.end.red);
            self.anomaly(last.stamp, AnomalyKind::ScoreWithoutPoint, text, out);
        }
        if stale && explanation.cost == 0.0 {
            let stamp = cluster.totals[cluster.totals.len() - 1].stamp;
            self.anomaly(stamp, AnomalyKind::StaleScore, "an older total arrived last".into(), out);
        }
        self.changed = true;
    }

    fn explain(
        &self,
        cluster: &Cluster,
        known: &[Known],
        seen: &[Seen],
        dialect: Dialect,
    ) -> Explanation<Unstated> {
        let round = self.round();
        let possible = PerAthlete::from_fn(|athlete| self.possible(athlete, cluster, dialect));
        let mut starts = alloc::vec![round.total];
        if round.base_open
            && let Some(before) = self.round_before()
        {
            starts = alloc::vec![before.total, Total::default()];
        }
        solve(&Problem {
            starts: &starts,
            known,
            seen,
            recent: &self.recent.totals(),
            possible: &possible,
            unseen_end: if self.scoring() == Scoring::BestOf3 { 4.0 } else { 2.5 },
        })
    }

    /// We joined in mid-match: the first total is where we begin.
    fn adopt(&self, known: &[Known], seen: &[Seen]) -> Explanation<Unstated> {
        let mut end = self.round().total;
        for known in known {
            end[known.athlete] += known.change;
        }
        if let Some(highest) = seen.iter().map(|seen| seen.or(end)).max_by_key(|total| total.blue + total.red)
        {
            end = highest;
        }
        Explanation { start: 0, end, dropped: 0, unstated: Vec::new(), leap: false, cost: 0.0 }
    }

    /// What can have changed an athlete's score without being stated.
    fn possible(&self, athlete: Athlete, cluster: &Cluster, dialect: Dialect) -> Vec<Possible<Unstated>> {
        let round = self.round();
        let now = cluster.totals.first().map_or(self.now, |total| total.stamp.at.mono);
        let running = self.clock.running();
        let mut possible = Vec::with_capacity(8);
        let felt = u8::try_from(self.hits_left(athlete, cluster, now)).unwrap_or(u8::MAX);
        let kicked = cluster.points.iter().any(|point| point.athlete == athlete && point.amount >= 2)
            || round.kick_for_bonus(athlete, now).is_some();
        if dialect == Dialect::TkStrike {
            // A kick can have been lost just before its bonus, so a bonus is never out of the question.
            let cost = if kicked {
                1.0
            } else if felt > 0 {
                3.2
            } else {
                4.5
            };
            possible.push(Possible { change: 2, cost, most: 2, pool: pool::BONUS, tag: Unstated::Bonus });
            if self.para {
                possible.push(Possible { change: 1, cost, most: 2, pool: pool::BONUS, tag: Unstated::Bonus });
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
        let valid = self.valid_level();
        let hits = cluster.hits.iter().filter(|hit| hit.athlete == athlete && hit.level >= valid).count();
        let kicks =
            cluster.points.iter().filter(|point| point.athlete == athlete && point.amount >= 2).count();
        (hits + self.recent.hits(athlete, valid, now)).saturating_sub(kicks + self.recent.kicks(athlete, now))
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

    fn tell_unstated(
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
        let stated = stated.map(|point| reading(point.amount, dialect).0).next();
        let code = stated.or(lost).or_else(|| {
            let round = self.round();
            match round.ledger[round.kick_for_bonus(athlete, stamp.at.mono)?].kind {
                EntryKind::Point { code, .. } => Some(code),
                EntryKind::GamJeom { .. } => None,
            }
        });
        if code == Some(PointCode::H) { PointCode::Th } else { PointCode::Tb }
    }

    /// A `wg` shows a gam-jeom whose point we took for something else: that is taken back.
    fn retract_guess(&self, offender: Athlete, stamp: Stamp, told: &mut Vec<Told>) {
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
    fn lower_board(&mut self, cluster: &Cluster, told: &mut Vec<Told>) {
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

    fn remember(&mut self, cluster: &Cluster, end: Total) {
        let now = self.now;
        self.recent.forget_before(now);
        for total in &cluster.totals {
            self.recent.note_total(total.stamp.at.mono, total.value.or(end));
        }
        self.recent.note_total(now, end);
        for point in &cluster.points {
            self.recent.note_point(point);
        }
        for board in &cluster.boards {
            self.recent.note_board(board.stamp.at.mono, board.value);
        }
        for hit in &cluster.hits {
            self.recent.note_hit(hit);
        }
        if !cluster.totals.is_empty() {
            for entry in &mut self.round_mut().ledger {
                entry.shown = true;
            }
        }
    }

    /// The result of a conventional match holds its final score: what the totals never showed is made up for.
    /// Without running scores (fewer than three rounds) that is where technical bonuses show at all.
    pub(super) fn reconcile(&mut self, stamp: Stamp, dialect: Dialect, out: &mut Outbox) {
        let Some(score) = self.said.score else { return };
        let (Ok(blue), Ok(red)) = (i32::try_from(score.blue), i32::try_from(score.red)) else { return };
        let fought_out = match &self.said.decision {
            Some(word) => matches!(
                Decision::from_wire(word.as_bytes()),
                Some(Decision::Ptf | Decision::Ptg | Decision::Gdp | Decision::Sup | Decision::Pts)
            ),
            None => false,
        };
        let end = Total { blue, red };
        let round = self.round();
        let missing = Athlete::BOTH.map(|athlete| end[athlete] - round.total[athlete]);
        let possible =
            missing.iter().all(|&missing| missing >= 0) && missing.iter().any(|&missing| missing > 0);
        if !possible || !fought_out || self.scoring() != Scoring::Conventional || !round.started {
            return;
        }
        // Nobody knows when: neither a time nor a clock.
        let stamp = Stamp { at: Arrival { wall: None, ..stamp.at }, clock: None, ..stamp };
        if self.shows_scores {
            let value = Seen(PerAthlete { blue: Some(blue), red: Some(red) });
            self.cluster.totals.push(Stated { stamp, value });
            self.cluster.touch(self.now);
            self.settle(dialect, out);
            return;
        }
        for (athlete, mut missing) in Athlete::BOTH.into_iter().zip(missing) {
            while missing > 0 {
                let Some(kick) = self.round().kicks(athlete).next() else { break };
                let points = missing.min(2);
                missing -= points;
                let entry = &mut self.round_mut().ledger[kick];
                let EntryKind::Point { code, bonus, .. } = &mut entry.kind else { break };
                *bonus = true;
                let code = if *code == PointCode::H { PointCode::Th } else { PointCode::Tb };
                let points = points.unsigned_abs();
                self.tell(
                    Told { stamp, kind: ToldKind::Point(athlete, code, points, Basis::Inferred) },
                    true,
                    out,
                );
            }
        }
        self.round_mut().total = end;
    }

    /// `shown`: a total of the same moment agrees.
    fn tell(&mut self, Told { stamp, kind }: Told, shown: bool, out: &mut Outbox) {
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
}

/// What the number of a `pt` means: the amount from TkStrike, the kind from the written list.
pub(super) fn reading(number: u32, dialect: Dialect) -> (PointCode, u32) {
    let code = match (number, dialect) {
        (0 | 1, _) => PointCode::P,
        (2, _) => PointCode::K,
        (3, _) => PointCode::H,
        // Bonus points make a plain kick worth more: the amount alone does not say technical.
        (4, Dialect::TkStrike) => PointCode::K,
        (_, Dialect::TkStrike) => PointCode::H,
        (4, _) => PointCode::Tb,
        (_, _) => PointCode::Th,
    };
    (code, number)
}
