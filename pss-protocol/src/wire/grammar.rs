//! The grammar of the messages, in nom: the only module that names it.
//!
//! Advice for whoever changes this: the hot messages (`clk`, `hl`, `pt`, `sc`, `s11`) are read in one pass over
//! the datagram, without looking for the line end first. Leaves take the plain form inline and leave padding,
//! empty fields and glued messages to a cold twin. A leaf always ends at a *boundary*: `;`, a line end, the end
//! of the datagram, or the head of the next message.

use nom::{
    Err, IResult, Parser as _,
    branch::alt,
    bytes::complete::{tag, take_while, take_while_m_n},
    combinator::{opt, value},
    error::{ErrorKind, ParseError},
    sequence::preceded,
};

use super::fields;
use crate::{
    Athlete, Athletes, ChallengeState, ClockAction, ClockTime, Code, InjuryAction, Message, ParseErrorKind,
    Request, RoundScores, RoundWinners, SettingKey, Text, Winner,
};

/// What is left of the datagram, and what was read.
pub(super) type Read<'a, T> = IResult<&'a [u8], T, Fault<'a>>;

/// Why a message could not be read.
#[derive(Clone, Copy, Debug)]
pub(super) struct Fault<'a> {
    /// `None`: it does not even begin like one that we know.
    pub(super) expected: Option<ParseErrorKind>,
    /// The datagram from the field on.
    pub(super) at: &'a [u8],
}

impl<'a> ParseError<&'a [u8]> for Fault<'a> {
    fn from_error_kind(at: &'a [u8], _: ErrorKind) -> Self {
        Self { expected: None, at }
    }

    fn append(_: &'a [u8], _: ErrorKind, other: Self) -> Self {
        other
    }
}

impl From<Err<Self>> for Fault<'_> {
    #[inline]
    fn from(error: Err<Self>) -> Self {
        match error {
            Err::Error(fault) | Err::Failure(fault) => fault,
            // `complete` parsers never ask for more; if one did, the bytes would be no message of ours.
            Err::Incomplete(_) => Self { expected: None, at: &[] },
        }
    }
}

#[cold]
fn fault<T>(expected: ParseErrorKind, at: &[u8]) -> Read<'_, T> {
    Err(Err::Error(Fault { expected: Some(expected), at }))
}

/// A message of the fields that a leaf reads.
macro_rules! read {
    ($then:ident, $leaf:expr, $fields:pat => $message:expr) => {
        match $leaf {
            Ok((rest, $fields)) => $then.message(rest, || $message),
            Err(error) => $then.fault(error.into()),
        }
    };
}

