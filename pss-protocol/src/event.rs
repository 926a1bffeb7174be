//! What the table decided, as events: the words of `restrike matches --events`, of the feed and of the store.

use alloc::string::String;
use core::fmt;

use crate::{Arrival, Athlete, ChallengeState, ClockAction, ClockTime, Decision, InjuryAction, Winner};

/// Whether the wire said it or we concluded it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[cfg_attr(feature = "serde", derive(serde::Serialize), serde(rename_all = "snake_case"))]
pub enum Basis {
    /// A message says exactly this.
    Stated,
    /// Follows from other messages.
    Inferred,
}

impl Basis {
    /// `stated` or `inferred`.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Stated => "stated",
            Self::Inferred => "inferred",
        }
    }
}

/// Names an event within a session.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[cfg_attr(feature = "serde", derive(serde::Serialize))]
pub struct EventKey {
    /// The match, counted from 0 in the session; `None` outside of any match.
    pub match_index: Option<u32>,
    /// Counted from 0 within the match (or outside of all).
    pub id: u32,
}

/// Names a message within a session.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[cfg_attr(feature = "serde", derive(serde::Serialize))]
pub struct MessageKey {
    /// [`Datagram::seq`](crate::Datagram::seq).
    pub seq: u64,
    /// The message in the datagram, from 0.
    pub index: u32,
}

/// One thing that happened.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct MatchEvent {
    /// Its name.
    pub key: EventKey,
    /// When the message arrived that shows it (for an inferred event: the message that gave it away).
    pub at: Arrival,
    /// That message; `None` when no single message shows it (silence, the end of the input).
    pub evidence: Option<MessageKey>,
    /// The round, 0 before the first.
    pub round: u32,
    /// The match clock at that moment, where known.
    pub clock: Option<ClockTime>,
    /// Said or concluded.
    pub basis: Basis,
    /// What happened.
    pub kind: EventKind,
}

impl MatchEvent {
    /// A stated event with no evidence, round or clock; all fields are public, so set what is known.
    pub fn new(key: EventKey, at: Arrival, kind: EventKind) -> Self {
        Self { key, at, evidence: None, round: 0, clock: None, basis: Basis::Stated, kind }
    }
}

/// What happened.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub enum EventKind {
    /// An athlete scored.
    Point {
        /// Who.
        athlete: Athlete,
        /// With what.
        code: PointCode,
        /// How many points the table gave.
        points: u32,
    },
    /// Points were taken back.
    PointRemoved {
        /// Whose.
        athlete: Athlete,
        /// With what they had been scored.
        code: PointCode,
        /// How many.
        points: u32,
        /// The `id` of the point that was taken back, where it is known.
        removes: Option<u32>,
    },
    /// A gam-jeom was given.
    GamJeom {
        /// To whom.
        athlete: Athlete,
    },
    /// A gam-jeom was taken back.
    GamJeomRemoved {
        /// Whose.
        athlete: Athlete,
        /// The `id` of the gam-jeom that was taken back, where it is known.
        removes: Option<u32>,
    },
    /// The sensors felt a hit.
    Hit {
        /// Who hit.
        athlete: Athlete,
        /// Raw level.
        level: u32,
    },
    /// The clock of a round ran for the first time.
    RoundStarted,
    /// A round is over.
    RoundEnded {
        /// Who won it, where known by then.
        winner: Option<Athlete>,
    },
    /// Video replay.
    Challenge {
        /// Whose; `None` for the referee's own.
        athlete: Option<Athlete>,
        /// How far it is.
        state: ChallengeState,
        /// Whether it was won, where it was said.
        won: Option<bool>,
    },
    /// Kye-shi began or ended.
    Injury {
        /// Whose, where said.
        athlete: Option<Athlete>,
        /// Began, ended or set back.
        action: InjuryAction,
        /// The medical time shown.
        time: Option<ClockTime>,
    },
    /// A para time-out began or ended.
    TimeOut {
        /// Whose.
        athlete: Athlete,
        /// Start, stop or end.
        action: ClockAction,
        /// The time shown.
        time: Option<ClockTime>,
    },
    /// A match was chosen at the table.
    MatchLoaded,
    /// All its data were sent.
    MatchReady,
    /// The clock ran for the first time.
    MatchStarted,
    /// The match has a result; a later one replaces it.
    MatchEnded {
        /// The winner, where known.
        winner: Option<Winner>,
        /// The decision, where known.
        decision: Option<Decision>,
    },
    /// `hel;` or the first sign of life.
    SenderConnected,
    /// `bye;` or replaced by another.
    SenderGone,
    /// Something does not fit.
    Anomaly(Anomaly),
}

