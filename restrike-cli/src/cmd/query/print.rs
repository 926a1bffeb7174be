//! Rows for people.

use std::io;

use pss_protocol::{Competitor, MatchSummary, escape};
use pss_store::{AthleteRow, Counts, EventRow, HitRow, MatchRow, MessageRow};

use crate::output::{Out, table::Table, text::Shortened};

pub(super) fn messages(out: &mut Out, rows: &[MessageRow]) -> io::Result<()> {
    let mut table = Table::new(["arrived", "ring", "message", "match", "round", "status", "code", "raw"]);
    for row in rows {
        table.row([
            &known(row.arrived_at),
            &row.ring.clone(),
            &row.id().to_string(),
            &known(row.match_id.map(|id| id.0)),
            &known(row.round),
            &row.status.as_str().to_owned(),
            &known(row.code.as_deref()),
            &Shortened(escape(&row.raw)).to_string(),
        ]);
    }
    write(out, &table)
}

pub(super) fn events(out: &mut Out, rows: &[EventRow]) -> io::Result<()> {
    let headings =
        ["arrived", "ring", "match", "number", "event", "round", "clock", "code", "athlete", "what"];
    let mut table = Table::new(headings);
    for row in rows {
        table.row([
            &known(row.arrived_at),
            &row.ring.clone(),
            &known(row.match_id.map(|id| id.0)),
            &known(row.match_number.as_deref()),
            &row.event_id.to_string(),
            &known(row.round),
            &known(row.clock.as_deref()),
            &row.code.clone(),
            &known(row.athlete.as_deref()),
            &what(row),
        ]);
    }
    write(out, &table)
}

/// The kind and what only this kind has.
fn what(row: &EventRow) -> String {
    let mut what = row.kind.replace('_', " ");
    let mut add = |name: &str, value: Option<String>| {
        if let Some(value) = value {
            what += &format!(", {name}{value}");
        }
    };
    add("points ", row.points.map(|points| points.to_string()));
    add("level ", row.level.map(|level| level.to_string()));
    add("led to event ", row.linked_point.map(|point| point.to_string()));
    add("takes back event ", row.removes.map(|event| event.to_string()));
    add("", row.state.as_deref().map(|state| state.replace('_', " ")));
    add("", row.won.map(|won| if won { "won" } else { "lost" }.to_owned()));
    add("", row.shown_time.clone());
    add("winner ", row.winner.clone());
    add("by ", row.decision.clone());
    add("", row.anomaly.as_deref().map(|anomaly| anomaly.replace('_', " ")));
    add("", row.note.clone());
    add("", (row.basis == "inferred").then(|| String::from("inferred")));
    what
}

pub(super) fn hits(out: &mut Out, rows: &[HitRow]) -> io::Result<()> {
    let headings = [
        "arrived", "ring", "match", "number", "event", "round", "clock", "athlete", "name", "level", "point",
    ];
    let mut table = Table::new(headings);
    for row in rows {
        let point = row.linked_point.map(|point| {
            let code = row.point_code.as_deref().unwrap_or("point");
            format!("{code} {} (event {point})", known(row.points))
        });
        table.row([
            &known(row.arrived_at),
            &row.ring.clone(),
            &known(row.match_id.map(|id| id.0)),
            &known(row.match_number.as_deref()),
            &row.event_id.to_string(),
            &known(row.round),
            &known(row.clock.as_deref()),
            &row.athlete.clone(),
            &named(row.athlete_name.as_deref(), row.country.as_deref()),
            &row.level.to_string(),
            &known(point),
        ]);
    }
    write(out, &table)
}

pub(super) fn matches(out: &mut Out, rows: &[MatchRow]) -> io::Result<()> {
    let headings = ["began", "ring", "match", "number", "category", "blue", "red", "result"];
    let mut table = Table::new(headings);
    for row in rows {
        let competitor = |of: &Competitor| named(of.name.as_deref(), of.country.as_deref());
        let category: Vec<_> =
            [&row.summary.division, &row.summary.category].into_iter().flatten().cloned().collect();
        table.row([
            &known(row.began_at),
            &row.ring.clone(),
            &row.match_id.0.to_string(),
            &known(row.summary.number.as_deref()),
            &known(Some(category.join(" "))),
            &competitor(&row.summary.blue),
            &competitor(&row.summary.red),
            &known(Some(result(&row.summary))),
        ]);
    }
    write(out, &table)
}

fn result(summary: &MatchSummary) -> String {
    let words = [
        summary.winner.map(|winner| match winner.athlete() {
            Some(athlete) => athlete.as_str().to_owned(),
            None => String::from("tie"),
        }),
        summary.decision.map(|decision| decision.as_str().to_owned()),
        summary.result.clone(),
    ];
    words.into_iter().flatten().collect::<Vec<_>>().join(" ")
}

pub(super) fn athletes(out: &mut Out, rows: &[AthleteRow]) -> io::Result<()> {
    let mut table = Table::new(["athlete", "name", "country", "division", "matches", "last match", "merged"]);
    for row in rows {
        let merged: Vec<_> = row.merged.iter().map(|id| id.0.to_string()).collect();
        table.row([
            &row.id.0.to_string(),
            &row.long_name.clone(),
            &known(row.country.as_deref()),
            &known(row.division.as_deref()),
            &row.matches.to_string(),
            &known(row.last_match_at),
            &known(Some(merged.join(" "))),
        ]);
    }
    write(out, &table)
}

pub(super) fn counts(out: &mut Out, counts: &Counts) -> io::Result<()> {
    let mut table = Table::new(["of", "count"]);
    let mut row = |of: &str, count: Option<u64>| table.row([&of, &known(count)]);
    let messages = counts.messages.as_ref();
    row("messages", messages.map(|messages| messages.total));
    for (status, count) in messages.iter().flat_map(|messages| &messages.by_status) {
        row(&format!("  status {status}"), Some(*count));
    }
    for (code, count) in messages.iter().flat_map(|messages| &messages.by_code) {
        row(&format!("  code {code}"), Some(*count));
    }
    let events = counts.match_events.as_ref();
    row("match events", events.map(|events| events.total));
    for (code, count) in events.iter().flat_map(|events| &events.by_code) {
        row(&format!("  code {code}"), Some(*count));
    }
    row("hits", counts.hits);
    row("matches", counts.matches);
    row("athletes", counts.athletes);
    write(out, &table)
}

fn write<const N: usize>(out: &mut Out, table: &Table<N>) -> io::Result<()> {
    if table.is_empty() { Ok(()) } else { table.write(out, "") }
}

/// A dash where there is nothing.
fn known(value: Option<impl ToString>) -> String {
    let value = value.map(|value| value.to_string()).unwrap_or_default();
    if value.is_empty() { String::from("-") } else { value }
}

fn named(name: Option<&str>, country: Option<&str>) -> String {
    match (name, country) {
        (Some(name), Some(country)) => format!("{name} ({country})"),
        (name, country) => known(name.or(country)),
    }
}
