//! Explains the totals that were seen by changes that can have happened.
//!
//! Within the reorder window arrival order means nothing and a total may be older than one that arrived before
//! it, so a cluster of messages is read as a whole: some changes are *known* (a `pt`, a risen `wg`), some
//! totals were *seen* (`sc`, the current round of `s11`), and the question is which order of the known changes,
//! with which unseen ones between them, passes through every total that was seen. The cheapest explanation
//! wins; costs are roughly negative logarithms of how often a thing happens, and they are the only tuning
//! there is.

use alloc::{vec, vec::Vec};

use crate::{Athlete, PerAthlete};

/// The score of both athletes.
pub(super) type Total = PerAthlete<i32>;

/// A total as a message showed it; other senders may show one side only.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Seen(pub(super) PerAthlete<Option<i32>>);

impl Seen {
    fn is(self, total: Total) -> bool {
        Athlete::BOTH.iter().all(|&athlete| self.0[athlete].is_none_or(|score| score == total[athlete]))
    }

    /// The total with what was not shown taken from `rest`.
    pub(super) fn or(self, rest: Total) -> Total {
        PerAthlete::from_fn(|athlete| self.0[athlete].unwrap_or(rest[athlete]))
    }
}

/// A change that a message states.
#[derive(Clone, Copy, Debug)]
pub(super) struct Known {
    pub(super) athlete: Athlete,
    pub(super) change: i32,
    /// What it costs to say that it did not happen (again): little for what may be a duplicate.
    pub(super) drop_cost: f32,
}

/// A change that no message states, and what it costs to believe in it.
#[derive(Clone, Copy, Debug)]
pub(super) struct Possible<T> {
    pub(super) change: i32,
    pub(super) cost: f32,
    /// How often it can have happened, together with the others of its pool.
    pub(super) most: u8,
    /// What it draws on: one felt hit makes one lost kick likely, to the body or to the head.
    pub(super) pool: u8,
    /// For the caller.
    pub(super) tag: T,
}

/// What there is to explain.
#[derive(Debug)]
pub(super) struct Problem<'a, T> {
    /// Where it began; several when it is not known whether the score went on or restarted.
    pub(super) starts: &'a [Total],
    pub(super) known: &'a [Known],
    pub(super) seen: &'a [Seen],
    /// Totals of the moments before: they may come late.
    pub(super) recent: &'a [Total],
    pub(super) possible: &'a PerAthlete<Vec<Possible<T>>>,
    /// What it costs to end on a total that nobody saw.
    pub(super) unseen_end: f32,
}

/// The cheapest explanation.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Explanation<T> {
    /// Which of the starts.
    pub(super) start: usize,
    /// Where it ended.
    pub(super) end: Total,
    /// The known changes that did not happen, a bit each.
    pub(super) dropped: u32,
    /// The changes that nobody stated.
    pub(super) unstated: Vec<(Athlete, i32, T)>,
    /// The score went to a total that nothing possible leads to, after a long loss perhaps.
    pub(super) leap: bool,
    /// What it costs; nothing means that everything is stated.
    pub(super) cost: f32,
}

const LATE: f32 = 0.5;
const IMPOSSIBLE: f32 = 10.0;
/// What it costs to take a total as it is, explained or not.
const LEAP: f32 = 9.5;
/// What it costs besides for each other total, which then stays unexplained.
const LEAPT_OVER: f32 = 1.5;
/// What it costs to believe in a suspected duplicate whose total nobody saw.
const UNSHOWN_DUPLICATE: f32 = 2.5;
/// A known change that costs less to drop may be a duplicate.
const SUSPICIOUS: f32 = 3.0;
/// Changes beyond this many are not put in order: all totals then count as explained.
const MOST_ORDERED: usize = 10;
const MOST_UNSTATED: usize = 4;
/// Ways that are kept for each set of changes.
const MOST_WAYS: usize = 16;

/// Finds the cheapest explanation.
pub(super) fn solve<T: Copy>(problem: &Problem<'_, T>) -> Explanation<T> {
    if let Some(explanation) = as_stated(problem) {
        return explanation;
    }
    let mut best: Option<Explanation<T>> = None;
    for start in 0..problem.starts.len() {
        for dropped in droppable(problem.known) {
            consider(problem, start, dropped, &mut best);
        }
    }
    best.expect("keeping every known change is always considered")
}

