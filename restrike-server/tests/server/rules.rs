//! Rules and settings that change while the server runs.

use std::time::Duration;

use pss_protocol::{
    Timestamp,
    rules::{Check, Dialect, Rule},
};
use pss_store::{Change, SessionDump, Store, StoreConfig};

use crate::support::{TestApp, bounded, stored};

const CHANGE: Change<'_> = Change { by: "ann", at: Timestamp(0), reason: "youth" };

fn youth_points() -> Rule {
    Rule::new("youth-points", "points.points", Check::Range { min: 1, max: 3 }, "not in this event")
}

fn found(dump: &SessionDump) -> usize {
    let findings = dump.messages.iter().filter_map(|message| message.findings.as_deref());
    findings.filter(|findings| findings.contains("youth-points")).count()
}

/// Sends points until the database holds one for which `is` holds.
async fn send_until(app: &TestApp, store: &Store, is: impl Fn(&SessionDump) -> bool) {
    let sender = app.sender();
    let holds = || {
        let session = store.sessions().unwrap().first().map(|session| session.id);
        session.is_some_and(|session| is(&store.dump_records(session).unwrap()))
    };
    bounded(async {
        while !holds() {
            sender.send("pt1;4\r\n");
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn rules_that_others_change_are_taken_over_while_it_runs() {
    let app = TestApp::start();
    // Another connection to the same file, as another process has one.
    let other = Store::open(StoreConfig::new(app.dir.path().join("restrike.db"))).unwrap();
    send_until(&app, &other, |dump| !dump.messages.is_empty()).await;
    other.add_rule(Dialect::TkStrike, &youth_points(), &CHANGE).unwrap();
    send_until(&app, &other, |dump| found(dump) > 0).await;
    other.disable_rule(Dialect::TkStrike, "youth-points", &CHANGE).unwrap();
    let is_last_clean = |dump: &SessionDump| {
        dump.messages.last().is_some_and(|message| message.findings.is_none()) && found(dump) > 0
    };
    send_until(&app, &other, is_last_clean).await;
    other.close().unwrap();
    let dump = stored(app.stop().await.path());
    assert!(dump.messages[0].findings.is_none(), "the rule came later");
}

#[tokio::test(flavor = "multi_thread")]
async fn rules_and_settings_of_the_database_hold_from_the_start() {
    let dir = tempfile::tempdir().unwrap();
    let database = dir.path().join("other.db");
    let store = Store::open(StoreConfig::new(&database)).unwrap();
    store.add_rule(Dialect::TkStrike, &youth_points(), &CHANGE).unwrap();
    store.set_setting("pipeline", "reorder_window_ms", "20", &CHANGE).unwrap();
    store.close().unwrap();
    let app = TestApp::start_with(|config| config.database = database.clone());
    app.sender().send("pt1;4\r\n");
    app.state_when(|state| state["receive"]["received"] == 1).await;
    let state: serde_json::Value = serde_json::from_str(&app.get("/api/v1/state").1).unwrap();
    let caches = state["store"]["caches"].as_array().unwrap();
    let rules = caches.iter().find(|cache| cache["name"] == "rule_book").unwrap();
    assert!(rules["misses"].as_u64() >= Some(1) && rules["hit_rate"].is_number(), "{rules}");
    app.stop().await;
    let store = Store::open(StoreConfig::new(&database)).unwrap();
    let session = store.sessions().unwrap().remove(0);
    assert_eq!(session.reading.reorder_window, Duration::from_millis(20));
    assert_eq!(found(&store.dump_records(session.id).unwrap()), 1);
}
