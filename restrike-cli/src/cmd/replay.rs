//! `restrike replay`: a recording again, into a database or onto the wire.

mod database;

use anyhow::Context as _;
use pss_protocol::Flow;

use super::{Outcome, for_each_input, progress};
use crate::{
    args::{InputArgs, ReplayArgs},
    output::complain,
    reading::{Failure, Reading},
    transmit::{Pace, Speed, UdpSender, UdpTarget},
};

pub(super) fn run(args: &ReplayArgs) -> anyhow::Result<Outcome> {
    match (&args.db, &args.to) {
        (Some(path), _) => database::run(args, path),
        (None, Some(target)) => onto_the_wire(&args.input, target, args.speed),
        (None, None) => unreachable!("the command line asks for one of both"),
    }
}

/// Sends what the sender sent to everybody. Requests of other receivers and the answers to them were never
/// meant for the one who listens now.
fn onto_the_wire(args: &InputArgs, target: &UdpTarget, speed: Speed) -> anyhow::Result<Outcome> {
    let to = target.resolve(0)?;
    let mut sender = UdpSender::new(to);
    let progress = progress(args, false);
    let (mut sent, mut left_out) = (0_u64, 0_u64);
    let outcome = for_each_input(args, &progress, |path| {
        let mut reading = Reading::open(path, args, &progress).map_err(Failure::Input)?;
        let mut pace = Pace::new(speed);
        while let Some(datagram) = reading.next().map_err(Failure::Input)? {
            if datagram.flow != Flow::Broadcast {
                left_out += 1;
                continue;
            }
            pace.wait_for(datagram.arrival.mono);
            let place = || format!("datagram {}", datagram.seq);
            sender.send(datagram.source, datagram.bytes).with_context(place).map_err(Failure::Output)?;
            sent += 1;
        }
        Ok(reading.finish())
    })?;
    drop(progress);
    complain(format_args!("{sent} datagrams sent to {target}"));
    if left_out > 0 {
        complain(format_args!("{left_out} requests and answers between others were left out"));
    }
    if sender.was_refused() {
        complain(format_args!("warning: {to} has answered that nobody listens there"));
    }
    Ok(outcome)
}
