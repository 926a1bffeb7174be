DROP TABLE pss_event_statistics;
DROP TABLE pss_unknown_events;
DROP TABLE pss_event_validation_results;
DROP TABLE pss_event_recognition_history;
