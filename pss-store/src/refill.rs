//! Filling up a session from a journal: what found no room in the queue, or was not committed when the program was
//! killed.

use std::ops::RangeInclusive;

use diesel::{prelude::*, sql_types::BigInt};
use pss_protocol::{Datagram, Monotonic, Pipeline, Timestamp};

use crate::{
    SessionId, Store, StoreError,
    assembly::Assembly,
    batch::Batch,
    models::{Cache, datagram, number, pss_event, session, unsigned},
    reprocess::read::{self, Way},
    schema::{datagrams, pss_events},
    store::Refusal,
};

/// What became of datagrams that were to fill up a session.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct Refilled {
    /// They were missing.
    pub added: u64,
    /// They were there already.
    pub known: u64,
}

impl Store {
    /// The numbers of the datagrams that a session lacks, as ranges: from 1 to the last one that is stored, and on
    /// to `last`, where it is known how many there should be.
    ///
    /// A replay that was narrowed, or of a capture of several rings, lacks the numbers that are not its own.
    ///
    /// # Errors
    ///
    /// When the database cannot be read.
    pub fn gaps(
        &self,
        session: SessionId,
        last: Option<u64>,
    ) -> Result<Vec<RangeInclusive<u64>>, StoreError> {
        self.read("look for gaps", |connection| gaps(connection, session, last))
    }

    /// Adds datagrams that are missing, in one transaction; those that are there are left alone. Their messages
    /// follow: for a session that is over by [`reprocess`](Self::reprocess), for one that is still being written by
    /// [`read_refilled`](Self::read_refilled).
    ///
    /// # Errors
    ///
    /// [`StoreError::Refused`] when a datagram is stored with other bytes: then these are of another session, and
    /// nothing is added. Otherwise when the database cannot be written.
    pub fn refill<'a>(
        &self,
        session: SessionId,
        datagrams: impl IntoIterator<Item = Datagram<'a>>,
    ) -> Result<Refilled, StoreError> {
        let mut batch = Batch::new(session.0);
        for datagram in datagrams {
            batch.add_datagram(&datagram);
        }
        let refilled = self.change("fill up a session", move |connection| refill(connection, &batch))?;
        self.note_refilled(session, refilled.added);
        Ok(refilled)
    }

    /// Reads what was [refilled](Self::refill) of a session that is still being written, and gives how many messages
    /// that added. The session's events are not touched: its sink has kept those that found no room.
    ///
    /// # Errors
    ///
    /// When there is no such session, or the database cannot be read or written.
    pub fn read_refilled(&self, session: SessionId) -> Result<u64, StoreError> {
        let way = self.way_of(session)?;
        let batch = self.read("read what was refilled", |connection| {
            let silent = without_messages(connection, session)?;
            if silent.is_empty() {
                return Ok(Batch::new(session.0));
            }
            let mut batch = derive_so_far(connection, session, way)?;
            batch.messages.retain(|message| silent.binary_search(&number(message.seq)).is_ok());
            // What the messages say is weighed by their bytes, so these go with them; they are stored already.
            let mut of_silent = Batch::new(session.0);
            read::each_datagram(connection, session, |datagram| {
                if silent.binary_search(&number(datagram.seq)).is_ok() {
                    of_silent.add_datagram(&datagram);
                }
            })?;
            of_silent.messages = batch.messages;
            Ok(of_silent)
        })?;
        let added = batch.messages.len() as u64;
        if added > 0 {
            self.write("write what was refilled", move |connection| {
                let mut cache = Cache::default();
                pss_event::insert(connection, &mut cache, &batch)?;
                cache.write_counts(connection)
            })?;
        }
        self.note_refilled_read(session);
        Ok(added)
    }

    /// Ends a session that was cut short, once it is filled up. One that has an end keeps it.
    ///
    /// # Errors
    ///
    /// When the database cannot be written.
    pub fn end_session(&self, session: SessionId, at: Timestamp) -> Result<(), StoreError> {
        self.write("end a session", move |connection| session::end_if_open(connection, session.0, at))
    }
}

fn gaps(
    connection: &mut SqliteConnection,
    session: SessionId,
    last: Option<u64>,
) -> QueryResult<Vec<RangeInclusive<u64>>> {
    #[derive(QueryableByName)]
    struct Step {
        #[diesel(sql_type = BigInt)]
        seq: i64,
        #[diesel(sql_type = BigInt)]
        before: i64,
    }
    let steps: Vec<Step> = diesel::sql_query(
        "SELECT seq, before FROM (SELECT seq, lag(seq, 1, 0) OVER (ORDER BY seq) AS before \
         FROM datagrams WHERE session_id = ?) WHERE seq > before + 1",
    )
    .bind::<BigInt, _>(session.0)
    .load(connection)?;
    let mut gaps: Vec<_> =
        steps.iter().filter_map(|step| Some(unsigned(step.before + 1)?..=unsigned(step.seq - 1)?)).collect();
    let stored: Option<i64> = datagrams::table
        .filter(datagrams::session_id.eq(session.0))
        .select(diesel::dsl::max(datagrams::seq))
        .first(connection)?;
    let stored = stored.and_then(unsigned).unwrap_or(0);
    gaps.extend(last.filter(|last| *last > stored).map(|last| stored + 1..=last));
    Ok(gaps)
}

fn refill(connection: &mut SqliteConnection, batch: &Batch) -> Result<Refilled, Refusal> {
    let mut refilled = Refilled::default();
    let mut cache = Cache::default();
    for item in &batch.datagrams {
        let stored: Option<Vec<u8>> = datagrams::table
            .find((batch.session, number(item.seq)))
            .select(datagrams::bytes)
            .first(connection)
            .optional()?;
        match stored {
            Some(bytes) if bytes == batch.bytes(item) => refilled.known += 1,
            Some(_) => {
                let (seq, session) = (item.seq, batch.session);
                let text = format!("datagram {seq} of session {session} is stored with other bytes");
                return Err(Refusal::Because(StoreError::refused(text)));
            }
            None => {
                datagram::insert_item(connection, &mut cache, batch, item)?;
                refilled.added += 1;
            }
        }
    }
    Ok(refilled)
}

/// The datagrams of which no message is stored, in order. An empty datagram has none.
fn without_messages(connection: &mut SqliteConnection, session: SessionId) -> QueryResult<Vec<i64>> {
    let has_message = pss_events::table
        .filter(pss_events::session_id.eq(datagrams::session_id))
        .filter(pss_events::seq.eq(datagrams::seq));
    datagrams::table
        .filter(datagrams::session_id.eq(session.0))
        .filter(diesel::dsl::not(diesel::dsl::exists(has_message)))
        .order(datagrams::seq)
        .select(datagrams::seq)
        .load(connection)
}

/// The messages of all that is stored so far, each with its match and round.
fn derive_so_far(connection: &mut SqliteConnection, session: SessionId, way: Way) -> QueryResult<Batch> {
    let mut pipeline = Pipeline::with_rules(way.config, way.rules, Assembly::new(session.0));
    let mut last = Monotonic::default();
    read::each_datagram(connection, session, |datagram| {
        last = datagram.arrival.mono;
        pipeline.ingest(&datagram);
    })?;
    // What waits for its neighbours has waited long enough: it tells to which match the last messages belong.
    pipeline.tick(Monotonic(last.0 + way.config.reorder_window * 2));
    Ok(std::mem::replace(&mut pipeline.sink_mut().batch, Batch::new(session.0)))
}
