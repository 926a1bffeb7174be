//! What must hold whatever arrives. Each check takes arbitrary bytes and panics when it does not hold.
//!
//! The fuzz targets are one line each, so that the same checks run without a fuzzer: over the corpus in this
//! crate's tests, and over a single file by `cargo run --bin replay -- CHECK FILE`.

pub use crate::{capture_line::capture_line, parse::parse, pipeline::pipeline, roundtrip::roundtrip};

mod capture_line;
mod parse;
mod pipeline;
mod roundtrip;

/// A check by the name of its target.
pub type Check = (&'static str, fn(&[u8]));

/// Every check.
pub const CHECKS: [Check; 4] =
    [("parse", parse), ("roundtrip", roundtrip), ("pipeline", pipeline), ("capture_line", capture_line)];

#[cfg(test)]
mod tests {
    use super::*;

    /// Every payload of the corpus, and each with its end cut off.
    fn seeds() -> Vec<Vec<u8>> {
        let directory = concat!(env!("CARGO_MANIFEST_DIR"), "/../pss-protocol/tests/corpus");
        let mut seeds = Vec::new();
        for entry in std::fs::read_dir(directory).expect("the corpus") {
            let path = entry.expect("an entry").path();
            if path.extension().is_some_and(|extension| extension == "txt") {
                let text = std::fs::read_to_string(path).expect("UTF-8");
                let payloads = text.lines().filter_map(|line| line.split('\t').nth(4));
                seeds.extend(payloads.filter_map(|payload| pss_protocol::unescape(payload).ok()));
            }
        }
        assert!(seeds.len() > 2000, "{} seeds", seeds.len());
        let cut: Vec<_> = seeds.iter().map(|seed| seed[..seed.len() * 2 / 3].to_vec()).collect();
        seeds.extend(cut);
        seeds
    }

    #[test]
    fn every_check_holds_for_the_corpus() {
        for (_, check) in CHECKS {
            for seed in seeds() {
                check(&seed);
            }
        }
    }

    #[test]
    fn every_check_holds_for_what_once_failed() {
        let regressions = concat!(env!("CARGO_MANIFEST_DIR"), "/regressions");
        let mut tried = 0;
        for (name, check) in CHECKS {
            let Ok(entries) = std::fs::read_dir(format!("{regressions}/{name}")) else { continue };
            for entry in entries {
                check(&std::fs::read(entry.expect("an entry").path()).expect("a file"));
                tried += 1;
            }
        }
        assert!(tried > 0, "nothing in {regressions}");
    }

    #[test]
    fn every_check_has_a_target() {
        let targets: Vec<_> = std::fs::read_dir(concat!(env!("CARGO_MANIFEST_DIR"), "/fuzz_targets"))
            .expect("the targets")
            .map(|entry| entry.expect("an entry").path().file_stem().expect("a name").to_owned())
            .collect();
        assert_eq!(targets.len(), CHECKS.len());
        assert!(CHECKS.iter().all(|(name, _)| targets.iter().any(|target| target == name)));
    }
}
