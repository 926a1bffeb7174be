//! Events as they are read: by column, without a copy of their words, because a database has millions of them.

use diesel::{
    connection::DefaultLoadingMode,
    deserialize::{self, FromSql},
    prelude::*,
    row::{Field as _, NamedRow, Row},
    sql_types::BigInt,
    sqlite::Sqlite,
};
use pss_protocol::{
    Anomaly, Arrival, Athlete, Basis, EventKey, EventKind, MatchEvent, MessageKey, Monotonic, Timestamp,
    Winner,
};

use super::{
    match_event::{NO_MATCH, StoredEvent},
    unsigned,
};
use crate::{
    schema::hits,
    words::{self, Word},
};

/// Gives away the events of some matches of a session, from `first` to `last`, in the order of the primary key.
pub(crate) fn for_each(
    connection: &mut SqliteConnection,
    session: i64,
    (first, last): (i64, i64),
    mut take: impl FnMut(StoredEvent),
) -> QueryResult<()> {
    let hits: Vec<(i64, i64, i64, Option<i64>)> = hits::table
        .filter(hits::session_id.eq(session))
        .filter(hits::match_index.between(first, last))
        .order((hits::match_index, hits::event_id))
        .select((hits::match_index, hits::event_id, hits::level, hits::linked_point))
        .load(connection)?;
    // Both lists are in the same order, and each hit has its event.
    let mut hits = hits.into_iter().peekable();
    let rows = diesel::sql_query(SELECT)
        .bind::<BigInt, _>(session)
        .bind::<BigInt, _>(first)
        .bind::<BigInt, _>(last)
        .load_iter::<EventRow, DefaultLoadingMode>(connection)
        .map_err(|error| in_session(error, session))?;
    for row in rows {
        let EventRow { match_index, mut event } = row.map_err(|error| in_session(error, session))?;
        let id = i64::from(event.key.id);
        let mut linked_point = None;
        if let EventKind::Hit { level, .. } = &mut event.kind {
            let hit = hits.next_if(|(index, hit, ..)| (*index, *hit) == (match_index, id));
            let hit = hit.and_then(|(.., level, point)| Some((unsigned(level)?, point)));
            let Some((felt, point)) = hit else {
                return Err(in_session(unreadable(match_index, id, "hit"), session));
            };
            *level = felt;
            linked_point = point.and_then(unsigned);
        }
        take(StoredEvent { event, linked_point });
    }
    Ok(())
}

/// What [`EventRow`] is read from, in its order.
const SELECT: &str = "SELECT match_index, event_id, kind, arrived_at, monotonic_us, evidence_seq, evidence_index, \
    round, clock, basis, athlete, code, points, removes, state, won, shown_time, winner, decision, anomaly, note \
    FROM match_events WHERE session_id = ? AND match_index BETWEEN ? AND ? ORDER BY match_index, event_id";

/// An event but for the level of a hit, which is 0 here.
struct EventRow {
    match_index: i64,
    event: MatchEvent,
}

/// Only the columns that the kind fills are looked at.
impl QueryableByName<Sqlite> for EventRow {
    fn build<'a>(row: &impl NamedRow<'a, Sqlite>) -> deserialize::Result<Self> {
        let columns = Columns(row);
        let (match_index, id) = (columns.number(0), columns.number(1));
        match columns.event() {
            Some(event) => Ok(Self { match_index: match_index.unwrap_or(NO_MATCH), event }),
            None => {
                let kind = columns.text(2, str::to_owned).unwrap_or_default();
                Err(explanation(match_index.unwrap_or(NO_MATCH), id.unwrap_or_default(), &kind).into())
            }
        }
    }
}

/// The columns of a row by their place in [`SELECT`].
struct Columns<'r, R>(&'r R);

