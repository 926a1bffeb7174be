use std::path::Path;

use hitlevel::HitLinker;
use pss_protocol::{
    Both, Linker as _, Pipeline, PipelineConfig,
    capture::{Entry, entries},
};
use pss_store::{NewSession, SessionDump, SessionKind, TestStore, WhenFull};

#[cfg(target_os = "linux")]
use crate::support::Sender;
use crate::support::{self, TestApp, corpus, stored};

/// The only journal of a server.
pub(crate) fn journal(dir: &Path) -> Vec<u8> {
    let files: Vec<_> = std::fs::read_dir(dir.join("journal")).unwrap().collect();
    let [file] = &files[..] else { panic!("{files:?}") };
    std::fs::read(file.as_ref().unwrap().path()).unwrap()
}

/// What the pipeline makes of a journal without a server: no ticks, no threads, all at once.
pub(crate) fn replayed(journal: &[u8]) -> SessionDump {
    let store = TestStore::new();
    let mut entries = entries(journal).map(|entry| entry.unwrap().1);
    let Some(Entry::Header(header)) = entries.next() else { panic!("no header") };
    let mut config = PipelineConfig::default();
    config.off_the_wire = header.off_the_wire;
    let session = store.begin_session(NewSession {
        ring: &header.ring,
        kind: SessionKind::Replay,
        origin: None,
        digest: None,
        again: false,
        started_at: header.started.unwrap(),
        reading: config,
    });
    let session = session.unwrap();
    let outlets = Both(store.sink(session, WhenFull::Wait), HitLinker::default());
    let mut pipeline = Pipeline::new(config, outlets);
    for entry in entries {
        let Entry::Datagram(line) = entry else { panic!("a second header") };
        pipeline.ingest(&line.datagram());
        let Both(store, linker) = pipeline.sink_mut();
        store.take_links(linker);
    }
    let Both(mut sink, mut linker) = pipeline.finish();
    linker.settle();
    sink.take_links(&mut linker);
    sink.finish(header.started.unwrap()).unwrap();
    store.flush().unwrap();
    store.dump_records(session).unwrap()
}

/// Invariant: one pipeline serves the CLI and the server, so the same capture gives the same records.
async fn same_records(name: &str) {
    let sent = corpus(name);
    let app = TestApp::start();
    app.send_all(&sent).await;
    let dir = app.stop().await;

    let live = stored(dir.path());
    assert_eq!(live.datagrams.len(), sent.len());
    for (stored, (_, sent)) in live.datagrams.iter().zip(&sent) {
        assert!(stored.bytes == *sent, "datagram {}", stored.seq);
    }
    assert!(live.messages.len() >= sent.len());
    assert!(!live.events.is_empty() && !live.matches.is_empty());

    let replayed = replayed(&journal(dir.path()));
    assert_eq!(live.datagrams, replayed.datagrams);
    for (live, replayed) in live.messages.iter().zip(&replayed.messages) {
        assert_eq!(live, replayed);
    }
    for (live, replayed) in live.events.iter().zip(&replayed.events) {
        assert_eq!(live, replayed);
    }
    assert!(live == replayed, "the same messages and events, but another number of them or other matches");
}

