//! `restrike settings`: what is set for a database.

use std::{
    fs,
    io::{self, Read as _, Write},
    path::{Path, PathBuf},
    str::FromStr,
};

use anyhow::{Context as _, bail};
use pss_protocol::Timestamp;
use pss_store::{Setting, SettingChange, SettingDifference};
use serde::Serialize;

use super::Outcome;
use crate::{
    database::{ChangeArgs, DatabaseArgs, Format, print_json},
    output::{
        complain, print,
        table::{OrDash, Table},
        text::Harmless,
    },
};

#[derive(Debug, clap::Args)]
pub(crate) struct SettingsArgs {
    #[command(subcommand)]
    verb: SettingsVerb,
}

#[derive(Debug, clap::Subcommand)]
enum SettingsVerb {
    /// Every setting with what it is and what it may be.
    List(ListArgs),
    /// What a setting is now.
    Get(GetArgs),
    /// Sets a setting.
    Set(SetArgs),
    /// Sets a setting back to its default.
    Reset(ResetArgs),
    /// Who set what, when and why.
    History(HistoryArgs),
    /// Writes all of them to a file or the standard output, as JSON.
    Export(ExportArgs),
    /// Sets what a file names: all of it, or nothing.
    Import(ImportArgs),
}

#[derive(Debug, clap::Args)]
struct ListArgs {
    #[command(flatten)]
    database: DatabaseArgs,
    /// Only those that differ from their default.
    #[arg(long)]
    set: bool,
    /// How to write.
    #[arg(long, value_enum, default_value_t)]
    format: Format,
}

#[derive(Debug, clap::Args)]
struct GetArgs {
    #[command(flatten)]
    database: DatabaseArgs,
    /// Which one.
    #[arg(value_name = "CATEGORY.KEY")]
    name: Name,
    /// How to write.
    #[arg(long, value_enum, default_value_t)]
    format: Format,
}

#[derive(Debug, clap::Args)]
struct SetArgs {
    #[command(flatten)]
    database: DatabaseArgs,
    /// Which one.
    #[arg(value_name = "CATEGORY.KEY")]
    name: Name,
    /// What it is to be.
    #[arg(value_name = "VALUE", allow_hyphen_values = true)]
    value: String,
    #[command(flatten)]
    change: ChangeArgs,
}

#[derive(Debug, clap::Args)]
struct ResetArgs {
    #[command(flatten)]
    database: DatabaseArgs,
    /// Which one.
    #[arg(value_name = "CATEGORY.KEY")]
    name: Name,
    #[command(flatten)]
    change: ChangeArgs,
}

#[derive(Debug, clap::Args)]
struct HistoryArgs {
    #[command(flatten)]
    database: DatabaseArgs,
    /// Only this one.
    #[arg(value_name = "CATEGORY.KEY")]
    name: Option<Name>,
    /// How to write.
    #[arg(long, value_enum, default_value_t)]
    format: Format,
}

#[derive(Debug, clap::Args)]
struct ExportArgs {
    #[command(flatten)]
    database: DatabaseArgs,
    /// The file to make; without it the standard output.
    #[arg(long, value_name = "FILE")]
    out: Option<PathBuf>,
}

#[derive(Debug, clap::Args)]
struct ImportArgs {
    #[command(flatten)]
    database: DatabaseArgs,
    /// What `settings export` wrote; `-` is the standard input.
    #[arg(value_name = "FILE")]
    file: PathBuf,
    /// Only says what would change.
    #[arg(long)]
    dry_run: bool,
    #[command(flatten)]
    change: ChangeArgs,
    /// How to write.
    #[arg(long, value_enum, default_value_t)]
    format: Format,
}

/// `store.slow_query_ms`.
#[derive(Clone, Debug)]
struct Name {
    category: String,
    key: String,
}

impl FromStr for Name {
    type Err = &'static str;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let (category, key) = text.split_once('.').ok_or("not CATEGORY.KEY, as in store.slow_query_ms")?;
        Ok(Self { category: category.to_owned(), key: key.to_owned() })
    }
}

pub(super) fn run(args: &SettingsArgs) -> anyhow::Result<Outcome> {
    match &args.verb {
        SettingsVerb::List(args) => list(args)?,
        SettingsVerb::Get(args) => get(args)?,
        SettingsVerb::Set(args) => {
            let Name { category, key } = &args.name;
            let store = args.database.open()?;
            say(&args.name, store.set_setting(category, key, &args.value, &args.change.change())?.as_ref());
        }
        SettingsVerb::Reset(args) => {
            let Name { category, key } = &args.name;
            let store = args.database.open()?;
            say(&args.name, store.reset_setting(category, key, &args.change.change())?.as_ref());
        }
        SettingsVerb::History(args) => history(args)?,
        SettingsVerb::Export(args) => export(args)?,
        SettingsVerb::Import(args) => import(args)?,
    }
    Ok(Outcome::Done)
}

/// A setting in JSON.
#[derive(Serialize)]
struct SettingJson<'a> {
    category: &'a str,
    key: &'a str,
    value: &'a str,
    is_default: bool,
    default: &'a str,
    kind: &'a str,
    allowed: String,
    description: &'a str,
}

impl<'a> From<&'a Setting> for SettingJson<'a> {
    fn from(setting: &'a Setting) -> Self {
        Self {
            category: &setting.category,
            key: &setting.key,
            value: setting.value(),
            is_default: setting.set.is_none(),
            default: &setting.default,
            kind: setting.kind.as_str(),
            allowed: setting.kind.to_string(),
            description: &setting.description,
        }
    }
}

