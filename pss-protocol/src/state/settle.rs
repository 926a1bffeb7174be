//! Turns a cluster of messages into points, gam-jeoms and the score.

use alloc::vec::Vec;
use core::time::Duration;

use super::{
    bout::{Bout, Outbox},
    cluster::{Cluster, Stamp, Stated, StatedPoint},
    possible::Unstated,
    round::EntryKind,
    solve::{Explanation, Known, Possible, Problem, Seen, Total, solve},
    tell::{Told, ToldKind},
};
use crate::{
    AnomalyKind, Arrival, Athlete, Basis, Decision, Dialect, Monotonic, PerAthlete, PointCode, Scoring,
};

/// What is known before solving.
enum Source {
    Point(usize),
    /// Of whom, and what it gives the opponent.
    GamJeom(Athlete, u32),
}

impl Bout {
    /// When the cluster settles; `None` if there is none, or if that is later than `now`.
    pub(super) fn cluster_due(
        &self,
        window: Duration,
        dialect: Dialect,
        now: Monotonic,
    ) -> Option<Monotonic> {
        let soon = self.cluster.due(window, true).filter(|&due| due <= now)?;
        if self.explained(dialect) { Some(soon) } else { self.cluster.due(window, false) }
    }

    /// Whether the cluster can be settled without guessing: then it need not wait for late messages.
    fn explained(&self, dialect: Dialect) -> bool {
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
        if let Some(began) = cluster.began() {
            self.recent.forget_before(began);
        }
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
            let (code, points) = self.kinds.reading(point.amount, dialect);
            let repeated = cluster.points[..at].iter().any(twin)
                || self.recent.repeats(point)
                || round.guessed(point.athlete, code, points, point.stamp.at.mono);
            // Where no total can show a duplicate the hits do: two kicks are felt twice.
            let shows = self.shows_scores || (point.amount >= 2 && self.felt_less(point, cluster));
            let drop_cost = match (repeated, shows) {
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
        self.kinds.learn(cluster, self.info.body_level, self.valid_level());
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
                    let (code, points) = self.kinds.reading(point.amount, dialect);
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

    fn remember(&mut self, cluster: &Cluster, end: Total) {
        for total in &cluster.totals {
            self.recent.note_total(total.stamp.at.mono, total.value.or(end));
        }
        self.recent.note_total(self.now, end);
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

    /// Whether the points of all rounds are counted together. Points without any total show that there are
    /// fewer than three rounds, even if the match data were lost.
    fn counts_together(&self) -> bool {
        let silent = || !self.shows_scores && self.info.rounds.is_none() && self.round().ledger.len() > 1;
        match self.scoring() {
            Scoring::Conventional => true,
            Scoring::BestOf3 => false,
            Scoring::Unknown => silent(),
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
        if missing == [0, 0] || !self.counts_together() || !round.started {
            return;
        }
        // Running scores are trusted more than the result of a match that was not fought out.
        let fell = missing.iter().any(|&missing| missing < 0);
        if self.shows_scores && (fell || !fought_out) {
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
}
