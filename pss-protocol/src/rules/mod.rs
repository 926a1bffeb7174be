//! What makes a message right: rules as data, judged per dialect and protocol version.

use core::fmt;

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
}

impl fmt::Display for Dialect {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.as_str())
    }
}
