//! Challenges: what was decided before, what came of it, and what was changed.

use alloc::{collections::BTreeSet, vec::Vec};
use core::{fmt, time::Duration};

use pss_protocol::{
    Arrival, Athlete, ChallengeState, ClockTime, EventKind, MatchEvent, MessageKey, PerAthlete, PointCode,
};

use super::Irregularity;
use crate::Course;

/// A decision that is older than this, in seconds of the match clock, is not what a challenge is about.
const BEFORE_SECONDS: u32 = 5;

/// The same by the time of arrival, where a clock is not known.
const BEFORE: Duration = Duration::from_secs(15);

/// What belongs to a challenge may arrive this long after its outcome.
const LATE: Duration = Duration::from_millis(300);

/// A challenge, with what it was about as far as the wire tells.
#[derive(Clone, Debug, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize))]
#[non_exhaustive]
pub struct ChallengeCase {
    /// Whose; `None` for the referee's own.
    pub athlete: Option<Athlete>,
    /// The round.
    pub round: u32,
    /// When it was requested; where that was not seen, when its outcome was.
    #[cfg_attr(feature = "serde", serde(serialize_with = "super::wall"))]
    pub at: Arrival,
    /// The match clock then.
    pub clock: Option<ClockTime>,
    /// What was decided last before the request.
    pub challenged: Challenged,
    /// Whom that concerned: who scored, or who got the gam-jeom.
    pub concerned: Option<Athlete>,
    /// What came of it.
    pub outcome: Outcome,
    /// What was changed between the request and the outcome, each once.
    pub edits: BTreeSet<Edit>,
    /// The datagrams: of the decision, the request, the edits and the outcome, at most [`Irregularity::EVIDENCE`]. Not in
    /// JSON: only who knows the session can name a message.
    #[cfg_attr(feature = "serde", serde(skip))]
    pub evidence: Vec<MessageKey>,
}

/// The kind of decision before a challenge.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[cfg_attr(feature = "serde", derive(serde::Serialize), serde(rename_all = "snake_case"))]
#[non_exhaustive]
pub enum Challenged {
    /// A gam-jeom.
    GamJeom,
    /// A point by punch.
    Punch,
    /// Points by a kick without a bonus.
    Kick,
    /// Points by a technical bonus.
    Technical,
    /// Something was taken back.
    Removal,
    /// Nothing was decided in the seconds before: mostly it is about points that were not given.
    NoScore,
}

impl Challenged {
    /// All of them, as a table lists them.
    pub const ALL: [Self; 6] =
        [Self::GamJeom, Self::Punch, Self::Kick, Self::Technical, Self::Removal, Self::NoScore];

    /// As in JSON.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::GamJeom => "gam_jeom",
            Self::Punch => "punch",
            Self::Kick => "kick",
            Self::Technical => "technical",
            Self::Removal => "removal",
            Self::NoScore => "no_score",
        }
    }

    const fn of(kind: &EventKind) -> Option<Self> {
        Some(match kind {
            EventKind::GamJeom { .. } => Self::GamJeom,
            EventKind::Point { code: PointCode::P, .. } => Self::Punch,
            EventKind::Point { code: PointCode::K | PointCode::H, .. } => Self::Kick,
            EventKind::Point { code: PointCode::Tb | PointCode::Th, .. } => Self::Technical,
            EventKind::PointRemoved { .. } | EventKind::GamJeomRemoved { .. } => Self::Removal,
            _ => return None,
        })
    }
}

impl fmt::Display for Challenged {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.as_str())
    }
}

/// What came of a challenge.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[cfg_attr(feature = "serde", derive(serde::Serialize), serde(rename_all = "snake_case"))]
pub enum Outcome {
    /// Won: something was changed, or it was said.
    Accepted,
    /// Lost.
    Rejected,
    /// Neither.
    Closed,
    /// The outcome was never said.
    Open,
}

