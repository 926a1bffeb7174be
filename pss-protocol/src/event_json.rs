//! An event as JSON: the objects of `restrike matches --events` and the heart of the feed's events.

use serde::ser::{Serialize, SerializeMap as _, Serializer};

use crate::{EventKind, MatchEvent};

/// Serializes a [`MatchEvent`] flat: `id`, `kind`, `at`, `round`, `clock`, `basis`, then what its kind has.
#[derive(Clone, Copy, Debug)]
pub struct EventJson<'a> {
    event: &'a MatchEvent,
    linked_point: Option<u32>,
}

impl<'a> EventJson<'a> {
    /// `linked_point`: for a hit, the `id` of the point that it caused.
    pub fn new(event: &'a MatchEvent, linked_point: Option<u32>) -> Self {
        Self { event, linked_point }
    }
}

impl Serialize for EventJson<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let event = self.event;
        let mut map = serializer.serialize_map(None)?;
        map.serialize_entry("id", &event.key.id)?;
        map.serialize_entry("kind", event.kind.as_str())?;
        map.serialize_entry("at", &event.at.wall)?;
        map.serialize_entry("round", &event.round)?;
        map.serialize_entry("clock", &event.clock)?;
        map.serialize_entry("basis", &event.basis)?;
        match &event.kind {
            EventKind::Point { athlete, code, points } => {
                map.serialize_entry("athlete", athlete)?;
                map.serialize_entry("code", code)?;
                map.serialize_entry("points", points)?;
            }
            EventKind::PointRemoved { athlete, code, points, removes } => {
                map.serialize_entry("athlete", athlete)?;
                map.serialize_entry("code", code)?;
                map.serialize_entry("points", points)?;
                map.serialize_entry("removes", removes)?;
            }
            EventKind::GamJeom { athlete } => map.serialize_entry("athlete", athlete)?,
            EventKind::GamJeomRemoved { athlete, removes } => {
                map.serialize_entry("athlete", athlete)?;
                map.serialize_entry("removes", removes)?;
            }
            EventKind::Hit { athlete, level } => {
                map.serialize_entry("athlete", athlete)?;
                map.serialize_entry("level", level)?;
                map.serialize_entry("linked_point", &self.linked_point)?;
            }
            EventKind::RoundEnded { winner } => map.serialize_entry("winner", winner)?,
            EventKind::Challenge { athlete, state, won } => {
                map.serialize_entry("athlete", athlete)?;
                map.serialize_entry("state", state)?;
                map.serialize_entry("won", won)?;
            }
            EventKind::Injury { athlete, action, time } => {
                map.serialize_entry("athlete", athlete)?;
                map.serialize_entry("action", action)?;
                map.serialize_entry("time", time)?;
            }
            EventKind::TimeOut { athlete, action, time } => {
                map.serialize_entry("athlete", athlete)?;
                map.serialize_entry("action", action)?;
                map.serialize_entry("time", time)?;
            }
            EventKind::MatchEnded { winner, decision } => {
                map.serialize_entry("winner", winner)?;
                map.serialize_entry("decision", decision)?;
            }
            EventKind::Anomaly(anomaly) => {
                map.serialize_entry("anomaly", &anomaly.kind)?;
                map.serialize_entry("text", &anomaly.text)?;
            }
            EventKind::RoundStarted
            | EventKind::MatchLoaded
            | EventKind::MatchReady
            | EventKind::MatchStarted
            | EventKind::SenderConnected
            | EventKind::SenderGone => {}
        }
        map.end()
    }
}
