//! Interleaved ratio benches: A, B, C… in each round, the order rotating, and the median of the paired ratios.
//!
//! A round is short, so that whatever disturbs the machine disturbs both sides of a ratio; the median of some
//! hundred paired ratios then stays within a few per cent where absolute times move by half.

use std::{hint::black_box, process::ExitCode, time::Duration};

/// Which time a pass costs.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Clock {
    /// CPU time of the thread that runs the pass: what others do on the machine does not count. Where the system
    /// has no such clock this is [`Wall`](Self::Wall).
    #[default]
    ThreadCpu,
    /// CPU time of the whole process, for passes that use several threads.
    ProcessCpu,
    /// Time on the wall.
    Wall,
}

/// The things that are measured against each other.
#[expect(missing_debug_implementations, reason = "closures")]
pub struct Contest<'a> {
    name: &'static str,
    clock: Clock,
    rounds: usize,
    entrants: Vec<Entrant<'a>>,
}

struct Entrant<'a> {
    name: &'static str,
    pass: Box<dyn FnMut() -> u64 + 'a>,
}

impl<'a> Contest<'a> {
    /// A contest of 401 rounds by CPU time of the thread.
    pub fn new(name: &'static str) -> Self {
        Self { name, clock: Clock::default(), rounds: 401, entrants: Vec::new() }
    }

    /// By another clock.
    #[must_use]
    pub fn clock(mut self, clock: Clock) -> Self {
        self.clock = clock;
        self
    }

    /// With another number of rounds; an odd one has a median.
    #[must_use]
    pub fn rounds(mut self, rounds: usize) -> Self {
        self.rounds = rounds.max(1);
        self
    }

    /// Adds something to measure: a pass over all of the input, well under a millisecond, that returns what it
    /// found, so that it cannot be left out by the compiler and that every pass can be checked to find the same.
    #[must_use]
    pub fn entrant(mut self, name: &'static str, pass: impl FnMut() -> u64 + 'a) -> Self {
        self.entrants.push(Entrant { name, pass: Box::new(pass) });
        self
    }

    /// Runs all rounds and checks the gates. A denominator that was not steady is measured once more.
    ///
    /// # Panics
    ///
    /// When a gate names no entrant, or a pass does not find what it found the first time.
    pub fn judge(&mut self, gates: &[Gate]) -> Verdict {
        let expected: Vec<u64> = self.entrants.iter_mut().map(|entrant| (entrant.pass)()).collect();
        if std::env::args().any(|argument| argument == "--test") {
            println!("{}: every entrant ran once", self.name);
            return Verdict { passed: true };
        }
        let mut times = self.run(&expected);
        let unsteady = |times: &[Vec<f64>]| {
            gates.iter().any(|gate| {
                let [least, most] = extremes(&times[self.index(gate.denominator)]);
                most / least > STEADY
            })
        };
        if unsteady(&times) {
            println!("{}: the denominator was not steady; once more", self.name);
            times = self.run(&expected);
        }
        for (entrant, times) in self.entrants.iter().zip(&times) {
            let [least, most] = extremes(times);
            println!(
                "{}: {:<24} {:>10.1} µs ({least:.1}..{most:.1})",
                self.name,
                entrant.name,
                median(times)
            );
        }
        let passed = gates.iter().filter(|gate| !self.holds(gate, &times)).count() == 0;
        Verdict { passed }
    }

    /// The times of each entrant, by round, in µs.
    fn run(&mut self, expected: &[u64]) -> Vec<Vec<f64>> {
        let count = self.entrants.len();
        let mut times = vec![Vec::with_capacity(self.rounds); count];
        for round in 0..self.rounds {
            for turn in 0..count {
                let index = (round + turn) % count;
                let entrant = &mut self.entrants[index];
                let start = self.clock.now();
                let found = black_box((entrant.pass)());
                let took = self.clock.now().saturating_sub(start);
                assert_eq!(
                    found, expected[index],
                    "`{}` found something else in round {round}",
                    entrant.name
                );
                times[index].push(took.as_secs_f64() * 1e6);
            }
        }
        times
    }

    fn holds(&self, gate: &Gate, times: &[Vec<f64>]) -> bool {
        let (numerators, denominators) =
            (&times[self.index(gate.numerator)], &times[self.index(gate.denominator)]);
        let ratios: Vec<f64> = numerators.iter().zip(denominators).map(|(a, b)| a / b).collect();
        let ratio = median(&ratios);
        let [least, _] = extremes(numerators);
        let least_ratio = least / extremes(denominators)[0];
        let holds = match gate.bound {
            Bound::AtMost(bound) => ratio <= bound,
            Bound::AtLeast(bound) => ratio >= bound,
        };
        let (sign, bound) = match gate.bound {
            Bound::AtMost(bound) => ("≤", bound),
            Bound::AtLeast(bound) => ("≥", bound),
        };
        println!(
            "{}: {} {} / {} = {ratio:.3} (min/min {least_ratio:.3}), must be {sign} {bound}: {}",
            self.name,
            gate.name,
            gate.numerator,
            gate.denominator,
            if holds { "ok" } else { "FAILED" },
        );
        holds
    }

