//! A feed written by hand: what becomes of each kind of thing.

use std::time::Duration;

use diesel::{
    Connection as _, QueryableByName, RunQueryDsl as _, SqliteConnection,
    sql_types::{Double, Nullable, Text},
};
use pss_protocol::{
    Anomaly, AnomalyKind, Athlete, Basis, ChallengeState, ClockAction, ClockTime, Competitor, Decision,
    EventKey, EventKind, InjuryAction, MatchEvent, MatchSummary, MessageKey, PerAthlete, Pipeline,
    PipelineConfig, PointCode, RecognitionStatus, RoundSummary, Scoring, Sink as _, Timestamp, Winner,
};
use pss_store::{Query, Store, WhenFull};

use crate::{
    support::{START, at, begin, count, datagram, store_all},
    testing::TestStore,
};

fn key(match_index: impl Into<Option<u32>>, id: u32) -> EventKey {
    EventKey { match_index: match_index.into(), id }
}

fn event(key: EventKey, seq: u64, kind: EventKind) -> MatchEvent {
    let mut event = MatchEvent::new(key, at(seq), kind);
    event.evidence = Some(MessageKey { seq, index: 0 });
    event
}

/// One event of each kind, with every field that can be missing once there and once missing.
fn every_kind() -> Vec<EventKind> {
    use Athlete::{Blue, Red};
    let time = Some(ClockTime { minutes: 1, seconds: 0 });
    let anomaly = |kind| EventKind::Anomaly(Anomaly { kind, text: format!("{kind:?}; äöü '\"") });
    vec![
        EventKind::SenderConnected,
        EventKind::MatchLoaded,
        EventKind::MatchReady,
        EventKind::MatchStarted,
        EventKind::RoundStarted,
        EventKind::Hit { athlete: Red, level: 34 },
        EventKind::Point { athlete: Red, code: PointCode::K, points: 2 },
        EventKind::Point { athlete: Blue, code: PointCode::Th, points: 5 },
        EventKind::PointRemoved { athlete: Blue, code: PointCode::Th, points: 5, removes: Some(7) },
        EventKind::PointRemoved { athlete: Blue, code: PointCode::P, points: 1, removes: None },
        EventKind::GamJeom { athlete: Red },
        EventKind::GamJeomRemoved { athlete: Red, removes: Some(10) },
        EventKind::GamJeomRemoved { athlete: Red, removes: None },
        EventKind::Challenge { athlete: Some(Blue), state: ChallengeState::Requested, won: None },
        EventKind::Challenge { athlete: Some(Blue), state: ChallengeState::Accepted, won: Some(true) },
        EventKind::Challenge { athlete: None, state: ChallengeState::Rejected, won: Some(false) },
        EventKind::Challenge { athlete: None, state: ChallengeState::Closed, won: None },
        EventKind::Injury { athlete: None, action: InjuryAction::Show, time },
        EventKind::Injury { athlete: Some(Red), action: InjuryAction::Hide, time: None },
        EventKind::Injury { athlete: Some(Red), action: InjuryAction::Reset, time: None },
        EventKind::TimeOut { athlete: Blue, action: ClockAction::Start, time },
        EventKind::TimeOut { athlete: Blue, action: ClockAction::Stop, time: None },
        EventKind::TimeOut { athlete: Blue, action: ClockAction::StopEnd, time: None },
        EventKind::TimeOut { athlete: Blue, action: ClockAction::Correct, time: None },
        EventKind::RoundEnded { winner: Some(Red) },
        EventKind::RoundEnded { winner: None },
        EventKind::MatchEnded { winner: Some(Winner::Tie), decision: Some(Decision::Sup) },
        EventKind::MatchEnded { winner: Some(Winner::Blue), decision: None },
        EventKind::MatchEnded { winner: None, decision: Some(Decision::Ptf) },
        EventKind::SenderGone,
        anomaly(AnomalyKind::ScoreWithoutPoint),
        anomaly(AnomalyKind::PointWithoutScore),
        anomaly(AnomalyKind::StaleScore),
        anomaly(AnomalyKind::ClockJump),
        anomaly(AnomalyKind::DatagramLost),
        anomaly(AnomalyKind::TwoSenders),
        anomaly(AnomalyKind::WinnerMismatch),
        anomaly(AnomalyKind::OutOfPlace),
    ]
}

