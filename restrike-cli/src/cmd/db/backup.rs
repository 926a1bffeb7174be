//! `restrike db backup`: a copy while the database is in use.

use std::{
    fs,
    io::Write as _,
    path::{Path, PathBuf},
};

use anyhow::Context as _;
use pss_store::{BackupRequest, OwnBackups};
use serde::Serialize;

use super::{Bytes, Outcome, bar, show};
use crate::{
    clock,
    database::{DatabaseArgs, Format, print_json},
    output::{CANNOT_WRITE, stdout, text::Harmless},
};

#[derive(Debug, clap::Args)]
pub(super) struct BackupArgs {
    #[command(flatten)]
    database: DatabaseArgs,
    /// The file to make. Without it the backup goes into the folder `backups` beside the database, named by the
    /// time, and only the last few of those are kept (setting store.backups_kept).
    #[arg(long, value_name = "FILE")]
    out: Option<PathBuf>,
    /// Another folder than `backups` for backups that are named by the time.
    #[arg(long, value_name = "DIR", conflicts_with = "out")]
    dir: Option<PathBuf>,
    /// Replace the file when it is there already.
    #[arg(long, requires = "out")]
    force: bool,
    /// How to write.
    #[arg(long, value_enum, default_value_t)]
    format: Format,
}

#[derive(Serialize)]
struct Report {
    path: String,
    bytes: u64,
    schema: String,
    rows: u64,
    removed: Vec<String>,
}

pub(super) fn run(args: &BackupArgs) -> anyhow::Result<Outcome> {
    let file = args.database.file()?;
    let now = clock::wall();
    let own = match (&args.out, &args.dir) {
        (Some(_), _) => None,
        (None, Some(folder)) => Some(OwnBackups::of(&file, folder)),
        (None, None) => {
            let folder = file.path().parent().unwrap_or_else(|| Path::new(".")).join("backups");
            fs::create_dir_all(&folder).with_context(|| format!("{} cannot be made", folder.display()))?;
            Some(OwnBackups::of(&file, folder))
        }
    };
    let target = match (&args.out, &own) {
        (Some(path), _) => path.clone(),
        (None, own) => own.as_ref().expect("without a file it goes into a folder").next(now),
    };
    let mut request = BackupRequest::to(target);
    request.replace = args.force;
    request.at = Some(now);
    let bar = bar();
    let backup = file.back_up(&request, |progress| show(&bar, progress))?;
    bar.finish_and_clear();
    let removed = match own {
        Some(own) => own.remove_older_than(file.backups_kept()?)?,
        None => Vec::new(),
    };
    let report = Report {
        path: backup.path.display().to_string(),
        bytes: backup.bytes,
        schema: backup.manifest.schema,
        rows: backup.manifest.tables.iter().map(|table| table.rows).sum(),
        removed: removed.iter().map(|path| path.display().to_string()).collect(),
    };
    match args.format {
        Format::Json => print_json(&report)?,
        Format::Text => {
            let mut out = stdout();
            let path = Harmless(&report.path);
            let written = writeln!(out, "{path}: {}, {} rows, verified", Bytes(report.bytes), report.rows);
            let removed =
                report.removed.iter().try_for_each(|path| writeln!(out, "removed {}", Harmless(path)));
            written.and(removed).and_then(|()| out.flush()).context(CANNOT_WRITE)?;
        }
    }
    Ok(Outcome::Done)
}