fn list(args: &ListArgs) -> anyhow::Result<()> {
    let mut settings = args.database.open()?.settings()?;
    settings.retain(|setting| setting.set.is_some() || !args.set);
    if args.format == Format::Json {
        return print_json(&settings.iter().map(SettingJson::from).collect::<Vec<_>>());
    }
    let mut table = Table::new(["setting", "value", "default", "allowed", "what it does"]);
    for setting in &settings {
        let Setting { category, key, kind, description, default, set, .. } = setting;
        let name = format!("{category}.{key}");
        table.row([&name, &quoted(set.as_deref()), &quoted(Some(default)), kind, description]);
    }
    print(|out| table.write(out, ""))
}

/// A value; what is empty can be seen, and what is not set is a dash.
fn quoted(value: Option<&str>) -> OrDash<String> {
    OrDash(value.map(|value| if value.is_empty() { String::from("\"\"") } else { value.to_owned() }))
}

fn get(args: &GetArgs) -> anyhow::Result<()> {
    let Name { category, key } = &args.name;
    let settings = args.database.open()?.settings()?;
    let Some(setting) = settings.iter().find(|setting| setting.category == *category && setting.key == *key)
    else {
        bail!("there is no setting {category}.{key}; `restrike settings list` shows all");
    };
    match args.format {
        Format::Json => print_json(&SettingJson::from(setting)),
        Format::Text => print(|out| writeln!(out, "{}", Harmless(setting.value()))),
    }
}

fn say(name: &Name, change: Option<&SettingChange>) {
    let Name { category, key } = name;
    match change {
        None => complain(format_args!("{category}.{key} was so already")),
        Some(SettingChange { new: Some(value), .. }) => {
            complain(format_args!("{category}.{key} is {} now", Harmless(value)));
        }
        Some(_) => complain(format_args!("{category}.{key} is its default now")),
    }
}

#[derive(Serialize)]
struct ChangeJson<'a> {
    category: &'a str,
    key: &'a str,
    old: Option<&'a str>,
    new: Option<&'a str>,
    changed_at: Timestamp,
    changed_by: &'a str,
    reason: &'a str,
}

fn history(args: &HistoryArgs) -> anyhow::Result<()> {
    let name = args.name.as_ref().map(|name| (name.category.as_str(), name.key.as_str()));
    let changes = args.database.open()?.setting_history(name)?;
    if args.format == Format::Json {
        return print_json(&changes.iter().map(change_json).collect::<Vec<_>>());
    }
    let mut table = Table::new(["when", "who", "setting", "from", "to", "why"]);
    for change in &changes {
        let name = format!("{}.{}", change.category, change.key);
        let (old, new) = (or_default(change.old.as_deref()), or_default(change.new.as_deref()));
        table.row([&change.changed_at, &change.changed_by, &name, &old, &new, &change.reason]);
    }
    print(|out| table.write(out, ""))
}

fn change_json(change: &SettingChange) -> ChangeJson<'_> {
    ChangeJson {
        category: &change.category,
        key: &change.key,
        old: change.old.as_deref(),
        new: change.new.as_deref(),
        changed_at: change.changed_at,
        changed_by: &change.changed_by,
        reason: &change.reason,
    }
}

fn or_default(value: Option<&str>) -> String {
    match value {
        None => String::from("(default)"),
        Some("") => String::from("\"\""),
        Some(value) => value.to_owned(),
    }
}

fn export(args: &ExportArgs) -> anyhow::Result<()> {
    let json = args.database.open()?.export_settings()?;
    match &args.out {
        None => print(|out| out.write_all(json.as_bytes())),
        Some(path) => {
            let context = || format!("{} cannot be written", path.display());
            let mut file = fs::File::create_new(path).with_context(context)?;
            file.write_all(json.as_bytes()).with_context(context)
        }
    }
}

#[derive(Serialize)]
struct DifferenceJson<'a> {
    category: &'a str,
    key: &'a str,
    old: &'a str,
    new: &'a str,
}

impl<'a> From<&'a SettingDifference> for DifferenceJson<'a> {
    fn from(difference: &'a SettingDifference) -> Self {
        let SettingDifference { category, key, old, new, .. } = difference;
        Self { category, key, old, new }
    }
}

fn import(args: &ImportArgs) -> anyhow::Result<()> {
    let store = args.database.open()?;
    let file = read(&args.file).with_context(|| format!("{} cannot be read", args.file.display()))?;
    let differences = store.compare_settings(&file)?;
    if !args.dry_run {
        store.import_settings(&file, &args.change.change())?;
    }
    if args.format == Format::Json {
        return print_json(&differences.iter().map(DifferenceJson::from).collect::<Vec<_>>());
    }
    let mut table = Table::new(["setting", "from", "to"]);
    for SettingDifference { category, key, old, new, .. } in &differences {
        table.row([&format!("{category}.{key}"), &quoted(Some(old)), &quoted(Some(new))]);
    }
    if differences.is_empty() {
        complain(format_args!("all of it was so already"));
        return Ok(());
    }
    print(|out| table.write(out, ""))?;
    if args.dry_run {
        complain(format_args!("nothing was changed: --dry-run"));
    }
    Ok(())
}

fn read(path: &Path) -> io::Result<String> {
    if !crate::input::is_stdin(path) {
        return fs::read_to_string(path);
    }
    let mut text = String::new();
    io::stdin().lock().read_to_string(&mut text)?;
    Ok(text)
}