#[test]
fn every_kind_of_event_comes_back_as_it_was() {
    let store = TestStore::new();
    let (session, mut sink) = begin(&store, WhenFull::Wait);
    let mut told = Vec::new();
    for (id, kind) in (0..).zip(every_kind()) {
        let mut event = event(key(3, id), 17, kind);
        event.round = id % 4;
        event.clock = (id % 2 == 0).then_some(ClockTime { minutes: 1, seconds: 75 });
        event.basis = if id % 3 == 0 { Basis::Inferred } else { Basis::Stated };
        event.evidence = event.evidence.filter(|_| id % 5 != 0);
        event.at.wall = event.at.wall.filter(|_| id % 7 != 0);
        sink.event(&event);
        told.push(event);
    }
    sink.match_changed(&MatchSummary::new(3));
    sink.finish(Timestamp(START)).unwrap();
    store.flush().unwrap();
    let stored = &store.matches_of_session(session).unwrap()[0];
    let events: Vec<_> =
        store.events_of_match(stored.id).unwrap().into_iter().map(|stored| stored.event).collect();
    assert_eq!(events, told);
}

#[test]
fn events_outside_of_matches_come_first_and_links_are_kept() {
    let store = TestStore::new();
    let (session, mut sink) = begin(&store, WhenFull::Wait);
    let hit = |id| event(key(0, id), 2, EventKind::Hit { athlete: Athlete::Blue, level: 20 + id });
    let point = EventKind::Point { athlete: Athlete::Blue, code: PointCode::K, points: 2 };
    sink.event(&event(key(None, 0), 1, EventKind::SenderConnected));
    sink.event(&hit(0));
    sink.event(&hit(1));
    // The hits may be durable long before the point.
    sink.push();
    sink.event(&event(key(0, 2), 3, point));
    sink.link(key(0, 1), key(0, 2));
    sink.finish(Timestamp(START)).unwrap();
    store.flush().unwrap();
    let events = store.dump_records(session).unwrap().events;
    let seen: Vec<_> = events.iter().map(|stored| (stored.event.key, stored.linked_point)).collect();
    assert_eq!(seen, [(key(None, 0), None), (key(0, 0), None), (key(0, 1), Some(2)), (key(0, 2), None)]);
    assert_eq!(count(&store, "hits"), 2);
}

fn full_summary() -> MatchSummary {
    let competitor = |name: &str, country: &str| Competitor {
        name: Some(name.into()),
        country: Some(country.into()),
        short_name: Some(name.into()),
    };
    let mut summary = MatchSummary::new(2);
    summary.number = Some("A-12".into());
    summary.id = Some("b6c1a4d2-0001".into());
    summary.phase = Some("Round of 16".into());
    summary.category = Some("MEN -58 kg".into());
    summary.division = Some("SENIORS".into());
    summary.rounds_planned = Some(3);
    summary.round_seconds = Some(120);
    summary.scoring = Scoring::BestOf3;
    summary.body_level = Some(27);
    summary.head_level = Some(10);
    summary.blue = competitor("H. ÖZTÜRK", "TUR");
    summary.red = competitor("O'NEIL; S", "IRL");
    summary.rounds = vec![
        RoundSummary {
            round: 1,
            blue: 7,
            red: 0,
            winner: Some(Athlete::Blue),
            winner_basis: Some(Basis::Stated),
            blue_gam_jeoms: 0,
            red_gam_jeoms: 5,
        },
        RoundSummary { round: 2, blue: -1, red: 3, ..RoundSummary::default() },
    ];
    summary.winner = Some(Winner::Red);
    summary.winner_basis = Some(Basis::Inferred);
    summary.decision = Some(Decision::Pun);
    summary.decision_basis = Some(Basis::Stated);
    summary.result = Some("1-2".into());
    summary.hits = PerAthlete { blue: 12, red: 3 };
    summary.started = true;
    summary
}

