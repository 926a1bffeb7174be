//! `restrike simulate`: invented matches.

use std::{
    io::{self, Write as _},
    net::{Ipv4Addr, SocketAddr},
};

use anyhow::Context as _;
use pss_protocol::{
    Arrival, Datagram, Flow, Timestamp, escape,
    simulate::{SimulatedDatagram, Simulator, SimulatorConfig},
};

use super::Outcome;
use crate::{
    args::SimulateArgs,
    clock,
    output::{
        CANNOT_WRITE, complain,
        recording::{Existing, Recording},
        stdout,
    },
    transmit::{Pace, UdpSender, UdpTarget},
};

pub(super) fn run(args: &SimulateArgs) -> anyhow::Result<Outcome> {
    let mut config = SimulatorConfig::default();
    config.seed = args.seed;
    config.rings = args.rings;
    config.matches = Some(args.matches);
    let simulator = Simulator::new(config);
    match (&args.to, &args.out) {
        (Some(target), _) => send(simulator, target, args)?,
        (None, Some(_)) => write_file(simulator, args)?,
        (None, None) => list(simulator).context(CANNOT_WRITE)?,
    }
    Ok(Outcome::Done)
}

/// Each ring to a port of its own, from a port of its own.
fn send(simulator: Simulator, target: &UdpTarget, args: &SimulateArgs) -> anyhow::Result<()> {
    let to = |ring: u32| target.resolve(ring as u16);
    let mut senders =
        (0..args.rings).map(|ring| Ok(UdpSender::new(to(ring)?))).collect::<anyhow::Result<Vec<_>>>()?;
    let mut pace = Pace::new(args.speed);
    let mut sent = 0_u64;
    for SimulatedDatagram { ring, at, bytes, .. } in simulator {
        pace.wait_for(at);
        senders[ring as usize - 1].send(None, &bytes)?;
        sent += 1;
    }
    complain(format_args!("{sent} datagrams sent to {target}"));
    if senders.iter().any(UdpSender::was_refused) {
        complain(format_args!("warning: {target} has answered that nobody listens there"));
    }
    Ok(())
}

/// As if the day began now.
fn write_file(simulator: Simulator, args: &SimulateArgs) -> anyhow::Result<()> {
    let path = args.out.as_ref().expect("only called with a file");
    let started = clock::wall();
    let mut recording = Recording::create(path, Existing::Refuse, "simulated", started)?;
    let full = || format!("{} cannot be written", path.display());
    let mut seq = 0;
    for SimulatedDatagram { ring, at, bytes, .. } in simulator {
        seq += 1;
        let wall = Some(Timestamp(started.0.saturating_add_unsigned(at.as_micros())));
        let (source, destination) = addresses(ring);
        let arrival = Arrival { wall, mono: at };
        let datagram = Datagram { seq, arrival, source: Some(source), flow: Flow::Broadcast, bytes: &bytes };
        recording.write(&datagram, destination).with_context(full)?;
    }
    recording.finish().with_context(full)?;
    complain(format_args!("{seq} datagrams written to {}", path.display()));
    Ok(())
}

/// As the listing that `restrike decode` reads.
fn list(simulator: Simulator) -> io::Result<()> {
    let mut out = stdout();
    writeln!(out, "# offset_ms\tsrc\tdst\tbytes\tpayload")?;
    for SimulatedDatagram { ring, at, bytes, .. } in simulator {
        let micros = at.as_micros();
        let (source, destination) = addresses(ring);
        let (millis, fraction) = (micros / 1000, micros % 1000);
        writeln!(
            out,
            "{millis}.{fraction:03}\t{source}\t{destination}\t{}\t{}",
            bytes.len(),
            escape(&bytes)
        )?;
    }
    out.flush()
}

/// Invented addresses from and to which a ring's datagrams go, counted from ring 1: `--port` tells the rings
/// of a file apart.
fn addresses(ring: u32) -> (SocketAddr, SocketAddr) {
    // At most 24 rings.
    let ring = ring as u16;
    let loopback = |port| SocketAddr::from((Ipv4Addr::LOCALHOST, port));
    (loopback(40_000 + ring), loopback(5999 + ring))
}
