//! The two kinds of time: the match clock on the wire, and when a datagram arrived.

use core::{fmt, net::SocketAddr, time::Duration};

/// What the scoreboard shows, `mm:ss`: the *floor* of the remaining time, so up to 0.999 s more is left.
///
/// Minutes and seconds are kept as sent; whether `01:75` is a time is for the rules to say.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ClockTime {
    /// Before the colon.
    pub minutes: u16,
    /// After the colon.
    pub seconds: u16,
}

impl ClockTime {
    /// 00:00.
    pub const ZERO: Self = Self { minutes: 0, seconds: 0 };

    /// From whole seconds, 75 being 01:15.
    pub const fn from_seconds(seconds: u32) -> Self {
        let minutes = seconds / 60;
        // The match clock of any dialect is far below 1092 hours; larger values show as the largest.
        Self {
            minutes: if minutes > u16::MAX as u32 { u16::MAX } else { minutes as u16 },
            seconds: (seconds % 60) as u16,
        }
    }

    /// Minutes and seconds as seconds.
    pub const fn total_seconds(self) -> u32 {
        self.minutes as u32 * 60 + self.seconds as u32
    }
}

impl fmt::Display for ClockTime {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:02}:{:02}", self.minutes, self.seconds)
    }
}

#[cfg(feature = "serde")]
impl serde::Serialize for ClockTime {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

/// Microseconds since 1970-01-01T00:00:00Z. `Display` writes RFC 3339 with six digits.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Timestamp(pub i64);

impl fmt::Display for Timestamp {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (days, of_day) = (self.0.div_euclid(86_400_000_000), self.0.rem_euclid(86_400_000_000));
        let (year, month, day) = civil_from_days(days);
        let (seconds, micros) = (of_day / 1_000_000, of_day % 1_000_000);
        let (hour, minute, second) = (seconds / 3600, seconds / 60 % 60, seconds % 60);
        write!(f, "{year:04}-{month:02}-{day:02}T{hour:02}:{minute:02}:{second:02}.{micros:06}Z")
    }
}

#[cfg(feature = "serde")]
impl serde::Serialize for Timestamp {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

/// The Gregorian date of a day counted from 1970-01-01: years of 365.2425 days that begin in March.
fn civil_from_days(days: i64) -> (i64, i64, i64) {
    let shifted = days + 719_468;
    let era = shifted.div_euclid(146_097);
    let day_of_era = shifted.rem_euclid(146_097);
    let year_of_era = (day_of_era - day_of_era / 1_460 + day_of_era / 36_524 - day_of_era / 146_096) / 365;
    let day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    let month_from_march = (5 * day_of_year + 2) / 153;
    let day = day_of_year - (153 * month_from_march + 2) / 5 + 1;
    let month = if month_from_march < 10 { month_from_march + 3 } else { month_from_march - 9 };
    (year_of_era + era * 400 + i64::from(month <= 2), month, day)
}

/// Time on a clock that never jumps, counted from the start of the session: what the state reckons with.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Monotonic(pub Duration);

impl Monotonic {
    /// From microseconds since the start of the session.
    pub const fn from_micros(micros: u64) -> Self {
        Self(Duration::from_micros(micros))
    }

    /// Microseconds since the start of the session.
    pub const fn as_micros(self) -> u64 {
        self.0.as_micros() as u64
    }

    /// The time since `earlier`, zero when that is later.
    pub fn since(self, earlier: Self) -> Duration {
        self.0.saturating_sub(earlier.0)
    }
}

impl core::ops::Add<Duration> for Monotonic {
    type Output = Self;

    fn add(self, span: Duration) -> Self {
        Self(self.0.saturating_add(span))
    }
}

/// When a datagram arrived, on both clocks.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Arrival {
    /// Wall clock; `None` where the input has none (plain text).
    pub wall: Option<Timestamp>,
    /// The clock that the state reckons with. An input without times gets one from its reader.
    pub mono: Monotonic,
}

/// On which way a datagram travelled, as far as the receiver can tell.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
#[cfg_attr(feature = "serde", derive(serde::Serialize), serde(rename_all = "snake_case"))]
pub enum Flow {
    /// From the sender to everybody: the match as it happens.
    #[default]
    Broadcast,
    /// From the sender, as the answer to our own request: the last message of a kind, perhaps an old one.
    Answer,
    /// From the sender to another receiver that asked; never touches our state.
    ForeignAnswer,
    /// Towards the sender: somebody asks.
    Request,
}

/// One datagram, stamped.
#[derive(Clone, Copy, Debug)]
pub struct Datagram<'a> {
    /// Counts the datagrams of a ring's session (of a file) from 1.
    pub seq: u64,
    /// When it arrived.
    pub arrival: Arrival,
    /// Who sent it; `None` where the input does not say.
    pub source: Option<SocketAddr>,
    /// Which way it went.
    pub flow: Flow,
    /// The payload, as it arrived.
    pub bytes: &'a [u8],
}
