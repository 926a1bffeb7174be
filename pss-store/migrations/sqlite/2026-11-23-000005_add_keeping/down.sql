DROP VIEW pss_events_complete;
DROP INDEX pss_events_not_recognized;
CREATE INDEX pss_events_not_recognized ON pss_events (recognition_status, session_id, seq)
    WHERE recognition_status <> 'recognized';
DROP INDEX matches_by_beginning;
DROP INDEX match_events_by_arrival;
DROP INDEX pss_events_by_match;
DROP INDEX pss_events_by_code;
DROP INDEX pss_events_by_arrival;
DROP TABLE slow_queries;
