//! What is found out of a match that was not heard from its beginning to its end.

use super::*;

#[test]
fn the_scores_of_the_rounds_tell_which_one_we_joined() {
    let mut ring = Ring::new();
    ring.hear(
        "0 clk;01:10
         1000 clk;01:09
         1500 sc1;4;sc2;0
         1501 s11;5;s21;6;s12;4;s22;0;s13;0;s23;0
         3000 pt1;2
         3001 sc1;6;sc2;0
         3002 s11;5;s21;6;s12;6;s22;0;s13;0;s23;0
         71000 clk;00:00;stop
         71001 wrd;rd1;2;rd2;0;rd3;0",
    );
    let told = ring.told();
    assert!(told.events.iter().filter(|event| event.kind.as_str() == "point").all(|event| event.round == 2));
    // The first round was over before; its score is said again and again.
    assert_eq!(told.scores(), [(5, 6), (6, 0)]);
    let rounds = &told.matches[0].rounds;
    assert_eq!((rounds[0].round, rounds[0].winner, rounds[1].round), (1, Some(Red), 2));
}

#[test]
fn points_in_a_later_round_show_that_it_began() {
    let mut ring = Ring::loaded();
    ring.hear(
        "1000 clk;02:00;start
         2000 pt1;2
         2001 s11;2;s21;0;s12;0;s22;0;s13;0;s23;0
         3000 clk;01:57;stop
         99000 s11;2;s21;0;s12;0;s22;3;s13;0;s23;0
         99001 pt2;3",
    );
    let told = ring.told();
    assert_eq!(told.scores(), [(2, 0), (0, 3)]);
}

#[test]
fn a_clock_that_returns_from_a_silence_with_more_time_runs_in_the_next_round() {
    let mut ring = Ring::loaded();
    ring.hear(
        "1000 clk;02:00;start
         2000 pt1;2
         2001 s11;2;s21;0;s12;0;s22;0;s13;0;s23;0
         3000 clk;00:12
         4000 clk;00:11
         40000 clk;01:33
         41000 clk;01:32
         42000 pt2;3
         42001 sc1;0;sc2;3",
    );
    let told = ring.told();
    assert_eq!(told.count("round_started"), 2);
    assert_eq!(told.scores(), [(2, 0), (0, 3)]);
}

#[test]
fn an_operator_may_go_back_to_an_earlier_round() {
    let mut ring = Ring::loaded();
    ring.hear(
        "1000 clk;02:00;start
         2000 pt1;2
         2001 s11;2;s21;0;s12;0;s22;0;s13;0;s23;0
         121000 clk;00:00;stop
         125000 rnd;2
         126000 clk;02:00;start
         127000 pt1;2
         127001 s11;2;s21;0;s12;2;s22;0;s13;0;s23;0
         128000 clk;01:58;stop
         129000 rnd;1
         130000 s11;2;s21;3;s12;2;s22;0;s13;0;s23;0
         130001 pt2;3",
    );
    let told = ring.told();
    assert_eq!(told.matches[0].rounds.len(), 1);
    assert_eq!(told.scores(), [(2, 3)]);
}
