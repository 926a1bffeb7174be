//! Athletes by hand: who they are, who is the same, who only has the same name.

mod merge;
mod rows;
mod similar;
mod split;

use pss_protocol::{Athlete, Timestamp};
use serde::Serialize;

pub use self::rows::BadMatchSide;
use crate::{AthleteId, Change, SessionId, Store, StoreError, StoredMatch, change::OwnedChange};

/// An athlete as the wire names one: long name, country and division together. The name is personal data.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct StoredAthlete {
    /// The name in this database.
    pub id: AthleteId,
    /// The long name.
    pub long_name: String,
    /// Three letters; empty where unknown.
    pub country: String,
    /// `SENIORS`; empty where unknown.
    pub division: String,
    /// 0, but for namesakes in all three that were told apart by hand.
    pub variant: u32,
    /// For the scoreboard.
    pub short_name: Option<String>,
    /// Whom this one was merged into, always the last of a chain.
    pub merged_into: Option<AthleteId>,
    /// In how many matches, those of the athletes merged into this one included.
    pub matches: u64,
}

/// Which athletes; what is `None` does not narrow.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct AthleteFilter<'a> {
    /// A part of the long or the short name, in the case of ASCII letters or another.
    pub name: Option<&'a str>,
    /// The country.
    pub country: Option<&'a str>,
    /// The division.
    pub division: Option<&'a str>,
    /// Those merged into others as well.
    pub merged: bool,
    /// At most so many.
    pub limit: Option<u32>,
}

/// An athlete with all that names one.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct AthleteRecord {
    /// The athlete.
    pub athlete: StoredAthlete,
    /// The athletes that were merged into this one.
    pub merged: Vec<StoredAthlete>,
    /// The matches, the last first, those of the merged athletes included.
    pub matches: Vec<AthleteMatch>,
}

/// A match of an athlete.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct AthleteMatch {
    /// The match.
    pub stored: StoredMatch,
    /// When it was loaded.
    pub began_at: Option<Timestamp>,
    /// On which side the athlete fought.
    pub side: Athlete,
    /// As whom the match names the athlete.
    pub named: AthleteId,
}

impl AthleteMatch {
    /// The side of the match, to name it in [`Store::split_athlete`].
    pub fn place(&self) -> MatchSide {
        MatchSide { session: self.stored.session, match_index: self.stored.summary.index, side: self.side }
    }
}

/// One side of a match, which is one athlete. Written `SESSION:MATCH:SIDE`, as in `3:0:blue`; matches are counted
/// from 0 in the session.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct MatchSide {
    /// The session.
    pub session: SessionId,
    /// The match, counted from 0 in the session.
    pub match_index: u32,
    /// Which of the two.
    pub side: Athlete,
}

impl std::fmt::Display for MatchSide {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}:{}:{}", self.session, self.match_index, self.side.as_str())
    }
}

/// Athletes that may be one.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct SimilarAthletes {
    /// Why.
    pub likeness: Likeness,
    /// Two or more, the one with the most matches first.
    pub athletes: Vec<StoredAthlete>,
}

/// Why athletes may be one.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[non_exhaustive]
#[serde(rename_all = "snake_case")]
pub enum Likeness {
    /// The same name, but for case, diacritics, spaces, signs and the order of its words; the same country.
    Spelling,
    /// The same name to the letter and the same country, in another division.
    Division,
}

impl Likeness {
    /// `spelling` or `division`.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Spelling => "spelling",
            Self::Division => "division",
        }
    }
}

/// Something that was done to an athlete by hand.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct AthleteChange {
    /// To whom.
    pub athlete: AthleteId,
    /// Who else is concerned: whom it was merged into or parted from, or from whom a match came.
    pub other: Option<AthleteId>,
    /// `merge`, `unmerge`, `split`, or `assign` for a match that moved.
    pub action: String,
    /// The match and the side that moved, as [`MatchSide`] writes it.
    pub detail: Option<String>,
    /// When.
    pub at: Timestamp,
    /// Who did it.
    pub by: String,
    /// Why.
    pub reason: String,
}

impl Store {
    /// Athletes by name, country and division.
    ///
    /// # Errors
    ///
    /// When the database cannot be read.
    pub fn athletes(&self, filter: &AthleteFilter<'_>) -> Result<Vec<StoredAthlete>, StoreError> {
        self.read("list the athletes", |connection| rows::list(connection, filter))
    }

    /// An athlete with the matches; `None` where there is none of this name.
    ///
    /// # Errors
    ///
    /// When the database cannot be read.
    pub fn athlete(&self, id: AthleteId) -> Result<Option<AthleteRecord>, StoreError> {
        self.read("find an athlete", |connection| rows::record(connection, self.caches(), id))
    }

    /// Athletes that may be one, for a person to decide. Those told apart by hand are not among them.
    ///
    /// # Errors
    ///
    /// When the database cannot be read.
    pub fn similar_athletes(&self) -> Result<Vec<SimilarAthletes>, StoreError> {
        let all = self.athletes(&AthleteFilter::default())?;
        Ok(similar::among(&all))
    }

    /// Says that `from` is `into`. Their rows stay, so that a new reading finds them and
    /// [`unmerge_athlete`](Self::unmerge_athlete) takes it back; whatever shows athletes shows one.
    ///
    /// # Errors
    ///
    /// When one is not there, when both are one already, when `from` was merged before, when they fought each other, or
    /// when the database cannot be written.
    pub fn merge_athletes(
        &self,
        from: AthleteId,
        into: AthleteId,
        change: &Change<'_>,
    ) -> Result<(), StoreError> {
        let change = OwnedChange::from(change);
        self.change("merge athletes", move |connection| merge::merge(connection, from, into, &change))
    }

    /// Takes a merge back. Who was merged into this one before goes along.
    ///
    /// # Errors
    ///
    /// When the athlete is not there or not merged, or the database cannot be written.
    pub fn unmerge_athlete(&self, id: AthleteId, change: &Change<'_>) -> Result<(), StoreError> {
        let change = OwnedChange::from(change);
        self.change("unmerge an athlete", move |connection| merge::unmerge(connection, id, &change))
    }

    /// Says that these matches were a namesake's: another athlete with the same name, country and division, who is
    /// returned. A new reading of the matches keeps it. To take it back, merge the two.
    ///
    /// # Errors
    ///
    /// When the athlete or a match is not there, when the athlete did not fight on that side of it, when no match is
    /// named, or when the database cannot be written.
    pub fn split_athlete(
        &self,
        id: AthleteId,
        matches: &[MatchSide],
        change: &Change<'_>,
    ) -> Result<AthleteId, StoreError> {
        let change = OwnedChange::from(change);
        let matches = matches.to_vec();
        self.change("split an athlete", move |connection| split::split(connection, id, &matches, &change))
    }

    /// What was done to an athlete by hand, in order.
    ///
    /// # Errors
    ///
    /// When the database cannot be read.
    pub fn athlete_history(&self, id: AthleteId) -> Result<Vec<AthleteChange>, StoreError> {
        self.read("read the history of an athlete", |connection| rows::history(connection, id))
    }
}
