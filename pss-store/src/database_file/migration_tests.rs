//! Databases of every older version, with rows in every table, on the way up, down and up.

use std::path::{Path, PathBuf};

use diesel::{connection::SimpleConnection as _, prelude::*};
use diesel_migrations::MigrationHarness as _;
use pss_protocol::{Arrival, Datagram, Flow, Monotonic, Pipeline, PipelineConfig, Timestamp, unescape};

use super::DatabaseFile;
use crate::{
    NewSession, SessionKind, Store, StoreConfig, StoreError, WhenFull,
    connection::{self, MIGRATIONS, Number, Word},
};

const START: i64 = 1_763_811_191_000_000;

fn numbers(connection: &mut SqliteConnection, query: &str) -> i64 {
    diesel::sql_query(query).get_result::<Number>(connection).unwrap().value
}

fn words(connection: &mut SqliteConnection, query: &str) -> Vec<String> {
    let rows: Vec<Word> = diesel::sql_query(query).load(connection).unwrap();
    rows.into_iter().map(|row| row.value).collect()
}

fn tables(connection: &mut SqliteConnection, database: &str) -> Vec<String> {
    words(
        connection,
        &format!(
            "SELECT name AS value FROM {database}.sqlite_schema WHERE type = 'table' AND name <> \
             '__diesel_schema_migrations' AND name NOT LIKE 'sqlite\\_%' ESCAPE '\\' ORDER BY name"
        ),
    )
}

fn columns(connection: &mut SqliteConnection, database: &str, table: &str) -> Vec<String> {
    words(connection, &format!("SELECT name AS value FROM pragma_table_info('{table}', '{database}')"))
}

/// A database of today with a captured match in it and a row in every table.
fn full(folder: &Path) -> PathBuf {
    let path = folder.join("full.db");
    let store = Store::open(StoreConfig::new(&path)).unwrap();
    let session = store
        .begin_session(NewSession {
            ring: "1",
            kind: SessionKind::Replay,
            origin: Some("corpus"),
            digest: Some([7; 32]),
            again: false,
            started_at: Timestamp(START),
            reading: PipelineConfig::default(),
        })
        .unwrap();
    let mut pipeline = Pipeline::new(PipelineConfig::default(), store.sink(session, WhenFull::Wait));
    let corpus = Path::new(env!("CARGO_MANIFEST_DIR")).join("../pss-protocol/tests/corpus");
    let text = std::fs::read_to_string(corpus.join("a1_bestof3_realtime.txt")).unwrap();
    let unknown = "0\t127.0.0.1:1\t127.0.0.1:2\t5\tqqq;7\\r\\n";
    for (seq, line) in (1..).zip(text.lines().filter(|line| !line.starts_with('#')).chain([unknown])) {
        let columns: Vec<_> = line.splitn(5, '\t').collect();
        let bytes = unescape(columns[4]).unwrap();
        pipeline.ingest(&Datagram {
            seq,
            arrival: Arrival {
                wall: Some(Timestamp(START + seq as i64 * 1000)),
                mono: Monotonic::from_micros(seq * 1000),
            },
            source: columns[1].parse().ok(),
            flow: Flow::Broadcast,
            bytes: &bytes,
        });
    }
    pipeline.finish().finish(Timestamp(START + 1)).unwrap();
    store.close().unwrap();
    drop(store);
    let mut connection = connection::open(&path).unwrap();
    // Everything that only hands and other parts of the program write.
    connection.batch_execute("PRAGMA foreign_keys = OFF").unwrap();
    for table in tables(&mut connection, "main") {
        if numbers(&mut connection, &format!("SELECT count(*) AS value FROM {table}")) > 0 {
            continue;
        }
        let columns = columns(&mut connection, "main", &table);
        let text = format!("SELECT sql AS value FROM sqlite_schema WHERE name = '{table}'");
        let text = words(&mut connection, &text).concat();
        let values: Vec<_> = columns.iter().map(|column| sample(column, &text)).collect();
        let (columns, values) = (columns.join(", "), values.join(", "));
        connection.batch_execute(&format!("INSERT INTO {table} ({columns}) VALUES ({values})")).unwrap();
    }
    for table in tables(&mut connection, "main") {
        assert!(numbers(&mut connection, &format!("SELECT count(*) AS value FROM {table}")) > 0, "{table}");
    }
    let orphans = words(&mut connection, "SELECT \"table\" AS value FROM pragma_foreign_key_check");
    assert_eq!(orphans, Vec::<String>::new(), "the sample rows refer to each other");
    path
}

/// A value that refers to the first row of whatever it refers to, or the first of those that are allowed.
fn sample(column: &str, table: &str) -> String {
    if let Some((_, allowed)) = table.split_once(&format!("CHECK ({column} IN (")) {
        return allowed.split([',', ')']).next().unwrap().to_owned();
    }
    let of_match = "(SELECT {} FROM match_events WHERE kind = 'point' LIMIT 1)";
    match column {
        "session_id" | "sample_session_id" | "tournament_id" | "tournament_day_id" | "match_id"
        | "athlete_id" | "ring_id" | "match_log_id" | "id" => "1".to_owned(),
        "match_index" | "event_id" => of_match.replace("{}", column),
        "seq" | "sample_seq" => "1".to_owned(),
        "merged_into" | "other_athlete_id" | "round" => "NULL".to_owned(),
        "category" => "'store'".to_owned(),
        "key" => "'backups_kept'".to_owned(),
        "date" => "'2026-11-22'".to_owned(),
        "digest" => "zeroblob(32)".to_owned(),
        _ => "0".to_owned(),
    }
}

