//! An archive's sessions, put into another database.

use diesel::{
    connection::SimpleConnection as _,
    prelude::*,
    sql_types::{BigInt, Binary, Nullable, Text},
};

use super::{OpenedArchive, rows};
use crate::{
    EventId, SessionId, Store, StoreError, connection, statistics,
    unknown::{Patterns, Sighting},
};

/// What became of a session of an archive.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct ImportedSession {
    /// Its name here.
    pub session: SessionId,
    /// The ring's name here.
    pub ring: String,
    /// With the ring's identity, the session's.
    pub epoch: i64,
    /// What was done.
    pub outcome: ImportOutcome,
}

/// What an import did with a session.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ImportOutcome {
    /// It was not here.
    Added {
        /// How many datagrams it has.
        datagrams: u64,
    },
    /// It was here in part.
    Completed {
        /// How many datagrams were added.
        datagrams: u64,
    },
    /// All of it was here.
    AlreadyHere,
}

impl Store {
    /// Puts the sessions of an archive into this database. A session is known by its ring's identity and its
    /// epoch, a datagram by its number in it, so the same archive again adds nothing. A ring whose name another
    /// ring has here gets a name of its own. Athletes of one name, country, division and variant are one, and
    /// so are tournaments of one name.
    ///
    /// Each session is one transaction: an import that is cut short is completed by the next one.
    ///
    /// # Errors
    ///
    /// [`StoreError::BadArchive`] when a datagram is here already with other bytes; when the database cannot be
    /// written.
    pub fn import(&self, archive: &OpenedArchive) -> Result<Vec<ImportedSession>, StoreError> {
        let path = archive.database();
        let imported = self.write_apart("import an archive", move |connection| {
            rows::attach(connection, &path)?;
            let outcome = import(connection);
            // Whatever happened, the writer goes on without it.
            let left = connection.batch_execute(LEAVE);
            outcome.and_then(|imported| left.map(|()| imported))
        })?;
        imported.map_err(|conflict| StoreError::BadArchive {
            path: archive.database(),
            reason: format!(
                "datagram {} of ring {} and epoch {} is here with other bytes",
                conflict.seq, conflict.ring, conflict.epoch
            ),
        })
    }
}

/// The same name in the whole world for two datagrams.
#[derive(QueryableByName)]
struct Conflict {
    #[diesel(sql_type = Text)]
    ring: String,
    #[diesel(sql_type = BigInt)]
    epoch: i64,
    #[diesel(sql_type = BigInt)]
    seq: i64,
}

#[derive(QueryableByName)]
struct SessionRow {
    #[diesel(sql_type = BigInt)]
    old: i64,
    #[diesel(sql_type = BigInt)]
    new: i64,
    #[diesel(sql_type = BigInt)]
    known: i64,
    #[diesel(sql_type = Text)]
    ring: String,
    #[diesel(sql_type = BigInt)]
    epoch: i64,
}

/// A message that nobody knows.
#[derive(QueryableByName)]
struct UnknownRow {
    #[diesel(sql_type = BigInt)]
    seq: i64,
    #[diesel(sql_type = BigInt)]
    message_index: i64,
    #[diesel(sql_type = Nullable<BigInt>)]
    arrived_at: Option<i64>,
    #[diesel(sql_type = Binary)]
    raw: Vec<u8>,
}

#[derive(Clone, Copy, QueryableByName)]
struct Datagrams {
    #[diesel(sql_type = BigInt)]
    missing: i64,
    #[diesel(sql_type = BigInt)]
    last_here: i64,
    #[diesel(sql_type = BigInt)]
    last_there: i64,
}

fn import(connection: &mut SqliteConnection) -> QueryResult<Result<Vec<ImportedSession>, Conflict>> {
    let conflict = connection::transaction(connection, |connection| {
        let conflict = diesel::sql_query(CONFLICT).get_result::<Conflict>(connection).optional()?;
        if conflict.is_none() {
            common(connection)?;
        }
        QueryResult::Ok(conflict)
    })?;
    if let Some(conflict) = conflict {
        return Ok(Err(conflict));
    }
    let epochs: Vec<connection::Number> =
        diesel::sql_query("SELECT id AS value FROM attached.sessions ORDER BY epoch, id").load(connection)?;
    let sessions = epochs
        .into_iter()
        .map(|session| connection::transaction(connection, |connection| one(connection, session.value)))
        .collect::<QueryResult<Vec<_>>>()?;
    Ok(Ok(sessions))
}

