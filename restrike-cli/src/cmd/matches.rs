//! `restrike matches`: what the scoring table decided.

mod collect;
mod print;

use std::io::Write as _;

use anyhow::Context as _;
use pss_protocol::Pipeline;
use serde::Serialize as _;

use self::collect::Collector;
use super::{Outcome, for_each_input, progress};
use crate::{
    args::{MatchesArgs, MatchesFormat},
    output::stdout,
    reading::{Failure, Reading},
};

pub(super) fn run(args: &MatchesArgs) -> anyhow::Result<Outcome> {
    let progress = progress(&args.input, true);
    let mut matches = Vec::new();
    let outcome = for_each_input(&args.input, &progress, |path| {
        let mut reading = Reading::open(path, &args.input, &progress).map_err(Failure::Input)?;
        let mut pipeline = Pipeline::new(reading.pipeline_config(), Collector::new(args.events));
        reading.feed(&mut pipeline, |collector, _| {
            collector.settle();
            Ok(())
        })?;
        matches.extend(pipeline.finish().finish());
        Ok(reading.finish())
    })?;
    drop(progress);
    let mut out = stdout();
    match args.format {
        MatchesFormat::Text => print::matches(&mut out, &matches).context("cannot write the matches")?,
        MatchesFormat::Json => {
            let formatter = serde_json::ser::PrettyFormatter::with_indent(b"  ");
            matches.serialize(&mut serde_json::Serializer::with_formatter(&mut out, formatter))?;
            writeln!(out)?;
        }
    }
    out.flush()?;
    Ok(outcome)
}