/// Reads one message at the start of `input`, and what follows it: its `;`, line end or successor.
pub(super) fn message(input: &[u8]) -> Result<(&[u8], Message<'_>), Fault<'_>> {
    struct Itself;
    impl<'a> Then<'a> for Itself {
        type Output = Result<(&'a [u8], Message<'a>), Fault<'a>>;

        fn message(self, rest: &'a [u8], message: impl Fn() -> Message<'a>) -> Self::Output {
            Ok((rest, message()))
        }

        fn rare_message(self, rest: &'a [u8], message: Message<'a>) -> Self::Output {
            Ok((rest, message))
        }

        fn fault(self, fault: Fault<'a>) -> Self::Output {
            Err(fault)
        }
    }
    message_then(input, Itself)
}

/// What becomes of a message that was read.
pub(super) trait Then<'a> {
    type Output;

    fn message(self, rest: &'a [u8], message: impl Fn() -> Message<'a>) -> Self::Output;

    fn rare_message(self, rest: &'a [u8], message: Message<'a>) -> Self::Output;

    fn fault(self, fault: Fault<'a>) -> Self::Output;
}

/// [`message`], given to `then` in each branch. A message is large for the sake of `mch`; so the frequent ones
/// are made where `then` puts them: moving one costs more than reading it.
#[inline(always)]
pub(super) fn message_then<'a, T: Then<'a>>(input: &'a [u8], then: T) -> T::Output {
    let Some((head, i)) = input.split_first_chunk::<4>() else { return rarer(input, then) };
    let n = head[2];
    // Comparing the head as one number costs one comparison a message instead of four.
    match u32::from_le_bytes(*head) {
        heads::CLK => read!(then, clock(i), (time, action) => Message::Clock { time, action }),
        heads::BRK => read!(then, clock(i), (time, action) => Message::Break { time, action }),
        heads::HL1 | heads::HL2 => {
            read!(then, number(i), level => Message::Hit { athlete: athlete(n), level })
        }
        heads::PT1 | heads::PT2 => {
            read!(then, number(i), points => Message::Points { athlete: athlete(n), points })
        }
        heads::SC1 | heads::SC2 => {
            read!(then, pair(i, n, [b"sc1;", b"sc2;"], integer), (blue, red) => Message::Score { blue, red })
        }
        heads::S11 => {
            read!(then, round_scores(input), scores => Message::RoundScores(scores))
        }
        heads::WG1 | heads::WG2 => {
            read!(then, pair(i, n, [b"wg1;", b"wg2;"], number), (blue, red) => Message::GamJeoms { blue, red })
        }
        heads::TO1 | heads::TO2 => read!(then, clock(i), (time, action) => {
            Message::TimeOut { athlete: athlete(n), time, action }
        }),
        heads::WRD => read!(then, round_winners(i), winners => Message::RoundWinners(winners)),
        heads::RND => read!(then, number(i), round => Message::Round { round }),
        _ => rarer(input, then),
    }
}

/// The heads of the frequent messages, as [`message_then`] compares them.
mod heads {
    macro_rules! heads {
        ($($name:ident $text:literal)+) => { $(pub(super) const $name: u32 = u32::from_le_bytes(*$text);)+ };
    }

    heads! {
        CLK b"clk;" BRK b"brk;" HL1 b"hl1;" HL2 b"hl2;" PT1 b"pt1;" PT2 b"pt2;" SC1 b"sc1;" SC2 b"sc2;"
        S11 b"s11;" WG1 b"wg1;" WG2 b"wg2;" TO1 b"to1;" TO2 b"to2;" WRD b"wrd;" RND b"rnd;"
    }
}

/// The messages that come less often than every second; out of line, for the others' sake.
#[inline(never)]
fn rarer<'a, T: Then<'a>>(input: &'a [u8], then: T) -> T::Output {
    let (rest, code) = match head(input) {
        Ok(read) => read,
        Err(error) => {
            return match request(input) {
                Some((rest, request)) => then.message(rest, || Message::Request { request }),
                None => then.fault(error.into()),
            };
        }
    };
    match code {
        Code::Ij0 | Code::Ij1 | Code::Ij2 => read!(then, injury(rest), (time, action) => {
            Message::Injury { athlete: maybe_athlete(input[2]), time, action }
        }),
        Code::Ch0 | Code::Ch1 | Code::Ch2 => read!(then, challenge(rest), (state, won) => {
            Message::Challenge { athlete: maybe_athlete(input[2]), state, won }
        }),
        Code::Sar => read!(then, round_scores(input), scores => Message::RoundScores(scores)),
        Code::Hwt => read!(then, number(rest), step => Message::HardwareTest { step }),
        Code::Avt => read!(then, number(rest), value => Message::Avt { value }),
        Code::Sup => read!(then, number(rest), value => Message::Superiority { value }),
        Code::Hel => then.message(rest, || Message::Hello),
        Code::Bye => then.message(rest, || Message::Bye),
        Code::Pre => read!(then, constant(rest, "FightLoaded"), () => Message::FightLoaded),
        Code::Rdy => read!(then, constant(rest, "FightReady"), () => Message::FightReady),
        Code::Win => read!(then, winner(rest), winner => Message::Winner { winner }),
        Code::Inlb => read!(then, setting(rest), value => Message::Setting { key: SettingKey::Inlb, value }),
        Code::Insl => read!(then, setting(rest), value => Message::Setting { key: SettingKey::Insl, value }),
        Code::Inth => read!(then, setting(rest), value => Message::Setting { key: SettingKey::Inth, value }),
        Code::Mch => match fields::match_info(line(rest).1) {
            Ok((info, len)) if info.head_level.is_some() => {
                then.message(&rest[len..], || Message::Match(info))
            }
            Ok((info, len)) => then.rare_message(&rest[len..], Message::Match(info)),
            Err(fields::NotANumber(at)) => {
                then.fault(Fault { expected: Some(ParseErrorKind::ExpectedNumber), at: &rest[at..] })
            }
        },
        Code::At => {
            let (rest, line) = line(rest);
            // `at2;` alone is the second half of the same message.
            let athletes = if input[2] == b'2' { fields::red_alone(line) } else { fields::athletes(line) };
            match athletes {
                Athletes { blue: Some(_), red: Some(_) } => {
                    then.message(rest, || Message::Athletes(athletes))
                }
                _ => then.rare_message(rest, Message::Athletes(athletes)),
            }
        }
        Code::Ref => {
            let (rest, line) = line(rest);
            let referees = fields::referees(line);
            then.message(rest, || Message::Referees(referees))
        }
        Code::Wmh => {
            let (rest, line) = line(rest);
            let result = fields::result(line);
            then.message(rest, || Message::Result(result))
        }
        Code::Rst => {
            let (rest, line) = line(rest);
            then.message(rest, || Message::Statistics { fields: line.into() })
        }
        Code::Rsr => {
            let (rest, line) = line(rest);
            then.message(rest, || Message::StatisticsReset { fields: line.into() })
        }
        Code::Port => read!(then, port(rest), (port, connected) => Message::Port { port, connected }),
        // The hot ones do not come here, and `head` knows no JSON and no requests.
        _ => then.fault(Fault { expected: None, at: input }),
    }
}

/// A request is the exact word. The sender does not take a line feed alone, nor a carriage return alone, for its
/// end.
fn request(input: &[u8]) -> Option<(&[u8], Request)> {
    let (rest, request) = request_word(input)?;
    matches!(rest, [] | [b'\r', b'\n', ..]).then_some((rest, request))
}

/// The word of a request, whatever follows it.
pub(super) fn request_word(input: &[u8]) -> Option<(&[u8], Request)> {
    let first = input.first()?;
    let mut requests = Request::ALL.iter().filter(|request| request.wire().as_bytes().first() == Some(first));
    requests.find_map(|request| Some((input.strip_prefix(request.wire().as_bytes())?, *request)))
}

/// The code that a message begins with, its `;` included.
pub(super) fn head(input: &[u8]) -> Read<'_, Code> {
    let code = match input {
        [b'c', b'l', b'k', b';', ..] => Code::Clk,
        [b'b', b'r', b'k', b';', ..] => Code::Brk,
        [b'p', b't', b'1', b';', ..] => Code::Pt1,
        [b'p', b't', b'2', b';', ..] => Code::Pt2,
        [b'h', b'l', b'1', b';', ..] => Code::Hl1,
        [b'h', b'l', b'2', b';', ..] => Code::Hl2,
        [b's', b'c', b'1' | b'2', b';', ..] => Code::Sc,
        [b's', b'1' | b'2', b'1'..=b'4', b';', ..] => Code::Sar,
        [b'w', b'g', b'1' | b'2', b';', ..] => Code::Wg,
        [b'w', b'r', b'd', b';', ..] => Code::Wrd,
        [b'r', b'n', b'd', b';', ..] => Code::Rnd,
        [b'i', b'j', b'0', b';', ..] => Code::Ij0,
        [b'i', b'j', b'1', b';', ..] => Code::Ij1,
        [b'i', b'j', b'2', b';', ..] => Code::Ij2,
        [b't', b'o', b'1', b';', ..] => Code::To1,
        [b't', b'o', b'2', b';', ..] => Code::To2,
        [b'c', b'h', b'0', b';', ..] => Code::Ch0,
        [b'c', b'h', b'1', b';', ..] => Code::Ch1,
        [b'c', b'h', b'2', b';', ..] => Code::Ch2,
        [b'h', b'w', b't', b';', ..] => Code::Hwt,
        [b'a', b'v', b't', b';', ..] => Code::Avt,
        [b's', b'u', b'p', b';', ..] => Code::Sup,
        [b'h', b'e', b'l', b';', ..] => Code::Hel,
        [b'b', b'y', b'e', b';', ..] => Code::Bye,
        [b'p', b'r', b'e', b';', ..] => Code::Pre,
        [b'r', b'd', b'y', b';', ..] => Code::Rdy,
        [b'w', b'i', b'n', b';', ..] => Code::Win,
        [b'm', b'c', b'h', b';', ..] => Code::Mch,
        [b'a', b't', b'1' | b'2', b';', ..] => Code::At,
        [b'r', b'e', b'f', b';', ..] => Code::Ref,
        [b'w', b'm', b'h', b';', ..] => Code::Wmh,
        [b'r', b's', b't', b';', ..] => Code::Rst,
        [b'r', b's', b'r', b';', ..] => Code::Rsr,
        _ => return longer_head(input),
    };
    Ok((&input[4..], code))
}

