//! `restrike matches`: what the scoring table decided.

mod collect;
mod print;

use std::io::{self, Write as _};

use anyhow::Context as _;
use pss_protocol::Pipeline;
use serde::Serialize as _;
use serde_json::ser::PrettyFormatter;

use self::collect::Collector;
pub(super) use self::{
    collect::{Events, MatchReport},
    print::matches as print_matches,
};
use super::{Outcome, for_each_input, progress};
use crate::{
    args::{MatchesArgs, MatchesFormat},
    output::{CANNOT_WRITE, Out, complain, stdout},
    reading::{Failure, Reading},
};

pub(super) fn run(args: &MatchesArgs) -> anyhow::Result<Outcome> {
    let progress = progress(&args.input, true);
    let mut matches = Vec::new();
    let outcome = for_each_input(&args.input, &progress, |path| {
        let mut reading = Reading::open(path, &args.input, &progress).map_err(Failure::Input)?;
        let begin = |_, _, config| Ok(Pipeline::new(config, Collector::new(args.events)));
        let (rings, fed) = reading.feed_rings(begin, |collector, _| collector.settle());
        for ring in rings {
            matches.extend(ring.finish().finish());
        }
        fed?;
        Ok(reading.finish())
    })?;
    drop(progress);
    let mut out = stdout();
    write(&mut out, args.format, &matches).context(CANNOT_WRITE)?;
    if matches.is_empty() {
        complain(format_args!("no match found"));
    }
    Ok(outcome)
}

fn write(out: &mut Out, format: MatchesFormat, matches: &[MatchReport]) -> io::Result<()> {
    match format {
        MatchesFormat::Text => print::matches(out, matches)?,
        MatchesFormat::Json => {
            let formatter = PrettyFormatter::with_indent(b"  ");
            matches.serialize(&mut serde_json::Serializer::with_formatter(&mut *out, formatter))?;
            writeln!(out)?;
        }
    }
    out.flush()
}
