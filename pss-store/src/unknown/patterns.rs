//! Messages that nobody knows, gathered by their shape: in memory first, then each shape once.

use std::collections::{HashMap, HashSet};

use diesel::{
    prelude::*,
    sql_types::{BigInt, Nullable, Text},
};
use pss_protocol::shape::{shape, suggest};
use sha2::{Digest as _, Sha256};

use crate::{EventId, models::number, schema::pss_unknown_events};

/// What became of patterns since they were written last, and which of them there are. Lives for a transaction, or in
/// the writer for as long as nobody else may have changed the table.
#[derive(Debug, Default)]
pub(crate) struct Patterns {
    /// Those in the table; `None` until somebody asks.
    known: Option<HashSet<u64>>,
    /// Not written yet.
    seen: HashMap<u64, Seen>,
}

/// A message that nobody knows.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Sighting<'a> {
    pub(crate) event: EventId,
    pub(crate) arrived_at: Option<i64>,
    pub(crate) message: &'a [u8],
}

#[derive(Debug)]
struct Seen {
    pattern: String,
    count: i64,
    first: Option<i64>,
    last: Option<i64>,
    sample: Vec<u8>,
    event: EventId,
}

impl Patterns {
    /// Counts a message for its pattern. Gives the pattern's hash.
    pub(crate) fn see(
        &mut self,
        connection: &mut SqliteConnection,
        sighting: &Sighting<'_>,
    ) -> QueryResult<u64> {
        let pattern = shape(sighting.message);
        let hash = hash(&pattern);
        let has_room = self.seen.contains_key(&hash) || {
            let known = self.known(connection)?;
            known.contains(&hash) || known.len() < MOST_PATTERNS && known.insert(hash)
        };
        let (hash, pattern) =
            if has_room { (hash, pattern) } else { (self::hash(OVERFLOW), OVERFLOW.to_owned()) };
        let seen = self.seen.entry(hash).or_insert_with(|| Seen {
            pattern,
            count: 0,
            first: None,
            last: None,
            sample: sighting.message[..sighting.message.len().min(LONGEST_SAMPLE)].to_owned(),
            event: sighting.event,
        });
        seen.count += 1;
        if let Some(at) = sighting.arrived_at {
            seen.first = Some(seen.first.map_or(at, |first| first.min(at)));
            seen.last = seen.last.max(Some(at));
        }
        Ok(hash)
    }

    /// Counts one message less for its pattern: it is known by now, or gone.
    pub(crate) fn forget(&mut self, connection: &mut SqliteConnection, message: &[u8]) -> QueryResult<()> {
        for hash in [hash(&shape(message)), hash(OVERFLOW)] {
            // It may have been seen since the last writing.
            if let Some(seen) = self.seen.get_mut(&hash).filter(|seen| seen.count > 0) {
                seen.count -= 1;
                return Ok(());
            }
            let counted = diesel::update(pss_unknown_events::table.find(hash_text(hash)))
                .filter(pss_unknown_events::count.gt(0))
                .set(pss_unknown_events::count.eq(pss_unknown_events::count - 1))
                .execute(connection)?;
            if counted > 0 {
                return Ok(());
            }
        }
        Ok(())
    }

    /// Writes what was seen.
    pub(crate) fn write(&mut self, connection: &mut SqliteConnection) -> QueryResult<()> {
        let mut seen = self.seen.drain().filter(|(_, seen)| seen.count > 0);
        seen.try_for_each(|(hash, seen)| write(connection, hash, &seen))
    }

    fn known(&mut self, connection: &mut SqliteConnection) -> QueryResult<&mut HashSet<u64>> {
        if self.known.is_none() {
            let hashes: Vec<String> =
                pss_unknown_events::table.select(pss_unknown_events::pattern_hash).load(connection)?;
            self.known = Some(hashes.iter().filter_map(|hash| u64::from_str_radix(hash, 16).ok()).collect());
        }
        Ok(self.known.get_or_insert_default())
    }
}

/// As in the database: 16 hexadecimal digits.
pub(crate) fn hash_text(hash: u64) -> String {
    format!("{hash:016x}")
}

pub(super) fn hash(pattern: &str) -> u64 {
    let digest: [u8; 32] = Sha256::digest(pattern.as_bytes()).into();
    digest.iter().take(8).fold(0, |hash, byte| hash << 8 | u64::from(*byte))
}

fn write(connection: &mut SqliteConnection, hash: u64, seen: &Seen) -> QueryResult<()> {
    // `min` and `max` of nothing and a time are nothing.
    let known = diesel::sql_query(
        "UPDATE pss_unknown_events SET count = count + ?1, \
         first_seen = coalesce(min(first_seen, ?2), first_seen, ?2), \
         last_seen = coalesce(max(last_seen, ?3), last_seen, ?3) WHERE pattern_hash = ?4",
    )
    .bind::<BigInt, _>(seen.count)
    .bind::<Nullable<BigInt>, _>(seen.first)
    .bind::<Nullable<BigInt>, _>(seen.last)
    .bind::<Text, _>(hash_text(hash))
    .execute(connection)?;
    if known > 0 {
        return Ok(());
    }
    let suggestion = if seen.pattern == OVERFLOW { None } else { suggest(&seen.sample) };
    diesel::insert_into(pss_unknown_events::table)
        .values((
            pss_unknown_events::pattern_hash.eq(hash_text(hash)),
            pss_unknown_events::pattern.eq(&seen.pattern),
            pss_unknown_events::first_seen.eq(seen.first),
            pss_unknown_events::last_seen.eq(seen.last),
            pss_unknown_events::count.eq(seen.count),
            pss_unknown_events::sample.eq(&seen.sample),
            pss_unknown_events::sample_session_id.eq(seen.event.session.0),
            pss_unknown_events::sample_seq.eq(number(seen.event.seq)),
            pss_unknown_events::sample_index.eq(i64::from(seen.event.index)),
            pss_unknown_events::suggested_event_type.eq(suggestion.map(|found| found.code.as_str())),
            // As a decimal, like the confidence of a message.
            pss_unknown_events::suggestion_score
                .eq(suggestion.map(|found| (f64::from(found.score) * 1e3).round() / 1e3)),
        ))
        .execute(connection)?;
    Ok(())
}

/// What more patterns than there is room for are counted as. No shape is written like this.
pub(super) const OVERFLOW: &str = "<other>";

/// A sender of garbage can make patterns without number.
const MOST_PATTERNS: usize = 10_000;

/// Of the first message of a pattern; all of it is in its datagram.
const LONGEST_SAMPLE: usize = 1024;
