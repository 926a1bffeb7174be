//! How long operators wait, on a database of five million messages. It takes minutes, so it is asked for by name:
//! `cargo test --release -p pss-store --test store query_speed -- --ignored --nocapture`.

use std::time::{Duration, Instant};

use diesel::{Connection as _, SqliteConnection, connection::SimpleConnection as _};
use pss_protocol::RecognitionStatus;
use pss_store::{AthleteId, MatchId, Order, Query, SessionId};

use crate::testing::TestStore;

/// 24 sessions on 3 rings, side by side; a match is 1,000 messages; every fifth message is an event, most of
/// them hits; every thousandth is not understood.
const GENERATE: &str = "
PRAGMA synchronous = OFF; PRAGMA cache_size = -200000; PRAGMA foreign_keys = OFF;
BEGIN;
INSERT INTO rings (id, uuid, name) VALUES (1, randomblob(16), '1'), (2, randomblob(16), '2'), (3, randomblob(16), '3');
WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 24)
INSERT INTO sessions (id, ring_id, epoch, kind, started_at) SELECT i, i % 3 + 1, i, 'live', i FROM n;
WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 500)
INSERT INTO athletes (id, long_name, country, division) SELECT i, 'ATHLETE ' || i, 'KOR', 'SENIORS' FROM n;
CREATE TEMP TABLE rows AS
    WITH RECURSIVE n(i) AS (SELECT 0 UNION ALL SELECT i + 1 FROM n WHERE i < 5000000 - 1)
    SELECT i / 208334 + 1 AS session, i % 208334 + 1 AS seq FROM n;
INSERT INTO datagrams SELECT session, seq,
    1700000000000000 + (session / 3) * 86400000000 + seq * 100000 + session % 3, seq * 100000, NULL, 0,
    CAST('clk;01:' || (seq % 60) || char(13, 10) AS BLOB) FROM rows;
INSERT INTO pss_events SELECT session, seq, 0, 0, 10,
    1700000000000000 + (session / 3) * 86400000000 + seq * 100000 + session % 3, seq / 1000, 1,
    CASE WHEN seq % 1000 = 0 THEN NULL WHEN seq % 10 < 6 THEN 'clk' WHEN seq % 10 < 8 THEN 'hl1'
         WHEN seq % 10 = 8 THEN 'sc' WHEN seq % 100 = 9 THEN 'pt1' ELSE 'hl2' END,
    CASE WHEN seq % 1000 = 0 THEN 'unknown' ELSE 'recognized' END, 'tkstrike', 1.0, NULL, NULL FROM rows;
INSERT INTO match_events (session_id, match_index, event_id, kind, arrived_at, monotonic_us, evidence_seq,
    evidence_index, round, basis, athlete, code, points)
    SELECT session, seq / 1000, seq % 1000,
        CASE WHEN seq % 100 = 5 THEN 'point' WHEN seq % 100 = 10 THEN 'gam_jeom' ELSE 'hit' END,
        1700000000000000 + (session / 3) * 86400000000 + seq * 100000 + session % 3, seq * 100000, seq, 0, 1, 'stated',
        iif(seq % 2, 'blue', 'red'), iif(seq % 100 = 5, 'P', NULL), iif(seq % 100 = 5, 1, NULL)
    FROM rows WHERE seq % 5 = 0;
INSERT INTO hits SELECT session_id, match_index, event_id, athlete, 30, 1, NULL, NULL FROM match_events
    WHERE kind = 'hit';
INSERT INTO matches (session_id, match_index, number, blue_athlete_id, red_athlete_id, blue_hits, red_hits,
    scoring, started, began_at)
    SELECT session, seq / 1000, 100 + seq / 1000, (seq / 1000 + session) % 500 + 1, (seq / 1000 * 7) % 500 + 1, 0, 0,
        'unknown', 1, 1700000000000000 + (session / 3) * 86400000000 + seq * 100000
    FROM rows WHERE seq % 1000 = 0;
DROP TABLE rows;
COMMIT;
PRAGMA wal_checkpoint(TRUNCATE);
";

#[test]
#[ignore = "takes minutes; measures, asserts nothing about time"]
fn queries_on_five_million_messages() {
    let store = TestStore::new();
    let mut connection = SqliteConnection::establish(store.path().to_str().unwrap()).unwrap();
    connection.batch_execute(GENERATE).unwrap();
    drop(connection);
    let page = || Query::new().limit(100);
    let athlete = || page().athlete(AthleteId(77));
    let unknown = || page().status(RecognitionStatus::Unknown);
    let middle = {
        let first = store.query_messages(&page().session(SessionId(12)).limit(1)).unwrap();
        first.rows[0].arrived_at.unwrap()
    };
    let ask = |name: &str, ask: &dyn Fn() -> usize| {
        let mut times: Vec<Duration> = Vec::new();
        let mut rows = 0;
        for _ in 0..100 {
            #[expect(clippy::disallowed_methods, reason = "it measures")]
            let began = Instant::now();
            rows = ask();
            times.push(began.elapsed());
        }
        times.sort();
        println!("{name:<44} {rows:>4} rows  p50 {:>9.2?}  p99 {:>9.2?}", times[50], times[98]);
    };
    let messages = |query: Query| store.query_messages(&query).unwrap().rows.len();
    let events = |query: Query| store.query_match_events(&query).unwrap().rows.len();
    let hits = |query: Query| store.query_hits(&query).unwrap().rows.len();
    ask("latest messages", &|| messages(page()));
    ask("messages from the middle on", &|| messages(page().from(middle).order(Order::OldestFirst)));
    ask("latest messages of a ring", &|| messages(page().ring("2")));
    ask("messages of a session", &|| messages(page().session(SessionId(3))));
    ask("messages of a match", &|| messages(page().match_id(MatchId(2000))));
    ask("messages of an athlete", &|| messages(athlete()));
    ask("messages of the code pt1", &|| messages(page().code("pt1")));
    ask("messages of three codes", &|| messages(page().code("pt1").code("hl1").code("sc")));
    ask("messages that were not understood", &|| messages(unknown()));
    ask("the same of an old session", &|| messages(unknown().session(SessionId(1))));
    ask("latest match events", &|| events(page()));
    ask("match events of the code P", &|| events(page().code("P")));
    ask("history of a match", &|| events(page().limit(1000).match_id(MatchId(2000))));
    ask("latest hits", &|| hits(page()));
    ask("hits of an athlete", &|| hits(athlete().limit(1000)));
    ask("latest 20 matches", &|| store.query_matches(&page().limit(20)).unwrap().rows.len());
    ask("matches of an athlete", &|| store.query_matches(&athlete()).unwrap().rows.len());
    ask("athletes by name", &|| store.query_athletes(&page().text("ete 77").limit(20)).unwrap().rows.len());
    let once = |name: &str, ask: &dyn Fn() -> u64| {
        #[expect(clippy::disallowed_methods, reason = "it measures")]
        let began = Instant::now();
        let count = ask();
        println!("{name:<44} {count:>12}  once {:>9.2?}", began.elapsed());
    };
    once("a ring whose sessions are the oldest", &|| {
        messages(page().session(SessionId(1)).from(middle)) as u64
    });
    once("a text that is nowhere", &|| messages(page().text("nowhere")) as u64);
    once("how many messages", &|| store.count_messages(&page()).unwrap());
    once("counts of everything", &|| store.query_counts(&page()).unwrap().messages.unwrap().total);
}
