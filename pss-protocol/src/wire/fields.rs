//! The messages that hold free text, where a `;` in a name shifts the fields: anchors are found first, and
//! fields counted from both sides.

use super::{grammar::read_time, truncation::LastField};
use crate::{AthleteName, Athletes, Decision, FinalScore, MatchInfo, MatchResult, Official, Referees, Text};

/// The place in the line of a field that should hold a number.
pub(super) struct NotANumber(pub(super) usize);

/// `NAME;NAME;ESP;at2;NAME;NAME;JPN`, what follows `at1;`.
pub(super) fn athletes(line: &[u8]) -> Athletes<'_> {
    let (blue, red) = split_at_red(line);
    match red {
        Some(red) => Athletes { blue: athlete(blue), red: athlete(without_closing(red)) },
        None => Athletes { blue: athlete(without_closing(blue)), red: None },
    }
}

/// What follows `at2;` where it begins the line.
pub(super) fn red_alone(line: &[u8]) -> Athletes<'_> {
    Athletes { blue: None, red: athlete(without_closing(line)) }
}

/// The athlete that an `at1` or a lone `at2` does not even name; `line` begins with the tag.
pub(super) fn missing_athlete(line: &[u8]) -> Option<&'static str> {
    match line.strip_prefix(b"at1;") {
        None => Some("athletes.blue"),
        Some(names) => split_at_red(names).1.is_none().then_some("athletes.red"),
    }
}

/// The two parts of `at1`: the field `at2` is the anchor.
pub(super) fn split_at_red(line: &[u8]) -> (&[u8], Option<&[u8]>) {
    let mut start = 0;
    for field in line.split(|&byte| byte == b';') {
        if field == b"at2" {
            let end = start + field.len();
            return (&line[..start.saturating_sub(1)], Some(line.get(end + 1..).unwrap_or_default()));
        }
        start += field.len() + 1;
    }
    (line, None)
}

/// The part of one athlete without the `;` with which other senders close the message. An athlete has three
/// fields and a `;` in the name comes twice, so an even count with an empty end is closed.
fn without_closing(part: &[u8]) -> &[u8] {
    match separators(part) {
        count if count >= 3 && count % 2 == 1 => part.strip_suffix(b";").unwrap_or(part),
        _ => part,
    }
}

/// Short name, long name, country. The real sender sends the same name twice, which tells a `;` in the name
/// from a separator.
fn athlete(part: &[u8]) -> Option<AthleteName<'_>> {
    if part.iter().all(|&byte| byte == b';') {
        return None;
    }
    let last = memchr::memrchr(b';', part);
    if let Some(name) = twin(part) {
        return Some(named(name, name, None));
    }
    if let Some(last) = last
        && let Some(name) = twin(&part[..last])
    {
        return Some(named(name, name, Some(&part[last + 1..])));
    }
    let Some(first) = memchr::memchr(b';', part) else { return Some(named(part, b"", None)) };
    let (short, rest) = (&part[..first], &part[first + 1..]);
    Some(match memchr::memrchr(b';', rest) {
        Some(last) => named(short, &rest[..last], Some(&rest[last + 1..])),
        None => named(short, rest, None),
    })
}

/// The half of `text` that a `;` in the middle separates from its equal.
fn twin(text: &[u8]) -> Option<&[u8]> {
    let half = text.len() / 2;
    (text.len() % 2 == 1 && text[half] == b';' && text[..half] == text[half + 1..]).then(|| &text[..half])
}

fn named<'a>(short_name: &'a [u8], long_name: &'a [u8], country: Option<&'a [u8]>) -> AthleteName<'a> {
    AthleteName {
        short_name: short_name.into(),
        long_name: long_name.into(),
        country: country.map(Text::from),
    }
}

