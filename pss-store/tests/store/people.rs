//! Challenges, injuries, athletes and tournaments.

use pss_protocol::{
    Arrival, Athlete, ChallengeState, ClockTime, Competitor, EventKey, EventKind, InjuryAction, MatchEvent,
    MatchSummary, Sink as _, Timestamp,
};
use pss_store::{
    AthleteFilter, AthleteId, Change, Likeness, MatchId, MatchSide, NewSession, Query, SessionChoice,
    SessionId, SessionKind, Store, StoreError, TournamentChange, TournamentInfo, WhenFull,
};

use crate::{
    support::{START, at, begin, datagram, replay},
    testing::TestStore,
};

fn change(reason: &str) -> Change<'_> {
    Change { by: "Ada", at: Timestamp(START), reason }
}

/// Stores these events as the only ones of a match; each arrives a second after the other.
fn store_events(store: &Store, kinds: impl IntoIterator<Item = (&'static str, EventKind)>) -> MatchId {
    let (_, mut sink) = begin(store, WhenFull::Wait);
    sink.datagram(&datagram(1, b"rnd;1\r\n"));
    for (id, (clock, kind)) in (0..).zip(kinds) {
        let key = EventKey { match_index: Some(0), id };
        let mut event = MatchEvent::new(key, at(u64::from(id) * 1000), kind);
        event.round = 1;
        let (minutes, seconds) = clock.split_once(':').unwrap();
        event.clock =
            Some(ClockTime { minutes: minutes.parse().unwrap(), seconds: seconds.parse().unwrap() });
        sink.event(&event);
    }
    sink.match_changed(&MatchSummary::new(0));
    sink.finish(Timestamp(START)).unwrap();
    store.flush().unwrap();
    store.query_matches(&Query::new()).unwrap().rows[0].match_id
}

fn challenge(athlete: Athlete, state: ChallengeState) -> EventKind {
    EventKind::Challenge { athlete: Some(athlete), state, won: None }
}

fn moment(second: i64) -> Option<Timestamp> {
    Some(Timestamp(START + second * 1_000_000))
}

#[test]
fn the_steps_of_a_challenge_are_one_row() {
    use ChallengeState::{Accepted, Closed, Rejected, Requested};
    let store = TestStore::new();
    let blue = |state| challenge(Athlete::Blue, state);
    let red = |state| challenge(Athlete::Red, state);
    let id = store_events(
        &store,
        [
            ("01:00", blue(Requested)),
            ("01:00", blue(Requested)), // said twice
            ("01:00", red(Requested)),
            ("01:00", blue(Accepted)),
            ("01:00", blue(Rejected)), // corrected
            ("01:00", blue(Closed)),
            ("00:40", blue(Requested)),
            ("00:39", blue(Closed)),   // without a decision; the clock was put right
            ("00:20", blue(Accepted)), // its request was not heard
            ("00:10", EventKind::Challenge { athlete: None, state: Requested, won: Some(true) }),
        ],
    );
    let found = store.challenges_of_match(id).unwrap();
    let told: Vec<_> = found
        .iter()
        .map(|one| {
            let times = (one.requested_at, one.decided_at, one.closed_at);
            (one.event_id, one.athlete, one.accepted, one.decided_by, one.won, times)
        })
        .collect();
    let (blue, red) = (Some(Athlete::Blue), Some(Athlete::Red));
    assert_eq!(
        told,
        [
            (0, blue, Some(false), Some(4), None, (moment(0), moment(4), moment(5))),
            (2, red, None, None, None, (moment(2), None, None)),
            (6, blue, None, None, None, (moment(6), None, moment(7))),
            (8, blue, Some(true), Some(8), None, (None, moment(8), None)),
            (9, None, None, None, Some(true), (moment(9), None, None)),
        ]
    );
}

#[test]
fn a_kye_shi_is_one_row_from_its_show_to_its_hide() {
    use InjuryAction::{Hide, Reset, Show};
    let store = TestStore::new();
    let injury = |athlete, action, seconds| EventKind::Injury {
        athlete,
        action,
        time: Some(ClockTime::from_seconds(seconds)),
    };
    let red = Some(Athlete::Red);
    let id = store_events(
        &store,
        [
            ("01:00", injury(None, Show, 60)),
            ("01:00", injury(None, Hide, 47)),
            ("01:00", injury(None, Reset, 60)), // nothing is open
            ("00:50", injury(None, Hide, 12)),  // its show was not heard
            ("00:40", injury(red, Show, 60)),
            ("00:40", injury(None, Reset, 60)),
            ("00:30", injury(red, Show, 60)),
        ],
    );
    let found = store.injuries_of_match(id).unwrap();
    let told: Vec<_> = found
        .iter()
        .map(|one| (one.event_id, one.athlete, one.shown_at, one.hidden_at, one.hidden_time.map(seconds)))
        .collect();
    assert_eq!(
        told,
        [
            (0, None, moment(0), moment(1), Some(47)),
            (3, None, None, moment(3), Some(12)),
            (4, red, moment(4), moment(5), Some(60)),
            (6, red, moment(6), None, None),
        ]
    );
}

fn seconds(time: ClockTime) -> u32 {
    u32::from(time.minutes) * 60 + u32::from(time.seconds)
}

/// A match of `blue` and `red`, loaded so many µs after [`START`].
fn store_match(store: &Store, new: NewSession<'_>, fights: &[(&str, &str, i64)]) -> SessionId {
    let session = store.begin_session(new).unwrap();
    let mut sink = store.sink(session, WhenFull::Wait);
    for (index, (blue, red, after)) in (0..).zip(fights) {
        let at = Arrival { wall: Some(Timestamp(START + after)), ..at(0) };
        let key = EventKey { match_index: Some(index), id: 0 };
        sink.event(&MatchEvent::new(key, at, EventKind::MatchLoaded));
        sink.match_changed(&summary(index, blue, red));
    }
    sink.finish(Timestamp(START)).unwrap();
    store.flush().unwrap();
    session
}

fn summary(index: u32, blue: &str, red: &str) -> MatchSummary {
    let competitor = |text: &str| {
        let (name, country) = text.split_once('/').unwrap();
        Competitor { name: Some(name.into()), country: Some(country.into()), short_name: None }
    };
    let mut summary = MatchSummary::new(index);
    summary.blue = competitor(blue);
    summary.red = competitor(red);
    summary.division = Some("SENIORS".into());
    summary
}

fn id_of(store: &Store, name: &str) -> AthleteId {
    let found =
        store.athletes(&AthleteFilter { name: Some(name), merged: true, ..Default::default() }).unwrap();
    assert_eq!(found.len(), 1, "{name}");
    found[0].id
}

fn names(store: &Store) -> Vec<(String, u64)> {
    let all = store.athletes(&AthleteFilter::default()).unwrap();
    all.into_iter().map(|one| (one.long_name, one.matches)).collect()
}

#[test]
fn merged_athletes_are_one_until_that_is_taken_back() {
    let store = TestStore::new();
    store_match(
        &store,
        replay("1"),
        &[("Öz/TUR", "Kim/KOR", 0), ("Oz/TUR", "Lee/KOR", 1), ("OZ/TUR", "Roe/USA", 2)],
    );
    let [a, b, c] = ["Öz", "Oz", "OZ"].map(|name| {
        let all = store.athletes(&AthleteFilter::default()).unwrap();
        all.iter().find(|one| one.long_name == name).unwrap().id
    });
    let similar = store.similar_athletes().unwrap();
    assert_eq!(similar.len(), 1);
    assert_eq!((similar[0].likeness, similar[0].athletes.len()), (Likeness::Spelling, 3));

    store.merge_athletes(a, b, &change("the same")).unwrap();
    store.merge_athletes(b, c, &change("the same")).unwrap();
    let record = store.athlete(c).unwrap().unwrap();
    assert_eq!((record.athlete.matches, record.matches.len(), record.merged.len()), (3, 3, 2));
    assert!(record.merged.iter().all(|one| one.merged_into == Some(c)), "the last of the chain");
    assert_eq!(record.matches[2].named, a);
    assert!(store.similar_athletes().unwrap().is_empty());

    let kim = id_of(&store, "Kim");
    for (from, into, says) in [
        (a, c, "already"),
        (c, a, "both are"),
        (c, c, "both are"),
        (kim, b, "they fought each other, match 1"),
        (c, kim, "they fought each other, match 1"),
    ] {
        let error = store.merge_athletes(from, into, &change("")).unwrap_err();
        assert!(error.to_string().contains(says), "{error}");
    }
    let missing = store.merge_athletes(AthleteId(99), a, &change("")).unwrap_err();
    assert_eq!(missing.to_string(), "there is no athlete 99");

    store.unmerge_athlete(b, &change("they are two")).unwrap();
    assert_eq!(store.athlete(b).unwrap().unwrap().athlete.matches, 2, "whom it had merged goes along");
    assert_eq!(store.athlete(a).unwrap().unwrap().athlete.merged_into, Some(b));
    assert_eq!(store.athlete(c).unwrap().unwrap().athlete.matches, 1);
    assert!(store.unmerge_athlete(b, &change("")).is_err(), "it is not merged any more");
    let actions: Vec<_> =
        store.athlete_history(b).unwrap().into_iter().map(|one| (one.action, one.reason)).collect();
    let action = |action: &str, reason: &str| (action.to_owned(), reason.to_owned());
    assert_eq!(
        actions,
        [action("merge", "the same"), action("merge", "the same"), action("unmerge", "they are two")]
    );
}

#[test]
fn a_namesake_told_apart_stays_apart_when_the_match_is_written_again() {
    let store = TestStore::new();
    let session = store_match(&store, replay("1"), &[("Kim/KOR", "Roe/USA", 0), ("Lee/KOR", "Kim/KOR", 1)]);
    let kim = id_of(&store, "Kim");
    let second = MatchSide { session, match_index: 1, side: Athlete::Red };
    assert_eq!(second.to_string().parse(), Ok(second));
    let other_side = MatchSide { side: Athlete::Blue, ..second };
    for (wrong, says) in [
        (vec![other_side], "did not fight"),
        (vec![], "needs a match"),
        (vec![second, MatchSide { match_index: 9, ..second }], "no match"),
    ] {
        let error = store.split_athlete(kim, &wrong, &change("")).unwrap_err();
        assert!(error.to_string().contains(says), "{error}");
    }
    assert_eq!(names(&store).len(), 3, "what was refused left nothing behind");

    let namesake = store.split_athlete(kim, &[second, second], &change("another Kim")).unwrap();
    let matches_of = |id| store.athlete(id).unwrap().unwrap().athlete.matches;
    assert_eq!((matches_of(kim), matches_of(namesake)), (1, 1));

    let mut sink = store.sink(session, WhenFull::Wait);
    sink.match_changed(&summary(0, "Kim/KOR", "Roe/USA"));
    sink.match_changed(&summary(1, "Lee/KOR", "Kim/KOR"));
    sink.push();
    store.flush().unwrap();
    assert_eq!((matches_of(kim), matches_of(namesake)), (1, 1), "as after a new reading");
    let record = store.athlete(namesake).unwrap().unwrap();
    assert_eq!((record.athlete.variant, record.athlete.long_name.as_str()), (1, "Kim"));
    let history: Vec<_> = store
        .athlete_history(namesake)
        .unwrap()
        .into_iter()
        .map(|one| (one.action, one.other, one.detail))
        .collect();
    let moved = Some(second.to_string());
    assert_eq!(history, [("split".into(), Some(kim), None), ("assign".into(), Some(kim), moved)]);
    assert!(store.similar_athletes().unwrap().is_empty(), "what was told apart is not proposed");
}

#[test]
fn whoever_was_named_by_hand_is_kept_when_no_match_names_them_any_more() {
    let store = TestStore::new();
    let session = store_match(&store, replay("1"), &[("Ann/FRA", "Bea/FRA", 0), ("Cho/KOR", "Dan/DEN", 1)]);
    store.merge_athletes(id_of(&store, "Ann"), id_of(&store, "Cho"), &change("")).unwrap();
    let mut sink = store.sink(session, WhenFull::Wait);
    sink.match_changed(&summary(0, "Eva/FRA", "Fay/FRA"));
    sink.push();
    store.flush().unwrap();
    let all = store.athletes(&AthleteFilter { merged: true, ..Default::default() }).unwrap();
    let names: Vec<_> = all.iter().map(|one| one.long_name.as_str()).collect();
    assert_eq!(names, ["Ann", "Cho", "Dan", "Eva", "Fay"], "Bea was nobody but a name");
}

fn open(name: &str, zone: &str, days: &[&str], rings: &[&str]) -> TournamentInfo {
    TournamentInfo {
        name: name.into(),
        place: None,
        time_zone: zone.into(),
        notes: None,
        days: days.iter().map(|day| day.parse().unwrap()).collect(),
        rings: rings.iter().map(|ring| (*ring).to_owned()).collect(),
    }
}

#[test]
fn sessions_and_matches_find_their_tournament_by_day_and_ring() {
    // START is 2025-11-22 11:19:51 UTC.
    let store = TestStore::new();
    let hours = |hours: i64| hours * 3_600_000_000;
    let seoul = store
        .add_tournament(open("Seoul", "Asia/Seoul", &["2025-11-22", "2025-11-23"], &["1", "2"]))
        .unwrap();
    let fights = [("A/KOR", "B/KOR", hours(0)), ("C/KOR", "D/KOR", hours(4)), ("E/KOR", "F/KOR", hours(48))];
    let live = NewSession { kind: SessionKind::Live, ..replay("1") };
    let session = store_match(&store, live, &fights);
    let elsewhere = store_match(&store, NewSession { ring: "9", ..live }, &fights[..1]);
    let replayed = NewSession { started_at: Timestamp(START + hours(24 * 90)), ..replay("2") };
    store_match(&store, replayed, &fights[..1]);

    let matches = store.matches_of_tournament(seoul).unwrap();
    let told: Vec<_> = matches
        .iter()
        .map(|one| (one.ring.as_str(), one.stored.session, one.day.map(|day| day.to_string())))
        .collect();
    let day = |text: &str| Some(text.to_owned());
    let replayed = SessionId(3);
    assert_eq!(
        told,
        [
            ("1", session, day("2025-11-22")),
            ("2", replayed, day("2025-11-22")),
            ("1", session, day("2025-11-23")), // 00:19 in Seoul
            ("1", session, None),
        ]
    );

    // A day more, and another ring by hand.
    let days = ["2025-11-22", "2025-11-24"].map(|day| day.parse().unwrap()).into();
    store.change_tournament(seoul, TournamentChange { days: Some(days), ..Default::default() }).unwrap();
    let of_ring = SessionChoice::Between {
        ring: Some("9".into()),
        from: Timestamp(START),
        until: Timestamp(START + 1),
    };
    assert_eq!(store.assign_sessions(of_ring, Some(seoul)).unwrap(), [elsewhere]);
    let days: Vec<_> = store
        .matches_of_tournament(seoul)
        .unwrap()
        .iter()
        .map(|one| one.day.map(|day| day.to_string()))
        .collect();
    assert_eq!(days, [day("2025-11-22"), day("2025-11-22"), day("2025-11-22"), None, day("2025-11-24")]);

    // Two that have the day: nobody knows whose it is.
    store.add_tournament(open("Busan", "Asia/Seoul", &["2025-11-22"], &[])).unwrap();
    let doubtful = store_match(&store, live, &fights[..1]);
    assert_eq!(store.tournament(seoul).unwrap().unwrap().sessions, 3);
    store.assign_sessions(SessionChoice::Session(doubtful), Some(seoul)).unwrap();
    assert_eq!(store.tournament(seoul).unwrap().unwrap().matches, 6);

    store.remove_tournament(seoul).unwrap();
    assert_eq!(store.query_matches(&Query::new()).unwrap().rows.len(), 6, "matches stay");
    assert!(matches!(store.remove_tournament(seoul), Err(StoreError::NotFound { .. })));
}

#[test]
fn tournaments_that_contradict_themselves_are_refused() {
    let store = TestStore::new();
    store.add_tournament(open("Seoul", "Asia/Seoul", &[], &[])).unwrap();
    for (info, says) in [
        (open("Seoul", "UTC", &[], &[]), "has this name"),
        (open(" ", "UTC", &[], &[]), "needs a name"),
        (open("Mars", "Mars/Olympus", &[], &[]), "no time zone is called"),
    ] {
        let error = store.add_tournament(info).unwrap_err();
        assert!(error.to_string().contains(says), "{error}");
    }
    assert_eq!(store.tournaments().unwrap().len(), 1);
}

#[test]
fn an_athlete_whom_another_process_removed_is_made_again() {
    let store = TestStore::new();
    let session = store_match(&store, replay("1"), &[("Ann/FRA", "Bea/FRA", 0)]);
    let write = |store: &Store, index, blue, red| {
        let mut sink = store.sink(session, WhenFull::Wait);
        sink.match_changed(&summary(index, blue, red));
        sink.push();
        store.flush().unwrap();
    };
    write(&store, 0, "Ann/FRA", "Bea/FRA"); // remembered since the session began
    let other = Store::open(pss_store::StoreConfig::new(store.path())).unwrap();
    write(&other, 0, "Cho/KOR", "Dan/DEN");
    assert_eq!(names(&other).len(), 2);
    write(&store, 1, "Ann/FRA", "Bea/FRA");
    let names: Vec<_> = names(&store).into_iter().map(|(name, _)| name).collect();
    assert_eq!(names, ["Ann", "Bea", "Cho", "Dan"]);
}
