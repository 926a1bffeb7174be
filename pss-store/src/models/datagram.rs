//! Datagrams: the ground that everything else can be derived from again.

use std::net::SocketAddr;

use diesel::prelude::*;

use super::{Cache, number};
use crate::{
    batch::{Batch, DatagramItem},
    schema::{datagrams, sources},
    words,
};

#[derive(Insertable)]
#[diesel(table_name = datagrams, treat_none_as_default_value = false)]
struct Row<'a> {
    session_id: i64,
    seq: i64,
    arrived_at: Option<i64>,
    monotonic_us: i64,
    source_id: Option<i64>,
    flow: i32,
    bytes: &'a [u8],
}

pub(crate) fn insert(connection: &mut SqliteConnection, cache: &mut Cache, batch: &Batch) -> QueryResult<()> {
    batch.datagrams.iter().try_for_each(|item| insert_item(connection, cache, batch, item))
}

/// One of the batch's datagrams.
pub(crate) fn insert_item(
    connection: &mut SqliteConnection,
    cache: &mut Cache,
    batch: &Batch,
    item: &DatagramItem,
) -> QueryResult<()> {
    let source_id = item.source.map(|source| source_id(connection, cache, source)).transpose()?;
    let row = Row {
        session_id: batch.session,
        seq: number(item.seq),
        arrived_at: item.arrival.wall.map(|wall| wall.0),
        monotonic_us: number(item.arrival.mono.as_micros()),
        source_id,
        flow: words::flow_number(item.flow),
        bytes: batch.bytes(item),
    };
    diesel::insert_into(datagrams::table).values(&row).execute(connection)?;
    Ok(())
}

fn source_id(connection: &mut SqliteConnection, cache: &mut Cache, source: SocketAddr) -> QueryResult<i64> {
    if let Some(id) = cache.sources.get(&source) {
        return Ok(*id);
    }
    let address = source.to_string();
    let known = sources::table
        .filter(sources::address.eq(&address))
        .select(sources::id)
        .first(connection)
        .optional()?;
    let id = match known {
        Some(id) => id,
        None => diesel::insert_into(sources::table)
            .values(sources::address.eq(&address))
            .returning(sources::id)
            .get_result(connection)?,
    };
    // Forged senders can be without number.
    if cache.sources.len() >= MOST_SOURCES {
        cache.sources.clear();
    }
    cache.sources.insert(source, id);
    Ok(id)
}

const MOST_SOURCES: usize = 1024;
