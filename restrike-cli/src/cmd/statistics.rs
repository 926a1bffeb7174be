//! `restrike statistics`: how the reading went, by session, day and code.

use std::{collections::BTreeMap, io::Write as _};

use anyhow::Context as _;
use pss_store::{ProcessingCounts, SessionId, StatisticsFilter};
use serde::Serialize;

use super::Outcome;
use crate::{
    database::{DatabaseArgs, Format, print_json},
    output::{
        CANNOT_WRITE, complain, stdout,
        table::{OrDash, Table},
    },
};

#[derive(Debug, clap::Args)]
pub(crate) struct StatisticsArgs {
    #[command(flatten)]
    database: DatabaseArgs,
    /// Only of this session.
    #[arg(long, value_name = "N")]
    session: Option<i64>,
    /// Only of this day of arrival in UTC, 2026-11-22; empty for inputs without a clock.
    #[arg(long, value_name = "DAY")]
    day: Option<String>,
    /// Only of this code of the wire; empty for what has no known code.
    #[arg(long, value_name = "CODE")]
    code: Option<String>,
    /// One line for each of these, all the rest put together.
    #[arg(long, value_enum, value_delimiter = ',', default_values_t = [By::Session, By::Day, By::Code])]
    by: Vec<By>,
    /// How to write.
    #[arg(long, value_enum, default_value_t)]
    format: Format,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, clap::ValueEnum)]
enum By {
    Session,
    Day,
    Code,
    /// One line altogether.
    All,
}

/// Session, day and code; what is not asked for is `None` here and not told.
type Group = (Option<i64>, Option<String>, Option<String>);

/// A line as JSON has it. What was put together is left out.
#[derive(Serialize)]
struct Report<'a> {
    #[serde(skip_serializing_if = "Option::is_none")]
    session: Option<i64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    day: Option<Option<&'a str>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    event_code: Option<Option<&'a str>>,
    total: u64,
    recognized: u64,
    partial: u64,
    unknown: u64,
    deprecated: u64,
    errors: u64,
    timed: u64,
    min_us: Option<u64>,
    avg_us: Option<f64>,
    p99_us: Option<u64>,
    max_us: Option<u64>,
}

pub(super) fn run(args: &StatisticsArgs) -> anyhow::Result<Outcome> {
    let filter = StatisticsFilter {
        session: args.session.map(SessionId),
        code: args.code.clone(),
        day: args.day.clone(),
    };
    let mut groups: BTreeMap<Group, ProcessingCounts> = BTreeMap::new();
    for row in args.database.open()?.statistics(&filter)? {
        let wanted = |by| args.by.contains(&by);
        let group = (
            wanted(By::Session).then_some(row.session.0),
            wanted(By::Day).then(|| row.day.unwrap_or_default()),
            wanted(By::Code).then(|| row.code.unwrap_or_default()),
        );
        groups.entry(group).or_default().merge(&row.counts);
    }
    match args.format {
        Format::Json => {
            print_json(&groups.iter().map(|(group, counts)| report(group, counts)).collect::<Vec<_>>())?;
        }
        Format::Text if groups.is_empty() => complain(format_args!("nothing was counted")),
        Format::Text => {
            let mut out = stdout();
            table(&groups).write(&mut out, "").and_then(|()| out.flush()).context(CANNOT_WRITE)?;
        }
    }
    Ok(Outcome::Done)
}

fn table(groups: &BTreeMap<Group, ProcessingCounts>) -> Table<13> {
    let mut table = Table::new([
        "session",
        "day",
        "code",
        "total",
        "recognized",
        "partial",
        "unknown",
        "deprecated",
        "errors",
        "min µs",
        "avg µs",
        "p99 µs",
        "max µs",
    ]);
    for ((session, day, code), counts) in groups {
        let known = |text: &Option<String>| OrDash(text.clone().filter(|text| !text.is_empty()));
        table.row([
            &OrDash(*session),
            &known(day),
            &known(code),
            &counts.total,
            &counts.recognized,
            &counts.partial,
            &counts.unknown,
            &counts.deprecated,
            &counts.errors,
            &OrDash(counts.min_us),
            &OrDash(counts.average_us().map(|average| format!("{average:.1}"))),
            &OrDash(counts.percentile_us(99)),
            &OrDash(counts.max_us),
        ]);
    }
    table
}

fn report<'a>((session, day, code): &'a Group, counts: &ProcessingCounts) -> Report<'a> {
    // An empty text stands for none.
    let known =
        |text: &'a Option<String>| text.as_deref().map(|text| Some(text).filter(|text| !text.is_empty()));
    Report {
        session: *session,
        day: known(day),
        event_code: known(code),
        total: counts.total,
        recognized: counts.recognized,
        partial: counts.partial,
        unknown: counts.unknown,
        deprecated: counts.deprecated,
        errors: counts.errors,
        timed: counts.timed,
        min_us: counts.min_us,
        avg_us: counts.average_us(),
        p99_us: counts.percentile_us(99),
        max_us: counts.max_us,
    }
}
