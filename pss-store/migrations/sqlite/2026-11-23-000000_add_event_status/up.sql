-- One row for each time that a status was changed, by hand or by reading again.
CREATE TABLE pss_event_recognition_history (
    id INTEGER NOT NULL PRIMARY KEY,
    session_id INTEGER NOT NULL,
    seq INTEGER NOT NULL,
    message_index INTEGER NOT NULL,
    old_status TEXT NOT NULL CHECK (old_status IN ('recognized', 'partial', 'unknown', 'deprecated')),
    new_status TEXT NOT NULL CHECK (new_status IN ('recognized', 'partial', 'unknown', 'deprecated')),
    changed_at INTEGER NOT NULL, -- µs since 1970 UTC
    changed_by TEXT NOT NULL, -- a person, or `reprocess`
    reason TEXT NOT NULL,
    FOREIGN KEY (session_id, seq, message_index)
        REFERENCES pss_events (session_id, seq, message_index) ON DELETE CASCADE
);
CREATE INDEX pss_event_recognition_history_by_event
    ON pss_event_recognition_history (session_id, seq, message_index);

-- One row for each finding of a message; none for a message that nothing is odd about.
CREATE TABLE pss_event_validation_results (
    session_id INTEGER NOT NULL,
    seq INTEGER NOT NULL,
    message_index INTEGER NOT NULL,
    finding INTEGER NOT NULL, -- counted from 0 in the message
    rule_id TEXT NOT NULL, -- the rule, or the reading's own check
    severity TEXT NOT NULL CHECK (severity IN ('info', 'warning', 'error')),
    field TEXT, -- the message's type and the name in its JSON; null for the message as a whole
    message TEXT NOT NULL,
    PRIMARY KEY (session_id, seq, message_index, finding),
    FOREIGN KEY (session_id, seq, message_index)
        REFERENCES pss_events (session_id, seq, message_index) ON DELETE CASCADE
) WITHOUT ROWID;
CREATE INDEX pss_event_validation_results_by_rule ON pss_event_validation_results (rule_id, session_id, seq);

-- The shapes of what nobody knows: same shape, other numbers and names = same pattern.
CREATE TABLE pss_unknown_events (
    pattern_hash TEXT NOT NULL PRIMARY KEY, -- the first 16 hexadecimal digits of the SHA-256 of the pattern
    pattern TEXT NOT NULL,
    first_seen INTEGER, -- µs since 1970 UTC; null where the input had no clock
    last_seen INTEGER,
    count INTEGER NOT NULL CHECK (count >= 0),
    sample BLOB NOT NULL, -- the message that came first
    sample_session_id INTEGER NOT NULL,
    sample_seq INTEGER NOT NULL,
    sample_index INTEGER NOT NULL,
    suggested_event_type TEXT, -- the nearest known code
    suggestion_score REAL CHECK (suggestion_score BETWEEN 0.0 AND 1.0),
    notes TEXT,
    resolved_as TEXT,
    resolved_at INTEGER,
    resolved_by TEXT
) WITHOUT ROWID;

-- How the reading went, by session, type and day. Equal to a recount of pss_events at every commit.
CREATE TABLE pss_event_statistics (
    session_id INTEGER NOT NULL REFERENCES sessions (id) ON DELETE CASCADE,
    event_code TEXT NOT NULL, -- '' for what has no known code
    day TEXT NOT NULL, -- of the arrival, UTC, YYYY-MM-DD; '' where the input had no clock
    total INTEGER NOT NULL,
    recognized INTEGER NOT NULL,
    partial INTEGER NOT NULL,
    unknown INTEGER NOT NULL,
    deprecated INTEGER NOT NULL,
    errors INTEGER NOT NULL, -- messages with a finding of severity error
    timed INTEGER NOT NULL, -- messages whose processing was measured
    min_us INTEGER,
    sum_us INTEGER NOT NULL,
    max_us INTEGER,
    p99_us INTEGER, -- from the histogram, so at most 1/16 above the true one
    histogram BLOB NOT NULL, -- how many took how long; see docs/STORE.md
    PRIMARY KEY (session_id, event_code, day)
) WITHOUT ROWID;

-- How the session is read, so that it can be read again in the same way. Of older sessions it was the default.
ALTER TABLE sessions ADD COLUMN dialect TEXT; -- null: told from the traffic
ALTER TABLE sessions ADD COLUMN off_the_wire INTEGER NOT NULL DEFAULT 1 CHECK (off_the_wire IN (0, 1));
ALTER TABLE sessions ADD COLUMN reorder_window_us INTEGER NOT NULL DEFAULT 50000;
