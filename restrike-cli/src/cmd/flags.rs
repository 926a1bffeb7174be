//! `restrike flags`: which flag a code gets, and from where.

use std::{
    fs,
    io::{self, Write as _},
    path::{Path, PathBuf},
};

use anyhow::{Context as _, bail};
use pss_store::{Flag, FlagTier, Store};
use serde::Serialize;
use serde_json::json;

use super::Outcome;
use crate::{
    database::{ChangeArgs, DatabaseArgs},
    output::{
        CANNOT_WRITE, Out, complain, stdout,
        table::{OrDash, Table},
        text::Harmless,
    },
};

#[derive(Debug, clap::Args)]
pub(crate) struct FlagsArgs {
    #[command(subcommand)]
    verb: FlagsVerb,
}

#[derive(Debug, clap::Subcommand)]
enum FlagsVerb {
    /// Looks which flags a folder holds; without DIR the folders of the settings and the system's.
    Scan(ScanArgs),
    /// The files that are known as flags, and the codes that get another flag than their own.
    List(ListArgs),
    /// The flag of a code, and every step that led to it.
    Show(ShowArgs),
    /// Gives a code the flag of another.
    Set(SetArgs),
    /// Takes that back.
    Unset(UnsetArgs),
    /// What scans and people made of files and codes.
    History(HistoryArgs),
}

#[derive(Debug, clap::Args)]
struct ScanArgs {
    /// The folder; its files are looked at, not those of folders in it.
    #[arg(value_name = "DIR")]
    folder: Option<PathBuf>,
    /// Whose folder it is.
    #[arg(long, value_enum, default_value_t, requires = "folder")]
    tier: TierArg,
    #[command(flatten)]
    database: DatabaseArgs,
    #[command(flatten)]
    change: ChangeArgs,
    #[command(flatten)]
    output: OutputArgs,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, clap::ValueEnum)]
enum TierArg {
    /// Of this event; looked at first.
    #[default]
    Event,
    /// Of the house; looked at second.
    House,
    /// Of the system; looked at last.
    System,
}

#[derive(Debug, clap::Args)]
struct ListArgs {
    #[command(flatten)]
    database: DatabaseArgs,
    #[command(flatten)]
    output: OutputArgs,
}

#[derive(Debug, clap::Args)]
struct ShowArgs {
    /// The code, as the scoring system sends it.
    #[arg(value_name = "CODE")]
    code: String,
    #[command(flatten)]
    database: DatabaseArgs,
    #[command(flatten)]
    output: OutputArgs,
}

#[derive(Debug, clap::Args)]
struct SetArgs {
    /// The code, as the scoring system sends it.
    #[arg(value_name = "CODE")]
    code: String,
    /// Whose flag it gets: ESP, AIN, or a code that a scanned folder has a file of.
    #[arg(value_name = "FLAG")]
    flag: String,
    #[command(flatten)]
    database: DatabaseArgs,
    #[command(flatten)]
    change: ChangeArgs,
}

#[derive(Debug, clap::Args)]
struct UnsetArgs {
    /// The code, as the scoring system sends it.
    #[arg(value_name = "CODE")]
    code: String,
    #[command(flatten)]
    database: DatabaseArgs,
    #[command(flatten)]
    change: ChangeArgs,
}

#[derive(Debug, clap::Args)]
struct HistoryArgs {
    /// At most so many, the latest first.
    #[arg(long, value_name = "N", default_value_t = 100)]
    limit: u32,
    #[command(flatten)]
    database: DatabaseArgs,
    #[command(flatten)]
    output: OutputArgs,
}

#[derive(Debug, clap::Args)]
struct OutputArgs {
    /// How to write.
    #[arg(long, value_enum, default_value_t)]
    format: Format,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, clap::ValueEnum)]
enum Format {
    /// For people.
    #[default]
    Text,
    /// For scripts.
    Json,
}

/// Where Debian's package `iso-flags-svg` has its flags, in the shape that scoreboards show.
const SYSTEM_FOLDER: &str = "/usr/share/iso-flags-svg/country-4x3";

pub(super) fn run(args: &FlagsArgs) -> anyhow::Result<Outcome> {
    match &args.verb {
        FlagsVerb::Scan(args) => scan(args),
        FlagsVerb::List(args) => list(args),
        FlagsVerb::Show(args) => show(args),
        FlagsVerb::Set(args) => {
            args.database.open()?.set_flag(&args.code, &args.flag, &args.change.change())?;
            Ok(Outcome::Done)
        }
        FlagsVerb::Unset(args) => {
            args.database.open()?.unset_flag(&args.code, &args.change.change())?;
            Ok(Outcome::Done)
        }
        FlagsVerb::History(args) => history(args),
    }
}

