//! The simulator: repeatable, true to its own truth, and in the words of the real sender.
#![cfg(feature = "simulate")]

use std::collections::HashMap;

use pss_protocol::{
    Arrival, Athlete, ChallengeState, Datagram, Decision, Flow, Pipeline, PipelineConfig, RecognitionStatus,
    Record, Scoring, Sink, Winner, escape,
    simulate::{Manner, SimulatedDatagram, SimulatedMatch, Simulator, SimulatorConfig},
};

fn config(change: impl FnOnce(&mut SimulatorConfig)) -> SimulatorConfig {
    let mut config = SimulatorConfig::default();
    change(&mut config);
    config
}

fn day(matches: u32, change: impl FnOnce(&mut SimulatorConfig)) -> Vec<SimulatedDatagram> {
    Simulator::new(config(|config| {
        config.matches = Some(matches);
        change(config);
    }))
    .collect()
}

fn matches(datagrams: &[SimulatedDatagram]) -> Vec<&SimulatedMatch> {
    datagrams.iter().filter_map(|datagram| datagram.ends.as_deref()).collect()
}

fn text(datagram: &SimulatedDatagram) -> &str {
    std::str::from_utf8(&datagram.bytes).expect("whole text in the clean manner").trim_end()
}

#[test]
fn the_first_datagrams_are_pinned() {
    let lines = Simulator::new(SimulatorConfig::default())
        .take(60)
        .map(|datagram| format!("{:>9} {}", datagram.at.as_micros(), escape(&datagram.bytes)));
    insta::assert_snapshot!(lines.collect::<Vec<_>>().join("\n"));
}

#[test]
fn a_seed_gives_one_day_and_another_seed_another() {
    assert_eq!(day(3, |_| {}), day(3, |_| {}));
    assert_ne!(day(3, |_| {}), day(3, |config| config.seed = 2));
}

#[test]
fn rings_mix_in_the_order_of_time_and_a_ring_does_not_depend_on_the_others() {
    let hall = day(2, |config| config.rings = 24);
    assert!(hall.is_sorted_by_key(|datagram| datagram.at));
    for ring in 1..=24 {
        let of_ring: Vec<_> = hall.iter().filter(|datagram| datagram.ring == ring).cloned().collect();
        assert_eq!(matches(&of_ring).len(), 2, "ring {ring}");
        assert_eq!(of_ring[0].bytes, b"hel;\r\n");
        assert_eq!(of_ring.last().map(|last| last.bytes.as_slice()), Some(&b"bye;\r\n"[..]));
    }
    let alone = day(2, |_| {});
    let first: Vec<_> = hall.into_iter().filter(|datagram| datagram.ring == 1).collect();
    assert_eq!(first, alone);
}

#[test]
fn no_rings_say_nothing_and_odd_lengths_are_survived() {
    assert_eq!(day(3, |config| config.rings = 0), []);
    for seconds in [0, 1, u32::MAX] {
        let datagrams = day(2, |config| {
            config.rounds = Some(seconds);
            (config.round_seconds, config.rest_seconds, config.golden_seconds) =
                (seconds.min(9), seconds.min(9), seconds.min(9));
            config.conventional_percent = 255;
        });
        assert_eq!(matches(&datagrams).len(), 2);
    }
}

#[test]
fn the_manner_changes_the_arrival_and_nothing_else() {
    let real = day(20, |_| {});
    let clean = day(20, |config| config.manner = Manner::Clean);
    assert_eq!(matches(&real), matches(&clean));
    assert_eq!(real.len(), clean.len());
    let cut = real.iter().filter(|datagram| !datagram.bytes.ends_with(b"\r\n")).count();
    assert!(cut > 0, "some names are beyond ASCII");
    assert!(clean.iter().all(|datagram| datagram.bytes.ends_with(b"\r\n")));
}

