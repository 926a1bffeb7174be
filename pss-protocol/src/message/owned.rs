//! A message without its datagram.

use alloc::{boxed::Box, vec::Vec};
use core::fmt;

use super::Message;

/// A message that outlives its datagram: its wire form, read again when somebody looks, which costs less than to
/// own each text.
#[derive(Clone, PartialEq, Eq, Hash)]
pub struct OwnedMessage(Box<[u8]>);

impl OwnedMessage {
    /// The message.
    pub fn get(&self) -> Message<'_> {
        let mut messages = crate::parse(&self.0);
        messages.next().expect("a datagram has at least one message").message
    }
}

impl Message<'_> {
    /// Keeps the message beyond its datagram; see [`encode`](Self::encode) for what it may hold.
    ///
    /// ```
    /// let kept = {
    ///     let datagram = b"pt1;3\r\n".to_vec();
    ///     pss_protocol::parse(&datagram).next().unwrap().message.into_owned()
    /// };
    /// assert_eq!(kept.get().to_string(), "pt1;3");
    /// ```
    pub fn into_owned(self) -> OwnedMessage {
        let mut bytes = Vec::new();
        self.encode(&mut bytes);
        OwnedMessage(bytes.into_boxed_slice())
    }
}

impl From<Message<'_>> for OwnedMessage {
    fn from(message: Message<'_>) -> Self {
        message.into_owned()
    }
}

impl fmt::Debug for OwnedMessage {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.get().fmt(f)
    }
}
