//! The words of the database for the values that have no name of their own in the protocol's types.

use pss_protocol::{
    AnomalyKind, Athlete, Basis, ChallengeState, ClockAction, ClockTime, Decision, Flow, InjuryAction,
    PointCode, RecognitionStatus, Scoring, Winner,
};

/// A closed set of values with a word for each.
pub(crate) trait Word: Copy + PartialEq + 'static {
    /// Each value and its word.
    const WORDS: &'static [(Self, &'static str)];

    /// The word, `None` for a value that this version has no word for.
    fn word(self) -> Option<&'static str> {
        Self::WORDS.iter().find(|(value, _)| *value == self).map(|(_, word)| *word)
    }

    /// The value of a word.
    fn from_word(word: &str) -> Option<Self> {
        Self::WORDS.iter().find(|(_, known)| *known == word).map(|(value, _)| *value)
    }
}

macro_rules! words {
    ($($type:ident { $($variant:ident $word:expr,)+ })+) => {
        $(impl Word for $type {
            const WORDS: &'static [(Self, &'static str)] = &[$(($type::$variant, $word),)+];
        })+
    };
}

words! {
    ChallengeState {
        Requested "requested",
        Accepted "accepted",
        Rejected "rejected",
        Closed "closed",
    }
    ClockAction {
        Start "start",
        Stop "stop",
        Correct "correct",
        StopEnd "stop_end",
    }
    InjuryAction {
        Show "show",
        Hide "hide",
        Reset "reset",
    }
    Winner {
        Blue "blue",
        Red "red",
        Tie "tie",
    }
    Athlete {
        Blue Athlete::Blue.as_str(),
        Red Athlete::Red.as_str(),
    }
    Basis {
        Stated Basis::Stated.as_str(),
        Inferred Basis::Inferred.as_str(),
    }
    PointCode {
        P PointCode::P.as_str(),
        K PointCode::K.as_str(),
        H PointCode::H.as_str(),
        Tb PointCode::Tb.as_str(),
        Th PointCode::Th.as_str(),
    }
    Scoring {
        BestOf3 Scoring::BestOf3.as_str(),
        Conventional Scoring::Conventional.as_str(),
        Unknown Scoring::Unknown.as_str(),
    }
    RecognitionStatus {
        Recognized RecognitionStatus::Recognized.as_str(),
        Partial RecognitionStatus::Partial.as_str(),
        Unknown RecognitionStatus::Unknown.as_str(),
        Deprecated RecognitionStatus::Deprecated.as_str(),
    }
    AnomalyKind {
        ScoreWithoutPoint AnomalyKind::ScoreWithoutPoint.as_str(),
        PointWithoutScore AnomalyKind::PointWithoutScore.as_str(),
        StaleScore AnomalyKind::StaleScore.as_str(),
        ClockJump AnomalyKind::ClockJump.as_str(),
        DatagramLost AnomalyKind::DatagramLost.as_str(),
        TwoSenders AnomalyKind::TwoSenders.as_str(),
        WinnerMismatch AnomalyKind::WinnerMismatch.as_str(),
        OutOfPlace AnomalyKind::OutOfPlace.as_str(),
    }
}

/// The decision with this abbreviation.
pub(crate) fn decision(word: &str) -> Option<Decision> {
    Decision::from_wire(word.as_bytes())
}

/// A match clock as `mm:ss`, which is how it is stored.
pub(crate) fn clock(text: &str) -> Option<ClockTime> {
    let (minutes, seconds) = text.split_once(':')?;
    Some(ClockTime { minutes: minutes.parse().ok()?, seconds: seconds.parse().ok()? })
}

/// The ways of a datagram are numbers in the database: 0, the commonest, takes no space in a row.
pub(crate) fn flow_number(flow: Flow) -> i32 {
    match flow {
        Flow::Broadcast => 0,
        Flow::Answer => 1,
        Flow::ForeignAnswer => 2,
        Flow::Request => 3,
    }
}

/// The inverse of [`flow_number`].
pub(crate) fn flow(number: i32) -> Option<Flow> {
    [Flow::Broadcast, Flow::Answer, Flow::ForeignAnswer, Flow::Request]
        .into_iter()
        .find(|flow| flow_number(*flow) == number)
}
