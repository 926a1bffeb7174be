//! Asking the sender for its last messages: how a late joiner or a lossy link gets its state back.

use std::{
    io,
    net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr, UdpSocket},
    time::Duration,
};

use pss_protocol::{Monotonic, Request, Snapshot};

/// What tells which match and round it is comes first: the other answers may belong to an older one.
const REQUESTS: [Request; 10] = [
    Request::Informations,
    Request::Athletes,
    Request::Referees,
    Request::Period,
    Request::Clock,
    Request::Break,
    Request::Scores,
    Request::GamJeom,
    Request::WinPeriods,
    Request::WinMatch,
];

/// How often it is asked before it counts as silent, and again each time that the state is missing.
const TRIES: u32 = 3;

/// A first answer takes milliseconds; a sender that is just starting, a little longer.
const BETWEEN_TRIES: Duration = Duration::from_secs(1);

/// Nobody is asked again sooner, so that a sender whose answers do not help is left alone.
const BETWEEN_OCCASIONS: Duration = Duration::from_secs(30);

/// How the asking goes, in the words of `/api/v1/state`.
pub(super) const SAME_HOST: &str = "not asked: a sender never answers its own address";
const ASKING: &str = "asking";
const ANSWERED: &str = "answered";
const UNANSWERED: &str = "unanswered";

/// Decides when to ask, and asks.
#[derive(Debug)]
pub(super) struct Asker {
    socket: UdpSocket,
    sender: SocketAddr,
    tries_left: u32,
    next_try: Monotonic,
    next_occasion: Monotonic,
    word: &'static str,
}

/// Whether requests from `local` (the address that the answers come to) to `sender` would come from the sender's
/// own address, so that it would keep silent.
///
/// # Errors
///
/// When the system knows no way to the sender.
pub(super) fn is_same_host(local: IpAddr, sender: SocketAddr) -> io::Result<bool> {
    // Connecting a UDP socket sends nothing; it makes the system choose the address that it would send from.
    let probe = UdpSocket::bind((local, 0))?;
    probe.connect(sender)?;
    Ok(probe.local_addr()?.ip() == sender.ip())
}

/// Where to ask from: the address that the ring listens on, if it can reach the sender at all.
pub(super) fn local_address(listen: IpAddr, sender: IpAddr) -> IpAddr {
    match (listen.is_ipv4() == sender.is_ipv4(), sender) {
        (true, _) => listen,
        (false, IpAddr::V4(_)) => Ipv4Addr::UNSPECIFIED.into(),
        (false, IpAddr::V6(_)) => Ipv6Addr::UNSPECIFIED.into(),
    }
}

impl Asker {
    /// Asks `sender` from `socket`, for the first time at once.
    pub(super) fn new(socket: UdpSocket, sender: SocketAddr) -> Self {
        Self {
            socket,
            sender,
            tries_left: TRIES,
            next_try: Monotonic::default(),
            next_occasion: Monotonic::default() + BETWEEN_OCCASIONS,
            word: ASKING,
        }
    }

    /// An answer came: no more tries on this occasion.
    pub(super) fn answered(&mut self) {
        self.tries_left = 0;
        self.word = ANSWERED;
    }

    /// Asks, if it is time to. `speaks`: whether the sender was heard on the ring lately. Returns how it goes.
    pub(super) fn poll(&mut self, now: Monotonic, speaks: bool, state: &Snapshot) -> &'static str {
        let missing = state.summary.as_ref().is_none_or(|summary| {
            summary.number.is_none() || summary.blue.name.is_none() || summary.red.name.is_none()
        });
        if self.tries_left == 0 && missing && speaks && now >= self.next_occasion {
            self.tries_left = TRIES;
            self.next_try = now;
            self.next_occasion = now + BETWEEN_OCCASIONS;
        }
        if now < self.next_try {
            return self.word;
        }
        if self.tries_left > 0 {
            self.tries_left -= 1;
            self.next_try = now + BETWEEN_TRIES;
            self.word = ASKING;
            self.ask();
        } else if self.word == ASKING {
            self.word = UNANSWERED;
            tracing::warn!(sender = %self.sender, "the sender does not answer requests; is this its listen port?");
        }
        self.word
    }

    fn ask(&self) {
        let mut text = String::with_capacity(128);
        for request in REQUESTS {
            text.push_str(request.wire());
            text.push_str("\r\n");
        }
        if let Err(error) = self.socket.send_to(text.as_bytes(), self.sender) {
            tracing::warn!(sender = %self.sender, %error, "cannot ask the sender for its last messages");
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const SECOND: Duration = Duration::from_secs(1);

    /// An asker, and the sender that it asks.
    fn pair() -> (Asker, UdpSocket) {
        let sender = UdpSocket::bind("127.0.0.1:0").unwrap();
        sender.set_nonblocking(true).unwrap();
        let address = sender.local_addr().unwrap();
        (Asker::new(UdpSocket::bind("127.0.0.1:0").unwrap(), address), sender)
    }

    fn asked(sender: &UdpSocket) -> Option<String> {
        let mut buffer = [0; 512];
        let len = sender.recv(&mut buffer).ok()?;
        assert!(len <= 256, "the sender reads no more");
        Some(String::from_utf8(buffer[..len].to_vec()).unwrap())
    }

    #[test]
    fn asks_a_bounded_number_of_times() {
        let (mut asker, sender) = pair();
        let nothing = Snapshot::default();
        let mut requests = 0;
        for second in 0..100 {
            asker.poll(Monotonic(SECOND * second), false, &nothing);
            requests += u32::from(asked(&sender).is_some());
        }
        assert_eq!(requests, TRIES);
        assert_eq!(asker.poll(Monotonic(SECOND * 100), false, &nothing), UNANSWERED);
        // Somebody speaks of a match that we know nothing of.
        assert_eq!(asker.poll(Monotonic(SECOND * 101), true, &nothing), ASKING);
        let text = asked(&sender).unwrap();
        assert!(text.starts_with("informations\r\nathletes\r\n"), "{text}");
        assert!(text.contains("winperiods;\r\n"), "{text}");
    }

    #[test]
    fn is_content_with_an_answer() {
        let (mut asker, sender) = pair();
        let nothing = Snapshot::default();
        asker.poll(Monotonic::default(), false, &nothing);
        assert!(asked(&sender).is_some());
        asker.answered();
        for second in 1..10 {
            assert_eq!(asker.poll(Monotonic(SECOND * second), true, &nothing), ANSWERED);
            assert_eq!(asked(&sender), None);
        }
    }

    #[test]
    fn tells_the_senders_own_address() {
        let sender = "127.0.0.1:9".parse().unwrap();
        assert!(is_same_host("127.0.0.1".parse().unwrap(), sender).unwrap());
        assert!(is_same_host("0.0.0.0".parse().unwrap(), sender).unwrap());
        #[cfg(target_os = "linux")]
        assert!(!is_same_host("127.0.0.2".parse().unwrap(), sender).unwrap());
    }
}
