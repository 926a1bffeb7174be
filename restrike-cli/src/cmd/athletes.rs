//! `restrike athletes`: who is who, by hand.

use std::io::{self, Write};

use pss_protocol::{MatchSummary, Timestamp};
use pss_store::{
    AthleteFilter, AthleteId, AthleteRecord, MatchId, MatchSide, SimilarAthletes, Store, StoreError,
    StoredAthlete,
};
use serde::Serialize;

use super::Outcome;
use crate::{
    database::{ChangeArgs, DatabaseArgs, Format, print_json},
    output::{
        complain,
        fight::{Ended, Named},
        print,
        table::{OrDash, Table},
    },
};

#[derive(Debug, clap::Args)]
pub(crate) struct AthletesArgs {
    #[command(subcommand)]
    verb: AthletesVerb,
}

#[derive(Debug, clap::Subcommand)]
enum AthletesVerb {
    /// The athletes by name, or those who may be one.
    List(ListArgs),
    /// An athlete with the matches.
    Show(ShowArgs),
    /// Says that two athletes are one.
    Merge(MergeArgs),
    /// Takes a merge back.
    Unmerge(UnmergeArgs),
    /// Says that some matches were a namesake's.
    Split(SplitArgs),
    /// What was done to an athlete by hand.
    History(ShowArgs),
}

#[derive(Debug, clap::Args)]
struct ListArgs {
    #[command(flatten)]
    database: DatabaseArgs,
    /// Only those with this in the long or the short name.
    #[arg(long, value_name = "TEXT")]
    name: Option<String>,
    /// Only those of this country.
    #[arg(long, value_name = "CODE")]
    country: Option<String>,
    /// Only those of this division.
    #[arg(long, value_name = "DIVISION")]
    division: Option<String>,
    /// Those that were merged into others as well.
    #[arg(long)]
    merged: bool,
    /// Groups that may be one athlete: the same name in other letters, or in another division.
    #[arg(long, conflicts_with_all = ["name", "country", "division", "merged", "limit"])]
    similar: bool,
    /// At most so many.
    #[arg(long, value_name = "N")]
    limit: Option<u32>,
    /// How to write.
    #[arg(long, value_enum, default_value_t)]
    format: Format,
}

#[derive(Debug, clap::Args)]
struct ShowArgs {
    #[command(flatten)]
    database: DatabaseArgs,
    /// The number that `athletes list` shows.
    id: i64,
    /// How to write.
    #[arg(long, value_enum, default_value_t)]
    format: Format,
}

#[derive(Debug, clap::Args)]
struct MergeArgs {
    #[command(flatten)]
    database: DatabaseArgs,
    /// The athlete that is merged.
    from: i64,
    /// The athlete that both are from now on.
    into: i64,
    #[command(flatten)]
    change: ChangeArgs,
}

#[derive(Debug, clap::Args)]
struct UnmergeArgs {
    #[command(flatten)]
    database: DatabaseArgs,
    /// The athlete that was merged.
    id: i64,
    #[command(flatten)]
    change: ChangeArgs,
}

#[derive(Debug, clap::Args)]
struct SplitArgs {
    #[command(flatten)]
    database: DatabaseArgs,
    /// The athlete whose name it is.
    id: i64,
    /// The namesake's matches: SESSION:MATCH:SIDE, as `athletes show` writes them.
    #[arg(required = true, value_name = "PLACE")]
    matches: Vec<MatchSide>,
    #[command(flatten)]
    change: ChangeArgs,
}

pub(super) fn run(args: &AthletesArgs) -> anyhow::Result<Outcome> {
    match &args.verb {
        AthletesVerb::List(args) if args.similar => similar(args),
        AthletesVerb::List(args) => list(args),
        AthletesVerb::Show(args) => show(args),
        AthletesVerb::Merge(args) => {
            let store = args.database.open()?;
            store.merge_athletes(AthleteId(args.from), AthleteId(args.into), &args.change.change())?;
            complain(format_args!("athlete {} is athlete {} from now on", args.from, args.into));
            Ok(Outcome::Done)
        }
        AthletesVerb::Unmerge(args) => {
            args.database.open()?.unmerge_athlete(AthleteId(args.id), &args.change.change())?;
            complain(format_args!("athlete {} is nobody else from now on", args.id));
            Ok(Outcome::Done)
        }
        AthletesVerb::Split(args) => {
            let store = args.database.open()?;
            let namesake = store.split_athlete(AthleteId(args.id), &args.matches, &args.change.change())?;
            complain(format_args!("these matches are the namesake's from now on, athlete {namesake}"));
            Ok(Outcome::Done)
        }
        AthletesVerb::History(args) => history(args),
    }
}

