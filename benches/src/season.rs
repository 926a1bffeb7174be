//! A season of matches, written straight into a database: what a replay of thousands of matches would leave behind,
//! without the wait.

use std::path::Path;

use pss_store::{Store, StoreConfig};
use rusqlite::{Connection, Statement, params};

use crate::day;

/// What was written.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Written {
    /// Matches of three rounds.
    pub matches: u64,
    /// Hits and points, and where rounds begin and end.
    pub events: u64,
    /// Hits.
    pub hits: u64,
}

const RINGS: i64 = 4;
const ATHLETES: i64 = 400;
const HITS_IN_ROUND: u32 = 70;
const ROUND: i64 = 120_000_000;

/// Makes a database with at least so many hits: matches of three rounds with 70 hits each, of which every eighth
/// scores, over four rings.
///
/// # Errors
///
/// When the database cannot be written.
///
/// # Panics
///
/// When the store cannot make it.
pub fn write(path: &Path, hits: u64) -> rusqlite::Result<Written> {
    let store = Store::open(StoreConfig::new(path)).expect("a new database");
    store.close().expect("nothing waits to be written");
    let mut connection = Connection::open(path)?;
    connection.execute_batch("PRAGMA synchronous = OFF")?;
    let transaction = connection.transaction()?;
    for ring in 1..=RINGS {
        transaction.execute("INSERT INTO rings (id, uuid, name) VALUES (?1, randomblob(16), ?1)", [ring])?;
        transaction.execute(
            "INSERT INTO sessions (id, ring_id, epoch, kind, started_at) VALUES (?1, ?1, ?1, 'replay', ?2)",
            [ring, day::BEGIN.0],
        )?;
    }
    for athlete in 1..=ATHLETES {
        transaction.execute(
            "INSERT INTO athletes (id, long_name, country, division) VALUES (?, ?, 'ESP', 'SENIORS')",
            params![athlete, format!("A. ATHLETE {athlete}")],
        )?;
    }
    let mut written = Written::default();
    {
        let mut season = Season::new(&transaction)?;
        while written.hits < hits {
            season.fight(&mut written)?;
        }
    }
    transaction.commit()?;
    connection.execute_batch("ANALYZE; PRAGMA wal_checkpoint(TRUNCATE)")?;
    Ok(written)
}

/// The statements, and a dice that always falls the same way.
struct Season<'c> {
    fight: Statement<'c>,
    round: Statement<'c>,
    event: Statement<'c>,
    hit: Statement<'c>,
    dice: u64,
}

impl<'c> Season<'c> {
    fn new(connection: &'c Connection) -> rusqlite::Result<Self> {
        Ok(Self {
            fight: connection.prepare(
                "INSERT INTO matches (id, session_id, match_index, number, category, scoring, rounds_planned, \
                 round_seconds, body_level, head_level, blue_athlete_id, red_athlete_id, blue_hits, red_hits, \
                 winner, winner_basis, started, began_at) VALUES (?, ?, ?, ?, 'MEN -58 kg', 'best_of_3', 3, 120, \
                 27, 10, ?, ?, 105, 105, 'blue', 'stated', 1, ?)",
            )?,
            round: connection
                .prepare("INSERT INTO rounds VALUES (?, ?, 12, 8, 'blue', 'stated', 0, 0)")?,
            event: connection.prepare(
                "INSERT INTO match_events (session_id, match_index, event_id, kind, arrived_at, monotonic_us, \
                 evidence_seq, evidence_index, round, clock, basis, athlete, code, points) \
                 VALUES (?, ?, ?, ?, ?, ?, ?, 0, ?, ?, 'stated', ?, ?, ?)",
            )?,
            hit: connection.prepare("INSERT INTO hits VALUES (?, ?, ?, ?, ?, ?, ?, ?)")?,
            dice: 42,
        })
    }

    fn throw(&mut self, sides: u64) -> u64 {
        self.dice = self.dice.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (self.dice >> 33) % sides
    }

    /// The next match; rings take them by turns.
    fn fight(&mut self, written: &mut Written) -> rusqlite::Result<()> {
        let nth = written.matches as i64;
        let (session, index) = (nth % RINGS + 1, nth / RINGS);
        let began = index * 4 * ROUND;
        let (blue, red) = (nth % ATHLETES + 1, (nth * 7 + 3) % ATHLETES + 1);
        let began_at = day::BEGIN.0 + began;
        self.fight.execute(params![nth + 1, session, index, index.to_string(), blue, red, began_at])?;
        let mut id = 0;
        for round in 1..=3 {
            self.round.execute([nth + 1, round])?;
            let begin = began + (round - 1) * (ROUND + ROUND / 4);
            let mut tell =
                |event: &mut Statement<'_>, kind: &str, after: i64, more: (Option<&str>, Option<&str>)| {
                    let clock = clock(after);
                    let (at, points) = (begin + after, more.1.map(|_| 2));
                    let seq = index * 1_000 + id + 1;
                    event.execute(params![
                        session,
                        index,
                        id,
                        kind,
                        day::BEGIN.0 + at,
                        at,
                        seq,
                        round,
                        clock,
                        more.0,
                        more.1,
                        points
                    ])?;
                    id += 1;
                    written.events += 1;
                    Ok::<i64, rusqlite::Error>(id - 1)
                };
            tell(&mut self.event, "round_started", 0, (None, None))?;
            let mut after = 0;
            for hit in 0..HITS_IN_ROUND {
                let dice = self.dice_of_hit();
                after += 200_000 + dice.pause;
                let place = tell(&mut self.event, "hit", after, (Some(dice.side), None))?;
                let scores = hit % 8 == 7;
                let point = scores.then_some(place + 1);
                self.hit.execute(params![
                    session,
                    index,
                    place,
                    dice.side,
                    dice.level,
                    round,
                    clock(after),
                    point
                ])?;
                written.hits += 1;
                if scores {
                    tell(&mut self.event, "point", after + 10_000, (Some(dice.side), Some(dice.code)))?;
                }
            }
            tell(&mut self.event, "round_ended", ROUND, (Some("blue"), None))?;
        }
        written.matches += 1;
        Ok(())
    }

    fn dice_of_hit(&mut self) -> Dice {
        Dice {
            pause: self.throw(2_600_000) as i64,
            side: ["blue", "red"][self.throw(2) as usize],
            level: 5 + self.throw(60) as i64,
            code: ["K", "K", "H"][self.throw(3) as usize],
        }
    }
}

struct Dice {
    pause: i64,
    side: &'static str,
    level: i64,
    code: &'static str,
}

/// What the match clock shows so many µs after the round began.
fn clock(after: i64) -> String {
    let left = (ROUND - after).max(0) / 1_000_000;
    format!("{:02}:{:02}", left / 60, left % 60)
}
