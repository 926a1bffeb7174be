//! From the bytes of a datagram to its messages, and back.

mod encode;
mod fields;
mod grammar;
mod json;
mod truncation;

use grammar::Fault;

use crate::{Athletes, Message, ParseError, ParseErrorKind, Span};

/// Reads the messages of a datagram, whatever its line ends. Never fails: what cannot be understood becomes a
/// [`Message::Malformed`], [`Message::Unknown`] or [`Message::Garbage`], and every byte belongs to exactly one
/// message.
///
/// ```
/// use pss_protocol::{Athlete, Message, parse};
///
/// let mut messages = parse(b"hl1;34\r\npt1;2\r\n");
/// let hit = messages.next().unwrap();
/// assert_eq!(hit.message, Message::Hit { athlete: Athlete::Blue, level: Some(34) });
/// assert_eq!(hit.span.range(), 0..8);
/// assert_eq!(messages.next().unwrap().message.to_string(), "pt1;2");
/// assert_eq!(messages.next(), None);
/// ```
#[inline]
pub fn parse(datagram: &[u8]) -> Messages<'_> {
    parse_with(datagram, LineEndRule::Any)
}

/// Like [`parse`], for a sender whose line ends are known.
#[inline]
pub fn parse_with(datagram: &[u8], rule: LineEndRule) -> Messages<'_> {
    Messages { datagram, rest: datagram, rule, done: false }
}

/// Whether a missing line end means that the datagram was cut. An argument of the reading, not a guess: logs,
/// journals and text hold no line ends.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum LineEndRule {
    /// Line ends say nothing.
    #[default]
    Any,
    /// Off the wire, from a sender that ends every message with CRLF: without it the last field is not trusted.
    CrLf,
}

/// How a message ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum LineEnd {
    /// Carriage return and line feed.
    CrLf,
    /// Line feed alone.
    Lf,
    /// Carriage return alone. At the end of a datagram the line feed was cut off.
    Cr,
    /// Nothing: the datagram ended, or the next message was glued on.
    None,
}

/// One message and where it stood.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Parsed<'a> {
    /// What it says.
    pub message: Message<'a>,
    /// Its bytes in the datagram, line end included.
    pub span: Span,
    /// How it ended.
    pub end: LineEnd,
    /// What the reading found odd.
    pub flaw: Option<Flaw>,
}

impl Parsed<'_> {
    /// What could not be read of a [malformed](Message::Malformed) message, its span counted in the datagram.
    pub fn error(&self) -> Option<ParseError> {
        match &self.message {
            Message::Malformed { error, .. } => {
                Some(ParseError { kind: error.kind, span: error.span.shifted(self.span.start) })
            }
            _ => None,
        }
    }
}

/// What the reading found odd about a message that it could read. The spans count in the datagram.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Flaw {
    /// The message is longer than its grammar: these bytes are left over.
    Surplus {
        /// The bytes.
        span: Span,
    },
    /// The message ends before this field.
    Missing {
        /// The field as in JSON, `match.body_level`.
        field: &'static str,
        /// Where it should be.
        span: Span,
    },
    /// Only the line end was cut off, or its line feed: every field is whole.
    TerminatorCut {
        /// The carriage return, or where it should be.
        span: Span,
    },
    /// The datagram was cut: the last field that arrived may be shorter than it was.
    Untrusted {
        /// The field as in JSON, `match.head_level`.
        field: &'static str,
        /// What arrived of it.
        span: Span,
        /// Whether the message holds the whole value all the same (`at1` says each name twice).
        repaired: bool,
    },
}

/// The messages of a datagram, in order. Yields at least one.
#[derive(Clone, Debug)]
pub struct Messages<'a> {
    datagram: &'a [u8],
    /// What is not read yet: an end of `datagram`.
    rest: &'a [u8],
    rule: LineEndRule,
    done: bool,
}

impl<'a> Iterator for Messages<'a> {
    type Item = Parsed<'a>;

    #[inline]
    fn next(&mut self) -> Option<Parsed<'a>> {
        if self.done {
            return None;
        }
        grammar::message_then(self.rest, Close(self))
    }
}

