//! The numbers of `restrike stats` counted again from the rows of the database, in the simplest way there is.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value;

use super::{CAPTURES, json, replay};
use crate::util::{Dir, corpus};

/// All rows of a noun, the earliest first.
fn rows(dir: &Dir, noun: &str) -> Vec<Value> {
    let run = dir.run(["query", noun, "--db", "x.db", "--all", "--format", "ndjson", "--order", "oldest"]);
    assert_eq!(run.code, 0, "{}", run.stderr);
    run.json_lines()
}

/// What belongs to one athlete of one match in one round; of the whole match where `round` is `None`.
struct Span<'a> {
    side: &'static str,
    round: Option<u32>,
    fight: &'a Value,
    /// All events of the match in the order of their ids.
    events: &'a [&'a Value],
    hits: &'a [&'a Value],
}

#[test]
fn the_numbers_equal_a_recount_from_the_database() {
    let dir = Dir::new();
    for capture in CAPTURES {
        replay(&dir, corpus(&format!("{capture}.pcap")).to_str().unwrap(), "x.db");
    }
    for seed in ["1", "2", "5"] {
        let file = format!("s{seed}.pcap");
        let run = dir.run(["simulate", "--rings", "1", "--matches", "12", "--seed", seed, "--out", &file]);
        assert_eq!(run.code, 0, "{}", run.stderr);
        replay(&dir, &file, "x.db");
    }
    let (events, hits) = (rows(&dir, "events"), rows(&dir, "hits"));
    let told = json(&dir, &["--db", "x.db"]);
    let fights = rows(&dir, "matches");
    assert_eq!(told.len(), fights.len());
    let (mut compared, mut judged) = (0, 0);
    for fight in &fights {
        let mut of_fight: Vec<&Value> =
            events.iter().filter(|event| event["match_id"] == fight["match_id"]).collect();
        of_fight.sort_by_key(|event| event["event_id"].as_u64());
        let mut its_hits: Vec<&Value> =
            hits.iter().filter(|hit| hit["match_id"] == fight["match_id"]).collect();
        its_hits.sort_by_key(|hit| hit["event_id"].as_u64());
        let told = told.iter().find(|told| told["match_id"] == fight["match_id"]).expect("it is told of");
        for side in ["blue", "red"] {
            let span = |round| Span { side, round, fight, events: &of_fight, hits: &its_hits };
            span(None).compare(&told["total"][side]);
            let mut seen = 0;
            for round in told["rounds"].as_array().unwrap() {
                let number = round["round"].as_u64().unwrap() as u32;
                span(Some(number)).compare(&round[side]);
                seen += round[side]["hits"].as_u64().unwrap();
            }
            assert_eq!(seen, told["total"][side]["hits"].as_u64().unwrap(), "rounds hold all hits");
            compared += seen;
            judged += told["total"][side]["judged_hits"].as_u64().unwrap();
        }
    }
    assert!(compared > 1000 && judged > 0, "{compared} hits, {judged} by judges");
}