#[test]
fn the_truth_adds_up() {
    let datagrams = day(300, |_| {});
    for told in matches(&datagrams) {
        let mut total = [0, 0];
        for round in &told.rounds {
            for (athlete, total) in Athlete::BOTH.into_iter().zip(&mut total) {
                let of_round = told.points_in(round.round, athlete);
                *total += of_round;
                let cumulative = told.scoring == Scoring::Conventional && round.round != told.golden_round();
                assert_eq!(round.score[athlete], if cumulative { *total } else { of_round }, "{told:#?}");
            }
        }
        for hit in &told.hits {
            let Some(point) = hit.point else { continue };
            let point = &told.points[point];
            assert_eq!((hit.athlete, hit.round, hit.at), (point.athlete, point.round, point.at));
        }
        assert_eq!(told.started, !told.rounds.is_empty());
        if let Some(result) = &told.result
            && result.decision == Decision::Ptf
        {
            let (blue, red) = (result.score.blue, result.score.red);
            assert_eq!(result.winner, if blue > red { Winner::Blue } else { Winner::Red });
        }
    }
}

/// The last score that was sent in each round is the truth's, where nothing disturbs the order.
#[test]
fn what_is_sent_is_what_happened() {
    let datagrams = day(120, |config| config.manner = Manner::Clean);
    for of_match in datagrams.split_inclusive(|datagram| datagram.ends.is_some()) {
        let Some(told) = of_match.last().and_then(|last| last.ends.as_deref()) else { continue };
        let (mut round, mut sent) = (0, HashMap::new());
        let (mut hits, mut points, mut by_round) = (0, 0, Vec::<u32>::new());
        for message in of_match.iter().map(text) {
            let fields: Vec<_> = message.split(';').collect();
            match fields[0] {
                "rnd" => round = fields[1].parse().unwrap(),
                "sc1" => _ = sent.insert(round, (fields[1].parse().unwrap(), fields[3].parse().unwrap())),
                "s11" => by_round = fields.iter().skip(1).step_by(2).map(|n| n.parse().unwrap()).collect(),
                "hl1" | "hl2" => hits += 1,
                "pt1" | "pt2" => points += 1,
                _ => {}
            }
        }
        assert_eq!(hits, told.hits.len());
        let without_pt = told.points.iter().filter(|point| point.code.as_str().starts_with('T')).count();
        assert_eq!(points, told.points.len() - without_pt);
        for shown in told.rounds.iter().filter(|_| told.totals_sent) {
            let shown_score = (shown.score.blue, shown.score.red);
            // Without any point in the round nothing was sent for it.
            let (blue, red) = sent.get(&shown.round).copied().unwrap_or(shown_score);
            assert_eq!((blue, red), shown_score, "match {} round {}", told.number, shown.round);
            if told.scoring == Scoring::BestOf3 {
                let place = 2 * (shown.round as usize - 1);
                assert_eq!(by_round[place..place + 2], [shown.score.blue, shown.score.red]);
            }
        }
    }
}

#[test]
fn the_clock_falls_by_single_seconds_while_it_runs() {
    let datagrams = day(40, |config| config.manner = Manner::Clean);
    let mut last: Option<(i64, i64)> = None;
    for datagram in &datagrams {
        let message = text(datagram);
        let Some(rest) = message.strip_prefix("clk;") else { continue };
        let (time, action) = rest.split_once(';').unwrap_or((rest, ""));
        let (minutes, seconds) = time.split_once(':').unwrap();
        let shown = minutes.parse::<i64>().unwrap() * 60 + seconds.parse::<i64>().unwrap();
        let at = i64::try_from(datagram.at.as_micros()).unwrap();
        match (action, last) {
            // The first tick follows a start at once only from a full second.
            ("" | "stopEnd", Some((before, since))) => {
                assert!(action == "stopEnd" || shown == before - 1, "{message} after {before}");
                assert!((0..1_010_000).contains(&(at - since)), "{message} {} µs later", at - since);
            }
            ("stop", Some((before, _))) => assert!(shown == before || shown == 0, "{message} after {before}"),
            _ => {}
        }
        last = match action {
            "start" => Some((shown, at)),
            "" => last.map(|_| (shown, at)),
            _ => None,
        };
    }
}