/// What sessions share, and which row here is which row there.
fn common(connection: &mut SqliteConnection) -> QueryResult<()> {
    connection.batch_execute(RINGS)?;
    insert(connection, "tournaments", "true", "INSERT OR IGNORE")?;
    connection.batch_execute(TOURNAMENT_IDS)?;
    for table in ["tournament_days", "tournament_rings"] {
        insert(connection, table, "true", "INSERT OR IGNORE")?;
    }
    connection.batch_execute(DAY_IDS)?;
    insert(connection, "sources", "true", "INSERT OR IGNORE")?;
    connection.batch_execute(SOURCE_IDS)?;
    let last: connection::Number =
        diesel::sql_query("SELECT coalesce(max(id), 0) AS value FROM main.athletes")
            .get_result(connection)?;
    insert(connection, "athletes", "true", "INSERT OR IGNORE")?;
    connection.batch_execute(ATHLETE_IDS)?;
    // Merges come when all of them are here; an athlete who was here before stays whoever that is.
    connection.batch_execute(&format!(
        "UPDATE main.athletes SET merged_into = whom.new
         FROM attached.athletes AS it JOIN temp.athlete_ids AS who ON who.old = it.id
             JOIN temp.athlete_ids AS whom ON whom.old = it.merged_into
         WHERE main.athletes.id = who.new AND main.athletes.id > {}",
        last.value
    ))?;
    insert(connection, "athlete_history", NEW_HISTORY, "INSERT")
}

/// One session of the archive.
fn one(connection: &mut SqliteConnection, old: i64) -> QueryResult<ImportedSession> {
    let before = mapped(connection, old)?;
    if before.is_none() {
        insert(connection, "sessions", &format!("id = {old}"), "INSERT")?;
    }
    connection.batch_execute("DROP TABLE IF EXISTS temp.session_ids")?;
    connection.batch_execute(SESSION_IDS)?;
    let session = match before {
        Some(known) => known,
        None => SessionRow { known: 0, ..mapped(connection, old)?.ok_or(diesel::result::Error::NotFound)? },
    };
    let datagrams: Datagrams = diesel::sql_query(DATAGRAMS)
        .bind::<BigInt, _>(session.old)
        .bind::<BigInt, _>(session.new)
        .get_result(connection)?;
    let outcome = match (session.known, datagrams.missing) {
        (1, 0) => ImportOutcome::AlreadyHere,
        (1, missing) => ImportOutcome::Completed { datagrams: missing.unsigned_abs() },
        (_, missing) => ImportOutcome::Added { datagrams: missing.unsigned_abs() },
    };
    if outcome != ImportOutcome::AlreadyHere {
        rows_of(connection, &session, datagrams)?;
    }
    Ok(ImportedSession { session: SessionId(session.new), ring: session.ring, epoch: session.epoch, outcome })
}

fn mapped(connection: &mut SqliteConnection, old: i64) -> QueryResult<Option<SessionRow>> {
    diesel::sql_query(SESSION).bind::<BigInt, _>(old).get_result(connection).optional()
}

/// What belongs to a session, where it is not here yet. What the archive knows later than this database is
/// taken from the archive.
fn rows_of(connection: &mut SqliteConnection, session: &SessionRow, datagrams: Datagrams) -> QueryResult<()> {
    let (old, new) = (session.old, session.new);
    let of_session = format!("session_id = {old}");
    let later = datagrams.last_there > datagrams.last_here;
    if session.known == 1 && later {
        connection.batch_execute(&format!(
            "UPDATE main.sessions SET ended_at = coalesce(
                 (SELECT ended_at FROM attached.sessions WHERE id = {old}), ended_at) WHERE id = {new};"
        ))?;
    }
    connection.batch_execute(&format!(
        "DELETE FROM temp.new_seqs;
         INSERT INTO temp.new_seqs SELECT seq FROM attached.datagrams AS it WHERE it.session_id = {old}
             AND NOT EXISTS (SELECT 1 FROM main.datagrams AS d WHERE d.session_id = {new} AND d.seq = it.seq);"
    ))?;
    for table in ["datagrams", "pss_events", "pss_event_details", "pss_event_validation_results"] {
        insert(connection, table, &of_session, "INSERT OR IGNORE")?;
    }
    let unknown = format!(
        "{of_session} AND NOT EXISTS (
            SELECT 1 FROM main.pss_event_recognition_history AS here
            WHERE here.session_id = {new} AND here.seq = it.seq AND here.message_index = it.message_index
                AND here.changed_at = it.changed_at AND here.new_status = it.new_status)"
    );
    insert(connection, "pss_event_recognition_history", &unknown, "INSERT")?;
    if later {
        update_matches(connection, old, new)?;
    }
    insert(connection, "matches", &of_session, "INSERT OR IGNORE")?;
    connection.batch_execute(&format!(
        "DELETE FROM temp.match_ids;
         INSERT INTO temp.match_ids SELECT it.id, here.id FROM attached.matches AS it
             JOIN main.matches AS here ON here.session_id = {new} AND here.match_index = it.match_index
             WHERE it.session_id = {old};"
    ))?;
    let of_match = "match_id IN (SELECT old FROM temp.match_ids)";
    insert(connection, "rounds", of_match, if later { "INSERT OR REPLACE" } else { "INSERT OR IGNORE" })?;
    for table in ["match_events", "hits", "challenges", "injuries", "athlete_assignments"] {
        insert(connection, table, &of_session, "INSERT OR IGNORE")?;
    }
    insert(connection, "match_logs", of_match, "INSERT OR IGNORE")?;
    connection.batch_execute(LOG_IDS)?;
    let of_log = "match_log_id IN (SELECT old FROM temp.log_ids)";
    insert(connection, "match_log_items", of_log, "INSERT OR IGNORE")?;
    count_unknown(connection, new)?;
    statistics::recount(connection, new)
}

