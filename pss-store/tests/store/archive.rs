//! Sessions in one file, and into another database.

use std::{
    fs::{self, File},
    io::{Read as _, Write as _},
    path::{Path, PathBuf},
};

use flate2::{Compression, read::GzDecoder, write::GzEncoder};
use pss_protocol::{Sink as _, Timestamp};
use pss_store::{
    ArchiveRequest, DatabaseFile, ImportOutcome, OpenedArchive, SessionId, StatisticsFilter, Store,
    StoreError, UnknownFilter, WhenFull,
    signed::{SecretKey, Trust},
};
use tar::{EntryType, Header};

use crate::{
    corpus::{corpus, replay},
    support::{START, begin, datagram},
    testing::TestStore,
};

fn archive(store: &Store, sessions: &[SessionId], name: &str, key: Option<&SecretKey>) -> PathBuf {
    let target = store.path().with_file_name(name);
    let mut request = ArchiveRequest::new(&target, sessions, Timestamp(START));
    request.key = key;
    let made = store.archive(&request).unwrap();
    assert_eq!(made.path, target);
    target
}

fn open(path: &Path) -> Result<OpenedArchive, StoreError> {
    OpenedArchive::open(path, path.parent().unwrap(), &[])
}

fn refusal(path: &Path) -> String {
    let error = open(path).expect_err("the archive was taken");
    assert!(matches!(error, StoreError::BadArchive { .. }), "{error:?}");
    let left = fs::read_dir(path.parent().unwrap()).unwrap().map(|it| it.unwrap().file_name());
    assert!(left.into_iter().all(|name| !name.to_string_lossy().starts_with('.')), "nothing is left behind");
    error.to_string()
}

/// The members of an archive, by name.
fn members(path: &Path) -> Vec<(String, Vec<u8>)> {
    let mut archive = tar::Archive::new(GzDecoder::new(File::open(path).unwrap()));
    let read = |entry: std::io::Result<tar::Entry<'_, _>>| {
        let mut entry = entry.unwrap();
        let mut content = Vec::new();
        let name = entry.path().unwrap().display().to_string();
        std::io::Read::read_to_end(&mut entry, &mut content).unwrap();
        (name, content)
    };
    archive.entries().unwrap().map(read).collect()
}

fn header(name: &str, kind: EntryType, bytes: u64) -> Header {
    let mut header = Header::new_ustar();
    // As it stands: `set_path` would refuse what a villain writes.
    header.as_old_mut().name[..name.len()].copy_from_slice(name.as_bytes());
    header.set_entry_type(kind);
    header.set_size(bytes);
    header.set_mode(0o644);
    header.set_cksum();
    header
}

fn pack(path: &Path, members: &[(Header, &[u8])]) -> PathBuf {
    let mut tar = tar::Builder::new(GzEncoder::new(File::create(path).unwrap(), Compression::fast()));
    for (header, content) in members {
        tar.append(header, *content).unwrap();
    }
    tar.into_inner().unwrap().finish().unwrap().flush().unwrap();
    path.to_owned()
}

#[test]
fn sessions_go_into_another_database_and_only_once() {
    let source = TestStore::new();
    for path in corpus() {
        replay(&source, &path, WhenFull::Wait);
    }
    let all: Vec<_> = source.sessions().unwrap().into_iter().map(|session| session.id).collect();
    let first = archive(&source, &all[..2], "first.restrike", None);
    let everything = archive(&source, &all, "all.restrike", None);

    // A database with a life of its own, so that no number is the same.
    let target = TestStore::new();
    let (_, mut sink) = begin(&target, WhenFull::Wait);
    sink.datagram(&datagram(1, b"clk;01:59\r\n"));
    sink.finish(Timestamp(START)).unwrap();
    target.flush().unwrap();

    let imported = target.import(&open(&first).unwrap()).unwrap();
    assert!(imported.iter().all(|it| matches!(it.outcome, ImportOutcome::Added { datagrams: 1.. })));
    assert!(imported[0].ring.starts_with("1 ("), "another ring has the name: {}", imported[0].ring);
    let imported = target.import(&open(&everything).unwrap()).unwrap();
    let here = imported.iter().filter(|it| it.outcome == ImportOutcome::AlreadyHere).count();
    assert_eq!((imported.len(), here), (all.len(), 2));
    for (ours, theirs) in all.iter().zip(&imported) {
        assert_eq!(source.dump_records(*ours).unwrap(), target.dump_records(theirs.session).unwrap());
    }
    let counted = |store: &Store, session| {
        let filter = StatisticsFilter { session: Some(session), ..StatisticsFilter::default() };
        let rows = store.statistics(&filter).unwrap();
        rows.into_iter().map(|row| (row.code, row.day, row.counts.total)).collect::<Vec<_>>()
    };
    for (ours, theirs) in all.iter().zip(&imported) {
        assert_eq!(counted(&source, *ours), counted(&target, theirs.session));
    }
    let patterns = |store: &Store| {
        let found = store.unknown_events(UnknownFilter::default()).unwrap();
        found.into_iter().map(|it| (it.hash, it.count)).collect::<std::collections::BTreeMap<_, _>>()
    };
    assert_eq!(patterns(&source), patterns(&target));
    let before = target.counts().unwrap();
    let again = target.import(&open(&everything).unwrap()).unwrap();
    assert!(again.iter().all(|it| it.outcome == ImportOutcome::AlreadyHere));
    assert_eq!(target.counts().unwrap(), before);
    let verified = DatabaseFile::new(target.path()).unwrap().verify().unwrap();
    assert_eq!(verified.damage, Vec::<String>::new());

    // And back, through a second archive, nothing is lost: the source knows all of it.
    let ids: Vec<_> = imported.iter().map(|it| it.session).collect();
    let back = archive(&target, &ids, "back.restrike", None);
    let returned = source.import(&open(&back).unwrap()).unwrap();
    assert!(returned.iter().all(|it| it.outcome == ImportOutcome::AlreadyHere), "{returned:?}");
}

