//! How probable something is by chance. Exact where a sum is short, else an approximation that says so.

use libm::{erfc, exp, fabs, log, log1p, sqrt};

use crate::Levels;

/// The probability of at most `count` where `mean` are to be expected and the rate itself varies from match to match
/// with this `shape` (of a gamma distribution; its variance is mean² / shape). Exact: the negative binomial, which
/// for a shape without bound is that of Poisson.
pub(super) fn at_most(count: u64, mean: f64, shape: f64) -> f64 {
    if mean.is_nan() || mean <= 0.0 || shape.is_nan() {
        return 1.0;
    }
    if shape > 1e6 {
        return sum_up_to(count, -mean, |k| mean / (k + 1.0));
    }
    let least = -shape * log1p(mean / shape);
    sum_up_to(count, least, |k| (k + shape) / (k + 1.0) * mean / (shape + mean))
}

/// Sums p(0) to p(count), where `ratio(k)` is p(k + 1) / p(k), by way of logarithms: p(0) may be too small for an
/// `f64`.
fn sum_up_to(count: u64, log_first: f64, ratio: impl Fn(f64) -> f64) -> f64 {
    let (mut log_term, mut greatest, mut sum) = (log_first, log_first, 1.0);
    for k in 0..count {
        log_term += log(ratio(k as f64));
        if log_term > greatest {
            sum = sum * exp(greatest - log_term) + 1.0;
            greatest = log_term;
        } else {
            let term = exp(log_term - greatest);
            sum += term;
            if term < f64::EPSILON * 1e-3 {
                break; // beyond the peak, and nothing changes any more
            }
        }
    }
    (exp(greatest) * sum).min(1.0)
}

/// The probability that a normal variable is as far from its mean as `z` standard deviations, on either side.
pub(super) fn two_sided(z: f64) -> f64 {
    erfc(fabs(z) / core::f64::consts::SQRT_2)
}

/// Whether the levels rise or fall from group to group.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Rising {
    /// Of the pairs of hits of different groups the share whose later one is higher, ties halved.
    pub(super) share: f64,
    /// By chance, two-sided.
    pub(super) p_value: f64,
}

/// The test of Jonckheere and Terpstra for ordered groups, by its normal approximation with the correction for ties;
/// of two groups it is that of Mann and Whitney. What is above the counters counts as one level. `None` where there is
/// nothing to compare.
pub(super) fn rising(groups: &[&Levels]) -> Option<Rising> {
    let mut before = Levels::new();
    let (mut higher, mut pairs) = (0.0, 0.0);
    for group in groups {
        higher += pairs_higher(&before, group);
        pairs += before.count() as f64 * group.count() as f64;
        before.merge(group);
    }
    let n = before.count() as f64;
    if pairs == 0.0 || n < 3.0 {
        return None;
    }
    let sizes = || groups.iter().map(|group| group.count() as f64);
    let ties = || before.counts().iter().copied().chain([before.above()]).map(|count| count as f64);
    let fives = |m: f64| m * (m - 1.0) * (2.0 * m + 5.0);
    let triples = |m: f64| m * (m - 1.0) * (m - 2.0);
    let couples = |m: f64| m * (m - 1.0);
    let variance = (fives(n) - sizes().map(fives).sum::<f64>() - ties().map(fives).sum::<f64>()) / 72.0
        + sizes().map(triples).sum::<f64>() * ties().map(triples).sum::<f64>() / (36.0 * triples(n))
        + sizes().map(couples).sum::<f64>() * ties().map(couples).sum::<f64>() / (8.0 * couples(n));
    // All of one level, and its rounding.
    if variance < 1e-9 {
        return None;
    }
    let p_value = two_sided((higher - pairs / 2.0) / sqrt(variance));
    Some(Rising { share: higher / pairs, p_value })
}

/// The pairs of which the hit of `after` is higher, ties halved.
fn pairs_higher(before: &Levels, after: &Levels) -> f64 {
    let (mut lower, mut higher) = (0.0, 0.0);
    let counts = |levels: &Levels| levels.counts().map(|count| count as f64);
    let all = counts(before).into_iter().zip(counts(after));
    for (old, new) in all.chain([(before.above() as f64, after.above() as f64)]) {
        higher += new * (lower + old / 2.0);
        lower += old;
    }
    higher
}

#[cfg(test)]
mod tests {
    use super::*;

    fn near(found: f64, known: f64) {
        assert!(fabs(found - known) <= 1e-9 * known, "{found} is not {known}");
    }

    /// Known from an independent implementation.
    #[test]
    fn few_hits_are_as_probable_as_known() {
        for (count, mean, known) in [
            (3, 10.0, 0.010336050675925726),
            (15, 75.0, 3.408063321650776e-17),
            (0, 2.5, 0.0820849986238988),
            (900, 1000.0, 0.0006977673277963054),
        ] {
            near(at_most(count, mean, f64::INFINITY), known);
        }
        for (count, mean, shape, known) in [
            (3, 15.0, 6.0, 0.019805714022045163),
            (15, 75.0, 9.5, 0.0004062830587380136),
            (0, 20.0, 4.0, 0.0007716049382716048),
            (500, 1000.0, 8.0, 0.05232620926561272),
        ] {
            near(at_most(count, mean, shape), known);
        }
        assert_eq!((at_most(5, 0.0, 3.0), at_most(0, f64::NAN, 3.0)), (1.0, 1.0));
    }

    fn levels(of: &[u32]) -> Levels {
        let mut levels = Levels::new();
        of.iter().for_each(|&level| levels.record(level));
        levels
    }

    /// Of two groups from an independent implementation of Mann and Whitney, of three from all permutations.
    #[test]
    fn levels_that_rise_are_as_probable_as_known() {
        let (first, second) = ([10, 12, 12, 15, 20, 22, 30, 31], [12, 20, 25, 30, 33, 35, 40, 41, 42]);
        let two = rising(&[&levels(&first), &levels(&second)]).expect("there are pairs");
        near(two.share, 59.0 / 72.0);
        near(two.p_value, 0.026326733051168245);
        let three = [levels(&[10, 12, 12]), levels(&[12, 15, 20]), levels(&[15, 22, 22, 30])];
        let three = rising(&three.each_ref()).expect("there are pairs");
        near(three.share, 30.5 / 33.0);
        near(three.p_value, 0.006210939425053359);
    }

    #[test]
    fn of_nothing_and_of_one_level_nothing_can_be_said() {
        assert_eq!(rising(&[]), None);
        assert_eq!(rising(&[&levels(&[10, 20, 30])]), None);
        assert_eq!(rising(&[&levels(&[10]), &levels(&[20])]), None);
        assert_eq!(rising(&[&levels(&[10; 9]), &levels(&[10; 9])]), None);
        assert_eq!(rising(&[&levels(&[]), &levels(&[10, 12, 13])]), None);
    }
}
