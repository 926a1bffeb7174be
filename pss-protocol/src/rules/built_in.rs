//! The rules that come with the crate. docs/RULES.md lists them with their reasons.

use alloc::{borrow::Cow, vec::Vec};

use super::{Check, Custom, Dialect, Format, Rule};
use crate::{
    Code, Decision,
    Severity::{Info, Warning},
};

/// The rules of a dialect: what every sender owes, then what its values may be.
pub(super) fn rules(dialect: Dialect) -> Vec<Rule> {
    let mut rules = common();
    rules.extend(match dialect {
        Dialect::TkStrike => tkstrike(),
        Dialect::V23 => v23(),
        Dialect::Kpnp => kpnp(),
    });
    rules
}

fn range(id: &'static str, field: &'static str, min: i64, max: i64, message: &'static str) -> Rule {
    Rule::new(id, field, Check::Range { min, max }, message)
}

fn required(id: &'static str, field: &'static str, message: &'static str) -> Rule {
    Rule::new(id, field, Check::Required, message).severity(Warning)
}

fn custom(id: &'static str, code: Code, name: &str, message: &'static str) -> Rule {
    let custom = Custom::built_in(name).expect("this table names built-in functions only");
    Rule::new(id, "", Check::Custom(custom), message).of_message(code).severity(Warning)
}

fn time(id: &'static str, field: &'static str) -> Rule {
    Rule::new(id, field, Check::Format(Format::Time), "seconds of a time are below 60")
}

/// The fields without which a message says nothing, and the forms that no dialect departs from.
fn common() -> Vec<Rule> {
    Vec::from([
        required("setting-value", "setting.value", "a setting has a value"),
        required("round-number", "round.round", "a round has a number"),
        required("clock-time", "clock.time", "the clock shows a time"),
        required("break-time", "break.time", "the rest shows a time"),
        required("time-out-time", "time_out.time", "a time-out shows a time"),
        required("points-number", "points.points", "points are a number"),
        required("hit-number", "hit.level", "a hit has a level"),
        custom("score-number", Code::Sc, "somebody_scores", "a score is of somebody"),
        custom("round-scores-number", Code::Sar, "somebody_scores", "a score is of somebody"),
        custom("gam-jeoms-number", Code::Wg, "somebody_counted", "gam-jeoms are of somebody"),
        custom("athletes-name", Code::At, "somebody_named", "an athlete has a name"),
        required("round-winners-rounds", "round_winners.winners", "the list of round winners has rounds"),
        required("hardware-test-number", "hardware_test.step", "a hardware test has a step"),
        required("match-number", "match.number", "a match has a number"),
        required("winner-word", "winner.winner", "a winner is named"),
        required("superiority-number", "superiority.value", "superiority is of somebody"),
        time("clock-format", "clock.time"),
        time("break-format", "break.time"),
        time("injury-format", "injury.time"),
        time("time-out-format", "time_out.time"),
        range("hardware-test-range", "hardware_test.step", 0, 5, "hardware test steps are 0 to 5"),
        range("superiority-range", "superiority.value", 0, 2, "superiority is 0, 1 or 2"),
        range("round-scores-range", "round_scores.scores", 0, 999, "scores of a round are 0 to 999"),
        range("match-seconds-range", "match.round_seconds", 1, 5999, "a round is 1 to 5999 seconds"),
        Rule::new(
            "decision-word",
            "result.decision",
            Check::OneOf(Decision::ALL.iter().map(|decision| Cow::Borrowed(decision.as_str())).collect()),
            "the decision is none that is known",
        )
        .severity(Warning),
    ])
}

