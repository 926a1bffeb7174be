//! What the table decided, told by scripts: a line of the wire at a millisecond each, and what must come of it.

use std::{net::SocketAddr, time::Duration};

use pss_protocol::{
    AnomalyKind, Arrival, Athlete, Basis, ChallengeState, Datagram, Decision, Dialect, EventKind, Flow,
    MatchEvent, MatchSummary, Monotonic, PerAthlete, Phase, Pipeline, PipelineConfig, PointCode, Scoring,
    Sink, Snapshot, Winner,
};

/// The block at match load, best of three.
const LOAD: &str = "
    0 pre;FightLoaded
    1 rnd;1
    2 clk;02:00
    3 sc1;0;sc2;0
    4 s11;0;s21;0;s12;0;s22;0;s13;0;s23;0
    5 wg1;0;wg2;0
    6 mch;101;Round of 16;MEN -58 kg;;#0000ff;#FFFFFF;#ff0000;#FFFFFF;null;SENIORS;3;120;cntDown;27;10
    7 at1;L. RIVERA;L. RIVERA;ESP;at2;K. TANAKA;K. TANAKA;JPN
    8 rdy;FightReady
";

#[derive(Default)]
struct Told {
    events: Vec<MatchEvent>,
    matches: Vec<MatchSummary>,
}

impl Sink for Told {
    fn event(&mut self, event: &MatchEvent) {
        self.events.push(event.clone());
    }

    fn match_changed(&mut self, summary: &MatchSummary) {
        self.matches.retain(|other| other.index != summary.index);
        self.matches.push(summary.clone());
    }
}

impl Told {
    fn points(&self) -> Vec<(Athlete, PointCode, u32, Basis)> {
        let point = |event: &MatchEvent| match event.kind {
            EventKind::Point { athlete, code, points } => Some((athlete, code, points, event.basis)),
            _ => None,
        };
        self.events.iter().filter_map(point).collect()
    }

    fn count(&self, kind: &str) -> usize {
        self.events.iter().filter(|event| event.kind.as_str() == kind).count()
    }

    fn anomaly(&self, kind: AnomalyKind) -> bool {
        self.events
            .iter()
            .any(|event| matches!(&event.kind, EventKind::Anomaly(anomaly) if anomaly.kind == kind))
    }

    fn scores(&self) -> Vec<(i32, i32)> {
        self.matches
            .last()
            .map(|last| last.rounds.iter().map(|round| (round.blue, round.red)).collect())
            .unwrap_or_default()
    }
}

/// A pipeline that hears scripts. A script is lines of `MILLISECONDS MESSAGE`; `#2` before the message makes it
/// the second sender's.
struct Ring {
    pipeline: Pipeline<Told>,
    seq: u64,
}

impl Ring {
    fn new() -> Self {
        Self::speaking(None)
    }

    fn speaking(dialect: Option<Dialect>) -> Self {
        let mut config = PipelineConfig::default();
        config.dialect = Some(dialect.unwrap_or_default());
        Self { pipeline: Pipeline::new(config, Told::default()), seq: 0 }
    }

    fn loaded() -> Self {
        let mut ring = Self::new();
        ring.hear(LOAD);
        ring
    }

    fn hear(&mut self, script: &str) -> &mut Self {
        self.hear_by(Flow::Broadcast, script)
    }

    fn hear_by(&mut self, flow: Flow, script: &str) -> &mut Self {
        for line in script.lines().map(str::trim).filter(|line| !line.is_empty()) {
            let (time, message) = line.split_once(' ').expect("a time and a message");
            let (port, message) = message.strip_prefix("#2 ").map_or((1, message), |message| (2, message));
            let millis: u64 = time.parse().expect("milliseconds");
            self.seq += 1;
            self.pipeline.ingest(&Datagram {
                seq: self.seq,
                arrival: Arrival { wall: None, mono: Monotonic(Duration::from_millis(millis)) },
                source: Some(SocketAddr::from(([192, 0, 2, 1], port))),
                flow,
                bytes: format!("{message}\r\n").as_bytes(),
            });
        }
        self
    }

    fn at(&mut self, millis: u64) -> Snapshot {
        self.pipeline.tick(Monotonic(Duration::from_millis(millis)));
        self.pipeline.snapshot()
    }

    fn told(self) -> Told {
        self.pipeline.finish()
    }
}

