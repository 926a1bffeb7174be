//! What is read again and again, kept in memory for a while.
//!
//! A cache is emptied by every write that it could show the past of: by one of this process at once, by one of
//! another process when that is noticed ([`Store::notice_changes`]), and at the latest entries go when their time
//! is over ([`StoreConfig::cache_ttl`](crate::StoreConfig::cache_ttl)).

use std::{
    fmt,
    hash::Hash,
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
    time::Duration,
};

use pss_protocol::{Competitor, rules::RuleBook};

use crate::{EventType, FlagLookup, Store, StoredRule, Topic};

/// How a cache does.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct CacheStatistics {
    /// What it holds: `athletes`, `event_types`, `flags`, `rules` or `rule_book`.
    pub name: &'static str,
    /// How many entries it holds now, about.
    pub entries: u64,
    /// How many look-ups it answered since the store was opened.
    pub hits: u64,
    /// How many had to be read from the database.
    pub misses: u64,
}

impl CacheStatistics {
    /// The part of the look-ups that it answered, from 0.0 to 1.0; `None` before the first one.
    pub fn hit_rate(&self) -> Option<f64> {
        let all = self.hits + self.misses;
        (all > 0).then(|| self.hits as f64 / all as f64)
    }
}

impl Store {
    /// How the caches do, by name.
    pub fn cache_statistics(&self) -> Vec<CacheStatistics> {
        self.caches().statistics()
    }
}

/// One kind of thing, by its key.
pub(crate) struct Cached<K, V> {
    name: &'static str,
    entries: moka::sync::Cache<K, V>,
    /// Counts how often it was emptied.
    generation: AtomicU64,
    hits: AtomicU64,
    misses: AtomicU64,
}

impl<K: Hash + Eq + Clone + Send + Sync + 'static, V: Clone + Send + Sync + 'static> Cached<K, V> {
    pub(crate) fn new(name: &'static str, capacity: u64, ttl: Duration) -> Self {
        Self {
            name,
            entries: moka::sync::Cache::builder().max_capacity(capacity).time_to_live(ttl).build(),
            generation: AtomicU64::new(0),
            hits: AtomicU64::new(0),
            misses: AtomicU64::new(0),
        }
    }

    /// The value of a key, `load`ed where it is not at hand. A failure is not kept.
    pub(crate) fn get_or_load<E>(&self, key: K, load: impl FnOnce() -> Result<V, E>) -> Result<V, E> {
        if let Some(value) = self.entries.get(&key) {
            self.hits.fetch_add(1, Ordering::Relaxed);
            return Ok(value);
        }
        self.misses.fetch_add(1, Ordering::Relaxed);
        let before = self.generation.load(Ordering::SeqCst);
        let value = load()?;
        self.entries.insert(key.clone(), value.clone());
        // Emptied in the meantime: what was loaded may be the past.
        if self.generation.load(Ordering::SeqCst) != before {
            self.entries.invalidate(&key);
        }
        Ok(value)
    }

    /// Forgets everything.
    pub(crate) fn clear(&self) {
        self.generation.fetch_add(1, Ordering::SeqCst);
        self.entries.invalidate_all();
    }

    pub(crate) fn statistics(&self) -> CacheStatistics {
        self.entries.run_pending_tasks();
        CacheStatistics {
            name: self.name,
            entries: self.entries.entry_count(),
            hits: self.hits.load(Ordering::Relaxed),
            misses: self.misses.load(Ordering::Relaxed),
        }
    }
}

impl<K, V> fmt::Debug for Cached<K, V> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Cached").field("name", &self.name).finish_non_exhaustive()
    }
}

/// All caches of a store.
#[derive(Debug)]
pub(crate) struct Caches {
    /// For readers only. By the generation of the topic `athletes` as their snapshot has it, and the row's id: one
    /// never sees another moment's athlete, not even where SQLite hands out a removed athlete's id again.
    pub(crate) athletes: Cached<(i64, i64), Competitor>,
    /// By code.
    pub(crate) event_types: Cached<String, Option<EventType>>,
    /// By the code of the scoring system, in capital letters.
    pub(crate) flags: Cached<String, Arc<FlagLookup>>,
    /// All rows.
    pub(crate) rules: Cached<(), Arc<[StoredRule]>>,
    pub(crate) rule_book: Cached<(), Arc<RuleBook>>,
}

impl Caches {
    pub(crate) fn new(ttl: Duration) -> Self {
        Self {
            athletes: Cached::new("athletes", 4096, ttl),
            event_types: Cached::new("event_types", 256, ttl),
            flags: Cached::new("flags", 1024, ttl),
            rules: Cached::new("rules", 1, ttl),
            rule_book: Cached::new("rule_book", 1, ttl),
        }
    }

    /// Forgets what a change of this topic could have touched.
    pub(crate) fn clear(&self, topic: Topic) {
        match topic {
            Topic::Rules => {
                self.rules.clear();
                self.rule_book.clear();
            }
            Topic::Athletes => self.athletes.clear(),
            Topic::EventTypes => self.event_types.clear(),
            Topic::Flags => self.flags.clear(),
            Topic::Settings => {}
        }
    }

    fn statistics(&self) -> Vec<CacheStatistics> {
        let Self { athletes, event_types, flags, rules, rule_book } = self;
        vec![
            athletes.statistics(),
            event_types.statistics(),
            flags.statistics(),
            rules.statistics(),
            rule_book.statistics(),
        ]
    }
}

#[cfg(test)]
mod tests {
    use std::convert::Infallible;

    use super::*;

    fn cache() -> Cached<u32, u32> {
        Cached::new("test", 100, Duration::from_secs(3600))
    }

    fn loaded(value: u32) -> impl FnOnce() -> Result<u32, Infallible> {
        move || Ok(value)
    }

    #[test]
    fn what_was_loaded_is_kept_until_it_is_cleared() {
        let cache = cache();
        assert_eq!(cache.get_or_load(1, loaded(10)), Ok(10));
        assert_eq!(cache.get_or_load(1, loaded(11)), Ok(10));
        cache.clear();
        assert_eq!(cache.get_or_load(1, loaded(12)), Ok(12));
        let CacheStatistics { hits, misses, entries, .. } = cache.statistics();
        assert_eq!((hits, misses, entries), (1, 2, 1));
        assert_eq!(cache.statistics().hit_rate(), Some(1.0 / 3.0));
    }

    #[test]
    fn a_failure_is_not_kept() {
        let cache = cache();
        assert_eq!(cache.get_or_load(1, || Err("gone")), Err("gone"));
        assert_eq!(cache.get_or_load(1, loaded(2)), Ok(2));
    }

    #[test]
    fn what_was_loaded_while_it_was_cleared_is_not_kept() {
        let cache = cache();
        let past = || {
            cache.clear();
            Ok::<_, Infallible>(1)
        };
        assert_eq!(cache.get_or_load(7, past), Ok(1));
        assert_eq!(cache.get_or_load(7, loaded(2)), Ok(2));
    }
}
