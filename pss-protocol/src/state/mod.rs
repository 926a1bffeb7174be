//! What the scoring table decided, rebuilt from what arrived.
//!
//! The wire is lossy, unordered and forgetful, so nothing is taken from a single message that others can
//! contradict:
//!
//! - messages of a moment are gathered in a *cluster* and read together, when their order can no longer change;
//! - every total that was seen must be explained by the points and gam-jeoms that were stated; where these are
//!   too few or too many, the cheapest explanation is taken and marked as inferred (`solve`);
//! - rounds, rests, clocks and results are followed by all messages that show them, so that one of them may be
//!   lost (`bout`, `clock`, `outcome`);
//! - a match is known by its block at load, whatever is left of it (`loading`).

use alloc::{boxed::Box, collections::VecDeque};
use core::{net::SocketAddr, time::Duration};

use bout::{Bout, Outbox};
use cluster::Stamp;
use interruption::Interruptions;
use loading::Loading;
use sender::{Senders, Voice};

use crate::{
    Anomaly, AnomalyKind, Arrival, Basis, ClockTime, Dialect, EventKey, EventKind, Flow, MatchEvent,
    MatchSummary, Message, MessageKey, Monotonic, Parsed, PerAthlete, Phase, Snapshot,
};

mod apply;
mod bout;
mod clock;
mod cluster;
mod interruption;
mod kinds;
mod loading;
mod outcome;
mod plausible;
mod possible;
mod round;
mod sender;
mod settle;
mod solve;
mod tell;
mod view;

/// One judged message, as the state takes it.
#[derive(Clone, Copy, Debug)]
pub struct StateInput<'a> {
    /// When its datagram arrived.
    pub at: Arrival,
    /// Its name.
    pub key: MessageKey,
    /// Who sent it.
    pub source: Option<SocketAddr>,
    /// Only [`Flow::Broadcast`] and [`Flow::Answer`] touch the state.
    pub flow: Flow,
    /// How its numbers are to be read.
    pub dialect: Dialect,
    /// The message and its flaw.
    pub parsed: &'a Parsed<'a>,
}

/// What the state has to tell; drained after every call.
#[derive(Clone, Debug, PartialEq)]
pub enum StateOutput {
    /// Something happened.
    Event(MatchEvent),
    /// The match as known now.
    Match(Box<MatchSummary>),
}

/// What settles after a while.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Due {
    Loading,
    Cluster,
    Result,
}

/// A pure reducer: messages and the time in, events and summaries out.
///
/// ```
/// use core::time::Duration;
/// use pss_protocol::{EventKind, MatchState, StateInput, StateOutput, parse};
///
/// let mut state = MatchState::new(Duration::from_millis(50));
/// let wire = ["rnd;1", "clk;02:00;start", "pt1;3", "sc1;3;sc2;0"];
/// for (seq, line) in wire.iter().enumerate() {
///     for parsed in parse(line.as_bytes()) {
///         state.apply(&StateInput {
///             at: Default::default(),
///             key: pss_protocol::MessageKey { seq: seq as u64 + 1, index: 0 },
///             source: None,
///             flow: Default::default(),
///             dialect: Default::default(),
///             parsed: &parsed,
///         });
///     }
/// }
/// state.finish();
/// assert_eq!(state.snapshot().score.blue, 3);
/// let points = core::iter::from_fn(|| state.poll()).filter(|output| {
///     matches!(output, StateOutput::Event(event) if matches!(event.kind, EventKind::Point { points: 3, .. }))
/// });
/// assert_eq!(points.count(), 1);
/// ```
#[derive(Debug)]
pub struct MatchState {
    window: Duration,
    now: Monotonic,
    dialect: Dialect,
    senders: Senders,
    connected: Option<bool>,
    loading: Option<Loading>,
    bout: Option<Box<Bout>>,
    interruptions: Interruptions,
    rest: Option<ClockTime>,
    ready: bool,
    next_match: u32,
    /// Events outside of any match.
    next_outside: u32,
    out: Outbox,
}

impl MatchState {
    /// Knows nothing yet. `window`: within this time the order of arrival means nothing.
    pub fn new(window: Duration) -> Self {
        Self {
            window,
            now: Monotonic::default(),
            dialect: Dialect::default(),
            senders: Senders::default(),
            connected: None,
            loading: None,
            bout: None,
            interruptions: Interruptions::default(),
            rest: None,
            ready: false,
            next_match: 0,
            next_outside: 0,
            out: VecDeque::new(),
        }
    }

    /// Takes one message.
    pub fn apply(&mut self, input: &StateInput<'_>) {
        self.advance(input.at.mono);
        self.dialect = input.dialect;
        let stamp = Stamp {
            at: input.at,
            key: Some(input.key),
            clock: self.bout.as_ref().and_then(|bout| bout.clock.time()),
        };
        if !plausible::is_plausible(&input.parsed.message) {
            if input.flow == Flow::Broadcast {
                let text = "a number that no table can show".into();
                let anomaly = Anomaly { kind: AnomalyKind::OutOfPlace, text };
                self.emit(stamp, Basis::Inferred, EventKind::Anomaly(anomaly));
            }
            return;
        }
        match input.flow {
            Flow::Broadcast => {
                if self.hears(input.source, stamp, &input.parsed.message) {
                    self.apply_broadcast(stamp, input.parsed);
                }
            }
            Flow::Answer => self.apply_answer(input.parsed),
            Flow::ForeignAnswer | Flow::Request => {}
        }
    }

