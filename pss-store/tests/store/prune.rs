//! Old sessions that go.

use pss_protocol::{Sink as _, Timestamp};
use pss_store::{DatabaseFile, NewSession, Retention, SessionId, SessionKind, Store, WhenFull};

use crate::{
    corpus::{corpus, replay},
    support::{START, count, datagram, replay as replay_of},
    testing::TestStore,
};

const DAY: i64 = 86_400_000_000;

/// A session of `datagrams` datagrams that began on a day and ended an hour later, unless it was cut short.
fn session(store: &Store, ring: &str, day: i64, datagrams: u64, ends: bool) -> SessionId {
    let started_at = Timestamp(START + day * DAY);
    let new = NewSession { kind: SessionKind::Live, started_at, ..replay_of(ring) };
    let id = store.begin_session(new).unwrap();
    let mut sink = store.sink(id, WhenFull::Wait);
    for seq in 1..=datagrams {
        let mut datagram = datagram(seq, b"clk;01:59\r\n");
        datagram.arrival.wall = Some(Timestamp(started_at.0 + seq as i64));
        sink.datagram(&datagram);
    }
    if ends {
        sink.finish(Timestamp(started_at.0 + DAY / 24)).unwrap();
    } else {
        drop(sink);
    }
    store.flush().unwrap();
    id
}

fn going(store: &Store, keep: Retention, day: i64) -> Vec<SessionId> {
    let found = store.prunable(keep, Timestamp(START + day * DAY)).unwrap();
    found.into_iter().map(|session| session.session).collect()
}

#[test]
fn the_one_that_ended_first_goes_first_and_none_that_runs() {
    let store = TestStore::new();
    let cut = session(&store, "1", 0, 2, false);
    let late = session(&store, "1", 9, 2, true);
    let early = session(&store, "2", 3, 2, true);
    let running = session(&store, "3", 1, 2, false);
    let days = |days| Retention { days: Some(days), megabytes: None };
    assert_eq!(going(&store, days(1), 20), [cut, early, late]);
    assert_eq!(going(&store, days(15), 20), [cut, early]);
    assert_eq!(going(&store, days(100), 20), []);
    assert_eq!(going(&store, Retention::default(), 20), []);
    // Another of its ring began; heard of in the last day, it may be running all the same.
    session(&store, "3", 2, 1, false);
    assert!(!going(&store, days(0), 2).contains(&running));
    assert!(going(&store, days(0), 20).contains(&running));
}

#[test]
fn a_limit_of_size_takes_no_more_than_it_must() {
    let store = TestStore::new();
    let ids: Vec<_> = (0..4).map(|day| session(&store, "1", day, 20_000, true)).collect();
    let status = DatabaseFile::new(store.path()).unwrap().status().unwrap();
    let megabytes =
        u32::try_from((status.pages - status.free_pages) * status.page_bytes / 1_000_000).unwrap();
    assert!(megabytes >= 2, "{megabytes}");
    let keep = Retention { days: None, megabytes: Some(megabytes / 2) };
    let going = going(&store, keep, 20);
    assert!(going == ids[..2] || going == ids[..3], "{going:?}");
    let keep = Retention { days: None, megabytes: Some(megabytes + 1) };
    assert_eq!(store.prunable(keep, Timestamp(START + 20 * DAY)).unwrap(), []);
}

#[test]
fn what_is_deleted_leaves_nothing_and_touches_nothing_else() {
    let store = TestStore::new();
    let (kept, _) = replay(&store, &corpus()[0], WhenFull::Wait);
    let kept_id = store.sessions().unwrap()[0].id;
    let before = store.counts().unwrap();
    for path in &corpus()[1..] {
        replay(&store, path, WhenFull::Wait);
    }
    let large = session(&store, "9", 0, 5000, true);
    let others: Vec<_> = store.sessions().unwrap()[1..].iter().map(|session| session.id).collect();
    assert!(others.contains(&large));
    // A ring goes on meanwhile, and so does its session.
    let running = store.begin_session(replay_of("5")).unwrap();
    let mut sink = store.sink(running, WhenFull::Drop);
    let mut seq = 0;
    let mut pieces = 0;
    for id in others {
        store
            .delete_session(id, |_| {
                pieces += 1;
                seq += 1;
                sink.datagram(&datagram(seq, b"clk;01:58\r\n"));
                sink.push();
            })
            .unwrap();
    }
    assert!(pieces >= 9, "{pieces}");
    sink.finish(Timestamp(START)).unwrap();
    store.flush().unwrap();
    assert_eq!(store.dump_records(running).unwrap().datagrams.len(), seq as usize);
    store.delete_session(running, |_| {}).unwrap();

    let rings = |counts: &[(&'static str, u64)]| {
        counts.iter().copied().filter(|(table, _)| *table != "rings").collect::<Vec<_>>()
    };
    assert_eq!(rings(&store.counts().unwrap()), rings(&before));
    assert_eq!(store.dump_records(kept_id).unwrap(), kept);
    assert_eq!(count(&store, "rings"), 3, "a ring keeps its identity");
    let verified = DatabaseFile::new(store.path()).unwrap().verify().unwrap();
    assert_eq!(verified.damage, Vec::<String>::new());
}
