//! What each message does to the state.

use alloc::boxed::Box;

use super::{
    MatchState,
    bout::{Bout, Info},
    cluster::{Stamp, Stated, StatedHit, StatedPoint},
    loading::{Loading, competitors},
    solve::Seen,
};
use crate::{
    Athlete, Basis, ClockAction, EventKind, Flaw, MatchResult, Message, Parsed, PerAthlete, RoundScores,
    Scoring,
};

impl MatchState {
    /// A message of the sender to everybody.
    pub(super) fn apply_broadcast(&mut self, stamp: Stamp, parsed: &Parsed<'_>) {
        match &parsed.message {
            Message::Hello => {} // told when it was heard
            Message::Bye => {
                self.senders.goodbye();
                self.connected = Some(false);
                self.emit(stamp, Basis::Stated, EventKind::SenderGone);
            }
            Message::FightLoaded => {
                self.loading(stamp);
            }
            Message::FightReady => self.fight_ready(stamp),
            Message::Match(info) => self.match_data(stamp, Info::read(info, parsed.flaw)),
            Message::Athletes(athletes) => self.athletes(stamp, competitors(athletes, parsed.flaw)),
            Message::Round { round: Some(round) } => self.round(*round, stamp),
            Message::Clock { time, action } => self.clock(*time, *action, stamp),
            Message::Break { time, action } => self.rest(*time, *action, stamp),
            Message::Points { athlete, points: Some(amount) } => {
                let point = StatedPoint { stamp, athlete: *athlete, amount: *amount };
                self.score(stamp, |bout| bout.cluster.points.push(point));
            }
            Message::Hit { athlete, level: Some(level) } => {
                let hit = StatedHit { stamp, athlete: *athlete, level: *level };
                self.in_fight(stamp, |bout| bout.cluster.hits.push(hit));
            }
            Message::Score { blue, red } if blue.is_some() || red.is_some() => {
                self.total(stamp, Seen(PerAthlete { blue: *blue, red: *red }));
            }
            Message::RoundScores(scores) => self.round_scores(stamp, scores),
            Message::GamJeoms { blue, red } if blue.is_some() || red.is_some() => {
                let value = PerAthlete { blue: *blue, red: *red };
                let any = blue.is_some_and(|count| count > 0) || red.is_some_and(|count| count > 0);
                self.fought(stamp, any, |bout| bout.cluster.boards.push(Stated { stamp, value }));
            }
            Message::RoundWinners(winners) if winners.rounds() > 0 => {
                let dialect = self.dialect;
                if let Some(bout) = &mut self.bout {
                    bout.set_round_winners(winners.as_slice(), stamp, dialect, &mut self.out);
                }
            }
            Message::Result(result) => self.result(stamp, result, parsed.flaw),
            Message::Winner { winner: Some(winner) } => {
                self.outcome(stamp, |bout| bout.said.winner = Some(*winner));
            }
            Message::Injury { athlete, time, action } => {
                if let Some(kind) = self.interruptions.injury(*athlete, *time, *action) {
                    self.emit(stamp, Basis::Stated, kind);
                }
            }
            Message::TimeOut { athlete, time, action } => {
                if let Some(kind) = self.interruptions.time_out(*athlete, *time, *action) {
                    self.emit(stamp, Basis::Stated, kind);
                }
            }
            Message::Challenge { athlete, state, won } => {
                if let Some(kind) = self.interruptions.challenge(*athlete, *state, *won, self.now) {
                    self.emit(stamp, Basis::Stated, kind);
                }
            }
            _ => {}
        }
    }

