//! A full disk: degraded, nothing lost, and recovery as soon as there is room.
//!
//! The disk is a small tmpfs in a mount namespace of the test's own. Where the system does not let an ordinary
//! user have one, the test says so and checks nothing.

use std::{
    env, fs,
    path::{Path, PathBuf},
    process::Command,
};

use pss_protocol::{Sink as _, Timestamp};
use pss_store::{Store, StoreConfig, WhenFull};

use crate::support::{START, begin, count, datagram, until};

const DISK: &str = "RESTRIKE_TEST_SMALL_DISK";

/// Runs on the small disk; does nothing unless the test below starts it.
#[test]
fn on_a_small_disk() {
    let Some(disk) = env::var_os(DISK).map(PathBuf::from) else { return };
    let store = Store::open(StoreConfig::new(disk.join("restrike.db"))).unwrap();
    let (session, mut sink) = begin(&store, WhenFull::Drop);
    store.flush().unwrap();
    let ballast = disk.join("ballast");
    fill(&ballast);

    let bytes = [b'x'; 1000];
    for seq in 1..=500 {
        sink.datagram(&datagram(seq, &bytes));
    }
    sink.push();
    until("the full disk shows", || store.status().degraded.is_some());
    let status = store.status();
    assert!(status.degraded.as_deref().unwrap().starts_with("no space is left for"), "{status:?}");
    assert!(status.waiting > 0 && status.dropped == 0, "{status:?}");
    count(&store, "datagrams");

    fs::remove_file(ballast).unwrap();
    sink.finish(Timestamp(START)).unwrap();
    store.flush().unwrap();
    assert_eq!(store.status().degraded, None);
    let stored = store.dump_records(session).unwrap().datagrams;
    assert_eq!(stored.len(), 500);
    assert!(stored.iter().all(|datagram| datagram.bytes == bytes));
}

#[test]
fn a_full_disk_delays_and_loses_nothing() {
    let folder = tempfile::tempdir().unwrap();
    let script =
        r#"mount -t tmpfs -o size=4m tmpfs "$0" && exec "$1" disk::on_a_small_disk --exact --nocapture"#;
    let output = Command::new("unshare")
        .args(["--user", "--map-root-user", "--mount", "sh", "-c", script])
        .args([folder.path().as_os_str(), env::current_exe().unwrap().as_os_str()])
        .env(DISK, folder.path())
        .output();
    let Ok(output) = output else {
        println!("not checked: there is no `unshare` here");
        return;
    };
    let said = String::from_utf8_lossy(&output.stdout);
    if !said.contains("running 1 test") {
        println!("not checked: {}", String::from_utf8_lossy(&output.stderr));
        return;
    }
    assert!(output.status.success(), "{said}{}", String::from_utf8_lossy(&output.stderr));
}

/// Writes until the disk is full.
fn fill(path: &Path) {
    let mut content = vec![0; 4 << 20];
    while fs::write(path, &content).is_err() {
        content.truncate(content.len() - 4096);
    }
}
