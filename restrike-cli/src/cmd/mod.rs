//! One module per verb.

pub(crate) mod archive;
pub(crate) mod athletes;
pub(crate) mod calibration;
pub(crate) mod db;
mod decode;
pub(crate) mod event;
pub(crate) mod flags;
pub(crate) mod import;
pub(crate) mod integrity;
pub(crate) mod match_;
mod matches;
pub(crate) mod query;
mod record;
mod replay;
pub(crate) mod report;
pub(crate) mod reprocess;
pub(crate) mod rules;
pub(crate) mod settings;
mod simulate;
pub(crate) mod statistics;
pub(crate) mod stats;
pub(crate) mod tournament;
pub(crate) mod unknown;

use std::{fs, path::Path, process::ExitCode};

use pss_store::{ExportError, StoreError};

use crate::{
    args::{Args, InputArgs, Verb},
    input,
    output::{progress::Progress, text::Harmless},
    reading::{Failure, Summary},
};

/// How a verb ended, when it ended well enough not to be an error.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Outcome {
    /// All done.
    #[default]
    Done,
    /// All done, but an input was damaged and the rest of it was read.
    Damaged,
    /// Some input failed altogether; the others were done.
    Failed,
}

impl Outcome {
    /// How a verb ended that could not go on. A damaged database or archive is told apart from every other failure.
    pub(crate) fn of_error(error: &anyhow::Error) -> Self {
        let damaged = error.chain().any(|cause| {
            // This one is transparent: its source is not the error that it holds.
            let of_export = match cause.downcast_ref() {
                Some(ExportError::Store(error)) => Some(error),
                _ => None,
            };
            matches!(of_export.or_else(|| cause.downcast_ref()), Some(StoreError::Damaged { .. }))
        });
        if damaged { Self::Damaged } else { Self::Failed }
    }

    pub(crate) fn exit_code(self) -> ExitCode {
        ExitCode::from(match self {
            Self::Done => 0,
            Self::Failed => 1,
            Self::Damaged => 3,
        })
    }
}

/// Does what was asked for.
pub(crate) fn run(args: &Args) -> anyhow::Result<Outcome> {
    match &args.verb {
        Verb::Decode(args) => decode::run(args),
        Verb::Matches(args) => matches::run(args),
        Verb::Replay(args) => replay::run(args),
        Verb::Record(args) => record::run(args),
        Verb::Reprocess(args) => reprocess::run(args),
        Verb::Simulate(args) => simulate::run(args),
        Verb::Query(args) => query::run(args),
        Verb::Match(args) => match_::run(args),
        Verb::Flags(args) => flags::run(args),
        Verb::Db(args) => db::run(args),
        Verb::Rules(args) => rules::run(args),
        Verb::Settings(args) => settings::run(args),
        Verb::Athletes(args) => athletes::run(args),
        Verb::Tournament(args) => tournament::run(args),
        Verb::Import(args) => import::run(args),
        Verb::Integrity(args) => integrity::run(args),
        Verb::Archive(args) => archive::run(args),
        Verb::Unknown(args) => unknown::run(args),
        Verb::Event(args) => event::run(args),
        Verb::Statistics(args) => statistics::run(args),
        Verb::Stats(args) => stats::run(args),
        Verb::Report(args) => report::run(args),
        Verb::Calibration(args) => calibration::run(args),
    }
}

/// Does `each` for each input, in order. One that fails is told of and does not keep the others from being
/// done, but an output that fails ends everything.
pub(crate) fn for_each_input(
    args: &InputArgs,
    progress: &Progress,
    mut each: impl FnMut(&Path) -> Result<Summary, Failure>,
) -> anyhow::Result<Outcome> {
    let mut outcome = Outcome::Done;
    for path in &args.files {
        let this = match each(path) {
            Ok(summary) if summary.damage > 0 => Outcome::Damaged,
            Ok(_) => Outcome::Done,
            Err(Failure::Output(error)) => return Err(error),
            Err(Failure::Input(error)) => {
                progress.complain(format_args!(
                    "error: {}: {}",
                    Harmless(path.display()),
                    Harmless(format_args!("{error:#}"))
                ));
                Outcome::Failed
            }
        };
        outcome = outcome.max(this);
    }
    Ok(outcome)
}

/// The bar over all inputs. `prints`: the data go to the standard output.
pub(crate) fn progress(args: &InputArgs, prints: bool) -> Progress {
    let length = |path| fs::metadata(path).ok().map(|metadata| metadata.len());
    let lengths = args.files.iter().map(|path| if input::is_stdin(path) { None } else { length(path) });
    Progress::new(lengths.sum(), prints)
}
