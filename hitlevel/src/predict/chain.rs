//! The lead as a chain of jumps: what a lead is worth when so many seconds are left.

use alloc::{vec, vec::Vec};

use pss_protocol::{Athlete, PerAthlete};

/// The most points that are scored at once.
pub(super) const MARKS: usize = 8;

/// How much of the probability may be left out where further jumps are cut off; the rest is scaled up to 1.
const LEFT_OUT: f64 = 1e-12;

/// More jumps than a match has. Where there would be more, the lead of the moment says nothing any more: long before,
/// one of the two is so far ahead that it is decided.
const MOST_JUMPS: f64 = 500.0;

/// How often each athlete scores so many points at once (from 1), and commits a gam-jeom, per second.
#[derive(Clone, Copy, Debug)]
pub(super) struct Pace {
    pub(super) points: PerAthlete<[f64; MARKS]>,
    pub(super) gam_jeoms: PerAthlete<f64>,
    /// How much of what two equal athletes score goes to who leads, by [`band`].
    pub(super) leader_share: [f64; BANDS],
}

/// How many leads are told apart.
pub(super) const BANDS: usize = 4;

/// Leads that are much the same: up to 2, up to 5, up to 8, and more; `None` where nobody leads.
pub(super) const fn band(lead: i32) -> Option<usize> {
    match lead.unsigned_abs() {
        0 => None,
        1..=2 => Some(0),
        3..=5 => Some(1),
        6..=8 => Some(2),
        _ => Some(3),
    }
}

impl Pace {
    /// How often per second anything happens.
    fn total(&self) -> f64 {
        let points = |athlete| self.points[athlete].iter().sum::<f64>() + self.gam_jeoms[athlete];
        Athlete::BOTH.into_iter().map(points).sum()
    }

    /// How often per second `athlete` gets so many points (from 1), the opponent's gam-jeoms included.
    fn gains(&self, athlete: Athlete) -> [f64; MARKS] {
        let mut gains = self.points[athlete];
        gains[0] += self.gam_jeoms[athlete.opponent()];
        gains
    }

    /// How many times as often as at a draw each scores with this lead of blue.
    fn pressed(&self, lead: i32) -> PerAthlete<f64> {
        let leader = 2.0 * band(lead).map_or(0.5, |band| self.leader_share[band]);
        match lead {
            0.. => PerAthlete { blue: leader, red: 2.0 - leader },
            _ => PerAthlete { blue: 2.0 - leader, red: leader },
        }
    }
}

/// How likely blue wins with each lead. Far enough ahead it is certain.
#[derive(Clone, Debug)]
pub(super) struct Leads {
    /// From this lead on it is decided.
    reach: i32,
    /// For the leads from −`reach` − [`MARKS`] to `reach` + [`MARKS`]: no jump leads out of these.
    values: Vec<f64>,
}

impl Leads {
    /// At the end: who leads wins, and from `reach` on before it.
    pub(super) fn by_sign(reach: i32, draw: f64) -> Self {
        let most = reach + MARKS as i32;
        let value = |lead: i32| match lead {
            0 => draw,
            1.. => 1.0,
            _ => 0.0,
        };
        Self { reach, values: (-most..=most).map(value).collect() }
    }

    /// The same, but only from `reach` on it is decided at once.
    pub(super) fn widened(&self, reach: i32) -> Self {
        let most = reach + MARKS as i32;
        Self { reach, values: (-most..=most).map(|lead| self.at(lead)).collect() }
    }

    /// With this lead of blue.
    pub(super) fn at(&self, lead: i32) -> f64 {
        let most = self.reach + MARKS as i32;
        self.values[(lead.clamp(-most, most) + most) as usize]
    }

    /// So many seconds before what this is about.
    pub(super) fn after(&self, pace: &Pace, seconds: f64) -> Self {
        let [before] = self.before(pace, [seconds]);
        before
    }

    /// The same for several times at once.
    ///
    /// The number of jumps in a time has a Poisson distribution, wherever they lead; so the value is the mean of the
    /// values before 0, 1, 2, … jumps.
    pub(super) fn before<const N: usize>(&self, pace: &Pace, seconds: [f64; N]) -> [Self; N] {
        let gains = PerAthlete::from_fn(|athlete| pace.gains(athlete));
        let rates = PerAthlete::from_fn(|athlete| gains[athlete].iter().sum::<f64>());
        let seen = |points: &usize| gains.blue[points - 1] + gains.red[points - 1] > 0.0;
        let most_at_once = (1..=MARKS).rev().find(seen).unwrap_or(1);
        let most = self.reach + MARKS as i32;
        let pressed: Vec<_> = (-most..=most).map(|lead| pace.pressed(lead)).collect();
        let rate = |pressed: &PerAthlete<f64>| rates.blue * pressed.blue + rates.red * pressed.red;
        // As often as at the busiest lead something happens at every lead, but with some of it nothing changes.
        let total = pressed.iter().map(rate).fold(0.0, f64::max);
        let inner = MARKS + 1..self.values.len() - MARKS - 1;
        let step = |values: &Vec<f64>, next: &mut Vec<f64>| {
            for place in inner.clone() {
                let (mut up, mut down) = (0.0, 0.0);
                for points in 1..=most_at_once {
                    up += gains.blue[points - 1] * values[place + points];
                    down += gains.red[points - 1] * values[place - points];
                }
                let pressed = &pressed[place];
                let stays = (total - rate(pressed)) * values[place];
                next[place] = (up * pressed.blue + down * pressed.red + stays) / total;
            }
        };
        let means = mean_over_jumps(self.values.clone(), step, seconds.map(|seconds| total * seconds));
        means.map(|mut values| {
            // What is decided stays exactly so.
            let decided = 0..=MARKS;
            values[decided.clone()].copy_from_slice(&self.values[decided]);
            let decided = self.values.len() - MARKS - 1..;
            values[decided.clone()].copy_from_slice(&self.values[decided]);
            smooth(&mut values);
            Self { reach: self.reach, values }
        })
    }
}

