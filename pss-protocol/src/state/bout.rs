//! The match that is being fought: everything that is known of it.

use alloc::{boxed::Box, collections::VecDeque, string::String, vec::Vec};

use super::{
    StateOutput,
    clock::{Clock, ClockChange},
    cluster::{Cluster, Recent, Stamp},
    kinds::Kinds,
    outcome::Said,
    round::Round,
};
use crate::{
    Anomaly, AnomalyKind, Arrival, Athlete, Basis, ClockAction, ClockTime, Competitor, Dialect, EventKey,
    EventKind, MatchEvent, Monotonic, PerAthlete, Scoring, Winner,
};

/// What goes out.
pub(super) type Outbox = VecDeque<StateOutput>;

/// The data of a match as `mch` gives them, decoded.
#[derive(Clone, Debug, Default, PartialEq)]
pub(super) struct Info {
    pub(super) number: Option<String>,
    pub(super) id: Option<String>,
    pub(super) phase: Option<String>,
    pub(super) category: Option<String>,
    pub(super) division: Option<String>,
    pub(super) rounds: Option<u32>,
    pub(super) round_seconds: Option<u32>,
    pub(super) body_level: Option<u32>,
    pub(super) head_level: Option<u32>,
}

#[derive(Clone, Debug, Default)]
pub(super) struct Bout {
    /// Counts the matches of the session from 0.
    pub(super) index: u32,
    next_event: u32,
    pub(super) info: Info,
    pub(super) athletes: PerAthlete<Competitor>,
    pub(super) para: bool,
    /// Its clock has run.
    pub(super) started: bool,
    /// Best of three or not, once something shows it.
    shown_scoring: Scoring,
    /// A `sc` arrived in play: then a point without one is odd.
    pub(super) shows_scores: bool,
    /// In order; the last one is the current one.
    pub(super) rounds: Vec<Round>,
    /// `wrd`, by round from 1.
    pub(super) stated_winners: Vec<Option<Athlete>>,
    pub(super) clock: Clock,
    /// The clock was edited since the round ran out: it may go on.
    corrected: bool,
    pub(super) cluster: Cluster,
    pub(super) recent: Recent,
    pub(super) kinds: Kinds,
    /// The latest round in which `s11` showed points.
    highest_shown: u32,
    /// Ticks of the running clock since the cluster began.
    pub(super) ticks: u32,
    pub(super) hits: PerAthlete<u32>,
    pub(super) said: Said,
    /// What of it was told by an event.
    told: (Option<Winner>, Option<crate::Decision>),
    /// The result arrived, and its event has yet to settle.
    pub(super) result_due: Option<Stamp>,
    /// A result was told.
    pub(super) ended: bool,
    /// Nothing more can come: the next match was loaded, or the input is over.
    pub(super) closed: bool,
    /// The same match was loaded again, with this clock; whether it begins anew shows when that starts.
    pub(super) reloaded: Option<Option<ClockTime>>,
    /// The time of the latest message.
    pub(super) now: Monotonic,
    /// Its summary is to be told.
    pub(super) changed: bool,
}

impl Bout {
    pub(super) fn new(index: u32) -> Self {
        Self { index, changed: true, ..Self::default() }
    }

    /// Joined in mid-match: neither the round nor the score is known.
    pub(super) fn joined(index: u32) -> Self {
        let mut bout = Self::new(index);
        let round = Round { total_known: false, board_known: false, ..Round::new(0, false, None, None) };
        bout.rounds.push(round);
        bout
    }

    /// Joined in the middle of nothing: nobody fought, and nothing was told.
    pub(super) fn is_blank(&self) -> bool {
        self.next_event == 0 && !self.started && self.info.number.is_none()
    }

    /// The current round; a match has one from its load on.
    pub(super) fn round(&self) -> &Round {
        self.rounds.last().expect("a match is made with a round")
    }

    pub(super) fn round_mut(&mut self) -> &mut Round {
        self.rounds.last_mut().expect("a match is made with a round")
    }

    pub(super) fn round_before(&self) -> Option<&Round> {
        self.rounds.len().checked_sub(2).map(|at| &self.rounds[at])
    }

    /// The latest round that was fought.
    pub(super) fn last_fought(&self) -> Option<&Round> {
        self.rounds.iter().rev().find(|round| round.started)
    }

    pub(super) fn competitor(&self, athlete: Athlete) -> &Competitor {
        &self.athletes[athlete]
    }

    pub(super) fn planned_rounds(&self) -> u32 {
        self.info.rounds.unwrap_or(3)
    }

