//! The state of a simulated match, and everything that can happen while a round is on.

use alloc::{format, string::String, vec::Vec};

use super::{
    clock::Clock,
    out::{MS, Out, SECOND},
    prng::Prng,
    truth::{SimulatedGamJeom, SimulatedHit, SimulatedMatch, SimulatedPoint, SimulatedRound},
};
use crate::{Athlete, Monotonic, PerAthlete, PointCode, Scoring};

/// A match that is being simulated.
#[derive(Debug)]
pub(super) struct Fight {
    pub(super) rng: Prng,
    pub(super) out: Out,
    pub(super) plan: Plan,
    pub(super) truth: SimulatedMatch,
    /// µs since the start of the simulation.
    pub(super) now: u64,
    /// 0 before the first.
    pub(super) round: u32,
    pub(super) clock: Clock,
    /// As `sc` shows it.
    pub(super) score: PerAthlete<u32>,
    /// As `wg` shows it.
    pub(super) gam_jeoms: PerAthlete<u32>,
    /// As `s11…` shows it.
    by_round: [PerAthlete<u32>; 3],
    /// Challenges that each still has.
    pub(super) cards: PerAthlete<u32>,
    /// What is sent when the match is chosen, in order and never reordered.
    pub(super) block: Vec<String>,
}

/// What is settled about a match before it begins, and not part of its truth.
#[derive(Clone, Copy, Debug)]
pub(super) struct Plan {
    pub(super) para: bool,
    /// Whether the corrected `wrd` and other rounds' winners go out: only with an OVR address.
    pub(super) ovr: bool,
    /// Judges give all points; the sensors then report 99.
    pub(super) judges_only: bool,
    /// Whether it goes to a golden round, where there is one and nothing ends it before.
    pub(super) tight: bool,
    /// How often, of 100, it is blue who acts.
    pub(super) blue_share: u64,
    pub(super) rest_seconds: u32,
    pub(super) golden_seconds: u32,
}

impl Fight {
    pub(super) fn new(rng: Prng, out: Out, plan: Plan, truth: SimulatedMatch, now: u64) -> Self {
        Self {
            rng,
            out,
            plan,
            clock: Clock::set("clk", truth.round_seconds),
            truth,
            now,
            round: 0,
            score: PerAthlete::default(),
            gam_jeoms: PerAthlete::default(),
            by_round: [PerAthlete::default(); 3],
            cards: PerAthlete { blue: 1, red: 1 },
            block: Vec::new(),
        }
    }

    pub(super) fn best_of_3(&self) -> bool {
        self.truth.scoring == Scoring::BestOf3
    }

    pub(super) fn golden(&self) -> bool {
        self.round == self.truth.golden_round() && !self.best_of_3()
    }

    /// Lets time pass while the clock stands.
    pub(super) fn wait(&mut self, low_ms: u64, high_ms: u64) {
        self.now += self.rng.between(low_ms, high_ms) * MS;
    }

    /// Lets the clock run; `false` when the round ran out of time.
    pub(super) fn run(&mut self, span: u64) -> bool {
        self.now += self.clock.run(&mut self.out, self.now, span);
        self.clock.left() > 0
    }

    pub(super) fn start(&mut self) {
        self.out.say(self.now, &self.clock.say("start"));
    }

    /// Stops the clock. Sometimes the last tick comes after the stop.
    pub(super) fn stop(&mut self) {
        if self.rng.percent(10) && self.clock.left() > 2 * SECOND {
            self.now += self.clock.run_past_tick(&mut self.out, self.now);
        }
        self.out.say(self.now, &self.clock.say("stop"));
    }

    /// Begins the next round at nil or, in a conventional match, with the points so far.
    pub(super) fn enter_round(&mut self, seconds: u32) {
        self.round += 1;
        self.clock = Clock::set("clk", seconds);
        if self.best_of_3() || self.golden() {
            self.score = PerAthlete::default();
        }
        if self.best_of_3() {
            self.gam_jeoms = PerAthlete::default();
        }
    }

    /// Writes the round into the truth.
    pub(super) fn close_round(&mut self, winner: Option<Athlete>) {
        let given = |athlete| {
            let all = self.truth.gam_jeoms.iter();
            all.filter(|given| given.athlete == athlete && given.round == self.round && !given.removed)
                .count() as u32
        };
        let round = SimulatedRound {
            round: self.round,
            score: self.score,
            gam_jeoms: PerAthlete::from_fn(given),
            winner,
        };
        self.truth.rounds.push(round);
    }

    /// A valid kick or a punch, with all that is sent at once for it.
    pub(super) fn score_point(
        &mut self,
        athlete: Athlete,
        code: PointCode,
        by_sensor: bool,
        burst: &mut Vec<String>,
    ) {
        let points = self.worth(code);
        if by_sensor && code != PointCode::P {
            let needed = match code {
                PointCode::H => self.truth.head_level,
                _ => self.truth.body_level,
            };
            let level = needed + self.rng.below(25) as u32;
            self.hit(athlete, level, true, burst);
        }
        self.add_point(athlete, code, points);
        burst.push(format!("pt{};{points}", athlete.number()));
        self.totals(burst);
    }