/// Makes the values rise: what falls is replaced by its mean, which is the nearest that does not fall.
///
/// Where who is behind scores far more often, a point more may mean less in the model. No viewer would believe it, and
/// it is by no more than little.
fn smooth(values: &mut [f64]) {
    let mut flat: Vec<(f64, usize)> = Vec::with_capacity(values.len());
    for &value in values.iter() {
        let (mut sum, mut count) = (value, 1);
        while let Some(&(before, times)) = flat.last()
            && before / times as f64 > sum / count as f64
        {
            flat.pop();
            (sum, count) = (sum + before, count + times);
        }
        flat.push((sum, count));
    }
    let smoothed = flat.into_iter().flat_map(|(sum, count)| core::iter::repeat_n(sum / count as f64, count));
    values.iter_mut().zip(smoothed).for_each(|(value, smoothed)| *value = smoothed);
}

/// The golden round: who has two points first, or who leads when its time is over.
#[derive(Clone, Debug)]
pub(super) struct Golden {
    /// By `place`.
    values: Vec<f64>,
}

impl Golden {
    /// So many seconds before its end.
    pub(super) fn after(pace: &Pace, seconds: f64) -> Self {
        let total = pace.total();
        let one = |athlete: Athlete| pace.points[athlete][0] / total;
        let more = |athlete: Athlete| pace.points[athlete][1..].iter().sum::<f64>() / total;
        let step = |values: &Vec<f64>, next: &mut Vec<f64>| {
            for place in 0..Self::PLACES {
                next[place] = 0.0;
                for athlete in Athlete::BOTH {
                    let won = |athlete| if athlete == Athlete::Blue { 1.0 } else { 0.0 };
                    let point = Self::point_of(athlete);
                    let after_one = if place & point == 0 { values[place | point] } else { won(athlete) };
                    let odd = Self::gam_jeom_of(athlete);
                    let after_gam_jeom =
                        if place & odd == 0 { values[place | odd] } else { won(athlete.opponent()) };
                    next[place] += one(athlete) * after_one
                        + more(athlete) * won(athlete)
                        + pace.gam_jeoms[athlete] / total * after_gam_jeom;
                }
            }
        };
        let end = (0..Self::PLACES).map(|place| {
            match (place & Self::point_of(Athlete::Blue) != 0, place & Self::point_of(Athlete::Red) != 0) {
                (true, false) => 1.0,
                (false, true) => 0.0,
                _ => super::EVEN,
            }
        });
        let [values] = mean_over_jumps(end.collect(), step, [total * seconds]);
        Self { values }
    }

    /// With this score, and these gam-jeoms of the round.
    pub(super) fn at(&self, score: PerAthlete<i32>, gam_jeoms: PerAthlete<u32>) -> f64 {
        if score.blue.max(score.red) >= 2 {
            return match score.blue.cmp(&score.red) {
                core::cmp::Ordering::Greater => 1.0,
                core::cmp::Ordering::Less => 0.0,
                core::cmp::Ordering::Equal => super::EVEN,
            };
        }
        let mut place = 0;
        for athlete in Athlete::BOTH {
            place |= if score[athlete] == 1 { Self::point_of(athlete) } else { 0 };
            place |= if gam_jeoms[athlete] % 2 == 1 { Self::gam_jeom_of(athlete) } else { 0 };
        }
        self.values[place]
    }

    /// Each has a point or not, and an odd gam-jeom or not.
    const PLACES: usize = 16;

    const fn point_of(athlete: Athlete) -> usize {
        match athlete {
            Athlete::Blue => 1,
            Athlete::Red => 2,
        }
    }

    const fn gam_jeom_of(athlete: Athlete) -> usize {
        match athlete {
            Athlete::Blue => 4,
            Athlete::Red => 8,
        }
    }
}

/// The mean of `values`, of what `step` makes of them, of what it makes of that, …, weighed by the Poisson
/// distribution of the number of steps with each of the `means`.
fn mean_over_jumps<const N: usize>(
    mut values: Vec<f64>,
    step: impl Fn(&Vec<f64>, &mut Vec<f64>),
    means: [f64; N],
) -> [Vec<f64>; N] {
    let means = means.map(|mean| mean.clamp(0.0, MOST_JUMPS));
    let longest = means.into_iter().fold(0.0, f64::max);
    let mut sums = means.map(|_| vec![0.0; values.len()]);
    let mut logs = means.map(|mean| -mean);
    let mut covered = [0.0; N];
    let mut next = values.clone();
    for jumps in 1_u32.. {
        for nth in 0..N {
            let weight = libm::exp(logs[nth]);
            covered[nth] += weight;
            for (sum, value) in sums[nth].iter_mut().zip(&values) {
                *sum += weight * value;
            }
            logs[nth] += libm::log(means[nth]) - libm::log(jumps.into());
        }
        let enough = covered.iter().all(|&covered| covered >= 1.0 - LEFT_OUT);
        // Rounding may keep the sum below the bound; twice as many jumps as usual are none of them.
        if f64::from(jumps) > longest && (enough || f64::from(jumps) > 2.0 * longest + 100.0) {
            break;
        }
        step(&values, &mut next);
        core::mem::swap(&mut values, &mut next);
    }
    for (sum, covered) in sums.iter_mut().zip(covered) {
        sum.iter_mut().for_each(|value| *value /= covered);
    }
    sums
}