/// Counts the messages that came and that nobody knows for their patterns, as if they had just been heard.
fn count_unknown(connection: &mut SqliteConnection, session: i64) -> QueryResult<()> {
    let messages: Vec<UnknownRow> = diesel::sql_query(UNKNOWN).bind::<BigInt, _>(session).load(connection)?;
    let mut patterns = Patterns::default();
    for message in &messages {
        let event = EventId {
            session: SessionId(session),
            seq: message.seq.unsigned_abs(),
            index: u32::try_from(message.message_index).unwrap_or(0),
        };
        let sighting = Sighting { event, arrived_at: message.arrived_at, message: &message.raw };
        patterns.see(connection, &sighting)?;
    }
    patterns.write(connection)
}

/// Inserts rows of the attached database; what they refer to is put into this database's terms.
fn insert(connection: &mut SqliteConnection, table: &str, condition: &str, how: &str) -> QueryResult<()> {
    let columns = columns(connection, table)?;
    let values: Vec<_> = columns.iter().map(|column| translated(table, column)).collect();
    connection.batch_execute(&format!(
        "{how} INTO main.{table} ({}) SELECT {} FROM attached.{table} AS it WHERE {condition}",
        columns.join(", "),
        values.join(", ")
    ))
}

/// Takes what the archive says of matches that are here.
fn update_matches(connection: &mut SqliteConnection, old: i64, new: i64) -> QueryResult<()> {
    let columns = columns(connection, "matches")?;
    let changes: Vec<_> =
        columns.iter().map(|column| format!("{column} = {}", translated("matches", column))).collect();
    connection.batch_execute(&format!(
        "UPDATE main.matches SET {} FROM attached.matches AS it
         WHERE main.matches.session_id = {new} AND it.session_id = {old}
             AND main.matches.match_index = it.match_index",
        changes.join(", ")
    ))
}

/// The columns that are taken over: all but a number that each database gives itself.
fn columns(connection: &mut SqliteConnection, table: &str) -> QueryResult<Vec<String>> {
    let mut columns = rows::columns(connection, table)?;
    columns.retain(|column| column != "id");
    Ok(columns)
}

/// A column's value in this database's terms.
fn translated(table: &str, column: &str) -> String {
    let ids = match (table, column) {
        ("athletes", "merged_into") => return String::from("NULL"),
        (_, "session_id") => "session_ids",
        (_, "ring_id") => "ring_ids",
        (_, "source_id") => "source_ids",
        (_, "tournament_id") => "tournament_ids",
        (_, "tournament_day_id") => "day_ids",
        (_, "match_id") => "match_ids",
        (_, "match_log_id") => "log_ids",
        (_, "athlete_id" | "blue_athlete_id" | "red_athlete_id" | "other_athlete_id" | "merged_into") => {
            "athlete_ids"
        }
        _ => return format!("it.{column}"),
    };
    format!("(SELECT new FROM temp.{ids} WHERE old = it.{column})")
}

const CONFLICT: &str = "\
SELECT ring.name AS ring, there.epoch, theirs.seq
FROM attached.sessions AS there
JOIN attached.rings AS ring ON ring.id = there.ring_id
JOIN main.rings AS known ON known.uuid = ring.uuid
JOIN main.sessions AS here ON here.ring_id = known.id AND here.epoch = there.epoch
JOIN attached.datagrams AS theirs ON theirs.session_id = there.id
JOIN main.datagrams AS ours ON ours.session_id = here.id AND ours.seq = theirs.seq
WHERE ours.bytes <> theirs.bytes LIMIT 1";

const SESSION: &str = "\
SELECT there.id AS old, here.id AS new, 1 AS known, ring.name AS ring, here.epoch
FROM attached.sessions AS there
JOIN temp.ring_ids ON ring_ids.old = there.ring_id
JOIN main.sessions AS here ON here.ring_id = ring_ids.new AND here.epoch = there.epoch
JOIN main.rings AS ring ON ring.id = here.ring_id
WHERE there.id = ?";

