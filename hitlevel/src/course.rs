//! A match and all that happened in it.

use alloc::{collections::BTreeMap, vec::Vec};

use pss_protocol::{MatchEvent, MatchSummary, Sink};

use crate::{Analysis, Link, MatchStatistics, Standing, standing::Walk};

/// A match as a whole: what a report, a calibration and the search for irregularities start from. Unlike
/// [`Analysis`] it keeps every event.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct Course {
    /// The match as last known.
    pub summary: MatchSummary,
    /// What happened in it, in the order of the ids.
    pub events: Vec<MatchEvent>,
    /// Every kick that scored and the hit that did it, in the order in which that was found.
    pub links: Vec<Link>,
    /// All that was counted.
    pub statistics: MatchStatistics,
}

impl Course {
    /// From what a database has, or what [`Courses`] gathered.
    pub fn new(summary: MatchSummary, events: Vec<MatchEvent>) -> Self {
        let mut analysis = Analysis::default();
        analysis.match_changed(&summary);
        events.iter().for_each(|event| analysis.event(event));
        analysis.finish();
        let links = analysis.drain_links().collect();
        Self { links, statistics: analysis.statistics().clone(), summary, events }
    }

    /// Where the match stood after each event that changed it, with the place of that event in `events`.
    ///
    /// The score is what the events add up to. Where a total was taken as it was (an anomaly `score_without_point`
    /// with no point), it is not in the events, and the last standing of a round differs from
    /// [`MatchSummary::rounds`].
    pub fn standings(&self) -> Vec<(usize, Standing)> {
        let mut walk = Walk::new(&self.summary);
        let mut standings = Vec::new();
        for (place, event) in self.events.iter().enumerate() {
            let before = *walk.standing();
            walk.apply(event);
            if *walk.standing() != before {
                standings.push((place, *walk.standing()));
            }
        }
        standings
    }
}

/// Gathers the matches of a session with all that happens in them.
#[derive(Clone, Debug, Default)]
pub struct Courses {
    matches: BTreeMap<u32, (Option<MatchSummary>, Vec<MatchEvent>)>,
}

impl Courses {
    /// The matches in the order in which they were chosen.
    pub fn finish(self) -> impl Iterator<Item = Course> {
        self.matches.into_iter().map(course)
    }

    /// Takes the matches of which nothing more can come: all but the latest. So a long session takes no more memory
    /// than its longest match.
    pub fn drain_over(&mut self) -> impl Iterator<Item = Course> + use<> {
        let latest = self.matches.last_key_value().map_or(0, |(index, _)| *index);
        let going_on = self.matches.split_off(&latest);
        core::mem::replace(&mut self.matches, going_on).into_iter().map(course)
    }
}

fn course((index, (summary, events)): (u32, (Option<MatchSummary>, Vec<MatchEvent>))) -> Course {
    Course::new(summary.unwrap_or_else(|| MatchSummary::new(index)), events)
}

impl Sink for Courses {
    fn event(&mut self, event: &MatchEvent) {
        if let Some(index) = event.key.match_index {
            self.matches.entry(index).or_default().1.push(event.clone());
        }
    }

    fn match_changed(&mut self, summary: &MatchSummary) {
        self.matches.entry(summary.index).or_default().0 = Some(summary.clone());
    }
}
