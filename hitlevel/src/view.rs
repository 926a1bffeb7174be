//! What leaves a process as JSON about hits.
//!
//! Names are flat and in the field's terms. Fractions are rounded to three decimals, shares go from 0 to 1. What
//! cannot be given is null, and `missing` says why under the same name.

use alloc::{collections::BTreeMap, vec::Vec};

use pss_protocol::{Athlete, PerAthlete, PointCode};
use serde::Serialize;

use crate::{
    Assessment, HitStatistics, Levels, Link, MatchStatistics, Measured, Missing, Overall, RoundStatistics,
    Thresholds,
};

/// The hits of one athlete over one span.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[non_exhaustive]
pub struct HitsView {
    /// Hits that sensors felt.
    pub hits: u64,
    /// Hits that a system without sensors reports when judges give the point; in nothing else here.
    pub judged_hits: u64,
    /// Points that came with such a hit.
    pub judged_points: u64,
    /// The lowest level.
    pub level_min: Option<u32>,
    /// The mean level.
    pub level_mean: Option<f64>,
    /// The highest level.
    pub level_max: Option<u32>,
    /// The level that a tenth of the hits does not exceed. Of all quantiles: null with the reason `above_100` when
    /// it is above the levels that are told apart.
    pub level_p10: Option<u32>,
    /// The lower quartile.
    pub level_p25: Option<u32>,
    /// The lower median.
    pub level_p50: Option<u32>,
    /// The upper quartile.
    pub level_p75: Option<u32>,
    /// The level that nine tenths do not exceed.
    pub level_p90: Option<u32>,
    /// The same for 95 %.
    pub level_p95: Option<u32>,
    /// The same for 99 %.
    pub level_p99: Option<u32>,
    /// Hits in each band of levels: 1 to 10 (and 0), 11 to 20, …, 91 to 100.
    pub level_histogram: [u64; Self::BANDS],
    /// Hits above 100.
    pub level_above_100: u64,
    /// Hits that scored.
    pub scored: u64,
    /// Of these, to the body.
    pub scored_body: u64,
    /// Of these, to the head.
    pub scored_head: u64,
    /// `scored` of `hits`.
    pub scoring_share: Option<f64>,
    /// `scored_body` of `scored`.
    pub body_share: Option<f64>,
    /// The mean level of those that scored to the body.
    pub scored_body_level_mean: Option<f64>,
    /// The mean level of those that scored to the head.
    pub scored_head_level_mean: Option<f64>,
    /// Kicks that scored and no hit was felt for.
    pub points_without_hit: u64,
    /// From a hit to its point; negative where the hit arrived last.
    pub delay_min_ms: Option<f64>,
    /// The mean.
    pub delay_mean_ms: Option<f64>,
    /// The longest.
    pub delay_max_ms: Option<f64>,
    /// How sure the least sure link is.
    pub link_confidence_min: Option<f64>,
    /// How sure the links are on average.
    pub link_confidence_mean: Option<f64>,
    /// Hits of matches whose thresholds are not known; nothing is said of them.
    pub unassessed: u64,
    /// Hits of matches whose thresholds are known; the next six are of these.
    pub assessed: u64,
    /// Hits that reach both thresholds.
    pub valid: Option<u64>,
    /// Hits that reach one of them.
    pub doubtful: Option<u64>,
    /// Hits that reach both thresholds and did not score.
    pub valid_unscored: Option<u64>,
    /// Hits that did not score and were a little below the threshold for the body.
    pub near_body: Option<u64>,
    /// Hits that did not score and were a little below the threshold for the head.
    pub near_head: Option<u64>,
    /// Hits that scored below their threshold.
    pub scored_below: Option<u64>,
    /// Punches that scored, less those taken back; so are the next four.
    pub punches: i64,
    /// Kicks to the body.
    pub body_kicks: i64,
    /// Kicks to the head.
    pub head_kicks: i64,
    /// Technical bonuses on kicks to the body.
    pub body_bonuses: i64,
    /// Technical bonuses on kicks to the head.
    pub head_bonuses: i64,
    /// What all these gave; the opponent's gam-jeoms gave more.
    pub points: i64,
    /// The athlete's own gam-jeoms.
    pub gam_jeoms: i64,
    /// Time of the running clock, without the rounds whose clock jumped; 0 where it was not seen running.
    pub running_seconds: Option<u64>,
    /// Hits per minute of the running clock.
    pub hits_per_minute: Option<f64>,
    /// Hits in each 10 s of the match clock from the start of a round, up to the last with any.
    pub tempo_10s: Vec<u32>,
    /// Hits later than the last of these could be.
    pub tempo_later: u32,
    /// Hits while the time since the start of the round was not known.
    pub tempo_unplaced: u32,
    /// The shortest time between two hits of a round.
    pub fastest_2_ms: Option<f64>,
    /// The shortest time in which there were three.
    pub fastest_3_ms: Option<f64>,
    /// The shortest time in which there were four.
    pub fastest_4_ms: Option<f64>,
    /// Hits within a second of the one before.
    pub follow_ups: Option<u64>,
    /// Rounds that came to their end.
    pub rounds_ended: u64,
    /// Seconds of the match clock from the last hit of a round to its end, the least.
    pub idle_at_end_min_s: Option<f64>,
    /// The mean.
    pub idle_at_end_mean_s: Option<f64>,
    /// The most.
    pub idle_at_end_max_s: Option<f64>,
    /// Why what is null is missing.
    pub missing: BTreeMap<&'static str, Missing>,
}

