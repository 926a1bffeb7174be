//! A session read again with the parser and the rules of today.

use std::path::Path;

use pss_protocol::{RecognitionStatus, Timestamp};
use pss_store::{
    Change, Difference, EventId, SessionId, StatisticsFilter, Store, StoreError, WhenFull, WhichSessions,
};

use crate::{
    corpus::{corpus, each_datagram},
    support::{Feed, LastHit, START, begin, sql, store_all},
    testing::TestStore,
};

const NOW: Timestamp = Timestamp(START + 3_600_000_000);

fn replay(store: &Store, path: &Path) -> SessionId {
    let (session, sink) = begin(store, WhenFull::Wait);
    let mut feed = Feed::new(sink);
    each_datagram(path, |datagram| feed.take(datagram));
    feed.finish().finish(Timestamp(START + 1)).unwrap();
    store.flush().unwrap();
    session
}

/// Reads again, writes it, and demands that a second time finds nothing.
#[track_caller]
fn reprocess(store: &Store, session: SessionId) -> Difference {
    let rereading = store.reprocess(session, LastHit::default()).unwrap();
    let difference = rereading.difference().clone();
    store.apply(rereading, NOW).unwrap();
    let again = store.reprocess(session, LastHit::default()).unwrap();
    assert!(again.difference().is_empty(), "{:#?}", again.difference());
    difference
}

fn listing(name: &str) -> std::path::PathBuf {
    corpus().into_iter().find(|path| path.to_string_lossy().contains(name)).unwrap()
}

#[test]
fn nothing_changes_where_nothing_is_new() {
    let store = TestStore::new();
    for path in corpus() {
        let session = replay(&store, &path);
        let rereading = store.reprocess(session, LastHit::default()).unwrap();
        let difference = rereading.difference();
        assert!(difference.is_empty(), "{}: {difference:#?}", path.display());
        assert!(difference.datagrams > 0 && difference.messages >= difference.datagrams);
    }
}

/// Everything that is derived, as text, the statistics included.
fn derived(store: &Store, session: SessionId) -> Vec<String> {
    let tables = [
        "pss_events",
        "pss_event_details",
        "pss_event_validation_results",
        "pss_event_statistics",
        "match_events",
        "hits",
        "challenges",
        "injuries",
        "matches",
    ];
    let mut texts: Vec<_> = tables.iter().map(|table| rows(store, table, session)).collect();
    texts.push(format!("{:#?}", store.dump_records(session).unwrap()));
    texts
}

#[test]
fn what_was_lost_or_wrong_is_derived_again() {
    let store = TestStore::new();
    let whole = replay(&store, &listing("a1_"));
    let expected = derived(&store, whole);
    sql(
        &store,
        "UPDATE pss_events SET match_index = 7 WHERE seq % 11 = 0;
         UPDATE pss_events SET round = NULL, parser_confidence = 0.5 WHERE seq % 13 = 0;
         UPDATE pss_events SET validation_errors = '[]', protocol_version = 'older' WHERE seq % 17 = 0;
         DELETE FROM pss_event_validation_results WHERE seq % 2 = 0;
         INSERT INTO pss_event_details SELECT session_id, seq, message_index, 'message', '{}'
             FROM pss_events WHERE seq % 19 = 0 ON CONFLICT DO NOTHING;
         DELETE FROM match_events WHERE event_id % 5 = 3;
         UPDATE match_events SET basis = 'inferred' WHERE kind = 'point';
         UPDATE hits SET linked_point = NULL;
         UPDATE matches SET winner = 'tie', division = NULL;
         UPDATE rounds SET blue = blue + 1 WHERE round = 2;
         INSERT INTO matches (session_id, match_index, scoring, blue_hits, red_hits, started)
             VALUES (1, 40, 'unknown', 0, 0, 0);",
    );
    let difference = reprocess(&store, whole);
    for (now, expected) in derived(&store, whole).iter().zip(&expected) {
        assert!(now == expected, "{now}\n\ninstead of\n\n{expected}");
    }
    let index = |wanted| difference.matches.iter().find(|found| found.match_index == wanted).unwrap();
    let first = index(Some(0));
    assert!(first.messages.changed > 50 && first.events.changed > 5 && first.rounds_changed, "{first:#?}");
    assert!(first.events.added > 5 && first.events_renumbered > 0 && first.details_changed, "{first:#?}");
    assert_eq!(first.result.as_ref().unwrap().from.as_deref(), Some("tie 2-1 by PTF (stated)"));
    assert_eq!(index(Some(40)).result.as_ref().unwrap().to, None);
}

