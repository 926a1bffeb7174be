//! What one line of the wire says, typed.
//!
//! Numbers are as wide as the wire can carry and `None` where the field was empty or absent; whether a value
//! makes sense is for the [rules](crate::rules) to say. [`Message`] borrows its texts from the datagram.

mod code;
mod code_of;
mod owned;
mod parts;
mod referees;
mod result;

pub use code::Code;
pub use owned::OwnedMessage;
pub use parts::{
    ChallengeState, ClockAction, InjuryAction, Request, RoundScores, RoundWinners, SettingKey, Winner,
};
pub use referees::{Official, Referees};
pub use result::{Decision, FinalScore, MatchResult};

use crate::{Athlete, ClockTime, Text};

/// One message of a datagram. `Display` and [`encode`](Self::encode) write its canonical wire form,
/// without a line end; parsing that gives an equal message back.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize), serde(tag = "type", rename_all = "snake_case"))]
#[non_exhaustive]
pub enum Message<'a> {
    /// `hel;` The sender opened its connection.
    Hello,
    /// `bye;` The sender closes its connection.
    Bye,
    /// `inlb;50:` `insl;false:` `inth;2000:` Settings of the sender that follow [`Hello`](Self::Hello).
    Setting {
        /// Which of the three.
        key: SettingKey,
        /// Its value, the colon at the end left out.
        value: Text<'a>,
    },
    /// `pre;FightLoaded` A match was chosen; its data follow.
    FightLoaded,
    /// `rdy;FightReady` All data of the match were sent.
    FightReady,
    /// `rnd;2` A round is set up; the golden round is the planned rounds + 1.
    Round {
        /// Counted from 1.
        round: Option<u32>,
    },
    /// `clk;01:59;stop` The match clock.
    Clock {
        /// Floor of the remaining time.
        time: Option<ClockTime>,
        /// `None` for a plain tick.
        action: Option<ClockAction>,
    },
    /// `brk;00:59` The rest between rounds.
    Break {
        /// Floor of the remaining time.
        time: Option<ClockTime>,
        /// `None` for a plain tick.
        action: Option<ClockAction>,
    },
    /// `ij0;01:00;show` Kye-shi: the medical time.
    Injury {
        /// `None` is `ij0`: nobody named.
        athlete: Option<Athlete>,
        /// Floor of the remaining time.
        time: Option<ClockTime>,
        /// `None` for a plain tick.
        action: Option<InjuryAction>,
    },
    /// `to1;00:30;start` Para time-out of an athlete.
    TimeOut {
        /// Who asked for it.
        athlete: Athlete,
        /// Floor of the remaining time.
        time: Option<ClockTime>,
        /// `None` for a plain tick.
        action: Option<ClockAction>,
    },
    /// `pt1;3` Points given by sensors and judges; an amount in the TkStrike dialect, a kind in v2.3.
    Points {
        /// Who scored.
        athlete: Athlete,
        /// The number after the code.
        points: Option<u32>,
    },
    /// `hl2;34` A hit that the sensors felt, valid or not.
    Hit {
        /// Who hit.
        athlete: Athlete,
        /// Raw hit level.
        level: Option<u32>,
    },
    /// `sc1;4;sc2;1` The running score. `None` where the message says nothing of that athlete.
    Score {
        /// Blue's total.
        blue: Option<i32>,
        /// Red's total.
        red: Option<i32>,
    },
    /// `s11;4;s21;1;s12;0;…` The score of each round.
    RoundScores(RoundScores),
    /// `wg1;1;wg2;0` Gam-jeoms. `None` where the message says nothing of that athlete.
    GamJeoms {
        /// Blue's count.
        blue: Option<u32>,
        /// Red's count.
        red: Option<u32>,
    },
    /// `wrd;rd1;1;rd2;0;rd3;0` The winner of each round, often one round late.
    RoundWinners(RoundWinners),
    /// `ch1;` `ch1;1` `ch1;-1` Video replay.
    Challenge {
        /// Whose card; `None` is `ch0`, the referee's own.
        athlete: Option<Athlete>,
        /// What happened to it.
        state: ChallengeState,
        /// The third field of other senders: whether the challenge was won.
        won: Option<bool>,
    },
    /// `hwt;1` Hardware test: 1 open, 0 close, 2 blue body, 3 blue head, 4 red body, 5 red head.
    HardwareTest {
        /// The step.
        step: Option<u32>,
    },
    /// `mch;101;Round of 16;…` The match.
    Match(MatchInfo<'a>),
    /// `at1;NAME;NAME;ESP;at2;NAME;NAME;JPN` The athletes.
    Athletes(Athletes<'a>),
    /// `ref;…;ju1;…;ju2;…;ju3;…` The officials.
    Referees(Referees<'a>),
    /// `win;BLUE` The winner of the match.
    Winner {
        /// `None` where the field was empty.
        winner: Option<Winner>,
    },
    /// `wmh;NAME;2-1 PTF` The result of the match.
    Result(MatchResult<'a>),
    /// `avt;N` of the written list; not sent by the real sender.
    Avt {
        /// The number after the code.
        value: Option<u32>,
    },
    /// `sup;N` Superiority, of the written list; not sent by the real sender.
    Superiority {
        /// The number after the code: 1 blue, 2 red, 0 nobody.
        value: Option<u32>,
    },
    /// `rst;…` Statistics of a round, KPNP dialect.
    Statistics {
        /// Everything after the code.
        fields: Text<'a>,
    },
    /// `rsr;…` KPNP dialect.
    StatisticsReset {
        /// Everything after the code.
        fields: Text<'a>,
    },
    /// `Udp Port 6000 connected;`
    Port {
        /// The port that it names.
        port: u16,
        /// `connected` or `disconnected`.
        connected: bool,
    },
    /// A JSON object of the same product on the same port.
    Json {
        /// The object's text.
        json: Text<'a>,
    },
    /// A receiver asks the sender for its last message of a kind.
    Request {
        /// What is asked for.
        request: Request,
    },
    /// A code that is known with fields that cannot be read.
    Malformed {
        /// The known code.
        code: Code,
        /// The whole line without its end.
        line: Text<'a>,
        /// What could not be read. Its span counts from the first byte of the line, wherever that stood;
        /// [`Parsed::error`](crate::Parsed::error) has it in the datagram.
        error: crate::ParseError,
    },
    /// A line that begins like a message (`xyz;…`) with a code that nobody knows.
    Unknown {
        /// The text before the first `;`.
        code: Text<'a>,
        /// Everything after that `;`.
        fields: Text<'a>,
    },
    /// Bytes that are no message at all, the empty datagram and an empty line included.
    Garbage {
        /// The whole line, its end included.
        bytes: Text<'a>,
    },
}

/// `mch;…` The match, by its positions on the wire.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize))]
#[non_exhaustive]
pub struct MatchInfo<'a> {
    /// Match number; text, for there are `A-12` and `245.A`.
    pub number: Text<'a>,
    /// Phase, `Round of 16`.
    pub phase: Text<'a>,
    /// Gender and weight category as sent, `MEN -58 kg`.
    pub category: Text<'a>,
    /// The fourth field, empty from the real sender.
    pub reserved: Text<'a>,
    /// Background and foreground colours of blue, `#0000ff`.
    pub blue_colors: [Text<'a>; 2],
    /// Background and foreground colours of red.
    pub red_colors: [Text<'a>; 2],
    /// Names the event, not the match; `null` becomes `None`.
    pub event_id: Option<Text<'a>>,
    /// `SENIORS`; `null` becomes `None`.
    pub division: Option<Text<'a>>,
    /// Planned rounds, the golden round not counted.
    pub rounds: Option<u32>,
    /// Length of a round.
    pub round_seconds: Option<u32>,
    /// `cntDown`.
    pub count: Text<'a>,
    /// From this level on a hit on the body is valid.
    pub body_level: Option<u32>,
    /// From this level on a hit on the head is valid.
    pub head_level: Option<u32>,
}

/// `at1;…;at2;…` Both athletes. `None` for one that the message does not hold or holds empty.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize))]
pub struct Athletes<'a> {
    /// Chung.
    pub blue: Option<AthleteName<'a>>,
    /// Hong.
    pub red: Option<AthleteName<'a>>,
}

/// An athlete as the wire names one.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize))]
pub struct AthleteName<'a> {
    /// For the scoreboard; never an identity by itself.
    pub short_name: Text<'a>,
    /// The real sender sends the short name here too.
    pub long_name: Text<'a>,
    /// Three letters, usually an IOC code; `None` where the message ends before it.
    pub country: Option<Text<'a>>,
}
