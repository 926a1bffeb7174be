//! The shape of a message: what is left of it when numbers and names are taken away, and which known code comes
//! nearest to it.
//!
//! # Shapes
//!
//! Two messages have the same shape when they say the same kind of thing of other athletes at another time.
//! [`shape()`] splits a message at `;`, its line end removed, and writes a class for each field:
//!
//! | a field | is written |
//! |---|---|
//! | the code: the first field, when it begins with an ASCII letter, has only ASCII letters, digits, `_`, `-` and `.`, and at most 16 bytes | itself, each run of digits as `#` |
//! | a tag: a later field of one to four lower-case ASCII letters and one or two digits (`sc2`, `rd1`) | itself, its digits as `#` |
//! | empty | nothing |
//! | an integer, signed or padded with spaces | `<int>` |
//! | a number with a `.` between digits | `<decimal>` |
//! | a time, `1:05`, `01:05`, or with a dot and more digits | `<clock>` |
//! | `#` and 3, 6 or 8 hexadecimal digits | `<colour>` |
//! | a word, `=` and a value | the word, `=` and the class of the value |
//! | bytes with control characters | `<binary>` |
//! | anything else, in any charset | `<text>` |
//!
//! The digits of a code are taken away because they name an athlete or a round (`pt1`, `pt2`, `s12`): what is
//! not understood of blue is not understood of red either, and one entry tells it. Letters keep their case.
//! A message that begins with `{` is its outermost keys, sorted: `{"data","type"}`; `?` stands for each byte of a key
//! that is not printable ASCII.
//!
//! A line without anything is `<empty>`. What is beyond 32 fields (or keys) is written as `…`, and so is what is beyond 16 bytes of a word, so no shape
//! is longer than [`LONGEST_SHAPE`].

use alloc::{string::String, vec::Vec};

use crate::{Code, Request};

/// No shape has more bytes than this, however long its message is.
pub const LONGEST_SHAPE: usize = 1024;

/// The code that comes nearest to a message that nobody knows.
#[derive(Clone, Copy, Debug, PartialEq)]
#[non_exhaustive]
pub struct Suggestion {
    /// The code.
    pub code: Code,
    /// From above 0.5, a guess, to 1.0, which has the letters and the shape of a known message. Three quarters of it
    /// are the likeness of the code, by the letters that would have to be changed; one quarter that of the fields
    /// behind it, by the fields that would have to be. Another digit or another case counts as a quarter of a letter.
    pub score: f32,
}

/// The shape of a message; see [the module](self) for how it is written.
///
/// ```
/// use pss_protocol::shape::shape;
///
/// assert_eq!(shape(b"xy2;3;01:59;L. RIVERA\r\n"), "xy#;<int>;<clock>;<text>");
/// assert_eq!(shape(b"xy1;12;00:07;K. TANAKA\r\n"), shape(b"xy2;3;01:59;L. RIVERA"));
/// ```
pub fn shape(message: &[u8]) -> String {
    let message = without_line_end(message);
    if message.is_empty() {
        return String::from("<empty>");
    }
    let mut out = String::new();
    if message.starts_with(b"{") {
        json_shape(message, &mut out);
        return out;
    }
    for (place, field) in message.split(|&byte| byte == b';').enumerate() {
        if place == MOST_FIELDS {
            out.push_str(";…");
            break;
        }
        if place > 0 {
            out.push(';');
        }
        match Class::of(field, place) {
            Class::Word(word) => word_shape(word, &mut out),
            Class::Pair(word, value) => {
                word_shape(word, &mut out);
                out.push('=');
                out.push_str(value.name());
            }
            class => out.push_str(class.name()),
        }
    }
    debug_assert!(out.len() <= LONGEST_SHAPE);
    out
}

