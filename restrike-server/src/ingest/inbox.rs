//! Between the receiving threads of a ring and its processing thread.

use std::{
    net::SocketAddr,
    sync::{Condvar, Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use pss_protocol::{Arrival, Flow};

use super::Received;

/// Bytes that may wait. Beyond, the receiving thread waits and the kernel's buffer takes over; what *that* drops
/// is counted. Enough for half a million messages, and a flood of 64 KiB datagrams cannot eat the machine.
const MOST_BYTES: usize = 64 * 1024 * 1024;

/// A batch that grew beyond this is not kept for the next one.
const KEPT_BYTES: usize = 1024 * 1024;

/// Datagrams, copied out of the receive buffers, oldest first.
#[derive(Debug, Default)]
pub(super) struct Batch {
    entries: Vec<Entry>,
    bytes: Vec<u8>,
}

#[derive(Clone, Copy, Debug)]
struct Entry {
    arrival: Arrival,
    source: SocketAddr,
    flow: Flow,
    /// Where its bytes end in [`Batch::bytes`].
    end: usize,
}

impl Batch {
    fn push(&mut self, datagram: Received<'_>, flow: Flow) {
        self.bytes.extend_from_slice(datagram.bytes);
        let Received { arrival, source, .. } = datagram;
        self.entries.push(Entry { arrival, source, flow, end: self.bytes.len() });
    }

    /// Every datagram and how it came.
    pub(super) fn iter(&self) -> impl Iterator<Item = (Received<'_>, Flow)> {
        let mut start = 0;
        self.entries.iter().map(move |&Entry { arrival, source, flow, end }| {
            let bytes = &self.bytes[start..end];
            start = end;
            (Received { arrival, source, bytes }, flow)
        })
    }

    pub(super) fn is_empty(&self) -> bool {
        self.entries.is_empty()
    }

    fn clear(&mut self) {
        self.entries.clear();
        self.bytes.clear();
        self.bytes.shrink_to(KEPT_BYTES);
        self.entries.shrink_to(KEPT_BYTES / size_of::<Entry>());
    }
}

/// Two batches that change places: the one side fills while the other is worked on, so in the long run nothing
/// is allocated, and whoever is late finds all that came meanwhile at once.
#[derive(Debug)]
pub(super) struct Inbox {
    state: Mutex<State>,
    filled: Condvar,
    taken: Condvar,
}

#[derive(Debug)]
struct State {
    batch: Batch,
    /// Receiving threads that may still bring something.
    receivers: usize,
    /// Nobody takes any more: what comes is dropped, so that nobody waits for room either.
    abandoned: bool,
}

impl Inbox {
    /// For this many receiving threads.
    pub(super) fn new(receivers: usize) -> Self {
        let state = Mutex::new(State { batch: Batch::default(), receivers, abandoned: false });
        Self { state, filled: Condvar::new(), taken: Condvar::new() }
    }

    /// Locks the box for what one system call brought; waits while too much lies in it.
    pub(super) fn fill(&self) -> Filler<'_> {
        let full = |state: &mut State| state.batch.bytes.len() > MOST_BYTES;
        let state = self.taken.wait_while(self.lock(), full).unwrap_or_else(PoisonError::into_inner);
        Filler { was_empty: state.batch.is_empty(), state, filled: &self.filled }
    }

    /// The processing thread has ended before its time.
    pub(super) fn abandon(&self) {
        let mut state = self.lock();
        state.abandoned = true;
        state.batch.clear();
        self.taken.notify_all();
    }

    /// A receiving thread has ended.
    pub(super) fn close(&self) {
        self.lock().receivers -= 1;
        self.filled.notify_one();
    }

    /// Changes `batch` for what has come, waiting for it up to `patience`. `false` once nothing can come any
    /// more and nothing is left.
    pub(super) fn take(&self, batch: &mut Batch, patience: Duration) -> bool {
        batch.clear();
        let quiet = |state: &mut State| state.batch.is_empty() && state.receivers > 0;
        let (mut state, _) = self
            .filled
            .wait_timeout_while(self.lock(), patience, quiet)
            .unwrap_or_else(PoisonError::into_inner);
        std::mem::swap(&mut state.batch, batch);
        self.taken.notify_all();
        !batch.is_empty() || state.receivers > 0
    }

    /// Every change to the state is complete before the lock is given back, so a panic elsewhere in a thread
    /// that holds it does no harm to the other.
    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Puts datagrams into an [`Inbox`]; wakes the other side when dropped.
pub(super) struct Filler<'a> {
    state: MutexGuard<'a, State>,
    was_empty: bool,
    filled: &'a Condvar,
}

impl Filler<'_> {
    pub(super) fn push(&mut self, datagram: Received<'_>, flow: Flow) {
        if !self.state.abandoned {
            self.state.batch.push(datagram, flow);
        }
    }
}

impl Drop for Filler<'_> {
    fn drop(&mut self) {
        if self.was_empty && !self.state.batch.is_empty() {
            self.filled.notify_one();
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn received(bytes: &[u8]) -> Received<'_> {
        Received { arrival: Arrival::default(), source: "127.0.0.1:1".parse().unwrap(), bytes }
    }

    #[test]
    fn keeps_order_and_ends_when_all_receivers_have() {
        let inbox = Inbox::new(2);
        let mut batch = Batch::default();
        {
            let mut filler = inbox.fill();
            filler.push(received(b"one"), Flow::Broadcast);
            filler.push(received(b""), Flow::Answer);
        }
        inbox.fill().push(received(b"three"), Flow::Broadcast);
        inbox.close();
        assert!(inbox.take(&mut batch, Duration::ZERO));
        let got: Vec<_> = batch.iter().map(|(datagram, flow)| (datagram.bytes, flow)).collect();
        let expected: [(&[u8], Flow); 3] =
            [(b"one", Flow::Broadcast), (b"", Flow::Answer), (b"three", Flow::Broadcast)];
        assert_eq!(got, expected);
        assert!(inbox.take(&mut batch, Duration::ZERO), "one receiver is left");
        inbox.close();
        assert!(!inbox.take(&mut batch, Duration::from_secs(60)));
    }

    #[test]
    fn an_abandoned_box_makes_nobody_wait() {
        let inbox = Inbox::new(1);
        inbox.fill().push(received(&vec![0; MOST_BYTES + 1]), Flow::Broadcast);
        inbox.abandon();
        inbox.fill().push(received(&vec![0; MOST_BYTES + 1]), Flow::Broadcast);
        inbox.fill().push(received(b"next"), Flow::Broadcast);
    }

    #[test]
    fn a_full_box_makes_the_receiver_wait() {
        let inbox = Inbox::new(1);
        let big = vec![0; MOST_BYTES + 1];
        inbox.fill().push(received(&big), Flow::Broadcast);
        std::thread::scope(|scope| {
            scope.spawn(|| inbox.fill().push(received(b"next"), Flow::Broadcast));
            let mut batch = Batch::default();
            assert!(inbox.take(&mut batch, Duration::ZERO));
            assert_eq!(batch.iter().count(), 1);
            assert!(inbox.take(&mut batch, Duration::from_secs(60)));
            assert_eq!(batch.iter().count(), 1);
        });
    }
}
