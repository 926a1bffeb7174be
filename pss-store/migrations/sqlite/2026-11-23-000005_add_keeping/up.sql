-- Statements that took long, without the values that were asked for.
CREATE TABLE slow_queries (
    id INTEGER NOT NULL PRIMARY KEY,
    statement TEXT NOT NULL UNIQUE,
    count INTEGER NOT NULL,
    total_us INTEGER NOT NULL,
    max_us INTEGER NOT NULL,
    first_at INTEGER, -- µs since 1970 UTC; null where nobody gave the store a clock
    last_at INTEGER,
    query_plan TEXT NOT NULL, -- as of the slowest run
    suggestion TEXT
);

-- What an operator waits for: the latest first, of all rings and of one code. `clk` is most of the traffic, and
-- whoever asks for it finds it by its time.
CREATE INDEX pss_events_by_arrival ON pss_events (arrived_at);
CREATE INDEX pss_events_by_code ON pss_events (event_code, arrived_at) WHERE event_code <> 'clk';
CREATE INDEX pss_events_by_match ON pss_events (session_id, match_index) WHERE match_index IS NOT NULL;
CREATE INDEX match_events_by_arrival ON match_events (arrived_at);
CREATE INDEX matches_by_beginning ON matches (began_at);
-- In the order of arrival, as everything else that an operator looks at.
DROP INDEX pss_events_not_recognized;
CREATE INDEX pss_events_not_recognized ON pss_events (recognition_status, arrived_at)
    WHERE recognition_status <> 'recognized';

-- Every message with what is kept once for its datagram and its session.
CREATE VIEW pss_events_complete AS
    SELECT rings.name AS ring, pss_events.session_id, pss_events.seq, pss_events.message_index,
        pss_events.arrived_at, datagrams.monotonic_us, pss_events.match_index, pss_events.round,
        pss_events.event_code, pss_events.recognition_status, pss_events.protocol_version,
        pss_events.parser_confidence, pss_events.validation_errors, pss_events.processing_time_ms,
        substr(datagrams.bytes, pss_events.span_start + 1, pss_events.span_end - pss_events.span_start) AS raw
    FROM pss_events
    JOIN datagrams USING (session_id, seq)
    JOIN sessions ON sessions.id = pss_events.session_id
    JOIN rings ON rings.id = sessions.ring_id;
