//! Judging one message.

use alloc::{borrow::Cow, format, string::ToString as _, vec::Vec};

use super::{CompiledRules, field::Value};
use crate::{
    Code, Finding, Flaw, Message, Parsed, RecognitionStatus,
    Severity::{self, Error, Info, Warning},
    Span,
};

/// What the rules make of a message.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct Verdict {
    /// How far it was understood.
    pub status: RecognitionStatus,
    /// From 0.0 to 1.0; see [the formula](super#confidence).
    pub confidence: f32,
    /// What is odd about it; empty, and not allocated, where nothing is.
    pub findings: Vec<Finding>,
}

/// Judges a message of `datagram`, the bytes that `parsed.span` counts in.
///
/// ```
/// use pss_protocol::{RecognitionStatus, rules};
///
/// let rules = rules::CompiledRules::built_in(rules::Dialect::V23);
/// let datagram = b"xyz;1;";
/// let parsed = pss_protocol::parse(datagram).next().unwrap();
/// let verdict = rules::judge(&rules, &parsed, datagram);
/// assert_eq!(verdict.status, RecognitionStatus::Unknown);
/// assert_eq!(verdict.findings.len(), 1);
/// ```
pub fn judge(rules: &CompiledRules, parsed: &Parsed<'_>, datagram: &[u8]) -> Verdict {
    let mut judgement = Judgement { findings: Vec::new(), per_mille: 1000, worst: None, retired: false };
    if let Some(flaw) = parsed.flaw {
        judgement.flaw(flaw);
    }
    match (&parsed.message, parsed.message.code()) {
        (Message::Malformed { code, error, .. }, _) => {
            let error = parsed.error().unwrap_or(*error);
            let message = format!("`{code}` with fields that cannot be read: {error}");
            let (rule, span) = (Cow::Borrowed("malformed"), error.span);
            judgement.add(Weight::of(Error), Finding { rule, severity: Error, field: None, span, message });
        }
        (Message::Unknown { .. }, _) => {
            judgement.reading(
                "unknown_code",
                Weight::UNKNOWN_CODE,
                Error,
                parsed.span,
                "no code that is known",
            );
        }
        (_, None) => {
            judgement.reading("garbage", Weight::GARBAGE, Error, parsed.span, "no message of the protocol");
        }
        (message, Some(code)) => judgement.rules(rules, code, message, parsed, datagram),
    }
    judgement.verdict()
}

/// Of a finding, in thousandths: what the confidence is multiplied with.
#[derive(Clone, Copy)]
struct Weight(u32);

impl Weight {
    const TERMINATOR_CUT: Self = Self(950);
    const REPAIRED: Self = Self(900);
    const RETIRED: Self = Self(900);
    const UNKNOWN_CODE: Self = Self(100);
    const GARBAGE: Self = Self(0);

    const fn of(severity: Severity) -> Self {
        match severity {
            Info => Self(980),
            Warning => Self(750),
            Error => Self(250),
        }
    }
}

struct Judgement {
    findings: Vec<Finding>,
    per_mille: u32,
    worst: Option<Severity>,
    retired: bool,
}

impl Judgement {
    #[cold]
    fn add(&mut self, weight: Weight, finding: Finding) {
        self.per_mille = (self.per_mille * weight.0 + 500) / 1000;
        self.worst = self.worst.max(Some(finding.severity));
        self.findings.push(finding);
    }

    fn reading(
        &mut self,
        rule: &'static str,
        weight: Weight,
        severity: Severity,
        span: Span,
        message: &'static str,
    ) {
        let rule = Cow::Borrowed(rule);
        self.add(weight, Finding { rule, severity, field: None, span, message: message.into() });
    }

    #[cold]
    fn flaw(&mut self, flaw: Flaw) {
        let (rule, weight, field, span, message) = match flaw {
            Flaw::TerminatorCut { span } => {
                let message = "the line feed was cut off, every field is whole";
                ("terminator_cut", Weight::TERMINATOR_CUT, Some("terminator"), span, message)
            }
            Flaw::Untrusted { field, span, repaired: true } => {
                let message = "the datagram was cut here, and the message holds the whole value elsewhere";
                ("repaired", Weight::REPAIRED, Some(field), span, message)
            }
            Flaw::Untrusted { field, span, repaired: false } => {
                let message = "the datagram was cut here, the value may be shorter than it was";
                ("truncated", Weight::of(Warning), Some(field), span, message)
            }
            Flaw::Surplus { span } => {
                ("surplus", Weight::of(Warning), None, span, "more than the message can hold")
            }
            Flaw::Missing { field, span } => {
                ("missing", Weight::of(Warning), Some(field), span, "the message ends before this field")
            }
        };
        let field = field.map(Cow::Borrowed);
        let (rule, message) = (Cow::Borrowed(rule), message.to_string());
        self.add(weight, Finding { rule, severity: Warning, field, span, message });
    }

    #[inline]
    fn rules(
        &mut self,
        rules: &CompiledRules,
        code: Code,
        message: &Message<'_>,
        parsed: &Parsed<'_>,
        datagram: &[u8],
    ) {
        // What was cut off is said once, and what arrived of the last field is not held to a form.
        let (incomplete, untrusted) = match parsed.flaw {
            Some(Flaw::Missing { .. }) => (true, None),
            Some(Flaw::Untrusted { field, repaired, .. }) => (true, (!repaired).then_some(field)),
            _ => (false, None),
        };
        for rule in rules.of(code) {
            if rule.holds(message) {
                continue;
            }
            let path = rule.field.map(super::field::Field::path);
            let told = path.is_some() && path == untrusted;
            let cut = incomplete && rule.is_required();
            if told || cut || is_empty_answer(message) {
                continue;
            }
            let value = rule.field.map_or(Value::Absent, |field| field.value(message));
            let span = rule.field.map_or(parsed.span, |field| field.span(value, datagram, parsed.span));
            let finding = Finding {
                rule: rule.id.clone(),
                severity: rule.severity,
                field: path.map(Cow::Borrowed),
                span,
                message: rule.message.to_string(),
            };
            self.retired |= rule.is_retired();
            self.add(if rule.is_retired() { Weight::RETIRED } else { Weight::of(rule.severity) }, finding);
        }
    }

    fn verdict(self) -> Verdict {
        let status = match self.worst {
            Some(Error) => RecognitionStatus::Unknown,
            _ if self.retired => RecognitionStatus::Deprecated,
            Some(Warning) => RecognitionStatus::Partial,
            Some(Info) | None => RecognitionStatus::Recognized,
        };
        Verdict { status, confidence: self.per_mille as f32 / 1000.0, findings: self.findings }
    }
}

/// Whether the message is what the sender answers when it has nothing to tell yet: `clk;`, `sc1;sc2;`.
pub(crate) fn is_empty_answer(message: &Message<'_>) -> bool {
    match message {
        Message::Clock { time: None, action: None }
        | Message::Break { time: None, action: None }
        | Message::Round { round: None }
        | Message::Score { blue: None, red: None }
        | Message::GamJeoms { blue: None, red: None } => true,
        Message::Match(info) => *info == crate::MatchInfo::default(),
        Message::Athletes(athletes) => athletes.blue.is_none() && athletes.red.is_none(),
        Message::Result(result) => {
            result.name.is_empty() && result.score.is_none() && result.decision.is_none()
        }
        Message::RoundWinners(winners) => winners.as_slice().is_empty(),
        _ => false,
    }
}
