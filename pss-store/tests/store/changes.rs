//! Who learns of what, and what is held in memory until then.

use std::time::Duration;

use pss_protocol::{Dialect, Timestamp};
use pss_store::{CacheStatistics, Change, Store, StoreConfig, Topic};

use crate::{
    support::{execute, until},
    testing::TestStore,
};

const CHANGE: Change<'_> = Change { by: "ann", at: Timestamp(0), reason: "" };

fn beside(store: &Store) -> Store {
    Store::open(StoreConfig::new(store.path())).unwrap()
}

fn is_enabled(store: &Store) -> bool {
    store.rule(Dialect::TkStrike, "hit-range").unwrap().unwrap().enabled
}

fn statistics(store: &Store, name: &str) -> CacheStatistics {
    *store.cache_statistics().iter().find(|cache| cache.name == name).unwrap()
}

#[test]
fn a_change_here_holds_at_once_and_is_told() {
    let store = TestStore::new();
    let (rules, both) = (store.subscribe(&[Topic::Rules]), store.subscribe(&[Topic::Rules, Topic::Settings]));
    assert!(is_enabled(&store));
    store.disable_rule(Dialect::TkStrike, "hit-range", &CHANGE).unwrap();
    assert!(!is_enabled(&store));
    store.set_setting("store", "backups_kept", "3", &CHANGE).unwrap();
    store.enable_rule(Dialect::TkStrike, "hit-range", &CHANGE).unwrap();
    assert_eq!(rules.changed(), [Topic::Rules], "several changes are told once");
    assert_eq!(both.changed(), [Topic::Rules, Topic::Settings]);
    assert!(both.changed().is_empty());
    assert!(store.notice_changes().unwrap().is_empty(), "it was noticed already");
}

#[test]
fn a_change_elsewhere_holds_when_it_is_noticed() {
    let store = TestStore::new();
    let other = beside(&store);
    let changes = store.subscribe(&[Topic::Rules]);
    assert!(is_enabled(&store));
    other.disable_rule(Dialect::TkStrike, "hit-range", &CHANGE).unwrap();
    assert!(is_enabled(&store), "from memory");
    assert_eq!(store.notice_changes().unwrap(), [Topic::Rules]);
    assert!(!is_enabled(&store));
    assert_eq!(changes.wait(Duration::from_secs(60)), [Topic::Rules]);
    assert!(changes.wait(Duration::ZERO).is_empty());
}

#[test]
fn a_change_elsewhere_holds_after_a_while_even_when_nobody_notices() {
    let store = TestStore::with(|config| config.cache_ttl = Duration::from_millis(50));
    assert!(is_enabled(&store));
    beside(&store).disable_rule(Dialect::TkStrike, "hit-range", &CHANGE).unwrap();
    until("the rule is read again", || !is_enabled(&store));
}

#[test]
fn athletes_are_read_once_until_one_changes() {
    let store = TestStore::new();
    let session = crate::support::store_all(
        &store,
        [
            b"at1;A. RIVERA;A RIVERA;ESP;at2;B. OZ;B OZ;TUR;\r\n".as_slice(),
            b"rdy;FightLoaded\r\n",
            b"rnd;1\r\n",
        ],
    );
    let names = || {
        let matches = store.matches_of_session(session).unwrap();
        assert_eq!(matches.len(), 1, "{matches:?}");
        [matches[0].summary.blue.name.clone().unwrap(), matches[0].summary.red.name.clone().unwrap()]
    };
    let before = names();
    names();
    let CacheStatistics { hits, misses, .. } = statistics(&store, "athletes");
    assert_eq!((hits, misses), (2, 2));
    // By somebody else, and seen without anybody noticing: readers look at the count of changes.
    execute(store.path(), "UPDATE athletes SET long_name = long_name || '!'");
    assert_eq!(names(), before.map(|name| name + "!"));
}

#[test]
fn event_types_are_read_once() {
    let store = TestStore::new();
    for _ in 0..3 {
        assert_eq!(store.event_type("pt1").unwrap().unwrap().code, "pt1");
        assert_eq!(store.event_type("zzz").unwrap(), None);
    }
    let cache = statistics(&store, "event_types");
    assert_eq!((cache.hits, cache.misses), (4, 2));
    assert_eq!(cache.hit_rate(), Some(4.0 / 6.0));
}
