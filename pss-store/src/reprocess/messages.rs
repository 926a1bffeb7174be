//! The messages of a new reading beside the stored ones.

use std::collections::HashSet;

use diesel::{connection::DefaultLoadingMode, dsl::count_star, prelude::*};
use pss_protocol::RecognitionStatus;

use super::difference::KeptStatus;
use crate::{
    EventId, SessionId,
    batch::MessageItem,
    models::{number, pss_event::StoredRow, unreadable, unsigned},
    schema::{
        pss_event_details, pss_event_recognition_history, pss_event_statistics, pss_event_validation_results,
        pss_events,
    },
    words::Word as _,
};

/// What is to be done about each message.
#[derive(Debug, Default)]
pub(super) struct Compared {
    /// In the order of the messages that were read.
    pub(super) fates: Vec<Fate>,
    /// Stored messages that are none any more.
    pub(super) gone: Vec<Gone>,
    pub(super) kept_by_hand: Vec<KeptStatus>,
    /// The session was stored before there were statistics, patterns and challenges.
    pub(super) never_counted: bool,
}

/// What is to be done about a message.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Fate {
    New,
    Same,
    /// It says something else than its row, which has this status.
    Changed(RecognitionStatus),
}

/// A stored message that is none any more.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Gone {
    pub(super) seq: u64,
    pub(super) index: u32,
    pub(super) match_index: Option<u32>,
}

/// Compares what was read, in the order of the datagrams, with what is stored.
pub(super) fn compare(
    connection: &mut SqliteConnection,
    session: SessionId,
    read: &[MessageItem],
) -> QueryResult<Compared> {
    let by_hand = set_by_hand(connection, session)?;
    let mut compared = Compared { fates: vec![Fate::New; read.len()], ..Compared::default() };
    let mut stored_messages = 0_u64;
    let rows = pss_events::table
        .filter(pss_events::session_id.eq(session.0))
        .order((pss_events::seq, pss_events::message_index))
        .select(StoredRow::as_select())
        .load_iter::<StoredRow, DefaultLoadingMode>(connection)?;
    let mut place = 0;
    for row in rows {
        let row = row?;
        stored_messages += 1;
        let key = (row.seq, row.message_index);
        while read.get(place).is_some_and(|message| key_of(message) < key) {
            place += 1;
        }
        let Some(message) = read.get(place).filter(|message| key_of(message) == key) else {
            let gone = unsigned(key.0).zip(unsigned(key.1));
            let (seq, index) = gone.ok_or_else(|| unreadable("datagram", key.0))?;
            compared.gone.push(Gone { seq, index, match_index: row.match_index.and_then(unsigned) });
            continue;
        };
        let Some(status) = RecognitionStatus::from_word(&row.recognition_status) else {
            return Err(unreadable("datagram", row.seq));
        };
        // What a person said is about these bytes.
        let status_by_hand = (by_hand.contains(&key) && row.has_span(message)).then_some(status);
        if let Some(kept) = status_by_hand.filter(|kept| *kept != message.status) {
            let event = EventId { session, seq: message.seq, index: message.index };
            compared.kept_by_hand.push(KeptStatus { event, kept, read: message.status });
        }
        let same = row.says(message, status_by_hand.unwrap_or(message.status));
        compared.fates[place] = if same { Fate::Same } else { Fate::Changed(status) };
    }
    compared.never_counted = stored_messages > 0 && !is_counted(connection, session)?;
    compare_details(connection, session, read, &mut compared.fates)?;
    compare_results(connection, session, read, &mut compared.fates)?;
    Ok(compared)
}

fn key_of(message: &MessageItem) -> (i64, i64) {
    (number(message.seq), message.index.into())
}

/// Finds the message of each row and tells what has another value than `wanted`; rows must be in the order of the
/// messages.
struct Beside<'a> {
    read: &'a [MessageItem],
    fates: &'a mut [Fate],
    place: usize,
}

