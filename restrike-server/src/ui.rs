//! The page: files that are part of the program, or of a directory while one works on them.

use std::{
    borrow::Cow,
    path::{Component, Path},
    sync::Arc,
};

use axum::{
    extract::State,
    http::{HeaderMap, StatusCode, Uri, header},
    response::{IntoResponse as _, Response},
};
use rust_embed::{Embed, EmbeddedFile};

use crate::{api::ApiError, app::Shared};

#[derive(Embed)]
#[folder = "ui/"]
struct Assets;

/// `GET` of anything that is no other route.
pub(crate) async fn asset(State(shared): State<Arc<Shared>>, uri: Uri, headers: HeaderMap) -> Response {
    let name = match uri.path().trim_start_matches('/') {
        "" => "index.html",
        name => name,
    };
    let Some(content_type) = content_type(name) else { return not_found() };
    match &shared.assets_dir {
        Some(dir) => match from_directory(dir, name) {
            Some(bytes) => ([(header::CONTENT_TYPE, content_type)], bytes).into_response(),
            None => not_found(),
        },
        None => match Assets::get(name) {
            Some(file) => embedded(file, content_type, &headers),
            None => not_found(),
        },
    }
}

/// With a tag of the content, so that a browser asks each time and loads only what changed with the version.
fn embedded(file: EmbeddedFile, content_type: &'static str, headers: &HeaderMap) -> Response {
    let tag: String = file.metadata.sha256_hash()[..16].iter().map(|byte| format!("{byte:02x}")).collect();
    let tag = format!("\"{tag}\"");
    let caching = [(header::ETAG, tag.clone()), (header::CACHE_CONTROL, "no-cache".to_owned())];
    if headers.get(header::IF_NONE_MATCH).is_some_and(|known| *known == tag) {
        return (StatusCode::NOT_MODIFIED, caching).into_response();
    }
    let body = match file.data {
        Cow::Borrowed(bytes) => axum::body::Body::from(bytes),
        Cow::Owned(bytes) => axum::body::Body::from(bytes),
    };
    (caching, [(header::CONTENT_TYPE, content_type)], body).into_response()
}

/// A file below `dir`; small, and read only while somebody works on the page, so it may block.
fn from_directory(dir: &Path, name: &str) -> Option<Vec<u8>> {
    let name = Path::new(name);
    let stays_below = name.components().all(|part| matches!(part, Component::Normal(_)));
    if !stays_below {
        return None;
    }
    std::fs::read(dir.join(name)).ok()
}

fn content_type(name: &str) -> Option<&'static str> {
    match Path::new(name).extension()?.to_str()? {
        "html" => Some("text/html; charset=utf-8"),
        "js" => Some("text/javascript; charset=utf-8"),
        "css" => Some("text/css; charset=utf-8"),
        "svg" => Some("image/svg+xml"),
        _ => None,
    }
}

fn not_found() -> Response {
    ApiError::new(StatusCode::NOT_FOUND, "there is nothing here").into_response()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn serves_no_file_from_outside_of_the_directory() {
        let dir = tempfile::tempdir().unwrap();
        std::fs::create_dir(dir.path().join("ui")).unwrap();
        std::fs::write(dir.path().join("secret.js"), "x").unwrap();
        std::fs::write(dir.path().join("ui/app.js"), "y").unwrap();
        let ui = dir.path().join("ui");
        assert_eq!(from_directory(&ui, "app.js"), Some(b"y".to_vec()));
        let absolute = dir.path().join("secret.js");
        for name in ["../secret.js", "x/../../secret.js", absolute.to_str().unwrap()] {
            assert_eq!(from_directory(&ui, name), None, "{name}");
        }
    }

    #[test]
    fn every_built_in_file_has_a_type() {
        let names: Vec<_> = Assets::iter().collect();
        assert!(names.contains(&"index.html".into()), "{names:?}");
        for name in names {
            assert!(content_type(&name).is_some(), "{name}");
        }
    }
}
