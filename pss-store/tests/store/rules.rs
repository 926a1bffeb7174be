use pss_protocol::{
    Code, Severity, Timestamp, parse,
    rules::{Check, Dialect, Rule, RuleBook, RuleSet, judge},
};
use pss_store::{Change, ResetRule, RuleOrigin, Store, StoreConfig, StoreError, Topic};

use crate::testing::TestStore;

const CHANGE: Change<'_> = Change { by: "ann", at: Timestamp(7), reason: "youth" };
const TK: Dialect = Dialect::TkStrike;

fn points(max: i64) -> Rule {
    Rule::new("youth-points", "points.points", Check::Range { min: 1, max }, "not in this event")
}

/// The ids of what a message is found odd for.
fn findings(book: &RuleBook, datagram: &[u8]) -> Vec<String> {
    let parsed = parse(datagram).next().unwrap();
    judge(book.of(TK), &parsed, datagram)
        .findings
        .into_iter()
        .map(|finding| finding.rule.into_owned())
        .collect()
}

fn refusal<T: std::fmt::Debug>(outcome: Result<T, StoreError>) -> String {
    match outcome.unwrap_err() {
        error @ (StoreError::Refused { .. } | StoreError::NotFound { .. }) => error.to_string(),
        other => panic!("{other}"),
    }
}

fn sql(store: &Store, statement: &str) {
    crate::support::execute(store.path(), statement);
}

#[test]
fn a_new_database_has_the_rules_of_the_program() {
    let store = TestStore::new();
    for dialect in Dialect::ALL {
        let stored = store.rules(Some(dialect)).unwrap();
        assert!(stored.iter().all(|rule| rule.origin == RuleOrigin::BuiltIn && rule.changed_at.is_none()));
        let rules: Vec<Rule> = stored.iter().map(|rule| rule.rule().unwrap()).collect();
        assert_eq!(rules, RuleSet::built_in(dialect).rules());
    }
}

#[test]
fn rules_of_another_version_of_the_program_give_way_and_those_of_users_stay() {
    let store = TestStore::new();
    store.add_rule(TK, &points(3), &CHANGE).unwrap();
    store.disable_rule(TK, "hit-floor", &CHANGE).unwrap();
    let before = store.rules(None).unwrap();
    // As an older version would have left it.
    sql(
        &store,
        "UPDATE pss_event_validation_rules SET check_argument = '1..7' WHERE rule_id = 'points-range'",
    );
    sql(&store, "DELETE FROM pss_event_validation_rules WHERE rule_id = 'clock-time'");
    sql(
        &store,
        "INSERT INTO pss_event_validation_rules SELECT protocol_version, 'no-longer', 999, event_code, field, \
         check_kind, check_argument, severity, message, enabled, origin, changed_at, changed_by, reason \
         FROM pss_event_validation_rules WHERE rule_id = 'round-range'",
    );
    let again = Store::open(StoreConfig::new(store.path())).unwrap();
    assert_eq!(again.rules(None).unwrap(), before);
}

#[test]
fn what_is_added_is_asked_and_what_is_disabled_is_not() {
    let store = TestStore::new();
    assert!(findings(&store.rule_book().unwrap(), b"pt1;4\r\n").is_empty());
    let stored = store.add_rule(TK, &points(3), &CHANGE).unwrap();
    assert_eq!((stored.origin, stored.changed_by.as_deref()), (RuleOrigin::Added, Some("ann")));
    assert_eq!(findings(&store.rule_book().unwrap(), b"pt1;4\r\n"), ["youth-points"]);
    store.disable_rule(TK, "youth-points", &CHANGE).unwrap();
    assert!(findings(&store.rule_book().unwrap(), b"pt1;4\r\n").is_empty());
    store.enable_rule(TK, "youth-points", &CHANGE).unwrap();
    store.change_rule(TK, &points(5), &CHANGE).unwrap();
    assert!(findings(&store.rule_book().unwrap(), b"pt1;4\r\n").is_empty());
    assert_eq!(findings(&store.rule_book().unwrap(), b"pt1;6\r\n"), ["youth-points"]);
    assert_eq!(store.reset_rule(TK, "youth-points", &CHANGE).unwrap(), ResetRule::Removed);
    assert_eq!(store.rule(TK, "youth-points").unwrap(), None);
    let history = store.rule_history(Some((TK, "youth-points"))).unwrap();
    let actions: Vec<_> = history.iter().map(|entry| entry.action.as_str()).collect();
    assert_eq!(actions, ["remove", "change", "enable", "disable", "add"]);
    assert_eq!(history[1].rule.as_deref(), Some("points.points: range 1..5, error, \"not in this event\""));
    assert_eq!(history[0].rule, None);
}

