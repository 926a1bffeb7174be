//! Whether a database is whole.

use std::path::Path;

use diesel::{
    prelude::*,
    sql_types::{BigInt, Text},
};

use super::{DatabaseFile, SchemaVersions, schema_of};
use crate::{
    StoreError,
    backup::{self, BackupManifest, TableHash},
    connection,
};

/// What a verification found.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct Verification {
    /// Which schema the database has.
    pub schema: SchemaVersions,
    /// What is damaged: pages that contradict each other, rows that refer to nothing, tables that are not as
    /// the schema's migrations make them. None when all is well.
    pub damage: Vec<String>,
    /// Datagrams that are missing, by session. No damage: what found the queue full was never stored.
    pub gaps: Vec<SessionGaps>,
    /// Each table's rows, counted and hashed; none where the database is too damaged to be read to its end.
    pub tables: Vec<TableHash>,
    /// When a manifest lies beside the database: what differs from it.
    pub manifest: Option<Vec<String>>,
}

impl Verification {
    /// Whether nothing is damaged and nothing differs from the manifest.
    pub fn is_whole(&self) -> bool {
        self.damage.is_empty() && self.manifest.as_ref().is_none_or(Vec::is_empty)
    }
}

/// The datagrams that a session lacks.
#[derive(Clone, Debug, PartialEq, Eq, QueryableByName)]
#[non_exhaustive]
pub struct SessionGaps {
    /// The session.
    #[diesel(sql_type = BigInt)]
    pub session: i64,
    /// The ring's name.
    #[diesel(sql_type = Text)]
    pub ring: String,
    /// How many datagrams are missing between 1 and the last one.
    #[diesel(sql_type = BigInt)]
    pub missing: i64,
    /// The first that is missing.
    #[diesel(sql_type = BigInt)]
    pub first: i64,
}

impl DatabaseFile {
    /// Reads all of it and looks for what is wrong. It may be in use.
    ///
    /// # Errors
    ///
    /// When it is no database of ours, was written by a newer version, or cannot be read at all. What is found
    /// damaged is no error but a finding.
    pub fn verify(&self) -> Result<Verification, StoreError> {
        let path = &self.path;
        let schema = schema_of(&mut connection::look(path)?, path)?;
        let connection = backup::open_to_read(path)?;
        let mut damage = backup::integrity(&connection)
            .unwrap_or_else(|error| vec![format!("it cannot be checked to its end: {error}")]);
        if let Some(found) = schema.found.as_deref() {
            damage.extend(strange_schema(&mut connection::look(path)?, path, found)?);
        }
        let mut tables = Vec::new();
        match backup::hash_tables(&connection) {
            Ok(hashed) => tables = hashed,
            Err(error) => damage.push(format!("it cannot be read to its end: {error}")),
        }
        drop(connection);
        if damage.is_empty() && schema.found.as_ref() == Some(&schema.known) {
            damage.extend(self.wrong_statistics()?);
        }
        let gaps = if damage.is_empty() && schema.found.is_some() { self.gaps()? } else { Vec::new() };
        let manifest = BackupManifest::beside(path)?.map(|manifest| manifest.differences(&tables));
        Ok(Verification { schema, damage, gaps, tables, manifest })
    }

    /// The sessions whose statistics are not what a recount gives.
    fn wrong_statistics(&self) -> Result<Vec<String>, StoreError> {
        let mut connection = connection::look(&self.path)?;
        let sessions: Vec<connection::Number> = diesel::sql_query(WRONG_STATISTICS)
            .load(&mut connection)
            .map_err(|error| StoreError::from_query(&self.path, "count the messages", &error.to_string()))?;
        Ok(sessions
            .into_iter()
            .map(|session| {
                format!("the statistics of session {} are not what its messages say", session.value)
            })
            .collect())
    }

    fn gaps(&self) -> Result<Vec<SessionGaps>, StoreError> {
        let mut connection = connection::look(&self.path)?;
        diesel::sql_query(GAPS)
            .load(&mut connection)
            .map_err(|error| StoreError::from_query(&self.path, "look for gaps", &error.to_string()))
    }
}

/// What is not as the migrations up to `newest` make it.
pub(crate) fn strange_schema(
    connection: &mut SqliteConnection,
    path: &Path,
    newest: &str,
) -> Result<Vec<String>, StoreError> {
    let expected = connection::reference_schema(newest)?;
    let found = connection::schema_text(connection)
        .map_err(|error| StoreError::from_sqlite(path, &error.to_string()))?;
    let name = |text: &String| text.split(':').next().unwrap_or_default().to_owned();
    let missing = expected.iter().filter(|text| !found.contains(text));
    let strange = found.iter().filter(|text| !expected.contains(text));
    Ok(missing
        .map(|text| format!("not as this schema makes it: {}", name(text)))
        .chain(strange.map(|text| format!("not of this schema: {}", name(text))))
        .collect())
}

const WRONG_STATISTICS: &str = "\
WITH counted AS (
    SELECT session_id, coalesce(event_code, '') AS code,
        coalesce(strftime('%Y-%m-%d', arrived_at / 1000000, 'unixepoch'), '') AS day,
        count(*) AS total,
        count(*) FILTER (WHERE recognition_status = 'recognized') AS recognized,
        count(*) FILTER (WHERE recognition_status = 'partial') AS partial,
        count(*) FILTER (WHERE recognition_status = 'unknown') AS unknown,
        count(*) FILTER (WHERE recognition_status = 'deprecated') AS deprecated,
        count(processing_time_ms) AS timed
    FROM pss_events GROUP BY 1, 2, 3
), kept AS (
    SELECT session_id, event_code AS code, day, total, recognized, partial, unknown, deprecated, timed
    FROM pss_event_statistics WHERE total > 0
)
SELECT DISTINCT session_id AS value FROM (
    SELECT * FROM (SELECT * FROM counted EXCEPT SELECT * FROM kept)
    UNION ALL SELECT * FROM (SELECT * FROM kept EXCEPT SELECT * FROM counted)
) ORDER BY value";

const GAPS: &str = "\
SELECT counted.session_id AS session, rings.name AS ring, last - count AS missing, (
    SELECT coalesce(min(seq) + 1, 1) FROM datagrams AS d
    WHERE d.session_id = counted.session_id AND NOT EXISTS (
        SELECT 1 FROM datagrams AS next WHERE next.session_id = d.session_id AND next.seq = d.seq + 1
    ) AND EXISTS (SELECT 1 FROM datagrams AS first WHERE first.session_id = d.session_id AND first.seq = 1)
) AS first
FROM (SELECT session_id, count(*) AS count, max(seq) AS last FROM datagrams GROUP BY session_id) AS counted
JOIN sessions ON sessions.id = counted.session_id JOIN rings ON rings.id = sessions.ring_id
WHERE last <> count ORDER BY counted.session_id";
