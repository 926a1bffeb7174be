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
use pss_store::{
    ArchiveRequest, BackupRequest, DatabaseFile, OpenedArchive, Store, StoreConfig, StoreError, WhenFull,
};

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

/// Runs on the small disk; does nothing unless the test below starts it.
#[test]
fn keeping_on_a_small_disk() {
    let Some(disk) = env::var_os(DISK).map(PathBuf::from) else { return };
    let elsewhere = tempfile::tempdir().unwrap();
    let store = Store::open(StoreConfig::new(elsewhere.path().join("restrike.db"))).unwrap();
    // More than the disk takes, and nothing that becomes small.
    let mut state = 1_u64;
    let noise = |_| {
        state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (state >> 56) as u8
    };
    let bytes: Vec<u8> = (0..5 << 20).map(noise).collect();
    let (session, mut sink) = begin(&store, WhenFull::Wait);
    for (seq, bytes) in (1..).zip(bytes.chunks(1000)) {
        sink.datagram(&datagram(seq, bytes));
    }
    sink.finish(Timestamp(START)).unwrap();
    store.flush().unwrap();
    let file = DatabaseFile::new(store.path()).unwrap();
    let nothing_is_left = || {
        assert_eq!(
            fs::read_dir(&disk).unwrap().map(|it| it.unwrap().file_name()).collect::<Vec<_>>(),
            [""; 0]
        );
    };

    let full = |error: StoreError| assert!(matches!(error, StoreError::DiskFull { .. }), "{error:?}");
    full(file.back_up(&BackupRequest::to(disk.join("copy.db")), |_| {}).unwrap_err());
    nothing_is_left();
    let target = disk.join("all.restrike");
    let request = ArchiveRequest::new(&target, std::slice::from_ref(&session), Timestamp(START));
    full(store.archive(&request).unwrap_err());
    nothing_is_left();
    full(file.restore_to(&disk.join("restored.db"), Timestamp(START), |_| {}).unwrap_err());
    nothing_is_left();
    // What there is room for elsewhere is not unpacked here.
    let target = elsewhere.path().join("all.restrike");
    let request = ArchiveRequest::new(&target, std::slice::from_ref(&session), Timestamp(START));
    store.archive(&request).unwrap();
    full(OpenedArchive::open(&target, &disk, &[]).unwrap_err());
    nothing_is_left();
}

#[test]
fn a_full_disk_leaves_nothing_half_made() {
    on_small_disk("disk::keeping_on_a_small_disk");
}

#[test]
fn a_full_disk_delays_and_loses_nothing() {
    on_small_disk("disk::on_a_small_disk");
}

/// Runs a test of this file in a process of its own that has a disk of 4 MiB.
fn on_small_disk(test: &str) {
    let folder = tempfile::tempdir().unwrap();
    let script = r#"mount -t tmpfs -o size=4m tmpfs "$0" && exec "$1" "$2" --exact --nocapture"#;
    let output = Command::new("unshare")
        .args(["--user", "--map-root-user", "--mount", "sh", "-c", script])
        .args([folder.path().as_os_str(), env::current_exe().unwrap().as_os_str(), test.as_ref()])
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