/// The nearest known code; `None` where none is near enough to be worth telling.
///
/// ```
/// use pss_protocol::{Code, shape::suggest};
///
/// let suggestion = suggest(b"hl3;34\r\n").unwrap();
/// assert_eq!(suggestion.code, Code::Hl1);
/// assert!(suggestion.score > 0.9);
/// assert_eq!(suggest(b"\x00\x01\x02"), None);
/// ```
pub fn suggest(message: &[u8]) -> Option<Suggestion> {
    let message = without_line_end(message);
    let looked_at = Outline::of(message)?;
    let known = EXAMPLES.iter().map(|(code, example)| (*code, example.as_bytes()));
    let requests = Request::ALL.iter().map(|request| (Code::Request, request.wire().as_bytes()));
    let mut best: Option<(u32, Code)> = None;
    for (code, example) in known.chain(requests) {
        let Some(outline) = Outline::of(example) else { continue };
        let score = looked_at.likeness(&outline);
        // The first of several that are equally near.
        if best.is_none_or(|(known, _)| score > known) {
            best = Some((score, code));
        }
    }
    let (score, code) = best.filter(|(score, _)| *score > WORTH_TELLING)?;
    Some(Suggestion { code, score: score as f32 / 1000.0 })
}

/// The forms of each code, from which the known shapes are derived. A test has each of them read.
const EXAMPLES: &[(Code, &str)] = &[
    (Code::Hel, "hel;"),
    (Code::Bye, "bye;"),
    (Code::Inlb, "inlb;50:"),
    (Code::Insl, "insl;false:"),
    (Code::Inth, "inth;2000:"),
    (Code::Pre, "pre;FightLoaded"),
    (Code::Rdy, "rdy;FightReady"),
    (Code::Rnd, "rnd;2"),
    (Code::Clk, "clk;01:59"),
    (Code::Clk, "clk;01:59;stop"),
    (Code::Brk, "brk;00:59"),
    (Code::Brk, "brk;00:59;stop"),
    (Code::Ij0, "ij0;01:00;show"),
    (Code::Ij1, "ij1;01:00;show"),
    (Code::Ij1, "ij1;00:59"),
    (Code::Ij2, "ij2;01:00;show"),
    (Code::Ij2, "ij2;00:59"),
    (Code::To1, "to1;00:30;start"),
    (Code::To1, "to1;00:29"),
    (Code::To2, "to2;00:30;start"),
    (Code::To2, "to2;00:29"),
    (Code::Pt1, "pt1;3"),
    (Code::Pt2, "pt2;3"),
    (Code::Hl1, "hl1;34"),
    (Code::Hl2, "hl2;34"),
    (Code::Sc, "sc1;4;sc2;1"),
    (Code::Sc, "sc1;4"),
    (Code::Sar, "s11;4;s21;1;s12;0;s22;0;s13;0;s23;0"),
    (Code::Wg, "wg1;1;wg2;0"),
    (Code::Wg, "wg1;1"),
    (Code::Wrd, "wrd;rd1;1;rd2;0;rd3;0"),
    (Code::Ch0, "ch0;"),
    (Code::Ch0, "ch0;1"),
    (Code::Ch1, "ch1;"),
    (Code::Ch1, "ch1;1"),
    (Code::Ch1, "ch1;1;1"),
    (Code::Ch2, "ch2;"),
    (Code::Ch2, "ch2;1"),
    (Code::Ch2, "ch2;1;1"),
    (Code::Hwt, "hwt;1"),
    (
        Code::Mch,
        "mch;101;Round of 16;MEN -58 kg;;#0000ff;#FFFFFF;#ff0000;#FFFFFF;b6c1;SENIORS;3;120;cntDown;27;10",
    ),
    (Code::At, "at1;L. RIVERA;L. RIVERA;ESP;at2;K. TANAKA;K. TANAKA;JPN"),
    (Code::Ref, "ref;S. PARK;KOR;ju1;A. DIALLO;SEN;ju2;M. ROSSI;ITA;ju3;J. SMITH;GBR;"),
    (Code::Win, "win;BLUE"),
    (Code::Wmh, "wmh;L. RIVERA;2-1 PTF"),
    (Code::Avt, "avt;1"),
    (Code::Sup, "sup;1"),
    (Code::Rst, "rst;1;2;3;4"),
    (Code::Rsr, "rsr;1;2"),
    (Code::Port, "Udp Port 6000 connected;"),
    (Code::Json, "{}"),
];

const MOST_FIELDS: usize = 32;
const LONGEST_WORD: usize = 16;