fn longer_head(input: &[u8]) -> Read<'_, Code> {
    match input {
        [b'i', b'n', ..] => alt((
            value(Code::Inlb, tag("inlb;")),
            value(Code::Insl, tag("insl;")),
            value(Code::Inth, tag("inth;")),
        ))
        .parse(input),
        [b'U', ..] => value(Code::Port, tag("Udp Port ")).parse(input),
        _ => Err(Err::Error(Fault { expected: None, at: input })),
    }
}

/// Whether a message begins here that may follow another one without a line end.
pub(super) fn begins_message(input: &[u8]) -> bool {
    input.starts_with(b"{") || head(input).is_ok()
}

/// What follows the line, and the line without its end.
fn line(input: &[u8]) -> (&[u8], &[u8]) {
    let end = memchr::memchr2(b'\r', b'\n', input).unwrap_or(input.len());
    (&input[end..], &input[..end])
}

// ---- leaves ----

const fn maybe_athlete(digit: u8) -> Option<Athlete> {
    if digit == b'0' { None } else { Some(athlete(digit)) }
}

const fn athlete(digit: u8) -> Athlete {
    if digit == b'1' { Athlete::Blue } else { Athlete::Red }
}

/// What may follow a field; padding before it is taken.
#[inline]
fn boundary(input: &[u8]) -> Option<&[u8]> {
    match input {
        [] | [b';' | b'\r' | b'\n', ..] => Some(input),
        _ => padded_boundary(input),
    }
}