impl Span<'_> {
    fn compare(&self, told: &Value) {
        let counted = self.recount();
        for (name, counted) in &counted {
            let same = match (counted, &told[*name]) {
                (Value::Number(counted), Value::Number(told)) => {
                    // JSON has three decimals.
                    (counted.as_f64().unwrap() - told.as_f64().unwrap()).abs() < 0.000_51
                }
                (counted, told) => counted == told,
            };
            assert!(
                same,
                "match {} {} {:?} {name}: counted {counted}, told {}",
                self.fight["match_id"], self.side, self.round, told[*name]
            );
        }
        let missing: BTreeSet<&str> =
            told["missing"].as_object().unwrap().keys().map(String::as_str).collect();
        let nulls = told.as_object().unwrap().iter().filter(|(_, value)| value.is_null());
        assert_eq!(missing, nulls.map(|(name, _)| name.as_str()).collect(), "each dash has its reason");
        let unchecked: Vec<&String> = told
            .as_object()
            .unwrap()
            .keys()
            .filter(|name| !counted.contains_key(name.as_str()) && *name != "missing")
            .collect();
        // How sure a link is, the database does not keep.
        let known = ["link_confidence_mean", "link_confidence_min"];
        assert!(unchecked.iter().all(|name| known.contains(&name.as_str())), "not recounted: {unchecked:?}");
    }

    fn is_in(&self, row: &Value) -> bool {
        self.round.is_none_or(|round| row["round"].as_u64().unwrap_or(0) == u64::from(round))
    }

    fn recount(&self) -> BTreeMap<&'static str, Value> {
        let mine = |row: &&&Value| row["athlete"] == self.side && self.is_in(row);
        // Judges who give points without sensors are reported with this level, which says nothing.
        let (judged, hits): (Vec<&Value>, Vec<&Value>) =
            self.hits.iter().filter(mine).copied().partition(|hit| level(hit) == 99);
        let events: Vec<&Value> = self.events.iter().filter(mine).copied().collect();
        let mut all = BTreeMap::new();
        self.levels(&hits, &mut all);
        self.scored(&hits, &events, &mut all);
        self.assessed(&hits, &mut all);
        points(&events, &mut all);
        self.clock(&hits, &mut all);
        quick(&hits, &mut all);
        all.insert("judged_hits", judged.len().into());
        let gave = judged.iter().filter(|hit| !hit["linked_point"].is_null());
        all.insert("judged_points", gave.count().into());
        if hits.is_empty() && !judged.is_empty() {
            // No sensor felt anything: zeros would say that nobody hit.
            let unsaid = ["hits_per_minute", "follow_ups", "valid", "doubtful", "valid_unscored"];
            for name in unsaid.into_iter().chain(["near_body", "near_head", "scored_below"]) {
                all.insert(name, Value::Null);
            }
        }
        all
    }

    fn levels(&self, hits: &[&Value], all: &mut BTreeMap<&'static str, Value>) {
        let mut levels: Vec<u64> = hits.iter().map(|hit| level(hit)).collect();
        levels.sort_unstable();
        let count = levels.len();
        all.insert("hits", count.into());
        all.insert("level_min", levels.first().copied().into());
        all.insert("level_max", levels.last().copied().into());
        all.insert("level_mean", mean(&levels.iter().map(|&level| level as f64).collect::<Vec<_>>()));
        let shares = [
            ("level_p10", 10),
            ("level_p25", 25),
            ("level_p50", 50),
            ("level_p75", 75),
            ("level_p90", 90),
            ("level_p95", 95),
            ("level_p99", 99),
        ];
        for (name, percent) in shares {
            // The first level that so many of a hundred do not exceed.
            let reached = levels.iter().find(|&&level| {
                levels.iter().filter(|&&other| other <= level).count() * 100 >= percent * count
            });
            all.insert(name, reached.copied().into());
        }
        let band = |band: usize| {
            let (low, high) = (band as u64 * 10 + 1, band as u64 * 10 + 10);
            levels.iter().filter(|&&level| level.max(1) >= low && level <= high).count()
        };
        all.insert("level_histogram", (0..10).map(band).collect());
        all.insert("level_above_100", levels.iter().filter(|&&level| level > 100).count().into());
    }

    fn scored(&self, hits: &[&Value], events: &[&Value], all: &mut BTreeMap<&'static str, Value>) {
        let with =
            |code: &str| hits.iter().filter(|hit| hit["point_code"] == code).copied().collect::<Vec<_>>();
        let (body, head) = (with("K"), with("H"));
        let scored = body.len() + head.len();
        let mean_level =
            |hits: &[&Value]| mean(&hits.iter().map(|hit| level(hit) as f64).collect::<Vec<_>>());
        all.insert("scored", scored.into());
        all.insert("scored_body", body.len().into());
        all.insert("scored_head", head.len().into());
        all.insert("scoring_share", share(scored, hits.len()));
        all.insert("body_share", share(body.len(), scored));
        all.insert("scored_body_level_mean", mean_level(&body));
        all.insert("scored_head_level_mean", mean_level(&head));
        let kicks = events.iter().filter(|event| event["kind"] == "point");
        let kicks = kicks.filter(|event| event["code"] == "K" || event["code"] == "H");
        let linked = |point: &&&Value| self.hits.iter().any(|hit| hit["linked_point"] == point["event_id"]);
        all.insert("points_without_hit", kicks.filter(|point| !linked(point)).count().into());
        let delays: Vec<f64> = hits
            .iter()
            .filter(|hit| !hit["linked_point"].is_null())
            .map(|hit| {
                let point =
                    self.events.iter().find(|event| event["event_id"] == hit["linked_point"]).unwrap();
                millis(hit, point)
            })
            .collect();
        extent(all, ["delay_min_ms", "delay_mean_ms", "delay_max_ms"], &delays);
    }

    fn assessed(&self, hits: &[&Value], all: &mut BTreeMap<&'static str, Value>) {
        const NEAR: u64 = 3;
        let (Some(body), Some(head)) = (self.fight["body_level"].as_u64(), self.fight["head_level"].as_u64())
        else {
            all.insert("assessed", 0.into());
            all.insert("unassessed", hits.len().into());
            let known = if hits.is_empty() { Value::from(0) } else { Value::Null };
            for name in ["valid", "doubtful", "valid_unscored", "near_body", "near_head", "scored_below"] {
                all.insert(name, known.clone());
            }
            return;
        };
        all.insert("unassessed", 0.into());
        let mut count = |name, of: &dyn Fn(u64, &Value) -> bool| {
            all.insert(name, hits.iter().filter(|hit| of(level(hit), &hit["point_code"])).count().into());
        };
        count("assessed", &|_, _| true);
        count("valid", &|level, _| level >= body && level >= head);
        count("doubtful", &|level, _| (level >= body) != (level >= head));
        count("valid_unscored", &|level, code| level >= body && level >= head && code.is_null());
        count("near_body", &|level, code| code.is_null() && level < body && level + NEAR >= body);
        count("near_head", &|level, code| code.is_null() && level < head && level + NEAR >= head);
        count("scored_below", &|level, code| (code == "K" && level < body) || (code == "H" && level < head));
    }

    /// What the match clock tells.
    fn clock(&self, hits: &[&Value], all: &mut BTreeMap<&'static str, Value>) {
        let (mut running, mut ended) = (0, 0);
        let mut tempo = vec![0_u32; 0];
        let mut unplaced = 0;
        let mut idle: Vec<f64> = Vec::new();
        // Round by round, as events come: what the clock showed when it began, and what it showed last.
        let (mut round, mut began, mut shown, mut hit) = (0, None, None, None);
        for event in self.events {
            let now = seconds(&event["clock"]);
            let starts = event["kind"] == "round_started";
            let of = event["round"].as_u64().unwrap_or(0);
            if starts || of != round {
                (round, began, shown) = (of, now.filter(|_| starts), None);
                hit = None;
            }
            // A clock that shows one second more than before is late; the clock does not run to where it jumps.
            let late = shown.zip(now).is_some_and(|(shown, now): (u64, u64)| now == shown + 1);
            if let Some(now) = now.filter(|_| !late) {
                if self.is_in(event) && event["anomaly"] != "clock_jump" {
                    running += shown.map_or(0, |shown| shown.saturating_sub(now));
                }
                shown = Some(now);
            }
            let felt = event["kind"] == "hit" && event["athlete"] == self.side && level(event) != 99;
            if felt {
                hit = now;
            }
            if !self.is_in(event) {
                continue;
            }
            if felt {
                match (began, now) {
                    (Some(began), Some(now)) => {
                        let span = (began.saturating_sub(now) / 10) as usize;
                        tempo.resize(tempo.len().max(span + 1), 0);
                        tempo[span] += 1;
                    }
                    _ => unplaced += 1,
                }
            }
            if event["kind"] == "round_ended" {
                ended += 1;
                if let Some(left) = hit.zip(now).and_then(|(hit, now): (u64, u64)| hit.checked_sub(now)) {
                    idle.push(left as f64);
                }
            }
        }
        all.insert("running_seconds", running.into());
        all.insert("hits_per_minute", share(hits.len() * 60, running as usize));
        all.insert("tempo_10s", tempo.into());
        all.insert("tempo_unplaced", unplaced.into());
        all.insert("tempo_later", 0.into());
        all.insert("rounds_ended", ended.into());
        extent(all, ["idle_at_end_min_s", "idle_at_end_mean_s", "idle_at_end_max_s"], &idle);
    }
}

