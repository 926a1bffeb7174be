//! What statistics of hits cost: a hit, an event, a prediction, a database with a million hits.
//!
//! `cargo bench -p restrike-benches --bench hits`; with `-- --test` everything runs once and is checked.

use std::{hint::black_box, path::Path, process::ExitCode, time::Duration};

use hitlevel::{
    Analysis, DecayedLevels, HitLinker, Levels, Overall, Predictor, ScoringRates, SlidingLevels, Stage,
    Standing,
};
use pss_protocol::{Athlete, MatchEvent, MatchSummary, Scoring, Sink as _};
use pss_store::{Query, Store, StoreConfig, StoreError};
use restrike_benches::{
    allocations::{Counting, allocations},
    ratio::{self, Bound, Clock, Contest, Gate, Verdict},
    season,
};

#[global_allocator]
static ALLOCATOR: Counting = Counting;

fn main() -> ExitCode {
    let test = std::env::args().any(|argument| argument == "--test");
    let folder = tempfile::tempdir().expect("a temporary folder");
    let path = folder.path().join("season.db");
    let written = season::write(&path, if test { 2_000 } else { 1_000_000 }).expect("it can be written");
    println!("{written:?}");
    let hits = hits();
    let verdict = record(&hits, test).and(events(&path)).and(predictions(test));
    let verdict = verdict.and(stored(&path, written, test));
    verdict.into()
}

/// Levels as a sensor reports them, some above what has a counter, a hit each half second.
fn hits() -> Vec<(Duration, u32)> {
    let mut dice: u32 = 42;
    let mut level = |nth: u64| {
        dice = dice.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        (Duration::from_millis(nth * 500), if dice >> 25 == 0 { 140 } else { (dice >> 16) % 101 })
    };
    (0..20_000).map(&mut level).collect()
}

/// One hit: at most 20 ns, no allocation, and a small multiple of raising a counter.
fn record(hits: &[(Duration, u32)], test: bool) -> Verdict {
    let array = || {
        let mut counts = [0u64; 256];
        hits.iter().for_each(|&(_, level)| counts[black_box(level) as usize % 256] += 1);
        black_box(counts).iter().sum()
    };
    let levels = || {
        let mut levels = Levels::new();
        hits.iter().for_each(|&(_, level)| levels.record(black_box(level)));
        black_box(levels).count()
    };
    let decayed = || {
        let mut lately = DecayedLevels::<30>::new(Duration::ZERO);
        hits.iter().for_each(|&(at, level)| lately.record(at, black_box(level)));
        black_box(lately).count()
    };
    let sliding = || {
        let mut window = SlidingLevels::<6, 10>::new();
        hits.iter().for_each(|&(at, level)| window.record(at, black_box(level)));
        black_box(window).window(Duration::ZERO).count()
    };
    let before = allocations();
    let _: u64 = levels() + decayed() + sliding();
    let allocations = allocations() - before;
    println!("record: {allocations} allocations, must be 0");
    let mut verdict = Verdict { passed: allocations == 0 };
    for (name, pass) in
        [("levels", &levels as &dyn Fn() -> u64), ("the decayed", &decayed), ("the sliding", &sliding)]
    {
        let each = nanos(101, pass) / hits.len() as f64;
        let met = at_most(&format!("record of {name}, ns a hit"), each, 20.0);
        verdict = verdict.and(Verdict { passed: test || met.passed });
    }
    let gates =
        [Gate { name: "record", numerator: "levels", denominator: "array", bound: Bound::AtMost(4.0) }];
    verdict.and(Contest::new("record").entrant("array", array).entrant("levels", levels).judge(&gates))
}