#[cold]
fn padded_boundary(input: &[u8]) -> Option<&[u8]> {
    let rest = unpadded(input);
    (matches!(rest, [] | [b';' | b'\r' | b'\n', ..]) || begins_message(rest)).then_some(rest)
}

/// Without the spaces at its start; a line end is no padding.
pub(super) fn unpadded(input: &[u8]) -> &[u8] {
    &input[input.iter().take_while(|&&byte| byte == b' ').count()..]
}

/// Digits, or nothing.
#[inline]
fn number(input: &[u8]) -> Read<'_, Option<u32>> {
    let (rest, value, digits) = digits(input);
    // Nine digits fit; one to nine is all that a sender has reason to send.
    if let (1..=9, Some(rest)) = (digits, boundary(rest)) {
        return Ok((rest, Some(value)));
    }
    padded_number(input, false).and_then(|(rest, value)| match value.map(u32::try_from).transpose() {
        Ok(value) => Ok((rest, value)),
        Err(_) => fault(ParseErrorKind::ExpectedNumber, input),
    })
}

/// Digits, perhaps with a sign, or nothing.
#[inline]
fn integer(input: &[u8]) -> Read<'_, Option<i32>> {
    let (rest, value, digits) = digits(input);
    if let (1..=9, Some(rest)) = (digits, boundary(rest)) {
        return Ok((rest, Some(value as i32)));
    }
    padded_number(input, true).and_then(|(rest, value)| match value.map(i32::try_from).transpose() {
        Ok(value) => Ok((rest, value)),
        Err(_) => fault(ParseErrorKind::ExpectedNumber, input),
    })
}

