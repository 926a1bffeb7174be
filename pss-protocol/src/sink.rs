//! Where everything goes.

use crate::{Datagram, EventKey, MatchEvent, MatchSummary, Monotonic, Record};

/// Receives what a [`Pipeline`](crate::Pipeline) makes of the datagrams. Every method has an empty default.
///
/// The order of calls for each datagram: the [`event`](Self::event)s that had settled before it arrived, in the
/// order of their ids, and after them [`match_changed`](Self::match_changed) with the match as it was then
/// known; [`tick`](Self::tick) with its time of arrival; [`datagram`](Self::datagram); a
/// [`record`](Self::record) for each of its messages; the events that these settled at once.
pub trait Sink {
    /// A datagram arrived.
    fn datagram(&mut self, datagram: &Datagram<'_>) {
        let _ = datagram;
    }

    /// One message of it, judged.
    fn record(&mut self, record: &Record<'_>) {
        let _ = record;
    }

    /// Something happened. Events settle after the reorder window, so they come after their messages.
    fn event(&mut self, event: &MatchEvent) {
        let _ = event;
    }

    /// The match as known now; for each [`MatchSummary::index`] the last one counts.
    fn match_changed(&mut self, summary: &MatchSummary) {
        let _ = summary;
    }

    /// Time passed: nothing that arrived before `now` less the reorder window is still open.
    fn tick(&mut self, now: Monotonic) {
        let _ = now;
    }
}

impl<S: Sink + ?Sized> Sink for &mut S {
    fn datagram(&mut self, datagram: &Datagram<'_>) {
        (**self).datagram(datagram);
    }

    fn record(&mut self, record: &Record<'_>) {
        (**self).record(record);
    }

    fn event(&mut self, event: &MatchEvent) {
        (**self).event(event);
    }

    fn match_changed(&mut self, summary: &MatchSummary) {
        (**self).match_changed(summary);
    }

    fn tick(&mut self, now: Monotonic) {
        (**self).tick(now);
    }
}

/// A sink that finds out which point a hit led to. `hitlevel::HitLinker` is one; the trait lets what keeps events
/// keep links too, without knowing how they are found.
pub trait Linker: Sink {
    /// The next link that was found, as the key of the hit and that of the point; `None` when there is none yet.
    fn next_link(&mut self) -> Option<(EventKey, EventKey)>;

    /// Nothing comes any more: what waits for a late hit is settled.
    fn settle(&mut self);
}

/// Nobody listens.
impl Sink for () {}

/// Gives everything to `A`, then to `B`.
#[derive(Clone, Copy, Debug, Default)]
pub struct Both<A, B>(pub A, pub B);

impl<A: Sink, B: Sink> Sink for Both<A, B> {
    fn datagram(&mut self, datagram: &Datagram<'_>) {
        self.0.datagram(datagram);
        self.1.datagram(datagram);
    }

    fn record(&mut self, record: &Record<'_>) {
        self.0.record(record);
        self.1.record(record);
    }

    fn event(&mut self, event: &MatchEvent) {
        self.0.event(event);
        self.1.event(event);
    }

    fn match_changed(&mut self, summary: &MatchSummary) {
        self.0.match_changed(summary);
        self.1.match_changed(summary);
    }

    fn tick(&mut self, now: Monotonic) {
        self.0.tick(now);
        self.1.tick(now);
    }
}
