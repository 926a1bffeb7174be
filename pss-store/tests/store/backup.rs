//! Copies of a database, verified and restored.

use std::{
    fs,
    path::Path,
    sync::atomic::{AtomicBool, Ordering},
    thread,
};

use diesel::{Connection as _, SqliteConnection, connection::SimpleConnection as _};
use pss_protocol::{Sink as _, Timestamp};
use pss_store::{
    BackupRequest, DatabaseFile, NewSession, Store, StoreConfig, StoreError, WhenFull, manifest_path,
};

use crate::{
    support::{START, begin, datagram, replay as replay_of, store_all},
    testing::TestStore,
};

fn file(store: &Store) -> DatabaseFile {
    DatabaseFile::new(store.path()).unwrap()
}

fn sql(path: &Path, sql: &str) {
    let mut connection = SqliteConnection::establish(path.to_str().unwrap()).unwrap();
    connection.batch_execute(sql).unwrap();
}

/// The names in a folder.
fn names(folder: &Path) -> Vec<String> {
    let mut names: Vec<_> =
        fs::read_dir(folder).unwrap().map(|it| it.unwrap().file_name().into_string().unwrap()).collect();
    names.sort();
    names
}

#[test]
fn a_backup_holds_one_moment_while_a_ring_goes_on() {
    let store = TestStore::new();
    // Several MiB.
    store_all(&store, [[b'x'; 900].as_slice(); 4000]);
    let stop = AtomicBool::new(false);
    thread::scope(|scope| {
        let (_, mut sink) = begin(&store, WhenFull::Wait);
        sink.datagram(&datagram(1, b"clk;01:59\r\n"));
        sink.push();
        store.flush().unwrap();
        let (stop, store) = (&stop, &store);
        let writer = scope.spawn(move || {
            let mut seq = 1;
            while !stop.load(Ordering::Relaxed) {
                seq += 1;
                sink.datagram(&datagram(seq, b"clk;01:59\r\n"));
                sink.push();
                store.flush().unwrap();
            }
            seq
        });
        let backups: Vec<_> = (0..3)
            .map(|number| {
                let target = store.path().with_file_name(format!("copy-{number}.db"));
                // Each MiB of it waits for another commit, so every copy has writing in its middle.
                let mut waits = 0;
                let backup = file(store).back_up(&BackupRequest::to(target), |_| {
                    waits += 1;
                    let before = store.status().written.commits;
                    while store.status().written.commits == before {
                        thread::yield_now();
                    }
                });
                assert!(waits > 2);
                backup
            })
            .collect();
        stop.store(true, Ordering::Relaxed);
        let written = writer.join().unwrap();
        assert!(written > 5, "the writer was not held up: {written}");
        let rows = |backup: &pss_store::Backup| {
            backup.manifest.tables.iter().find(|table| table.name == "datagrams").unwrap().rows
        };
        let counts: Vec<_> = backups
            .into_iter()
            .map(|backup| {
                let backup = backup.unwrap();
                let verified = DatabaseFile::new(&backup.path).unwrap().verify().unwrap();
                assert_eq!((verified.damage, verified.manifest), (vec![], Some(vec![])));
                assert_eq!(verified.gaps, vec![], "no moment between two datagrams");
                rows(&backup)
            })
            .collect();
        assert!(counts.is_sorted() && counts[0] < counts[2], "{counts:?}");
    });
}

#[test]
fn nothing_is_overwritten_unless_asked_for() {
    let store = TestStore::new();
    let target = store.folder().join("copy.db");
    let mut request = BackupRequest::to(&target);
    fs::write(&target, "precious").unwrap();
    assert!(matches!(file(&store).back_up(&request, |_| {}), Err(StoreError::AlreadyThere { .. })));
    assert_eq!(fs::read(&target).unwrap(), b"precious");
    request.replace = true;
    file(&store).back_up(&request, |_| {}).unwrap();
    request.target = store.path().to_owned();
    assert!(matches!(file(&store).back_up(&request, |_| {}), Err(StoreError::AlreadyThere { .. })));
    let left: Vec<_> = names(store.folder()).into_iter().filter(|name| name.starts_with('.')).collect();
    assert_eq!(left, Vec::<String>::new(), "nothing unfinished stays");
}

