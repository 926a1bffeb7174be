//! How the database finds what operators wait for: the plans, pinned by snapshots, and what must not be in them.

use diesel::{prelude::*, sql_types::Text};

use super::{
    Order, Query,
    arrived::{self, Arrived},
    athletes,
    cursor::Key,
    events::{Events, Hits},
    matches,
    messages::Messages,
    sql::Sql,
};
use crate::{AthleteId, MatchId, SessionId};

#[derive(QueryableByName)]
struct Line {
    #[diesel(sql_type = Text)]
    detail: String,
}

/// A database with an athlete and matches of theirs, so that a query by athlete has something to go through.
fn database() -> (tempfile::TempDir, SqliteConnection) {
    use diesel::connection::SimpleConnection as _;
    let folder = tempfile::tempdir().unwrap();
    let mut connection = crate::connection::open(&folder.path().join("p.db")).unwrap();
    connection
        .batch_execute(
            "INSERT INTO rings (id, uuid, name) VALUES (1, zeroblob(16), '1');
             INSERT INTO sessions (id, ring_id, epoch, kind, started_at) VALUES (1, 1, 1, 'live', 1);
             INSERT INTO athletes (id, long_name, country, division) VALUES (1, 'A', 'ESP', ''), (2, 'B', 'KOR', '');
             INSERT INTO matches (id, session_id, match_index, blue_athlete_id, red_athlete_id, blue_hits, red_hits,
                 scoring, started) VALUES (1, 1, 0, 1, 2, 1, 0, 'unknown', 1);
             INSERT INTO match_events (session_id, match_index, event_id, kind, monotonic_us, round, basis, athlete)
                 VALUES (1, 0, 0, 'hit', 1, 1, 'stated', 'blue');
             INSERT INTO hits (session_id, match_index, event_id, athlete, level, round)
                 VALUES (1, 0, 0, 'blue', 30, 1);",
        )
        .unwrap();
    (folder, connection)
}

fn explain(connection: &mut SqliteConnection, statement: Sql) -> Vec<String> {
    let mut question = Sql::new("EXPLAIN QUERY PLAN ");
    question.append(statement).push(" LIMIT 100");
    let lines: Vec<Line> = question.load(connection).unwrap();
    lines.into_iter().map(|line| line.detail).collect()
}

/// The plan of each step.
fn plan<N: Arrived>(connection: &mut SqliteConnection, query: &Query, after: Option<Key>) -> String {
    let steps = arrived::steps::<N>(connection, query, after, arrived::KEYS).unwrap();
    assert!(!steps.is_empty());
    let plans = steps.iter().map(|step| explain(connection, step.select::<N>(query.order)).join("\n"));
    plans.collect::<Vec<_>>().join("\n-- then\n")
}

const BEHIND: Option<Key> = Some(Key { at: Some(5), place: [1, 2, 3] });
const BEHIND_IN_SESSION: Option<Key> = Some(Key { at: None, place: [1, 2, 3] });
const BEHIND_IN_MATCH: Option<Key> = Some(Key { at: None, place: [1, 2, 3] });

#[test]
fn what_operators_wait_for_is_found_by_an_index() {
    let (_folder, mut connection) = database();
    let c = &mut connection;
    let all = Query::new;
    let plans = [
        ("latest messages", plan::<Messages>(c, &all(), None)),
        ("latest messages, next page", plan::<Messages>(c, &all(), BEHIND)),
        ("oldest messages, next page", plan::<Messages>(c, &all().order(Order::OldestFirst), BEHIND)),
        ("latest messages of a ring of a code", plan::<Messages>(c, &all().ring("1").code("pt1"), BEHIND)),
        ("messages of a ring", plan::<Messages>(c, &all().ring("1"), BEHIND_IN_SESSION)),
        ("messages of a session", plan::<Messages>(c, &all().session(SessionId(1)), BEHIND_IN_SESSION)),
        ("messages of a match", plan::<Messages>(c, &all().match_id(MatchId(1)), BEHIND_IN_MATCH)),
        ("messages of a code", plan::<Messages>(c, &all().code("pt1"), BEHIND)),
        ("messages of the clock", plan::<Messages>(c, &all().code("clk"), BEHIND)),
        ("messages of two codes", plan::<Messages>(c, &all().code("pt1").code("pt2"), BEHIND)),
        (
            "messages that were not understood",
            plan::<Messages>(
                c,
                &all()
                    .status(pss_protocol::RecognitionStatus::Unknown)
                    .status(pss_protocol::RecognitionStatus::Partial),
                BEHIND,
            ),
        ),
        ("messages of an hour", {
            let hour = all().from(pss_protocol::Timestamp(1)).until(pss_protocol::Timestamp(9));
            plan::<Messages>(c, &hour, BEHIND)
        }),
        ("latest match events", plan::<Events>(c, &all(), BEHIND)),
        ("history of a match", plan::<Events>(c, &all().match_id(MatchId(1)), BEHIND_IN_MATCH)),
        ("match events of a session", plan::<Events>(c, &all().session(SessionId(1)), BEHIND_IN_SESSION)),
        ("match events of a code", plan::<Events>(c, &all().code("HL"), BEHIND)),
        ("latest hits", plan::<Hits>(c, &all(), BEHIND)),
        ("hits of an athlete", plan::<Hits>(c, &all().athlete(AthleteId(1)), BEHIND_IN_MATCH)),
    ];
    let told: Vec<_> = plans.iter().map(|(name, plan)| format!("== {name}\n{plan}\n")).collect();
    insta::assert_snapshot!("plans", told.join("\n"));
    for (name, plan) in &plans {
        assert!(!plan.contains("TEMP B-TREE"), "{name} sorts:\n{plan}");
        assert!(!plan.contains("SCAN"), "{name} looks through a table:\n{plan}");
    }
}

#[test]
fn matches_and_athletes_come_in_the_order_of_an_index() {
    let (_folder, mut connection) = database();
    let c = &mut connection;
    let cursor = "1ftn.5.1.0.0".parse().unwrap();
    let mut told = String::new();
    let queries = [
        ("latest matches", Query::new()),
        ("latest matches, next page", Query::new().after(cursor)),
        ("matches of a ring", Query::new().ring("1")),
    ];
    for (name, query) in queries {
        let statement = matches::select(c, &query).unwrap();
        let plan = explain(c, statement).join("\n");
        assert!(!plan.contains("TEMP B-TREE"), "{name} sorts:\n{plan}");
        told += &format!("== {name}\n{plan}\n\n");
    }
    let queries = [("matches of an athlete", Query::new().athlete(AthleteId(1)))];
    for (name, query) in queries {
        let statement = matches::select(c, &query).unwrap();
        told += &format!("== {name}\n{}\n\n", explain(c, statement).join("\n"));
    }
    let statement = athletes::select(c, &Query::new()).unwrap();
    let plan = explain(c, statement).join("\n");
    assert!(!plan.contains("TEMP B-TREE"), "{plan}");
    told += &format!("== athletes\n{plan}\n");
    insta::assert_snapshot!("plans_of_matches_and_athletes", told);
}
