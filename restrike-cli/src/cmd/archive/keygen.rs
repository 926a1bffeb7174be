//! `restrike archive keygen`.

use std::{ffi::OsString, io::Write as _, path::PathBuf};

use anyhow::Context as _;
use serde::Serialize;

use super::{Outcome, keys};
use crate::{
    database::{Format, print_json},
    output::{CANNOT_WRITE, stdout, text::Harmless},
};

#[derive(Debug, clap::Args)]
pub(super) struct KeygenArgs {
    /// The file for the secret half. The public half goes beside it, with `.pub` behind the name.
    #[arg(long, value_name = "FILE")]
    out: PathBuf,
    /// How to write.
    #[arg(long, value_enum, default_value_t)]
    format: Format,
}

#[derive(Serialize)]
struct Report {
    key_id: String,
    secret: String,
    public: String,
}

pub(super) fn run(args: &KeygenArgs) -> anyhow::Result<Outcome> {
    let mut public = OsString::from(&args.out);
    public.push(".pub");
    let public = PathBuf::from(public);
    let key = keys::make(&args.out, &public)?;
    let report = Report {
        key_id: key.id().to_string(),
        secret: args.out.display().to_string(),
        public: public.display().to_string(),
    };
    if args.format == Format::Json {
        print_json(&report)?;
        return Ok(Outcome::Done);
    }
    let mut out = stdout();
    writeln!(out, "key {}", report.key_id)
        .and_then(|()| writeln!(out, "secret half {}: keep it to yourself", Harmless(&report.secret)))
        .and_then(|()| writeln!(out, "public half {}: for all who verify", Harmless(&report.public)))
        .and_then(|()| out.flush())
        .context(CANNOT_WRITE)?;
    Ok(Outcome::Done)
}
