//! How far messages were understood, what nobody knows, and what is counted.

use pss_protocol::{Code, Dialect, Finding, RecognitionStatus, Severity, Span, Timestamp};
use pss_store::{
    Change, EventId, NewPssEvent, SessionId, StatisticsFilter, StatusUpdate, Store, StoreError, UnknownFilter,
};

use crate::{
    support::{START, count, datagram, replay, store_all},
    testing::TestStore,
};

fn change(reason: &str) -> Change<'_> {
    Change { by: "A. Judge", at: Timestamp(START + 5), reason }
}

fn id(session: SessionId, seq: u64) -> EventId {
    EventId { session, seq, index: 0 }
}

fn unknown(store: &Store) -> Vec<(String, u64)> {
    let found = store.unknown_events(UnknownFilter { all: true, limit: None }).unwrap();
    found.into_iter().map(|event| (event.pattern, event.count)).collect()
}

#[test]
fn what_says_nothing_new_has_no_row_but_its_own() {
    let store = TestStore::new();
    store_all(&store, [b"pt1;3\r\n".as_slice(), b"clk;01:59\r\n", b"hl2;34\r\n"]);
    assert_eq!(count(&store, "pss_events"), 3);
    assert_eq!(count(&store, "pss_event_details"), 0);
    assert!(unknown(&store).is_empty());
    for seq in 1..=3 {
        let event = id(SessionId(1), seq);
        assert!(store.recognition_history(event).unwrap().is_empty());
        let message = store.find_message(event).unwrap().unwrap();
        assert_eq!(message.findings.as_array().map(Vec::len), Some(0));
    }
}

#[test]
fn a_status_changes_with_its_history_and_nothing_else_does() {
    let store = TestStore::new();
    let session = store_all(&store, [b"xyz;1\r\n".as_slice(), b"xyz;2\r\n"]);
    let event = id(session, 1);
    let before = store.find_message(event).unwrap().unwrap();
    let update =
        |status, reason| store.update_event_recognition_status(event, status, &change(reason)).unwrap();

    let old = RecognitionStatus::Unknown;
    assert_eq!(update(RecognitionStatus::Recognized, "a test"), StatusUpdate::Changed { old });
    assert_eq!(update(RecognitionStatus::Recognized, "again"), StatusUpdate::Unchanged);
    assert_eq!(unknown(&store), [(String::from("xyz;<int>"), 1)]);
    let history = store.recognition_history(event).unwrap();
    assert_eq!(history.len(), 1);
    assert_eq!((history[0].old, history[0].new), (old, RecognitionStatus::Recognized));
    assert_eq!((history[0].by.as_str(), history[0].reason.as_str()), ("A. Judge", "a test"));
    assert_eq!(history[0].at, Timestamp(START + 5));

    let mut after = store.find_message(event).unwrap().unwrap();
    assert_eq!(after.status, RecognitionStatus::Recognized);
    after.status = before.status;
    assert_eq!(after, before);

    update(old, "it is not after all");
    assert_eq!(unknown(&store), [(String::from("xyz;<int>"), 2)]);
}

#[test]
fn many_statuses_change_together_or_not_at_all() {
    let store = TestStore::new();
    let session = store_all(&store, [b"pt1;3\r\n".as_slice(), b"pt1;2\r\n", b"pt1;1\r\n"]);
    let to = |status: RecognitionStatus, last| (1..=last).map(move |seq| (id(session, seq), status));
    let error =
        store.update_recognition_statuses(to(RecognitionStatus::Partial, 4), &change("")).unwrap_err();
    assert!(matches!(error, StoreError::NotFound { .. }), "{error}");
    assert_eq!(error.to_string(), "there is no message 1:4:0");
    let counts = || store.statistics(&StatisticsFilter::default()).unwrap()[0].counts.clone();
    assert_eq!((counts().recognized, counts().partial), (3, 0));
    assert!(store.recognition_history(id(session, 1)).unwrap().is_empty());

    assert_eq!(store.update_recognition_statuses(to(RecognitionStatus::Partial, 3), &change("")).unwrap(), 3);
    assert_eq!(store.update_recognition_statuses(to(RecognitionStatus::Partial, 3), &change("")).unwrap(), 0);
    assert_eq!((counts().recognized, counts().partial), (0, 3));
}

#[test]
fn a_message_that_becomes_unknown_and_known_at_once_leaves_no_trace_in_the_counts() {
    let store = TestStore::new();
    let event = id(store_all(&store, [b"pt1;3\r\n".as_slice()]), 1);
    let there_and_back = [(event, RecognitionStatus::Unknown), (event, RecognitionStatus::Recognized)];
    assert_eq!(store.update_recognition_statuses(there_and_back, &change("")).unwrap(), 2);
    assert!(unknown(&store).is_empty());
    assert_eq!(store.recognition_history(event).unwrap().len(), 2);
}

