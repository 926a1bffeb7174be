//! Connections to the one database file: pragmas, checks, migrations.

use std::{
    path::{Path, PathBuf},
    thread,
    time::Duration,
};

use diesel::{
    connection::SimpleConnection as _,
    migration::{Migration, MigrationSource},
    prelude::*,
    r2d2::{ConnectionManager, CustomizeConnection, Pool},
    sql_types::{BigInt, Text},
    sqlite::Sqlite,
};
use diesel_migrations::{EmbeddedMigrations, MigrationHarness as _, embed_migrations};

use crate::{StoreConfig, StoreError, backup, clock, older, rules, slow::SlowLog};

/// The schema, and how one gets there from every older one.
pub(crate) const MIGRATIONS: EmbeddedMigrations = embed_migrations!("migrations/sqlite");

/// Below this SQLite's write-ahead log could corrupt a database when two connections wrote and checkpointed at
/// the same time.
const OLDEST_SQLITE: &str = "3.51.3";

/// `reSt`, as the first migration writes it.
const APPLICATION_ID: i64 = 1_919_243_124;

/// The migration whose tables are derived from the messages.
const ADDS_EVENT_STATUS: &str = "20261123000000";

pub(crate) type ReadPool = Pool<ConnectionManager<SqliteConnection>>;

/// The database's path in full, so that SQLite does not read a meaning into `:memory:` or `file:…`.
pub(crate) fn full_path(path: &Path) -> Result<PathBuf, StoreError> {
    std::path::absolute(path)
        .map_err(|error| StoreError::CannotOpen { path: path.to_owned(), reason: error.to_string() })
}

/// The writer's connection to a database that is ours and up to date.
pub(crate) fn open(path: &Path) -> Result<SqliteConnection, StoreError> {
    // Another program may be making the same database right now, and SQLite does not wait for the change to the
    // write-ahead log.
    let began = clock::now();
    loop {
        match try_open(path) {
            Err(StoreError::Locked { .. })
                if clock::now().saturating_duration_since(began) < LOCK_PATIENCE =>
            {
                thread::sleep(Duration::from_millis(20));
            }
            outcome => return outcome,
        }
    }
}

fn try_open(path: &Path) -> Result<SqliteConnection, StoreError> {
    let mut connection = connect(path)?;
    check_sqlite(&mut connection, path)?;
    prepare(&mut connection, path)?;
    // The SQLite that is built in asks for them by itself, which a migration cannot bear that makes a table anew:
    // it takes the old one away first.
    execute(&mut connection, path, "PRAGMA foreign_keys = OFF;")?;
    migrate(&mut connection, path)?;
    rules::seed(&mut connection).map_err(|error| StoreError::from_sqlite(path, &error.to_string()))?;
    demand_foreign_keys(&mut connection, path)?;
    Ok(connection)
}

/// The writer's connection, again, after an error.
pub(crate) fn reopen(path: &Path) -> Result<SqliteConnection, StoreError> {
    let mut connection = connect(path)?;
    prepare(&mut connection, path)?;
    demand_foreign_keys(&mut connection, path)?;
    Ok(connection)
}

fn prepare(connection: &mut SqliteConnection, path: &Path) -> Result<(), StoreError> {
    execute(connection, path, "PRAGMA busy_timeout = 250;")?;
    check_owner(connection, path)?;
    execute(connection, path, WRITER_PRAGMAS)
}

fn demand_foreign_keys(connection: &mut SqliteConnection, path: &Path) -> Result<(), StoreError> {
    execute(connection, path, "PRAGMA foreign_keys = ON;")
}

/// A transaction that reports its first error. SQLite itself takes a transaction back when the disk is full, and
/// what diesel reports then is that there is nothing to take back.
pub(crate) fn transaction<T, E: From<diesel::result::Error>>(
    connection: &mut SqliteConnection,
    work: impl FnOnce(&mut SqliteConnection) -> Result<T, E>,
) -> Result<T, E> {
    use diesel::result::Error;
    let mut cause = None;
    let outcome = connection.immediate_transaction(|connection| {
        work(connection).map_err(|error| {
            cause = Some(error);
            Error::RollbackTransaction
        })
    });
    outcome.map_err(|error| match (cause, error) {
        (Some(cause), _) => cause,
        (None, Error::RollbackErrorOnCommit { commit_error, .. }) => E::from(*commit_error),
        (None, error) => E::from(error),
    })
}

