//! `restrike db`: keeps a database.

mod backup;
mod export;
mod migrate;
mod prune;
mod restore;
mod slow;
mod status;
mod vacuum;
mod verify;

use std::fmt;

use super::Outcome;

#[derive(Debug, clap::Args)]
pub(crate) struct DbArgs {
    #[command(subcommand)]
    verb: DbVerb,
}

#[derive(Debug, clap::Subcommand)]
enum DbVerb {
    /// Brings the schema up to date; a verified backup is made first.
    Migrate(migrate::MigrateArgs),
    /// How large it is, and what is in it.
    Status(status::StatusArgs),
    /// Copies it while it is in use, and verifies the copy.
    Backup(backup::BackupArgs),
    /// Puts a backup in its place; what was there is kept aside.
    Restore(restore::RestoreArgs),
    /// Reads all of it and looks for what is wrong.
    Verify(verify::VerifyArgs),
    /// Writes rows into a file for other programs.
    Export(export::ExportArgs),
    /// Takes old sessions out, into an archive first.
    Prune(prune::PruneArgs),
    /// Statements that took long, with what would help.
    Slow(slow::SlowArgs),
    /// Gives free pages back to the disk.
    Vacuum(vacuum::VacuumArgs),
}

pub(super) fn run(args: &DbArgs) -> anyhow::Result<Outcome> {
    match &args.verb {
        DbVerb::Migrate(args) => migrate::run(args),
        DbVerb::Status(args) => status::run(args),
        DbVerb::Backup(args) => backup::run(args),
        DbVerb::Restore(args) => restore::run(args),
        DbVerb::Verify(args) => verify::run(args),
        DbVerb::Export(args) => export::run(args),
        DbVerb::Prune(args) => prune::run(args),
        DbVerb::Slow(args) => slow::run(args),
        DbVerb::Vacuum(args) => vacuum::run(args),
    }
}

/// A number of bytes for people: `1.5 MB`. A MB is a million bytes, as on the label of a disk.
struct Bytes(u64);

impl fmt::Display for Bytes {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut rest = self.0 as f64;
        let mut units = ["bytes", "kB", "MB", "GB", "TB"].into_iter().peekable();
        while rest >= 1000.0 && units.len() > 1 {
            rest /= 1000.0;
            units.next();
        }
        let unit = units.next().unwrap_or_default();
        let digits = usize::from(unit != "bytes" && rest < 100.0);
        f.pad(&format!("{rest:.digits$} {unit}"))
    }
}

/// The bar of a copy.
fn bar() -> indicatif::ProgressBar {
    let style = indicatif::ProgressStyle::with_template("{bar:40} {percent}% {eta}")
        .expect("the template is part of the program");
    indicatif::ProgressBar::new(0).with_style(style)
}

fn show(bar: &indicatif::ProgressBar, progress: pss_store::BackupProgress) {
    bar.set_length(progress.total);
    bar.set_position(progress.done);
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bytes_are_for_people() {
        for (bytes, text) in [
            (0, "0 bytes"),
            (999, "999 bytes"),
            (1000, "1.0 kB"),
            (1_540_000, "1.5 MB"),
            (540_000_000, "540 MB"),
            (u64::MAX, "18446744 TB"),
        ] {
            assert_eq!(Bytes(bytes).to_string(), text);
        }
    }
}
