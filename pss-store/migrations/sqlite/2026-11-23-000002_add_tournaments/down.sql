DROP VIEW links;
DROP VIEW gam_jeoms;
DROP VIEW round_scores;
DROP VIEW participants;
DROP TABLE match_log_items;
DROP TABLE match_logs;
DROP TABLE injuries;
DROP TABLE challenges;
DROP TABLE athlete_history;
DROP TABLE athlete_assignments;

-- What was merged by hand stays merged; of namesakes told apart by hand, the first keeps the matches.
UPDATE matches SET blue_athlete_id = (SELECT coalesce(merged_into, id) FROM athletes WHERE id = blue_athlete_id);
UPDATE matches SET red_athlete_id = (SELECT coalesce(merged_into, id) FROM athletes WHERE id = red_athlete_id);
UPDATE matches SET blue_athlete_id = (
    SELECT min(first.id) FROM athletes AS first JOIN athletes AS this USING (long_name, country, division)
    WHERE this.id = blue_athlete_id
);
UPDATE matches SET red_athlete_id = (
    SELECT min(first.id) FROM athletes AS first JOIN athletes AS this USING (long_name, country, division)
    WHERE this.id = red_athlete_id
);
CREATE TABLE old_athletes (
    id INTEGER NOT NULL PRIMARY KEY,
    long_name TEXT NOT NULL,
    country TEXT NOT NULL,
    division TEXT NOT NULL,
    short_name TEXT,
    UNIQUE (long_name, country, division)
);
INSERT INTO old_athletes (id, long_name, country, division, short_name)
    SELECT min(id), long_name, country, division, short_name FROM athletes GROUP BY long_name, country, division;
DROP TABLE athletes;
ALTER TABLE old_athletes RENAME TO athletes;

DROP INDEX matches_by_number;
DROP INDEX matches_by_tournament_day;
ALTER TABLE matches DROP COLUMN tournament_day_id;
ALTER TABLE matches DROP COLUMN began_at;
ALTER TABLE sessions DROP COLUMN tournament_id;
DROP TABLE tournament_rings;
DROP TABLE tournament_days;
DROP TABLE tournaments;
