//! Recorded days in a database: how long the replay of one takes, how large it becomes, and how fast five of them
//! answer what operators wait for.

use std::{path::Path, process::ExitCode};

use pss_protocol::RecognitionStatus;
use pss_store::{Cursor, Query, SessionKind, Store, StoreConfig, StoreError, WhenFull};
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
    let met = [replay(&day, &path, count), sizes(&day, &path, count), answers(&day, &path, count)];
    if test || met.iter().all(|&met| met) { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}

/// The whole way of a replay into a fresh database.
fn replay(day: &Day, path: &Path, count: usize) -> bool {
    let began = (ratio::Clock::Wall.now(), ratio::Clock::ProcessCpu.now());
    let store = Store::open(StoreConfig::new(path)).expect("a new database");
    session(day, &store, "1", count);
    store.close().expect("the disk takes it");
    let cpu = (ratio::Clock::ProcessCpu.now() - began.1).as_secs_f64();
    println!("replay of {count} datagrams: {cpu:.1} s of processor time");
    at_most("seconds until all of it is durable", (ratio::Clock::Wall.now() - began.0).as_secs_f64(), 25.0)
}

fn session(day: &Day, store: &Store, ring: &str, count: usize) {
    let session = day::begin(store, ring, SessionKind::Replay);
    let mut way = day::way(store, session, WhenFull::Wait);
    day.datagrams(count).for_each(|datagram| day::ingest(&mut way, &datagram));
    day::finish(store, way);
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

/// The time of the slowest of a hundred, of each question that an operator waits for, with five rings' days.
fn answers(day: &Day, path: &Path, count: usize) -> bool {
    let store = Store::open(StoreConfig::new(path)).expect("the database is there");
    (2..=5).for_each(|ring| session(day, &store, &ring.to_string(), count));
    println!("{} messages in the database", store.count_messages(&Query::new()).expect("it can be counted"));
    let matches = store.query_matches(&Query::new().limit(500)).expect("there are matches").rows;
    let athletes = store.query_athletes(&Query::new().limit(500)).expect("there are athletes").rows;
    let of_match = |turn: usize| Query::new().match_id(matches[turn % matches.len()].match_id);
    let of_athlete = |turn: usize| Query::new().athlete(athletes[turn % athletes.len()].id);
    let mut met = true;
    let mut ask = |what: &str, question: &dyn Fn(usize) -> Result<usize, StoreError>| {
        let mut took: Vec<f64> = (0..RUNS)
            .map(|turn| {
                let began = ratio::Clock::Wall.now();
                question(turn).expect("the database answers");
                (ratio::Clock::Wall.now() - began).as_secs_f64() * 1e3
            })
            .collect();
        took.sort_by(f64::total_cmp);
        met &= at_most(&format!("{what}, p99 in ms"), took[RUNS * 99 / 100], 20.0);
    };
    let messages = |query: Query| store.query_messages(&query).map(|page| page.rows.len());
    let events = |query: Query| store.query_match_events(&query).map(|page| page.rows.len());
    ask("the latest messages", &|_| messages(Query::new()));
    ask("the latest messages of a ring", &|_| messages(Query::new().ring("3")));
    ask("the latest messages of a code", &|turn| {
        messages(Query::new().code(["hl1", "wg", "clk", "ij0"][turn % 4]))
    });
    ask("the latest of a code that was never sent", &|_| messages(Query::new().code("rst")));
    ask("what was not recognized", &|_| {
        messages(Query::new().status(RecognitionStatus::Partial).status(RecognitionStatus::Unknown))
    });
    ask("ten pages back", &|_| {
        let mut after: Option<Cursor> = None;
        for _ in 0..10 {
            let query = after.take().into_iter().fold(Query::new(), Query::after);
            after = store.query_messages(&query)?.next;
        }
        Ok(10)
    });
    ask("the latest events", &|_| events(Query::new()));
    ask("the latest matches", &|_| store.query_matches(&Query::new().limit(20)).map(|page| page.rows.len()));
    ask("the history of a match", &|turn| events(of_match(turn).limit(1000)));
    ask("the messages of a match", &|turn| messages(of_match(turn).limit(1000)));
    ask("the hits of an athlete", &|turn| store.query_hits(&of_athlete(turn)).map(|page| page.rows.len()));
    ask("the matches of an athlete", &|turn| {
        store.query_matches(&of_athlete(turn)).map(|page| page.rows.len())
    });
    met
}

/// How often each question is asked.
const RUNS: usize = 200;

fn at_most(what: &str, figure: f64, bound: f64) -> bool {
    let met = figure <= bound;
    println!("{what:<58} {figure:>7.3} ≤ {bound} {}", if met { "" } else { "MISSED" });
    met
}
