//! One query type for everything: filters, order, pages.

use std::collections::BTreeSet;

use pss_protocol::{
    Athlete, Competitor, EventKey, EventKind, MatchEvent, MatchSummary, MessageKey, Pipeline, PipelineConfig,
    PointCode, RecognitionStatus, Sink as _, Timestamp,
};
use pss_store::{
    AthleteId, Change, Cursor, EventRow, HitRow, MatchId, MatchRow, MessageRow, NewSession, Order, Page,
    Query, SessionId, Store, StoreError, WhenFull,
};

use crate::{
    support::{START, at, datagram, replay},
    testing::TestStore,
};

/// Two rings that speak by turns, a session without a clock, and in each a match with a hit and a point.
struct Hall {
    store: TestStore,
    one: SessionId,
    two: SessionId,
    clockless: SessionId,
}

const FEED: [&[u8]; 10] = [
    b"pre;FightLoaded\r\n",
    b"clk;02:00\r\n",
    b"hl1;40\r\n",
    b"pt1;2\r\nsc1;2;sc2;0\r\n",
    b"xyz;1\r\n",
    b"clk;01:59\r\n",
    b"pt2;9\r\n",
    b"rubbish \xC4\x00 here\r\n",
    b"hl2;35\r\n",
    b"Name;\xC5\x9Eahin\r\n",
];

impl Hall {
    fn new() -> Self {
        let store = TestStore::new();
        let mut sessions = Vec::new();
        for (ring, place) in [("1", 0), ("2", 1), ("3", 2)] {
            let session = store.begin_session(NewSession { ring, ..replay(ring) }).unwrap();
            let mut pipeline = Pipeline::new(PipelineConfig::default(), store.sink(session, WhenFull::Wait));
            for (seq, bytes) in (1..).zip(FEED) {
                let mut datagram = datagram(seq, bytes);
                datagram.arrival.wall =
                    datagram.arrival.wall.filter(|_| ring != "3").map(|wall| Timestamp(wall.0 + place * 500));
                pipeline.ingest(&datagram);
            }
            // The match's own events, so that nothing depends on what the state makes of the feed.
            let mut sink = pipeline.finish();
            let key = |id| EventKey { match_index: Some(7), id };
            let mut add = |id, kind| {
                let mut event = MatchEvent::new(key(id), at(u64::from(id) + 3), kind);
                event.at.wall = event.at.wall.filter(|_| ring != "3");
                event.evidence = Some(MessageKey { seq: u64::from(id) + 3, index: 0 });
                event.round = 1;
                sink.event(&event);
            };
            add(0, EventKind::Hit { athlete: Athlete::Blue, level: 40 });
            add(1, EventKind::Point { athlete: Athlete::Blue, code: PointCode::K, points: 2 });
            add(2, EventKind::GamJeom { athlete: Athlete::Red });
            add(3, EventKind::Hit { athlete: Athlete::Red, level: 35 });
            sink.link(key(0), key(1));
            let mut summary = MatchSummary::new(7);
            summary.number = Some(format!("10{place}"));
            summary.category = Some(String::from("MEN -58 kg"));
            let competitor = |name: &str, country: &str| Competitor {
                name: Some(name.into()),
                country: Some(country.into()),
                short_name: None,
            };
            summary.blue = competitor("L. RIVERA", "ESP");
            summary.red = competitor(&format!("ŞAHİN {place}"), "TUR");
            sink.match_changed(&summary);
            sink.finish(Timestamp(START + 1)).unwrap();
            sessions.push(session);
        }
        store.flush().unwrap();
        Self { store, one: sessions[0], two: sessions[1], clockless: sessions[2] }
    }

    fn messages(&self, query: &Query) -> Vec<(i64, u64, u32)> {
        let page = self.store.query_messages(query).unwrap();
        assert_eq!(page.next, None, "the test asks for all");
        keys(&page.rows)
    }

    /// The match that a test made in this session.
    fn match_of(&self, session: SessionId) -> MatchId {
        let stored = self.store.matches_of_session(session).unwrap();
        stored.iter().find(|stored| stored.summary.index == 7).unwrap().id
    }

