//! `restrike stats`: what the hits of an athlete, a match or a tournament amount to.

mod group;
mod json;
mod sheet;
mod text;

use anyhow::bail;
use clap::ValueEnum as _;

use super::Outcome;
use crate::{
    args::WrongUsage,
    courses::{CoursesArgs, for_each_course, for_each_course_as_stored},
    output::spark::Signs,
};

#[derive(Debug, clap::Args)]
#[command(after_help = LEGEND)]
pub(crate) struct StatsArgs {
    #[command(flatten)]
    courses: CoursesArgs,
    /// Merge the matches: one line for each of these, as in `round` or `country,round`. With --athlete only what that
    /// athlete did.
    #[arg(long, value_enum, value_delimiter = ',')]
    by: Vec<By>,
    /// How to write.
    #[arg(long, value_enum, default_value_t)]
    format: Format,
    /// Text without bars and dashes that need Unicode; so it is anyhow where the locale has no UTF-8.
    #[arg(long)]
    ascii: bool,
}

const LEGEND: &str = "Text shows levels from 0 to 100, and the tempo in steps of 10 s, as bars, the largest of a \
                      line the highest. Where a number cannot be given there is a dash and the reason. Hits \
                      of level 99, which judges without sensors give, are in no level. docs/HITS.md says how \
                      everything is counted.";

/// What hits are put together by.
#[derive(Clone, Copy, Debug, PartialEq, Eq, clap::ValueEnum)]
enum By {
    /// The athlete: in a database whoever was merged, in recordings name and country.
    Athlete,
    /// The athlete's country.
    Country,
    /// Blue and red.
    Side,
    /// The round, the same of all matches.
    Round,
    /// The match, both athletes together.
    Match,
    /// The ring, of each recording by itself.
    Ring,
    /// The tournament, of a database.
    Tournament,
    /// The weight class: division and category.
    Category,
    /// One line altogether.
    All,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, clap::ValueEnum)]
enum Format {
    /// For people.
    #[default]
    Text,
    /// One array: an object for each match, or for each line of --by.
    Json,
    /// A row for each athlete and round and for the whole match, or for each line of --by.
    Csv,
}

pub(super) fn run(args: &StatsArgs) -> anyhow::Result<Outcome> {
    let twice = args.by.iter().enumerate().find(|(place, by)| args.by[..*place].contains(by));
    if let Some(name) = twice.and_then(|(_, by)| by.to_possible_value()) {
        bail!(WrongUsage(format!("--by names {} twice", name.get_name())));
    }
    if args.by.is_empty() {
        return match args.format {
            Format::Text => text::matches(&args.courses, Signs::new(args.ascii)),
            Format::Json => json::matches(&args.courses),
            Format::Csv => sheet::matches(&args.courses),
        };
    }
    let mut groups = group::Groups::new(&args.by);
    let add = |told| {
        groups.add(&told);
        Ok(())
    };
    let outcome = if args.by.contains(&By::Match) {
        for_each_course(&args.courses, add)
    } else {
        for_each_course_as_stored(&args.courses, add)
    }?;
    let groups = groups.finish();
    match args.format {
        Format::Text => text::groups(&groups, Signs::new(args.ascii))?,
        Format::Json => json::groups(&args.by, &groups)?,
        Format::Csv => sheet::groups(&groups)?,
    }
    Ok(outcome)
}
