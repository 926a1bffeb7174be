//! The logs of the scoring system beside what UDP gave.

use std::{fs, path::Path};

use pss_protocol::{Datagram, FlowClassifier, Monotonic, Pipeline, PipelineConfig, Timestamp, unescape};
use pss_store::{
    LogDifference, LogJoin, LogState, MatchLog, MatchLogId, NewSession, SessionId, Store, WhenFull,
};

use crate::{
    support::{START, at, replay},
    testing::TestStore,
};

const NOW: Timestamp = Timestamp(START);

fn corpus(name: &str) -> Vec<u8> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../pss-protocol/tests/corpus");
    fs::read(folder.join(name)).unwrap()
}

/// Replays a capture's listing so that its first match begins when its first log does.
fn replay_at(store: &Store, capture: &str, ring: &str, began: Timestamp) -> SessionId {
    let session = store.begin_session(NewSession { again: true, ..replay(ring) }).unwrap();
    let mut pipeline = Pipeline::new(PipelineConfig::default(), store.sink(session, WhenFull::Wait));
    let mut flows = FlowClassifier::default();
    let text = String::from_utf8(corpus(&format!("{capture}.txt"))).unwrap();
    let lines: Vec<Vec<&str>> = text
        .lines()
        .filter(|line| !line.starts_with('#'))
        .map(|line| line.splitn(5, '\t').collect())
        .collect();
    let micros = |line: &[&str]| (line[0].parse::<f64>().unwrap() * 1000.0).round() as i64;
    let first = lines.iter().find(|line| line[4].ends_with(";start\\r\\n")).unwrap();
    let offset = began.0 - micros(first);
    for (seq, line) in (1..).zip(&lines) {
        let (bytes, source) = (unescape(line[4]).unwrap(), line[1].parse().ok());
        let mut arrival = at(0);
        arrival.wall = Some(Timestamp(offset + micros(line)));
        arrival.mono = Monotonic::from_micros(micros(line).unsigned_abs());
        let flow = flows.classify(source, line[2].parse().ok(), &bytes);
        pipeline.ingest(&Datagram { seq, arrival, source, flow, bytes: &bytes });
    }
    pipeline.finish().finish(NOW).unwrap();
    store.flush().unwrap();
    session
}

/// The logs of a capture's matches under the names that a real event gives them.
fn logs(capture: &str, court: &str, numbers: &[&str]) -> Vec<MatchLog> {
    let log = |(match_, number): (usize, &&str)| {
        let items = corpus(&format!("{capture}-m{match_}-matchLogItems.csv"));
        MatchLog::read(&format!("20261122103000-{number}"), court, &items, None).unwrap()
    };
    (1..).zip(numbers).map(log).collect()
}

fn began(log: &MatchLog) -> Timestamp {
    log.times().unwrap().0
}

#[track_caller]
fn joined(difference: &LogDifference) -> pss_store::MatchId {
    match difference.join {
        LogJoin::Match { match_id, .. } => match_id,
        ref other => panic!("not joined: {other:?}"),
    }
}

#[test]
fn the_logs_of_real_matches_find_them_and_agree() {
    let store = TestStore::new();
    for (capture, numbers) in [
        ("a1_bestof3_realtime", &["101"][..]),
        ("b_nonascii_truncation", &["7", "8", "9", "10"]),
        ("c_golden_tiebreak", &["201", "202", "203", "204", "205"]),
        ("d_para_hw_connect", &["P1"]),
        ("e_requests", &["301"]),
        ("h_bursts_reordering", &["501"]),
        ("j_no_ovr_url", &["701"]),
    ] {
        let logs = logs(capture, "Court01", numbers);
        replay_at(&store, capture, "1", began(&logs[0]));
        for (log, number) in logs.iter().zip(numbers) {
            assert_eq!(log.flaws(), []);
            let difference = store.import_match_log(log, NOW).unwrap();
            let id = joined(&difference);
            let found = store.find_match(id).unwrap().unwrap();
            assert_eq!(found.summary.number.as_deref(), Some(*number), "{capture}");
            let comparison = difference.comparison.unwrap();
            assert!(comparison.is_equal(), "{capture} {number}: {comparison:#?}");
            assert!(
                comparison.hits.both > 0 && !comparison.rounds.is_empty() && comparison.winner.log.is_some()
            );
        }
    }
    assert_eq!(store.match_logs().unwrap().len(), 14);
    assert!(store.match_logs().unwrap().iter().all(|log| log.match_id.is_some()));
}