/// What follows `mch;`, and how much of it that is: fifteen fields, more when a text holds a `;`, fewer when the
/// datagram was cut.
pub(super) fn match_info(line: &[u8]) -> Result<(MatchInfo<'_>, usize), NotANumber> {
    let mut info = MatchInfo::default();
    if line.is_empty() || line == b";" {
        return Ok((info, line.len()));
    }
    let layout = MatchLayout::of(line);
    let text = |field: Option<Field>| Text::from(field.map_or(&b""[..], |field| field.of(line)));
    let maybe = |field: Option<Field>| {
        let text = field?.of(line);
        (text != b"null").then(|| Text::from(text))
    };
    let number = |field: Option<Field>| field.map_or(Ok(None), |field| field.number(line));
    info.number = text(layout.left[0]);
    info.phase = text(layout.left[1]);
    info.category = text(layout.left[2]);
    info.reserved = text(layout.left[3]);
    info.blue_colors = [text(layout.colors[0]), text(layout.colors[1])];
    info.red_colors = [text(layout.colors[2]), text(layout.colors[3])];
    info.event_id = maybe(layout.right[0]);
    info.division = maybe(layout.right[1]);
    info.rounds = number(layout.right[2])?;
    info.round_seconds = number(layout.right[3])?;
    info.count = text(layout.right[4]);
    info.body_level = number(layout.right[5])?;
    info.head_level = number(layout.right[6])?;
    Ok((info, layout.end))
}

/// A field of a line, or several that are one text.
#[derive(Clone, Copy)]
pub(super) struct Field {
    pub(super) start: usize,
    pub(super) end: usize,
}

impl Field {
    fn of(self, line: &[u8]) -> &[u8] {
        &line[self.start..self.end]
    }

    /// A whole number, a time as seconds, or nothing.
    fn number(self, line: &[u8]) -> Result<Option<u32>, NotANumber> {
        let text = self.of(line).trim_ascii();
        if text.is_empty() || text == b"null" {
            return Ok(None);
        }
        let number = text.iter().try_fold(0_u32, |number, byte| match byte {
            b'0'..=b'9' => number.checked_mul(10)?.checked_add(u32::from(byte - b'0')),
            _ => None,
        });
        if number.is_some() {
            return Ok(number);
        }
        match read_time(text) {
            Some(([], time)) => Ok(Some(time.total_seconds())),
            _ => Err(NotANumber(self.start)),
        }
    }
}

/// Where the fields of `mch` stand.
pub(super) struct MatchLayout {
    /// Number, phase, category, reserved.
    pub(super) left: [Option<Field>; 4],
    pub(super) colors: [Option<Field>; 4],
    /// Event id, division, rounds, seconds, count, body level, head level.
    pub(super) right: [Option<Field>; 7],
    /// Where the last field ends.
    pub(super) end: usize,
}

impl MatchLayout {
    pub(super) fn of(line: &[u8]) -> Self {
        Self::plain(line).unwrap_or_else(|| Self::odd(line))
    }

    /// Fifteen fields with the colours where they belong, found in one pass.
    fn plain(line: &[u8]) -> Option<Self> {
        let mut fields = [Field { start: 0, end: line.len() }; MATCH_FIELDS.len()];
        let mut last = 0;
        for (index, _) in line.iter().enumerate().filter(|&(_, &byte)| byte == b';') {
            fields[last].end = index;
            last += 1;
            fields.get_mut(last)?.start = index + 1;
        }
        let [
            number,
            phase,
            category,
            reserved,
            colors @ ..,
            id,
            division,
            rounds,
            seconds,
            count,
            body,
            head,
        ] = fields;
        let colors: [Field; 4] = colors;
        let plain =
            last + 1 == fields.len() && colors.iter().all(|color| line.get(color.start) == Some(&b'#'));
        plain.then(|| Self {
            left: [number, phase, category, reserved].map(Some),
            colors: colors.map(Some),
            right: [id, division, rounds, seconds, count, body, head].map(Some),
            end: line.len(),
        })
    }