    pub(super) fn scoring(&self) -> Scoring {
        match self.info.rounds {
            // With fewer than three rounds there is nothing to win two of.
            Some(rounds) if rounds < 3 => Scoring::Conventional,
            _ => self.shown_scoring,
        }
    }

    pub(super) fn show_scoring(&mut self, scoring: Scoring) {
        if self.shown_scoring == Scoring::Unknown {
            self.shown_scoring = scoring;
            self.changed = true;
        }
    }

    fn cumulative(&self) -> Option<bool> {
        match self.scoring() {
            Scoring::BestOf3 => Some(false),
            Scoring::Conventional => Some(true),
            Scoring::Unknown => None,
        }
    }

    /// From this level on a hit is valid somewhere.
    pub(super) fn valid_level(&self) -> u32 {
        match (self.info.body_level, self.info.head_level) {
            (Some(body), Some(head)) => body.min(head),
            (Some(level), None) | (None, Some(level)) => level,
            (None, None) => 1,
        }
    }

    /// The score went on from the round before: points of all rounds are counted together.
    pub(super) fn go_on_scoring(&mut self) {
        let Some(before) = self.round_before().cloned() else { return };
        self.show_scoring(Scoring::Conventional);
        let round = self.round_mut();
        round.base = before.total;
        round.base_open = false;
        // The board was taken as starting from zero.
        round.board_base = before.board;
    }

    /// The score restarted at 0-0: rounds are won one by one.
    pub(super) fn restart_score(&mut self) {
        self.show_scoring(Scoring::BestOf3);
        self.round_mut().base_open = false;
    }

    /// Tells an event and gives its id.
    pub(super) fn emit(&mut self, stamp: Stamp, basis: Basis, kind: EventKind, out: &mut Outbox) -> u32 {
        let id = self.next_event;
        self.next_event += 1;
        let key = EventKey { match_index: Some(self.index), id };
        let round = self.rounds.last().map_or(0, |round| round.number);
        let Stamp { at, key: evidence, clock } = stamp;
        out.push_back(StateOutput::Event(MatchEvent { key, at, evidence, round, clock, basis, kind }));
        self.changed = true;
        id
    }

    pub(super) fn anomaly(&mut self, stamp: Stamp, kind: AnomalyKind, text: String, out: &mut Outbox) {
        self.emit(stamp, Basis::Inferred, EventKind::Anomaly(Anomaly { kind, text }), out);
    }

    /// `rnd;N`. The same number again changes nothing: it neither resets the score nor ends the round.
    pub(super) fn set_round(&mut self, number: u32, stamp: Stamp, dialect: Dialect, out: &mut Outbox) {
        let current = self.round();
        if number == current.number || number == 0 {
            return;
        }
        if current.number == 0 {
            // We joined in mid-match: a round that is over was the one before, a running one is this.
            let joined = if current.started && current.over { number.saturating_sub(1) } else { number };
            self.round_mut().number = joined;
            if joined == number {
                return;
            }
        }
        self.conclude_round(stamp, dialect, out);
        if let Some(known) = self.rounds.iter().position(|round| round.number == number) {
            // The operator went back to an earlier round.
            self.rounds.truncate(known + 1);
            let round = self.round_mut();
            (round.over, round.concluded) = (false, false);
            return;
        }
        if !self.round().started {
            self.rounds.pop(); // set up, and never fought
        }
        let golden = number > self.planned_rounds();
        if golden {
            self.show_scoring(Scoring::Conventional);
        }
        let mut round = Round::new(number, golden, self.rounds.last(), self.cumulative());
        round.winner = self.stated_winner(number);
        self.rounds.push(round);
        self.recent.clear();
        self.corrected = false;
        self.clock.set(self.clock.time());
    }

    fn stated_winner(&self, number: u32) -> Option<Athlete> {
        let at = usize::try_from(number).ok()?.checked_sub(1)?;
        self.stated_winners.get(at).copied().flatten()
    }

    /// `wrd`.
    pub(super) fn set_round_winners(
        &mut self,
        winners: &[Option<Athlete>],
        stamp: Stamp,
        dialect: Dialect,
        out: &mut Outbox,
    ) {
        let listed = u32::try_from(winners.len()).unwrap_or(u32::MAX);
        if let Some(planned) = self.info.rounds {
            if listed == planned + 1 {
                self.show_scoring(Scoring::Conventional);
            } else if listed == planned && planned >= 3 && winners.iter().any(Option::is_some) {
                // Without a golden round conventional matches list as many, all of them open.
                self.show_scoring(Scoring::BestOf3);
            }
        } else if winners.iter().any(Option::is_some) && listed == 3 {
            self.show_scoring(Scoring::BestOf3);
        } else if listed == 4 {
            self.show_scoring(Scoring::Conventional);
        }
        self.stated_winners = winners.to_vec();
        for at in 0..self.rounds.len() {
            let winner = self.stated_winner(self.rounds[at].number);
            self.rounds[at].winner = winner;
        }
        self.changed = true;
        let round = self.round_mut();
        if round.started && !self.clock.running() {
            let round = self.round_mut();
            round.over = true;
            // What is edited in the rest settles in its own time.
            if round.winner.is_some() && !round.concluded {
                self.conclude_round(stamp, dialect, out);
            }
        }
    }

