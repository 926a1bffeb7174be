//! Which way a datagram went, in a capture that holds all sides of the talk.

use alloc::vec::Vec;
use core::net::{IpAddr, SocketAddr};

use crate::{Code, Flow, Message, Request, parse, request::requested};

/// Tells the [`Flow`] of each datagram of a capture from its addresses, its content and what came before.
///
/// A live receiver knows the flow by the socket on which a datagram arrived. A capture (of a mirror port, of
/// the sender's own machine) may hold the requests of other receivers and the answers to them as well, and an
/// answer is the last message of its kind, perhaps of an older match: it must not disturb the state.
///
/// # Heuristics
///
/// *Senders* are the (address, port) pairs that speak PSS; *targets* are where they broadcast to; *askers* are
/// those who sent a request. In this order:
///
/// 1. What a known sender sends to an asker is a foreign answer, unless the asker is a target too and no
///    request of his for this kind of message is open. Everything else of a known sender is a broadcast,
///    whoever it is for: a second receiver is a target as well.
/// 2. What goes to a known target is a broadcast: a new source there is a sender that connected again.
/// 3. What goes to a place that was asked before, or to the machine of a known sender, is a request whatever
///    it holds. Two may be senders of another ring all the same, and must speak PSS for it: a machine that
///    talks to itself, and whoever goes on, the fourth time in a row, where nobody ever asked.
/// 4. One of the ten words of a request is a request, and makes its target the sender's place to ask.
/// 5. A message that a sender only answers with (`clk;` with nothing in it) is a foreign answer.
/// 6. The rest is a broadcast, and when it speaks PSS its source is a sender.
///
/// What was learnt can be wrong only at the start: an answer that comes before any request and any broadcast
/// looks like a broadcast. When its receiver asks for something later he is known as an asker from then on,
/// unless he got what is never an answer.
///
/// Without addresses there is only rule 4.
#[derive(Clone, Debug, Default)]
pub struct FlowClassifier {
    senders: Vec<SocketAddr>,
    targets: Vec<Target>,
    askers: Vec<Asker>,
    /// The sender's places to ask.
    asked: Vec<SocketAddr>,
    /// Who spoke PSS towards a sender's machine, where to, and how often in a row.
    insistent: Vec<(SocketAddr, SocketAddr, u32)>,
}

#[derive(Clone, Debug)]
struct Target {
    address: SocketAddr,
    /// Whether it got something that is never an answer.
    sure: bool,
}

#[derive(Clone, Debug)]
struct Asker {
    address: SocketAddr,
    /// What he asked for and was not answered yet.
    open: Vec<Request>,
}

impl FlowClassifier {
    /// How many of each are remembered: a capture may hold a port scan.
    const MOST: usize = 64;

    /// So many messages in a row make a sender of a source that talks to another sender's machine.
    const INSISTS: u32 = 4;

    /// Knows nobody yet.
    pub fn new() -> Self {
        Self::default()
    }

    /// The way of the next datagram, in the order of the capture.
    pub fn classify(
        &mut self,
        source: Option<SocketAddr>,
        destination: Option<SocketAddr>,
        bytes: &[u8],
    ) -> Flow {
        let asks = requested(bytes).next().is_some();
        let (Some(source), Some(destination)) = (source, destination) else {
            return if asks { Flow::Request } else { Flow::Broadcast };
        };
        if self.senders.contains(&source) {
            return self.sent_to(destination, bytes);
        }
        if self.targets.iter().any(|target| target.address == destination) {
            return self.broadcast(source, destination, bytes);
        }
        if self.asked.contains(&destination) || asks {
            return self.request(source, destination, bytes);
        }
        if self.is_sender_host(destination.ip()) {
            let may_send = source.ip() == destination.ip() || self.insists(source, destination, bytes);
            if !(may_send && Kind::of(bytes).is_pss()) {
                return self.request(source, destination, bytes);
            }
        }
        if Kind::of(bytes) == Kind::EmptyAnswer {
            remember(&mut self.senders, source);
            self.asker(destination);
            return Flow::ForeignAnswer;
        }
        if self.askers.iter().any(|asker| asker.address == destination) && Kind::of(bytes).is_pss() {
            remember(&mut self.senders, source);
            return self.sent_to(destination, bytes);
        }
        self.broadcast(source, destination, bytes)
    }

    fn is_sender_host(&self, host: IpAddr) -> bool {
        self.senders.iter().any(|sender| sender.ip() == host)
    }

