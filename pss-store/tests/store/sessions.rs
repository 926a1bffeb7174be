//! Identities and repeated replays.

use pss_protocol::{PipelineConfig, Timestamp};
use pss_store::{NewSession, SessionKind, SourceDigest, Store, StoreConfig, StoreError, WhenFull};

use crate::{
    support::{START, replay},
    testing::TestStore,
};

#[test]
fn the_same_source_again_is_refused_with_its_session_unless_asked_for() {
    let store = TestStore::new();
    let mut digest = SourceDigest::default();
    digest.update(b"the capture");
    let new = NewSession { digest: Some(digest.finish()), ..replay("1") };

    let first = store.begin_session(new).unwrap();
    let error = store.begin_session(new).unwrap_err();
    assert!(matches!(error, StoreError::AlreadyReplayed { session, finished: false } if session == first));
    assert!(error.to_string().contains("did not come to its end"), "{error}");

    store.sink(first, WhenFull::Wait).finish(Timestamp(START + 1)).unwrap();
    let error = store.begin_session(new).unwrap_err();
    assert!(matches!(error, StoreError::AlreadyReplayed { session, finished: true } if session == first));
    assert_eq!(
        error.to_string(),
        format!(
            "this source was replayed before, as session {first}; ask for it again to get another session"
        )
    );

    let second = store.begin_session(NewSession { again: true, ..new }).unwrap();
    assert_ne!(first, second);
    let other = NewSession { digest: Some(SourceDigest::default().finish()), ..new };
    assert!(store.begin_session(other).is_ok());
    assert!(store.begin_session(replay("1")).is_ok(), "no digest, nothing to compare");
}

#[test]
fn a_ring_keeps_its_identity_and_never_uses_an_epoch_twice() {
    let store = TestStore::new();
    // Three begin at the same moment; the clock of the last went backwards.
    let times = [START, START, START, START - 3_600_000_000];
    for started_at in times.map(Timestamp) {
        store.begin_session(NewSession { started_at, ..replay("A") }).unwrap();
    }
    store.begin_session(replay("B")).unwrap();
    let sessions = store.sessions().unwrap();
    let epochs: Vec<_> = sessions[..4].iter().map(|session| session.epoch).collect();
    assert_eq!(epochs, [START, START + 1, START + 2, START + 3]);
    assert!(sessions[..4].iter().all(|session| session.ring_uuid == sessions[0].ring_uuid));
    assert_ne!(sessions[4].ring_uuid, sessions[0].ring_uuid);
    assert_eq!(sessions[4].epoch, START);
}

#[test]
fn a_session_says_what_it_is() {
    let store = TestStore::new();
    let new = NewSession {
        ring: "Court 1",
        kind: SessionKind::Live,
        origin: Some("0.0.0.0:6000"),
        digest: None,
        again: false,
        started_at: Timestamp(START),
        reading: PipelineConfig::default(),
    };
    let id = store.begin_session(new).unwrap();
    let running = store.sessions().unwrap().remove(0);
    assert_eq!((running.id, running.ring.as_str(), running.kind), (id, "Court 1", SessionKind::Live));
    assert_eq!(running.origin.as_deref(), Some("0.0.0.0:6000"));
    assert_eq!((running.started_at, running.ended_at), (Timestamp(START), None));

    store.sink(id, WhenFull::Drop).finish(Timestamp(START + 7)).unwrap();
    store.flush().unwrap();
    assert_eq!(store.sessions().unwrap()[0].ended_at, Some(Timestamp(START + 7)));
}

#[test]
fn a_closed_store_says_so() {
    let store = TestStore::new();
    let session = store.begin_session(replay("1")).unwrap();
    let sink = store.sink(session, WhenFull::Wait);
    store.close().unwrap();
    assert!(matches!(store.begin_session(replay("1")), Err(StoreError::Closed)));
    let error = sink.finish(Timestamp(START)).unwrap_err();
    assert!(error.to_string().ends_with("the store is closed"), "{error}");
    assert!(store.sessions().unwrap()[0].ended_at.is_none());
}

#[test]
fn two_programs_may_open_the_same_new_database_at_once() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("restrike.db");
    std::thread::scope(|scope| {
        let open = || Store::open(StoreConfig::new(&path)).unwrap().begin_session(replay("1")).unwrap();
        let threads = [(); 4].map(|()| scope.spawn(open));
        let mut ids = threads.map(|thread| thread.join().unwrap());
        ids.sort();
        assert_eq!(ids.map(|id| id.0), [1, 2, 3, 4]);
    });
}