/// Everything that is counted of an event, beside the links alone.
fn events(path: &Path) -> Verdict {
    let store = Store::open(StoreConfig::new(path)).expect("the database is there");
    let mut first: Option<(MatchSummary, Vec<MatchEvent>)> = None;
    let taken = store.for_each_course(&Query::new().ring("1").match_number("0"), |course| {
        let events = course.events.into_iter().map(|stored| stored.event);
        first.get_or_insert_with(|| (course.fight.summary, events.collect()));
        Ok::<(), StoreError>(())
    });
    taken.expect("it can be read");
    let (summary, events) = first.expect("there is a match");
    let linked = || {
        let mut linker = HitLinker::default();
        linker.match_changed(&summary);
        events.iter().for_each(|event| linker.event(event));
        linker.finish();
        linker.drain().count() as u64
    };
    let analysed = || {
        let mut analysis = Analysis::default();
        analysis.match_changed(&summary);
        events.iter().for_each(|event| analysis.event(event));
        analysis.finish();
        analysis.drain_links().count() as u64
    };
    println!("analysis: {:.1} ns an event", nanos(1001, &analysed) / events.len() as f64);
    let gates =
        [Gate { name: "analysis", numerator: "analysis", denominator: "links", bound: Bound::AtMost(3.0) }];
    Contest::new("events").entrant("links", linked).entrant("analysis", analysed).judge(&gates)
}

/// A ring predicts once a second: at most 1 ms, which is nothing beside the second. It takes
/// longest when the whole match is still to come.
fn predictions(test: bool) -> Verdict {
    let predictor = Predictor::new(&ScoringRates::default());
    let mut verdict = Verdict { passed: true };
    for (name, scoring) in [("best of three", Scoring::BestOf3), ("conventional", Scoring::Conventional)] {
        let mut standing = Standing::default();
        standing.scoring = scoring;
        (standing.rounds_planned, standing.round_seconds) = (Some(3), Some(120));
        (standing.round, standing.stage, standing.seconds_left) = (1, Stage::During, Some(120));
        let predict = || u64::from(predictor.predict(black_box(&standing)).is_ok());
        assert_eq!(predict(), 1, "what is asked for is known");
        let millis = nanos(if test { 1 } else { 101 }, &predict) / 1e6;
        let met = at_most(&format!("a prediction, {name}, ms"), millis, 1.0);
        verdict = verdict.and(Verdict { passed: test || met.passed });
    }
    verdict
}

/// All statistics of all athletes of a database, as one who asks for them waits for it.
fn stored(path: &Path, written: season::Written, test: bool) -> Verdict {
    let rounds = if test { 1 } else { 5 };
    let mut took = Vec::new();
    for _ in 0..rounds {
        let began = (Clock::Wall.now(), Clock::ProcessCpu.now());
        let (matches, hits) = recompute(path);
        took.push((Clock::Wall.now() - began.0).as_secs_f64());
        let cpu = (Clock::ProcessCpu.now() - began.1).as_secs_f64();
        println!("stored: {:.3} s, {cpu:.3} s of processor time", took[took.len() - 1]);
        assert_eq!((matches, hits), (2 * written.matches, written.hits), "everything is counted once");
    }
    let seconds = ratio::median(&took);
    let verdict = at_most("seconds for the statistics of a million stored hits", seconds, 1.0);
    Verdict { passed: test || verdict.passed }
}

fn recompute(path: &Path) -> (u64, u64) {
    let store = Store::open(StoreConfig::new(path)).expect("the database is there");
    let mut all = [Overall::default(), Overall::default()];
    let read = store.for_each_course(&Query::new(), |course| {
        let mut analysis = Analysis::default();
        analysis.match_changed(&course.fight.summary);
        course.events.iter().for_each(|stored| analysis.event(&stored.event));
        analysis.finish();
        for (all, athlete) in all.iter_mut().zip(Athlete::BOTH) {
            all.add(analysis.statistics(), athlete);
        }
        Ok::<(), StoreError>(())
    });
    read.expect("it can be read");
    let [mut total, red] = all;
    total.merge(&red);
    (total.matches, total.hits.felt.count())
}

/// The median time of a pass in ns of this thread.
fn nanos(passes: usize, pass: &dyn Fn() -> u64) -> f64 {
    let times: Vec<f64> = (0..passes)
        .map(|_| {
            let began = Clock::ThreadCpu.now();
            black_box(pass());
            (Clock::ThreadCpu.now() - began).as_secs_f64() * 1e9
        })
        .collect();
    ratio::median(&times)
}

fn at_most(what: &str, figure: f64, bound: f64) -> Verdict {
    let passed = figure <= bound;
    println!("{what:<58} {figure:>7.3} ≤ {bound} {}", if passed { "" } else { "MISSED" });
    Verdict { passed }
}
