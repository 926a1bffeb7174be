//! A corner whose valid hits are no longer felt.

use alloc::{format, vec::Vec};
use core::ops::{AddAssign, Sub};

use pss_protocol::Athlete;

use super::{
    Irregularity, Strength, Subject, Trend, TrendKind, chance,
    history::{Fought, History},
};

/// Matches of a corner that its history must have before anything is said.
const LEAST_HISTORY: usize = 2;

/// Valid hits that it must have: a corner that never felt any has no history.
const LEAST_HITS: f64 = 10.0;

/// Matches that are looked at together, at most.
const LONGEST: usize = 6;

/// A corner with more than this share of what was to be expected is none with far fewer.
const FAR_FEWER: f64 = 0.5;

/// What is less probable than this is told.
const P_VALUE: f64 = 1e-4;

/// How much of the history of all corners is added to that of one, in matches.
const POOLED: f64 = 2.0;

/// How much rates vary between matches before anything is known: the variance by the square of the mean, and the
/// matches that this counts for.
const SPREAD: (f64, f64) = (0.15, 10.0);

pub(super) fn look(history: &History) -> Vec<Trend> {
    let pool = Pool::of(history);
    let mut trends = Vec::new();
    for (ring, matches) in &history.rings {
        for athlete in Athlete::BOTH {
            let corner = Corner { matches, athlete, pool: &pool };
            trends.extend(corner.faults().into_iter().map(|fault| corner.tell(ring, &fault)));
        }
    }
    trends
}

/// Sums over matches of a corner: of hits, seconds, and their squares and product.
#[derive(Clone, Copy, Debug, Default)]
struct Sums {
    matches: f64,
    hits: f64,
    seconds: f64,
    hits_squared: f64,
    seconds_squared: f64,
    product: f64,
}

impl Sums {
    fn one(fought: &Fought, athlete: Athlete) -> Self {
        let (hits, seconds) = (fought.corners[athlete].valid as f64, fought.running_seconds as f64);
        Self {
            matches: 1.0,
            hits,
            seconds,
            hits_squared: hits * hits,
            seconds_squared: seconds * seconds,
            product: hits * seconds,
        }
    }

    fn rate(&self) -> f64 {
        if self.seconds > 0.0 { self.hits / self.seconds } else { 0.0 }
    }

    /// The variance of the rate between matches by its square, beyond that of counting.
    fn spread(&self) -> f64 {
        let rate = self.rate();
        let squares = self.hits_squared - 2.0 * rate * self.product + rate * rate * self.seconds_squared;
        let (between, scale) = ((squares - self.hits).max(0.0), rate * rate * self.seconds_squared);
        let (prior, weight) = SPREAD;
        let seen = if scale > 0.0 { between / scale } else { 0.0 };
        (seen * self.matches + prior * weight) / (self.matches + weight)
    }
}

impl AddAssign for Sums {
    fn add_assign(&mut self, other: Self) {
        self.matches += other.matches;
        self.hits += other.hits;
        self.seconds += other.seconds;
        self.hits_squared += other.hits_squared;
        self.seconds_squared += other.seconds_squared;
        self.product += other.product;
    }
}

impl Sub for Sums {
    type Output = Self;

    fn sub(self, other: Self) -> Self {
        Self {
            matches: self.matches - other.matches,
            hits: self.hits - other.hits,
            seconds: self.seconds - other.seconds,
            hits_squared: self.hits_squared - other.hits_squared,
            seconds_squared: self.seconds_squared - other.seconds_squared,
            product: self.product - other.product,
        }
    }
}

/// All corners of all rings, up to each match.
struct Pool(Vec<Sums>);

impl Pool {
    fn of(history: &History) -> Self {
        let mut matches: Vec<_> = history.rings.values().flatten().collect();
        matches.sort_by_key(|fought| fought.nth);
        let (mut all, mut sums) = (Vec::with_capacity(matches.len()), Sums::default());
        for fought in matches {
            all.push(sums);
            Athlete::BOTH.iter().for_each(|&athlete| sums += Sums::one(fought, athlete));
        }
        Self(all)
    }

    /// What was before a match.
    fn before(&self, fought: &Fought) -> Sums {
        self.0.get(fought.nth as usize).copied().unwrap_or_default()
    }
}

/// A corner of a ring.
struct Corner<'a> {
    matches: &'a [Fought],
    athlete: Athlete,
    pool: &'a Pool,
}

/// Matches in a row in which it felt far less.
struct Fault {
    from: usize,
    /// The first one after.
    to: usize,
    observed: u64,
    expected: f64,
    p_value: f64,
}

