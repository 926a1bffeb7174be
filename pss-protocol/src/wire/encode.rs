//! The canonical wire form of a message: as the real sender writes it, without a line end.

use alloc::vec::Vec;
use core::{convert::Infallible, fmt};

use crate::{
    Athlete, AthleteName, ChallengeState, ClockAction, ClockTime, MatchInfo, Message, Official, Text,
};

impl Message<'_> {
    /// Appends the wire form, without a line end. Parsing it gives an equal message back, for every message that
    /// was parsed. A message made by hand must hold only what the wire can carry: no line ends in texts, and a `;`
    /// only where the grammar can tell it from a separator (the same name twice in `at1`).
    ///
    /// ```
    /// use pss_protocol::{Athlete, Message};
    ///
    /// let mut bytes = Vec::new();
    /// Message::Points { athlete: Athlete::Blue, points: Some(3) }.encode(&mut bytes);
    /// assert_eq!(bytes, b"pt1;3");
    /// ```
    pub fn encode(&self, out: &mut Vec<u8>) {
        let Ok(()) = write_message(self, &mut Bytes(out));
    }
}

/// The wire form for people: texts that are not UTF-8 as [`Text::decode`] shows them.
impl fmt::Display for Message<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write_message(self, &mut Characters(f))
    }
}

/// Where the wire form goes.
trait Wire {
    type Error;

    fn text(&mut self, text: &Text<'_>) -> Result<(), Self::Error>;

    fn plain(&mut self, text: fmt::Arguments<'_>) -> Result<(), Self::Error>;

    fn number(&mut self, number: Option<impl fmt::Display>) -> Result<(), Self::Error> {
        match number {
            Some(number) => self.plain(format_args!("{number}")),
            None => Ok(()),
        }
    }
}

struct Bytes<'v>(&'v mut Vec<u8>);

impl Wire for Bytes<'_> {
    type Error = Infallible;

    fn text(&mut self, text: &Text<'_>) -> Result<(), Infallible> {
        self.0.extend_from_slice(text.as_bytes());
        Ok(())
    }

    fn plain(&mut self, text: fmt::Arguments<'_>) -> Result<(), Infallible> {
        // Writing into a vector cannot fail.
        let _ = fmt::Write::write_fmt(self, text);
        Ok(())
    }
}

impl fmt::Write for Bytes<'_> {
    fn write_str(&mut self, text: &str) -> fmt::Result {
        self.0.extend_from_slice(text.as_bytes());
        Ok(())
    }
}

struct Characters<'f, 'g>(&'f mut fmt::Formatter<'g>);

impl Wire for Characters<'_, '_> {
    type Error = fmt::Error;

    fn text(&mut self, text: &Text<'_>) -> fmt::Result {
        self.0.write_str(&text.decode())
    }

    fn plain(&mut self, text: fmt::Arguments<'_>) -> fmt::Result {
        self.0.write_fmt(text)
    }
}

macro_rules! put {
    ($out:expr, $($text:tt)+) => { $out.plain(format_args!($($text)+))? };
}

