//! Documents that somebody vouches for: ed25519 over the exact bytes of a document.
//!
//! Only the mechanism. Whether a signer is good enough for something is decided by the one who asks.

use std::{fmt, str::FromStr};

use ed25519_dalek::{Signer as _, SigningKey, VerifyingKey};
use serde::{Deserialize, Serialize};
use sha2::{Digest as _, Sha256};

use crate::backup::hex;

/// The half of a key pair that signs. It cannot be printed, and its memory is wiped when it goes.
///
/// ```
/// use pss_store::signed::{SecretKey, Trust};
///
/// // 32 bytes of a good random source.
/// let key = SecretKey::from_bytes(&[7; 32]);
/// let signature = key.sign(b"the document");
/// let trust = signature.verify(b"the document", &[key.public()])?;
/// assert_eq!(trust, Trust::Trusted(key.public().id()));
/// assert!(signature.verify(b"another one", &[key.public()]).is_err());
/// assert_eq!(format!("{key:?}"), "SecretKey(..)");
/// # Ok::<(), pss_store::signed::BadSignature>(())
/// ```
pub struct SecretKey(SigningKey);

impl SecretKey {
    /// From 32 bytes of a good random source.
    pub fn from_bytes(bytes: &[u8; 32]) -> Self {
        Self(SigningKey::from_bytes(bytes))
    }

    /// The other half.
    pub fn public(&self) -> PublicKey {
        PublicKey(self.0.verifying_key())
    }

    /// Vouches for a document.
    pub fn sign(&self, document: &[u8]) -> Signature {
        Signature { key: self.public(), bytes: self.0.sign(document).to_bytes() }
    }

    /// As a line of text, for a file that nobody else can read.
    pub fn expose(&self) -> String {
        format!("{SECRET}{}", hex(self.0.as_bytes()))
    }
}

impl fmt::Debug for SecretKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("SecretKey(..)")
    }
}

impl FromStr for SecretKey {
    type Err = BadKey;

    /// What [`expose`](Self::expose) gave; white space around it does not matter.
    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let bytes = text.trim().strip_prefix(SECRET).and_then(unhex).ok_or(BadKey)?;
        Ok(Self::from_bytes(&bytes))
    }
}

/// The half of a key pair that verifies. `Display` writes it as a line of text, `FromStr` reads that.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct PublicKey(VerifyingKey);

impl PublicKey {
    /// What people compare.
    pub fn id(&self) -> KeyId {
        let digest = Sha256::digest(self.0.as_bytes());
        let mut id = [0; 8];
        id.copy_from_slice(&digest[..8]);
        KeyId(id)
    }
}

impl fmt::Display for PublicKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{PUBLIC}{}", hex(self.0.as_bytes()))
    }
}

impl fmt::Debug for PublicKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "PublicKey({})", self.id())
    }
}

impl FromStr for PublicKey {
    type Err = BadKey;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let bytes = text.trim().strip_prefix(PUBLIC).and_then(unhex).ok_or(BadKey)?;
        public_key(&bytes).ok_or(BadKey)
    }
}

/// A short name for a key: the first 8 bytes of the SHA-256 of the public half.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct KeyId([u8; 8]);

impl fmt::Display for KeyId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&hex(&self.0))
    }
}

/// Somebody vouches for a document.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Signature {
    key: PublicKey,
    bytes: [u8; 64],
}

/// Whose signature it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Trust {
    /// Of one of the keys that were given.
    Trusted(KeyId),
    /// Of a key that says nothing to us: the document is as that signer left it, whoever that is.
    Unknown(KeyId),
}

impl Signature {
    /// Demands that the document is the one that was signed, and says whether the signer is one of `trusted`.
    ///
    /// # Errors
    ///
    /// When the document is another one, or the signature was made up.
    pub fn verify(&self, document: &[u8], trusted: &[PublicKey]) -> Result<Trust, BadSignature> {
        let signature = ed25519_dalek::Signature::from_bytes(&self.bytes);
        self.key.0.verify_strict(document, &signature).map_err(|_| BadSignature)?;
        let id = self.key.id();
        Ok(if trusted.contains(&self.key) { Trust::Trusted(id) } else { Trust::Unknown(id) })
    }

