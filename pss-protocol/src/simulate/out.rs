//! From what the sender says to what arrives: line ends, the cut, and the order of arrival.

use alloc::{string::String, vec::Vec};

use super::{Manner, prng::Prng};

/// Milliseconds in µs.
pub(super) const MS: u64 = 1_000;
/// Seconds in µs.
pub(super) const SECOND: u64 = 1_000_000;

/// Gathers the datagrams of one match, or of what comes between two.
#[derive(Debug)]
pub(super) struct Out {
    manner: Manner,
    /// Not the generator of the match itself: the manner must not change what happens.
    jitter: Prng,
    datagrams: Vec<(u64, Vec<u8>)>,
    /// When the last one was said.
    latest: u64,
}

impl Out {
    pub(super) const fn new(manner: Manner, jitter: Prng) -> Self {
        Self { manner, jitter, datagrams: Vec::new(), latest: 0 }
    }

    /// One message that arrives at once.
    pub(super) fn say(&mut self, at: u64, text: &str) {
        let at = if self.manner == Manner::Clean { at.max(self.latest) } else { at };
        self.latest = at;
        self.datagrams.push((at, self.bytes(text)));
    }

    /// One message that may be late by up to `most` µs.
    pub(super) fn say_late(&mut self, at: u64, most: u64, text: &str) {
        let late = self.jitter.between(0, most);
        self.say(if self.manner == Manner::AsReal { at + late } else { at }, text);
    }

    /// Messages that arrive one after the other.
    pub(super) fn in_order<T: AsRef<str>>(&mut self, mut at: u64, texts: impl IntoIterator<Item = T>) {
        for text in texts {
            self.say(at, text.as_ref());
            at += self.jitter.between(MS / 10, MS);
        }
    }

    /// Messages that the sender's thread pool sends at once, so in any order, mostly within a few
    /// milliseconds and always within 25.
    pub(super) fn together(&mut self, at: u64, texts: Vec<String>) {
        if self.manner == Manner::Clean {
            return self.in_order(at, texts);
        }
        let spread = if self.jitter.percent(20) { 25 * MS } else { 4 * MS };
        for text in texts {
            let late = self.jitter.between(0, spread);
            self.say(at + late, &text);
        }
    }

    /// The three messages at the end of a round's time, in one of the orders that were seen.
    pub(super) fn end_of_time(&mut self, at: u64, over: String, stop: String, winners: String) {
        let texts = match self.jitter.below(3) {
            0 if self.manner == Manner::AsReal => [over, winners, stop],
            1 if self.manner == Manner::AsReal => [stop, over, winners],
            _ => [over, stop, winners],
        };
        self.in_order(at, texts);
    }

    /// Everything in the order of arrival.
    pub(super) fn finish(mut self) -> Vec<(u64, Vec<u8>)> {
        self.datagrams.sort_by_key(|&(at, _)| at);
        self.datagrams
    }

    /// The text with its line end; as real cut at the end, for the sender takes the number of UTF-16 units for
    /// the number of bytes.
    fn bytes(&self, text: &str) -> Vec<u8> {
        let mut bytes = Vec::with_capacity(text.len() + 2);
        bytes.extend_from_slice(text.as_bytes());
        bytes.extend_from_slice(b"\r\n");
        if self.manner == Manner::AsReal {
            bytes.truncate(text.encode_utf16().count() + 2);
        }
        bytes
    }
}

#[cfg(test)]
mod tests {
    use alloc::{borrow::ToOwned as _, vec};

    use super::*;

    fn only(manner: Manner, text: &str) -> Vec<u8> {
        let mut out = Out::new(manner, Prng::new(0, 0));
        out.say(0, text);
        out.finish().remove(0).1
    }

    #[test]
    fn text_beyond_ascii_is_cut_as_the_real_sender_cuts_it() {
        let at1 = "at1;H. ÖZTÜRK;H. ÖZTÜRK;TUR;at2;E. ŞAHİN;E. ŞAHİN;TUR";
        let cut = b"at1;H. \xC3\x96ZT\xC3\x9CRK;H. \xC3\x96ZT\xC3\x9CRK;TUR;at2;E. \xC5\x9EAH\xC4\xB0N;E. \xC5\x9EAH\xC4";
        assert_eq!(only(Manner::AsReal, at1), cut);
        assert_eq!(only(Manner::AsReal, "win;RED"), b"win;RED\r\n");
        assert_eq!(only(Manner::Clean, "wmh;Ö;2-0 PTF"), "wmh;Ö;2-0 PTF\r\n".as_bytes());
    }

    #[test]
    fn only_as_real_changes_the_order() {
        let order = |manner| {
            let mut out = Out::new(manner, Prng::new(3, 0));
            for start in 0..20 {
                out.together(start * SECOND, vec!["a".to_owned(), "b".to_owned(), "c".to_owned()]);
            }
            let datagrams = out.finish();
            datagrams.chunks(3).map(|burst| burst.iter().map(|(_, bytes)| bytes[0]).collect()).collect()
        };
        let clean: Vec<Vec<u8>> = order(Manner::Clean);
        let real: Vec<Vec<u8>> = order(Manner::AsReal);
        assert!(clean.iter().all(|burst| burst == b"abc"));
        assert!(real.iter().any(|burst| burst != b"abc"));
    }
}