/// A connection that looks at a database as it is: nothing is made, migrated or written.
pub(crate) fn look(path: &Path) -> Result<SqliteConnection, StoreError> {
    if !path.exists() {
        return Err(StoreError::Missing { path: path.to_owned() });
    }
    let mut connection = connect(path)?;
    execute(&mut connection, path, READER_PRAGMAS)?;
    check_sqlite(&mut connection, path)?;
    check_owner(&mut connection, path)?;
    Ok(connection)
}

/// A connection of its own that writes beside the writer's: what takes long and is no transaction.
pub(crate) fn work(path: &Path) -> Result<SqliteConnection, StoreError> {
    let mut connection = connect(path)?;
    execute(&mut connection, path, "PRAGMA busy_timeout = 5000;")?;
    check_owner(&mut connection, path)?;
    execute(&mut connection, path, WRITER_PRAGMAS)?;
    demand_foreign_keys(&mut connection, path)?;
    Ok(connection)
}

/// Connections that only read.
pub(crate) fn read_pool(config: &StoreConfig, path: &Path, slow: SlowLog) -> Result<ReadPool, StoreError> {
    Pool::builder()
        .max_size(config.readers.max(1))
        .min_idle(Some(0))
        .test_on_check_out(false)
        .connection_timeout(config.patience)
        .connection_customizer(Box::new(Reader(slow)))
        .build(ConnectionManager::new(url(path)?))
        .map_err(|error| StoreError::from_sqlite(path, &error.to_string()))
}

#[derive(Debug)]
struct Reader(SlowLog);

impl CustomizeConnection<SqliteConnection, diesel::r2d2::Error> for Reader {
    fn on_acquire(&self, connection: &mut SqliteConnection) -> Result<(), diesel::r2d2::Error> {
        connection.set_instrumentation(self.0.watch());
        connection.batch_execute(READER_PRAGMAS).map_err(diesel::r2d2::Error::QueryError)
    }
}

/// FULL: what was reported as durable survives a power cut. The wait for a lock is short, because the writer
/// tries again by itself and the reason is to be shown soon.
const WRITER_PRAGMAS: &str = "PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL;";

/// How long a lock that is there at the start may last.
const LOCK_PATIENCE: Duration = Duration::from_secs(2);

const READER_PRAGMAS: &str = "PRAGMA busy_timeout = 5000; PRAGMA query_only = ON;";

fn execute(connection: &mut SqliteConnection, path: &Path, sql: &str) -> Result<(), StoreError> {
    connection.batch_execute(sql).map_err(|error| StoreError::from_sqlite(path, &error.to_string()))
}

fn connect(path: &Path) -> Result<SqliteConnection, StoreError> {
    SqliteConnection::establish(url(path)?).map_err(|error| StoreError::from_sqlite(path, &error.to_string()))
}

fn url(path: &Path) -> Result<&str, StoreError> {
    path.to_str().ok_or_else(|| StoreError::CannotOpen {
        path: path.to_owned(),
        reason: String::from("its name is not UTF-8; choose another"),
    })
}

#[derive(QueryableByName)]
pub(crate) struct Number {
    #[diesel(sql_type = BigInt)]
    pub(crate) value: i64,
}

#[derive(QueryableByName)]
pub(crate) struct Word {
    #[diesel(sql_type = Text)]
    pub(crate) value: String,
}

fn check_sqlite(connection: &mut SqliteConnection, path: &Path) -> Result<(), StoreError> {
    let version: Word = diesel::sql_query("SELECT sqlite_version() AS value")
        .get_result(connection)
        .map_err(|error| StoreError::from_sqlite(path, &error.to_string()))?;
    if is_older(&version.value, OLDEST_SQLITE) {
        return Err(StoreError::OldSqlite { found: version.value, needed: OLDEST_SQLITE });
    }
    Ok(())
}

fn is_older(version: &str, than: &str) -> bool {
    let parts = |text: &str| text.split('.').map(|part| part.parse::<u32>().unwrap_or(0)).collect::<Vec<_>>();
    parts(version) < parts(than)
}

