//! Whether the hits that scored are found: the points that sensors gave, against the hits that the sender's log
//! has beside them.

use std::{cmp::Reverse, ops::AddAssign};

use hitlevel::Link;
use pss_protocol::{Athlete, MatchEvent, PointCode};

use crate::{bounds::LINKED, course::Course, measure::align};

/// What the log has within this time of a point is beside it, in ms: it is written row by row.
const BESIDE: u64 = 5;
/// A hit further from its point than this, in ms, is not its hit.
const NEAR: u64 = 100;
/// How far the time of a datagram may be from that in the log, in ms: networks delay.
const TOLERANCE: u64 = 200;

/// A hit to the body or to the head, or a point for one.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Kick {
    pub(crate) round: u32,
    pub(crate) athlete: Athlete,
    pub(crate) code: PointCode,
    /// The raw level of the hit; 0 for a point.
    pub(crate) level: u32,
    /// In ms, of any clock.
    pub(crate) at: i64,
}

/// A point and the hit that scored it.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Scored {
    pub(crate) hit: Kick,
    /// When the point was given, in ms of the same clock.
    pub(crate) at: i64,
}

/// The hit of each point that sensors gave and the log has one beside: of the same athlete, to the same part,
/// the nearest; of several beside it the hardest, since sensors let only hard ones score.
pub(crate) fn beside(points: &[Kick], hits: &[Kick]) -> Vec<Scored> {
    let mut left = hits.to_vec();
    let mut scored = Vec::new();
    for point in points {
        let fits = |hit: &Kick| {
            (hit.round, hit.athlete, hit.code) == (point.round, point.athlete, point.code)
                && hit.at.abs_diff(point.at) <= NEAR
        };
        let rank = |hit: &Kick| {
            let gap = hit.at.abs_diff(point.at);
            (if gap <= BESIDE { 0 } else { gap }, Reverse(hit.level))
        };
        let best = left.iter().enumerate().filter(|(_, hit)| fits(hit)).min_by_key(|(_, hit)| rank(hit));
        if let Some((place, _)) = best {
            scored.push(Scored { hit: left.remove(place), at: point.at });
        }
    }
    scored
}

/// A link as it is compared, from the events that it joins.
pub(crate) fn found(link: &Link, hit: &MatchEvent, point: &MatchEvent) -> Option<Scored> {
    let millis = |event: &MatchEvent| i64::try_from(event.at.mono.as_micros() / 1000).unwrap_or(i64::MAX);
    let kick = Kick {
        round: hit.round,
        athlete: link.athlete,
        code: link.code,
        level: link.level?,
        at: millis(hit),
    };
    Some(Scored { hit: kick, at: millis(point) })
}

/// What became of the points of a capture.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Linking {
    /// Points of sensors with a hit beside them in the log.
    pub(crate) points: u32,
    /// Those that were linked to this very hit.
    pub(crate) linked: u32,
    /// Links to any other hit, or of points that no sensor gave.
    pub(crate) others: u32,
    /// Punches that were linked.
    pub(crate) punches: u32,
}

impl Linking {
    /// Compares the matches of a capture. `starts`: what the clock of each log showed when the capture began.
    pub(crate) fn of(truths: &[Course], rebuilt: &[Course], starts: &[i64]) -> Self {
        let mut linking = Self::default();
        let partners = align(truths, rebuilt);
        for ((truth, partner), &start) in truths.iter().zip(&partners).zip(starts) {
            linking.points += truth.scored.len() as u32;
            let Some(rebuilt) = partner.map(|place| &rebuilt[place]) else { continue };
            let mut found = rebuilt.scored.clone();
            let near = |one: i64, other: i64| (one + start).abs_diff(other) <= TOLERANCE;
            for wanted in &truth.scored {
                let right = found.iter().position(|found| {
                    let hit = Kick { at: wanted.hit.at, ..found.hit };
                    hit == wanted.hit && near(found.hit.at, wanted.hit.at) && near(found.at, wanted.at)
                });
                if let Some(place) = right {
                    found.remove(place);
                    linking.linked += 1;
                }
            }
            linking.others += found.len() as u32;
        }
        linking.punches = rebuilt.iter().map(|course| course.punches_linked).sum();
        linking
    }

