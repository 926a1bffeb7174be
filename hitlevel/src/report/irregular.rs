//! What does not fit together, in words.

use maud::{Markup, html};
use pss_protocol::MessageKey;

use super::text;
use crate::integrity::{ChallengeCase, Challenged, Irregularity, Outcomes, Weight};

/// Datagrams that are named in a cell.
const NAMED: usize = 6;

/// How a match of several is told from the others.
#[derive(Clone, Debug)]
pub(super) struct Called {
    /// The match number, or its place among them.
    pub(super) number: String,
    /// How to ask for it, its ring, and the file that it is in.
    pub(super) place: Vec<String>,
    /// The session that its datagrams are counted in.
    pub(super) session: Option<i64>,
}

impl Called {
    /// The number, and where it is found.
    pub(super) fn shown(&self) -> Markup {
        html! {
            (text::foreign(&self.number))
            @for place in &self.place { ", " (text::foreign(place)) }
        }
    }
}

/// A table of irregularities, each with its match where there are several.
pub(super) fn table<'a>(
    caption: &str,
    rows: impl Iterator<Item = (Option<&'a Called>, &'a Irregularity)>,
) -> Markup {
    let mut rows = rows.peekable();
    let of_several = rows.peek().is_some_and(|(of, _)| of.is_some());
    html! {
        table {
            caption { (caption) }
            thead { tr {
                @if of_several { th scope="col" { "Match" } }
                th scope="col" { "Round" } th scope="col" { "Clock" } th scope="col" { "Corner" } th scope="col" { "Weight" }
                th scope="col" { "What" } th scope="col" { "Usually" } th scope="col" { "Datagrams" }
            } }
            tbody {
                @for (of, irregularity) in rows {
                    tr {
                        @if let Some(of) = of { td { (of.shown()) } }
                        td { @if irregularity.round > 0 { (irregularity.round) } @else { "–" } }
                        td { @if let Some(clock) = irregularity.clock { (clock.to_string()) } @else { "–" } }
                        td { @if let Some(athlete) = irregularity.athlete { (text::badge(athlete)) } }
                        td { (weight(irregularity.weight)) }
                        td { (text::foreign(&irregularity.text)) }
                        td { @if let Some(explanation) = irregularity.explanation { (explanation.as_str().replace('_', " ")) } }
                        td { (datagrams(of.and_then(|of| of.session), &irregularity.evidence, irregularity.evidence_total)) }
                    }
                }
            }
        }
    }
}

fn weight(weight: Weight) -> Markup {
    html! {
        @match weight {
            Weight::Contradiction => b { "!! contradiction" },
            Weight::Question => b { "? question" },
            Weight::Note => "note",
        }
    }
}

/// Datagram and message in it, as `restrike decode` counts them; with a session in front as `restrike event` takes them.
fn datagrams(session: Option<i64>, evidence: &[MessageKey], total: u64) -> Markup {
    html! {
        @if evidence.is_empty() { (text::missing("silence shows it")) }
        @for (place, key) in evidence.iter().take(NAMED).enumerate() {
            @if place > 0 { ", " }
            @match session {
                Some(session) => span.whole { (session) ":" (key.seq) ":" (key.index) },
                None => { (key.seq) @if key.index > 0 { ":" (key.index) } }
            }
        }
        @if total > evidence.len().min(NAMED) as u64 { " and " (total - evidence.len().min(NAMED) as u64) " more" }
    }
}

/// The challenges of a match, one by one.
pub(super) fn cases(cases: &[ChallengeCase]) -> Markup {
    html! {
        table {
            caption { "Challenges" }
            thead { tr {
                th scope="col" { "Round" } th scope="col" { "Clock" } th scope="col" { "By" } th scope="col" { "Decided before" }
                th scope="col" { "Outcome" } th scope="col" { "Changed" }
            } }
            tbody {
                @for case in cases {
                    tr {
                        td { (case.round) }
                        td { @if let Some(clock) = case.clock { (clock.to_string()) } @else { "–" } }
                        td { @match case.athlete { Some(athlete) => (text::badge(athlete)), None => "Referee" } }
                        td {
                            (kind(case.challenged))
                            @if let Some(concerned) = case.concerned { ", " (text::corner(concerned)) }
                        }
                        td { (case.outcome.as_str()) }
                        td {
                            @if case.edits.is_empty() { "nothing" }
                            @for (place, edit) in case.edits.iter().enumerate() {
                                @if place > 0 { ", " } (edit.as_str().replace('_', " "))
                            }
                        }
                    }
                }
            }
        }
    }
}

/// What a decision before a challenge is called.
pub(super) const fn kind(challenged: Challenged) -> &'static str {
    match challenged {
        Challenged::GamJeom => "gam-jeom",
        Challenged::Punch => "punch",
        Challenged::Kick => "kick",
        Challenged::Technical => "technical bonus",
        Challenged::Removal => "something taken back",
        Challenged::NoScore => "no score",
    }
}

/// The share of decided challenges that were won.
pub(super) fn won(outcomes: &Outcomes) -> Markup {
    let decided = outcomes.accepted + outcomes.rejected;
    html! {
        @if decided == 0 { (text::missing("none was decided")) }
        @else { (text::percent(outcomes.accepted as f64 / decided as f64)) }
    }
}
