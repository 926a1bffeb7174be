//! `/healthz`, `/readyz` and `/api/v1`.

use std::sync::Arc;

use axum::{
    Json,
    extract::{Path, State, rejection::PathRejection},
    http::{StatusCode, header},
    response::{IntoResponse, Response},
};
use pss_protocol::Snapshot;
use pss_store::{CacheStatistics, MatchId, StoreError};
use serde::Serialize;

use crate::{app::Shared, ingest::ReceiveView};

pub(crate) mod hits;
pub(crate) mod report;

/// What a client is told when it does not get what it asked for.
#[derive(Debug)]
pub(crate) struct ApiError {
    status: StatusCode,
    message: &'static str,
}

impl ApiError {
    pub(crate) const NO_SUCH_RING: Self = Self::new(StatusCode::NOT_FOUND, "there is no such ring");
    const NO_SUCH_MATCH: Self = Self::new(StatusCode::NOT_FOUND, "there is no such match");
    const NO_MATCH_NAME: Self = Self::new(
        StatusCode::BAD_REQUEST,
        "a match is named by its number in the database, as `restrike query matches` lists it",
    );
    const UNREADABLE: Self =
        Self::new(StatusCode::INTERNAL_SERVER_ERROR, "the database cannot be read; see the log");

    const ONLY_GET: Self = Self::new(StatusCode::METHOD_NOT_ALLOWED, "only GET and HEAD are answered here");

    pub(crate) const fn new(status: StatusCode, message: &'static str) -> Self {
        Self { status, message }
    }
}

impl IntoResponse for ApiError {
    fn into_response(self) -> Response {
        #[derive(Serialize)]
        struct Body {
            error: &'static str,
        }
        (self.status, Json(Body { error: self.message })).into_response()
    }
}

/// Whatever asks for something to be done: everything here is only read.
pub(crate) async fn only_get() -> ApiError {
    ApiError::ONLY_GET
}

/// A part of the path; not every one is text.
type Named = Result<Path<String>, PathRejection>;

/// The match that a path names.
fn match_id(named: Named) -> Result<MatchId, ApiError> {
    named.ok().and_then(|id| id.parse().ok()).map(MatchId).ok_or(ApiError::NO_MATCH_NAME)
}

/// Reads from the database on a thread where it may block; only a few requests do so at once.
async fn read<T: Send + 'static>(
    shared: Arc<Shared>,
    work: impl FnOnce(&Shared) -> Result<T, StoreError> + Send + 'static,
) -> Result<T, ApiError> {
    let permit = Arc::clone(&shared.readers).acquire_owned().await;
    let done = tokio::task::spawn_blocking(move || {
        // Given back when the work is done, even if the client is gone by then.
        let _permit = permit;
        work(&shared)
    });
    match done.await {
        Ok(Ok(read)) => Ok(read),
        Ok(Err(error)) => {
            tracing::warn!(%error, "a request could not be answered");
            Err(ApiError::UNREADABLE)
        }
        Err(error) => {
            tracing::error!(%error, "a request ended by a defect of this program");
            Err(ApiError::UNREADABLE)
        }
    }
}

#[derive(Debug, Serialize)]
struct Health {
    status: &'static str,
    reasons: Vec<String>,
    /// Datagrams that the database did not get at once and that came from the journal since.
    #[serde(skip_serializing_if = "Option::is_none")]
    refilled: Option<u64>,
}

/// The process lives and answers.
pub(crate) async fn healthz() -> impl IntoResponse {
    Json(Health { status: "ok", reasons: Vec::new(), refilled: None })
}

/// Everything that should work does; otherwise 503 and why not. The live display may still be complete.
pub(crate) async fn readyz(State(shared): State<Arc<Shared>>) -> impl IntoResponse {
    let reasons = shared.reasons();
    let (code, status) = match reasons.is_empty() {
        true => (StatusCode::OK, "ok"),
        false => (StatusCode::SERVICE_UNAVAILABLE, "degraded"),
    };
    (code, Json(Health { status, reasons, refilled: Some(shared.refill.refilled()) }))
}

/// `GET /api/v1/state`.
#[derive(Debug, Serialize)]
struct States<'a> {
    rings: Vec<RingState<'a>>,
    store: StoreState,
}

/// How the database does.
#[derive(Debug, Serialize)]
struct StoreState {
    caches: Vec<CacheState>,
}

/// A cache of the store since the server was started.
#[derive(Debug, Serialize)]
struct CacheState {
    name: &'static str,
    entries: u64,
    hits: u64,
    misses: u64,
    /// From 0.0 to 1.0; null before the first look-up.
    hit_rate: Option<f64>,
}

impl From<CacheStatistics> for CacheState {
    fn from(cache: CacheStatistics) -> Self {
        let CacheStatistics { name, entries, hits, misses, .. } = cache;
        Self { name, entries, hits, misses, hit_rate: cache.hit_rate() }
    }
}

/// A ring as it is now: the fields of the feed's `state` frames, and how its receiving goes.
#[derive(Debug, Serialize)]
struct RingState<'a> {
    ring: &'a str,
    #[serde(flatten)]
    state: Snapshot,
    receive: ReceiveView,
}

/// All rings as they are now.
pub(crate) async fn state(State(shared): State<Arc<Shared>>) -> impl IntoResponse {
    let rings = shared.rings.iter().zip(shared.bus.states());
    let rings =
        rings.map(|(ring, state)| RingState { ring: ring.name(), state, receive: ring.view() }).collect();
    let store = StoreState { caches: shared.caches().into_iter().map(CacheState::from).collect() };
    ([(header::CACHE_CONTROL, "no-store")], Json(States { rings, store })).into_response()
}
