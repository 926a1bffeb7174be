//! The course of a match as far as it is compared: one type for what the log says and for what we read.

use std::collections::{BTreeMap, BTreeSet};

use diesel::prelude::*;
use pss_protocol::{Athlete, Decision, EventKind, PointCode, Winner};

use super::{
    compare::{LoggedGamJeom, LoggedHit, LoggedPoint},
    parse::LogItem,
};
use crate::{
    MatchId,
    models::{match_, match_event},
    words,
};

#[derive(Debug, Default)]
pub(super) struct Course {
    /// Every point ever given, those taken back later included.
    pub(super) points: Vec<LoggedPoint>,
    /// Every gam-jeom ever given, likewise.
    pub(super) gam_jeoms: Vec<LoggedGamJeom>,
    pub(super) hits: Vec<LoggedHit>,
    /// Blue's and red's score at the end of each round.
    pub(super) scores: BTreeMap<u32, (i32, i32)>,
    pub(super) winner: Option<Winner>,
    pub(super) decision: Option<Decision>,
}

/// What the log says.
pub(super) fn of_log(items: &[LogItem]) -> Course {
    let mut course = Course::default();
    let mut started = BTreeSet::new();
    for item in items {
        let Some(round) = item.round else { continue };
        let score = item.blue_points.zip(item.red_points);
        match item.kind.as_str() {
            "START_ROUND" => {
                started.insert(round);
            }
            "END_ROUND" => course.scores.extend(score.map(|score| (round, score))),
            "MATCH_FINISHED" => {
                // A golden round that was decided by points has no end of its own.
                if let (true, Some(score)) = (started.contains(&round), score) {
                    course.scores.entry(round).or_insert(score);
                }
                let result = item.value.as_deref().and_then(|value| value.split_once(" - "));
                let (winner, decision) = result.unwrap_or_default();
                course.winner = match winner.trim() {
                    "BLUE" => Some(Winner::Blue),
                    "RED" => Some(Winner::Red),
                    "TIE" => Some(Winner::Tie),
                    _ => None,
                };
                course.decision = words::decision(decision.trim());
            }
            _ => take(&mut course, item, round),
        }
    }
    course
}

/// What one athlete did or suffered.
fn take(course: &mut Course, item: &LogItem, round: u32) {
    let (athlete, what, added) = match item.kind.split_once('_') {
        Some(("BLUE", what)) => (Athlete::Blue, what, item.blue_add),
        Some(("RED", what)) => (Athlete::Red, what, item.red_add),
        _ => return,
    };
    let code = match what {
        "PUNCH_POINT" => PointCode::P,
        "BODY_POINT" => PointCode::K,
        "HEAD_POINT" => PointCode::H,
        "BODY_TECH_POINT" => PointCode::Tb,
        "HEAD_TECH_POINT" => PointCode::Th,
        "ADD_GAME_JEON" => return course.gam_jeoms.push(LoggedGamJeom { round, athlete }),
        "BODY_HIT" | "HEAD_HIT" => {
            let level = item.value.as_deref().and_then(|value| value.parse().ok());
            course.hits.extend(level.map(|level| LoggedHit { round, athlete, level }));
            return;
        }
        _ => return,
    };
    // A removal is logged under the same name with a negative amount.
    if let Some(Ok(points @ 1..)) = added.map(u32::try_from) {
        course.points.push(LoggedPoint { round, athlete, code, points });
    }
}

/// What we read of a match; `None` for a match that is not here.
pub(super) fn of_match(connection: &mut SqliteConnection, id: MatchId) -> QueryResult<Option<Course>> {
    let (Some(stored), Some((session, index))) =
        (match_::find(connection, None, id.0)?, match_::key(connection, id.0)?)
    else {
        return Ok(None);
    };
    let mut course = Course {
        winner: stored.summary.winner,
        decision: stored.summary.decision,
        scores: stored.summary.rounds.iter().map(|one| (one.round, (one.blue, one.red))).collect(),
        ..Course::default()
    };
    for stored in match_event::of_match(connection, session, index)? {
        let round = stored.event.round;
        match stored.event.kind {
            EventKind::Point { athlete, code, points } => {
                course.points.push(LoggedPoint { round, athlete, code, points });
            }
            EventKind::GamJeom { athlete } => course.gam_jeoms.push(LoggedGamJeom { round, athlete }),
            EventKind::Hit { athlete, level } => course.hits.push(LoggedHit { round, athlete, level }),
            _ => {}
        }
    }
    Ok(Some(course))
}
