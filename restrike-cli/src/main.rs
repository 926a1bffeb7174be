//! `restrike`: reads, replays and records what a Taekwondo scoring system says.
#![forbid(unsafe_code)]

mod args;
mod clock;
mod cmd;
mod courses;
mod database;
mod filter;
mod input;
mod output;
mod reading;
mod rings;
mod transmit;

use std::process::ExitCode;

use clap::Parser as _;

fn main() -> ExitCode {
    let args = args::Args::parse();
    output::start_log();
    match cmd::run(&args) {
        Ok(outcome) => outcome.exit_code(),
        // The reader of our output has seen enough (`restrike decode … | head`).
        Err(error) if output::is_broken_pipe(&error) => ExitCode::SUCCESS,
        Err(error) => {
            output::complain(format_args!("error: {}", output::text::HarmlessLines(format!("{error:#}"))));
            if error.is::<args::WrongUsage>() {
                return ExitCode::from(2);
            }
            cmd::Outcome::of_error(&error).exit_code()
        }
    }
}
