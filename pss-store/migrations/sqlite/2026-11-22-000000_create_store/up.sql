-- 'reSt': lets the store tell its own databases from those of other programs.
PRAGMA application_id = 1919243124;

CREATE TABLE rings (
    id INTEGER NOT NULL PRIMARY KEY,
    uuid BLOB NOT NULL UNIQUE CHECK (length(uuid) = 16),
    name TEXT NOT NULL UNIQUE
);

CREATE TABLE sessions (
    id INTEGER NOT NULL PRIMARY KEY,
    ring_id INTEGER NOT NULL REFERENCES rings (id),
    epoch INTEGER NOT NULL,
    kind TEXT NOT NULL CHECK (kind IN ('live', 'replay', 'record')),
    origin TEXT,
    digest BLOB CHECK (length(digest) = 32),
    started_at INTEGER NOT NULL,
    ended_at INTEGER,
    UNIQUE (ring_id, epoch)
);
CREATE INDEX sessions_by_digest ON sessions (digest) WHERE digest IS NOT NULL;

CREATE TABLE sources (
    id INTEGER NOT NULL PRIMARY KEY,
    address TEXT NOT NULL UNIQUE
);

CREATE TABLE datagrams (
    session_id INTEGER NOT NULL REFERENCES sessions (id),
    seq INTEGER NOT NULL,
    arrived_at INTEGER,
    monotonic_us INTEGER NOT NULL,
    source_id INTEGER REFERENCES sources (id),
    flow INTEGER NOT NULL CHECK (flow BETWEEN 0 AND 3),
    bytes BLOB NOT NULL,
    PRIMARY KEY (session_id, seq)
) WITHOUT ROWID;
CREATE TRIGGER datagrams_are_never_rewritten BEFORE UPDATE ON datagrams
BEGIN
    SELECT RAISE(ABORT, 'a stored datagram is never rewritten');
END;

CREATE TABLE pss_event_types (
    code TEXT NOT NULL PRIMARY KEY,
    description TEXT NOT NULL
) WITHOUT ROWID;

CREATE TABLE pss_events (
    session_id INTEGER NOT NULL,
    seq INTEGER NOT NULL,
    message_index INTEGER NOT NULL,
    span_start INTEGER NOT NULL,
    span_end INTEGER NOT NULL,
    arrived_at INTEGER,
    match_index INTEGER,
    round INTEGER,
    event_code TEXT,
    recognition_status TEXT NOT NULL
        CHECK (recognition_status IN ('recognized', 'partial', 'unknown', 'deprecated')),
    protocol_version TEXT NOT NULL,
    parser_confidence REAL NOT NULL CHECK (parser_confidence BETWEEN 0.0 AND 1.0),
    validation_errors TEXT,
    processing_time_ms REAL,
    PRIMARY KEY (session_id, seq, message_index),
    FOREIGN KEY (session_id, seq) REFERENCES datagrams (session_id, seq)
) WITHOUT ROWID;
CREATE INDEX pss_events_not_recognized ON pss_events (recognition_status, session_id, seq)
    WHERE recognition_status <> 'recognized';

CREATE TABLE pss_event_details (
    session_id INTEGER NOT NULL,
    seq INTEGER NOT NULL,
    message_index INTEGER NOT NULL,
    name TEXT NOT NULL,
    value TEXT NOT NULL,
    PRIMARY KEY (session_id, seq, message_index, name),
    FOREIGN KEY (session_id, seq, message_index)
        REFERENCES pss_events (session_id, seq, message_index) ON DELETE CASCADE
) WITHOUT ROWID;

CREATE TABLE athletes (
    id INTEGER NOT NULL PRIMARY KEY,
    long_name TEXT NOT NULL,
    country TEXT NOT NULL,
    division TEXT NOT NULL,
    short_name TEXT,
    UNIQUE (long_name, country, division)
);

CREATE TABLE matches (
    id INTEGER NOT NULL PRIMARY KEY,
    session_id INTEGER NOT NULL REFERENCES sessions (id),
    match_index INTEGER NOT NULL,
    number TEXT,
    event_id TEXT,
    phase TEXT,
    category TEXT,
    division TEXT,
    rounds_planned INTEGER,
    round_seconds INTEGER,
    scoring TEXT NOT NULL CHECK (scoring IN ('best_of_3', 'conventional', 'unknown')),
    body_level INTEGER,
    head_level INTEGER,
    blue_athlete_id INTEGER REFERENCES athletes (id),
    red_athlete_id INTEGER REFERENCES athletes (id),
    blue_hits INTEGER NOT NULL,
    red_hits INTEGER NOT NULL,
    winner TEXT CHECK (winner IN ('blue', 'red', 'tie')),
    winner_basis TEXT CHECK (winner_basis IN ('stated', 'inferred')),
    decision TEXT,
    decision_basis TEXT CHECK (decision_basis IN ('stated', 'inferred')),
    result TEXT,
    started INTEGER NOT NULL CHECK (started IN (0, 1)),
    UNIQUE (session_id, match_index)
);
CREATE INDEX matches_by_blue_athlete ON matches (blue_athlete_id);
CREATE INDEX matches_by_red_athlete ON matches (red_athlete_id);

