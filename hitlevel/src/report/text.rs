//! Words and numbers on a page.

use core::fmt;

use maud::{Markup, html};
use pss_protocol::{
    Athlete, Basis, ChallengeState, ClockAction, Competitor, Decision, EventKind, InjuryAction, MatchEvent,
    Timestamp, Winner,
};

use crate::{Levels, Quantile};

/// Names, categories and all else from the wire are as long as their sender likes.
const LONGEST: usize = 120;

/// Words of more letters are broken anywhere where they have no room; shorter ones stay whole.
const LONG_WORD: usize = 16;

/// A text from the wire, kept apart from the direction in which the page is read.
pub(super) fn foreign(text: &str) -> Markup {
    let shown = harmless(text);
    let is_long = shown.split_whitespace().any(|word| word.chars().count() > LONG_WORD);
    html! { bdi.long[is_long] { (shown) } }
}

/// Not endless, and what turns or hides text in a notation that is seen. In a title, where there is no markup, a text
/// is kept apart by nothing else.
pub(super) fn harmless(text: &str) -> String {
    let mut shown = String::with_capacity(text.len());
    for (place, character) in text.chars().enumerate() {
        if place == LONGEST {
            shown.push('…');
            break;
        }
        if is_harmful(character) {
            shown.extend(character.escape_unicode());
        } else {
            shown.push(character);
        }
    }
    shown
}

/// Control characters, line separators, and the marks that turn or hide text.
fn is_harmful(character: char) -> bool {
    character.is_control()
        || matches!(
            character,
            '\u{200B}'..='\u{200F}' | '\u{2028}'..='\u{202E}' | '\u{2060}'..='\u{2069}' | '\u{FEFF}' | '\u{061C}'
        )
}

/// An athlete's name, country and corner.
pub(super) fn name(competitor: &Competitor) -> Markup {
    html! {
        @match competitor.name.as_deref().filter(|name| !name.trim().is_empty()) {
            Some(name) => (foreign(name)),
            None => span.missing { "name not sent" },
        }
        @if let Some(country) = &competitor.country { " " span.country { "(" (foreign(country)) ")" } }
    }
}

/// A number, or a dash and the reason.
pub(super) fn measured<T, E: fmt::Display>(value: Result<T, E>, show: impl FnOnce(T) -> String) -> Markup {
    match value {
        Ok(value) => html! { (show(value)) },
        Err(reason) => missing(reason),
    }
}

/// A dash and the reason.
pub(super) fn missing(reason: impl fmt::Display) -> Markup {
    html! { span.missing { "– " small { (reason.to_string()) } } }
}

/// A text of the match data, or that it was not sent.
pub(super) fn sent(text: Option<&str>) -> Markup {
    match text {
        Some(text) => foreign(text),
        None => missing("not sent"),
    }
}

/// A share from 0 to 1. What is nearly all or nearly nothing is not shown as all or nothing.
pub(super) fn percent(share: f64) -> String {
    match share {
        share if share > 0.0 && share < 0.005 => String::from("< 1 %"),
        share if (0.995..1.0).contains(&share) => String::from("> 99 %"),
        share => format!("{:.0} %", share * 100.0),
    }
}

pub(super) fn tenth(value: f64) -> String {
    format!("{value:.1}")
}

pub(super) fn whole(value: impl fmt::Display) -> String {
    value.to_string()
}

pub(super) fn quantile(value: Quantile) -> String {
    match value {
        Quantile::At(level) => level.to_string(),
        Quantile::Above => format!("> {}", Levels::HIGHEST),
    }
}

/// A time of some milliseconds, or of seconds.
pub(super) fn milliseconds(value: f64) -> String {
    match value.abs() {
        ..1000.0 => format!("{:.0} ms", if value.abs() < 0.5 { 0.0 } else { value }),
        _ => format!("{:.2} s", value / 1000.0),
    }
}

/// Seconds as `m:ss`.
pub(super) fn minutes(seconds: u64) -> String {
    format!("{}:{:02}", seconds / 60, seconds % 60)
}

/// Day and second, UTC.
pub(super) fn moment(at: Timestamp) -> String {
    let text = at.to_string();
    match (text.get(..10), text.get(11..19)) {
        (Some(day), Some(time)) => format!("{day} {time} UTC"),
        _ => text,
    }
}

pub(super) const fn corner(athlete: Athlete) -> &'static str {
    match athlete {
        Athlete::Blue => "Blue",
        Athlete::Red => "Red",
    }
}

/// A corner as a label.
pub(super) fn badge(athlete: Athlete) -> Markup {
    html! { span class={ "corner " (class(athlete)) } { (corner(athlete)) } }
}

