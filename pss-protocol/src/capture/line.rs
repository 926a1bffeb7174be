//! One line of a journal, written and read.

use alloc::{
    borrow::Cow,
    string::{String, ToString as _},
};
use core::{
    fmt::{self, Write as _},
    net::SocketAddr,
    str::FromStr,
};

use super::{
    MAGIC, VERSION,
    error::{LineError, LineErrorKind},
};
use crate::{Arrival, Datagram, Flow, Monotonic, Timestamp, escape, unescape};

/// What a line of a journal holds.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Entry<'a> {
    /// A session begins.
    Header(Header),
    /// A datagram.
    Datagram(Line<'a>),
}

/// Begins a session: the datagrams up to the next header belong to it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Header {
    /// The ring's name.
    pub ring: String,
    /// Counts the lives of the ring's store.
    pub epoch: u64,
    /// Whether the datagrams are as they were on the wire, line ends and all; see
    /// [`PipelineConfig::off_the_wire`](crate::PipelineConfig::off_the_wire).
    pub off_the_wire: bool,
    /// When the session began, where that is known.
    pub started: Option<Timestamp>,
}

/// One datagram of a journal. `Display` writes the line without its end.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Line<'a> {
    /// Counts the datagrams of the session from 1.
    pub seq: u64,
    /// When it arrived.
    pub arrival: Arrival,
    /// Which way it went.
    pub flow: Flow,
    /// Who sent it.
    pub source: Option<SocketAddr>,
    /// Where it was sent to, where the input says so.
    pub destination: Option<SocketAddr>,
    /// The payload, as it arrived.
    pub bytes: Cow<'a, [u8]>,
}

impl<'a> Entry<'a> {
    /// Reads a line, without its `'\n'`.
    ///
    /// # Errors
    ///
    /// Why it is no entry. [`LineErrorKind::Torn`] and [`LineErrorKind::Checksum`] are damage done after the
    /// line was written.
    pub fn parse(line: &'a [u8]) -> Result<Self, LineError> {
        let mut fields = Fields::of(line)?;
        if fields.rest.starts_with(MAGIC) {
            Header::read(&mut fields).map(Entry::Header)
        } else {
            Line::read(&mut fields).map(Entry::Datagram)
        }
    }
}

impl Header {
    /// What a writer appends when it opens a journal: an empty line, which ends whatever was cut off before
    /// it, and the header line with its end.
    pub fn opening(&self) -> impl fmt::Display + '_ {
        fmt::from_fn(move |f| writeln!(f, "\n{self}"))
    }

    fn read(fields: &mut Fields<'_>) -> Result<Self, LineError> {
        fields.next("magic")?;
        let at = fields.at();
        if fields.parse::<u32>("version")? != VERSION {
            return Err(LineError { kind: LineErrorKind::Version, at });
        }
        let header = Self {
            ring: fields.with("ring", |text| {
                let name = unescape(text).ok()?;
                String::from_utf8(name).ok()
            })?,
            epoch: fields.parse("epoch")?,
            off_the_wire: fields.with("kind", |text| match text {
                "wire" => Some(true),
                "text" => Some(false),
                _ => None,
            })?,
            started: fields.known("started", timestamp)?,
        };
        fields.end()?;
        Ok(header)
    }
}

impl fmt::Display for Header {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { ring, epoch, off_the_wire, started } = self;
        let kind = if *off_the_wire { "wire" } else { "text" };
        summed(f, |f| {
            write!(f, "{MAGIC}\t{VERSION}\t{}\t{epoch}\t{kind}\t{}", escape(ring.as_bytes()), known(started))
        })
    }
}

impl<'a> Line<'a> {
    /// The same with where it was sent to.
    #[must_use]
    pub fn to(mut self, destination: Option<SocketAddr>) -> Self {
        self.destination = destination;
        self
    }

