//! The statistics of hits: live and from the database they are the same, in the API and on the feed.

use std::path::Path;

use hitlevel::{Course, LinkView, MatchHitsView};
use pss_store::{MatchId, Store, StoreConfig};
use restrike_server::Clock;
use serde_json::{Value, json};

use crate::support::{TestApp, bounded, corpus, get};

fn open(dir: &Path) -> Store {
    Store::open(StoreConfig::new(dir.join("restrike.db"))).unwrap()
}

/// The names of the matches of all sessions, in the order in which they were fought.
fn match_ids(store: &Store) -> Vec<MatchId> {
    let sessions = store.sessions().unwrap();
    let of_session = |id| store.matches_of_session(id).unwrap().into_iter().map(|stored| stored.id);
    sessions.into_iter().flat_map(|session| of_session(session.id)).collect()
}

/// What the statistics of a stored match are, computed from the database and nothing else.
fn recounted(store: &Store, id: MatchId) -> Value {
    let summary = store.find_match(id).unwrap().unwrap().summary;
    let index = summary.index;
    let events = store.events_of_match(id).unwrap().into_iter().map(|stored| stored.event).collect();
    let course = Course::new(summary, events);
    let mut hits = serde_json::to_value(MatchHitsView::new(&course.statistics)).unwrap();
    hits["match"] = json!(index);
    hits["links"] = course.links.iter().map(|link| json!(LinkView::new(link))).collect();
    hits
}

/// What the server answers, and whether it calls it live.
fn answered(app: &TestApp, path: &str) -> (Value, bool) {
    let (status, body) = app.get(path);
    assert_eq!(status, 200, "{path}: {body}");
    let mut hits: Value = serde_json::from_str(&body).unwrap();
    let live = hits.as_object_mut().unwrap().remove("live").unwrap();
    (hits, live.as_bool().unwrap())
}

fn path_of(id: MatchId) -> String {
    format!("/api/v1/matches/{}/hits", id.0)
}

/// Asks again until `is` holds: the database and the statistics follow the datagrams.
async fn when(mut is: impl FnMut() -> bool) {
    bounded(async {
        while !is() {
            tokio::time::sleep(std::time::Duration::from_millis(20)).await;
        }
    })
    .await;
}

