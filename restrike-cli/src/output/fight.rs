//! A stored match on one line.

use std::fmt;

use pss_protocol::{Competitor, MatchSummary, Winner};

/// Name and country of an athlete.
pub(crate) struct Named<'a>(pub(crate) &'a Competitor);

impl fmt::Display for Named<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.0.name.as_deref().unwrap_or("?"))?;
        self.0.country.as_deref().map_or(Ok(()), |country| write!(f, " ({country})"))
    }
}

/// How a match ended, as far as that is known: `blue 2-1 PTF`.
pub(crate) struct Ended<'a>(pub(crate) &'a MatchSummary);

impl fmt::Display for Ended<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self(summary) = self;
        f.write_str(match summary.winner {
            Some(Winner::Blue) => "blue",
            Some(Winner::Red) => "red",
            Some(Winner::Tie) => "tie",
            _ if summary.started => "open",
            _ => "not fought",
        })?;
        summary.result.as_ref().map_or(Ok(()), |result| write!(f, " {result}"))?;
        summary.decision.map_or(Ok(()), |decision| write!(f, " {}", decision.as_str()))
    }
}