#[test]
fn the_last_summary_of_a_match_is_what_is_stored() {
    let store = TestStore::new();
    let (session, mut sink) = begin(&store, WhenFull::Wait);
    // Grows: names first, the division later. In one commit, and over several.
    let mut growing = MatchSummary::new(2);
    sink.match_changed(&growing);
    sink.push();
    growing.blue = full_summary().blue;
    growing.red = full_summary().red;
    growing.winner = Some(Winner::Blue);
    growing.rounds = vec![RoundSummary { round: 9, ..RoundSummary::default() }];
    sink.match_changed(&growing);
    sink.push();
    store.flush().unwrap();
    sink.match_changed(&growing);
    sink.match_changed(&full_summary());
    sink.finish(Timestamp(START)).unwrap();
    store.flush().unwrap();

    let stored = store.matches_of_session(session).unwrap();
    assert_eq!(stored.len(), 1);
    assert_eq!(stored[0].summary, full_summary());
    assert_eq!(store.find_match(stored[0].id).unwrap().as_ref(), Some(&stored[0]));
    assert_eq!(count(&store, "athletes"), 2, "the two of no division are gone");

    // What is not known any more is not kept.
    let mut sink = store.sink(session, WhenFull::Wait);
    sink.match_changed(&MatchSummary::new(2));
    sink.push();
    store.flush().unwrap();
    assert_eq!(store.matches_of_session(session).unwrap()[0].summary, MatchSummary::new(2));
    assert_eq!((count(&store, "rounds"), count(&store, "athletes")), (0, 0));
}

#[test]
fn namesakes_stay_apart_and_the_same_athlete_is_one() {
    let store = TestStore::new();
    let (_, mut sink) = begin(&store, WhenFull::Wait);
    let competitor = |name: &str, country: &str| Competitor {
        name: Some(name.into()),
        country: Some(country.into()),
        short_name: Some("KIM".into()),
    };
    let fights = [
        ("Kim Minjun", "KOR", "Kim Seojun", "KOR", "SENIORS"),
        ("Kim Minjun", "KOR", "Kim Minjun", "PRK", "SENIORS"),
        ("Kim Minjun", "KOR", "Kim Seojun", "KOR", "JUNIORS"),
        ("Kim Seojun", "KOR", "Kim Minjun", "KOR", "SENIORS"),
    ];
    for (index, (blue, blue_country, red, red_country, division)) in (0..).zip(fights) {
        let mut summary = MatchSummary::new(index);
        summary.division = Some(division.into());
        summary.blue = competitor(blue, blue_country);
        summary.red = competitor(red, red_country);
        sink.match_changed(&summary);
        sink.push();
    }
    store.flush().unwrap();
    assert_eq!(count(&store, "athletes"), 5);
    let latest = store.query_matches(&Query::new().limit(3)).unwrap().rows;
    let indices: Vec<_> = latest.iter().map(|row| row.match_index).collect();
    assert_eq!(indices, [3, 2, 1]);
}

#[test]
fn what_is_recognized_leaves_one_row_and_nothing_else() {
    let store = TestStore::new();
    store_all(&store, [b"clk;01:59\r\n".as_slice(), b"hl1;34\r\n", b"sc1;4;sc2;1\r\n"]);
    assert_eq!(count(&store, "datagrams"), 3);
    assert_eq!(count(&store, "pss_events"), 3);
    assert_eq!(count(&store, "pss_event_details"), 0);
    #[derive(QueryableByName)]
    struct Errors {
        #[diesel(sql_type = Nullable<Text>)]
        validation_errors: Option<String>,
    }
    for row in rows::<Errors>(&store, "SELECT validation_errors FROM pss_events") {
        assert_eq!(row.validation_errors, None);
    }
}

