//! What a client of the feed wants to hear of.

use std::str::FromStr;

use pss_protocol::feed::FrameKind;

/// One kind of frames.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Topic {
    /// What happened.
    Events,
    /// What is shown.
    State,
    /// The statistics of the match.
    Hits,
    /// Who wins.
    Prediction,
}

impl Topic {
    const ALL: [Self; 4] = [Self::Events, Self::State, Self::Hits, Self::Prediction];

    /// As clients name it.
    const fn as_str(self) -> &'static str {
        match self {
            Self::Events => "events",
            Self::State => "state",
            Self::Hits => "hits",
            Self::Prediction => "prediction",
        }
    }

    /// The `type` of its frames.
    pub(crate) const fn kind(self) -> FrameKind {
        match self {
            Self::Events => FrameKind::Event,
            Self::State => FrameKind::State,
            Self::Hits => FrameKind::Hits,
            Self::Prediction => FrameKind::Prediction,
        }
    }

    const fn bit(self) -> u8 {
        1 << self as u8
    }
}

/// Some topics; unless a client says otherwise, events and states.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Topics(u8);

impl Topics {
    pub(crate) const fn contain(self, topic: Topic) -> bool {
        self.0 & topic.bit() != 0
    }
}

impl Default for Topics {
    fn default() -> Self {
        Self(Topic::Events.bit() | Topic::State.bit())
    }
}

/// A name that no topic has.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct UnknownTopic;

impl FromStr for Topics {
    type Err = UnknownTopic;

    /// Names with commas between, at least one.
    fn from_str(text: &str) -> Result<Self, UnknownTopic> {
        let named = |name: &str| Topic::ALL.into_iter().find(|topic| topic.as_str() == name);
        text.split(',').try_fold(Self(0), |topics, name| {
            named(name).map(|topic| Self(topics.0 | topic.bit())).ok_or(UnknownTopic)
        })
    }
}
