//! Locks, overflow, refusals: what degrades and how it recovers, without a restart.

use std::{fs, path::Path, time::Duration};

use diesel::{Connection as _, SqliteConnection, connection::SimpleConnection as _};
use pss_protocol::{Sink as _, Timestamp};
use pss_store::{Store, StoreConfig, StoreError, WhenFull};

use crate::{
    support::{START, begin, count, datagram, sql, until},
    testing::{TestLock, TestStore},
};

#[test]
fn a_lock_delays_and_loses_nothing() {
    let store = TestStore::new();
    let (session, mut sink) = begin(&store, WhenFull::Drop);
    let lock = TestLock::of(store.path());
    for seq in 1..=100 {
        sink.datagram(&datagram(seq, b"clk;01:59\r\n"));
    }
    sink.push();
    until("the lock shows", || store.status().degraded.is_some());
    let status = store.status();
    assert!(status.degraded.unwrap().contains("locked by another program"));
    assert_eq!((status.waiting, status.dropped), (100, 0));
    assert_eq!(count(&store, "datagrams"), 0, "readers go on meanwhile");

    lock.release();
    assert_eq!(store.flush().unwrap().datagrams, 100);
    let status = store.status();
    assert_eq!((status.degraded, status.waiting), (None, 0));
    assert!(status.last_error.is_some(), "what happened stays to be read");
    assert_eq!(store.dump_records(session).unwrap().datagrams.len(), 100);
}

#[test]
fn what_finds_no_room_is_counted_and_the_live_path_goes_on() {
    let store = TestStore::with(|config| config.queue_datagrams = 10);
    let (session, mut sink) = begin(&store, WhenFull::Drop);
    let lock = TestLock::of(store.path());
    for seq in 1..=50 {
        sink.datagram(&datagram(seq, b"clk;01:59\r\n"));
    }
    sink.push();
    assert_eq!(store.status().dropped, 40);
    assert_eq!(sink.lost(), 40);
    lock.release();
    store.flush().unwrap();
    assert!(store.status().degraded.unwrap().contains("40 datagrams found the queue full"));
    let seqs: Vec<_> = store.dump_records(session).unwrap().datagrams.iter().map(|it| it.seq).collect();
    assert_eq!(seqs, (1..=10).collect::<Vec<_>>());

    // Room again.
    sink.datagram(&datagram(51, b"clk;01:58\r\n"));
    let error = sink.finish(Timestamp(START)).unwrap_err();
    assert!(matches!(error, StoreError::Lost { lost: 40, .. }), "{error:?}");
    store.flush().unwrap();
    assert_eq!(count(&store, "datagrams"), 11);
}

#[test]
fn a_replay_waits_for_room_and_loses_nothing() {
    let store = TestStore::with(|config| config.queue_datagrams = 64);
    let (session, mut sink) = begin(&store, WhenFull::Wait);
    for seq in 1..=5000 {
        sink.datagram(&datagram(seq, b"clk;01:59\r\n"));
        if seq % 50 == 0 {
            sink.push();
            assert!(store.status().waiting <= 64);
        }
    }
    sink.finish(Timestamp(START)).unwrap();
    assert_eq!(store.flush().unwrap().datagrams, 5000);
    assert_eq!(store.dump_records(session).unwrap().datagrams.len(), 5000);
}

#[test]
fn patience_has_an_end_and_what_waits_is_kept() {
    let store = TestStore::with(|config| {
        config.queue_datagrams = 1;
        config.patience = Duration::from_millis(400);
    });
    let (session, mut sink) = begin(&store, WhenFull::Wait);
    let lock = TestLock::of(store.path());
    sink.datagram(&datagram(1, b"clk;01:59\r\n"));
    sink.push();
    let error = store.flush().unwrap_err();
    assert!(matches!(error, StoreError::NotDurable { waiting: 1, .. }), "{error:?}");
    assert!(error.to_string().contains("locked by another program"), "{error}");
    sink.datagram(&datagram(2, b"clk;01:58\r\n"));
    assert!(matches!(sink.finish(Timestamp(START)), Err(StoreError::Lost { lost: 1, .. })));
    lock.release();
    store.flush().unwrap();
    assert_eq!(store.dump_records(session).unwrap().datagrams.len(), 1);
}

#[test]
fn closing_under_a_lock_says_what_is_left_behind() {
    let store = TestStore::with(|config| config.patience = Duration::from_millis(300));
    let (_, mut sink) = begin(&store, WhenFull::Drop);
    let lock = TestLock::of(store.path());
    sink.datagram(&datagram(1, b"clk;01:59\r\n"));
    sink.push();
    assert!(matches!(store.close(), Err(StoreError::NotDurable { waiting: 1, .. })));
    lock.release();
}

#[test]
fn what_the_database_refuses_does_not_hold_up_the_rest() {
    let store = TestStore::new();
    let (session, mut sink) = begin(&store, WhenFull::Drop);
    let lock = TestLock::of(store.path());
    for seq in [1, 2, 2, 3] {
        sink.datagram(&datagram(seq, b"clk;01:59\r\n"));
    }
    sink.push();
    lock.release();
    store.flush().unwrap();
    let status = store.status();
    assert_eq!((status.rejected, status.written.datagrams), (1, 3));
    assert!(status.degraded.unwrap().contains("1 datagrams were refused"));
    let seqs: Vec<_> = store.dump_records(session).unwrap().datagrams.iter().map(|it| it.seq).collect();
    assert_eq!(seqs, [1, 2, 3]);
    let error = store.close().unwrap_err();
    assert!(
        error.to_string().starts_with("1 datagrams were not stored: UNIQUE constraint failed"),
        "{error}"
    );
}

#[test]
fn a_stored_datagram_cannot_be_rewritten() {
    let store = TestStore::new();
    crate::support::store_all(&store, [b"pt1;3\r\n".as_slice()]);
    let mut connection = SqliteConnection::establish(store.path().to_str().unwrap()).unwrap();
    let error = connection.batch_execute("UPDATE datagrams SET bytes = x'00'").unwrap_err();
    assert_eq!(error.to_string(), "a stored datagram is never rewritten");
}

/// Garbage in the place of every page but the first, as a dying disk leaves it.
fn ruin(path: &Path) -> Vec<u8> {
    let whole = fs::read(path).unwrap();
    let mut ruined = whole.clone();
    ruined[4096..].fill(0xA5);
    fs::write(path, ruined).unwrap();
    whole
}

#[test]
fn a_damaged_database_is_named_and_the_live_path_goes_on() {
    let store = TestStore::new();
    let session = crate::support::store_all(&store, vec![b"pt1;3\r\n".as_slice(); 500]);
    sql(&store, "PRAGMA wal_checkpoint(TRUNCATE)");
    let whole = ruin(store.path());
    let error = store.dump_records(session).unwrap_err();
    assert!(matches!(error, StoreError::Damaged { .. }), "{error:?}");
    assert!(error.to_string().ends_with("restore it from a backup"), "{error}");
    let error = Store::open(StoreConfig::new(store.path())).unwrap_err();
    assert!(matches!(error, StoreError::Damaged { .. }), "{error:?}");

    // Somebody puts the file right, and nothing has to be restarted.
    let mut sink = store.sink(session, WhenFull::Drop);
    sink.datagram(&datagram(501, b"pt1;3\r\n"));
    sink.push();
    fs::write(store.path(), whole).unwrap();
    store.flush().unwrap();
    assert_eq!(store.dump_records(session).unwrap().datagrams.len(), 501);
    assert_eq!(store.status().degraded, None);
}
