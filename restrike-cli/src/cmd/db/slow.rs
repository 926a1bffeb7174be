//! `restrike db slow`: statements that took long.

use std::io::{self, Write};

use pss_protocol::Timestamp;
use pss_store::SlowQuery;
use serde::Serialize;

use super::super::Outcome;
use crate::{
    database::{DatabaseArgs, Format, print_json},
    output::{complain, print, table::OrDash, text::Harmless},
};

#[derive(Debug, clap::Args)]
pub(crate) struct SlowArgs {
    #[command(flatten)]
    database: DatabaseArgs,
    /// Forgets them all.
    #[arg(long, conflicts_with_all = ["format", "limit"])]
    clear: bool,
    /// How many, those that cost most first.
    #[arg(long, value_name = "N", default_value_t = 20)]
    limit: usize,
    /// How to write.
    #[arg(long, value_enum, default_value_t)]
    format: Format,
}

/// A slow query in JSON.
#[derive(Serialize)]
struct SlowJson<'a> {
    statement: &'a str,
    count: u64,
    total_us: u64,
    max_us: u64,
    first_at: Option<Timestamp>,
    last_at: Option<Timestamp>,
    query_plan: Vec<&'a str>,
    suggestion: Option<&'a str>,
}

impl<'a> From<&'a SlowQuery> for SlowJson<'a> {
    fn from(query: &'a SlowQuery) -> Self {
        Self {
            statement: &query.statement,
            count: query.count,
            total_us: query.total_us,
            max_us: query.max_us,
            first_at: query.first_at,
            last_at: query.last_at,
            query_plan: query.query_plan.lines().collect(),
            suggestion: query.suggestion.as_deref(),
        }
    }
}

pub(super) fn run(args: &SlowArgs) -> anyhow::Result<Outcome> {
    let store = args.database.open()?;
    if args.clear {
        let cleared = store.clear_slow_queries()?;
        complain(format_args!("{cleared} slow statements were forgotten"));
        return Ok(Outcome::Done);
    }
    let mut queries = store.slow_queries()?;
    queries.truncate(args.limit);
    match args.format {
        Format::Json => print_json(&queries.iter().map(SlowJson::from).collect::<Vec<_>>())?,
        Format::Text => print(|out| queries.iter().try_for_each(|query| write_query(out, query)))?,
    }
    if queries.is_empty() {
        let threshold: u64 = store.setting("store", "slow_query_ms")?;
        complain(format_args!("no statement took {threshold} ms or longer (store.slow_query_ms)"));
    }
    Ok(Outcome::Done)
}

fn write_query(out: &mut impl Write, query: &SlowQuery) -> io::Result<()> {
    let ms = |us: u64| us as f64 / 1000.0;
    writeln!(
        out,
        "{:.1} ms in {} runs, {:.1} ms at most, {} to {}",
        ms(query.total_us),
        query.count,
        ms(query.max_us),
        OrDash(query.first_at),
        OrDash(query.last_at)
    )?;
    writeln!(out, "  {}", Harmless(&query.statement))?;
    query.query_plan.lines().try_for_each(|step| writeln!(out, "    {}", Harmless(step)))?;
    if let Some(suggestion) = &query.suggestion {
        writeln!(out, "  {}", Harmless(suggestion))?;
    }
    Ok(())
}
