//! What is stored of a session beside what today's reading gives: the difference, and what is to be written.

use std::{
    collections::{BTreeMap, BTreeSet, HashMap},
    mem,
};

use diesel::prelude::*;
use pss_protocol::{Competitor, MatchEvent, MatchSummary, RecognitionStatus};

use super::{
    difference::{Changes, Difference, MatchDifference, ResultChange, StatusChanges},
    events::{self, EventChanges},
    messages::{self, Compared, Fate, Gone},
};
use crate::{
    SessionId,
    batch::{Batch, Link, MessageItem},
    models::{
        athlete, match_,
        match_event::{self, FullRow},
    },
};

/// What is to be written of a match, in one transaction.
#[derive(Debug, Default)]
pub(super) struct Part {
    /// `None`: outside of any match.
    pub(super) match_index: Option<u32>,
    /// Messages that are new or say something else.
    pub(super) messages: Vec<MessageItem>,
    pub(super) gone: Vec<Gone>,
    /// All events of the match, where any of them changes.
    pub(super) events: Option<Events>,
    pub(super) summary: Summary,
}

/// The events of a match and the points that its hits led to.
#[derive(Debug, Default)]
pub(super) struct Events {
    pub(super) list: Vec<MatchEvent>,
    pub(super) links: Vec<Link>,
}

/// What becomes of a match's own row.
#[derive(Debug, Default)]
pub(super) enum Summary {
    #[default]
    Same,
    /// It says this from now on.
    Now(Box<MatchSummary>),
    /// There is no such match any more.
    Gone,
}

/// Compares what was read with what is stored.
pub(super) fn compare(
    connection: &mut SqliteConnection,
    session: SessionId,
    read: Batch,
    datagrams: u64,
) -> QueryResult<(Difference, Vec<Part>, bool)> {
    let Batch { messages, events, links, matches, .. } = read;
    let compared = messages::compare(connection, session, &messages)?;
    let never_counted = compared.never_counted;
    let mut difference = Difference {
        session,
        datagrams,
        messages: messages.len() as u64,
        matches: Vec::new(),
        kept_by_hand: compared.kept_by_hand.clone(),
    };
    let mut of_messages = by_match(messages, compared);
    let mut of_events = events_by_match(events, links);
    let mut read_matches: BTreeMap<u32, MatchSummary> =
        matches.into_iter().map(|summary| (summary.index, summary)).collect();
    let mut stored_matches: BTreeMap<u32, MatchSummary> = match_::of_session(connection, None, session.0)?
        .into_iter()
        .map(|stored| (stored.summary.index, stored.summary))
        .collect();

    let mut indexes: BTreeSet<Option<u32>> = of_messages.keys().copied().collect();
    indexes.extend(of_events.keys().copied());
    indexes.extend(match_event::matches_with_events(connection, session.0)?);
    indexes.extend(read_matches.keys().chain(stored_matches.keys()).copied().map(Some));
    let mut parts = Vec::new();
    for index in indexes {
        let mut of_match = MatchDifference { match_index: index, ..MatchDifference::default() };
        let messages = of_messages.remove(&index).unwrap_or_default();
        of_match.messages = messages.changes;
        of_match.statuses = messages.statuses.into_values().collect();

        let events = of_events.remove(&index).unwrap_or_default();
        let stored_rows = match_event::full_rows(connection, session.0, index)?;
        let read_rows = full_rows(session, &events);
        let EventChanges { changes, renumbered } = events::compare(&stored_rows, &read_rows);
        (of_match.events, of_match.events_renumbered) = (changes, renumbered);
        let anew =
            stored_rows != read_rows || never_counted && read_rows.iter().any(FullRow::is_interruption);

        let mut summary = Summary::Same;
        if let Some(index) = index {
            let (stored, read) = (stored_matches.remove(&index), read_matches.remove(&index));
            of_match.number = read.as_ref().or(stored.as_ref()).and_then(|summary| summary.number.clone());
            let by_hand = athlete::assigned(connection, session.0, index.into())?;
            let changed = compare_matches(&mut of_match, stored, read.as_ref(), by_hand);
            summary = match read {
                Some(read) if changed || anew || never_counted => Summary::Now(Box::new(read)),
                None if changed => Summary::Gone,
                _ => Summary::Same,
            };
        }
        let part = Part {
            match_index: index,
            messages: messages.items,
            gone: messages.gone,
            events: anew.then_some(events),
            summary,
        };
        if !part.is_empty() {
            difference.matches.push(of_match);
            parts.push(part);
        }
    }
    Ok((difference, parts, never_counted))
}

impl Part {
    fn is_empty(&self) -> bool {
        self.messages.is_empty()
            && self.gone.is_empty()
            && self.events.is_none()
            && matches!(self.summary, Summary::Same)
    }
}

