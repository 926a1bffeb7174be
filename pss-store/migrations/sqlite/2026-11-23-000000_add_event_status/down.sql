ALTER TABLE sessions DROP COLUMN reorder_window_us;
ALTER TABLE sessions DROP COLUMN off_the_wire;
ALTER TABLE sessions DROP COLUMN dialect;
DROP TABLE pss_event_statistics;
DROP TABLE pss_unknown_events;
DROP TABLE pss_event_validation_results;
DROP TABLE pss_event_recognition_history;
