//! Matches with all that happened in them, one after the other, whether from recordings or from a database: where
//! every verb begins that says something about hits and points.

mod database;
mod files;

use std::{
    env,
    path::{Path, PathBuf},
    str::FromStr,
};

use anyhow::bail;
use hitlevel::{Course, report::Reception};
use jiff::tz::TimeZone;
use pss_protocol::{Athlete, Competitor, Dialect, MatchSummary, PerAthlete, Timestamp};
use pss_store::{AthleteId, MatchId, SessionId, Store};

use crate::{
    args::{InputArgs, WrongUsage, dialect, time_zone},
    cmd::Outcome,
    filter::{Fight, Moment},
    output::{complain, text::Harmless},
    reading::SourceFilter,
};

/// Whose matches, and which of them.
#[derive(Clone, Debug, clap::Args)]
pub(crate) struct CoursesArgs {
    /// Recordings to read, in order; `-` is the standard input. Without one the database is asked.
    #[arg(value_name = "FILE", conflicts_with = "db")]
    files: Vec<PathBuf>,
    /// The database; `DATA_DIR/restrike.db` of a server. It may be in use. Without FILE and --db it is the one that the
    /// variable RESTRIKE_DB names.
    #[arg(long, value_name = "PATH")]
    db: Option<PathBuf>,
    /// Only the matches of this number; of a database also one match: `101`, `id:17`.
    #[arg(long = "match", value_name = "NUMBER|id:N")]
    fight: Option<Fight>,
    /// Only matches of athletes with this in the name, upper or lower case; of a database also of one athlete: `id:17`.
    #[arg(long, value_name = "NAME|id:N")]
    athlete: Option<Who>,
    /// Only of this ring. The rings of a recording are called `1`, and `1 IP:PORT` after the first.
    #[arg(long, value_name = "NAME")]
    ring: Option<String>,
    /// Only of this session of the database.
    #[arg(long, value_name = "N")]
    session: Option<i64>,
    /// Only of this tournament of the database: its name or number.
    #[arg(long, value_name = "NAME")]
    tournament: Option<String>,
    /// Only matches of the database that began then or later: RFC 3339, or `2026-11-22 10:00` in the time zone.
    #[arg(long, value_name = "TIME")]
    from: Option<Moment>,
    /// Only matches of the database that began before.
    #[arg(long, value_name = "TIME")]
    until: Option<Moment>,
    /// Read the recordings as this dialect instead of telling it from the traffic.
    #[arg(long, value_parser = dialect())]
    dialect: Option<Dialect>,
    /// Of the recordings only datagrams sent to this UDP port.
    #[arg(long)]
    port: Option<u16>,
    /// Of the recordings only datagrams from this address: IP or IP:PORT.
    #[arg(long, value_name = "ADDR")]
    source: Option<SourceFilter>,
    /// Time zone of a TkStrike log, and of --from and --until: a name, or an offset such as +02:00.
    #[arg(long, value_name = "ZONE", default_value = "UTC", value_parser = time_zone)]
    time_zone: TimeZone,
}

/// An athlete by a part of the name, or by the name in the database.
#[derive(Clone, Debug, PartialEq, Eq)]
enum Who {
    Id(i64),
    /// In lower case.
    Named(String),
}

impl FromStr for Who {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        match text.strip_prefix("id:") {
            Some(id) => id.parse().map(Self::Id).map_err(|_| format!("{id:?} is no number")),
            None if text.trim().is_empty() => Err(String::from("a name has letters")),
            None => Ok(Self::Named(text.to_lowercase())),
        }
    }
}

/// A match with all that happened in it, and where it comes from.
#[derive(Debug)]
pub(crate) struct Told {
    /// The match.
    pub(crate) course: Course,
    /// The ring's name.
    pub(crate) ring: String,
    /// What it was read from.
    pub(crate) origin: Origin,
    /// When it was loaded; `None` where the source has no times.
    pub(crate) began_at: Option<Timestamp>,
    /// How the reception of its recording went; a database has it for whom asks.
    pub(crate) reception: Option<Reception>,
    /// Whom `--athlete` asks for; both where it was not given.
    pub(crate) asked: PerAthlete<bool>,
}

/// Where a match comes from.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Origin {
    /// A recording, by its name.
    File(String),
    /// A database.
    Stored(Stored),
}

