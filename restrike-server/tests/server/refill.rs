use std::{
    fs::{self, OpenOptions},
    io::Write as _,
    path::Path,
};

use pss_protocol::{
    Arrival, Datagram, Flow, Monotonic, Timestamp,
    capture::{Entry, Line, entries},
};
use pss_store::{Session, SessionDump, Store, StoreConfig, TestLock};
use restrike_server::App;
use serde_json::Value;
use tokio::time::{Duration, sleep, timeout};

use crate::{
    ingest::{journal, replayed},
    support::{PATIENCE, TestApp, config, corpus, stored},
};

fn readyz(app: &TestApp) -> Value {
    serde_json::from_str(&app.get("/readyz").1).unwrap()
}

async fn ready_when(app: &TestApp, is: impl Fn(&Value) -> bool) -> Value {
    let asked = async {
        loop {
            let health = readyz(app);
            if is(&health) {
                return health;
            }
            sleep(Duration::from_millis(10)).await;
        }
    };
    match timeout(PATIENCE, asked).await {
        Ok(health) => health,
        Err(_) => panic!("never came about: {}", readyz(app)),
    }
}

/// A database that another program holds: the display goes on, what finds no room in memory comes back from the
/// journal, and nothing has to be restarted.
#[tokio::test(flavor = "multi_thread")]
async fn a_locked_database_costs_nothing_but_time() {
    let app = TestApp::start();
    let mut client = app.connect("").await;
    let lock = TestLock::of(&app.dir.path().join("restrike.db"));
    let sent = corpus("a1_bestof3_realtime.txt");
    app.send_all(&sent[..300]).await;
    client.until(|frame| frame["data"]["event_type"] == "point").await;
    let health = ready_when(&app, |health| health["status"] == "degraded").await;
    assert!(health["reasons"][0].as_str().unwrap().contains("locked by another program"), "{health}");

    // More than waits in memory.
    let many = vec![(sent[0].0.clone(), b"avt;1\r\n".to_vec()); 66_000];
    app.send_all(&many).await;
    app.send_all(&sent[300..]).await;
    let state = app.state_when(|state| state["receive"]["store_lost"].as_u64() > Some(400)).await;
    client.until(|frame| frame["data"]["event_type"] == "match_ended").await;
    lock.release();

    let lost = state["receive"]["store_lost"].as_u64().unwrap();
    let all = |health: &Value| health["status"] == "ok" && health["refilled"].as_u64() >= Some(lost);
    ready_when(&app, all).await;
    let dir = app.stop().await;
    let live = stored(dir.path());
    assert_eq!(live.datagrams.len(), sent.len() + many.len());
    assert!(live == replayed(&journal(dir.path())), "as if nothing had happened");
}

/// What a kill leaves behind: a session without an end, and a journal that knows more than the database. The next
/// start completes it.
#[tokio::test(flavor = "multi_thread")]
async fn what_was_not_committed_before_a_kill_is_completed_by_the_next_start() {
    let sent = corpus("c_golden_tiebreak.txt");
    let dir = tempfile::tempdir().unwrap();
    crate::process::kill_after(dir.path(), &sent[..200]);
    let path = fs::read_dir(dir.path().join("journal")).unwrap().next().unwrap().unwrap().path();
    let text = fs::read(&path).unwrap();
    let Some(Entry::Datagram(last)) = entries(&text).last().map(|entry| entry.unwrap().1) else {
        panic!("no datagram")
    };
    let mut file = OpenOptions::new().append(true).open(&path).unwrap();
    for (after, (_, bytes)) in (1..).zip(&sent[200..]) {
        let arrival = Arrival {
            wall: last.arrival.wall.map(|wall| Timestamp(wall.0 + after * 1000)),
            mono: Monotonic::from_micros(last.arrival.mono.as_micros() + after as u64 * 1000),
        };
        let (seq, flow) = (last.seq + after as u64, Flow::Broadcast);
        let datagram = Datagram { seq, arrival, source: last.source, flow, bytes };
        writeln!(file, "{}", Line::from(&datagram)).unwrap();
    }
    write!(file, "{}\ttorn in the mid", sent.len() + 1).unwrap();
    drop(file);
    let whole = fs::read(&path).unwrap();
    let torn = whole.iter().rposition(|byte| *byte == b'\n').unwrap() + 1;

    let app = TestApp::start_in(dir, |_| {});
    let health = ready_when(&app, |health| health["refilled"].as_u64() >= Some(1)).await;
    assert_eq!(health["status"], "ok", "{health}");
    let dir = app.stop().await;
    let (complete, ended) = first_session(dir.path());
    assert!(ended, "it has an end now");
    assert_eq!(complete.datagrams.len(), sent.len());
    assert!(complete == replayed(&whole[..torn]), "as if it had never been killed");
}

fn first_session(dir: &Path) -> (SessionDump, bool) {
    let store = Store::open(StoreConfig::new(config(dir).database)).unwrap();
    let session = store.sessions().unwrap().remove(0);
    (store.dump_records(session.id).unwrap(), session.ended_at.is_some())
}

/// Two servers may share a data directory, each with rings of its own: what the other one still writes was not cut
/// short.
#[tokio::test(flavor = "multi_thread")]
async fn what_another_server_writes_is_left_to_it() {
    let dir = tempfile::tempdir().unwrap();
    let sent = corpus("j_no_ovr_url.txt");
    crate::process::kill_after(dir.path(), &sent);
    // Completed after the one that runs would be.
    let journal = fs::read_dir(dir.path().join("journal")).unwrap().next().unwrap().unwrap().path();
    fs::rename(&journal, journal.with_file_name("z.journal")).unwrap();

    let mut running = config(dir.path());
    running.rings[0].name = String::from("a");
    let (stop, stopped) = tokio::sync::oneshot::channel();
    // Its own looking for older sessions finds nothing.
    fs::rename(dir.path().join("journal"), dir.path().join("aside")).unwrap();
    let app = App::bind(&running).unwrap();
    let running = tokio::spawn(app.run(async {
        let _ = stopped.await;
    }));
    sessions_when(dir.path(), |sessions| sessions.len() == 2).await;
    fs::rename(dir.path().join("aside/z.journal"), dir.path().join("journal/z.journal")).unwrap();

    let other = TestApp::start_in(dir, |config| config.rings[0].name = String::from("b"));
    let sessions = sessions_when(other.dir.path(), |sessions| sessions[0].ended_at.is_some()).await;
    assert_eq!((sessions[1].ring.as_str(), sessions[1].ended_at), ("a", None), "it runs");
    let dir = other.stop().await;
    stop.send(()).unwrap();
    timeout(PATIENCE, running).await.unwrap().unwrap().unwrap();
    let sessions = sessions_when(dir.path(), |sessions| sessions[1].ended_at.is_some()).await;
    assert_eq!(sessions.len(), 3);
    assert_eq!(
        fs::read_dir(dir.path().join("running")).unwrap().count(),
        1,
        "only of the one that was killed"
    );
}

async fn sessions_when(dir: &Path, is: impl Fn(&[Session]) -> bool) -> Vec<Session> {
    let asked = async {
        loop {
            let store = Store::open(StoreConfig::new(config(dir).database)).unwrap();
            let sessions = store.sessions().unwrap();
            if is(&sessions) {
                return sessions;
            }
            sleep(Duration::from_millis(10)).await;
        }
    };
    timeout(PATIENCE, asked).await.expect("never came about")
}
