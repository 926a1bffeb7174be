//! The fields of messages, by the names that they have in JSON.

use crate::{ClockTime, Code, Message, RoundScores, Span, Text};

/// What a field holds in one message.
#[derive(Clone, Copy, Debug)]
pub(super) enum Value<'m> {
    /// Empty, or not there at all.
    Absent,
    Number(i64),
    Time(ClockTime),
    Text(&'m [u8]),
    Texts(&'m [Text<'m>]),
    Scores(&'m RoundScores),
    /// A list of which only the length can be judged.
    List(usize),
}

/// Of what kind the values of a field are: decides which checks make sense.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    Number,
    Time,
    Text,
    List,
}

/// Where a field stands on the wire.
#[derive(Clone, Copy, Debug)]
enum Place {
    /// The n-th part between `;`, the code being 0.
    Part(usize),
    /// The n-th part from the end, the last being 0: names before it may hold `;`.
    FromEnd(usize),
    /// The part after this tag.
    After(&'static str),
    /// Nowhere in particular.
    Whole,
}

macro_rules! fields {
    ($($variant:ident $path:literal $kind:ident $place:expr, [$($code:ident)+], $pattern:pat => $value:expr;)+) => {
        /// A field of a message.
        #[derive(Clone, Copy, Debug, PartialEq, Eq)]
        pub(super) enum Field { $($variant,)+ }

        impl Field {
            pub(super) const ALL: &'static [Self] = &[$(Self::$variant,)+];

            /// The message's type and the name in its JSON, `points.points`.
            pub(super) const fn path(self) -> &'static str {
                match self { $(Self::$variant => $path,)+ }
            }

            /// The codes whose messages have it.
            pub(super) const fn codes(self) -> &'static [Code] {
                match self { $(Self::$variant => &[$(Code::$code,)+],)+ }
            }

            pub(super) const fn kind(self) -> Kind {
                match self { $(Self::$variant => Kind::$kind,)+ }
            }

            const fn place(self) -> Place {
                match self { $(Self::$variant => $place,)+ }
            }

            /// What `message` holds in it; [`Value::Absent`] in a message of another type.
            #[inline]
            pub(super) fn value<'m>(self, message: &'m Message<'_>) -> Value<'m> {
                match (self, message) {
                    $((Self::$variant, $pattern) => $value.value(),)+
                    _ => Value::Absent,
                }
            }
        }
    };
}

use Place::{After, FromEnd, Part, Whole};

