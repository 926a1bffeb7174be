//! Which of our matches a log is of.
//!
//! The number must be the same, or unknown on one side, and the times must overlap: numbers come again from day to
//! day, and a match that was chosen anew has the same number a minute later. The scoring system's clock may be wrong;
//! then the number alone decides, if only one match within the hour has it. Where that leaves several, the one whose
//! ring has the court's number is meant. What stays doubtful is not joined.

use diesel::prelude::*;

use super::{LogJoin, parse::MatchLog};
use crate::{
    MatchId,
    schema::{match_events, matches, rings, sessions},
};

/// A match of ours that may be meant.
struct Candidate {
    id: i64,
    ring: String,
    has_number: bool,
    began_at: i64,
    ended_at: i64,
}

pub(super) fn find(connection: &mut SqliteConnection, log: &MatchLog) -> QueryResult<LogJoin> {
    let Some((began, ended)) = log.times() else { return Ok(LogJoin::NoMatch) };
    let (began, ended) = (began.0, ended.0);
    let number = log.match_number();
    let candidates = candidates(connection, number, began, ended)?;
    // Half of the log at least: the next match begins when this one has ended, on a clock that is a little off.
    // Without a number half of the match as well: another ring's may have lasted much longer.
    let shares = |one: &Candidate, of: i64| {
        let shared = one.ended_at.min(ended).saturating_sub(one.began_at.max(began));
        shared >= 0 && shared >= of / 2
    };
    let overlaps = |one: &&Candidate| shares(one, ended.saturating_sub(began));
    let coincides =
        |one: &&Candidate| overlaps(one) && shares(one, one.ended_at.saturating_sub(one.began_at));
    let numbered = || candidates.iter().filter(|one| one.has_number);
    let tiers: [Vec<&Candidate>; 3] = [
        numbered().filter(overlaps).collect(),
        candidates.iter().filter(|one| !one.has_number).filter(coincides).collect(),
        numbered().collect(),
    ];
    let agrees = !tiers[0].is_empty() || !tiers[1].is_empty();
    let Some(tier) = tiers.into_iter().find(|tier| !tier.is_empty()) else { return Ok(LogJoin::NoMatch) };
    let of_court: Vec<&Candidate> =
        tier.iter().copied().filter(|one| is_same_place(log.court(), &one.ring)).collect();
    let (([meant], _) | (_, [meant])) = (tier.as_slice(), of_court.as_slice()) else {
        return Ok(LogJoin::Ambiguous { candidates: tier.iter().map(|one| MatchId(one.id)).collect() });
    };
    let clock_difference_s = if agrees { 0 } else { (meant.began_at - began) / 1_000_000 };
    Ok(LogJoin::Match { match_id: MatchId(meant.id), clock_difference_s })
}

fn candidates(
    connection: &mut SqliteConnection,
    number: &str,
    began: i64,
    ended: i64,
) -> QueryResult<Vec<Candidate>> {
    type Row = (i64, i64, i64, Option<String>, Option<i64>, String);
    let mut query = matches::table
        .inner_join(sessions::table.inner_join(rings::table))
        .filter(matches::began_at.ge(began.saturating_sub(LONGEST_MATCH_US)))
        .filter(matches::began_at.le(ended.saturating_add(CLOCK_TOLERANCE_US)))
        .order(matches::id)
        .select((
            matches::id,
            matches::session_id,
            matches::match_index,
            matches::number,
            matches::began_at,
            rings::name,
        ))
        .into_boxed();
    if !number.is_empty() {
        query = query.filter(matches::number.eq(number).or(matches::number.is_null()));
    }
    let rows: Vec<Row> = query.load(connection)?;
    let mut candidates = Vec::new();
    for (id, session, index, its_number, began_at, ring) in rows {
        let events = match_events::table
            .filter(match_events::session_id.eq(session))
            .filter(match_events::match_index.eq(index));
        let last: Option<i64> =
            events.select(diesel::dsl::max(match_events::arrived_at)).first(connection)?;
        // A log begins with the start. A match may be shown long before.
        let started: Option<i64> = events
            .filter(match_events::kind.eq("match_started"))
            .select(diesel::dsl::max(match_events::arrived_at))
            .first(connection)?;
        if let (Some(began_at), Some(ended_at)) = (started.or(began_at), last) {
            let has_number = !number.is_empty() && its_number.as_deref() == Some(number);
            if ended_at >= began.saturating_sub(CLOCK_TOLERANCE_US) {
                candidates.push(Candidate { id, ring, has_number, began_at, ended_at });
            }
        }
    }
    Ok(candidates)
}

/// `Court03` is ring `3`, `03` or `Ring 3`.
fn is_same_place(court: &str, ring: &str) -> bool {
    let number = |text: &str| {
        let digits: String = text.chars().filter(char::is_ascii_digit).collect();
        let digits = digits.trim_start_matches('0');
        (!digits.is_empty()).then(|| digits.to_owned())
    };
    matches!((number(court), number(ring)), (Some(court), Some(ring)) if court == ring)
}

/// No match that is still on can have begun earlier.
const LONGEST_MATCH_US: i64 = 6 * 3600 * 1_000_000;
/// How far the clocks of the scoring system and the receiver may be apart.
const CLOCK_TOLERANCE_US: i64 = 3600 * 1_000_000;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_court_is_a_ring_by_its_number() {
        assert!(is_same_place("Court03", "3"));
        assert!(is_same_place("Court10", "Ring 10"));
        assert!(!is_same_place("Court03", "13"));
        assert!(!is_same_place("", ""));
        assert!(!is_same_place("Court", "A"));
    }
}