#[test]
fn statuses_change_with_a_history_and_what_a_person_said_stays() {
    let store = TestStore::new();
    let session = store_all(&store, [b"pt1;3\r\n".as_slice(), b"pt1;2\r\n", b"zz;1\r\n"]);
    let event = |seq| EventId { session, seq, index: 0 };
    let change = Change { by: "Kim", at: Timestamp(START), reason: "seen on the video" };
    store.update_event_recognition_status(event(1), RecognitionStatus::Deprecated, &change).unwrap();
    sql(&store, "UPDATE pss_events SET recognition_status = 'unknown' WHERE seq = 2");
    store.recount_statistics(session).unwrap();

    let difference = reprocess(&store, session);
    let [kept] = &difference.kept_by_hand[..] else { panic!("{difference:#?}") };
    assert_eq!((kept.event, kept.kept), (event(1), RecognitionStatus::Deprecated));
    assert_eq!(kept.read, RecognitionStatus::Recognized);
    let [of_match] = &difference.matches[..] else { panic!("{difference:#?}") };
    let [status] = &of_match.statuses[..] else { panic!("{difference:#?}") };
    assert_eq!(
        (status.from, status.to, status.count),
        (RecognitionStatus::Unknown, RecognitionStatus::Recognized, 1)
    );

    let history = |seq| store.recognition_history(event(seq)).unwrap();
    assert_eq!(history(1).len(), 1, "only the person's");
    let [entry] = &history(2)[..] else { panic!("{:?}", history(2)) };
    assert_eq!((entry.by.as_str(), entry.at, entry.old), ("reprocess", NOW, RecognitionStatus::Unknown));
    let counts = |filter: &StatisticsFilter| store.statistics(filter).unwrap();
    let before = counts(&StatisticsFilter::default());
    store.recount_statistics(session).unwrap();
    assert_eq!(before, counts(&StatisticsFilter::default()), "counted as they are");
}

#[test]
fn who_fought_and_how_long_the_reading_took_stays() {
    let store = TestStore::new();
    let session = replay(&store, &listing("a1_"));
    sql(
        &store,
        "INSERT INTO athletes (long_name, country, division) VALUES ('S. OMEONE ELSE', 'NOR', '');
         INSERT INTO athlete_assignments SELECT 1, 0, 'blue', id FROM athletes WHERE country = 'NOR';
         UPDATE matches SET blue_athlete_id = (SELECT id FROM athletes WHERE country = 'NOR'), winner = 'tie';
         UPDATE pss_events SET round = 9;",
    );
    let times = rows(&store, "(SELECT session_id, seq, processing_time_ms FROM pss_events)", session);
    let difference = reprocess(&store, session);
    assert!(difference.matches.iter().any(|of_match| of_match.result.is_some()));
    assert_eq!(
        store.matches_of_session(session).unwrap()[0].summary.blue.name.as_deref(),
        Some("S. OMEONE ELSE")
    );
    assert_eq!(times, rows(&store, "(SELECT session_id, seq, processing_time_ms FROM pss_events)", session));
}

#[test]
fn a_session_from_before_there_were_statistics_gets_them() {
    let store = TestStore::new();
    let session = replay(&store, &listing("b_"));
    let expected = derived(&store, session);
    let patterns = format!("{:?}", store.unknown_events(Default::default()).unwrap());
    sql(
        &store,
        "DELETE FROM pss_event_statistics; DELETE FROM pss_unknown_events; DELETE FROM challenges;
         DELETE FROM injuries; DELETE FROM pss_event_validation_results; UPDATE matches SET began_at = NULL;",
    );
    reprocess(&store, session);
    for (now, expected) in derived(&store, session).iter().zip(&expected) {
        assert!(now == expected, "{now}\n\ninstead of\n\n{expected}");
    }
    assert_eq!(format!("{:?}", store.unknown_events(Default::default()).unwrap()), patterns);
}

