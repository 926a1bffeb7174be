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

/// Numbers the columns that [`EventRow`] is read from in the order in which they are asked for.
macro_rules! columns {
    ($first:ident $($column:ident)+) => {
        #[derive(Clone, Copy)]
        #[expect(non_camel_case_types, reason = "as the columns are called")]
        enum Column {
            $first,
            $($column,)+
        }

        const SELECT: &str = concat!(
            "SELECT ", stringify!($first), $(", ", stringify!($column),)+
            " FROM match_events WHERE session_id = ? AND match_index BETWEEN ? AND ? ORDER BY match_index, event_id"
        );
    };
}

columns! {
    match_index event_id kind arrived_at monotonic_us evidence_seq evidence_index round clock basis athlete code
    points removes state won shown_time winner decision anomaly note
}

/// An event but for the level of a hit, which is 0 here.
struct EventRow {
    match_index: i64,
    event: MatchEvent,
}

/// Only the columns that the kind fills are looked at.
impl QueryableByName<Sqlite> for EventRow {
    fn build<'a>(row: &impl NamedRow<'a, Sqlite>) -> deserialize::Result<Self> {
        let columns = Columns(row);
        // The primary key is never null.
        let match_index = columns.number(Column::match_index).unwrap_or(NO_MATCH);
        let id = columns.number(Column::event_id).unwrap_or_default();
        match columns.event(match_index, id) {
            Some(event) => Ok(Self { match_index, event }),
            None => {
                let kind = columns.text(Column::kind, str::to_owned).unwrap_or_default();
                Err(explanation(match_index, id, &kind).into())
            }
        }
    }
}

/// The columns of a row.
struct Columns<'r, R>(&'r R);

impl<'a, R: Row<'a, Sqlite>> Columns<'_, R> {
    fn number(&self, column: Column) -> Option<i64> {
        <i64 as FromSql<BigInt, Sqlite>>::from_sql(self.0.get(column as usize)?.value()?).ok()
    }

    fn text<T>(&self, column: Column, read: impl FnOnce(&str) -> T) -> Option<T> {
        Some(read(self.0.get(column as usize)?.value()?.read_text()))
    }

    fn unsigned<T: TryFrom<i64>>(&self, column: Column) -> Option<T> {
        self.number(column).and_then(unsigned)
    }

    fn word<W: Word>(&self, column: Column) -> Option<W> {
        self.text(column, W::from_word).flatten()
    }

    /// The inverse of what [`match_event`](super::match_event) writes; `None` when this version cannot read it.
    fn event(&self, match_index: i64, id: i64) -> Option<MatchEvent> {
        let match_index = if match_index == NO_MATCH { None } else { Some(unsigned(match_index)?) };
        let key = EventKey { match_index, id: unsigned(id)? };
        let at = Arrival {
            wall: self.number(Column::arrived_at).map(Timestamp),
            mono: Monotonic::from_micros(self.unsigned(Column::monotonic_us)?),
        };
        let mut event = MatchEvent::new(key, at, self.text(Column::kind, |kind| self.kind(kind)).flatten()?);
        if let (Some(seq), Some(index)) =
            (self.number(Column::evidence_seq), self.number(Column::evidence_index))
        {
            event.evidence = Some(MessageKey { seq: unsigned(seq)?, index: unsigned(index)? });
        }
        event.round = self.unsigned(Column::round)?;
        event.clock = self.text(Column::clock, words::clock).flatten();
        event.basis = self.word::<Basis>(Column::basis)?;
        Some(event)
    }

    fn kind(&self, kind: &str) -> Option<EventKind> {
        let athlete = || self.word::<Athlete>(Column::athlete);
        let code = || self.word(Column::code);
        let (points, removes) = (|| self.unsigned(Column::points), || self.unsigned(Column::removes));
        let time = || self.text(Column::shown_time, words::clock).flatten();
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
                state: self.word(Column::state)?,
                won: self.number(Column::won).map(|won| won != 0),
            },
            "injury" => {
                EventKind::Injury { athlete: athlete(), action: self.word(Column::state)?, time: time() }
            }
            "time_out" => {
                EventKind::TimeOut { athlete: athlete()?, action: self.word(Column::state)?, time: time() }
            }
            "match_loaded" => EventKind::MatchLoaded,
            "match_ready" => EventKind::MatchReady,
            "match_started" => EventKind::MatchStarted,
            "match_ended" => EventKind::MatchEnded {
                winner: self.word::<Winner>(Column::winner),
                decision: self.text(Column::decision, words::decision).flatten(),
            },
            "sender_connected" => EventKind::SenderConnected,
            "sender_gone" => EventKind::SenderGone,
            "anomaly" => EventKind::Anomaly(Anomaly {
                kind: self.word(Column::anomaly)?,
                text: self.text(Column::note, str::to_owned)?,
            }),
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
