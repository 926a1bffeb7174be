//! `restrike reprocess`: the difference, the dry run, and what is written.

use pss_protocol::{RecognitionStatus, Timestamp};
use pss_store::{Change, EventId, SessionId, Store, StoreConfig};

use crate::util::{Dir, corpus};

/// A database of one match, in which somebody said of a message what the parser does not, and of another what only
/// an older parser did.
fn database() -> Dir {
    let dir = Dir::new();
    let capture = corpus("a1_bestof3_realtime.pcap");
    let run = dir.run(["replay", capture.to_str().unwrap(), "--db", "a.db"]);
    assert_eq!(run.code, 0, "{}", run.stderr);
    let store = Store::open(StoreConfig::new(dir.path("a.db"))).unwrap();
    for (seq, by) in [(10, "Kim"), (11, "reprocess")] {
        let event = EventId { session: SessionId(1), seq, index: 0 };
        let change = Change { by, at: Timestamp(0), reason: "" };
        store.update_event_recognition_status(event, RecognitionStatus::Unknown, &change).unwrap();
    }
    store.close().unwrap();
    dir
}

#[test]
fn shows_what_changes_and_writes_it_once() {
    let dir = database();
    let dry = dir.run(["reprocess", "--db", "a.db", "--dry-run"]);
    assert_eq!(dry.code, 0, "{}", dry.stderr);
    assert!(dry.stderr.contains("1 sessions read again, 1 would change, 0 left out"), "{}", dry.stderr);
    let first = dir.run(["reprocess", "--db", "a.db", "--session", "1"]);
    assert_eq!(first.stdout, dry.stdout, "the dry run says what is done");
    insta::assert_snapshot!(first.stdout);
    assert!(first.stderr.contains("1 sessions read again, 1 changed, 0 left out"), "{}", first.stderr);
    let second = dir.run(["reprocess", "--db", "a.db"]);
    assert!(second.stdout.contains("nothing changes\n  message 1:10:0 stays unknown"), "{}", second.stdout);
}

#[test]
fn says_the_same_as_json() {
    let dir = database();
    let run = dir.run(["reprocess", "--db", "a.db", "--format", "json", "--since", "2000-01-01"]);
    assert_eq!(run.code, 0, "{}", run.stderr);
    insta::assert_snapshot!(run.stdout);
}

#[test]
fn wrong_questions_are_answered() {
    let dir = database();
    let run = dir.run(["reprocess", "--db", "a.db", "--session", "9"]);
    assert_eq!((run.code, run.stderr.contains("there is no session 9")), (1, true), "{}", run.stderr);
    let run = dir.run(["reprocess", "--db", "b.db"]);
    assert_eq!((run.code, run.stderr.contains("does not exist")), (1, true), "{}", run.stderr);
    let run = dir.run(["reprocess", "--db", "a.db", "--since", "noon"]);
    assert_eq!((run.code, run.stderr.contains("not a time")), (2, true), "{}", run.stderr);
    let run = dir.run(["reprocess", "--db", "a.db", "--since", "2999-01-01"]);
    assert_eq!((run.code, run.stdout.as_str()), (0, ""), "{}", run.stderr);
}
