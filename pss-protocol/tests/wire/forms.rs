use pss_protocol::{
    Athlete::{Blue, Red},
    AthleteName, Athletes, ChallengeState, ClockAction, ClockTime, Code, FinalScore, InjuryAction, LineEnd,
    MatchResult, Message, Official, ParseErrorKind, Request, RoundScores, RoundWinners, Span, Winner, parse,
};

use crate::{messages, only};

const fn at(minutes: u16, seconds: u16) -> Option<ClockTime> {
    Some(ClockTime { minutes, seconds })
}

/// Each form reads as the message, whatever its end, and the message is written in the canonical form.
#[track_caller]
fn check(forms: &[&str], message: Message<'_>, canonical: &str) {
    for form in forms {
        for end in ["", "\r\n", "\n"] {
            let datagram = format!("{form}{end}");
            let parsed = only(datagram.as_bytes());
            assert_eq!(parsed.message, message, "{datagram:?}");
            assert_eq!(parsed.flaw, None, "{datagram:?}");
            assert_eq!(parsed.span, Span::new(0, datagram.len()), "{datagram:?}");
        }
    }
    assert_eq!(message.to_string(), canonical);
    assert_eq!(messages(canonical.as_bytes()), [message], "the canonical form");
}

#[test]
fn clocks() {
    let clock = |time, action| Message::Clock { time, action };
    check(
        &["clk;01:59", "clk;1:59", "clk;1.59;", "clk;119", "clk; 1:59 ", "clk;01:59;;"],
        clock(at(1, 59), None),
        "clk;01:59",
    );
    check(
        &["clk;02:00;start", "clk;2:00;start;"],
        clock(at(2, 0), Some(ClockAction::Start)),
        "clk;02:00;start",
    );
    check(&["clk;00:07;stop"], clock(at(0, 7), Some(ClockAction::Stop)), "clk;00:07;stop");
    check(&["clk;00:07;corr"], clock(at(0, 7), Some(ClockAction::Correct)), "clk;00:07;corr");
    check(
        &["clk;0:00;stopEnd", "clk;0.00;stopEnd;", "clk;00:00;stopEnd"],
        clock(at(0, 0), Some(ClockAction::StopEnd)),
        "clk;0:00;stopEnd",
    );
    check(&["clk;", "clk;;"], clock(None, None), "clk;");
    check(&["clk;stop", "clk;;stop"], clock(None, Some(ClockAction::Stop)), "clk;;stop");
    check(&["brk;58;", "brk;00:58"], Message::Break { time: at(0, 58), action: None }, "brk;00:58");
    check(
        &["to1;00:30;start"],
        Message::TimeOut { athlete: Blue, time: at(0, 30), action: Some(ClockAction::Start) },
        "to1;00:30;start",
    );
    check(
        &["ij0;1:00;show", "ij0;01:00;show"],
        Message::Injury { athlete: None, time: at(1, 0), action: Some(InjuryAction::Show) },
        "ij0;01:00;show",
    );
    check(
        &["ij2;0:00;reset;"],
        Message::Injury { athlete: Some(Red), time: at(0, 0), action: Some(InjuryAction::Reset) },
        "ij2;00:00;reset",
    );
}

#[test]
fn numbers() {
    check(
        &["pt1;3", "pt1;3;", "pt1; 3;", "pt1;3 "],
        Message::Points { athlete: Blue, points: Some(3) },
        "pt1;3",
    );
    check(&["pt2;"], Message::Points { athlete: Red, points: None }, "pt2;");
    check(&["hl2;4294967295"], Message::Hit { athlete: Red, level: Some(u32::MAX) }, "hl2;4294967295");
    check(&["rnd;4", "rnd;04;"], Message::Round { round: Some(4) }, "rnd;4");
    check(&["hwt;5"], Message::HardwareTest { step: Some(5) }, "hwt;5");
    check(&["avt;12;"], Message::Avt { value: Some(12) }, "avt;12");
    check(&["sup;1;"], Message::Superiority { value: Some(1) }, "sup;1");
}

