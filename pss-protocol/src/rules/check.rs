//! What a rule demands of a field.

use alloc::{borrow::Cow, format, string::String, vec::Vec};
use core::fmt;

use crate::Message;

/// What a rule demands.
///
/// Every check but `required` is content with a field that is empty or absent: whether it must be there is for
/// a rule of its own to say.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub enum Check {
    /// The field must hold something.
    Required,
    /// The number, or the time in seconds, must lie between these, both included. In a list each of them.
    Range {
        /// The smallest that is right.
        min: i64,
        /// The largest that is right.
        max: i64,
    },
    /// The value must have this form.
    Format(Format),
    /// The text must be one of these, as on the wire and case-sensitive.
    OneOf(Vec<Cow<'static, str>>),
    /// The text must match this regular expression (crate `regex`, on the bytes of the wire). It is not
    /// anchored: write `^…$` to match the whole text.
    Pattern(Cow<'static, str>),
    /// The whole message must satisfy a function.
    Custom(Custom),
    /// The code itself is retired in this protocol version: the message is understood, and
    /// [`Deprecated`](crate::RecognitionStatus::Deprecated).
    Retired,
}

/// The forms that [`Check::Format`] knows.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Format {
    /// Minutes and seconds, seconds below 60.
    Time,
    /// Three capital letters, as IOC codes have.
    Country,
    /// `#rrggbb`.
    Color,
    /// An optional sign and digits.
    Integer,
}

impl Format {
    /// Every form.
    pub const ALL: [Self; 4] = [Self::Time, Self::Country, Self::Color, Self::Integer];

    /// As in the argument of a stored rule.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Time => "time",
            Self::Country => "country",
            Self::Color => "color",
            Self::Integer => "integer",
        }
    }

    /// Whether `text` has this form; times are judged typed, not here.
    pub(super) fn fits(self, text: &[u8]) -> bool {
        match self {
            Self::Time => true,
            Self::Country => text.len() == 3 && text.iter().all(u8::is_ascii_uppercase),
            Self::Color => {
                matches!(text, [b'#', digits @ ..] if digits.len() == 6 && digits.iter().all(u8::is_ascii_hexdigit))
            }
            Self::Integer => {
                let digits = text.strip_prefix(b"-").unwrap_or(text);
                !digits.is_empty() && digits.iter().all(u8::is_ascii_digit)
            }
        }
    }
}

/// A named function over a whole message: `true` where the message is right.
#[derive(Clone, Copy)]
pub struct Custom {
    name: &'static str,
    test: fn(&Message<'_>) -> bool,
}

impl Custom {
    /// The functions that stored rules can name.
    pub const BUILT_IN: [Self; 3] = [
        Self::new("somebody_scores", |message| {
            !matches!(message, Message::Score { blue: None, red: None })
                && !matches!(message, Message::RoundScores(scores) if scores.iter().next().is_none())
        }),
        Self::new("somebody_counted", |message| {
            !matches!(message, Message::GamJeoms { blue: None, red: None })
        }),
        Self::new(
            "somebody_named",
            |message| !matches!(message, Message::Athletes(athletes) if athletes.blue.is_none() && athletes.red.is_none()),
        ),
    ];

    /// A function of your own.
    pub const fn new(name: &'static str, test: fn(&Message<'_>) -> bool) -> Self {
        Self { name, test }
    }

    /// The built-in function of this name.
    pub fn built_in(name: &str) -> Option<Self> {
        Self::BUILT_IN.into_iter().find(|custom| custom.name == name)
    }

    /// Its name.
    pub const fn name(&self) -> &'static str {
        self.name
    }

    pub(super) fn holds(&self, message: &Message<'_>) -> bool {
        (self.test)(message)
    }
}

impl fmt::Debug for Custom {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Custom").field(&self.name).finish()
    }
}

impl PartialEq for Custom {
    fn eq(&self, other: &Self) -> bool {
        self.name == other.name
    }
}