mod edits;
mod gaps;
mod rules;
mod silent;
mod undone;

use Athlete::{Blue, Red};
use Basis::{Inferred, Stated};
use PointCode::{H, K, P, Tb};

#[test]
fn a_match_from_load_to_result() {
    let mut ring = Ring::loaded();
    assert_eq!(ring.at(500).phase, Phase::Ready);
    ring.hear(
        "1000 clk;02:00;start
         1001 clk;01:59
         5000 hl1;41
         5001 sc1;2;sc2;0
         5002 pt1;2
         5003 s11;2;s21;0;s12;0;s22;0;s13;0;s23;0
         5120 sc1;4;sc2;0
         5121 s11;4;s21;0;s12;0;s22;0;s13;0;s23;0",
    );
    let snapshot = ring.at(6000);
    assert_eq!((snapshot.phase, snapshot.round, snapshot.running), (Phase::Fighting, 1, true));
    assert_eq!(snapshot.score, PerAthlete { blue: 4, red: 0 });
    ring.hear(
        "90000 clk;0:00;stopEnd
         90001 clk;00:00;stop
         90002 wrd;rd1;0;rd2;0;rd3;0
         94000 wrd;rd1;1;rd2;0;rd3;0
         94001 brk;00:59
         95000 brk;0:00;stopEnd
         95001 rnd;2",
    );
    assert_eq!(ring.at(95_100).phase, Phase::Rest);
    ring.hear(
        "96000 clk;02:00;start
         97000 hl1;30
         97001 pt1;3
         97002 sc1;3;sc2;0
         97003 s11;4;s21;0;s12;3;s22;0;s13;0;s23;0
         190000 clk;00:00;stop
         190001 clk;0:00;stopEnd
         190002 wrd;rd1;1;rd2;0;rd3;0
         195000 wmh;L. RIVERA;2-0 PTF
         195001 win;BLUE",
    );
    assert_eq!(ring.at(196_000).phase, Phase::Ended);
    let told = ring.told();
    assert_eq!(told.points(), [(Blue, K, 2, Stated), (Blue, Tb, 2, Inferred), (Blue, H, 3, Stated)]);
    assert_eq!(told.scores(), [(4, 0), (3, 0)]);
    let last = told.matches.last().unwrap();
    assert_eq!(last.scoring, Scoring::BestOf3);
    // Without an OVR address the last round's winner never comes: it follows from the score.
    let winners: Vec<_> = last.rounds.iter().map(|round| (round.winner, round.winner_basis)).collect();
    assert_eq!(winners, [(Some(Blue), Some(Stated)), (Some(Blue), Some(Inferred))]);
    assert_eq!((last.winner, last.winner_basis), (Some(Winner::Blue), Some(Stated)));
    assert_eq!((last.decision, last.decision_basis), (Some(Decision::Ptf), Some(Stated)));
    assert_eq!(told.count("round_started"), 2);
    assert_eq!(told.count("round_ended"), 2);
    assert_eq!(told.count("match_ended"), 1);
}

#[test]
fn an_older_total_that_arrives_last_is_set_aside() {
    let mut ring = Ring::loaded();
    ring.hear(
        "1000 clk;02:00;start
         5000 pt2;3
         5001 sc1;0;sc2;5
         5002 pt2;2
         5003 sc1;0;sc2;3",
    );
    assert_eq!(ring.at(6000).score, PerAthlete { blue: 0, red: 5 });
    assert!(ring.told().anomaly(AnomalyKind::StaleScore));
}

#[test]
fn a_repeated_round_keeps_the_score() {
    let mut ring = Ring::loaded();
    ring.hear("1000 clk;02:00;start\n 2000 pt1;2\n 2001 sc1;2;sc2;0\n 3000 rnd;1");
    assert_eq!(ring.at(4000).score, PerAthlete { blue: 2, red: 0 });
    ring.hear("5000 pt1;2\n 5001 sc1;4;sc2;0");
    assert_eq!(ring.told().scores(), [(4, 0)]);
}

#[test]
fn a_lone_side_leaves_the_other_as_it_is() {
    let mut ring = Ring::loaded();
    ring.hear(
        "1000 clk;02:00;start
         2000 pt2;3
         2001 sc1;0;sc2;3
         2002 wg1;0;wg2;0
         3000 pt1;2
         3001 sc1;2;
         4000 sc2;4
         4001 wg1;1;",
    );
    let snapshot = ring.at(5000);
    assert_eq!(snapshot.score, PerAthlete { blue: 2, red: 4 });
    assert_eq!(snapshot.gam_jeoms, PerAthlete { blue: 1, red: 0 });
    assert_eq!(ring.told().count("gam_jeom"), 1);
}