    /// Settles what arrived more than the window before `now`: each thing as of the moment when it was due,
    /// so that it makes no difference how often the time is told.
    pub fn advance(&mut self, now: Monotonic) {
        let now = self.now.max(now);
        while let Some((at, due)) = self.first_due(now) {
            self.now = self.now.max(at);
            self.settle_due(due);
        }
        self.now = now;
        let Some(bout) = &mut self.bout else { return };
        bout.now = now;
        if bout.cluster.is_empty() && !bout.is_blank() {
            bout.tell_summary(&mut self.out);
        }
    }

    /// What is due first, if it is due by `now`.
    fn first_due(&self, now: Monotonic) -> Option<(Monotonic, Due)> {
        let loading = self.loading.as_ref().map(|loading| (loading.due(), Due::Loading));
        let bout = self.bout.as_deref();
        let cluster =
            bout.and_then(|bout| Some((bout.cluster_due(self.window, self.dialect, now)?, Due::Cluster)));
        let result = bout.and_then(|bout| Some((bout.result_due?.at.mono + self.window, Due::Result)));
        let first = [loading, cluster, result].into_iter().flatten().min_by_key(|(at, _)| *at)?;
        (first.0 <= now).then_some(first)
    }

    fn settle_due(&mut self, due: Due) {
        if due == Due::Loading {
            self.commit_loading();
            return;
        }
        let Some(bout) = &mut self.bout else { return };
        bout.now = self.now;
        bout.settle(self.dialect, &mut self.out);
        if due == Due::Result
            && let Some(stamp) = bout.result_due.take()
        {
            bout.tell_result(stamp, &mut self.out);
        }
    }

    /// Settles everything: the input is over.
    pub fn finish(&mut self) {
        self.commit_loading();
        if let Some(bout) = self.bout.as_mut().filter(|bout| !bout.is_blank()) {
            bout.close(self.now, self.dialect, &mut self.out);
        }
    }

    /// The next output, oldest first.
    pub fn poll(&mut self) -> Option<StateOutput> {
        self.out.pop_front()
    }

    /// Everything that a display shows.
    pub fn snapshot(&self) -> Snapshot {
        let mut snapshot = Snapshot {
            connected: self.connected,
            injury: self.interruptions.injury.clone(),
            time_out: self.interruptions.time_out.clone(),
            challenges: self.interruptions.challenges.clone(),
            challenges_lost: self.interruptions.cards_lost,
            rest: self.rest,
            ..Snapshot::default()
        };
        let Some(bout) = &self.bout else { return snapshot };
        let round = bout.round();
        snapshot.phase = self.phase(bout);
        snapshot.summary = Some(bout.summary());
        snapshot.round = round.number;
        snapshot.golden = round.golden;
        snapshot.clock = bout.clock.time();
        snapshot.running = bout.clock.running();
        // Values show at once: the last total that arrived, until the cluster settles.
        snapshot.score = bout.cluster.totals.last().map_or(round.total, |total| total.value.or(round.total));
        snapshot.gam_jeoms = PerAthlete::from_fn(|athlete| {
            let shown = bout.cluster.boards.iter().rev().find_map(|board| board.value[athlete]);
            shown.unwrap_or(round.board[athlete])
        });
        snapshot.round_wins = bout.round_wins();
        if let Some(clock) = bout.reloaded {
            // The scoreboard shows the match as loaded, whatever was fought before.
            snapshot.phase = Phase::Ready;
            snapshot.round = 1;
            (snapshot.clock, snapshot.running) = (clock, false);
            snapshot.score = PerAthlete::default();
            snapshot.gam_jeoms = PerAthlete::default();
            snapshot.round_wins = PerAthlete::default();
        }
        snapshot
    }

    fn phase(&self, bout: &Bout) -> Phase {
        let round = bout.round();
        if bout.ended {
            Phase::Ended
        } else if self.rest.is_some() || (bout.started && (round.over || !round.started)) {
            Phase::Rest
        } else if !bout.started {
            if self.ready { Phase::Ready } else { Phase::Loaded }
        } else if bout.clock.running() {
            Phase::Fighting
        } else {
            Phase::Paused
        }
    }

    /// Whether the source is the one whose words count.
    fn hears(&mut self, source: Option<SocketAddr>, stamp: Stamp, message: &Message<'_>) -> bool {
        match self.senders.hear(source, self.now) {
            Voice::Known => {
                if self.connected.is_none() || *message == Message::Hello {
                    self.connect(stamp);
                }
                true
            }
            Voice::New { replaces } => {
                if replaces && self.connected == Some(true) {
                    self.connected = Some(false);
                    self.emit(stamp, Basis::Inferred, EventKind::SenderGone);
                }
                self.connect(stamp);
                true
            }
            Voice::Intruder { first } => {
                if first {
                    let text =
                        "two senders speak on this ring; the one that was there first is followed".into();
                    let anomaly = Anomaly { kind: AnomalyKind::TwoSenders, text };
                    self.emit(stamp, Basis::Inferred, EventKind::Anomaly(anomaly));
                    return true; // it is the first one that returned
                }
                false
            }
        }
    }

    fn connect(&mut self, stamp: Stamp) {
        if self.connected != Some(true) {
            self.connected = Some(true);
            self.emit(stamp, Basis::Stated, EventKind::SenderConnected);
        }
    }

    /// Tells an event of the match, or outside of any.
    fn emit(&mut self, stamp: Stamp, basis: Basis, kind: EventKind) {
        if let Some(bout) = &mut self.bout {
            if bout.cluster.is_empty() {
                bout.emit(stamp, basis, kind, &mut self.out);
            } else {
                bout.cluster.others.push((stamp, basis, kind));
            }
            return;
        }
        let key = EventKey { match_index: None, id: self.next_outside };
        self.next_outside += 1;
        let Stamp { at, key: evidence, clock } = stamp;
        self.out.push_back(StateOutput::Event(MatchEvent {
            key,
            at,
            evidence,
            round: 0,
            clock,
            basis,
            kind,
        }));
    }
}
