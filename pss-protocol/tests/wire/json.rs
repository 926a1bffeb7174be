use pss_protocol::parse;

/// A row for each kind of message: `restrike decode` and the feed promise these names.
#[test]
fn of_each_kind() {
    let rows = [
        "hel;",
        "bye;",
        "inlb;50:",
        "pre;FightLoaded",
        "rdy;FightReady",
        "rnd;2",
        "clk;01:59;stop",
        "clk;01:58",
        "brk;00:59",
        "ij0;01:00;show",
        "to1;00:30;start",
        "pt2;3",
        "hl1;34",
        "sc1;4;sc2;1",
        "sc1;3;",
        "s11;4;s21;1",
        "wg1;1;wg2;0",
        "wrd;rd1;1;rd2;0",
        "ch1;",
        "ch2;-1",
        "ch0;1;1;",
        "hwt;2",
        "mch;101;Round of 16;MEN -58 kg;;#0000ff;#FFFFFF;#ff0000;#FFFFFF;null;SENIORS;3;120;cntDown;27;10",
        "at1;L. RIVERA;L. RIVERA;ESP;at2;K. TANAKA;K. TANAKA;JPN",
        "at1;at2;",
        "ref;S. PARK;KOR;ju1;FRA;ju2;ju3;",
        "win;TIE",
        "wmh;L. RIVERA;2-1 PTF",
        "avt;1",
        "sup;2",
        "rst;1;st1;0",
        "rsr;",
        "Udp Port 6000 connected;",
        r#"{"matchNumber":"101"}"#,
        "gam-jeom",
        "pt1;many",
        "xyz;1;2",
        "nonsense",
    ];
    let lines = rows.map(|row| {
        let parsed = parse(row.as_bytes()).next().expect("one message");
        let json = serde_json::to_string(&parsed.message).expect("messages are JSON");
        format!("{row}\n    {json}\n")
    });
    insta::assert_snapshot!(lines.concat());
}