fn list(args: &ListArgs) -> anyhow::Result<Outcome> {
    let athletes = args.database.open()?.athletes(&AthleteFilter {
        name: args.name.as_deref(),
        country: args.country.as_deref(),
        division: args.division.as_deref(),
        merged: args.merged,
        limit: args.limit,
    })?;
    match args.format {
        Format::Json => print_json(&athletes)?,
        Format::Text => print(|out| table(&athletes).write(out, ""))?,
    }
    Ok(Outcome::Done)
}

fn similar(args: &ListArgs) -> anyhow::Result<Outcome> {
    let groups = args.database.open()?.similar_athletes()?;
    match args.format {
        Format::Json => print_json(&groups)?,
        Format::Text => print(|out| groups.iter().try_for_each(|group| print_group(out, group)))?,
    }
    if groups.is_empty() {
        complain(format_args!("no two athletes look like one"));
    }
    Ok(Outcome::Done)
}

fn print_group(out: &mut impl Write, group: &SimilarAthletes) -> io::Result<()> {
    writeln!(out, "may be one, by {}", group.likeness.as_str())?;
    table(&group.athletes).write(out, "  ")
}

fn table(athletes: &[StoredAthlete]) -> Table<7> {
    let mut table = Table::new(["id", "country", "name", "division", "variant", "merged into", "matches"]);
    for athlete in athletes {
        let variant = (athlete.variant > 0).then_some(athlete.variant);
        table.row([
            &athlete.id,
            &OrDash(some(&athlete.country)),
            &athlete.long_name,
            &OrDash(some(&athlete.division)),
            &OrDash(variant),
            &OrDash(athlete.merged_into),
            &athlete.matches,
        ]);
    }
    table
}

fn some(text: &str) -> Option<&str> {
    Some(text).filter(|text| !text.is_empty())
}

/// An athlete in JSON.
#[derive(Serialize)]
struct Shown<'a> {
    #[serde(flatten)]
    athlete: &'a StoredAthlete,
    merged: &'a [StoredAthlete],
    fights: Vec<Fight<'a>>,
}

#[derive(Serialize)]
struct Fight<'a> {
    match_id: MatchId,
    place: String,
    side: &'static str,
    named: AthleteId,
    began_at: Option<Timestamp>,
    #[serde(flatten)]
    summary: &'a MatchSummary,
}

fn show(args: &ShowArgs) -> anyhow::Result<Outcome> {
    let store = args.database.open()?;
    let record = demand(&store, args.id)?;
    match args.format {
        Format::Json => print_json(&Shown {
            athlete: &record.athlete,
            merged: &record.merged,
            fights: record
                .matches
                .iter()
                .map(|one| Fight {
                    match_id: one.stored.id,
                    place: one.place().to_string(),
                    side: one.side.as_str(),
                    named: one.named,
                    began_at: one.began_at,
                    summary: &one.stored.summary,
                })
                .collect(),
        })?,
        Format::Text => print(|out| print_record(out, &record))?,
    }
    Ok(Outcome::Done)
}

fn print_record(out: &mut impl Write, record: &AthleteRecord) -> io::Result<()> {
    table(std::slice::from_ref(&record.athlete)).write(out, "")?;
    if !record.merged.is_empty() {
        writeln!(out, "\nmerged into this athlete")?;
        table(&record.merged).write(out, "  ")?;
    }
    let mut fights = Table::new(["place", "match", "began", "category", "blue", "red", "result"]);
    for one in &record.matches {
        let summary = &one.stored.summary;
        fights.row([
            &one.place(),
            &OrDash(summary.number.as_deref()),
            &OrDash(one.began_at),
            &OrDash(summary.category.as_deref()),
            &Named(&summary.blue),
            &Named(&summary.red),
            &Ended(summary),
        ]);
    }
    if !fights.is_empty() {
        writeln!(out, "\nmatches, the last first")?;
        fights.write(out, "  ")?;
    }
    Ok(())
}

fn history(args: &ShowArgs) -> anyhow::Result<Outcome> {
    let store = args.database.open()?;
    demand(&store, args.id)?;
    let changes = store.athlete_history(AthleteId(args.id))?;
    if args.format == Format::Json {
        print_json(&changes)?;
        return Ok(Outcome::Done);
    }
    let mut table = Table::new(["at", "by", "action", "athlete", "other", "place", "reason"]);
    for change in &changes {
        table.row([
            &change.at,
            &change.by,
            &change.action,
            &change.athlete,
            &OrDash(change.other),
            &OrDash(change.detail.as_deref()),
            &change.reason,
        ]);
    }
    print(|out| table.write(out, ""))?;
    Ok(Outcome::Done)
}

fn demand(store: &Store, id: i64) -> anyhow::Result<AthleteRecord> {
    let record = store.athlete(AthleteId(id))?;
    Ok(record.ok_or_else(|| StoreError::NotFound { what: "athlete", name: id.to_string() })?)
}
