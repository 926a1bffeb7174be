//! From what a pipeline says to the rows of a batch, each message where it belongs.

use pss_protocol::{Datagram, EventKey, EventKind, Flow, MatchEvent, MatchSummary, Message, Record, Sink};

use crate::batch::{Batch, Link, Place};

/// Puts rows together. The same for a session on its way into the store and for one that is read again, so that both
/// give the same. The datagrams themselves are left to the caller.
#[derive(Debug)]
pub(crate) struct Assembly {
    pub(crate) batch: Batch,
    /// The match that the last message belongs to.
    match_index: Option<u32>,
    /// The round that the last message belongs to, and the datagram that began it.
    round: Option<(u32, u64)>,
    /// The datagram that arrived last.
    pub(crate) last_seq: u64,
}

impl Assembly {
    pub(crate) fn new(session: i64) -> Self {
        Self { batch: Batch::new(session), match_index: None, round: None, last_seq: 0 }
    }

    pub(crate) fn link(&mut self, hit: EventKey, point: EventKey) {
        self.batch.links.push(Link { hit, point: point.id });
    }

    /// From the datagram `from` on all is of `round`, up to where another round began since.
    fn set_round(&mut self, from: u64, round: u32) {
        match self.round {
            Some((known, _)) if known == round => {}
            Some((_, since)) if since > from => self.batch.place(from, since, Place::Round(round)),
            _ => {
                self.batch.place(from, self.last_seq + 1, Place::Round(round));
                self.round = Some((round, from));
            }
        }
    }
}

impl Sink for Assembly {
    fn datagram(&mut self, datagram: &Datagram<'_>) {
        self.last_seq = datagram.seq;
    }

    fn record(&mut self, record: &Record<'_>) {
        let of_match = matches!(record.datagram.flow, Flow::Broadcast | Flow::Answer);
        if let (true, Message::Round { round: Some(round) }) = (of_match, record.message) {
            self.round = Some((*round, record.datagram.seq));
        }
        self.batch.add_message(record, self.match_index, self.round.map(|(round, _)| round));
    }

    fn event(&mut self, event: &MatchEvent) {
        // Events settle after their messages: what arrived since the evidence is put right here.
        let from = event.evidence.map_or(self.last_seq + 1, |evidence| evidence.seq);
        if let Some(index) = event.key.match_index
            && self.match_index != Some(index)
        {
            self.match_index = Some(index);
            self.batch.place(from, self.last_seq + 1, Place::Match(index));
        }
        if matches!(event.kind, EventKind::RoundStarted) {
            self.set_round(from, event.round);
        }
        self.batch.events.push(event.clone());
    }

    fn match_changed(&mut self, summary: &MatchSummary) {
        self.batch.add_match(summary);
    }
}