    /// The datagram, for a [`Pipeline`](crate::Pipeline).
    pub fn datagram(&self) -> Datagram<'_> {
        let Self { seq, arrival, flow, source, bytes, .. } = self;
        Datagram { seq: *seq, arrival: *arrival, source: *source, flow: *flow, bytes }
    }

    /// The same without the journal behind it.
    pub fn into_owned(self) -> Line<'static> {
        Line { bytes: Cow::Owned(self.bytes.into_owned()), ..self }
    }

    fn read(fields: &mut Fields<'a>) -> Result<Self, LineError> {
        let line = Self {
            seq: fields.parse("seq")?,
            arrival: {
                let mono = Monotonic::from_micros(fields.parse("monotonic")?);
                Arrival { wall: fields.known("wall", timestamp)?, mono }
            },
            flow: fields
                .with("flow", |text| FLOWS.iter().find(|(_, word)| *word == text).map(|(flow, _)| *flow))?,
            source: fields.known("source", |text| text.parse().ok())?,
            destination: fields.known("destination", |text| text.parse().ok())?,
            bytes: fields.with("payload", |text| {
                if text.contains('\\') {
                    unescape(text).ok().map(Cow::Owned)
                } else {
                    Some(Cow::Borrowed(text.as_bytes()))
                }
            })?,
        };
        fields.end()?;
        Ok(line)
    }
}

impl<'a> From<&Datagram<'a>> for Line<'a> {
    fn from(datagram: &Datagram<'a>) -> Self {
        let Datagram { seq, arrival, source, flow, bytes } = *datagram;
        Self { seq, arrival, flow, source, destination: None, bytes: Cow::Borrowed(bytes) }
    }
}

impl fmt::Display for Line<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { seq, arrival: Arrival { wall, mono }, flow, source, destination, bytes } = self;
        let (mono, wall, flow) = (mono.as_micros(), known(wall), word(*flow));
        let (source, destination) = (known(source), known(destination));
        summed(f, |f| write!(f, "{seq}\t{mono}\t{wall}\t{flow}\t{source}\t{destination}\t{}", escape(bytes)))
    }
}

/// The flows by their words.
const FLOWS: [(Flow, &str); 4] = [
    (Flow::Broadcast, "broadcast"),
    (Flow::Answer, "answer"),
    (Flow::ForeignAnswer, "foreign_answer"),
    (Flow::Request, "request"),
];

const fn word(flow: Flow) -> &'static str {
    FLOWS[flow as usize].1
}

/// A value, or `-`.
fn known(value: &Option<impl fmt::Display>) -> impl fmt::Display {
    fmt::from_fn(move |f| match value {
        Some(value) => value.fmt(f),
        None => f.write_char('-'),
    })
}

/// Writes a line and its checksum.
fn summed(
    f: &mut fmt::Formatter<'_>,
    write: impl FnOnce(&mut Summing<'_, '_>) -> fmt::Result,
) -> fmt::Result {
    let mut summing = Summing { to: f, sum: crc32fast::Hasher::new() };
    write(&mut summing)?;
    let sum = summing.sum.finalize();
    write!(f, "\t{sum:08x}")
}

/// Passes text on and sums it up.
struct Summing<'a, 'f> {
    to: &'a mut fmt::Formatter<'f>,
    sum: crc32fast::Hasher,
}

impl fmt::Write for Summing<'_, '_> {
    fn write_str(&mut self, text: &str) -> fmt::Result {
        self.sum.update(text.as_bytes());
        self.to.write_str(text)
    }
}

/// The fields of a line whose checksum is right.
struct Fields<'a> {
    len: usize,
    rest: &'a str,
    over: bool,
}

impl<'a> Fields<'a> {
    /// A tab and eight digits.
    const SUM: usize = 9;

