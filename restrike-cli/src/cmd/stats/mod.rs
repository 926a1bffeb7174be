//! `restrike stats`: what the hits of an athlete, a match or a tournament amount to.

use super::Outcome;
use crate::{
    courses::{CoursesArgs, Origin, for_each_course},
    output::{
        print,
        table::{OrDash, Table},
    },
};

#[derive(Debug, clap::Args)]
pub(crate) struct StatsArgs {
    #[command(flatten)]
    courses: CoursesArgs,
}

pub(super) fn run(args: &StatsArgs) -> anyhow::Result<Outcome> {
    let mut table =
        Table::new(["id", "from", "began", "ring", "match", "athlete", "hits", "min", "mean", "max"]);
    let outcome = for_each_course(&args.courses, |told| {
        for athlete in told.asked() {
            let from = match &told.origin {
                Origin::File(name) => name.clone(),
                Origin::Stored(stored) => format!("session {}", stored.session),
            };
            let felt = told.course.statistics.total(athlete).felt;
            table.row([
                &OrDash(told.stored().map(|stored| stored.match_id.0)),
                &from,
                &OrDash(told.began_at),
                &told.ring,
                &OrDash(told.course.summary.number.as_deref()),
                &athlete,
                &felt.count(),
                &OrDash(felt.min()),
                &OrDash(felt.mean().map(|mean| format!("{mean:.1}"))),
                &OrDash(felt.max()),
            ]);
        }
        Ok(())
    })?;
    print(|out| table.write(out, ""))?;
    Ok(outcome)
}
