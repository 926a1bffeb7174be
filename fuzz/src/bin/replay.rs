//! Runs one check on one file, without a fuzzer: what to do with a crash file on a stable toolchain.

use std::process::ExitCode;

fn main() -> ExitCode {
    let arguments: Vec<_> = std::env::args().skip(1).collect();
    let [check, files @ ..] = &arguments[..] else { return usage() };
    let Some((_, check)) = restrike_fuzz::CHECKS.iter().find(|(name, _)| name == check) else {
        return usage();
    };
    for file in files {
        match std::fs::read(file) {
            Ok(bytes) => check(&bytes),
            Err(error) => {
                eprintln!("cannot read {file}: {error}");
                return ExitCode::FAILURE;
            }
        }
        println!("{file} holds");
    }
    ExitCode::SUCCESS
}

fn usage() -> ExitCode {
    let checks: Vec<_> = restrike_fuzz::CHECKS.iter().map(|(name, _)| *name).collect();
    eprintln!("usage: replay {} FILE...", checks.join("|"));
    ExitCode::from(2)
}