impl EventKind {
    /// The `kind` of JSON, of the feed's `event_type` and of the database.
    pub const fn as_str(&self) -> &'static str {
        match self {
            Self::Point { .. } => "point",
            Self::PointRemoved { .. } => "point_removed",
            Self::GamJeom { .. } => "gam_jeom",
            Self::GamJeomRemoved { .. } => "gam_jeom_removed",
            Self::Hit { .. } => "hit",
            Self::RoundStarted => "round_started",
            Self::RoundEnded { .. } => "round_ended",
            Self::Challenge { .. } => "challenge",
            Self::Injury { .. } => "injury",
            Self::TimeOut { .. } => "time_out",
            Self::MatchLoaded => "match_loaded",
            Self::MatchReady => "match_ready",
            Self::MatchStarted => "match_started",
            Self::MatchEnded { .. } => "match_ended",
            Self::SenderConnected => "sender_connected",
            Self::SenderGone => "sender_gone",
            Self::Anomaly(_) => "anomaly",
        }
    }

    /// The athlete that the event is about.
    pub const fn athlete(&self) -> Option<Athlete> {
        match self {
            Self::Point { athlete, .. }
            | Self::PointRemoved { athlete, .. }
            | Self::GamJeom { athlete }
            | Self::GamJeomRemoved { athlete, .. }
            | Self::Hit { athlete, .. }
            | Self::TimeOut { athlete, .. } => Some(*athlete),
            Self::Challenge { athlete, .. } | Self::Injury { athlete, .. } => *athlete,
            Self::RoundEnded { winner } => *winner,
            Self::MatchEnded { winner: Some(winner), .. } => winner.athlete(),
            _ => None,
        }
    }

    /// The code of the event table that operators know: P, K, H, TB, TH, R, HL, CLK, RND or O.
    pub const fn event_code(&self) -> &'static str {
        match self {
            Self::Point { code, .. } | Self::PointRemoved { code, .. } => code.as_str(),
            Self::GamJeom { .. } | Self::GamJeomRemoved { .. } | Self::Challenge { .. } => "R",
            Self::Hit { .. } => "HL",
            Self::TimeOut { .. } | Self::Injury { .. } => "CLK",
            Self::RoundStarted | Self::RoundEnded { .. } => "RND",
            _ => "O",
        }
    }
}

/// What a point was scored with.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[cfg_attr(feature = "serde", derive(serde::Serialize), serde(rename_all = "UPPERCASE"))]
pub enum PointCode {
    /// Punch.
    P,
    /// Kick to the body.
    K,
    /// Kick to the head.
    H,
    /// Technical bonus on a kick to the body.
    Tb,
    /// Technical bonus on a kick to the head.
    Th,
}

impl PointCode {
    /// P, K, H, TB or TH.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::P => "P",
            Self::K => "K",
            Self::H => "H",
            Self::Tb => "TB",
            Self::Th => "TH",
        }
    }

    /// For people: `body kick`, `technical bonus, head`.
    pub const fn technique(self) -> &'static str {
        match self {
            Self::P => "punch",
            Self::K => "body kick",
            Self::H => "head kick",
            Self::Tb => "technical bonus, body",
            Self::Th => "technical bonus, head",
        }
    }
}

impl fmt::Display for PointCode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.as_str())
    }
}

/// Something that does not fit, for the operator's eye.
#[derive(Clone, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize))]
pub struct Anomaly {
    /// Of which kind.
    pub kind: AnomalyKind,
    /// For people; holds no names.
    pub text: String,
}

/// The kinds of anomaly.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[cfg_attr(feature = "serde", derive(serde::Serialize), serde(rename_all = "snake_case"))]
#[non_exhaustive]
pub enum AnomalyKind {
    /// The score rose with no point to explain it.
    ScoreWithoutPoint,
    /// A point that the score never showed.
    PointWithoutScore,
    /// An older total arrived last and was set aside.
    StaleScore,
    /// The clock went where it cannot go.
    ClockJump,
    /// Something that must have been sent did not arrive.
    DatagramLost,
    /// Two senders speak on one ring.
    TwoSenders,
    /// The winner said and the winner concluded differ.
    WinnerMismatch,
    /// A message that makes no sense at this point of the match.
    OutOfPlace,
}

impl AnomalyKind {
    /// As in JSON.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::ScoreWithoutPoint => "score_without_point",
            Self::PointWithoutScore => "point_without_score",
            Self::StaleScore => "stale_score",
            Self::ClockJump => "clock_jump",
            Self::DatagramLost => "datagram_lost",
            Self::TwoSenders => "two_senders",
            Self::WinnerMismatch => "winner_mismatch",
            Self::OutOfPlace => "out_of_place",
        }
    }
}