/// The common case: one known start, no duplicate suspected, and every total is the start or the stated end.
fn as_stated<T>(problem: &Problem<'_, T>) -> Option<Explanation<T>> {
    let &[start] = problem.starts else { return None };
    let mut end = start;
    for known in problem.known {
        end[known.athlete] += known.change;
        if known.drop_cost < SUSPICIOUS {
            return None;
        }
    }
    let explained = problem.seen.iter().all(|seen| seen.is(start) || seen.is(end));
    let end_seen = problem.seen.is_empty() || problem.seen.iter().any(|seen| seen.is(end));
    (explained && end_seen).then(|| Explanation {
        start: 0,
        end,
        dropped: 0,
        unstated: Vec::new(),
        leap: false,
        cost: 0.0,
    })
}

/// Nothing dropped, each known change alone, and all suspected duplicates together.
fn droppable(known: &[Known]) -> impl Iterator<Item = u32> + '_ {
    let count = known.len().min(32);
    let suspected =
        (0..count).filter(|&at| known[at].drop_cost < SUSPICIOUS).fold(0_u32, |all, at| all | 1 << at);
    let together = (suspected.count_ones() > 1).then_some(suspected);
    core::iter::once(0).chain((0..count).map(|at| 1 << at)).chain(together)
}

fn consider<T: Copy>(
    problem: &Problem<'_, T>,
    start: usize,
    dropped: u32,
    best: &mut Option<Explanation<T>>,
) {
    let from = problem.starts[start];
    let mut base_cost = 0.0;
    let mut unshown = 0.0;
    let mut stated = from;
    let mut changes = Vec::with_capacity(problem.known.len() + MOST_UNSTATED);
    for (at, known) in problem.known.iter().enumerate() {
        if at < 32 && dropped & (1 << at) != 0 {
            base_cost += known.drop_cost;
        } else {
            stated[known.athlete] += known.change;
            changes.push((known.athlete, known.change));
            if known.drop_cost < SUSPICIOUS {
                unshown += UNSHOWN_DUPLICATE;
            }
        }
    }
    let ends = core::iter::once(stated).chain(problem.seen.iter().map(|seen| seen.or(stated)));
    let mut tried: Vec<Total> = Vec::new();
    for end in ends {
        if tried.contains(&end) {
            continue;
        }
        tried.push(end);
        let late = |seen: &Seen| problem.recent.iter().any(|&total| seen.is(total));
        let news = problem.seen.iter().any(|seen| !seen.is(from) && !late(seen));
        let shown = problem.seen.iter().any(|seen| seen.is(end));
        let mut cost = base_cost;
        if news && !shown {
            cost += problem.unseen_end;
        }
        if !shown || end == from {
            cost += unshown;
        }
        if best.as_ref().is_some_and(|best| cost >= best.cost) {
            continue;
        }
        let leap = LEAP + LEAPT_OVER * leapt_over(problem, from, end);
        if shown && best.as_ref().is_none_or(|best| cost + leap < best.cost) {
            let (unstated, cost) = (Vec::new(), cost + leap);
            *best = Some(Explanation { start, end, dropped, unstated, leap: end != stated, cost });
        }
        for detour in detours() {
            let Some((unstated, more)) = bridge(problem.possible, stated, end, detour) else { continue };
            let cost = cost + more;
            if best.as_ref().is_some_and(|best| cost >= best.cost) {
                continue;
            }
            let count = changes.len();
            changes.extend(unstated.iter().map(|&(athlete, change, _)| (athlete, change)));
            let left_over = unexplained(problem, from, end, &changes);
            changes.truncate(count);
            let cost = cost + left_over;
            if best.as_ref().is_none_or(|best| cost < best.cost) {
                *best = Some(Explanation { start, end, dropped, unstated, leap: false, cost });
            }
            if left_over == 0.0 {
                break; // a detour explains nothing more
            }
        }
    }
}

/// How many different totals a leap does not explain.
fn leapt_over<T>(problem: &Problem<'_, T>, from: Total, end: Total) -> f32 {
    let other =
        |(at, seen): &(usize, &Seen)| !seen.is(from) && !seen.is(end) && !problem.seen[..*at].contains(seen);
    problem.seen.iter().enumerate().filter(other).map(|_| 1.0).sum()
}

/// No detour, then one athlete both rising and falling within the cluster, by so much more than the sum.
fn detours() -> impl Iterator<Item = Option<(Athlete, i32)>> {
    let rises = Athlete::BOTH.into_iter().flat_map(|athlete| [2, 1, 3].map(|rise| Some((athlete, rise))));
    core::iter::once(None).chain(rises)
}

