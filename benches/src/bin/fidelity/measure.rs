//! How near what was rebuilt comes to what was.

use std::ops::{AddAssign, Div};

use crate::course::{Course, Multiset};

/// Five figures from 0 to 1.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub(crate) struct Figures {
    /// F1 of the points as multisets.
    pub(crate) points: f64,
    /// F1 of the gam-jeoms.
    pub(crate) gam_jeoms: f64,
    /// F1 of the hits.
    pub(crate) hits: f64,
    /// The share of rounds whose score is right.
    pub(crate) scores: f64,
    /// Half for the winner, half for the decision.
    pub(crate) result: f64,
}

impl Figures {
    /// Compares one match.
    pub(crate) fn of(truth: &Course, rebuilt: &Course) -> Self {
        let right = |round, score| rebuilt.scores.get(round) == Some(score);
        let rounds_right = truth.scores.iter().filter(|(round, score)| right(*round, *score)).count();
        Self {
            points: f1(&truth.points, &rebuilt.points),
            gam_jeoms: f1(&truth.gam_jeoms, &rebuilt.gam_jeoms),
            hits: f1(&truth.hits, &rebuilt.hits),
            scores: if truth.scores.is_empty() {
                1.0
            } else {
                rounds_right as f64 / truth.scores.len() as f64
            },
            result: 0.5 * f64::from(truth.winner == rebuilt.winner)
                + 0.5 * f64::from(truth.decision == rebuilt.decision),
        }
    }

    /// Their mean.
    pub(crate) fn all(self) -> f64 {
        (self.points + self.gam_jeoms + self.hits + self.scores + self.result) / 5.0
    }

    /// The mean of many; zero of none.
    pub(crate) fn mean(of: &[Self]) -> Self {
        let mut sum = Self::default();
        for &figures in of {
            sum += figures;
        }
        sum / of.len().max(1) as f64
    }
}

impl AddAssign for Figures {
    fn add_assign(&mut self, other: Self) {
        self.points += other.points;
        self.gam_jeoms += other.gam_jeoms;
        self.hits += other.hits;
        self.scores += other.scores;
        self.result += other.result;
    }
}

impl Div<f64> for Figures {
    type Output = Self;

    fn div(self, by: f64) -> Self {
        Self {
            points: self.points / by,
            gam_jeoms: self.gam_jeoms / by,
            hits: self.hits / by,
            scores: self.scores / by,
            result: self.result / by,
        }
    }
}

/// Twice what both hold over what each holds; 1 when both are empty.
fn f1<T: Ord>(truth: &Multiset<T>, rebuilt: &Multiset<T>) -> f64 {
    let held = truth.values().sum::<u32>() + rebuilt.values().sum::<u32>();
    let shared: u32 =
        truth.iter().map(|(value, &times)| times.min(rebuilt.get(value).copied().unwrap_or_default())).sum();
    if held == 0 { 1.0 } else { f64::from(2 * shared) / f64::from(held) }
}

/// For each true match the rebuilt one that stands for it, order kept, so that the sum of the means is greatest:
/// a match that was loaded but never fought has no log and stays without a partner.
pub(crate) fn align(truths: &[Course], rebuilt: &[Course]) -> Vec<Option<usize>> {
    let worth = |truth: usize, other: usize| Figures::of(&truths[truth], &rebuilt[other]).all();
    // best[t][r]: the greatest sum with the matches from `t` and `r` on.
    let mut best = vec![vec![0.0_f64; rebuilt.len() + 1]; truths.len() + 1];
    for t in (0..truths.len()).rev() {
        for r in (0..rebuilt.len()).rev() {
            best[t][r] = best[t][r + 1].max(best[t + 1][r]).max(worth(t, r) + best[t + 1][r + 1]);
        }
    }
    let mut partners = vec![None; truths.len()];
    let (mut t, mut r) = (0, 0);
    while t < truths.len() && r < rebuilt.len() {
        if best[t][r] == best[t][r + 1] {
            r += 1;
        } else if best[t][r] == best[t + 1][r] {
            t += 1;
        } else {
            partners[t] = Some(r);
            (t, r) = (t + 1, r + 1);
        }
    }
    partners
}

/// The figures of each true match; one that was not rebuilt counts nothing.
pub(crate) fn compare(truths: &[Course], rebuilt: &[Course]) -> Vec<Figures> {
    std::iter::zip(truths, align(truths, rebuilt))
        .map(|(truth, partner)| {
            partner.map_or_else(Figures::default, |index| Figures::of(truth, &rebuilt[index]))
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use pss_protocol::Athlete;

    use super::*;

    fn course(name: &str, levels: &[u32], winner: Option<&str>) -> Course {
        Course {
            name: name.into(),
            hits: levels.iter().map(|&level| ((1, Athlete::Blue, level), 1)).collect(),
            scores: [(1, (2, 0)), (2, (3, 0))].into(),
            winner: winner.map(str::to_owned),
            ..Course::default()
        }
    }

    #[test]
    fn equal_courses_measure_one() {
        let course = course("m1", &[10, 20], Some("blue"));
        assert_eq!(Figures::of(&course, &course).all(), 1.0);
    }

    #[test]
    fn each_figure_falls_for_its_own_reason() {
        let truth = course("m1", &[10, 20, 30], Some("blue"));
        let mut rebuilt = course("m1", &[10], None);
        rebuilt.scores.insert(2, (3, 1));
        let figures = Figures::of(&truth, &rebuilt);
        assert_eq!(figures.hits, 0.5);
        assert_eq!(figures.scores, 0.5);
        assert_eq!(figures.result, 0.5);
        assert_eq!((figures.points, figures.gam_jeoms), (1.0, 1.0));
    }

    #[test]
    fn a_match_that_never_started_stays_without_a_partner() {
        let truths = [course("m1", &[10], Some("blue")), course("m2", &[20], Some("red"))];
        let unfought = Course { name: "m0".into(), ..Course::default() };
        let rebuilt = [truths[0].clone(), unfought, truths[1].clone()];
        assert_eq!(align(&truths, &rebuilt), [Some(0), Some(2)]);
        assert_eq!(Figures::mean(&compare(&truths, &rebuilt)).all(), 1.0);
    }

    #[test]
    fn a_match_that_is_missing_counts_nothing() {
        let truths = [course("m1", &[10], Some("blue")), course("m2", &[20], Some("red"))];
        assert_eq!(Figures::mean(&compare(&truths, &truths[..1])).all(), 0.5);
    }
}