#[test]
fn totals() {
    let score = |blue, red| Message::Score { blue, red };
    check(&["sc1;3;sc2;4", "sc1; 3;sc2; 4", "sc2;4;sc1;3;"], score(Some(3), Some(4)), "sc1;3;sc2;4");
    check(&["sc1;-2;sc2;77"], score(Some(-2), Some(77)), "sc1;-2;sc2;77");
    check(&["sc1;3;", "sc1;3;sc2;"], score(Some(3), None), "sc1;3");
    check(&["sc2;3"], score(None, Some(3)), "sc2;3");
    check(&["sc1;sc2;", "sc1;;sc2;;"], score(None, None), "sc1;sc2;");
    check(&["wg1;1;"], Message::GamJeoms { blue: Some(1), red: None }, "wg1;1");
    check(&["wg1;1;wg2;0"], Message::GamJeoms { blue: Some(1), red: Some(0) }, "wg1;1;wg2;0");
    check(&["wg1;wg2;"], Message::GamJeoms { blue: None, red: None }, "wg1;wg2;");
}

#[test]
fn rounds() {
    let mut scores = RoundScores::default();
    assert!(scores.set(1, Blue, 3));
    check(&["s11;3;", "s11;3", "s11;3;s21;"], Message::RoundScores(scores), "s11;3");
    assert!(scores.set(1, Red, 0) && scores.set(4, Red, 7));
    check(&["s11;3;s21;0;s24;7", "s24;7;s11;3;s21;0;"], Message::RoundScores(scores), "s11;3;s21;0;s24;7");
    check(&["s11;s21;"], Message::RoundScores(RoundScores::default()), "s11;");

    let mut winners = RoundWinners::default();
    check(&["wrd;"], Message::RoundWinners(winners), "wrd;");
    assert!(winners.push(Some(Red)) && winners.push(None));
    check(
        &["wrd;rd1;2;rd2;0", "wrd;rd1;2;rd2;0;", "wrd;rd1;2;rd2;", "wrd;rd2;0;rd1;2"],
        Message::RoundWinners(winners),
        "wrd;rd1;2;rd2;0",
    );
}

#[test]
fn words() {
    check(&["hel;", "hel"], Message::Hello, "hel;");
    check(&["bye;", "bye"], Message::Bye, "bye;");
    check(&["pre;FightLoaded", "pre;FightLoaded;", "pre;", "pre"], Message::FightLoaded, "pre;FightLoaded");
    check(&["rdy;FightReady", "rdy"], Message::FightReady, "rdy;FightReady");
    check(
        &["win;BLUE", "win;CHUNG;", "win;Blue"],
        Message::Winner { winner: Some(Winner::Blue) },
        "win;BLUE",
    );
    check(&["win;RED", "win;HONG"], Message::Winner { winner: Some(Winner::Red) }, "win;RED");
    check(&["win;TIE"], Message::Winner { winner: Some(Winner::Tie) }, "win;TIE");
    check(&["win;"], Message::Winner { winner: None }, "win;");
    check(
        &["Udp Port 6000 connected;", "Udp Port 6000 connected"],
        Message::Port { port: 6000, connected: true },
        "Udp Port 6000 connected;",
    );
    check(
        &["Udp Port 1 disconnected;"],
        Message::Port { port: 1, connected: false },
        "Udp Port 1 disconnected;",
    );
    let setting = |key, value: &'static str| Message::Setting { key, value: value.into() };
    check(&["inlb;50:", "inlb;50", "inlb;50;"], setting(pss_protocol::SettingKey::Inlb, "50"), "inlb;50:");
    check(&["insl;false:"], setting(pss_protocol::SettingKey::Insl, "false"), "insl;false:");
    check(
        &["rst;1;st1;0;2;0;0;0;0;st2;0;2;0;0;0;0;"],
        Message::Statistics { fields: "1;st1;0;2;0;0;0;0;st2;0;2;0;0;0;0;".into() },
        "rst;1;st1;0;2;0;0;0;0;st2;0;2;0;0;0;0;",
    );
    check(&["rsr;"], Message::StatisticsReset { fields: "".into() }, "rsr;");
    check(&["xyz;1;;2;"], Message::Unknown { code: "xyz".into(), fields: "1;;2;".into() }, "xyz;1;;2;");
}