fn write_message<W: Wire>(message: &Message<'_>, out: &mut W) -> Result<(), W::Error> {
    match message {
        Message::Hello => put!(out, "hel;"),
        Message::Bye => put!(out, "bye;"),
        Message::Setting { key, value } => {
            put!(out, "{key};");
            out.text(value)?;
            put!(out, ":");
        }
        Message::FightLoaded => put!(out, "pre;FightLoaded"),
        Message::FightReady => put!(out, "rdy;FightReady"),
        Message::Round { round } => value("rnd", *round, out)?,
        Message::Clock { time, action } => timed(format_args!("clk"), *time, *action, out)?,
        Message::Break { time, action } => timed(format_args!("brk"), *time, *action, out)?,
        Message::TimeOut { athlete, time, action } => {
            timed(format_args!("to{}", athlete.number()), *time, *action, out)?;
        }
        Message::Injury { athlete, time, action } => {
            put!(out, "ij{};", index(*athlete));
            out.number(*time)?;
            if let Some(action) = action {
                put!(out, ";{action}");
            }
        }
        Message::Points { athlete, points } => {
            put!(out, "pt{};", athlete.number());
            out.number(*points)?;
        }
        Message::Hit { athlete, level } => {
            put!(out, "hl{};", athlete.number());
            out.number(*level)?;
        }
        Message::Score { blue, red } => pair("sc", *blue, *red, out)?,
        Message::GamJeoms { blue, red } => pair("wg", *blue, *red, out)?,
        Message::RoundScores(scores) => {
            let mut separator = "";
            for (round, athlete, score) in scores.iter() {
                put!(out, "{separator}s{}{round};{score}", athlete.number());
                separator = ";";
            }
            if separator.is_empty() {
                put!(out, "s11;");
            }
        }
        Message::RoundWinners(winners) => {
            put!(out, "wrd");
            for (round, winner) in (1..).zip(winners.as_slice()) {
                put!(out, ";rd{round};{}", index(*winner));
            }
            if winners.rounds() == 0 {
                put!(out, ";");
            }
        }
        Message::Challenge { athlete, state, won } => {
            let state = match state {
                ChallengeState::Requested => "",
                ChallengeState::Accepted => "1",
                ChallengeState::Rejected => "0",
                ChallengeState::Closed => "-1",
            };
            put!(out, "ch{};{state}", index(*athlete));
            if let Some(won) = won {
                put!(out, ";{}", u8::from(*won));
            }
        }
        Message::HardwareTest { step } => value("hwt", *step, out)?,
        Message::Match(info) => match_info(info, out)?,
        Message::Athletes(athletes) => {
            put!(out, "at1;");
            if let Some(blue) = &athletes.blue {
                athlete(blue, out)?;
                put!(out, ";");
            }
            put!(out, "at2;");
            if let Some(red) = &athletes.red {
                athlete(red, out)?;
            }
        }
        Message::Referees(referees) => {
            put!(out, "ref;");
            official(&referees.referee, out)?;
            for (number, judge) in (1..).zip(&referees.judges) {
                put!(out, "ju{number};");
                official(judge, out)?;
            }
        }
        Message::Winner { winner } => {
            put!(out, "win;");
            out.number(*winner)?;
        }
        Message::Result(result) => {
            put!(out, "wmh;");
            out.text(&result.name)?;
            match (&result.score, &result.decision) {
                (Some(score), None) => put!(out, ";{score}"),
                (Some(score), Some(decision)) => {
                    put!(out, ";{score} ");
                    out.text(decision)?;
                }
                (None, Some(decision)) => {
                    put!(out, ";");
                    out.text(decision)?;
                }
                // A `;` at the end would be taken for the end of the message.
                (None, None) if result.name.as_bytes().ends_with(b";") => put!(out, ";"),
                (None, None) => {}
            }
        }
        Message::Avt { value: number } => value("avt", *number, out)?,
        Message::Superiority { value: number } => value("sup", *number, out)?,
        Message::Statistics { fields } => {
            put!(out, "rst;");
            out.text(fields)?;
        }
        Message::StatisticsReset { fields } => {
            put!(out, "rsr;");
            out.text(fields)?;
        }
        Message::Port { port, connected } => {
            put!(out, "Udp Port {port} {};", if *connected { "connected" } else { "disconnected" });
        }
        Message::Json { json } => out.text(json)?,
        Message::Request { request } => put!(out, "{request}"),
        Message::Malformed { line, .. } => out.text(line)?,
        Message::Unknown { code, fields } => {
            out.text(code)?;
            put!(out, ";");
            out.text(fields)?;
        }
        Message::Garbage { bytes } => out.text(bytes)?,
    }
    Ok(())
}

fn index(athlete: Option<Athlete>) -> u8 {
    athlete.map_or(0, Athlete::number)
}

fn value<W: Wire>(code: &str, number: Option<u32>, out: &mut W) -> Result<(), W::Error> {
    put!(out, "{code};");
    out.number(number)
}

fn timed<W: Wire>(
    code: fmt::Arguments<'_>,
    time: Option<ClockTime>,
    action: Option<ClockAction>,
    out: &mut W,
) -> Result<(), W::Error> {
    put!(out, "{code};");
    match (time, action) {
        // The sender's own spelling of the end.
        (Some(ClockTime::ZERO), Some(ClockAction::StopEnd)) => put!(out, "0:00"),
        _ => out.number(time)?,
    }
    if let Some(action) = action {
        put!(out, ";{action}");
    }
    Ok(())
}

fn pair<W: Wire, T: fmt::Display>(
    tag: &str,
    blue: Option<T>,
    red: Option<T>,
    out: &mut W,
) -> Result<(), W::Error> {
    match (blue, red) {
        (Some(blue), Some(red)) => put!(out, "{tag}1;{blue};{tag}2;{red}"),
        (Some(blue), None) => put!(out, "{tag}1;{blue}"),
        (None, Some(red)) => put!(out, "{tag}2;{red}"),
        (None, None) => put!(out, "{tag}1;{tag}2;"),
    }
    Ok(())
}

fn match_info<W: Wire>(info: &MatchInfo<'_>, out: &mut W) -> Result<(), W::Error> {
    put!(out, "mch;");
    if *info == MatchInfo::default() {
        return Ok(());
    }
    let colors = info.blue_colors.iter().chain(&info.red_colors);
    for text in [&info.number, &info.phase, &info.category, &info.reserved].into_iter().chain(colors) {
        out.text(text)?;
        put!(out, ";");
    }
    for text in [&info.event_id, &info.division] {
        match text {
            Some(text) => out.text(text)?,
            None => put!(out, "null"),
        }
        put!(out, ";");
    }
    for number in [info.rounds, info.round_seconds] {
        out.number(number)?;
        put!(out, ";");
    }
    out.text(&info.count)?;
    put!(out, ";");
    out.number(info.body_level)?;
    put!(out, ";");
    match info.head_level {
        Some(level) => put!(out, "{level}"),
        // Not to be taken for the `;` with which other senders end the message.
        None => put!(out, ";"),
    }
    Ok(())
}

fn athlete<W: Wire>(name: &AthleteName<'_>, out: &mut W) -> Result<(), W::Error> {
    out.text(&name.short_name)?;
    put!(out, ";");
    out.text(&name.long_name)?;
    if let Some(country) = &name.country {
        put!(out, ";");
        out.text(country)?;
    }
    Ok(())
}

fn official<W: Wire>(official: &Official<'_>, out: &mut W) -> Result<(), W::Error> {
    for part in [&official.name, &official.country].into_iter().flatten() {
        out.text(part)?;
        put!(out, ";");
    }
    Ok(())
}
