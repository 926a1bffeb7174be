//! One match.

use alloc::{borrow::ToOwned as _, collections::BTreeMap, format, string::String, vec::Vec};

use pss_protocol::{AnomalyKind, Athlete, Basis, EventKey, EventKind, MatchEvent};

use super::{
    Explanation, Irregularity, IrregularityKind, Weight, chance, clock, fouls, moments::Moments, scoring,
};
use crate::Course;

/// What is at least so probable is usual.
const USUAL: f64 = 0.05;

/// What does not fit together in one match, in the order of time.
///
/// Of matches in which judges alone give the points nothing is said about hits.
pub fn irregularities(course: &Course) -> Vec<Irregularity> {
    let look = Look { course, moments: Moments::of(&course.events) };
    let mut found = Vec::new();
    scoring::look(&look, &mut found);
    clock::look(&look, &mut found);
    fouls::look(&look, &mut found);
    anomalies(&look, &mut found);
    let mut found = bounded(found);
    found.sort_by_key(|irregularity| (irregularity.at.mono, irregularity.kind));
    found
}

/// A match that is looked at.
pub(super) struct Look<'a> {
    pub(super) course: &'a Course,
    pub(super) moments: Moments,
}

impl Look<'_> {
    pub(super) fn events(&self) -> &[MatchEvent] {
        &self.course.events
    }

    /// The place of an event; events are in the order of their ids.
    pub(super) fn place(&self, key: EventKey) -> Option<usize> {
        self.events().binary_search_by_key(&key.id, |event| event.key.id).ok()
    }

    /// Where the network loses datagrams all the time, some of them are those of hits and points. What is no more than
    /// that explains, of so many, is no question.
    pub(super) fn explain_by_loss(&self, found: &mut [Irregularity], of: usize) {
        let seconds = self.course.statistics.total(Athlete::Blue).running_seconds;
        let fewer = found.iter().filter(|one| one.explanation.is_none()).count().checked_sub(1);
        let Some(fewer) = fewer.filter(|_| seconds > 0) else { return };
        // A tick comes each second; so many of them did not.
        let share = self.moments.ticks_lost() as f64 / seconds as f64;
        if 1.0 - chance::at_most(fewer as u64, share * of as f64, f64::INFINITY) < USUAL {
            return;
        }
        for one in found.iter_mut().filter(|one| one.explanation.is_none()) {
            (one.weight, one.explanation) = (Weight::Note, Some(Explanation::DatagramLost));
        }
    }

    /// One that these events show, the first of which is what it is about.
    pub(super) fn tell(
        &self,
        kind: IrregularityKind,
        weight: Weight,
        explanation: Option<Explanation>,
        places: &[usize],
        text: String,
    ) -> Option<Irregularity> {
        let first = &self.events()[*places.first()?];
        let mut evidence: Vec<_> = places.iter().filter_map(|&place| self.events()[place].evidence).collect();
        evidence.sort_unstable();
        evidence.dedup();
        let evidence_total = evidence.len() as u64;
        evidence.truncate(Irregularity::EVIDENCE);
        Some(Irregularity {
            kind,
            weight: if explanation.is_some() { Weight::Note } else { weight },
            explanation,
            match_index: self.course.summary.index,
            athlete: first.kind.athlete(),
            round: first.round,
            at: first.at,
            clock: first.clock,
            evidence,
            evidence_total,
            text,
        })
    }
}

