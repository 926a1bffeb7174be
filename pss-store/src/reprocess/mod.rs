//! Reading a stored session again with today's parser and rules: everything but the datagrams is derived from them.

mod apply;
mod compare;
mod difference;
mod events;
mod messages;
pub(crate) mod read;

use diesel::prelude::*;
use pss_protocol::{Linker, Timestamp};

pub use self::difference::{Changes, Difference, KeptStatus, MatchDifference, ResultChange, StatusChanges};
use self::{compare::Part, read::Way};
use crate::{Session, SessionId, SessionKind, Store, StoreError, schema::datagrams, store::Refusal};

/// Who changes a status when a session is read again, in the history.
const CHANGED_BY: &str = "reprocess";

/// Which sessions are to be read again.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum WhichSessions {
    /// Every one.
    All,
    /// This one.
    One(SessionId),
    /// Those with a datagram that arrived at this time or later; without a clock, those that began then.
    Since(Timestamp),
}

/// A session that was read again, and what is to be written of it. Nothing is yet.
#[derive(Debug)]
pub struct Rereading {
    difference: Difference,
    parts: Vec<Part>,
    /// Of the last datagram that was read.
    last_seq: Option<i64>,
    never_counted: bool,
}

impl Rereading {
    /// What writing it changes.
    pub fn difference(&self) -> &Difference {
        &self.difference
    }
}

impl Store {
    /// The sessions that are meant, each with the reason why it cannot be read again yet, where there is one: it is
    /// still being written.
    ///
    /// # Errors
    ///
    /// When there is no such session or the database cannot be read.
    pub fn sessions_to_reprocess(
        &self,
        which: WhichSessions,
        now: Timestamp,
    ) -> Result<Vec<(Session, Option<String>)>, StoreError> {
        let mut found = Vec::new();
        for session in self.sessions()? {
            let newest =
                self.read("find the newest datagram", |connection| newest(connection, session.id))?;
            let newest = newest.unwrap_or(session.started_at);
            let meant = match which {
                WhichSessions::All => true,
                WhichSessions::One(id) => session.id == id,
                WhichSessions::Since(time) => newest >= time,
            };
            if meant {
                let reason = self.still_written(&session, newest, now);
                found.push((session, reason));
            }
        }
        match which {
            WhichSessions::One(id) if found.is_empty() => Err(StoreError::not_found("session", id)),
            _ => Ok(found),
        }
    }

    /// Reads a session again with today's parser and the rules of this database, and says what that changes.
    /// Nothing is written; [`apply`](Self::apply) does. `linker` finds which hits led to which points, as
    /// `hitlevel::HitLinker` does.
    ///
    /// ```
    /// # use pss_protocol::{EventKey, Linker, Sink, Timestamp};
    /// # struct NoLinks;
    /// # impl Sink for NoLinks {}
    /// # impl Linker for NoLinks {
    /// #     fn next_link(&mut self) -> Option<(EventKey, EventKey)> { None }
    /// #     fn settle(&mut self) {}
    /// # }
    /// # let folder = tempfile::tempdir()?;
    /// # let store = pss_store::Store::open(pss_store::StoreConfig::new(folder.path().join("a.db")))?;
    /// # let now = Timestamp(1_763_811_195_000_000);
    /// use pss_store::WhichSessions;
    ///
    /// for (session, still_written) in store.sessions_to_reprocess(WhichSessions::All, now)? {
    ///     if still_written.is_none() {
    ///         let rereading = store.reprocess(session.id, NoLinks)?;
    ///         println!("{} matches change", rereading.difference().matches.len());
    ///         store.apply(rereading, now)?;
    ///     }
    /// }
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    ///
    /// Memory: some hundred bytes for each message and event; the datagrams and the stored rows are streamed.
    ///
    /// # Errors
    ///
    /// When there is no such session, or the database cannot be read.
    pub fn reprocess(&self, session: SessionId, linker: impl Linker) -> Result<Rereading, StoreError> {
        let way = self.way_of(session)?;
        self.read("read a session again", |connection| {
            let last_seq = last_seq(connection, session)?;
            let (read, datagrams) = read::derive(connection, session, way, linker)?;
            let (difference, parts, never_counted) = compare::compare(connection, session, read, datagrams)?;
            Ok(Rereading { difference, parts, last_seq, never_counted })
        })
    }

    /// Writes what changes, each match in a transaction of its own, between the commits of the writer. A status
    /// that changes gets an entry in its history, made by `reprocess` at `at`. What was set by hand stays: the
    /// status of a message, who fought in a match; and how long the first reading of a message took.
    ///
    /// # Errors
    ///
    /// [`StoreError::Refused`] when the session has got more datagrams since it was read; otherwise when the
    /// database cannot be written. What was written by then is whole, and reading again finds the rest.
    pub fn apply(&self, rereading: Rereading, at: Timestamp) -> Result<(), StoreError> {
        let Rereading { difference, parts, last_seq: read_up_to, never_counted } = rereading;
        let session = difference.session;
        if never_counted {
            self.write("count a session", move |connection| apply::count(connection, session))?;
        }
        for part in parts {
            self.change("write what was read again", move |connection| {
                if last_seq(connection, session)? != read_up_to {
                    let text = format!("session {session} got more datagrams meanwhile; read it again");
                    return Err(Refusal::Because(StoreError::refused(text)));
                }
                apply::part(connection, session, &part, at).map_err(Refusal::Query)
            })?;
        }
        Ok(())
    }

    /// How a session is to be read today.
    pub(crate) fn way_of(&self, session: SessionId) -> Result<Way, StoreError> {
        let sessions = self.sessions()?;
        let known = sessions.into_iter().find(|known| known.id == session);
        let known = known.ok_or_else(|| StoreError::not_found("session", session))?;
        Ok(Way { config: known.reading, rules: self.rule_book()? })
    }

    fn still_written(&self, session: &Session, newest: Timestamp, now: Timestamp) -> Option<String> {
        if session.ended_at.is_some() {
            return None;
        }
        if self.is_of_this_process(session.id) {
            return Some(String::from("it is being written by this process"));
        }
        let active = newest.max(session.started_at);
        let quiet = now.0.saturating_sub(active.0);
        let by = match session.kind {
            SessionKind::Live | SessionKind::Record => "a server",
            SessionKind::Replay => "a replay",
        };
        (quiet < LONGEST_BREAK_MICROS).then(|| {
            format!("it has no end and {by} may still be writing it: the last sign of it is from {active}")
        })
    }
}

/// When the last datagram arrived.
fn newest(connection: &mut SqliteConnection, session: SessionId) -> QueryResult<Option<Timestamp>> {
    let at: Option<Option<i64>> = datagrams::table
        .filter(datagrams::session_id.eq(session.0))
        .order(datagrams::seq.desc())
        .select(datagrams::arrived_at)
        .first(connection)
        .optional()?;
    Ok(at.flatten().map(Timestamp))
}

fn last_seq(connection: &mut SqliteConnection, session: SessionId) -> QueryResult<Option<i64>> {
    let of_session = datagrams::table.filter(datagrams::session_id.eq(session.0));
    of_session.select(diesel::dsl::max(datagrams::seq)).first(connection)
}

/// A ring may be quiet for so long, over lunch and the ceremonies, without its session being over.
const LONGEST_BREAK_MICROS: i64 = 6 * 3600 * 1_000_000;
