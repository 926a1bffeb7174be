//! Making an archive.

use std::{
    fs::File,
    io::{self, Write as _},
    path::{Path, PathBuf},
};

use diesel::{
    connection::SimpleConnection as _,
    prelude::*,
    sql_types::{BigInt, Nullable, Text},
};
use flate2::{Compression, write::GzEncoder};
use pss_protocol::Timestamp;

use super::{
    ArchiveManifest, ArchiveMember, ArchivedSession, OpenedArchive, digest,
    manifest::{DATABASE, FORMAT, KIND, MANIFEST, SIGNATURE},
    rows,
};
use crate::{
    SessionId, Store, StoreError, connection,
    schema::{sessions, tournaments},
    signed::SecretKey,
    unfinished::{Unfinished, cannot_make},
};

/// What is to be archived.
#[derive(Clone, Copy, Debug)]
#[non_exhaustive]
pub struct ArchiveRequest<'a> {
    /// The file to make; nothing may be there.
    pub target: &'a Path,
    /// The sessions; see [`Store::sessions`].
    pub sessions: &'a [SessionId],
    /// Who vouches for it; nobody when `None`.
    pub key: Option<&'a SecretKey>,
    /// Now.
    pub at: Timestamp,
}

impl<'a> ArchiveRequest<'a> {
    /// Of these sessions, not signed.
    pub fn new(target: &'a Path, sessions: &'a [SessionId], at: Timestamp) -> Self {
        Self { target, sessions, key: None, at }
    }

    /// Signed with this key.
    #[must_use]
    pub fn signed(mut self, key: &'a SecretKey) -> Self {
        self.key = Some(key);
        self
    }
}

/// Which sessions are meant.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ArchiveSelection {
    /// These.
    Sessions(Vec<SessionId>),
    /// Those of the tournament of this name.
    Tournament(String),
    /// Those that began in `from..until`; an end that is `None` is open.
    Began {
        /// The first moment.
        from: Option<Timestamp>,
        /// The moment after the last.
        until: Option<Timestamp>,
    },
}

/// An archive that was made, and read again.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct Archived {
    /// Where it is.
    pub path: PathBuf,
    /// Its length.
    pub bytes: u64,
    /// What it says about itself.
    pub manifest: ArchiveManifest,
}

impl Store {
    /// The sessions that are meant, in the order in which they began.
    ///
    /// # Errors
    ///
    /// When a session that was named is not here, or the database cannot be read.
    pub fn select_sessions(&self, selection: &ArchiveSelection) -> Result<Vec<SessionId>, StoreError> {
        let found: Vec<i64> = self.read("select sessions", |connection| {
            let mut query = sessions::table.order(sessions::id).select(sessions::id).into_boxed();
            query = match selection {
                ArchiveSelection::Sessions(ids) => {
                    query.filter(sessions::id.eq_any(ids.iter().map(|id| id.0).collect::<Vec<_>>()))
                }
                ArchiveSelection::Tournament(name) => {
                    let named = tournaments::table.filter(tournaments::name.eq(name)).select(tournaments::id);
                    let id: Option<i64> = named.first(connection).optional()?;
                    // No tournament, no sessions: nothing equals null.
                    query.filter(sessions::tournament_id.eq(id))
                }
                ArchiveSelection::Began { from, until } => {
                    let from = from.map_or(i64::MIN, |from| from.0);
                    let until = until.map_or(i64::MAX, |until| until.0);
                    query.filter(sessions::started_at.ge(from)).filter(sessions::started_at.lt(until))
                }
            };
            query.load(connection)
        })?;
        if let ArchiveSelection::Sessions(ids) = selection
            && let Some(missing) = ids.iter().find(|id| !found.contains(&id.0))
        {
            return Err(StoreError::Query {
                doing: "select sessions",
                reason: format!("session {missing} is not here"),
            });
        }
        Ok(found.into_iter().map(SessionId).collect())
    }

    /// Puts sessions, with all that they refer to, into an archive. One moment of the database is read; others
    /// write meanwhile. The archive is read again and verified before it takes its place.
    ///
    /// # Errors
    ///
    /// When a session is not here, [`StoreError::AlreadyThere`], [`StoreError::DiskFull`]. Nothing is left
    /// behind then.
    pub fn archive(&self, request: &ArchiveRequest<'_>) -> Result<Archived, StoreError> {
        let unfinished = Unfinished::of(request.target, false)?;
        let failed = |error: &io::Error| cannot_make(request.target, error);
        let database = unfinished.beside(DATABASE);
        let sessions = self.sessions_apart(&database, request.sessions).map_err(|error| match error {
            StoreError::DiskFull { .. } => StoreError::DiskFull { path: request.target.to_owned() },
            other => other,
        })?;
        let (bytes, sha256) = digest(&database).map_err(|error| failed(&error))?;
        let manifest = ArchiveManifest {
            kind: KIND.into(),
            format: FORMAT,
            schema: connection::newest_schema(),
            program: env!("CARGO_PKG_VERSION").into(),
            made_at: request.at.0,
            sessions,
            members: vec![ArchiveMember { name: DATABASE.into(), bytes, sha256 }],
        };
        write(&unfinished.path(), &manifest, request.key, &database).map_err(|error| failed(&error))?;
        std::fs::remove_file(&database).map_err(|error| failed(&error))?;
        let trusted: Vec<_> = request.key.iter().map(|key| key.public()).collect();
        let read = OpenedArchive::open(&unfinished.path(), &unfinished.beside(""), &trusted)?;
        debug_assert_eq!(read.manifest(), &manifest);
        drop(read);
        let bytes = std::fs::metadata(unfinished.path()).map_err(|error| failed(&error))?.len();
        Ok(Archived { path: unfinished.finish(false)?, bytes, manifest })
    }

