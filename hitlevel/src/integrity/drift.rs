//! An athlete whose levels go one way through the day.

use alloc::{format, vec::Vec};

use super::{
    Irregularity, Strength, Subject, Trend, TrendKind, chance,
    history::{History, Performance},
};
use crate::Levels;

/// Matches that a day must have; two that differ are not a drift.
const LEAST_MATCHES: usize = 3;

/// A match with fewer hits says too little.
const LEAST_HITS: u64 = 8;

/// So much later begins another day, in µs.
const NIGHT: i64 = 8 * 3600 * 1_000_000;

/// What is less probable than this is told.
const P_VALUE: f64 = 1e-4;

/// How far the share of pairs that rise must be from one half.
const FAR: f64 = 0.12;

pub(super) fn look(history: &History) -> Vec<Trend> {
    let mut trends = Vec::new();
    for (&person, performances) in &history.people {
        let telling = performances.iter().filter(|one| one.felt.count() >= LEAST_HITS);
        let mut telling: Vec<_> = telling.collect();
        // The rings of a recording come one after the other, whoever fought on which.
        if telling.iter().all(|one| one.began.is_some()) {
            telling.sort_by_key(|one| one.began);
        }
        let days = telling.chunk_by(|one, next| {
            let apart = one.began.zip(next.began).map(|(one, next)| next.0.saturating_sub(one.0));
            one.thresholds == next.thresholds && apart.is_none_or(|apart| apart < NIGHT)
        });
        trends.extend(days.filter_map(|day| drift(person, day)));
    }
    trends
}

fn drift(person: i64, day: &[&Performance]) -> Option<Trend> {
    if day.len() < LEAST_MATCHES {
        return None;
    }
    let groups: Vec<&Levels> = day.iter().map(|performance| &performance.felt).collect();
    let rising = chance::rising(&groups)?;
    let share = rising.share;
    if rising.p_value > P_VALUE || libm::fabs(share - 0.5) < FAR || !one_way(&groups, share > 0.5) {
        return None;
    }
    let (first, last) = (groups.first()?.mean()?, groups.last()?.mean()?);
    let evidence = day.iter().flat_map(|performance| {
        performance
            .evidence
            .iter()
            .take(Irregularity::EVIDENCE / day.len().max(1))
            .map(|&key| (performance.match_tag, key))
    });
    Some(Trend {
        kind: TrendKind::LevelsDrift,
        subject: Subject::Person(person),
        matches: day.iter().map(|performance| performance.match_tag).collect(),
        strength: Strength { p_value: rising.p_value, observed: share, expected: 0.5 },
        evidence: evidence.take(Irregularity::EVIDENCE).collect(),
        evidence_total: groups.iter().map(|group| group.count()).sum(),
        text: format!(
            "levels {} through {} matches of a day, on average from {first:.0} to {last:.0}",
            if share > 0.5 { "rise" } else { "fall" },
            day.len(),
        ),
    })
}

/// Whether the day begins with the hardest match and ends with the softest, or the other way round. Matches differ, so a
/// few hard ones somewhere are no drift.
fn one_way(groups: &[&Levels], rises: bool) -> bool {
    let means = || groups.iter().filter_map(|group| group.mean());
    let (Some(first), Some(last)) = (means().next(), means().next_back()) else { return false };
    match rises {
        true => means().all(|mean| first <= mean && mean <= last),
        false => means().all(|mean| last <= mean && mean <= first),
    }
}
