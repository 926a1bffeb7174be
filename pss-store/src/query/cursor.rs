//! Where a page ended: the sort key of its last row, as a text to be handed back.

use std::{fmt, str::FromStr};

use serde::{Serialize, Serializer};

use super::Order;

/// Where the next page begins. Its text is for handing back only; what it is made of may change with a version,
/// and then older ones are refused.
///
/// ```
/// use pss_store::Cursor;
///
/// let refused = "page 2".parse::<Cursor>().unwrap_err();
/// assert_eq!(refused.to_string(), "not a cursor of this version; begin again without one");
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Cursor {
    pub(super) noun: Noun,
    pub(super) sequence: Sequence,
    pub(super) order: Order,
    /// The key of the last row, as long as the sequence has it; what is unused is 0.
    pub(super) key: Key,
}

/// A sort key: a time that may be missing, and numbers that make it unique.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Key {
    pub(super) at: Option<i64>,
    pub(super) place: [i64; 3],
}

/// What a query is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Noun {
    Messages,
    MatchEvents,
    Hits,
    Matches,
    Athletes,
}

/// By what the rows are put in order.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Sequence {
    /// By arrival over all rings.
    Arrival,
    /// As they were received in one session.
    Session,
    /// Match by match, within each as they were received.
    Match,
}

impl Noun {
    pub(super) const ALL: [Self; 5] =
        [Self::Messages, Self::MatchEvents, Self::Hits, Self::Matches, Self::Athletes];
    const LETTERS: [(Self, char); 5] = [
        (Self::Messages, 'm'),
        (Self::MatchEvents, 'e'),
        (Self::Hits, 'h'),
        (Self::Matches, 'f'),
        (Self::Athletes, 'a'),
    ];

    /// For people, in the plural.
    pub(super) const fn as_str(self) -> &'static str {
        match self {
            Self::Messages => "messages",
            Self::MatchEvents => "match events",
            Self::Hits => "hits",
            Self::Matches => "matches",
            Self::Athletes => "athletes",
        }
    }
}

impl Sequence {
    const LETTERS: [(Self, char); 3] = [(Self::Arrival, 't'), (Self::Session, 's'), (Self::Match, 'm')];
}

impl Order {
    const LETTERS: [(Self, char); 2] = [(Self::NewestFirst, 'n'), (Self::OldestFirst, 'o')];
}

fn letter<T: PartialEq>(letters: &[(T, char)], value: &T) -> char {
    letters.iter().find(|(known, _)| known == value).map_or('?', |(_, letter)| *letter)
}

fn value<T: Copy>(letters: &[(T, char)], letter: char) -> Option<T> {
    letters.iter().find(|(_, known)| *known == letter).map(|(value, _)| *value)
}

/// `1` for the version, a letter each for noun, sequence and order, then the key.
impl fmt::Display for Cursor {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { noun, sequence, order, key } = self;
        let letters = [
            letter(&Noun::LETTERS, noun),
            letter(&Sequence::LETTERS, sequence),
            letter(&Order::LETTERS, order),
        ];
        write!(f, "{VERSION}{}", String::from_iter(letters))?;
        match key.at {
            Some(at) => write!(f, ".{at}")?,
            None => f.write_str(".")?,
        }
        key.place.iter().try_for_each(|number| write!(f, ".{number}"))
    }
}

impl FromStr for Cursor {
    type Err = BadCursor;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let read = || {
            let mut parts = text.splitn(5, '.');
            let mut letters = parts.next()?.strip_prefix(VERSION)?.chars();
            let cursor = Self {
                noun: value(&Noun::LETTERS, letters.next()?)?,
                sequence: value(&Sequence::LETTERS, letters.next()?)?,
                order: value(&Order::LETTERS, letters.next()?)?,
                key: Key {
                    at: match parts.next()? {
                        "" => None,
                        at => Some(at.parse().ok()?),
                    },
                    place: [
                        parts.next()?.parse().ok()?,
                        parts.next()?.parse().ok()?,
                        parts.next()?.parse().ok()?,
                    ],
                },
            };
            // One text for one cursor: no `+1`, no `01`, nothing behind it.
            (cursor.to_string() == text).then_some(cursor)
        };
        read().ok_or(BadCursor)
    }
}

const VERSION: char = '1';

impl Serialize for Cursor {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

/// A text that is no cursor.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("not a cursor of this version; begin again without one")]
pub struct BadCursor;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_cursor_is_read_as_it_was_written() {
        for (noun, _) in Noun::LETTERS {
            for (sequence, _) in Sequence::LETTERS {
                for (order, _) in Order::LETTERS {
                    for at in [None, Some(0), Some(i64::MIN), Some(i64::MAX)] {
                        let key = Key { at, place: [-1, 0, i64::MAX] };
                        let cursor = Cursor { noun, sequence, order, key };
                        assert_eq!(cursor.to_string().parse(), Ok(cursor));
                    }
                }
            }
        }
    }

    #[test]
    fn garbage_is_refused() {
        let good = "1mtn.5.1.2.3";
        assert!(good.parse::<Cursor>().is_ok());
        for bad in [
            "",
            "1",
            "1mtn",
            "1mtn.5.1.2",
            "1mtn.5.1.2.3.4",
            "1mtn.5.1.2.+3",
            "1mtn.5.1.2.03",
            "2mtn.5.1.2.3",
            "1xtn.5.1.2.3",
            "1mtnn.5.1.2.3",
            "1mtn.5.1.2.3 ",
            "1mtn.5.1.2.9223372036854775808",
            "ä.ö.ü.1.2",
            "1ä",
        ] {
            assert_eq!(bad.parse::<Cursor>(), Err(BadCursor), "{bad}");
        }
    }
}