impl HitsView {
    /// How many bands the histogram has.
    pub const BANDS: usize = 10;

    /// Of one span. The assessment is that of the same hits.
    pub fn new(hits: &HitStatistics, assessment: &Assessment) -> Self {
        let mut gaps = Gaps::default();
        let quantile = |of| hits.level_quantile(of);
        let delay = hits.delay_millis();
        let confidence = hits.link_confidence();
        let idle = hits.idle_at_end();
        let assessed = |count: fn(&Assessment) -> u64| assessment.known().map(count);
        let times = |code| hits.points.times(code);
        Self {
            hits: hits.felt.count(),
            judged_hits: hits.judged,
            judged_points: hits.judged_scored,
            level_min: gaps.keep("level_min", hits.level_min()),
            level_mean: gaps.round("level_mean", hits.level_mean()),
            level_max: gaps.keep("level_max", hits.level_max()),
            level_p10: gaps.keep("level_p10", quantile(0.10)),
            level_p25: gaps.keep("level_p25", quantile(0.25)),
            level_p50: gaps.keep("level_p50", quantile(0.50)),
            level_p75: gaps.keep("level_p75", quantile(0.75)),
            level_p90: gaps.keep("level_p90", quantile(0.90)),
            level_p95: gaps.keep("level_p95", quantile(0.95)),
            level_p99: gaps.keep("level_p99", quantile(0.99)),
            level_histogram: bands(&hits.felt),
            level_above_100: hits.felt.above(),
            scored: hits.scored(),
            scored_body: hits.scored_body.count(),
            scored_head: hits.scored_head.count(),
            scoring_share: gaps.round("scoring_share", hits.scoring_share()),
            body_share: gaps.round("body_share", hits.body_share()),
            scored_body_level_mean: gaps.round("scored_body_level_mean", hits.scored_body_mean()),
            scored_head_level_mean: gaps.round("scored_head_level_mean", hits.scored_head_mean()),
            points_without_hit: hits.points_without_hit,
            delay_min_ms: gaps.round("delay_min_ms", delay.map(|delay| delay.min)),
            delay_mean_ms: gaps.round("delay_mean_ms", delay.map(|delay| delay.mean)),
            delay_max_ms: gaps.round("delay_max_ms", delay.map(|delay| delay.max)),
            link_confidence_min: gaps.round("link_confidence_min", confidence.map(|sure| sure.min)),
            link_confidence_mean: gaps.round("link_confidence_mean", confidence.map(|sure| sure.mean)),
            unassessed: assessment.unassessed,
            assessed: assessment.assessed,
            valid: gaps.keep("valid", assessed(|hits| hits.valid)),
            doubtful: gaps.keep("doubtful", assessed(|hits| hits.doubtful)),
            valid_unscored: gaps.keep("valid_unscored", assessed(|hits| hits.valid_unscored)),
            near_body: gaps.keep("near_body", assessed(|hits| hits.near_body)),
            near_head: gaps.keep("near_head", assessed(|hits| hits.near_head)),
            scored_below: gaps.keep("scored_below", assessed(|hits| hits.scored_below)),
            punches: times(PointCode::P),
            body_kicks: times(PointCode::K),
            head_kicks: times(PointCode::H),
            body_bonuses: times(PointCode::Tb),
            head_bonuses: times(PointCode::Th),
            points: hits.points.total,
            gam_jeoms: hits.points.gam_jeoms,
            running_seconds: gaps.keep("running_seconds", counted_seconds(hits)),
            hits_per_minute: gaps.round("hits_per_minute", hits.hits_per_minute()),
            tempo_10s: up_to_the_last(hits.tempo.spans()),
            tempo_later: hits.tempo.later(),
            tempo_unplaced: hits.tempo.unplaced(),
            fastest_2_ms: gaps.round("fastest_2_ms", hits.fastest_millis(2)),
            fastest_3_ms: gaps.round("fastest_3_ms", hits.fastest_millis(3)),
            fastest_4_ms: gaps.round("fastest_4_ms", hits.fastest_millis(4)),
            follow_ups: gaps.keep("follow_ups", hits.follow_ups()),
            rounds_ended: hits.rounds_ended,
            idle_at_end_min_s: gaps.round("idle_at_end_min_s", idle.map(|idle| idle.min)),
            idle_at_end_mean_s: gaps.round("idle_at_end_mean_s", idle.map(|idle| idle.mean)),
            idle_at_end_max_s: gaps.round("idle_at_end_max_s", idle.map(|idle| idle.max)),
            missing: gaps.0,
        }
    }

    fn of(hits: &HitStatistics, thresholds: Thresholds) -> Self {
        Self::new(hits, &Assessment::of(hits, thresholds))
    }
}

