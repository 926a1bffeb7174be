//! A match for people.

use std::io::{self, Write};

use hitlevel::{Assessment, Extent, HitStatistics, Measured};
use pss_protocol::{Athlete, ClockTime, PerAthlete, PointCode};

use super::{Cells, histogram, one, percent, quantile, scored, split};
use crate::{
    cmd::stats::group::{is_empty, round_label},
    courses::{Origin, Told},
    output::{
        fight::{Ended, Named},
        spark::{Signs, Spark},
        table::{OrDash, Table},
        text::Harmless,
    },
};

/// A match.
pub(super) struct View<'a> {
    pub(super) signs: Signs,
    pub(super) told: &'a Told,
}

impl View<'_> {
    pub(super) fn write(&self, out: &mut impl Write) -> io::Result<()> {
        self.header(out)?;
        let rounds = self.rounds();
        if rounds.is_empty() {
            let summary = &self.told.course.summary;
            let (blue, red) = (Named(&summary.blue), Named(&summary.red));
            return writeln!(
                out,
                "  blue        {}\n  red         {}\n  no hits, no points",
                Harmless(blue),
                Harmless(red)
            );
        }
        writeln!(out)?;
        self.athletes().write(out, "  ")?;
        writeln!(out)?;
        rounds.write(out, "  ")
    }

    fn header(&self, out: &mut impl Write) -> io::Result<()> {
        let Told { course, ring, origin, began_at, .. } = self.told;
        let summary = &course.summary;
        write!(out, "Match {}", Harmless(summary.number.as_deref().unwrap_or("?")))?;
        for text in [&summary.phase, &summary.category, &summary.division].into_iter().flatten() {
            write!(out, ", {}", Harmless(text))?;
        }
        write!(out, "\n  from        ")?;
        match origin {
            Origin::File(name) => write!(out, "{}", Harmless(name))?,
            Origin::Stored(stored) => write!(out, "session {}, id:{}", stored.session, stored.match_id.0)?,
        }
        write!(out, ", ring {}", Harmless(ring))?;
        if let Some(began_at) = began_at {
            write!(out, ", {began_at}")?;
        }
        let tournament = self.told.stored().and_then(|stored| stored.tournament.as_ref());
        if let Some(tournament) = tournament {
            write!(out, ", {}", Harmless(&tournament.name))?;
        }
        writeln!(out, "\n  result      {}", Harmless(Ended(summary)))?;
        let level = |level: Option<u32>| {
            level.map_or_else(|| format!("{} (not said)", self.signs.dash()), |level| level.to_string())
        };
        let thresholds = course.statistics.thresholds;
        writeln!(out, "  valid from  body {}, head {}", level(thresholds.body), level(thresholds.head))
    }

    /// What there is to say of both, side by side.
    fn athletes(&self) -> Table<3> {
        let sides = PerAthlete::from_fn(|athlete| Side::of(self.told, athlete));
        let signs = self.signs;
        let said = |measured: Measured<String>| said(signs, measured);
        let mut table = Table::new(["", "blue", "red"]);
        let mut both = |label: &str, of: &dyn Fn(&Side) -> String| {
            table.row([&label, &of(&sides.blue), &of(&sides.red)]);
        };
        both("athlete", &|side| side.name.clone());
        both("hits", &|side| side.hits.felt.count().to_string());
        if sides.blue.hits.judged + sides.red.hits.judged > 0 {
            both("given by judges alone", &|Side { hits, .. }| {
                format!("{} hits, {} points", hits.judged, hits.judged_scored)
            });
        }
        both("hits per minute", &|side| said(side.hits.hits_per_minute().map(one)));
        both("level min / mean / max", &|side| said(extent(&side.hits)));
        both("level median / p90", &|side| said(quantiles(signs, &side.hits)));
        both("levels 0-100", &|Side { hits, .. }| {
            said(hits.level_min().map(|_| histogram(signs, &hits.felt, 5)))
        });
        both("tempo, each 10 s", &|Side { hits, .. }| said(hits.level_min().map(|_| tempo(signs, hits))));
        both("hits that scored", &|Side { hits, .. }| {
            said(hits.scoring_share().map(|share| format!("{}, {}", hits.scored(), percent(share))))
        });
        both("body : head", &|Side { hits, .. }| said(hits.body_share().map(|_| split(hits))));
        both("valid, not scored", &|side| {
            said(
                side.assessment
                    .known()
                    .map(|hits| format!("{} of {} valid", hits.valid_unscored, hits.valid)),
            )
        });
        both("valid for one target", &|side| {
            said(side.assessment.known().map(|hits| hits.doubtful.to_string()))
        });
        both("near misses body : head", &|side| {
            said(side.assessment.known().map(|hits| format!("{} : {}", hits.near_body, hits.near_head)))
        });
        both("scored below threshold", &|side| {
            said(side.assessment.known().map(|hits| hits.scored_below.to_string()))
        });
        both("points without a hit", &|side| side.hits.points_without_hit.to_string());
        both("hit to point, ms", &|side| said(side.hits.delay_millis().map(|delay| range(&delay))));
        both("links sure to", &|side| said(side.hits.link_confidence().map(|sure| percent(sure.mean))));
        both("fastest 2 / 3 / 4, ms", &|side| said(fastest(signs, &side.hits)));
        both("hits within 1 s of another", &|side| said(side.hits.follow_ups().map(|hits| hits.to_string())));
        both("last hit to end of round, s", &|side| said(side.hits.idle_at_end().map(|idle| range(&idle))));
        both("scored", &|side| points(&side.hits));
        both("gam-jeoms", &|side| side.hits.points.gam_jeoms.to_string());
        both("clock ran", &|side| ran(signs, &side.hits));
        table
    }

    /// Each athlete in each round.
    fn rounds(&self) -> Table<14> {
        let statistics = &self.told.course.statistics;
        let mut table = Table::new([
            "round",
            "",
            "hits",
            "/min",
            "min",
            "median",
            "mean",
            "p90",
            "max",
            "scored",
            "valid unscored",
            "near b : h",
            "below",
            "missing",
        ]);
        for (number, round) in statistics.rounds().filter(|(_, round)| !is_empty(round)) {
            for athlete in Athlete::BOTH {
                let hits = &round[athlete];
                let assessment = Assessment::of(hits, statistics.thresholds);
                let mut cells = Cells::new(self.signs);
                let per_minute = cells.of(hits.hits_per_minute().map(one));
                let [min, median, mean, p90, max] = cells.levels(hits);
                let scored = scored(&mut cells, hits);
                let [valid_unscored, near, below] = cells.assessed(&assessment);
                table.row([
                    &if number == 0 { round_label(0) } else { number.to_string() },
                    &athlete,
                    &hits.felt.count(),
                    &per_minute,
                    &min,
                    &median,
                    &mean,
                    &p90,
                    &max,
                    &scored,
                    &valid_unscored,
                    &near,
                    &below,
                    &cells.reasons(hits, &assessment),
                ]);
            }
        }
        table
    }
}

