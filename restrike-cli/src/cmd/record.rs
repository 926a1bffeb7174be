//! `restrike record`: from a socket to a file.

use std::{
    io,
    net::{SocketAddr, UdpSocket},
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    time::Duration,
};

use anyhow::Context as _;
use pss_protocol::{Datagram, Flow};
use socket2::{Domain, Protocol, Socket, Type};

use super::Outcome;
use crate::{
    args::RecordArgs,
    clock::{self, Clock},
    output::{
        complain,
        recording::{Existing, Recording},
    },
};

/// Asked of the system for the time in which nobody empties the socket.
const RECEIVE_BUFFER: usize = 4 * 1024 * 1024;
/// How often an idle recorder looks whether it shall stop.
const IDLE: Duration = Duration::from_millis(50);
/// The largest datagram there is.
const LARGEST: usize = 65_536;

pub(super) fn run(args: &RecordArgs) -> anyhow::Result<Outcome> {
    let socket = bind(args.listen)?;
    let listening = socket.local_addr().context("the socket has no address")?;
    let stop = Arc::new(AtomicBool::new(false));
    let stopped = Arc::clone(&stop);
    ctrlc::set_handler(move || stopped.store(true, Ordering::Relaxed)).context("cannot wait for Ctrl-C")?;
    let mut recording = Recording::create(&args.out, Existing::Append, &args.ring, clock::wall())?;
    complain(format_args!(
        "recording what arrives on udp {listening} to {}; Ctrl-C ends it",
        args.out.display()
    ));

    let result = receive(args, &socket, listening, &stop, &mut recording);
    // What was received is kept, however receiving ended.
    let written = recording.finish().with_context(|| format!("{} cannot be written", args.out.display()));
    let count = result?;
    written?;
    complain(format_args!("{count} datagrams recorded to {}", args.out.display()));
    Ok(Outcome::Done)
}

fn bind(address: SocketAddr) -> anyhow::Result<UdpSocket> {
    let open = || -> io::Result<UdpSocket> {
        let socket = Socket::new(Domain::for_address(address), Type::DGRAM, Some(Protocol::UDP))?;
        // A system that grants less still records.
        let _ = socket.set_recv_buffer_size(RECEIVE_BUFFER);
        socket.set_read_timeout(Some(IDLE))?;
        socket.bind(&address.into())?;
        Ok(socket.into())
    };
    open().map_err(|error| {
        let hint = match error.kind() {
            io::ErrorKind::AddrInUse => "; another program receives there: stop it or choose another port",
            io::ErrorKind::AddrNotAvailable => "; this machine does not have that address",
            io::ErrorKind::PermissionDenied => "; ports below 1024 need rights: choose another port",
            _ => "",
        };
        anyhow::Error::new(error).context(format!("cannot listen on udp {address}{hint}"))
    })
}

fn receive(
    args: &RecordArgs,
    socket: &UdpSocket,
    listening: SocketAddr,
    stop: &AtomicBool,
    recording: &mut Recording,
) -> anyhow::Result<u64> {
    let clock = Clock::start();
    let full = || format!("{} cannot be written", args.out.display());
    let mut buffer = vec![0; LARGEST];
    let mut count = 0;
    let mut unflushed = false;
    while !stop.load(Ordering::Relaxed)
        && args.count.is_none_or(|most| count < most)
        && args.for_time.is_none_or(|most| clock.elapsed() < most)
    {
        match socket.recv_from(&mut buffer) {
            Ok((length, source)) => {
                count += 1;
                let arrival = clock.now();
                let bytes = &buffer[..length];
                let datagram =
                    Datagram { seq: count, arrival, source: Some(source), flow: Flow::Broadcast, bytes };
                recording.write(&datagram, listening).with_context(full)?;
                unflushed = true;
            }
            Err(error) if is_idle(&error) => {
                if std::mem::take(&mut unflushed) {
                    recording.flush().with_context(full)?;
                }
            }
            Err(error) => return Err(error).context(format!("cannot receive on udp {listening}")),
        }
    }
    Ok(count)
}

fn is_idle(error: &io::Error) -> bool {
    use io::ErrorKind::{ConnectionReset, Interrupted, TimedOut, WouldBlock};
    // Windows tells a receiver of answers to what it never sent by `ConnectionReset`.
    matches!(error.kind(), WouldBlock | TimedOut | Interrupted | ConnectionReset)
}