fn points(events: &[&Value], all: &mut BTreeMap<&'static str, Value>) {
    let count = |kind: &str, code: Option<&str>| {
        let of_kind = events.iter().filter(|event| event["kind"] == kind);
        of_kind.filter(|event| code.is_none_or(|code| event["code"] == code)).count() as i64
    };
    let names = ["punches", "body_kicks", "head_kicks", "body_bonuses", "head_bonuses"];
    for (name, code) in names.into_iter().zip(["P", "K", "H", "TB", "TH"]) {
        all.insert(name, (count("point", Some(code)) - count("point_removed", Some(code))).into());
    }
    all.insert("gam_jeoms", (count("gam_jeom", None) - count("gam_jeom_removed", None)).into());
    let sum = |kind: &str| -> i64 {
        events
            .iter()
            .filter(|event| event["kind"] == kind)
            .map(|event| event["points"].as_i64().unwrap())
            .sum()
    };
    all.insert("points", (sum("point") - sum("point_removed")).into());
}

/// Hits in quick succession, within a round.
fn quick(hits: &[&Value], all: &mut BTreeMap<&'static str, Value>) {
    let mut follow_ups = 0;
    for (name, many) in [("fastest_2_ms", 2), ("fastest_3_ms", 3), ("fastest_4_ms", 4)] {
        let runs = hits.windows(many).filter(|run| run[0]["round"] == run[many - 1]["round"]);
        let times: Vec<f64> = runs.map(|run| millis(run[0], run[many - 1])).collect();
        if many == 2 {
            follow_ups = times.iter().filter(|&&time| time <= 1000.0).count();
        }
        all.insert(name, times.into_iter().min_by(f64::total_cmp).into());
    }
    all.insert("follow_ups", follow_ups.into());
}