/// What TkStrike sends by its own logic, with room for edited rules.
fn tkstrike() -> Vec<Rule> {
    let mut rules = Vec::from([
        // Ten rounds is the most that `wrd` can list; the golden round is the planned ones + 1.
        range("round-range", "round.round", 1, 10, "rounds are 1 to 10, the golden round included"),
        // An amount: the rules are editable and bonus points add to it.
        range("points-range", "points.points", 1, 99, "the points of one action are 1 to 99"),
        range("hit-range", "hit.level", 1, 999, "hit levels are 1 to 999"),
        range("hit-floor", "hit.level", 7, 999, "the sender reports hits above 6 only").severity(Info),
        range("score-range-blue", "score.blue", -99, 999, "scores are -99 to 999"),
        range("score-range-red", "score.red", -99, 999, "scores are -99 to 999"),
        range("gam-jeoms-range-blue", "gam_jeoms.blue", 0, 99, "gam-jeoms are 0 to 99"),
        range("gam-jeoms-range-red", "gam_jeoms.red", 0, 99, "gam-jeoms are 0 to 99"),
        range("gam-jeoms-limit-blue", "gam_jeoms.blue", 0, 10, "more gam-jeoms than the default limit")
            .severity(Info),
        range("gam-jeoms-limit-red", "gam_jeoms.red", 0, 10, "more gam-jeoms than the default limit")
            .severity(Info),
        required("match-rounds", "match.rounds", "a match has planned rounds"),
        required("match-round-seconds", "match.round_seconds", "a match has a round time"),
        required("match-body-level", "match.body_level", "a match has a threshold for the body"),
        required("match-head-level", "match.head_level", "a match has a threshold for the head"),
        range("match-rounds-range", "match.rounds", 1, 9, "planned rounds are 1 to 9"),
        range("match-body-range", "match.body_level", 0, 999, "thresholds are 0 to 999"),
        range("match-head-range", "match.head_level", 0, 999, "thresholds are 0 to 999"),
        required("result-figures", "result.score.blue", "a result has figures"),
        required("result-decision", "result.decision", "a result has a decision"),
        Rule::new("setting-inlb", "setting.value", Check::Format(Format::Integer), "inlb is a whole number")
            .of_code(Code::Inlb)
            .severity(Warning),
        Rule::new("setting-inth", "setting.value", Check::Format(Format::Integer), "inth is a whole number")
            .of_code(Code::Inth)
            .severity(Warning),
        Rule::new(
            "setting-insl",
            "setting.value",
            Check::OneOf(Vec::from([Cow::Borrowed("true"), Cow::Borrowed("false")])),
            "insl is true or false",
        )
        .of_code(Code::Insl)
        .severity(Warning),
    ]);
    rules.extend([("color-blue", "match.blue_colors"), ("color-red", "match.red_colors")].map(
        |(id, field)| {
            Rule::new(id, field, Check::Format(Format::Color), "colours are #rrggbb").severity(Info)
        },
    ));
    rules.extend([("country-blue", "athletes.blue.country"), ("country-red", "athletes.red.country")].map(
        |(id, field)| {
            Rule::new(id, field, Check::Format(Format::Country), "a country is three capital letters")
                .severity(Info)
        },
    ));
    // Of the written list, and no longer sent.
    rules.extend([("avt-retired", Code::Avt), ("sup-retired", Code::Sup)].map(|(id, code)| {
        Rule::new(id, "", Check::Retired, "this sender no longer has the code")
            .of_message(code)
            .severity(Info)
    }));
    rules
}

/// The ranges of the written list.
fn v23() -> Vec<Rule> {
    Vec::from([
        range("round-range", "round.round", 1, 3, "rounds are 1 to 3"),
        range("points-range", "points.points", 1, 5, "point types are 1 to 5"),
        range("hit-range", "hit.level", 1, 100, "hit levels are 1 to 100"),
        range("score-range-blue", "score.blue", 0, 999, "scores are 0 to 999"),
        range("score-range-red", "score.red", 0, 999, "scores are 0 to 999"),
        range("gam-jeoms-range-blue", "gam_jeoms.blue", 0, 4, "warnings are 0 to 4"),
        range("gam-jeoms-range-red", "gam_jeoms.red", 0, 4, "warnings are 0 to 4"),
        required("match-rounds", "match.rounds", "a match has planned rounds"),
        range("match-rounds-range", "match.rounds", 1, 3, "planned rounds are 1 to 3"),
        required("avt-number", "avt.value", "avt has a number"),
    ])
}

/// What is known of KPNP and TKDScoring: the grammar more than the ranges.
fn kpnp() -> Vec<Rule> {
    Vec::from([
        range("round-range", "round.round", 1, 10, "rounds are 1 to 10, the golden round included"),
        range("points-range", "points.points", 1, 99, "the points of one action are 1 to 99"),
        range("hit-range", "hit.level", 1, 999, "hit levels are 1 to 999"),
        range("score-range-blue", "score.blue", -99, 999, "scores are -99 to 999"),
        range("score-range-red", "score.red", -99, 999, "scores are -99 to 999"),
        range("gam-jeoms-range-blue", "gam_jeoms.blue", 0, 99, "gam-jeoms are 0 to 99"),
        range("gam-jeoms-range-red", "gam_jeoms.red", 0, 99, "gam-jeoms are 0 to 99"),
        range("match-rounds-range", "match.rounds", 1, 9, "planned rounds are 1 to 9"),
        required("statistics-fields", "statistics.fields", "statistics have figures"),
    ])
}
