//! Which rows belong to a session, and how they get from one database into another.

use std::path::Path;

use diesel::{
    connection::SimpleConnection as _,
    prelude::*,
    sql_types::{BigInt, Text},
};

use crate::{SessionId, connection::Word};

/// The rows of a table that belong to the chosen sessions, as a condition. In the order in which rows refer to
/// each other.
const BELONGING: &[(&str, &str)] = &[
    (
        "rings",
        "id IN (SELECT ring_id FROM attached.sessions WHERE id IN chosen) OR id IN (
            SELECT ring_id FROM attached.tournament_rings WHERE tournament_id IN (
                SELECT tournament_id FROM attached.sessions WHERE id IN chosen))",
    ),
    ("tournaments", "id IN (SELECT tournament_id FROM attached.sessions WHERE id IN chosen)"),
    ("tournament_days", "tournament_id IN (SELECT id FROM main.tournaments)"),
    ("tournament_rings", "tournament_id IN (SELECT id FROM main.tournaments)"),
    ("sessions", "id IN chosen"),
    ("sources", "id IN (SELECT source_id FROM attached.datagrams WHERE session_id IN chosen)"),
    ("datagrams", OF_SESSION),
    ("pss_events", OF_SESSION),
    ("pss_event_details", OF_SESSION),
    ("pss_event_recognition_history", OF_SESSION),
    ("pss_event_validation_results", OF_SESSION),
    ("pss_event_statistics", OF_SESSION),
    (
        "athletes",
        "id IN (WITH RECURSIVE named (id) AS (
            SELECT blue_athlete_id FROM attached.matches WHERE session_id IN chosen
            UNION SELECT red_athlete_id FROM attached.matches WHERE session_id IN chosen
            UNION SELECT athlete_id FROM attached.athlete_assignments WHERE session_id IN chosen
            UNION SELECT merged_into FROM attached.athletes JOIN named ON named.id = athletes.id
                WHERE merged_into IS NOT NULL
        ) SELECT id FROM named)",
    ),
    ("matches", OF_SESSION),
    ("rounds", "match_id IN (SELECT id FROM main.matches)"),
    ("match_events", OF_SESSION),
    ("hits", OF_SESSION),
    ("challenges", OF_SESSION),
    ("injuries", OF_SESSION),
    ("athlete_assignments", OF_SESSION),
    (
        "athlete_history",
        "athlete_id IN (SELECT id FROM main.athletes)
            AND (other_athlete_id IS NULL OR other_athlete_id IN (SELECT id FROM main.athletes))",
    ),
    ("match_logs", "match_id IN (SELECT id FROM main.matches)"),
    ("match_log_items", "match_log_id IN (SELECT id FROM main.match_logs)"),
];

const OF_SESSION: &str = "session_id IN chosen";

/// Makes another database readable under the name `attached`. Not within a transaction.
pub(super) fn attach(connection: &mut SqliteConnection, path: &Path) -> QueryResult<()> {
    let path = path
        .to_str()
        .ok_or_else(|| diesel::result::Error::QueryBuilderError("the database's name is not UTF-8".into()))?;
    diesel::sql_query("ATTACH DATABASE ? AS attached").bind::<Text, _>(path).execute(connection)?;
    Ok(())
}

/// Names the sessions of the attached database that are meant.
pub(super) fn choose(connection: &mut SqliteConnection, sessions: &[SessionId]) -> QueryResult<()> {
    connection.batch_execute("CREATE TEMP TABLE chosen (id INTEGER NOT NULL PRIMARY KEY)")?;
    for session in sessions {
        diesel::sql_query("INSERT OR IGNORE INTO chosen VALUES (?)")
            .bind::<BigInt, _>(session.0)
            .execute(connection)?;
    }
    Ok(())
}

/// Copies all rows of the chosen sessions, with their ids, into an empty database of the same schema.
pub(super) fn copy_chosen(connection: &mut SqliteConnection) -> QueryResult<()> {
    for (table, condition) in BELONGING {
        let columns = columns(connection, table)?.join(", ");
        connection.batch_execute(&format!(
            "INSERT INTO main.{table} ({columns}) SELECT {columns} FROM attached.{table} WHERE {condition}"
        ))?;
    }
    Ok(())
}

/// The names of a table's columns.
pub(super) fn columns(connection: &mut SqliteConnection, table: &str) -> QueryResult<Vec<String>> {
    let rows: Vec<Word> =
        diesel::sql_query("SELECT name AS value FROM pragma_table_info(?, 'main') ORDER BY cid")
            .bind::<Text, _>(table)
            .load(connection)?;
    Ok(rows.into_iter().map(|row| row.value).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    /// What is no part of a session: the program's own rows, what was set for this place, what is counted over
    /// all sessions.
    const OTHERS: &[&str] = &[
        "__diesel_schema_migrations",
        "changes",
        "flag_files",
        "flag_overrides",
        "flag_recognition_history",
        "pss_event_types",
        "pss_event_validation_rules",
        "pss_unknown_events",
        "rule_history",
        "setting_definitions",
        "settings",
        "settings_history",
        "slow_queries",
    ];

    #[test]
    fn every_table_is_of_a_session_or_known_not_to_be() {
        let folder = tempfile::tempdir().unwrap();
        let mut connection = crate::connection::open(&folder.path().join("a.db")).unwrap();
        let tables: Vec<Word> =
            diesel::sql_query("SELECT name AS value FROM sqlite_schema WHERE type = 'table' ORDER BY name")
                .load(&mut connection)
                .unwrap();
        let mut known: Vec<_> =
            BELONGING.iter().map(|(table, _)| *table).chain(OTHERS.iter().copied()).collect();
        known.sort_unstable();
        assert_eq!(tables.iter().map(|table| table.value.as_str()).collect::<Vec<_>>(), known);
    }
}
