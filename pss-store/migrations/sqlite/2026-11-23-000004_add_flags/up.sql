-- Which flag a code of the scoring system gets, where that is not what the code says.
CREATE TABLE flag_overrides (
    pss_code TEXT NOT NULL PRIMARY KEY, -- as on the wire
    flag_code TEXT NOT NULL, -- the code whose flag is shown
    changed_at INTEGER NOT NULL,
    changed_by TEXT NOT NULL,
    reason TEXT NOT NULL
) WITHOUT ROWID;

-- The flags that a scan found in a folder, the best file of each code.
CREATE TABLE flag_files (
    tier TEXT NOT NULL CHECK (tier IN ('event', 'house', 'system')),
    flag_code TEXT NOT NULL, -- IOC where there is one
    folder TEXT NOT NULL,
    file TEXT NOT NULL, -- its name in the folder
    format TEXT NOT NULL CHECK (format IN ('svg', 'png', 'webp')),
    confidence REAL NOT NULL CHECK (confidence BETWEEN 0.0 AND 1.0),
    PRIMARY KEY (tier, flag_code)
) WITHOUT ROWID;

-- What each scan made of each file.
CREATE TABLE flag_recognition_history (
    id INTEGER NOT NULL PRIMARY KEY,
    scanned_at INTEGER NOT NULL,
    scanned_by TEXT NOT NULL,
    folder TEXT NOT NULL,
    file TEXT NOT NULL,
    flag_code TEXT, -- null: nothing was recognized
    confidence REAL NOT NULL CHECK (confidence BETWEEN 0.0 AND 1.0),
    reason TEXT NOT NULL -- what spoke for the code, or against every one
);
CREATE INDEX flag_recognition_history_by_file ON flag_recognition_history (folder, file);

CREATE TRIGGER flag_overrides_inserted AFTER INSERT ON flag_overrides
BEGIN UPDATE changes SET generation = generation + 1 WHERE topic = 'flags'; END;
CREATE TRIGGER flag_overrides_updated AFTER UPDATE ON flag_overrides
BEGIN UPDATE changes SET generation = generation + 1 WHERE topic = 'flags'; END;
CREATE TRIGGER flag_overrides_deleted AFTER DELETE ON flag_overrides
BEGIN UPDATE changes SET generation = generation + 1 WHERE topic = 'flags'; END;
CREATE TRIGGER flag_files_inserted AFTER INSERT ON flag_files
BEGIN UPDATE changes SET generation = generation + 1 WHERE topic = 'flags'; END;
CREATE TRIGGER flag_files_updated AFTER UPDATE ON flag_files
BEGIN UPDATE changes SET generation = generation + 1 WHERE topic = 'flags'; END;
CREATE TRIGGER flag_files_deleted AFTER DELETE ON flag_files
BEGIN UPDATE changes SET generation = generation + 1 WHERE topic = 'flags'; END;
