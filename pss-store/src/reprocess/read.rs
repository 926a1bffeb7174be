//! A stored session through today's pipeline.

use std::{collections::HashMap, net::SocketAddr};

use diesel::{connection::DefaultLoadingMode, prelude::*};
use pss_protocol::{
    Arrival, Both, Datagram, Linker, Monotonic, Pipeline, PipelineConfig, Timestamp, rules::RuleBook,
};

use crate::{
    SessionId,
    assembly::Assembly,
    batch::Batch,
    models::unsigned,
    schema::{datagrams, sources},
    words,
};

/// How a session is to be read.
pub(crate) struct Way {
    pub(crate) config: PipelineConfig,
    pub(crate) rules: RuleBook,
}

/// All that comes of the datagrams of a session, as one batch without the datagrams, and how many these are.
pub(super) fn derive(
    connection: &mut SqliteConnection,
    session: SessionId,
    way: Way,
    linker: impl Linker,
) -> QueryResult<(Batch, u64)> {
    let mut pipeline = Pipeline::with_rules(way.config, way.rules, Both(Assembly::new(session.0), linker));
    let mut datagrams = 0;
    each_datagram(connection, session, |datagram| {
        datagrams += 1;
        pipeline.ingest(&datagram);
        let Both(assembly, linker) = pipeline.sink_mut();
        take_links(assembly, linker);
    })?;
    let Both(mut assembly, mut linker) = pipeline.finish();
    linker.settle();
    take_links(&mut assembly, &mut linker);
    Ok((assembly.batch, datagrams))
}

fn take_links(assembly: &mut Assembly, linker: &mut impl Linker) {
    while let Some((hit, point)) = linker.next_link() {
        assembly.link(hit, point);
    }
}

#[derive(Queryable)]
struct Row {
    seq: i64,
    arrived_at: Option<i64>,
    monotonic_us: i64,
    source_id: Option<i64>,
    flow: i32,
    bytes: Vec<u8>,
}

/// The datagrams of a session in the order of their arrival, one at a time.
pub(crate) fn each_datagram(
    connection: &mut SqliteConnection,
    session: SessionId,
    mut take: impl FnMut(Datagram<'_>),
) -> QueryResult<()> {
    let sources = sources(connection)?;
    let rows = datagrams::table
        .filter(datagrams::session_id.eq(session.0))
        .order(datagrams::seq)
        .select((
            datagrams::seq,
            datagrams::arrived_at,
            datagrams::monotonic_us,
            datagrams::source_id,
            datagrams::flow,
            datagrams::bytes,
        ))
        .load_iter::<Row, DefaultLoadingMode>(connection)?;
    for row in rows {
        let row = row?;
        let datagram = datagram(&row, &sources).ok_or_else(|| {
            let text = format!(
                "datagram {} of session {session} has a number or a word that this version does not know",
                row.seq
            );
            diesel::result::Error::DeserializationError(text.into())
        })?;
        take(datagram);
    }
    Ok(())
}

fn datagram<'a>(row: &'a Row, sources: &HashMap<i64, SocketAddr>) -> Option<Datagram<'a>> {
    Some(Datagram {
        seq: unsigned(row.seq)?,
        arrival: Arrival {
            wall: row.arrived_at.map(Timestamp),
            mono: Monotonic::from_micros(unsigned(row.monotonic_us)?),
        },
        source: row.source_id.and_then(|id| sources.get(&id)).copied(),
        flow: words::flow(row.flow)?,
        bytes: &row.bytes,
    })
}

/// Every sender's address by its id.
fn sources(connection: &mut SqliteConnection) -> QueryResult<HashMap<i64, SocketAddr>> {
    let rows: Vec<(i64, String)> = sources::table.select((sources::id, sources::address)).load(connection)?;
    Ok(rows.into_iter().filter_map(|(id, address)| Some((id, address.parse().ok()?))).collect())
}
