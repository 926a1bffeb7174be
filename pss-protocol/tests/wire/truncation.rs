use pss_protocol::{Flaw, LineEndRule, Message, Span, parse, parse_with};

use crate::{captured, cut, untrusted};

/// What is odd about each datagram of the capture that the sender cut: the count, and which field.
#[test]
fn the_capture_holds_twelve() {
    let payloads = captured("b_nonascii");
    let flaws: Vec<_> = payloads
        .iter()
        .flat_map(|payload| parse_with(payload, LineEndRule::CrLf))
        .filter_map(|parsed| match parsed.flaw? {
            Flaw::TerminatorCut { .. } => Some(("the terminator", false)),
            Flaw::Untrusted { field, repaired, .. } => Some((field, repaired)),
            other => panic!("{other:?} of {:?}", parsed.message),
        })
        .collect();
    assert_eq!(
        flaws,
        [
            ("the terminator", false),
            ("athletes.red.long_name", true),
            ("referees.judges[2].name", false),
            ("result.decision", false),
            ("match.head_level", false),
            ("athletes.red.long_name", true),
            ("result.decision", false),
            ("match.head_level", false),
            ("athletes.red.short_name", false),
            ("result.decision", false),
            ("athletes.red.country", false),
            ("result.decision", false),
        ]
    );
}

#[test]
fn no_other_capture_holds_any() {
    for name in ["a1_", "c_", "d_", "h_", "j_"] {
        for payload in captured(name) {
            for parsed in parse_with(&payload, LineEndRule::CrLf) {
                assert_eq!(parsed.flaw, None, "{name}: {parsed:?}");
                assert!(parsed.message.code().is_some(), "{name}: {parsed:?}");
                assert!(!matches!(parsed.message, Message::Malformed { .. }), "{name}: {parsed:?}");
            }
        }
    }
}

/// Without the rule a missing line end says nothing.
#[test]
fn the_rule_is_an_argument() {
    assert_eq!(parse(b"clk;01:59").next().expect("one").flaw, None);
    assert_eq!(cut(b"clk;01:59").1, untrusted("clock.time", 4, 9));
    assert_eq!(parse_with(b"clk;01:59\r\n", LineEndRule::CrLf).next().expect("one").flaw, None);
}