/// How a database names a match and those who fought it.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Stored {
    pub(crate) match_id: MatchId,
    pub(crate) session: SessionId,
    /// Who fought, the ones whom merged athletes were merged into.
    pub(crate) athletes: PerAthlete<Option<AthleteId>>,
    pub(crate) tournament: Option<Tournament>,
}

/// The tournament of a match.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, serde::Serialize)]
pub(crate) struct Tournament {
    pub(crate) id: i64,
    pub(crate) name: String,
}

/// The last part of a path, or what stands for it; the whole path is nobody's business but the machine's.
pub(crate) fn file_name(path: &str) -> &str {
    match path {
        "-" => "standard input",
        path => Path::new(path).file_name().and_then(|name| name.to_str()).unwrap_or(path),
    }
}

impl Told {
    /// What a database says of it.
    pub(crate) fn stored(&self) -> Option<&Stored> {
        match &self.origin {
            Origin::File(_) => None,
            Origin::Stored(stored) => Some(stored),
        }
    }

    /// The athletes who are asked for.
    pub(crate) fn asked(&self) -> impl Iterator<Item = Athlete> {
        let asked = self.asked;
        Athlete::BOTH.into_iter().filter(move |athlete| asked[*athlete])
    }
}

/// Gives each match that is asked for to `each`: those of a database in the order in which they began, those of
/// recordings file by file and ring by ring. Of a database one match is in memory at a time, of recordings those of one
/// file.
///
/// A file that cannot be read is told of and does not keep the others from being read. Where there is no match at all,
/// that is told too.
///
/// # Errors
///
/// When the arguments do not go together (a [`WrongUsage`]), when no match or athlete is called what was asked for,
/// when the database cannot be read, and what `each` fails with.
pub(crate) fn for_each_course(
    args: &CoursesArgs,
    each: impl FnMut(Told) -> anyhow::Result<()>,
) -> anyhow::Result<Outcome> {
    read(args, Order::Time, each)
}

/// The same for whom the order means nothing: a database gives them session by session, which is several times as fast.
///
/// # Errors
///
/// See [`for_each_course`].
pub(crate) fn for_each_course_as_stored(
    args: &CoursesArgs,
    each: impl FnMut(Told) -> anyhow::Result<()>,
) -> anyhow::Result<Outcome> {
    read(args, Order::Stored, each)
}

/// In which order a database gives its matches.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Order {
    /// As they began.
    Time,
    /// Session by session.
    Stored,
}

fn read(
    args: &CoursesArgs,
    order: Order,
    mut each: impl FnMut(Told) -> anyhow::Result<()>,
) -> anyhow::Result<Outcome> {
    let mut seen = Seen::default();
    let outcome = match args.source()? {
        Source::Files(input) => files::read(args, &input, &mut seen, &mut each)?,
        Source::Database(path) => database::read(args, &path, order, &mut seen, &mut each)?,
    };
    // Where an input failed, that was told already, and perhaps it had the match.
    if !seen.told && outcome != Outcome::Failed {
        seen.explain(args)?;
    }
    Ok(outcome)
}

/// What to read.
enum Source {
    Files(InputArgs),
    Database(PathBuf),
}

impl CoursesArgs {
    /// The tournament that is asked for as a whole: no match and no athlete of it.
    pub(crate) fn whole_tournament(&self) -> Option<&str> {
        self.tournament.as_deref().filter(|_| self.fight.is_none() && self.athlete.is_none())
    }

    /// The database that is asked; `None` where recordings are read.
    pub(crate) fn store(&self) -> anyhow::Result<Option<Store>> {
        match self.source()? {
            Source::Files(_) => Ok(None),
            Source::Database(path) => crate::database::open(&path).map(Some),
        }
    }

    /// Where the matches come from, for people: a few names of files.
    pub(crate) fn shown(&self) -> String {
        const NAMED: usize = 3;
        let database = self.database();
        let all: Vec<&PathBuf> =
            if self.files.is_empty() { database.iter().collect() } else { self.files.iter().collect() };
        let names = all.iter().take(NAMED).map(|path| path.to_string_lossy());
        let shown = names.map(|path| file_name(&path).to_owned()).collect::<Vec<_>>().join(", ");
        match all.len().saturating_sub(NAMED) {
            0 => shown,
            more => format!("{shown} and {more} more"),
        }
    }

