//! Matches whose rules were edited.

use super::*;

#[test]
fn a_hit_too_weak_for_the_body_tells_what_the_head_gives() {
    let mut ring = Ring::loaded();
    ring.hear(
        "1000 clk;02:00;start
         3000 hl1;18
         3001 pt1;6
         3002 sc1;6;sc2;0
         9000 hl2;41
         9001 pt2;5
         9002 sc1;6;sc2;5
         12000 hl2;55
         12001 pt2;6
         12002 sc1;6;sc2;11",
    );
    assert_eq!(ring.told().points(), [(Blue, H, 6, Stated), (Red, K, 5, Stated), (Red, H, 6, Stated)]);
}

#[test]
fn a_weak_hit_beside_another_tells_nothing() {
    let mut ring = Ring::loaded();
    ring.hear(
        "1000 clk;02:00;start
         3000 hl1;18
         3001 hl1;44
         3002 pt1;4
         3003 sc1;4;sc2;0",
    );
    assert_eq!(ring.told().points(), [(Blue, K, 4, Stated)]);
}
