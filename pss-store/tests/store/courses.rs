//! Matches with all that happened in them, read as a stream.

use pss_protocol::{
    Anomaly, AnomalyKind, Athlete, Basis, ChallengeState, ClockAction, ClockTime, Competitor, Decision,
    EventKey, EventKind, InjuryAction, MatchEvent, MatchSummary, MessageKey, PointCode, RoundSummary,
    Sink as _, Timestamp, Winner,
};
use pss_store::{
    AthleteId, Change, MatchId, NewSession, Order, Query, SessionId, Store, StoreError, StoredCourse,
    WhenFull,
};

use crate::{
    support::{START, at, datagram, replay, sql},
    testing::TestStore,
};

/// One of each kind, with all that it can say.
fn kinds() -> Vec<EventKind> {
    let (athlete, time) = (Athlete::Red, Some(ClockTime::from_seconds(61)));
    vec![
        EventKind::MatchLoaded,
        EventKind::MatchReady,
        EventKind::MatchStarted,
        EventKind::RoundStarted,
        EventKind::Hit { athlete: Athlete::Blue, level: 40 },
        EventKind::Point { athlete: Athlete::Blue, code: PointCode::Th, points: 5 },
        EventKind::PointRemoved { athlete: Athlete::Blue, code: PointCode::K, points: 2, removes: Some(5) },
        EventKind::GamJeom { athlete },
        EventKind::GamJeomRemoved { athlete, removes: None },
        EventKind::Hit { athlete, level: 250 },
        EventKind::Challenge { athlete: None, state: ChallengeState::Requested, won: None },
        EventKind::Challenge { athlete: None, state: ChallengeState::Accepted, won: Some(true) },
        EventKind::Injury { athlete: Some(athlete), action: InjuryAction::Show, time },
        EventKind::TimeOut { athlete, action: ClockAction::StopEnd, time: None },
        EventKind::Anomaly(Anomaly { kind: AnomalyKind::ClockJump, text: String::from("by ten seconds") }),
        EventKind::RoundEnded { winner: Some(athlete) },
        EventKind::SenderGone,
        EventKind::SenderConnected,
        EventKind::MatchEnded { winner: Some(Winner::Red), decision: Some(Decision::Ptg) },
    ]
}

/// A session of matches with all kinds of events, an event outside of any, and every tenth match left out.
fn fill(store: &Store, ring: &'static str, matches: u32) -> SessionId {
    let session = store.begin_session(NewSession { ring, ..replay(ring) }).unwrap();
    let mut sink = store.sink(session, WhenFull::Wait);
    sink.datagram(&datagram(1, b"rnd;1\r\n"));
    let mut outside =
        MatchEvent::new(EventKey { match_index: None, id: 0 }, at(0), EventKind::SenderConnected);
    outside.basis = Basis::Inferred;
    sink.event(&outside);
    for index in (0..matches).filter(|index| index % 10 != 9) {
        for (id, kind) in (0..).zip(kinds()) {
            let key = EventKey { match_index: Some(index), id };
            let mut event = MatchEvent::new(key, at(u64::from(index) * 1000 + u64::from(id)), kind);
            event.round = id / 4;
            event.clock = (id > 3).then(|| ClockTime::from_seconds(120 - id));
            event.basis = if id % 3 == 0 { Basis::Inferred } else { Basis::Stated };
            event.evidence = (id % 2 == 0).then_some(MessageKey { seq: 1, index: 0 });
            sink.event(&event);
        }
        let key = |id| EventKey { match_index: Some(index), id };
        sink.link(key(4), key(5));
        let mut summary = MatchSummary::new(index);
        summary.number = Some(format!("{}", 100 + index));
        let named = |name: String| Competitor { name: Some(name), country: None, short_name: None };
        summary.blue = named(format!("B. BLUE {}", index % 7));
        if index % 2 == 0 {
            summary.red = named(String::from("R. RED"));
        }
        summary.rounds =
            (1..=index % 4).map(|round| RoundSummary { round, blue: 3, ..RoundSummary::default() }).collect();
        summary.body_level = Some(27);
        sink.match_changed(&summary);
    }
    sink.finish(Timestamp(START)).unwrap();
    store.flush().unwrap();
    session
}

fn courses(store: &Store, query: &Query) -> Vec<StoredCourse> {
    let mut courses = Vec::new();
    store
        .for_each_course(query, |course| {
            courses.push(course);
            Ok::<(), StoreError>(())
        })
        .unwrap();
    courses
}

/// The same, match by match by the other questions.
#[track_caller]
fn assert_same(store: &Store, query: &Query, least: usize) {
    let courses = courses(store, query);
    assert!(courses.len() >= least, "{} matches are too few to compare", courses.len());
    let mut fights: Vec<_> = store.all_matches(query.clone()).collect::<Result<_, _>>().unwrap();
    fights.sort_by_key(|fight| (fight.session, fight.match_index));
    assert_eq!(fights.len(), courses.len());
    for (fight, course) in fights.into_iter().zip(courses) {
        assert_eq!(course.events, store.events_of_match(fight.match_id).unwrap());
        assert_eq!(course.fight, fight);
    }
}

