//! Rings and sessions.

use diesel::prelude::*;
use pss_protocol::Timestamp;
use uuid::Uuid;

use crate::{
    Session, SessionId, SessionKind,
    schema::{rings, sessions},
    tournament,
};

/// What is to be stored of a session at its beginning.
pub(crate) struct Beginning {
    pub(crate) ring: String,
    pub(crate) kind: SessionKind,
    pub(crate) origin: Option<String>,
    pub(crate) digest: Option<[u8; 32]>,
    pub(crate) again: bool,
    pub(crate) started_at: Timestamp,
}

/// What became of it.
pub(crate) enum Begun {
    Session(SessionId),
    /// The same source is here already.
    Already {
        session: SessionId,
        finished: bool,
    },
}

#[derive(Insertable)]
#[diesel(table_name = sessions)]
struct NewRow<'a> {
    ring_id: i64,
    epoch: i64,
    kind: &'a str,
    origin: Option<&'a str>,
    digest: Option<&'a [u8]>,
    started_at: i64,
    tournament_id: Option<i64>,
}

pub(crate) fn begin(connection: &mut SqliteConnection, new: &Beginning) -> QueryResult<Begun> {
    if let (Some(digest), false) = (&new.digest, new.again) {
        let known: Option<(i64, Option<i64>)> = sessions::table
            .filter(sessions::digest.eq(digest.as_slice()))
            .order(sessions::id.desc())
            .select((sessions::id, sessions::ended_at))
            .first(connection)
            .optional()?;
        if let Some((id, ended_at)) = known {
            return Ok(Begun::Already { session: SessionId(id), finished: ended_at.is_some() });
        }
    }
    let ring_id = ring(connection, &new.ring)?;
    let last: Option<i64> = sessions::table
        .filter(sessions::ring_id.eq(ring_id))
        .select(diesel::dsl::max(sessions::epoch))
        .first(connection)?;
    // A replay is of another day than its session: it becomes a tournament's with its first match.
    let tournament_id = match new.kind {
        SessionKind::Replay => None,
        SessionKind::Live | SessionKind::Record => {
            tournament::of_session_at(connection, ring_id, new.started_at.0)?
        }
    };
    let row = NewRow {
        ring_id,
        // The time, so that an older copy of the database cannot hand out an epoch for the second time.
        epoch: last.map_or(new.started_at.0, |last| new.started_at.0.max(last + 1)),
        kind: new.kind.as_str(),
        origin: new.origin.as_deref(),
        digest: new.digest.as_ref().map(<[u8; 32]>::as_slice),
        started_at: new.started_at.0,
        tournament_id,
    };
    let id =
        diesel::insert_into(sessions::table).values(&row).returning(sessions::id).get_result(connection)?;
    Ok(Begun::Session(SessionId(id)))
}

pub(crate) fn end(connection: &mut SqliteConnection, session: i64, at: Timestamp) -> QueryResult<()> {
    diesel::update(sessions::table.find(session)).set(sessions::ended_at.eq(at.0)).execute(connection)?;
    Ok(())
}

/// All sessions in the order in which they began.
pub(crate) fn all(connection: &mut SqliteConnection) -> QueryResult<Vec<Session>> {
    type Row = (i64, String, Vec<u8>, i64, String, Option<String>, i64, Option<i64>);
    let rows: Vec<Row> = sessions::table
        .inner_join(rings::table)
        .order(sessions::id)
        .select((
            sessions::id,
            rings::name,
            rings::uuid,
            sessions::epoch,
            sessions::kind,
            sessions::origin,
            sessions::started_at,
            sessions::ended_at,
        ))
        .load(connection)?;
    rows.into_iter()
        .map(|(id, ring, uuid, epoch, kind, origin, started_at, ended_at)| {
            let unreadable = |error: String| diesel::result::Error::DeserializationError(error.into());
            Ok(Session {
                id: SessionId(id),
                ring,
                ring_uuid: Uuid::from_slice(&uuid).map_err(|error| unreadable(error.to_string()))?,
                epoch,
                kind: SessionKind::from_name(&kind)
                    .ok_or_else(|| unreadable(format!("session {id} is of an unknown kind: {kind}")))?,
                origin,
                started_at: Timestamp(started_at),
                ended_at: ended_at.map(Timestamp),
            })
        })
        .collect()
}

/// The ring of this name, made where there is none.
pub(crate) fn ring(connection: &mut SqliteConnection, name: &str) -> QueryResult<i64> {
    let known = rings::table.filter(rings::name.eq(name)).select(rings::id).first(connection).optional()?;
    if let Some(id) = known {
        return Ok(id);
    }
    diesel::insert_into(rings::table)
        .values((rings::uuid.eq(Uuid::new_v4().as_bytes().as_slice()), rings::name.eq(name)))
        .returning(rings::id)
        .get_result(connection)
}