    fn athlete(&self, name: &str) -> AthleteId {
        let page = self.store.query_athletes(&all().text(name)).unwrap();
        assert_eq!(page.rows.len(), 1);
        page.rows[0].id
    }
}

fn all() -> Query {
    Query::new().limit(Query::MOST)
}

fn keys(rows: &[MessageRow]) -> Vec<(i64, u64, u32)> {
    rows.iter().map(|row| (row.session.0, row.seq, row.index)).collect()
}

/// Follows the cursors with pages of this many rows.
fn walk<T>(query: &Query, limit: u32, ask: impl Fn(&Query) -> Result<Page<T>, StoreError>) -> Vec<T> {
    let mut rows = Vec::new();
    let mut query = query.clone().limit(limit);
    loop {
        let page = ask(&query).unwrap();
        assert!(page.rows.len() <= limit as usize);
        rows.extend(page.rows);
        assert!(rows.len() < 1_000, "the pages do not come to an end");
        let Some(next) = page.next else { return rows };
        // As a client does it: by its text.
        query = query.after(next.to_string().parse::<Cursor>().unwrap());
    }
}

#[test]
fn pages_are_the_whole_cut_into_pieces_whatever_is_asked_for() {
    let hall = Hall::new();
    let rivera = hall.athlete("rivera");
    let queries = [
        all(),
        all().ring("2"),
        all().session(hall.one),
        all().session(hall.clockless),
        all().match_id(hall.match_of(hall.two)),
        all().match_number("100"),
        all().athlete(rivera),
        all().from(Timestamp(START + 3_000)),
        all().until(Timestamp(START + 4_000)),
        all().from(Timestamp(START + 3_000)).until(Timestamp(START + 7_000)).ring("1"),
        all().text("i"),
    ];
    for query in queries {
        for order in [Order::NewestFirst, Order::OldestFirst] {
            let query = query.clone().order(order);
            for limit in [1, 2, 3, 7] {
                let whole = hall.store.query_messages(&query).unwrap();
                assert_eq!(whole.next, None);
                let pages = walk(&query, limit, |query| hall.store.query_messages(query));
                assert_eq!(pages, whole.rows, "{query:?}");
                let whole = hall.store.query_match_events(&query).unwrap().rows;
                let pages = walk(&query, limit, |query| hall.store.query_match_events(query));
                assert_eq!(pages, whole, "{query:?}");
                let whole = hall.store.query_matches(&query).unwrap().rows;
                let pages = walk(&query, limit, |query| hall.store.query_matches(query));
                assert_eq!(pages, whole, "{query:?}");
                let whole = hall.store.query_athletes(&query).unwrap().rows;
                let pages = walk(&query, limit, |query| hall.store.query_athletes(query));
                assert_eq!(pages, whole, "{query:?}");
            }
            let messages = hall.store.query_messages(&query).unwrap().rows;
            assert_eq!(hall.store.count_messages(&query).unwrap(), messages.len() as u64, "{query:?}");
            let iterated: Result<Vec<_>, _> = hall.store.all_messages(query.clone()).collect();
            assert_eq!(iterated.unwrap(), messages);
            let mut backwards = hall.store.query_messages(&reversed(&query)).unwrap().rows;
            backwards.reverse();
            assert_eq!(backwards, messages, "{query:?}");
            let events = hall.store.query_match_events(&query).unwrap().rows;
            assert_eq!(hall.store.count_match_events(&query).unwrap(), events.len() as u64);
            let matches = hall.store.query_matches(&query).unwrap().rows;
            assert_eq!(hall.store.count_matches(&query).unwrap(), matches.len() as u64);
            let athletes = hall.store.query_athletes(&query).unwrap().rows;
            assert_eq!(hall.store.count_athletes(&query).unwrap(), athletes.len() as u64);
        }
    }
}

fn reversed(query: &Query) -> Query {
    let newest = query == &query.clone().order(Order::NewestFirst);
    query.clone().order(if newest { Order::OldestFirst } else { Order::NewestFirst })
}