/// As many digits as there are, their value (modulo 2³²) and their count.
#[inline]
fn digits(input: &[u8]) -> (&[u8], u32, usize) {
    let mut value = 0_u32;
    let mut rest = input;
    while let [digit @ b'0'..=b'9', tail @ ..] = rest {
        value = value.wrapping_mul(10).wrapping_add(u32::from(digit - b'0'));
        rest = tail;
    }
    (rest, value, input.len() - rest.len())
}

/// The odd forms: padded with spaces, empty, signed, many digits.
#[cold]
fn padded_number(input: &[u8], signed: bool) -> Read<'_, Option<i64>> {
    let start = unpadded(input);
    if let Some(rest) = boundary(start) {
        return Ok((rest, None));
    }
    let (minus, start) = match start {
        [b'-', tail @ ..] if signed => (true, tail),
        _ => (false, start),
    };
    let count = start.iter().take_while(|byte| byte.is_ascii_digit()).count();
    let magnitude = start[..count]
        .iter()
        .try_fold(0_i64, |value, digit| value.checked_mul(10)?.checked_add(i64::from(digit - b'0')));
    match (boundary(&start[count..]), magnitude) {
        (Some(rest), Some(magnitude)) if count > 0 => {
            Ok((rest, Some(if minus { -magnitude } else { magnitude })))
        }
        _ => fault(ParseErrorKind::ExpectedNumber, input),
    }
}

/// `01:59`, as nearly every clock message has it, or `0:00`.
#[inline(always)]
fn plain_time(input: &[u8]) -> Option<(&[u8], ClockTime)> {
    let (tens, a, c, d, rest) = match input {
        [tens, a, b':', c, d, rest @ ..] => (tens, a, c, d, rest),
        [a, b':', c, d, rest @ ..] => (&b'0', a, c, d, rest),
        _ => return None,
    };
    let two = |tens: &u8, ones: &u8| {
        let (tens, ones) = (tens.wrapping_sub(b'0'), ones.wrapping_sub(b'0'));
        (tens <= 9 && ones <= 9).then(|| u16::from(tens * 10 + ones))
    };
    Some((boundary(rest)?, ClockTime { minutes: two(tens, a)?, seconds: two(c, d)? }))
}

/// `1:59`, `1.59`, `119`, padded, or nothing.
#[cold]
fn odd_clock_time(input: &[u8]) -> Read<'_, Option<ClockTime>> {
    let start = unpadded(input);
    if let Some(rest) = boundary(start) {
        return Ok((rest, None));
    }
    read_time(start)
        .and_then(|(rest, time)| Some((boundary(rest)?, Some(time))))
        .map_or_else(|| fault(ParseErrorKind::ExpectedTime, input), Ok)
}

/// A time in any of its forms, and what follows it.
pub(super) fn read_time(input: &[u8]) -> Option<(&[u8], ClockTime)> {
    fn short<T: core::str::FromStr>(input: &[u8]) -> Option<(&[u8], T)> {
        let (rest, digits) =
            take_while_m_n::<_, _, Fault<'_>>(1, 10, |byte: u8| byte.is_ascii_digit()).parse(input).ok()?;
        Some((rest, core::str::from_utf8(digits).ok()?.parse().ok()?))
    }
    let (rest, first) = short::<u32>(input)?;
    if let [b':' | b'.', tail @ ..] = rest {
        let (rest, seconds) = short(tail)?;
        return Some((rest, ClockTime { minutes: u16::try_from(first).ok()?, seconds }));
    }
    Some((rest, ClockTime::from_seconds(first)))
}

// ---- messages ----

/// A time and, perhaps, a word. A word alone stands for both.
#[inline(always)]
fn timed<'a, A: Copy + 'static>(
    input: &'a [u8],
    words: impl Fn(&'a [u8]) -> Option<(&'a [u8], A)>,
) -> Read<'a, (Option<ClockTime>, Option<A>)> {
    let (rest, time) = match plain_time(input) {
        Some((rest, time)) => (rest, Some(time)),
        None => match odd_clock_time(input) {
            Ok(read) => read,
            Err(error) => match words(unpadded(input)) {
                Some((rest, word)) => return Ok((rest, (None, Some(word)))),
                None => return Err(error),
            },
        },
    };
    let [b';', after @ ..] = rest else { return Ok((rest, (time, None))) };
    if let Some((rest, word)) = words(after) {
        return Ok((rest, (time, Some(word))));
    }
    no_word(rest, after).map(|(rest, ())| (rest, (time, None)))
}