#[tokio::test(flavor = "multi_thread")]
async fn a1_gives_the_same_records() {
    same_records("a1_bestof3_realtime.txt").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn b_gives_the_same_records() {
    same_records("b_nonascii_truncation.txt").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn c_gives_the_same_records() {
    same_records("c_golden_tiebreak.txt").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn d_gives_the_same_records() {
    same_records("d_para_hw_connect.txt").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn h_gives_the_same_records() {
    same_records("h_bursts_reordering.txt").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn j_gives_the_same_records() {
    same_records("j_no_ovr_url.txt").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn garbage_empty_and_longest_datagrams_are_kept() {
    let noise: Vec<u8> =
        (0..65_507u32).map(|index| (index.wrapping_mul(2_654_435_761) >> 13) as u8).collect();
    let long_field = [b"mch;".as_slice(), &vec![b'9'; 65_000], b"\r\n"].concat();
    let many = b"pt1;3\r\n".repeat(9_000);
    let sent: Vec<Vec<u8>> = vec![
        b"hel;\r\n".to_vec(),
        Vec::new(),
        b"\xFF\x00\xFE".to_vec(),
        noise,
        long_field,
        many,
        b";;;;;;\r\n\r\n\r\n".to_vec(),
        b"{\"matchNumber\":".to_vec(),
        b"clk;99999999999999999999:00;start\r\n".to_vec(),
        b"sc1;-2147483648;sc2;2147483647\r\n".to_vec(),
        b"rnd;4294967295\r\n".to_vec(),
        b"bye;\r\n".to_vec(),
    ];
    let app = TestApp::start();
    let sender = app.sender();
    for (index, datagram) in sent.iter().enumerate() {
        sender.send(datagram);
        app.state_when(|state| state["receive"]["received"] == index + 1).await;
    }
    assert_eq!(app.get("/readyz").0, 200);
    let dir = app.stop().await;
    let kept = stored(dir.path()).datagrams;
    assert!(kept.iter().map(|datagram| &datagram.bytes).eq(&sent));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_stray_datagram_does_not_lock_the_ring() {
    let app = TestApp::start();
    app.sender().send("are you there?");
    let state = app.state_when(|state| state["receive"]["received"] == 1).await;
    assert!(state["receive"]["sender"].is_null());
    app.sender().send("clock\r\n");
    app.state_when(|state| state["receive"]["received"] == 2).await;
    app.sender().send(r#"{"temperature":21}"#);
    let state = app.state_when(|state| state["receive"]["received"] == 3).await;
    assert!(state["receive"]["sender"].is_null());
    app.sender().send("hel;\r\n");
    let state = app.state_when(|state| state["receive"]["received"] == 4).await;
    assert_eq!(state["receive"]["sender"], "127.0.0.1");
    app.stop().await;
}

/// Only Linux has all of 127.0.0.0/8.
#[cfg(target_os = "linux")]
#[tokio::test(flavor = "multi_thread")]
async fn who_is_not_the_sender_is_refused_and_counted() {
    let app = TestApp::start_with(|config| config.rings[0].listen = "0.0.0.0:0".parse().unwrap());
    let to = std::net::SocketAddr::from(([127, 0, 0, 1], app.udp.port()));
    let (first, stranger) = (Sender::from("127.0.0.1:0", to), Sender::from("127.0.0.2:0", to));
    first.send("hel;\r\n");
    app.state_when(|state| state["receive"]["received"] == 1).await;
    stranger.send("pt1;3\r\n");
    stranger.send("pt2;3\r\n");
    let state = app.state_when(|state| state["receive"]["refused"] == 2).await;
    assert_eq!(state["receive"]["last_refused"], "127.0.0.2");
    assert_eq!(state["receive"]["sender"], "127.0.0.1");
    // Another port of the same address is the sender again.
    Sender::from("127.0.0.1:0", to).send("hel;\r\n");
    let state = app.state_when(|state| state["receive"]["received"] == 2).await;
    assert_eq!(state["receive"]["connections"], 2);
    let dir = app.stop().await;
    assert_eq!(stored(dir.path()).datagrams.len(), 2);
}

#[cfg(target_os = "linux")]
#[tokio::test(flavor = "multi_thread")]
async fn a_configured_sender_is_the_only_one_from_the_start() {
    let app = TestApp::start_with(|config| {
        config.rings[0] = "1=127.0.0.1:0,127.0.0.2".parse().unwrap();
    });
    app.sender().send("hel;\r\n");
    app.state_when(|state| state["receive"]["refused"] == 1).await;
    Sender::from("127.0.0.2:0", app.udp).send("hel;\r\n");
    app.state_when(|state| state["receive"]["received"] == 1).await;
    app.stop().await;
}

#[test]
fn what_cannot_be_opened_is_named() {
    let dir = tempfile::tempdir().unwrap();
    let taken = std::net::UdpSocket::bind("127.0.0.1:0").unwrap();
    let mut config = support::config(dir.path());
    config.rings[0].listen = taken.local_addr().unwrap();
    let error = format!("{:#}", restrike_server::App::bind(&config).unwrap_err());
    assert!(error.contains(&format!("udp {}; another program", taken.local_addr().unwrap())), "{error}");

    // An address for documentation, so no machine has it.
    let mut config = support::config(dir.path());
    config.rings[0].listen = "192.0.2.1:0".parse().unwrap();
    let error = format!("{:#}", restrike_server::App::bind(&config).unwrap_err());
    assert!(error.contains("udp 192.0.2.1:0; this machine does not have that address"), "{error}");

    let taken = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let mut config = support::config(dir.path());
    config.http = taken.local_addr().unwrap();
    let error = format!("{:#}", restrike_server::App::bind(&config).unwrap_err());
    assert!(error.contains(&format!("http {}", taken.local_addr().unwrap())), "{error}");
    assert!(error.contains("--http"), "{error}");

    let mut config = support::config(dir.path());
    config.database = dir.path().join("other.db");
    std::fs::write(&config.database, "this is no database, but a text of some length").unwrap();
    let error = format!("{:#}", restrike_server::App::bind(&config).unwrap_err());
    assert!(error.contains("other.db is not a database"), "{error}");
}
