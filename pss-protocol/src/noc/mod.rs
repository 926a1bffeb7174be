//! National Olympic Committees and what else a scoring system calls a competitor's country.
//!
//! A scoring system sends three letters. Mostly they are the code of one of the 206 committees of the IOC; also
//! of teams that are no country (`AIN`, `EOR`), of states that are no more, of territories without a committee, or
//! ISO's code where the IOC has another (`DEU` for `GER`). This module knows them, and which file is the flag of
//! which; it holds no picture.
//!
//! ```
//! use pss_protocol::noc;
//!
//! let germany = noc::find("DEU").unwrap();
//! assert_eq!((germany.code, germany.alpha2, germany.name), ("GER", Some("DE"), "Germany"));
//! assert_eq!(germany.emoji().as_deref(), Some("🇩🇪"));
//! // The flag of Chinese Taipei is that of its committee, which has no emoji.
//! assert_eq!(noc::find("TPE").unwrap().emoji(), None);
//! assert!(noc::find("XYZ").is_none());
//! ```

mod recognize;
mod table;

use alloc::string::String;

pub use recognize::{Recognition, recognize};

/// A code and what it stands for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Entry {
    /// Three letters: the IOC's code, and ISO's alpha-3 for a territory without a committee.
    pub code: &'static str,
    /// ISO 3166-1 alpha-2; of Kosovo the user-assigned `XK`.
    pub alpha2: Option<&'static str>,
    /// ISO 3166-1 alpha-3.
    pub alpha3: Option<&'static str>,
    /// English short name.
    pub name: &'static str,
    /// What kind of thing it is.
    pub kind: Kind,
}

/// What a code stands for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Kind {
    /// A National Olympic Committee of today.
    Committee,
    /// A territory with a code of ISO's and no committee.
    Territory,
    /// A committee or team of former days.
    Historic,
    /// A team of no country. It has no flag of one.
    Neutral,
    /// A part of a country, or several together, which other sports bodies know.
    Region,
}

impl Entry {
    /// Whether ISO's flag of its alpha-2 code is its flag. It is not for Chinese Taipei, which competes under the
    /// flag of its committee.
    pub fn has_iso_flag(&self) -> bool {
        self.alpha2.is_some() && self.code != "TPE"
    }

    /// Its flag as two regional indicators, which most systems show as a picture.
    pub fn emoji(&self) -> Option<String> {
        let indicator = |letter: u8| char::from_u32(0x1F1E6 + u32::from(letter.wrapping_sub(b'A')));
        let alpha2 = self.alpha2.filter(|_| self.has_iso_flag())?;
        alpha2.bytes().map(indicator).collect()
    }
}

/// Every entry; the committees first, by their codes.
pub fn all() -> &'static [Entry] {
    table::ENTRIES
}

/// What a code of a scoring system stands for, in any case: the code of an entry, ISO's alpha-3, or a code that the
/// committee had before. Where both
/// mean something else (`BRN`), the IOC's meaning holds.
pub fn find(code: &str) -> Option<&'static Entry> {
    let is = |known: &str| known.eq_ignore_ascii_case(code);
    let own = all().iter().find(|entry| is(entry.code));
    own.or_else(|| all().iter().find(|entry| entry.alpha3.is_some_and(is))).or_else(|| {
        let (_, now) = table::FORMER.iter().find(|(former, _)| is(former))?;
        all().iter().find(|entry| entry.code == *now)
    })
}
