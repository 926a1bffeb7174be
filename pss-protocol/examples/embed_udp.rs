//! Listens to a scoring system on a UDP port and prints each point as it settles.
//!
//! `cargo run -p pss-protocol --example embed_udp -- 0.0.0.0:6000`
#![expect(clippy::disallowed_methods, reason = "a program of its own reads the clocks itself")]

use std::{
    io::ErrorKind::{Interrupted, TimedOut, WouldBlock},
    net::UdpSocket,
    time::{Duration, Instant, SystemTime, UNIX_EPOCH},
};

use pss_protocol::{Arrival, Datagram, EventKind, Flow, MatchEvent, Monotonic, Pipeline, Sink, Timestamp};

struct PrintPoints;

impl Sink for PrintPoints {
    fn event(&mut self, event: &MatchEvent) {
        if let EventKind::Point { athlete, code, points } = event.kind {
            println!("round {}: {athlete} scores {points} ({code}, {})", event.round, event.basis.as_str());
        }
    }
}

fn main() -> std::io::Result<()> {
    let address = std::env::args().nth(1).unwrap_or_else(|| "0.0.0.0:6000".into());
    let socket = UdpSocket::bind(address)?;
    // Time has to go on while nothing arrives: events settle with it.
    socket.set_read_timeout(Some(Duration::from_millis(10)))?;
    println!("listening on {}", socket.local_addr()?);

    let (start, mut seq) = (Instant::now(), 0);
    let mut pipeline = Pipeline::new(Default::default(), PrintPoints);
    let mut buffer = vec![0; 65_536];
    loop {
        match socket.recv_from(&mut buffer) {
            Ok((len, source)) => {
                seq += 1;
                let wall = SystemTime::now().duration_since(UNIX_EPOCH).ok();
                let arrival = Arrival {
                    wall: wall.map(|since| Timestamp(since.as_micros() as i64)),
                    mono: Monotonic(start.elapsed()),
                };
                let (flow, bytes) = (Flow::Broadcast, &buffer[..len]);
                pipeline.ingest(&Datagram { seq, arrival, source: Some(source), flow, bytes });
            }
            Err(error) if matches!(error.kind(), WouldBlock | TimedOut | Interrupted) => {
                pipeline.tick(Monotonic(start.elapsed()));
            }
            Err(error) => return Err(error),
        }
    }
}
