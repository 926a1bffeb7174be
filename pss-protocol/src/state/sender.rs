//! Who speaks on the ring.

use core::{net::SocketAddr, time::Duration};

use crate::Monotonic;

/// An owner that has been silent this long has gone, and whoever speaks takes its place. While a clock runs
/// the sender speaks every second.
const SILENCE: Duration = Duration::from_secs(60);

/// What a message's source means.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Voice {
    /// The sender, as before.
    Known,
    /// A new sender, or the old one on a new port: it takes over.
    New {
        /// Another one was connected until now.
        replaces: bool,
    },
    /// A second sender speaks while the first still does; the first time it is to be told.
    Intruder { first: bool },
}

#[derive(Clone, Copy, Debug)]
struct Speaker {
    source: SocketAddr,
    last: Monotonic,
}

#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Senders {
    owner: Option<Speaker>,
    /// Who was replaced a while ago; if it speaks again there are two.
    replaced: Option<Speaker>,
    intruder: Option<SocketAddr>,
}

impl Senders {
    /// Hears a source. Inputs without sources have one sender.
    pub(super) fn hear(&mut self, source: Option<SocketAddr>, now: Monotonic) -> Voice {
        let Some(source) = source else { return Voice::Known };
        let speaker = Speaker { source, last: now };
        let Some(owner) = &mut self.owner else {
            self.owner = Some(speaker);
            return Voice::New { replaces: false };
        };
        if owner.source == source {
            owner.last = now;
            return Voice::Known;
        }
        if self.intruder == Some(source) && now.since(owner.last) < SILENCE {
            return Voice::Intruder { first: false };
        }
        let returned = self.replaced.is_some_and(|old| old.source == source && now.since(old.last) < SILENCE);
        if returned {
            // The one that was taken for gone still speaks: it was there first.
            self.intruder = Some(owner.source);
            self.owner = Some(speaker);
            self.replaced = None;
            return Voice::Intruder { first: true };
        }
        self.replaced = self.owner;
        self.owner = Some(speaker);
        self.intruder = None;
        Voice::New { replaces: true }
    }

    /// The owner said goodbye: the next one is no second sender.
    pub(super) fn goodbye(&mut self) {
        *self = Self::default();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn source(port: u16) -> Option<SocketAddr> {
        Some(SocketAddr::from(([192, 0, 2, 1], port)))
    }

    #[test]
    fn a_new_port_is_a_reconnect_until_the_old_one_speaks_again() {
        let mut senders = Senders::default();
        let at = |seconds| Monotonic(Duration::from_secs(seconds));
        assert_eq!(senders.hear(source(1), at(0)), Voice::New { replaces: false });
        assert_eq!(senders.hear(source(1), at(1)), Voice::Known);
        assert_eq!(senders.hear(source(2), at(2)), Voice::New { replaces: true });
        assert_eq!(senders.hear(source(1), at(3)), Voice::Intruder { first: true });
        assert_eq!(senders.hear(source(2), at(4)), Voice::Intruder { first: false });
        assert_eq!(senders.hear(source(1), at(5)), Voice::Known);
    }

    #[test]
    fn after_goodbye_or_a_long_silence_another_takes_over() {
        let mut senders = Senders::default();
        senders.hear(source(1), Monotonic::default());
        senders.goodbye();
        assert_eq!(senders.hear(source(2), Monotonic::default()), Voice::New { replaces: false });
        let later = Monotonic(Duration::from_secs(100));
        assert_eq!(senders.hear(source(1), later), Voice::New { replaces: true });
    }
}
