//! Every route of the server.

use std::{net::IpAddr, sync::Arc, time::Duration};

use axum::{
    Router,
    extract::Request,
    http::{HeaderName, HeaderValue, StatusCode, header},
    middleware::{self, Next},
    response::{IntoResponse as _, Response},
    routing::get,
};
use tower_http::{set_header::SetResponseHeaderLayer, timeout::TimeoutLayer};

use crate::{
    api::{self, ApiError},
    app::Shared,
    ui, ws,
};

/// Nothing comes from elsewhere, and nothing but our own files is code.
const CONTENT_SECURITY_POLICY: &str = "default-src 'none'; script-src 'self'; style-src 'self'; \
     img-src 'self'; connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'";

/// Longer than any answer takes; ends what a client left half asked.
const PATIENCE: Duration = Duration::from_secs(30);

pub(crate) fn router(shared: Arc<Shared>) -> Router {
    let header =
        |name: HeaderName, value| SetResponseHeaderLayer::overriding(name, HeaderValue::from_static(value));
    Router::new()
        .route("/healthz", get(api::healthz))
        .route("/readyz", get(api::readyz))
        .route("/api/v1/state", get(api::state))
        .route("/api/v1/matches/{id}/hits", get(api::hits::of_match))
        .route("/api/v1/matches/{id}/report", get(api::report::of_match))
        .route("/api/v1/rings/{ring}/hits", get(api::hits::of_ring))
        .route("/ws/v1", get(ws::feed))
        .method_not_allowed_fallback(api::only_get)
        .fallback_service(get(ui::asset).fallback(api::only_get).with_state(Arc::clone(&shared)))
        .with_state(shared)
        .layer(middleware::from_fn(only_by_our_name))
        .layer(TimeoutLayer::with_status_code(StatusCode::REQUEST_TIMEOUT, PATIENCE))
        // A route may have a policy of its own.
        .layer(SetResponseHeaderLayer::if_not_present(
            header::CONTENT_SECURITY_POLICY,
            HeaderValue::from_static(CONTENT_SECURITY_POLICY),
        ))
        .layer(header(header::X_CONTENT_TYPE_OPTIONS, "nosniff"))
        .layer(header(header::REFERRER_POLICY, "no-referrer"))
        .layer(header(HeaderName::from_static("cross-origin-resource-policy"), "same-origin"))
        .layer(header(HeaderName::from_static("cross-origin-opener-policy"), "same-origin"))
}

/// The server is for this machine only, but a browser can be made to take a foreign name for this machine and
/// would then let that name's pages read here. Only loopback addresses and `localhost` are our names.
async fn only_by_our_name(request: Request, next: Next) -> Response {
    let host = request.headers().get(header::HOST).map(|host| host.to_str().unwrap_or_default());
    match host {
        Some(host) if !is_loopback(host) => ApiError::new(
            StatusCode::MISDIRECTED_REQUEST,
            "this server answers to 127.0.0.1 and localhost only",
        )
        .into_response(),
        _ => next.run(request).await,
    }
}

/// Whether an authority, `NAME[:PORT]`, names this machine for certain.
fn is_loopback(authority: &str) -> bool {
    let name = match authority.rsplit_once(':') {
        Some((name, port)) if port.bytes().all(|byte| byte.is_ascii_digit()) => name,
        _ => authority,
    };
    let address = name.strip_prefix('[').and_then(|name| name.strip_suffix(']')).unwrap_or(name);
    name.eq_ignore_ascii_case("localhost")
        || address.parse().is_ok_and(|address: IpAddr| address.is_loopback())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn answers_to_loopback_names_only() {
        for ours in [
            "127.0.0.1:8088",
            "127.0.0.1",
            "localhost:8088",
            "LOCALHOST",
            "[::1]:8088",
            "[::1]",
            "127.1.2.3:1",
        ] {
            assert!(is_loopback(ours), "{ours}");
        }
        for other in
            ["", "evil.example:8088", "127.0.0.1.evil.example", "192.168.1.5:8088", "localhost.evil.example"]
        {
            assert!(!is_loopback(other), "{other}");
        }
    }
}