    fn index(&self, name: &str) -> usize {
        let found = self.entrants.iter().position(|entrant| entrant.name == name);
        found.unwrap_or_else(|| panic!("{}: no entrant is called `{name}`", self.name))
    }
}

/// A ratio that must hold.
#[derive(Clone, Copy, Debug)]
pub struct Gate {
    /// Its name in the list of goals, `G1`.
    pub name: &'static str,
    /// The entrant above the line.
    pub numerator: &'static str,
    /// The entrant below the line.
    pub denominator: &'static str,
    /// Of the median of the paired ratios.
    pub bound: Bound,
}

/// On which side of what a ratio must stay.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Bound {
    /// Not above.
    AtMost(f64),
    /// Not below.
    AtLeast(f64),
}

/// Whether the gates hold.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[must_use]
pub struct Verdict {
    /// All of them.
    pub passed: bool,
}

impl Verdict {
    /// Both.
    pub fn and(self, other: Self) -> Self {
        Self { passed: self.passed && other.passed }
    }
}

impl From<Verdict> for ExitCode {
    fn from(verdict: Verdict) -> Self {
        if verdict.passed { Self::SUCCESS } else { Self::FAILURE }
    }
}

impl Clock {
    /// The time on this clock since some moment.
    #[cfg(target_os = "linux")]
    pub fn now(self) -> Duration {
        let id = match self {
            Self::ThreadCpu => libc::CLOCK_THREAD_CPUTIME_ID,
            Self::ProcessCpu => libc::CLOCK_PROCESS_CPUTIME_ID,
            Self::Wall => libc::CLOCK_MONOTONIC,
        };
        let mut time = libc::timespec { tv_sec: 0, tv_nsec: 0 };
        // SAFETY: `time` is valid and writable for the length of the call.
        let done = unsafe { libc::clock_gettime(id, &raw mut time) };
        assert_eq!(done, 0, "the clock {self:?} cannot be read");
        Duration::new(time.tv_sec as u64, time.tv_nsec as u32)
    }

    /// The time on this clock since some moment.
    #[cfg(not(target_os = "linux"))]
    #[expect(clippy::disallowed_methods, reason = "a bench measures time")]
    pub fn now(self) -> Duration {
        static START: std::sync::LazyLock<std::time::Instant> =
            std::sync::LazyLock::new(std::time::Instant::now);
        START.elapsed()
    }
}

/// A denominator whose slowest round is beyond this multiple of its fastest was disturbed.
const STEADY: f64 = 1.5;

/// The middle of the values.
pub fn median(values: &[f64]) -> f64 {
    let mut sorted = values.to_vec();
    sorted.sort_by(f64::total_cmp);
    sorted[sorted.len() / 2]
}

fn extremes(values: &[f64]) -> [f64; 2] {
    values.iter().fold([f64::INFINITY, 0.0], |[least, most], &value| [least.min(value), most.max(value)])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_gate_holds_on_its_side_of_the_bound_only() {
        let contest = Contest::new("test").entrant("one", || 1).entrant("four", || 4);
        let times = [vec![1.0, 1.0, 2.0], vec![4.0, 4.0, 4.0]];
        let holds =
            |bound| contest.holds(&Gate { name: "t", numerator: "four", denominator: "one", bound }, &times);
        assert!(holds(Bound::AtLeast(4.0)) && holds(Bound::AtMost(4.0)));
        assert!(!holds(Bound::AtLeast(4.1)) && !holds(Bound::AtMost(3.9)));
    }

    #[test]
    fn the_order_rotates_and_every_pass_is_checked() {
        let order = std::cell::RefCell::new(Vec::new());
        let pass = |name: char| {
            let order = &order;
            move || {
                order.borrow_mut().push(name);
                7
            }
        };
        let mut contest = Contest::new("test").rounds(2).entrant("a", pass('a')).entrant("b", pass('b'));
        let times = contest.run(&[7, 7]);
        assert_eq!(times.iter().map(Vec::len).collect::<Vec<_>>(), [2, 2]);
        assert_eq!(*order.borrow(), ['a', 'b', 'b', 'a']);
    }

    #[test]
    fn median_and_extremes() {
        assert_eq!(median(&[3.0, 1.0, 2.0]), 2.0);
        assert_eq!(extremes(&[3.0, 1.0, 2.0]), [1.0, 3.0]);
    }
}
