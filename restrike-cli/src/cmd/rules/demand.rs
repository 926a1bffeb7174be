//! What a rule demands, as it is typed.

use anyhow::Context as _;
use pss_protocol::{
    Code, Severity,
    rules::{Check, Rule},
};
use pss_store::StoredRule;

use crate::args::WrongUsage;

/// What it demands, and how bad it is when that is not met.
#[derive(Debug, clap::Args)]
pub(super) struct Demand {
    /// Only messages of this code; `any` for all that have the field.
    #[arg(long, value_name = "CODE|any", value_parser = code_or_any)]
    code: Option<OrAny<Code>>,
    /// The field, as in `points.points`: type and name in `restrike decode --format ndjson`; `any` for the message
    /// as a whole.
    #[arg(long, value_name = "FIELD|any", value_parser = field_or_any)]
    field: Option<OrAny<String>>,
    /// What is demanded: required, range, format, one_of, pattern, custom or retired.
    #[arg(long, value_name = "KIND")]
    check: Option<String>,
    /// How much of it: `1..5`, `time`, `start|stop`, a regular expression, a function's name.
    #[arg(long, value_name = "TEXT", allow_hyphen_values = true)]
    argument: Option<String>,
    /// How bad it is when that is not met: info, warning or error.
    #[arg(long, value_parser = severity)]
    severity: Option<Severity>,
    /// What is wrong then, for people.
    #[arg(long, value_name = "TEXT")]
    message: Option<String>,
}

#[derive(Clone, Debug)]
enum OrAny<T> {
    Any,
    Only(T),
}

impl<T: Clone> OrAny<T> {
    fn only(&self) -> Option<T> {
        match self {
            Self::Any => None,
            Self::Only(value) => Some(value.clone()),
        }
    }
}

pub(super) fn code(text: &str) -> Result<Code, String> {
    Code::from_name(text).ok_or_else(|| String::from("no code of the wire, as in pt1"))
}

fn code_or_any(text: &str) -> Result<OrAny<Code>, String> {
    if text == "any" { Ok(OrAny::Any) } else { code(text).map(OrAny::Only) }
}

fn field_or_any(text: &str) -> Result<OrAny<String>, String> {
    Ok(if text == "any" { OrAny::Any } else { OrAny::Only(text.to_owned()) })
}

fn severity(text: &str) -> Result<Severity, String> {
    Severity::from_name(text).ok_or_else(|| String::from("neither info, warning nor error"))
}

impl Demand {
    /// Whether anything was asked for.
    pub(super) fn is_empty(&self) -> bool {
        let Self { code, field, check, argument, severity, message } = self;
        code.is_none()
            && field.is_none()
            && check.is_none()
            && argument.is_none()
            && severity.is_none()
            && message.is_none()
    }

    /// A rule of this only.
    pub(super) fn new_rule(&self, id: &str) -> anyhow::Result<Rule> {
        let needed = |what: &str| WrongUsage(format!("a new rule needs a {what}"));
        let kind = self.check.as_deref().ok_or_else(|| needed("--check"))?;
        let message = self.message.clone().ok_or_else(|| needed("--message that says what is wrong"))?;
        Ok(Rule {
            id: id.to_owned().into(),
            code: self.code.as_ref().and_then(OrAny::only),
            field: self.field.as_ref().and_then(OrAny::only).map(Into::into),
            check: check(kind, self.argument.as_deref().unwrap_or_default())?,
            severity: self.severity.unwrap_or(Severity::Error),
            message: message.into(),
            enabled: true,
        })
    }

    /// A stored rule with this in place of what it has.
    pub(super) fn changed(&self, stored: &StoredRule) -> anyhow::Result<Rule> {
        let code = match (&self.code, &stored.event_code) {
            (Some(typed), _) => typed.only(),
            (None, None) => None,
            (None, Some(known)) => Some(Code::from_name(known).with_context(|| {
                format!("its code `{known}` is known to another version only; name one by --code")
            })?),
        };
        let field = match &self.field {
            Some(typed) => typed.only(),
            None => stored.field.clone(),
        };
        let kind = self.check.as_deref().unwrap_or(&stored.check_kind);
        // Another kind of check has another kind of argument.
        let known = if kind == stored.check_kind { stored.check_argument.as_str() } else { "" };
        let known_severity = Severity::from_name(&stored.severity).unwrap_or(Severity::Error);
        Ok(Rule {
            id: stored.id.clone().into(),
            code,
            field: field.map(Into::into),
            check: check(kind, self.argument.as_deref().unwrap_or(known))?,
            severity: self.severity.unwrap_or(known_severity),
            message: self.message.clone().unwrap_or_else(|| stored.message.clone()).into(),
            enabled: stored.enabled,
        })
    }
}

fn check(kind: &str, argument: &str) -> anyhow::Result<Check> {
    Ok(Check::from_parts(kind, argument).map_err(|error| WrongUsage(format!("--check {kind}: {error}")))?)
}