type Bridge<T> = (Vec<(Athlete, i32, T)>, f32);

/// The cheapest unstated changes that lead from what was stated to the end.
fn bridge<T: Copy>(
    possible: &PerAthlete<Vec<Possible<T>>>,
    stated: Total,
    end: Total,
    detour: Option<(Athlete, i32)>,
) -> Option<Bridge<T>> {
    let mut unstated = Vec::new();
    let mut cost = 0.0;
    for athlete in Athlete::BOTH {
        let change = end[athlete] - stated[athlete];
        // All that rose is one sum, and all that fell: a bonus and a punch taken back are not three punches.
        let parts = match detour {
            Some((who, by)) if who == athlete => [change.max(0) + by, change.min(0) - by],
            _ => [change, 0],
        };
        for change in parts {
            let mut cheapest = (f32::INFINITY, Vec::new());
            decompose(&possible[athlete], change, 0, &mut Vec::new(), 0.0, &mut cheapest);
            if cheapest.0 == f32::INFINITY {
                return None;
            }
            cost += cheapest.0;
            unstated.extend(cheapest.1.into_iter().map(|option| {
                let Possible { change, tag, .. } = possible[athlete][option];
                (athlete, change, tag)
            }));
        }
    }
    Some((unstated, cost))
}

/// Tries every way to make `change` of at most [`MOST_UNSTATED`] possible ones.
fn decompose<T>(
    possible: &[Possible<T>],
    change: i32,
    from: usize,
    chosen: &mut Vec<usize>,
    cost: f32,
    cheapest: &mut (f32, Vec<usize>),
) {
    if cost >= cheapest.0 {
        return;
    }
    if change == 0 {
        *cheapest = (cost, chosen.clone());
        return;
    }
    if chosen.len() == MOST_UNSTATED {
        return;
    }
    for option in from..possible.len() {
        let Possible { change: step, cost: more, most, pool, .. } = possible[option];
        // Rises and falls are never mixed: a fall within a rise is a detour.
        if step.signum() != change.signum() || step.abs() > change.abs() {
            continue;
        }
        if chosen.iter().filter(|&&other| possible[other].pool == pool).count() >= usize::from(most) {
            continue;
        }
        chosen.push(option);
        decompose(possible, change - step, option, chosen, cost + more, cheapest);
        chosen.pop();
    }
}

/// What it costs that some totals were seen on no way through the changes.
fn unexplained<T>(problem: &Problem<'_, T>, start: Total, end: Total, changes: &[(Athlete, i32)]) -> f32 {
    let passed = |seen: &&Seen| !seen.is(start) && !seen.is(end);
    let mut between: Vec<Seen> = Vec::new();
    for &seen in problem.seen.iter().filter(passed) {
        if !between.contains(&seen) {
            between.push(seen);
        }
    }
    between.truncate(32);
    if between.is_empty() || changes.len() > MOST_ORDERED {
        return 0.0;
    }
    let covered = most_covered(start, changes, &between);
    let left_over = |(at, seen): (usize, &Seen)| {
        let late = problem.recent.iter().any(|&total| seen.is(total));
        if covered & (1 << at) != 0 {
            0.0
        } else if late {
            LATE
        } else {
            IMPOSSIBLE
        }
    };
    between.iter().enumerate().map(left_over).sum()
}

