//! Matches for people.

use std::{
    fmt,
    io::{self, Write},
};

use pss_protocol::{
    Athlete, Basis, ChallengeState, ClockTime, Competitor, EventKind, InjuryAction, MatchEvent, MatchSummary,
    RoundSummary, Scoring, Winner,
};

use super::collect::{Events, MatchReport};
use crate::output::text::Harmless;

pub(in crate::cmd) fn matches(out: &mut impl Write, matches: &[MatchReport]) -> io::Result<()> {
    for (place, report) in matches.iter().enumerate() {
        if place > 0 {
            writeln!(out)?;
        }
        summary(out, &report.summary)?;
        if let Some(found) = &report.events {
            events(out, found)?;
        }
    }
    Ok(())
}

fn summary(out: &mut impl Write, summary: &MatchSummary) -> io::Result<()> {
    write!(out, "Match {}", known(summary.number.as_deref()))?;
    for text in [&summary.phase, &summary.category, &summary.division].into_iter().flatten() {
        write!(out, ", {}", Harmless(text))?;
    }
    writeln!(out)?;
    write!(
        out,
        "  mode     {}",
        match summary.scoring {
            Scoring::BestOf3 => "best of three",
            Scoring::Conventional => "conventional",
            Scoring::Unknown => "not known",
        }
    )?;
    if let (Some(rounds), Some(seconds)) = (summary.rounds_planned, summary.round_seconds) {
        write!(out, ", {rounds} x {}", ClockTime::from_seconds(seconds))?;
    }
    if let (Some(body), Some(head)) = (summary.body_level, summary.head_level) {
        write!(out, ", valid from body {body} head {head}")?;
    }
    writeln!(out)?;
    for (athlete, competitor) in [(Athlete::Blue, &summary.blue), (Athlete::Red, &summary.red)] {
        writeln!(out, "  {:<8} {}", athlete.as_str(), Named(competitor))?;
    }
    if !summary.rounds.is_empty() {
        writeln!(out, "  round    score      gam-jeoms  winner")?;
    }
    for round in &summary.rounds {
        round_line(out, round)?;
    }
    writeln!(out, "  result   {}", Result(summary))?;
    writeln!(out, "  hits     blue {}, red {}", summary.hits.blue, summary.hits.red)
}

fn round_line(out: &mut impl Write, round: &RoundSummary) -> io::Result<()> {
    let score = format!("{} : {}", round.blue, round.red);
    let gam_jeoms = format!("{} : {}", round.blue_gam_jeoms, round.red_gam_jeoms);
    let winner = round.winner.map_or("-", Athlete::as_str);
    writeln!(out, "  {:<8} {score:<10} {gam_jeoms:<10} {winner}{}", round.round, Inferred(round.winner_basis))
}

fn events(out: &mut impl Write, events: &Events) -> io::Result<()> {
    writeln!(out, "  {:>5}  {:>5}  {:>5}  event", "id", "round", "clock")?;
    for (event, linked) in events.iter() {
        let clock = event.clock.map_or_else(|| "-".to_owned(), |clock| clock.to_string());
        let inferred = Inferred(Some(event.basis));
        let words = EventInWords { event, linked };
        writeln!(
            out,
            "  {:>5}  {:>5}  {clock:>5}  {}{inferred}",
            event.key.id,
            event.round,
            Harmless(words)
        )?;
    }
    Ok(())
}

fn known(text: Option<&str>) -> impl fmt::Display + '_ {
    Harmless(text.filter(|text| !text.is_empty()).unwrap_or("?"))
}

struct Named<'a>(&'a Competitor);

impl fmt::Display for Named<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", known(self.0.name.as_deref()))?;
        match self.0.country.as_deref().filter(|country| !country.is_empty()) {
            Some(country) => write!(f, " ({})", Harmless(country)),
            None => Ok(()),
        }
    }
}

/// Marks what nobody said.
struct Inferred(Option<Basis>);

