//! Rules as data, and compiled for judging.

use alloc::{borrow::Cow, boxed::Box, string::ToString as _, vec::Vec};

use regex::bytes::Regex;

use super::{
    Check, Custom, Dialect, Format, RuleError, RuleErrorKind,
    field::{Field, Kind, Value},
};
use crate::{Code, Message, Severity};

/// One demand on the messages of a dialect.
#[derive(Clone, Debug, PartialEq)]
pub struct Rule {
    /// Names it within its dialect; findings carry it.
    pub id: Cow<'static, str>,
    /// Of which code; `None` for every code whose messages have the field.
    pub code: Option<Code>,
    /// The field it looks at: type and name in the message's JSON, `points.points`. `None` for the message as
    /// a whole.
    pub field: Option<Cow<'static, str>>,
    /// What it demands.
    pub check: Check,
    /// How bad it is when the demand is not met.
    pub severity: Severity,
    /// What is wrong then, for people; never holds the value, which may be a name.
    pub message: Cow<'static, str>,
    /// Whether it is asked at all.
    pub enabled: bool,
}

impl Rule {
    /// An enabled rule of severity error for every code whose messages have `field`.
    pub fn new(
        id: impl Into<Cow<'static, str>>,
        field: impl Into<Cow<'static, str>>,
        check: Check,
        message: impl Into<Cow<'static, str>>,
    ) -> Self {
        Self {
            id: id.into(),
            code: None,
            field: Some(field.into()),
            check,
            severity: Severity::Error,
            message: message.into(),
            enabled: true,
        }
    }

    /// The same for one code only.
    #[must_use]
    pub fn of_code(mut self, code: Code) -> Self {
        self.code = Some(code);
        self
    }

    /// The same for the message as a whole.
    #[must_use]
    pub fn of_message(mut self, code: Code) -> Self {
        self.field = None;
        self.of_code(code)
    }

    /// The same with another severity.
    #[must_use]
    pub fn severity(mut self, severity: Severity) -> Self {
        self.severity = severity;
        self
    }

    /// The codes of which it is asked.
    ///
    /// ```
    /// use pss_protocol::{Code, rules::{Check, Rule}};
    ///
    /// let rule = Rule::new("mine", "clock.time", Check::Required, "the clock shows a time");
    /// assert_eq!(*rule.codes()?, [Code::Clk]);
    /// # Ok::<(), pss_protocol::rules::RuleError>(())
    /// ```
    ///
    /// # Errors
    ///
    /// When the rule makes no sense, and why; [`RuleSet::compile`] would refuse it for the same reason.
    pub fn codes(&self) -> Result<Cow<'static, [Code]>, RuleError> {
        let refuse = |kind| RuleError { id: self.id.to_string(), kind };
        CompiledRule::new(self).map(|(codes, _)| codes).map_err(refuse)
    }
}

/// The rules of one dialect, each with its own id, in the order in which they are asked.
#[derive(Clone, Debug, PartialEq)]
pub struct RuleSet {
    dialect: Dialect,
    rules: Vec<Rule>,
}

impl RuleSet {
    /// No rules: whatever can be read is recognized.
    pub const fn empty(dialect: Dialect) -> Self {
        Self { dialect, rules: Vec::new() }
    }

    /// The rules that this crate knows for a dialect.
    pub fn built_in(dialect: Dialect) -> Self {
        Self { dialect, rules: super::built_in::rules(dialect) }
    }

    /// Whose rules they are.
    pub const fn dialect(&self) -> Dialect {
        self.dialect
    }

    /// The rules in order.
    pub fn rules(&self) -> &[Rule] {
        &self.rules
    }

    /// The rule of this id.
    pub fn rule_mut(&mut self, id: &str) -> Option<&mut Rule> {
        self.rules.iter_mut().find(|rule| rule.id == id)
    }

    /// Puts a rule in the place of the one with its id, or at the end.
    pub fn set(&mut self, rule: Rule) {
        match self.rule_mut(&rule.id) {
            Some(place) => *place = rule,
            None => self.rules.push(rule),
        }
    }

