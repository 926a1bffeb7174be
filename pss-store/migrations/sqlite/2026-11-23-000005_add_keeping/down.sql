DROP VIEW pss_events_complete;
DROP INDEX match_events_by_arrival;
DROP INDEX pss_events_by_match;
DROP INDEX pss_events_by_code;
DROP INDEX pss_events_by_arrival;
DROP TABLE slow_queries;
