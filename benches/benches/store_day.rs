//! A recorded day in a database: how long its replay takes, how large it becomes, and how fast it answers.

use std::{path::Path, process::ExitCode};

use pss_store::{SessionKind, Store, StoreConfig, WhenFull};
use restrike_benches::{
    day::{self, Day},
    ratio, sqlite,
};

/// Datagrams of a day.
const DAY: usize = 1_000_000;

fn main() -> ExitCode {
    let test = std::env::args().any(|argument| argument == "--test");
    let count = if test { 5_000 } else { DAY };
    let day = Day::captures();
    let folder = tempfile::tempdir().expect("a temporary folder");
    let path = folder.path().join("day.db");
    let met = [replay(&day, &path, count), sizes(&day, &path, count)];
    if test || met.iter().all(|&met| met) { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}

/// The whole way of a replay into a fresh database.
fn replay(day: &Day, path: &Path, count: usize) -> bool {
    let began = (ratio::Clock::Wall.now(), ratio::Clock::ProcessCpu.now());
    let store = Store::open(StoreConfig::new(path)).expect("a new database");
    let session = day::begin(&store, SessionKind::Replay);
    let mut way = day::way(&store, session, WhenFull::Wait);
    day.datagrams(count).for_each(|datagram| day::ingest(&mut way, &datagram));
    day::finish(&store, way);
    store.close().expect("the disk takes it");
    let cpu = (ratio::Clock::ProcessCpu.now() - began.1).as_secs_f64();
    println!("replay of {count} datagrams: {cpu:.1} s of processor time");
    at_most("seconds until all of it is durable", (ratio::Clock::Wall.now() - began.0).as_secs_f64(), 25.0)
}

/// Bytes of the database for each byte that was sent.
fn sizes(day: &Day, path: &Path, count: usize) -> bool {
    let raw = day.bytes(count) as f64;
    let sizes = sqlite::sizes(path).expect("the database can be read");
    println!("{count} datagrams of {:.1} bytes:", raw / count as f64);
    let (large, small): (Vec<_>, Vec<_>) = sizes
        .iter()
        .map(|(name, bytes)| (name.as_str(), *bytes as f64))
        .partition(|(_, bytes)| *bytes > 0.01 * raw);
    let rest = ("the rest", small.iter().map(|(_, bytes)| bytes).sum());
    for (table, bytes) in large.into_iter().chain([rest]) {
        println!("  {table:<34} {:>8.2} bytes a datagram, {:>6.3} × raw", bytes / count as f64, bytes / raw);
    }
    let of = |table: &str| {
        sizes.iter().filter(|(name, _)| name == table).map(|(_, bytes)| *bytes as f64).sum::<f64>()
    };
    let all: f64 = sizes.iter().map(|(_, bytes)| *bytes as f64).sum();
    let datagrams = at_most("G13 bytes of `datagrams` / raw bytes", of("datagrams") / raw, 10.0);
    at_most("bytes of everything / raw bytes", all / raw, 30.0) && datagrams
}

fn at_most(what: &str, figure: f64, bound: f64) -> bool {
    let met = figure <= bound;
    println!("{what:<58} {figure:>7.3} ≤ {bound} {}", if met { "" } else { "MISSED" });
    met
}
