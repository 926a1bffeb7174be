//! When in a round was hit.

/// Hits per 10 s of the match clock, from the start of the round. A counter that is full stays so.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Tempo {
    spans: [u32; Self::SPANS],
    later: u32,
    unplaced: u32,
}

impl Tempo {
    /// The length of a span in seconds of the match clock.
    pub const SECONDS: u32 = 10;

    /// How many spans are told apart: five minutes, which no round reaches. What is later is counted together.
    pub const SPANS: usize = 30;

    /// One more hit, `elapsed` seconds of the match clock after the start of the round; `None` where the clock was not known.
    pub fn record(&mut self, elapsed: Option<u32>) {
        let Some(elapsed) = elapsed else {
            self.unplaced = self.unplaced.saturating_add(1);
            return;
        };
        let span = (elapsed / Self::SECONDS) as usize;
        let counter = self.spans.get_mut(span).unwrap_or(&mut self.later);
        *counter = counter.saturating_add(1);
    }

    /// Adds all of another.
    pub fn merge(&mut self, other: &Self) {
        for (mine, others) in self.spans.iter_mut().zip(&other.spans) {
            *mine = mine.saturating_add(*others);
        }
        self.later = self.later.saturating_add(other.later);
        self.unplaced = self.unplaced.saturating_add(other.unplaced);
    }

    /// Hits in each span.
    pub const fn spans(&self) -> &[u32; Self::SPANS] {
        &self.spans
    }

    /// Hits after the last span.
    pub const fn later(&self) -> u32 {
        self.later
    }

    /// Hits while the clock was not known.
    pub const fn unplaced(&self) -> u32 {
        self.unplaced
    }
}

impl Default for Tempo {
    fn default() -> Self {
        Self { spans: [0; Self::SPANS], later: 0, unplaced: 0 }
    }
}
