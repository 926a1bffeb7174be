//! The memory of a match does not grow with its length, and counting takes none.
#![cfg(feature = "pss")]

use std::{
    alloc::{GlobalAlloc, Layout, System},
    cell::Cell,
    time::Duration,
};

use hitlevel::{Analysis, DecayedLevels, Levels, SlidingLevels};
use pss_protocol::{
    Arrival, Athlete, ClockTime, EventKey, EventKind, MatchEvent, MatchSummary, Monotonic, PointCode,
    Sink as _, Timestamp,
};

/// The system's allocator, counting what each thread holds: tests run beside each other.
struct Counting;

thread_local! {
    static CALLS: Cell<u64> = const { Cell::new(0) };
    static HELD: Cell<isize> = const { Cell::new(0) };
    static MOST: Cell<isize> = const { Cell::new(0) };
}

fn count(bytes: isize) {
    CALLS.set(CALLS.get() + 1);
    HELD.set(HELD.get() + bytes);
    MOST.set(MOST.get().max(HELD.get()));
}

// SAFETY: every call goes to the system's allocator unchanged.
unsafe impl GlobalAlloc for Counting {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        count(layout.size() as isize);
        // SAFETY: the caller's promises are ours.
        unsafe { System.alloc(layout) }
    }

    unsafe fn dealloc(&self, block: *mut u8, layout: Layout) {
        HELD.set(HELD.get() - layout.size() as isize);
        // SAFETY: the caller's promises are ours.
        unsafe { System.dealloc(block, layout) }
    }

    unsafe fn realloc(&self, block: *mut u8, layout: Layout, size: usize) -> *mut u8 {
        count(size as isize - layout.size() as isize);
        // SAFETY: the caller's promises are ours.
        unsafe { System.realloc(block, layout, size) }
    }
}

#[global_allocator]
static ALLOCATOR: Counting = Counting;

/// The most bytes that were held at once, and how often some were asked for.
fn measured(work: impl FnOnce()) -> (isize, u64) {
    let (held, calls) = (HELD.get(), CALLS.get());
    MOST.set(held);
    work();
    (MOST.get() - held, CALLS.get() - calls)
}

/// A match of so many hits, of which each fourth scores, in rounds of 200; its links are taken as they come.
fn watch(hits: u32) -> u64 {
    let mut analysis = Analysis::default();
    let mut summary = MatchSummary::new(0);
    (summary.body_level, summary.head_level) = (Some(27), Some(10));
    analysis.match_changed(&summary);
    let (mut id, mut links) = (0, 0);
    let mut tell = |nth: u32, after: u64, kind: EventKind| {
        let micros = u64::from(nth) * 600_000 + after;
        let at = Arrival { wall: Some(Timestamp(micros as i64)), mono: Monotonic::from_micros(micros) };
        let mut event = MatchEvent::new(EventKey { match_index: Some(0), id }, at, kind);
        id += 1;
        event.round = 1 + nth / 200 % 7;
        event.clock = Some(ClockTime::from_seconds(120 - nth % 200 * 6 / 10));
        analysis.event(&event);
        links += analysis.drain_links().count() as u64;
    };
    for nth in 0..hits {
        let athlete = if nth % 3 == 0 { Athlete::Red } else { Athlete::Blue };
        if nth % 200 == 0 {
            tell(nth, 0, EventKind::RoundStarted);
        }
        tell(nth, 1, EventKind::Hit { athlete, level: nth % 130 });
        if nth % 4 == 0 {
            tell(nth, 2, EventKind::Point { athlete, code: PointCode::K, points: 2 });
        }
        if nth % 200 == 199 {
            tell(nth, 3, EventKind::RoundEnded { winner: None });
        }
    }
    analysis.finish();
    links + analysis.drain_links().count() as u64
}

#[test]
fn a_long_match_takes_no_more_memory_than_a_short_one() {
    let of = |hits: u32| {
        let mut links = 0;
        let (most, _) = measured(|| links = watch(hits));
        assert_eq!(links, u64::from(hits.div_ceil(4)), "every kick is linked");
        most
    };
    let (short, medium, long) = (of(10), of(1_000), of(100_000));
    assert!(short > 0, "a match takes some memory");
    assert!(medium <= short + 2_000, "the hits that may still score take {}", medium - short);
    assert_eq!(long, medium);
}

#[test]
fn recording_takes_no_memory() {
    let mut levels = Levels::new();
    let mut lately = DecayedLevels::<30>::new(Duration::ZERO);
    let mut window = SlidingLevels::<6, 10>::new();
    let (_, calls) = measured(|| {
        for nth in 0..10_000 {
            let at = Duration::from_millis(u64::from(nth) * 100);
            levels.record(nth % 130);
            lately.record(at, nth % 130);
            window.record(at, nth % 130);
        }
        levels.merge(&window.window(Duration::from_secs(999)));
    });
    assert_eq!((calls, lately.count()), (0, 10_000));
    assert_eq!(levels.count(), 10_000 + 600);
}
