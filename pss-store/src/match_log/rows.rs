//! Match logs in the database.

use diesel::prelude::*;
use pss_protocol::Timestamp;

use super::{MatchLogId, StoredMatchLog, parse::LogItem};
use crate::{
    MatchId,
    models::{unreadable, unsigned},
    schema::{match_log_items, match_logs},
};

#[derive(Insertable, Queryable, Selectable)]
#[diesel(table_name = match_log_items, treat_none_as_default_value = false)]
struct ItemRow {
    match_log_id: i64,
    item: i64,
    at: Option<i64>,
    round: Option<i64>,
    clock_ms: Option<i64>,
    kind: String,
    value: Option<String>,
    blue_add: Option<i64>,
    red_add: Option<i64>,
    blue_points: Option<i64>,
    red_points: Option<i64>,
    blue_gam_jeoms: Option<i64>,
    red_gam_jeoms: Option<i64>,
    rest: Option<String>,
}

pub(super) fn insert_items(connection: &mut SqliteConnection, id: i64, items: &[LogItem]) -> QueryResult<()> {
    for (item, place) in items.iter().zip(0..) {
        let rest = (!item.rest.is_empty())
            .then(|| serde_json::to_string(&item.rest).expect("a map of JSON values is JSON"));
        let row = ItemRow {
            match_log_id: id,
            item: place,
            at: item.at.map(|at| at.0),
            round: item.round.map(i64::from),
            clock_ms: item.clock_ms.map(i64::from),
            kind: item.kind.clone(),
            value: item.value.clone(),
            blue_add: item.blue_add.map(i64::from),
            red_add: item.red_add.map(i64::from),
            blue_points: item.blue_points.map(i64::from),
            red_points: item.red_points.map(i64::from),
            blue_gam_jeoms: item.blue_gam_jeoms.map(i64::from),
            red_gam_jeoms: item.red_gam_jeoms.map(i64::from),
            rest,
        };
        diesel::insert_into(match_log_items::table).values(&row).execute(connection)?;
    }
    Ok(())
}

pub(super) fn items(connection: &mut SqliteConnection, id: MatchLogId) -> QueryResult<Vec<LogItem>> {
    let rows: Vec<ItemRow> = match_log_items::table
        .filter(match_log_items::match_log_id.eq(id.0))
        .order(match_log_items::item)
        .select(ItemRow::as_select())
        .load(connection)?;
    rows.into_iter()
        .map(|row| {
            let rest = row.rest.as_deref().map(serde_json::from_str).transpose();
            Ok(LogItem {
                at: row.at.map(Timestamp),
                round: row.round.and_then(unsigned),
                clock_ms: row.clock_ms.and_then(unsigned),
                kind: row.kind,
                value: row.value,
                blue_add: row.blue_add.and_then(unsigned),
                red_add: row.red_add.and_then(unsigned),
                blue_points: row.blue_points.and_then(unsigned),
                red_points: row.red_points.and_then(unsigned),
                blue_gam_jeoms: row.blue_gam_jeoms.and_then(unsigned),
                red_gam_jeoms: row.red_gam_jeoms.and_then(unsigned),
                rest: rest.map_err(|_| unreadable("match log", id.0))?.unwrap_or_default(),
            })
        })
        .collect()
}

/// A log that is here already.
pub(super) struct Known {
    pub(super) id: MatchLogId,
    pub(super) digest: Vec<u8>,
    pub(super) summary: Option<String>,
}

pub(super) fn known(
    connection: &mut SqliteConnection,
    court: &str,
    name: &str,
) -> QueryResult<Option<Known>> {
    let found: Option<(i64, Vec<u8>, Option<String>)> = match_logs::table
        .filter(match_logs::court.eq(court))
        .filter(match_logs::name.eq(name))
        .select((match_logs::id, match_logs::digest, match_logs::summary))
        .first(connection)
        .optional()?;
    Ok(found.map(|(id, digest, summary)| Known { id: MatchLogId(id), digest, summary }))
}

pub(super) fn all(
    connection: &mut SqliteConnection,
    only: Option<MatchLogId>,
) -> QueryResult<Vec<StoredMatchLog>> {
    type Row = (i64, String, String, String, Option<i64>, Option<i64>, Option<String>, Option<i64>, i64);
    let mut query = match_logs::table
        .order((match_logs::court, match_logs::name))
        .select((
            match_logs::id,
            match_logs::court,
            match_logs::name,
            match_logs::match_number,
            match_logs::began_at,
            match_logs::ended_at,
            match_logs::summary,
            match_logs::match_id,
            match_logs::imported_at,
        ))
        .into_boxed();
    if let Some(id) = only {
        query = query.filter(match_logs::id.eq(id.0));
    }
    query
        .load::<Row>(connection)?
        .into_iter()
        .map(|(id, court, name, match_number, began_at, ended_at, summary, match_id, imported_at)| {
            let items: i64 = match_log_items::table
                .filter(match_log_items::match_log_id.eq(id))
                .count()
                .get_result(connection)?;
            let summary = summary.as_deref().map(serde_json::from_str).transpose();
            Ok(StoredMatchLog {
                id: MatchLogId(id),
                court,
                name,
                match_number,
                began_at: began_at.map(Timestamp),
                ended_at: ended_at.map(Timestamp),
                items: items.unsigned_abs(),
                summary: summary.map_err(|_| unreadable("match log", id))?,
                match_id: match_id.map(MatchId),
                imported_at: Timestamp(imported_at),
            })
        })
        .collect()
}
