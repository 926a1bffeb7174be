//! From the socket to the pipeline: one receiving thread per socket, one processing thread per ring.

pub use receiver::{RECEIVE_BUFFER, Received, Receiver, ReceiverConfig};

mod drops;
mod receiver;
#[cfg(not(target_os = "linux"))]
mod recv_from;
#[cfg(target_os = "linux")]
mod recvmmsg;
