//! The wire: what each form is read as, what is odd about it, and that nothing is lost.

/// The mistakes of other receivers.
mod defects;
/// One row for each form of each message.
mod forms;
/// The JSON of each kind of message.
#[cfg(feature = "serde")]
mod json;
/// What holds for any bytes.
mod properties;
/// Datagrams that the sender cut.
mod truncation;

use std::{fs, path::Path};

use pss_protocol::{Flaw, LineEndRule, Message, Parsed, Span, parse, parse_with};

/// The only message of a datagram.
#[track_caller]
fn only(datagram: &[u8]) -> Parsed<'_> {
    let messages: Vec<_> = parse(datagram).collect();
    let [parsed] = messages[..] else { panic!("{} messages: {messages:?}", messages.len()) };
    parsed
}

/// The messages of a datagram.
fn messages(datagram: &[u8]) -> Vec<Message<'_>> {
    parse(datagram).map(|parsed| parsed.message).collect()
}

/// What is odd about the last message of a datagram from a sender that ends its messages with CRLF.
#[track_caller]
fn cut(datagram: &[u8]) -> (Message<'_>, Flaw) {
    let last = parse_with(datagram, LineEndRule::CrLf).last().expect("at least one message");
    let flaw = last.flaw.unwrap_or_else(|| panic!("nothing odd about {last:?}"));
    (last.message, flaw)
}

fn untrusted(field: &'static str, start: usize, end: usize) -> Flaw {
    Flaw::Untrusted { field, span: Span::new(start, end), repaired: false }
}

/// Every payload of a capture, or of all.
fn captured(name: &str) -> Vec<Vec<u8>> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/corpus");
    let mut files: Vec<_> = fs::read_dir(folder)
        .expect("the corpus is there")
        .map(|entry| entry.expect("a readable folder").path())
        .filter(|path| {
            let file = path.file_name().and_then(|file| file.to_str()).expect("a plain name");
            file.starts_with(name) && file.ends_with(".txt") && !file.ends_with(".client.txt")
        })
        .collect();
    files.sort();
    assert!(!files.is_empty(), "no capture is called {name}");
    let mut payloads = Vec::new();
    for file in files {
        let text = fs::read_to_string(&file).expect("a readable capture");
        for line in text.lines().filter(|line| !line.starts_with('#')) {
            let column = line.split('\t').nth(4).expect("five columns");
            payloads.push(pss_protocol::unescape(column).expect("our notation"));
        }
    }
    payloads
}
