//! Telling the dialect from the traffic.

use pss_protocol::{
    parse,
    rules::{
        Dialect::{self, Kpnp, TkStrike, V23},
        DialectDetector,
    },
};

use crate::corpus::{LISTINGS, listing};

/// What is detected after each datagram.
fn detected(datagrams: &[&[u8]]) -> Vec<Option<Dialect>> {
    let mut detector = DialectDetector::default();
    let observe = |datagram: &&[u8]| {
        for parsed in parse(datagram) {
            detector.observe(&parsed, &datagram[parsed.span.range()]);
        }
        detector.detected()
    };
    datagrams.iter().map(observe).collect()
}

/// What the last of these leaves behind, each sent `times` times.
fn after(datagrams: &[(&str, usize)]) -> Option<Dialect> {
    let all: Vec<&[u8]> =
        datagrams.iter().flat_map(|(text, times)| std::iter::repeat_n(text.as_bytes(), *times)).collect();
    *detected(&all).last().unwrap()
}

#[test]
fn the_captures_are_tkstrike_throughout() {
    for name in LISTINGS.into_iter().filter(|name| *name != "e_requests") {
        let listed = listing(name);
        let datagrams: Vec<&[u8]> = listed.iter().map(|listed| &*listed.bytes).collect();
        let told = detected(&datagrams);
        assert!(told.iter().flatten().all(|dialect| *dialect == TkStrike), "{name}");
        assert!(told[1].is_some(), "{name}: the second datagram is a setting");
        // The sender's log has no line ends.
        let lines: Vec<&[u8]> = datagrams.iter().map(|bytes| bytes.trim_ascii_end()).collect();
        assert!(detected(&lines).iter().flatten().all(|dialect| *dialect == TkStrike), "{name}");
    }
}

#[test]
fn one_sign_is_enough_where_nothing_is_known() {
    for (datagram, dialect) in [
        ("pt1;3\r\n", TkStrike),
        ("inlb;50:", TkStrike),
        ("pt1;3", TkStrike),
        ("pt1;3;", V23),
        ("clk;2:00;stop;\r\n", V23),
        ("avt;1;", V23),
        ("sc1; 3;sc2; 4", Kpnp),
        ("clk;0.00;stopEnd;", Kpnp),
        ("rsr;", Kpnp),
    ] {
        assert_eq!(after(&[(datagram, 1)]), Some(dialect), "{datagram}");
    }
}

#[test]
fn some_messages_say_nothing() {
    for datagram in [
        "hel;",
        "bye;",
        "ch1;",
        "ch1;1;",
        "ref;A;ESP;ju1;ju2;ju3;",
        "clk;",
        "sc1;sc2;",
        "at1;A;A;;at2;B;B;",
        "wmh;;",
        "clock",
        "{}",
        "xyz;1;",
        "\x01",
        "",
    ] {
        assert_eq!(after(&[(datagram, 3)]), None, "{datagram}");
    }
}

#[test]
fn one_odd_message_changes_nothing() {
    assert_eq!(after(&[("pt1;3\r\n", 10), ("pt1;3;", 1)]), Some(TkStrike));
    assert_eq!(after(&[("pt1;3\r\n", 1), ("pt1;3;", 1)]), Some(TkStrike));
    assert_eq!(after(&[("pt1;3;", 10), ("pt1;3\r\n", 1)]), Some(V23));
    assert_eq!(after(&[("sc1; 3;sc2; 4", 10), ("pt1;3\r\n", 1)]), Some(Kpnp));
    assert_eq!(after(&[("pt1;3\r\n", 10), ("sc1; 3;sc2; 4", 1)]), Some(TkStrike));
}

#[test]
fn another_sender_is_followed_within_a_dozen_messages() {
    for first in ["pt1;3\r\n", "pt1;3;", "sc1; 3;sc2; 4"] {
        for (second, dialect) in [("pt1;3\r\n", TkStrike), ("sc1; 3;sc2; 4", Kpnp)] {
            assert_eq!(after(&[(first, 100), (second, 12)]), Some(dialect), "{first} then {second}");
        }
    }
    assert_eq!(after(&[("pt1;3\r\n", 100), ("pt1;3;", 12)]), Some(V23));
}

#[test]
fn a_kpnp_sender_is_not_taken_for_another_by_what_all_send() {
    assert_eq!(after(&[("rsr;", 1), ("clk;1:59;", 200), ("pt1;3", 200)]), Some(Kpnp));
}
