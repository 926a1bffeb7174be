//! The same message without the datagram behind it, and its code.

use super::{AthleteName, Athletes, Code, MatchInfo, MatchResult, Message, Official, Referees, SettingKey};
use crate::{Athlete, Text};

impl Message<'_> {
    /// The message with its texts copied, so that it outlives the datagram.
    pub fn into_owned(self) -> Message<'static> {
        match self {
            Self::Hello => Message::Hello,
            Self::Bye => Message::Bye,
            Self::Setting { key, value } => Message::Setting { key, value: value.into_owned() },
            Self::FightLoaded => Message::FightLoaded,
            Self::FightReady => Message::FightReady,
            Self::Round { round } => Message::Round { round },
            Self::Clock { time, action } => Message::Clock { time, action },
            Self::Break { time, action } => Message::Break { time, action },
            Self::Injury { athlete, time, action } => Message::Injury { athlete, time, action },
            Self::TimeOut { athlete, time, action } => Message::TimeOut { athlete, time, action },
            Self::Points { athlete, points } => Message::Points { athlete, points },
            Self::Hit { athlete, level } => Message::Hit { athlete, level },
            Self::Score { blue, red } => Message::Score { blue, red },
            Self::RoundScores(scores) => Message::RoundScores(scores),
            Self::GamJeoms { blue, red } => Message::GamJeoms { blue, red },
            Self::RoundWinners(winners) => Message::RoundWinners(winners),
            Self::Challenge { athlete, state, won } => Message::Challenge { athlete, state, won },
            Self::HardwareTest { step } => Message::HardwareTest { step },
            Self::Match(info) => Message::Match(info.into_owned()),
            Self::Athletes(athletes) => Message::Athletes(athletes.into_owned()),
            Self::Referees(referees) => Message::Referees(referees.into_owned()),
            Self::Winner { winner } => Message::Winner { winner },
            Self::Result(result) => Message::Result(result.into_owned()),
            Self::Avt { value } => Message::Avt { value },
            Self::Superiority { value } => Message::Superiority { value },
            Self::Statistics { fields } => Message::Statistics { fields: fields.into_owned() },
            Self::StatisticsReset { fields } => Message::StatisticsReset { fields: fields.into_owned() },
            Self::Port { port, connected } => Message::Port { port, connected },
            Self::Json { json } => Message::Json { json: json.into_owned() },
            Self::Request { request } => Message::Request { request },
            Self::Malformed { code, line, error } => {
                Message::Malformed { code, line: line.into_owned(), error }
            }
            Self::Unknown { code, fields } => {
                Message::Unknown { code: code.into_owned(), fields: fields.into_owned() }
            }
            Self::Garbage { bytes } => Message::Garbage { bytes: bytes.into_owned() },
        }
    }

    /// The code that the message begins with; `None` for garbage and for codes that nobody knows.
    pub const fn code(&self) -> Option<Code> {
        Some(match self {
            Self::Hello => Code::Hel,
            Self::Bye => Code::Bye,
            Self::Setting { key: SettingKey::Inlb, .. } => Code::Inlb,
            Self::Setting { key: SettingKey::Insl, .. } => Code::Insl,
            Self::Setting { key: SettingKey::Inth, .. } => Code::Inth,
            Self::FightLoaded => Code::Pre,
            Self::FightReady => Code::Rdy,
            Self::Round { .. } => Code::Rnd,
            Self::Clock { .. } => Code::Clk,
            Self::Break { .. } => Code::Brk,
            Self::Injury { athlete: None, .. } => Code::Ij0,
            Self::Injury { athlete: Some(Athlete::Blue), .. } => Code::Ij1,
            Self::Injury { athlete: Some(Athlete::Red), .. } => Code::Ij2,
            Self::TimeOut { athlete: Athlete::Blue, .. } => Code::To1,
            Self::TimeOut { athlete: Athlete::Red, .. } => Code::To2,
            Self::Points { athlete: Athlete::Blue, .. } => Code::Pt1,
            Self::Points { athlete: Athlete::Red, .. } => Code::Pt2,
            Self::Hit { athlete: Athlete::Blue, .. } => Code::Hl1,
            Self::Hit { athlete: Athlete::Red, .. } => Code::Hl2,
            Self::Score { .. } => Code::Sc,
            Self::RoundScores(_) => Code::Sar,
            Self::GamJeoms { .. } => Code::Wg,
            Self::RoundWinners(_) => Code::Wrd,
            Self::Challenge { athlete: None, .. } => Code::Ch0,
            Self::Challenge { athlete: Some(Athlete::Blue), .. } => Code::Ch1,
            Self::Challenge { athlete: Some(Athlete::Red), .. } => Code::Ch2,
            Self::HardwareTest { .. } => Code::Hwt,
            Self::Match(_) => Code::Mch,
            Self::Athletes(_) => Code::At,
            Self::Referees(_) => Code::Ref,
            Self::Winner { .. } => Code::Win,
            Self::Result(_) => Code::Wmh,
            Self::Avt { .. } => Code::Avt,
            Self::Superiority { .. } => Code::Sup,
            Self::Statistics { .. } => Code::Rst,
            Self::StatisticsReset { .. } => Code::Rsr,
            Self::Port { .. } => Code::Port,
            Self::Json { .. } => Code::Json,
            Self::Request { .. } => Code::Request,
            Self::Malformed { code, .. } => *code,
            Self::Unknown { .. } | Self::Garbage { .. } => return None,
        })
    }
}

impl MatchInfo<'_> {
    /// The same without the datagram behind it.
    pub fn into_owned(self) -> MatchInfo<'static> {
        MatchInfo {
            number: self.number.into_owned(),
            phase: self.phase.into_owned(),
            category: self.category.into_owned(),
            reserved: self.reserved.into_owned(),
            blue_colors: self.blue_colors.map(Text::into_owned),
            red_colors: self.red_colors.map(Text::into_owned),
            event_id: self.event_id.map(Text::into_owned),
            division: self.division.map(Text::into_owned),
            rounds: self.rounds,
            round_seconds: self.round_seconds,
            count: self.count.into_owned(),
            body_level: self.body_level,
            head_level: self.head_level,
        }
    }
}

impl Athletes<'_> {
    /// The same without the datagram behind it.
    pub fn into_owned(self) -> Athletes<'static> {
        Athletes { blue: self.blue.map(AthleteName::into_owned), red: self.red.map(AthleteName::into_owned) }
    }
}

impl AthleteName<'_> {
    /// The same without the datagram behind it.
    pub fn into_owned(self) -> AthleteName<'static> {
        AthleteName {
            short_name: self.short_name.into_owned(),
            long_name: self.long_name.into_owned(),
            country: self.country.map(Text::into_owned),
        }
    }
}

impl Referees<'_> {
    /// The same without the datagram behind it.
    pub fn into_owned(self) -> Referees<'static> {
        Referees { referee: self.referee.into_owned(), judges: self.judges.map(Official::into_owned) }
    }
}

impl Official<'_> {
    /// The same without the datagram behind it.
    pub fn into_owned(self) -> Official<'static> {
        Official { name: self.name.map(Text::into_owned), country: self.country.map(Text::into_owned) }
    }
}

impl MatchResult<'_> {
    /// The same without the datagram behind it.
    pub fn into_owned(self) -> MatchResult<'static> {
        MatchResult {
            name: self.name.into_owned(),
            score: self.score,
            decision: self.decision.map(Text::into_owned),
        }
    }
}