#[test]
fn an_import_says_what_it_does_and_does_it_once() {
    let store = TestStore::new();
    let log = logs("a1_bestof3_realtime", "Court01", &["101"]).remove(0);
    let told = |log: &MatchLog| {
        let difference = store.examine_match_log(log).unwrap();
        (difference.state, difference.items_added, difference.items_removed, difference.items_kept)
    };
    let all = log.items().len();
    assert_eq!(told(&log), (LogState::New, all, 0, 0));
    assert!(store.match_logs().unwrap().is_empty(), "to examine writes nothing");

    let first = store.import_match_log(&log, NOW).unwrap();
    assert_eq!((first.state, first.join), (LogState::New, LogJoin::NoMatch));
    assert_eq!(told(&log), (LogState::Unchanged, 0, 0, all));
    // The match comes later.
    replay_at(&store, "a1_bestof3_realtime", "1", began(&log));
    let second = store.import_match_log(&log, NOW).unwrap();
    assert_eq!(second.state, LogState::Unchanged);
    let stored = store.match_logs().unwrap().remove(0);
    assert_eq!(stored.match_id, Some(joined(&second)));
    assert_eq!(stored.items, all as u64);
    assert_eq!(store.match_log_items(stored.id).unwrap(), log.items());

    // A point less, a line more, and a file beside it.
    let text = String::from_utf8(corpus("a1_bestof3_realtime-m1-matchLogItems.csv")).unwrap();
    let mut lines: Vec<&str> = text.lines().collect();
    let point = lines.iter().position(|line| line.contains("\"BLUE_PUNCH_POINT\"")).unwrap();
    lines.remove(point);
    lines.insert(1, lines[1]);
    let summary = "\u{feff}\"matchNumber\",\"roundsWinners\"\n\"101\",{\"1\":\"BLUE\",\"2\":\"RED\"}\n";
    let changed =
        MatchLog::read(log.name(), log.court(), lines.join("\n").as_bytes(), Some(summary.as_bytes()))
            .unwrap();
    assert_eq!(told(&changed), (LogState::Replaced, 1, 1, all - 1));
    let replaced = store.import_match_log(&changed, NOW).unwrap();
    assert!(replaced.summary_changed);
    let now = store.match_logs().unwrap().remove(0);
    assert_eq!(now.id, stored.id, "it keeps its name");
    assert_eq!(now.summary.unwrap()["roundsWinners"]["2"], "RED");
    let comparison = store.compare_match_log(now.id).unwrap().unwrap();
    assert_eq!((comparison.points.only_log.len(), comparison.points.only_reading.len()), (0, 1));
    assert!(!comparison.is_equal());
    assert_eq!(store.compare_match_log(MatchLogId(99)).unwrap(), None);
}

#[test]
fn what_is_doubtful_is_not_joined() {
    let store = TestStore::new();
    let log = |court| logs("a1_bestof3_realtime", court, &["101"]).remove(0);
    let began = began(&log(""));
    // Half an hour late by the receiver's clock, and the only one with this number.
    replay_at(&store, "a1_bestof3_realtime", "1", Timestamp(began.0 + 1800 * 1_000_000));
    let late = store.examine_match_log(&log("")).unwrap();
    assert!(matches!(late.join, LogJoin::Match { clock_difference_s: 1790..=1801, .. }), "{:?}", late.join);

    // The same number at the same time on two rings: the court tells which, if there is one.
    replay_at(&store, "a1_bestof3_realtime", "2", began);
    let third = replay_at(&store, "a1_bestof3_realtime", "3", began);
    let doubtful = store.examine_match_log(&log("")).unwrap();
    assert!(matches!(&doubtful.join, LogJoin::Ambiguous { candidates } if candidates.len() == 2));
    assert_eq!(doubtful.comparison, None);
    let of_court = joined(&store.examine_match_log(&log("Court03")).unwrap());
    assert_eq!(store.find_match(of_court).unwrap().unwrap().session, third);

    // Another number, or another day.
    let other = logs("a1_bestof3_realtime", "", &["102"]).remove(0);
    assert_eq!(store.examine_match_log(&other).unwrap().join, LogJoin::NoMatch);
}

#[test]
fn a_match_that_only_touches_the_time_of_a_log_is_another() {
    let store = TestStore::new();
    let log = logs("a1_bestof3_realtime", "", &["101"]).remove(0);
    let (began, ended) = log.times().unwrap();
    let session = replay_at(&store, "a1_bestof3_realtime", "1", began);
    // Chosen anew, and under way when the log's last line was written.
    replay_at(&store, "a1_bestof3_realtime", "1", Timestamp(ended.0 - 1_000_000));
    let id = joined(&store.examine_match_log(&log).unwrap());
    assert_eq!(store.find_match(id).unwrap().unwrap().session, session);
}

#[test]
fn a_log_without_a_number_is_joined_by_its_time() {
    let store = TestStore::new();
    let logs = logs("c_golden_tiebreak", "", &["201", "202", "203", "204", "205"]);
    replay_at(&store, "c_golden_tiebreak", "1", began(&logs[0]));
    for (place, number) in [(1, "201"), (3, "203"), (5, "205")] {
        let items = corpus(&format!("c_golden_tiebreak-m{place}-matchLogItems.csv"));
        let log = MatchLog::read("some-log", "", &items, None).unwrap();
        let id = joined(&store.examine_match_log(&log).unwrap());
        assert_eq!(store.find_match(id).unwrap().unwrap().summary.number.as_deref(), Some(number));
    }
}