const UNKNOWN: &str = "\
SELECT e.seq, e.message_index, e.arrived_at,
    substr(d.bytes, e.span_start + 1, e.span_end - e.span_start) AS raw
FROM temp.new_seqs JOIN main.pss_events AS e ON e.session_id = ?1 AND e.seq = new_seqs.seq
JOIN main.datagrams AS d ON d.session_id = ?1 AND d.seq = e.seq
WHERE e.recognition_status = 'unknown' AND e.event_code IS NULL";

const DATAGRAMS: &str = "\
SELECT (SELECT count(*) FROM attached.datagrams AS it WHERE it.session_id = a.old AND NOT EXISTS (
        SELECT 1 FROM main.datagrams AS d WHERE d.session_id = a.new AND d.seq = it.seq)) AS missing,
    (SELECT coalesce(max(seq), 0) FROM main.datagrams WHERE session_id = a.new) AS last_here,
    (SELECT coalesce(max(seq), 0) FROM attached.datagrams WHERE session_id = a.old) AS last_there
FROM (SELECT ? AS old, ? AS new) AS a";

const RINGS: &str = "\
INSERT INTO main.rings (uuid, name)
    SELECT uuid, iif(name IN (SELECT name FROM main.rings), name || ' (' || lower(hex(substr(uuid, 1, 4))) || ')', name)
    FROM attached.rings WHERE uuid NOT IN (SELECT uuid FROM main.rings);
CREATE TEMP TABLE ring_ids AS SELECT it.id AS old, here.id AS new
    FROM attached.rings AS it JOIN main.rings AS here USING (uuid);
CREATE TEMP TABLE new_seqs (seq INTEGER NOT NULL PRIMARY KEY);
CREATE TEMP TABLE match_ids (old INTEGER NOT NULL PRIMARY KEY, new INTEGER NOT NULL);
CREATE TEMP TABLE log_ids (old INTEGER NOT NULL PRIMARY KEY, new INTEGER NOT NULL);";

const TOURNAMENT_IDS: &str = "\
CREATE TEMP TABLE tournament_ids AS SELECT it.id AS old, here.id AS new
    FROM attached.tournaments AS it JOIN main.tournaments AS here USING (name);";

const DAY_IDS: &str = "\
CREATE TEMP TABLE day_ids AS SELECT it.id AS old, here.id AS new
    FROM attached.tournament_days AS it JOIN temp.tournament_ids ON tournament_ids.old = it.tournament_id
    JOIN main.tournament_days AS here ON here.tournament_id = tournament_ids.new AND here.date = it.date;";

const SOURCE_IDS: &str = "\
CREATE TEMP TABLE source_ids AS SELECT it.id AS old, here.id AS new
    FROM attached.sources AS it JOIN main.sources AS here USING (address);
CREATE UNIQUE INDEX temp.source_ids_by_old ON source_ids (old);";

const ATHLETE_IDS: &str = "\
CREATE TEMP TABLE athlete_ids AS SELECT it.id AS old, here.id AS new
    FROM attached.athletes AS it JOIN main.athletes AS here USING (long_name, country, division, variant);
CREATE UNIQUE INDEX temp.athlete_ids_by_old ON athlete_ids (old);";

const SESSION_IDS: &str = "\
CREATE TEMP TABLE session_ids AS SELECT it.id AS old, here.id AS new
    FROM attached.sessions AS it JOIN temp.ring_ids ON ring_ids.old = it.ring_id
    JOIN main.sessions AS here ON here.ring_id = ring_ids.new AND here.epoch = it.epoch;";

/// An athlete's change is known by when it was made.
const NEW_HISTORY: &str = "\
NOT EXISTS (SELECT 1 FROM main.athlete_history AS here
    WHERE here.athlete_id = (SELECT new FROM temp.athlete_ids WHERE old = it.athlete_id)
        AND here.changed_at = it.changed_at AND here.action = it.action)";

const LOG_IDS: &str = "\
DELETE FROM temp.log_ids;
INSERT INTO temp.log_ids SELECT it.id, here.id FROM attached.match_logs AS it
    JOIN main.match_logs AS here ON here.court = it.court AND here.name = it.name;";

const LEAVE: &str = "\
DROP TABLE IF EXISTS temp.ring_ids;
DROP TABLE IF EXISTS temp.tournament_ids;
DROP TABLE IF EXISTS temp.day_ids;
DROP TABLE IF EXISTS temp.source_ids;
DROP TABLE IF EXISTS temp.athlete_ids;
DROP TABLE IF EXISTS temp.session_ids;
DROP TABLE IF EXISTS temp.new_seqs;
DROP TABLE IF EXISTS temp.match_ids;
DROP TABLE IF EXISTS temp.log_ids;
DETACH attached;";