impl Outcome {
    /// As in JSON.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Accepted => "accepted",
            Self::Rejected => "rejected",
            Self::Closed => "closed",
            Self::Open => "open",
        }
    }
}

impl fmt::Display for Outcome {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.as_str())
    }
}

/// What was changed in a challenge.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[cfg_attr(feature = "serde", derive(serde::Serialize), serde(rename_all = "snake_case"))]
#[non_exhaustive]
pub enum Edit {
    /// Points were given.
    PointAdded,
    /// Points were taken back.
    PointRemoved,
    /// A gam-jeom was given.
    GamJeomGiven,
    /// A gam-jeom was taken back.
    GamJeomRemoved,
    /// The match clock was set.
    TimeCorrected,
}

impl Edit {
    /// As in JSON.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::PointAdded => "point_added",
            Self::PointRemoved => "point_removed",
            Self::GamJeomGiven => "gam_jeom_given",
            Self::GamJeomRemoved => "gam_jeom_removed",
            Self::TimeCorrected => "time_corrected",
        }
    }

    const fn of(kind: &EventKind) -> Option<Self> {
        Some(match kind {
            EventKind::Point { .. } => Self::PointAdded,
            EventKind::PointRemoved { .. } => Self::PointRemoved,
            EventKind::GamJeom { .. } => Self::GamJeomGiven,
            EventKind::GamJeomRemoved { .. } => Self::GamJeomRemoved,
            _ => return None,
        })
    }
}

impl fmt::Display for Edit {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.as_str())
    }
}

/// The challenges of a match, in the order of their requests.
pub fn challenges(course: &Course) -> Vec<ChallengeCase> {
    let events = &course.events;
    let mut order: Vec<&MatchEvent> = events.iter().collect();
    order.sort_by_key(|event| (event.at.mono, event.key.id));
    let mut cases: Vec<ChallengeCase> = Vec::new();
    // Which of the cases still has no outcome, by whose it is.
    let mut open: Vec<usize> = Vec::new();
    let mut closed: Option<(usize, Arrival)> = None;
    let mut last: Option<&MatchEvent> = None;
    for event in order {
        if let Some(edit) = Edit::of(&event.kind) {
            let late = closed.filter(|(_, at)| event.at.mono.since(at.mono) <= LATE).map(|(case, _)| case);
            for case in open.iter().copied().chain(late) {
                cases[case].edits.insert(edit);
                cases[case].evidence.extend(event.evidence);
            }
            if open.is_empty() && late.is_none() {
                last = Some(event);
            }
        }
        match &event.kind {
            EventKind::Challenge { athlete, state: ChallengeState::Requested, .. } => {
                open.retain(|&case| cases[case].athlete != *athlete);
                open.push(cases.len());
                cases.push(ChallengeCase::requested(*athlete, event, last));
            }
            EventKind::Challenge { athlete, state, won } => {
                let place = open.iter().position(|&case| cases[case].athlete == *athlete);
                let case = place.map_or_else(
                    || {
                        cases.push(ChallengeCase::requested(*athlete, event, last));
                        cases.len() - 1
                    },
                    |place| open.remove(place),
                );
                cases[case].conclude(event, *state, *won);
                closed = Some((case, event.at));
            }
            // No challenge outlives its round.
            EventKind::RoundStarted | EventKind::MatchLoaded => {
                open.clear();
                last = None;
            }
            _ => {}
        }
    }
    for case in &mut cases {
        case.evidence.sort_unstable();
        case.evidence.dedup();
        case.evidence.truncate(Irregularity::EVIDENCE);
    }
    cases
}