#[test]
fn a_stream_gives_what_single_questions_give() {
    let store = TestStore::new();
    let one = fill(&store, "1", 150);
    fill(&store, "2", 3);
    assert_same(&store, &Query::new(), 138);
    // What the pages are made by means nothing here.
    assert_eq!(courses(&store, &Query::new().limit(1).order(Order::OldestFirst)).len(), 138);
    assert_same(&store, &Query::new().session(one), 135);
    assert_same(&store, &Query::new().ring("2"), 3);
    assert_same(&store, &Query::new().match_number("100"), 2);
    assert_same(&store, &Query::new().match_id(MatchId(2)), 1);
    assert_same(&store, &Query::new().text("b. blue 3"), 10);
    let later = Query::new().from(Timestamp(START + 50_000_000)).until(Timestamp(START + 60_000_000));
    assert_same(&store, &later, 9);
    assert_eq!(courses(&store, &Query::new().ring("no such ring")), []);

    let first = &courses(&store, &Query::new().session(one))[0];
    let read: Vec<_> = first.events.iter().map(|stored| stored.event.kind.clone()).collect();
    assert_eq!(read, kinds());
    assert_eq!(first.events[4].linked_point, Some(5));
}

#[test]
fn an_athlete_is_found_as_whom_it_was_merged_into() {
    let store = TestStore::new();
    fill(&store, "1", 30);
    let change = Change { by: "Ada", at: Timestamp(START), reason: "one person" };
    let by_name = |name: &str| -> AthleteId {
        let found = store.query_athletes(&Query::new().text(name)).unwrap();
        found.rows[0].id
    };
    let (three, four) = (by_name("B. BLUE 3"), by_name("B. BLUE 4"));
    store.merge_athletes(three, four, &change).unwrap();
    assert_same(&store, &Query::new().athlete(four), 7);
    assert_same(&store, &Query::new().athlete(three), 7);
    let of_both = courses(&store, &Query::new().athlete(three));
    assert!(of_both.iter().all(|course| course.fight.blue_athlete_id == Some(four)));
}

#[test]
fn one_reader_is_enough() {
    let store = TestStore::with(|config| config.readers = 1);
    fill(&store, "1", 150);
    assert_same(&store, &Query::new(), 135);
}

#[test]
fn what_is_written_meanwhile_is_not_seen() {
    let store = TestStore::new();
    fill(&store, "1", 150);
    let mut seen = 0;
    store
        .for_each_course(&Query::new(), |_| {
            if seen == 0 {
                fill(&store, "2", 5);
                let gone = "DELETE FROM match_events WHERE match_index = 148; \
                            DELETE FROM matches WHERE match_index = 148";
                sql(&store, gone);
            }
            seen += 1;
            Ok::<(), StoreError>(())
        })
        .unwrap();
    assert_eq!(seen, 135);
    assert_eq!(courses(&store, &Query::new()).len(), 135 + 5 - 1);
}

#[test]
fn the_visitor_ends_it() {
    #[derive(Debug)]
    enum Ended {
        Enough,
        Store,
    }
    impl From<StoreError> for Ended {
        fn from(_: StoreError) -> Self {
            Self::Store
        }
    }
    let store = TestStore::new();
    fill(&store, "1", 400);
    let mut seen = 0;
    let outcome = store.for_each_course(&Query::new(), |_| {
        seen += 1;
        if seen == 3 { Err(Ended::Enough) } else { Ok(()) }
    });
    assert!(matches!(outcome, Err(Ended::Enough)), "{outcome:?}");
    assert_eq!(seen, 3);
    let outcome = store.for_each_course(&Query::new().code("HL"), |_| Err(Ended::Enough));
    assert!(matches!(outcome, Err(Ended::Store)), "matches have no code: {outcome:?}");
}

#[test]
fn what_cannot_be_read_is_named() {
    let store = TestStore::new();
    let session = fill(&store, "1", 150);
    for (damage, named) in [
        ("UPDATE match_events SET kind = 'dance' WHERE match_index = 77 AND event_id = 2", "dance"),
        ("DELETE FROM hits WHERE match_index = 77 AND event_id = 9", "hit"),
    ] {
        sql(&store, damage);
        let mut seen = 0;
        let error = store
            .for_each_course(&Query::new(), |_| {
                seen += 1;
                Ok::<(), StoreError>(())
            })
            .unwrap_err()
            .to_string();
        let place = format!("session {session}: event");
        assert!(error.contains(&place) && error.contains("of match 77"), "{error}");
        assert!(error.contains(named), "{error}");
        assert!(seen < 77, "nothing is given away behind what cannot be read");
        sql(&store, "UPDATE match_events SET kind = 'match_started' WHERE kind = 'dance'");
    }
}