impl Corner<'_> {
    /// Every fault, from the match with which it begins to the last one with which it still stands out.
    fn faults(&self) -> Vec<Fault> {
        let mut faults: Vec<Fault> = Vec::new();
        // The matches that are no part of a fault.
        let mut sound: Vec<usize> = Vec::new();
        let mut at = 0;
        while at < self.matches.len() {
            match self.fault_from(&sound, at) {
                Some(fault) => {
                    at = fault.to;
                    faults.push(fault);
                }
                None => {
                    sound.push(at);
                    at += 1;
                }
            }
        }
        faults
    }

    /// The fault that begins with this match, as long as it goes on.
    fn fault_from(&self, sound: &[usize], from: usize) -> Option<Fault> {
        if sound.len() < LEAST_HISTORY || self.expectation(sound, from, from + 1)?.share() > FAR_FEWER {
            return None;
        }
        let longest = (from + LONGEST).min(self.matches.len());
        let mut to = (from + 1..=longest).find(|&to| self.stands_out(sound, from, to).is_some())?;
        // It goes on while each further match alone has far fewer.
        while to < self.matches.len()
            && self.expectation(sound, to, to + 1).is_some_and(|next| next.share() <= FAR_FEWER)
        {
            to += 1;
        }
        self.stands_out(sound, from, to)
    }

    fn stands_out(&self, sound: &[usize], from: usize, to: usize) -> Option<Fault> {
        let expectation = self.expectation(sound, from, to)?;
        let p_value = chance::at_most(expectation.observed, expectation.mean, expectation.shape);
        (expectation.share() <= FAR_FEWER && p_value <= P_VALUE).then_some(Fault {
            from,
            to,
            observed: expectation.observed,
            expected: expectation.mean,
            p_value,
        })
    }

    /// What was to be expected of these matches together, by the sound ones before.
    fn expectation(&self, sound: &[usize], from: usize, to: usize) -> Option<Expectation> {
        let sums = |athlete, places: &mut dyn Iterator<Item = usize>| {
            let mut sums = Sums::default();
            places.for_each(|place| sums += Sums::one(&self.matches[place], athlete));
            sums
        };
        let opponent = self.athlete.opponent();
        let own = sums(self.athlete, &mut sound.iter().copied());
        if own.hits < LEAST_HITS {
            return None;
        }
        let everything = self.pool.before(&self.matches[from]);
        let others = everything - own;
        let run = sums(self.athlete, &mut (from..to));
        // A little of what all corners show is added, so that two matches are not all that is known.
        let added = others.matches.clamp(0.0, POOLED);
        let mean_seconds = if others.matches > 0.0 { others.seconds / others.matches } else { 0.0 };
        let (seconds, matches) = (own.seconds + added * mean_seconds, own.matches + added);
        let rate = (own.hits + added * mean_seconds * others.rate()) / seconds;
        // Fights are not alike: where the other corner felt less too, so much less is to be expected.
        let other = sums(opponent, &mut sound.iter().copied());
        let other_run = sums(opponent, &mut (from..to));
        let fights = ((other_run.hits + 1.0) / (other.rate() * run.seconds + 1.0)).min(1.0);
        // The rate varies from match to match, and that of the history is itself only estimated.
        let spread = everything.spread();
        let variance = spread / run.matches + spread / matches + 1.0 / (rate * seconds);
        let mean = rate * run.seconds * fights;
        Some(Expectation { observed: run.hits as u64, mean, shape: 1.0 / variance })
    }

    fn tell(&self, ring: &str, fault: &Fault) -> Trend {
        let matches = &self.matches[fault.from..fault.to];
        let mut evidence: Vec<_> = matches
            .iter()
            .flat_map(|fought| {
                fought.corners[self.athlete].evidence.iter().map(|&key| (fought.match_tag, key))
            })
            .collect();
        let mut evidence_total = fault.observed;
        if evidence.is_empty() {
            evidence = matches
                .iter()
                .flat_map(|fought| fought.rounds.iter().map(|&key| (fought.match_tag, key)))
                .collect();
            evidence_total = evidence.len() as u64;
        }
        evidence.truncate(Irregularity::EVIDENCE);
        let count = matches.len();
        let text = format!(
            "{} valid hits of {} in {count} {} in a row, where {:.0} were to be expected: the opponent's protector, \
             or one's own socks, may be at fault",
            fault.observed,
            self.athlete,
            if count == 1 { "match" } else { "matches" },
            fault.expected,
        );
        Trend {
            kind: TrendKind::CornerFeelsLess,
            subject: Subject::Corner { ring: ring.into(), athlete: self.athlete },
            matches: matches.iter().map(|fought| fought.match_tag).collect(),
            strength: Strength {
                p_value: fault.p_value,
                observed: fault.observed as f64,
                expected: fault.expected,
            },
            evidence,
            evidence_total,
            text,
        }
    }
}

/// What was to be expected of some matches, and what came.
struct Expectation {
    observed: u64,
    mean: f64,
    shape: f64,
}

impl Expectation {
    fn share(&self) -> f64 {
        self.observed as f64 / self.mean
    }
}