#[test]
fn challenges() {
    let challenge = |athlete, state, won| Message::Challenge { athlete, state, won };
    check(&["ch1;", "ch1;;"], challenge(Some(Blue), ChallengeState::Requested, None), "ch1;");
    check(&["ch2;1", "ch2;1;"], challenge(Some(Red), ChallengeState::Accepted, None), "ch2;1");
    check(&["ch0;0"], challenge(None, ChallengeState::Rejected, None), "ch0;0");
    check(&["ch1;-1"], challenge(Some(Blue), ChallengeState::Closed, None), "ch1;-1");
    check(&["ch1;1;1;"], challenge(Some(Blue), ChallengeState::Accepted, Some(true)), "ch1;1;1");
    check(&["ch1;1;0"], challenge(Some(Blue), ChallengeState::Accepted, Some(false)), "ch1;1;0");
}

fn name(short: &'static str, long: &'static str, country: Option<&'static str>) -> AthleteName<'static> {
    AthleteName { short_name: short.into(), long_name: long.into(), country: country.map(Into::into) }
}

#[test]
fn athletes() {
    let both = |blue, red| Message::Athletes(Athletes { blue, red });
    check(&["at1;at2;", "at1;;;;at2;;;"], both(None, None), "at1;at2;");
    check(
        &["at1;A;Alpha;ESP;at2;B;Beta;JPN", "at1;A;Alpha;ESP;at2;B;Beta;JPN;"],
        both(Some(name("A", "Alpha", Some("ESP"))), Some(name("B", "Beta", Some("JPN")))),
        "at1;A;Alpha;ESP;at2;B;Beta;JPN",
    );
    // A `;` in a name comes twice; an empty country stays empty.
    check(
        &["at1;O'NEIL; S;O'NEIL; S;;at2;B;B;"],
        both(Some(name("O'NEIL; S", "O'NEIL; S", Some(""))), Some(name("B", "B", Some("")))),
        "at1;O'NEIL; S;O'NEIL; S;;at2;B;B;",
    );
    // Short and long name that differ: the first field, the last field, and what is between them.
    check(
        &["at1;A;L; M;ESP;at2;at2;at2;JPN"],
        both(Some(name("A", "L; M", Some("ESP"))), Some(name("at2", "at2", Some("JPN")))),
        "at1;A;L; M;ESP;at2;at2;at2;JPN",
    );
}

#[test]
fn matches() {
    let Message::Match(info) =
        only(b"mch;A-12;Final; gold;MEN -58 kg; x;;#0;#1;#2;#3;null;U; 21;3;120;cntDown;27;10").message
    else {
        panic!("not read as a match")
    };
    assert_eq!(info.number.decode(), "A-12");
    assert_eq!(info.phase.decode(), "Final; gold");
    assert_eq!(info.category.decode(), "MEN -58 kg; x");
    assert_eq!(info.red_colors.map(|color| color.decode()), ["#2", "#3"]);
    assert_eq!(info.event_id, None);
    assert_eq!(info.division.map(|text| text.decode()).as_deref(), Some("U; 21"));
    assert_eq!((info.rounds, info.round_seconds), (Some(3), Some(120)));
    assert_eq!((info.body_level, info.head_level), (Some(27), Some(10)));

    // As others write it: a number in the fourth field, the duration as a time, a `;` at the end.
    let Message::Match(info) =
        only(b"mch;101;Final;M- 80 kg;1;#0;#1;#2;#3;id;SENIORS;3;2:00;cntDown;18;1;").message
    else {
        panic!("not read as a match")
    };
    assert_eq!((info.reserved.decode().as_ref(), info.category.decode().as_ref()), ("1", "M- 80 kg"));
    assert_eq!((info.round_seconds, info.body_level, info.head_level), (Some(120), Some(18), Some(1)));

    check(&["mch;"], Message::Match(Default::default()), "mch;");
}

#[test]
fn officials() {
    let Message::Referees(referees) = only(b"ref;R. ONLY;ju1;FRA;ju2;O; B;KOR;ju3;;;\r\n").message else {
        panic!("not read as officials")
    };
    let official = |name: Option<&'static str>, country: Option<&'static str>| Official {
        name: name.map(Into::into),
        country: country.map(Into::into),
    };
    assert_eq!(referees.referee, official(Some("R. ONLY"), None));
    assert_eq!(referees.judges[0], official(None, Some("FRA")));
    assert_eq!(referees.judges[1], official(Some("O; B"), Some("KOR")));
    assert_eq!(referees.judges[2], official(Some(""), Some("")));
    check(&["ref;", "ref;ju1;ju2;ju3;"], Message::Referees(Default::default()), "ref;ju1;ju2;ju3;");
}

#[test]
fn results() {
    let result = |name: &'static str, score: Option<(u32, u32)>, decision: Option<&'static str>| {
        Message::Result(MatchResult {
            name: name.into(),
            score: score.map(|(blue, red)| FinalScore { blue, red }),
            decision: decision.map(Into::into),
        })
    };
    check(
        &["wmh;L. RIVERA;2-1 PTF", "wmh;L. RIVERA;2-1 PTF;"],
        result("L. RIVERA", Some((2, 1)), Some("PTF")),
        "wmh;L. RIVERA;2-1 PTF",
    );
    check(&["wmh;;0-0 SUP"], result("", Some((0, 0)), Some("SUP")), "wmh;;0-0 SUP");
    check(
        &["wmh;O'NEIL; S;12-0 PTG"],
        result("O'NEIL; S", Some((12, 0)), Some("PTG")),
        "wmh;O'NEIL; S;12-0 PTG",
    );
    check(&["wmh;NAME", "wmh;NAME;"], result("NAME", None, None), "wmh;NAME");
    check(&["wmh;NAME;WDR"], result("NAME", None, Some("WDR")), "wmh;NAME;WDR");
    check(&["wmh;NAME;2-1"], result("NAME", Some((2, 1)), None), "wmh;NAME;2-1");
    check(&["wmh;"], result("", None, None), "wmh;");
}

#[test]
fn requests_are_exact_words_with_the_right_end() {
    for &request in Request::ALL {
        for end in ["", "\r\n"] {
            let datagram = format!("{request}{end}");
            assert_eq!(only(datagram.as_bytes()).message, Message::Request { request }, "{datagram:?}");
        }
        let datagram = format!("{request}\n");
        assert_eq!(only(datagram.as_bytes()).message.code(), None, "{datagram:?}");
    }
    for datagram in ["CLOCK", " clock", "clock ", "clock;", "winperiods", "clock\r"] {
        assert_eq!(only(datagram.as_bytes()).message.code(), None, "{datagram:?}");
    }
    let both = [Request::Scores, Request::Period].map(|request| Message::Request { request });
    assert_eq!(messages(b"scores\r\nperiod\r\n"), both);
}

#[test]
fn json_ends_where_its_braces_close() {
    let json = |text: &'static str| Message::Json { json: text.into() };
    check(&[r#"{"a":"}\"{","b":{}}"#], json(r#"{"a":"}\"{","b":{}}"#), r#"{"a":"}\"{","b":{}}"#);
    check(&["{\n \"a\": 1\r\n}"], json("{\n \"a\": 1\r\n}"), "{\n \"a\": 1\r\n}");
    assert_eq!(
        messages(b"{\"a\":1}{\"b\":2}\r\npt1;1"),
        [json("{\"a\":1}"), json("{\"b\":2}"), Message::Points { athlete: Blue, points: Some(1) }]
    );
    let open = only(b"{\"a\":1\r\n");
    assert_eq!(open.message, json("{\"a\":1"));
    assert_eq!(open.flaw, Some(pss_protocol::Flaw::Missing { field: "json.json", span: Span::new(6, 6) }));
}

#[test]
fn garbage_and_nothing_are_values() {
    for bytes in [&b""[..], b"\r\n", b"\xff\xfe", b"hello", b";;;", b"pt1", b"no-code;1\n"] {
        assert_eq!(only(bytes).message, Message::Garbage { bytes: bytes.into() });
    }
}

#[test]
fn several_messages_in_one_datagram() {
    let hits = |levels: [u32; 2]| {
        [
            Message::Hit { athlete: Blue, level: Some(levels[0]) },
            Message::Hit { athlete: Red, level: Some(levels[1]) },
        ]
    };
    for datagram in
        ["hl1;50hl2;30", "hl1;50;hl2;30;", "hl1;50\r\nhl2;30\r\n", "hl1;50\nhl2;30", "hl1;50; hl2;30"]
    {
        assert_eq!(messages(datagram.as_bytes()), hits([50, 30]), "{datagram:?}");
    }
    let ends: Vec<_> = parse(b"hl1;50hl2;30\r\npt1;1\npt1;2\r").map(|parsed| parsed.end).collect();
    assert_eq!(ends, [LineEnd::None, LineEnd::CrLf, LineEnd::Lf, LineEnd::Cr]);
    assert_eq!(messages(b"sc1;3;sc1;4;").len(), 2, "a tag that comes again begins the next message");
    assert_eq!(messages(b"clk;hl1;5;wrd;rdy;FightReady").len(), 4);
}

/// A field that cannot be read is named by kind and place, and does not hide what follows.
#[test]
fn unreadable_fields() {
    for (datagram, code, kind, span) in [
        ("pt1;x", Code::Pt1, ParseErrorKind::ExpectedNumber, 4..5),
        ("pt1;-1\r\n", Code::Pt1, ParseErrorKind::ExpectedNumber, 4..6),
        ("hl2;4294967296", Code::Hl2, ParseErrorKind::ExpectedNumber, 4..14),
        ("sc1;3;sc2;1.5;", Code::Sc, ParseErrorKind::ExpectedNumber, 10..13),
        ("clk;1:2x;stop", Code::Clk, ParseErrorKind::ExpectedTime, 4..8),
        ("clk;1:20;halt;", Code::Clk, ParseErrorKind::ExpectedWord, 9..13),
        ("ij0;1:00;hidden", Code::Ij0, ParseErrorKind::ExpectedWord, 9..15),
        ("win;GREEN", Code::Win, ParseErrorKind::ExpectedWord, 4..9),
        ("ch1;2", Code::Ch1, ParseErrorKind::ExpectedWord, 4..5),
        ("wrd;rx1;1", Code::Wrd, ParseErrorKind::ExpectedTag, 4..7),
        ("wrd;rd1;3", Code::Wrd, ParseErrorKind::ExpectedWord, 8..9),
        ("wrd;rd11;1", Code::Wrd, ParseErrorKind::ExpectedNumber, 6..8),
        ("pre;FightLost", Code::Pre, ParseErrorKind::ExpectedWord, 4..13),
        ("mch;1;P;C;;#0;#1;#2;#3;i;d;three;120;c;1;1", Code::Mch, ParseErrorKind::ExpectedNumber, 27..32),
        ("Udp Port 70000 connected;", Code::Port, ParseErrorKind::ExpectedNumber, 9..24),
    ] {
        let parsed = only(datagram.as_bytes());
        assert!(matches!(parsed.message, Message::Malformed { .. }), "{datagram}: {parsed:?}");
        assert_eq!(parsed.message.code(), Some(code), "{datagram}");
        let error = parsed.error().expect("a malformed message has an error");
        assert_eq!((error.kind, error.span.range()), (kind, span), "{datagram}");
    }
    let parsed: Vec<_> = parse(b"pt2;1\r\npt1;x;hl1;5\r\n").collect();
    assert_eq!(parsed[1].error().expect("malformed").span, Span::new(11, 12), "counted in the datagram");
    assert_eq!(parsed[2].message, Message::Hit { athlete: Blue, level: Some(5) });
}

#[test]
fn surplus_and_missing_fields_are_noted() {
    use pss_protocol::Flaw::{Missing, Surplus};
    assert_eq!(only(b"pt1;3;4;5\r\n").flaw, Some(Surplus { span: Span::new(6, 9) }));
    assert_eq!(only(b"{}x").flaw, Some(Surplus { span: Span::new(2, 3) }));
    assert_eq!(only(b"at1;A;A;ESP").flaw, Some(Missing { field: "athletes.red", span: Span::new(11, 11) }));
    assert_eq!(only(b"at2;A;A;ESP").flaw, Some(Missing { field: "athletes.blue", span: Span::new(11, 11) }));
    assert_eq!(only(b"mch;7;Final").flaw, Some(Missing { field: "match.category", span: Span::new(11, 11) }));
    let longer = b"mch;7;F;MEN;;#0;#1;#2;#3;i;d;3;120;c;27;10;new";
    assert_eq!(only(longer).flaw, Some(Surplus { span: Span::new(43, 46) }));
}