    fn odd(line: &[u8]) -> Self {
        let count = parts(line).take(MOST_FIELDS).count();
        let at = |index: usize| nth_field(line, index);
        let join = |from: usize, to: usize| {
            (from < to).then(|| Field {
                start: at(from).map_or(0, |f| f.start),
                end: at(to - 1).map_or(0, |f| f.end),
            })
        };
        let colors = Self::colors_at(line);
        let first_color = colors.unwrap_or(4);
        let left = if first_color == 4 {
            [at(0), at(1), at(2), at(3)]
        } else {
            // The phase, the category or both hold a `;`. A category begins with the gender.
            let category = parts(line)
                .take(first_color - 1)
                .skip(2)
                .position(|(_, field)| begins_a_category(field))
                .map_or(2, |skipped| skipped + 2);
            [at(0), join(1, category), join(category, first_color - 1), at(first_color - 1)]
        };
        let first_right = first_color + 4;
        let mut rights = count.saturating_sub(first_right);
        if rights > 7 && line.ends_with(b";") {
            rights -= 1;
        }
        let mut right =
            core::array::from_fn(|index| if index < rights { at(first_right + index) } else { None });
        if rights > 7 {
            let end = first_right + rights;
            let numeric = |index: usize| at(index).is_some_and(|field| field.number(line).is_ok());
            if count < MOST_FIELDS && [5, 4, 2, 1].into_iter().all(|back| numeric(end - back)) {
                right = [
                    at(first_right),
                    join(first_right + 1, end - 5),
                    at(end - 5),
                    at(end - 4),
                    at(end - 3),
                    at(end - 2),
                    at(end - 1),
                ];
            }
        }
        let colors = core::array::from_fn(|index| at(first_color + index));
        let end = right[6].map_or(line.len(), |field: Field| field.end);
        Self { left, colors, right, end }
    }

    /// The fields in the order of the wire, named as in JSON.
    fn fields(&self) -> impl Iterator<Item = (&'static str, Option<Field>)> {
        let fields = self.left.into_iter().chain(self.colors).chain(self.right);
        MATCH_FIELDS.into_iter().zip(fields)
    }

    /// The first of four fields in a row that look like colours.
    fn colors_at(line: &[u8]) -> Option<usize> {
        let mut run = 0;
        for (index, field) in line.split(|&byte| byte == b';').take(MOST_FIELDS).enumerate() {
            run = if field.starts_with(b"#") { run + 1 } else { 0 };
            if run == 4 {
                return (index >= 7).then(|| index - 3);
            }
        }
        None
    }
}

/// A `mch` with more fields is no longer searched for a `;` in its texts: a bound for hostile datagrams.
const MOST_FIELDS: usize = 64;

fn begins_a_category(field: &[u8]) -> bool {
    [&b"MEN"[..], b"WOMEN", b"MALE", b"FEMALE", b"M-", b"M+", b"M ", b"F-", b"F+", b"F ", b"W-", b"W+", b"W "]
        .iter()
        .any(|gender| field.starts_with(gender))
}

fn separators(text: &[u8]) -> usize {
    memchr::memchr_iter(b';', text).count()
}

fn nth_field(line: &[u8], index: usize) -> Option<Field> {
    let start = match index.checked_sub(1) {
        None => 0,
        Some(before) => memchr::memchr_iter(b';', line).nth(before)? + 1,
    };
    let end = memchr::memchr(b';', &line[start..]).map_or(line.len(), |len| start + len);
    Some(Field { start, end })
}

/// What follows `ref;`: parts that end in `;`, the judges' tags among them.
pub(super) fn referees(line: &[u8]) -> Referees<'_> {
    let mut referees = Referees::default();
    let mut section = 0;
    let mut start = 0;
    for (field_start, field) in parts(line) {
        if let Some(next) = judge_tag(field).filter(|&next| next > section) {
            *place(&mut referees, section) = official(line, start, field_start);
            section = next;
            start = field_start + field.len() + 1;
        }
    }
    *place(&mut referees, section) = official(line, start, line.len());
    referees
}

/// 1 for `ju1`…
pub(super) fn judge_tag(field: &[u8]) -> Option<usize> {
    match field {
        [b'j', b'u', digit @ b'1'..=b'3'] => Some(usize::from(digit - b'0')),
        _ => None,
    }
}

fn place<'r, 'a>(referees: &'r mut Referees<'a>, section: usize) -> &'r mut Official<'a> {
    match section {
        0 => &mut referees.referee,
        judge => &mut referees.judges[judge - 1],
    }
}

/// The parts between `start` and `end`, each with its `;`.
fn official(line: &[u8], start: usize, end: usize) -> Official<'_> {
    let section = line.get(start..end).unwrap_or_default();
    if section.is_empty() {
        return Official::default();
    }
    let text = section.strip_suffix(b";").unwrap_or(section);
    let (name, country) = match memchr::memrchr(b';', text) {
        None if text.len() == 3 && text.iter().all(u8::is_ascii_uppercase) => (None, Some(text)),
        None => (Some(text), None),
        Some(last) if is_country(&text[last + 1..]) => (Some(&text[..last]), Some(&text[last + 1..])),
        Some(_) => (Some(text), None),
    };
    Official { name: name.map(Text::from), country: country.map(Text::from) }
}

