//! Taking old sessions out of a database.

use diesel::{
    prelude::*,
    sql_types::{BigInt, Nullable, Text},
};
use pss_protocol::Timestamp;

use crate::{
    SessionId, Store, StoreError,
    connection::Number,
    schema::{datagrams, match_events, matches, pss_events, sessions},
};

/// How much is kept. What is `None` does not matter; with both `None` everything is.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Retention {
    /// Sessions that ended longer ago than this many days may go.
    pub days: Option<u32>,
    /// While the database is larger than so many MB (millions of bytes), the oldest sessions may go.
    pub megabytes: Option<u32>,
}

/// A session that may go.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct PrunableSession {
    /// The session.
    pub session: SessionId,
    /// The ring's name.
    pub ring: String,
    /// When it ended. One that was cut short ended with its last datagram.
    pub ended_at: Timestamp,
    /// How many datagrams it has.
    pub datagrams: u64,
    /// How many bytes are going to be free without it, estimated by its share of the datagrams.
    pub bytes: u64,
}

#[derive(QueryableByName)]
struct Ended {
    #[diesel(sql_type = BigInt)]
    session: i64,
    #[diesel(sql_type = Text)]
    ring: String,
    #[diesel(sql_type = Nullable<BigInt>)]
    ended_at: Option<i64>,
    #[diesel(sql_type = BigInt)]
    datagrams: i64,
}

impl Store {
    /// Which sessions may go, the one that ended first before the others. Whole sessions only, and none that
    /// runs: a session without an end is taken for cut short when another of its ring began after it and it has
    /// been silent for a day.
    ///
    /// # Errors
    ///
    /// When the database cannot be read.
    pub fn prunable(&self, keep: Retention, now: Timestamp) -> Result<Vec<PrunableSession>, StoreError> {
        self.read("look for old sessions", |connection| {
            let used: Number = diesel::sql_query(USED).get_result(connection)?;
            let ended: Vec<Ended> =
                diesel::sql_query(ENDED).bind::<BigInt, _>(now.0.saturating_sub(DAY)).load(connection)?;
            let all: i64 = datagrams::table.count().get_result(connection)?;
            let mut used = used.value.unsigned_abs();
            let per_datagram = used / all.unsigned_abs().max(1);
            let mut going = Vec::new();
            for session in ended {
                let Some(ended_at) = session.ended_at else { continue };
                let old =
                    keep.days.is_some_and(|days| ended_at < now.0.saturating_sub(i64::from(days) * DAY));
                let large = keep.megabytes.is_some_and(|most| used > u64::from(most) * 1_000_000);
                if !old && !large {
                    continue;
                }
                let datagrams = session.datagrams.unsigned_abs();
                let bytes = datagrams * per_datagram;
                used = used.saturating_sub(bytes);
                going.push(PrunableSession {
                    session: SessionId(session.session),
                    ring: session.ring,
                    ended_at: Timestamp(ended_at),
                    datagrams,
                    bytes,
                });
            }
            Ok(going)
        })
    }

    /// Takes a session out of the database, for ever. In pieces, so that what a ring says meanwhile is stored
    /// between them; a deletion that is cut short leaves the beginning of the session, and the next one takes
    /// the rest. `progress` hears how many datagrams are gone.
    ///
    /// The ring keeps its identity. Athletes whom nothing names any more go too.
    ///
    /// # Errors
    ///
    /// When the database cannot be written.
    pub fn delete_session(
        &self,
        session: SessionId,
        mut progress: impl FnMut(u64),
    ) -> Result<(), StoreError> {
        let id = session.0;
        self.write("delete the matches of a session", move |connection| {
            diesel::delete(match_events::table.filter(match_events::session_id.eq(id)))
                .execute(connection)?;
            diesel::delete(matches::table.filter(matches::session_id.eq(id))).execute(connection)?;
            Ok(())
        })?;
        let mut gone = 0;
        loop {
            let deleted =
                self.write("delete the datagrams of a session", move |connection| last_of(connection, id))?;
            if deleted == 0 {
                break;
            }
            gone += deleted as u64;
            progress(gone);
        }
        self.write("delete a session", move |connection| {
            diesel::delete(sessions::table.find(id)).execute(connection)?;
            diesel::sql_query(NAMELESS).execute(connection)?;
            Ok(())
        })
    }
}

/// Deletes the last datagrams of a session, with what was made of them.
fn last_of(connection: &mut SqliteConnection, session: i64) -> QueryResult<usize> {
    let of_session = datagrams::table.filter(datagrams::session_id.eq(session));
    let first: Option<i64> = of_session
        .order(datagrams::seq.desc())
        .limit(DATAGRAMS_AT_ONCE)
        .select(datagrams::seq)
        .load::<i64>(connection)?
        .pop();
    let Some(first) = first else { return Ok(0) };
    diesel::delete(
        pss_events::table.filter(pss_events::session_id.eq(session)).filter(pss_events::seq.ge(first)),
    )
    .execute(connection)?;
    diesel::delete(
        datagrams::table.filter(datagrams::session_id.eq(session)).filter(datagrams::seq.ge(first)),
    )
    .execute(connection)
}

const USED: &str = "\
SELECT (page_count - freelist_count) * page_size AS value
FROM pragma_page_count, pragma_freelist_count, pragma_page_size";

const ENDED: &str = "\
SELECT s.id AS session, rings.name AS ring, coalesce(s.ended_at, (
        SELECT max(s.started_at, coalesce(max(arrived_at), s.started_at)) FROM datagrams
        WHERE session_id = s.id AND seq = (SELECT max(seq) FROM datagrams WHERE session_id = s.id)
    )) AS ended_at,
    (SELECT count(*) FROM datagrams WHERE session_id = s.id) AS datagrams
FROM sessions AS s JOIN rings ON rings.id = s.ring_id
WHERE s.ended_at IS NOT NULL OR (
    EXISTS (SELECT 1 FROM sessions AS next WHERE next.ring_id = s.ring_id AND next.epoch > s.epoch)
    AND s.started_at < ?1 AND NOT EXISTS (
        SELECT 1 FROM datagrams WHERE session_id = s.id AND arrived_at >= ?1
            AND seq = (SELECT max(seq) FROM datagrams WHERE session_id = s.id)
    )
)
ORDER BY ended_at, s.id";

/// Who was merged by hand stays: that is knowledge that cannot be derived again.
const NAMELESS: &str = "\
DELETE FROM athletes WHERE merged_into IS NULL
    AND id NOT IN (SELECT merged_into FROM athletes WHERE merged_into IS NOT NULL)
    AND id NOT IN (SELECT athlete_id FROM athlete_assignments)
    AND NOT EXISTS (SELECT 1 FROM matches WHERE blue_athlete_id = athletes.id)
    AND NOT EXISTS (SELECT 1 FROM matches WHERE red_athlete_id = athletes.id)";

/// In µs.
const DAY: i64 = 86_400_000_000;

/// A piece takes some milliseconds.
const DATAGRAMS_AT_ONCE: i64 = 2000;
