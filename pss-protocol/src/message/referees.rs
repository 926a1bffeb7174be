//! `ref;…`: the officials of a match.

use crate::Text;

/// The centre referee and the three judges. The sender leaves absent parts out altogether.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize))]
pub struct Referees<'a> {
    /// The centre referee.
    pub referee: Official<'a>,
    /// Judges 1 to 3.
    pub judges: [Official<'a>; 3],
}

/// One official. With a single part on the wire that part is the name, unless it is three capital letters.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize))]
pub struct Official<'a> {
    /// As sent.
    pub name: Option<Text<'a>>,
    /// Three letters.
    pub country: Option<Text<'a>>,
}