/// In thousandths: what is not nearer is not suggested.
const WORTH_TELLING: u32 = 500;

fn without_line_end(message: &[u8]) -> &[u8] {
    let end = message.iter().rposition(|byte| !matches!(byte, b'\r' | b'\n'));
    &message[..end.map_or(0, |last| last + 1)]
}

/// What a field is like.
#[derive(Clone, Copy)]
enum Class<'a> {
    Empty,
    Int,
    Decimal,
    Clock,
    Colour,
    Binary,
    Text,
    /// A code or a tag.
    Word(&'a [u8]),
    Pair(&'a [u8], Plain),
}

/// The class of a value that is named.
#[derive(Clone, Copy, PartialEq, Eq)]
struct Plain(&'static str);

impl Plain {
    const fn name(self) -> &'static str {
        self.0
    }
}

impl<'a> Class<'a> {
    /// `place` counts the fields of the message from 0.
    fn of(field: &'a [u8], place: usize) -> Self {
        if if place == 0 { is_code(field) } else { is_tag(field) } {
            return Self::Word(field);
        }
        let plain = Self::plain(field);
        if let (Self::Text, Some(at)) = (plain, memchr::memchr(b'=', field)) {
            let (word, value) = (&field[..at], &field[at + 1..]);
            if is_name(word) {
                return Self::Pair(word, Plain(Self::plain(value).name()));
            }
        }
        plain
    }

    fn plain(field: &'a [u8]) -> Self {
        let unpadded = field.trim_ascii();
        let digits = unpadded.strip_prefix(b"-").or_else(|| unpadded.strip_prefix(b"+")).unwrap_or(unpadded);
        match digits {
            [] if unpadded.is_empty() => Self::Empty,
            _ if all_digits(digits) => Self::Int,
            _ if is_decimal(digits) => Self::Decimal,
            _ if is_clock(unpadded) => Self::Clock,
            _ if is_colour(unpadded) => Self::Colour,
            _ if field.iter().any(|byte| byte.is_ascii_control() && *byte != b'\t') => Self::Binary,
            _ => Self::Text,
        }
    }

    const fn name(self) -> &'static str {
        match self {
            Self::Empty => "",
            Self::Int => "<int>",
            Self::Decimal => "<decimal>",
            Self::Clock => "<clock>",
            Self::Colour => "<colour>",
            Self::Binary => "<binary>",
            Self::Text | Self::Word(_) | Self::Pair(..) => "<text>",
        }
    }

    /// Whether both would be written alike.
    fn is_like(self, other: Self) -> bool {
        match (self, other) {
            (Self::Word(a), Self::Word(b)) => letters(a).eq(letters(b)),
            (Self::Word(_), _) | (_, Self::Word(_)) => false,
            (Self::Pair(a, a_value), Self::Pair(b, b_value)) => a == b && a_value == b_value,
            (Self::Pair(..), _) | (_, Self::Pair(..)) => false,
            _ => self.name() == other.name(),
        }
    }
}

/// A code without its digits, to compare tags by.
fn letters(word: &[u8]) -> impl Iterator<Item = u8> {
    word.iter().copied().filter(|byte| !byte.is_ascii_digit())
}

fn all_digits(bytes: &[u8]) -> bool {
    !bytes.is_empty() && bytes.iter().all(u8::is_ascii_digit)
}

fn is_decimal(bytes: &[u8]) -> bool {
    memchr::memchr(b'.', bytes).is_some_and(|dot| all_digits(&bytes[..dot]) && all_digits(&bytes[dot + 1..]))
}

fn is_clock(bytes: &[u8]) -> bool {
    memchr::memchr(b':', bytes).is_some_and(|colon| {
        let (minutes, seconds) = (&bytes[..colon], &bytes[colon + 1..]);
        minutes.len() <= 3
            && all_digits(minutes)
            && (all_digits(seconds) && seconds.len() <= 2 || is_decimal(seconds))
    })
}

fn is_colour(bytes: &[u8]) -> bool {
    bytes
        .strip_prefix(b"#")
        .is_some_and(|digits| matches!(digits.len(), 3 | 6 | 8) && digits.iter().all(u8::is_ascii_hexdigit))
}