    /// A new database that holds only these sessions.
    fn sessions_apart(
        &self,
        path: &Path,
        sessions: &[SessionId],
    ) -> Result<Vec<ArchivedSession>, StoreError> {
        let mut connection = connection::open(path)?;
        let failed = |error: diesel::result::Error| {
            StoreError::from_query(path, "archive sessions", &error.to_string())
        };
        // Rows are copied as they are; whether each refers to one that is there is verified in the end.
        connection.batch_execute("PRAGMA foreign_keys = OFF").map_err(failed)?;
        rows::attach(&mut connection, self.path()).map_err(failed)?;
        let found = connection::transaction(&mut connection, |connection| {
            rows::choose(connection, sessions)?;
            rows::copy_chosen(connection)?;
            archived(connection)
        })
        .map_err(failed)?;
        connection.batch_execute("DETACH attached; PRAGMA journal_mode = DELETE").map_err(failed)?;
        if found.len() != sessions.len() {
            return Err(StoreError::Query {
                doing: "archive sessions",
                reason: String::from("not every session that was asked for is here"),
            });
        }
        Ok(found)
    }
}

#[derive(QueryableByName)]
struct SessionRow {
    #[diesel(sql_type = Text)]
    ring_uuid: String,
    #[diesel(sql_type = BigInt)]
    epoch: i64,
    #[diesel(sql_type = Text)]
    ring: String,
    #[diesel(sql_type = Text)]
    kind: String,
    #[diesel(sql_type = BigInt)]
    started_at: i64,
    #[diesel(sql_type = Nullable<BigInt>)]
    ended_at: Option<i64>,
    #[diesel(sql_type = BigInt)]
    datagrams: i64,
    #[diesel(sql_type = BigInt)]
    messages: i64,
    #[diesel(sql_type = BigInt)]
    events: i64,
    #[diesel(sql_type = BigInt)]
    matches: i64,
}

/// The sessions of the database that `connection` is about, for a manifest.
pub(super) fn archived(connection: &mut SqliteConnection) -> QueryResult<Vec<ArchivedSession>> {
    let rows: Vec<SessionRow> = diesel::sql_query(
        "SELECT lower(hex(rings.uuid)) AS ring_uuid, epoch, rings.name AS ring, kind, started_at, ended_at, \
             (SELECT count(*) FROM main.datagrams WHERE session_id = sessions.id) AS datagrams, \
             (SELECT count(*) FROM main.pss_events WHERE session_id = sessions.id) AS messages, \
             (SELECT count(*) FROM main.match_events WHERE session_id = sessions.id) AS events, \
             (SELECT count(*) FROM main.matches WHERE session_id = sessions.id) AS matches \
         FROM main.sessions JOIN main.rings ON rings.id = sessions.ring_id ORDER BY epoch, ring_uuid",
    )
    .load(connection)?;
    let session = |row: SessionRow| ArchivedSession {
        ring_uuid: row.ring_uuid,
        epoch: row.epoch,
        ring: row.ring,
        kind: row.kind,
        started_at: row.started_at,
        ended_at: row.ended_at,
        datagrams: row.datagrams,
        messages: row.messages,
        events: row.events,
        matches: row.matches,
    };
    Ok(rows.into_iter().map(session).collect())
}

fn write(
    path: &Path,
    manifest: &ArchiveManifest,
    key: Option<&SecretKey>,
    database: &Path,
) -> io::Result<()> {
    let mut document =
        serde_json::to_vec_pretty(manifest).expect("a manifest holds nothing that JSON cannot say");
    document.push(b'\n');
    let gzip = GzEncoder::new(io::BufWriter::new(File::create_new(path)?), Compression::default());
    let mut tar = tar::Builder::new(gzip);
    let header = |bytes: u64| {
        let mut header = tar::Header::new_ustar();
        header.set_size(bytes);
        header.set_mode(0o644);
        header.set_mtime(u64::try_from(manifest.made_at / 1_000_000).unwrap_or(0));
        header
    };
    tar.append_data(&mut header(document.len() as u64), MANIFEST, document.as_slice())?;
    if let Some(key) = key {
        let signature = key.sign(&document).to_json();
        tar.append_data(&mut header(signature.len() as u64), SIGNATURE, signature.as_slice())?;
    }
    let file = File::open(database)?;
    // ustar holds up to 8 GiB, `set_size` beyond that writes the number as GNU tar does.
    tar.append_data(&mut header(file.metadata()?.len()), DATABASE, file)?;
    let mut file = tar.into_inner()?.finish()?;
    file.flush()
}