#[test]
fn a_gam_jeom_that_is_removed_falls_only_in_the_score() {
    let mut ring = Ring::loaded();
    ring.hear(
        "1000 clk;02:00;start
         2000 clk;01:59;stop
         3000 wg1;0;wg2;1
         3001 sc1;1;sc2;0
         4000 sc1;0;sc2;0
         5000 clk;01:59;start",
    );
    let snapshot = ring.at(6000);
    assert_eq!(snapshot.score, PerAthlete { blue: 0, red: 0 });
    assert_eq!(snapshot.gam_jeoms, PerAthlete { blue: 0, red: 0 });
    let told = ring.told();
    assert_eq!((told.count("gam_jeom"), told.count("gam_jeom_removed"), told.count("point")), (1, 1, 0));
}

#[test]
fn lost_points_are_inferred_from_the_totals() {
    let mut ring = Ring::loaded();
    ring.hear(
        "1000 clk;02:00;start
         2000 hl1;40
         2001 sc1;3;sc2;0
         9000 sc1;3;sc2;1",
    );
    let told = ring.told();
    assert_eq!(told.points(), [(Blue, H, 3, Inferred), (Red, P, 1, Inferred)]);
    assert!(told.anomaly(AnomalyKind::ScoreWithoutPoint));
}

#[test]
fn a_late_tick_does_not_restart_the_clock() {
    let mut ring = Ring::loaded();
    ring.hear("1000 clk;02:00;start\n 1001 clk;01:59\n 1990 clk;01:58;stop\n 2020 clk;01:58");
    assert!(!ring.at(2100).running);
    // A tick long after the stop shows that the start was lost.
    ring.hear("9000 clk;01:57");
    assert!(ring.at(9001).running);
}

#[test]
fn ticks_that_never_came_and_a_clock_that_goes_back_are_told() {
    let mut ring = Ring::loaded();
    ring.hear("1000 clk;02:00;start\n 1001 clk;01:59\n 4000 clk;01:56\n 5000 clk;01:55\n 6000 clk;01:59");
    let told = ring.told();
    assert!(told.anomaly(AnomalyKind::DatagramLost));
    assert!(told.anomaly(AnomalyKind::ClockJump));
}

#[test]
fn only_show_opens_a_kye_shi() {
    let mut ring = Ring::loaded();
    ring.hear("1000 clk;02:00;start\n 2000 clk;01:59;stop\n 3000 ij0;01:00;show\n 4000 ij0;00:59");
    assert_eq!(ring.at(4001).injury.unwrap().time.unwrap().total_seconds(), 59);
    ring.hear("5000 ij0;00:58;hide\n 5010 ij0;00:58\n 5020 ij0;0:00");
    assert_eq!(ring.at(5100).injury, None);
    assert_eq!(ring.told().count("injury"), 2);
}

#[test]
fn a_rejected_challenge_costs_the_card_and_a_closed_one_does_not() {
    let mut ring = Ring::loaded();
    ring.hear("1000 clk;02:00;start\n 2000 clk;01:59;stop\n 3000 ch1;");
    assert_eq!(ring.at(3001).challenges.len(), 1);
    ring.hear("4000 ch1;0\n 5000 ch2;\n 6000 ch2;-1\n 7000 ch2;\n 8000 ch2;1\n 9000 ch2;\n 9500 ch2;1;0;");
    let snapshot = ring.at(9600);
    assert_eq!(snapshot.challenges_lost, PerAthlete { blue: 1, red: 1 });
    assert!(snapshot.challenges.is_empty());
    let states: Vec<_> = ring
        .told()
        .events
        .iter()
        .filter_map(|event| match event.kind {
            EventKind::Challenge { state, .. } => Some(state),
            _ => None,
        })
        .collect();
    use ChallengeState::{Accepted, Closed, Rejected, Requested};
    assert_eq!(states, [Requested, Rejected, Requested, Closed, Requested, Accepted, Requested, Accepted]);
}