    /// `clk`.
    pub(super) fn set_clock(
        &mut self,
        time: Option<ClockTime>,
        action: Option<ClockAction>,
        stamp: Stamp,
        dialect: Dialect,
        out: &mut Outbox,
    ) {
        let round = self.round();
        let fresh = round.over || (!round.started && round.number > 1);
        let ticks = action.is_none() && self.clock.running();
        if let Some(missing) = self.clock.take_missing(self.now) {
            let text = alloc::format!("{missing} seconds of the clock were never shown");
            self.anomaly(stamp, AnomalyKind::DatagramLost, text, out);
        }
        let takes_up = self.takes_up(time);
        let change = self.clock.apply(self.now, time, action, fresh);
        // A round starts at the time that its start says, not at the 00:00 of the round before.
        let stamp = Stamp { clock: self.clock.time(), ..stamp };
        if ticks && self.clock.running() {
            self.pass_tick(dialect, out);
        }
        match change {
            ClockChange::Nothing => {}
            ClockChange::Started => self.clock_started(time, takes_up, stamp, dialect, out),
            ClockChange::Stopped => self.changed = true,
            ClockChange::RanOut => {
                self.changed = true;
                let round = self.round_mut();
                if round.started {
                    round.over = true;
                    round.ran_out = true;
                }
                self.corrected = false;
            }
            ClockChange::Corrected => self.corrected = true,
            ClockChange::Returned if self.can_go_on() => {
                let round = self.round_mut();
                (round.over, round.ran_out) = (true, true);
                self.clock_started(time, false, stamp, dialect, out);
            }
            ClockChange::Jumped | ClockChange::Returned => {
                self.anomaly(stamp, AnomalyKind::ClockJump, "the running clock went back".into(), out);
            }
        }
    }

    /// Something was added to the cluster.
    pub(super) fn note_evidence(&mut self) {
        if self.cluster.is_empty() {
            self.ticks = 0;
        }
        self.cluster.touch(self.now);
    }

    /// Two ticks are a second of the match, however fast the datagrams come: what was said before is settled,
    /// and nothing of it can be late any more. So a capture that is replayed at full speed reads as it was.
    fn pass_tick(&mut self, dialect: Dialect, out: &mut Outbox) {
        self.ticks += 1;
        if self.cluster.is_empty() || self.ticks < 2 {
            return;
        }
        self.settle(dialect, out);
        self.recent.clear();
    }

    fn clock_started(
        &mut self,
        time: Option<ClockTime>,
        takes_up: bool,
        stamp: Stamp,
        dialect: Dialect,
        out: &mut Outbox,
    ) {
        self.changed = true;
        if self.reloaded.take().is_some() && self.round_is_full(time) {
            self.begin_anew();
        }
        if self.round().over && self.round().started {
            if takes_up {
                let round = self.round_mut();
                (round.over, round.ran_out, round.concluded) = (false, false, false);
            } else {
                // Its `rnd` was lost.
                let next = self.round().number + 1;
                self.set_round(next, stamp, dialect, out);
                self.clock.apply(self.now, time, Some(ClockAction::Start), true);
            }
        }
        self.corrected = false;
        if core::mem::take(&mut self.ended) {
            // Whoever fights on has no result: it was undone.
            self.said = Said::default();
            self.told = Default::default();
        }
        self.start_round(stamp, out);
    }

    /// Whether a clock that starts here goes on with a round that seemed over: its time was edited, it was
    /// stopped and started within its last second (no round starts at 00:00), or it was stopped early and
    /// shows the same time still.
    pub(super) fn takes_up(&self, time: Option<ClockTime>) -> bool {
        let stopped = !self.round().ran_out && time == self.clock.time() && !self.round_is_full(time);
        self.corrected || time == Some(ClockTime::ZERO) || (time.is_some() && stopped)
    }

