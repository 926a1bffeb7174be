//! One ring through the day: its sender connects, match follows match, its sender leaves.

use alloc::{boxed::Box, vec::Vec};

use super::{
    SimulatorConfig,
    course::Ending,
    fight::{Fight, Plan},
    names,
    out::{MS, Out, SECOND},
    prng::Prng,
    truth::SimulatedMatch,
};
use crate::{Decision, Scoring};

/// What the sender says when it connects.
const GREETING: [&str; 4] = ["hel;", "inlb;50:", "insl;false:", "inth;2000:"];

/// Makes the datagrams of a ring, a match at a time.
#[derive(Debug)]
pub(super) struct Ring {
    number: u32,
    config: SimulatorConfig,
    rng: Prng,
    now: u64,
    matches_made: u32,
    connected: bool,
}

/// Datagrams in the order of arrival, and the match that they tell.
#[derive(Debug)]
pub(super) struct Batch {
    pub(super) datagrams: Vec<(u64, Vec<u8>)>,
    pub(super) truth: Option<Box<SimulatedMatch>>,
}

impl Ring {
    pub(super) fn new(number: u32, config: SimulatorConfig) -> Self {
        let mut rng = Prng::new(config.seed, u64::from(number));
        // The rings of a hall do not begin in the same millisecond; the first one begins at once.
        let now = if number == 1 { 0 } else { rng.below(20 * SECOND) };
        Self { number, config, rng, now, matches_made: 0, connected: false }
    }

    /// What comes next; `None` after the last match. Never holds no datagram.
    pub(super) fn next_batch(&mut self) -> Option<Batch> {
        let done = self.config.matches == Some(self.matches_made);
        if !self.connected {
            return (!done).then(|| self.connect());
        }
        if done {
            return Some(self.disconnect());
        }
        if self.matches_made > 0 && self.rng.percent(3) {
            return Some(self.disconnect());
        }
        Some(self.next_match())
    }

    fn connect(&mut self) -> Batch {
        self.connected = true;
        let mut out = self.out();
        out.in_order(self.now, GREETING);
        self.pass(500, 2000);
        if self.rng.percent(20) {
            for step in 1..=6 {
                let step = step % 6;
                out.say(self.now, &alloc::format!("hwt;{step}"));
                self.pass(400, 900);
            }
        }
        Batch { datagrams: out.finish(), truth: None }
    }

    fn disconnect(&mut self) -> Batch {
        self.connected = false;
        let mut out = self.out();
        out.say(self.now, "bye;");
        self.pass(500, 5000);
        Batch { datagrams: out.finish(), truth: None }
    }

    fn next_match(&mut self) -> Batch {
        self.matches_made += 1;
        let mut rng = self.rng.fork();
        let (plan, truth) = self.plan(&mut rng);
        let ending = ending(&mut rng, &truth, plan.para);
        let fight = Fight::new(rng, self.out(), plan, truth, self.now);
        let (datagrams, truth, now) = fight.play(ending);
        self.now = now;
        self.pass(2000, 15_000);
        Batch { datagrams, truth: Some(Box::new(truth)) }
    }

    /// Draws the match: its names, its kind and its thresholds.
    fn plan(&self, rng: &mut Prng) -> (Plan, SimulatedMatch) {
        let config = &self.config;
        let conventional = rng.percent(u64::from(config.conventional_percent));
        let para = conventional && rng.percent(20);
        let rounds = if conventional { config.rounds.unwrap_or_else(|| rng.between(1, 3) as u32) } else { 3 };
        let plan = Plan {
            para,
            ovr: rng.percent(80),
            judges_only: rng.percent(2),
            tight: conventional && rng.percent(25),
            blue_share: rng.between(35, 65),
            rest_seconds: config.rest_seconds.clamp(1, MOST_SECONDS),
            golden_seconds: config.golden_seconds.clamp(1, MOST_SECONDS),
        };
        let truth = SimulatedMatch {
            ring: self.number,
            number: names::number(self.number, self.matches_made),
            phase: names::phase(rng),
            category: names::category(rng, para),
            division: names::division(rng, para),
            athletes: names::athletes(rng),
            scoring: if conventional { Scoring::Conventional } else { Scoring::BestOf3 },
            rounds_planned: rounds.clamp(1, 3),
            round_seconds: config.round_seconds.clamp(1, MOST_SECONDS),
            body_level: rng.between(20, 35) as u32,
            head_level: rng.between(8, 15) as u32,
            totals_sent: !conventional || rounds >= 2,
            started: false,
            points: Vec::new(),
            gam_jeoms: Vec::new(),
            hits: Vec::new(),
            challenges: Vec::new(),
            rounds: Vec::new(),
            result: None,
        };
        (plan, truth)
    }

    fn out(&mut self) -> Out {
        Out::new(self.config.manner, self.rng.fork())
    }

    fn pass(&mut self, low_ms: u64, high_ms: u64) {
        self.now += self.rng.between(low_ms, high_ms) * MS;
    }
}

/// Two digits for the minutes.
const MOST_SECONDS: u32 = 99 * 60 + 59;

fn ending(rng: &mut Prng, truth: &SimulatedMatch, para: bool) -> Ending {
    use Decision::{Bko, Csc, Dqb, Dsq, Hko, Irm, Pun, Rsc, Wdr};
    match rng.below(100) {
        0..=2 => Ending::OnlyLoaded,
        3..=6 => Ending::NotStarted(*rng.pick(&[Wdr, Wdr, Dsq])),
        17..=26 if para => Ending::NotStarted(*rng.pick(&[Irm, Csc])),
        7..=16 => {
            let mut decisions = Vec::from([Rsc, Wdr, Dsq, Dqb, Bko, Hko]);
            if truth.scoring == Scoring::Conventional {
                decisions.push(Pun);
            }
            Ending::Early {
                decision: *rng.pick(&decisions),
                // Both of these rounds are fought in every best of three.
                round: rng.between(1, u64::from(truth.rounds_planned.min(2))) as u32,
                seconds_left: rng.between(2, u64::from(truth.round_seconds)),
            }
        }
        _ => Ending::Fought,
    }
}