#[test]
fn the_same_match_loaded_again_is_one_match() {
    let mut ring = Ring::loaded();
    ring.hear("1000 clk;02:00;start\n 2000 pt1;2\n 2001 sc1;2;sc2;0\n 3000 clk;01:58;stop");
    let again = LOAD.replace("    ", "    1000");
    ring.hear(&again).hear("11000 clk;01:58;start\n 12000 pt1;2\n 12001 sc1;4;sc2;0");
    let told = ring.told();
    assert_eq!(told.matches.len(), 1);
    assert_eq!(told.scores(), [(4, 0)]);
    assert_eq!(told.count("match_loaded"), 2);
}

#[test]
fn a_match_loaded_again_can_begin_anew() {
    let mut ring = Ring::loaded();
    ring.hear("1000 clk;02:00;start\n 2000 pt1;2\n 2001 sc1;2;sc2;0\n 3000 clk;01:58;stop");
    ring.hear(&LOAD.replace("    ", "    1000"))
        .hear("11000 clk;02:00;start\n 12000 pt2;3\n 12001 sc1;0;sc2;3");
    let told = ring.told();
    assert_eq!(told.matches.len(), 1);
    assert_eq!(told.scores(), [(0, 3)]);
    assert_eq!(told.points().len(), 2); // what was told stays told
}

#[test]
fn the_same_number_after_a_result_is_another_match() {
    let mut ring = Ring::loaded();
    ring.hear("1000 clk;02:00;start\n 2000 clk;01:59;stop\n 3000 wmh;L. RIVERA;0-0 WDR\n 3001 win;BLUE");
    ring.hear(&LOAD.replace("    ", "    1000"));
    assert_eq!(ring.told().matches.len(), 2);
}

#[test]
fn a_match_that_never_started_can_have_a_result() {
    let mut ring = Ring::loaded();
    ring.hear("3000 wmh;K. TANAKA;0-0 WDR\n 3001 win;RED");
    let told = ring.told();
    let only = told.matches.last().unwrap();
    assert_eq!((only.winner, only.decision), (Some(Winner::Red), Some(Decision::Wdr)));
    assert!(only.rounds.is_empty() && !only.started);
}

#[test]
fn the_latest_result_counts() {
    let mut ring = Ring::loaded();
    ring.hear(
        "1000 clk;02:00;start
         2000 wmh;L. RIVERA;2-0 RSC
         2001 win;BLUE
         9000 wmh;K. TANAKA;0-2 DSQ
         9001 win;RED",
    );
    let told = ring.told();
    let only = told.matches.last().unwrap();
    assert_eq!((only.winner, only.decision), (Some(Winner::Red), Some(Decision::Dsq)));
    assert_eq!(told.count("match_ended"), 2);
}

#[test]
fn a_lost_winner_follows_from_the_result_and_a_lost_decision_from_the_course() {
    let fight = "
        1000 clk;02:00;start
        2000 pt1;2
        2001 s11;2;s21;0;s12;0;s22;0;s13;0;s23;0
        90000 clk;00:00;stop
        94000 wrd;rd1;1;rd2;0;rd3;0
        95001 rnd;2
        96000 clk;02:00;start
        97000 pt1;3
        97001 s11;2;s21;0;s12;3;s22;0;s13;0;s23;0
        190000 clk;00:00;stop";
    let mut without_win = Ring::loaded();
    without_win.hear(fight).hear("195000 wmh;L. RIVERA;2-0 PTF");
    let told = without_win.told();
    assert_eq!(told.matches[0].winner, Some(Winner::Blue));
    let mut without_result = Ring::loaded();
    without_result.hear(fight).hear("195000 win;BLUE");
    let told = without_result.told();
    assert_eq!(
        (told.matches[0].decision, told.matches[0].decision_basis),
        (Some(Decision::Ptf), Some(Inferred))
    );
    let mut without_both = Ring::loaded();
    without_both.hear(fight);
    let told = without_both.told();
    assert_eq!((told.matches[0].winner, told.matches[0].winner_basis), (Some(Winner::Blue), Some(Inferred)));
}

