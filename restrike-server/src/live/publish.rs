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

use hitlevel::MatchHitsView;
use serde::Serialize;
use serde_json::value::{RawValue, to_raw_value};

use super::{LiveHits, MatchHits};
use crate::{bus::Bus, topics::Topic};

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

/// Starts the thread that publishes what the rings hand over. It ends soon after `stop` was set.
pub(crate) fn publish(
    live: Arc<LiveHits>,
    bus: Arc<Bus>,
    stop: Arc<AtomicBool>,
) -> io::Result<JoinHandle<()>> {
    let mut published: Vec<Arc<MatchHits>> = live.all().collect();
    thread::Builder::new().name("statistics".to_owned()).spawn(move || {
        while !stop.load(Relaxed) {
            for (ring, (now, published)) in live.all().zip(&mut published).enumerate() {
                if !Arc::ptr_eq(&now, published) {
                    bus.replace(ring, Topic::Hits, encode(&now));
                    *published = now;
                }
            }
            thread::sleep(LOOK);
        }
    })
}

fn encode(MatchHits { statistics, .. }: &MatchHits) -> Box<RawValue> {
    let data = HitsData { match_index: statistics.match_index, hits: MatchHitsView::new(statistics) };
    to_raw_value(&data).expect("statistics have string keys and no failing serializer")
}
