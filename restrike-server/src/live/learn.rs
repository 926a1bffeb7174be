//! How often is scored in this tournament: learned from the stored matches, beside everything that is live.

use std::{
    collections::BTreeMap,
    io,
    sync::{
        Arc, Mutex, PoisonError,
        atomic::{AtomicBool, Ordering::Relaxed},
    },
    thread::{self, JoinHandle},
    time::Duration,
};

use hitlevel::{Course, ScoringRates};
use pss_protocol::{MatchSummary, Phase, Snapshot, Timestamp};
use pss_store::{Query, SessionId, Store, StoreError, StoredEvent};

use crate::bus::Bus;

/// How soon a match that ended is learned from, and how soon the thread ends. Longer than events take to settle.
const LOOK: Duration = Duration::from_millis(250);

/// What is older belongs to another tournament.
const TOURNAMENT: Duration = Duration::from_secs(7 * 24 * 60 * 60);

/// What was learned, and from how much.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub(crate) struct Learned {
    pub(crate) rates: ScoringRates,
    /// How many matches.
    pub(crate) matches: u64,
}

impl Learned {
    /// One more match, if it was fought at all.
    fn add(&mut self, summary: MatchSummary, events: Vec<StoredEvent>) {
        if summary.started {
            let events = events.into_iter().map(|stored| stored.event).collect();
            self.rates.learn(&Course::new(summary, events));
            self.matches += 1;
        }
    }

    fn merge(&mut self, other: &Self) {
        self.rates.merge(&other.rates);
        self.matches += other.matches;
    }
}

/// What was learned so far, for everybody to read.
#[derive(Debug, Default)]
pub(crate) struct Rates(Mutex<Learned>);

impl Rates {
    pub(super) fn now(&self) -> Learned {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn set(&self, learned: Learned) {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner) = learned;
    }
}

/// What learns.
#[derive(Debug)]
pub(crate) struct Learner {
    pub(crate) store: Store,
    pub(crate) bus: Arc<Bus>,
    /// Of each ring, in the order of the bus.
    pub(crate) sessions: Vec<SessionId>,
    pub(crate) rates: Arc<Rates>,
    /// When the server was started.
    pub(crate) started: Timestamp,
    pub(crate) stop: Arc<AtomicBool>,
}

impl Learner {
    /// Starts the thread that learns from what is stored already, and then from every match that ends. It ends soon
    /// after `stop` was set.
    pub(crate) fn start(self) -> io::Result<JoinHandle<()>> {
        thread::Builder::new().name("learn".to_owned()).spawn(move || self.run())
    }

    fn run(self) {
        let before = self.all_before();
        self.rates.set(before);
        let mut here = BTreeMap::new();
        let mut watch = Watch::default();
        let mut failed = false;
        while !self.stop.load(Relaxed) {
            // What ended before the last look, once the database has all of it.
            if watch.has_any() && self.store.status().waiting == 0 {
                match watch.take().into_iter().try_for_each(|(ring, index)| {
                    here.insert((ring, index), self.learn_again(ring, index)?);
                    Ok(())
                }) {
                    Ok(()) => failed = false,
                    Err(error) => warn_once(&mut failed, &error),
                }
                let mut learned = before;
                here.values().for_each(|of_match| learned.merge(of_match));
                self.rates.set(learned);
            }
            watch.look(&self.bus.states());
            thread::sleep(LOOK);
        }
    }

    /// The matches of the tournament from before this start.
    fn all_before(&self) -> Learned {
        let micros = self.started.0.saturating_sub(TOURNAMENT.as_micros() as i64);
        let mut learned = Learned::default();
        let result = self.store.for_each_course(&Query::new().from(Timestamp(micros)), |course| {
            if self.stop.load(Relaxed) {
                return Err(Ended::Stopped);
            }
            if !self.sessions.contains(&course.fight.session) {
                learned.add(course.fight.summary, course.events);
            }
            Ok(())
        });
        if let Err(Ended::Failed(error)) = result {
            warn_once(&mut false, &error);
        }
        learned
    }

    /// A match of this start, which may have ended before and gone on.
    fn learn_again(&self, ring: usize, index: u32) -> Result<Learned, StoreError> {
        let mut learned = Learned::default();
        let matches = self.store.matches_of_session(self.sessions[ring])?;
        if let Some(stored) = matches.into_iter().find(|stored| stored.summary.index == index) {
            learned.add(stored.summary, self.store.events_of_match(stored.id)?);
        }
        Ok(learned)
    }
}

/// Why the reading of what is stored ended early.
enum Ended {
    Stopped,
    Failed(StoreError),
}

impl From<StoreError> for Ended {
    fn from(error: StoreError) -> Self {
        Self::Failed(error)
    }
}

fn warn_once(failed: &mut bool, error: &StoreError) {
    if !std::mem::replace(failed, true) {
        tracing::warn!(%error, "cannot learn from a match how often is scored");
    }
}

/// Which matches have ended.
#[derive(Debug, Default)]
struct Watch {
    /// Of each ring, the match that it showed last and whether it had ended.
    shown: Vec<Option<(u32, bool)>>,
    ended: Vec<(usize, u32)>,
}

impl Watch {
    fn has_any(&self) -> bool {
        !self.ended.is_empty()
    }

    /// The ring and the index of each match that ended since the last call.
    fn take(&mut self) -> Vec<(usize, u32)> {
        std::mem::take(&mut self.ended)
    }

    /// A match ends when it is shown so, or when another one is on.
    fn look(&mut self, states: &[Snapshot]) {
        self.shown.resize(states.len(), None);
        for (ring, (state, before)) in states.iter().zip(&mut self.shown).enumerate() {
            let now = state.summary.as_ref().map(|shown| (shown.index, state.phase == Phase::Ended));
            if now == *before {
                continue;
            }
            match *before {
                Some((index, false)) if now.is_none_or(|(other, _)| other != index) => {
                    self.ended.push((ring, index));
                }
                _ => {}
            }
            if let Some((index, true)) = now {
                self.ended.push((ring, index));
            }
            *before = now;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shows(index: u32, phase: Phase) -> Snapshot {
        let mut state = Snapshot::default();
        state.summary = Some(MatchSummary::new(index));
        state.phase = phase;
        state
    }

    #[test]
    fn a_match_ends_once_and_again_when_it_went_on() {
        let mut watch = Watch::default();
        let mut look = |states: &[Snapshot]| {
            watch.look(states);
            watch.take()
        };
        assert_eq!(look(&[Snapshot::default(), shows(3, Phase::Ended)]), [(1, 3)]);
        assert_eq!(look(&[shows(0, Phase::Fighting), shows(3, Phase::Ended)]), []);
        assert_eq!(look(&[shows(0, Phase::Ended), shows(4, Phase::Loaded)]), [(0, 0)]);
        assert_eq!(look(&[shows(0, Phase::Ended), shows(4, Phase::Fighting)]), []);
        // The result was taken back, and there was another one.
        assert_eq!(look(&[shows(0, Phase::Fighting), shows(4, Phase::Fighting)]), []);
        assert_eq!(look(&[shows(0, Phase::Ended), shows(5, Phase::Loaded)]), [(0, 0), (1, 4)]);
        assert_eq!(look(&[shows(2, Phase::Ended), Snapshot::default()]), [(0, 2), (1, 5)]);
    }
}