fn is_code(field: &[u8]) -> bool {
    field.len() <= LONGEST_WORD && is_name(field)
}

fn is_name(word: &[u8]) -> bool {
    let in_name = |byte: &u8| byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'-' | b'.');
    word.first().is_some_and(u8::is_ascii_alphabetic)
        && word.len() <= LONGEST_WORD
        && word.iter().all(in_name)
}

fn is_tag(field: &[u8]) -> bool {
    let letters = field.iter().take_while(|byte| byte.is_ascii_lowercase()).count();
    let digits = &field[letters..];
    (1..=4).contains(&letters) && digits.len() <= 2 && all_digits(digits)
}

/// A code, a tag or a name, its runs of digits taken away.
fn word_shape(word: &[u8], out: &mut String) {
    let mut in_digits = false;
    for &byte in word {
        if !byte.is_ascii_digit() {
            out.push(char::from(byte));
        } else if !in_digits {
            out.push('#');
        }
        in_digits = byte.is_ascii_digit();
    }
}

fn json_shape(message: &[u8], out: &mut String) {
    let mut keys = json_keys(message);
    keys.sort_unstable();
    keys.dedup();
    out.push('{');
    for (place, key) in keys.iter().take(MOST_FIELDS).enumerate() {
        let kept = &key[..key.len().min(LONGEST_WORD)];
        let dots = if kept.len() < key.len() { "…" } else { "" };
        let comma = if place > 0 { "," } else { "" };
        out.push_str(comma);
        out.push('"');
        out.extend(kept.iter().map(|byte| if byte.is_ascii_graphic() { char::from(*byte) } else { '?' }));
        out.push_str(dots);
        out.push('"');
    }
    if keys.len() > MOST_FIELDS {
        out.push_str(",…");
    }
    out.push('}');
}

/// The outermost keys of an object, as they are written; those before the place where it stops being one.
fn json_keys(message: &[u8]) -> Vec<&[u8]> {
    let mut keys = Vec::new();
    let mut depth = 0_usize;
    let mut at = 0;
    while let Some(&byte) = message.get(at) {
        at += 1;
        match byte {
            b'{' | b'[' => depth += 1,
            b'}' | b']' => depth = depth.saturating_sub(1),
            b'"' => {
                let start = at;
                while let Some(&byte) = message.get(at) {
                    at += match byte {
                        b'"' => break,
                        b'\\' => 2,
                        _ => 1,
                    };
                }
                let Some(text) = message.get(start..at) else { break };
                at += 1;
                let follows = message.get(at..).unwrap_or_default().trim_ascii_start();
                if depth == 1 && follows.starts_with(b":") && keys.len() < MOST_KEYS {
                    keys.push(text);
                }
            }
            _ => {}
        }
        if depth == 0 {
            break;
        }
    }
    keys
}

/// Looked at in one object; there is no reason for so many.
const MOST_KEYS: usize = 1024;

/// The code and the classes of the fields behind it, to measure how near two messages are.
struct Outline<'a> {
    code: &'a [u8],
    classes: [Class<'a>; MOST_FIELDS],
    fields: usize,
}

impl<'a> Outline<'a> {
    /// `None` for what has no code to compare.
    fn of(message: &'a [u8]) -> Option<Self> {
        let mut outline = Self { code: b"{", classes: [Class::Empty; MOST_FIELDS], fields: 0 };
        if message.starts_with(b"{") {
            return Some(outline);
        }
        let mut fields = message.split(|&byte| byte == b';');
        outline.code = fields.next().map(code_of)?;
        if !outline.code.first()?.is_ascii_alphabetic() {
            return None;
        }
        for (place, field) in fields.take(MOST_FIELDS).enumerate() {
            outline.classes[place] = Class::of(field, place + 1);
            outline.fields = place + 1;
        }
        Some(outline)
    }

