-- What a message must be like. Rules of origin `built_in` are kept as the program has them; the others are the
-- user's and are never overwritten.
CREATE TABLE pss_event_validation_rules (
    protocol_version TEXT NOT NULL,
    rule_id TEXT NOT NULL,
    position INTEGER NOT NULL, -- the order in which rules are asked
    event_code TEXT, -- null: every code whose messages have the field
    field TEXT, -- null: the message as a whole
    check_kind TEXT NOT NULL
        CHECK (check_kind IN ('required', 'range', 'format', 'one_of', 'pattern', 'custom', 'retired')),
    check_argument TEXT NOT NULL,
    severity TEXT NOT NULL CHECK (severity IN ('info', 'warning', 'error')),
    message TEXT NOT NULL,
    enabled INTEGER NOT NULL CHECK (enabled IN (0, 1)),
    origin TEXT NOT NULL CHECK (origin IN ('built_in', 'changed', 'added')),
    changed_at INTEGER, -- null for built_in
    changed_by TEXT,
    reason TEXT,
    PRIMARY KEY (protocol_version, rule_id)
) WITHOUT ROWID;

-- What was done to the rules by hand.
CREATE TABLE rule_history (
    id INTEGER NOT NULL PRIMARY KEY,
    protocol_version TEXT NOT NULL,
    rule_id TEXT NOT NULL,
    action TEXT NOT NULL CHECK (action IN ('add', 'change', 'disable', 'enable', 'reset', 'remove')),
    rule TEXT, -- as it was from then on, in words; null when it was removed
    changed_at INTEGER NOT NULL, -- µs since 1970 UTC
    changed_by TEXT NOT NULL,
    reason TEXT NOT NULL
);
CREATE INDEX rule_history_by_rule ON rule_history (protocol_version, rule_id);
