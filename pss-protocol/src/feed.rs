//! What leaves the server: the frames of the live feed (feature `serde`).
//!
//! Each frame is one JSON object, `{"v":1,"type":…,"ring":…,"seq":…,"data":…}`. A connection begins with
//! [`Hello`], then comes a [`RingSnapshot`] of each ring (or, when the client could resume, the frames that it
//! missed), then [`FeedEvent`]s and `state` frames in the order of their `seq`. Who asks for them also gets
//! statistics and predictions, the latest only; these have no number of their own. New fields may be added within
//! a version; readers ignore what they do not know.

use alloc::{
    format,
    string::{String, ToString as _},
};

use serde::Serialize;

use crate::{
    Arrival, Athlete, ChallengeState, ClockAction, ClockTime, EventJson, EventKind, InjuryAction, MatchEvent,
    Snapshot, Timestamp, escape,
};

/// The version of the feed, `v` in every frame.
pub const VERSION: u32 = 1;

/// One frame.
#[derive(Clone, Copy, Debug, Serialize)]
#[non_exhaustive]
pub struct Frame<'a, T> {
    /// [`VERSION`].
    pub v: u32,
    /// What `data` is.
    #[serde(rename = "type")]
    pub kind: FrameKind,
    /// The name of the ring; `None` in [`FrameKind::Hello`], which is about all of them.
    pub ring: Option<&'a str>,
    /// Counts the events and states of a server process from 1 over all rings. Hello and snapshots carry the
    /// number of the last frame that they include; statistics and predictions, that of the last one that was sent
    /// before them.
    pub seq: u64,
    /// The payload.
    pub data: T,
}

impl<'a, T> Frame<'a, T> {
    /// A frame of the present version.
    pub const fn new(kind: FrameKind, ring: Option<&'a str>, seq: u64, data: T) -> Self {
        Self { v: VERSION, kind, ring, seq, data }
    }
}

/// What a frame holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum FrameKind {
    /// [`Hello`]: the first frame of a connection.
    Hello,
    /// [`RingSnapshot`]: everything about a ring; replaces what the client knew of it.
    Snapshot,
    /// [`FeedEvent`]: something happened.
    Event,
    /// [`Snapshot`]: the ring as it is now shown.
    State,
    /// The statistics of the hits of the ring's match so far, as `hitlevel` shows them.
    Hits,
    /// How likely each athlete wins the round and the match, as `hitlevel` shows it.
    Prediction,
}

/// Who speaks, and from when on.
#[derive(Clone, Copy, Debug, Serialize)]
pub struct Hello<'a> {
    /// Changes with every start of the server. A `since` of another epoch means nothing.
    pub epoch: &'a str,
    /// The version of the program.
    pub server: &'a str,
    /// The names of the rings that this connection is about.
    pub rings: &'a [&'a str],
    /// Whether the frames after `since` follow; otherwise snapshots do.
    pub resumed: bool,
}

/// A ring in full: its state, the fields of a `state` frame, and its last events.
#[derive(Clone, Copy, Debug, Serialize)]
pub struct RingSnapshot<'a, E> {
    /// What is shown.
    #[serde(flatten)]
    pub state: &'a Snapshot,
    /// The last events as their frames carried them in `data`, oldest first.
    pub events: &'a [E],
}

/// What became of the thing that an event is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum FeedAction {
    /// It is new.
    Added,
    /// It was taken back.
    Removed,
    /// More is known of something that was there before.
    Changed,
    /// Kye-shi began.
    Show,
    /// Kye-shi is over.
    Hide,
    /// The medical time was set back.
    Reset,
}

impl FeedAction {
    /// The action that an event stands for when it is first told.
    pub const fn of(kind: &EventKind) -> Self {
        match kind {
            EventKind::PointRemoved { .. } | EventKind::GamJeomRemoved { .. } => Self::Removed,
            EventKind::Injury { action: InjuryAction::Show, .. } => Self::Show,
            EventKind::Injury { action: InjuryAction::Hide, .. } => Self::Hide,
            EventKind::Injury { action: InjuryAction::Reset, .. } => Self::Reset,
            EventKind::Challenge { state: ChallengeState::Requested, .. } => Self::Added,
            EventKind::TimeOut { action: ClockAction::Start, .. } => Self::Added,
            EventKind::Challenge { .. } | EventKind::TimeOut { .. } => Self::Changed,
            _ => Self::Added,
        }
    }
}

