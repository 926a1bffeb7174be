//! The small values inside messages.

use core::fmt;

use crate::Athlete;

macro_rules! words {
    ($(#[$meta:meta])* $name:ident { $($variant:ident $text:literal $doc:literal;)+ }) => {
        $(#[$meta])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
        #[cfg_attr(feature = "serde", derive(serde::Serialize), serde(rename_all = "snake_case"))]
        pub enum $name { $(#[doc = $doc] $variant,)+ }

        impl $name {
            /// Every word, in the order of the enumeration.
            pub const ALL: &'static [Self] = &[$(Self::$variant,)+];

            /// The exact word of the wire.
            pub const fn wire(self) -> &'static str {
                match self { $(Self::$variant => $text,)+ }
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.pad(self.wire())
            }
        }
    };
}

words! {
    /// What a clock message says beside the time.
    ClockAction {
        Start "start" "The clock runs from now.";
        Stop "stop" "The clock stands.";
        Correct "corr" "The time was edited.";
        StopEnd "stopEnd" "The time is over.";
    }
}

words! {
    /// What a kye-shi message says beside the time. Only `show` opens one: late ticks follow `hide`.
    InjuryAction {
        Show "show" "The medical time begins.";
        Hide "hide" "The medical time is over.";
        Reset "reset" "Other senders: set back.";
    }
}

words! {
    /// Which setting of the sender.
    SettingKey {
        Inlb "inlb" "An integer, 50 from the real sender.";
        Insl "insl" "`true` or `false`.";
        Inth "inth" "An integer, 2000 from the real sender.";
    }
}

words! {
    /// The words with which a receiver asks. Exact and case-sensitive; only the last ends in `;`.
    Request {
        Clock "clock" "Answered by `clk`.";
        Break "break" "Answered by `brk`.";
        Period "period" "Answered by `rnd`.";
        Scores "scores" "Answered by `sc`.";
        GamJeom "gam-jeom" "Answered by `wg`.";
        Informations "informations" "Answered by `mch`.";
        Athletes "athletes" "Answered by `at1`.";
        WinMatch "winmatch" "Answered by `wmh`.";
        Referees "referees" "Answered by `ref`.";
        WinPeriods "winperiods;" "Answered by `wrd`.";
    }
}

words! {
    /// Who won a match.
    Winner {
        Blue "BLUE" "Chung.";
        Red "RED" "Hong.";
        Tie "TIE" "Nobody.";
    }
}

impl Winner {
    /// The winning athlete, `None` for a tie.
    pub const fn athlete(self) -> Option<Athlete> {
        match self {
            Self::Blue => Some(Athlete::Blue),
            Self::Red => Some(Athlete::Red),
            Self::Tie => None,
        }
    }
}

impl From<Athlete> for Winner {
    fn from(athlete: Athlete) -> Self {
        match athlete {
            Athlete::Blue => Self::Blue,
            Athlete::Red => Self::Red,
        }
    }
}

/// How far a challenge is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[cfg_attr(feature = "serde", derive(serde::Serialize), serde(rename_all = "snake_case"))]
pub enum ChallengeState {
    /// Bare `chN;`: the card is up.
    Requested,
    /// 1: something was changed.
    Accepted,
    /// 0: nothing was changed.
    Rejected,
    /// -1: closed.
    Closed,
}

/// `s11;n;s21;n;…`: the score of each round, `None` where the message says nothing of it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct RoundScores {
    /// In wire order; 0 where `present` has no bit.
    scores: [u32; 2 * Self::ROUNDS as usize],
    present: u8,
}

impl RoundScores {
    /// The highest round that the message can name.
    pub const ROUNDS: u32 = 4;

    /// The score of `athlete` in `round`, counted from 1.
    pub fn score(&self, round: u32, athlete: Athlete) -> Option<u32> {
        let index = Self::index(round, athlete)?;
        (self.present & 1 << index != 0).then(|| self.scores[index])
    }

    /// Sets one score; `false`, and nothing set, when the round is beyond [`ROUNDS`](Self::ROUNDS).
    #[inline]
    pub fn set(&mut self, round: u32, athlete: Athlete, score: u32) -> bool {
        let Some(index) = Self::index(round, athlete) else { return false };
        self.place(index, score);
        true
    }

    /// Sets the score at an index in wire order.
    #[inline]
    pub(crate) fn place(&mut self, index: usize, score: u32) {
        self.scores[index] = score;
        self.present |= 1 << index;
    }

    /// The scores that the message holds, in wire order: round 1 blue, round 1 red, round 2 blue…
    pub fn iter(&self) -> impl Iterator<Item = (u32, Athlete, u32)> + '_ {
        (1..=Self::ROUNDS)
            .flat_map(|round| Athlete::BOTH.map(|athlete| (round, athlete)))
            .filter_map(|(round, athlete)| Some((round, athlete, self.score(round, athlete)?)))
    }

    #[inline]
    fn index(round: u32, athlete: Athlete) -> Option<usize> {
        let round = round.checked_sub(1).filter(|&round| round < Self::ROUNDS)?;
        Some(2 * round as usize + usize::from(athlete.number() - 1))
    }
}

/// `wrd;rd1;1;rd2;0;…`: the winner of each round, in order from round 1.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct RoundWinners {
    winners: [Option<Athlete>; Self::MOST],
    len: u8,
}