/// Finds the end of a message that was read from what is left of the datagram.
struct Close<'m, 'a>(&'m mut Messages<'a>);

impl<'a> grammar::Then<'a> for Close<'_, 'a> {
    type Output = Option<Parsed<'a>>;

    #[inline(always)]
    fn message(self, rest: &'a [u8], message: impl Fn() -> Message<'a>) -> Option<Parsed<'a>> {
        let Self(messages) = self;
        let (end, rest) = match rest {
            [b'\r', b'\n', rest @ ..] => (LineEnd::CrLf, rest),
            [] if messages.rule == LineEndRule::Any => (LineEnd::None, rest),
            _ => return Self(messages).rare_message(rest, message()),
        };
        let span = Span::new(messages.offset_of(messages.rest), messages.offset_of(rest));
        messages.rest = rest;
        messages.done = rest.is_empty();
        Some(Parsed { message: message(), span, end, flaw: None })
    }

    #[cold]
    fn rare_message(self, rest: &'a [u8], message: Message<'a>) -> Option<Parsed<'a>> {
        let Self(messages) = self;
        let input = messages.rest;
        let (end, rest, flaw) = messages.tail(rest);
        let span = Span::new(messages.offset_of(input), messages.offset_of(rest));
        messages.rest = rest;
        messages.done = rest.is_empty();
        let mut parsed = Parsed { message, span, end, flaw };
        note_missing(&mut parsed, input);
        if messages.is_cut(end) {
            truncation::mark(&mut parsed, input);
        }
        Some(parsed)
    }

    #[inline(always)]
    fn fault(self, fault: Fault<'a>) -> Option<Parsed<'a>> {
        Some(self.0.odd(self.0.rest, fault))
    }
}

impl core::iter::FusedIterator for Messages<'_> {}

impl<'a> Messages<'a> {
    /// Where in the datagram `rest`, an end of it, begins.
    #[inline]
    fn offset_of(&self, rest: &[u8]) -> usize {
        self.datagram.len() - rest.len()
    }

    /// Whether the datagram, now read to its end, lacks the end that its sender gives it.
    fn is_cut(&self, end: LineEnd) -> bool {
        self.done && self.rule == LineEndRule::CrLf && end != LineEnd::CrLf
    }

    /// What stands between a message and its end or the next: the line end, what is left of the datagram after
    /// it, and the bytes that belong to nothing.
    #[cold]
    fn tail(&self, rest: &'a [u8]) -> (LineEnd, &'a [u8], Option<Flaw>) {
        if let [b'\r', b'\n', rest @ ..] = rest {
            return (LineEnd::CrLf, rest, None);
        }
        let left = grammar::unpadded(rest.strip_prefix(b";").unwrap_or(rest));
        let surplus = if grammar::begins_message(left) { 0 } else { until_next(left) };
        let (end, len) = line_end(&left[surplus..]);
        let from = self.offset_of(left);
        let says_something = left[..surplus].iter().any(|&byte| byte != b';' && byte != b' ');
        let flaw = says_something.then(|| Flaw::Surplus { span: Span::new(from, from + surplus) });
        (end, &left[surplus + len..], flaw)
    }

    /// Everything that is no whole message of the grammar.
    #[cold]
    fn odd(&mut self, input: &'a [u8], fault: Fault<'a>) -> Parsed<'a> {
        let (message, len) = match fault.expected {
            Some(expected) => malformed(input, fault.at, expected),
            None if input.starts_with(b"{") => json(input),
            None => other(input),
        };
        let (end, rest, flaw) = if matches!(message, Message::Json { .. }) {
            self.tail(&input[len..])
        } else {
            let (end, end_len) = line_end(&input[len..]);
            (end, &input[len + end_len..], None)
        };
        let span = Span::new(self.offset_of(input), self.offset_of(rest));
        self.rest = rest;
        self.done = rest.is_empty();
        let mut parsed = Parsed { message, span, end, flaw };
        if let Message::Json { json } = &parsed.message
            && json::object_len(json.as_bytes()).is_none()
        {
            let at = span.start as usize + len;
            parsed.flaw = Some(Flaw::Missing { field: "json.json", span: Span::new(at, at) });
        } else if self.is_cut(end) {
            truncation::mark(&mut parsed, input);
        }
        parsed
    }
}

