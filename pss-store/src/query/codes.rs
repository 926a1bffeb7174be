//! The codes that can be asked for.

use pss_protocol::{Code, PointCode};

use crate::words::Word as _;

/// The code that operators know an event of this kind by; `point` is the `code` of the event, if it has one.
pub(super) fn of_event<'a>(kind: &str, point: Option<&'a str>) -> &'a str {
    match (kind, point) {
        (_, Some(code)) => code,
        ("gam_jeom" | "gam_jeom_removed" | "challenge", _) => "R",
        ("hit", _) => "HL",
        ("time_out" | "injury", _) => "CLK",
        ("round_started" | "round_ended", _) => "RND",
        _ => "O",
    }
}

/// What an event of one of the codes must be like, in SQL over `match_events` as `e`; `None` for a code that no
/// operator knows.
pub(super) fn condition(code: &str) -> Option<&'static str> {
    Some(match code {
        "P" => "e.code = 'P'",
        "K" => "e.code = 'K'",
        "H" => "e.code = 'H'",
        "TB" => "e.code = 'TB'",
        "TH" => "e.code = 'TH'",
        "R" => "e.kind IN ('gam_jeom', 'gam_jeom_removed', 'challenge')",
        "HL" => "e.kind = 'hit'",
        "CLK" => "e.kind IN ('time_out', 'injury')",
        "RND" => "e.kind IN ('round_started', 'round_ended')",
        "O" => {
            "e.code IS NULL AND e.kind NOT IN ('gam_jeom', 'gam_jeom_removed', 'challenge', 'hit', 'time_out', \
             'injury', 'round_started', 'round_ended')"
        }
        _ => return None,
    })
}

/// The codes of operators, for people.
pub(super) fn of_operators() -> String {
    let points = PointCode::WORDS.iter().map(|(_, word)| *word);
    points.chain(["R", "HL", "CLK", "RND", "O"]).collect::<Vec<_>>().join(" ")
}

/// The wire's own spelling of a code; `None` for one that it does not know.
pub(super) fn of_wire(code: &str) -> Option<&'static str> {
    Code::ALL.iter().map(|known| known.as_str()).find(|known| known.eq_ignore_ascii_case(code))
}

/// The codes of the wire, for people.
pub(super) fn all_of_wire() -> String {
    Code::ALL.iter().map(|code| code.as_str()).collect::<Vec<_>>().join(" ")
}
