//! What happens while a round is on.

use alloc::{format, vec::Vec};

use super::{
    clock::Clock,
    fight::Fight,
    out::{MS, SECOND},
    truth::SimulatedChallenge,
};
use crate::{Athlete, ChallengeState, PointCode};

/// The medical time of a kye-shi, in seconds.
const MEDICAL_SECONDS: u32 = 60;
/// A para time-out, in seconds.
const TIME_OUT_SECONDS: u32 = 30;
/// How long before its end a tight match draws level, in µs.
const TIGHT: u64 = 40 * SECOND;
/// With this lead in best of three the other one acts: nobody may win a round by the point gap, for no capture
/// shows how a sender ends a round so. In conventional matches half of the time, and the gap does end some.
const MOST_LEAD: u32 = 6;

impl Fight {
    /// One action of a regular round.
    pub(super) fn action(&mut self) {
        if self.plan.tight && self.round == self.truth.rounds_planned && self.clock.left() < TIGHT {
            return self.draw_level();
        }
        let athlete = self.actor();
        match self.rng.below(100) {
            0..=27 => self.weak_hit(athlete),
            28..=55 => self.kick(athlete, PointCode::K),
            56..=67 => self.kick(athlete, PointCode::H),
            68..=77 => self.punch(athlete),
            78..=84 => self.exchange(),
            85..=87 => self.foul(athlete.opponent()),
            88..=90 => self.pause(|fight| fight.foul(athlete.opponent())),
            91 => self.pause(|fight| {
                fight.foul(athlete.opponent());
                fight.wait(800, 3000);
                let mut burst = Vec::new();
                fight.remove_gam_jeom(&mut burst);
                fight.out.together(fight.now, burst);
            }),
            92 => self.pause(Self::table_removes_a_point),
            93..=95 => self.challenge(athlete),
            96 => self.pause(Self::kye_shi),
            97 => self.pause(Self::correct_time),
            _ if self.plan.para => self.pause(|fight| fight.time_out(athlete)),
            _ => self.weak_hit(athlete),
        }
    }

    /// The end of a match that is to be a draw: who is behind catches up, then nobody scores any more.
    fn draw_level(&mut self) {
        let behind = if self.score.blue < self.score.red { Athlete::Blue } else { Athlete::Red };
        let mut burst = Vec::new();
        match self.score.blue.abs_diff(self.score.red) {
            0 => return self.weak_hit(behind),
            1 => self.score_point(behind, PointCode::P, true, &mut burst),
            3 => self.score_point(behind, PointCode::H, true, &mut burst),
            _ => self.score_point(behind, PointCode::K, true, &mut burst),
        }
        self.out.together(self.now, burst);
    }

    /// One action of the golden round; whoever has two points ends it.
    pub(super) fn golden_action(&mut self) {
        let athlete = self.actor();
        let mut burst = Vec::new();
        match self.rng.below(100) {
            0..=81 => return self.weak_hit(athlete),
            82..=87 => self.score_point(athlete, PointCode::P, true, &mut burst),
            88..=91 => self.score_point(athlete, PointCode::K, true, &mut burst),
            92..=93 => self.score_point(athlete, PointCode::H, true, &mut burst),
            _ => self.gam_jeom(athlete.opponent(), &mut burst),
        }
        if self.golden_winner().is_some() {
            burst.push(self.clock.say("stop"));
        }
        self.out.together(self.now, burst);
    }

    /// Who has the two points that end the golden round.
    pub(super) fn golden_winner(&self) -> Option<Athlete> {
        Athlete::BOTH.into_iter().find(|&athlete| self.score[athlete] >= 2)
    }

    fn actor(&mut self) -> Athlete {
        let athlete = if self.rng.percent(self.plan.blue_share) { Athlete::Blue } else { Athlete::Red };
        let lead = self.score[athlete].saturating_sub(self.score[athlete.opponent()]);
        let yields = lead >= MOST_LEAD && (self.best_of_3() || self.rng.percent(50));
        if yields { athlete.opponent() } else { athlete }
    }

    /// A hit that is felt and does not score. Judges alone feel none.
    fn weak_hit(&mut self, athlete: Athlete) {
        if self.plan.judges_only {
            return;
        }
        let level = self.rng.between(7, u64::from(self.truth.body_level) - 1) as u32;
        let mut burst = Vec::new();
        self.hit(athlete, level, false, &mut burst);
        self.out.together(self.now, burst);
    }

    fn punch(&mut self, athlete: Athlete) {
        let mut burst = Vec::new();
        self.score_point(athlete, PointCode::P, true, &mut burst);
        self.out.together(self.now, burst);
    }

    /// A kick; for a turning one the judges press their buttons up to a second later.
    fn kick(&mut self, athlete: Athlete, code: PointCode) {
        let mut burst = Vec::new();
        self.score_point(athlete, code, true, &mut burst);
        self.out.together(self.now, burst);
        if self.rng.percent(15) && self.clock.left() > 2 * SECOND {
            let delay = self.rng.between(60, 950) * MS;
            self.run(delay);
            let bonus = if code == PointCode::H { PointCode::Th } else { PointCode::Tb };
            let mut burst = Vec::new();
            self.technical_bonus(athlete, bonus, &mut burst);
            self.out.together(self.now, burst);
        }
    }

