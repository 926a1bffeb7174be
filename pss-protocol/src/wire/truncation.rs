//! What a cut datagram still says: which field was the last to arrive, and what can be repaired.
//!
//! The real sender counts UTF-16 units and sends as many bytes, so text beyond ASCII loses the end of its
//! datagram: the CRLF first, then fields from the right, perhaps inside a character.

use super::{Flaw, LineEnd, Parsed, fields, grammar};
use crate::{Message, Span};

/// The last field that arrived: its name in JSON, where it begins in the line, and whether it was repaired.
pub(super) struct LastField {
    pub(super) name: &'static str,
    pub(super) start: usize,
    pub(super) repaired: bool,
}

impl LastField {
    pub(super) const fn cut(name: &'static str, start: usize) -> Self {
        Self { name, start, repaired: false }
    }
}

/// Marks the last message of a datagram that does not end with CRLF although its sender ends them so. `input`
/// is the datagram from that message on.
#[cold]
pub(super) fn mark<'a>(parsed: &mut Parsed<'a>, input: &'a [u8]) {
    let base = parsed.span.start as usize;
    let line_len = memchr::memchr2(b'\r', b'\n', input).unwrap_or(input.len());
    let line = &input[..line_len];
    if parsed.end == LineEnd::Cr {
        let span = Span::new(base + line_len, base + input.len());
        parsed.flaw = parsed.flaw.or(Some(Flaw::TerminatorCut { span }));
        return;
    }
    if let Message::Malformed { error, .. } = parsed.message
        && error.span.end as usize == line_len
        && let Ok((_, message)) = grammar::message(&line[..error.span.start as usize])
    {
        // Only the last field makes no sense: without it the message stands.
        parsed.message = message;
    }
    let Some(last) = last_field(&mut parsed.message, line) else { return };
    let span = Span::new(base + last.start, base + line_len);
    parsed.flaw = Some(match last.name {
        "" => Flaw::TerminatorCut { span },
        field => Flaw::Untrusted { field, span, repaired: last.repaired },
    });
}

/// Reads again, knowing of the cut, where that makes a difference. `None`: the cut is none of the message's
/// business, or is already said.
fn last_field<'a>(message: &mut Message<'a>, line: &'a [u8]) -> Option<LastField> {
    let last_semicolon = memchr::memrchr(b';', line);
    let start = last_semicolon.map_or(line.len(), |last| last + 1);
    let separators = memchr::memchr_iter(b';', line).count();
    let after_code = line.get(4..).unwrap_or_default();
    let first_or = |first, second| if separators <= 1 { first } else { second };
    let first_is_blue = line.get(2) == Some(&b'1');
    let name = match message {
        // Constant text: whatever was cut, nothing is lost.
        Message::Hello | Message::Bye | Message::FightLoaded | Message::FightReady => "",
        Message::Setting { .. } => "setting.value",
        Message::Round { .. } => "round.round",
        Message::Clock { .. } => first_or("clock.time", "clock.action"),
        Message::Break { .. } => first_or("break.time", "break.action"),
        Message::Injury { .. } => first_or("injury.time", "injury.action"),
        Message::TimeOut { .. } => first_or("time_out.time", "time_out.action"),
        Message::Points { .. } => "points.points",
        Message::Hit { .. } => "hit.level",
        Message::Score { .. } if first_is_blue => first_or("score.blue", "score.red"),
        Message::Score { .. } => first_or("score.red", "score.blue"),
        Message::RoundScores(_) => "round_scores.scores",
        Message::GamJeoms { .. } if first_is_blue => first_or("gam_jeoms.blue", "gam_jeoms.red"),
        Message::GamJeoms { .. } => first_or("gam_jeoms.red", "gam_jeoms.blue"),
        Message::RoundWinners(_) => "round_winners.winners",
        Message::Challenge { .. } => first_or("challenge.state", "challenge.won"),
        Message::HardwareTest { .. } => "hardware_test.step",
        Message::Winner { .. } => "winner.winner",
        Message::Avt { .. } => "avt.value",
        Message::Superiority { .. } => "superiority.value",
        Message::Statistics { .. } => "statistics.fields",
        Message::StatisticsReset { .. } => "statistics_reset.fields",
        Message::Unknown { .. } => "unknown.fields",
        Message::Match(_) => {
            let (name, start) = fields::last_match_field(after_code);
            return Some(LastField::cut(name, 4 + start));
        }
        Message::Athletes(athletes) => {
            let (read, last) = if line.get(2) == Some(&b'2') {
                fields::cut_red_alone(after_code)
            } else {
                fields::cut_athletes(after_code)
            };
            *athletes = read;
            return Some(LastField { start: 4 + last.start, ..last });
        }
        Message::Referees(referees) => {
            let (read, last) = fields::cut_referees(after_code);
            *referees = read;
            return Some(LastField { start: 4 + last.start, ..last });
        }
        Message::Result(result) => {
            let (read, last) = fields::cut_result(after_code);
            *result = read;
            return Some(LastField { start: 4 + last.start, ..last });
        }
        // An object says by itself whether it is whole; the others are no messages of the sender.
        Message::Json { .. }
        | Message::Port { .. }
        | Message::Request { .. }
        | Message::Malformed { .. }
        | Message::Garbage { .. } => return None,
    };
    Some(LastField::cut(name, start))
}
