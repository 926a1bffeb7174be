CREATE TABLE tournaments (
    id INTEGER NOT NULL PRIMARY KEY,
    name TEXT NOT NULL UNIQUE,
    place TEXT,
    time_zone TEXT NOT NULL, -- IANA name; tells on which day a match was fought
    notes TEXT
);

CREATE TABLE tournament_days (
    id INTEGER NOT NULL PRIMARY KEY,
    tournament_id INTEGER NOT NULL REFERENCES tournaments (id) ON DELETE CASCADE,
    date TEXT NOT NULL CHECK (date GLOB '[0-9][0-9][0-9][0-9]-[0-9][0-9]-[0-9][0-9]'),
    UNIQUE (tournament_id, date)
);

-- The rings of a tournament; a tournament without a row here has all of them.
CREATE TABLE tournament_rings (
    tournament_id INTEGER NOT NULL REFERENCES tournaments (id) ON DELETE CASCADE,
    ring_id INTEGER NOT NULL REFERENCES rings (id),
    PRIMARY KEY (tournament_id, ring_id)
) WITHOUT ROWID;

-- Null: of no tournament. Set by the session's beginning and ring, or by hand.
ALTER TABLE sessions ADD COLUMN tournament_id INTEGER REFERENCES tournaments (id) ON DELETE SET NULL;

-- When the match was loaded (its first event arrived), and its day in its tournament.
ALTER TABLE matches ADD COLUMN began_at INTEGER;
ALTER TABLE matches ADD COLUMN tournament_day_id INTEGER REFERENCES tournament_days (id) ON DELETE SET NULL;
CREATE INDEX matches_by_tournament_day ON matches (tournament_day_id) WHERE tournament_day_id IS NOT NULL;
CREATE INDEX matches_by_number ON matches (number);

-- `variant` tells namesakes of the same country and division apart; `merged_into` is whom a merged athlete is.
CREATE TABLE new_athletes (
    id INTEGER NOT NULL PRIMARY KEY,
    long_name TEXT NOT NULL,
    country TEXT NOT NULL,
    division TEXT NOT NULL,
    variant INTEGER NOT NULL DEFAULT 0,
    short_name TEXT,
    merged_into INTEGER REFERENCES athletes (id),
    UNIQUE (long_name, country, division, variant)
);
INSERT INTO new_athletes (id, long_name, country, division, short_name)
    SELECT id, long_name, country, division, short_name FROM athletes;
DROP TABLE athletes;
ALTER TABLE new_athletes RENAME TO athletes;
CREATE INDEX athletes_merged ON athletes (merged_into) WHERE merged_into IS NOT NULL;

-- A competitor who is another athlete than the name says, by hand. Outlives a new reading.
CREATE TABLE athlete_assignments (
    session_id INTEGER NOT NULL REFERENCES sessions (id) ON DELETE CASCADE,
    match_index INTEGER NOT NULL,
    side TEXT NOT NULL CHECK (side IN ('blue', 'red')),
    athlete_id INTEGER NOT NULL REFERENCES athletes (id),
    PRIMARY KEY (session_id, match_index, side)
) WITHOUT ROWID;
CREATE INDEX athlete_assignments_by_athlete ON athlete_assignments (athlete_id);

CREATE TABLE athlete_history (
    id INTEGER NOT NULL PRIMARY KEY,
    athlete_id INTEGER NOT NULL,
    other_athlete_id INTEGER, -- whom it was merged into, or split from
    action TEXT NOT NULL CHECK (action IN ('merge', 'unmerge', 'split', 'assign')),
    detail TEXT, -- the match and side that moved
    changed_at INTEGER NOT NULL,
    changed_by TEXT NOT NULL,
    reason TEXT NOT NULL
);
CREATE INDEX athlete_history_by_athlete ON athlete_history (athlete_id);

-- A request for a review with all that came of it, from the match events of kind challenge.
CREATE TABLE challenges (
    session_id INTEGER NOT NULL,
    match_index INTEGER NOT NULL,
    event_id INTEGER NOT NULL, -- the event that opened it
    athlete TEXT CHECK (athlete IN ('blue', 'red')), -- null: the referee's own
    round INTEGER NOT NULL,
    clock TEXT,
    requested_at INTEGER,
    outcome TEXT CHECK (outcome IN ('accepted', 'rejected')), -- null while it is open, and when it was closed without one
    won INTEGER CHECK (won IN (0, 1)),
    decided_at INTEGER,
    decided_by INTEGER, -- the event that decided it
    closed_at INTEGER,
    PRIMARY KEY (session_id, match_index, event_id),
    FOREIGN KEY (session_id, match_index, event_id)
        REFERENCES match_events (session_id, match_index, event_id) ON DELETE CASCADE
) WITHOUT ROWID;

