//! The course of a match: chosen, fought round by round, decided.

use alloc::{format, string::String, vec, vec::Vec};

use super::{
    clock::Clock,
    fight::Fight,
    out::{MS, SECOND},
    truth::{SimulatedMatch, SimulatedResult},
};
use crate::{Athlete, Decision, FinalScore, PerAthlete, Scoring, Winner};

/// What ends a match.
#[derive(Clone, Copy, Debug)]
pub(super) enum Ending {
    /// The time or the points.
    Fought,
    /// A decision in this round, with this many seconds left.
    Early { decision: Decision, round: u32, seconds_left: u64 },
    /// A decision without a start.
    NotStarted(Decision),
    /// Nothing: it was chosen by mistake.
    OnlyLoaded,
}

/// Why a round is over.
enum RoundEnd {
    Time,
    /// The match is decided with it.
    Decided(Option<Athlete>, Decision),
}

impl Fight {
    /// Plays the whole match. Gives its datagrams in the order of arrival, the truth, and the time.
    pub(super) fn play(mut self, ending: Ending) -> (Vec<(u64, Vec<u8>)>, SimulatedMatch, u64) {
        self.load();
        match ending {
            Ending::OnlyLoaded => self.wait(1000, 5000),
            Ending::NotStarted(decision) => {
                self.wait(5000, 30_000);
                let winner = self.any_athlete();
                self.decide(winner.into(), decision);
            }
            Ending::Fought | Ending::Early { .. } => {
                self.wait(2000, 9000);
                self.truth.started = true;
                match self.truth.scoring {
                    Scoring::BestOf3 => self.best_of_three(ending),
                    _ => self.conventional(ending),
                }
            }
        }
        // Whatever is still on its way arrives before the next match is chosen.
        self.wait(1000, 3000);
        (self.out.finish(), self.truth, self.now)
    }

    /// Chooses the match, sometimes twice.
    fn load(&mut self) {
        self.block = self.draw_block();
        let times = if self.rng.percent(4) { 2 } else { 1 };
        for _ in 0..times {
            self.choose();
        }
    }

    fn choose(&mut self) {
        self.out.in_order(self.now, &self.block);
        self.wait(700, 4000);
    }

    /// The match is started by mistake, stopped and chosen again.
    fn false_start(&mut self) {
        self.start();
        let span = self.rng.between(800, 5000) * MS;
        self.run(span);
        self.stop();
        self.wait(1500, 6000);
        self.choose();
        self.clock = Clock::set("clk", self.truth.round_seconds);
    }

    /// The block that loads the match.
    fn draw_block(&mut self) -> Vec<String> {
        let null_or = |text: &Option<String>| text.clone().unwrap_or_else(|| "null".into());
        let event_id = format!("{:08x}-{:04}", self.rng.below(1 << 32), self.rng.between(1, 20));
        let mch = format!(
            "mch;{};{};{};;#0000ff;#FFFFFF;#ff0000;#FFFFFF;{};{};{};{};cntDown;{};{}",
            self.truth.number,
            self.truth.phase,
            self.truth.category,
            null_or(&self.truth.division.is_some().then_some(event_id)),
            null_or(&self.truth.division),
            self.truth.rounds_planned,
            self.truth.round_seconds,
            self.truth.body_level,
            self.truth.head_level,
        );
        let referees = super::names::referees(&mut self.rng);
        let athlete = |athlete: Athlete| {
            let competitor = &self.truth.athletes[athlete];
            let name = competitor.name.as_deref().unwrap_or_default();
            let country = competitor.country.as_deref().unwrap_or_default();
            format!("at{};{name};{name};{country}", athlete.number())
        };
        vec![
            "pre;FightLoaded".into(),
            "rnd;1".into(),
            format!("clk;{}", self.clock.time()),
            "sc1;0;sc2;0".into(),
            "s11;0;s21;0;s12;0;s22;0;s13;0;s23;0".into(),
            "wg1;0;wg2;0".into(),
            mch,
            format!("{};{}", athlete(Athlete::Blue), athlete(Athlete::Red)),
            referees,
            "rdy;FightReady".into(),
        ]
    }