CREATE TABLE rounds (
    match_id INTEGER NOT NULL REFERENCES matches (id) ON DELETE CASCADE,
    round INTEGER NOT NULL,
    blue INTEGER NOT NULL,
    red INTEGER NOT NULL,
    winner TEXT CHECK (winner IN ('blue', 'red')),
    winner_basis TEXT CHECK (winner_basis IN ('stated', 'inferred')),
    blue_gam_jeoms INTEGER NOT NULL,
    red_gam_jeoms INTEGER NOT NULL,
    PRIMARY KEY (match_id, round)
) WITHOUT ROWID;

-- What the table decided. `match_index` is -1 for what happened outside of any match.
CREATE TABLE match_events (
    session_id INTEGER NOT NULL REFERENCES sessions (id),
    match_index INTEGER NOT NULL,
    event_id INTEGER NOT NULL,
    kind TEXT NOT NULL,
    arrived_at INTEGER,
    monotonic_us INTEGER NOT NULL,
    evidence_seq INTEGER,
    evidence_index INTEGER,
    round INTEGER NOT NULL,
    clock TEXT,
    basis TEXT NOT NULL CHECK (basis IN ('stated', 'inferred')),
    athlete TEXT CHECK (athlete IN ('blue', 'red')),
    code TEXT,
    points INTEGER,
    removes INTEGER,
    state TEXT,
    won INTEGER CHECK (won IN (0, 1)),
    shown_time TEXT,
    winner TEXT CHECK (winner IN ('blue', 'red', 'tie')),
    decision TEXT,
    anomaly TEXT,
    note TEXT,
    PRIMARY KEY (session_id, match_index, event_id)
) WITHOUT ROWID;

-- The events of kind 'hit', with what only hits have.
CREATE TABLE hits (
    session_id INTEGER NOT NULL,
    match_index INTEGER NOT NULL,
    event_id INTEGER NOT NULL,
    athlete TEXT NOT NULL CHECK (athlete IN ('blue', 'red')),
    level INTEGER NOT NULL,
    round INTEGER NOT NULL,
    clock TEXT,
    linked_point INTEGER,
    PRIMARY KEY (session_id, match_index, event_id),
    FOREIGN KEY (session_id, match_index, event_id)
        REFERENCES match_events (session_id, match_index, event_id) ON DELETE CASCADE
) WITHOUT ROWID;

INSERT INTO pss_event_types (code, description) VALUES
    ('hel', 'the sender opened its connection'),
    ('bye', 'the sender closes its connection'),
    ('inlb', 'setting of the sender'),
    ('insl', 'setting of the sender'),
    ('inth', 'setting of the sender'),
    ('pre', 'match loaded'),
    ('rdy', 'match ready'),
    ('rnd', 'round'),
    ('clk', 'match clock'),
    ('brk', 'rest between rounds'),
    ('ij0', 'kye-shi'),
    ('ij1', 'kye-shi of blue'),
    ('ij2', 'kye-shi of red'),
    ('to1', 'time-out of blue'),
    ('to2', 'time-out of red'),
    ('pt1', 'points of blue'),
    ('pt2', 'points of red'),
    ('hl1', 'hit by blue'),
    ('hl2', 'hit by red'),
    ('sc', 'running score'),
    ('s11', 'score of each round'),
    ('wg', 'gam-jeoms'),
    ('wrd', 'winner of each round'),
    ('ch0', 'challenge of the referee'),
    ('ch1', 'challenge of blue'),
    ('ch2', 'challenge of red'),
    ('hwt', 'hardware test'),
    ('mch', 'match'),
    ('at1', 'athletes'),
    ('ref', 'officials'),
    ('win', 'winner of the match'),
    ('wmh', 'result of the match'),
    ('avt', 'other senders'),
    ('sup', 'superiority'),
    ('rst', 'statistics of a round'),
    ('rsr', 'statistics set back'),
    ('port', 'port connected or disconnected'),
    ('json', 'JSON object of the same product'),
    ('request', 'request of a receiver');
