//! Matches of fewer than three rounds, which show no running score.

use super::*;

fn one_round(script: &str) -> Told {
    let mut ring = Ring::new();
    ring.hear(&LOAD.replace("SENIORS;3;120", "SENIORS;1;120")).hear("1000 clk;02:00;start").hear(script);
    ring.told()
}

#[test]
fn a_doubled_point_is_told_by_its_single_hit() {
    let told = one_round(
        "2000 hl1;40
         2001 pt1;2
         2040 pt1;2
         9000 hl2;40
         9001 pt2;2
         9050 hl2;40
         9051 pt2;2",
    );
    assert_eq!(told.points(), [(Blue, K, 2, Stated), (Red, K, 2, Stated), (Red, K, 2, Stated)]);
}

#[test]
fn the_result_gives_the_score_whatever_was_taken_back() {
    let told = one_round(
        "2000 hl1;40
         2001 pt1;2
         9000 hl2;40
         9001 pt2;3
         60000 clk;01:01;stop
         62000 wmh;L. RIVERA;4-0 RSC
         62001 win;BLUE",
    );
    assert_eq!(told.scores(), [(4, 0)]);
    assert_eq!(told.points().last(), Some(&(Blue, Tb, 2, Inferred)));
}

#[test]
fn points_without_totals_show_that_there_are_few_rounds() {
    let mut ring = Ring::new();
    ring.hear(
        "1000 clk;02:00;start
         2000 pt1;2
         9000 pt2;2
         121000 clk;00:00;stop
         125000 wmh;L. RIVERA;4-2 PTF
         125001 win;BLUE",
    );
    assert_eq!(ring.told().scores(), [(4, 2)]);
}
