//! From the socket to the pipeline: one receiving thread per socket, one processing thread per ring.

use std::{
    io,
    net::SocketAddr,
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering::Relaxed},
    },
    thread::{self, JoinHandle},
};

use pss_protocol::{Flow, PipelineConfig};
use pss_store::StoreSink;

pub use receiver::{RECEIVE_BUFFER, Received, Receiver, ReceiverConfig};
pub(crate) use status::{ReceiveView, RingStatus};

use self::{
    ask::Asker,
    guard::Guard,
    inbox::Inbox,
    publisher::Publisher,
    ring::{Ring, RingParts},
    tally::Tally,
};
use crate::{bus::Bus, clock::Clock, config::RingConfig, journal::Journal, live::LiveHits, rules::RuleFeed};

mod ask;
mod drops;
mod guard;
mod inbox;
mod publisher;
mod receiver;
#[cfg(not(target_os = "linux"))]
mod recv_from;
#[cfg(target_os = "linux")]
mod recvmmsg;
mod ring;
mod status;
mod tally;

/// A ring whose sockets are open and whose threads have not begun.
#[derive(Debug)]
pub(crate) struct BoundRing {
    receiver: Receiver,
    status: Arc<RingStatus>,
    guard: Guard,
    clock: Clock,
    requests: Option<(Receiver, SocketAddr)>,
}

/// Where a ring's datagrams go.
pub(crate) struct Outlets {
    /// How its datagrams are read; the session says so too.
    pub(crate) reading: PipelineConfig,
    pub(crate) rules: Arc<RuleFeed>,
    pub(crate) journal: Journal,
    pub(crate) store: StoreSink,
    pub(crate) bus: Arc<Bus>,
    pub(crate) live: Arc<LiveHits>,
    /// The ring's place on the bus.
    pub(crate) index: usize,
}

impl BoundRing {
    /// Opens the sockets of a ring.
    pub(crate) fn bind(config: &RingConfig, clock: Clock) -> io::Result<Self> {
        let receiver = Receiver::bind(config.listen, clock, ReceiverConfig::default())?;
        let listen = receiver.local_addr()?;
        let (ring, buffer) = (config.name.as_str(), receiver.buffer());
        if buffer >= RECEIVE_BUFFER {
            tracing::info!(ring, %listen, buffer_bytes = buffer, "receiving");
        } else {
            tracing::warn!(
                ring,
                %listen,
                buffer_bytes = buffer,
                wanted_bytes = RECEIVE_BUFFER,
                "the system gave less receive buffer than wanted: datagrams may be lost in bursts; \
                 on Linux raise it with `sysctl -w net.core.rmem_max={RECEIVE_BUFFER}`"
            );
        }
        let status = Arc::new(RingStatus::new(ring, listen, buffer));
        let requests =
            match config.sender.and_then(|sender| Some(SocketAddr::new(sender.address, sender.requests?))) {
                Some(sender) => request_socket(ring, listen, sender, clock, &status)?,
                None => None,
            };
        let address = config.sender.map(|sender| sender.address);
        status.set_text(|text| text.sender = address);
        Ok(Self { receiver, status, guard: Guard::new(address), clock, requests })
    }

    /// How its receiving goes, now and later.
    pub(crate) fn status(&self) -> Arc<RingStatus> {
        Arc::clone(&self.status)
    }

    /// Starts the ring's threads. They end soon after `stop` was set: first the receiving ones, once nothing is
    /// left in their sockets, then the processing one, once all of it is settled and handed over.
    pub(crate) fn spawn(self, outlets: Outlets, stop: &Arc<AtomicBool>) -> io::Result<Vec<JoinHandle<()>>> {
        let Self { receiver, status, guard, clock, requests } = self;
        let name = status.name().to_owned();
        let inbox = Arc::new(Inbox::new(1 + usize::from(requests.is_some())));
        let mut threads = Vec::new();

        let mut receive = |receiver: Receiver, flow: Flow, thread_name: String| {
            let (inbox, status, stop) = (Arc::clone(&inbox), Arc::clone(&status), Arc::clone(stop));
            let work = move || receive_until(receiver, flow, &inbox, &status, &stop);
            thread::Builder::new().name(thread_name).spawn(work).map(|thread| threads.push(thread))
        };
        let mut asker = None;
        if let Some((answers, sender)) = requests {
            asker = Some(Asker::new(answers.try_clone_socket()?, sender));
            receive(answers, Flow::Answer, format!("answers {name}"))?;
        }
        receive(receiver, Flow::Broadcast, format!("receive {name}"))?;

        let publisher = Publisher::new(outlets.bus, outlets.index);
        let tally = Tally::new(outlets.live, outlets.index);
        let (journal, rules) = (outlets.journal, outlets.rules);
        let parts = RingParts { inbox, status, guard, clock, journal, rules, asker };
        let ring = Ring::new(parts, outlets.reading, outlets.store, publisher, tally);
        threads.push(thread::Builder::new().name(format!("ring {name}")).spawn(move || ring.run())?);
        Ok(threads)
    }
}

/// A second socket for requests, so that answers can be told from broadcasts; `None` where asking is in vain.
fn request_socket(
    ring: &str,
    listen: SocketAddr,
    sender: SocketAddr,
    clock: Clock,
    status: &RingStatus,
) -> io::Result<Option<(Receiver, SocketAddr)>> {
    let local = ask::local_address(listen.ip(), sender.ip());
    match ask::is_same_host(local, sender) {
        Ok(true) => {
            tracing::warn!(
                ring,
                %sender,
                "the sender is on this machine and never answers its own address: its last messages cannot be \
                 asked for, so a match that runs already shows from the next match on"
            );
            status.set_text(|text| text.requests = Some(ask::SAME_HOST));
            Ok(None)
        }
        Ok(false) => {
            let receiver = Receiver::bind(SocketAddr::new(local, 0), clock, ReceiverConfig::default())?;
            Ok(Some((receiver, sender)))
        }
        Err(error) => {
            tracing::warn!(ring, %sender, %error, "no way to the sender: it is not asked for its last messages");
            Ok(None)
        }
    }
}

/// The whole life of a receiving thread.
fn receive_until(mut receiver: Receiver, flow: Flow, inbox: &Inbox, status: &RingStatus, stop: &AtomicBool) {
    let counts = flow == Flow::Broadcast;
    let result = loop {
        let stopping = stop.load(Relaxed);
        let mut filler = None;
        let put = |datagram: Received<'_>| filler.get_or_insert_with(|| inbox.fill()).push(datagram, flow);
        let result = if stopping { receiver.drain(put) } else { receiver.receive(put) };
        drop(filler);
        if counts {
            let idle = matches!(result, Ok(0)) || stopping;
            let drops = if idle { receiver.drops_now() } else { receiver.drops() };
            note_drops(status, drops);
        }
        match result {
            Ok(_) if stopping => break Ok(()),
            Ok(_) => {}
            Err(error) => break Err(error),
        }
    };
    if let Err(error) = result {
        tracing::error!(ring = status.name(), listen = %status.listen(), %error, "the socket failed");
        status.failed.store(true, Relaxed);
    }
    inbox.close();
}

/// Says it once per burst: loss is for the operator to know, and shown in full in the state.
fn note_drops(status: &RingStatus, drops: u64) {
    let before = status.kernel_drops.swap(drops, Relaxed);
    if drops > before {
        tracing::warn!(
            ring = status.name(),
            lost = drops - before,
            "datagrams were lost: the receive buffer was full"
        );
    }
}