/// `mch` cut byte by byte: never malformed, and the last field that arrived is the one that is marked.
#[test]
fn a_match_cut_anywhere() {
    let whole = "mch;7;Round of 16;MEN -68 kg;;#0000ff;#FFFFFF;#ff0000;#FFFFFF;b6;JÓVENES;3;12;cntDown;27;10";
    let names = [
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
    for len in 4..=whole.len() {
        let arrived = &whole.as_bytes()[..len];
        let (message, flaw) = cut(arrived);
        assert!(matches!(message, Message::Match(_)), "{len}: {message:?}");
        let start = arrived.iter().rposition(|&byte| byte == b';').expect("a separator") + 1;
        let field = names[arrived.iter().filter(|&&byte| byte == b';').count() - 1];
        assert_eq!(flaw, untrusted(field, start, len), "{}", pss_protocol::escape(arrived));
    }
}

#[test]
fn a_cut_number_is_wrong_and_marked() {
    let (message, flaw) = cut(b"mch;9;R;MEN;;#0;#1;#2;#3;i;S;3;12;cntDown;27;1");
    let Message::Match(info) = message else { panic!("{message:?}") };
    assert_eq!(info.head_level, Some(1));
    assert_eq!(flaw, untrusted("match.head_level", 45, 46));
}

#[test]
fn names_are_repaired_from_the_short_one() {
    let whole = "at1;Y;Y;TUR;at2;E. ŞAHİN; ö;E. ŞAHİN; ö;TUR".as_bytes();
    let long = whole.len() - "E. ŞAHİN; ö;TUR".len();
    for len in long..=long + "E. ŞAHİN; ö".len() {
        let (message, flaw) = cut(&whole[..len]);
        let Message::Athletes(athletes) = message else { panic!("{message:?}") };
        // Where the cut falls on the first `;` of the name, what is before it is a name of its own.
        let red = athletes.red.expect("red arrived");
        assert_eq!(red.short_name, red.long_name, "{len}");
        assert!(
            matches!(flaw, Flaw::Untrusted { field: "athletes.red.long_name", repaired: true, .. }),
            "{len}: {flaw:?}"
        );
    }
    for len in long + "E. ŞAHİN; ö;".len()..whole.len() {
        assert_eq!(cut(&whole[..len]).1, untrusted("athletes.red.country", long + "E. ŞAHİN; ö;".len(), len));
    }
}

#[test]
fn athletes_cut_early() {
    assert_eq!(cut(b"at1;Y;Y;TUR;at2;E. \xc5").1, untrusted("athletes.red.short_name", 16, 20));
    assert_eq!(cut(b"at1;Y;Y;TUR;at").1, untrusted("athletes.red", 12, 14));
    assert_eq!(cut(b"at1;Y;Y;TUR;").1, untrusted("athletes.red", 12, 12));
    assert_eq!(cut(b"at1;Y;Y;TU").1, untrusted("athletes.blue.country", 8, 10));
    let (message, _) = cut(b"at1;Y;Y;TUR;at");
    assert_eq!(message.to_string(), "at1;Y;Y;TUR;at2;");
}

#[test]
fn results_cut() {
    for (datagram, field, start) in [
        ("wmh;ÖZ;2-0 PT", "result.decision", 12),
        ("wmh;ÖZ;2-0 ", "result.decision", 12),
        ("wmh;ÖZ;2-0", "result.score", 8),
        ("wmh;ÖZ;2-", "result.score", 8),
        ("wmh;ÖZ;", "result.score", 8),
        ("wmh;ÖZ", "result.name", 4),
    ] {
        let (message, flaw) = cut(datagram.as_bytes());
        assert_eq!(flaw, untrusted(field, start, datagram.len()), "{datagram}");
        let Message::Result(result) = message else { panic!("{message:?}") };
        assert_eq!(result.name.decode(), "ÖZ", "{datagram}");
    }
}

#[test]
fn officials_cut() {
    for (datagram, field, start) in [
        ("ref;Ö;KOR;ju1;ju2;ju3;Ö. Ç", "referees.judges[2].name", 23),
        ("ref;Ö;KOR;ju1;ju2;ju3;Ö;TU", "referees.judges[2].name", 26),
        ("ref;Ö;KOR;ju1;ju", "referees.judges[1].name", 15),
        ("ref;Ö;KOR;ju1", "referees.judges[0].name", 14),
        ("ref;Ö;KOR;", "referees.referee.country", 7),
        ("ref;Ö", "referees.referee.name", 4),
    ] {
        let (message, flaw) = cut(datagram.as_bytes());
        assert!(matches!(message, Message::Referees(_)), "{message:?}");
        assert_eq!(flaw, untrusted(field, start, datagram.len()), "{datagram}");
    }
}

/// A last field that makes no sense is what the cut left of it: the others stand.
#[test]
fn a_cut_field_does_not_make_the_message_malformed() {
    let (message, flaw) = cut(b"clk;01:59;sto");
    assert_eq!(message.to_string(), "clk;01:59");
    assert_eq!(flaw, untrusted("clock.action", 10, 13));
    let (message, flaw) = cut(b"sc1;3;sc2;-");
    assert_eq!(message.to_string(), "sc1;3");
    assert_eq!(flaw, untrusted("score.red", 10, 11));
    let last = parse_with(b"clk;01:59;sto\r\n", LineEndRule::CrLf).last().expect("one");
    assert!(matches!(last.message, Message::Malformed { .. }), "a whole message stays malformed");
}

/// Only the end of a datagram is ever cut, and a message without fields loses nothing.
#[test]
fn what_a_cut_does_not_touch() {
    let parsed: Vec<_> = parse_with(b"pt1;3\nhl1;5\r\n", LineEndRule::CrLf).collect();
    assert!(parsed.iter().all(|parsed| parsed.flaw.is_none()), "{parsed:?}");
    assert_eq!(cut(b"bye;").1, Flaw::TerminatorCut { span: Span::new(4, 4) });
    assert_eq!(cut(b"pt1;3\r").1, Flaw::TerminatorCut { span: Span::new(5, 6) });
    for datagram in [&b"{}"[..], b"clock", b"", b"nonsense"] {
        let parsed = parse_with(datagram, LineEndRule::CrLf).last().expect("one");
        assert_eq!(parsed.flaw, None, "{parsed:?}");
    }
}