/// Notes the first field that a message of many lacks. `input` is the datagram from the message on.
fn note_missing(parsed: &mut Parsed<'_>, input: &[u8]) {
    let line = || &input[..memchr::memchr2(b'\r', b'\n', input).unwrap_or(input.len())];
    let missing = match &parsed.message {
        Message::Match(info) if info.head_level.is_none() => fields::missing_match_field(&line()[4..]),
        Message::Athletes(Athletes { blue: None, .. } | Athletes { red: None, .. }) => {
            fields::missing_athlete(line())
        }
        _ => None,
    };
    if let (Some(field), None) = (missing, parsed.flaw) {
        let at = parsed.span.start as usize + line().len();
        parsed.flaw = Some(Flaw::Missing { field, span: Span::new(at, at) });
    }
}

/// The line up to the next message that begins in it, so that one bad message does not hide the next. Returns
/// the length without the line end, as do the others.
fn malformed<'a>(input: &'a [u8], at: &'a [u8], expected: ParseErrorKind) -> (Message<'a>, usize) {
    let Ok((_, code)) = grammar::head(input) else { return other(input) };
    let field = input.len() - at.len();
    let field_len = at.iter().position(|byte| matches!(byte, b';' | b'\r' | b'\n')).unwrap_or(at.len());
    let len = field + until_next(at);
    let error = ParseError { kind: expected, span: Span::new(field, field + field_len) };
    (Message::Malformed { code, line: input[..len].into(), error }, len)
}

/// An object may go over several lines. One that does not close is the rest of the datagram.
fn json(input: &[u8]) -> (Message<'_>, usize) {
    let len = json::object_len(input).unwrap_or_else(|| {
        let line_ends = input.iter().rev().take_while(|byte| matches!(byte, b'\r' | b'\n')).count();
        input.len() - line_ends
    });
    (Message::Json { json: input[..len].into() }, len)
}

/// A line with no head of a message: a bare word, a code that nobody knows, or nothing at all.
fn other(input: &[u8]) -> (Message<'_>, usize) {
    let len = memchr::memchr2(b'\r', b'\n', input).unwrap_or(input.len());
    let line = &input[..len];
    let (_, end_len) = line_end(&input[len..]);
    let is_request = || matches!(grammar::request_word(line), Some(([], _)));
    let message = match line {
        b"hel" => Message::Hello,
        b"bye" => Message::Bye,
        b"pre" => Message::FightLoaded,
        b"rdy" => Message::FightReady,
        _ => match memchr::memchr(b';', line) {
            // A request with the wrong end keeps it, or it would turn into a request when it is written again.
            Some(semicolon)
                if !is_request()
                    && (1..=MOST_CODE).contains(&semicolon)
                    && line[..semicolon].iter().all(u8::is_ascii_alphanumeric) =>
            {
                Message::Unknown { code: line[..semicolon].into(), fields: line[semicolon + 1..].into() }
            }
            _ => Message::Garbage { bytes: input[..len + end_len].into() },
        },
    };
    (message, len)
}

/// A code that nobody knows has at most so many letters and digits.
const MOST_CODE: usize = 16;

/// How many bytes there are to the end of the line, or to the next message that begins after a `;`.
fn until_next(input: &[u8]) -> usize {
    memchr::memchr3_iter(b';', b'\r', b'\n', input)
        .find_map(|at| match input[at] {
            b';' => grammar::begins_message(&input[at + 1..]).then_some(at + 1),
            _ => Some(at),
        })
        .unwrap_or(input.len())
}

/// The line end at the start of `rest`, and its length. Stray carriage returns before it belong to it.
fn line_end(rest: &[u8]) -> (LineEnd, usize) {
    let returns = rest.iter().take_while(|&&byte| byte == b'\r').count();
    match (returns, rest.get(returns)) {
        (0, Some(b'\n')) => (LineEnd::Lf, 1),
        (_, Some(b'\n')) => (LineEnd::CrLf, returns + 1),
        (0, _) => (LineEnd::None, 0),
        _ => (LineEnd::Cr, returns),
    }
}
