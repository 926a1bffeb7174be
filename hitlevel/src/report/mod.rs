//! Pages for people (feature `report`): data in, HTML text out. Nothing is read, written or asked for here.

mod axis;
mod canvas;
mod fight;
mod irregular;
mod page;
mod reliability;
mod statistics;
mod text;
mod tournament;

pub use self::{
    fight::match_page,
    reliability::reliability_page,
    tournament::{Fought, TournamentReportData, tournament_page},
};

use pss_protocol::{RecognitionStatus, Record, Sink};

use crate::{Course, Predictor, ScoringRates};

/// What the page about a match is made of. Everything but the match itself may be missing.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct MatchReportData<'a> {
    /// The match.
    pub course: &'a Course,
    /// The name of the ring.
    pub ring: Option<&'a str>,
    /// The name of the tournament.
    pub tournament: Option<&'a str>,
    /// Where the data come from, such as the name of a capture.
    pub source: Option<&'a str>,
    /// What tells the win probability; by default it has learned nothing and assumes what is documented.
    pub predictor: Predictor,
    /// How many other matches the predictor has learned from.
    pub learned_from: Option<u64>,
    /// How the reception of the data went.
    pub reception: Option<Reception>,
}

impl<'a> MatchReportData<'a> {
    /// Of a match of which nothing else is known.
    pub fn new(course: &'a Course) -> Self {
        Self {
            course,
            ring: None,
            tournament: None,
            source: None,
            predictor: Predictor::default(),
            learned_from: None,
            reception: None,
        }
    }
}

/// What the matches before one show, for its page: how often is scored in this tournament. The matches come in any
/// order.
#[derive(Clone, Debug, Default)]
pub struct Earlier {
    rates: ScoringRates,
    matches: u64,
}

impl Earlier {
    /// One more match. One that did not begin shows nothing.
    pub fn add(&mut self, course: &Course) {
        if course.summary.started {
            self.rates.learn(course);
            self.matches += 1;
        }
    }
}

impl MatchReportData<'_> {
    /// Has the win probability learn from them.
    pub fn learn_from(&mut self, earlier: &Earlier) {
        if earlier.matches > 0 {
            (self.predictor, self.learned_from) = (Predictor::new(&earlier.rates), Some(earlier.matches));
        }
    }
}

/// How the reception of a session went, the match being a part of it. `None` where the source does not count it.
///
/// It is a sink that counts the messages of a recording.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct Reception {
    /// Messages of the whole session.
    pub messages: Option<u64>,
    /// Messages of which some field is missing, untrusted or surplus.
    pub partial: Option<u64>,
    /// Messages that are not known, or break a rule.
    pub unknown: Option<u64>,
    /// Places where the source itself could not be read, or its rest.
    pub damage: Option<u64>,
}

impl Sink for Reception {
    fn record(&mut self, record: &Record<'_>) {
        let count = |of: &mut Option<u64>, more: bool| *of = Some(of.unwrap_or(0) + u64::from(more));
        count(&mut self.messages, true);
        count(&mut self.partial, record.status == RecognitionStatus::Partial);
        count(&mut self.unknown, record.status == RecognitionStatus::Unknown);
    }
}
