//! `restrike db migrate`: the schema, brought up to date.

use serde::Serialize;

use super::Outcome;
use crate::{
    database::{DatabaseArgs, Format, print_json},
    output::text::Harmless,
};

#[derive(Debug, clap::Args)]
pub(super) struct MigrateArgs {
    #[command(flatten)]
    database: DatabaseArgs,
    /// Only say what would be done.
    #[arg(long)]
    dry_run: bool,
    /// How to write.
    #[arg(long, value_enum, default_value_t)]
    format: Format,
}

#[derive(Serialize)]
struct Report<'a> {
    from: Option<&'a str>,
    to: &'a str,
    migrations: &'a [String],
    backup: Option<String>,
    migrated: bool,
}

pub(super) fn run(args: &MigrateArgs) -> anyhow::Result<Outcome> {
    let file = args.database.file()?;
    let backup = file.migration_backup()?;
    let schema = if args.dry_run { file.schema()? } else { file.migrate()? };
    let report = Report {
        from: schema.found.as_deref(),
        to: &schema.known,
        migrations: &schema.pending,
        backup: backup.map(|path| path.display().to_string()),
        migrated: !args.dry_run && !schema.pending.is_empty(),
    };
    if args.format == Format::Json {
        print_json(&report)?;
        return Ok(Outcome::Done);
    }
    let mut out = crate::output::stdout();
    print(&mut out, &report)
        .map_err(|error| anyhow::Error::new(error).context(crate::output::CANNOT_WRITE))?;
    Ok(Outcome::Done)
}

fn print(out: &mut impl std::io::Write, report: &Report<'_>) -> std::io::Result<()> {
    if report.migrations.is_empty() {
        writeln!(out, "up to date: schema {}", report.to)?;
        return out.flush();
    }
    let done = if report.migrated { "migrated" } else { "would be migrated" };
    let from = Harmless(report.from.unwrap_or("nothing"));
    writeln!(out, "{done} from schema {from} to {}", report.to)?;
    for migration in report.migrations {
        writeln!(out, "  {migration}")?;
    }
    if let Some(backup) = &report.backup {
        writeln!(out, "backup {} {}", if report.migrated { "is" } else { "would be" }, Harmless(backup))?;
    }
    out.flush()
}
