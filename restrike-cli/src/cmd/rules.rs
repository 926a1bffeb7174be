//! `restrike rules`: what messages of a database are judged by.

mod demand;
mod test;

use std::io::{self, Write};

use anyhow::bail;
use pss_protocol::{Timestamp, rules::Dialect};
use pss_store::{ResetRule, RuleHistoryEntry, Store, StoredRule};
use serde::Serialize;

use self::demand::Demand;
use super::Outcome;
use crate::{
    args::dialect,
    database::{ChangeArgs, DatabaseArgs, Format, print_json},
    output::{
        complain, print,
        table::{OrDash, Table},
        text::Harmless,
    },
};

#[derive(Debug, clap::Args)]
pub(crate) struct RulesArgs {
    #[command(subcommand)]
    verb: RulesVerb,
}

#[derive(Debug, clap::Subcommand)]
enum RulesVerb {
    /// The rules in the order in which they are asked.
    List(ListArgs),
    /// A rule with all that was done to it by hand.
    Show(ShowArgs),
    /// Adds a rule of your own.
    Add(AddArgs),
    /// Changes a rule; what is not named stays.
    Change(EditArgs),
    /// Has a rule asked no more.
    Disable(SwitchArgs),
    /// Has a rule asked again.
    Enable(SwitchArgs),
    /// Makes a rule as the program has it; one of your own is removed.
    Reset(SwitchArgs),
    /// Judges a message, or says what a rule that is not stored yet would change.
    Test(test::TestArgs),
}

#[derive(Debug, clap::Args)]
struct ListArgs {
    #[command(flatten)]
    database: DatabaseArgs,
    /// Only those of this protocol version.
    #[arg(long, value_parser = dialect())]
    version: Option<Dialect>,
    /// Only those that messages of this code are judged by.
    #[arg(long, value_name = "CODE", value_parser = demand::code)]
    code: Option<pss_protocol::Code>,
    /// Only those that are not as the program has them.
    #[arg(long)]
    changed: bool,
    /// How to write.
    #[arg(long, value_enum, default_value_t)]
    format: Format,
}

#[derive(Debug, clap::Args)]
struct ShowArgs {
    #[command(flatten)]
    rule: RuleArgs,
    /// How to write.
    #[arg(long, value_enum, default_value_t)]
    format: Format,
}

/// Which rule.
#[derive(Debug, clap::Args)]
struct RuleArgs {
    #[command(flatten)]
    database: DatabaseArgs,
    /// The protocol version that it judges.
    #[arg(long, value_parser = dialect(), default_value_t)]
    version: Dialect,
    /// Its name in that.
    #[arg(value_name = "RULE")]
    id: String,
}

#[derive(Debug, clap::Args)]
struct AddArgs {
    #[command(flatten)]
    rule: RuleArgs,
    #[command(flatten)]
    demand: Demand,
    #[command(flatten)]
    change: ChangeArgs,
}

#[derive(Debug, clap::Args)]
struct EditArgs {
    #[command(flatten)]
    rule: RuleArgs,
    #[command(flatten)]
    demand: Demand,
    #[command(flatten)]
    change: ChangeArgs,
}

#[derive(Debug, clap::Args)]
struct SwitchArgs {
    #[command(flatten)]
    rule: RuleArgs,
    #[command(flatten)]
    change: ChangeArgs,
}

pub(super) fn run(args: &RulesArgs) -> anyhow::Result<Outcome> {
    match &args.verb {
        RulesVerb::List(args) => list(args)?,
        RulesVerb::Show(args) => show(args)?,
        RulesVerb::Add(AddArgs { rule: RuleArgs { database, version, id }, demand, change }) => {
            let rule = demand.new_rule(id)?;
            say("was added", &database.open()?.add_rule(*version, &rule, &change.change())?);
        }
        RulesVerb::Change(EditArgs { rule, demand, change }) => {
            let store = rule.database.open()?;
            let changed = demand.changed(&find(&store, rule)?)?;
            say("was changed", &store.change_rule(rule.version, &changed, &change.change())?);
        }
        RulesVerb::Disable(SwitchArgs { rule: RuleArgs { database, version, id }, change }) => {
            say("is asked no more", &database.open()?.disable_rule(*version, id, &change.change())?);
        }
        RulesVerb::Enable(SwitchArgs { rule: RuleArgs { database, version, id }, change }) => {
            say("is asked", &database.open()?.enable_rule(*version, id, &change.change())?);
        }
        RulesVerb::Reset(SwitchArgs { rule: RuleArgs { database, version, id }, change }) => {
            match database.open()?.reset_rule(*version, id, &change.change())? {
                ResetRule::BuiltIn(rule) => say("is as the program has it", &rule),
                ResetRule::Removed => {
                    complain(format_args!("rule {} of {version} was removed", Harmless(id)))
                }
            }
        }
        RulesVerb::Test(args) => test::run(args)?,
    }
    Ok(Outcome::Done)
}

fn say(what: &str, rule: &StoredRule) {
    let text = format!("rule {} of {} {what}: {rule}", rule.id, rule.protocol_version);
    complain(format_args!("{}", Harmless(text)));
}

fn find(store: &Store, RuleArgs { version, id, .. }: &RuleArgs) -> anyhow::Result<StoredRule> {
    let Some(rule) = store.rule(*version, id)? else {
        bail!("there is no rule {} of {version}; `restrike rules list` shows all", Harmless(id));
    };
    Ok(rule)
}