impl<'a, R: Row<'a, Sqlite>> Columns<'_, R> {
    fn number(&self, column: usize) -> Option<i64> {
        <i64 as FromSql<BigInt, Sqlite>>::from_sql(self.0.get(column)?.value()?).ok()
    }

    fn text<T>(&self, column: usize, read: impl FnOnce(&str) -> T) -> Option<T> {
        Some(read(self.0.get(column)?.value()?.read_text()))
    }

    fn unsigned<T: TryFrom<i64>>(&self, column: usize) -> Option<T> {
        self.number(column).and_then(unsigned)
    }

    fn word<W: Word>(&self, column: usize) -> Option<W> {
        self.text(column, W::from_word).flatten()
    }

    /// The inverse of what [`match_event`](super::match_event) writes; `None` when this version cannot read it.
    fn event(&self) -> Option<MatchEvent> {
        let key = EventKey {
            match_index: self.number(0).filter(|index| *index != NO_MATCH).and_then(unsigned),
            id: self.unsigned(1)?,
        };
        let at =
            Arrival { wall: self.number(3).map(Timestamp), mono: Monotonic::from_micros(self.unsigned(4)?) };
        let mut event = MatchEvent::new(key, at, self.text(2, |kind| self.kind(kind)).flatten()?);
        if let (Some(seq), Some(index)) = (self.number(5), self.number(6)) {
            event.evidence = Some(MessageKey { seq: unsigned(seq)?, index: unsigned(index)? });
        }
        event.round = self.unsigned(7)?;
        event.clock = self.text(8, words::clock).flatten();
        event.basis = self.word::<Basis>(9)?;
        Some(event)
    }

    fn kind(&self, kind: &str) -> Option<EventKind> {
        let athlete = || self.word::<Athlete>(10);
        let code = || self.word(11);
        let (points, removes) = (|| self.unsigned(12), || self.unsigned(13));
        let time = || self.text(16, words::clock).flatten();
        Some(match kind {
            "hit" => EventKind::Hit { athlete: athlete()?, level: 0 },
            "point" => EventKind::Point { athlete: athlete()?, code: code()?, points: points()? },
            "point_removed" => EventKind::PointRemoved {
                athlete: athlete()?,
                code: code()?,
                points: points()?,
                removes: removes(),
            },
            "gam_jeom" => EventKind::GamJeom { athlete: athlete()? },
            "gam_jeom_removed" => EventKind::GamJeomRemoved { athlete: athlete()?, removes: removes() },
            "round_started" => EventKind::RoundStarted,
            "round_ended" => EventKind::RoundEnded { winner: athlete() },
            "challenge" => EventKind::Challenge {
                athlete: athlete(),
                state: self.word(14)?,
                won: self.number(15).map(|won| won != 0),
            },
            "injury" => EventKind::Injury { athlete: athlete(), action: self.word(14)?, time: time() },
            "time_out" => EventKind::TimeOut { athlete: athlete()?, action: self.word(14)?, time: time() },
            "match_loaded" => EventKind::MatchLoaded,
            "match_ready" => EventKind::MatchReady,
            "match_started" => EventKind::MatchStarted,
            "match_ended" => EventKind::MatchEnded {
                winner: self.word::<Winner>(17),
                decision: self.text(18, words::decision).flatten(),
            },
            "sender_connected" => EventKind::SenderConnected,
            "sender_gone" => EventKind::SenderGone,
            "anomaly" => {
                EventKind::Anomaly(Anomaly { kind: self.word(19)?, text: self.text(20, str::to_owned)? })
            }
            _ => return None,
        })
    }
}

fn explanation(match_index: i64, id: i64, kind: &str) -> String {
    format!("event {id} of match {match_index} has a kind or a word that this version does not know: {kind}")
}

fn unreadable(match_index: i64, id: i64, kind: &str) -> diesel::result::Error {
    diesel::result::Error::DeserializationError(explanation(match_index, id, kind).into())
}

fn in_session(error: diesel::result::Error, session: i64) -> diesel::result::Error {
    match error {
        diesel::result::Error::DeserializationError(reason) => {
            diesel::result::Error::DeserializationError(format!("session {session}: {reason}").into())
        }
        other => other,
    }
}
