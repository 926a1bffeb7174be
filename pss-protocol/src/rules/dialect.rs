//! The dialects, and telling them apart by the traffic.

use core::fmt;

use crate::{LineEnd, Message, Parsed};

/// The dialects of the wire.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub enum Dialect {
    /// TkStrike Gen2: `pt` is an amount, CRLF ends, no trailing `;`.
    #[default]
    #[cfg_attr(feature = "serde", serde(rename = "tkstrike"))]
    TkStrike,
    /// The written v2.3 stream list: `pt` is a kind from 1 to 5, trailing `;`.
    #[cfg_attr(feature = "serde", serde(rename = "v2.3"))]
    V23,
    /// KPNP / TKDScoring: padded numbers, dots in times.
    #[cfg_attr(feature = "serde", serde(rename = "kpnp"))]
    Kpnp,
}

impl Dialect {
    /// Every dialect.
    pub const ALL: [Self; 3] = [Self::TkStrike, Self::V23, Self::Kpnp];

    /// As on the command line, in JSON and in the database's `protocol_version`.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::TkStrike => "tkstrike",
            Self::V23 => "v2.3",
            Self::Kpnp => "kpnp",
        }
    }

    /// The dialect with this [`as_str`](Self::as_str).
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|dialect| dialect.as_str() == name)
    }
}

impl fmt::Display for Dialect {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.as_str())
    }
}

/// Tells the dialect of one source from what it sends.
///
/// Evidence, weighed per message:
///
/// | sign | speaks for | weight |
/// |---|---|---|
/// | a number padded with a space, a dot in a time, `rst` or `rsr` | `kpnp` | 8 |
/// | a setting (`inlb`, `insl`, `inth`), or CRLF and no `;` before it | `tkstrike` | 2 |
/// | a trailing `;` where the grammar needs none, `avt` or `sup` | `v2.3`, unless `kpnp` was seen | 2 |
/// | neither a trailing `;` nor CRLF | `tkstrike`, unless `kpnp` was seen | 1 |
///
/// Messages that end in `;` in every dialect, or whose last field is free text, say nothing. The first
/// evidence decides; what speaks for another dialect wears the current one off, and only a lead of
/// [`MARGIN`](Self::MARGIN) replaces it, so that one odd message does not change how the next point is read.
/// Weights are capped, so that a source that really changes is followed within a dozen messages.
#[derive(Clone, Debug, Default)]
pub struct DialectDetector {
    weights: [u8; Dialect::ALL.len()],
    current: Option<Dialect>,
}

impl DialectDetector {
    /// By how much another dialect must lead before it replaces the current one.
    pub const MARGIN: u8 = 6;

    const CAP: u8 = 16;

    /// Looks at one message. `raw` is its bytes, line end included.
    pub fn observe(&mut self, parsed: &Parsed<'_>, raw: &[u8]) {
        let Some(Evidence { dialect, weight, excludes_kpnp }) = evidence(parsed, raw) else { return };
        let Some(current) = self.current else {
            self.weights[dialect as usize] = weight;
            self.current = Some(dialect);
            return;
        };
        if current == Dialect::Kpnp && !excludes_kpnp {
            return;
        }
        let gained = (self.weights[dialect as usize] + weight).min(Self::CAP);
        self.weights[dialect as usize] = gained;
        if dialect != current {
            let left = self.weights[current as usize].saturating_sub(2);
            self.weights[current as usize] = left;
            if gained >= left + Self::MARGIN {
                self.current = Some(dialect);
            }
        }
    }

    /// What the source speaks; [`Dialect::TkStrike`] before anything was seen.
    pub fn dialect(&self) -> Dialect {
        self.current.unwrap_or_default()
    }

    /// The same, `None` before anything was seen.
    pub fn detected(&self) -> Option<Dialect> {
        self.current
    }
}

/// For which dialect a message speaks, and how loudly.
struct Evidence {
    dialect: Dialect,
    weight: u8,
    /// Whether a KPNP sender would not have sent it so.
    excludes_kpnp: bool,
}

impl Evidence {
    const KPNP: Option<Self> = Some(Self { dialect: Dialect::Kpnp, weight: 8, excludes_kpnp: false });
    const V23: Option<Self> = Some(Self { dialect: Dialect::V23, weight: 2, excludes_kpnp: false });
    const TKSTRIKE: Option<Self> = Some(Self { dialect: Dialect::TkStrike, weight: 2, excludes_kpnp: true });
    const NO_END: Option<Self> = Some(Self { dialect: Dialect::TkStrike, weight: 1, excludes_kpnp: false });
}

fn evidence(parsed: &Parsed<'_>, raw: &[u8]) -> Option<Evidence> {
    // Where the first field begins: the codes below have three characters.
    let fields = raw.get(4..).unwrap_or_default();
    match &parsed.message {
        Message::Statistics { .. } | Message::StatisticsReset { .. } => return Evidence::KPNP,
        Message::Avt { .. } | Message::Superiority { .. } => return Evidence::V23,
        Message::Setting { .. } => return Evidence::TKSTRIKE,
        Message::Clock { time: Some(_), .. }
        | Message::Break { time: Some(_), .. }
        | Message::Injury { time: Some(_), .. }
        | Message::TimeOut { time: Some(_), .. } => {
            if fields.iter().take(3).any(|&byte| byte == b'.') {
                return Evidence::KPNP;
            }
        }
        Message::Score { blue: None, red: None } | Message::GamJeoms { blue: None, red: None } => {
            return None;
        }
        Message::Score { .. }
        | Message::GamJeoms { .. }
        | Message::RoundScores(_)
        | Message::Round { round: Some(_) }
        | Message::Points { points: Some(_), .. }
        | Message::Hit { level: Some(_), .. } => {
            if fields.first() == Some(&b' ') {
                return Evidence::KPNP;
            }
        }
        Message::Winner { winner: Some(_) }
        | Message::HardwareTest { step: Some(_) }
        | Message::FightLoaded
        | Message::FightReady => {}
        Message::RoundWinners(winners) if winners.rounds() > 0 => {}
        _ => return None,
    }
    let last = raw.iter().rev().find(|byte| !matches!(byte, b'\r' | b'\n'));
    match (last, parsed.end) {
        (Some(b';'), _) => Evidence::V23,
        (_, LineEnd::CrLf) => Evidence::TKSTRIKE,
        _ => Evidence::NO_END,
    }
}