fn is_country(part: &[u8]) -> bool {
    part.is_empty() || part.len() == 3 && part.iter().all(u8::is_ascii_alphabetic)
}

/// The fields of a line with where they begin.
pub(super) fn parts(line: &[u8]) -> impl Iterator<Item = (usize, &[u8])> {
    let mut next = 0;
    line.split(|&byte| byte == b';').map(move |field| {
        let start = next;
        next += field.len() + 1;
        (start, field)
    })
}

/// What follows `wmh;`: the name is everything before a last field that is a result.
pub(super) fn result(line: &[u8]) -> MatchResult<'_> {
    let text = line.strip_suffix(b";").unwrap_or(line);
    let last = memchr::memrchr(b';', text);
    let name = &text[..last.unwrap_or(0)];
    let field = &text[last.map_or(0, |last| last + 1)..];
    if let Some((score, decision)) = final_score(field) {
        let decision = (!decision.is_empty()).then(|| decision.into());
        return MatchResult { name: name.into(), score: Some(score), decision };
    }
    if last.is_some() && Decision::from_wire(field).is_some() {
        return MatchResult { name: name.into(), score: None, decision: Some(field.into()) };
    }
    MatchResult { name: text.into(), score: None, decision: None }
}

/// `2-1 PTF`: the figures and the word.
fn final_score(field: &[u8]) -> Option<(FinalScore, &[u8])> {
    let field = field.trim_ascii();
    let word = memchr::memchr(b' ', field).unwrap_or(field.len());
    let (figures, word) = field.split_at(word);
    let dash = memchr::memchr(b'-', figures)?;
    let figure = |text: &[u8]| {
        let digits = text.iter().all(u8::is_ascii_digit);
        digits.then(|| core::str::from_utf8(text).ok()?.parse().ok()).flatten()
    };
    let score = FinalScore { blue: figure(&figures[..dash])?, red: figure(&figures[dash + 1..])? };
    Some((score, word.trim_ascii()))
}

/// The last field of a cut `mch`, and where it begins.
pub(super) fn last_match_field(line: &[u8]) -> (&'static str, usize) {
    let last = MatchLayout::of(line).fields().filter_map(|(name, field)| Some((name, field?.start))).last();
    last.unwrap_or((MATCH_FIELDS[0], 0))
}

/// The first field that a `mch` lacks. The empty answer lacks none.
pub(super) fn missing_match_field(line: &[u8]) -> Option<&'static str> {
    if line.is_empty() || line == b";" {
        return None;
    }
    MatchLayout::of(line).fields().find_map(|(name, field)| field.is_none().then_some(name))
}

const MATCH_FIELDS: [&str; 15] = [
    "match.number",
    "match.phase",
    "match.category",
    "match.reserved",
    "match.blue_colors[0]",
    "match.blue_colors[1]",
    "match.red_colors[0]",
    "match.red_colors[1]",
    "match.event_id",
    "match.division",
    "match.rounds",
    "match.round_seconds",
    "match.count",
    "match.body_level",
    "match.head_level",
];

const BLUE: [&str; 3] = ["athletes.blue.short_name", "athletes.blue.long_name", "athletes.blue.country"];
const RED: [&str; 3] = ["athletes.red.short_name", "athletes.red.long_name", "athletes.red.country"];

/// [`athletes`] of a line whose end is missing.
pub(super) fn cut_athletes(line: &[u8]) -> (Athletes<'_>, LastField) {
    let (blue, red) = split_at_red(line);
    if let Some(red) = red {
        let (red, last) = cut_athlete(red, RED);
        let start = line.len() - last.start;
        return (Athletes { blue: athlete(blue), red }, LastField { start, ..last });
    }
    // The cut may be inside the tag `at2`.
    let tag = memchr::memrchr(b';', line).map_or(0, |last| last + 1);
    if separators(line) >= 3 && b"at2".starts_with(&line[tag..]) {
        let blue = athlete(&line[..tag - 1]);
        return (Athletes { blue, red: None }, LastField::cut("athletes.red", tag));
    }
    let (blue, last) = cut_athlete(line, BLUE);
    (Athletes { blue, red: None }, LastField { start: line.len() - last.start, ..last })
}

