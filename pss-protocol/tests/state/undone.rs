//! Results that do not stand, and what follows a result.

use super::*;

#[test]
fn a_result_that_was_undone_ends_nothing() {
    let mut ring = Ring::loaded();
    ring.hear(
        "1000 clk;02:00;start
         3000 pt1;2
         3001 sc1;2;sc2;0
         60000 clk;01:01;stop
         62000 wmh;L. RIVERA;0-0 RSC
         62001 win;BLUE",
    );
    assert_eq!(ring.at(63_000).phase, Phase::Ended);
    ring.hear("70000 clk;01:01;start\n 72000 pt2;2\n 72001 sc1;2;sc2;2");
    let snapshot = ring.at(73_000);
    assert_eq!((snapshot.phase, snapshot.round), (Phase::Fighting, 1));
    assert_eq!(snapshot.summary.unwrap().winner, None);
    ring.hear("75000 clk;00:56;stop\n 76000 wmh;L. RIVERA;0-0 RSC\n 76001 win;BLUE");
    let told = ring.told();
    assert_eq!(told.matches.len(), 1);
    assert_eq!(told.scores(), [(2, 2)]);
    assert_eq!(told.count("match_ended"), 2);
    assert_eq!(told.matches[0].winner, Some(Winner::Blue));
}

#[test]
fn a_round_goes_on_after_a_result_when_its_clock_was_set_up() {
    let mut ring = Ring::loaded();
    ring.hear(
        "1000 clk;02:00;start
         3000 pt1;2
         3001 sc1;2;sc2;0
         121000 clk;0:00;stopEnd
         121001 clk;00:00;stop
         124000 wmh;L. RIVERA;0-0 RSC
         124001 win;BLUE
         130000 clk;00:05;corr
         131000 clk;00:05;start
         132000 pt2;3
         132001 sc1;2;sc2;3
         136000 clk;00:00;stop
         139000 wmh;K. TANAKA;0-0 RSC
         139001 win;RED",
    );
    let told = ring.told();
    assert_eq!((told.matches.len(), told.scores()), (1, vec![(2, 3)]));
    assert_eq!(told.matches[0].winner, Some(Winner::Red));
}

#[test]
fn a_full_clock_after_a_result_is_the_next_match() {
    let mut ring = Ring::loaded();
    ring.hear("1000 clk;02:00;start\n 5000 clk;01:56;stop\n 6000 wmh;L. RIVERA;0-0 RSC\n 6001 win;BLUE");
    ring.hear("60000 clk;02:00;start\n 61000 pt2;2\n 61001 sc1;0;sc2;2");
    let told = ring.told();
    assert_eq!(told.matches.len(), 2);
    assert_eq!((told.matches[0].rounds[0].red, told.matches[1].rounds[0].red), (0, 2));
}

/// Whatever is left of the block, and in whichever order, it is no part of the match before.
#[test]
fn a_block_after_a_result_touches_nothing_before() {
    for (lost, first) in [(2, 0), (1, 1), (1, 0), (0, 2)] {
        let mut ring = Ring::loaded();
        ring.hear("1000 clk;02:00;start\n 5000 clk;01:56;stop\n 5010 pt1;2\n 5011 sc1;2;sc2;0");
        ring.hear("6000 wmh;L. RIVERA;0-0 RSC\n 6001 win;BLUE");
        let next = LOAD.replace("    ", "    6000").replace("101", "102");
        let mut lines: Vec<_> = next.trim().lines().skip(lost).map(str::trim).collect();
        let (_, message) = lines.remove(first.min(lines.len() - 1)).split_once(' ').unwrap();
        ring.hear(&format!("59990 {message}"));
        ring.hear(&lines.join("\n"));
        let told = ring.told();
        assert_eq!(told.matches.len(), 2, "first: {message}");
        assert_eq!(told.matches[0].rounds.len(), 1, "first: {message}");
        assert_eq!((told.matches[0].rounds[0].blue, told.matches[0].winner), (2, Some(Winner::Blue)));
        assert_eq!(told.matches[1].number.as_deref(), Some("102"), "first: {message}");
    }
}

#[test]
fn an_athlete_without_a_name_can_win() {
    let mut ring = Ring::new();
    ring.hear(&LOAD.replace("at1;L. RIVERA;L. RIVERA;ESP", "at1;;;ESP"));
    ring.hear(
        "1000 clk;02:00;start
         2000 pt1;2
         2001 s11;2;s21;0;s12;0;s22;0;s13;0;s23;0
         90000 clk;00:00;stop
         95000 wmh;;2-0 PTF",
    );
    assert_eq!(ring.told().matches[0].winner, Some(Winner::Blue));
}

#[test]
fn conventional_matches_without_a_golden_round_list_open_rounds() {
    let mut ring = Ring::loaded();
    ring.hear(
        "1000 clk;02:00;start
         2000 hl1;40
         2001 pt1;2
         2002 sc1;2;sc2;0
         121000 clk;00:00;stop
         121001 wrd;rd1;0;rd2;0;rd3;0
         125000 wrd;rd1;0;rd2;0;rd3;0
         126000 rnd;2
         127000 clk;02:00;start
         128000 hl2;40
         128001 pt2;2
         128002 sc1;2;sc2;2",
    );
    let told = ring.told();
    assert_eq!(told.points(), [(Blue, K, 2, Stated), (Red, K, 2, Stated)]);
    assert_eq!(told.scores(), [(2, 0), (2, 2)]);
    assert_eq!(told.matches[0].scoring, Scoring::Conventional);
}