fields! {
    SettingValue "setting.value" Text Part(1), [Inlb Insl Inth], Message::Setting { value, .. } => value;
    Round "round.round" Number Part(1), [Rnd], Message::Round { round } => round;
    ClockTime "clock.time" Time Part(1), [Clk], Message::Clock { time, .. } => time;
    ClockAction "clock.action" Text Part(2), [Clk], Message::Clock { action, .. } => action.map(|a| a.wire());
    BreakTime "break.time" Time Part(1), [Brk], Message::Break { time, .. } => time;
    BreakAction "break.action" Text Part(2), [Brk], Message::Break { action, .. } => action.map(|a| a.wire());
    InjuryTime "injury.time" Time Part(1), [Ij0 Ij1 Ij2], Message::Injury { time, .. } => time;
    InjuryAction "injury.action" Text Part(2), [Ij0 Ij1 Ij2],
        Message::Injury { action, .. } => action.map(|a| a.wire());
    TimeOutTime "time_out.time" Time Part(1), [To1 To2], Message::TimeOut { time, .. } => time;
    TimeOutAction "time_out.action" Text Part(2), [To1 To2],
        Message::TimeOut { action, .. } => action.map(|a| a.wire());
    Points "points.points" Number Part(1), [Pt1 Pt2], Message::Points { points, .. } => points;
    HitLevel "hit.level" Number Part(1), [Hl1 Hl2], Message::Hit { level, .. } => level;
    ScoreBlue "score.blue" Number After("sc1"), [Sc], Message::Score { blue, .. } => blue;
    ScoreRed "score.red" Number After("sc2"), [Sc], Message::Score { red, .. } => red;
    RoundScores "round_scores.scores" Number Whole, [Sar], Message::RoundScores(scores) => scores;
    GamJeomsBlue "gam_jeoms.blue" Number After("wg1"), [Wg], Message::GamJeoms { blue, .. } => blue;
    GamJeomsRed "gam_jeoms.red" Number After("wg2"), [Wg], Message::GamJeoms { red, .. } => red;
    RoundWinners "round_winners.winners" List Whole, [Wrd], Message::RoundWinners(winners) => winners.as_slice();
    HardwareTestStep "hardware_test.step" Number Part(1), [Hwt], Message::HardwareTest { step } => step;
    MatchNumber "match.number" Text Part(1), [Mch], Message::Match(m) => &m.number;
    MatchPhase "match.phase" Text Part(2), [Mch], Message::Match(m) => &m.phase;
    MatchCategory "match.category" Text Part(3), [Mch], Message::Match(m) => &m.category;
    MatchReserved "match.reserved" Text Part(4), [Mch], Message::Match(m) => &m.reserved;
    MatchBlueColors "match.blue_colors" Text Whole, [Mch], Message::Match(m) => &m.blue_colors[..];
    MatchRedColors "match.red_colors" Text Whole, [Mch], Message::Match(m) => &m.red_colors[..];
    MatchEventId "match.event_id" Text FromEnd(6), [Mch], Message::Match(m) => &m.event_id;
    MatchDivision "match.division" Text FromEnd(5), [Mch], Message::Match(m) => &m.division;
    MatchRounds "match.rounds" Number FromEnd(4), [Mch], Message::Match(m) => &m.rounds;
    MatchRoundSeconds "match.round_seconds" Number FromEnd(3), [Mch], Message::Match(m) => &m.round_seconds;
    MatchCount "match.count" Text FromEnd(2), [Mch], Message::Match(m) => &m.count;
    MatchBodyLevel "match.body_level" Number FromEnd(1), [Mch], Message::Match(m) => &m.body_level;
    MatchHeadLevel "match.head_level" Number FromEnd(0), [Mch], Message::Match(m) => &m.head_level;
    BlueShortName "athletes.blue.short_name" Text Whole, [At],
        Message::Athletes(a) => a.blue.as_ref().map(|athlete| &athlete.short_name);
    BlueLongName "athletes.blue.long_name" Text Whole, [At],
        Message::Athletes(a) => a.blue.as_ref().map(|athlete| &athlete.long_name);
    BlueCountry "athletes.blue.country" Text Whole, [At],
        Message::Athletes(a) => a.blue.as_ref().and_then(|athlete| athlete.country.as_ref());
    RedShortName "athletes.red.short_name" Text Whole, [At],
        Message::Athletes(a) => a.red.as_ref().map(|athlete| &athlete.short_name);
    RedLongName "athletes.red.long_name" Text Whole, [At],
        Message::Athletes(a) => a.red.as_ref().map(|athlete| &athlete.long_name);
    RedCountry "athletes.red.country" Text Whole, [At],
        Message::Athletes(a) => a.red.as_ref().and_then(|athlete| athlete.country.as_ref());
    RefereeName "referees.referee.name" Text Whole, [Ref], Message::Referees(r) => &r.referee.name;
    RefereeCountry "referees.referee.country" Text Whole, [Ref], Message::Referees(r) => &r.referee.country;
    Winner "winner.winner" Text Part(1), [Win], Message::Winner { winner } => winner.map(|w| w.wire());
    ResultName "result.name" Text Part(1), [Wmh], Message::Result(r) => &r.name;
    ResultScoreBlue "result.score.blue" Number FromEnd(0), [Wmh],
        Message::Result(r) => r.score.map(|score| score.blue);
    ResultScoreRed "result.score.red" Number FromEnd(0), [Wmh],
        Message::Result(r) => r.score.map(|score| score.red);
    ResultDecision "result.decision" Text FromEnd(0), [Wmh], Message::Result(r) => &r.decision;
    Avt "avt.value" Number Part(1), [Avt], Message::Avt { value } => value;
    Superiority "superiority.value" Number Part(1), [Sup], Message::Superiority { value } => value;
    Statistics "statistics.fields" Text Whole, [Rst], Message::Statistics { fields } => fields;
    StatisticsReset "statistics_reset.fields" Text Whole, [Rsr], Message::StatisticsReset { fields } => fields;
    Port "port.port" Number Whole, [Port], Message::Port { port, .. } => port;
    Json "json.json" Text Whole, [Json], Message::Json { json } => json;
}

