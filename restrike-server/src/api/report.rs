//! The page about a match, as `restrike report` makes it.

use std::sync::Arc;

use axum::{
    extract::State,
    http::header,
    response::{Html, IntoResponse as _, Response},
};
use hitlevel::{
    Course,
    report::{Earlier, MatchReportData, Reception, match_page},
};
use pss_store::{MatchId, ProcessingCounts, StatisticsFilter, StoreError, StoredCourse};

use super::{ApiError, Named};
use crate::app::Shared;

/// The page holds its own style, no code, and needs nothing from anywhere.
const CONTENT_SECURITY_POLICY: &str = "default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; \
     form-action 'none'; frame-ancestors 'none'";

/// `GET /api/v1/matches/{id}/report`: as the database has the match now.
pub(crate) async fn of_match(State(shared): State<Arc<Shared>>, id: Named) -> Result<Response, ApiError> {
    let id = super::match_id(id)?;
    let page = super::read(shared, move |shared| page(shared, id)).await?.ok_or(ApiError::NO_SUCH_MATCH)?;
    let headers =
        [(header::CACHE_CONTROL, "no-store"), (header::CONTENT_SECURITY_POLICY, CONTENT_SECURITY_POLICY)];
    Ok((headers, Html(page)).into_response())
}

/// Blocks.
fn page(shared: &Shared, id: MatchId) -> Result<Option<String>, StoreError> {
    let Some(stored) = shared.store.find_match(id)? else { return Ok(None) };
    let events = shared.store.events_of_match(id)?.into_iter().map(|stored| stored.event).collect();
    let session = shared.store.sessions()?.into_iter().find(|session| session.id == stored.session);
    let tournament = match shared.store.tournament_of_match(id)? {
        Some((tournament, _)) => shared.store.tournament(tournament)?,
        None => None,
    };
    let course = Course::new(stored.summary, events);
    let source = format!("session {} of the server's database, match {}", stored.session, id.0);
    let mut data = MatchReportData::new(&course);
    data.ring = session.as_ref().map(|session| session.ring.as_str());
    data.source = Some(&source);
    data.tournament = tournament.as_ref().map(|tournament| tournament.info.name.as_str());
    let mut earlier = Earlier::default();
    shared.store.for_each_course_before(id, |StoredCourse { fight, events, .. }| {
        earlier.add(&Course::new(fight.summary, events.into_iter().map(|stored| stored.event).collect()));
        Ok::<(), StoreError>(())
    })?;
    data.learn_from(&earlier);
    let filter = StatisticsFilter { session: Some(stored.session), ..StatisticsFilter::default() };
    let mut counts = ProcessingCounts::default();
    shared.store.statistics(&filter)?.iter().for_each(|of| counts.merge(&of.counts));
    let mut reception = Reception::default();
    reception.messages = Some(counts.total);
    (reception.partial, reception.unknown) = (Some(counts.partial), Some(counts.unknown));
    data.reception = Some(reception);
    Ok(Some(match_page(&data)))
}