/// After a `;` where a word may stand: nothing, or the next message.
#[cold]
fn no_word<'a>(rest: &'a [u8], after: &'a [u8]) -> Read<'a, ()> {
    match boundary(after) {
        Some([b';', ..]) => Ok((after, ())),
        Some(_) => Ok((rest, ())),
        None => fault(ParseErrorKind::ExpectedWord, after),
    }
}

#[inline(always)]
fn clock(input: &[u8]) -> Read<'_, (Option<ClockTime>, Option<ClockAction>)> {
    timed(input, |i| {
        let (rest, action) = match i {
            [b's', b't', b'o', b'p', b'E', b'n', b'd', rest @ ..] => (rest, ClockAction::StopEnd),
            [b's', b't', b'o', b'p', rest @ ..] => (rest, ClockAction::Stop),
            [b's', b't', b'a', b'r', b't', rest @ ..] => (rest, ClockAction::Start),
            [b'c', b'o', b'r', b'r', rest @ ..] => (rest, ClockAction::Correct),
            _ => return None,
        };
        Some((boundary(rest)?, action))
    })
}

fn injury(input: &[u8]) -> Read<'_, (Option<ClockTime>, Option<InjuryAction>)> {
    timed(input, |i| {
        let action = InjuryAction::ALL.iter().find(|action| i.starts_with(action.wire().as_bytes()))?;
        Some((boundary(&i[action.wire().len()..])?, *action))
    })
}

/// A value for each athlete or for one: `sc1;3;sc2;4`, `sc1;3;`, `sc2;4`, and the empty `sc1;sc2;`.
#[inline]
fn pair<'a, T: Copy>(
    input: &'a [u8],
    first: u8,
    tags: [&[u8; 4]; 2],
    leaf: impl Fn(&'a [u8]) -> Read<'a, Option<T>>,
) -> Read<'a, (Option<T>, Option<T>)> {
    let (rest, one) = leaf(input)?;
    let blue_first = first == b'1';
    let other = if blue_first { tags[1] } else { tags[0] };
    let (rest, two) = match rest.strip_prefix(b";").unwrap_or(rest).strip_prefix(other) {
        Some(rest) => leaf(rest)?,
        None => (rest, None),
    };
    Ok((rest, if blue_first { (one, two) } else { (two, one) }))
}

/// `s11;4;s21;1;…` in whatever order. A tag that comes again begins the next message.
#[inline]
fn round_scores(input: &[u8]) -> Read<'_, RoundScores> {
    let mut scores = RoundScores::default();
    let mut seen = 0_u8;
    let mut rest = input;
    let mut next = input;
    while let [b's', n @ (b'1' | b'2'), round @ b'1'..=b'4', b';', field @ ..] = next {
        let index = (round - b'1') * 2 + (n - b'1');
        if seen & 1 << index != 0 {
            break;
        }
        seen |= 1 << index;
        let (after, score) = number(field)?;
        if let Some(score) = score {
            scores.place(usize::from(index), score);
        }
        rest = after;
        next = after.strip_prefix(b";").unwrap_or(after);
    }
    Ok((rest, scores))
}

/// `rd1;1;rd2;0;…`, or nothing.
fn round_winners(input: &[u8]) -> Read<'_, RoundWinners> {
    let mut winners = RoundWinners::default();
    let mut rest = input;
    if boundary(input).is_none() {
        let mut next = input;
        // As the real sender writes it, one digit each.
        while let [b'r', b'd', round @ b'1'..=b'9', b';', winner @ b'0'..=b'2', after @ ..] = next
            && let [] | [b';' | b'\r' | b'\n', ..] = after
        {
            winners.set(usize::from(round - b'0'), winner_of(*winner - b'0'));
            rest = after;
            next = after.strip_prefix(b";").unwrap_or(after);
        }
        while rest.len() == input.len() || next.starts_with(b"rd") && head(next).is_err() {
            let Ok((field, _)) = tag::<_, _, Fault<'_>>("rd")(next) else {
                return fault(ParseErrorKind::ExpectedTag, next);
            };
            let (after, round) = number(field)?;
            let winner_at = after.strip_prefix(b";").unwrap_or(after);
            let (after, winner) =
                if winner_at.starts_with(b"rd") { (winner_at, None) } else { number(winner_at)? };
            let winner = match winner {
                None => None,
                Some(winner @ 0..=2) => winner_of(winner as u8),
                Some(_) => return fault(ParseErrorKind::ExpectedWord, winner_at),
            };
            if !winners.set(round.unwrap_or(0) as usize, winner) {
                return fault(ParseErrorKind::ExpectedNumber, field);
            }
            rest = after;
            next = after.strip_prefix(b";").unwrap_or(after);
        }
    }
    Ok((rest, winners))
}

