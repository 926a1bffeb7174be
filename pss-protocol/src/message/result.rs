//! `wmh;NAME;2-1 PTF`: the result of a match.

use core::fmt;

use crate::Text;

/// The result as the sender writes it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize))]
pub struct MatchResult<'a> {
    /// The winner's name, empty for a tie.
    pub name: Text<'a>,
    /// Round wins in best of three, else points of the match, in the golden round those of that round.
    pub score: Option<FinalScore>,
    /// The word after the score, as sent; `None` where there is none. See [`Decision::from_wire`].
    pub decision: Option<Text<'a>>,
}

/// `2-1`: blue's figure, then red's.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize))]
pub struct FinalScore {
    /// Blue's.
    pub blue: u32,
    /// Red's.
    pub red: u32,
}

impl fmt::Display for FinalScore {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}-{}", self.blue, self.red)
    }
}

macro_rules! decisions {
    ($($variant:ident $text:literal $doc:literal;)+) => {
        /// How a match was won.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
        #[non_exhaustive]
        pub enum Decision { $(#[doc = $doc] $variant,)+ }

        impl Decision {
            /// Every decision that is known.
            pub const ALL: &'static [Self] = &[$(Self::$variant,)+];

            /// The abbreviation, on the wire and everywhere else.
            pub const fn as_str(self) -> &'static str {
                match self { $(Self::$variant => $text,)+ }
            }
        }
    };
}

decisions! {
    Ptf "PTF" "Final score.";
    Ptg "PTG" "Point gap.";
    Gdp "GDP" "Golden point.";
    Sup "SUP" "Superiority.";
    Rsc "RSC" "Referee stops contest.";
    Wdr "WDR" "Withdrawal.";
    Dsq "DSQ" "Disqualification.";
    Pun "PUN" "Gam-jeoms.";
    Dqb "DQB" "Disqualification for unsportsmanlike behaviour.";
    Pts "PTS" "Para: points.";
    Irm "IRM" "Para: irregular mark.";
    Csc "CSC" "Para: classification.";
    Bko "BKO" "Knock-out by a hit on the body.";
    Hko "HKO" "Knock-out by a hit on the head.";
}

impl Decision {
    /// The decision with this abbreviation.
    pub fn from_wire(text: &[u8]) -> Option<Self> {
        Self::ALL.iter().copied().find(|decision| decision.as_str().as_bytes() == text)
    }
}

impl fmt::Display for Decision {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.as_str())
    }
}

#[cfg(feature = "serde")]
impl serde::Serialize for Decision {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.as_str())
    }
}
