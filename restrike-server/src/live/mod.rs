//! What the hits of the running matches tell, made beside the live path: a ring's thread hands over what it has
//! counted, at most once a second, and never waits for what becomes of it.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use hitlevel::{Link, MatchStatistics};
use pss_store::{MatchId, StoredMatch};

pub(crate) use learn::{Learner, Rates};
pub(crate) use publish::Publication;

mod learn;
mod prediction;
mod publish;

/// The match that is on, as far as its events have settled.
#[derive(Debug, Default)]
pub(crate) struct MatchHits {
    pub(crate) statistics: MatchStatistics,
    /// Every kick that scored so far, and its hit.
    pub(crate) links: Vec<Link>,
}

/// Of each ring, what it handed over last.
#[derive(Debug)]
pub(crate) struct LiveHits {
    rings: Vec<Mutex<RingHits>>,
}

#[derive(Debug, Default)]
struct RingHits {
    now: Arc<MatchHits>,
    /// The name in the database of the match with this index, once somebody asked for it.
    met: Option<(MatchId, u32)>,
}

impl LiveHits {
    /// Nothing yet, for so many rings.
    pub(crate) fn new(rings: usize) -> Self {
        Self { rings: (0..rings).map(|_| Mutex::default()).collect() }
    }

    /// What the ring at this place has counted. The same `Arc` until it hands over again.
    pub(crate) fn of(&self, ring: usize) -> Arc<MatchHits> {
        Arc::clone(&self.lock(ring).now)
    }

    /// The same of every ring, in the order of the rings.
    pub(crate) fn all(&self) -> impl Iterator<Item = Arc<MatchHits>> + '_ {
        (0..self.rings.len()).map(|ring| self.of(ring))
    }

    pub(crate) fn put(&self, ring: usize, hits: MatchHits) {
        self.lock(ring).now = Arc::new(hits);
    }

    /// The match of this name, if it is on and its name is known, which takes no look into the database.
    pub(crate) fn find(&self, id: MatchId) -> Option<Arc<MatchHits>> {
        (0..self.rings.len()).find_map(|ring| {
            let RingHits { now, met } = &*self.lock(ring);
            let (met, index) = (*met)?;
            (met == id && now.statistics.match_index == Some(index)).then(|| Arc::clone(now))
        })
    }

    /// The same for a match of the session that the ring at this place writes; from now on its name is known.
    pub(crate) fn meet(&self, ring: usize, stored: &StoredMatch) -> Option<Arc<MatchHits>> {
        let RingHits { now, met } = &mut *self.lock(ring);
        let index = stored.summary.index;
        (now.statistics.match_index == Some(index)).then(|| {
            *met = Some((stored.id, index));
            Arc::clone(now)
        })
    }

    fn lock(&self, ring: usize) -> MutexGuard<'_, RingHits> {
        self.rings[ring].lock().unwrap_or_else(PoisonError::into_inner)
    }
}