    /// As JSON, for a file beside the document.
    pub fn to_json(&self) -> Vec<u8> {
        let text = Written {
            format: FORMAT,
            algorithm: ALGORITHM.into(),
            key_id: self.key.id().to_string(),
            public_key: hex(self.key.0.as_bytes()),
            signature: hex(&self.bytes),
        };
        let mut json = serde_json::to_vec_pretty(&text).expect("texts and numbers are JSON");
        json.push(b'\n');
        json
    }

    /// What [`to_json`](Self::to_json) gave.
    ///
    /// # Errors
    ///
    /// When it is something else.
    pub fn from_json(json: &[u8]) -> Result<Self, BadSignature> {
        let written: Written = serde_json::from_slice(json).map_err(|_| BadSignature)?;
        if written.format != FORMAT || written.algorithm != ALGORITHM {
            return Err(BadSignature);
        }
        let key = unhex(&written.public_key).and_then(|bytes| public_key(&bytes)).ok_or(BadSignature)?;
        let bytes = unhex(&written.signature).ok_or(BadSignature)?;
        Ok(Self { key, bytes })
    }
}

#[derive(Serialize, Deserialize)]
struct Written {
    format: u32,
    algorithm: String,
    /// For people; what counts is the key.
    key_id: String,
    public_key: String,
    signature: String,
}

/// A text that is no key of this kind.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("not a key of `restrike archive keygen`, or the other half of one")]
pub struct BadKey;

/// A signature that does not fit its document, or is none.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the signature does not fit: the document was changed, or somebody made it up")]
pub struct BadSignature;

fn public_key(bytes: &[u8; 32]) -> Option<PublicKey> {
    VerifyingKey::from_bytes(bytes).ok().filter(|key| !key.is_weak()).map(PublicKey)
}

fn unhex<const LENGTH: usize>(text: &str) -> Option<[u8; LENGTH]> {
    let text = text.as_bytes();
    let digit = |at: usize| char::from(text[at]).to_digit(16);
    if text.len() != 2 * LENGTH {
        return None;
    }
    let mut bytes = [0; LENGTH];
    for (at, byte) in bytes.iter_mut().enumerate() {
        *byte = u8::try_from(digit(2 * at)? * 16 + digit(2 * at + 1)?).ok()?;
    }
    Some(bytes)
}

const FORMAT: u32 = 1;
const ALGORITHM: &str = "ed25519";
const SECRET: &str = "restrike-secret-key-1:";
const PUBLIC: &str = "restrike-public-key-1:";

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_signature_fits_its_document_and_no_other() {
        let (ours, other) = (SecretKey::from_bytes(&[1; 32]), SecretKey::from_bytes(&[2; 32]));
        let signature = Signature::from_json(&ours.sign(b"document").to_json()).unwrap();
        let id = ours.public().id();
        assert_eq!(signature.verify(b"document", &[other.public(), ours.public()]), Ok(Trust::Trusted(id)));
        assert_eq!(signature.verify(b"document", &[other.public()]), Ok(Trust::Unknown(id)));
        assert_eq!(signature.verify(b"documenT", &[ours.public()]), Err(BadSignature));
        // Somebody else's name on it.
        let mut forged = signature.clone();
        forged.key = other.public();
        assert_eq!(forged.verify(b"document", &[other.public()]), Err(BadSignature));
    }

    #[test]
    fn keys_are_lines_of_text() {
        let key = SecretKey::from_bytes(&[3; 32]);
        let again: SecretKey = format!(" {}\r\n", key.expose()).parse().unwrap();
        assert_eq!(again.public(), key.public());
        assert_eq!(key.public().to_string().parse(), Ok(key.public()));
        assert!(key.public().to_string().parse::<SecretKey>().is_err(), "the other half");
        for bad in ["", PUBLIC, "restrike-public-key-1:00", "restrike-public-key-1:é0"] {
            assert_eq!(bad.parse::<PublicKey>(), Err(BadKey), "{bad}");
        }
        // A point that every signature fits.
        assert_eq!(format!("{PUBLIC}01{}", "00".repeat(31)).parse::<PublicKey>(), Err(BadKey));
    }
}