#[test]
fn a_long_day_has_everything_in_it() {
    let datagrams = day(900, |config| config.conventional_percent = 60);
    let told = matches(&datagrams);
    let results = || told.iter().filter_map(|told| told.result.as_ref());
    for &decision in Decision::ALL {
        assert!(results().any(|result| result.decision == decision), "no {decision}");
    }
    for winner in [Winner::Blue, Winner::Red, Winner::Tie] {
        assert!(results().any(|result| result.winner == winner), "no {winner}");
    }
    for outcome in [ChallengeState::Accepted, ChallengeState::Rejected, ChallengeState::Closed] {
        let mut challenges = told.iter().flat_map(|told| &told.challenges);
        assert!(challenges.any(|challenge| challenge.outcome == outcome), "no {outcome:?}");
    }
    assert!(told.iter().any(|told| told.result.is_none()), "none was only loaded");
    assert!(told.iter().any(|told| !told.totals_sent), "none without totals");
    assert!(told.iter().any(|told| told.rounds.len() as u32 > told.rounds_planned), "no golden round");
    assert!(told.iter().any(|told| told.gam_jeoms.iter().any(|given| given.removed)), "no gam-jeom removed");
    assert!(told.iter().any(|told| told.points.iter().any(|point| point.removed)), "no point removed");
    let chosen = |of_match: &[SimulatedDatagram]| {
        let messages: Vec<_> = of_match.iter().map(|datagram| datagram.bytes.as_slice()).collect();
        let mut after_start = messages.split(|bytes| bytes.ends_with(b";start\r\n")).skip(1);
        after_start.any(|messages| messages.contains(&&b"pre;FightLoaded\r\n"[..]))
    };
    let mut of_matches = datagrams.split_inclusive(|datagram| datagram.ends.is_some());
    assert!(of_matches.any(chosen), "none was chosen again after its start");
    for start in ["ij0;01:00;show", "ij0;0:00", "to1;00:30;start", "to2;00:00;stop", "hwt;", "bye;", "rnd;4"]
    {
        assert!(datagrams.iter().any(|datagram| datagram.bytes.starts_with(start.as_bytes())), "no {start}");
    }
    for end in [";corr\r\n", ";null;null;3;120;cntDown"] {
        let mut texts = datagrams.iter().map(|datagram| String::from_utf8_lossy(&datagram.bytes));
        assert!(texts.any(|text| text.contains(end)), "no {end}");
    }
}

#[test]
fn conventional_matches_are_as_many_as_asked_for() {
    for (percent, scoring) in [(0, Scoring::BestOf3), (100, Scoring::Conventional)] {
        let datagrams = day(20, |config| config.conventional_percent = percent);
        assert!(matches(&datagrams).iter().all(|told| told.scoring == scoring));
    }
}

/// What the rules made of every message.
#[derive(Default)]
struct Statuses {
    whole: usize,
    cut: usize,
    wrong: Vec<String>,
}

impl Sink for Statuses {
    fn record(&mut self, record: &Record<'_>) {
        let bytes = record.datagram.bytes;
        let (count, expected) = match bytes {
            // A cut name with one whole copy beside it, and a line end that lost its half, are `partial` too.
            _ if !bytes.ends_with(b"\r\n") => (&mut self.cut, RecognitionStatus::Partial),
            _ => (&mut self.whole, RecognitionStatus::Recognized),
        };
        *count += 1;
        if record.status != expected {
            self.wrong.push(format!("{} {} {:?}", escape(bytes), record.status.as_str(), record.findings));
        }
    }
}

#[test]
fn every_datagram_is_recognized_and_every_cut_one_partial() {
    let mut pipeline = Pipeline::new(PipelineConfig::default(), Statuses::default());
    for (simulated, seq) in day(150, |config| config.conventional_percent = 50).iter().zip(1..) {
        let arrival = Arrival { wall: None, mono: simulated.at };
        let bytes = &simulated.bytes;
        pipeline.ingest(&Datagram { seq, arrival, source: None, flow: Flow::Broadcast, bytes });
    }
    let statuses = pipeline.finish();
    assert_eq!(statuses.wrong, Vec::<String>::new());
    assert!(statuses.whole > 50_000 && statuses.cut > 20, "{} {}", statuses.whole, statuses.cut);
}