    /// Whether somebody goes on speaking PSS towards a sender's machine.
    fn insists(&mut self, source: SocketAddr, destination: SocketAddr, bytes: &[u8]) -> bool {
        let place = self.insistent.iter().position(|(from, to, _)| (*from, *to) == (source, destination));
        match (place, Kind::of(bytes).is_pss()) {
            (Some(place), true) => {
                self.insistent[place].2 += 1;
                self.insistent[place].2 >= Self::INSISTS
            }
            (Some(place), false) => {
                self.insistent.remove(place);
                false
            }
            (None, true) => {
                remember(&mut self.insistent, (source, destination, 1));
                false
            }
            (None, false) => false,
        }
    }

    fn sent_to(&mut self, destination: SocketAddr, bytes: &[u8]) -> Flow {
        let kind = Kind::of(bytes);
        let target = self.targets.iter_mut().find(|target| target.address == destination);
        if kind == Kind::Never {
            match target {
                Some(target) => target.sure = true,
                None => remember(&mut self.targets, Target { address: destination, sure: true }),
            }
            return Flow::Broadcast;
        }
        let is_target = target.is_some();
        let Some(asker) = self.askers.iter_mut().find(|asker| asker.address == destination) else {
            if kind == Kind::EmptyAnswer && !is_target {
                self.asker(destination);
                return Flow::ForeignAnswer;
            }
            if !is_target {
                remember(&mut self.targets, Target { address: destination, sure: false });
            }
            return Flow::Broadcast;
        };
        let open = asker.open.iter().position(|request| kind == Kind::Answer(answer_to(*request)));
        if let Some(place) = open {
            asker.open.remove(place);
        }
        let answers = open.is_some() || kind == Kind::EmptyAnswer || !is_target;
        if answers { Flow::ForeignAnswer } else { Flow::Broadcast }
    }

    fn broadcast(&mut self, source: SocketAddr, destination: SocketAddr, bytes: &[u8]) -> Flow {
        if Kind::of(bytes).is_pss() {
            remember(&mut self.senders, source);
            return self.sent_to(destination, bytes);
        }
        Flow::Broadcast
    }

    fn request(&mut self, source: SocketAddr, destination: SocketAddr, bytes: &[u8]) -> Flow {
        let mut requests = requested(bytes).peekable();
        if requests.peek().is_some() {
            if !self.asked.contains(&destination) {
                remember(&mut self.asked, destination);
            }
            // Who asks and never got what is no answer was no target: what he got before was an answer.
            self.targets.retain(|target| target.sure || target.address != source);
            let open = &mut self.asker(source).open;
            for request in requests.filter(|request| !open.contains(request)).collect::<Vec<_>>() {
                open.push(request);
            }
        }
        Flow::Request
    }

    /// The asker with this address, a new one if need be.
    fn asker(&mut self, address: SocketAddr) -> &mut Asker {
        let place = match self.askers.iter().position(|asker| asker.address == address) {
            Some(place) => place,
            None => {
                remember(&mut self.askers, Asker { address, open: Vec::new() });
                self.askers.len() - 1
            }
        };
        &mut self.askers[place]
    }
}

/// Adds one; the oldest makes room.
fn remember<T>(list: &mut Vec<T>, item: T) {
    if list.len() == FlowClassifier::MOST {
        list.remove(0);
    }
    list.push(item);
}

/// What the content says of the way it may go.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Kind {
    /// Not of a sender.
    Foreign,
    /// Of a sender, and never an answer.
    Never,
    /// Of a sender, and of a kind that can be asked for.
    Answer(Code),
    /// An answer that has nothing to tell: never broadcast.
    EmptyAnswer,
}

impl Kind {
    fn of(bytes: &[u8]) -> Self {
        let Some(parsed) = parse(bytes).next() else { return Self::Foreign };
        match (&parsed.message, parsed.message.code()) {
            (Message::Malformed { .. } | Message::Request { .. }, _) | (_, None) => Self::Foreign,
            (message, Some(_)) if crate::rules::is_empty_answer(message) => Self::EmptyAnswer,
            (_, Some(code)) if Request::ALL.iter().any(|request| answer_to(*request) == code) => {
                Self::Answer(code)
            }
            _ => Self::Never,
        }
    }

    fn is_pss(self) -> bool {
        self != Self::Foreign
    }
}

/// The code of the answer to a request.
const fn answer_to(request: Request) -> Code {
    match request {
        Request::Clock => Code::Clk,
        Request::Break => Code::Brk,
        Request::Period => Code::Rnd,
        Request::Scores => Code::Sc,
        Request::GamJeom => Code::Wg,
        Request::Informations => Code::Mch,
        Request::Athletes => Code::At,
        Request::WinMatch => Code::Wmh,
        Request::Referees => Code::Ref,
        Request::WinPeriods => Code::Wrd,
    }
}
