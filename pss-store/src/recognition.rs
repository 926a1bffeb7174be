//! How far messages were understood: storing that by hand, changing it, and what was changed.

use std::time::Duration;

use diesel::prelude::*;
use pss_protocol::{Code, Datagram, Dialect, Finding, RecognitionStatus, Record, Span, Timestamp};

use crate::{
    Change, EventId, MessageRow, SessionId, Store, StoreError,
    batch::Batch,
    change::OwnedChange,
    models::{Cache, datagram, pss_event, recognition},
    query,
    schema::{datagrams, pss_events, sessions},
    store::Refusal,
};

/// A message to be stored by [`Store::store_pss_event_with_status`].
#[derive(Clone, Copy, Debug)]
pub struct NewPssEvent<'a> {
    /// The session that it belongs to; no sink may be writing to it.
    pub session: SessionId,
    /// The datagram that it came in. It is stored with its first message.
    pub datagram: Datagram<'a>,
    /// The message in the datagram, from 0.
    pub index: u32,
    /// Its bytes in the datagram, line end included.
    pub span: Span,
    /// Its code; `None` for garbage and for codes that nobody knows.
    pub code: Option<Code>,
    /// How far it was understood.
    pub status: RecognitionStatus,
    /// How sure that is, from 0.0 to 1.0.
    pub confidence: f32,
    /// The protocol version that it was judged by.
    pub dialect: Dialect,
    /// What is odd about it.
    pub findings: &'a [Finding],
    /// How long its way through the pipeline took; `None` where nobody measured.
    pub processing: Option<Duration>,
    /// The match that was on when it arrived, counted from 0 in the session.
    pub match_index: Option<u32>,
    /// The round that was set up when it arrived.
    pub round: Option<u32>,
}

impl<'a> NewPssEvent<'a> {
    /// A message of this dialect that is the whole of its datagram, understood without doubt, with nothing odd about
    /// it.
    pub fn new(session: SessionId, datagram: Datagram<'a>, code: Option<Code>, dialect: Dialect) -> Self {
        Self {
            session,
            datagram,
            index: 0,
            span: Span::new(0, datagram.bytes.len()),
            code,
            status: RecognitionStatus::Recognized,
            confidence: 1.0,
            dialect,
            findings: &[],
            processing: None,
            match_index: None,
            round: None,
        }
    }

    /// A message as a [`Pipeline`](pss_protocol::Pipeline) judged it.
    pub fn of_record(session: SessionId, record: &Record<'a>) -> Self {
        Self {
            index: record.index,
            span: record.span,
            status: record.status,
            confidence: record.confidence,
            findings: record.findings,
            ..Self::new(
                session,
                *record.datagram,
                record.code,
                Dialect::from_name(record.protocol_version).unwrap_or_default(),
            )
        }
    }
}

/// What became of the status of a message.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum StatusUpdate {
    /// It has another one now.
    Changed {
        /// The one that it had.
        old: RecognitionStatus,
    },
    /// It had that status already; nothing was written.
    Unchanged,
}

/// A change of a message's status, by hand or by reading again.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct RecognitionChange {
    /// Its status before.
    pub old: RecognitionStatus,
    /// Its status from then on.
    pub new: RecognitionStatus,
    /// When it was changed.
    pub at: Timestamp,
    /// Who changed it: a person, or `reprocess`.
    pub by: String,
    /// Why.
    pub reason: String,
}

impl Store {
    /// Stores one message with its status and waits until it is durable, with its datagram if that is not there yet:
    /// for those who have no [`Pipeline`](pss_protocol::Pipeline), and for single messages by hand. Findings,
    /// statistics and unknown events follow as with a [`StoreSink`](crate::StoreSink), which is the way for whole
    /// sessions: each call is a transaction of its own.
    ///
    /// # Errors
    ///
    /// [`StoreError::NotFound`] when there is no such session. [`StoreError::Refused`] when the message is there
    /// already, when its datagram is there with other bytes, when its span is not in its datagram, or when its
    /// confidence is not from 0.0 to 1.0. Otherwise when the database cannot be written.
    pub fn store_pss_event_with_status(&self, event: &NewPssEvent<'_>) -> Result<EventId, StoreError> {
        let id = EventId { session: event.session, seq: event.datagram.seq, index: event.index };
        if event.datagram.bytes.get(event.span.range()).is_none() {
            return Err(StoreError::refused(format!("the span of message {id} is not in its datagram")));
        }
        if !(0.0..=1.0).contains(&event.confidence) {
            return Err(StoreError::refused(format!(
                "the confidence of message {id} is not from 0.0 to 1.0"
            )));
        }
        let mut batch = Batch::new(event.session.0);
        batch.add_datagram(&event.datagram);
        batch.add_event(event);
        let bytes = event.datagram.bytes.to_owned();
        self.change("store a message", move |connection| {
            let key = recognition::key(id);
            let session = sessions::table.find(key.0);
            if !diesel::select(diesel::dsl::exists(session)).get_result::<bool>(connection)? {
                return Err(StoreError::not_found("session", id.session).into());
            }
            if diesel::select(diesel::dsl::exists(pss_events::table.find(key)))
                .get_result::<bool>(connection)?
            {
                return Err(StoreError::refused(format!("message {id} is there already")).into());
            }
            let known: Option<Vec<u8>> = datagrams::table
                .find((key.0, key.1))
                .select(datagrams::bytes)
                .first(connection)
                .optional()?;
            let mut cache = Cache::default();
            match known {
                None => datagram::insert(connection, &mut cache, &batch)?,
                Some(known) if known == bytes => {}
                Some(_) => {
                    let reason = format!("the datagram of message {id} is there already, with other bytes");
                    return Err(StoreError::refused(reason).into());
                }
            }
            pss_event::insert(connection, &mut cache, &batch)?;
            cache.write_counts(connection)?;
            Ok(id)
        })
    }

