//! The rules of the database: seeded from the program's, edited by its users, read by every pipeline.
//!
//! A row says by its origin whose it is. Rows of the origin `built_in` follow the program: a newer version puts
//! its own in their place when it opens the database. `changed` and `added` ones are the user's and stay.

mod edit;
mod history;
mod row;
mod seed;
mod trial;

use std::{fmt, sync::Arc};

use pss_protocol::{
    Code, Severity, Timestamp,
    rules::{Check, Dialect, Rule, RuleBook, RuleSet},
};

pub use edit::{ResetRule, RuleHistoryEntry};
pub(crate) use seed::seed;
pub use trial::{JudgedMessage, RuleTrial, StatusShift};

use crate::{Store, StoreError};

/// A rule as it is stored, in words: what another program or a hand wrote into the table shows as it is.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct StoredRule {
    /// The dialect whose messages it judges, as [`Dialect::as_str`].
    pub protocol_version: String,
    /// Names it in its protocol version.
    pub id: String,
    /// Rules are asked in this order.
    pub position: i64,
    /// Of which code; `None`: of every code whose messages have the field.
    pub event_code: Option<String>,
    /// The field it looks at; `None`: the message as a whole.
    pub field: Option<String>,
    /// What it demands, as [`Check::kind`].
    pub check_kind: String,
    /// How much of it, as [`Check::argument`].
    pub check_argument: String,
    /// How bad it is when that is not met, as [`Severity::as_str`].
    pub severity: String,
    /// What is wrong then, for people.
    pub message: String,
    /// Whether it is asked at all.
    pub enabled: bool,
    /// Whose it is.
    pub origin: RuleOrigin,
    /// When it was changed last; `None` for one that is as the program has it.
    pub changed_at: Option<Timestamp>,
    /// By whom.
    pub changed_by: Option<String>,
    /// Why.
    pub reason: Option<String>,
}

/// Whose a rule is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum RuleOrigin {
    /// As this version of the program has it.
    BuiltIn,
    /// The program has one of this id, and a user wants it otherwise.
    Changed,
    /// A user's.
    Added,
}

impl RuleOrigin {
    /// As in the database: `built_in`, `changed` or `added`.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::BuiltIn => "built_in",
            Self::Changed => "changed",
            Self::Added => "added",
        }
    }

    /// The origin with this [`as_str`](Self::as_str).
    pub fn from_name(name: &str) -> Option<Self> {
        [Self::BuiltIn, Self::Changed, Self::Added].into_iter().find(|origin| origin.as_str() == name)
    }
}

impl fmt::Display for RuleOrigin {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.as_str())
    }
}

impl StoredRule {
    /// A rule that is not stored yet, asked after all others.
    fn on_trial(dialect: Dialect, rule: &Rule) -> Self {
        row::Row::new(dialect, i64::MAX, rule, None).into()
    }

    /// The dialect whose messages it judges; `None` for one that this version does not know.
    pub fn dialect(&self) -> Option<Dialect> {
        Dialect::from_name(&self.protocol_version)
    }

    /// The rule, ready to be compiled.
    ///
    /// # Errors
    ///
    /// Why this version cannot ask it: another version or a hand wrote what means nothing here.
    pub fn rule(&self) -> Result<Rule, String> {
        let refuse = |reason: String| format!("rule `{}`: {reason}", self.id);
        if self.dialect().is_none() {
            return Err(refuse(format!("no protocol version is called `{}`", self.protocol_version)));
        }
        let code = self
            .event_code
            .as_deref()
            .map(|name| Code::from_name(name).ok_or_else(|| refuse(format!("no code `{name}` is known"))));
        let severity = Severity::from_name(&self.severity)
            .ok_or_else(|| refuse(format!("no severity is called `{}`", self.severity)))?;
        let check = Check::from_parts(&self.check_kind, &self.check_argument)
            .map_err(|error| refuse(error.to_string()))?;
        let rule = Rule {
            id: self.id.clone().into(),
            code: code.transpose()?,
            field: self.field.clone().map(Into::into),
            check,
            severity,
            message: self.message.clone().into(),
            enabled: self.enabled,
        };
        rule.codes().map_err(|error| error.to_string())?;
        Ok(rule)
    }
}

