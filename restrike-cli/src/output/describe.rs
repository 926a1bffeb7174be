//! A message in words, for `restrike decode --format text`.

use std::fmt;

use pss_protocol::{
    Athlete, AthleteName, ChallengeState, ClockTime, InjuryAction, MatchInfo, Message, Official, Referees,
    Text, Winner,
};

/// Writes what a message says. Texts of the wire are decoded and as they came: print it as
/// [`Harmless`](super::text::Harmless).
pub(crate) struct Described<'a>(pub(crate) &'a Message<'a>);

impl fmt::Display for Described<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.0 {
            Message::Hello => f.write_str("sender connected"),
            Message::Bye => f.write_str("sender gone"),
            Message::Setting { key, value } => write!(f, "setting {key} = {value}"),
            Message::FightLoaded => f.write_str("match loaded"),
            Message::FightReady => f.write_str("match ready"),
            Message::Round { round } => write!(f, "round {}", Or(round)),
            Message::Clock { time, action } => timed(f, "clock", *time, action.map(|action| action.wire())),
            Message::Break { time, action } => timed(f, "rest", *time, action.map(|action| action.wire())),
            Message::Injury { athlete, time, action } => {
                timed(f, "kye-shi", *time, action.map(InjuryAction::wire))?;
                athlete.map_or(Ok(()), |athlete| write!(f, ", {athlete}"))
            }
            Message::TimeOut { athlete, time, action } => {
                timed(f, "time-out", *time, action.map(|action| action.wire()))?;
                write!(f, ", {athlete}")
            }
            Message::Points { athlete, points } => write!(f, "{athlete} scores {}", Or(points)),
            Message::Hit { athlete, level } => write!(f, "{athlete} hits with level {}", Or(level)),
            Message::Score { blue, red } => write!(f, "score {} : {}", Or(blue), Or(red)),
            Message::RoundScores(scores) => {
                f.write_str("score of the rounds")?;
                for (round, athlete, score) in scores.iter() {
                    match athlete {
                        Athlete::Blue => write!(f, ", {round}: blue {score}")?,
                        Athlete::Red => write!(f, " red {score}")?,
                    }
                }
                Ok(())
            }
            Message::GamJeoms { blue, red } => write!(f, "gam-jeoms {} : {}", Or(blue), Or(red)),
            Message::RoundWinners(winners) => {
                f.write_str("winners of the rounds:")?;
                for winner in winners.as_slice() {
                    write!(f, " {}", winner.map_or("-", Athlete::as_str))?;
                }
                Ok(())
            }
            Message::Challenge { athlete, state, won } => {
                write!(f, "challenge of {} ", athlete.map_or("the referee", Athlete::as_str))?;
                f.write_str(match state {
                    ChallengeState::Requested => "requested",
                    ChallengeState::Accepted => "accepted",
                    ChallengeState::Rejected => "rejected",
                    ChallengeState::Closed => "closed",
                })?;
                won.map_or(Ok(()), |won| f.write_str(if won { ", won" } else { ", lost" }))
            }
            Message::HardwareTest { step } => {
                let step_name = match step {
                    Some(0) => "closed",
                    Some(1) => "opened",
                    Some(2) => "blue body",
                    Some(3) => "blue head",
                    Some(4) => "red body",
                    Some(5) => "red head",
                    _ => return write!(f, "hardware test, step {}", Or(step)),
                };
                write!(f, "hardware test, {step_name}")
            }
            Message::Match(info) => info_in_words(f, info),
            Message::Athletes(athletes) => {
                f.write_str("blue ")?;
                name(f, athletes.blue.as_ref())?;
                f.write_str(", red ")?;
                name(f, athletes.red.as_ref())
            }
            Message::Referees(referees) => officials(f, referees),
            Message::Winner { winner } => match winner {
                Some(Winner::Blue) => f.write_str("winner blue"),
                Some(Winner::Red) => f.write_str("winner red"),
                Some(Winner::Tie) => f.write_str("a tie"),
                None => f.write_str("winner -"),
            },
            Message::Result(result) => {
                write!(f, "result {}", Or(&result.score))?;
                result.decision.as_ref().map_or(Ok(()), |decision| write!(f, " {decision}"))?;
                if result.name.is_empty() { Ok(()) } else { write!(f, " for {}", result.name) }
            }
            Message::Avt { value } => write!(f, "avt {}", Or(value)),
            Message::Superiority { value } => f.write_str(match value {
                Some(0) => "superiority of nobody",
                Some(1) => "superiority of blue",
                Some(2) => "superiority of red",
                _ => "superiority -",
            }),
            Message::Statistics { fields } => write!(f, "statistics {fields}"),
            Message::StatisticsReset { fields } => write!(f, "statistics reset {fields}"),
            Message::Port { port, connected } => {
                write!(f, "port {port} {}", if *connected { "connected" } else { "disconnected" })
            }
            Message::Json { json } => write!(f, "{json}"),
            Message::Request { request } => write!(f, "asks for {request}"),
            Message::Malformed { line, error, .. } => write!(f, "{line} ({error})"),
            Message::Unknown { code, fields } => write!(f, "{code};{fields}"),
            Message::Garbage { bytes } if bytes.is_empty() => f.write_str("(empty)"),
            Message::Garbage { bytes } => write!(f, "{}", pss_protocol::escape(bytes.as_bytes())),
            other => write!(f, "{other:?}"),
        }
    }
}

/// A value, or a dash where the wire has none.
struct Or<'a, T>(&'a Option<T>);

impl<T: fmt::Display> fmt::Display for Or<'_, T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.0 {
            Some(value) => value.fmt(f),
            None => f.write_str("-"),
        }
    }
}

fn timed(
    f: &mut fmt::Formatter<'_>,
    what: &str,
    time: Option<ClockTime>,
    action: Option<&str>,
) -> fmt::Result {
    write!(f, "{what} {}", Or(&time))?;
    action.map_or(Ok(()), |action| write!(f, " {action}"))
}

fn name(f: &mut fmt::Formatter<'_>, athlete: Option<&AthleteName<'_>>) -> fmt::Result {
    let Some(athlete) = athlete else { return f.write_str("-") };
    write!(f, "{}", athlete.long_name)?;
    match &athlete.country {
        Some(country) if !country.is_empty() => write!(f, " ({country})"),
        _ => Ok(()),
    }
}

fn info_in_words(f: &mut fmt::Formatter<'_>, info: &MatchInfo<'_>) -> fmt::Result {
    write!(f, "match {}", info.number)?;
    let texts = [Some(&info.phase), Some(&info.category), info.division.as_ref()];
    for text in texts.into_iter().flatten().filter(|text| !text.is_empty()) {
        write!(f, ", {text}")?;
    }
    if let (Some(rounds), Some(seconds)) = (info.rounds, info.round_seconds) {
        write!(f, ", {rounds} x {}", ClockTime::from_seconds(seconds))?;
    }
    if let (Some(body), Some(head)) = (info.body_level, info.head_level) {
        write!(f, ", valid from body {body} head {head}")?;
    }
    Ok(())
}

fn officials(f: &mut fmt::Formatter<'_>, referees: &Referees<'_>) -> fmt::Result {
    let official = |f: &mut fmt::Formatter<'_>, role: &str, official: &Official<'_>| {
        let country = official.country.as_ref().map(Text::decode);
        write!(f, "{role} {}", Or(&official.name))?;
        country.map_or(Ok(()), |country| write!(f, " ({country})"))
    };
    official(f, "referee", &referees.referee)?;
    referees.judges.iter().try_for_each(|judge| official(f, ", judge", judge))
}
