//! `restrike report`: a page about a match or a tournament.

use std::{io::Write as _, path::PathBuf};

use anyhow::{Context as _, bail};
use hitlevel::{
    Course,
    report::{
        Earlier, Fought, MatchReportData, Reception, TournamentReportData, match_page, tournament_page,
    },
};
use pss_protocol::PerAthlete;
use pss_store::{ProcessingCounts, StatisticsFilter, Store, StoreError, StoredCourse};

use super::Outcome;
use crate::{
    args::WrongUsage,
    courses::{CoursesArgs, Origin, Stored, Told, file_name, for_each_course},
    input,
    output::{
        CANNOT_WRITE, complain,
        file::{refuse_existing, write_whole},
        stdout,
        text::Harmless,
    },
};

/// Matches that are named when there are several.
const NAMED: usize = 20;

#[derive(Debug, clap::Args)]
pub(crate) struct ReportArgs {
    #[command(flatten)]
    courses: CoursesArgs,
    /// One page about all matches that are asked for, instead of one about a single match. So is it with --tournament.
    #[arg(long)]
    all: bool,
    /// The heading of such a page; by default the tournament or the source.
    #[arg(long, value_name = "TEXT")]
    title: Option<String>,
    /// The new file, such as match.html; `-` is the standard output.
    #[arg(long, value_name = "FILE|-")]
    out: PathBuf,
    /// Replace the file when it is there already.
    #[arg(long)]
    force: bool,
}

pub(super) fn run(args: &ReportArgs) -> anyhow::Result<Outcome> {
    let to_stdout = input::is_stdin(&args.out);
    if !to_stdout {
        refuse_existing(&args.out, args.force)?;
    }
    let tournament = args.courses.whole_tournament();
    if !args.all && tournament.is_none() && args.title.is_some() {
        bail!(WrongUsage("--title goes with --all or --tournament".into()));
    }
    let (page, outcome) =
        if args.all || tournament.is_some() { of_all(args, tournament)? } else { of_one(args)? };
    if to_stdout {
        let mut out = stdout();
        out.write_all(page.as_bytes()).and_then(|()| out.flush()).context(CANNOT_WRITE)?;
    } else {
        write_whole(&args.out, args.force, |file| Ok(file.write_all(page.as_bytes())?))?;
        complain(format_args!("{} is made, {} kB", Harmless(args.out.display()), page.len().div_ceil(1000)));
    }
    Ok(outcome)
}

/// The page about all matches that are asked for.
fn of_all(args: &ReportArgs, tournament: Option<&str>) -> anyhow::Result<(String, Outcome)> {
    let shown = args.courses.shown();
    let title = args.title.as_deref().or(tournament).unwrap_or(&shown);
    let mut data = TournamentReportData::new(title);
    let outcome = for_each_course(&args.courses, |told| {
        let mut fought = Fought::new(&told.course, &told.ring);
        let reference = told.stored().map(|stored| format!("id:{}", stored.match_id.0));
        fought.reference = reference.as_deref();
        match &told.origin {
            Origin::File(path) => fought.source = Some(file_name(path)),
            Origin::Stored(stored) => {
                fought.people = PerAthlete::from_fn(|athlete| stored.athletes[athlete].map(|id| id.0));
                fought.session = Some(stored.session.0);
            }
        }
        data.add(&fought);
        Ok(())
    })?;
    if outcome != Outcome::Done {
        data.set_incomplete();
    }
    Ok((tournament_page(&data), outcome))
}

/// The page about the one match that is asked for.
fn of_one(args: &ReportArgs) -> anyhow::Result<(String, Outcome)> {
    let mut first: Option<Told> = None;
    let mut found = Vec::new();
    let mut count = 0_usize;
    let outcome = for_each_course(&args.courses, |told| {
        count += 1;
        if found.len() < NAMED {
            found.push(called(&told));
        }
        first.get_or_insert(told);
        Ok(())
    })?;
    let Some(told) = first else { bail!("there is no match to make a page about") };
    if count > 1 {
        let more = if count > found.len() { " and more" } else { "" };
        bail!(
            "there are {count} matches: {}{more}; choose one with --match, or take --all for a page about all of them",
            Harmless(found.join(", "))
        );
    }
    Ok((page(args, &told)?, outcome))
}

fn page(args: &ReportArgs, told: &Told) -> anyhow::Result<String> {
    let mut data = MatchReportData::new(&told.course);
    data.reception = told.reception;
    if let (Some(stored), Some(store)) = (told.stored(), args.courses.store()?) {
        let mut earlier = Earlier::default();
        store.for_each_course_before(stored.match_id, |StoredCourse { fight, events, .. }| {
            earlier.add(&Course::new(fight.summary, events.into_iter().map(|stored| stored.event).collect()));
            Ok::<(), StoreError>(())
        })?;
        data.learn_from(&earlier);
        data.reception = Some(reception(&store, stored)?);
    }
    let source = match &told.origin {
        Origin::File(path) => file_name(path).to_owned(),
        Origin::Stored(stored) => {
            format!("session {} of a database, match {}", stored.session, stored.match_id.0)
        }
    };
    data.ring = Some(&told.ring);
    data.source = Some(&source);
    data.tournament = told.stored().and_then(|stored| Some(stored.tournament.as_ref()?.name.as_str()));
    Ok(match_page(&data))
}

/// How well the session was understood that the match is a part of.
fn reception(store: &Store, stored: &Stored) -> anyhow::Result<Reception> {
    let filter = StatisticsFilter { session: Some(stored.session), ..StatisticsFilter::default() };
    let mut counts = ProcessingCounts::default();
    store.statistics(&filter)?.iter().for_each(|of| counts.merge(&of.counts));
    let mut reception = Reception::default();
    reception.messages = Some(counts.total);
    (reception.partial, reception.unknown) = (Some(counts.partial), Some(counts.unknown));
    Ok(reception)
}

/// What to write behind `--match`.
fn called(told: &Told) -> String {
    let number = told.course.summary.number.as_deref().unwrap_or("without number");
    match told.stored() {
        Some(stored) => format!("id:{} ({number})", stored.match_id.0),
        None => number.to_owned(),
    }
}
