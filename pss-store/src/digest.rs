//! What tells one source of a replay from another.

use sha2::{Digest as _, Sha256};

/// SHA-256 over the bytes of a source, for [`NewSession::digest`](crate::NewSession::digest).
///
/// ```
/// let mut digest = pss_store::SourceDigest::default();
/// digest.update(b"pt1;3\r\n");
/// assert_ne!(digest.finish(), pss_store::SourceDigest::default().finish());
/// ```
#[derive(Clone, Debug, Default)]
pub struct SourceDigest(Sha256);

impl SourceDigest {
    /// Adds bytes; how they are divided over the calls does not matter.
    pub fn update(&mut self, bytes: &[u8]) {
        self.0.update(bytes);
    }

    /// The digest of all of them.
    pub fn finish(self) -> [u8; 32] {
        self.0.finalize().into()
    }
}
