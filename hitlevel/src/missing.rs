//! A number, or why there is none.

use core::fmt;

/// What was measured, or why nothing could be. Shown as a number, or as a dash with the reason.
pub type Measured<T> = Result<T, Missing>;

/// Why there is no number where one is asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[cfg_attr(feature = "serde", derive(serde::Serialize), serde(rename_all = "snake_case"))]
#[non_exhaustive]
pub enum Missing {
    /// No hit was felt.
    NoHits,
    /// Fewer hits than it takes, such as one for a time between two.
    TooFewHits,
    /// No hit of the kind asked for was found to have scored.
    NoLinks,
    /// The match data never said from which level on a hit is valid.
    NoThresholds,
    /// The clock never ran, or was never seen to.
    NoRunningClock,
    /// The clock jumped while it ran, so nobody knows for how long it did.
    ClockJumped,
    /// The match clock at that moment is not known.
    NoMatchClock,
    /// The source has no times of arrival.
    NoArrivalTimes,
    /// Judges alone gave the points, so the levels say nothing.
    JudgesOnly,
    /// It is above [`Levels::HIGHEST`](crate::Levels::HIGHEST), where levels are only counted together.
    #[cfg_attr(feature = "serde", serde(rename = "above_100"))]
    AboveCounters,
    /// No round has come to its end.
    NoRoundEnded,
    /// Too little is known to conclude anything.
    TooLittleData,
    /// Best of three or not: nothing has shown it yet.
    ScoringUnknown,
    /// Which round it is, how many there are or how long they last was never said, or makes no sense.
    RoundsUnknown,
    /// It is over, and nothing said who won.
    WinnerUnknown,
    /// Rounds are not won in this match, or none is left to be won.
    NoRoundToWin,
}

impl Missing {
    /// The reason, for people.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::NoHits => "no hits",
            Self::TooFewHits => "too few hits",
            Self::NoLinks => "no such hit scored",
            Self::NoThresholds => "thresholds unknown",
            Self::NoRunningClock => "the clock was not seen running",
            Self::ClockJumped => "the running clock jumped",
            Self::NoMatchClock => "the match clock is not known",
            Self::NoArrivalTimes => "the source has no time of day",
            Self::JudgesOnly => "points by judges only",
            Self::AboveCounters => "above 100",
            Self::NoRoundEnded => "no round has ended",
            Self::TooLittleData => "too little data",
            Self::ScoringUnknown => "best of three or not is not known yet",
            Self::RoundsUnknown => "the rounds are not known",
            Self::WinnerUnknown => "the winner was not said",
            Self::NoRoundToWin => "no round to be won",
        }
    }
}

impl fmt::Display for Missing {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.as_str())
    }
}

impl core::error::Error for Missing {}
