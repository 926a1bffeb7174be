//! What values settings have.

use std::{fmt, ops::RangeInclusive, path::PathBuf};

/// What the values of a setting are.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub enum SettingKind {
    /// `true` or `false`.
    Bool,
    /// A whole number of this range.
    Integer(RangeInclusive<i64>),
    /// A number of this range.
    Number(RangeInclusive<f64>),
    /// One line of up to so many bytes.
    Text {
        /// The most bytes.
        longest: usize,
    },
    /// One of these words.
    Choice(Vec<String>),
    /// A file or a folder; empty for none.
    Path,
}

impl SettingKind {
    /// From the words of the database.
    pub(super) fn from_parts(kind: &str, argument: &str) -> Option<Self> {
        let bounds = || argument.split_once("..");
        Some(match kind {
            "bool" => Self::Bool,
            "integer" => {
                bounds().and_then(|(min, max)| Some(Self::Integer(min.parse().ok()?..=max.parse().ok()?)))?
            }
            "number" => {
                bounds().and_then(|(min, max)| Some(Self::Number(min.parse().ok()?..=max.parse().ok()?)))?
            }
            "text" => Self::Text { longest: argument.parse().ok()? },
            "choice" => Self::Choice(argument.split('|').map(str::to_owned).collect()),
            "path" => Self::Path,
            _ => return None,
        })
    }

    /// `bool`, `integer`, `number`, `text`, `choice` or `path`.
    pub const fn as_str(&self) -> &'static str {
        match self {
            Self::Bool => "bool",
            Self::Integer(_) => "integer",
            Self::Number(_) => "number",
            Self::Text { .. } => "text",
            Self::Choice(_) => "choice",
            Self::Path => "path",
        }
    }

    /// The value in the one way in which it is stored (` 050 ` is `50`), or what is allowed instead.
    pub(super) fn check(&self, text: &str) -> Result<String, String> {
        let value = match self {
            Self::Bool => text.trim().parse().ok().map(|value: bool| value.to_string()),
            Self::Integer(range) => text
                .trim()
                .parse()
                .ok()
                .filter(|value| range.contains(value))
                .map(|value: i64| value.to_string()),
            Self::Number(range) => text
                .trim()
                .parse()
                .ok()
                .filter(|value| range.contains(value))
                .map(|value: f64| value.to_string()),
            Self::Text { longest } => Some(text)
                .filter(|text| text.len() <= *longest && !text.contains(char::is_control))
                .map(str::to_owned),
            Self::Choice(words) => words.iter().find(|word| *word == text.trim()).cloned(),
            Self::Path => Some(text)
                .filter(|text| text.len() <= LONGEST_PATH && !text.contains(char::is_control))
                .map(str::to_owned),
        };
        value.ok_or_else(|| self.to_string())
    }
}

/// What is allowed: `a whole number from 1 to 60000`.
impl fmt::Display for SettingKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Bool => f.write_str("true or false"),
            Self::Integer(range) => write!(f, "a whole number from {} to {}", range.start(), range.end()),
            Self::Number(range) => write!(f, "a number from {} to {}", range.start(), range.end()),
            Self::Text { longest } => write!(f, "one line of up to {longest} bytes"),
            Self::Choice(words) => write!(f, "one of {}", words.join(", ")),
            Self::Path => f.write_str("a path in one line, or empty for none"),
        }
    }
}

/// No system takes longer ones.
const LONGEST_PATH: usize = 4096;

/// A type that settings can be asked for as.
pub trait SettingValue: Sized {
    /// The value of a text that the setting's kind allows; `None` when the kind is another.
    fn from_setting(text: &str) -> Option<Self>;
}

macro_rules! parsed {
    ($($type:ty)+) => {$(
        impl SettingValue for $type {
            fn from_setting(text: &str) -> Option<Self> {
                text.parse().ok()
            }
        }
    )+};
}

parsed!(bool i64 u64 u32 f64 String);

/// Empty is none.
impl SettingValue for Option<PathBuf> {
    fn from_setting(text: &str) -> Option<Self> {
        Some((!text.is_empty()).then(|| text.into()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(kind: &str, argument: &str, text: &str) -> Result<String, String> {
        SettingKind::from_parts(kind, argument).unwrap().check(text)
    }

    #[test]
    fn values_are_stored_in_one_way() {
        assert_eq!(check("integer", "1..60000", " 050 "), Ok("50".into()));
        assert_eq!(check("number", "0..1", "0.50"), Ok("0.5".into()));
        assert_eq!(check("bool", "", "true"), Ok("true".into()));
        assert_eq!(check("choice", "a|b", "b"), Ok("b".into()));
        assert_eq!(check("path", "", ""), Ok(String::new()));
        assert_eq!(check("text", "3", "abc"), Ok("abc".into()));
    }

    #[test]
    fn what_is_refused_is_told_what_is_allowed() {
        assert_eq!(check("integer", "1..60000", "0"), Err("a whole number from 1 to 60000".into()));
        assert_eq!(check("integer", "1..60000", "1.5"), Err("a whole number from 1 to 60000".into()));
        assert_eq!(check("number", "0..1", "NaN"), Err("a number from 0 to 1".into()));
        assert_eq!(check("bool", "", "yes"), Err("true or false".into()));
        assert_eq!(check("choice", "a|b", "c"), Err("one of a, b".into()));
        assert_eq!(check("text", "3", "abcd"), Err("one line of up to 3 bytes".into()));
        assert_eq!(check("path", "", "a\0b"), Err("a path in one line, or empty for none".into()));
    }

    #[test]
    fn definitions_that_mean_nothing() {
        for (kind, argument) in [("integer", "1"), ("integer", "a..b"), ("text", ""), ("secret", "")] {
            assert_eq!(SettingKind::from_parts(kind, argument), None, "{kind} {argument}");
        }
    }
}
