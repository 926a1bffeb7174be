//! A writer that is killed: whatever it reported as durable is there, and the database is whole.

use std::{
    env,
    io::{BufRead as _, BufReader},
    path::PathBuf,
    process::{Command, Stdio},
};

use diesel::{Connection as _, QueryableByName, RunQueryDsl as _, SqliteConnection, sql_types::Text};
use pss_protocol::Sink as _;
use pss_store::{Store, StoreConfig, WhenFull};

use crate::support::{begin, datagram};

const PATH: &str = "RESTRIKE_TEST_KILLED_STORE";
const DURABLE: &str = "durable ";

#[derive(QueryableByName)]
struct Check {
    #[diesel(sql_type = Text)]
    integrity_check: String,
}

/// The program that is killed; does nothing unless the test below starts it.
#[test]
fn killed_writer() {
    let Some(path) = env::var_os(PATH).map(PathBuf::from) else { return };
    let store = Store::open(StoreConfig::new(path)).unwrap();
    let (_, mut sink) = begin(&store, WhenFull::Wait);
    // Far more than the parent waits for; an end all the same, should the parent be gone.
    for seq in 1..1_000_000 {
        sink.datagram(&datagram(seq, b"sc1;4;sc2;1\r\n"));
        if seq % 7 == 0 {
            sink.push();
        }
        if seq % 91 == 0 {
            println!("\n{DURABLE}{}", store.flush().unwrap().datagrams);
        }
    }
}

#[test]
fn what_was_reported_as_durable_survives_a_kill() {
    let folder = tempfile::tempdir().unwrap();
    for run in 1..=3u32 {
        let path = folder.path().join(format!("killed-{run}.db"));
        let mut child = Command::new(env::current_exe().unwrap())
            .args(["kill::killed_writer", "--exact", "--nocapture"])
            .env(PATH, &path)
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let lines = BufReader::new(child.stdout.take().unwrap()).lines().map(Result::unwrap);
        let mut reports = lines.filter_map(|line| line.strip_prefix(DURABLE)?.parse::<u64>().ok());
        let reported = reports.nth(5 * run as usize).expect("the writer reports");
        child.kill().unwrap();
        child.wait().unwrap();
        let reported = reports.last().unwrap_or(reported);

        let store = Store::open(StoreConfig::new(&path)).unwrap();
        let session = store.sessions().unwrap().remove(0);
        assert_eq!(session.ended_at, None, "it was cut short");
        let seqs: Vec<_> =
            store.dump_records(session.id).unwrap().datagrams.iter().map(|it| it.seq).collect();
        assert!(seqs.len() as u64 >= reported, "{} stored, {reported} reported", seqs.len());
        assert_eq!(seqs, (1..=seqs.len() as u64).collect::<Vec<_>>(), "without a gap");
        let mut connection = SqliteConnection::establish(path.to_str().unwrap()).unwrap();
        let check: Check = diesel::sql_query("PRAGMA integrity_check").get_result(&mut connection).unwrap();
        assert_eq!(check.integrity_check, "ok");
    }
}