    /// Makes the rules ready for judging. Disabled rules are looked at too, so that enabling one later cannot
    /// fail.
    ///
    /// # Errors
    ///
    /// The first rule that makes no sense, and why.
    pub fn compile(&self) -> Result<CompiledRules, RuleError> {
        let mut by_code = Vec::from_iter(Code::ALL.iter().map(|_| Vec::new()));
        for rule in &self.rules {
            let refuse = |kind| RuleError { id: rule.id.to_string(), kind };
            let (codes, compiled) = CompiledRule::new(rule).map_err(refuse)?;
            if rule.enabled {
                for &code in &*codes {
                    by_code[code as usize].push(compiled.clone());
                }
            }
        }
        let by_code = by_code.into_iter().map(Vec::into_boxed_slice).collect();
        Ok(CompiledRules { dialect: self.dialect, by_code })
    }
}

/// The rules of one dialect, ready for judging: a short list for each code.
#[derive(Clone, Debug)]
pub struct CompiledRules {
    dialect: Dialect,
    /// Indexed by `Code as usize`.
    by_code: Box<[Box<[CompiledRule]>]>,
}

impl CompiledRules {
    /// The rules that this crate knows for a dialect.
    pub fn built_in(dialect: Dialect) -> Self {
        RuleSet::built_in(dialect).compile().expect("the tests compile every built-in set")
    }

    /// Whose rules they are.
    pub const fn dialect(&self) -> Dialect {
        self.dialect
    }

    pub(super) fn of(&self, code: Code) -> &[CompiledRule] {
        &self.by_code[code as usize]
    }
}

/// The compiled rules of every dialect.
#[derive(Clone, Debug)]
pub struct RuleBook {
    /// Indexed by `Dialect as usize`.
    sets: [CompiledRules; Dialect::ALL.len()],
}

impl RuleBook {
    /// The rules that this crate knows.
    pub fn built_in() -> Self {
        Self { sets: Dialect::ALL.map(CompiledRules::built_in) }
    }

    /// The rules of a dialect.
    pub fn of(&self, dialect: Dialect) -> &CompiledRules {
        &self.sets[dialect as usize]
    }

    /// Replaces the rules of the dialect that `rules` are for.
    pub fn replace(&mut self, rules: CompiledRules) {
        let dialect = rules.dialect;
        self.sets[dialect as usize] = rules;
    }
}

impl Default for RuleBook {
    fn default() -> Self {
        Self::built_in()
    }
}

/// A rule with its field looked up and its pattern compiled.
#[derive(Clone, Debug)]
pub(super) struct CompiledRule {
    pub(super) id: Cow<'static, str>,
    pub(super) field: Option<Field>,
    pub(super) severity: Severity,
    pub(super) message: Cow<'static, str>,
    test: Test,
}

#[derive(Clone, Debug)]
enum Test {
    Required,
    Range { min: i64, max: i64 },
    Format(Format),
    OneOf(Box<[Box<[u8]>]>),
    Pattern(Regex),
    Custom(Custom),
    Retired,
}

impl CompiledRule {
    /// The rule and the codes that it is asked of.
    fn new(rule: &Rule) -> Result<(Cow<'static, [Code]>, Self), RuleErrorKind> {
        if rule.id.is_empty() {
            return Err(RuleErrorKind::NoId);
        }
        let field = match &rule.field {
            Some(path) => {
                Some(Field::from_path(path).ok_or_else(|| RuleErrorKind::UnknownField(path.to_string()))?)
            }
            None => None,
        };
        let codes = match (rule.code, field) {
            (Some(code), Some(field)) if !field.codes().contains(&code) => {
                return Err(RuleErrorKind::NotOfCode { code: code.as_str(), field: field.path() });
            }
            (Some(code), _) => Cow::Owned(Vec::from([code])),
            (None, Some(field)) => Cow::Borrowed(field.codes()),
            (None, None) => Cow::Borrowed(Code::ALL),
        };
        let test = test(&rule.check, field, rule.code)?;
        let compiled =
            Self { id: rule.id.clone(), field, severity: rule.severity, message: rule.message.clone(), test };
        Ok((codes, compiled))
    }