#[test]
fn a_verification_finds_what_was_changed() {
    let store = TestStore::new();
    store_all(&store, [b"pt1;3\r\n".as_slice(), b"xyz;\r\n", b"hl1;40\r\n"]);
    let copy = |name: &str| {
        let target = store.folder().join(name);
        file(&store).back_up(&BackupRequest::to(&target), |_| {}).unwrap();
        target
    };
    let verify = |path: &Path| DatabaseFile::new(path).unwrap().verify().unwrap();

    let path = copy("row.db");
    sql(&path, "UPDATE pss_events SET parser_confidence = 0.5 WHERE seq = 2");
    assert_eq!(verify(&path).manifest.unwrap(), ["rows of pss_events are not what they were"]);
    sql(&path, "DELETE FROM pss_event_details; DELETE FROM pss_events WHERE seq = 2");
    let differences = verify(&path).manifest.unwrap();
    assert!(differences.contains(&"pss_events has 2 rows and had 3".to_owned()), "{differences:?}");

    let path = copy("statistics.db");
    sql(&path, "UPDATE pss_event_statistics SET total = total + 1, recognized = recognized + 1");
    assert_eq!(verify(&path).damage, ["the statistics of session 1 are not what its messages say"]);

    let path = copy("trigger.db");
    sql(&path, "CREATE TRIGGER evil AFTER INSERT ON hits BEGIN DELETE FROM datagrams; END");
    assert_eq!(verify(&path).damage, ["not of this schema: trigger evil"]);
    sql(&path, "DROP TRIGGER evil; DROP INDEX pss_events_by_code");
    assert_eq!(verify(&path).damage, ["not as this schema makes it: index pss_events_by_code"]);

    let path = copy("orphan.db");
    sql(&path, "PRAGMA foreign_keys = OFF; DELETE FROM datagrams WHERE seq = 1");
    let found = verify(&path);
    assert_eq!(found.damage, ["1 rows of pss_events refer to rows of datagrams that are not there"]);

    let path = copy("gap.db");
    sql(&path, "PRAGMA foreign_keys = OFF; DELETE FROM pss_events WHERE seq = 2; DELETE FROM datagrams WHERE seq = 2;
                DELETE FROM pss_event_details WHERE seq = 2");
    sql(
        &path,
        "DELETE FROM pss_event_validation_results WHERE seq = 2; DELETE FROM pss_unknown_events;
                DELETE FROM pss_event_statistics WHERE event_code = ''",
    );
    let found = verify(&path);
    assert_eq!(found.damage, Vec::<String>::new());
    assert_eq!((found.gaps[0].missing, found.gaps[0].first), (1, 2));
    assert!(!found.is_whole(), "the manifest knows the datagram");

    let path = copy("page.db");
    let mut bytes = fs::read(&path).unwrap();
    let middle = bytes.len() / 2 / 4096 * 4096;
    bytes[middle..middle + 4096].fill(0x55);
    fs::write(&path, bytes).unwrap();
    assert!(!verify(&path).damage.is_empty());
}

#[test]
fn a_restore_keeps_what_was_there_and_never_repeats_an_epoch() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("restrike.db");
    let store = Store::open(StoreConfig::new(&path)).unwrap();
    let first = store_all(&store, [b"pt1;3\r\n".as_slice()]);
    let backup = folder.path().join("backup.db");
    file(&store).back_up(&BackupRequest::to(&backup), |_| {}).unwrap();
    store.begin_session(NewSession { started_at: Timestamp(START + 60), ..replay_of("1") }).unwrap();
    let lost = store.sessions().unwrap().remove(1);
    let now = Timestamp(START + 3_600_000_000);

    let backup = DatabaseFile::new(&backup).unwrap();
    let error = backup.restore_to(&path, now, |_| {}).unwrap_err();
    assert!(matches!(error, StoreError::InUse { .. }), "{error:?}");
    drop(store);
    let restored = backup.restore_to(&path, now, |_| {}).unwrap();
    let kept = DatabaseFile::new(restored.kept.unwrap()).unwrap();
    assert_eq!(kept.status().unwrap().sessions, 2);
    assert!(kept.path().to_str().unwrap().contains("before-restore-20251122T"), "{}", kept.path().display());

    let store = Store::open(StoreConfig::new(&path)).unwrap();
    assert_eq!(store.sessions().unwrap().iter().map(|it| it.id).collect::<Vec<_>>(), [first]);
    store.begin_session(NewSession { started_at: now, ..replay_of("1") }).unwrap();
    let next = store.sessions().unwrap().remove(1);
    assert_eq!(next.ring_uuid, lost.ring_uuid);
    assert!(next.epoch > lost.epoch, "the lost session's name is not used again");
}