    fn best_of_three(&mut self, ending: Ending) {
        let mut stated = Vec::new();
        loop {
            self.enter_round(self.truth.round_seconds);
            if let RoundEnd::Decided(winner, decision) = self.fight_round(ending) {
                self.close_round(None);
                let winner = winner.unwrap_or_else(|| self.any_athlete());
                return self.decide(winner.into(), decision);
            }
            // A tied round is decided by what the wire does not carry.
            let winner = self.leader().unwrap_or_else(|| self.any_athlete());
            self.close_round(Some(winner));
            let over = self.truth.round_wins()[winner] == 2;
            self.end_by_time(&mut stated, Some(winner));
            if over {
                self.wait(1000, 4000);
                return self.decide(winner.into(), Decision::Ptf);
            }
            self.rest();
        }
    }

    fn conventional(&mut self, ending: Ending) {
        let mut stated = Vec::new();
        while self.round < self.truth.rounds_planned {
            self.enter_round(self.truth.round_seconds);
            if let RoundEnd::Decided(winner, decision) = self.fight_round(ending) {
                self.close_round(None);
                let winner = winner.unwrap_or_else(|| self.any_athlete());
                return self.decide(winner.into(), decision);
            }
            let of_round = PerAthlete::from_fn(|athlete| self.truth.points_in(self.round, athlete));
            let winner = ahead(of_round);
            self.close_round(winner.filter(|_| self.plan.ovr));
            self.end_by_time(&mut stated, winner);
            let decided = self.round == self.truth.rounds_planned && self.leader().is_some();
            if !decided {
                self.rest();
            }
        }
        if let Some(winner) = self.leader() {
            self.wait(1000, 4000);
            let decision = if self.plan.para { Decision::Pts } else { Decision::Ptf };
            return self.decide(winner.into(), decision);
        }
        self.golden_round(&mut stated);
    }

    /// One round, its time-out or its early end.
    fn fight_round(&mut self, ending: Ending) -> RoundEnd {
        if self.round == 1 && self.rng.percent(2) {
            self.false_start();
        }
        self.start();
        loop {
            let span = self.rng.between(1200, 7000) * MS;
            if !self.run(span) {
                return RoundEnd::Time;
            }
            if let Ending::Early { decision, round, seconds_left } = ending
                && self.round == round
                && self.clock.left() < seconds_left * SECOND
            {
                return self.early_end(decision);
            }
            self.action();
            let gap = self.score.blue.abs_diff(self.score.red);
            if !self.best_of_3() && self.round >= 2 && gap >= 20 {
                self.stop();
                return RoundEnd::Decided(self.leader(), Decision::Ptg);
            }
        }
    }

    fn early_end(&mut self, decision: Decision) -> RoundEnd {
        self.stop();
        self.wait(2000, 20_000);
        if decision != Decision::Pun {
            return RoundEnd::Decided(None, decision);
        }
        // The limit of gam-jeoms is reached one by one.
        let offender = self.any_athlete();
        while self.gam_jeoms[offender] < 10 {
            let mut burst = Vec::new();
            self.gam_jeom(offender, &mut burst);
            self.out.together(self.now, burst);
            self.wait(1000, 2000);
        }
        RoundEnd::Decided(Some(offender.opponent()), decision)
    }