#[derive(Debug, Default)]
struct OfMessages {
    items: Vec<MessageItem>,
    gone: Vec<Gone>,
    changes: Changes,
    /// By the names of both statuses, so that the order is always the same.
    statuses: BTreeMap<(&'static str, &'static str), StatusChanges>,
}

/// What changes of the messages of each match, by where they are from now on.
fn by_match(read: Vec<MessageItem>, compared: Compared) -> BTreeMap<Option<u32>, OfMessages> {
    let mut of_matches: BTreeMap<Option<u32>, OfMessages> = BTreeMap::new();
    let kept: HashMap<(u64, u32), RecognitionStatus> =
        compared.kept_by_hand.iter().map(|kept| ((kept.event.seq, kept.event.index), kept.kept)).collect();
    for (message, fate) in read.into_iter().zip(compared.fates) {
        if fate == Fate::Same {
            continue;
        }
        let of_match = of_matches.entry(message.match_index).or_default();
        match fate {
            Fate::Changed(from) => {
                of_match.changes.changed += 1;
                let to = kept.get(&(message.seq, message.index)).copied().unwrap_or(message.status);
                if from != to {
                    let statuses = of_match.statuses.entry((from.as_str(), to.as_str()));
                    statuses.or_insert(StatusChanges { from, to, count: 0 }).count += 1;
                }
            }
            Fate::New | Fate::Same => of_match.changes.added += 1,
        }
        of_match.items.push(message);
    }
    for gone in compared.gone {
        let of_match = of_matches.entry(gone.match_index).or_default();
        of_match.changes.removed += 1;
        of_match.gone.push(gone);
    }
    of_matches
}

fn events_by_match(events: Vec<MatchEvent>, links: Vec<Link>) -> BTreeMap<Option<u32>, Events> {
    let mut of_matches: BTreeMap<Option<u32>, Events> = BTreeMap::new();
    for event in events {
        of_matches.entry(event.key.match_index).or_default().list.push(event);
    }
    for link in links {
        of_matches.entry(link.hit.match_index).or_default().links.push(link);
    }
    for of_match in of_matches.values_mut() {
        of_match.list.sort_by_key(|event| event.key.id);
    }
    of_matches
}

fn full_rows(session: SessionId, events: &Events) -> Vec<FullRow> {
    let points: HashMap<u32, u32> = events.links.iter().map(|link| (link.hit.id, link.point)).collect();
    let full = |event: &MatchEvent| FullRow::new(session.0, event, points.get(&event.key.id).copied());
    events.list.iter().map(full).collect()
}

/// Whether a match's own row changes; says so in the difference.
fn compare_matches(
    difference: &mut MatchDifference,
    stored: Option<MatchSummary>,
    read: Option<&MatchSummary>,
    by_hand: [Option<i64>; 2],
) -> bool {
    let comparable = |mut summary: MatchSummary| {
        for (competitor, by_hand) in [&mut summary.blue, &mut summary.red].into_iter().zip(by_hand) {
            // Short names are the athlete's, not the match's; without a long name there is no athlete.
            competitor.short_name = None;
            if by_hand.is_some() || competitor.name.as_deref().is_none_or(str::is_empty) {
                *competitor = Competitor::default();
            }
        }
        for country in [&mut summary.blue.country, &mut summary.red.country] {
            country.take_if(|country| country.is_empty());
        }
        summary
    };
    let mut stored = stored.map(comparable);
    let mut read = read.cloned().map(comparable);
    if stored == read {
        return false;
    }
    let (from, to) = (stored.as_ref().map(result), read.as_ref().map(result));
    if from != to {
        difference.result = Some(ResultChange { from, to });
    }
    let rounds = |summary: &mut Option<MatchSummary>| {
        summary.as_mut().map(|summary| mem::take(&mut summary.rounds)).unwrap_or_default()
    };
    difference.rounds_changed = rounds(&mut stored) != rounds(&mut read);
    for summary in [&mut stored, &mut read].into_iter().flatten() {
        (summary.winner, summary.winner_basis) = (None, None);
        (summary.decision, summary.decision_basis) = (None, None);
        summary.result = None;
    }
    difference.details_changed = stored != read;
    true
}

/// `blue 2-1 by PTF (stated)`, as far as it is known.
fn result(summary: &MatchSummary) -> String {
    let mut words = Vec::new();
    match summary.winner {
        None => words.push(String::from("no winner")),
        Some(winner) => words.push(crate::words::Word::word(winner).unwrap_or("other").to_owned()),
    }
    words.extend(summary.result.clone());
    words.extend(summary.decision.map(|decision| format!("by {}", decision.as_str())));
    let basis = summary.winner_basis.or(summary.decision_basis);
    words.extend(basis.map(|basis| format!("({})", basis.as_str())));
    words.join(" ")
}