const fn winner_of(number: u8) -> Option<Athlete> {
    match number {
        1 => Some(Athlete::Blue),
        2 => Some(Athlete::Red),
        _ => None,
    }
}

fn challenge(input: &[u8]) -> Read<'_, (ChallengeState, Option<bool>)> {
    let (rest, state) = integer(input)?;
    let state = match state {
        None => ChallengeState::Requested,
        Some(1) => ChallengeState::Accepted,
        Some(0) => ChallengeState::Rejected,
        Some(-1) => ChallengeState::Closed,
        Some(_) => return fault(ParseErrorKind::ExpectedWord, input),
    };
    let (rest, won) = match rest.strip_prefix(b";").map(integer) {
        Some(Ok((rest, Some(1)))) => (rest, Some(true)),
        Some(Ok((rest, Some(0)))) => (rest, Some(false)),
        // Whatever else follows is left over, for the reader of the line to say so.
        _ => (rest, None),
    };
    Ok((rest, (state, won)))
}

fn constant<'a>(input: &'a [u8], word: &'static str) -> Read<'a, ()> {
    let (rest, _) = opt(tag(word)).parse(input)?;
    match boundary(rest) {
        Some(rest) => Ok((rest, ())),
        None => fault(ParseErrorKind::ExpectedWord, input),
    }
}

fn winner(input: &[u8]) -> Read<'_, Option<Winner>> {
    let (rest, word) = take_while(|byte: u8| byte.is_ascii_alphabetic() || byte == b' ').parse(input)?;
    let word = word.trim_ascii();
    let is = |name: &str| word.eq_ignore_ascii_case(name.as_bytes());
    let winner = if word.is_empty() {
        None
    } else if is("BLUE") || is("CHUNG") {
        Some(Winner::Blue)
    } else if is("RED") || is("HONG") {
        Some(Winner::Red)
    } else if is("TIE") {
        Some(Winner::Tie)
    } else {
        return fault(ParseErrorKind::ExpectedWord, input);
    };
    match boundary(rest) {
        Some(rest) => Ok((rest, winner)),
        None => fault(ParseErrorKind::ExpectedWord, input),
    }
}

/// The value ends with the first colon; without one it is the rest of the line but a `;` at its end.
fn setting(input: &[u8]) -> Read<'_, Text<'_>> {
    let (rest, line) = line(input);
    let (rest, value) = match memchr::memchr(b':', line) {
        Some(colon) => (&input[colon + 1..], &line[..colon]),
        None => (rest, line.strip_suffix(b";").unwrap_or(line)),
    };
    Ok((rest, value.into()))
}

/// `Udp Port 6000 connected;`, from the number on.
fn port(input: &[u8]) -> Read<'_, (u16, bool)> {
    let (rest, _, count) = digits(input);
    let port = core::str::from_utf8(&input[..count]).ok().and_then(|text| text.parse().ok());
    let Some(port) = port else { return fault(ParseErrorKind::ExpectedNumber, input) };
    let connected = preceded(
        tag(" "),
        alt((value(true, tag::<_, _, Fault<'_>>("connected")), value(false, tag("disconnected")))),
    )
    .parse(rest);
    match connected {
        Ok((after, connected)) if boundary(after).is_some() => Ok((after, (port, connected))),
        _ => fault(ParseErrorKind::ExpectedWord, rest),
    }
}
