use proptest::{collection::vec, option, prelude::*, sample::select};
use pss_protocol::{
    Athlete, AthleteName, Athletes, ChallengeState, ClockAction, ClockTime, FinalScore, InjuryAction,
    LineEndRule, MatchResult, Message, RoundScores, RoundWinners, Text, Winner, escape, parse, parse_with,
};

use crate::captured;

/// Every byte belongs to exactly one message, each message reads back from its wire form, and every place that is
/// named is inside its message.
fn check(datagram: &[u8]) {
    for rule in [LineEndRule::Any, LineEndRule::CrLf] {
        let mut next = 0;
        for parsed in parse_with(datagram, rule) {
            assert_eq!(parsed.span.range().start, next, "{}", escape(datagram));
            next = parsed.span.range().end;
            if let Some(error) = parsed.error() {
                let (error, span) = (error.span.range(), parsed.span.range());
                assert!(span.start <= error.start && error.end <= span.end, "{}", escape(datagram));
            }
            let mut written = Vec::new();
            parsed.message.encode(&mut written);
            let again: Vec<_> = parse(&written).map(|parsed| parsed.message).collect();
            assert_eq!(again, [parsed.message], "{} written as {}", escape(datagram), escape(&written));
            assert_eq!(parsed.message.into_owned().get(), parsed.message);
        }
        assert_eq!(next, datagram.len(), "{}", escape(datagram));
        assert!(parse_with(datagram, rule).next().is_some(), "at least one message");
    }
}

/// Pieces that the wire is made of, so that random lines come close to real ones.
fn pieces() -> impl Strategy<Value = Vec<u8>> {
    const PIECES: &[&str] = &[
        ";",
        ";",
        ";",
        "\r\n",
        "\n",
        "\r",
        " ",
        ":",
        "-",
        "0",
        "1",
        "2",
        "27",
        "01:59",
        "0.00",
        "120",
        "99999999999",
        "clk;",
        "brk;",
        "ij0;",
        "ij1;",
        "to1;",
        "pt1;",
        "pt2;",
        "hl1;",
        "hl2;",
        "sc1;",
        "sc2;",
        "s11;",
        "s21;",
        "s14;",
        "wg1;",
        "wg2;",
        "wrd;",
        "rd1;",
        "rd2;",
        "rd",
        "rnd;",
        "ch0;",
        "ch1;",
        "-1",
        "hwt;",
        "mch;",
        "at1;",
        "at2;",
        "at2",
        "ref;",
        "ju1;",
        "ju2;",
        "ju3;",
        "ju",
        "win;",
        "BLUE",
        "RED",
        "wmh;",
        "2-1 PTF",
        "2-1",
        "PTF",
        "avt;",
        "sup;",
        "rst;",
        "rsr;",
        "hel;",
        "bye;",
        "pre;",
        "FightLoaded",
        "rdy;",
        "inlb;",
        "insl;",
        "Udp Port ",
        " connected",
        "clock",
        "winperiods;",
        "{",
        "}",
        "\"",
        "\\",
        "start",
        "stop",
        "stopEnd",
        "corr",
        "show",
        "hide",
        "reset",
        "#0000ff;",
        "#FFFFFF;",
        "MEN -58 kg",
        "null",
        "cntDown",
        "A",
        "O'NEIL; S",
        "ESP",
        "É",
        "xyz;",
    ];
    let piece = prop_oneof![
        20 => select(PIECES).prop_map(|piece| piece.as_bytes().to_vec()),
        1 => vec(any::<u8>(), 1..3),
    ];
    vec(piece, 0..24).prop_map(|pieces| pieces.concat())
}