/// Nothing is written into a database before it is known to be ours, or empty.
fn check_owner(connection: &mut SqliteConnection, path: &Path) -> Result<(), StoreError> {
    let mut number = |query: &str| {
        diesel::sql_query(query)
            .get_result::<Number>(connection)
            .map(|number| number.value)
            .map_err(|error| StoreError::from_sqlite(path, &error.to_string()))
    };
    let owner = number("SELECT application_id AS value FROM pragma_application_id")?;
    let tables = number("SELECT count(*) AS value FROM sqlite_schema")?;
    if owner == APPLICATION_ID || tables == 0 { Ok(()) } else { Err(foreign(path)) }
}

fn foreign(path: &Path) -> StoreError {
    StoreError::ForeignDatabase { path: path.to_owned() }
}

fn migrate(connection: &mut SqliteConnection, path: &Path) -> Result<(), StoreError> {
    let failed = |error: &dyn std::fmt::Display| StoreError::from_sqlite(path, &error.to_string());
    // In one transaction: of two programs that open the same new file, one waits for the other.
    let outcome = transaction(connection, |connection| {
        let schema = schema(connection).map_err(MigrateError::Migration)?;
        if let Some(found) = schema.newer {
            return Err(MigrateError::Newer { found, known: schema.known });
        }
        if let (Some(found), false) = (&schema.found, schema.pending.is_empty()) {
            // Nobody else can write while this transaction lasts, so the copy is what is migrated.
            let target = backup_of_schema(path, found);
            backup::copy(path, &target, false, None, &mut |_| {}).map_err(MigrateError::Backup)?;
            tracing::info!(
                store.from = found,
                store.to = schema.known,
                store.backup = %target.display(),
                "the database is of an older version and is migrated"
            );
        }
        connection.run_pending_migrations(MIGRATIONS).map_err(MigrateError::Migration)?;
        if schema.pending.iter().any(|pending| pending == ADDS_EVENT_STATUS) {
            older::complete(connection)?;
        }
        if schema.found.is_some() && !schema.pending.is_empty() {
            let orphans = "SELECT count(*) AS value FROM pragma_foreign_key_check";
            if diesel::sql_query(orphans).get_result::<Number>(connection)?.value > 0 {
                return Err(MigrateError::Orphans);
            }
        }
        Ok(())
    });
    outcome.map_err(|error| match error {
        MigrateError::Newer { found, known } => {
            StoreError::NewerSchema { path: path.to_owned(), found, known }
        }
        MigrateError::Backup(reason) => {
            StoreError::NotBackedUp { path: path.to_owned(), reason: Box::new(reason) }
        }
        MigrateError::Orphans => StoreError::Damaged {
            path: path.to_owned(),
            reason: String::from("rows refer to rows that are not there, so it was not migrated"),
        },
        MigrateError::Migration(error) => failed(&error),
        MigrateError::Query(error) => failed(&error),
    })
}

/// Where the backup of a database of an older version lies: beside it, named by its schema.
pub(crate) fn backup_of_schema(path: &Path, schema: &str) -> PathBuf {
    let stem = path.file_stem().unwrap_or_default().to_string_lossy();
    let name = |more: &str| path.with_file_name(format!("{stem}.schema-{schema}{more}.db"));
    let free = |path: &PathBuf| !path.exists();
    Some(name(""))
        .filter(free)
        .or_else(|| (2..).map(|number| name(&format!("-{number}"))).find(free))
        .expect("there are more numbers than files")
}

/// Which migrations a database has, and which it lacks.
pub(crate) struct SchemaState {
    /// The newest one that was applied; `None` for an empty file.
    pub(crate) found: Option<String>,
    /// The newest one that this version does not know.
    pub(crate) newer: Option<String>,
    /// The newest that this version knows.
    pub(crate) known: String,
    /// What opening would apply, in order.
    pub(crate) pending: Vec<String>,
}

/// Looks and changes nothing.
pub(crate) fn schema(
    connection: &mut SqliteConnection,
) -> Result<SchemaState, Box<dyn std::error::Error + Send + Sync>> {
    let mut applied = Vec::new();
    // Asking diesel would make the table.
    let table = "SELECT count(*) AS value FROM sqlite_schema WHERE name = '__diesel_schema_migrations'";
    if diesel::sql_query(table).get_result::<Number>(connection)?.value > 0 {
        let versions = "SELECT version AS value FROM __diesel_schema_migrations ORDER BY version";
        let versions: Vec<Word> = diesel::sql_query(versions).load(connection)?;
        applied.extend(versions.into_iter().map(|version| version.value));
    }
    let known = known_migrations();
    Ok(SchemaState {
        newer: applied.iter().rfind(|version| !known.contains(version)).cloned(),
        pending: known.iter().filter(|version| !applied.contains(version)).cloned().collect(),
        found: applied.pop(),
        known: known.last().cloned().unwrap_or_default(),
    })
}