#[test]
fn rings_that_speak_by_turns_come_by_arrival_and_what_has_no_time_is_oldest() {
    let hall = Hall::new();
    let rows = hall.store.query_messages(&all().order(Order::OldestFirst)).unwrap().rows;
    let untimed = rows.iter().take_while(|row| row.arrived_at.is_none()).count();
    assert_eq!(untimed, 11);
    assert!(rows[..untimed].iter().all(|row| row.session == hall.clockless));
    assert!(rows[untimed..].is_sorted_by_key(|row| row.arrived_at));
    let rings: Vec<_> = rows[untimed..untimed + 4].iter().map(|row| row.ring.as_str()).collect();
    assert_eq!(rings, ["1", "2", "1", "2"]);
    // Times leave out what has none.
    assert!(hall.store.query_messages(&all().from(Timestamp(i64::MIN))).unwrap().rows.len() == 22);
    assert!(hall.messages(&all().from(Timestamp(0)).session(hall.clockless)).is_empty());
}

#[test]
fn each_filter_narrows_as_it_says() {
    let hall = Hall::new();
    let ones = |seqs: &[(u64, u32)]| -> Vec<_> {
        seqs.iter().map(|(seq, index)| (hall.one.0, *seq, *index)).collect()
    };
    let of_one = || all().ring("1").order(Order::OldestFirst);
    assert_eq!(hall.messages(&of_one().code("clk")), ones(&[(2, 0), (6, 0)]));
    assert_eq!(hall.messages(&of_one().code("PT1").code("pt2")), ones(&[(4, 0), (7, 0)]));
    assert_eq!(hall.messages(&of_one().code("clk").code("hl1")), ones(&[(2, 0), (3, 0), (6, 0)]));
    // A filter twice is no more than once.
    assert_eq!(hall.messages(&of_one().code("hl1").code("hl1")), ones(&[(3, 0)]));
    let unknown = hall.messages(&of_one().status(RecognitionStatus::Unknown));
    assert_eq!(unknown, ones(&[(5, 0), (8, 0), (10, 0)]));
    let both = of_one().status(RecognitionStatus::Unknown).status(RecognitionStatus::Recognized);
    assert_eq!(hall.messages(&both.code("hl2")), ones(&[(9, 0)]));
    let neither = of_one().status(RecognitionStatus::Unknown).code("hl2");
    assert!(hall.messages(&neither).is_empty());
    assert_eq!(hall.messages(&of_one().text("SC1;")), ones(&[(4, 1)]));
    assert_eq!(
        hall.messages(&of_one().text("HERE\r")),
        ones(&[(8, 0)]),
        "behind a zero and a byte of no UTF-8"
    );
    assert_eq!(hall.messages(&of_one().text("name;Ş")), ones(&[(10, 0)]));
    assert!(hall.messages(&of_one().text("name;ş")).is_empty(), "only ASCII is the same in both cases");
    assert!(hall.messages(&of_one().text("' OR 1=1 --")).is_empty());
    let of_match = hall.store.query_matches(&all().text("-58 KG")).unwrap().rows;
    assert_eq!(of_match.len(), 3);
    assert_eq!(hall.store.query_matches(&all().text("sahin")).unwrap().rows.len(), 0);
    assert_eq!(hall.store.query_matches(&all().text("ŞAHİN 1")).unwrap().rows.len(), 1);
    assert!(hall.messages(&all().ring("nowhere")).is_empty());
    assert!(hall.messages(&all().athlete(AthleteId(99))).is_empty());
    assert!(hall.messages(&all().match_id(MatchId(99))).is_empty());
    assert!(hall.messages(&all().session(hall.one).ring("2")).is_empty());
}