/// A whole `mch` with fields changed, for its layout is the one that random pieces never meet.
fn matches() -> impl Strategy<Value = Vec<u8>> {
    let field =
        select(&["", "", "7", "MEN -58 kg", "a;b", "#0", "null", "3", "x", ";", "WOMEN; y", "27"][..]);
    let colors = select(&["#0;#1;#2;#3", "#0;#1;#2", ";;;", "#0;;#2;#3"][..]);
    (vec(field.clone(), 3..6), colors, vec(field, 5..10), select(&["", ";", ";;", "\r\n"][..])).prop_map(
        |(left, colors, right, end)| {
            format!("mch;{};{colors};{}{end}", left.join(";"), right.join(";")).into_bytes()
        },
    )
}

/// A datagram of the corpus with something done to it.
fn mutated() -> impl Strategy<Value = Vec<u8>> {
    let mut payloads = captured("");
    payloads.sort();
    payloads.dedup();
    (select(payloads), vec((any::<prop::sample::Index>(), 0..4_u8, select(&b";\r\n 0x:{#\xC4"[..])), 0..4))
        .prop_map(|(mut payload, edits)| {
            for (index, kind, byte) in edits {
                if payload.is_empty() {
                    break;
                }
                let at = index.index(payload.len());
                match kind {
                    0 => payload.truncate(at),
                    1 => payload[at] = byte,
                    2 => payload.insert(at, byte),
                    _ => drop(payload.remove(at)),
                }
            }
            payload
        })
}

proptest! {
    #[test]
    fn any_bytes(bytes in vec(any::<u8>(), 0..200)) {
        check(&bytes);
    }

    #[test]
    fn any_pieces(bytes in pieces()) {
        check(&bytes);
    }

    #[test]
    fn any_match(bytes in matches()) {
        check(&bytes);
    }

    #[test]
    fn any_mutation_of_a_capture(bytes in mutated()) {
        check(&bytes);
    }

    #[test]
    fn any_message(message in messages()) {
        let message = message.message();
        let mut written = Vec::new();
        message.encode(&mut written);
        prop_assert_eq!(parse(&written).map(|parsed| parsed.message).collect::<Vec<_>>(), vec![message]);
        prop_assert_eq!(message.to_string().into_bytes(), written);
    }
}

#[test]
fn every_datagram_of_the_captures() {
    captured("").iter().for_each(|payload| check(payload));
}

/// What the properties above once failed on.
#[test]
fn found_before() {
    for datagram in ["at1;;;", "at1;A;A;AAA;2;B", "at2;A;A;ESP;", "wmh;2-1 PTF;-", "winperiods;\n", "clock\n"]
    {
        check(datagram.as_bytes());
    }
}

/// The largest datagrams, and those that would take a careless reader quadratic time.
#[test]
fn sixty_four_kibibytes() {
    for piece in [
        ";", "{", "a", "\r", "\n", "at1;", "at2;", "pt1;x;", "pt1;1 ", "#;", "hl1;1", "s11;", "mch;", "ju1;",
        "\"", " ",
    ] {
        for head in ["", "at1;", "mch;", "ref;", "wmh;", "{", "wrd;", "clk;", "xyz;"] {
            let mut datagram = head.as_bytes().to_vec();
            datagram.extend(piece.bytes().cycle().take(65_507 - head.len()));
            let mut next = 0;
            for parsed in parse_with(&datagram, LineEndRule::CrLf) {
                assert_eq!(parsed.span.range().start, next);
                next = parsed.span.range().end;
            }
            assert_eq!(next, datagram.len());
        }
    }
}

