//! `restrike tournament`: days, rings and what was fought there.

mod show;

use std::collections::BTreeSet;

use anyhow::{Context as _, bail};
use jiff::{
    civil::{Date, DateTime},
    tz::TimeZone,
};
use pss_protocol::Timestamp;
use pss_store::{SessionChoice, SessionId, TournamentChange, TournamentInfo};

use super::Outcome;
use crate::{
    database::{self, DatabaseArgs, Format},
    output::complain,
};

#[derive(Debug, clap::Args)]
pub(crate) struct TournamentArgs {
    #[command(subcommand)]
    verb: TournamentVerb,
}

#[derive(Debug, clap::Subcommand)]
enum TournamentVerb {
    /// Adds a tournament. Sessions that begin on one of its days and rings become its own.
    Add(AddArgs),
    /// The tournaments, the last first.
    List(ListArgs),
    /// A tournament with its matches and their results.
    Show(ShowArgs),
    /// Changes a tournament; what is not named stays.
    Change(ChangeTournamentArgs),
    /// Gives sessions that are here already to a tournament, or takes them away.
    Assign(AssignArgs),
    /// Removes a tournament. Its matches stay, as those of none.
    Remove(RemoveArgs),
}

#[derive(Debug, clap::Args)]
struct AddArgs {
    #[command(flatten)]
    database: DatabaseArgs,
    /// Its name, which no other has.
    name: String,
    /// Where it is, as an IANA name such as Europe/Madrid: tells on which day a match is fought.
    #[arg(long, value_name = "ZONE")]
    time_zone: String,
    #[command(flatten)]
    details: DetailArgs,
}

#[derive(Debug, clap::Args)]
struct DetailArgs {
    /// The town, the hall.
    #[arg(long, value_name = "TEXT")]
    place: Option<String>,
    /// For people.
    #[arg(long, value_name = "TEXT")]
    notes: Option<String>,
    /// A day, 2026-11-22, or all from one to another, 2026-11-22..2026-11-24. May be given several times.
    #[arg(long = "day", value_name = "DAY|DAY..DAY", value_parser = days)]
    days: Vec<BTreeSet<Date>>,
    /// A ring. May be given several times; without one all rings are the tournament's.
    #[arg(long = "ring", value_name = "NAME")]
    rings: Vec<String>,
}

impl DetailArgs {
    fn days(&self) -> BTreeSet<Date> {
        self.days.iter().flatten().copied().collect()
    }