    /// An answer to our own request: the last message of a kind, perhaps of an older round or match. It fills
    /// what is unknown and changes nothing that is known.
    pub(super) fn apply_answer(&mut self, parsed: &Parsed<'_>) {
        match &parsed.message {
            Message::Match(info) if !info.number.is_empty() && self.lacks_match() => {
                let bout = self.bout_or_join();
                bout.info.complete_from(Info::read(info, parsed.flaw));
                bout.para = bout.info.is_para();
                bout.changed = true;
            }
            Message::Athletes(athletes) if athletes.blue.is_some() && self.lacks_athletes() => {
                let bout = self.bout_or_join();
                bout.athletes = competitors(athletes, parsed.flaw);
                bout.changed = true;
            }
            Message::Round { round: Some(round) } => {
                self.commit_loading();
                let bout = self.bout_or_join();
                if bout.round().number == 0 {
                    bout.round_mut().number = *round;
                    bout.changed = true;
                }
            }
            Message::Clock { time: Some(time), .. } => {
                let bout = self.bout_or_join();
                if bout.clock.time().is_none() {
                    bout.clock.set(Some(*time));
                }
            }
            Message::Score { blue: Some(blue), red: Some(red) } => {
                let bout = self.bout_or_join();
                let round = bout.round_mut();
                if !round.total_known {
                    round.total = PerAthlete { blue: *blue, red: *red };
                    round.total_known = true;
                    bout.changed = true;
                }
            }
            Message::GamJeoms { blue: Some(blue), red: Some(red) } => {
                let bout = self.bout_or_join();
                let round = bout.round_mut();
                if !round.board_known {
                    round.board = PerAthlete { blue: *blue, red: *red };
                    round.board_known = true;
                    bout.changed = true;
                }
            }
            _ => {}
        }
    }

    fn lacks_match(&self) -> bool {
        self.loading.is_none() && self.bout.as_ref().is_none_or(|bout| bout.info.number.is_none())
    }

    fn lacks_athletes(&self) -> bool {
        self.loading.is_none() && self.bout.as_ref().is_none_or(|bout| bout.athletes.blue.name.is_none())
    }

    /// The current match, or one that we join in the middle.
    fn bout_or_join(&mut self) -> &mut Bout {
        let (next, now) = (&mut self.next_match, self.now);
        self.bout.get_or_insert_with(|| {
            let mut bout = Box::new(Bout::joined(*next));
            bout.now = now;
            *next += 1;
            bout
        })
    }

    fn loading(&mut self, stamp: Stamp) -> &mut Loading {
        let loading = self.loading.get_or_insert_with(|| Loading::new(stamp));
        loading.sure = true;
        loading
    }

    fn fight_ready(&mut self, stamp: Stamp) {
        if self.ready && self.loading.is_none() {
            return; // the same once more
        }
        self.loading(stamp).ready = Some(stamp);
        self.commit_complete();
    }

    fn match_data(&mut self, stamp: Stamp, info: Info) {
        let known = |bout: &Bout| {
            let joined = bout.started && bout.info.number.is_none();
            !bout.ended && (bout.info.number == info.number || joined)
        };
        if self.loading.is_none() && self.bout.as_deref().is_some_and(known) {
            let bout = self.bout_or_join();
            bout.info.complete_from(info);
            bout.para = bout.info.is_para();
            bout.changed = true;
            return;
        }
        self.loading(stamp).info = Some(info);
        self.commit_complete();
    }

    fn athletes(&mut self, stamp: Stamp, athletes: PerAthlete<crate::Competitor>) {
        let known = |bout: &Bout| {
            let joined = bout.started && bout.athletes.blue.name.is_none();
            !bout.ended && (bout.athletes == athletes || joined)
        };
        if self.loading.is_none() && self.bout.as_deref().is_some_and(known) {
            let bout = self.bout_or_join();
            bout.athletes = athletes;
            bout.changed = true;
            return;
        }
        self.loading(stamp).athletes = Some(athletes);
        self.commit_complete();
    }

    fn round(&mut self, round: u32, stamp: Stamp) {
        if let Some(loading) = self.loading.as_mut().filter(|loading| loading.sure || round == 1) {
            loading.sure = true;
            loading.round = Some(round);
            return;
        }
        // Round 1 after a result begins the next match: its `pre` was lost.
        if round == 1 && self.bout.as_ref().is_none_or(|bout| bout.ended) {
            self.loading(stamp).round = Some(round);
            return;
        }
        // A later round is the first that was heard: joined in mid-match.
        self.bout_or_join();
        let dialect = self.dialect;
        let bout = self.bout.as_mut().expect("joined above");
        bout.set_round(round, stamp, dialect, &mut self.out);
    }