/// While the match is on, when the next one is, and after a restart: always what a recount gives.
async fn same_numbers(name: &str) {
    let app = TestApp::start();
    let capture = corpus(name);
    app.send_all(&capture).await;
    app.state_when(|state| state["phase"] == "ended").await;
    let other = open(app.dir.path());
    let last = || *match_ids(&other).last().unwrap();
    when(|| {
        let (on_ring, live) = answered(&app, "/api/v1/rings/1/hits");
        live && on_ring == recounted(&other, last())
    })
    .await;
    let first = last();
    let expected = recounted(&other, first);
    assert!(!expected["links"].as_array().unwrap().is_empty(), "{name} has kicks that scored");
    assert!(expected["total"]["blue"]["hits"].as_u64() > Some(0));
    // Twice: the second time the match is known by its name.
    for _ in 0..2 {
        assert_eq!(answered(&app, &path_of(first)), (expected.clone(), true));
    }

    // Another match on the same ring.
    app.send_all(&capture).await;
    app.state_when(|state| state["phase"] == "ended").await;
    when(|| last() != first && answered(&app, &path_of(last())) == (recounted(&other, last()), true)).await;
    assert_eq!(answered(&app, &path_of(first)), (expected, false));

    // The page about the later one learned from the one before, and says how the session was understood.
    let (status, page) = app.get(&path_of(last()).replace("/hits", "/report"));
    assert_eq!(status, 200);
    assert!(page.contains(" earlier matches of the same source"), "what was fought before was learned from");
    assert!(page.contains("Messages of the session"));

    // The page about it stands alone.
    let (status, head, page) = get(app.http, &path_of(first).replace("/hits", "/report"), "");
    let head = head.to_lowercase();
    assert_eq!(status, 200);
    assert!(head.contains("content-type: text/html") && page.contains("<svg"), "{head}");
    let policy = "content-security-policy: default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'";
    assert_eq!(head.matches("content-security-policy").count(), 1);
    assert!(head.contains(policy) && !page.contains("<script"), "{head}");

    let ids = match_ids(&other);
    other.close().unwrap();
    let app = TestApp::start_in(app.stop().await, |_| {});
    let other = open(app.dir.path());
    for id in ids {
        assert_eq!(answered(&app, &path_of(id)), (recounted(&other, id), false), "{id:?}");
    }
    other.close().unwrap();
    app.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn best_of_three_has_the_same_numbers_live_and_stored() {
    same_numbers("a1_bestof3_realtime.txt").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_golden_round_has_the_same_numbers_live_and_stored() {
    same_numbers("c_golden_tiebreak.txt").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn bursts_have_the_same_numbers_live_and_stored() {
    same_numbers("h_bursts_reordering.txt").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_feed_has_them_for_who_asks() {
    let app = TestApp::start();
    let clock = Clock::start();
    let started = clock.mono();
    let asleep = app.connect("?topics=events,state,hits,prediction").await;
    let mut client = app.connect("?topics=hits").await;
    let mut both = app.connect("?topics=events,hits").await;
    assert_eq!(client.next().await.unwrap()["type"], "hello");
    app.send_all(&corpus("a1_bestof3_realtime.txt")).await;
    app.state_when(|state| state["phase"] == "ended").await;

    let store = open(app.dir.path());
    let mut expected = Value::Null;
    when(|| {
        expected = answered(&app, "/api/v1/rings/1/hits").0;
        match_ids(&store).last().is_some_and(|&id| recounted(&store, id) == expected)
    })
    .await;
    // The list of links is for those who ask for the match; on the feed the hits themselves say it.
    expected.as_object_mut().unwrap().remove("links");
    let is_last = |frame: &Value| frame["type"] == "hits" && frame["data"] == expected;
    let frames = client.until(is_last).await;
    assert!(frames.iter().all(|frame| frame["type"] == "hits" && frame["ring"] == "1" && frame["v"] == 1));
    // At most one a second, one for the second that has begun, and one before any match.
    assert!(frames.len() as u64 <= clock.mono().since(started).as_secs() + 3, "{} frames", frames.len());

    // They have no number of their own: the others count on, and none of these goes back.
    let frames = both.until(is_last).await;
    let seqs = frames.iter().map(|frame| frame["seq"].as_u64().unwrap());
    assert!(seqs.is_sorted());
    for pair in frames.windows(2) {
        let rises = pair[0]["seq"] != pair[1]["seq"];
        assert!(rises || pair[1]["type"] != "event", "{pair:?}");
    }
    // Who comes later has the last ones at once.
    let mut late = app.connect("?topics=hits&ring=1").await;
    assert_eq!(late.next().await.unwrap()["type"], "hello");
    assert_eq!(late.next().await.unwrap()["data"], expected);

    store.close().unwrap();
    let (dir, code) = bounded(async { tokio::join!(app.stop(), late.close_code()) }).await;
    assert_eq!(code, Some(1001));
    drop((asleep, dir));
}

#[tokio::test(flavor = "multi_thread")]
async fn who_wins_is_foreseen_and_learned_from_what_was_fought() {
    let app = TestApp::start();
    let mut client = app.connect("?topics=prediction").await;
    let capture = corpus("a1_bestof3_realtime.txt");
    let is_sure = |frame: &Value| {
        let fight = &frame["data"]["fight"];
        fight["blue"] == 1.0 || fight["red"] == 1.0
    };
    let mut learned = Vec::new();
    for index in 0..2 {
        app.send_all(&capture).await;
        let state = app.state_when(|state| state["phase"] == "ended").await;
        // The last frame of the match is about its end, and of the one before was learned.
        let is_last = |frame: &Value| frame["data"]["match"] == index && is_sure(frame);
        let frames =
            client.until(|frame| is_last(frame) && frame["data"]["learned_matches"] == index + 1).await;
        for frame in frames.iter().filter(|frame| frame["type"] != "hello") {
            let data = &frame["data"];
            assert_eq!((&frame["type"], &frame["ring"]), (&json!("prediction"), &json!("1")));
            for what in ["round", "fight"] {
                match (data[what]["blue"].as_f64(), data[what]["red"].as_f64()) {
                    (Some(blue), Some(red)) => assert!((blue + red - 1.0).abs() < 0.0011, "{data}"),
                    _ => assert!(data[what].is_null() && data["missing"][what].is_string(), "{data}"),
                }
            }
        }
        let data = &frames.last().unwrap()["data"];
        assert_eq!(data["fight"][state["match"]["winner"].as_str().unwrap()], 1.0);
        assert_eq!(data["missing"], json!({ "round": "no_round_to_win" }));
        learned.push(data["learned_seconds"].as_u64().unwrap());
    }
    assert!(learned[0] > 0 && learned[1] == 2 * learned[0], "{learned:?}");
    // The next start knows them from the database.
    let app = TestApp::start_in(app.stop().await, |_| {});
    let mut client = app.connect("?topics=prediction").await;
    app.send_all(&capture).await;
    let knows = |frame: &Value| frame["data"]["learned_matches"].as_u64() >= Some(2);
    client.until(knows).await;
    app.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_there_is_not_is_said() {
    let app = TestApp::start();
    for (path, expected) in [
        ("/api/v1/matches/1/hits", 404),
        ("/api/v1/matches/-1/hits", 404),
        ("/api/v1/matches/9223372036854775807/hits", 404),
        ("/api/v1/matches/9223372036854775808/hits", 400),
        ("/api/v1/matches/A-12/hits", 400),
        ("/api/v1/matches/%FF/hits", 400),
        ("/api/v1/matches//hits", 400),
        ("/api/v1/matches/1/report", 404),
        ("/api/v1/matches/x/report", 400),
        ("/api/v1/rings/2/hits", 404),
        ("/api/v1/rings/%FF/hits", 404),
    ] {
        let (status, head, body) = get(app.http, path, "");
        assert_eq!(status, expected, "{path}: {body}");
        assert!(head.to_lowercase().contains("content-type: application/json"), "{path}: {head}");
        let body: Value =
            serde_json::from_str(&body).unwrap_or_else(|error| panic!("{path}: {error}: {body}"));
        assert!(body["error"].is_string(), "{path}: {body}");
    }
    let refused = tokio_tungstenite::connect_async(format!("ws://{}/ws/v1?topics=hit", app.http)).await;
    assert!(refused.unwrap_err().to_string().contains("400"));

    // Before any match there is nothing, and that is said too.
    let (nothing, live) = answered(&app, "/api/v1/rings/1/hits");
    assert_eq!((&nothing["match"], &nothing["links"], live), (&Value::Null, &json!([]), false));
    assert_eq!(nothing["total"]["red"]["missing"]["level_mean"], "no_hits");
    let mut client = app.connect("?topics=hits,prediction").await;
    let told =
        |kind: &'static str| move |frame: &Value| frame["type"] == kind && frame["data"]["match"].is_null();
    client.until(told("hits")).await;
    let mut client = app.connect("?topics=prediction").await;
    let frames = client.until(told("prediction")).await;
    let prediction = &frames.last().unwrap()["data"];
    assert_eq!(prediction["missing"], json!({ "fight": "no_match", "round": "no_match" }));

    // What is only read cannot be changed, and that is said as everything else.
    for path in ["/api/v1/state", "/"] {
        let (status, body) = app.ask("POST", path);
        assert_eq!(status, 405, "{path}: {body}");
        assert!(serde_json::from_str::<Value>(&body).unwrap()["error"].is_string(), "{path}: {body}");
    }
    app.stop().await;
}