#[test]
fn a_damaged_backup_is_not_restored_and_a_damaged_database_is_replaced() {
    let store = TestStore::new();
    store_all(&store, [b"pt1;3\r\n".as_slice()]);
    let folder = tempfile::tempdir().unwrap();
    let backup = folder.path().join("backup.db");
    file(&store).back_up(&BackupRequest::to(&backup), |_| {}).unwrap();
    let target = folder.path().join("restrike.db");
    fs::write(&target, "SQLite format 3\0 and then nothing that makes sense".repeat(100)).unwrap();
    fs::write(folder.path().join("restrike.db-wal"), "a log of something else").unwrap();

    let changed = folder.path().join("changed.db");
    fs::copy(&backup, &changed).unwrap();
    fs::copy(manifest_path(&backup), manifest_path(&changed)).unwrap();
    sql(&changed, "UPDATE pss_events SET round = 7");
    let before = names(folder.path());
    let restore =
        |from: &Path| DatabaseFile::new(from).unwrap().restore_to(&target, Timestamp(START), |_| {});
    assert!(matches!(restore(&changed), Err(StoreError::Damaged { .. })));
    assert_eq!(names(folder.path()), before);

    let restored = restore(&backup).unwrap();
    assert!(DatabaseFile::new(&target).unwrap().verify().unwrap().is_whole());
    let kept = restored.kept.unwrap();
    assert!(fs::read(&kept).unwrap().ends_with(b"sense"));
    assert!(!folder.path().join("restrike.db-wal").exists(), "no log meets another database");
    assert!(matches!(restore(&target), Err(StoreError::CannotMake { .. })), "not from itself");
}

#[test]
fn free_pages_go_back_to_the_disk() {
    let store = TestStore::new();
    store_all(&store, [[b'x'; 900].as_slice(); 2000]);
    let file = file(&store);
    assert!(file.vacuum_incrementally().is_err(), "it does not know its free pages yet");
    file.vacuum().unwrap();
    let empty = "DELETE FROM pss_event_details; DELETE FROM pss_event_validation_results;
        DELETE FROM pss_events; DELETE FROM datagrams";
    sql(store.path(), empty);
    let status = file.status().unwrap();
    assert!(status.free_pages > 100 && status.incremental_vacuum, "{status:?}");
    let done = file.vacuum_incrementally().unwrap();
    assert!(done.bytes_after + 1_000_000 < done.bytes_before, "{done:?}");
    let status = file.status().unwrap();
    assert_eq!((status.free_pages, status.file_bytes), (0, done.bytes_after));
    // The store's own connection still works.
    store_all(&store, [b"pt1;3\r\n".as_slice()]);
}
