//! The block that a sender sends when a match is chosen, gathered until it says which match that is.

use alloc::string::String;
use core::time::Duration;

use super::{bout::Info, cluster::Stamp, plausible::MOST};
use crate::{AthleteName, Athletes, ClockTime, Competitor, Flaw, MatchInfo, PerAthlete, Text};

/// The block takes about 20 ms; after this long it is read as far as it came.
const PATIENCE: Duration = Duration::from_millis(300);

/// A match that is being loaded.
#[derive(Clone, Debug)]
pub(super) struct Loading {
    pub(super) stamp: Stamp,
    /// Something of it can have come from nothing else.
    pub(super) sure: bool,
    pub(super) info: Option<Info>,
    pub(super) athletes: Option<PerAthlete<Competitor>>,
    pub(super) round: Option<u32>,
    pub(super) clock: Option<ClockTime>,
    pub(super) ready: Option<Stamp>,
}

impl Loading {
    pub(super) fn new(stamp: Stamp) -> Self {
        Self { stamp, sure: false, info: None, athletes: None, round: None, clock: None, ready: None }
    }

    /// Whether the block has said which match it is, and that it is over.
    pub(super) fn complete(&self) -> bool {
        self.info.is_some() && self.athletes.is_some() && self.ready.is_some()
    }

    /// When it has been waited for long enough.
    pub(super) fn due(&self) -> crate::Monotonic {
        self.stamp.at.mono + PATIENCE
    }
}

impl Info {
    /// Reads a `mch`; a field that the datagram may have cut short is left unknown.
    pub(super) fn read(info: &MatchInfo<'_>, flaw: Option<Flaw>) -> Self {
        let untrusted = match flaw {
            Some(Flaw::Untrusted { field, repaired: false, .. }) => Some(field),
            _ => None,
        };
        let trusted = |field: &str| untrusted != Some(field);
        let number = |field: &str, value: Option<u32>| value.filter(|&value| trusted(field) && value <= MOST);
        let text = |field: &str, value: &Text<'_>| shown(value).filter(|_| trusted(field));
        let optional =
            |field: &str, value: &Option<Text<'_>>| value.as_ref().and_then(|value| text(field, value));
        Self {
            number: text("match.number", &info.number),
            id: optional("match.event_id", &info.event_id),
            phase: text("match.phase", &info.phase),
            category: text("match.category", &info.category),
            division: optional("match.division", &info.division),
            rounds: number("match.rounds", info.rounds),
            round_seconds: number("match.round_seconds", info.round_seconds),
            body_level: number("match.body_level", info.body_level),
            head_level: number("match.head_level", info.head_level),
        }
    }

    /// Para matches give technical bonuses of one point too.
    pub(super) fn is_para(&self) -> bool {
        let class = |word: &str| {
            word.strip_prefix(['K', 'P']).is_some_and(|digits| {
                (2..=3).contains(&digits.len()) && digits.bytes().all(|byte| byte.is_ascii_digit())
            })
        };
        self.division.as_deref().is_some_and(|division| division.to_ascii_uppercase().contains("PARA"))
            || self.category.as_deref().is_some_and(|category| category.split(' ').any(class))
    }

    /// Takes over what `newer` knows.
    pub(super) fn complete_from(&mut self, newer: Self) {
        let Self { number, id, phase, category, division, rounds, round_seconds, body_level, head_level } =
            newer;
        self.number = number.or_else(|| self.number.take());
        self.id = id.or_else(|| self.id.take());
        self.phase = phase.or_else(|| self.phase.take());
        self.category = category.or_else(|| self.category.take());
        self.division = division.or_else(|| self.division.take());
        self.rounds = rounds.or(self.rounds);
        self.round_seconds = round_seconds.or(self.round_seconds);
        self.body_level = body_level.or(self.body_level);
        self.head_level = head_level.or(self.head_level);
    }
}

/// Both athletes of an `at1`; what the datagram may have cut short is left unknown.
pub(super) fn competitors(athletes: &Athletes<'_>, flaw: Option<Flaw>) -> PerAthlete<Competitor> {
    let untrusted = match flaw {
        Some(Flaw::Untrusted { field, repaired: false, .. }) => Some(field),
        _ => None,
    };
    PerAthlete {
        blue: competitor(
            athletes.blue.as_ref(),
            untrusted.and_then(|field| field.strip_prefix("athletes.blue.")),
        ),
        red: competitor(
            athletes.red.as_ref(),
            untrusted.and_then(|field| field.strip_prefix("athletes.red.")),
        ),
    }
}

fn competitor(name: Option<&AthleteName<'_>>, untrusted: Option<&str>) -> Competitor {
    let Some(name) = name else { return Competitor::default() };
    let trusted = |field: &str, text: &Text<'_>| shown(text).filter(|_| untrusted != Some(field));
    let short_name = trusted("short_name", &name.short_name);
    Competitor {
        name: trusted("long_name", &name.long_name).or_else(|| short_name.clone()),
        country: name.country.as_ref().and_then(|country| trusted("country", country)),
        short_name,
    }
}

/// The text for people, `None` when there is none.
fn shown(text: &Text<'_>) -> Option<String> {
    (!text.is_empty()).then(|| text.decode().into_owned())
}
