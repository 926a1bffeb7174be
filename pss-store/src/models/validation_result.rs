//! `pss_event_validation_results`: one row for each finding of a message.

use diesel::prelude::*;
use pss_protocol::Finding;

use super::number;
use crate::{EventId, schema::pss_event_validation_results};

#[derive(Insertable)]
#[diesel(table_name = pss_event_validation_results, treat_none_as_default_value = false)]
struct Row<'a> {
    session_id: i64,
    seq: i64,
    message_index: i64,
    finding: i64,
    rule_id: &'a str,
    severity: &'a str,
    field: Option<&'a str>,
    message: &'a str,
}

pub(crate) fn insert(
    connection: &mut SqliteConnection,
    event: EventId,
    findings: &[Finding],
) -> QueryResult<()> {
    for (place, finding) in (0..).zip(findings) {
        let row = Row {
            session_id: event.session.0,
            seq: number(event.seq),
            message_index: event.index.into(),
            finding: place,
            rule_id: &finding.rule,
            severity: finding.severity.as_str(),
            field: finding.field.as_deref(),
            message: &finding.message,
        };
        diesel::insert_into(pss_event_validation_results::table).values(&row).execute(connection)?;
    }
    Ok(())
}