/// The tables, indexes, views and triggers as they were written, by kind and name.
pub(crate) fn schema_text(connection: &mut SqliteConnection) -> QueryResult<Vec<String>> {
    let query = "SELECT type || ' ' || name || ': ' || coalesce(sql, '') AS value FROM sqlite_schema \
                 WHERE name NOT LIKE 'sqlite\\_stat%' ESCAPE '\\' ORDER BY type, name";
    let texts: Vec<Word> = diesel::sql_query(query).load(connection)?;
    Ok(texts.into_iter().map(|text| text.value).collect())
}

/// What [`schema_text`] gives for a database that was just made with the schema of a version.
pub(crate) fn reference_schema(newest: &str) -> Result<Vec<String>, StoreError> {
    let failed = |error: &dyn std::fmt::Display| StoreError::Query {
        doing: "make a database to compare with",
        reason: error.to_string(),
    };
    let mut connection = SqliteConnection::establish(":memory:").map_err(|error| failed(&error))?;
    connection.applied_migrations().map_err(|error| failed(&error))?;
    for migration in migrations() {
        if migration.name().version().to_string().as_str() <= newest {
            connection.run_migration(&migration).map_err(|error| failed(&error))?;
        }
    }
    schema_text(&mut connection).map_err(|error| failed(&error))
}

/// A new database with the schema of an older version.
#[cfg(test)]
pub(crate) fn at_version(path: &Path, newest: &str) -> Result<SqliteConnection, StoreError> {
    let mut connection = connect(path)?;
    execute(&mut connection, path, "PRAGMA foreign_keys = OFF;")?;
    connection.applied_migrations().expect("an empty file takes the table of migrations");
    for migration in migrations() {
        if migration.name().version().to_string().as_str() <= newest {
            connection.run_migration(&migration).expect("each migration follows the one before");
        }
    }
    Ok(connection)
}

/// The migrations of this version, in order.
fn migrations() -> Vec<Box<dyn Migration<Sqlite>>> {
    let mut migrations = MigrationSource::<Sqlite>::migrations(&MIGRATIONS)
        .expect("the migrations are part of the program and were read when it was built");
    migrations.sort_by_key(|migration| migration.name().version().to_string());
    migrations
}

/// The schema that this version makes.
pub(crate) fn newest_schema() -> String {
    known_migrations().pop().unwrap_or_default()
}

pub(crate) fn known_migrations() -> Vec<String> {
    migrations().iter().map(|migration| migration.name().version().to_string()).collect()
}

enum MigrateError {
    Newer {
        found: String,
        known: String,
    },
    Backup(StoreError),
    /// Rows that refer to nothing.
    Orphans,
    Migration(Box<dyn std::error::Error + Send + Sync>),
    Query(diesel::result::Error),
}

impl From<diesel::result::Error> for MigrateError {
    fn from(error: diesel::result::Error) -> Self {
        Self::Query(error)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn versions_are_compared_by_number() {
        assert!(is_older("3.51.2", OLDEST_SQLITE));
        assert!(is_older("3.9.0", OLDEST_SQLITE));
        assert!(!is_older("3.51.3", OLDEST_SQLITE));
        assert!(!is_older("3.53.2", OLDEST_SQLITE));
    }

    #[test]
    fn every_migration_goes_up_down_and_up_again() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("m.db");
        let mut connection = open(&path).unwrap();
        connection.batch_execute("PRAGMA foreign_keys = OFF").unwrap();
        let tables = |connection: &mut SqliteConnection| {
            diesel::sql_query(
                "SELECT count(*) AS value FROM sqlite_schema WHERE name NOT LIKE '\\_\\_%' ESCAPE '\\'",
            )
            .get_result::<Number>(connection)
            .unwrap()
            .value
        };
        let full = tables(&mut connection);
        connection.revert_all_migrations(MIGRATIONS).unwrap();
        assert!(tables(&mut connection) < 3, "a migration leaves something behind when it is taken back");
        connection.run_pending_migrations(MIGRATIONS).unwrap();
        assert_eq!(tables(&mut connection), full);
    }
}