#[test]
fn events_and_hits_are_those_of_the_athlete() {
    let hall = Hall::new();
    let rivera = hall.athlete("rivera");
    let hits = hall.store.query_hits(&all().athlete(rivera)).unwrap().rows;
    let seen: Vec<_> = hits.iter().map(|hit| (hit.session, hit.level, hit.linked_point)).collect();
    // The session without a clock began at no known time: it is the oldest.
    assert_eq!(seen.len(), 3);
    assert!(seen.iter().all(|(_, level, link)| (*level, *link) == (40, Some(1))));
    assert_eq!(hits[0].points, Some(2));
    assert_eq!(hits[0].point_code.as_deref(), Some("K"));
    assert_eq!(hits[0].athlete_id, Some(rivera));
    let events = hall.store.query_match_events(&all().athlete(rivera)).unwrap().rows;
    assert!(events.iter().all(|event| event.athlete.as_deref() == Some("blue")));
    assert_eq!(events.len(), 6);
    let red = hall.athlete("ŞAHİN 0");
    let codes = |query: &Query| -> Vec<String> {
        hall.store.query_match_events(query).unwrap().rows.into_iter().map(|event| event.code).collect()
    };
    assert_eq!(codes(&all().athlete(red).order(Order::OldestFirst)), ["R", "HL"]);
    let of_one = all().match_id(hall.match_of(hall.one));
    assert_eq!(codes(&of_one.code("R").code("K").order(Order::OldestFirst)), ["K", "R"]);
    let history = all().match_id(hall.match_of(hall.one)).order(Order::OldestFirst);
    let ids: Vec<_> =
        hall.store.query_match_events(&history).unwrap().rows.iter().map(|event| event.event_id).collect();
    assert_eq!(ids, [0, 1, 2, 3]);
    assert_eq!(hall.store.count_hits(&all()).unwrap(), 6 + other_hits(&hall));
}

/// What the state made of the feed by itself.
fn other_hits(hall: &Hall) -> u64 {
    let hits: Vec<HitRow> = hall.store.query_hits(&all()).unwrap().rows;
    hits.iter().filter(|hit| hit.match_index != Some(7)).count() as u64
}

#[test]
fn a_page_does_not_move_while_rows_are_added() {
    let store = TestStore::new();
    let session = store.begin_session(replay("1")).unwrap();
    let mut pipeline = Pipeline::new(PipelineConfig::default(), store.sink(session, WhenFull::Drop));
    let mut add = |range: std::ops::Range<u64>| {
        let end = range.end;
        range.for_each(|seq| pipeline.ingest(&datagram(seq, b"clk;01:00\r\n")));
        pipeline.tick(at(end).mono);
        store.flush().unwrap();
    };
    add(1..11);
    let newest = store.query_messages(&Query::new().limit(4)).unwrap();
    let oldest = store.query_messages(&Query::new().limit(10).order(Order::OldestFirst)).unwrap();
    assert_eq!(oldest.next, None);
    let oldest = store.query_messages(&Query::new().limit(9).order(Order::OldestFirst)).unwrap();
    add(11..15);
    let query = Query::new().after(newest.next.unwrap());
    let seqs: Vec<_> = store.query_messages(&query).unwrap().rows.iter().map(|row| row.seq).collect();
    assert_eq!(seqs, [6, 5, 4, 3, 2, 1]);
    let query = Query::new().order(Order::OldestFirst).after(oldest.next.unwrap());
    let seqs: Vec<_> = store.query_messages(&query).unwrap().rows.iter().map(|row| row.seq).collect();
    assert_eq!(seqs, [10, 11, 12, 13, 14], "and what is new comes, too");
}

#[test]
fn what_makes_no_sense_is_refused_with_a_reason() {
    let hall = Hall::new();
    let store = &hall.store;
    let refused = |outcome: Result<(), StoreError>| outcome.unwrap_err().to_string();
    let status = all().status(RecognitionStatus::Partial);
    let told = [
        refused(store.query_hits(&status).map(drop)),
        refused(store.query_hits(&all().text("x")).map(drop)),
        refused(store.query_matches(&all().code("K")).map(drop)),
        refused(store.count_athletes(&status).map(drop)),
        refused(store.query_messages(&all().code("K")).map(drop)),
        refused(store.query_match_events(&all().code("\u{1b}[2J")).map(drop)),
        refused(store.all_hits(status.clone()).next().unwrap().map(drop)),
    ];
    insta::assert_snapshot!(told.join("\n"));

    let cursor = |page: Page<MessageRow>| page.next.unwrap();
    let of_messages = cursor(store.query_messages(&Query::new().limit(1)).unwrap());
    let of_session = cursor(store.query_messages(&Query::new().limit(1).session(hall.one)).unwrap());
    for outcome in [
        store.query_hits(&all().after(of_messages)).map(drop),
        store.query_matches(&all().after(of_messages)).map(drop),
        store.query_messages(&all().order(Order::OldestFirst).after(of_messages)).map(drop),
        store.query_messages(&all().after(of_session)).map(drop),
    ] {
        assert!(matches!(outcome, Err(StoreError::ForeignCursor { .. })), "{outcome:?}");
    }
    // A cursor that was made up is only a place in the order.
    let made_up: Cursor = "1mtn.-9223372036854775808.-1.0.9223372036854775807".parse().unwrap();
    let rows = store.query_messages(&all().after(made_up)).unwrap().rows;
    assert_eq!(rows.len(), 11, "those without a time");
}

