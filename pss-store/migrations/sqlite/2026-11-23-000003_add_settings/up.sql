-- What can be set, and what a value must be like.
CREATE TABLE setting_definitions (
    category TEXT NOT NULL,
    key TEXT NOT NULL,
    kind TEXT NOT NULL CHECK (kind IN ('bool', 'integer', 'number', 'text', 'choice', 'path')),
    argument TEXT NOT NULL, -- `MIN..MAX` of numbers, `a|b|c` of a choice, the longest length of a text
    default_value TEXT NOT NULL,
    description TEXT NOT NULL,
    PRIMARY KEY (category, key)
) WITHOUT ROWID;

-- What was set otherwise than the default.
CREATE TABLE settings (
    category TEXT NOT NULL,
    key TEXT NOT NULL,
    value TEXT NOT NULL,
    PRIMARY KEY (category, key),
    FOREIGN KEY (category, key) REFERENCES setting_definitions (category, key)
) WITHOUT ROWID;

CREATE TABLE settings_history (
    id INTEGER NOT NULL PRIMARY KEY,
    category TEXT NOT NULL,
    key TEXT NOT NULL,
    old_value TEXT, -- null: it was the default
    new_value TEXT, -- null: set back to the default
    changed_at INTEGER NOT NULL,
    changed_by TEXT NOT NULL,
    reason TEXT NOT NULL
);
CREATE INDEX settings_history_by_key ON settings_history (category, key);

INSERT INTO setting_definitions (category, key, kind, argument, default_value, description) VALUES
    ('store', 'slow_query_ms', 'integer', '1..60000', '50',
        'a statement that takes this long or longer is kept in the list of slow queries'),
    ('store', 'retention_days', 'integer', '0..36500', '0',
        'sessions that ended more than so many days ago may be pruned; 0: never'),
    ('store', 'retention_mb', 'integer', '0..10000000', '0',
        'the oldest sessions may be pruned while the database is larger than so many MB; 0: never'),
    ('store', 'backups_kept', 'integer', '1..1000', '10',
        'how many backups of their own making are kept; older ones are removed'),
    ('pipeline', 'reorder_window_ms', 'integer', '0..1000', '50',
        'within this time the order of arrival means nothing; a session takes it at its beginning'),
    ('flags', 'event_folder', 'path', '', '',
        'flags for this event; looked at first'),
    ('flags', 'folder', 'path', '', '',
        'flags of the house; looked at second');

-- Counts the changes of what is held in memory elsewhere, so that every process learns of them.
CREATE TABLE changes (
    topic TEXT NOT NULL PRIMARY KEY,
    generation INTEGER NOT NULL
) WITHOUT ROWID;
INSERT INTO changes (topic, generation) VALUES
    ('rules', 0), ('settings', 0), ('flags', 0), ('athletes', 0), ('event_types', 0);

CREATE TRIGGER rules_inserted AFTER INSERT ON pss_event_validation_rules
BEGIN UPDATE changes SET generation = generation + 1 WHERE topic = 'rules'; END;
CREATE TRIGGER rules_updated AFTER UPDATE ON pss_event_validation_rules
BEGIN UPDATE changes SET generation = generation + 1 WHERE topic = 'rules'; END;
CREATE TRIGGER rules_deleted AFTER DELETE ON pss_event_validation_rules
BEGIN UPDATE changes SET generation = generation + 1 WHERE topic = 'rules'; END;
CREATE TRIGGER settings_inserted AFTER INSERT ON settings
BEGIN UPDATE changes SET generation = generation + 1 WHERE topic = 'settings'; END;
CREATE TRIGGER settings_updated AFTER UPDATE ON settings
BEGIN UPDATE changes SET generation = generation + 1 WHERE topic = 'settings'; END;
CREATE TRIGGER settings_deleted AFTER DELETE ON settings
BEGIN UPDATE changes SET generation = generation + 1 WHERE topic = 'settings'; END;
CREATE TRIGGER athletes_updated AFTER UPDATE ON athletes
BEGIN UPDATE changes SET generation = generation + 1 WHERE topic = 'athletes'; END;
CREATE TRIGGER athletes_deleted AFTER DELETE ON athletes
BEGIN UPDATE changes SET generation = generation + 1 WHERE topic = 'athletes'; END;
CREATE TRIGGER event_types_inserted AFTER INSERT ON pss_event_types
BEGIN UPDATE changes SET generation = generation + 1 WHERE topic = 'event_types'; END;
CREATE TRIGGER event_types_updated AFTER UPDATE ON pss_event_types
BEGIN UPDATE changes SET generation = generation + 1 WHERE topic = 'event_types'; END;
