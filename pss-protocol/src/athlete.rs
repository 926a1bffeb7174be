//! The two athletes, as the wire numbers them.

use core::fmt;

/// One of the two athletes of a match. On the wire 1 is blue (chung) and 2 is red (hong).
///
/// The index of a message is always the athlete that *scores* or *commits*: a hit on red's vest is `hl1`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize), serde(rename_all = "snake_case"))]
pub enum Athlete {
    /// Chung, 1 on the wire.
    Blue,
    /// Hong, 2 on the wire.
    Red,
}

impl Athlete {
    /// Both athletes in wire order.
    pub const BOTH: [Self; 2] = [Self::Blue, Self::Red];

    /// The digit of the wire: 1 or 2.
    pub const fn number(self) -> u8 {
        match self {
            Self::Blue => 1,
            Self::Red => 2,
        }
    }

    /// The other athlete.
    pub const fn opponent(self) -> Self {
        match self {
            Self::Blue => Self::Red,
            Self::Red => Self::Blue,
        }
    }

    /// `blue` or `red`, as in JSON and in the database.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Blue => "blue",
            Self::Red => "red",
        }
    }
}

impl fmt::Display for Athlete {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.as_str())
    }
}

/// A value for each athlete.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub struct PerAthlete<T> {
    /// Chung's.
    pub blue: T,
    /// Hong's.
    pub red: T,
}

impl<T> PerAthlete<T> {
    /// The same function of each athlete.
    pub fn from_fn(mut of: impl FnMut(Athlete) -> T) -> Self {
        Self { blue: of(Athlete::Blue), red: of(Athlete::Red) }
    }
}

impl<T> core::ops::Index<Athlete> for PerAthlete<T> {
    type Output = T;

    fn index(&self, athlete: Athlete) -> &T {
        match athlete {
            Athlete::Blue => &self.blue,
            Athlete::Red => &self.red,
        }
    }
}

impl<T> core::ops::IndexMut<Athlete> for PerAthlete<T> {
    fn index_mut(&mut self, athlete: Athlete) -> &mut T {
        match athlete {
            Athlete::Blue => &mut self.blue,
            Athlete::Red => &mut self.red,
        }
    }
}
