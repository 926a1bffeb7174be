//! Sessions: one run of a live ring, or one replay of a source.

use std::fmt;

use pss_protocol::{PipelineConfig, Timestamp};
use serde::Serialize;
use uuid::Uuid;

/// Names a session in its database.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
pub struct SessionId(pub i64);

impl fmt::Display for SessionId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

/// Where the datagrams of a session come from.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum SessionKind {
    /// A ring's socket.
    Live,
    /// A capture.
    Replay,
    /// A socket that is only recorded.
    Record,
}

impl SessionKind {
    /// As in the database.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Live => "live",
            Self::Replay => "replay",
            Self::Record => "record",
        }
    }

    pub(crate) fn from_name(name: &str) -> Option<Self> {
        [Self::Live, Self::Replay, Self::Record].into_iter().find(|kind| kind.as_str() == name)
    }
}

/// What is to be said when a session begins.
#[derive(Clone, Copy, Debug)]
pub struct NewSession<'a> {
    /// The ring's name; a ring that is not known yet gets an identity of its own.
    pub ring: &'a str,
    /// Where the datagrams come from.
    pub kind: SessionKind,
    /// The file, or the address that is listened on.
    pub origin: Option<&'a str>,
    /// What tells the source from every other, see [`SourceDigest`](crate::SourceDigest). The same digest
    /// again is refused.
    pub digest: Option<[u8; 32]>,
    /// Replays the same source again all the same.
    pub again: bool,
    /// Now.
    pub started_at: Timestamp,
    /// How its datagrams are read, so that they can be read again in the same way.
    pub reading: PipelineConfig,
}

/// A session as it is stored.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Session {
    /// Its name in this database.
    pub id: SessionId,
    /// The ring's name.
    pub ring: String,
    /// The ring's identity in every database.
    pub ring_uuid: Uuid,
    /// With the ring's uuid and a datagram's `seq` this names a datagram in the whole world. Never used twice
    /// by a ring, not even after an older copy of its database was restored.
    pub epoch: i64,
    /// Where the datagrams came from.
    pub kind: SessionKind,
    /// The file, or the address.
    pub origin: Option<String>,
    /// When it began.
    pub started_at: Timestamp,
    /// How its datagrams are read.
    pub reading: PipelineConfig,
    /// When it ended; `None` while it runs, and for ever when it was cut short.
    pub ended_at: Option<Timestamp>,
}