#[test]
fn a_winner_that_the_score_contradicts_is_told() {
    let mut ring = Ring::loaded();
    ring.hear(
        "1000 clk;02:00;start
         2000 pt1;2
         2001 s11;2;s21;0;s12;0;s22;0;s13;0;s23;0
         90000 clk;00:00;stop
         95001 rnd;2
         96000 clk;02:00;start
         97000 pt1;3
         97001 s11;2;s21;0;s12;3;s22;0;s13;0;s23;0
         190000 clk;00:00;stop
         195000 wmh;K. TANAKA;2-0 PTF
         195001 win;RED",
    );
    assert!(ring.told().anomaly(AnomalyKind::WinnerMismatch));
}

#[test]
fn a_lost_round_message_is_made_up_for_by_the_clock() {
    let mut ring = Ring::loaded();
    ring.hear(
        "1000 clk;02:00;start
         2000 pt1;2
         2001 s11;2;s21;0;s12;0;s22;0;s13;0;s23;0
         90000 clk;0:00;stopEnd
         95000 brk;00:01
         96000 clk;02:00;start
         97000 pt2;3
         97001 sc1;0;sc2;3",
    );
    assert_eq!(ring.at(98_000).round, 2);
    assert_eq!(ring.told().scores(), [(2, 0), (0, 3)]);
}

#[test]
fn joining_in_mid_match_invents_nothing() {
    let mut ring = Ring::new();
    ring.hear(
        "0 clk;01:10\n 1000 clk;01:09\n 1500 sc1;12;sc2;9\n 2000 clk;01:08\n 3000 pt1;2\n 3001 sc1;14;sc2;9",
    );
    let told = ring.told();
    assert_eq!(told.points(), [(Blue, K, 2, Stated)]);
    assert_eq!(told.matches[0].number, None);
    assert_eq!(told.scores(), [(14, 9)]);
}

#[test]
fn answers_to_others_and_requests_change_nothing() {
    let mut ring = Ring::loaded();
    ring.hear("1000 clk;02:00;start\n 2000 pt1;2\n 2001 sc1;2;sc2;0");
    ring.hear_by(Flow::ForeignAnswer, "3000 sc1;9;sc2;9\n 3001 rnd;3\n 3002 wmh;K. TANAKA;0-2 PTF");
    ring.hear_by(Flow::Request, "3003 scores");
    let snapshot = ring.at(4000);
    assert_eq!((snapshot.score.blue, snapshot.round), (2, 1));
    assert_eq!(ring.told().matches[0].winner, None);
}

#[test]
fn our_own_answers_fill_what_is_unknown_and_nothing_else() {
    let mut ring = Ring::new();
    ring.hear("0 clk;01:10\n 1000 clk;01:09");
    ring.hear_by(
        Flow::Answer,
        "1100 mch;101;Final;MEN -58 kg;;a;b;c;d;null;SENIORS;3;120;cntDown;27;10
         1101 at1;L. RIVERA;L. RIVERA;ESP;at2;K. TANAKA;K. TANAKA;JPN
         1102 rnd;2
         1103 sc1;5;sc2;3
         1104 wg1;1;wg2;0",
    );
    let snapshot = ring.at(1200);
    assert_eq!((snapshot.round, snapshot.score), (2, PerAthlete { blue: 5, red: 3 }));
    assert_eq!(snapshot.summary.unwrap().number.as_deref(), Some("101"));
    ring.hear_by(Flow::Answer, "1300 sc1;0;sc2;0\n 1301 rnd;1");
    let snapshot = ring.at(1400);
    assert_eq!((snapshot.round, snapshot.score), (2, PerAthlete { blue: 5, red: 3 }));
}

#[test]
fn two_senders_on_one_ring_are_told_and_the_first_is_followed() {
    let mut ring = Ring::loaded();
    ring.hear("1000 clk;02:00;start\n 2000 #2 pt2;3\n 3000 clk;01:58\n 4000 #2 pt2;3\n 5000 pt1;2");
    let told = ring.told();
    assert!(told.anomaly(AnomalyKind::TwoSenders));
    let points = told.points();
    assert_eq!(
        points.iter().filter(|point| point.0 == Red).count(),
        1,
        "only until the first one spoke again"
    );
    assert_eq!(points.last(), Some(&(Blue, K, 2, Stated)));
}

#[test]
fn a_sender_that_connects_again_goes_on() {
    let mut ring = Ring::loaded();
    ring.hear("1000 clk;02:00;start\n 2000 bye;\n 3000 #2 hel;\n 4000 #2 pt1;2\n 4001 #2 sc1;2;sc2;0");
    let told = ring.told();
    assert_eq!((told.count("sender_connected"), told.count("sender_gone")), (2, 1));
    assert_eq!(told.scores(), [(2, 0)]);
    assert!(!told.anomaly(AnomalyKind::TwoSenders));
}

