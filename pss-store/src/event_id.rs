//! The name of a message in its database.

use std::{fmt, str::FromStr};

use crate::SessionId;

/// Names a message: its session, its datagram and its place in the datagram. Written `SESSION:SEQ:INDEX`.
///
/// ```
/// use pss_store::{EventId, SessionId};
///
/// let id: EventId = "3:1204:0".parse()?;
/// assert_eq!(id, EventId { session: SessionId(3), seq: 1204, index: 0 });
/// assert_eq!(id.to_string(), "3:1204:0");
/// # Ok::<(), pss_store::BadEventId>(())
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct EventId {
    /// The session.
    pub session: SessionId,
    /// The datagram, counted from 1 in the session.
    pub seq: u64,
    /// The message in the datagram, from 0.
    pub index: u32,
}

impl fmt::Display for EventId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}:{}", self.session, self.seq, self.index)
    }
}

impl FromStr for EventId {
    type Err = BadEventId;

    /// `SESSION:SEQ` names the first message of the datagram.
    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let mut parts = text.splitn(3, ':');
        let mut part = || parts.next().filter(|part| part.bytes().all(|byte| byte.is_ascii_digit()));
        let session = part().and_then(|part| part.parse().ok()).ok_or(BadEventId)?;
        let seq = part().and_then(|part| part.parse().ok()).ok_or(BadEventId)?;
        let index = match parts.next() {
            Some(index) => index.parse().map_err(|_| BadEventId)?,
            None => 0,
        };
        Ok(Self { session: SessionId(session), seq, index })
    }
}

/// A text that names no message.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("not the name of a message, which is SESSION:SEQ:INDEX, as in 3:1204:0")]
pub struct BadEventId;