impl Beside<'_> {
    /// Messages up to the row's have no row: `wanted` says of which one should be.
    fn skip_to(&mut self, key: Option<(i64, i64)>, wanted: impl Fn(&MessageItem) -> bool) {
        while let Some(message) = self.read.get(self.place) {
            if key.is_some_and(|key| key_of(message) >= key) {
                break;
            }
            if wanted(message) {
                self.differs(message.status);
            }
            self.place += 1;
        }
    }

    /// The row of this message is as wanted, or not.
    fn is(&mut self, key: (i64, i64), right: impl Fn(&MessageItem) -> bool) {
        if let Some(message) = self.read.get(self.place).filter(|message| key_of(message) == key) {
            if !right(message) {
                self.differs(message.status);
            }
            self.place += 1;
        }
    }

    fn differs(&mut self, status: RecognitionStatus) {
        let fate = &mut self.fates[self.place];
        if *fate == Fate::Same {
            *fate = Fate::Changed(status);
        }
    }
}

fn compare_details(
    connection: &mut SqliteConnection,
    session: SessionId,
    read: &[MessageItem],
    fates: &mut [Fate],
) -> QueryResult<()> {
    let rows = pss_event_details::table
        .filter(pss_event_details::session_id.eq(session.0))
        .order((pss_event_details::seq, pss_event_details::message_index))
        .select((
            pss_event_details::seq,
            pss_event_details::message_index,
            pss_event_details::name,
            pss_event_details::value,
        ))
        .load_iter::<(i64, i64, String, String), DefaultLoadingMode>(connection)?;
    let mut beside = Beside { read, fates, place: 0 };
    let wanted = |message: &MessageItem| message.detail.is_some();
    for row in rows {
        let (seq, index, name, value) = row?;
        beside.skip_to(Some((seq, index)), wanted);
        beside.is((seq, index), |message| {
            message.detail.as_ref().is_some_and(|detail| (detail.0, &detail.1) == (name.as_str(), &value))
        });
    }
    beside.skip_to(None, wanted);
    Ok(())
}

/// The findings are compared with the row already; here only that each has its own row too.
fn compare_results(
    connection: &mut SqliteConnection,
    session: SessionId,
    read: &[MessageItem],
    fates: &mut [Fate],
) -> QueryResult<()> {
    use pss_event_validation_results as results;
    let rows = results::table
        .filter(results::session_id.eq(session.0))
        .group_by((results::seq, results::message_index))
        .order((results::seq, results::message_index))
        .select((results::seq, results::message_index, count_star()))
        .load_iter::<(i64, i64, i64), DefaultLoadingMode>(connection)?;
    let mut beside = Beside { read, fates, place: 0 };
    let wanted = |message: &MessageItem| !message.findings.is_empty();
    for row in rows {
        let (seq, index, count) = row?;
        beside.skip_to(Some((seq, index)), wanted);
        beside.is((seq, index), |message| unsigned(count) == Some(message.findings.len()));
    }
    beside.skip_to(None, wanted);
    Ok(())
}

/// The messages whose last change of status was made by somebody else than a new reading.
fn set_by_hand(connection: &mut SqliteConnection, session: SessionId) -> QueryResult<HashSet<(i64, i64)>> {
    use pss_event_recognition_history as history;
    let rows = history::table
        .filter(history::session_id.eq(session.0))
        .order(history::id)
        .select((history::seq, history::message_index, history::changed_by))
        .load_iter::<(i64, i64, String), DefaultLoadingMode>(connection)?;
    let mut by_hand = HashSet::new();
    for row in rows {
        let (seq, index, changed_by) = row?;
        if changed_by == super::CHANGED_BY {
            by_hand.remove(&(seq, index));
        } else {
            by_hand.insert((seq, index));
        }
    }
    Ok(by_hand)
}

fn is_counted(connection: &mut SqliteConnection, session: SessionId) -> QueryResult<bool> {
    let of_session = pss_event_statistics::table.filter(pss_event_statistics::session_id.eq(session.0));
    diesel::select(diesel::dsl::exists(of_session)).get_result(connection)
}
