//! The filters of everything that is asked of a database.

use std::str::FromStr;

use anyhow::Context as _;
use jiff::{civil::DateTime, tz::TimeZone};
use pss_protocol::{RecognitionStatus, Timestamp};
use pss_store::{AthleteId, MatchId, Order, Query, SessionId};

use crate::args::time_zone;

/// What to ask for; everything must hold at once.
#[derive(Debug, clap::Args)]
pub(crate) struct FilterArgs {
    /// Only of this ring.
    #[arg(long, value_name = "NAME")]
    ring: Option<String>,
    /// Only of this session.
    #[arg(long, value_name = "N")]
    session: Option<i64>,
    /// Only of the matches of this number, or of one match: `101`, `id:17`.
    #[arg(long = "match", value_name = "NUMBER|id:N")]
    fight: Option<Fight>,
    /// Only what arrived then or later: RFC 3339, or `2026-11-22 10:00` in the time zone.
    #[arg(long, value_name = "TIME")]
    from: Option<Moment>,
    /// Only what arrived before.
    #[arg(long, value_name = "TIME")]
    until: Option<Moment>,
    /// Time zone of times that name none: a name, or an offset such as +02:00.
    #[arg(long, value_name = "ZONE", default_value = "UTC", value_parser = time_zone)]
    time_zone: TimeZone,
    /// Only of these codes: pt1, hl2, … of messages, P K H TB TH R HL CLK RND O of match events.
    #[arg(long = "code", value_name = "CODE", value_delimiter = ',')]
    codes: Vec<String>,
    /// Only messages of these statuses.
    #[arg(long = "status", value_name = "STATUS", value_delimiter = ',', value_parser = status)]
    statuses: Vec<RecognitionStatus>,
    /// Only of this athlete (`restrike query athletes` lists them).
    #[arg(long, value_name = "N")]
    athlete: Option<i64>,
    /// Only what holds this text: the bytes of messages, the notes of match events, names.
    #[arg(long, value_name = "TEXT")]
    text: Option<String>,
    /// What comes first.
    #[arg(long, value_enum, default_value_t)]
    order: OrderArg,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, clap::ValueEnum)]
enum OrderArg {
    /// The latest.
    #[default]
    Newest,
    /// The earliest.
    Oldest,
}

impl FilterArgs {
    /// The question that they ask.
    pub(crate) fn query(&self) -> anyhow::Result<Query> {
        let mut query = Query::new().order(match self.order {
            OrderArg::Newest => Order::NewestFirst,
            OrderArg::Oldest => Order::OldestFirst,
        });
        if let Some(ring) = &self.ring {
            query = query.ring(ring);
        }
        if let Some(session) = self.session {
            query = query.session(SessionId(session));
        }
        match &self.fight {
            Some(Fight::Id(id)) => query = query.match_id(MatchId(*id)),
            Some(Fight::Number(number)) => query = query.match_number(number),
            None => {}
        }
        if let Some(from) = &self.from {
            query = query.from(from.at(&self.time_zone).context("--from")?);
        }
        if let Some(until) = &self.until {
            query = query.until(until.at(&self.time_zone).context("--until")?);
        }
        for code in &self.codes {
            query = query.code(code);
        }
        for status in &self.statuses {
            query = query.status(*status);
        }
        if let Some(athlete) = self.athlete {
            query = query.athlete(AthleteId(athlete));
        }
        if let Some(text) = &self.text {
            query = query.text(text);
        }
        Ok(query)
    }
}

/// A match by its number, as people know it, or by its name in the database.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Fight {
    Id(i64),
    Number(String),
}

impl FromStr for Fight {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        match text.strip_prefix("id:") {
            Some(id) => id.parse().map(Self::Id).map_err(|_| format!("{id:?} is no number")),
            None if text.trim().is_empty() => Err(String::from("the number of a match is not empty")),
            None => Ok(Self::Number(text.to_owned())),
        }
    }
}

/// A time that may depend on the time zone.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Moment {
    Exact(jiff::Timestamp),
    Local(DateTime),
}

impl FromStr for Moment {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let exact = text.parse().map(Self::Exact);
        exact.or_else(|_| text.parse().map(Self::Local)).map_err(|_| {
            String::from("neither a time such as 2026-11-22T10:00:00Z nor one such as 2026-11-22 10:00")
        })
    }
}

impl Moment {
    pub(crate) fn at(&self, zone: &TimeZone) -> anyhow::Result<Timestamp> {
        let at = match self {
            Self::Exact(at) => *at,
            Self::Local(time) => zone.to_ambiguous_timestamp(*time).compatible()?,
        };
        Ok(Timestamp(at.as_microsecond()))
    }
}

fn status(text: &str) -> Result<RecognitionStatus, String> {
    use RecognitionStatus::{Deprecated, Partial, Recognized, Unknown};
    let statuses = [Recognized, Partial, Unknown, Deprecated];
    let named = |status: &RecognitionStatus| status.as_str() == text;
    statuses.into_iter().find(named).ok_or_else(|| {
        let known = statuses.map(RecognitionStatus::as_str).join(", ");
        format!("there are {known}")
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_are_exact_or_local() {
        let zone = time_zone("+02:00").unwrap();
        let at = |text: &str| text.parse::<Moment>().unwrap().at(&zone).unwrap().to_string();
        assert_eq!(at("2026-11-22T10:00:00Z"), "2026-11-22T10:00:00.000000Z");
        assert_eq!(at("2026-11-22T10:00:00.000001+01:00"), "2026-11-22T09:00:00.000001Z");
        assert_eq!(at("2026-11-22 10:00"), "2026-11-22T08:00:00.000000Z");
        assert_eq!(at("2026-11-22T10:00:01"), "2026-11-22T08:00:01.000000Z");
        assert_eq!(at("2026-11-22"), "2026-11-21T22:00:00.000000Z");
        for bad in ["", "yesterday", "10:00", "2026-13-01", "2026-11-22 25:00"] {
            assert!(bad.parse::<Moment>().is_err(), "{bad}");
        }
    }

    #[test]
    fn a_match_is_named_by_its_number_or_its_id() {
        assert_eq!("101".parse(), Ok(Fight::Number("101".into())));
        assert_eq!("id:17".parse(), Ok(Fight::Id(17)));
        for bad in ["id:x", "id:", "", " "] {
            assert!(bad.parse::<Fight>().is_err(), "{bad}");
        }
    }
}
