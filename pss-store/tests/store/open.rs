//! Files that are no database of ours, or cannot be written.

use std::{fs, path::Path};

use diesel::{Connection as _, SqliteConnection, connection::SimpleConnection as _};
use pss_store::{Store, StoreConfig, StoreError};

use crate::testing::TestStore;

fn refused(path: &Path) -> StoreError {
    Store::open(StoreConfig::new(path)).expect_err("the store opened what it should refuse")
}

fn sql(path: &Path, sql: &str) -> SqliteConnection {
    let mut connection = SqliteConnection::establish(path.to_str().unwrap()).unwrap();
    connection.batch_execute(sql).unwrap();
    connection
}

#[test]
fn a_file_that_is_no_database_is_left_alone() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("holiday.jpg");
    let content = b"\xFF\xD8\xFF\xE0 not a database at all, but longer than the header of one".repeat(20);
    fs::write(&path, &content).unwrap();
    let error = refused(&path);
    assert!(matches!(error, StoreError::NotADatabase { .. }), "{error:?}");
    assert!(error.to_string().contains("holiday.jpg is not a database; choose another path"), "{error}");
    assert_eq!(fs::read(&path).unwrap(), content);
}

#[test]
fn the_database_of_another_program_is_left_alone() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("places.sqlite");
    drop(sql(&path, "CREATE TABLE bookmarks (url TEXT)"));
    let before = fs::read(&path).unwrap();
    let error = refused(&path);
    assert!(matches!(error, StoreError::ForeignDatabase { .. }), "{error:?}");
    assert_eq!(fs::read(&path).unwrap(), before);
}

#[test]
fn a_newer_schema_is_refused_with_both_versions() {
    let store = TestStore::new();
    store.close().unwrap();
    drop(sql(store.path(), "INSERT INTO __diesel_schema_migrations (version) VALUES ('29991231000000')"));
    let error = refused(store.path());
    assert!(matches!(error, StoreError::NewerSchema { .. }), "{error:?}");
    let text = error.to_string();
    assert!(text.contains("schema 29991231000000") && text.contains("up to 2026"), "{text}");
}

#[test]
fn a_locked_database_is_named() {
    let store = TestStore::new();
    store.close().unwrap();
    let _lock = sql(store.path(), "BEGIN EXCLUSIVE");
    let error = refused(store.path());
    assert!(matches!(error, StoreError::Locked { .. }), "{error:?}");
    assert!(error.to_string().contains("locked by another program; close"), "{error}");
}

#[test]
fn a_missing_folder_is_named() {
    let folder = tempfile::tempdir().unwrap();
    let error = refused(&folder.path().join("nowhere/restrike.db"));
    assert!(error.to_string().ends_with("nowhere does not exist; create it first"), "{error}");
}

#[test]
fn a_folder_is_no_file() {
    let folder = tempfile::tempdir().unwrap();
    let error = refused(folder.path());
    assert!(error.to_string().contains("it is a folder; name a file in it"), "{error}");
}

/// Root may write everywhere, so this one says nothing when run as root.
#[cfg(unix)]
#[test]
fn a_folder_that_cannot_be_written_is_named() {
    use std::os::unix::fs::PermissionsExt as _;

    let store = TestStore::new();
    store.close().unwrap();
    fs::set_permissions(store.folder(), fs::Permissions::from_mode(0o555)).unwrap();
    fs::set_permissions(store.path(), fs::Permissions::from_mode(0o444)).unwrap();
    let of_root = fs::write(store.folder().join("probe"), b"").is_ok();
    let opened = Store::open(StoreConfig::new(store.path()));
    fs::set_permissions(store.folder(), fs::Permissions::from_mode(0o755)).unwrap();
    if !of_root {
        let error = opened.expect_err("the store opened what cannot be written");
        let clear = matches!(error, StoreError::ReadOnly { .. } | StoreError::CannotOpen { .. });
        assert!(clear && error.to_string().contains("writ"), "{error}");
    }
}

#[cfg(target_os = "linux")]
#[test]
fn a_place_where_nothing_can_be_made_is_named() {
    let error = refused(Path::new("/proc/restrike.db"));
    assert!(error.to_string().contains("/proc/restrike.db cannot be opened"), "{error}");
    assert!(error.to_string().contains("can be read and written"), "{error}");
}

#[test]
fn a_damaged_database_is_named() {
    let store = TestStore::new();
    store.close().unwrap();
    let mut content = fs::read(store.path()).unwrap();
    // The header stays, the schema's page does not.
    content[100..4096].fill(0xAA);
    fs::write(store.path(), content).unwrap();
    let error = refused(store.path());
    assert!(matches!(error, StoreError::Damaged { .. }), "{error:?}");
    assert!(error.to_string().contains("restore it from a backup"), "{error}");
}

#[test]
fn opening_again_finds_everything_as_it_was() {
    let store = TestStore::new();
    let session = crate::support::store_all(&store, [b"pt1;3\r\n".as_slice(), b"xyz;\r\n"]);
    let before = store.dump_records(session).unwrap();
    store.close().unwrap();
    let again = Store::open(StoreConfig::new(store.path())).unwrap();
    assert_eq!(again.dump_records(session).unwrap(), before);
}

/// SQLite would read a meaning into these names, which Windows does not allow.
#[cfg(unix)]
#[test]
fn odd_names_are_names_of_files() {
    let folder = tempfile::tempdir().unwrap();
    for name in [":memory:", "file:x?mode=memory", "100% sure.db"] {
        let path = folder.path().join(name);
        drop(Store::open(StoreConfig::new(&path)).unwrap());
        assert!(path.is_file(), "{name}");
    }
}
