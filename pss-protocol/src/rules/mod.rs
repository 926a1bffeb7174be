//! What makes a message right: rules as data, judged per dialect and protocol version.
//!
//! A [`Rule`] demands something of a field: that it is there ([`Check::Required`]), lies in a range, has a
//! form, is one of some words, matches a pattern, or that the message as a whole satisfies a function. A
//! [`RuleSet`] holds those of one [`Dialect`]; [`RuleSet::compile`] refuses what makes no sense and gives
//! [`CompiledRules`], a short list for each code; [`judge()`] asks these of a message. A [`RuleBook`] holds the
//! compiled rules of all dialects, and [`DialectDetector`] tells which of them a source speaks.
//!
//! Rules judge, they do not filter: a message that breaks one is recorded and reaches the state all the same.
//!
//! ```
//! use pss_protocol::rules::{Check, Dialect, Rule, RuleSet};
//!
//! let mut rules = RuleSet::built_in(Dialect::TkStrike);
//! rules.set(Rule::new("points-range", "points.points", Check::Range { min: 1, max: 5 }, "1 to 5"));
//! assert!(rules.compile().is_ok());
//!
//! rules.set(Rule::new("mine", "points.pionts", Check::Required, "points are a number"));
//! assert_eq!(
//!     rules.compile().unwrap_err().to_string(),
//!     "rule `mine`: no message has a field `points.pionts`",
//! );
//! ```
//!
//! # Status
//!
//! | status | when |
//! |---|---|
//! | `unknown` | the code is not known, the fields cannot be read, or a finding of severity error |
//! | `deprecated` | no error, and the code is retired in this dialect |
//! | `partial` | no error, and a finding of severity warning: a field is missing, untrusted or surplus |
//! | `recognized` | none of these |
//!
//! What the sender answers when it has nothing to tell yet (`clk;`, `sc1;sc2;`) is complete as it is.
//!
//! # Confidence
//!
//! The product of the weights of all findings, reckoned in thousandths and rounded to the nearest at each
//! step:
//!
//! | finding | weight |
//! |---|---|
//! | info | 0.98 |
//! | `terminator_cut` | 0.95 |
//! | `repaired`; a retired code | 0.90 |
//! | any other warning | 0.75 |
//! | any other error | 0.25 |
//! | `unknown_code` | 0.10 |
//! | `garbage` | 0.00 |
//!
//! So a message without findings has 1.0, and one whose status is `unknown` at most 0.25.

mod built_in;
mod check;
mod dialect;
mod field;
mod judge;
mod set;

pub use check::{Check, Custom, Format, RuleError, RuleErrorKind};
pub use dialect::{Dialect, DialectDetector};
pub(crate) use judge::is_empty_answer;
pub use judge::{Verdict, judge};
pub use set::{CompiledRules, Rule, RuleBook, RuleSet};
