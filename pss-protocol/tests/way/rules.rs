//! What the rules make of messages, and which rules are refused.

use pss_protocol::{
    Code, Message, RecognitionStatus,
    RecognitionStatus::{Deprecated, Partial, Recognized, Unknown},
    Severity, parse,
    rules::{Check, CompiledRules, Custom, Dialect, Rule, RuleErrorKind, RuleSet, Verdict, judge},
};

fn judged(rules: &CompiledRules, datagram: &str) -> Verdict {
    let parsed = parse(datagram.as_bytes()).next().expect("a datagram holds at least one message");
    judge(rules, &parsed, datagram.as_bytes())
}

fn built_in(dialect: Dialect, datagram: &str) -> Verdict {
    judged(&CompiledRules::built_in(dialect), datagram)
}

/// The status and the rules that have something to say.
fn told(dialect: Dialect, datagram: &str) -> (RecognitionStatus, Vec<String>) {
    let verdict = built_in(dialect, datagram);
    (verdict.status, verdict.findings.iter().map(|finding| finding.rule.to_string()).collect())
}

#[track_caller]
fn assert_told(dialect: Dialect, datagram: &str, status: RecognitionStatus, rules: &[&str]) {
    assert_eq!(
        told(dialect, datagram),
        (status, rules.iter().map(|id| id.to_string()).collect()),
        "{datagram}"
    );
}

#[test]
fn v23_holds_to_the_written_ranges() {
    for right in ["pt1;1;", "pt2;5;", "hl1;1;", "hl2;100;", "wg1;0;wg2;4;", "rnd;1;", "rnd;3;", "clk;2:00;"] {
        assert_told(Dialect::V23, right, Recognized, &[]);
    }
    for (wrong, rule) in [
        ("pt1;0;", "points-range"),
        ("pt2;6;", "points-range"),
        ("hl1;0;", "hit-range"),
        ("hl1;101;", "hit-range"),
        ("wg1;5;wg2;0;", "gam-jeoms-range-blue"),
        ("wg1;0;wg2;5;", "gam-jeoms-range-red"),
        ("rnd;0;", "round-range"),
        ("rnd;4;", "round-range"),
        ("clk;1:60;", "clock-format"),
        ("brk;0:99;", "break-format"),
    ] {
        assert_told(Dialect::V23, wrong, Unknown, &[rule]);
    }
}

#[test]
fn tkstrike_sends_more_than_is_written() {
    for right in [
        "rnd;4",
        "pt1;7",
        "hl1;99",
        "hl2;140",
        "wg1;5;wg2;10",
        "sc1;64;sc2;-1",
        "clk;00:00;stop",
        "hwt;5",
        "clk;0:00;stopEnd",
        "win;TIE",
        "wmh;A. NAME;5-4 PTF",
        "wmh;;0-0 SUP",
        "ch1;-1",
        "ij0;00:47;hide",
        "mch;A-12;Final;MEN -58 kg;;#0000ff;#FFFFFF;#ff0000;#FFFFFF;null;null;3;120;cntDown;27;10",
    ] {
        assert_told(Dialect::TkStrike, right, Recognized, &[]);
    }
    assert_told(Dialect::TkStrike, "hl1;6", Recognized, &["hit-floor"]);
    assert_told(Dialect::TkStrike, "wg1;11;wg2;0", Recognized, &["gam-jeoms-limit-blue"]);
    assert_told(Dialect::TkStrike, "rnd;11", Unknown, &["round-range"]);
    assert_told(Dialect::TkStrike, "hwt;6", Unknown, &["hardware-test-range"]);
    assert_told(Dialect::TkStrike, "wmh;A. NAME;2-1 P", Partial, &["decision-word"]);
}

#[test]
fn kpnp_pads_and_dots() {
    for right in ["sc1; 3;sc2; 4", "clk;0.00;stopEnd;", "ij0;1:00;show", "hl2;13", "pt1;3", "rsr;"] {
        assert_told(Dialect::Kpnp, right, Recognized, &[]);
    }
    assert_told(Dialect::Kpnp, "rst;1;st1;0;2;0;0;0;0;st2;0;2;0;0;0;0;", Recognized, &[]);
}

#[test]
fn what_a_sender_without_news_answers_is_complete() {
    for dialect in Dialect::ALL {
        for empty in
            ["clk;", "brk;", "rnd;", "sc1;sc2;", "wg1;wg2;", "mch;", "at1;at2;", "ref;", "wmh;", "wrd;"]
        {
            assert_told(dialect, empty, Recognized, &[]);
        }
    }
}

#[test]
fn codes_that_nobody_knows_and_noise_are_unknown() {
    assert_told(Dialect::TkStrike, "xyz;1", Unknown, &["unknown_code"]);
    assert_told(Dialect::TkStrike, "\x01\x02", Unknown, &["garbage"]);
    assert_told(Dialect::TkStrike, "", Unknown, &["garbage"]);
    assert_told(Dialect::TkStrike, "pt1;x", Unknown, &["malformed"]);
    assert_eq!(built_in(Dialect::TkStrike, "xyz;1").confidence, 0.1);
    assert_eq!(built_in(Dialect::TkStrike, "").confidence, 0.0);
    assert_eq!(built_in(Dialect::TkStrike, "pt1;x").confidence, 0.25);
}