impl RoundWinners {
    /// The most rounds that the message can name.
    pub const MOST: usize = 10;

    /// Adds the next round; `false`, and nothing added, beyond [`MOST`](Self::MOST).
    pub fn push(&mut self, winner: Option<Athlete>) -> bool {
        let Some(place) = self.winners.get_mut(usize::from(self.len)) else { return false };
        *place = winner;
        self.len += 1;
        true
    }

    /// Sets the winner of a round counted from 1; the rounds before it that were never named have none.
    /// `false`, and nothing set, for round 0 and beyond [`MOST`](Self::MOST).
    pub fn set(&mut self, round: usize, winner: Option<Athlete>) -> bool {
        let Some(place) = round.checked_sub(1).and_then(|index| self.winners.get_mut(index)) else {
            return false;
        };
        *place = winner;
        self.len = self.len.max(round as u8);
        true
    }

    /// The winners from round 1 on; `None` for a round that nobody has won yet.
    pub fn as_slice(&self) -> &[Option<Athlete>] {
        &self.winners[..usize::from(self.len)]
    }

    /// How many rounds the message lists: the planned ones, and one more in conventional matches with golden.
    pub fn rounds(&self) -> u32 {
        u32::from(self.len)
    }
}

#[cfg(feature = "serde")]
mod json {
    use alloc::vec::Vec;

    use serde::ser::{SerializeMap as _, SerializeSeq as _, Serializer};

    use super::{RoundScores, RoundWinners};
    use crate::Athlete;

    #[derive(serde::Serialize)]
    struct RoundScore {
        round: u32,
        athlete: Athlete,
        score: u32,
    }

    impl serde::Serialize for RoundScores {
        fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
            let scores = self.iter().map(|(round, athlete, score)| RoundScore { round, athlete, score });
            let mut map = serializer.serialize_map(Some(1))?;
            map.serialize_entry("scores", &Vec::from_iter(scores))?;
            map.end()
        }
    }

    impl serde::Serialize for RoundWinners {
        fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
            struct Winners<'a>(&'a RoundWinners);
            impl serde::Serialize for Winners<'_> {
                fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                    let mut list = serializer.serialize_seq(Some(self.0.as_slice().len()))?;
                    for winner in self.0.as_slice() {
                        list.serialize_element(winner)?;
                    }
                    list.end()
                }
            }
            let mut map = serializer.serialize_map(Some(1))?;
            map.serialize_entry("winners", &Winners(self))?;
            map.end()
        }
    }
}