    /// In thousandths.
    fn likeness(&self, other: &Self) -> u32 {
        let code = likeness(self.code, other.code, |a, b| match (a, b) {
            _ if a == b => 0,
            _ if a.eq_ignore_ascii_case(b) || a.is_ascii_digit() && b.is_ascii_digit() => 1,
            _ => 4,
        });
        let (fields, others) = (&self.classes[..self.fields], &other.classes[..other.fields]);
        let fields = likeness(fields, others, |a, b| if a.is_like(*b) { 0 } else { 4 });
        (750 * code + 250 * fields) / 1000
    }
}

/// What is compared as a code: at most the first word, so that `Udp Port 7000 connected` has one too.
fn code_of(field: &[u8]) -> &[u8] {
    let end = field.iter().position(|byte| !byte.is_ascii_alphanumeric() && !matches!(byte, b'_' | b'-'));
    let word = &field[..end.unwrap_or(field.len())];
    &word[..word.len().min(LONGEST_WORD)]
}

/// How alike two sequences are, in thousandths: 1000 less what it costs to make one into the other, measured by
/// what it would cost to make all of it. To put in and to take away costs 4, to change at most as much.
fn likeness<T>(a: &[T], b: &[T], change: impl Fn(&T, &T) -> u32) -> u32 {
    let longest = a.len().max(b.len());
    if longest == 0 {
        return 1000;
    }
    // Levenshtein's distance, a row at a time. `b` is at most as long as a word or as the fields of a message.
    let mut costs = [0_u32; MOST_FIELDS + 1];
    for (place, cost) in costs.iter_mut().enumerate().take(b.len() + 1) {
        *cost = 4 * place as u32;
    }
    for (row, left) in a.iter().enumerate() {
        let mut diagonal = costs[0];
        costs[0] = 4 * (row as u32 + 1);
        for (place, right) in b.iter().enumerate() {
            let changed = diagonal + change(left, right);
            diagonal = costs[place + 1];
            costs[place + 1] = changed.min(diagonal + 4).min(costs[place] + 4);
        }
    }
    1000 - 1000 * costs[b.len()] / (4 * longest as u32)
}

#[cfg(test)]
mod tests {
    use alloc::{format, string::ToString as _, vec};

    use proptest::prelude::*;

    use super::*;
    use crate::{escape, parse};

    #[test]
    fn every_class_has_its_name() {
        for (field, class) in [
            ("", ""),
            ("12", "<int>"),
            ("-1", "<int>"),
            (" 7", "<int>"),
            ("1.5", "<decimal>"),
            ("01:59", "<clock>"),
            ("1:59.5", "<clock>"),
            ("123456:00", "<text>"),
            ("#0000ff", "<colour>"),
            ("#0000f", "<text>"),
            ("sc2", "sc#"),
            ("s11", "s#"),
            ("SC2", "<text>"),
            ("RIVERA", "<text>"),
            ("Ş. ÖZ", "<text>"),
            ("speed=12", "speed=<int>"),
            ("name=", "name="),
            ("a b=1", "<text>"),
            ("\u{1}x", "<binary>"),
            ("-", "<text>"),
            ("1.", "<text>"),
        ] {
            assert_eq!(shape(format!("x;{field}").as_bytes()), format!("x;{class}"), "{field}");
        }
    }

    #[test]
    fn codes_keep_their_letters_and_lose_their_digits() {
        for (message, expected) in [
            ("xy12z3;", "xy#z#;"),
            ("ping", "ping"),
            ("PING\r\n", "PING"),
            ("two words", "<text>"),
            ("12;3", "<int>;<int>"),
            ("a_code_of_17_byte;1", "<text>;<int>"),
            ("", "<empty>"),
            ("\r\n", "<empty>"),
            (";", ";"),
        ] {
            assert_eq!(shape(message.as_bytes()), expected);
        }
        assert_eq!(shape(b"x;\xC4\xD6"), "x;<text>", "a name in another charset is a name");
    }