#[test]
fn what_did_not_arrive_is_said_once() {
    assert_told(Dialect::TkStrike, "mch;7;Final;MEN", Partial, &["missing"]);
    assert_told(Dialect::TkStrike, "pt1;", Partial, &["points-number"]);
}

#[test]
fn requests_and_json_are_recognized() {
    assert_told(Dialect::TkStrike, "clock", Recognized, &[]);
    assert_told(Dialect::TkStrike, r#"{"matchNumber":"101","a":["}"]}"#, Recognized, &[]);
    assert_told(Dialect::TkStrike, r#"{"matchNumber":"101","a":["#, Partial, &["missing"]);
}

#[test]
fn a_retired_code_is_deprecated_where_it_is_retired() {
    assert_told(Dialect::TkStrike, "avt;1", Deprecated, &["avt-retired"]);
    assert_told(Dialect::V23, "avt;1;", Recognized, &[]);
    assert_eq!(built_in(Dialect::TkStrike, "sup;1").confidence, 0.9);
    assert_told(Dialect::TkStrike, "sup;3", Unknown, &["superiority-range", "sup-retired"]);
}

#[test]
fn findings_name_the_field_and_its_bytes() {
    let datagram = "hel;\r\nwg1;0;wg2;5;\r\n";
    let rules = CompiledRules::built_in(Dialect::V23);
    let parsed = parse(datagram.as_bytes()).nth(1).unwrap();
    let verdict = judge(&rules, &parsed, datagram.as_bytes());
    let finding = &verdict.findings[0];
    assert_eq!(finding.field.as_deref(), Some("gam_jeoms.red"));
    assert_eq!(&datagram[finding.span.range()], "5");
    assert_eq!(finding.span.range(), 16..17);

    let datagram = "mch;1;Final;MEN;;blue;#FFFFFF;#ff0000;#FFFFFF;x;y;0;120;cntDown;27;10";
    let verdict = built_in(Dialect::TkStrike, datagram);
    let told: Vec<_> = verdict
        .findings
        .iter()
        .map(|finding| (&*finding.rule, finding.severity, &datagram[finding.span.range()]))
        .collect();
    assert_eq!(
        told,
        [("match-rounds-range", Severity::Error, "0"), ("color-blue", Severity::Info, datagram),]
    );
    assert_eq!(verdict.confidence, 0.245);

    let datagram = "mch;1;Final;MEN;;#0000ff;#FFFFFF;#ff0000;#FFFFFF;x;y;9;120;cntDown;27;10;";
    let verdict = built_in(Dialect::V23, datagram);
    assert_eq!(verdict.findings[0].span.range(), 53..54);
}

#[test]
fn findings_hold_no_names() {
    let rules = {
        let mut rules = RuleSet::built_in(Dialect::TkStrike);
        let pattern = Check::Pattern("^[A-Z]+$".into());
        rules.set(Rule::new("mine", "athletes.blue.short_name", pattern, "short names are capital letters"));
        rules.compile().unwrap()
    };
    let datagram = "at1;secret;SECRET;ESP;at2;B;B;JPN";
    let verdict = judged(&rules, datagram);
    assert_eq!(verdict.status, Unknown);
    assert!(!verdict.findings[0].message.contains("secret"));
    assert_eq!(&datagram[verdict.findings[0].span.range()], "secret");
}

#[test]
fn every_check_tells_right_from_wrong() {
    let even = Custom::new(
        "even",
        |message| !matches!(message, Message::Points { points: Some(points), .. } if points % 2 == 1),
    );
    let words = Check::OneOf(vec!["start".into(), "stop".into()]);
    for (field, check, right, wrong) in [
        ("points.points", Check::Required, "pt1;1", "pt1;"),
        ("points.points", Check::Range { min: 1, max: 3 }, "pt2;3", "pt2;4"),
        ("clock.time", Check::Range { min: 0, max: 60 }, "clk;01:00", "clk;01:01"),
        ("clock.time", Check::Format(pss_protocol::rules::Format::Time), "clk;01:59", "clk;01:60"),
        ("clock.action", words, "clk;01:00;stop", "clk;01:00;corr"),
        ("match.number", Check::Pattern(r"^\d+$".into()), "mch;7;a;b", "mch;A7;a;b"),
        ("round_scores.scores", Check::Range { min: 0, max: 9 }, "s11;9;s21;0", "s11;9;s21;10"),
        (
            "round_winners.winners",
            Check::Range { min: 3, max: 4 },
            "wrd;rd1;0;rd2;0;rd3;0",
            "wrd;rd1;0;rd2;0",
        ),
        ("points.points", Check::Custom(even), "pt1;2", "pt1;3"),
    ] {
        let mut rules = RuleSet::empty(Dialect::TkStrike);
        rules.set(Rule::new("it", field, check, "it is wrong"));
        let rules = rules.compile().unwrap();
        let found = |datagram| judged(&rules, datagram).findings.iter().any(|finding| finding.rule == "it");
        assert!(!found(right), "{right}");
        assert!(found(wrong), "{wrong}");
    }
}

#[test]
fn rules_are_changed_switched_off_and_put_back() {
    let mut rules = RuleSet::built_in(Dialect::V23);
    let before = rules.rules().len();
    rules.rule_mut("points-range").unwrap().enabled = false;
    assert_eq!(judged(&rules.compile().unwrap(), "pt1;6;").status, Recognized);
    rules.rule_mut("points-range").unwrap().enabled = true;
    rules.rule_mut("points-range").unwrap().severity = Severity::Warning;
    assert_eq!(judged(&rules.compile().unwrap(), "pt1;6;").status, Partial);
    rules.set(Rule::new("points-range", "points.points", Check::Range { min: 1, max: 6 }, "1 to 6"));
    assert_eq!(judged(&rules.compile().unwrap(), "pt1;6;").status, Recognized);
    assert_eq!(rules.rules().len(), before);
}

#[test]
fn a_rule_that_makes_no_sense_is_refused_with_the_reason() {
    let range = |min, max| Check::Range { min, max };
    for (rule, reason) in [
        (Rule::new("r", "points.pionts", range(1, 2), ""), "no message has a field `points.pionts`"),
        (
            Rule::new("r", "points.points", range(2, 1), ""),
            "the range is empty, its first number is above its last",
        ),
        (
            Rule::new("r", "match.number", range(1, 2), ""),
            "`range` cannot be asked of `match.number`, whose values are of another kind",
        ),
        (
            Rule::new("r", "points.points", Check::Pattern("x".into()), ""),
            "`pattern` cannot be asked of `points.points`, whose values are of another kind",
        ),
        (
            Rule::new("r", "points.points", range(1, 2), "").of_code(Code::Hl1),
            "messages of code `hl1` have no field `points.points`",
        ),
        (Rule::new("r", "clock.action", Check::OneOf(vec![]), ""), "the list of words is empty"),
        (
            Rule::new("r", "", Check::Required, "").of_message(Code::Pt1),
            "the check needs a field, as in `points.points`",
        ),
        (
            Rule::new("r", "points.points", Check::Retired, ""),
            "what is retired is a code, and the rule names none",
        ),
    ] {
        let mut rules = RuleSet::empty(Dialect::V23);
        rules.set(rule);
        assert_eq!(rules.compile().unwrap_err().to_string(), format!("rule `r`: {reason}"));
    }
    let mut rules = RuleSet::empty(Dialect::V23);
    rules.set(Rule::new("p", "match.number", Check::Pattern("(".into()), ""));
    assert!(matches!(rules.compile().unwrap_err().kind, RuleErrorKind::Pattern(_)));
    rules.rule_mut("p").unwrap().enabled = false;
    assert!(rules.compile().is_err(), "a disabled rule is looked at too");
}

#[test]
fn checks_are_stored_as_two_texts() {
    for dialect in Dialect::ALL {
        for rule in RuleSet::built_in(dialect).rules() {
            let stored = Check::from_parts(rule.check.kind(), &rule.check.argument());
            assert_eq!(stored.as_ref(), Ok(&rule.check), "{}", rule.id);
            assert_eq!(Severity::from_name(rule.severity.as_str()), Some(rule.severity));
        }
    }
    for (kind, argument, reason) in [
        (
            "rnage",
            "1..2",
            "no check is called `rnage`; there are required, range, format, one_of, pattern, custom and retired",
        ),
        ("range", "1-2", "expected MIN..MAX, found `1-2`"),
        ("range", "one..2", "expected MIN..MAX, found `one..2`"),
        ("format", "date", "expected time, country, color or integer, found `date`"),
        ("custom", "mine", "expected a built-in function's name, found `mine`"),
        ("required", "yes", "expected nothing, found `yes`"),
    ] {
        assert_eq!(Check::from_parts(kind, argument).unwrap_err().to_string(), reason);
    }
}

#[test]
fn built_in_rules_have_ids_of_their_own_and_are_documented() {
    let docs = include_str!("../../../docs/RULES.md");
    for dialect in Dialect::ALL {
        let rules = RuleSet::built_in(dialect);
        for (place, rule) in rules.rules().iter().enumerate() {
            let first = rules.rules().iter().position(|other| other.id == rule.id);
            assert_eq!(first, Some(place), "{dialect} has two rules `{}`", rule.id);
            let of = rule.field.as_deref().or_else(|| rule.code.map(Code::as_str)).unwrap_or_default();
            let demand = format!("{} {}", rule.check.kind(), rule.check.argument().replace('|', " "));
            let line = format!("| `{}` | `{of}` | {} | {} |", rule.id, demand.trim_end(), rule.severity);
            let section = docs.split("\n## ").find(|section| section.starts_with(&format!("`{dialect}`")));
            let common = docs.split("\n## ").find(|section| section.starts_with("Every dialect"));
            let listed = [section, common].into_iter().flatten().any(|section| section.contains(&line));
            assert!(listed, "docs/RULES.md lacks, for {dialect}:\n{line}");
        }
    }
}
