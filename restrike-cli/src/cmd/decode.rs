//! `restrike decode`: one line per message.

use std::io::{self, Write as _};

use anyhow::Context as _;
use pss_protocol::{Message, Pipeline, Record, RecordLine, Sink, escape};

use super::{Outcome, for_each_input, progress};
use crate::{
    args::{DecodeArgs, DecodeFormat},
    output::{CANNOT_WRITE, Out, describe::Described, stdout, text::Harmless},
    reading::{Failure, Reading},
};

pub(super) fn run(args: &DecodeArgs) -> anyhow::Result<Outcome> {
    let progress = progress(&args.input, true);
    let mut out = stdout();
    let outcome = for_each_input(&args.input, &progress, |path| {
        let mut reading = Reading::open(path, &args.input, &progress).map_err(Failure::Input)?;
        let printer = Printer { format: args.format, out: &mut out, result: Ok(()) };
        let mut pipeline = Pipeline::new(reading.pipeline_config(), printer);
        reading.feed(&mut pipeline, |printer, drained| printer.check(drained))?;
        pipeline.finish().check(false).map_err(Failure::Output)?;
        Ok(reading.finish())
    })?;
    out.flush().context(CANNOT_WRITE)?;
    Ok(outcome)
}

/// Prints every message.
struct Printer<'a> {
    format: DecodeFormat,
    out: &'a mut Out,
    result: io::Result<()>,
}

impl Printer<'_> {
    /// What went wrong with printing. `show`: nothing more comes for a while.
    fn check(&mut self, show: bool) -> anyhow::Result<()> {
        let printed = std::mem::replace(&mut self.result, Ok(()));
        printed.and_then(|()| if show { self.out.flush() } else { Ok(()) }).context(CANNOT_WRITE)
    }

    fn print(&mut self, record: &Record<'_>) -> io::Result<()> {
        match self.format {
            DecodeFormat::Text => print_text(self.out, record),
            DecodeFormat::Ndjson => {
                serde_json::to_writer(&mut *self.out, &RecordLine::from(record))?;
                self.out.write_all(b"\n")
            }
        }
    }
}

impl Sink for Printer<'_> {
    fn record(&mut self, record: &Record<'_>) {
        if self.result.is_ok() {
            self.result = self.print(record);
        }
    }
}

/// `seq  when  source  status  code  what it says`, and behind it what is odd. What was not wholly understood
/// is shown as it came, too.
fn print_text(out: &mut Out, record: &Record<'_>) -> io::Result<()> {
    let datagram = record.datagram;
    write!(out, "{:>6}  ", datagram.seq)?;
    match datagram.arrival.wall {
        Some(wall) => write!(out, "{wall}  ")?,
        None => write!(out, "{:>+12.3}  ", datagram.arrival.mono.0.as_secs_f64())?,
    }
    match datagram.source {
        Some(source) => write!(out, "{source:<21}  ", source = source.to_string())?,
        None => write!(out, "{:<21}  ", "-")?,
    }
    let code = record.code.map_or("-", |code| code.as_str());
    write!(out, "{:<10}  {code:<7}  {}", record.status, Harmless(Described(record.message)))?;
    if !record.findings.is_empty() {
        if !matches!(record.message, Message::Garbage { .. }) {
            write!(out, "  <- {}", Harmless(escape(record.raw())))?;
        }
        for finding in record.findings {
            write!(out, "  | {}", Harmless(finding))?;
        }
    }
    writeln!(out)
}