    #[test]
    fn json_is_its_outermost_keys() {
        assert_eq!(
            shape(br#"{"type":"a;b","data":{"x":[1,{"y":2}]},"z" : "\"q\":"}"#),
            r#"{"data","type","z"}"#
        );
        assert_eq!(shape(br#"{"type":1,"type":2}"#), r#"{"type"}"#);
        assert_eq!(shape(br#"{"type":1,"cut"#), r#"{"type"}"#);
        assert_eq!(shape(b"{"), "{}");
    }

    #[test]
    fn long_messages_have_short_shapes() {
        let many = "k=v;".repeat(20_000);
        assert!(shape(many.as_bytes()).ends_with(";…"));
        let keys: Vec<_> = (0..500).map(|n| format!("\"{n:\u{7F}>60}\":1")).collect();
        let json = format!("{{{}}}", keys.join(","));
        assert!(shape(json.as_bytes()).len() <= LONGEST_SHAPE);
        let worst = vec![0xFF_u8; 60_000];
        let json = [b"{\"".as_slice(), &worst, b"\":1}"].concat();
        assert!(shape(&json).len() <= LONGEST_SHAPE);
    }

    /// The examples are what the grammar knows, and there is one of each code.
    #[test]
    fn every_example_is_read_as_its_code() {
        for (code, example) in EXAMPLES {
            let parsed: Vec<_> = parse(example.as_bytes()).collect();
            assert_eq!(parsed.len(), 1, "{example}");
            assert_eq!((parsed[0].message.code(), parsed[0].flaw), (Some(*code), None), "{example}");
            assert_eq!(parsed[0].message.to_string(), *example, "the canonical form");
        }
        for code in Code::ALL.iter().filter(|code| **code != Code::Request) {
            assert!(EXAMPLES.iter().any(|(known, _)| known == code), "no example of {code}");
        }
    }

    #[test]
    fn what_is_known_suggests_itself() {
        for (code, example) in EXAMPLES {
            let suggestion = suggest(example.as_bytes()).unwrap();
            assert_eq!((suggestion.code, suggestion.score), (*code, 1.0), "{example}");
        }
    }

    #[test]
    fn the_nearest_code_is_suggested() {
        for (message, expected) in [
            ("hl3;34", Some(Code::Hl1)),
            ("HL2;34", Some(Code::Hl2)),
            ("clok;01:59", Some(Code::Clk)),
            ("pt1;x", Some(Code::Pt1)),
            ("wg3;1;wg4;0", Some(Code::Wg)),
            (
                "mcj;101;Final;MEN;;#0000ff;#FFFFFF;#ff0000;#FFFFFF;x;SENIORS;3;120;cntDown;27;10",
                Some(Code::Mch),
            ),
            ("clocks", Some(Code::Request)),
            ("{\"type\":", Some(Code::Json)),
            ("qqq;1", None),
            ("12;1", None),
            ("", None),
        ] {
            assert_eq!(suggest(message.as_bytes()).map(|found| found.code), expected, "{message}");
        }
    }

    #[test]
    fn a_nearer_message_scores_higher() {
        let score = |message: &str| suggest(message.as_bytes()).map_or(0.0, |found| found.score);
        assert!(score("clk;01:59") > score("clk;01:59;a;b"));
        assert!(score("hl3;34") > score("hlx;34"));
        assert!(score("hlx;34") > score("hlx;abc"));
    }

    proptest! {
        #[test]
        fn shapes_are_bounded_and_survive_anything(
            start in prop::sample::select(vec!["", "{", "{\"", "x;", "hl1;"]),
            bytes in prop::collection::vec(any::<u8>(), 0..400),
        ) {
            let bytes = [start.as_bytes(), &bytes].concat();
            let shape = shape(&bytes);
            prop_assert!(shape.len() <= LONGEST_SHAPE);
            prop_assert!(!shape.contains(['\r', '\n']), "{} {shape:?}", escape(&bytes));
            if let Some(suggestion) = suggest(&bytes) {
                prop_assert!((0.5..=1.0).contains(&suggestion.score));
            }
        }

        #[test]
        fn other_numbers_and_names_have_the_same_shape(
            (a, b) in ("[0-9]{1,5}", "[0-9]{1,5}"), (x, y) in ("[A-Z][a-z ]{0,9}", "[A-Z][a-z ]{0,9}"),
        ) {
            prop_assert_eq!(
                shape(format!("abc1;{a};{x};k={a}").as_bytes()),
                shape(format!("abc2;{b};{y};k={b}").as_bytes())
            );
        }
    }
}