#[test]
fn a_built_in_rule_that_was_changed_goes_back() {
    let store = TestStore::new();
    let own = store.rule(TK, "points-range").unwrap().unwrap();
    let narrow = Rule { check: Check::Range { min: 1, max: 5 }, ..own.rule().unwrap() };
    assert_eq!(store.change_rule(TK, &narrow, &CHANGE).unwrap().origin, RuleOrigin::Changed);
    assert_eq!(findings(&store.rule_book().unwrap(), b"pt1;6\r\n"), ["points-range"]);
    assert_eq!(
        store.reset_rule(TK, "points-range", &CHANGE).unwrap(),
        ResetRule::BuiltIn(Box::new(own.clone()))
    );
    // So does one that is enabled again.
    store.disable_rule(TK, "points-range", &CHANGE).unwrap();
    assert_eq!(store.enable_rule(TK, "points-range", &CHANGE).unwrap(), own);
}

#[test]
fn rules_that_make_no_sense_are_refused_with_the_reason() {
    let store = TestStore::new();
    let before = store.rules(None).unwrap();
    let word = |word: &'static str| Check::OneOf(vec![word.into()]);
    for (rule, says) in [
        (Rule::new("mine", "points.pionts", Check::Required, "m"), "no message has a field `points.pionts`"),
        (Rule::new("mine", "points.points", Check::Range { min: 5, max: 1 }, "m"), "the range is empty"),
        (Rule::new("mine", "setting.value", Check::Pattern("(".into()), "m"), "no regular expression"),
        (Rule::new("", "points.points", Check::Required, "m"), "it has no id"),
        (Rule::new("my rule", "points.points", Check::Required, "m"), "an id is up to 64 letters"),
        (Rule::new("garbage", "points.points", Check::Required, "m"), "has a check of this id"),
        (Rule::new("mine", "points.points", Check::Required, "a\nb"), "its message is one line"),
        (Rule::new("mine", "setting.value", word("a|b"), "m"), "cannot be written down"),
        (Rule::new("points-range", "points.points", Check::Required, "m"), "there is a rule `points-range`"),
    ] {
        let reason = refusal(store.add_rule(TK, &rule, &CHANGE));
        assert!(reason.contains(says), "{reason}");
    }
    assert!(
        refusal(store.change_rule(TK, &points(3), &CHANGE)).contains("no rule `youth-points` of tkstrike")
    );
    assert!(refusal(store.disable_rule(TK, "none", &CHANGE)).contains("no rule `none`"));
    assert!(refusal(store.reset_rule(TK, "none", &CHANGE)).contains("no rule `none`"));
    assert_eq!(store.rules(None).unwrap(), before);
    assert!(store.rule_history(None).unwrap().is_empty());
}

#[test]
fn a_row_that_cannot_be_read_is_left_out_and_stops_nobody() {
    let store = TestStore::new();
    store.add_rule(TK, &points(3), &CHANGE).unwrap();
    for (id, column, value) in [
        ("youth-points", "field", "points.of_tomorrow"),
        ("hit-range", "event_code", "zzz"),
        ("round-range", "check_argument", "one..two"),
    ] {
        sql(
            &store,
            &format!(
                "UPDATE pss_event_validation_rules SET {column} = '{value}', origin = 'added' \
                 WHERE rule_id = '{id}' AND protocol_version = 'tkstrike'"
            ),
        );
    }
    sql(&store, "UPDATE pss_event_validation_rules SET protocol_version = 'v9' WHERE rule_id = 'avt-number'");
    assert_eq!(store.notice_changes().unwrap(), [Topic::Rules]);
    let book = store.rule_book().unwrap();
    assert!(findings(&book, b"pt1;4\r\n").is_empty());
    assert_eq!(findings(&book, b"pt1;100\r\n"), ["points-range"]);
    let unreadable: Vec<_> = store.rules(None).unwrap().iter().filter_map(|rule| rule.rule().err()).collect();
    assert_eq!(
        unreadable,
        [
            "rule `round-range`: expected MIN..MAX, found `one..two`",
            "rule `hit-range`: no code `zzz` is known",
            "rule `youth-points`: no message has a field `points.of_tomorrow`",
            "rule `avt-number`: no protocol version is called `v9`",
        ]
    );
    assert!(refusal(store.disable_rule(TK, "none", &CHANGE)).contains("none"));
    assert!(!store.disable_rule(TK, "hit-range", &CHANGE).unwrap().enabled);
    assert!(refusal(store.enable_rule(TK, "hit-range", &CHANGE)).contains("change it first"));
}

#[test]
fn rules_of_a_code_are_those_that_are_asked_of_it() {
    let store = TestStore::new();
    let ids = |code| {
        let rules = store.get_validation_rules(code, TK).unwrap();
        rules.into_iter().map(|rule| rule.id).collect::<Vec<_>>()
    };
    assert_eq!(ids(Code::Pt1), ["points-number", "points-range"]);
    let mine = Rule::new("mine", "", Check::Custom(pss_protocol::rules::Custom::BUILT_IN[0]), "m");
    store.add_rule(TK, &mine.of_message(Code::Pt1).severity(Severity::Info), &CHANGE).unwrap();
    assert_eq!(ids(Code::Pt1), ["points-number", "points-range", "mine"]);
    assert_eq!(ids(Code::Pt2), ["points-number", "points-range"]);
    store.disable_rule(TK, "points-range", &CHANGE).unwrap();
    assert_eq!(ids(Code::Pt2), ["points-number"]);
}
