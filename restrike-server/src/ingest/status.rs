//! How a ring's receiving goes, for everybody to read.

use std::{
    net::{IpAddr, SocketAddr},
    sync::{
        Mutex, PoisonError,
        atomic::{AtomicBool, AtomicU64, Ordering::Relaxed},
    },
};

use serde::Serialize;

/// Counters of one ring; each stands for itself.
#[derive(Debug)]
pub(crate) struct RingStatus {
    name: String,
    listen: SocketAddr,
    buffer_bytes: usize,
    pub(super) received: AtomicU64,
    pub(super) received_bytes: AtomicU64,
    pub(super) kernel_drops: AtomicU64,
    pub(super) refused: AtomicU64,
    pub(super) connections: AtomicU64,
    pub(super) second_sender: AtomicU64,
    pub(crate) store_lost: AtomicU64,
    /// Of these, those that came back from the journal.
    pub(crate) store_refilled: AtomicU64,
    /// The number of the last datagram that was handed to the store.
    pub(crate) last_seq: AtomicU64,
    pub(super) failed: AtomicBool,
    pub(super) panicked: AtomicBool,
    pub(super) text: Mutex<StatusText>,
}

/// What changes seldom.
#[derive(Clone, Debug, Default)]
pub(super) struct StatusText {
    pub(super) sender: Option<IpAddr>,
    pub(super) last_refused: Option<IpAddr>,
    pub(super) requests: Option<&'static str>,
}

/// A reading of a [`RingStatus`], as `/api/v1/state` shows it under `receive`.
#[derive(Clone, Debug, Serialize)]
pub(crate) struct ReceiveView {
    listen: SocketAddr,
    /// What the system granted.
    buffer_bytes: usize,
    received: u64,
    received_bytes: u64,
    /// Lost because the socket's buffer was full.
    kernel_drops: u64,
    /// Not from the sender.
    refused: u64,
    last_refused: Option<IpAddr>,
    sender: Option<IpAddr>,
    connections: u64,
    /// Datagrams of a second connection from the sender's address.
    second_sender: u64,
    /// Not stored because the database could not keep up.
    store_lost: u64,
    /// How asking the sender for its last messages goes; null where it is not asked.
    requests: Option<&'static str>,
}

impl RingStatus {
    pub(super) fn new(name: &str, listen: SocketAddr, buffer_bytes: usize) -> Self {
        Self {
            name: name.to_owned(),
            listen,
            buffer_bytes,
            received: AtomicU64::new(0),
            received_bytes: AtomicU64::new(0),
            kernel_drops: AtomicU64::new(0),
            refused: AtomicU64::new(0),
            connections: AtomicU64::new(0),
            second_sender: AtomicU64::new(0),
            store_lost: AtomicU64::new(0),
            store_refilled: AtomicU64::new(0),
            last_seq: AtomicU64::new(0),
            failed: AtomicBool::new(false),
            panicked: AtomicBool::new(false),
            text: Mutex::default(),
        }
    }

    /// The ring's name.
    pub(crate) fn name(&self) -> &str {
        &self.name
    }

    /// Where it listens.
    pub(crate) fn listen(&self) -> SocketAddr {
        self.listen
    }

    /// What is not as it should be, for `/readyz`.
    pub(crate) fn reasons(&self) -> Vec<String> {
        let mut reasons = Vec::new();
        if self.failed.load(Relaxed) {
            reasons.push(format!(
                "ring {}: its socket {} failed, nothing arrives any more",
                self.name, self.listen
            ));
        }
        if self.panicked.load(Relaxed) {
            let name = &self.name;
            reasons.push(format!(
                "ring {name}: stopped by a defect of this program; restart it and report the journal"
            ));
        }
        reasons
    }

    pub(crate) fn view(&self) -> ReceiveView {
        let text = self.text.lock().unwrap_or_else(PoisonError::into_inner).clone();
        ReceiveView {
            listen: self.listen,
            buffer_bytes: self.buffer_bytes,
            received: self.received.load(Relaxed),
            received_bytes: self.received_bytes.load(Relaxed),
            kernel_drops: self.kernel_drops.load(Relaxed),
            refused: self.refused.load(Relaxed),
            last_refused: text.last_refused,
            sender: text.sender,
            connections: self.connections.load(Relaxed),
            second_sender: self.second_sender.load(Relaxed),
            store_lost: self.store_lost.load(Relaxed),
            requests: text.requests,
        }
    }

    pub(super) fn set_text(&self, change: impl FnOnce(&mut StatusText)) {
        change(&mut self.text.lock().unwrap_or_else(PoisonError::into_inner));
    }
}
