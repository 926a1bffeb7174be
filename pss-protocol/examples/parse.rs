//! Reads a datagram of two messages.

use pss_protocol::{Message, parse};

fn main() {
    for parsed in parse(b"hl1;34\r\npt1;2\r\n") {
        match parsed.message {
            Message::Points { athlete, points: Some(points) } => println!("{athlete} scores {points}"),
            other => println!("{other} ({:?})", other.code()),
        }
    }
}
