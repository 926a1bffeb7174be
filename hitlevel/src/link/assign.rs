//! Which of the points that came together gets which hit, and how sure that is.
//!
//! Every way to give each point a hit of its own, or none, has a weight: the product of those below. The heaviest of
//! those that link most points is taken. The confidence of a link is the share of all the weight that the ways with this link have.

use core::time::Duration;

/// Points of one moment that are decided at once; more of them are decided one handful after the other.
pub(super) const POINTS: usize = 4;

/// The most hits that are chosen among.
pub(super) const HITS: usize = 16;

/// A hit that came with the point and is too weak for it, against one that is not: the levels may have been misread.
const TOO_WEAK: f64 = 0.01;
/// A hit just before the reorder window, against one within it: sensors score at once, and judges seldom later.
const APART: f64 = 0.01;
/// A hit at the far end of the window. Between the two the weight falls in a straight line.
const FAR: f64 = 0.002;
/// No hit: it was lost on the way, or the point was given at the table.
const NONE: f64 = 0.02;

/// How a hit would do for a point.
#[derive(Clone, Copy, Debug)]
pub(super) struct Fit {
    /// `None` within the reorder window; else how far between it and the end of the window, from 0.0 to 1.0.
    pub(super) apart: Option<f64>,
    /// Whether the hit reaches the level for the point, as far as that is known.
    pub(super) reaches: bool,
    /// Whether the point is one to the head.
    pub(super) head: bool,
    /// The level of the hit.
    pub(super) level: u32,
    /// The time between the two.
    pub(super) gap: Duration,
}

impl Fit {
    /// 0.0 when it cannot be: sensors did not score it, and they had not just felt it.
    fn weight(&self) -> f64 {
        match (self.apart, self.reaches) {
            (None, true) => 1.0,
            (None, false) => TOO_WEAK,
            (Some(apart), true) => APART + (FAR - APART) * apart,
            (Some(_), false) => 0.0,
        }
    }
}

/// What a point gets.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub(super) struct Choice {
    /// The place of the hit.
    pub(super) hit: Option<usize>,
    /// How sure that is; 0.0 without a hit.
    pub(super) confidence: f64,
}

/// The hits that points of one moment may have come from.
#[derive(Clone, Debug, Default)]
pub(super) struct Fits {
    fits: [[Option<Fit>; HITS]; POINTS],
    points: usize,
}

impl Fits {
    /// Adds what is between a point and a hit, by their places.
    pub(super) fn set(&mut self, point: usize, hit: usize, fit: Option<Fit>) {
        self.points = self.points.max(point + 1);
        if let Some(place) = self.fits.get_mut(point).and_then(|hits| hits.get_mut(hit)) {
            *place = fit;
        }
    }

    /// The choice of each point.
    pub(super) fn assign(&self) -> [Choice; POINTS] {
        let mut search = Search::default();
        search.visit(&self.fits[..self.points], Way::default());
        let Some(mut best) = search.best else { return Default::default() };
        self.give_the_harder_to_the_head(&mut best);
        core::array::from_fn(|point| {
            let hit = best.hits[point];
            let weight = hit.map_or(0.0, |hit| search.weights[point][hit]);
            Choice { hit, confidence: if hit.is_some() { weight / search.total } else { 0.0 } }
        })
    }

    /// Where body and head may as well have each other's hit, nothing on the wire tells which is which: what
    /// arrives together arrives in any order. The logs of real senders have the harder one at the head.
    fn give_the_harder_to_the_head(&self, way: &mut Way) {
        let fit = |point: usize, hit: usize| self.fits[point][hit];
        for (head, body) in (0..self.points).flat_map(|one| (0..self.points).map(move |other| (one, other))) {
            let (Some(of_head), Some(of_body)) = (way.hits[head], way.hits[body]) else { continue };
            let (Some(head_now), Some(body_now)) = (fit(head, of_head), fit(body, of_body)) else { continue };
            let (Some(head_then), Some(body_then)) = (fit(head, of_body), fit(body, of_head)) else {
                continue;
            };
            let as_likely = head_then.weight() * body_then.weight() == head_now.weight() * body_now.weight();
            if head_now.head && !body_now.head && as_likely && body_now.level > head_now.level {
                way.hits.swap(head, body);
            }
        }
    }
}

/// Some of the points with their hits.
#[derive(Clone, Copy, Debug)]
struct Way {
    hits: [Option<usize>; POINTS],
    decided: usize,
    linked: usize,
    weight: f64,
    /// The squares of the gaps in µs: of two ways that cross and do not, the latter has less.
    gaps: u128,
}

impl Default for Way {
    fn default() -> Self {
        Self { hits: [None; POINTS], decided: 0, linked: 0, weight: 1.0, gaps: 0 }
    }
}

impl Way {
    fn with(mut self, hit: Option<(usize, &Fit)>) -> Self {
        match hit {
            Some((place, fit)) => {
                self.hits[self.decided] = Some(place);
                self.linked += 1;
                self.weight *= fit.weight();
                self.gaps = self.gaps.saturating_add(fit.gap.as_micros().saturating_pow(2));
            }
            None => self.weight *= NONE,
        }
        self.decided += 1;
        self
    }

    /// Whether this one is to be taken rather than `other`.
    fn beats(&self, other: &Self) -> bool {
        let linked = self.linked.cmp(&other.linked);
        linked.then(self.weight.total_cmp(&other.weight)).then(other.gaps.cmp(&self.gaps)).is_gt()
    }
}

/// All ways that were looked at.
#[derive(Clone, Debug, Default)]
struct Search {
    /// The weight of all ways in which this point has this hit.
    weights: [[f64; HITS]; POINTS],
    total: f64,
    best: Option<Way>,
}

impl Search {
    fn visit(&mut self, undecided: &[[Option<Fit>; HITS]], way: Way) {
        let Some((fits, undecided)) = undecided.split_first() else { return self.decided(way) };
        for (place, fit) in fits.iter().enumerate() {
            let Some(fit) = fit.as_ref().filter(|fit| fit.weight() > 0.0) else { continue };
            if !way.hits.contains(&Some(place)) {
                self.visit(undecided, way.with(Some((place, fit))));
            }
        }
        self.visit(undecided, way.with(None));
    }

    fn decided(&mut self, way: Way) {
        self.total += way.weight;
        for (weights, hit) in self.weights.iter_mut().zip(way.hits) {
            if let Some(hit) = hit {
                weights[hit] += way.weight;
            }
        }
        if self.best.is_none_or(|best| way.beats(&best)) {
            self.best = Some(way);
        }
    }
}