/// The class that gives a cell the look of a corner.
pub(super) const fn class(athlete: Athlete) -> &'static str {
    athlete.as_str()
}

pub(super) fn winner(winner: Winner) -> &'static str {
    winner.athlete().map_or("Tie", corner)
}

pub(super) fn basis(basis: Option<Basis>) -> Markup {
    html! { @if let Some(basis) = basis { " " span.basis { (basis.as_str()) } } }
}

/// What a decision's abbreviation stands for.
pub(super) const fn decision(decision: Decision) -> &'static str {
    match decision {
        Decision::Ptf => "final score",
        Decision::Ptg => "point gap",
        Decision::Gdp => "golden point",
        Decision::Sup => "superiority",
        Decision::Rsc => "referee stopped the contest",
        Decision::Wdr => "withdrawal",
        Decision::Dsq => "disqualification",
        Decision::Pun => "gam-jeoms",
        Decision::Dqb => "disqualification for unsportsmanlike behaviour",
        Decision::Pts => "points",
        Decision::Irm => "irregular mark",
        Decision::Csc => "classification",
        Decision::Bko => "knock-out to the body",
        Decision::Hko => "knock-out to the head",
        _ => "",
    }
}

/// The match clock, or a dash.
pub(super) fn clock(event: &MatchEvent) -> String {
    event.clock.map_or_else(|| String::from("–"), |clock| clock.to_string())
}

/// What happened, in a table of events; the corner stands beside it.
pub(super) fn happened(event: &MatchEvent) -> String {
    match &event.kind {
        EventKind::Point { code, points, .. } => format!("{code} {}, +{points}", code.technique()),
        EventKind::PointRemoved { code, points, .. } => {
            format!("{code} {} taken back, −{points}", code.technique())
        }
        EventKind::GamJeom { .. } => String::from("gam-jeom"),
        EventKind::GamJeomRemoved { .. } => String::from("gam-jeom taken back"),
        EventKind::Hit { level, .. } => format!("hit, level {level}"),
        EventKind::RoundStarted => String::from("round begins"),
        EventKind::RoundEnded { winner: Some(winner) } => format!("round ends, {winner} wins it"),
        EventKind::RoundEnded { winner: None } => String::from("round ends"),
        EventKind::Challenge { state, won, .. } => format!("challenge {}", outcome(*state, *won)),
        EventKind::Injury { action, time, .. } => {
            let what = match action {
                InjuryAction::Show => "kye-shi begins",
                InjuryAction::Hide => "kye-shi ends",
                InjuryAction::Reset => "kye-shi set back",
            };
            time.map_or_else(|| what.to_owned(), |time| format!("{what}, {time}"))
        }
        EventKind::TimeOut { action, .. } => String::from(match action {
            ClockAction::Start => "time-out begins",
            ClockAction::Stop => "time-out stands",
            ClockAction::Correct => "time-out is corrected",
            ClockAction::StopEnd => "time-out is over",
        }),
        EventKind::MatchLoaded => String::from("match loaded"),
        EventKind::MatchReady => String::from("match ready"),
        EventKind::MatchStarted => String::from("match begins"),
        EventKind::MatchEnded { winner: of, decision } => {
            let who = of.map_or("winner unknown", winner);
            decision.map_or_else(
                || format!("match ends: {who}"),
                |decision| format!("match ends: {who}, {decision}"),
            )
        }
        EventKind::SenderConnected => String::from("sender connected"),
        EventKind::SenderGone => String::from("sender gone"),
        EventKind::Anomaly(anomaly) => {
            format!("{}: {}", anomaly.kind.as_str().replace('_', " "), anomaly.text)
        }
        _ => String::from(event.kind.as_str()),
    }
}

/// The same with the corner in front.
pub(super) fn told(event: &MatchEvent) -> String {
    let what = happened(event);
    match event.kind {
        EventKind::RoundEnded { .. } | EventKind::MatchEnded { .. } => what,
        _ => event.kind.athlete().map_or_else(|| what.clone(), |athlete| format!("{athlete} {what}")),
    }
}

/// How far a challenge is.
pub(super) const fn outcome(state: ChallengeState, won: Option<bool>) -> &'static str {
    match (state, won) {
        (ChallengeState::Requested, _) => "requested",
        (_, Some(true)) => "won",
        (_, Some(false)) => "lost",
        (ChallengeState::Accepted, None) => "accepted",
        (ChallengeState::Rejected, None) => "rejected",
        (ChallengeState::Closed, None) => "closed",
    }
}