#[test]
fn a_session_that_was_archived_while_it_ran_is_completed() {
    let source = TestStore::new();
    let (session, mut sink) = begin(&source, WhenFull::Wait);
    for seq in 1..=3 {
        sink.datagram(&datagram(seq, b"clk;01:59\r\n"));
    }
    sink.push();
    source.flush().unwrap();
    let early = archive(&source, &[session], "early.restrike", None);
    sink.datagram(&datagram(4, b"clk;01:58\r\n"));
    sink.finish(Timestamp(START + 9)).unwrap();
    source.flush().unwrap();
    let late = archive(&source, &[session], "late.restrike", None);

    let target = TestStore::new();
    target.import(&open(&early).unwrap()).unwrap();
    assert_eq!(target.sessions().unwrap()[0].ended_at, None);
    let completed = target.import(&open(&late).unwrap()).unwrap();
    assert_eq!(completed[0].outcome, ImportOutcome::Completed { datagrams: 1 });
    assert_eq!(target.sessions().unwrap()[0].ended_at, Some(Timestamp(START + 9)));
    assert_eq!(target.dump_records(completed[0].session).unwrap(), source.dump_records(session).unwrap());
    let older = target.import(&open(&early).unwrap()).unwrap();
    assert_eq!(older[0].outcome, ImportOutcome::AlreadyHere, "an older archive takes nothing away");
}

#[test]
fn a_signature_tells_who_made_it() {
    let store = TestStore::new();
    let session = begin(&store, WhenFull::Wait).0;
    let key = SecretKey::from_bytes(&[5; 32]);
    let signed = archive(&store, &[session], "signed.restrike", Some(&key));
    let trusted = |keys: &[_]| OpenedArchive::open(&signed, store.folder(), keys).unwrap().trust();
    assert_eq!(trusted(&[key.public()]), Some(Trust::Trusted(key.public().id())));
    assert_eq!(trusted(&[]), Some(Trust::Unknown(key.public().id())));
    let plain = archive(&store, &[session], "plain.restrike", None);
    assert_eq!(open(&plain).unwrap().trust(), None);

    let parts = members(&signed);
    assert_eq!(
        parts.iter().map(|(name, _)| name.as_str()).collect::<Vec<_>>(),
        ["manifest.json", "manifest.sig", "event.db"]
    );
    // One letter of the manifest, which the database does not contradict.
    let changed =
        String::from_utf8(parts[0].1.clone()).unwrap().replace("\"program\": \"0", "\"program\": \"9");
    let plain = |name: &str, content: &[u8]| header(name, EntryType::Regular, content.len() as u64);
    let forged = pack(
        &store.folder().join("forged.restrike"),
        &[
            (plain("manifest.json", changed.as_bytes()), changed.as_bytes()),
            (plain("manifest.sig", &parts[1].1), &parts[1].1),
            (plain("event.db", &parts[2].1), &parts[2].1),
        ],
    );
    assert!(refusal(&forged).contains("the signature does not fit"), "{}", refusal(&forged));
}