    pub(super) const fn is_retired(&self) -> bool {
        matches!(self.test, Test::Retired)
    }

    pub(super) const fn is_required(&self) -> bool {
        matches!(self.test, Test::Required)
    }

    /// Whether `message` is as the rule demands.
    #[inline]
    pub(super) fn holds(&self, message: &Message<'_>) -> bool {
        match &self.test {
            Test::Custom(custom) => return custom.holds(message),
            Test::Retired => return false,
            _ => {}
        }
        let Some(field) = self.field else { return true };
        self.test.holds(field.value(message))
    }
}

impl Test {
    #[inline]
    fn holds(&self, value: Value<'_>) -> bool {
        match (self, value) {
            (Self::Required, Value::Absent) => false,
            (Self::Required, Value::Texts(texts)) => texts.iter().all(|text| !text.is_empty()),
            (Self::Required, Value::Scores(scores)) => scores.iter().next().is_some(),
            (Self::Range { min, max }, Value::Number(number)) => (*min..=*max).contains(&number),
            (Self::Range { min, max }, Value::Time(time)) => {
                (*min..=*max).contains(&i64::from(time.total_seconds()))
            }
            (Self::Range { min, max }, Value::Scores(scores)) => {
                scores.iter().all(|(_, _, score)| (*min..=*max).contains(&i64::from(score)))
            }
            (Self::Range { min, max }, Value::List(len)) => (*min..=*max).contains(&(len as i64)),
            (Self::Format(Format::Time), Value::Time(time)) => time.seconds < 60,
            (_, Value::Text(text)) => self.fits(text),
            (_, Value::Texts(texts)) => {
                texts.iter().all(|text| text.is_empty() || self.fits(text.as_bytes()))
            }
            _ => true,
        }
    }

    fn fits(&self, text: &[u8]) -> bool {
        match self {
            Self::Format(format) => format.fits(text),
            Self::OneOf(words) => words.iter().any(|word| **word == *text),
            Self::Pattern(pattern) => pattern.is_match(text),
            _ => true,
        }
    }
}

/// The test of a check, refused where it cannot be asked of the field.
fn test(check: &Check, field: Option<Field>, code: Option<Code>) -> Result<Test, RuleErrorKind> {
    let of_kind = |fits: fn(Kind) -> bool| {
        let field = field.ok_or(RuleErrorKind::NoField)?;
        let misfit = RuleErrorKind::NotForField { check: check.kind(), field: field.path() };
        if fits(field.kind()) { Ok(()) } else { Err(misfit) }
    };
    match check {
        Check::Required => of_kind(|_| true).map(|()| Test::Required),
        Check::Range { min, max } => {
            of_kind(|kind| kind != Kind::Text)?;
            if min > max {
                return Err(RuleErrorKind::EmptyRange);
            }
            Ok(Test::Range { min: *min, max: *max })
        }
        Check::Format(format) => {
            of_kind(if *format == Format::Time {
                |kind| kind == Kind::Time
            } else {
                |kind| kind == Kind::Text
            })?;
            Ok(Test::Format(*format))
        }
        Check::OneOf(words) => {
            of_kind(|kind| kind == Kind::Text)?;
            if words.iter().all(|word| word.is_empty()) {
                return Err(RuleErrorKind::NoWords);
            }
            Ok(Test::OneOf(words.iter().map(|word| word.as_bytes().into()).collect()))
        }
        Check::Pattern(pattern) => {
            of_kind(|kind| kind == Kind::Text)?;
            let pattern = Regex::new(pattern).map_err(|error| RuleErrorKind::Pattern(error.to_string()))?;
            Ok(Test::Pattern(pattern))
        }
        Check::Custom(custom) => Ok(Test::Custom(*custom)),
        Check::Retired if code.is_none() => Err(RuleErrorKind::NoCode),
        Check::Retired => Ok(Test::Retired),
    }
}