-- A kye-shi from its show to its hide, from the match events of kind injury.
CREATE TABLE injuries (
    session_id INTEGER NOT NULL,
    match_index INTEGER NOT NULL,
    event_id INTEGER NOT NULL, -- the event that opened it
    athlete TEXT CHECK (athlete IN ('blue', 'red')), -- null: nobody was named
    round INTEGER NOT NULL,
    clock TEXT,
    shown_at INTEGER,
    shown_time TEXT, -- what the kye-shi clock began with
    hidden_at INTEGER,
    hidden_time TEXT, -- what was left of it
    PRIMARY KEY (session_id, match_index, event_id),
    FOREIGN KEY (session_id, match_index, event_id)
        REFERENCES match_events (session_id, match_index, event_id) ON DELETE CASCADE
) WITHOUT ROWID;

-- A match as the scoring system's own log has it, which knows what the wire does not carry.
CREATE TABLE match_logs (
    id INTEGER NOT NULL PRIMARY KEY,
    name TEXT NOT NULL, -- the files' common part, `20261122103000-101`
    court TEXT NOT NULL, -- the folder `CourtNN`, '' without one
    digest BLOB NOT NULL CHECK (length(digest) = 32), -- of both files
    match_number TEXT NOT NULL,
    began_at INTEGER, -- µs since 1970 UTC, from the first item
    ended_at INTEGER,
    summary TEXT, -- the matchLog file's row as a JSON object; an array where it has several
    match_id INTEGER REFERENCES matches (id) ON DELETE SET NULL, -- what UDP gave of the same match
    imported_at INTEGER NOT NULL,
    UNIQUE (court, name)
);
CREATE INDEX match_logs_by_match ON match_logs (match_id);

CREATE TABLE match_log_items (
    match_log_id INTEGER NOT NULL REFERENCES match_logs (id) ON DELETE CASCADE,
    item INTEGER NOT NULL, -- counted from 0
    at INTEGER, -- µs since 1970 UTC
    round INTEGER,
    clock_ms INTEGER, -- what was left of the round
    kind TEXT NOT NULL, -- matchLogItemType
    value TEXT,
    blue_add INTEGER, -- negative where points were taken back
    red_add INTEGER,
    blue_points INTEGER, -- the score, the other's gam-jeoms included
    red_points INTEGER,
    blue_gam_jeoms INTEGER,
    red_gam_jeoms INTEGER,
    rest TEXT, -- the other columns as a JSON object
    PRIMARY KEY (match_log_id, item)
) WITHOUT ROWID;

-- Both athletes of each match, merged ones as whom they were merged into.
CREATE VIEW participants AS
    SELECT matches.id AS match_id, matches.session_id, matches.match_index, 'blue' AS side,
        coalesce(athletes.merged_into, athletes.id) AS athlete_id
    FROM matches JOIN athletes ON athletes.id = matches.blue_athlete_id
    UNION ALL
    SELECT matches.id, matches.session_id, matches.match_index, 'red',
        coalesce(athletes.merged_into, athletes.id)
    FROM matches JOIN athletes ON athletes.id = matches.red_athlete_id;

-- Each athlete's score of each round.
CREATE VIEW round_scores AS
    SELECT match_id, round, 'blue' AS athlete, blue AS score, blue_gam_jeoms AS gam_jeoms FROM rounds
    UNION ALL
    SELECT match_id, round, 'red', red, red_gam_jeoms FROM rounds;

-- The gam-jeoms that stand: given, and not taken back.
CREATE VIEW gam_jeoms AS
    SELECT given.session_id, given.match_index, given.event_id, given.athlete, given.round, given.clock,
        given.arrived_at, given.basis
    FROM match_events AS given
    WHERE given.kind = 'gam_jeom' AND NOT EXISTS (
        SELECT 1 FROM match_events AS removed
        WHERE removed.session_id = given.session_id AND removed.match_index = given.match_index
            AND removed.kind = 'gam_jeom_removed' AND removed.removes = given.event_id
    );

-- The hits that led to a point, with the point.
CREATE VIEW links AS
    SELECT hits.session_id, hits.match_index, hits.event_id AS hit, hits.linked_point AS point,
        hits.athlete, hits.level, points.code, points.points, hits.round, hits.clock
    FROM hits JOIN match_events AS points
        ON points.session_id = hits.session_id AND points.match_index = hits.match_index
        AND points.event_id = hits.linked_point;
