//! Numbers that no scoring table can show.

use crate::{ClockTime, Message};

/// More than any count, score or duration in seconds of a match. The wire carries larger numbers and the record
/// keeps them; here they could only upset the arithmetic.
pub(super) const MOST: u32 = 99_999;

/// The longest time that a table can show, 99:59, in seconds.
const MOST_SECONDS: u32 = 99 * 60 + 59;

/// Whether the numbers that the state reckons with can have come from a table.
pub(super) fn is_plausible(message: &Message<'_>) -> bool {
    let small = |count: &Option<u32>| count.is_none_or(|count| count <= MOST);
    let near_zero = |total: &Option<i32>| total.is_none_or(|total| total.unsigned_abs() <= MOST);
    let short = |time: &Option<ClockTime>| time.is_none_or(|time| time.total_seconds() <= MOST_SECONDS);
    match message {
        Message::Clock { time, .. }
        | Message::Break { time, .. }
        | Message::Injury { time, .. }
        | Message::TimeOut { time, .. } => short(time),
        Message::Points { points, .. } => small(points),
        Message::Hit { level, .. } => small(level),
        Message::Round { round } => small(round),
        Message::Score { blue, red } => near_zero(blue) && near_zero(red),
        Message::GamJeoms { blue, red } => small(blue) && small(red),
        Message::RoundScores(scores) => scores.iter().all(|(_, _, score)| score <= MOST),
        _ => true,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::parse;

    #[test]
    fn tells_scores_from_noise() {
        let plausible = |text: &str| is_plausible(&parse(text.as_bytes()).next().unwrap().message);
        for text in
            ["sc1;27;sc2;-3", "pt1;12", "rnd;4", "hl1;99999", "wg1;10;wg2;0", "s11;27;s21;3", "clk;99:59"]
        {
            assert!(plausible(text), "{text}");
        }
        for text in
            ["sc1;-2147483648;sc2;0", "pt1;4294967295", "rnd;100000", "wg1;0;wg2;100000", "s11;100000"]
        {
            assert!(!plausible(text), "{text}");
        }
        for text in ["clk;100:00", "clk;65535:59;start", "brk;100:00", "ij0;100:00;show", "to1;100:00;start"]
        {
            assert!(!plausible(text), "{text}");
        }
    }
}