    /// The database that is named, or that the environment names.
    fn database(&self) -> Option<PathBuf> {
        let named = || env::var_os("RESTRIKE_DB").filter(|path| !path.is_empty()).map(PathBuf::from);
        self.db.clone().or_else(named)
    }

    fn source(&self) -> anyhow::Result<Source> {
        if self.files.is_empty() {
            let Some(path) = self.database() else {
                bail!(WrongUsage("name recordings (FILE…), or a database (--db PATH)".into()));
            };
            let refused = [
                ("--dialect", self.dialect.is_some()),
                ("--port", self.port.is_some()),
                ("--source", self.source.is_some()),
            ];
            refuse(&refused, "goes with FILE: a database was read when it was made")?;
            return Ok(Source::Database(path));
        }
        let refused = [
            ("--session", self.session.is_some()),
            ("--tournament", self.tournament.is_some()),
            ("--from", self.from.is_some()),
            ("--until", self.until.is_some()),
            ("--match id:N", matches!(self.fight, Some(Fight::Id(_)))),
            ("--athlete id:N", matches!(self.athlete, Some(Who::Id(_)))),
        ];
        refuse(&refused, "goes with --db: recordings know nothing of it")?;
        Ok(Source::Files(InputArgs {
            files: self.files.clone(),
            dialect: self.dialect,
            port: self.port,
            source: self.source,
            time_zone: self.time_zone.clone(),
        }))
    }

    /// Whom of a match the name asks for; `None` where it asks for somebody else.
    fn asked(&self, summary: &MatchSummary) -> Option<PerAthlete<bool>> {
        let Some(Who::Named(name)) = &self.athlete else { return Some(PerAthlete { blue: true, red: true }) };
        let has = |competitor: &Competitor| {
            let names = [&competitor.name, &competitor.short_name];
            names.into_iter().flatten().any(|known| known.to_lowercase().contains(name))
        };
        let asked = PerAthlete { blue: has(&summary.blue), red: has(&summary.red) };
        (asked.blue || asked.red).then_some(asked)
    }
}

fn refuse(given: &[(&str, bool)], why: &str) -> anyhow::Result<()> {
    match given.iter().find(|(_, given)| *given) {
        Some((option, _)) => bail!(WrongUsage(format!("{option} {why}"))),
        None => Ok(()),
    }
}

/// What was come across, to tell why nothing was found.
#[derive(Debug, Default)]
struct Seen {
    /// Whether anything was asked for.
    told: bool,
    /// Whether there was any match at all.
    any: bool,
    /// The numbers of the matches, as many as are told.
    numbers: Vec<String>,
    /// Whether there are more.
    more: bool,
}

impl Seen {
    /// How many numbers are told.
    const MOST: usize = 20;

    fn see(&mut self, summary: &MatchSummary) {
        self.any = true;
        match &summary.number {
            Some(number) if !self.numbers.contains(number) => match self.numbers.len() {
                Self::MOST.. => self.more = true,
                _ => self.numbers.push(number.clone()),
            },
            _ => {}
        }
    }

    /// Says why nothing was told. What was named and is not there is an error; that there is no match, is none.
    fn explain(&self, args: &CoursesArgs) -> anyhow::Result<()> {
        match (&args.fight, &args.athlete) {
            (Some(Fight::Id(id)), _) if !self.any => {
                bail!("there is no match {id} here; `restrike query matches` lists the matches")
            }
            (Some(Fight::Number(number)), _) if self.any && !self.numbers.contains(number) => {
                let more = if self.more { " and more" } else { "" };
                let numbers = self.numbers.join(", ");
                bail!("no match has the number {}; there are {}{more}", Harmless(number), Harmless(numbers))
            }
            (_, Some(_)) if self.any => bail!("no athlete of these matches is called so"),
            _ => complain(format_args!("no match found")),
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_athlete_is_named_by_letters_or_by_an_id() {
        assert_eq!("ŞAHİN".parse(), Ok(Who::Named("ŞAHİN".to_lowercase())));
        assert_eq!("id:17".parse(), Ok(Who::Id(17)));
        for bad in ["", "  ", "id:", "id:x"] {
            assert!(bad.parse::<Who>().is_err(), "{bad}");
        }
    }
}