fn extent(all: &mut BTreeMap<&'static str, Value>, names: [&'static str; 3], of: &[f64]) {
    all.insert(names[0], of.iter().copied().min_by(f64::total_cmp).into());
    all.insert(names[1], mean(of));
    all.insert(names[2], of.iter().copied().max_by(f64::total_cmp).into());
}

fn mean(of: &[f64]) -> Value {
    if of.is_empty() { Value::Null } else { (of.iter().sum::<f64>() / of.len() as f64).into() }
}

fn share(part: usize, whole: usize) -> Value {
    if whole == 0 { Value::Null } else { (part as f64 / whole as f64).into() }
}

fn level(hit: &Value) -> u64 {
    hit["level"].as_u64().unwrap()
}

/// `mm:ss`.
fn seconds(clock: &Value) -> Option<u64> {
    let (minutes, seconds) = clock.as_str()?.split_once(':')?;
    Some(minutes.parse::<u64>().ok()? * 60 + seconds.parse::<u64>().ok()?)
}

/// From the arrival of one row to that of another, in milliseconds.
fn millis(from: &Value, to: &Value) -> f64 {
    let at = |row: &Value| {
        row["arrived_at"].as_str().unwrap().parse::<jiff::Timestamp>().unwrap().as_microsecond()
    };
    (at(to) - at(from)) as f64 / 1000.0
}