#[test]
fn a_session_that_is_still_written_is_left_alone() {
    let store = TestStore::new();
    let old = store_all(&store, [b"pt1;3\r\n".as_slice()]);
    let (running, mut sink) = begin(&store, WhenFull::Drop);
    pss_protocol::Sink::datagram(&mut sink, &crate::support::datagram(1, b"pt1;3\r\n"));
    sink.push();
    store.flush().unwrap();
    let which = |store: &Store, which| {
        let found = store.sessions_to_reprocess(which, NOW).unwrap();
        found.into_iter().map(|(session, reason)| (session.id, reason)).collect::<Vec<_>>()
    };
    let found = which(&store, WhichSessions::All);
    assert_eq!(found[0], (old, None));
    assert_eq!(found[1].0, running);
    assert!(found[1].1.as_ref().unwrap().contains("by this process"), "{found:?}");

    // For another process it is the time that tells.
    let other = Store::open(pss_store::StoreConfig::new(store.path())).unwrap();
    let found = which(&other, WhichSessions::One(running));
    assert!(found[0].1.as_ref().unwrap().contains("may still be writing it"), "{found:?}");
    let later = Timestamp(NOW.0 + 24 * 3_600_000_000);
    assert_eq!(other.sessions_to_reprocess(WhichSessions::All, later).unwrap()[1].1, None);

    assert_eq!(which(&store, WhichSessions::Since(Timestamp(START + 1_000_000))), []);
    assert_eq!(which(&store, WhichSessions::Since(Timestamp(START + 1000))).len(), 2);
    let error = store.sessions_to_reprocess(WhichSessions::One(SessionId(99)), NOW).unwrap_err();
    assert!(matches!(error, StoreError::NotFound { .. }), "{error}");
    assert_eq!(error.to_string(), "there is no session 99");
}

#[test]
fn what_arrives_between_reading_and_writing_is_not_overlooked() {
    let store = TestStore::new();
    let (session, mut sink) = begin(&store, WhenFull::Drop);
    let mut give = |seq| {
        pss_protocol::Sink::datagram(&mut sink, &crate::support::datagram(seq, b"pt1;3\r\n"));
        sink.push();
        store.flush().unwrap();
    };
    give(1);
    let rereading = store.reprocess(session, LastHit::default()).unwrap();
    assert!(!rereading.difference().is_empty(), "its messages were never stored");
    give(2);
    let error = store.apply(rereading, NOW).unwrap_err();
    assert!(error.to_string().contains("got more datagrams meanwhile"), "{error}");
}

#[test]
fn the_reading_is_the_sessions_own() {
    let store = TestStore::new();
    let mut reading = pss_protocol::PipelineConfig::default();
    reading.dialect = Some(pss_protocol::Dialect::V23);
    reading.off_the_wire = false;
    reading.reorder_window = std::time::Duration::from_millis(80);
    let new = pss_store::NewSession { reading, ..crate::support::replay("1") };
    let session = store.begin_session(new).unwrap();
    assert_eq!(store.sessions().unwrap()[0].reading, reading);
    let mut pipeline = pss_protocol::Pipeline::new(reading, store.sink(session, WhenFull::Wait));
    for (seq, bytes) in [(1, b"pt1;3;".as_slice()), (2, b"hl1;3;"), (3, b"rnd;1;")] {
        pipeline.ingest(&crate::support::datagram(seq, bytes));
    }
    pipeline.finish().finish(NOW).unwrap();
    store.flush().unwrap();
    assert!(store.reprocess(session, LastHit::default()).unwrap().difference().is_empty());
}

fn rows(store: &Store, table: &str, session: SessionId) -> String {
    use diesel::{Connection as _, QueryableByName, RunQueryDsl as _, SqliteConnection, sql_types::Text};

    #[derive(QueryableByName)]
    struct Name {
        #[diesel(sql_type = Text)]
        name: String,
    }
    let mut connection = SqliteConnection::establish(store.path().to_str().unwrap()).unwrap();
    let columns: Vec<Name> = if table.starts_with('(') {
        vec![Name { name: String::from("seq") }, Name { name: String::from("processing_time_ms") }]
    } else {
        diesel::sql_query(format!("SELECT name FROM pragma_table_info('{table}')"))
            .load(&mut connection)
            .unwrap()
    };
    let list: Vec<_> = columns.iter().map(|column| format!("quote({})", column.name)).collect();
    let query = format!(
        "SELECT {} AS name FROM {table} WHERE session_id = {session} ORDER BY 1",
        list.join(" || ' ' || ")
    );
    let rows: Vec<Name> = diesel::sql_query(query).load(&mut connection).unwrap();
    rows.into_iter().map(|row| row.name).collect::<Vec<_>>().join("\n")
}