/// A message with the texts that it borrows.
#[derive(Clone, Debug)]
enum Made {
    Plain(Message<'static>),
    Athletes([(String, Option<String>); 2]),
    Result(String, Option<(u32, u32)>, Option<&'static str>),
    Unknown(String, String),
}

impl Made {
    fn message(&self) -> Message<'_> {
        match self {
            Self::Plain(message) => *message,
            Self::Athletes(names) => {
                let [blue, red] = names.each_ref().map(|(name, country)| {
                    let name = Text::from(&**name);
                    Some(AthleteName {
                        short_name: name,
                        long_name: name,
                        country: country.as_deref().map(Text::from),
                    })
                });
                Message::Athletes(Athletes { blue, red })
            }
            Self::Result(name, score, decision) => Message::Result(MatchResult {
                name: Text::from(&**name),
                score: score.map(|(blue, red)| FinalScore { blue, red }),
                decision: decision.filter(|_| score.is_some()).map(Text::from),
            }),
            Self::Unknown(code, fields) => {
                Message::Unknown { code: Text::from(&**code), fields: Text::from(&**fields) }
            }
        }
    }
}

fn messages() -> impl Strategy<Value = Made> {
    let athlete = select(&Athlete::BOTH[..]);
    let number = option::of(any::<u32>());
    let time = option::of(
        (any::<u16>(), any::<u16>()).prop_map(|(minutes, seconds)| ClockTime { minutes, seconds }),
    );
    let action = option::of(select(ClockAction::ALL));
    let state = select(
        &[
            ChallengeState::Requested,
            ChallengeState::Accepted,
            ChallengeState::Rejected,
            ChallengeState::Closed,
        ][..],
    );
    let round_scores =
        vec((1..=RoundScores::ROUNDS, athlete.clone(), any::<u32>()), 0..8).prop_map(|scores| {
            let mut message = RoundScores::default();
            scores
                .into_iter()
                .for_each(|(round, athlete, score)| assert!(message.set(round, athlete, score)));
            Message::RoundScores(message)
        });
    let round_winners = vec(option::of(athlete.clone()), 0..=RoundWinners::MOST).prop_map(|winners| {
        let mut message = RoundWinners::default();
        winners.into_iter().for_each(|winner| assert!(message.push(winner)));
        Message::RoundWinners(message)
    });
    let plain = prop_oneof![
        Just(Message::Hello),
        Just(Message::Bye),
        number.clone().prop_map(|round| Message::Round { round }),
        (time.clone(), action.clone()).prop_map(|(time, action)| Message::Clock { time, action }),
        (time.clone(), action.clone()).prop_map(|(time, action)| Message::Break { time, action }),
        (athlete.clone(), time.clone(), action).prop_map(|(athlete, time, action)| Message::TimeOut {
            athlete,
            time,
            action
        }),
        (option::of(athlete.clone()), time, option::of(select(InjuryAction::ALL)))
            .prop_map(|(athlete, time, action)| Message::Injury { athlete, time, action }),
        (athlete.clone(), number.clone()).prop_map(|(athlete, points)| Message::Points { athlete, points }),
        (athlete.clone(), number.clone()).prop_map(|(athlete, level)| Message::Hit { athlete, level }),
        (option::of(any::<i32>()), option::of(any::<i32>()))
            .prop_map(|(blue, red)| Message::Score { blue, red }),
        (number.clone(), number.clone()).prop_map(|(blue, red)| Message::GamJeoms { blue, red }),
        (option::of(athlete), state, option::of(any::<bool>()))
            .prop_map(|(athlete, state, won)| Message::Challenge { athlete, state, won }),
        round_scores,
        round_winners,
        option::of(select(Winner::ALL)).prop_map(|winner| Message::Winner { winner }),
        (any::<u16>(), any::<bool>()).prop_map(|(port, connected)| Message::Port { port, connected }),
        number.prop_map(|value| Message::Superiority { value }),
    ];
    let name = "[A-ZÉŞ김]{1,6}(; [A-Z]{1,3})?";
    prop_oneof![
        8 => plain.prop_map(Made::Plain),
        1 => [(name, option::of("[A-Z]{3}")), (name, option::of("[A-Z]{3}"))].prop_map(Made::Athletes),
        1 => ("[A-ZÉ ;]{0,9}[A-Z]", option::of(any::<(u32, u32)>()), option::of(select(&["PTF", "GDP"][..])))
            .prop_map(|(name, score, decision)| Made::Result(name, score, decision)),
        1 => ("q[a-z]{2,15}", "[a-z0-9;]{0,12}").prop_map(|(code, fields)| Made::Unknown(code, fields)),
    ]
}