#[test]
fn archives_that_were_made_to_do_harm_are_refused() {
    let store = TestStore::new();
    let session = crate::support::store_all(&store, [b"pt1;3\r\n".as_slice()]);
    let good = archive(&store, &[session], "good.restrike", None);
    let parts = members(&good);
    let (manifest, database) = (&parts[0].1, &parts[1].1);
    let text = String::from_utf8(manifest.clone()).unwrap();
    let plain = |name: &str, content: &[u8]| header(name, EntryType::Regular, content.len() as u64);
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("bad.restrike");
    let refused = |members: &[(Header, &[u8])], says: &str| {
        let text = refusal(&pack(&path, members));
        assert!(text.contains(says), "{text}");
    };
    let head = (plain("manifest.json", manifest), manifest.as_slice());

    for name in ["../event.db", "/etc/passwd", "event.db/..", "EVENT.DB"] {
        refused(&[head.clone(), (plain(name, database), database)], "where the file event.db belongs");
    }
    for kind in [
        EntryType::Symlink,
        EntryType::Link,
        EntryType::Directory,
        EntryType::GNUSparse,
        EntryType::GNULongName,
    ] {
        refused(&[head.clone(), (header("event.db", kind, 0), b"")], "where the file event.db belongs");
    }
    refused(std::slice::from_ref(&head), "it ends before event.db");
    refused(&[(plain("event.db", database), database)], "where the file manifest.json belongs");
    let body = (plain("event.db", database), database.as_slice());
    refused(&[head.clone(), body.clone(), body.clone()], "more in it than belongs there");
    let mut flipped = database.clone();
    *flipped.last_mut().unwrap() ^= 1;
    refused(
        &[head.clone(), (plain("event.db", &flipped), &flipped)],
        "not the one that its manifest describes",
    );

    let size = format!("\"bytes\": {}", database.len());
    assert!(text.contains(&size), "{text}");
    let bomb = text.replace(&size, "\"bytes\": 99999999999999");
    refused(&[(plain("manifest.json", bomb.as_bytes()), bomb.as_bytes()), body.clone()], "far larger");
    let zeros = vec![0; 17 << 20];
    refused(&[(plain("manifest.json", &zeros), &zeros)], "manifest.json is too large");
    refused(&[(plain("manifest.json", b"{"), b"{"), body.clone()], "its manifest cannot be read");
    let other = text.replace("restrike archive", "restrike license");
    refused(&[(plain("manifest.json", other.as_bytes()), other.as_bytes())], "is of something else");
    let more = text.replace("\"datagrams\": 1", "\"datagrams\": 2");
    refused(
        &[(plain("manifest.json", more.as_bytes()), more.as_bytes()), body.clone()],
        "the sessions of the manifest",
    );

    let whole = fs::read(&good).unwrap();
    for end in [0, 10, whole.len() / 3, whole.len() - 20, whole.len() - 8, whole.len() - 1] {
        fs::write(&path, &whole[..end]).unwrap();
        refusal(&path);
    }
    fs::write(&path, [whole.as_slice(), b"more"].concat()).unwrap();
    assert!(refusal(&path).contains("more in it than belongs there"));
    fs::write(&path, "no archive at all").unwrap();
    refusal(&path);
    let newer = text.replace("\"schema\": \"2", "\"schema\": \"9");
    pack(&path, &[(plain("manifest.json", newer.as_bytes()), newer.as_bytes()), body]);
    assert!(matches!(open(&path), Err(StoreError::NewerSchema { .. })));
    assert!(matches!(open(&folder.path().join("none")), Err(StoreError::Missing { .. })));
}

#[test]
fn a_database_with_a_trigger_of_its_own_is_refused() {
    use diesel::{Connection as _, SqliteConnection, connection::SimpleConnection as _};
    use sha2::Digest as _;

    let store = TestStore::new();
    let session = crate::support::store_all(&store, [b"pt1;3\r\n".as_slice()]);
    let parts = members(&archive(&store, &[session], "good.restrike", None));
    let folder = tempfile::tempdir().unwrap();
    let database = folder.path().join("event.db");
    fs::write(&database, &parts[1].1).unwrap();
    let mut connection = SqliteConnection::establish(database.to_str().unwrap()).unwrap();
    let evil = "CREATE TRIGGER evil AFTER INSERT ON matches BEGIN DELETE FROM datagrams; END";
    connection.batch_execute(evil).unwrap();
    drop(connection);
    let mut evil = Vec::new();
    File::open(&database).unwrap().read_to_end(&mut evil).unwrap();
    let hash = |bytes: &[u8]| -> String {
        sha2::Sha256::digest(bytes).iter().map(|byte| format!("{byte:02x}")).collect()
    };
    let text = String::from_utf8(parts[0].1.clone()).unwrap();
    let text = text
        .replace(&hash(&parts[1].1), &hash(&evil))
        .replace(&format!("\"bytes\": {}", parts[1].1.len()), &format!("\"bytes\": {}", evil.len()));
    fs::remove_file(&database).unwrap();
    let plain = |name: &str, content: &[u8]| header(name, EntryType::Regular, content.len() as u64);
    let path = pack(
        &folder.path().join("evil.restrike"),
        &[(plain("manifest.json", text.as_bytes()), text.as_bytes()), (plain("event.db", &evil), &evil)],
    );
    assert!(refusal(&path).contains("trigger evil"), "{}", refusal(&path));
}

#[test]
fn a_session_that_is_not_here_cannot_be_archived() {
    let store = TestStore::new();
    let target = store.folder().join("none.restrike");
    let error = store.archive(&ArchiveRequest::new(&target, &[SessionId(7)], Timestamp(0))).unwrap_err();
    assert!(error.to_string().contains("not every session"), "{error}");
    assert!(!target.exists());
}