    fn rings(&self) -> BTreeSet<String> {
        self.rings.iter().cloned().collect()
    }
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
struct ShowArgs {
    #[command(flatten)]
    database: DatabaseArgs,
    /// Its number, as `tournament list` shows it, or its name.
    tournament: String,
    /// How to write.
    #[arg(long, value_enum, default_value_t)]
    format: Format,
}

#[derive(Debug, clap::Args)]
struct ChangeTournamentArgs {
    #[command(flatten)]
    database: DatabaseArgs,
    /// Its number, or its name.
    tournament: String,
    /// Another name.
    #[arg(long, value_name = "TEXT")]
    name: Option<String>,
    /// Another time zone.
    #[arg(long, value_name = "ZONE")]
    time_zone: Option<String>,
    #[command(flatten)]
    details: DetailArgs,
    /// All rings are its from now on.
    #[arg(long, conflicts_with = "rings")]
    all_rings: bool,
}

#[derive(Debug, clap::Args)]
#[command(group = clap::ArgGroup::new("which").required(true).multiple(true).args(["session", "from"]))]
struct AssignArgs {
    #[command(flatten)]
    database: DatabaseArgs,
    /// The tournament's number or name, or `none`.
    tournament: String,
    /// This session. May be given several times.
    #[arg(long, value_name = "N")]
    session: Vec<i64>,
    /// The sessions with a match from this time on: 2026-11-22T09:00 in the tournament's time zone, or a time with
    /// an offset of its own.
    #[arg(long, value_name = "TIME", requires = "until")]
    from: Option<String>,
    /// Up to this time; a day means its end.
    #[arg(long, value_name = "TIME", requires = "from")]
    until: Option<String>,
    /// Of them only those of this ring.
    #[arg(long, value_name = "NAME", requires = "from")]
    ring: Option<String>,
}

#[derive(Debug, clap::Args)]
struct RemoveArgs {
    #[command(flatten)]
    database: DatabaseArgs,
    /// Its number, or its name.
    tournament: String,
}

pub(super) fn run(args: &TournamentArgs) -> anyhow::Result<Outcome> {
    match &args.verb {
        TournamentVerb::Add(args) => add(args),
        TournamentVerb::List(args) => show::list(&args.database.open()?.tournaments()?, args.format),
        TournamentVerb::Show(args) => {
            let store = args.database.open()?;
            let tournament = database::tournament(&store, &args.tournament)?;
            let matches = store.matches_of_tournament(tournament.id)?;
            show::one(&tournament, &matches, args.format)
        }
        TournamentVerb::Change(args) => change(args),
        TournamentVerb::Assign(args) => assign(args),
        TournamentVerb::Remove(args) => {
            let store = args.database.open()?;
            let tournament = database::tournament(&store, &args.tournament)?;
            store.remove_tournament(tournament.id)?;
            complain(format_args!("tournament {} is removed, its matches stay", tournament.id));
            Ok(Outcome::Done)
        }
    }
}

fn add(args: &AddArgs) -> anyhow::Result<Outcome> {
    let store = args.database.open()?;
    let id = store.add_tournament(TournamentInfo {
        name: args.name.clone(),
        place: args.details.place.clone(),
        time_zone: args.time_zone.clone(),
        notes: args.details.notes.clone(),
        days: args.details.days(),
        rings: args.details.rings(),
    })?;
    complain(format_args!(
        "tournament {id} is added; `tournament assign` gives it sessions that are here already"
    ));
    Ok(Outcome::Done)
}

fn change(args: &ChangeTournamentArgs) -> anyhow::Result<Outcome> {
    let store = args.database.open()?;
    let tournament = database::tournament(&store, &args.tournament)?;
    let rings = args.details.rings();
    let change = TournamentChange {
        name: args.name.clone(),
        place: args.details.place.clone(),
        time_zone: args.time_zone.clone(),
        notes: args.details.notes.clone(),
        days: Some(args.details.days()).filter(|days| !days.is_empty()),
        rings: (args.all_rings || !rings.is_empty()).then_some(rings),
    };
    if change == TournamentChange::default() {
        bail!("nothing to change was named");
    }
    store.change_tournament(tournament.id, change)?;
    complain(format_args!("tournament {} is changed", tournament.id));
    Ok(Outcome::Done)
}

fn assign(args: &AssignArgs) -> anyhow::Result<Outcome> {
    let store = args.database.open()?;
    let tournament = match args.tournament.as_str() {
        "none" => None,
        name => Some(database::tournament(&store, name)?),
    };
    let zone = match &tournament {
        Some(tournament) => TimeZone::get(&tournament.info.time_zone)
            .with_context(|| format!("this system does not know {}", tournament.info.time_zone))?,
        None => TimeZone::UTC,
    };
    let mut choices: Vec<_> = args.session.iter().map(|id| SessionChoice::Session(SessionId(*id))).collect();
    if let (Some(from), Some(until)) = (&args.from, &args.until) {
        choices.push(SessionChoice::Between {
            ring: args.ring.clone(),
            from: moment(from, &zone, false)?,
            until: moment(until, &zone, true)?,
        });
    }
    let mut assigned = BTreeSet::new();
    for choice in choices {
        assigned.extend(store.assign_sessions(choice, tournament.as_ref().map(|tournament| tournament.id))?);
    }
    let list = assigned.iter().map(ToString::to_string).collect::<Vec<_>>().join(", ");
    match (assigned.len(), tournament) {
        (0, _) => complain(format_args!("no session has a match in that time")),
        (_, Some(tournament)) => {
            complain(format_args!("of tournament {} from now on: sessions {list}", tournament.id));
        }
        (_, None) => complain(format_args!("of no tournament from now on: sessions {list}")),
    }
    Ok(Outcome::Done)
}

fn days(text: &str) -> Result<BTreeSet<Date>, String> {
    let day = |text: &str| {
        text.parse::<Date>().map_err(|_| format!("{text:?} is not a day, which is written as 2026-11-22"))
    };
    let (first, last) = match text.split_once("..") {
        Some((first, last)) => (day(first)?, day(last)?),
        None => (day(text)?, day(text)?),
    };
    let days: BTreeSet<Date> =
        first.series(jiff::Span::new().days(1)).take_while(|day| *day <= last).take(MOST_DAYS + 1).collect();
    match days.len() {
        0 => Err(format!("{last} is before {first}")),
        count if count > MOST_DAYS => Err(format!("more than {MOST_DAYS} days")),
        _ => Ok(days),
    }
}

/// A time with an offset, or one of the zone; a day alone means its beginning, or its end.
fn moment(text: &str, zone: &TimeZone, end_of_day: bool) -> anyhow::Result<Timestamp> {
    if let Ok(at) = text.parse::<jiff::Timestamp>() {
        return Ok(Timestamp(at.as_microsecond()));
    }
    let at = match text.parse::<Date>() {
        Ok(day) if !text.contains(['T', ' ']) && end_of_day => {
            day.tomorrow().context("no day comes after this one")?.to_datetime(jiff::civil::Time::midnight())
        }
        _ => text
            .parse::<DateTime>()
            .with_context(|| format!("{text:?} is not a time, which is written as 2026-11-22T09:00"))?,
    };
    Ok(Timestamp(zone.to_timestamp(at)?.as_microsecond()))
}

const MOST_DAYS: usize = 366;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn days_are_single_or_in_a_row() {
        assert_eq!(days("2026-11-22").unwrap().len(), 1);
        let row: Vec<_> = days("2026-11-29..2026-12-01").unwrap().iter().map(ToString::to_string).collect();
        assert_eq!(row, ["2026-11-29", "2026-11-30", "2026-12-01"]);
        for wrong in [
            "",
            "yesterday",
            "2026-02-30",
            "2026-11-22..",
            "2026-11-22..2026-11-21",
            "0001-01-01..9999-12-31",
        ] {
            assert!(days(wrong).is_err(), "{wrong}");
        }
    }

    #[test]
    fn a_moment_is_of_the_place() {
        let seoul = TimeZone::get("Asia/Seoul").unwrap();
        let at = |text, end| moment(text, &seoul, end).unwrap().to_string();
        assert_eq!(at("2026-11-22T09:00", false), "2026-11-22T00:00:00.000000Z");
        assert_eq!(at("2026-11-22T09:00Z", true), "2026-11-22T09:00:00.000000Z");
        assert_eq!(at("2026-11-22", false), "2026-11-21T15:00:00.000000Z");
        assert_eq!(at("2026-11-22", true), "2026-11-22T15:00:00.000000Z");
        assert!(moment("noon", &seoul, false).is_err());
    }
}
