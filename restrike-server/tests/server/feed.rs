use std::collections::HashSet;

use serde_json::{Value, json};

use crate::support::{TestApp, bounded, corpus, get};

fn is_event(frame: &Value, kind: &str) -> bool {
    frame["type"] == "event" && frame["data"]["event_type"] == kind
}

fn has_ended(frame: &Value) -> bool {
    frame["type"] == "state" && frame["data"]["phase"] == "ended"
}

#[tokio::test(flavor = "multi_thread")]
async fn udp_in_frames_out() {
    let app = TestApp::start();
    let mut client = app.connect("").await;
    let hello = client.next().await.unwrap();
    assert_eq!((&hello["v"], &hello["type"], &hello["seq"]), (&json!(1), &json!("hello"), &json!(0)));
    assert_eq!(hello["data"]["rings"], json!(["1"]));
    let snapshot = client.next().await.unwrap();
    assert_eq!((&snapshot["type"], &snapshot["ring"]), (&json!("snapshot"), &json!("1")));
    assert_eq!(snapshot["data"]["phase"], "idle");
    assert_eq!(snapshot["data"]["events"], json!([]));

    app.send_all(&corpus("a1_bestof3_realtime.txt")).await;
    let mut frames = client.until(has_ended).await;
    // A hit is told again when its point is known, which is a little later.
    let is_linked = |frame: &Value| is_event(frame, "hit") && frame["data"]["action"] == "changed";
    if !frames.iter().any(is_linked) {
        frames.extend(client.until(is_linked).await);
    }

    // One unbroken sequence.
    let seqs: Vec<u64> = frames.iter().map(|frame| frame["seq"].as_u64().unwrap()).collect();
    assert!(seqs.iter().copied().eq(1..=seqs.len() as u64), "{seqs:?}");
    for frame in &frames {
        assert_eq!(frame["v"], 1);
        assert_eq!(frame["ring"], "1");
    }
    let point = frames.iter().find(|frame| is_event(frame, "point")).unwrap();
    let data = &point["data"];
    for field in [
        "event_type",
        "event_code",
        "athlete",
        "round",
        "time",
        "timestamp",
        "raw_data",
        "description",
        "action",
    ] {
        assert!(data.get(field).is_some(), "{field} is missing: {data}");
    }
    assert_eq!(
        (&data["event_type"], &data["action"], &data["round"]),
        (&json!("point"), &json!("added"), &json!(1))
    );
    assert!(["P", "K", "H", "TB", "TH"].contains(&data["event_code"].as_str().unwrap()));
    assert!(data["timestamp"].as_str().unwrap().ends_with('Z'));
    let (athlete, raw) = (data["athlete"].as_str().unwrap(), data["raw_data"].as_str().unwrap());
    assert!(raw.ends_with(r"\r\n") && ["blue", "red"].contains(&athlete), "{data}");
    assert_eq!(data["event"]["kind"], "point");

    let linked = &frames.iter().find(|frame| is_linked(frame)).expect("a linked hit")["data"];
    let scored = frames.iter().find(|frame| {
        is_event(frame, "point") && frame["data"]["event"]["id"] == linked["event"]["linked_point"]
    });
    assert_eq!(scored.unwrap()["data"]["athlete"], linked["athlete"]);

    // The API says the same as the last state.
    let last = frames.iter().rfind(|frame| has_ended(frame)).unwrap();
    let state = app.state_when(|state| state["phase"] == "ended").await;
    assert_eq!(state["ring"], "1");
    for field in ["match", "score", "round", "clock", "gam_jeoms", "round_wins"] {
        assert_eq!(state[field], last["data"][field], "{field}");
    }
    client.close().await;
    app.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn goes_on_where_it_broke() {
    let app = TestApp::start();
    let capture = corpus("a1_bestof3_realtime.txt");
    let (before, after) = capture.split_at(capture.len() / 2);
    let mut client = app.connect("").await;
    let epoch = client.next().await.unwrap()["data"]["epoch"].as_str().unwrap().to_owned();
    app.send_all(before).await;
    let seen =
        client.until(|frame| is_event(frame, "gam_jeom")).await.last().unwrap()["seq"].as_u64().unwrap();
    client.close().await;

    app.send_all(after).await;
    let mut client = app.connect(&format!("?since={seen}&epoch={epoch}")).await;
    let hello = client.next().await.unwrap();
    assert_eq!((&hello["type"], &hello["data"]["resumed"]), (&json!("hello"), &json!(true)));
    let missed = client.until(has_ended).await;
    let seqs = missed.iter().map(|frame| frame["seq"].as_u64().unwrap());
    assert!(seqs.eq(seen + 1..=seen + missed.len() as u64));

    // Another epoch, or a number that never was, gets everything anew.
    for query in [format!("?since={seen}&epoch=other"), "?since=4000000000".to_owned()] {
        let mut client = app.connect(&query).await;
        assert_eq!(client.next().await.unwrap()["data"]["resumed"], false);
        let snapshot = client.next().await.unwrap();
        assert_eq!((&snapshot["type"], &snapshot["data"]["phase"]), (&json!("snapshot"), &json!("ended")));
        let events: HashSet<&str> = snapshot["data"]["events"]
            .as_array()
            .unwrap()
            .iter()
            .filter_map(|event| event["event_type"].as_str())
            .collect();
        assert!(events.contains("match_ended") && events.contains("point"), "{events:?}");
    }
    app.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_client_that_never_reads_holds_nobody_up() {
    let app = TestApp::start();
    let asleep = app.connect("").await;
    let mut awake = app.connect("").await;
    let capture = corpus("h_bursts_reordering.txt");
    for _ in 0..3 {
        app.send_all(&capture).await;
    }
    awake.until(has_ended).await;
    // Nor the end: the drain is bounded, and who reads learns that it is one.
    let (dir, code) = bounded(async { tokio::join!(app.stop(), awake.close_code()) }).await;
    assert_eq!(code, Some(1001));
    drop((asleep, dir));
}

#[tokio::test(flavor = "multi_thread")]
async fn one_ring_of_two() {
    let app = TestApp::start_with(|config| {
        let mut second = config.rings[0].clone();
        second.name = "B".to_owned();
        config.rings.push(second);
    });
    let mut client = app.connect("?ring=B").await;
    assert_eq!(client.next().await.unwrap()["data"]["rings"], json!(["B"]));
    assert_eq!(client.next().await.unwrap()["ring"], "B");
    let (status, body) = app.get("/api/v1/state");
    let state: Value = serde_json::from_str(&body).unwrap();
    assert_eq!((status, state["rings"].as_array().unwrap().len()), (200, 2));
    let refused = tokio_tungstenite::connect_async(format!("ws://{}/ws/v1?ring=C", app.http)).await;
    assert!(refused.unwrap_err().to_string().contains("404"));
    app.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn pages_and_health() {
    let app = TestApp::start();
    let (status, head, body) = get(app.http, "/", "");
    assert_eq!(status, 200);
    assert!(body.contains("app.js"));
    let head = head.to_lowercase();
    for header in ["content-type: text/html", "default-src 'none'", "x-content-type-options: nosniff"] {
        assert!(head.contains(header), "{header}: {head}");
    }
    for (path, kind) in [("/app.js", "text/javascript"), ("/app.css", "text/css"), ("/icon.svg", "image/svg")]
    {
        let (status, head, _) = get(app.http, path, "");
        assert_eq!(status, 200, "{path}");
        assert!(head.to_lowercase().contains(&format!("content-type: {kind}")), "{path}: {head}");
    }
    assert_eq!(app.get("/healthz"), (200, r#"{"status":"ok","reasons":[]}"#.to_owned()));
    assert_eq!(app.get("/readyz"), (200, r#"{"status":"ok","reasons":[],"refilled":0}"#.to_owned()));
    for path in ["/nothing", "/nothing.js", "/../Cargo.toml", "/%2e%2e/src/lib.rs"] {
        assert_eq!(app.get(path).0, 404, "{path}");
    }
    let etag = head.lines().find_map(|line| line.strip_prefix("etag: ")).unwrap();
    assert_eq!(get(app.http, "/", &format!("If-None-Match: {etag}\r\n")).0, 304);
    app.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn foreign_names_and_pages_get_nothing() {
    let app = TestApp::start();
    assert_eq!(get(app.http, "/api/v1/state", "Host: evil.example\r\n").0, 421);
    let upgrade = "Upgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Version: 13\r\n\
                   Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nOrigin: http://evil.example\r\n";
    assert_eq!(get(app.http, "/ws/v1", upgrade).0, 403);
    app.stop().await;
}