#[test]
fn a_message_is_stored_by_hand_with_its_status() {
    let store = TestStore::new();
    let session = store.begin_session(replay("1")).unwrap();
    let bytes = b"pt1;3\r\nxyz;1\r\n";
    let first = NewPssEvent {
        span: Span::new(0, 7),
        ..NewPssEvent::new(session, datagram(1, bytes), Some(Code::Pt1), Dialect::TkStrike)
    };
    let finding = Finding {
        rule: "my_own".into(),
        severity: Severity::Error,
        field: None,
        span: Span::new(7, 14),
        message: String::from("nobody sends this"),
    };
    let second = NewPssEvent {
        index: 1,
        span: Span::new(7, 14),
        code: None,
        status: RecognitionStatus::Unknown,
        confidence: 0.25,
        findings: std::slice::from_ref(&finding),
        ..first
    };
    store.store_pss_event_with_status(&first).unwrap();
    let event = store.store_pss_event_with_status(&second).unwrap();
    assert_eq!((count(&store, "datagrams"), count(&store, "pss_events")), (1, 2));
    let message = store.find_message(event).unwrap().unwrap();
    assert_eq!((message.raw.as_slice(), message.status), (&bytes[7..], RecognitionStatus::Unknown));
    assert_eq!(message.findings[0]["rule"], "my_own");
    assert_eq!(unknown(&store), [(String::from("xyz;<int>"), 1)]);
    let all = store.statistics(&StatisticsFilter::default()).unwrap();
    let errors: Vec<_> = all.iter().map(|row| (row.code.as_deref(), row.counts.errors)).collect();
    assert_eq!(errors, [(None, 1), (Some("pt1"), 0)]);

    let refused = |event: NewPssEvent<'_>| store.store_pss_event_with_status(&event).unwrap_err().to_string();
    assert_eq!(refused(first), "message 1:1:0 is there already");
    let other = NewPssEvent { index: 2, span: Span::new(0, 1), datagram: datagram(1, b"other"), ..first };
    assert_eq!(refused(other), "the datagram of message 1:1:2 is there already, with other bytes");
    assert_eq!(
        refused(NewPssEvent { span: Span::new(0, 99), ..first }),
        "the span of message 1:1:0 is not in its datagram"
    );
    for confidence in [1.5, f32::NAN] {
        assert_eq!(
            refused(NewPssEvent { confidence, ..first }),
            "the confidence of message 1:1:0 is not from 0.0 to 1.0"
        );
    }
    assert_eq!(refused(NewPssEvent { session: SessionId(9), ..first }), "there is no session 9");
    assert_eq!((count(&store, "datagrams"), count(&store, "pss_events")), (1, 2));
}

#[test]
fn garbage_without_number_has_patterns_with_a_number() {
    let store = TestStore::new();
    let letters = |mut number: usize| {
        let mut name = String::from("q");
        while number > 0 {
            name.push(char::from(b'a' + (number % 26) as u8));
            number /= 26;
        }
        name
    };
    let said: Vec<_> = (0..12_000).map(|number| format!("{};1\r\n", letters(number))).collect();
    store_all(&store, said.iter().map(String::as_bytes));
    let found = unknown(&store);
    assert_eq!(found.len(), 10_001);
    assert_eq!(found[0], (String::from("<other>"), 2000));
    let other =
        store.unknown_events(UnknownFilter { limit: Some(1), ..UnknownFilter::default() }).unwrap().remove(0);
    let latest = store.occurrences_of_unknown_event(&other, 1).unwrap().remove(0);
    assert_eq!(latest.message, said[11_999].as_bytes());
}

#[test]
fn an_unknown_event_is_stored_for_those_without_a_sink() {
    let store = TestStore::new();
    let event = id(SessionId(1), 1);
    let hash = store.store_unknown_event(event, Some(Timestamp(9)), b"hl3;34\r\n").unwrap();
    assert_eq!(store.store_unknown_event(event, Some(Timestamp(4)), b"hl4;1").unwrap(), hash);
    store.store_unknown_event(event, None, b"hl4;1").unwrap();
    let found = store.unknown_event(&hash[..5].to_uppercase()).unwrap();
    assert_eq!((found.count, found.first_seen, found.last_seen), (3, Some(Timestamp(4)), Some(Timestamp(9))));
    assert_eq!(found.sample, b"hl3;34\r\n");
    assert_eq!(found.suggestion.as_ref().map(|(code, _)| code.as_str()), Some("hl1"));
}