/// The totals that the best order of the changes passes through, a bit each.
///
/// For each set of changes done so far, every set of totals that some order of them passes through is kept
/// unless another one holds it all: a total that is passed early may be passed again later, so the largest
/// set alone is not enough.
fn most_covered(start: Total, changes: &[(Athlete, i32)], between: &[Seen]) -> u32 {
    let all = (1_usize << changes.len()) - 1;
    let mut covered: Vec<Vec<u32>> = vec![Vec::new(); all + 1];
    covered[0].push(0);
    for done in 1..=all {
        let mut total = start;
        let mut ways: Vec<u32> = Vec::new();
        for (at, &(athlete, change)) in changes.iter().enumerate().filter(|(at, _)| done & (1 << at) != 0) {
            total[athlete] += change;
            for &way in &covered[done & !(1 << at)] {
                if !ways.iter().any(|&other| way & !other == 0) {
                    ways.retain(|&other| other & !way != 0);
                    ways.push(way);
                }
            }
        }
        ways.truncate(MOST_WAYS);
        let passed = between.iter().enumerate().filter(|(_, seen)| seen.is(total));
        let here = passed.fold(0_u32, |bits, (at, _)| bits | 1 << at);
        ways.iter_mut().for_each(|way| *way |= here);
        covered[done] = ways;
    }
    covered[all].iter().copied().max_by_key(|way| way.count_ones()).unwrap_or(0)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn total(blue: i32, red: i32) -> Total {
        PerAthlete { blue, red }
    }

    fn known(athlete: Athlete, change: i32) -> Known {
        Known { athlete, change, drop_cost: 8.0 }
    }

    /// Technical bonus, lost punch, lost kick, lost head kick, and a removal of two points.
    fn possible() -> PerAthlete<Vec<Possible<&'static str>>> {
        let options =
            [(2, 1.0, "bonus"), (1, 3.5, "punch"), (2, 4.2, "kick"), (3, 4.2, "head"), (-2, 4.5, "removal")];
        PerAthlete::from_fn(|_| {
            let numbered = (0_u8..).zip(options);
            numbered
                .map(|(pool, (change, cost, tag))| Possible { change, cost, most: 1, pool, tag })
                .collect()
        })
    }

    #[track_caller]
    fn check(
        start: Total,
        known: &[Known],
        seen: &[(i32, i32)],
        end: (i32, i32),
        unstated: &[(Athlete, &str)],
    ) {
        let seen: Vec<Seen> =
            seen.iter().map(|&(blue, red)| Seen(PerAthlete { blue: Some(blue), red: Some(red) })).collect();
        let problem = Problem {
            starts: &[start],
            known,
            seen: &seen,
            recent: &[],
            possible: &possible(),
            unseen_end: 4.0,
        };
        let explanation = solve(&problem);
        assert_eq!(explanation.end, total(end.0, end.1));
        let tags: Vec<_> = explanation.unstated.iter().map(|&(athlete, _, tag)| (athlete, tag)).collect();
        assert_eq!(tags, unstated);
    }

    #[test]
    fn a_stated_point_explains_its_total() {
        check(total(0, 0), &[known(Athlete::Blue, 2)], &[(2, 0), (2, 0)], (2, 0), &[]);
    }

    #[test]
    fn an_older_total_that_arrives_last_is_passed_on_the_way() {
        let known = [known(Athlete::Red, 2), known(Athlete::Red, 3)];
        check(total(2, 0), &known, &[(2, 5), (2, 2)], (2, 5), &[]);
    }

    #[test]
    fn a_total_two_above_is_a_technical_bonus() {
        check(
            total(0, 0),
            &[known(Athlete::Blue, 2)],
            &[(4, 0), (2, 0)],
            (4, 0),
            &[(Athlete::Blue, "bonus")],
        );
    }

    #[test]
    fn a_removal_hidden_between_two_rises_is_found() {
        // Capture h, round 2: three points and a bonus for red, two taken back, a punch and a gam-jeom of blue.
        let known = [
            known(Athlete::Red, 3),
            known(Athlete::Red, 2),
            known(Athlete::Red, 2),
            known(Athlete::Blue, 1),
            known(Athlete::Red, 1),
        ];
        let seen = [(0, 2), (0, 4), (0, 7), (0, 9), (1, 9), (1, 8), (1, 7)];
        let unstated = [(Athlete::Red, "bonus"), (Athlete::Red, "removal")];
        check(total(0, 0), &known, &seen, (1, 8), &unstated);
    }

    #[test]
    fn a_duplicate_is_dropped_when_no_total_shows_it() {
        let twice = [known(Athlete::Blue, 2), Known { drop_cost: 1.5, ..known(Athlete::Blue, 2) }];
        check(total(0, 0), &twice, &[(2, 0)], (2, 0), &[]);
        check(total(0, 0), &twice, &[(2, 0), (4, 0)], (4, 0), &[]);
        check(total(2, 0), &twice[1..], &[], (2, 0), &[]);
    }

    #[test]
    fn a_total_out_of_reach_is_taken_as_it_is() {
        check(total(3, 1), &[], &[(57, 1)], (57, 1), &[]);
        check(total(3, 1), &[known(Athlete::Red, 2)], &[(40, 30), (40, 30)], (40, 30), &[]);
    }

    #[test]
    fn a_lost_point_is_found_by_its_total() {
        check(total(1, 1), &[], &[(1, 4)], (1, 4), &[(Athlete::Red, "head")]);
    }
}