/// The `data` of an event frame: a row of the event table that operators know, and the event itself.
#[derive(Clone, Debug, Serialize)]
#[non_exhaustive]
pub struct FeedEvent<'a> {
    /// The kind, as in `restrike matches --events`.
    pub event_type: &'static str,
    /// P, K, H, TB, TH, R, HL, CLK, RND or O.
    pub event_code: &'static str,
    /// Whom it is about.
    pub athlete: Option<Athlete>,
    /// Counted from 1; `None` before the first.
    pub round: Option<u32>,
    /// The match clock, `mm:ss`.
    pub time: Option<ClockTime>,
    /// When the message arrived that shows it, UTC.
    pub timestamp: Option<Timestamp>,
    /// That message, in the notation of [`escape()`]; `None` where no single message shows it.
    pub raw_data: Option<String>,
    /// For people; holds no names.
    pub description: String,
    /// What became of it.
    pub action: FeedAction,
    /// The match, counted from 0 in the session; an event is named by this and `event.id`.
    #[serde(rename = "match")]
    pub match_index: Option<u32>,
    /// All that is known of it.
    pub event: EventJson<'a>,
}

impl<'a> FeedEvent<'a> {
    /// An event as it is first told. `raw` are the bytes of the message that shows it, line end included.
    pub fn new(event: &'a MatchEvent, raw: Option<&[u8]>) -> Self {
        let Arrival { wall, .. } = event.at;
        Self {
            event_type: event.kind.as_str(),
            event_code: event.kind.event_code(),
            athlete: event.kind.athlete(),
            round: (event.round > 0).then_some(event.round),
            time: event.clock,
            timestamp: wall,
            raw_data: raw.map(|raw| escape(raw).to_string()),
            description: describe(event),
            action: FeedAction::of(&event.kind),
            match_index: event.key.match_index,
            event: EventJson::new(event, None),
        }
    }

    /// The same hit, told again now that the point is known that it scored (its `id` in the same match).
    #[must_use]
    pub fn linked(mut self, event: &'a MatchEvent, point: u32) -> Self {
        self.action = FeedAction::Changed;
        self.event = EventJson::new(event, Some(point));
        self
    }
}

/// One line for the event table.
fn describe(event: &MatchEvent) -> String {
    let who = |athlete: Option<Athlete>| athlete.map_or("referee", Athlete::as_str);
    match &event.kind {
        EventKind::Point { athlete, code, points } => format!("{athlete} {}, +{points}", code.technique()),
        EventKind::PointRemoved { athlete, code, points, .. } => {
            format!("{athlete} {} taken back, -{points}", code.technique())
        }
        EventKind::GamJeom { athlete } => format!("gam-jeom for {athlete}"),
        EventKind::GamJeomRemoved { athlete, .. } => format!("gam-jeom of {athlete} taken back"),
        EventKind::Hit { athlete, level } => format!("{athlete} hits, level {level}"),
        EventKind::RoundStarted => format!("round {} begins", event.round),
        EventKind::RoundEnded { winner: Some(winner) } => {
            format!("round {} ends, {winner} wins it", event.round)
        }
        EventKind::RoundEnded { winner: None } => format!("round {} ends", event.round),
        EventKind::Challenge { athlete, state, won } => {
            let outcome = match (state, won) {
                (ChallengeState::Requested, _) => "requested",
                (_, Some(true)) => "won",
                (_, Some(false)) => "lost",
                (ChallengeState::Accepted, None) => "accepted",
                (ChallengeState::Rejected, None) => "rejected",
                (ChallengeState::Closed, None) => "closed",
            };
            format!("challenge of {} {outcome}", who(*athlete))
        }
        EventKind::Injury { athlete, action, time } => {
            let mut text = String::from(match action {
                InjuryAction::Show => "kye-shi begins",
                InjuryAction::Hide => "kye-shi ends",
                InjuryAction::Reset => "kye-shi set back",
            });
            if let Some(athlete) = athlete {
                text += &format!(", {athlete}");
            }
            if let Some(time) = time {
                text += &format!(", {time}");
            }
            text
        }
        EventKind::TimeOut { athlete, action, .. } => {
            let what = match action {
                ClockAction::Start => "begins",
                ClockAction::Stop => "stands",
                ClockAction::Correct => "is corrected",
                ClockAction::StopEnd => "is over",
            };
            format!("time-out of {athlete} {what}")
        }
        EventKind::MatchLoaded => String::from("match loaded"),
        EventKind::MatchReady => String::from("match ready"),
        EventKind::MatchStarted => String::from("match begins"),
        EventKind::MatchEnded { winner, decision } => {
            let winner = match winner.map(|winner| winner.athlete()) {
                Some(Some(athlete)) => format!("{athlete} wins"),
                Some(None) => String::from("a tie"),
                None => String::from("winner unknown"),
            };
            match decision {
                Some(decision) => format!("match ends, {winner} by {decision}"),
                None => format!("match ends, {winner}"),
            }
        }
        EventKind::SenderConnected => String::from("sender connected"),
        EventKind::SenderGone => String::from("sender gone"),
        EventKind::Anomaly(anomaly) => anomaly.text.clone(),
    }
}
