//! Rings and sessions.

use std::time::Duration;

use diesel::prelude::*;
use pss_protocol::{Dialect, PipelineConfig, Timestamp};
use uuid::Uuid;

use super::unsigned;
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
    pub(crate) reading: PipelineConfig,
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
    dialect: Option<&'a str>,
    off_the_wire: bool,
    reorder_window_us: i64,
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
        dialect: new.reading.dialect.map(Dialect::as_str),
        off_the_wire: new.reading.off_the_wire,
        reorder_window_us: i64::try_from(new.reading.reorder_window.as_micros()).unwrap_or(i64::MAX),
    };
    let id =
        diesel::insert_into(sessions::table).values(&row).returning(sessions::id).get_result(connection)?;
    Ok(Begun::Session(SessionId(id)))
}

pub(crate) fn end(connection: &mut SqliteConnection, session: i64, at: Timestamp) -> QueryResult<()> {
    diesel::update(sessions::table.find(session)).set(sessions::ended_at.eq(at.0)).execute(connection)?;
    Ok(())
}

/// Ends a session that has no end yet.
pub(crate) fn end_if_open(connection: &mut SqliteConnection, session: i64, at: Timestamp) -> QueryResult<()> {
    let open = sessions::table.find(session).filter(sessions::ended_at.is_null());
    diesel::update(open).set(sessions::ended_at.eq(at.0)).execute(connection)?;
    Ok(())
}

#[derive(Queryable)]
struct Row {
    id: i64,
    ring: String,
    ring_uuid: Vec<u8>,
    epoch: i64,
    kind: String,
    origin: Option<String>,
    started_at: i64,
    ended_at: Option<i64>,
    dialect: Option<String>,
    off_the_wire: bool,
    reorder_window_us: i64,
}

/// All sessions in the order in which they began.
pub(crate) fn all(connection: &mut SqliteConnection) -> QueryResult<Vec<Session>> {
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
            sessions::dialect,
            sessions::off_the_wire,
            sessions::reorder_window_us,
        ))
        .load(connection)?;
    rows.into_iter().map(session).collect()
}

fn session(row: Row) -> QueryResult<Session> {
    let id = row.id;
    let unreadable = |error: String| diesel::result::Error::DeserializationError(error.into());
    let kind = SessionKind::from_name(&row.kind)
        .ok_or_else(|| unreadable(format!("session {id} is of an unknown kind: {}", row.kind)))?;
    let mut reading = PipelineConfig::default();
    reading.off_the_wire = row.off_the_wire;
    reading.reorder_window = Duration::from_micros(unsigned(row.reorder_window_us).unwrap_or(0));
    reading.dialect = match &row.dialect {
        None => None,
        Some(name) => {
            let known = Dialect::ALL.into_iter().find(|dialect| dialect.as_str() == name);
            Some(known.ok_or_else(|| unreadable(format!("session {id} is of an unknown dialect: {name}")))?)
        }
    };
    Ok(Session {
        id: SessionId(id),
        ring: row.ring,
        ring_uuid: Uuid::from_slice(&row.ring_uuid).map_err(|error| unreadable(error.to_string()))?,
        epoch: row.epoch,
        kind,
        origin: row.origin,
        started_at: Timestamp(row.started_at),
        reading,
        ended_at: row.ended_at.map(Timestamp),
    })
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
