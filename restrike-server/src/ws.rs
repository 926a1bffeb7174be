//! `GET /ws/v1`: the live feed.

use std::{sync::Arc, time::Duration};

use axum::{
    extract::{
        Query, State, WebSocketUpgrade,
        ws::{CloseFrame, Message, Utf8Bytes, WebSocket, close_code},
    },
    http::{HeaderMap, StatusCode},
    response::{IntoResponse as _, Response},
};
use futures_util::{SinkExt as _, StreamExt as _, stream::SplitSink};
use tokio::time::{MissedTickBehavior, interval, timeout};

use crate::{
    api::ApiError,
    app::Shared,
    bus::{Cursor, Refusal, Resume},
};

/// A client that takes nothing for so long is cut; what it missed it can have with `since`.
const PATIENCE: Duration = Duration::from_secs(10);

/// Finds connections that died without a word while nothing happens.
const PING: Duration = Duration::from_secs(30);

/// The feed is one-way; whoever sends more than a close or a pong is in the wrong place.
const MOST_INCOMING: usize = 4096;

/// Opens the feed: `?since=SEQ&epoch=EPOCH` goes on where a connection broke, `?ring=NAME` is about one ring,
/// `?topics=events,state,hits,prediction` chooses what is sent.
pub(crate) async fn feed(
    State(shared): State<Arc<Shared>>,
    Query(resume): Query<Resume>,
    headers: HeaderMap,
    upgrade: WebSocketUpgrade,
) -> Response {
    if !is_same_origin(&headers) {
        return ApiError::new(StatusCode::FORBIDDEN, "the feed is not for pages of other origins")
            .into_response();
    }
    let Ok(slot) = Arc::clone(&shared.clients).try_acquire_owned() else {
        return ApiError::new(StatusCode::SERVICE_UNAVAILABLE, "too many clients are connected")
            .into_response();
    };
    let (cursor, first) = match shared.bus.connect(&resume) {
        Ok(connected) => connected,
        Err(Refusal::NoSuchRing) => return ApiError::NO_SUCH_RING.into_response(),
        Err(Refusal::UnknownTopic) => {
            let message = "a topic is unknown; there are events, state, hits and prediction";
            return ApiError::new(StatusCode::BAD_REQUEST, message).into_response();
        }
    };
    upgrade.max_message_size(MOST_INCOMING).on_upgrade(async move |socket| {
        serve(&shared, socket, cursor, first).await;
        drop(slot);
    })
}

/// Browsers let any page open a WebSocket to any host, and say which page it was. Programs say nothing.
fn is_same_origin(headers: &HeaderMap) -> bool {
    let text = |name| headers.get(name).map(|value| value.to_str().unwrap_or_default());
    let (origin, host) = (text("origin"), text("host"));
    origin.is_none_or(|origin| origin.split_once("://").map(|(_, authority)| authority) == host)
}

async fn serve(shared: &Shared, socket: WebSocket, cursor: Cursor, first: Vec<Utf8Bytes>) {
    let (sender, mut incoming) = socket.split();
    tokio::select! {
        ended = send(shared, sender, cursor, first) => if let Err(error) = ended {
            tracing::debug!(%error, "a client of the feed is gone");
        },
        // Reading answers pings and notices the end; what a client says means nothing.
        () = async { while let Some(Ok(_)) = incoming.next().await {} } => {}
    }
}

/// Sends until the client is gone or too slow, or the server stops. All that waits goes out with one flush.
async fn send(
    shared: &Shared,
    mut sender: SplitSink<WebSocket, Message>,
    mut cursor: Cursor,
    mut frames: Vec<Utf8Bytes>,
) -> Result<(), axum::Error> {
    let bus = &shared.bus;
    let mut latest = bus.latest();
    let mut ping = interval(PING);
    ping.set_missed_tick_behavior(MissedTickBehavior::Delay);
    ping.reset();
    loop {
        let write = async {
            for frame in frames.drain(..) {
                sender.feed(Message::Text(frame)).await?;
            }
            sender.flush().await
        };
        timeout(PATIENCE, write).await.map_err(axum::Error::new)??;
        while bus.is_current(&cursor) {
            tokio::select! {
                biased;
                changed = latest.changed() => changed.map_err(axum::Error::new)?,
                () = shared.closing.cancelled() => {
                    let reason = Utf8Bytes::from_static("the server stops");
                    return sender.send(Message::Close(Some(CloseFrame { code: close_code::AWAY, reason }))).await;
                }
                _ = ping.tick() => sender.send(Message::Ping(Default::default())).await?,
            }
        }
        bus.read(&mut cursor, &mut frames);
    }
}

#[cfg(test)]
mod tests {
    use axum::http::HeaderValue;

    use super::*;

    #[test]
    fn only_pages_of_this_server_and_programs() {
        let cases = [
            (None, true),
            (Some("http://127.0.0.1:8088"), true),
            (Some("http://evil.example"), false),
            (Some("http://127.0.0.1:8089"), false),
            (Some("null"), false),
        ];
        for (origin, expected) in cases {
            let mut headers = HeaderMap::new();
            headers.insert("host", HeaderValue::from_static("127.0.0.1:8088"));
            if let Some(origin) = origin {
                headers.insert("origin", HeaderValue::from_static(origin));
            }
            assert_eq!(is_same_origin(&headers), expected, "{origin:?}");
        }
    }
}