impl Field {
    pub(super) fn from_path(path: &str) -> Option<Self> {
        Self::ALL.iter().copied().find(|field| field.path() == path)
    }

    /// Where the field stands in `datagram`, as well as can be said: the value itself where it is text of the
    /// datagram, else its place by the grammar, else the whole message.
    pub(super) fn span(self, value: Value<'_>, datagram: &[u8], message: Span) -> Span {
        if let Value::Text(text) = value
            && let Some(span) = sub_slice(datagram, text)
        {
            return span;
        }
        let Some(raw) = datagram.get(message.range()) else { return message };
        let text = raw.trim_ascii_end();
        let text = text.strip_suffix(b";").unwrap_or(text);
        let parts = || text.split(|&byte| byte == b';');
        let part = match self.place() {
            Part(index) => parts().nth(index),
            FromEnd(index) => text.rsplit(|&byte| byte == b';').nth(index),
            After(tag) => parts().skip_while(|part| *part != tag.as_bytes()).nth(1),
            Whole => None,
        };
        part.and_then(|part| sub_slice(datagram, part)).unwrap_or(message)
    }
}

/// Where `part` lies in `whole`, when it does.
fn sub_slice(whole: &[u8], part: &[u8]) -> Option<Span> {
    let start = part.as_ptr().addr().checked_sub(whole.as_ptr().addr())?;
    let end = start.checked_add(part.len())?;
    (end <= whole.len()).then(|| Span::new(start, end))
}

/// The types that fields have in messages, as a [`Value`].
trait ToValue<'m> {
    fn value(self) -> Value<'m>;
}

impl<'m> ToValue<'m> for &'m Text<'_> {
    #[inline]
    fn value(self) -> Value<'m> {
        if self.is_empty() { Value::Absent } else { Value::Text(self.as_bytes()) }
    }
}

impl<'m> ToValue<'m> for &'m [Text<'_>] {
    fn value(self) -> Value<'m> {
        Value::Texts(self)
    }
}

impl<'m> ToValue<'m> for &'m [Option<crate::Athlete>] {
    fn value(self) -> Value<'m> {
        if self.is_empty() { Value::Absent } else { Value::List(self.len()) }
    }
}

impl<'m> ToValue<'m> for &'m RoundScores {
    #[inline]
    fn value(self) -> Value<'m> {
        Value::Scores(self)
    }
}

impl<'m> ToValue<'m> for &'static str {
    #[inline]
    fn value(self) -> Value<'m> {
        Value::Text(self.as_bytes())
    }
}

impl<'m> ToValue<'m> for ClockTime {
    #[inline]
    fn value(self) -> Value<'m> {
        Value::Time(self)
    }
}

macro_rules! numbers {
    ($($number:ty)+) => {$(
        impl<'m> ToValue<'m> for $number {
            #[inline]
            fn value(self) -> Value<'m> {
                Value::Number(i64::from(self))
            }
        }
    )+};
}

numbers! { u16 u32 i32 }

macro_rules! copies {
    ($($number:ty)+) => {$(
        impl<'m> ToValue<'m> for &$number {
            #[inline]
            fn value(self) -> Value<'m> {
                (*self).value()
            }
        }
    )+};
}

copies! { u16 Option<u32> Option<i32> Option<ClockTime> }

impl<'m, T: ToValue<'m>> ToValue<'m> for Option<T> {
    #[inline]
    fn value(self) -> Value<'m> {
        self.map_or(Value::Absent, T::value)
    }
}

impl<'m, 't> ToValue<'m> for &'m Option<Text<'t>> {
    fn value(self) -> Value<'m> {
        self.as_ref().value()
    }
}