    /// Several things within three milliseconds: their datagrams mix, and an older total may arrive last.
    fn exchange(&mut self) {
        for _ in 0..self.rng.between(2, 4) {
            let athlete = self.actor();
            let mut burst = Vec::new();
            match self.rng.below(10) {
                0 | 1 => self.weak_hit(athlete),
                2 | 3 => self.score_point(athlete, PointCode::H, true, &mut burst),
                4 => self.score_point(athlete, PointCode::P, true, &mut burst),
                _ => self.score_point(athlete, PointCode::K, true, &mut burst),
            }
            self.out.together(self.now, burst);
            let apart = self.rng.below(MS);
            self.run(apart);
        }
    }

    /// A gam-jeom, unless one more would end the round or the match.
    fn foul(&mut self, athlete: Athlete) {
        let most = if self.best_of_3() { 4 } else { 8 };
        if self.gam_jeoms[athlete] < most {
            let mut burst = Vec::new();
            self.gam_jeom(athlete, &mut burst);
            self.out.together(self.now, burst);
        }
    }

    fn pause(&mut self, happens: impl FnOnce(&mut Self)) {
        self.stop();
        self.wait(1000, 3000);
        happens(self);
        self.wait(1200, 4000);
        self.start();
    }

    fn table_removes_a_point(&mut self) {
        let leader = if self.score.blue > self.score.red { Athlete::Blue } else { Athlete::Red };
        let mut burst = Vec::new();
        self.remove_point(leader, &mut burst);
        self.out.together(self.now, burst);
    }

    fn challenge(&mut self, athlete: Athlete) {
        if self.cards[athlete] == 0 {
            return self.weak_hit(athlete);
        }
        self.pause(|fight| {
            let number = athlete.number();
            fight.out.say(fight.now, &format!("ch{number};"));
            fight.wait(4000, 12_000);
            let (outcome, said) = match fight.rng.below(100) {
                0..=39 => {
                    fight.edit_for(athlete);
                    (ChallengeState::Accepted, "1")
                }
                40..=84 => {
                    fight.cards[athlete] -= 1;
                    (ChallengeState::Rejected, "0")
                }
                _ => (ChallengeState::Closed, "-1"),
            };
            fight.now += fight.rng.between(MS, 3 * MS);
            fight.out.say(fight.now, &format!("ch{number};{said}"));
            fight.truth.challenges.push(SimulatedChallenge { athlete, round: fight.round, outcome });
        });
    }

    /// The table changes something in favour of `athlete`: without sensors, so without `hl`.
    fn edit_for(&mut self, athlete: Athlete) {
        let mut burst = Vec::new();
        let removed = self.rng.percent(30) && self.remove_point(athlete.opponent(), &mut burst);
        if !removed {
            let code = if self.rng.percent(60) { PointCode::H } else { PointCode::K };
            self.score_point(athlete, code, false, &mut burst);
        }
        self.out.together(self.now, burst);
    }

    fn kye_shi(&mut self) {
        let mut medical = Clock::set("ij0", MEDICAL_SECONDS);
        self.out.say(self.now, &medical.say("show"));
        if self.rng.percent(15) {
            self.now += medical.run(&mut self.out, self.now, medical.left());
            self.out.together(self.now, Vec::from([medical.say("hide"), "ij0;0:00".into()]));
            return;
        }
        let span = self.rng.between(4000, 45_000) * MS;
        self.now += medical.run(&mut self.out, self.now, span);
        if self.rng.percent(25) {
            self.now += medical.run_past_tick(&mut self.out, self.now);
        }
        self.out.say(self.now, &medical.say("hide"));
    }

    fn time_out(&mut self, athlete: Athlete) {
        let code = if athlete == Athlete::Blue { "to1" } else { "to2" };
        let end = format!("{code};0:00;stopEnd");
        let mut time_out = Clock::set(code, TIME_OUT_SECONDS);
        self.out.say(self.now, &time_out.say("start"));
        if self.rng.percent(50) {
            self.now += time_out.run(&mut self.out, self.now, time_out.left());
            // The real sender says `to2` here even when it was blue's.
            self.out.together(self.now, Vec::from(["to2;00:00;stop".into(), end]));
        } else {
            let span = self.rng.between(3000, 25_000) * MS;
            self.now += time_out.run(&mut self.out, self.now, span);
            self.out.in_order(self.now, [time_out.say("stop"), end]);
        }
    }

    /// The table sets the clock to a full second nearby.
    fn correct_time(&mut self) {
        let by = self.rng.between(1, 6) as u32;
        let shown = self.clock.seconds();
        let seconds = if self.rng.percent(70) { shown + by } else { shown.saturating_sub(by) };
        self.clock = Clock::set("clk", seconds.clamp(1, self.truth.round_seconds));
        self.out.say(self.now, &self.clock.say("corr"));
    }
}