    fn of(line: &'a [u8]) -> Result<Self, LineError> {
        let torn = LineError { kind: LineErrorKind::Torn, at: line.len() };
        let end = line.len().checked_sub(Self::SUM).ok_or_else(|| torn.clone())?;
        let (body, sum) = line.split_at(end);
        let stated = core::str::from_utf8(&sum[1..])
            .ok()
            .filter(|digits| digits.bytes().all(|digit| digit.is_ascii_hexdigit()))
            .and_then(|digits| u32::from_str_radix(digits, 16).ok())
            .ok_or(torn)?;
        let found = crc32fast::hash(body);
        if sum[0] != b'\t' || stated != found {
            return Err(LineError { kind: LineErrorKind::Checksum { stated, found }, at: end });
        }
        let rest = core::str::from_utf8(body)
            .map_err(|error| LineError { kind: LineErrorKind::Field("line"), at: error.valid_up_to() })?;
        Ok(Self { len: rest.len(), rest, over: false })
    }

    /// Where the next field begins.
    fn at(&self) -> usize {
        self.len - self.rest.len()
    }

    fn error(&self, field: &'static str, at: usize) -> LineError {
        LineError { kind: LineErrorKind::Field(field), at }
    }

    fn next(&mut self, field: &'static str) -> Result<&'a str, LineError> {
        if self.over {
            return Err(self.error(field, self.len));
        }
        match self.rest.split_once('\t') {
            Some((text, rest)) => {
                self.rest = rest;
                Ok(text)
            }
            None => {
                self.over = true;
                Ok(core::mem::take(&mut self.rest))
            }
        }
    }

    fn with<T>(
        &mut self,
        field: &'static str,
        read: impl FnOnce(&'a str) -> Option<T>,
    ) -> Result<T, LineError> {
        let at = self.at();
        let text = self.next(field)?;
        read(text).ok_or_else(|| self.error(field, at))
    }

    fn parse<T: FromStr>(&mut self, field: &'static str) -> Result<T, LineError> {
        self.with(field, |text| text.parse().ok())
    }

    /// A field that may be `-`.
    fn known<T>(
        &mut self,
        field: &'static str,
        read: impl FnOnce(&'a str) -> Option<T>,
    ) -> Result<Option<T>, LineError> {
        self.with(field, |text| if text == "-" { Some(None) } else { read(text).map(Some) })
    }

    fn end(&self) -> Result<(), LineError> {
        if self.over { Ok(()) } else { Err(self.error("surplus", self.at())) }
    }
}

/// The time that `Timestamp` writes, and nothing that it would write otherwise.
fn timestamp(text: &str) -> Option<Timestamp> {
    let (date, time) = text.strip_suffix('Z')?.split_once('T')?;
    let mut date = date.rsplitn(3, '-').map(|part| part.parse::<i64>().ok());
    let (day, month, year) = (date.next()??, date.next()??, date.next()??);
    let (hour, rest) = time.split_once(':')?;
    let (minute, rest) = rest.split_once(':')?;
    let (second, micros) = rest.split_once('.')?;
    let number = |text: &str| text.parse::<i64>().ok();
    let seconds = number(hour)?.checked_mul(3600)? + number(minute)?.checked_mul(60)? + number(second)?;
    let timestamp = days_from_civil(year, month, day)?
        .checked_mul(86_400_000_000)?
        .checked_add(seconds.checked_mul(1_000_000)?)?
        .checked_add(number(micros)?)
        .map(Timestamp)?;
    (timestamp.to_string() == text).then_some(timestamp)
}

/// The day counted from 1970-01-01 of a Gregorian date: years of 365.2425 days that begin in March.
fn days_from_civil(year: i64, month: i64, day: i64) -> Option<i64> {
    if !(1..=12).contains(&month) || !(1..=31).contains(&day) || year.abs() > 400_000 {
        return None;
    }
    let year = year - i64::from(month <= 2);
    let (era, year_of_era) = (year.div_euclid(400), year.rem_euclid(400));
    let month_from_march = (month + 9) % 12;
    let day_of_year = (153 * month_from_march + 2) / 5 + day - 1;
    Some(era * 146_097 + year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + day_of_year - 719_468)
}