/// An athlete of a match.
struct Side {
    name: String,
    hits: HitStatistics,
    assessment: Assessment,
}

impl Side {
    fn of(told: &Told, athlete: Athlete) -> Self {
        let statistics = &told.course.statistics;
        let competitor = match athlete {
            Athlete::Blue => &told.course.summary.blue,
            Athlete::Red => &told.course.summary.red,
        };
        let hits = statistics.total(athlete);
        Self {
            name: Named(competitor).to_string(),
            assessment: Assessment::of(&hits, statistics.thresholds),
            hits,
        }
    }
}

/// A number, or a dash and the reason.
fn said(signs: Signs, measured: Measured<String>) -> String {
    measured.unwrap_or_else(|why| format!("{} ({why})", signs.dash()))
}

fn range(extent: &Extent) -> String {
    format!("{} / {} / {}", one(extent.min), one(extent.mean), one(extent.max))
}

fn extent(hits: &HitStatistics) -> Measured<String> {
    Ok(format!("{} / {} / {}", hits.level_min()?, one(hits.level_mean()?), hits.level_max()?))
}

/// The median and what nine tenths do not exceed.
fn quantiles(signs: Signs, hits: &HitStatistics) -> Measured<String> {
    hits.level_min()?;
    let [median, p90] = [0.5, 0.9].map(|of| quantile(signs, hits.level_quantile(of)));
    Ok(format!("{median} / {p90}"))
}

fn tempo(signs: Signs, hits: &HitStatistics) -> String {
    let spans = hits.tempo.spans();
    let last = spans.iter().rposition(|&hits| hits > 0).map_or(0, |last| last + 1);
    let bars: Spark = signs.spark(&spans[..last]);
    let mut text = bars.to_string();
    for (count, what) in [(hits.tempo.later(), "later"), (hits.tempo.unplaced(), "at no known time")] {
        if count > 0 {
            text.push_str(&format!("{}{count} {what}", if text.is_empty() { "" } else { ", " }));
        }
    }
    text
}

/// Two, three and four hits; a dash where there were never so many.
fn fastest(signs: Signs, hits: &HitStatistics) -> Measured<String> {
    let two = hits.fastest_millis(2)?;
    let more = [3, 4].map(|count| hits.fastest_millis(count).map_or_else(|_| signs.dash().to_owned(), whole));
    Ok(format!("{} / {} / {}", whole(two), more[0], more[1]))
}

fn whole(number: f64) -> String {
    format!("{number:.0}")
}

/// `2 K, 1 H: 7 points`.
fn points(hits: &HitStatistics) -> String {
    let codes = [PointCode::P, PointCode::K, PointCode::H, PointCode::Tb, PointCode::Th];
    let times = codes.map(|code| (code, hits.points.times(code)));
    let times = times.iter().filter(|(_, times)| *times != 0).map(|(code, times)| format!("{times} {code}"));
    let list = times.collect::<Vec<_>>().join(", ");
    match hits.points.total {
        total if list.is_empty() => format!("{total} points"),
        total => format!("{list}: {total} points"),
    }
}

fn ran(signs: Signs, hits: &HitStatistics) -> String {
    let seconds = match hits.ran_seconds() {
        Ok(seconds) => seconds,
        Err(reason) => return format!("{} ({reason})", signs.dash()),
    };
    match u32::try_from(seconds) {
        Ok(seconds) => ClockTime::from_seconds(seconds).to_string(),
        Err(_) => OrDash(Some(seconds)).to_string(),
    }
}