/// The words for checks, as stored rules use them: a kind and an argument, both text.
impl Check {
    /// `required`, `range`, `format`, `one_of`, `pattern`, `custom` or `retired`.
    pub const fn kind(&self) -> &'static str {
        match self {
            Self::Required => "required",
            Self::Range { .. } => "range",
            Self::Format(_) => "format",
            Self::OneOf(_) => "one_of",
            Self::Pattern(_) => "pattern",
            Self::Custom(_) => "custom",
            Self::Retired => "retired",
        }
    }

    /// What [`from_parts`](Self::from_parts) reads back: `1..5`, `time`, `start|stop`, the expression, the
    /// function's name, or nothing.
    pub fn argument(&self) -> String {
        match self {
            Self::Required | Self::Retired => String::new(),
            Self::Range { min, max } => format!("{min}..{max}"),
            Self::Format(format) => format.as_str().into(),
            Self::OneOf(words) => words.join("|"),
            Self::Pattern(pattern) => pattern.clone().into_owned(),
            Self::Custom(custom) => custom.name.into(),
        }
    }

    /// The check of this kind with this argument.
    ///
    /// ```
    /// use pss_protocol::rules::Check;
    ///
    /// assert_eq!(Check::from_parts("range", "1..5")?, Check::Range { min: 1, max: 5 });
    /// # Ok::<(), pss_protocol::rules::RuleErrorKind>(())
    /// ```
    ///
    /// # Errors
    ///
    /// What is wrong with the kind or with its argument. Whether a pattern is one shows when the rule is
    /// [compiled](super::RuleSet::compile).
    pub fn from_parts(kind: &str, argument: &str) -> Result<Self, RuleErrorKind> {
        let unfit = |expected| RuleErrorKind::Argument { argument: argument.into(), expected };
        match kind {
            "required" | "retired" if !argument.is_empty() => Err(unfit("nothing")),
            "required" => Ok(Self::Required),
            "retired" => Ok(Self::Retired),
            "range" => {
                let bounds = argument.split_once("..").ok_or_else(|| unfit("MIN..MAX"))?;
                let bound = |text: &str| text.trim().parse().map_err(|_| unfit("MIN..MAX"));
                Ok(Self::Range { min: bound(bounds.0)?, max: bound(bounds.1)? })
            }
            "format" => Format::ALL
                .into_iter()
                .find(|format| format.as_str() == argument)
                .map(Self::Format)
                .ok_or_else(|| unfit("time, country, color or integer")),
            "one_of" => Ok(Self::OneOf(argument.split('|').map(|word| Cow::Owned(word.into())).collect())),
            "pattern" => Ok(Self::Pattern(Cow::Owned(argument.into()))),
            "custom" => Custom::built_in(argument)
                .map(Self::Custom)
                .ok_or_else(|| unfit("a built-in function's name")),
            _ => Err(RuleErrorKind::UnknownKind(kind.into())),
        }
    }
}

/// Why a rule was refused.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct RuleError {
    /// The rule.
    pub id: String,
    /// What is wrong with it.
    pub kind: RuleErrorKind,
}

impl fmt::Display for RuleError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "rule `{}`: {}", self.id, self.kind)
    }
}

impl core::error::Error for RuleError {}

/// What is wrong with a rule.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum RuleErrorKind {
    /// No check is called so.
    UnknownKind(String),
    /// No message has a field of this name.
    UnknownField(String),
    /// The check's argument cannot be read.
    Argument {
        /// As given.
        argument: String,
        /// What it should be.
        expected: &'static str,
    },
    /// The check looks at a field, and the rule names none.
    NoField,
    /// A retired rule names the code that is retired.
    NoCode,
    /// Messages of this code do not have the field.
    NotOfCode {
        /// The rule's code.
        code: &'static str,
        /// The rule's field.
        field: &'static str,
    },
    /// The check makes no sense for the values of this field.
    NotForField {
        /// The check's kind.
        check: &'static str,
        /// The rule's field.
        field: &'static str,
    },
    /// No number lies in the range.
    EmptyRange,
    /// No text is one of none.
    NoWords,
    /// The regular expression is none.
    Pattern(String),
    /// The rule has no id.
    NoId,
}

impl fmt::Display for RuleErrorKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::UnknownKind(kind) => write!(
                f,
                "no check is called `{kind}`; there are required, range, format, one_of, pattern, custom and retired"
            ),
            Self::UnknownField(field) => write!(f, "no message has a field `{field}`"),
            Self::Argument { argument, expected } => write!(f, "expected {expected}, found `{argument}`"),
            Self::NoField => f.write_str("the check needs a field, as in `points.points`"),
            Self::NoCode => f.write_str("what is retired is a code, and the rule names none"),
            Self::NotOfCode { code, field } => write!(f, "messages of code `{code}` have no field `{field}`"),
            Self::NotForField { check, field } => {
                write!(f, "`{check}` cannot be asked of `{field}`, whose values are of another kind")
            }
            Self::EmptyRange => f.write_str("the range is empty, its first number is above its last"),
            Self::NoWords => f.write_str("the list of words is empty"),
            Self::Pattern(reason) => write!(f, "the pattern is no regular expression: {reason}"),
            Self::NoId => f.write_str("it has no id"),
        }
    }
}

impl core::error::Error for RuleErrorKind {}