    /// The bonus for a turning kick: no `pt`, only higher totals.
    pub(super) fn technical_bonus(&mut self, athlete: Athlete, code: PointCode, burst: &mut Vec<String>) {
        self.add_point(athlete, code, self.worth(code));
        self.totals(burst);
    }

    /// A hit, felt by the sensors; one that `scores` belongs to the next point.
    pub(super) fn hit(&mut self, athlete: Athlete, level: u32, scores: bool, burst: &mut Vec<String>) {
        let level = if self.plan.judges_only { 99 } else { level };
        let point = scores.then_some(self.truth.points.len());
        let at = Monotonic::from_micros(self.now);
        self.truth.hits.push(SimulatedHit { at, athlete, level, round: self.round, point });
        burst.push(format!("hl{};{level}", athlete.number()));
    }

    /// Gives a gam-jeom. In the golden round only every second one of an athlete counts, and twice.
    pub(super) fn gam_jeom(&mut self, athlete: Athlete, burst: &mut Vec<String>) {
        let round = self.round;
        let in_round =
            self.truth.gam_jeoms.iter().filter(|given| given.athlete == athlete && given.round == round);
        let points = match (self.golden(), in_round.count() % 2) {
            (false, _) => 1,
            (true, 0) => 0,
            (true, _) => 2,
        };
        let at = Monotonic::from_micros(self.now);
        self.truth.gam_jeoms.push(SimulatedGamJeom { at, athlete, points, round, removed: false });
        self.gam_jeoms[athlete] += 1;
        self.add(athlete.opponent(), points);
        self.totals(burst);
        burst.push(format!("wg1;{};wg2;{}", self.gam_jeoms.blue, self.gam_jeoms.red));
    }

    /// Takes the last gam-jeom of this round back, when there is one whose removal shows: only totals say it.
    pub(super) fn remove_gam_jeom(&mut self, burst: &mut Vec<String>) {
        let round = self.round;
        let shows = self.truth.totals_sent && !self.golden();
        let last = self.truth.gam_jeoms.iter_mut().rev().find(|given| given.round == round && !given.removed);
        let Some(last) = last.filter(|_| shows) else { return };
        last.removed = true;
        let (athlete, points) = (last.athlete, last.points);
        self.gam_jeoms[athlete] -= 1;
        self.take(athlete.opponent(), points);
        self.totals(burst);
    }

    /// Takes the last point of `athlete` in this round back; only totals say it.
    pub(super) fn remove_point(&mut self, athlete: Athlete, burst: &mut Vec<String>) -> bool {
        let round = self.round;
        let shows = self.truth.totals_sent;
        let of_round =
            |point: &&mut SimulatedPoint| point.round == round && point.athlete == athlete && !point.removed;
        let Some(last) = self.truth.points.iter_mut().rev().find(of_round).filter(|_| shows) else {
            return false;
        };
        last.removed = true;
        let points = last.points;
        self.take(athlete, points);
        self.totals(burst);
        true
    }

    /// Adds `sc` and, in best of three, `s11…` as they stand now.
    fn totals(&self, burst: &mut Vec<String>) {
        if self.truth.totals_sent {
            burst.push(format!("sc1;{};sc2;{}", self.score.blue, self.score.red));
            if self.best_of_3() {
                burst.push(self.round_scores());
            }
        }
    }

    fn round_scores(&self) -> String {
        let [first, second, third] = self.by_round;
        format!(
            "s11;{};s21;{};s12;{};s22;{};s13;{};s23;{}",
            first.blue, first.red, second.blue, second.red, third.blue, third.red
        )
    }

    fn add_point(&mut self, athlete: Athlete, code: PointCode, points: u32) {
        let (at, round, clock) = (Monotonic::from_micros(self.now), self.round, self.clock.time());
        self.truth.points.push(SimulatedPoint { at, athlete, code, points, round, clock, removed: false });
        self.add(athlete, points);
    }

    fn add(&mut self, athlete: Athlete, points: u32) {
        self.score[athlete] += points;
        if let Some(of_round) = self.of_round() {
            of_round[athlete] += points;
        }
    }

    fn take(&mut self, athlete: Athlete, points: u32) {
        self.score[athlete] -= points;
        if let Some(of_round) = self.of_round() {
            of_round[athlete] -= points;
        }
    }

    fn of_round(&mut self) -> Option<&mut PerAthlete<u32>> {
        let place = (self.round as usize).checked_sub(1)?;
        self.by_round.get_mut(place).filter(|_| self.truth.scoring == Scoring::BestOf3)
    }

    fn worth(&self, code: PointCode) -> u32 {
        match (code, self.plan.para) {
            (PointCode::P, _) | (PointCode::Tb, true) => 1,
            (PointCode::K | PointCode::Tb | PointCode::Th, _) => 2,
            (PointCode::H, _) => 3,
        }
    }
}
