//! What the table edits while the clock stands.

use super::*;
use PointCode::Th;

/// A kick of each athlete, and a clock that stands since a while.
const STANDING: &str = "
    1000 clk;02:00;start
    5000 hl1;41
    5001 pt1;2
    5002 sc1;2;sc2;0
    9000 hl2;22
    9001 pt2;3
    9002 sc1;2;sc2;3
    15000 pt1;1
    15001 sc1;3;sc2;3
    20000 clk;01:41;stop
    22000 ch2;
";

fn edited(script: &str) -> Told {
    let mut ring = Ring::loaded();
    ring.hear(STANDING).hear(script);
    ring.told()
}

#[test]
fn a_challenge_can_give_a_bonus_alone() {
    let told = edited("30000 sc1;3;sc2;5\n 30001 ch2;1");
    assert_eq!(told.points().last(), Some(&(Red, Th, 2, Inferred)));
    assert_eq!((told.scores(), told.anomaly(AnomalyKind::ScoreWithoutPoint)), (vec![(3, 5)], false));
}

#[test]
fn a_bonus_and_a_punch_taken_back_are_no_gam_jeoms() {
    let told = edited("30000 sc1;2;sc2;3\n 30001 sc1;4;sc2;3\n 30002 ch2;1");
    assert_eq!(told.scores(), [(4, 3)]);
    assert_eq!((told.count("gam_jeom"), told.count("point_removed")), (0, 1));
    assert_eq!(told.points().last(), Some(&(Blue, Tb, 2, Inferred)));
}

#[test]
fn many_edits_with_one_lost_are_still_explained() {
    // As in capture h: three points and a bonus for red, one of them taken back, a punch of blue whose `pt` was
    // lost, and a gam-jeom of blue.
    let mut ring = Ring::loaded();
    ring.hear(
        "1000 clk;02:00;start
         20000 clk;01:41;stop
         22000 ch2;
         30000 sc1;0;sc2;2
         30001 pt2;3
         30002 sc1;0;sc2;4
         30003 pt2;2
         30004 pt2;2
         30005 sc1;0;sc2;7
         30006 sc1;0;sc2;9
         30007 sc1;1;sc2;9
         30008 sc1;1;sc2;8
         30009 wg1;1;wg2;0
         30010 sc1;1;sc2;7
         30011 ch2;1",
    );
    let told = ring.told();
    assert_eq!(told.scores(), [(1, 8)]);
    assert_eq!(told.count("point_removed"), 1);
    assert_eq!(told.points().iter().filter(|point| point.0 == Red).count(), 4);
}

#[test]
fn what_is_edited_in_the_rest_is_read_together() {
    let mut ring = Ring::loaded();
    ring.hear(
        "1000 clk;02:00;start
         5000 pt1;3
         5001 sc1;3;sc2;0
         121000 clk;00:00;stop
         124000 wrd;rd1;1;rd2;0;rd3;0
         124100 brk;00:59
         130000 sc1;3;sc2;2
         130001 brk;00:54
         130002 wrd;rd1;1;rd2;0;rd3;0
         130003 pt2;2",
    );
    let told = ring.told();
    assert_eq!(told.points(), [(Blue, H, 3, Stated), (Red, K, 2, Stated)]);
    assert_eq!(told.scores(), [(3, 2)]);
}
