DROP TABLE flag_recognition_history;
DROP TABLE flag_files;
DROP TABLE flag_overrides;