    /// Gives a message another status and writes that to its history. Statistics and unknown events follow; what the
    /// message says, its findings and its confidence stay as they were read.
    ///
    /// ```
    /// use pss_protocol::{
    ///     Arrival, Code, Datagram, Dialect, Flow, PipelineConfig, RecognitionStatus, Timestamp,
    /// };
    /// use pss_store::{Change, NewPssEvent, NewSession, SessionKind, StatusUpdate, Store, StoreConfig};
    ///
    /// # let folder = tempfile::tempdir()?;
    /// let store = Store::open(StoreConfig::new(folder.path().join("restrike.db")))?;
    /// let session = store.begin_session(NewSession {
    ///     ring: "1",
    ///     kind: SessionKind::Live,
    ///     origin: None,
    ///     digest: None,
    ///     again: false,
    ///     started_at: Timestamp(0),
    ///     reading: PipelineConfig::default(),
    /// })?;
    /// let (arrival, flow, bytes) = (Arrival::default(), Flow::Broadcast, b"pt1;3".as_slice());
    /// let datagram = Datagram { seq: 1, arrival, source: None, flow, bytes };
    /// let event = NewPssEvent::new(session, datagram, Some(Code::Pt1), Dialect::TkStrike);
    /// let id = store.store_pss_event_with_status(&event)?;
    ///
    /// let change = Change { by: "A. Judge", at: Timestamp(1), reason: "the sensor was not worn" };
    /// let update = store.update_event_recognition_status(id, RecognitionStatus::Partial, &change)?;
    /// assert_eq!(update, StatusUpdate::Changed { old: RecognitionStatus::Recognized });
    /// assert_eq!(store.recognition_history(id)?[0].by, "A. Judge");
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    ///
    /// # Errors
    ///
    /// [`StoreError::NotFound`] when there is no such message; otherwise when the database cannot be written.
    pub fn update_event_recognition_status(
        &self,
        event: EventId,
        new_status: RecognitionStatus,
        change: &Change<'_>,
    ) -> Result<StatusUpdate, StoreError> {
        let change = OwnedChange::from(change);
        self.change("change the status of a message", move |connection| {
            let mut cache = Cache::default();
            let update = update(connection, &mut cache, event, new_status, &change.get())?;
            cache.write_counts(connection)?;
            Ok(update)
        })
    }

    /// The same for many messages, in one transaction: all of them or, on the first error, none. Gives how many had
    /// another status before.
    ///
    /// # Errors
    ///
    /// [`StoreError::NotFound`] when one of them is not there; otherwise when the database cannot be written.
    pub fn update_recognition_statuses(
        &self,
        updates: impl IntoIterator<Item = (EventId, RecognitionStatus)>,
        change: &Change<'_>,
    ) -> Result<u64, StoreError> {
        let updates: Vec<_> = updates.into_iter().collect();
        let change = OwnedChange::from(change);
        self.change("change the status of messages", move |connection| {
            let mut cache = Cache::default();
            let mut changed = 0;
            for (event, new_status) in &updates {
                let update = update(connection, &mut cache, *event, *new_status, &change.get())?;
                changed += u64::from(update != StatusUpdate::Unchanged);
            }
            cache.write_counts(connection)?;
            Ok(changed)
        })
    }

    /// How the status of a message was changed, the oldest change first.
    ///
    /// # Errors
    ///
    /// [`StoreError::NotFound`] when there is no such message; otherwise when the database cannot be read.
    pub fn recognition_history(&self, event: EventId) -> Result<Vec<RecognitionChange>, StoreError> {
        let found = self.read("read the history of a message", |connection| {
            let known = pss_events::table.find(recognition::key(event));
            let known = diesel::select(diesel::dsl::exists(known)).get_result::<bool>(connection)?;
            known.then(|| recognition::history(connection, event)).transpose()
        })?;
        found.ok_or_else(|| StoreError::not_found("message", event))
    }

    /// A message with all that is kept of it; `None` where there is none of this name.
    ///
    /// # Errors
    ///
    /// When the database cannot be read.
    pub fn find_message(&self, event: EventId) -> Result<Option<MessageRow>, StoreError> {
        self.read("find a message", |connection| query::find_message(connection, event))
    }
}

fn update(
    connection: &mut SqliteConnection,
    cache: &mut Cache,
    event: EventId,
    new: RecognitionStatus,
    change: &Change<'_>,
) -> Result<StatusUpdate, Refusal> {
    let update = recognition::change_status(connection, cache, event, new, change)?;
    update.ok_or_else(|| StoreError::not_found("message", event).into())
}
