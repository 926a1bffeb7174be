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
        dialect -> Nullable<Text>,
        off_the_wire -> Bool,
        reorder_window_us -> BigInt,
        tournament_id -> Nullable<BigInt>,
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
        variant -> BigInt,
        short_name -> Nullable<Text>,
        merged_into -> Nullable<BigInt>,
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
        began_at -> Nullable<BigInt>,
        tournament_day_id -> Nullable<BigInt>,
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

diesel::table! {
    pss_event_recognition_history (id) {
        id -> BigInt,
        session_id -> BigInt,
        seq -> BigInt,
        message_index -> BigInt,
        old_status -> Text,
        new_status -> Text,
        changed_at -> BigInt,
        changed_by -> Text,
        reason -> Text,
    }
}

diesel::table! {
    pss_event_validation_results (session_id, seq, message_index, finding) {
        session_id -> BigInt,
        seq -> BigInt,
        message_index -> BigInt,
        finding -> BigInt,
        rule_id -> Text,
        severity -> Text,
        field -> Nullable<Text>,
        message -> Text,
    }
}

diesel::table! {
    pss_unknown_events (pattern_hash) {
        pattern_hash -> Text,
        pattern -> Text,
        first_seen -> Nullable<BigInt>,
        last_seen -> Nullable<BigInt>,
        count -> BigInt,
        sample -> Binary,
        sample_session_id -> BigInt,
        sample_seq -> BigInt,
        sample_index -> BigInt,
        suggested_event_type -> Nullable<Text>,
        suggestion_score -> Nullable<Double>,
        notes -> Nullable<Text>,
        resolved_as -> Nullable<Text>,
        resolved_at -> Nullable<BigInt>,
        resolved_by -> Nullable<Text>,
    }
}

diesel::table! {
    pss_event_statistics (session_id, event_code, day) {
        session_id -> BigInt,
        event_code -> Text,
        day -> Text,
        total -> BigInt,
        recognized -> BigInt,
        partial -> BigInt,
        unknown -> BigInt,
        deprecated -> BigInt,
        errors -> BigInt,
        timed -> BigInt,
        min_us -> Nullable<BigInt>,
        sum_us -> BigInt,
        max_us -> Nullable<BigInt>,
        p99_us -> Nullable<BigInt>,
        histogram -> Binary,
    }
}

diesel::table! {
    pss_event_validation_rules (protocol_version, rule_id) {
        protocol_version -> Text,
        rule_id -> Text,
        position -> BigInt,
        event_code -> Nullable<Text>,
        field -> Nullable<Text>,
        check_kind -> Text,
        check_argument -> Text,
        severity -> Text,
        message -> Text,
        enabled -> Bool,
        origin -> Text,
        changed_at -> Nullable<BigInt>,
        changed_by -> Nullable<Text>,
        reason -> Nullable<Text>,
    }
}

diesel::table! {
    rule_history (id) {
        id -> BigInt,
        protocol_version -> Text,
        rule_id -> Text,
        action -> Text,
        rule -> Nullable<Text>,
        changed_at -> BigInt,
        changed_by -> Text,
        reason -> Text,
    }
}

diesel::table! {
    tournaments (id) {
        id -> BigInt,
        name -> Text,
        place -> Nullable<Text>,
        time_zone -> Text,
        notes -> Nullable<Text>,
    }
}

diesel::table! {
    tournament_days (id) {
        id -> BigInt,
        tournament_id -> BigInt,
        date -> Text,
    }
}

diesel::table! {
    tournament_rings (tournament_id, ring_id) {
        tournament_id -> BigInt,
        ring_id -> BigInt,
    }
}

diesel::table! {
    athlete_assignments (session_id, match_index, side) {
        session_id -> BigInt,
        match_index -> BigInt,
        side -> Text,
        athlete_id -> BigInt,
    }
}

diesel::table! {
    athlete_history (id) {
        id -> BigInt,
        athlete_id -> BigInt,
        other_athlete_id -> Nullable<BigInt>,
        action -> Text,
        detail -> Nullable<Text>,
        changed_at -> BigInt,
        changed_by -> Text,
        reason -> Text,
    }
}

diesel::table! {
    challenges (session_id, match_index, event_id) {
        session_id -> BigInt,
        match_index -> BigInt,
        event_id -> BigInt,
        athlete -> Nullable<Text>,
        round -> BigInt,
        clock -> Nullable<Text>,
        requested_at -> Nullable<BigInt>,
        outcome -> Nullable<Text>,
        won -> Nullable<Bool>,
        decided_at -> Nullable<BigInt>,
        decided_by -> Nullable<BigInt>,
        closed_at -> Nullable<BigInt>,
    }
}