/// [`red_alone`] of a line whose end is missing.
pub(super) fn cut_red_alone(line: &[u8]) -> (Athletes<'_>, LastField) {
    let (red, last) = cut_athlete(line, RED);
    (Athletes { blue: None, red }, LastField { start: line.len() - last.start, ..last })
}

/// An athlete whose end is missing; the start of the last field counts from the end. The short name tells
/// how the long one went on.
fn cut_athlete<'a>(
    part: &'a [u8],
    [short_name, long_name, country]: [&'static str; 3],
) -> (Option<AthleteName<'a>>, LastField) {
    let splits = || {
        let semicolons = memchr::memchr_iter(b';', part).take_while(|&semicolon| semicolon <= LONGEST_NAME);
        semicolons
            .map(|semicolon| (&part[..semicolon], &part[semicolon + 1..]))
            .filter(|(short, _)| !short.is_empty() && !short.ends_with(b";"))
    };
    for (short, rest) in splits() {
        if let Some([b';', cut @ ..]) = rest.strip_prefix(short)
            && !cut.contains(&b';')
        {
            return (Some(named(short, short, Some(cut))), LastField::cut(country, cut.len()));
        }
    }
    for (short, rest) in splits() {
        if short.starts_with(rest) {
            return (
                Some(named(short, short, None)),
                LastField { name: long_name, start: rest.len(), repaired: true },
            );
        }
    }
    let last = memchr::memrchr(b';', part).map_or(part.len(), |last| part.len() - last - 1);
    let name = match separators(part) {
        0 => short_name,
        1 => long_name,
        _ => country,
    };
    (athlete(without_closing(part)), LastField::cut(name, last))
}

/// No name is longer; a bound for the search in a hostile datagram.
const LONGEST_NAME: usize = 256;

/// [`referees`] of a line whose end is missing.
pub(super) fn cut_referees(line: &[u8]) -> (Referees<'_>, LastField) {
    const NAMES: [[&str; 2]; 4] = [
        ["referees.referee.name", "referees.referee.country"],
        ["referees.judges[0].name", "referees.judges[0].country"],
        ["referees.judges[1].name", "referees.judges[1].country"],
        ["referees.judges[2].name", "referees.judges[2].country"],
    ];
    let last_start = memchr::memrchr(b';', line).map_or(0, |last| last + 1);
    let last = &line[last_start..];
    let section = parts(line).filter_map(|(_, field)| judge_tag(field)).fold(0, usize::max);
    // The cut may be inside the tag of the next judge.
    if !last.is_empty() && last.len() < 3 && section < 3 && b"ju".starts_with(last) {
        let name = NAMES[section + 1][0];
        return (referees(&line[..last_start]), LastField::cut(name, last_start));
    }
    let mut read = referees(line);
    let official = place(&mut read, section);
    // With nothing after it nobody can tell whether `FRA` is a country or how a name begins: as the grammar says.
    let name = NAMES[section][usize::from(official.country.is_some())];
    let start = if last.is_empty() {
        memchr::memrchr(b';', &line[..last_start.saturating_sub(1)]).map_or(0, |before| before + 1)
    } else {
        last_start
    };
    let start = if judge_tag(&line[start..]).is_some() || *official == Official::default() {
        line.len()
    } else {
        start
    };
    (read, LastField::cut(name, start))
}

/// [`result`] of a line whose end is missing.
pub(super) fn cut_result(line: &[u8]) -> (MatchResult<'_>, LastField) {
    let read = result(line);
    let Some(last) = memchr::memrchr(b';', line) else { return (read, LastField::cut("result.name", 0)) };
    let field = &line[last + 1..];
    if read.decision.is_some() || read.score.is_some() {
        let space = memchr::memrchr(b' ', field);
        let name = if read.score.is_some() && space.is_none() { "result.score" } else { "result.decision" };
        return (read, LastField::cut(name, last + 1 + space.map_or(0, |space| space + 1)));
    }
    if field.iter().all(|byte| byte.is_ascii_digit() || *byte == b'-') {
        return (result(&line[..last]), LastField::cut("result.score", last + 1));
    }
    (read, LastField::cut("result.name", 0))
}
