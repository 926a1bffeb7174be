//! Points that no hit explains, and hits that should have been points.

use alloc::{collections::BTreeSet, format, string::String, vec::Vec};
use core::time::Duration;

use pss_protocol::{Athlete, Basis, EventKind, Monotonic, PerAthlete, PointCode};

use super::{Explanation, Irregularity, IrregularityKind, Weight, within::Look};
use crate::{HitStatistics, Link, Thresholds};

/// Two hits of an athlete within this time may be one kick.
const SAME_KICK: Duration = Duration::from_millis(500);

pub(super) fn look(look: &Look<'_>, found: &mut Vec<Irregularity>) {
    let felt = felt(look);
    if felt == Sensors::JudgesOnly {
        return;
    }
    let thresholds = look.course.statistics.thresholds;
    let first = found.len();
    for link in &look.course.links {
        match link.level {
            None => point_without_hit(look, link, felt, found),
            Some(level) => scored_below(look, link, level, thresholds, found),
        }
    }
    look.explain_by_loss(&mut found[first..], look.course.links.len());
    valid_unscored(look, thresholds, found);
}

/// What the sensors of a match say.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Sensors {
    /// Levels.
    Levels,
    /// Only what stands for the judges.
    JudgesOnly,
    /// Nothing at all, of neither athlete.
    Nothing,
}

fn felt(look: &Look<'_>) -> Sensors {
    let totals = Athlete::BOTH.map(|athlete| look.course.statistics.total(athlete));
    match (totals.iter().any(|total| !total.felt.is_empty()), totals.iter().any(|total| total.judged > 0)) {
        (true, _) => Sensors::Levels,
        (false, true) => Sensors::JudgesOnly,
        (false, false) => Sensors::Nothing,
    }
}

fn point_without_hit(look: &Look<'_>, link: &Link, felt: Sensors, found: &mut Vec<Irregularity>) {
    let Some(place) = look.place(link.point) else { return };
    let inferred = look.events()[place].basis == Basis::Inferred;
    let explanation = match () {
        () if felt == Sensors::Nothing => Some(Explanation::NoSensors),
        () if look.moments.at_table(place) => Some(Explanation::TableEdit),
        () if inferred || look.moments.loss_near(look.events(), place) => Some(Explanation::DatagramLost),
        () => None,
    };
    let code = code_word(link.code);
    let text = match explanation {
        Some(Explanation::NoSensors) => format!("a {code} scored in a match in which no hit was felt"),
        Some(Explanation::TableEdit) => format!("a {code} was given at the table, without a hit"),
        Some(_) => format!("a {code} scored without a hit, in a moment of which other datagrams are missing"),
        None if link.count > 0 => {
            format!("a {code} scored, and no hit that was felt shortly before was hard enough")
        }
        None => format!("a {code} scored while the clock ran, and no hit was felt"),
    };
    let kind = IrregularityKind::PointWithoutHit;
    found.extend(look.tell(kind, Weight::Question, explanation, &[place], text));
}

fn scored_below(
    look: &Look<'_>,
    link: &Link,
    level: u32,
    thresholds: Thresholds,
    found: &mut Vec<Irregularity>,
) {
    let needed = match link.code {
        PointCode::H => thresholds.head,
        _ => thresholds.body,
    };
    let Some(needed) = needed.filter(|&needed| level < needed && level != HitStatistics::JUDGED) else {
        return;
    };
    let (Some(point), Some(hit)) = (look.place(link.point), link.hit.and_then(|hit| look.place(hit))) else {
        return;
    };
    let explanation = match () {
        () if look.moments.at_table(point) => Some(Explanation::TableEdit),
        () if look.moments.loss_near(look.events(), point) => Some(Explanation::DatagramLost),
        () => None,
    };
    let code = code_word(link.code);
    let text = format!("a {code} scored, and the hit beside it has level {level}, below {needed}");
    let kind = IrregularityKind::ScoredBelowLevel;
    found.extend(look.tell(kind, Weight::Question, explanation, &[point, hit], text));
}

fn valid_unscored(look: &Look<'_>, thresholds: Thresholds, found: &mut Vec<Irregularity>) {
    let Thresholds { body: Some(body), head: Some(head) } = thresholds else { return };
    let needed = body.max(head);
    let scored: BTreeSet<u32> = look.course.links.iter().filter_map(|link| Some(link.hit?.id)).collect();
    let felt = |&place: &usize| match look.events()[place].kind {
        EventKind::Hit { athlete, level } if level != HitStatistics::JUDGED => Some((place, athlete, level)),
        _ => None,
    };
    let at = |place: usize| look.events()[place].at.mono;
    let scores = |place: usize| scored.contains(&look.events()[place].key.id);
    let mut scored_at = PerAthlete::<Vec<Monotonic>>::default();
    for (place, athlete, _) in look.moments.order.iter().filter_map(felt).filter(|hit| scores(hit.0)) {
        scored_at[athlete].push(at(place));
    }
    let valid = look.moments.order.iter().filter_map(felt).filter(|&(_, _, level)| level >= needed);
    for (place, athlete, level) in valid.filter(|&(place, ..)| !scores(place)) {
        let first = scored_at[athlete].partition_point(|&when| when + SAME_KICK < at(place));
        let same_kick = scored_at[athlete].get(first).is_some_and(|&when| when <= at(place) + SAME_KICK);
        let explanation = match () {
            () if same_kick => Some(Explanation::SameMoment),
            () if look.moments.at_table(place) => Some(Explanation::TableEdit),
            () if look.moments.loss_near(look.events(), place) => Some(Explanation::DatagramLost),
            () => None,
        };
        let text: String = match explanation {
            Some(Explanation::SameMoment) => {
                format!("a hit of level {level} did not score beside another one that did")
            }
            _ => format!("a hit of level {level} did not score, and {needed} is enough anywhere"),
        };
        let kind = IrregularityKind::ValidHitUnscored;
        found.extend(look.tell(kind, Weight::Question, explanation, &[place], text));
    }
}

const fn code_word(code: PointCode) -> &'static str {
    match code {
        PointCode::H => "kick to the head",
        _ => "kick to the body",
    }
}