/// The hits of a match.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[non_exhaustive]
pub struct MatchHitsView {
    /// From which level on a hit to the body is valid; null while unknown.
    pub body_level: Option<u32>,
    /// From which level on a hit to the head is valid; null while unknown.
    pub head_level: Option<u32>,
    /// Whether there were hits, but none that a sensor felt.
    pub judges_only: bool,
    /// The rounds in which anything was counted. Round 0 is what was outside of all rounds.
    pub rounds: Vec<RoundHitsView>,
    /// The whole match.
    pub total: PerAthlete<HitsView>,
}

impl MatchHitsView {
    /// As it is known so far.
    pub fn new(fight: &MatchStatistics) -> Self {
        let Thresholds { body, head } = fight.thresholds;
        let totals = PerAthlete::from_fn(|athlete| fight.total(athlete));
        let mut both = totals.blue.clone();
        both.merge(&totals.red);
        let counted = |of: &RoundStatistics| *of != RoundStatistics::default();
        let view = |hits: &HitStatistics| HitsView::of(hits, fight.thresholds);
        Self {
            body_level: body,
            head_level: head,
            judges_only: both.judges_only(),
            rounds: fight
                .rounds()
                .filter(|(_, of)| counted(of))
                .map(|(round, of)| RoundHitsView { round, blue: view(&of.blue), red: view(&of.red) })
                .collect(),
            total: PerAthlete::from_fn(|athlete| view(&totals[athlete])),
        }
    }
}

/// The hits of a round.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[non_exhaustive]
pub struct RoundHitsView {
    /// Counted from 1, the golden round after the others; 0 is what was outside of all rounds.
    pub round: u32,
    /// Chung's.
    pub blue: HitsView,
    /// Hong's.
    pub red: HitsView,
}

/// The hits of any matches together.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[non_exhaustive]
pub struct OverallView {
    /// How many matches; where both athletes of a match are in it, it counts twice.
    pub matches: u64,
    /// All their hits.
    #[serde(flatten)]
    pub hits: HitsView,
}

impl OverallView {
    /// Of a merge of matches.
    pub fn new(overall: &Overall) -> Self {
        Self { matches: overall.matches, hits: HitsView::new(&overall.hits, &overall.assessment) }
    }
}

/// A kick that scored, and the hit that did it.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[non_exhaustive]
pub struct LinkView {
    /// The `id` of the point in its match.
    pub point: u32,
    /// The `id` of the hit; null when none was felt in time.
    pub hit: Option<u32>,
    /// Who scored.
    pub athlete: Athlete,
    /// `K` or `H`.
    pub code: PointCode,
    /// The round of the point.
    pub round: u32,
    /// The level of the hit.
    pub level: Option<u32>,
    /// Whether judges gave the point without sensors, so that the level means nothing.
    pub judged: bool,
    /// How sure the link is, from 0 to 1; 0 without a hit.
    pub confidence: f64,
    /// From the hit to the point; negative where the hit arrived last, null where the source has no times.
    pub delay_ms: Option<f64>,
    /// How many hits could have scored.
    pub considered: u32,
    /// The highest level among these.
    pub considered_level_max: Option<u32>,
    /// The mean of their levels.
    pub considered_level_mean: Option<f64>,
}

impl LinkView {
    /// Of one link.
    pub fn new(link: &Link) -> Self {
        Self {
            point: link.point.id,
            hit: link.hit.map(|hit| hit.id),
            athlete: link.athlete,
            code: link.code,
            round: link.round,
            level: link.level,
            judged: link.judged,
            confidence: rounded(link.confidence),
            delay_ms: link.delay_micros.map(|micros| rounded(micros as f64 / 1000.0)),
            considered: link.count,
            considered_level_max: link.max,
            considered_level_mean: link.average.map(rounded),
        }
    }
}

/// Reasons by the name of the field that is null.
#[derive(Default)]
struct Gaps(BTreeMap<&'static str, Missing>);

impl Gaps {
    fn keep<T>(&mut self, field: &'static str, measured: Measured<T>) -> Option<T> {
        measured.map_err(|missing| self.0.insert(field, missing)).ok()
    }

    fn round(&mut self, field: &'static str, measured: Measured<f64>) -> Option<f64> {
        self.keep(field, measured.map(rounded))
    }
}

/// That no time was seen to pass can be said, but not of a clock that jumped.
fn counted_seconds(hits: &HitStatistics) -> Measured<u64> {
    match hits.ran_seconds() {
        Err(Missing::NoRunningClock) => Ok(0),
        other => other,
    }
}

/// To three decimals.
fn rounded(value: f64) -> f64 {
    libm::round(value * 1000.0) / 1000.0
}

fn bands(levels: &Levels) -> [u64; HitsView::BANDS] {
    let mut counts = levels.histogram(Levels::HIGHEST / HitsView::BANDS as u32).map(|band| band.count);
    core::array::from_fn(|_| counts.next().unwrap_or_default())
}

fn up_to_the_last(spans: &[u32]) -> Vec<u32> {
    let end = spans.iter().rposition(|&hits| hits > 0).map_or(0, |last| last + 1);
    spans[..end].to_vec()
}