    /// The share of the points that were linked to their hit; 1 when there are none.
    pub(crate) fn share(self) -> f64 {
        if self.points == 0 { 1.0 } else { f64::from(self.linked) / f64::from(self.points) }
    }

    /// Whether enough points are linked, and no punch.
    pub(crate) fn meets(self, least: f64) -> bool {
        self.share() >= least && self.punches == 0
    }
}

impl AddAssign for Linking {
    fn add_assign(&mut self, other: Self) {
        self.points += other.points;
        self.linked += other.linked;
        self.others += other.others;
        self.punches += other.punches;
    }
}

/// What the clock of each log showed when the capture began, by the hits that both have.
pub(crate) fn starts(truths: &[Course], rebuilt: &[Course]) -> Vec<i64> {
    std::iter::zip(truths, align(truths, rebuilt))
        .map(|(truth, partner)| {
            let hits = partner.map_or(&[][..], |place| &rebuilt[place].hits_at);
            let mut left = hits.to_vec();
            let mut starts: Vec<i64> = (truth.hits_at.iter())
                .filter_map(|&(hit, at)| {
                    let place = left.iter().position(|(other, _)| *other == hit)?;
                    Some(at - left.remove(place).1)
                })
                .collect();
            starts.sort_unstable();
            starts.get(starts.len() / 2).copied().unwrap_or_default()
        })
        .collect()
}

/// The rows of the table of links.
#[derive(Debug, Default)]
pub(crate) struct LinkTable {
    rows: String,
    missed: usize,
}

impl LinkTable {
    /// One more row; a bound that is missed is marked.
    pub(crate) fn row(&mut self, name: &str, linking: Linking, asked: bool) {
        let Linking { points, linked, others, punches } = linking;
        let bound = format!("linked ≥ {LINKED}, punches = 0");
        let asked = match (asked, linking.meets(LINKED)) {
            (false, _) => "–".to_owned(),
            (true, true) => bound,
            (true, false) => {
                self.missed += 1;
                format!("**{bound}: missed**")
            }
        };
        let share = linking.share();
        self.rows +=
            &format!("| {name} | {points} | {linked} | {share:.4} | {others} | {punches} | {asked} |\n");
    }

    /// How many bounds were missed.
    pub(crate) fn missed(&self) -> usize {
        self.missed
    }
}

impl std::fmt::Display for LinkTable {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(
            "| capture | sensor points | linked to their hit | share | other links | punches | asked |\n",
        )?;
        f.write_str("|---|---|---|---|---|---|---|\n")?;
        f.write_str(&self.rows)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn kick(code: PointCode, level: u32, at: i64) -> Kick {
        Kick { round: 1, athlete: Athlete::Blue, code, level, at }
    }

    #[test]
    fn the_hardest_hit_beside_a_point_is_its_hit() {
        use PointCode::{H, K};
        let hits = [kick(K, 9, 1000), kick(K, 40, 1001), kick(H, 50, 1000), kick(K, 60, 1050)];
        let scored = beside(&[kick(K, 0, 1000), kick(H, 0, 1300)], &hits);
        assert_eq!(scored, [Scored { hit: hits[1], at: 1000 }]);
    }

    #[test]
    fn another_hit_a_second_later_is_not_it() {
        let truth = Course {
            scored: vec![Scored { hit: kick(PointCode::K, 40, 51_000), at: 51_000 }],
            ..Course::default()
        };
        let found = |at| Course {
            scored: vec![Scored { hit: kick(PointCode::K, 40, at), at: 1_004 }],
            ..Course::default()
        };
        let linked = |at| Linking::of(std::slice::from_ref(&truth), &[found(at)], &[50_000]);
        assert_eq!(linked(1_002), Linking { points: 1, linked: 1, others: 0, punches: 0 });
        assert_eq!(linked(2_002), Linking { points: 1, linked: 0, others: 1, punches: 0 });
        assert!(linked(1_002).meets(1.0) && !linked(2_002).meets(0.5));
    }
}
