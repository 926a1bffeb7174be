//! The statistics of a match: from the ring where it is on, otherwise from the database.

use std::sync::Arc;

use axum::{
    Json,
    extract::{Path, State},
    http::header,
    response::{IntoResponse as _, Response},
};
use hitlevel::{Course, Link, LinkView, MatchHitsView, MatchStatistics};
use pss_store::{MatchId, StoreError};
use serde::Serialize;

use super::{ApiError, Named};
use crate::app::Shared;

/// `GET /api/v1/matches/{id}/hits` and `GET /api/v1/rings/{ring}/hits`.
#[derive(Debug, Serialize)]
struct Hits {
    /// Whether the match is the one on its ring now: then the numbers may still grow, and be a second old.
    live: bool,
    /// Counted from 0 in the session, as in the frames of the feed; null before any.
    #[serde(rename = "match")]
    match_index: Option<u32>,
    #[serde(flatten)]
    hits: MatchHitsView,
    /// Every kick that scored.
    links: Vec<LinkView>,
}

impl Hits {
    fn new(live: bool, statistics: &MatchStatistics, links: &[Link]) -> Self {
        let hits = MatchHitsView::new(statistics);
        let links = links.iter().map(LinkView::new).collect();
        Self { live, match_index: statistics.match_index, hits, links }
    }
}

/// A match by its name in the database.
pub(crate) async fn of_match(State(shared): State<Arc<Shared>>, id: Named) -> Result<Response, ApiError> {
    let id = super::match_id(id)?;
    if let Some(now) = shared.live.find(id) {
        return Ok(answer(&Hits::new(true, &now.statistics, &now.links)));
    }
    let hits = super::read(shared, move |shared| look_up(shared, id)).await?;
    hits.as_ref().map(answer).ok_or(ApiError::NO_SUCH_MATCH)
}

/// What is on now on a ring.
pub(crate) async fn of_ring(State(shared): State<Arc<Shared>>, name: Named) -> Result<Response, ApiError> {
    let Path(name) = name.map_err(|_| ApiError::NO_SUCH_RING)?;
    let ring = shared.rings.iter().position(|ring| ring.name() == name).ok_or(ApiError::NO_SUCH_RING)?;
    let now = shared.live.of(ring);
    Ok(answer(&Hits::new(now.statistics.match_index.is_some(), &now.statistics, &now.links)))
}

fn answer(hits: &Hits) -> Response {
    ([(header::CACHE_CONTROL, "no-store")], Json(hits)).into_response()
}

/// Blocks.
fn look_up(shared: &Shared, id: MatchId) -> Result<Option<Hits>, StoreError> {
    let Some(stored) = shared.store.find_match(id)? else { return Ok(None) };
    if let Some(now) = shared.ring_of(stored.session).and_then(|ring| shared.live.meet(ring, &stored)) {
        return Ok(Some(Hits::new(true, &now.statistics, &now.links)));
    }
    let events = shared.store.events_of_match(id)?.into_iter().map(|stored| stored.event).collect();
    let Course { statistics, links, .. } = Course::new(stored.summary, events);
    Ok(Some(Hits::new(false, &statistics, &links)))
}