#[test]
fn what_is_odd_is_stored_with_its_reasons() {
    let store = TestStore::new();
    let bytes: [&[u8]; 5] =
        [b"hel;\r\n", b"at1;H. \xC3\x96;H. \xC3\x96;TUR;at2;E. S;E. S", b"xyz;1\r\n", b"", b"\xFF"];
    let session = store_all(&store, bytes);
    let dump = store.dump_records(session).unwrap();
    let stored: Vec<_> = dump.datagrams.iter().map(|datagram| datagram.bytes.as_slice()).collect();
    assert_eq!(stored, bytes);
    let statuses: Vec<_> = dump.messages.iter().map(|message| message.status).collect();
    use RecognitionStatus::{Partial, Recognized, Unknown};
    assert_eq!(statuses, [Recognized, Partial, Unknown, Unknown, Unknown]);
    let findings = dump.messages[1].findings.as_deref().unwrap();
    assert!(findings.starts_with("[{\"rule\":") && findings.contains("\"span\""), "{findings}");

    #[derive(Debug, PartialEq, QueryableByName)]
    struct Detail {
        #[diesel(sql_type = Text)]
        name: String,
        #[diesel(sql_type = Text)]
        value: String,
    }
    let details: Vec<Detail> = rows(&store, "SELECT name, value FROM pss_event_details ORDER BY seq");
    assert_eq!(details.len(), 2, "{details:?}");
    assert_eq!(details[0].name, "message");
    assert!(details[0].value.contains("H. Ö"), "the reading as it was then: {details:?}");
    assert_eq!(details[1], Detail { name: "code".into(), value: "xyz".into() });
}

#[test]
fn processing_times_are_kept_to_the_microsecond() {
    let store = TestStore::new();
    let (session, sink) = begin(&store, WhenFull::Drop);
    let mut pipeline = Pipeline::new(PipelineConfig::default(), sink);
    pipeline.ingest(&datagram(1, b"hl1;34\r\n"));
    pipeline.sink_mut().processed(Duration::from_micros(1234));
    assert_eq!(store.flush().unwrap().messages, 1, "a live sink hands over what was processed");
    pipeline.ingest(&datagram(2, b"pt1;2\r\nsc1;2;sc2;0\r\n"));
    pipeline.sink_mut().processed(Duration::from_micros(10));
    pipeline.ingest(&datagram(3, b"hl2;34\r\n"));
    pipeline.finish().finish(Timestamp(START)).unwrap();
    store.flush().unwrap();
    assert_eq!(store.dump_records(session).unwrap().messages.len(), 4);
    #[derive(QueryableByName)]
    struct Took {
        #[diesel(sql_type = Nullable<Double>)]
        processing_time_ms: Option<f64>,
    }
    let took: Vec<_> =
        rows::<Took>(&store, "SELECT processing_time_ms FROM pss_events ORDER BY seq, message_index")
            .into_iter()
            .map(|row| row.processing_time_ms)
            .collect();
    assert_eq!(took, [Some(1.234), Some(0.005), Some(0.005), None]);
}

/// Events settle after their messages, here in the next commit: the rows that are stored already are put right.
#[test]
fn messages_are_put_into_their_match_when_that_is_known() {
    for push_between in [false, true] {
        let store = TestStore::new();
        let (session, sink) = begin(&store, WhenFull::Wait);
        let mut pipeline = Pipeline::new(PipelineConfig::default(), sink);
        let datagrams: [&[u8]; 6] =
            [b"hwt;0\r\n", b"avt;1\r\n", b"avt;2\r\n", b"avt;3\r\n", b"rnd;2\r\n", b"avt;4\r\n"];
        for (seq, bytes) in (1..).zip(datagrams) {
            pipeline.ingest(&datagram(seq, bytes));
            if push_between {
                pipeline.sink_mut().push();
            }
        }
        let sink = pipeline.sink_mut();
        sink.event(&event(key(5, 0), 2, EventKind::MatchLoaded));
        let mut round = event(key(5, 1), 3, EventKind::RoundStarted);
        round.round = 1;
        sink.event(&round);
        pipeline.ingest(&datagram(7, b"avt;5\r\n"));
        drop(pipeline);
        store.flush().unwrap();
        let messages = store.dump_records(session).unwrap().messages;
        let places: Vec<_> = messages.iter().map(|message| (message.match_index, message.round)).collect();
        let of = |round| (Some(5), round);
        let expected =
            [(None, None), of(None), of(Some(1)), of(Some(1)), of(Some(2)), of(Some(2)), of(Some(2))];
        assert_eq!(places, expected, "push between: {push_between}");
    }
}

fn rows<T: QueryableByName<diesel::sqlite::Sqlite> + 'static>(store: &Store, query: &str) -> Vec<T> {
    let mut connection = SqliteConnection::establish(store.path().to_str().unwrap()).unwrap();
    diesel::sql_query(query).load(&mut connection).unwrap()
}
