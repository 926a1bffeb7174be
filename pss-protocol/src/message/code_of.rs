//! The code of a message.

use super::{Code, Message, SettingKey};
use crate::Athlete;

impl Message<'_> {
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
