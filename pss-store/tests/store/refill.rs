//! Gaps, and filling them up from a journal.

use pss_protocol::{Datagram, Timestamp};
use pss_store::{Store, StoreError, WhenFull, WhichSessions};

use crate::{
    corpus::{corpus, each_datagram},
    support::{Feed, LastHit, START, begin, datagram, sql, store_all},
    testing::{TestLock, TestStore},
};

/// What a journal holds: every datagram, whatever became of it in the store.
#[derive(Default)]
struct Journal(Vec<(Datagram<'static>, Vec<u8>)>);

impl Journal {
    fn of(name: &str) -> Self {
        let path = corpus().into_iter().find(|path| path.to_string_lossy().contains(name)).unwrap();
        let mut journal = Self::default();
        each_datagram(&path, |datagram| {
            journal.0.push((Datagram { bytes: b"", ..*datagram }, datagram.bytes.to_vec()));
        });
        journal
    }

    fn iter(&self) -> impl Iterator<Item = Datagram<'_>> {
        self.0.iter().map(|(datagram, bytes)| Datagram { bytes, ..*datagram })
    }
}

#[test]
fn what_found_no_room_comes_back_while_the_session_goes_on() {
    let journal = Journal::of("a1_");
    let whole = TestStore::new();
    let (expected, sink) = begin(&whole, WhenFull::Wait);
    let mut feed = Feed::new(sink);
    journal.iter().for_each(|datagram| feed.take(&datagram));
    feed.finish().finish(Timestamp(START)).unwrap();
    whole.flush().unwrap();

    let store = TestStore::with(|config| config.queue_datagrams = 40);
    let (session, sink) = begin(&store, WhenFull::Drop);
    let mut feed = Feed::new(sink);
    let mut lock = None;
    let last = journal.0.len() as u64;
    for datagram in journal.iter() {
        match datagram.seq {
            // In the middle of a match, and again over its end.
            100 | 700 => lock = Some(TestLock::of(store.path())),
            400 | 1000 => {
                lock.take().unwrap().release();
                store.flush().unwrap();
            }
            seq if lock.is_none() && seq % 20 == 0 => drop(store.flush().unwrap()),
            _ => {}
        }
        feed.take(&datagram);
    }
    if let Some(lock) = lock {
        lock.release();
    }
    store.flush().unwrap();
    let status = store.status();
    assert!(status.dropped > 100, "{status:?}");
    assert!(status.degraded.unwrap().contains("found the queue full"));

    let gaps = store.gaps(session, Some(last)).unwrap();
    let missing = |seq: u64| gaps.iter().any(|gap| gap.contains(&seq));
    assert_eq!((1..=last).filter(|seq| missing(*seq)).count() as u64, status.dropped);
    let refilled = store.refill(session, journal.iter().filter(|datagram| missing(datagram.seq))).unwrap();
    assert_eq!((refilled.added, refilled.known), (status.dropped, 0));
    assert!(store.read_refilled(session).unwrap() >= status.dropped);
    assert_eq!(store.read_refilled(session).unwrap(), 0, "only once");
    let status = store.status();
    assert_eq!((status.refilled, status.degraded), (status.dropped, None));
    assert_eq!(store.gaps(session, Some(last)).unwrap(), []);

    let _lost_before = feed.finish().finish(Timestamp(START));
    store.flush().unwrap();
    let (now, expected) = (store.dump_records(session).unwrap(), whole.dump_records(expected).unwrap());
    assert!(now.messages == expected.messages && now.events == expected.events, "as if nothing had happened");
    assert!(now == expected);
    let other = Store::open(pss_store::StoreConfig::new(store.path())).unwrap();
    let rereading = other.reprocess(session, LastHit::default()).unwrap();
    assert!(rereading.difference().is_empty(), "{:#?}", rereading.difference());
}

#[test]
fn gaps_are_at_the_beginning_in_the_middle_and_at_the_end() {
    let store = TestStore::new();
    let session = store_all(&store, vec![b"clk;01:59\r\n".as_slice(); 10]);
    assert_eq!(store.gaps(session, None).unwrap(), []);
    sql(&store, "DELETE FROM pss_events; DELETE FROM datagrams WHERE seq IN (1, 2, 5, 9, 10)");
    assert_eq!(store.gaps(session, None).unwrap(), [1..=2, 5..=5]);
    assert_eq!(store.gaps(session, Some(8)).unwrap(), [1..=2, 5..=5]);
    assert_eq!(store.gaps(session, Some(12)).unwrap(), [1..=2, 5..=5, 9..=12]);
}

#[test]
fn the_journal_of_another_session_is_refused() {
    let store = TestStore::new();
    let session = store_all(&store, [b"pt1;3\r\n".as_slice(), b"pt1;2\r\n"]);
    let error = store.refill(session, [datagram(3, b"pt1;3\r\n"), datagram(2, b"pt2;2\r\n")]).unwrap_err();
    assert!(matches!(error, StoreError::Refused { .. }), "{error:?}");
    assert_eq!(error.to_string(), format!("datagram 2 of session {session} is stored with other bytes"));
    assert_eq!(store.dump_records(session).unwrap().datagrams.len(), 2, "nothing of it");
}

#[test]
fn a_session_that_was_cut_short_is_filled_up_and_ended() {
    let journal = Journal::of("c_");
    let whole = TestStore::new();
    let (expected, sink) = begin(&whole, WhenFull::Wait);
    let mut feed = Feed::new(sink);
    journal.iter().for_each(|datagram| feed.take(&datagram));
    feed.finish().finish(Timestamp(START)).unwrap();
    whole.flush().unwrap();

    let store = TestStore::new();
    let (session, sink) = begin(&store, WhenFull::Drop);
    let mut feed = Feed::new(sink);
    journal.iter().take(150).for_each(|datagram| feed.take(&datagram));
    std::mem::forget(feed); // what is open is never settled, as after a kill
    store.flush().unwrap();

    let next = Store::open(pss_store::StoreConfig::new(store.path())).unwrap();
    let refilled = next.refill(session, journal.iter()).unwrap();
    assert_eq!((refilled.added, refilled.known), (journal.0.len() as u64 - 150, 150));
    let rereading = next.reprocess(session, LastHit::default()).unwrap();
    next.apply(rereading, Timestamp(START)).unwrap();
    next.end_session(session, Timestamp(START + 5)).unwrap();
    next.end_session(session, Timestamp(START + 9)).unwrap();
    assert!(next.dump_records(session).unwrap() == whole.dump_records(expected).unwrap());
    assert_eq!(next.sessions().unwrap()[0].ended_at, Some(Timestamp(START + 5)), "the first end counts");
    assert_eq!(next.sessions_to_reprocess(WhichSessions::All, Timestamp(START)).unwrap()[0].1, None);
    assert_eq!(next.status().refilled, 0, "none of them was dropped here");
}
