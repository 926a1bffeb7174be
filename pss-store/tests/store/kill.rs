//! A writer that is killed at any moment: the database is whole, what was reported as durable is there, the journal
//! has the rest, and both together give what an undisturbed run gives.

use std::{
    env, fs,
    io::{BufRead as _, BufReader, Write as _},
    path::{Path, PathBuf},
    process::{Command, Stdio},
};

use diesel::{Connection as _, QueryableByName, RunQueryDsl as _, SqliteConnection, sql_types::Text};
use pss_protocol::{
    Datagram, Monotonic, Timestamp,
    capture::{Entry, Line, entries},
};
use pss_store::{SessionDump, Store, StoreConfig, WhenFull};

use crate::{
    corpus::{corpus, each_datagram},
    support::{Feed, LastHit, START, begin},
    testing::TestStore,
};

const FOLDER: &str = "RESTRIKE_TEST_KILLED_STORE";
const DURABLE: &str = "durable ";
const KILLS: usize = 50;

#[derive(QueryableByName)]
struct Check {
    #[diesel(sql_type = Text)]
    integrity_check: String,
}

/// The program that is killed; does nothing unless the test below starts it.
#[test]
fn killed_writer() {
    let Some(folder) = env::var_os(FOLDER).map(PathBuf::from) else { return };
    let store = Store::open(StoreConfig::new(folder.join("restrike.db"))).unwrap();
    let (_, sink) = begin(&store, WhenFull::Wait);
    let mut feed = Feed::new(sink);
    let mut journal = fs::File::create(folder.join("1.journal")).unwrap();
    let mut seq = 0;
    // Far more than the parent waits for; an end all the same, should the parent be gone.
    for path in corpus().iter().cycle().take(100) {
        each_datagram(path, |datagram| {
            seq += 1;
            let mut arrival = datagram.arrival;
            arrival.mono = Monotonic::from_micros(seq * 20_000);
            arrival.wall = Some(Timestamp(START + seq as i64 * 20_000));
            let datagram = Datagram { seq, arrival, ..*datagram };
            journal.write_all(format!("{}\n", Line::from(&datagram)).as_bytes()).unwrap();
            feed.take(&datagram);
            if seq % 7 == 0 {
                feed.push();
            }
            if seq % 91 == 0 {
                println!("\n{DURABLE}{}", store.flush().unwrap().datagrams);
            }
        });
    }
}

#[test]
fn what_was_reported_as_durable_survives_a_kill_and_the_journal_has_the_rest() {
    for run in 0..KILLS {
        let folder = tempfile::tempdir().unwrap();
        let reported = kill_a_writer(folder.path(), run * 7 % 11);
        let journal = fs::read(folder.path().join("1.journal")).unwrap();
        // The last line may be half a line.
        let lines: Vec<_> = entries(&journal).filter_map(Result::ok).map(|(_, entry)| entry).collect();
        let datagrams = || {
            lines.iter().map(|entry| match entry {
                Entry::Datagram(line) => line.datagram(),
                other => panic!("{other:?}"),
            })
        };

        let path = folder.path().join("restrike.db");
        let mut connection = SqliteConnection::establish(path.to_str().unwrap()).unwrap();
        let check: Check = diesel::sql_query("PRAGMA integrity_check").get_result(&mut connection).unwrap();
        assert_eq!(check.integrity_check, "ok", "run {run}");
        drop(connection);
        let store = Store::open(StoreConfig::new(&path)).unwrap();
        let session = store.sessions().unwrap().remove(0);
        assert_eq!(session.ended_at, None, "it was cut short");
        let stored = store.dump_records(session.id).unwrap().datagrams.len() as u64;
        assert!(stored >= reported, "run {run}: {stored} stored, {reported} reported");
        assert_eq!(store.gaps(session.id, Some(stored)).unwrap(), [], "run {run}");

        let refilled = store.refill(session.id, datagrams()).unwrap();
        assert_eq!((refilled.known, refilled.added), (stored, lines.len() as u64 - stored), "run {run}");
        let rereading = store.reprocess(session.id, LastHit::default()).unwrap();
        store.apply(rereading, Timestamp(START)).unwrap();
        let again = store.reprocess(session.id, LastHit::default()).unwrap();
        assert!(again.difference().is_empty(), "run {run}: {:#?}", again.difference());
        assert!(store.dump_records(session.id).unwrap() == undisturbed(datagrams()), "run {run}");
    }
}

/// Starts the program above, kills it behind so many reports, and gives what it reported last.
fn kill_a_writer(folder: &Path, reports_before: usize) -> u64 {
    let mut child = Command::new(env::current_exe().unwrap())
        .args(["kill::killed_writer", "--exact", "--nocapture"])
        .env(FOLDER, folder)
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let lines = BufReader::new(child.stdout.take().unwrap()).lines().map(Result::unwrap);
    let mut reports = lines.filter_map(|line| line.strip_prefix(DURABLE)?.parse::<u64>().ok());
    let reported = reports.nth(reports_before).expect("the writer reports");
    child.kill().unwrap();
    child.wait().unwrap();
    reports.last().unwrap_or(reported)
}

fn undisturbed<'a>(datagrams: impl Iterator<Item = Datagram<'a>>) -> SessionDump {
    let store = TestStore::new();
    let (session, sink) = begin(&store, WhenFull::Wait);
    let mut feed = Feed::new(sink);
    datagrams.for_each(|datagram| feed.take(&datagram));
    feed.finish().finish(Timestamp(START)).unwrap();
    store.flush().unwrap();
    store.dump_records(session).unwrap()
}
