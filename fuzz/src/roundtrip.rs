//! What was read, written and read again is the same.

use pss_protocol::{escape, parse as messages};

/// Each message of a datagram, written in its canonical form, reads as that message alone. So does its owned
/// copy.
pub fn roundtrip(datagram: &[u8]) {
    for parsed in messages(datagram) {
        let mut written = Vec::new();
        parsed.message.encode(&mut written);
        let again: Vec<_> = messages(&written).map(|parsed| parsed.message).collect();
        assert_eq!(again, core::slice::from_ref(&parsed.message), "written as {}", escape(&written));

        let owned = parsed.message.into_owned();
        assert_eq!(owned.get(), parsed.message, "the owned copy differs");
        let _ = owned.get().to_string();
    }
}