#[test]
fn counts_say_how_many_there_are_of_everything() {
    let hall = Hall::new();
    let counts = hall.store.query_counts(&all().ring("1").limit(1)).unwrap();
    let messages = counts.messages.unwrap();
    assert_eq!((messages.total, messages.by_status["unknown"], messages.by_code["clk"]), (11, 3, 2));
    assert_eq!(messages.by_status.values().sum::<u64>(), 11);
    let events = counts.match_events.unwrap();
    assert_eq!(events.total, events.by_code.values().sum::<u64>());
    assert_eq!(counts.hits, Some(hall.store.count_hits(&all().ring("1")).unwrap()));
    assert_eq!(counts.athletes, Some(2));
    let narrowed = hall.store.query_counts(&all().status(RecognitionStatus::Unknown)).unwrap();
    assert_eq!(narrowed.messages.unwrap().total, 9);
    assert_eq!((narrowed.match_events, narrowed.hits, narrowed.matches), (None, None, None));
    let nothing = all().status(RecognitionStatus::Unknown).code("K");
    assert!(hall.store.query_counts(&nothing).is_err());
}

#[test]
fn rows_in_json() {
    let hall = Hall::new();
    let store: &Store = &hall.store;
    let one = || all().session(hall.one).order(Order::OldestFirst);
    let messages = store.query_messages(&one()).unwrap().rows;
    let picked: Vec<_> = messages.iter().filter(|row| [4, 8].contains(&row.seq)).collect();
    insta::assert_json_snapshot!("messages", picked);
    let of_match = || all().match_id(hall.match_of(hall.one)).order(Order::OldestFirst);
    let events: Vec<EventRow> = store.query_match_events(&of_match()).unwrap().rows;
    insta::assert_json_snapshot!("match_events", &events[..2]);
    insta::assert_json_snapshot!("hits", store.query_hits(&of_match()).unwrap());
    let matches: Vec<MatchRow> = store.query_matches(&of_match()).unwrap().rows;
    insta::assert_json_snapshot!("matches", matches);
    insta::assert_json_snapshot!("athletes", store.query_athletes(&of_match()).unwrap().rows);
    let next = store.query_messages(&Query::new().limit(1)).unwrap();
    insta::assert_json_snapshot!("cursor", next.next);
    insta::assert_json_snapshot!("counts", store.query_counts(&one()).unwrap());
}

/// A merge by hand: the other's matches are the athlete's, too.
#[test]
fn whoever_was_merged_is_one_person() {
    let hall = Hall::new();
    let [first, second] = ["ŞAHİN 0", "ŞAHİN 1"].map(|name| hall.athlete(name));
    let change = Change { by: "test", at: Timestamp(START), reason: "" };
    hall.store.merge_athletes(second, first, &change).unwrap();
    for id in [first, second] {
        let athletes = hall.store.query_athletes(&all().athlete(id)).unwrap().rows;
        assert_eq!(athletes.len(), 1);
        assert_eq!((athletes[0].id, athletes[0].matches), (first, 2));
        assert_eq!(athletes[0].merged, [second]);
        let hits = hall.store.query_hits(&all().athlete(id)).unwrap().rows;
        assert_eq!(hits.len(), 2);
        assert!(hits.iter().all(|hit| hit.athlete_id == Some(first)));
        assert_eq!(hall.store.query_matches(&all().athlete(id)).unwrap().rows.len(), 2);
    }
    let names: BTreeSet<_> =
        hall.store.query_athletes(&all()).unwrap().rows.into_iter().map(|row| row.long_name).collect();
    assert!(!names.contains("ŞAHİN 1"));
    assert_eq!(hall.athlete("ŞAHİN 1"), first, "found by the name it had");
}