#[test]
fn the_golden_round_counts_every_second_gam_jeom() {
    let mut ring = Ring::loaded();
    ring.hear(
        "1000 clk;02:00;start
         2000 clk;00:00;stop
         2001 wrd;rd1;0;rd2;0;rd3;0;rd4;0
         3000 rnd;4
         4000 clk;01:00;start
         5000 wg1;1;wg2;0
         5001 sc1;0;sc2;0
         6000 wg1;2;wg2;0
         6001 sc1;0;sc2;2
         6002 clk;00:50;stop
         7000 wmh;K. TANAKA;0-2 GDP
         7001 win;RED",
    );
    let told = ring.told();
    assert_eq!((told.count("gam_jeom"), told.count("point")), (2, 0));
    assert_eq!(told.scores(), [(0, 0), (0, 2)]);
    assert_eq!(told.matches[0].scoring, Scoring::Conventional);
}

#[test]
fn without_running_scores_the_result_gives_the_bonuses_away() {
    let mut ring = Ring::new();
    ring.hear(&LOAD.replace("SENIORS;3;120", "PARA;1;120"));
    ring.hear(
        "1000 clk;02:00;start
         2000 pt1;2
         3000 pt2;2
         90000 clk;00:00;stop
         95000 wmh;L. RIVERA;4-4 PTF
         95001 win;BLUE",
    );
    let told = ring.told();
    let bonuses: Vec<_> = told.points().into_iter().filter(|point| point.3 == Inferred).collect();
    assert_eq!(bonuses, [(Blue, Tb, 2, Inferred), (Red, Tb, 2, Inferred)]);
    assert!(
        told.events
            .iter()
            .filter(|event| event.basis == Inferred && event.kind.as_str() == "point")
            .all(|event| event.clock.is_none() && event.at.wall.is_none())
    );
    assert_eq!(told.matches[0].result.as_deref(), Some("4-4"));
}

#[test]
fn the_written_list_reads_points_as_kinds() {
    let mut ring = Ring::speaking(Some(Dialect::V23));
    ring.hear(LOAD)
        .hear("1000 clk;02:00;start\n 2000 pt1;4;\n 2001 sc1;4;sc2;0;\n 3000 pt2;5;\n 3001 sc1;4;sc2;5;");
    assert_eq!(ring.told().points(), [(Blue, Tb, 4, Stated), (Red, PointCode::Th, 5, Stated)]);
}

#[test]
fn high_scores_are_scores() {
    let mut ring = Ring::loaded();
    ring.hear("1000 clk;02:00;start\n 2000 sc1;57;sc2;3");
    assert_eq!(ring.at(3000).score.blue, 57);
    let told = ring.told();
    assert_eq!(told.scores(), [(57, 3)]);
    assert!(told.points().is_empty() && told.anomaly(AnomalyKind::ScoreWithoutPoint));
}

#[test]
fn a_later_round_as_the_first_word_joins_there() {
    let mut ring = Ring::new();
    ring.hear("0 rnd;2\n 1000 clk;02:00;start\n 2000 pt1;2");
    let told = ring.told();
    assert_eq!(told.points(), [(Blue, K, 2, Stated)]);
    assert!(told.events.iter().all(|event| event.round == 2 || event.kind.as_str() == "sender_connected"));
}

#[test]
fn whatever_the_order_of_the_load_it_is_one_match() {
    for at in 0..9 {
        let mut lines: Vec<_> = LOAD.trim().lines().map(str::trim).collect();
        let late = lines.remove(at);
        let (_, message) = late.split_once(' ').unwrap();
        let mut ring = Ring::new();
        ring.hear(&lines.join("\n"))
            .hear(&format!("80 {message}\n 1000 clk;02:00;start\n 2000 pt1;2\n 2001 sc1;2;sc2;0"));
        let told = ring.told();
        assert_eq!(told.matches.len(), 1, "late: {message}");
        assert_eq!(told.matches[0].number.as_deref(), Some("101"), "late: {message}");
        assert_eq!(told.scores(), [(2, 0)], "late: {message}");
        assert_eq!(told.matches[0].rounds[0].round, 1, "late: {message}");
    }
}