    /// Until somebody has two points of this round; a point that ends it may be taken back.
    fn golden_round(&mut self, stated: &mut Vec<Option<Athlete>>) {
        self.enter_round(self.plan.golden_seconds);
        self.start();
        loop {
            let span = self.rng.between(1200, 6000) * MS;
            if !self.run(span) {
                break;
            }
            self.golden_action();
            let Some(winner) = self.golden_winner() else { continue };
            self.wait(700, 1500);
            let mut burst = Vec::new();
            let by_points = self.truth.gam_jeoms.last().is_none_or(|last| last.points != 2 || last.removed);
            if by_points && self.rng.percent(15) && self.remove_point(winner, &mut burst) {
                self.out.together(self.now, burst);
                if self.golden_winner().is_none() {
                    self.wait(400, 2000);
                    self.start();
                    continue;
                }
            }
            self.close_round(None);
            return self.decide(winner.into(), Decision::Gdp);
        }
        self.close_round(None);
        self.end_by_time(stated, None);
        self.wait(700, 4000);
        let winner = match self.leader() {
            Some(leader) => leader.into(),
            None if self.rng.percent(15) => Winner::Tie,
            None => self.any_athlete().into(),
        };
        self.decide(winner, Decision::Sup);
    }

    /// The end of the time and its `wrd`, which knows the winners before this round only; after the operator
    /// confirmed it the corrected one, where an OVR address is set.
    fn end_by_time(&mut self, stated: &mut Vec<Option<Athlete>>, winner: Option<Athlete>) {
        let (over, stop, stale) = ("clk;0:00;stopEnd".into(), "clk;00:00;stop".into(), self.winners(stated));
        self.out.end_of_time(self.now, over, stop, stale);
        self.wait(1000, 4500);
        stated.push(winner);
        if self.plan.ovr && !self.golden() {
            self.out.say_late(self.now, 20 * MS, &self.winners(stated));
        }
    }

    fn winners(&self, stated: &[Option<Athlete>]) -> String {
        let golden = u32::from(!self.best_of_3());
        let mut text = String::from("wrd");
        for round in 1..=self.truth.rounds_planned + golden {
            let winner = stated.get(round as usize - 1).copied().flatten().map_or(0, Athlete::number);
            text.push_str(&format!(";rd{round};{winner}"));
        }
        text
    }

    /// The rest runs out or is skipped without a word; then the next round is set up.
    fn rest(&mut self) {
        let next = format!("rnd;{}", self.round + 1);
        let mut rest = Clock::set("brk", self.plan.rest_seconds);
        if self.rng.percent(15) {
            let span = self.rng.below(u64::from(self.plan.rest_seconds) * SECOND);
            self.now += rest.run(&mut self.out, self.now, span);
            self.wait(100, 900);
            self.out.say(self.now, &next);
        } else {
            self.now += rest.run(&mut self.out, self.now, rest.left());
            self.out.together(self.now, vec!["brk;0:00;stopEnd".into(), next]);
        }
        self.wait(2000, 8000);
    }

    /// The result, sometimes first a wrong one that is undone.
    fn decide(&mut self, winner: Winner, decision: Decision) {
        self.wait(1000, 5000);
        let figures = if self.best_of_3() { self.truth.round_wins() } else { self.score };
        let score = FinalScore { blue: figures.blue, red: figures.red };
        if let Some(winner) = winner.athlete().filter(|_| self.rng.percent(3)) {
            self.say_result(winner.opponent().into(), decision, score);
            self.wait(3000, 9000);
        }
        self.say_result(winner, decision, score);
        self.truth.result = Some(SimulatedResult { winner, decision, score });
    }

    fn say_result(&mut self, winner: Winner, decision: Decision, score: FinalScore) {
        let name = winner.athlete().and_then(|athlete| self.truth.athletes[athlete].name.as_deref());
        let result = format!("wmh;{};{score} {decision}", name.unwrap_or_default());
        self.out.in_order(self.now, [result, format!("win;{winner}")]);
    }

    fn leader(&self) -> Option<Athlete> {
        ahead(self.score)
    }

    fn any_athlete(&mut self) -> Athlete {
        *self.rng.pick(&Athlete::BOTH)
    }
}

fn ahead(score: PerAthlete<u32>) -> Option<Athlete> {
    Athlete::BOTH.into_iter().find(|&athlete| score[athlete] > score[athlete.opponent()])
}