    /// Whether another round can follow the current one.
    fn can_go_on(&self) -> bool {
        let number = self.round().number;
        let last = self.planned_rounds() + u32::from(self.scoring() == Scoring::Conventional);
        number > 0 && number < last
    }

    /// `s11` shows points in a round: it is that one, if it was not shown before.
    pub(super) fn show_round(&mut self, shown: u32, stamp: Stamp, dialect: Dialect, out: &mut Outbox) {
        if shown <= self.highest_shown {
            return;
        }
        self.highest_shown = shown;
        let round = self.round_mut();
        if round.number == 0 {
            round.number = shown;
        } else if round.started && shown > round.number && shown <= self.planned_rounds() {
            self.set_round(shown, stamp, dialect, out);
            self.start_round(stamp, out);
        }
    }

    /// An earlier round that was over before we joined.
    pub(super) fn add_missed(&mut self, number: u32) {
        let at = self.rounds.partition_point(|round| round.number < number);
        if self.rounds.get(at).is_none_or(|round| round.number == number) {
            return;
        }
        let mut round = Round::new(number, false, None, None);
        (round.started, round.over, round.concluded) = (true, true, true);
        round.winner = self.stated_winner(number);
        self.rounds.insert(at, round);
        self.changed = true;
    }

    /// Whether a clock that starts here starts a round.
    fn round_is_full(&self, time: Option<ClockTime>) -> bool {
        match (time, self.info.round_seconds) {
            (Some(time), Some(seconds)) => time.total_seconds() + 1 >= seconds,
            _ => false,
        }
    }

    /// A match that was loaded again starts from its first round; what was told stays told.
    fn begin_anew(&mut self) {
        self.rounds = alloc::vec![Round::new(1, false, None, None)];
        self.stated_winners.clear();
        self.said = Said::default();
        self.recent.clear();
        self.highest_shown = 0;
    }

    /// Something shows that the round is being fought.
    pub(super) fn start_round(&mut self, stamp: Stamp, out: &mut Outbox) {
        if self.round().started {
            return;
        }
        self.round_mut().started = true;
        if !core::mem::replace(&mut self.started, true) {
            self.emit(stamp, Basis::Stated, EventKind::MatchStarted, out);
        }
        self.emit(stamp, Basis::Stated, EventKind::RoundStarted, out);
    }

    /// The round is over for good: the next one is set up, a rest runs, its winner or the result is known.
    pub(super) fn conclude_round(&mut self, stamp: Stamp, dialect: Dialect, out: &mut Outbox) {
        self.settle(dialect, out);
        let clock = self.clock.time();
        let round = self.round_mut();
        if !round.started || round.concluded {
            return;
        }
        round.over = true;
        round.ran_out |= clock == Some(ClockTime::ZERO);
        round.concluded = true;
        let winner = self.round_winner(self.round());
        let basis = winner.map_or(Basis::Stated, |(_, basis)| basis);
        let winner = winner.map(|(winner, _)| winner);
        self.emit(stamp, basis, EventKind::RoundEnded { winner }, out);
    }

    /// Tells the result if it differs from what was told.
    pub(super) fn tell_result(&mut self, stamp: Stamp, out: &mut Outbox) {
        let winner = self.winner();
        let decision = self.decision();
        let told = (winner.map(|(winner, _)| winner), decision.map(|(decision, _)| decision));
        if told == self.told {
            return;
        }
        self.told = told;
        self.ended = true;
        let basis = if self.said.nothing() { Basis::Inferred } else { Basis::Stated };
        self.emit(stamp, basis, EventKind::MatchEnded { winner: told.0, decision: told.1 }, out);
        if self.contradicts_course() {
            let text = "the winner that was said is not the one of the score".into();
            self.anomaly(stamp, AnomalyKind::WinnerMismatch, text, out);
        }
    }

    /// Nothing more can come of this match: what is still open is concluded.
    pub(super) fn close(&mut self, now: Monotonic, dialect: Dialect, out: &mut Outbox) {
        let stamp = Stamp { at: Arrival { wall: None, mono: now }, key: None, clock: None };
        self.settle(dialect, out);
        self.closed = true;
        let result = self.result_due.take();
        if self.round().over || self.ended || result.is_some() {
            self.conclude_round(stamp, dialect, out);
        }
        if result.is_some() || self.winner().is_some() {
            self.tell_result(result.unwrap_or(stamp), out);
        }
        self.changed = true;
        self.tell_summary(out);
    }

    /// Tells the summary if it changed.
    pub(super) fn tell_summary(&mut self, out: &mut Outbox) {
        if core::mem::take(&mut self.changed) {
            out.push_back(StateOutput::Match(Box::new(self.summary())));
        }
    }
}