impl fmt::Display for Inferred {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.0 == Some(Basis::Inferred) { f.write_str(" (inferred)") } else { Ok(()) }
    }
}

struct Result<'a>(&'a MatchSummary);

impl fmt::Display for Result<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self(summary) = self;
        match summary.winner {
            Some(Winner::Blue) => f.write_str("blue wins")?,
            Some(Winner::Red) => f.write_str("red wins")?,
            Some(Winner::Tie) => f.write_str("a tie")?,
            None if summary.started => f.write_str("not known")?,
            None => f.write_str("never started")?,
        }
        write!(f, "{}", Inferred(summary.winner_basis))?;
        if let Some(result) = &summary.result {
            write!(f, ", {}", Harmless(result))?;
        }
        match summary.decision {
            Some(decision) => write!(f, ", {decision}{}", Inferred(summary.decision_basis)),
            None => Ok(()),
        }
    }
}

struct EventInWords<'a> {
    event: &'a MatchEvent,
    linked: Option<u32>,
}

impl fmt::Display for EventInWords<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let back = |f: &mut fmt::Formatter<'_>, removes: Option<u32>| {
            removes.map_or(Ok(()), |id| write!(f, ", event {id}"))
        };
        match &self.event.kind {
            EventKind::Point { athlete, code, points } => write!(f, "{athlete} +{points} {code}"),
            EventKind::PointRemoved { athlete, code, points, removes } => {
                write!(f, "{athlete} -{points} {code} taken back")?;
                back(f, *removes)
            }
            EventKind::GamJeom { athlete } => write!(f, "{athlete} gam-jeom"),
            EventKind::GamJeomRemoved { athlete, removes } => {
                write!(f, "{athlete} gam-jeom taken back")?;
                back(f, *removes)
            }
            EventKind::Hit { athlete, level } => {
                write!(f, "{athlete} hit {level}")?;
                self.linked.map_or(Ok(()), |id| write!(f, ", scored event {id}"))
            }
            EventKind::RoundStarted => write!(f, "round {} started", self.event.round),
            EventKind::RoundEnded { winner } => {
                write!(f, "round {} ended", self.event.round)?;
                winner.map_or(Ok(()), |winner| write!(f, ", won by {winner}"))
            }
            EventKind::Challenge { athlete, state, won } => {
                let state = match state {
                    ChallengeState::Requested => "requested",
                    ChallengeState::Accepted => "accepted",
                    ChallengeState::Rejected => "rejected",
                    ChallengeState::Closed => "closed",
                };
                write!(f, "{} challenge {state}", athlete.map_or("referee", Athlete::as_str))?;
                won.map_or(Ok(()), |won| f.write_str(if won { ", won" } else { ", lost" }))
            }
            EventKind::Injury { athlete, action, time } => {
                athlete.map_or(Ok(()), |athlete| write!(f, "{athlete} "))?;
                f.write_str(match action {
                    InjuryAction::Show => "kye-shi begins",
                    InjuryAction::Hide => "kye-shi ends",
                    InjuryAction::Reset => "kye-shi set back",
                })?;
                time.map_or(Ok(()), |time| write!(f, " at {time}"))
            }
            EventKind::TimeOut { athlete, action, time } => {
                write!(f, "{athlete} time-out {action}")?;
                time.map_or(Ok(()), |time| write!(f, " at {time}"))
            }
            EventKind::MatchEnded { winner, decision } => {
                f.write_str("match ended")?;
                match winner {
                    Some(Winner::Blue) => f.write_str(", blue wins")?,
                    Some(Winner::Red) => f.write_str(", red wins")?,
                    Some(Winner::Tie) => f.write_str(", a tie")?,
                    None => {}
                }
                decision.map_or(Ok(()), |decision| write!(f, ", {decision}"))
            }
            EventKind::Anomaly(anomaly) => write!(f, "! {}", anomaly.text),
            other => f.write_str(&other.as_str().replace('_', " ")),
        }
    }
}
