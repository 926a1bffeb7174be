use pss_protocol::Timestamp;
use pss_store::{Change, SlowQuery, Store, StoreConfig};

use crate::{
    support::{execute, store_all},
    testing::TestStore,
};

const CHANGE: Change<'_> = Change { by: "ann", at: Timestamp(0), reason: "" };

/// Counts below this take a millisecond at least, whatever the machine.
const LONG: &str = "INSERT INTO rule_history (protocol_version, rule_id, action, changed_at, changed_by, reason) \
     WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 60000) \
     SELECT 'tkstrike', 'secret', 'add', i, 'ann', 'why' FROM n";

fn slow_store() -> TestStore {
    let store = TestStore::with(|config| config.clock = Some(|| Timestamp(42)));
    store.set_setting("store", "slow_query_ms", "1", &CHANGE).unwrap();
    execute(store.path(), LONG);
    store
}

fn find<'a>(queries: &'a [SlowQuery], part: &str) -> Option<&'a SlowQuery> {
    queries.iter().find(|query| query.statement.contains(part))
}

#[test]
fn a_slow_statement_is_kept_with_its_plan_and_without_its_values() {
    let store = slow_store();
    for _ in 0..2 {
        assert_eq!(store.rule_history(None).unwrap().len(), 60_000);
    }
    let queries = store.slow_queries().unwrap();
    let slow = find(&queries, "`rule_history`").expect("60,000 rows take longer than a millisecond");
    assert_eq!(slow.count, 2);
    assert!(slow.max_us >= 1000 && slow.total_us >= 2000 && slow.total_us <= 2 * slow.max_us, "{slow:?}");
    assert_eq!((slow.first_at, slow.last_at), (Some(Timestamp(42)), Some(Timestamp(42))));
    assert!(slow.query_plan.contains("SCAN rule_history"), "{slow:?}");
    assert!(slow.suggestion.as_deref().unwrap().contains("reads all of rule_history"), "{slow:?}");
    let with_value = store.rule_history(Some((pss_protocol::Dialect::TkStrike, "secret"))).unwrap();
    assert_eq!(with_value.len(), 60_000);
    let queries = store.slow_queries().unwrap();
    let by_rule = find(&queries, "`rule_id` = ?").expect("slow too");
    assert!(by_rule.query_plan.contains("rule_history_by_rule"), "{by_rule:?}");
    assert!(queries.iter().all(|query| !query.statement.contains("secret")), "{queries:?}");
    // Looking at the list is not in the list.
    assert!(find(&queries, "slow_queries").is_none() && find(&queries, "EXPLAIN").is_none());
}

#[test]
fn what_was_slow_outlives_the_store_and_adds_up() {
    let store = slow_store();
    store.rule_history(None).unwrap();
    let path = store.path().to_owned();
    store.close().unwrap();
    let again = Store::open(StoreConfig::new(&path)).unwrap();
    assert_eq!(find(&again.slow_queries().unwrap(), "`rule_history`").unwrap().count, 1);
    again.rule_history(None).unwrap();
    let queries = again.slow_queries().unwrap();
    let slow = find(&queries, "`rule_history`").unwrap();
    assert_eq!((slow.count, slow.first_at, slow.last_at), (2, Some(Timestamp(42)), Some(Timestamp(42))));
    assert!(again.clear_slow_queries().unwrap() >= 1);
    assert!(find(&again.slow_queries().unwrap(), "`rule_history`").is_none());
}

#[test]
fn the_threshold_is_a_setting_that_holds_at_once() {
    let store = slow_store();
    store.set_setting("store", "slow_query_ms", "60000", &CHANGE).unwrap();
    store.clear_slow_queries().unwrap();
    store.rule_history(None).unwrap();
    store_all(&store, [b"pt1;3\r\n".as_slice()]);
    assert!(store.slow_queries().unwrap().is_empty());
}