impl ChallengeCase {
    fn requested(athlete: Option<Athlete>, event: &MatchEvent, last: Option<&MatchEvent>) -> Self {
        let about = last.filter(|last| recent(last, event));
        Self {
            athlete,
            round: event.round,
            at: event.at,
            clock: event.clock,
            challenged: about.and_then(|about| Challenged::of(&about.kind)).unwrap_or(Challenged::NoScore),
            concerned: about.and_then(|about| about.kind.athlete()),
            outcome: Outcome::Open,
            edits: BTreeSet::new(),
            evidence: about.into_iter().chain([event]).filter_map(|event| event.evidence).collect(),
        }
    }

    fn conclude(&mut self, event: &MatchEvent, state: ChallengeState, won: Option<bool>) {
        self.outcome = match (state, won) {
            (ChallengeState::Closed, _) => Outcome::Closed,
            (_, Some(true)) | (ChallengeState::Accepted, None) => Outcome::Accepted,
            _ => Outcome::Rejected,
        };
        self.evidence.extend(event.evidence);
        // The clock stands while a challenge is decided; a tick may still come after its request.
        if let (Some(then), Some(now)) = (self.clock, event.clock) {
            let (then, now) = (then.total_seconds(), now.total_seconds());
            if event.round == self.round && (now > then || now + 1 < then) {
                self.edits.insert(Edit::TimeCorrected);
            }
        }
    }
}

/// Whether `decision` was so shortly before `request` that the challenge may be about it.
fn recent(decision: &MatchEvent, request: &MatchEvent) -> bool {
    if decision.round != request.round {
        return false;
    }
    match (decision.clock, request.clock) {
        (Some(then), Some(now)) => then.total_seconds().saturating_sub(now.total_seconds()) <= BEFORE_SECONDS,
        _ => request.at.mono.since(decision.at.mono) <= BEFORE,
    }
}

/// How often challenges came out how, by the kind of the decision and by who asked.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize))]
#[non_exhaustive]
pub struct ChallengeTally {
    /// The athletes', by kind in the order of [`Challenged::ALL`].
    pub athletes: PerAthlete<[Outcomes; Challenged::ALL.len()]>,
    /// The referee's own.
    pub referee: [Outcomes; Challenged::ALL.len()],
}

/// How often challenges came out how.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize))]
#[non_exhaustive]
pub struct Outcomes {
    /// Won.
    pub accepted: u64,
    /// Lost.
    pub rejected: u64,
    /// Neither.
    pub closed: u64,
    /// Never said.
    pub open: u64,
}

impl Outcomes {
    /// Adds all of another.
    pub fn merge(&mut self, other: &Self) {
        self.accepted += other.accepted;
        self.rejected += other.rejected;
        self.closed += other.closed;
        self.open += other.open;
    }

    /// How many in all.
    pub const fn total(&self) -> u64 {
        self.accepted + self.rejected + self.closed + self.open
    }
}

impl ChallengeTally {
    /// One more.
    pub fn record(&mut self, case: &ChallengeCase) {
        let of = match case.athlete {
            Some(athlete) => &mut self.athletes[athlete],
            None => &mut self.referee,
        };
        let outcomes = &mut of[case.challenged as usize];
        *match case.outcome {
            Outcome::Accepted => &mut outcomes.accepted,
            Outcome::Rejected => &mut outcomes.rejected,
            Outcome::Closed => &mut outcomes.closed,
            Outcome::Open => &mut outcomes.open,
        } += 1;
    }

    /// Adds all of another.
    pub fn merge(&mut self, other: &Self) {
        for athlete in Athlete::BOTH {
            let others = &other.athletes[athlete];
            self.athletes[athlete].iter_mut().zip(others).for_each(|(mine, others)| mine.merge(others));
        }
        self.referee.iter_mut().zip(&other.referee).for_each(|(mine, others)| mine.merge(others));
    }

    /// Of one kind, whoever asked.
    pub fn of(&self, challenged: Challenged) -> Outcomes {
        let mut all = self.referee[challenged as usize];
        Athlete::BOTH.iter().for_each(|&athlete| all.merge(&self.athletes[athlete][challenged as usize]));
        all
    }
}