/// What it demands, in one line: `points.points: range 1..5, error, "points are 1 to 5"`.
impl fmt::Display for StoredRule {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match (&self.event_code, &self.field) {
            (Some(code), Some(field)) => write!(f, "{field} of {code}")?,
            (Some(code), None) => f.write_str(code)?,
            (None, Some(field)) => f.write_str(field)?,
            (None, None) => f.write_str("every message")?,
        }
        write!(f, ": {}", self.check_kind)?;
        if !self.check_argument.is_empty() {
            write!(f, " {}", self.check_argument)?;
        }
        write!(f, ", {}, {:?}", self.severity, self.message)?;
        f.write_str(if self.enabled { "" } else { ", disabled" })
    }
}

impl Store {
    /// The rules of a protocol version, or of all of them, in the order in which they are asked. Those that this
    /// version cannot read are among them; [`StoredRule::rule`] says why.
    ///
    /// # Errors
    ///
    /// When the database cannot be read.
    pub fn rules(&self, dialect: Option<Dialect>) -> Result<Vec<StoredRule>, StoreError> {
        let all = self.all_rules()?;
        let wanted = |rule: &&StoredRule| dialect.is_none_or(|d| rule.protocol_version == d.as_str());
        Ok(all.iter().filter(wanted).cloned().collect())
    }

    /// One rule; `None` where there is none of this id.
    ///
    /// # Errors
    ///
    /// When the database cannot be read.
    pub fn rule(&self, dialect: Dialect, id: &str) -> Result<Option<StoredRule>, StoreError> {
        let all = self.all_rules()?;
        Ok(all.iter().find(|rule| rule.protocol_version == dialect.as_str() && rule.id == id).cloned())
    }

    /// The enabled rules that messages of a code are judged by, in the order in which they are asked.
    ///
    /// # Errors
    ///
    /// When the database cannot be read.
    pub fn get_validation_rules(&self, code: Code, dialect: Dialect) -> Result<Vec<StoredRule>, StoreError> {
        let all = self.all_rules()?;
        let asked = |stored: &&StoredRule| {
            stored.protocol_version == dialect.as_str()
                && stored.enabled
                && stored.rule().is_ok_and(|rule| rule.codes().is_ok_and(|codes| codes.contains(&code)))
        };
        Ok(all.iter().filter(asked).cloned().collect())
    }

    /// The rules of every dialect, compiled for a pipeline. A row that this version cannot read is left out and
    /// logged, so that no table stops a ring.
    ///
    /// ```
    /// # use pss_store::{Store, StoreConfig};
    /// use pss_protocol::{Pipeline, PipelineConfig};
    ///
    /// # let folder = tempfile::tempdir()?;
    /// # let store = Store::open(StoreConfig::new(folder.path().join("restrike.db")))?;
    /// let pipeline = Pipeline::with_rules(PipelineConfig::default(), store.rule_book()?, ());
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    ///
    /// # Errors
    ///
    /// When the database cannot be read.
    pub fn rule_book(&self) -> Result<RuleBook, StoreError> {
        let book = self.caches().rule_book.get_or_load((), || {
            let (book, left_out) = compile(&self.all_rules()?);
            for reason in left_out {
                tracing::warn!(rule.reason = reason, "a stored rule cannot be read and is not asked");
            }
            Ok(Arc::new(book))
        });
        book.map(Arc::unwrap_or_clone)
    }

    fn all_rules(&self) -> Result<Arc<[StoredRule]>, StoreError> {
        self.caches().rules.get_or_load((), || self.read("read the rules", row::all).map(Arc::from))
    }
}

/// The rules that can be asked, and why the others cannot.
fn compile(rows: &[StoredRule]) -> (RuleBook, Vec<String>) {
    let mut sets = Dialect::ALL.map(RuleSet::empty);
    let mut left_out = Vec::new();
    for stored in rows {
        match (stored.rule(), sets.iter_mut().find(|set| Some(set.dialect()) == stored.dialect())) {
            (Ok(rule), Some(set)) => set.set(rule),
            (Err(reason), _) => left_out.push(reason),
            (Ok(_), None) => {}
        }
    }
    let mut book = RuleBook::built_in();
    for set in sets {
        match set.compile() {
            Ok(compiled) => book.replace(compiled),
            // Each of them was looked at alone, so this takes a conflict between them, of which none is known.
            Err(error) => left_out.push(error.to_string()),
        }
    }
    (book, left_out)
}