fn scan(args: &ScanArgs) -> anyhow::Result<Outcome> {
    let store = args.database.open()?;
    let folders = match &args.folder {
        Some(folder) => {
            let tier = match args.tier {
                TierArg::Event => FlagTier::Event,
                TierArg::House => FlagTier::House,
                TierArg::System => FlagTier::System,
            };
            vec![(tier, folder.clone())]
        }
        None => configured(&store)?,
    };
    if folders.is_empty() {
        bail!(
            "no folder to scan: name one, set flags.event_folder or flags.folder, or install iso-flags-svg"
        );
    }
    let mut scans = Vec::new();
    for (tier, folder) in folders {
        let files = files(&folder)?;
        // In full, because whoever shows the flag runs elsewhere.
        let full =
            std::path::absolute(&folder).with_context(|| format!("{} is no path", folder.display()))?;
        let name = full.to_str().with_context(|| format!("the name of {} is not UTF-8", folder.display()))?;
        scans.push(store.record_flag_scan(tier, name, &files, &args.change.change())?);
    }
    print(args.output.format, &scans, |out| {
        for scan in &scans {
            let chosen = scan.files.iter().filter(|file| file.chosen).count();
            writeln!(
                out,
                "{}: {chosen} flags in {} ({} pictures, {} other files)",
                scan.tier.as_str(),
                Harmless(&scan.folder),
                scan.files.len(),
                scan.passed_over
            )?;
            let mut table = Table::new(["file", "code", "confidence", "reason"]);
            for file in scan.files.iter().filter(|file| !file.chosen || file.confidence < 0.9) {
                let reason = if file.chosen || file.code.is_none() {
                    file.reason.clone()
                } else {
                    format!("{}; another file is better", file.reason)
                };
                table.row([&file.file, &OrDash(file.code.as_deref()), &file.confidence, &reason]);
            }
            if !table.is_empty() {
                table.write(out, "  ")?;
            }
        }
        Ok(())
    })
}

/// The folders that the settings name, and the system's where it is.
fn configured(store: &Store) -> anyhow::Result<Vec<(FlagTier, PathBuf)>> {
    let mut folders = Vec::new();
    for (tier, key) in [(FlagTier::Event, "event_folder"), (FlagTier::House, "folder")] {
        let folder: String = store.setting("flags", key)?;
        if !folder.is_empty() {
            folders.push((tier, PathBuf::from(folder)));
        }
    }
    if Path::new(SYSTEM_FOLDER).is_dir() {
        folders.push((FlagTier::System, PathBuf::from(SYSTEM_FOLDER)));
    }
    Ok(folders)
}

/// The names of the folder's files. A name that is not UTF-8 is none of a flag.
fn files(folder: &Path) -> anyhow::Result<Vec<String>> {
    let cannot_read = || format!("{} cannot be read; name a folder", folder.display());
    let mut files = Vec::new();
    for entry in fs::read_dir(folder).with_context(cannot_read)? {
        let entry = entry.with_context(cannot_read)?;
        // Behind a link as well: folders of flags often are links.
        let is_file = fs::metadata(entry.path()).is_ok_and(|metadata| metadata.is_file());
        if let (true, Ok(name)) = (is_file, entry.file_name().into_string()) {
            files.push(name);
        }
    }
    Ok(files)
}

fn list(args: &ListArgs) -> anyhow::Result<Outcome> {
    let store = args.database.open()?;
    let (files, overrides) = (store.flag_files()?, store.flag_overrides()?);
    if files.is_empty() {
        complain(format_args!("no flags are known; `restrike flags scan` looks for them"));
    }
    print(args.output.format, &json!({ "files": files, "overrides": overrides }), |out| {
        let mut table = Table::new(["code", "set to", "by", "at", "reason"]);
        for set in &overrides {
            table.row([&set.pss_code, &set.flag_code, &set.changed_by, &set.changed_at, &set.reason]);
        }
        if !table.is_empty() {
            table.write(out, "")?;
            writeln!(out)?;
        }
        let mut table = Table::new(["code", "tier", "file", "confidence", "folder"]);
        for file in &files {
            table.row([&file.code, &file.tier.as_str(), &file.file, &file.confidence, &file.folder]);
        }
        if table.is_empty() { Ok(()) } else { table.write(out, "") }
    })
}

fn show(args: &ShowArgs) -> anyhow::Result<Outcome> {
    let found = args.database.open()?.flag_lookup(&args.code)?;
    print(args.output.format, &*found, |out| {
        let shown = match &found.flag {
            Flag::File(file) => format!("{}/{}", file.folder, file.file),
            Flag::Emoji { emoji, .. } => emoji.clone(),
            Flag::Neutral { .. } => String::from("a neutral tile"),
            Flag::Text { text } => format!("a tile with the text {text}"),
            _ => String::from("something that this version does not know"),
        };
        let name = found.name.as_deref().unwrap_or("a code that nobody knows");
        writeln!(out, "{}: {}, {}", Harmless(&found.asked), Harmless(name), Harmless(shown))?;
        let mut table = Table::new(["place", "found", "why"]);
        for step in &found.steps {
            table.row([&step.place, &if step.found { "yes" } else { "no" }, &step.why]);
        }
        table.write(out, "  ")
    })
}

fn history(args: &HistoryArgs) -> anyhow::Result<Outcome> {
    let history = args.database.open()?.flag_history(args.limit)?;
    print(args.output.format, &history, |out| {
        let mut table = Table::new(["at", "by", "file or code", "flag", "confidence", "reason", "folder"]);
        for entry in &history {
            let folder = Some(&entry.folder).filter(|folder| !folder.is_empty());
            table.row([
                &entry.at,
                &entry.by,
                &entry.file,
                &OrDash(entry.code.as_deref()),
                &entry.confidence,
                &entry.reason,
                &OrDash(folder),
            ]);
        }
        if table.is_empty() { Ok(()) } else { table.write(out, "") }
    })
}

fn print(
    format: Format,
    value: &impl Serialize,
    text: impl FnOnce(&mut Out) -> io::Result<()>,
) -> anyhow::Result<Outcome> {
    let mut out = stdout();
    match format {
        Format::Text => text(&mut out).context(CANNOT_WRITE)?,
        Format::Json => {
            serde_json::to_writer_pretty(&mut out, value).context(CANNOT_WRITE)?;
            writeln!(out).context(CANNOT_WRITE)?;
        }
    }
    out.flush().context(CANNOT_WRITE)?;
    Ok(Outcome::Done)
}
