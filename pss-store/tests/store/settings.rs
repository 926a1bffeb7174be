use std::path::PathBuf;

use pss_protocol::Timestamp;
use pss_store::{Change, Store, StoreError};

use crate::{support::execute, testing::TestStore};

fn change(at: i64) -> Change<'static> {
    Change { by: "ann", at: Timestamp(at), reason: "a slow disk" }
}

fn refusal<T: std::fmt::Debug>(outcome: Result<T, StoreError>) -> String {
    match outcome.unwrap_err() {
        error @ (StoreError::Refused { .. } | StoreError::NotFound { .. }) => error.to_string(),
        other => panic!("{other}"),
    }
}

fn threshold(store: &Store) -> u64 {
    store.setting("store", "slow_query_ms").unwrap()
}

#[test]
fn a_setting_is_its_default_until_it_is_set_and_after_it_was_reset() {
    let store = TestStore::new();
    assert_eq!(threshold(&store), 50);
    let set = store.set_setting("store", "slow_query_ms", " 0200", &change(1)).unwrap().unwrap();
    assert_eq!((set.old, set.new.as_deref()), (None, Some("200")));
    assert_eq!(threshold(&store), 200);
    assert_eq!(store.set_setting("store", "slow_query_ms", "200", &change(2)).unwrap(), None);
    let reset = store.reset_setting("store", "slow_query_ms", &change(3)).unwrap().unwrap();
    assert_eq!((reset.old.as_deref(), reset.new), (Some("200"), None));
    assert_eq!(threshold(&store), 50);
    // What is set to its default is not set.
    assert_eq!(store.set_setting("store", "slow_query_ms", "50", &change(4)).unwrap(), None);
    let history = store.setting_history(Some(("store", "slow_query_ms"))).unwrap();
    let times: Vec<_> = history.iter().map(|entry| entry.changed_at.0).collect();
    assert_eq!(times, [3, 1]);
    assert_eq!((history[1].changed_by.as_str(), history[1].reason.as_str()), ("ann", "a slow disk"));
    assert!(store.setting_history(Some(("store", "backups_kept"))).unwrap().is_empty());
}

#[test]
fn what_is_not_allowed_is_refused_with_what_is() {
    let store = TestStore::new();
    for value in ["0", "60001", "many", ""] {
        let reason = refusal(store.set_setting("store", "slow_query_ms", value, &change(1)));
        assert_eq!(reason, format!("store.slow_query_ms is a whole number from 1 to 60000, not `{value}`"));
    }
    assert_eq!(
        refusal(store.set_setting("store", "slow", "1", &change(1))),
        "there is no setting store.slow"
    );
    assert_eq!(refusal(store.reset_setting("shop", "slow", &change(1))), "there is no setting shop.slow");
    assert_eq!(refusal(store.setting_history(Some(("shop", "slow")))), "there is no setting shop.slow");
    assert_eq!(refusal(store.setting::<u64>("shop", "slow")), "there is no setting shop.slow");
    assert!(refusal(store.setting::<u64>("flags", "folder")).contains("a path in one line"));
    assert!(store.setting_history(None).unwrap().is_empty());
}

#[test]
fn paths_may_be_none() {
    let store = TestStore::new();
    assert_eq!(store.setting::<Option<PathBuf>>("flags", "folder").unwrap(), None);
    store.set_setting("flags", "folder", "/srv/flags", &change(1)).unwrap();
    assert_eq!(store.setting::<Option<PathBuf>>("flags", "folder").unwrap(), Some("/srv/flags".into()));
}

#[test]
fn what_a_hand_wrote_and_is_not_allowed_counts_as_not_set() {
    let store = TestStore::new();
    execute(store.path(), "INSERT INTO settings VALUES ('store', 'slow_query_ms', 'soon')");
    assert_eq!(threshold(&store), 50);
}

#[test]
fn what_is_exported_comes_in_elsewhere() {
    let (here, there) = (TestStore::new(), TestStore::new());
    here.set_setting("store", "slow_query_ms", "75", &change(1)).unwrap();
    here.set_setting("flags", "folder", "/srv/\"flags\"", &change(1)).unwrap();
    there.set_setting("store", "backups_kept", "3", &change(1)).unwrap();
    let file = here.export_settings().unwrap();
    assert!(file.contains("\"slow_query_ms\": 75\n"), "{file}");
    let differences = there.compare_settings(&file).unwrap();
    let told: Vec<_> = differences.iter().map(|d| (d.key.as_str(), d.old.as_str(), d.new.as_str())).collect();
    assert_eq!(
        told,
        [("folder", "", "/srv/\"flags\""), ("backups_kept", "3", "10"), ("slow_query_ms", "50", "75")]
    );
    assert_eq!(threshold(&there), 50, "a comparison changes nothing");
    assert_eq!(there.import_settings(&file, &change(2)).unwrap().len(), 3);
    assert_eq!(there.export_settings().unwrap(), file);
    assert!(there.compare_settings(&file).unwrap().is_empty());
    assert!(there.import_settings(&format!("\u{FEFF}{file}"), &change(3)).unwrap().is_empty());
}

#[test]
fn an_import_is_all_or_nothing() {
    let store = TestStore::new();
    let file =
        |settings: &str| format!(r#"{{"format":"restrike-settings","version":1,"settings":{settings}}}"#);
    for (text, says) in [
        (
            file(r#"{"store":{"slow_query_ms":75,"retention_days":-1}}"#),
            "retention_days is a whole number from 0",
        ),
        (file(r#"{"store":{"slow_query_ms":75,"speed":1}}"#), "no setting store.speed"),
        (file(r#"{"store":{"slow_query_ms":75},"shop":{"a":1}}"#), "no setting shop.a"),
        (
            file(r#"{"store":{"slow_query_ms":75,"retention_days":null}}"#),
            "`store.retention_days` is no single value",
        ),
        (file(r#"{"store":7}"#), "`settings.store` is no object"),
        (file("[]"), "`settings` is no object"),
        (file("{}").replace(":1,", ":2,"), "its version is 2, this program reads version 1"),
        ("{}".into(), "its `format` is not `restrike-settings`"),
        ("slow_query_ms = 75".into(), "expected value at line 1"),
    ] {
        for outcome in
            [store.import_settings(&text, &change(1)).map(drop), store.compare_settings(&text).map(drop)]
        {
            let reason = refusal(outcome);
            assert!(reason.contains(says), "{reason}");
        }
        assert_eq!(threshold(&store), 50, "{text}");
    }
    // What it does not name stays as it is.
    store.set_setting("store", "backups_kept", "3", &change(1)).unwrap();
    store.import_settings(&file(r#"{"store":{"slow_query_ms":"75"}}"#), &change(1)).unwrap();
    assert_eq!(threshold(&store), 75);
    assert_eq!(store.setting::<u32>("store", "backups_kept").unwrap(), 3);
}
