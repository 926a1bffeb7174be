//! The tables as diesel sees them; the test below compares them with the migrated database.

diesel::table! {
    rings (id) { id -> BigInt, uuid -> Binary, name -> Text, }
}

diesel::table! {
    sessions (id) {
        id -> BigInt,
        ring_id -> BigInt,
        epoch -> BigInt,
        kind -> Text,
        origin -> Nullable<Text>,
        digest -> Nullable<Binary>,
        started_at -> BigInt,
        ended_at -> Nullable<BigInt>,
    }
}

diesel::table! {
    sources (id) { id -> BigInt, address -> Text, }
}

diesel::table! {
    datagrams (session_id, seq) {
        session_id -> BigInt,
        seq -> BigInt,
        arrived_at -> Nullable<BigInt>,
        monotonic_us -> BigInt,
        source_id -> Nullable<BigInt>,
        flow -> Integer,
        bytes -> Binary,
    }
}

diesel::table! {
    pss_event_types (code) { code -> Text, description -> Text, }
}

diesel::table! {
    pss_events (session_id, seq, message_index) {
        session_id -> BigInt,
        seq -> BigInt,
        message_index -> BigInt,
        span_start -> BigInt,
        span_end -> BigInt,
        arrived_at -> Nullable<BigInt>,
        match_index -> Nullable<BigInt>,
        round -> Nullable<BigInt>,
        event_code -> Nullable<Text>,
        recognition_status -> Text,
        protocol_version -> Text,
        parser_confidence -> Double,
        validation_errors -> Nullable<Text>,
        processing_time_ms -> Nullable<Double>,
    }
}

diesel::table! {
    pss_event_details (session_id, seq, message_index, name) {
        session_id -> BigInt,
        seq -> BigInt,
        message_index -> BigInt,
        name -> Text,
        value -> Text,
    }
}

diesel::table! {
    athletes (id) {
        id -> BigInt,
        long_name -> Text,
        country -> Text,
        division -> Text,
        short_name -> Nullable<Text>,
    }
}

diesel::table! {
    matches (id) {
        id -> BigInt,
        session_id -> BigInt,
        match_index -> BigInt,
        number -> Nullable<Text>,
        event_id -> Nullable<Text>,
        phase -> Nullable<Text>,
        category -> Nullable<Text>,
        division -> Nullable<Text>,
        rounds_planned -> Nullable<BigInt>,
        round_seconds -> Nullable<BigInt>,
        scoring -> Text,
        body_level -> Nullable<BigInt>,
        head_level -> Nullable<BigInt>,
        blue_athlete_id -> Nullable<BigInt>,
        red_athlete_id -> Nullable<BigInt>,
        blue_hits -> BigInt,
        red_hits -> BigInt,
        winner -> Nullable<Text>,
        winner_basis -> Nullable<Text>,
        decision -> Nullable<Text>,
        decision_basis -> Nullable<Text>,
        result -> Nullable<Text>,
        started -> Bool,
    }
}

diesel::table! {
    rounds (match_id, round) {
        match_id -> BigInt,
        round -> BigInt,
        blue -> BigInt,
        red -> BigInt,
        winner -> Nullable<Text>,
        winner_basis -> Nullable<Text>,
        blue_gam_jeoms -> BigInt,
        red_gam_jeoms -> BigInt,
    }
}

diesel::table! {
    match_events (session_id, match_index, event_id) {
        session_id -> BigInt,
        match_index -> BigInt,
        event_id -> BigInt,
        kind -> Text,
        arrived_at -> Nullable<BigInt>,
        monotonic_us -> BigInt,
        evidence_seq -> Nullable<BigInt>,
        evidence_index -> Nullable<BigInt>,
        round -> BigInt,
        clock -> Nullable<Text>,
        basis -> Text,
        athlete -> Nullable<Text>,
        code -> Nullable<Text>,
        points -> Nullable<BigInt>,
        removes -> Nullable<BigInt>,
        state -> Nullable<Text>,
        won -> Nullable<Bool>,
        shown_time -> Nullable<Text>,
        winner -> Nullable<Text>,
        decision -> Nullable<Text>,
        anomaly -> Nullable<Text>,
        note -> Nullable<Text>,
    }
}

diesel::table! {
    hits (session_id, match_index, event_id) {
        session_id -> BigInt,
        match_index -> BigInt,
        event_id -> BigInt,
        athlete -> Text,
        level -> BigInt,
        round -> BigInt,
        clock -> Nullable<Text>,
        linked_point -> Nullable<BigInt>,
    }
}

diesel::joinable!(sessions -> rings (ring_id));
diesel::allow_tables_to_appear_in_same_query!(rings, sessions);

#[cfg(test)]
mod tests {
    use diesel::{debug_query, prelude::*, sql_types::Text, sqlite::Sqlite};
    use pss_protocol::Code;

    use super::*;

    #[derive(QueryableByName)]
    struct Name {
        #[diesel(sql_type = Text)]
        name: String,
    }

    fn names(connection: &mut SqliteConnection, query: &str) -> Vec<String> {
        let rows: Vec<Name> = diesel::sql_query(query).load(connection).unwrap();
        rows.into_iter().map(|row| row.name).collect()
    }

    fn migrated() -> (tempfile::TempDir, SqliteConnection) {
        let folder = tempfile::tempdir().unwrap();
        let connection = crate::connection::open(&folder.path().join("s.db")).unwrap();
        (folder, connection)
    }

    #[test]
    fn tables_here_are_those_of_the_database() {
        let (_folder, mut connection) = migrated();
        let mut tables = Vec::new();
        macro_rules! compare {
            ($($table:ident)+) => {$(
                let name = stringify!($table);
                tables.push(name);
                let columns = names(&mut connection, &format!("SELECT name FROM pragma_table_info('{name}')"));
                let list = columns.iter().map(|column| format!("`{name}`.`{column}`")).collect::<Vec<_>>();
                let here = debug_query::<Sqlite, _>(&$table::table.select($table::all_columns)).to_string();
                assert!(here.starts_with(&format!("SELECT {} FROM", list.join(", "))), "{here}");
            )+};
        }
        compare!(athletes datagrams hits match_events matches pss_event_details pss_event_types pss_events rings
            rounds sessions sources);
        let query = "SELECT name FROM sqlite_schema \
             WHERE type = 'table' AND name <> '__diesel_schema_migrations' ORDER BY name";
        assert_eq!(names(&mut connection, query), tables);
    }

    #[test]
    fn every_code_of_the_protocol_has_its_event_type() {
        let (_folder, mut connection) = migrated();
        let mut known = names(&mut connection, "SELECT code AS name FROM pss_event_types");
        let mut codes: Vec<_> = Code::ALL.iter().map(|code| code.as_str().to_owned()).collect();
        codes.sort();
        known.sort();
        assert_eq!(known, codes, "a new code needs a migration that describes it");
    }
}
