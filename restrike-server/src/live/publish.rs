//! From what the rings counted to the feed.

use std::{
    io,
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering::Relaxed},
    },
    thread::{self, JoinHandle},
    time::Duration,
};

use hitlevel::{MatchHitsView, MatchStatistics};
use serde::Serialize;
use serde_json::value::{RawValue, to_raw_value};

use super::{LiveHits, MatchHits, Rates, prediction::Foresight};
use crate::{bus::Bus, clock::Clock, topics::Topic};

/// How soon what was handed over is on the feed, and how soon the thread ends.
const LOOK: Duration = Duration::from_millis(200);

/// The `data` of a frame with the statistics of a match.
#[derive(Debug, Serialize)]
struct HitsData {
    /// As in the frames of events: counted from 0 in the session, null before any.
    #[serde(rename = "match")]
    match_index: Option<u32>,
    #[serde(flatten)]
    hits: MatchHitsView,
}

impl HitsData {
    fn new(statistics: &MatchStatistics) -> Self {
        Self { match_index: statistics.match_index, hits: MatchHitsView::new(statistics) }
    }
}

/// What makes frames of what the rings hand over, and of what they show.
#[derive(Debug)]
pub(crate) struct Publication {
    pub(crate) live: Arc<LiveHits>,
    pub(crate) rates: Arc<Rates>,
    pub(crate) bus: Arc<Bus>,
    pub(crate) clock: Clock,
    pub(crate) stop: Arc<AtomicBool>,
}

impl Publication {
    /// Starts the thread. It ends soon after `stop` was set.
    pub(crate) fn start(self) -> io::Result<JoinHandle<()>> {
        thread::Builder::new().name("statistics".to_owned()).spawn(move || self.run())
    }

    fn run(self) {
        // That a ring has no match yet is told as well.
        let mut published: Vec<Arc<MatchHits>> = self.live.all().collect();
        for (ring, now) in published.iter().enumerate() {
            self.bus.replace(ring, Topic::Hits, encode(&HitsData::new(&now.statistics)));
        }
        let mut foresights: Vec<Foresight> = published.iter().map(|_| Foresight::default()).collect();
        while !self.stop.load(Relaxed) {
            for (ring, (now, published)) in self.live.all().zip(&mut published).enumerate() {
                if !Arc::ptr_eq(&now, published) {
                    self.bus.replace(ring, Topic::Hits, encode(&HitsData::new(&now.statistics)));
                    *published = now;
                }
            }
            let (learned, now) = (self.rates.now(), self.clock.mono());
            for (ring, (shown, foresight)) in self.bus.states().iter().zip(&mut foresights).enumerate() {
                if let Some(prediction) = foresight.look(shown, learned, now) {
                    self.bus.replace(ring, Topic::Prediction, encode(&prediction));
                }
            }
            thread::sleep(LOOK);
        }
    }
}

fn encode(data: &impl Serialize) -> Box<RawValue> {
    to_raw_value(data).expect("statistics have string keys and no failing serializer")
}