diesel::table! {
    injuries (session_id, match_index, event_id) {
        session_id -> BigInt,
        match_index -> BigInt,
        event_id -> BigInt,
        athlete -> Nullable<Text>,
        round -> BigInt,
        clock -> Nullable<Text>,
        shown_at -> Nullable<BigInt>,
        shown_time -> Nullable<Text>,
        hidden_at -> Nullable<BigInt>,
        hidden_time -> Nullable<Text>,
    }
}

diesel::table! {
    match_logs (id) {
        id -> BigInt,
        name -> Text,
        court -> Text,
        digest -> Binary,
        match_number -> Text,
        began_at -> Nullable<BigInt>,
        ended_at -> Nullable<BigInt>,
        summary -> Nullable<Text>,
        match_id -> Nullable<BigInt>,
        imported_at -> BigInt,
    }
}

diesel::table! {
    match_log_items (match_log_id, item) {
        match_log_id -> BigInt,
        item -> BigInt,
        at -> Nullable<BigInt>,
        round -> Nullable<BigInt>,
        clock_ms -> Nullable<BigInt>,
        kind -> Text,
        value -> Nullable<Text>,
        blue_add -> Nullable<BigInt>,
        red_add -> Nullable<BigInt>,
        blue_points -> Nullable<BigInt>,
        red_points -> Nullable<BigInt>,
        blue_gam_jeoms -> Nullable<BigInt>,
        red_gam_jeoms -> Nullable<BigInt>,
        rest -> Nullable<Text>,
    }
}

diesel::table! {
    setting_definitions (category, key) {
        category -> Text,
        key -> Text,
        kind -> Text,
        argument -> Text,
        default_value -> Text,
        description -> Text,
    }
}

diesel::table! {
    settings (category, key) {
        category -> Text,
        key -> Text,
        value -> Text,
    }
}

diesel::table! {
    settings_history (id) {
        id -> BigInt,
        category -> Text,
        key -> Text,
        old_value -> Nullable<Text>,
        new_value -> Nullable<Text>,
        changed_at -> BigInt,
        changed_by -> Text,
        reason -> Text,
    }
}

diesel::table! {
    changes (topic) {
        topic -> Text,
        generation -> BigInt,
    }
}

diesel::table! {
    flag_overrides (pss_code) {
        pss_code -> Text,
        flag_code -> Text,
        changed_at -> BigInt,
        changed_by -> Text,
        reason -> Text,
    }
}

diesel::table! {
    flag_files (tier, flag_code) {
        tier -> Text,
        flag_code -> Text,
        folder -> Text,
        file -> Text,
        format -> Text,
        confidence -> Double,
    }
}

diesel::table! {
    flag_recognition_history (id) {
        id -> BigInt,
        scanned_at -> BigInt,
        scanned_by -> Text,
        folder -> Text,
        file -> Text,
        flag_code -> Nullable<Text>,
        confidence -> Double,
        reason -> Text,
    }
}

diesel::table! {
    slow_queries (id) {
        id -> BigInt,
        statement -> Text,
        count -> BigInt,
        total_us -> BigInt,
        max_us -> BigInt,
        first_at -> Nullable<BigInt>,
        last_at -> Nullable<BigInt>,
        query_plan -> Text,
        suggestion -> Nullable<Text>,
    }
}

diesel::joinable!(sessions -> rings (ring_id));
diesel::allow_tables_to_appear_in_same_query!(datagrams, pss_events);
diesel::joinable!(matches -> sessions (session_id));
diesel::joinable!(matches -> tournament_days (tournament_day_id));
diesel::joinable!(tournament_rings -> rings (ring_id));
diesel::allow_tables_to_appear_in_same_query!(
    athlete_assignments,
    athlete_history,
    athletes,
    matches,
    rings,
    sessions,
    tournament_days,
    tournament_rings
);
diesel::allow_tables_to_appear_in_same_query!(datagrams, sources);
diesel::allow_tables_to_appear_in_same_query!(setting_definitions, settings);
diesel::allow_tables_to_appear_in_same_query!(match_events, hits);

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
        compare!(athlete_assignments athlete_history athletes challenges changes datagrams flag_files flag_overrides
            flag_recognition_history hits injuries match_events match_log_items match_logs matches
            pss_event_details pss_event_recognition_history pss_event_statistics pss_event_types
            pss_event_validation_results pss_event_validation_rules pss_events pss_unknown_events rings rounds
            rule_history sessions setting_definitions settings settings_history slow_queries sources tournament_days
            tournament_rings tournaments);
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
