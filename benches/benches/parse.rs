//! Gates of the parser: G1 a small multiple of counting the separators, G2 several times as fast as the common
//! way, G3 no allocation. On the synthetic mix and on the captures of a real sender.
//!
//! `cargo bench -p restrike-benches --bench parse`; with `-- --test` everything runs once and is checked.

use std::process::ExitCode;

use pss_protocol::{Athlete, Message, parse};
use restrike_benches::{
    allocations::{Counting, allocations},
    baseline::{OwnedEvent, separators, split_and_own},
    corpus::Corpus,
    ratio::{Bound, Contest, Gate, Verdict},
};

#[global_allocator]
static ALLOCATOR: Counting = Counting;

fn main() -> ExitCode {
    let synthetic = Corpus::synthetic(20_000, 42);
    let captures = Corpus::captures(9, 42);
    measure("synthetic", &synthetic).and(measure("captures", &captures)).into()
}

fn measure(name: &'static str, corpus: &Corpus) -> Verdict {
    println!(
        "{name}: {} datagrams of {:.1} bytes; a message takes {} bytes of memory",
        corpus.len(),
        corpus.bytes() as f64 / corpus.len() as f64,
        size_of::<Message<'_>>(),
    );
    check(corpus);
    let before = allocations();
    let sum = typed(corpus);
    let allocations = allocations() - before;
    println!("{name}: G3 {allocations} allocations (checksum {sum}), must be 0");
    let gates = [
        Gate { name: "G1", numerator: "parse", denominator: "memchr", bound: Bound::AtMost(2.2) },
        Gate { name: "G2", numerator: "split and own", denominator: "parse", bound: Bound::AtLeast(5.0) },
    ];
    let verdict = Contest::new(name)
        .entrant("memchr", || separators(corpus.iter()))
        .entrant("parse", || typed(corpus))
        .entrant("split and own", || {
            corpus.iter().map(|datagram| weigh_owned(&split_and_own(datagram))).sum()
        })
        .judge(&gates);
    verdict.and(Verdict { passed: allocations == 0 })
}

/// A number that depends on the fields that the hot messages carry, so that none can be left unread.
fn typed(corpus: &Corpus) -> u64 {
    let mut sum = 0;
    for datagram in corpus.iter() {
        for parsed in parse(datagram) {
            sum += weigh(&parsed.message);
        }
    }
    sum
}

fn weigh(message: &Message<'_>) -> u64 {
    match message {
        Message::Clock { time: Some(time), .. } => u64::from(time.seconds),
        Message::Points { points: Some(points), .. } => u64::from(*points),
        Message::Hit { level: Some(level), .. } => u64::from(*level),
        Message::Score { blue: Some(blue), red: Some(red) } => (blue + red) as u64,
        Message::RoundScores(scores) => u64::from(scores.score(1, Athlete::Blue).unwrap_or_default()),
        _ => 1,
    }
}

fn weigh_owned(event: &OwnedEvent) -> u64 {
    match event {
        OwnedEvent::Clock { time, .. } => time.len() as u64,
        OwnedEvent::Points { points, .. } => u64::from(*points),
        OwnedEvent::Hit { level, .. } => u64::from(*level),
        OwnedEvent::Score { blue, red } => (blue + red) as u64,
        OwnedEvent::RoundScores { scores } => scores[0].2 as u64,
        _ => 1,
    }
}

/// Both parsers must have read the same before their times mean anything.
fn check(corpus: &Corpus) {
    for datagram in corpus.iter() {
        let mut messages = parse(datagram);
        let first = messages.next().expect("every datagram holds a message").message;
        if messages.next().is_some() {
            continue;
        }
        let same = match (&first, split_and_own(datagram)) {
            (Message::Clock { time: Some(_), action }, OwnedEvent::Clock { action: other, .. }) => {
                action.map(|action| action.wire()) == other.as_deref()
            }
            (Message::Hit { level: Some(level), .. }, OwnedEvent::Hit { level: other, .. }) => {
                *level == u32::from(other)
            }
            (Message::Points { points: Some(points), .. }, OwnedEvent::Points { points: other, .. }) => {
                *points == u32::from(other)
            }
            (Message::Score { blue: Some(blue), red: Some(red) }, OwnedEvent::Score { blue: b, red: r }) => {
                (*blue, *red) == (b, r)
            }
            (Message::RoundScores(scores), OwnedEvent::RoundScores { scores: others }) => {
                scores.iter().count() == others.len()
            }
            (message, _) => !matches!(message, Message::Malformed { .. }),
        };
        assert!(same, "{}: read as {first:?}", pss_protocol::escape(datagram));
    }
}
