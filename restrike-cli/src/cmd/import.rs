//! `restrike import`: what the scoring system wrote itself.

mod folder;
mod print;

use std::path::PathBuf;

use pss_store::{LogDifference, LogFlaw, MatchLogId, Store};
use serde::Serialize;

use self::folder::Found;
use super::Outcome;
use crate::{
    clock,
    database::{DatabaseArgs, Format, print_json},
    output::{complain, print as output, text::Harmless},
};

#[derive(Debug, clap::Args)]
pub(crate) struct ImportArgs {
    #[command(subcommand)]
    verb: ImportVerb,
}

#[derive(Debug, clap::Subcommand)]
enum ImportVerb {
    /// Match logs of TkStrike, beside what UDP gave of the same matches. The same files again change nothing.
    Matchlog(MatchlogArgs),
    /// What was imported, and which match it is.
    List(ListArgs),
    /// How our reading of a match compares with its log.
    Compare(CompareArgs),
}

#[derive(Debug, clap::Args)]
struct MatchlogArgs {
    #[command(flatten)]
    database: DatabaseArgs,
    /// Folders to look through, CourtNN/YYYYMMDD/… or others, or single files …-matchLogItems.csv.
    #[arg(value_name = "DIR", required = true)]
    places: Vec<PathBuf>,
    /// Only say what would be done.
    #[arg(long)]
    dry_run: bool,
    /// How to write.
    #[arg(long, value_enum, default_value_t)]
    format: Format,
}

#[derive(Debug, clap::Args)]
struct ListArgs {
    #[command(flatten)]
    database: DatabaseArgs,
    /// How to write.
    #[arg(long, value_enum, default_value_t)]
    format: Format,
}

#[derive(Debug, clap::Args)]
struct CompareArgs {
    #[command(flatten)]
    database: DatabaseArgs,
    /// The number that `import list` shows.
    log: i64,
    /// How to write.
    #[arg(long, value_enum, default_value_t)]
    format: Format,
}

/// What became of a log, in JSON as well.
#[derive(Serialize)]
struct Report {
    path: String,
    court: String,
    name: String,
    /// Why nothing of it could be read.
    error: Option<String>,
    flaws: Vec<LogFlaw>,
    #[serde(flatten)]
    difference: Option<LogDifference>,
}

pub(super) fn run(args: &ImportArgs) -> anyhow::Result<Outcome> {
    match &args.verb {
        ImportVerb::Matchlog(args) => matchlog(args),
        ImportVerb::List(args) => {
            let logs = args.database.open()?.match_logs()?;
            match args.format {
                Format::Json => print_json(&logs)?,
                Format::Text => output(|out| print::logs(out, &logs))?,
            }
            Ok(Outcome::Done)
        }
        ImportVerb::Compare(args) => compare(args),
    }
}

fn matchlog(args: &MatchlogArgs) -> anyhow::Result<Outcome> {
    let store = args.database.open()?;
    let mut outcome = Outcome::Done;
    let mut reports = Vec::new();
    for place in &args.places {
        let found = match folder::logs(place) {
            Ok(found) => found,
            Err(error) => {
                complain(format_args!("error: {}", Harmless(format_args!("{error:#}"))));
                outcome = Outcome::Failed;
                continue;
            }
        };
        for place in &found.unreadable {
            complain(format_args!("error: {}", Harmless(place)));
            outcome = outcome.max(Outcome::Damaged);
        }
        if found.logs.is_empty() {
            complain(format_args!("no match log in {}", Harmless(place.display())));
        }
        for found in found.logs {
            let report = import(&store, &found, args.dry_run)?;
            if report.error.is_some() || !report.flaws.is_empty() {
                outcome = outcome.max(Outcome::Damaged);
            }
            reports.push(report);
        }
    }
    match args.format {
        Format::Json => print_json(&reports)?,
        Format::Text => output(|out| print::reports(out, &reports, args.dry_run))?,
    }
    Ok(outcome)
}

/// Reads a log and imports it. What cannot be read is part of the report; what cannot be stored is an error.
fn import(store: &Store, found: &Found, dry_run: bool) -> anyhow::Result<Report> {
    let mut report = Report {
        path: found.path.display().to_string(),
        court: found.court.clone(),
        name: found.name.clone(),
        error: None,
        flaws: Vec::new(),
        difference: None,
    };
    match found.read() {
        Ok(log) => {
            report.flaws = log.flaws().to_vec();
            let difference = if dry_run {
                store.examine_match_log(&log)
            } else {
                store.import_match_log(&log, clock::wall())
            };
            report.difference = Some(difference?);
        }
        Err(error) => report.error = Some(format!("{error:#}")),
    }
    Ok(report)
}

fn compare(args: &CompareArgs) -> anyhow::Result<Outcome> {
    let store = args.database.open()?;
    let id = MatchLogId(args.log);
    if store.match_log(id)?.is_none() {
        anyhow::bail!("there is no match log {id}; `restrike import list` lists them");
    }
    let comparison = store.compare_match_log(id)?;
    match (args.format, &comparison) {
        (Format::Json, _) => print_json(&comparison)?,
        (Format::Text, Some(comparison)) => output(|out| print::comparison(out, comparison, ""))?,
        (Format::Text, None) => complain(format_args!("match log {id} is joined with no match")),
    }
    Ok(Outcome::Done)
}
