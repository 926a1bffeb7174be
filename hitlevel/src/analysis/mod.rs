//! From a match's events to its statistics.

use alloc::collections::VecDeque;

use pss_protocol::{
    Athlete, EventKey, EventKind, Linker, MatchEvent, MatchSummary, Monotonic, PerAthlete, PointCode, Sink,
};

use self::present::{LastHits, RoundClock};
pub(crate) use self::present::{RoundLengths, is_clock_jump, longest};
use crate::{
    HitLinker, HitStatistics, Link, LinkConfig, MatchStatistics, Spread, Thresholds, link::next_pair,
};

mod present;

/// Links hits to points and counts both as the events come. It is about one match at a time: where another one
/// begins, the statistics begin anew.
///
/// The same whether the events come live from a [`Pipeline`](pss_protocol::Pipeline) or from a database: whoever
/// has a match's summary and its events in the order of their ids calls [`match_changed`](Sink::match_changed),
/// [`event`](Sink::event) for each, and [`finish`](Self::finish). [`Course::new`](crate::Course::new) does.
///
/// Whoever lets it run for long has to [`drain_links`](Self::drain_links); else it keeps them.
#[derive(Clone, Debug, Default)]
pub struct Analysis {
    linker: HitLinker,
    statistics: MatchStatistics,
    clock: RoundClock,
    lengths: RoundLengths,
    last_hits: PerAthlete<LastHits>,
    links: VecDeque<Link>,
}

impl Analysis {
    /// Nothing yet.
    pub fn new(config: LinkConfig) -> Self {
        Self { linker: HitLinker::new(config), ..Self::default() }
    }

    /// The present match as far as it has settled.
    pub fn statistics(&self) -> &MatchStatistics {
        &self.statistics
    }

    /// The links that were found since the last call, in the order in which they were.
    pub fn drain_links(&mut self) -> impl Iterator<Item = Link> + '_ {
        self.links.drain(..)
    }

    /// Settles the points that still wait for a hit: the input is over.
    pub fn finish(&mut self) {
        self.linker.finish();
        self.take_links();
    }

    fn take_links(&mut self) {
        for link in self.linker.drain() {
            let round = match link.hit_round {
                Some(round) => &mut self.statistics.round_mut(round)[link.athlete],
                None => &mut self.statistics.round_mut(link.round)[link.athlete],
            };
            round.add_link(&link);
            self.links.push_back(link);
        }
    }

    fn enter_match(&mut self, match_index: Option<u32>) {
        if match_index.is_some() && match_index != self.statistics.match_index {
            self.statistics = MatchStatistics::new(match_index);
            self.clock = RoundClock::default();
            self.last_hits = PerAthlete::default();
        }
    }

    fn clock(&mut self, event: &MatchEvent) {
        let ran = self.clock.see(event, self.lengths.of(event.round));
        let jumped = is_clock_jump(event);
        if ran == 0 && !jumped {
            return;
        }
        for athlete in Athlete::BOTH {
            let hits = &mut self.statistics.round_mut(event.round)[athlete];
            hits.running_seconds += u64::from(ran);
            if jumped {
                hits.off_clock.rounds = 1;
            }
        }
    }

    fn hit(&mut self, event: &MatchEvent, athlete: Athlete, level: u32) {
        let elapsed = self.clock.elapsed(event);
        let hits = &mut self.statistics.round_mut(event.round)[athlete];
        if level == HitStatistics::JUDGED {
            hits.judged += 1;
            return;
        }
        hits.felt.record(level);
        hits.tempo.record(elapsed);
        match self.last_hits[athlete].next(event) {
            Some(since) => hits.combinations.record(since),
            None => hits.combinations.record_untimed(),
        }
    }

    /// A round that goes on after its end, when a result is undone, ends again: the last end counts.
    fn round_ended(&mut self, event: &MatchEvent) {
        for athlete in Athlete::BOTH {
            let mut idle = Spread::default();
            if let Some(seconds) = self.last_hits[athlete].seconds_until(event) {
                idle.record(seconds);
            }
            let hits = &mut self.statistics.round_mut(event.round)[athlete];
            (hits.rounds_ended, hits.idle_at_end_seconds) = (1, idle);
        }
    }
}

impl Sink for Analysis {
    fn event(&mut self, event: &MatchEvent) {
        self.linker.event(event);
        // What the linker settled because another match begins still belongs to the one before.
        self.take_links();
        if event.key.match_index.is_none() {
            // A sender that comes or goes has neither round nor clock.
            return;
        }
        self.enter_match(event.key.match_index);
        self.clock(event);
        let of = |statistics: &mut MatchStatistics, athlete, code: PointCode, times: i64, points: u32| {
            let of_round = &mut statistics.round_mut(event.round)[athlete].points;
            of_round.times[code as usize] += times;
            of_round.total += times * i64::from(points);
        };
        match event.kind {
            EventKind::Hit { athlete, level } => self.hit(event, athlete, level),
            EventKind::Point { athlete, code, points } => of(&mut self.statistics, athlete, code, 1, points),
            EventKind::PointRemoved { athlete, code, points, .. } => {
                of(&mut self.statistics, athlete, code, -1, points);
            }
            EventKind::GamJeom { athlete } => {
                self.statistics.round_mut(event.round)[athlete].points.gam_jeoms += 1;
            }
            EventKind::GamJeomRemoved { athlete, .. } => {
                self.statistics.round_mut(event.round)[athlete].points.gam_jeoms -= 1;
            }
            EventKind::RoundEnded { .. } => self.round_ended(event),
            _ => {}
        }
        for athlete in Athlete::BOTH {
            self.statistics.round_mut(event.round)[athlete].leave_off_clock();
        }
    }

    fn match_changed(&mut self, summary: &MatchSummary) {
        self.linker.match_changed(summary);
        // What that settled belongs to the match before.
        self.take_links();
        self.enter_match(Some(summary.index));
        self.statistics.thresholds = Thresholds { body: summary.body_level, head: summary.head_level };
        self.lengths = RoundLengths::of_match(summary);
    }

    fn tick(&mut self, now: Monotonic) {
        self.linker.tick(now);
        self.take_links();
    }
}

impl Linker for Analysis {
    fn next_link(&mut self) -> Option<(EventKey, EventKey)> {
        next_pair(&mut self.links)
    }

    fn settle(&mut self) {
        self.finish();
    }
}

#[cfg(test)]
mod tests;
