//! `restrike query`: what a database holds, page by page.

mod print;

use std::io::{self, Write as _};

use anyhow::{Context as _, bail};
use pss_store::{Cursor, Page, Query, Rows, Store};
use serde::Serialize;

use super::Outcome;
use crate::{
    args::WrongUsage,
    database::DatabaseArgs,
    filter::FilterArgs,
    output::{CANNOT_WRITE, Out, complain, stdout},
};

#[derive(Debug, clap::Args)]
pub(crate) struct QueryArgs {
    /// What to list.
    #[arg(value_enum)]
    noun: Noun,
    #[command(flatten)]
    database: DatabaseArgs,
    #[command(flatten)]
    filter: FilterArgs,
    /// At most so many.
    #[arg(long, value_name = "N", default_value_t = Query::DEFAULT_LIMIT,
        value_parser = clap::value_parser!(u32).range(1..=i64::from(Query::MOST)))]
    limit: u32,
    /// Go on where an earlier query with the same filters ended.
    #[arg(long, value_name = "CURSOR")]
    after: Option<Cursor>,
    /// All of it, page after page, as NDJSON.
    #[arg(long, conflicts_with_all = ["limit", "after"])]
    all: bool,
    /// How to write.
    #[arg(long, value_enum, default_value_t)]
    format: Format,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, clap::ValueEnum)]
enum Noun {
    /// Messages as they arrived, each with its status.
    Messages,
    /// What the table decided.
    Events,
    /// What the sensors felt.
    Hits,
    /// Matches as last known.
    Matches,
    /// Who fought.
    Athletes,
    /// How many of all these there are.
    Counts,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, clap::ValueEnum)]
enum Format {
    /// For people.
    #[default]
    Text,
    /// One object: the rows, and the cursor of the next page.
    Json,
    /// One object a line.
    Ndjson,
}

pub(super) fn run(args: &QueryArgs) -> anyhow::Result<Outcome> {
    if args.all && (args.format != Format::Ndjson || args.noun == Noun::Counts) {
        bail!(WrongUsage("--all is for rows as NDJSON; add --format ndjson, or leave --all out".into()));
    }
    let mut query = args.filter.query()?.limit(args.limit);
    if let Some(cursor) = args.after {
        query = query.after(cursor);
    }
    let store = args.database.open()?;
    match args.noun {
        Noun::Messages => {
            list(args, &store, query, Store::query_messages, Store::all_messages, print::messages)
        }
        Noun::Events => {
            list(args, &store, query, Store::query_match_events, Store::all_match_events, print::events)
        }
        Noun::Hits => list(args, &store, query, Store::query_hits, Store::all_hits, print::hits),
        Noun::Matches => list(args, &store, query, Store::query_matches, Store::all_matches, print::matches),
        Noun::Athletes => {
            list(args, &store, query, Store::query_athletes, Store::all_athletes, print::athletes)
        }
        Noun::Counts => counts(args, &store, &query),
    }?;
    Ok(Outcome::Done)
}

fn list<T: Serialize>(
    args: &QueryArgs,
    store: &Store,
    query: Query,
    page: fn(&Store, &Query) -> Result<Page<T>, pss_store::StoreError>,
    all: fn(&Store, Query) -> Rows<T>,
    text: fn(&mut Out, &[T]) -> io::Result<()>,
) -> anyhow::Result<()> {
    let mut out = stdout();
    if args.all {
        for row in all(store, query) {
            write_line(&mut out, &row?)?;
        }
        return out.flush().context(CANNOT_WRITE);
    }
    let page = page(store, &query)?;
    match args.format {
        Format::Text => text(&mut out, &page.rows).context(CANNOT_WRITE)?,
        Format::Json => write_line(&mut out, &page)?,
        Format::Ndjson => page.rows.iter().try_for_each(|row| write_line(&mut out, row))?,
    }
    out.flush().context(CANNOT_WRITE)?;
    match page.next {
        Some(next) if args.format != Format::Json => {
            complain(format_args!("there is more: --after {next}"));
        }
        None if page.rows.is_empty() => complain(format_args!("nothing found")),
        _ => {}
    }
    Ok(())
}

fn counts(args: &QueryArgs, store: &Store, query: &Query) -> anyhow::Result<()> {
    let counts = store.query_counts(query)?;
    let mut out = stdout();
    match args.format {
        Format::Text => print::counts(&mut out, &counts).context(CANNOT_WRITE)?,
        Format::Json | Format::Ndjson => write_line(&mut out, &counts)?,
    }
    out.flush().context(CANNOT_WRITE)
}

fn write_line(out: &mut Out, value: &impl Serialize) -> anyhow::Result<()> {
    serde_json::to_writer(&mut *out, value).context(CANNOT_WRITE)?;
    out.write_all(b"\n").context(CANNOT_WRITE)
}
