//! What can go wrong with a database, and what to do about it.

use std::path::{Path, PathBuf};

use crate::SessionId;

/// Why the store cannot do what was asked.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum StoreError {
    /// The file holds something else.
    #[error("{} is not a database; choose another path or move that file away", .path.display())]
    NotADatabase {
        /// The file.
        path: PathBuf,
    },
    /// An SQLite database, but not ours.
    #[error("{} is a database of another program; choose another path", .path.display())]
    ForeignDatabase {
        /// The file.
        path: PathBuf,
    },
    /// A newer version of the project made or migrated it.
    #[error(
        "{} has schema {found}, this version knows schemas up to {known}; \
         use the version that wrote it, or a newer one", .path.display()
    )]
    NewerSchema {
        /// The file.
        path: PathBuf,
        /// The newest migration in the file.
        found: String,
        /// The newest migration of this version.
        known: String,
    },
    /// The SQLite library is too old to be trusted with the write-ahead log.
    #[error("SQLite {found} is too old, {needed} or newer is needed; build with the bundled SQLite")]
    OldSqlite {
        /// Its version.
        found: String,
        /// The oldest that will do.
        needed: &'static str,
    },
    /// Somebody else holds the lock.
    #[error("{} is locked by another program; close that program and try again", .path.display())]
    Locked {
        /// The file.
        path: PathBuf,
    },
    /// It cannot be written.
    #[error("{} cannot be written; make the file and its folder writable", .path.display())]
    ReadOnly {
        /// The file.
        path: PathBuf,
    },
    /// No space is left.
    #[error("no space is left for {}; free some on its disk", .path.display())]
    DiskFull {
        /// The file.
        path: PathBuf,
    },
    /// Its pages contradict each other.
    #[error("{} is damaged: {reason}; restore it from a backup", .path.display())]
    Damaged {
        /// The file.
        path: PathBuf,
        /// What SQLite says.
        reason: String,
    },
    /// It cannot be opened for another reason.
    #[error("{} cannot be opened: {reason}", .path.display())]
    CannotOpen {
        /// The file.
        path: PathBuf,
        /// What the system or SQLite says.
        reason: String,
    },
    /// There is no such file, and none is made.
    #[error("{} does not exist", .path.display())]
    Missing {
        /// The file.
        path: PathBuf,
    },
    /// A file would be overwritten.
    #[error("{} is there already; remove it or choose another name", .path.display())]
    AlreadyThere {
        /// The file.
        path: PathBuf,
    },
    /// A copy, an archive or another file beside the database cannot be made.
    #[error("{} cannot be made: {reason}", .path.display())]
    CannotMake {
        /// The file.
        path: PathBuf,
        /// What the system or SQLite says.
        reason: String,
    },
    /// A database of an older version is migrated only when a backup was made first.
    #[error("{} was not migrated, for its backup cannot be made: {reason}", .path.display())]
    NotBackedUp {
        /// The database.
        path: PathBuf,
        /// Why there is no backup.
        reason: Box<Self>,
    },
    /// Somebody else has the database open.
    #[error("{} is in use by another program; end that program and try again", .path.display())]
    InUse {
        /// The file.
        path: PathBuf,
    },
    /// An archive that is cut short, changed, or was made to do harm.
    #[error("{} cannot be trusted: {reason}", .path.display())]
    BadArchive {
        /// The file.
        path: PathBuf,
        /// What is wrong with it.
        reason: String,
    },
    /// The same source was replayed before.
    #[error(
        "this source was replayed before, as session {session}{}; ask for it again to get another session",
        if *.finished { "" } else { ", which did not come to its end" }
    )]
    AlreadyReplayed {
        /// The session that holds it.
        session: SessionId,
        /// Whether that session came to its end.
        finished: bool,
    },
    /// The writer fails, and patience is over. What waits in the queue is written as soon as that works again.
    #[error("{waiting} datagrams are not stored yet: {reason}")]
    NotDurable {
        /// How many datagrams wait.
        waiting: usize,
        /// Why the writer fails.
        reason: String,
    },
    /// Rows were given up: the queue was full, or the database refused them.
    #[error("{lost} datagrams were not stored: {reason}")]
    Lost {
        /// How many datagrams.
        lost: u64,
        /// Why.
        reason: String,
    },
    /// The store was closed.
    #[error("the store is closed")]
    Closed,
    /// What was named is not in the database.
    #[error("there is no {what} {name}")]
    NotFound {
        /// What kind of thing.
        what: &'static str,
        /// How it was named.
        name: String,
    },
    /// What was asked for contradicts what is there, or itself. Nothing was changed.
    #[error("{reason}")]
    Refused {
        /// Why, and what to do instead.
        reason: String,
    },
    /// A filter that the noun has no sense for.
    #[error("{noun} have no {filter} to be asked for; leave that filter out")]
    ImpossibleFilter {
        /// What was asked for.
        noun: &'static str,
        /// The filter.
        filter: &'static str,
    },
    /// A code that does not exist.
    #[error("{noun} have no code {code:?}; there are {known}")]
    UnknownCode {
        /// What was asked for.
        noun: &'static str,
        /// The code.
        code: String,
        /// Those that there are.
        known: String,
    },
    /// A cursor that another query gave.
    #[error("this cursor of {of} cannot go on with {noun}; begin again without one")]
    ForeignCursor {
        /// What was asked for.
        noun: &'static str,
        /// What the cursor is of.
        of: &'static str,
    },
    /// A query failed for another reason.
    #[error("cannot {doing}: {reason}")]
    Query {
        /// What was being done.
        doing: &'static str,
        /// What the database says.
        reason: String,
    },
}

impl StoreError {
    pub(crate) fn not_found(what: &'static str, name: impl ToString) -> Self {
        Self::NotFound { what, name: name.to_string() }
    }

    pub(crate) fn refused(reason: impl Into<String>) -> Self {
        Self::Refused { reason: reason.into() }
    }

    /// SQLite tells its reasons as fixed English texts; diesel does not pass its codes on.
    pub(crate) fn from_sqlite(path: &Path, reason: &str) -> Self {
        let path = path.to_owned();
        let says = |text: &str| reason.contains(text);
        if says("file is not a database") {
            Self::NotADatabase { path }
        } else if says("database is locked") || says("database table is locked") {
            Self::Locked { path }
        } else if says("readonly database") {
            Self::ReadOnly { path }
        } else if says("disk is full") {
            Self::DiskFull { path }
        } else if says("malformed") {
            Self::Damaged { path, reason: reason.to_owned() }
        } else {
            Self::CannotOpen { reason: explain_open(&path, reason), path }
        }
    }

    /// For a query on a database that is open.
    pub(crate) fn from_query(path: &Path, doing: &'static str, reason: &str) -> Self {
        match Self::from_sqlite(path, reason) {
            Self::CannotOpen { .. } => Self::Query { doing, reason: reason.to_owned() },
            known => known,
        }
    }
}

/// SQLite says "unable to open database file" for many reasons; the commonest can be told apart.
fn explain_open(path: &Path, reason: &str) -> String {
    if path.is_dir() {
        return String::from("it is a folder; name a file in it");
    }
    match path.parent() {
        Some(folder) if !folder.as_os_str().is_empty() && !folder.is_dir() => {
            format!("the folder {} does not exist; create it first", folder.display())
        }
        _ => format!("{reason}; check that the file and its folder can be read and written"),
    }
}
