//! Real captures, through the pipeline and back.

use std::{
    fs,
    path::{Path, PathBuf},
};

use pss_protocol::{
    Arrival, Both, Datagram, FlowClassifier, Monotonic, Pipeline, PipelineConfig, Timestamp, unescape,
};
use pss_store::{Query, SessionDump, Store, WhenFull};

use crate::{
    support::{Heard, START, begin},
    testing::TestStore,
};

pub(crate) fn corpus() -> Vec<PathBuf> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../pss-protocol/tests/corpus");
    let mut files: Vec<_> = fs::read_dir(folder)
        .unwrap()
        .map(|entry| entry.unwrap().path())
        // Listings; `NAME.client.txt` is a receiver's own account.
        .filter(|path| {
            path.to_string_lossy().ends_with(".txt") && !path.to_string_lossy().ends_with(".client.txt")
        })
        .collect();
    files.sort();
    assert!(!files.is_empty(), "the corpus is there");
    files
}

/// Gives each datagram of a listing to `take`.
pub(crate) fn each_datagram(path: &Path, mut take: impl FnMut(&Datagram<'_>)) {
    let mut flows = FlowClassifier::default();
    let text = fs::read_to_string(path).unwrap();
    for (seq, line) in (1..).zip(text.lines().filter(|line| !line.starts_with('#'))) {
        let columns: Vec<_> = line.splitn(5, '\t').collect();
        let micros = (columns[0].parse::<f64>().unwrap() * 1000.0).round() as u64;
        let bytes = unescape(columns[4]).unwrap();
        let source = columns[1].parse().ok();
        take(&Datagram {
            seq,
            arrival: Arrival {
                wall: Some(Timestamp(START + micros as i64)),
                mono: Monotonic::from_micros(micros),
            },
            source,
            flow: flows.classify(source, columns[2].parse().ok(), &bytes),
            bytes: &bytes,
        });
    }
}

/// Replays a listing, and remembers what the pipeline said on the side.
pub(crate) fn replay(store: &Store, path: &Path, when_full: WhenFull) -> (SessionDump, Heard) {
    let (session, sink) = begin(store, when_full);
    let mut pipeline = Pipeline::new(PipelineConfig::default(), Both(sink, Heard::default()));
    each_datagram(path, |datagram| pipeline.ingest(datagram));
    let Both(sink, heard) = pipeline.finish();
    sink.finish(Timestamp(START + 1)).unwrap();
    store.flush().unwrap();
    (store.dump_records(session).unwrap(), heard)
}

#[test]
fn what_the_pipeline_says_comes_back_as_it_was() {
    let store = TestStore::new();
    for path in corpus() {
        let name = path.display();
        let (stored, heard) = replay(&store, &path, WhenFull::Wait);
        let datagrams: Vec<_> = stored.datagrams.iter().map(|datagram| datagram.bytes.clone()).collect();
        assert!(datagrams == heard.datagrams, "{name}: every byte of every datagram");

        assert_eq!(stored.messages.len(), heard.messages.len(), "{name}");
        for (message, heard) in stored.messages.iter().zip(&heard.messages) {
            let seq = heard.seq;
            assert_eq!((message.seq, message.index), (seq, heard.index), "{name}");
            let datagram = &datagrams[(seq - 1) as usize];
            assert_eq!(datagram[message.span.range()], heard.raw, "{name} {seq}");
            assert_eq!((&message.code, message.status), (&heard.code, heard.status), "{name} {seq}");
            assert_eq!(message.findings.is_none(), heard.findings == 0, "{name} {seq}");
        }

        let mut events = heard.events;
        events.sort_by_key(|event| event.key);
        for event in &mut events {
            event.at = Arrival::default();
        }
        let stored_events: Vec<_> = stored.events.into_iter().map(|stored| stored.event).collect();
        assert_eq!(stored_events, events, "{name}");
        assert_eq!(stored.matches, heard.matches.into_values().collect::<Vec<_>>(), "{name}");
    }
    store.close().unwrap();
}

#[test]
fn live_and_replay_store_the_same() {
    let store = TestStore::new();
    for path in corpus() {
        let (replayed, _) = replay(&store, &path, WhenFull::Wait);
        let (live, _) = replay(&store, &path, WhenFull::Drop);
        assert!(live == replayed, "{}", path.display());
    }
    assert_eq!(store.status().dropped, 0);
}

#[test]
fn messages_know_their_match_and_round() {
    let store = TestStore::new();
    let path = corpus().into_iter().find(|path| path.to_string_lossy().contains("a1_")).unwrap();
    let (stored, _) = replay(&store, &path, WhenFull::Wait);
    let places = |code: &str| {
        let mut places: Vec<_> = stored
            .messages
            .iter()
            .filter(|message| message.code.as_deref() == Some(code))
            .map(|message| (message.match_index, message.round))
            .collect();
        places.dedup();
        places
    };
    assert_eq!(places("hel"), [(None, None)]);
    assert_eq!(places("mch"), [(Some(0), Some(1))]);
    assert_eq!(places("pt1"), [(Some(0), Some(1)), (Some(0), Some(2)), (Some(0), Some(3))]);
    assert_eq!(places("wmh"), [(Some(0), Some(3))]);
}

#[test]
fn challenges_and_kye_shis_of_a_real_match() {
    let store = TestStore::new();
    let path = corpus().into_iter().find(|path| path.to_string_lossy().contains("a1_")).unwrap();
    replay(&store, &path, WhenFull::Drop);
    let id = store.query_matches(&Query::new()).unwrap().rows[0].match_id;
    let clock = |clock: Option<pss_protocol::ClockTime>| clock.unwrap().to_string();
    let challenges: Vec<_> = store
        .challenges_of_match(id)
        .unwrap()
        .into_iter()
        .map(|one| (one.round, clock(one.clock), one.athlete.unwrap(), one.accepted, one.closed_at.is_some()))
        .collect();
    let (blue, red) = (pss_protocol::Athlete::Blue, pss_protocol::Athlete::Red);
    assert_eq!(
        challenges,
        [
            (1, "00:47".into(), blue, Some(true), false),
            (2, "00:51".into(), blue, Some(false), false),
            (3, "00:44".into(), red, Some(true), false),
            (3, "00:28".into(), blue, None, true),
        ]
    );
    let injuries = store.injuries_of_match(id).unwrap();
    let [injury] = injuries.as_slice() else { panic!("one kye-shi: {injuries:?}") };
    assert_eq!((clock(injury.shown_time), clock(injury.hidden_time)), ("01:00".into(), "00:47".into()));
    assert!(injury.shown_at < injury.hidden_at);
}