/// A rule in JSON.
#[derive(Serialize)]
struct RuleJson<'a> {
    version: &'a str,
    id: &'a str,
    code: Option<&'a str>,
    field: Option<&'a str>,
    check: &'a str,
    argument: &'a str,
    severity: &'a str,
    message: &'a str,
    enabled: bool,
    origin: &'a str,
    changed_at: Option<Timestamp>,
    changed_by: Option<&'a str>,
    reason: Option<&'a str>,
    /// Why it is not asked though it is enabled.
    unreadable: Option<String>,
}

impl<'a> From<&'a StoredRule> for RuleJson<'a> {
    fn from(rule: &'a StoredRule) -> Self {
        Self {
            version: &rule.protocol_version,
            id: &rule.id,
            code: rule.event_code.as_deref(),
            field: rule.field.as_deref(),
            check: &rule.check_kind,
            argument: &rule.check_argument,
            severity: &rule.severity,
            message: &rule.message,
            enabled: rule.enabled,
            origin: rule.origin.as_str(),
            changed_at: rule.changed_at,
            changed_by: rule.changed_by.as_deref(),
            reason: rule.reason.as_deref(),
            unreadable: rule.rule().err(),
        }
    }
}

fn list(args: &ListArgs) -> anyhow::Result<()> {
    let store = args.database.open()?;
    let mut rules = match args.code {
        None => store.rules(args.version)?,
        Some(code) => {
            let versions = args.version.map_or_else(|| Dialect::ALL.to_vec(), |version| vec![version]);
            let of_versions: Result<Vec<_>, _> =
                versions.into_iter().map(|version| store.get_validation_rules(code, version)).collect();
            of_versions?.concat()
        }
    };
    rules.retain(|rule| rule.changed_at.is_some() || !args.changed);
    if args.format == Format::Json {
        return print_json(&rules.iter().map(RuleJson::from).collect::<Vec<_>>());
    }
    for rule in &rules {
        if let Err(reason) = rule.rule() {
            complain(format_args!("warning: {} is not asked: {}", rule.protocol_version, Harmless(reason)));
        }
    }
    let mut table = Table::new([
        "version", "rule", "code", "field", "check", "argument", "severity", "on", "origin", "message",
    ]);
    for rule in &rules {
        let (code, field) = (OrDash(rule.event_code.as_deref()), OrDash(rule.field.as_deref()));
        let on = if rule.enabled { "yes" } else { "no" };
        table.row([
            &rule.protocol_version,
            &rule.id,
            &code,
            &field,
            &rule.check_kind,
            &OrDash(Some(rule.check_argument.as_str()).filter(|argument| !argument.is_empty())),
            &rule.severity,
            &on,
            &rule.origin,
            &rule.message,
        ]);
    }
    print(|out| table.write(out, ""))
}

#[derive(Serialize)]
struct ShownJson<'a> {
    #[serde(flatten)]
    rule: RuleJson<'a>,
    history: Vec<HistoryJson<'a>>,
}

#[derive(Serialize)]
struct HistoryJson<'a> {
    action: &'a str,
    rule: Option<&'a str>,
    changed_at: Timestamp,
    changed_by: &'a str,
    reason: &'a str,
}

impl<'a> From<&'a RuleHistoryEntry> for HistoryJson<'a> {
    fn from(entry: &'a RuleHistoryEntry) -> Self {
        Self {
            action: &entry.action,
            rule: entry.rule.as_deref(),
            changed_at: entry.changed_at,
            changed_by: &entry.changed_by,
            reason: &entry.reason,
        }
    }
}

fn show(args: &ShowArgs) -> anyhow::Result<()> {
    let store = args.rule.database.open()?;
    let rule = find(&store, &args.rule)?;
    let history = store.rule_history(Some((args.rule.version, &args.rule.id)))?;
    match args.format {
        Format::Json => {
            let history = history.iter().map(HistoryJson::from).collect();
            print_json(&ShownJson { rule: RuleJson::from(&rule), history })
        }
        Format::Text => print(|out| write_shown(out, &store, &rule, &history)),
    }
}

fn write_shown(
    out: &mut impl Write,
    store: &Store,
    rule: &StoredRule,
    history: &[RuleHistoryEntry],
) -> io::Result<()> {
    writeln!(out, "{} of {}, {}", Harmless(&rule.id), Harmless(&rule.protocol_version), rule.origin)?;
    writeln!(out, "  {}", Harmless(rule))?;
    if let Err(reason) = rule.rule() {
        writeln!(out, "  is not asked: {}", Harmless(reason))?;
    }
    if let Some(Ok(Some(event_type))) = rule.event_code.as_deref().map(|code| store.event_type(code)) {
        writeln!(out, "  {}: {}", Harmless(&event_type.code), Harmless(&event_type.description))?;
    }
    if history.is_empty() {
        return Ok(());
    }
    let mut table = Table::new(["when", "who", "action", "from then on", "why"]);
    for entry in history {
        let rule = OrDash(entry.rule.as_deref());
        table.row([&entry.changed_at, &entry.changed_by, &entry.action, &rule, &entry.reason]);
    }
    table.write(out, "  ")
}