/// A database of an older version with what that version can hold of `full`.
fn older(folder: &Path, full: &Path, version: &str) -> PathBuf {
    let path = folder.join(format!("of-{version}.db"));
    let mut connection = connection::at_version(&path, version).unwrap();
    diesel::sql_query("ATTACH ? AS attached")
        .bind::<diesel::sql_types::Text, _>(full.to_str().unwrap())
        .execute(&mut connection)
        .unwrap();
    for table in tables(&mut connection, "main") {
        let columns = columns(&mut connection, "main", &table).join(", ");
        connection
            .batch_execute(&format!(
                "DELETE FROM main.{table};
                 INSERT INTO main.{table} ({columns}) SELECT {columns} FROM attached.{table}"
            ))
            .unwrap();
    }
    connection.batch_execute("DETACH attached").unwrap();
    path
}

/// Demands that every column of every table of `old` holds the same in `new`.
fn same_rows(old: &Path, new: &Path, but: &[&str]) {
    let mut connection = connection::look(new).unwrap();
    diesel::sql_query("ATTACH ? AS attached")
        .bind::<diesel::sql_types::Text, _>(old.to_str().unwrap())
        .execute(&mut connection)
        .unwrap();
    for table in tables(&mut connection, "attached") {
        if but.contains(&table.as_str()) {
            continue;
        }
        let columns = columns(&mut connection, "attached", &table).join(", ");
        let except = |one: &str, other: &str| {
            format!(
                "SELECT count(*) AS value FROM (SELECT {columns} FROM {one}.{table} EXCEPT SELECT {columns} FROM \
                 {other}.{table})"
            )
        };
        assert_eq!(numbers(&mut connection, &except("attached", "main")), 0, "{table} lost rows");
        assert_eq!(numbers(&mut connection, &except("main", "attached")), 0, "{table} has others");
    }
}

#[test]
fn a_database_of_every_version_is_backed_up_and_migrated() {
    let folder = tempfile::tempdir().unwrap();
    let full = full(folder.path());
    for version in connection::known_migrations() {
        let path = older(folder.path(), &full, &version);
        let file = DatabaseFile::new(&path).unwrap();
        let expected = file.migration_backup().unwrap();
        let before = file.schema().unwrap();
        assert_eq!(before.found.as_deref(), Some(version.as_str()));
        file.migrate().unwrap();
        if before.pending.is_empty() {
            assert_eq!(expected, None);
            continue;
        }
        let backup = expected.expect("an older database is backed up");
        assert!(backup.to_str().unwrap().contains(&version), "{}", backup.display());
        let verified = DatabaseFile::new(&backup).unwrap().verify().unwrap();
        assert_eq!((verified.damage, verified.manifest), (vec![], Some(vec![])));
        assert_eq!(verified.schema.found.as_deref(), Some(version.as_str()));
        let migrated = file.verify().unwrap();
        assert_eq!((migrated.damage, migrated.schema.pending), (vec![], vec![]), "{version}");
        same_rows(&backup, &path, DERIVED);
    }
}

/// What a migration derives anew.
const DERIVED: &[&str] = &["pss_event_statistics", "pss_unknown_events", "challenges", "injuries", "changes"];

#[test]
fn the_way_back_keeps_what_older_versions_can_hold() {
    let folder = tempfile::tempdir().unwrap();
    let path = full(folder.path());
    let was = folder.path().join("was.db");
    std::fs::copy(&path, &was).unwrap();
    let mut connection = connection::open(&path).unwrap();
    connection.batch_execute("PRAGMA foreign_keys = OFF").unwrap();
    let mut versions = connection::known_migrations();
    while versions.len() > 1 {
        connection.revert_last_migration(MIGRATIONS).unwrap();
        versions.pop();
        let orphans = words(&mut connection, "SELECT \"table\" AS value FROM pragma_foreign_key_check");
        assert_eq!(orphans, Vec::<String>::new(), "back to {versions:?}");
    }
    drop(connection);
    let first = folder.path().join("first.db");
    std::fs::copy(&path, &first).unwrap();
    // What the first version can hold is as it was, and comes up again.
    same_rows(&first, &was, &[]);
    DatabaseFile::new(&path).unwrap().migrate().unwrap();
    same_rows(&first, &path, DERIVED);
    assert_eq!(DatabaseFile::new(&path).unwrap().verify().unwrap().damage, Vec::<String>::new());
}

#[test]
fn without_a_backup_nothing_is_migrated() {
    let folder = tempfile::tempdir().unwrap();
    let full = full(folder.path());
    let first = connection::known_migrations().remove(0);
    let path = older(folder.path(), &full, &first);
    // A page of a table is damaged, so the copy of it is too.
    let mut bytes = std::fs::read(&path).unwrap();
    let middle = bytes.len() / 2 / 4096 * 4096;
    bytes[middle..middle + 4096].fill(0x55);
    std::fs::write(&path, bytes).unwrap();
    let error = Store::open(StoreConfig::new(&path)).unwrap_err();
    assert!(matches!(error, StoreError::NotBackedUp { .. }), "{error:?}");
    assert_eq!(DatabaseFile::new(&path).unwrap().schema().unwrap().found, Some(first));
    let left: Vec<_> = std::fs::read_dir(folder.path())
        .unwrap()
        .map(|it| it.unwrap().file_name().into_string().unwrap())
        .filter(|name| name.contains("schema-") || name.starts_with('.'))
        .collect();
    assert_eq!(left, Vec::<String>::new());
}
