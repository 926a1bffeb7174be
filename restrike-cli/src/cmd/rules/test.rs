//! `restrike rules test`: rules tried out. Nothing is written.

use std::io::{self, Write};

use anyhow::bail;
use pss_protocol::{
    Finding, escape,
    rules::{Dialect, Rule},
    unescape,
};
use pss_store::{JudgedMessage, RuleTrial, SessionId, Store};
use serde::Serialize;

use super::demand::Demand;
use crate::{
    args::{WrongUsage, dialect},
    database::{DatabaseArgs, Format, print_json},
    output::{
        complain, print,
        table::{OrDash, Table},
        text::Harmless,
    },
};

#[derive(Debug, clap::Args)]
#[command(group = clap::ArgGroup::new("on").required(true).args(["datagram", "session"]))]
pub(super) struct TestArgs {
    #[command(flatten)]
    database: DatabaseArgs,
    /// What to judge, in the notation of `restrike decode`: `pt1;3\r\n`.
    #[arg(value_name = "DATAGRAM")]
    datagram: Option<String>,
    /// Judge all messages of this session, with the rule and without.
    #[arg(long, value_name = "ID", requires = "rule")]
    session: Option<i64>,
    /// The protocol version that judges.
    #[arg(long, value_parser = dialect(), default_value_t)]
    version: Dialect,
    /// A rule on trial: a stored one with what is named here in its place, or one that is all new.
    #[arg(long, value_name = "RULE")]
    rule: Option<String>,
    #[command(flatten)]
    demand: Demand,
    /// How to write.
    #[arg(long, value_enum, default_value_t)]
    format: Format,
}

pub(super) fn run(args: &TestArgs) -> anyhow::Result<()> {
    let store = args.database.open()?;
    let on_trial = on_trial(&store, args)?;
    match (&args.datagram, args.session, &on_trial) {
        (Some(datagram), _, rule) => judge(&store, args, datagram, rule.as_ref()),
        (None, Some(session), Some(rule)) => compare(&store, args, SessionId(session), rule),
        _ => {
            bail!(WrongUsage("name a DATAGRAM to judge, or a --session and a --rule to try out on it".into()))
        }
    }
}

fn on_trial(store: &Store, args: &TestArgs) -> anyhow::Result<Option<Rule>> {
    let Some(id) = &args.rule else {
        if !args.demand.is_empty() {
            bail!(WrongUsage("name the rule on trial by --rule".into()));
        }
        return Ok(None);
    };
    Ok(Some(match store.rule(args.version, id)? {
        Some(stored) => Rule { enabled: true, ..args.demand.changed(&stored)? },
        None => args.demand.new_rule(id)?,
    }))
}

#[derive(Serialize)]
struct JudgedJson<'a> {
    code: Option<&'static str>,
    raw: String,
    status: &'static str,
    confidence: f32,
    findings: &'a [Finding],
}

fn judge(store: &Store, args: &TestArgs, datagram: &str, rule: Option<&Rule>) -> anyhow::Result<()> {
    let bytes = unescape(datagram).map_err(|at| {
        WrongUsage(format!(
            "the datagram has an escape that means nothing at byte {at}; `\\\\` is a backslash"
        ))
    })?;
    let judged = store.test_rules(args.version, &bytes, rule)?;
    if args.format == Format::Json {
        let json = judged.iter().map(|message| JudgedJson {
            code: message.code.map(|code| code.as_str()),
            raw: escape(&bytes[message.span.range()]).to_string(),
            status: message.verdict.status.as_str(),
            confidence: message.verdict.confidence,
            findings: &message.verdict.findings,
        });
        return print_json(&json.collect::<Vec<_>>());
    }
    print(|out| judged.iter().try_for_each(|message| write_judged(out, store, message, &bytes)))
}

fn write_judged(
    out: &mut impl Write,
    store: &Store,
    message: &JudgedMessage,
    bytes: &[u8],
) -> io::Result<()> {
    let verdict = &message.verdict;
    let raw = escape(&bytes[message.span.range()]).to_string();
    write!(out, "{}  {} {:.3}", Harmless(raw), verdict.status, verdict.confidence)?;
    if let Some(Ok(Some(event_type))) = message.code.map(|code| store.event_type(code.as_str())) {
        write!(out, "  {}", Harmless(event_type.description))?;
    }
    writeln!(out)?;
    verdict.findings.iter().try_for_each(|finding| writeln!(out, "    {}", Harmless(finding)))
}

#[derive(Serialize)]
struct TrialJson {
    messages: u64,
    changed: u64,
    other_findings: u64,
    shifts: Vec<ShiftJson>,
}

#[derive(Serialize)]
struct ShiftJson {
    code: Option<&'static str>,
    before: &'static str,
    after: &'static str,
    messages: u64,
    first_seq: u64,
}

fn compare(store: &Store, args: &TestArgs, session: SessionId, rule: &Rule) -> anyhow::Result<()> {
    let trial = store.try_rule(session, args.version, rule)?;
    let RuleTrial { messages, shifts, other_findings, .. } = &trial;
    if args.format == Format::Json {
        let shifts = shifts.iter().map(|shift| ShiftJson {
            code: shift.code.map(|code| code.as_str()),
            before: shift.before.as_str(),
            after: shift.after.as_str(),
            messages: shift.messages,
            first_seq: shift.first_seq,
        });
        let (changed, shifts) = (trial.changed(), shifts.collect());
        return print_json(&TrialJson {
            messages: *messages,
            changed,
            other_findings: *other_findings,
            shifts,
        });
    }
    let mut table = Table::new(["code", "before", "after", "messages", "first datagram"]);
    for shift in shifts {
        table.row([&OrDash(shift.code), &shift.before, &shift.after, &shift.messages, &shift.first_seq]);
    }
    if !table.is_empty() {
        print(|out| table.write(out, ""))?;
    }
    complain(format_args!(
        "{} of {messages} messages would have another status, {other_findings} more only other findings",
        trial.changed()
    ));
    Ok(())
}