/// What the reading of the match already found odd.
fn anomalies(look: &Look<'_>, found: &mut Vec<Irregularity>) {
    let (mut untold, mut told_points) = (Vec::new(), 0);
    for (place, event) in look.events().iter().enumerate() {
        told_points += usize::from(matches!(event.kind, EventKind::Point { .. }));
        let EventKind::Anomaly(anomaly) = &event.kind else { continue };
        let mut places = Vec::from([place]);
        let mut explanation = None;
        let mut athlete = None;
        let (kind, weight) = match anomaly.kind {
            AnomalyKind::ScoreWithoutPoint => {
                let point = inferred_with(look, place);
                athlete = point.and_then(|point| look.events()[point].kind.athlete());
                explanation = why_untold(look, place, point);
                places.extend(point);
                (IrregularityKind::ScoreWithoutPoint, Weight::Question)
            }
            AnomalyKind::PointWithoutScore => (IrregularityKind::PointWithoutScore, Weight::Question),
            AnomalyKind::ClockJump => (IrregularityKind::ClockJump, Weight::Question),
            AnomalyKind::WinnerMismatch => {
                explanation = corrected(&look.events()[place + 1..]).then_some(Explanation::Corrected);
                (IrregularityKind::WinnerMismatch, Weight::Contradiction)
            }
            AnomalyKind::TwoSenders => (IrregularityKind::TwoSenders, Weight::Question),
            AnomalyKind::OutOfPlace => (IrregularityKind::OutOfPlace, Weight::Question),
            // Of the network, not of the match: they are in what is said about the quality of the data.
            _ => continue,
        };
        let told = look.tell(kind, weight, explanation, &places, anomaly.text.clone());
        let told = told.map(|told| Irregularity { athlete, ..told });
        if kind == IrregularityKind::ScoreWithoutPoint { &mut untold } else { &mut *found }.extend(told);
    }
    look.explain_by_loss(&mut untold, told_points);
    found.append(&mut untold);
}

/// Whether another result came after one that contradicts the course, and does not.
fn corrected(later: &[MatchEvent]) -> bool {
    let ended = later.iter().any(|event| matches!(event.kind, EventKind::MatchEnded { .. }));
    let again = later.iter().any(|event| {
        matches!(&event.kind, EventKind::Anomaly(anomaly) if anomaly.kind == AnomalyKind::WinnerMismatch)
    });
    ended && !again
}

/// The point that was concluded from the same message.
fn inferred_with(look: &Look<'_>, anomaly: usize) -> Option<usize> {
    let events = look.events();
    let at = events[anomaly].at.mono;
    let same = |place: &usize| {
        let event = &events[*place];
        event.basis == Basis::Inferred && matches!(event.kind, EventKind::Point { .. }) && event.at.mono == at
    };
    (anomaly + 1..events.len()).take(32).find(same)
}

/// Why a score rose without a point.
fn why_untold(look: &Look<'_>, anomaly: usize, point: Option<usize>) -> Option<Explanation> {
    let felt = point.is_some_and(|point| {
        let key = look.events()[point].key;
        look.course.links.iter().any(|link| link.point == key && link.hit.is_some())
    });
    if felt {
        // The hit was felt, so there was a point, and its own datagram did not arrive.
        return Some(Explanation::DatagramLost);
    }
    if look.moments.at_table(anomaly) {
        return Some(Explanation::TableEdit);
    }
    look.moments.loss_near(look.events(), anomaly).then_some(Explanation::DatagramLost)
}

/// Tells only so many of the same one by one, and the rest of them together.
fn bounded(found: Vec<Irregularity>) -> Vec<Irregularity> {
    type Same = (IrregularityKind, Option<Explanation>, Option<Athlete>);
    let mut told: BTreeMap<Same, (usize, Option<Irregularity>)> = BTreeMap::new();
    let mut bounded = Vec::new();
    for one in found {
        let (count, rest) = told.entry((one.kind, one.explanation, one.athlete)).or_default();
        *count += 1;
        if *count <= Irregularity::ONE_BY_ONE {
            bounded.push(one);
            continue;
        }
        match rest {
            None => *rest = Some(one),
            Some(rest) => {
                rest.evidence_total += one.evidence_total;
                let free = Irregularity::EVIDENCE.saturating_sub(rest.evidence.len());
                rest.evidence.extend(one.evidence.into_iter().take(free));
            }
        }
    }
    bounded.extend(told.into_values().filter_map(|(count, rest)| {
        let mut rest = rest?;
        let more = count - Irregularity::ONE_BY_ONE;
        rest.text = match more {
            1 => rest.text.to_owned(),
            _ => format!("{more} more of the same: {}", rest.text),
        };
        Some(rest)
    }));
    bounded
}
