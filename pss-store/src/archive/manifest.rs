//! What an archive says about itself.

use serde::{Deserialize, Serialize};

/// The first member of an archive, `manifest.json`. A signature is over its exact bytes, and it names the rest
/// by length and SHA-256.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct ArchiveManifest {
    /// What it is: `restrike archive`. Keeps a signature from fitting a document of another kind.
    pub kind: String,
    /// Of the archive: 1.
    pub format: u32,
    /// The newest migration of the database in it.
    pub schema: String,
    /// The version of the program that made it.
    pub program: String,
    /// When, in µs since 1970 UTC.
    pub made_at: i64,
    /// What is in it.
    pub sessions: Vec<ArchivedSession>,
    /// The other members, in their order; the signature has no place here.
    pub members: Vec<ArchiveMember>,
}

/// A session in an archive, by the name that it has in the whole world.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct ArchivedSession {
    /// The ring's identity.
    pub ring_uuid: String,
    /// With the ring's identity, the session's.
    pub epoch: i64,
    /// The ring's name.
    pub ring: String,
    /// `live`, `replay` or `record`.
    pub kind: String,
    /// When it began, in µs since 1970 UTC.
    pub started_at: i64,
    /// When it ended.
    pub ended_at: Option<i64>,
    /// How many datagrams.
    pub datagrams: i64,
    /// How many messages.
    pub messages: i64,
    /// How many events.
    pub events: i64,
    /// How many matches.
    pub matches: i64,
}

/// A file in an archive.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct ArchiveMember {
    /// Its name.
    pub name: String,
    /// Its length.
    pub bytes: u64,
    /// Its SHA-256, in hexadecimal digits.
    pub sha256: String,
}

pub(super) const KIND: &str = "restrike archive";
pub(super) const FORMAT: u32 = 1;
pub(super) const MANIFEST: &str = "manifest.json";
pub(super) const SIGNATURE: &str = "manifest.sig";
pub(super) const DATABASE: &str = "event.db";
