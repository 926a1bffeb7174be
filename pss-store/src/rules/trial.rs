//! Rules tried out: on a message that is at hand, and on those that are stored.

use std::collections::BTreeMap;

use diesel::prelude::*;
use pss_protocol::{
    Arrival, Code, Datagram, LineEndRule, Monotonic, Pipeline, RecognitionStatus, Record, Sink, Span,
    parse_with,
    rules::{Dialect, Rule, RuleBook, Verdict, judge},
};

use super::{compile, edit};
use crate::{
    SessionId, Store, StoreError, StoredRule,
    models::{number, unsigned},
    schema::{datagrams, sources},
    words,
};

/// A message of a trial and what the rules make of it.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct JudgedMessage {
    /// Its bytes in what was given.
    pub span: Span,
    /// Its code; `None` for garbage and for codes that nobody knows.
    pub code: Option<Code>,
    /// Status, confidence and findings.
    pub verdict: Verdict,
}

/// What a rule would change for the messages of a session.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct RuleTrial {
    /// How many messages the session has.
    pub messages: u64,
    /// How many of them would have another status, by code and status.
    pub shifts: Vec<StatusShift>,
    /// How many would keep their status and have other findings.
    pub other_findings: u64,
}

impl RuleTrial {
    /// How many messages would have another status.
    pub fn changed(&self) -> u64 {
        self.shifts.iter().map(|shift| shift.messages).sum()
    }
}

/// Messages that would have another status.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct StatusShift {
    /// Their code; `None` for garbage and for codes that nobody knows.
    pub code: Option<Code>,
    /// Their status by the rules of the database.
    pub before: RecognitionStatus,
    /// Their status with the rule on trial.
    pub after: RecognitionStatus,
    /// How many.
    pub messages: u64,
    /// The first datagram with one.
    pub first_seq: u64,
}

impl Store {
    /// What the rules of the database make of the messages of a datagram, with a rule on trial in its place among
    /// them where one is given.
    ///
    /// # Errors
    ///
    /// [`StoreError::Refused`] when the rule on trial makes no sense, otherwise when the database cannot be read.
    pub fn test_rules(
        &self,
        dialect: Dialect,
        datagram: &[u8],
        on_trial: Option<&Rule>,
    ) -> Result<Vec<JudgedMessage>, StoreError> {
        let book = match on_trial {
            Some(rule) => self.book_with(dialect, rule)?,
            None => self.rule_book()?,
        };
        let judged = |parsed| {
            let verdict = judge(book.of(dialect), &parsed, datagram);
            JudgedMessage { span: parsed.span, code: parsed.message.code(), verdict }
        };
        Ok(parse_with(datagram, LineEndRule::Any).map(judged).collect())
    }

    /// What a rule that is not stored yet would change for the messages of a session: both the rules of the
    /// database and the same with this one read all of it. Nothing is written.
    ///
    /// # Errors
    ///
    /// [`StoreError::Refused`] when the rule makes no sense, [`StoreError::NotFound`] when there is no such
    /// session, otherwise when the database cannot be read.
    pub fn try_rule(
        &self,
        session: SessionId,
        dialect: Dialect,
        rule: &Rule,
    ) -> Result<RuleTrial, StoreError> {
        let (with, without) = (self.book_with(dialect, rule)?, self.rule_book()?);
        let known = self.sessions()?.into_iter().find(|known| known.id == session);
        let reading = known.ok_or_else(|| StoreError::not_found("session", session))?.reading;
        let mut before = Pipeline::with_rules(reading, without, Statuses::default());
        let mut after = Pipeline::with_rules(reading, with, Statuses::default());
        let mut counts = Counts::default();
        let mut last = -1;
        loop {
            let page = self.read("read datagrams", |connection| page(connection, session, last))?;
            let Some(end) = page.last() else { break };
            last = end.seq;
            for row in &page {
                let datagram = row.datagram();
                before.ingest(&datagram);
                after.ingest(&datagram);
            }
            counts.compare(&mut before.sink_mut().0, &mut after.sink_mut().0);
        }
        Ok(counts.finish())
    }

    /// The rules of the database with another one in its place among them.
    fn book_with(&self, dialect: Dialect, rule: &Rule) -> Result<RuleBook, StoreError> {
        edit::check(rule)?;
        let mut rows = self.rules(None)?;
        let on_trial = StoredRule::on_trial(dialect, rule);
        match rows
            .iter_mut()
            .find(|row| row.protocol_version == on_trial.protocol_version && row.id == on_trial.id)
        {
            Some(row) => *row = on_trial,
            None => rows.push(on_trial),
        }
        Ok(compile(&rows).0)
    }
}

/// What there is to compare of a message: its datagram, code, status, and the rules that found something.
type Seen = (u64, Option<Code>, RecognitionStatus, Vec<String>);

#[derive(Default)]
struct Statuses(Vec<Seen>);

impl Sink for Statuses {
    fn record(&mut self, record: &Record<'_>) {
        let findings = record.findings.iter().map(|finding| finding.rule.clone().into_owned()).collect();
        self.0.push((record.datagram.seq, record.code, record.status, findings));
    }
}

#[derive(Default)]
struct Counts {
    trial: RuleTrial,
    /// By code, status before and after: how many, and the first datagram.
    shifts: BTreeMap<(Option<&'static str>, &'static str, &'static str), StatusShift>,
}

impl Counts {
    /// Both have read the same datagrams, so they have the same messages.
    fn compare(&mut self, before: &mut Vec<Seen>, after: &mut Vec<Seen>) {
        for ((seq, code, old, findings), (_, _, new, other)) in before.drain(..).zip(after.drain(..)) {
            self.trial.messages += 1;
            if old != new {
                let key = (code.map(Code::as_str), old.as_str(), new.as_str());
                let shift = StatusShift { code, before: old, after: new, messages: 0, first_seq: seq };
                self.shifts.entry(key).or_insert(shift).messages += 1;
            } else if findings != other {
                self.trial.other_findings += 1;
            }
        }
    }

    fn finish(mut self) -> RuleTrial {
        self.trial.shifts = self.shifts.into_values().collect();
        self.trial
    }
}

/// A datagram of a session.
#[derive(Queryable)]
struct Row {
    seq: i64,
    monotonic_us: i64,
    flow: i32,
    bytes: Vec<u8>,
    source: Option<String>,
}

impl Row {
    fn datagram(&self) -> Datagram<'_> {
        Datagram {
            seq: unsigned(self.seq).unwrap_or_default(),
            arrival: Arrival {
                wall: None,
                mono: Monotonic::from_micros(unsigned(self.monotonic_us).unwrap_or_default()),
            },
            source: self.source.as_deref().and_then(|source| source.parse().ok()),
            flow: words::flow(self.flow).unwrap_or_default(),
            bytes: &self.bytes,
        }
    }
}

fn page(connection: &mut SqliteConnection, session: SessionId, after: i64) -> QueryResult<Vec<Row>> {
    datagrams::table
        .left_join(sources::table.on(sources::id.nullable().eq(datagrams::source_id)))
        .filter(datagrams::session_id.eq(session.0))
        .filter(datagrams::seq.gt(after))
        .order(datagrams::seq)
        .limit(number(DATAGRAMS_AT_ONCE))
        .select((
            datagrams::seq,
            datagrams::monotonic_us,
            datagrams::flow,
            datagrams::bytes,
            sources::address.nullable(),
        ))
        .load(connection)
}

/// Few enough that a session of any length takes little memory.
const DATAGRAMS_AT_ONCE: u64 = 2048;