    fn clock(&mut self, time: Option<crate::ClockTime>, action: Option<ClockAction>, stamp: Stamp) {
        if time.is_none() && action.is_none() {
            return; // an empty answer
        }
        if action.is_none() && self.bout.as_ref().is_some_and(|bout| bout.ended) {
            // No clock runs after a result: the block of the next match may have lost its beginning.
            self.loading.get_or_insert_with(|| Loading::new(stamp));
        }
        if let Some(loading) = &mut self.loading {
            if action.is_none() {
                loading.clock = time;
                return;
            }
            self.commit_loading();
        }
        let started = action == Some(ClockAction::Start);
        // A start after a result begins the next match, whose whole block was lost, unless the result was undone.
        let next = |bout: &Bout| bout.ended && bout.round().over && !bout.takes_up(time);
        if started && self.bout.as_deref().is_some_and(next) {
            self.loading(stamp).clock = time;
            self.commit_loading();
        }
        let dialect = self.dialect;
        self.bout_or_join();
        let bout = self.bout.as_mut().expect("joined above");
        let was_running = bout.clock.running();
        bout.set_clock(time, action, stamp, dialect, &mut self.out);
        if bout.clock.running() && !was_running {
            self.rest = None;
        }
    }

    fn rest(&mut self, time: Option<crate::ClockTime>, action: Option<ClockAction>, stamp: Stamp) {
        let Some(bout) = &mut self.bout else { return };
        if bout.clock.running() || (time.is_none() && action.is_none()) {
            return; // late, or an empty answer
        }
        let over = action == Some(ClockAction::StopEnd);
        self.rest = if over { None } else { time };
        let dialect = self.dialect;
        if bout.round().started && !bout.round().concluded {
            bout.round_mut().over = true;
            bout.conclude_round(stamp, dialect, &mut self.out);
        }
    }

    /// Something that is only sent while a round is fought.
    fn in_fight(&mut self, stamp: Stamp, note: impl FnOnce(&mut Bout)) {
        self.commit_loading();
        self.bout_or_join();
        let bout = self.bout.as_mut().expect("joined above");
        if !bout.round().started {
            bout.start_round(stamp, &mut self.out);
        }
        note(bout);
        bout.note_evidence();
    }

    /// A point: sent in the fight, or by the editor while the clock stands.
    fn score(&mut self, stamp: Stamp, note: impl FnOnce(&mut Bout)) {
        self.in_fight(stamp, note);
    }

    /// A count that is also sent at load, and that may be late after a new round was set up: it counts only
    /// once the round is fought. `any`: it is not all zero, so somebody fights.
    fn fought(&mut self, stamp: Stamp, any: bool, note: impl FnOnce(&mut Bout)) {
        if self.loading.is_some() || (self.bout.is_none() && !any) {
            return;
        }
        self.bout_or_join();
        let bout = self.bout.as_mut().expect("joined above");
        if bout.round().number == 0 && !bout.round().started && any {
            bout.start_round(stamp, &mut self.out);
        }
        if !bout.round().started {
            return;
        }
        note(bout);
        bout.note_evidence();
    }

    fn total(&mut self, stamp: Stamp, value: Seen) {
        let any = Athlete::BOTH.iter().any(|&athlete| value.0[athlete].is_some_and(|score| score != 0));
        self.fought(stamp, any, |bout| {
            bout.shows_scores = true;
            bout.cluster.totals.push(Stated { stamp, value });
        });
    }

    /// `s11`: it changes in play only in best of three, which shows the scoring; earlier rounds are history.
    fn round_scores(&mut self, stamp: Stamp, scores: &RoundScores) {
        let shown = scores.iter().filter(|&(_, _, score)| score > 0).map(|(round, ..)| round).max();
        let any = shown.is_some();
        let dialect = self.dialect;
        if let (Some(bout), Some(shown), None) = (&mut self.bout, shown, &self.loading) {
            bout.show_round(shown, stamp, dialect, &mut self.out);
        }
        self.fought(stamp, any, |bout| {
            if any {
                bout.show_scoring(Scoring::BestOf3);
            }
            if bout.scoring() != Scoring::BestOf3 {
                return;
            }
            let current = bout.round().number;
            let score =
                |round, athlete| scores.score(round, athlete).and_then(|score| i32::try_from(score).ok());
            for (number, _, _) in scores.iter().filter(|&(round, _, score)| round < current && score > 0) {
                bout.add_missed(number);
            }
            for round in bout.rounds.iter_mut().rev().skip(1) {
                for athlete in Athlete::BOTH {
                    if let Some(total) = score(round.number, athlete) {
                        bout.changed |= round.total[athlete] != total;
                        round.total[athlete] = total;
                    }
                }
            }
            let value = Seen(PerAthlete::from_fn(|athlete| score(current, athlete)));
            if value.0.blue.is_some() || value.0.red.is_some() {
                bout.cluster.totals.push(Stated { stamp, value });
            }
        });
    }

