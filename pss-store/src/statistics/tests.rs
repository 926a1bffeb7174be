//! Whatever is done to the messages, the table is what counting them again gives.

use std::time::Duration;

use diesel::prelude::*;
use proptest::prelude::*;
use pss_protocol::{
    Arrival, Datagram, Flow, Monotonic, Pipeline, PipelineConfig, RecognitionStatus, Record, Sink, Timestamp,
};

use super::{EventStatistics, StatisticsFilter};
use crate::{
    Change, EventId, NewSession, SessionId, SessionKind, Store, StoreConfig, StoreError, StoreSink,
    UnknownFilter, WhenFull,
    models::{Cache, number, recognition},
    older,
    schema::{pss_event_statistics, pss_event_validation_results, pss_events, pss_unknown_events},
};

#[derive(Clone, Debug)]
enum Step {
    /// Datagrams of one commit: what they say, the hour in which they arrive and how long they took.
    Commit(Vec<(&'static str, Option<i64>, Option<u64>)>),
    /// The message of this place in the session gets another status.
    Status(usize, RecognitionStatus),
    Statuses(Vec<(usize, RecognitionStatus)>),
    /// The message of this place goes away.
    Remove(usize),
    Open,
}

const SAID: [&str; 10] = [
    "pt1;3\r\n",
    "hl2;34\r\nclk;01:59\r\n",
    "clk;x1:59\r\n",
    "xyz;1;2\r\n",
    "abc1;L. RIVERA\r\n",
    "hwt;99\r\n",
    "{\"type\":1}",
    "\x01\x02",
    "rnd;1\r\nxyz;3;4\r\n",
    "at1;A. VERY LONG NA",
];

const STATUSES: [RecognitionStatus; 4] = [
    RecognitionStatus::Recognized,
    RecognitionStatus::Partial,
    RecognitionStatus::Unknown,
    RecognitionStatus::Deprecated,
];

fn step() -> impl Strategy<Value = Step> {
    let status = || prop::sample::select(&STATUSES[..]);
    let took = prop_oneof![Just(None), (0..40_u64).prop_map(Some), (0..3_000_000_u64).prop_map(Some)];
    let datagram = (prop::sample::select(&SAID[..]), prop::option::of(-30..30_i64), took);
    prop_oneof![
        4 => prop::collection::vec(datagram, 1..12).prop_map(Step::Commit),
        3 => (0..60_usize, status()).prop_map(|(place, status)| Step::Status(place, status)),
        1 => prop::collection::vec((0..60_usize, status()), 1..6).prop_map(Step::Statuses),
        2 => (0..60_usize).prop_map(Step::Remove),
        1 => Just(Step::Open),
    ]
}

/// Each commit has a pipeline of its own, whose matches would be counted from 0 again.
struct OnlyMessages(StoreSink);

impl Sink for OnlyMessages {
    fn datagram(&mut self, datagram: &Datagram<'_>) {
        self.0.datagram(datagram);
    }

    fn record(&mut self, record: &Record<'_>) {
        self.0.record(record);
    }
}

struct Run {
    path: std::path::PathBuf,
    store: Store,
    session: SessionId,
    next_seq: u64,
}

impl Run {
    fn new(folder: &tempfile::TempDir) -> Self {
        let path = folder.path().join("restrike.db");
        let store = Store::open(StoreConfig::new(&path)).unwrap();
        let new = NewSession {
            ring: "1",
            kind: SessionKind::Live,
            origin: None,
            digest: None,
            again: false,
            started_at: Timestamp(0),
            reading: PipelineConfig::default(),
        };
        let session = store.begin_session(new).unwrap();
        Self { path, store, session, next_seq: 1 }
    }

    fn take(&mut self, step: &Step) {
        let change = Change { by: "test", at: Timestamp(7), reason: "" };
        match step {
            Step::Commit(datagrams) => self.commit(datagrams),
            Step::Status(place, status) => {
                let Some(event) = self.event(*place) else { return };
                self.store.update_event_recognition_status(event, *status, &change).unwrap();
            }
            Step::Statuses(updates) => {
                let updates: Vec<_> = updates
                    .iter()
                    .filter_map(|(place, status)| Some((self.event(*place)?, *status)))
                    .collect();
                self.store.update_recognition_statuses(updates, &change).unwrap();
            }
            Step::Remove(place) => {
                let Some(event) = self.event(*place) else { return };
                self.store.write("remove a message", move |connection| remove(connection, event)).unwrap();
            }
            Step::Open => {
                self.store.close().unwrap();
                self.store = Store::open(StoreConfig::new(&self.path)).unwrap();
            }
        }
    }

    fn commit(&mut self, datagrams: &[(&'static str, Option<i64>, Option<u64>)]) {
        let sink = OnlyMessages(self.store.sink(self.session, WhenFull::Wait));
        let mut pipeline = Pipeline::new(PipelineConfig::default(), sink);
        for (said, hour, took) in datagrams {
            let seq = self.next_seq;
            self.next_seq += 1;
            let wall = hour.map(|hour| Timestamp(hour * 3_600_000_000));
            let arrival = Arrival { wall, mono: Monotonic::from_micros(seq * 1000) };
            let flow = Flow::Broadcast;
            pipeline.ingest(&Datagram { seq, arrival, source: None, flow, bytes: said.as_bytes() });
            if let Some(took) = took {
                pipeline.sink_mut().0.processed(Duration::from_micros(*took));
            }
        }
        pipeline.finish().0.push();
        self.store.flush().unwrap();
    }

    fn event(&self, place: usize) -> Option<EventId> {
        let session = self.session;
        let key: Option<(i64, i64)> = self
            .store
            .read("find", |connection| {
                pss_events::table
                    .order((pss_events::seq, pss_events::message_index))
                    .offset(place as i64)
                    .select((pss_events::seq, pss_events::message_index))
                    .first(connection)
                    .optional()
            })
            .unwrap();
        key.map(|(seq, index)| EventId { session, seq: seq as u64, index: index as u32 })
    }

    /// The table, and what counting again makes of it.
    fn both(&self) -> Result<(Vec<EventStatistics>, Vec<EventStatistics>), StoreError> {
        let all = StatisticsFilter::default();
        let kept = self.store.statistics(&all)?;
        self.store.recount_statistics(self.session)?;
        Ok((kept, self.store.statistics(&all)?))
    }
}

fn remove(connection: &mut SqliteConnection, event: EventId) -> QueryResult<()> {
    let mut cache = Cache::default();
    recognition::uncount(connection, &mut cache, event)?;
    diesel::delete(pss_events::table.find(recognition::key(event))).execute(connection)?;
    cache.write_counts(connection)
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 48, ..ProptestConfig::default() })]

    #[test]
    fn the_table_equals_a_recount(steps in prop::collection::vec(step(), 1..14)) {
        let folder = tempfile::tempdir().unwrap();
        let mut run = Run::new(&folder);
        for step in &steps {
            run.take(step);
        }
        let (kept, counted) = run.both().unwrap();
        prop_assert_eq!(&kept, &counted);

        let messages: i64 = run.store.read("count", |connection| pss_events::table.count().first(connection)).unwrap();
        prop_assert_eq!(counted.iter().map(|row| row.counts.total).sum::<u64>(), messages as u64);
        // Each message that is unknown counts for one pattern.
        let unknown = run.store.unknown_events(UnknownFilter { all: true, limit: None }).unwrap();
        prop_assert_eq!(
            unknown.iter().map(|pattern| pattern.count).sum::<u64>(),
            counted.iter().map(|row| row.counts.unknown).sum::<u64>()
        );
        let told: Vec<Option<i64>> = run.store.read("read", |connection| {
            pss_event_statistics::table
                .order((
                    pss_event_statistics::session_id,
                    pss_event_statistics::day,
                    pss_event_statistics::event_code,
                ))
                .select(pss_event_statistics::p99_us)
                .load(connection)
        }).unwrap();
        let exact: Vec<_> = counted.iter().map(|row| row.counts.percentile_us(99).map(number)).collect();
        prop_assert_eq!(told, exact);
    }
}

/// The pages of an older database have none of it.
#[test]
fn what_an_older_database_lacks_is_derived_from_its_messages() {
    let folder = tempfile::tempdir().unwrap();
    let mut run = Run::new(&folder);
    run.take(&Step::Commit(SAID.iter().map(|said| (*said, Some(1), Some(30))).collect()));
    let before = run.store.statistics(&StatisticsFilter::default()).unwrap();
    let unknown = run.store.unknown_events(UnknownFilter::default()).unwrap();
    let results = |store: &Store| {
        store.read("read", |connection| {
            pss_event_validation_results::table
                .load::<(i64, i64, i64, i64, String, String, Option<String>, String)>(connection)
        })
    };
    let found = results(&run.store).unwrap();
    assert!(!before.is_empty() && unknown.len() > 2 && found.len() > 4);
    run.store
        .write("forget", |connection| {
            diesel::delete(pss_event_statistics::table).execute(connection)?;
            diesel::delete(pss_event_validation_results::table).execute(connection)?;
            diesel::delete(pss_unknown_events::table).execute(connection)?;
            older::complete(connection)
        })
        .unwrap();
    assert_eq!(run.store.statistics(&StatisticsFilter::default()).unwrap(), before);
    assert_eq!(run.store.unknown_events(UnknownFilter::default()).unwrap(), unknown);
    assert_eq!(results(&run.store).unwrap(), found);
}

/// Another program, or a task between two commits, may change what the writer remembers.
#[test]
fn the_writer_notices_that_somebody_else_has_changed_the_table() {
    let folder = tempfile::tempdir().unwrap();
    let mut run = Run::new(&folder);
    let one = |run: &mut Run| run.take(&Step::Commit(vec![("pt1;3\r\n", Some(1), Some(30))]));
    one(&mut run);
    let other = Store::open(StoreConfig::new(&run.path)).unwrap();
    let event = EventId { session: run.session, seq: 1, index: 0 };
    let change = Change { by: "test", at: Timestamp(7), reason: "" };
    other.update_event_recognition_status(event, RecognitionStatus::Partial, &change).unwrap();
    one(&mut run);
    let (kept, counted) = run.both().unwrap();
    assert_eq!(kept, counted);
    assert_eq!((kept[0].counts.recognized, kept[0].counts.partial), (1, 1));
}