    fn result(&mut self, stamp: Stamp, result: &MatchResult<'_>, flaw: Option<Flaw>) {
        if result.name.is_empty() && result.score.is_none() && result.decision.is_none() {
            return; // an empty answer
        }
        let untrusted = match flaw {
            Some(Flaw::Untrusted { field, .. }) => Some(field),
            _ => None,
        };
        self.outcome(stamp, |bout| {
            let said = &mut bout.said;
            said.name = (untrusted != Some("result.name")).then(|| result.name.decode().into_owned());
            said.score = result.score.filter(|_| untrusted != Some("result.score"));
            said.decision = result.decision.as_ref().map(|word| word.decode().into_owned());
            said.decision_cut = untrusted == Some("result.decision");
        });
    }

    /// Something of the result: `wmh` and `win` come together, so it is told after the window.
    fn outcome(&mut self, stamp: Stamp, note: impl FnOnce(&mut Bout)) {
        self.commit_loading();
        let dialect = self.dialect;
        self.bout_or_join();
        let bout = self.bout.as_mut().expect("joined above");
        let before = bout.said.clone();
        note(bout);
        if bout.said == before {
            return;
        }
        bout.conclude_round(stamp, dialect, &mut self.out);
        bout.reconcile(stamp, dialect, &mut self.out);
        bout.changed = true;
        bout.result_due.get_or_insert(stamp);
    }

    fn commit_complete(&mut self) {
        if self.loading.as_ref().is_some_and(Loading::complete) {
            self.commit_loading();
        }
    }

    /// The block has said all that it will: the same match again, or another.
    pub(super) fn commit_loading(&mut self) {
        let Some(mut loading) = self.loading.take().filter(|loading| loading.sure) else { return };
        // The clock shown so far is that of the match before.
        loading.stamp.clock = loading.clock;
        if let Some(ready) = &mut loading.ready {
            ready.clock = loading.clock;
        }
        let same = self.bout.as_ref().is_some_and(|bout| {
            let same_number = loading.info.as_ref().is_none_or(|info| info.number == bout.info.number);
            let same_athletes = loading.athletes.as_ref().is_none_or(|athletes| *athletes == bout.athletes);
            !bout.ended && bout.result_due.is_none() && same_number && same_athletes
        });
        if same {
            self.load_again(loading);
        } else {
            self.load_next(loading);
        }
    }

    fn load_again(&mut self, loading: Loading) {
        let only_late = loading.info.is_none() && loading.athletes.is_none() && loading.ready.is_none();
        let Some(bout) = self.bout.as_mut() else { return };
        if only_late {
            return; // a part of the block that came late
        }
        bout.reloaded = bout.started.then_some(loading.clock);
        if !bout.clock.running() && !bout.started {
            bout.clock.set(loading.clock.or_else(|| bout.clock.time()));
        }
        if let Some(info) = loading.info {
            bout.info.complete_from(info);
        }
        self.emit(loading.stamp, Basis::Stated, EventKind::MatchLoaded);
        if let Some(stamp) = loading.ready {
            self.ready = true;
            self.emit(stamp, Basis::Stated, EventKind::MatchReady);
        }
    }

    fn load_next(&mut self, loading: Loading) {
        if let Some(bout) = self.bout.as_mut().filter(|bout| !bout.is_blank()) {
            bout.close(self.now, self.dialect, &mut self.out);
        }
        let blank = self.bout.as_ref().filter(|bout| bout.is_blank()).map(|bout| bout.index);
        let mut bout = Bout::new(blank.unwrap_or(self.next_match));
        self.next_match += u32::from(blank.is_none());
        bout.now = self.now;
        bout.info = loading.info.unwrap_or_default();
        bout.para = bout.info.is_para();
        bout.athletes = loading.athletes.unwrap_or_default();
        let number = loading.round.unwrap_or(1);
        let golden = number > bout.planned_rounds();
        bout.rounds.push(super::round::Round::new(number, golden, None, None));
        bout.clock.set(loading.clock);
        self.bout = Some(Box::new(bout));
        self.interruptions = super::Interruptions::default();
        self.rest = None;
        self.ready = loading.ready.is_some();
        self.emit(loading.stamp, Basis::Stated, EventKind::MatchLoaded);
        if let Some(stamp) = loading.ready {
            self.emit(stamp, Basis::Stated, EventKind::MatchReady);
        }
    }
}
