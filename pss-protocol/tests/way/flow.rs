//! Which way a datagram went.

use pss_protocol::{
    Flow::{self, Broadcast, ForeignAnswer, Request},
    FlowClassifier,
};

use crate::corpus::{LISTINGS, listing};

/// Classifies `(source, destination, payload)` in order.
fn flows(datagrams: &[(&str, &str, &str)]) -> Vec<Flow> {
    let mut classifier = FlowClassifier::new();
    let classify = |&(source, destination, bytes): &(&str, &str, &str)| {
        classifier.classify(
            Some(source.parse().unwrap()),
            Some(destination.parse().unwrap()),
            bytes.as_bytes(),
        )
    };
    datagrams.iter().map(classify).collect()
}

const SENDER: &str = "10.0.0.1:55066";
const ASK: &str = "10.0.0.1:9995";
const TARGET: &str = "10.0.0.2:6000";
const OTHER: &str = "10.0.0.3:40000";

#[test]
fn the_capture_with_requests_is_told_apart() {
    let mut classifier = FlowClassifier::new();
    for listed in listing("e_requests") {
        let flow = classifier.classify(Some(listed.source), Some(listed.destination), &listed.bytes);
        let expected = match listed.destination.to_string().as_str() {
            "127.0.14.1:9988" => Broadcast,
            "127.0.0.1:9995" => Request,
            "127.0.0.2:58913" => ForeignAnswer,
            other => panic!("nobody listens at {other}"),
        };
        assert_eq!(flow, expected, "{} at {} µs", pss_protocol::escape(&listed.bytes), listed.micros);
    }
}

#[test]
fn wherever_the_capture_begins() {
    let listed = listing("e_requests");
    for start in 0..listed.len() {
        let mut classifier = FlowClassifier::new();
        let mut asked = false;
        for listed in &listed[start..] {
            let flow = classifier.classify(Some(listed.source), Some(listed.destination), &listed.bytes);
            let right = match listed.destination.to_string().as_str() {
                "127.0.14.1:9988" => Broadcast,
                "127.0.0.1:9995" => Request,
                _ => ForeignAnswer,
            };
            // Before anybody is known noise may go anywhere: it is noise on either way.
            let noise = pss_protocol::parse(&listed.bytes).all(|parsed| parsed.message.code().is_none());
            asked |= right == Request && !noise;
            // Only an answer whose request came before the capture looks like a broadcast.
            let excused = noise || (right == ForeignAnswer && !asked);
            assert!(
                flow == right || excused,
                "{} from datagram {start} on",
                pss_protocol::escape(&listed.bytes)
            );
        }
    }
}

#[test]
fn captures_without_requests_are_broadcasts() {
    for name in LISTINGS.into_iter().filter(|name| *name != "e_requests") {
        let mut classifier = FlowClassifier::new();
        for listed in listing(name) {
            let flow = classifier.classify(Some(listed.source), Some(listed.destination), &listed.bytes);
            assert_eq!(flow, Broadcast, "{name} at {} µs", listed.micros);
        }
    }
}

#[test]
fn two_receivers_are_two_targets() {
    let flows = flows(&[
        (SENDER, TARGET, "clk;01:59\r\n"),
        (SENDER, OTHER, "clk;01:59\r\n"),
        (SENDER, TARGET, "sc1;1;sc2;0\r\n"),
        (SENDER, OTHER, "sc1;1;sc2;0\r\n"),
    ]);
    assert_eq!(flows, [Broadcast; 4]);
}

#[test]
fn an_answer_to_a_receiver_that_hears_the_broadcasts_too() {
    let flows = flows(&[
        (SENDER, TARGET, "hel;\r\n"),
        (TARGET, ASK, "scores\r\n"),
        (SENDER, TARGET, "clk;01:59\r\n"),
        (SENDER, TARGET, "sc1;9;sc2;0\r\n"),
        (SENDER, TARGET, "sc1;1;sc2;0\r\n"),
    ]);
    assert_eq!(flows, [Broadcast, Request, Broadcast, ForeignAnswer, Broadcast]);
}

#[test]
fn who_asks_later_was_no_target() {
    let flows = flows(&[
        (SENDER, OTHER, "clk;00:20\r\n"),
        (OTHER, ASK, "scores\r\n"),
        (SENDER, OTHER, "sc1;0;sc2;0\r\n"),
        (SENDER, OTHER, "rnd;1\r\n"),
    ]);
    assert_eq!(flows, [Broadcast, Request, ForeignAnswer, ForeignAnswer]);
}

#[test]
fn who_hears_the_broadcasts_hears_them_after_asking_too() {
    let flows = flows(&[
        (SENDER, TARGET, "clk;01:59\r\n"),
        (SENDER, TARGET, "pt1;3\r\n"),
        (TARGET, ASK, "scores\r\n"),
        (SENDER, TARGET, "clk;01:58\r\n"),
    ]);
    assert_eq!(flows, [Broadcast, Broadcast, Request, Broadcast]);
}

#[test]
fn the_first_datagram_is_a_request_or_an_answer() {
    assert_eq!(
        flows(&[(OTHER, ASK, "clock\r\n"), (SENDER, OTHER, "clk;00:20\r\n")]),
        [Request, ForeignAnswer]
    );
    assert_eq!(flows(&[(SENDER, OTHER, "clk;\r\n"), (SENDER, OTHER, "rnd;1\r\n")]), [ForeignAnswer; 2]);
}

#[test]
fn whatever_goes_to_the_senders_machine_is_a_request() {
    let flows = flows(&[
        (SENDER, TARGET, "hel;\r\n"),
        (OTHER, ASK, "pt1;3\r\n"),
        (OTHER, ASK, "\u{1}"),
        (OTHER, "10.0.0.1:9", "hel;\r\n"),
    ]);
    assert_eq!(flows, [Broadcast, Request, Request, Request]);
}

#[test]
fn a_sender_whose_receiver_runs_on_another_senders_machine() {
    let second = "10.0.0.5:7000";
    let here = "10.0.0.1:6001";
    let mut datagrams = vec![(SENDER, TARGET, "hel;\r\n")];
    datagrams.extend(["hel;\r\n", "inlb;50:\r\n", "insl;false:\r\n"].map(|text| (second, here, text)));
    datagrams.extend(["clk;01:59\r\n", "pt1;3\r\n"].map(|text| (second, here, text)));
    assert_eq!(flows(&datagrams), [Broadcast, Request, Request, Request, Broadcast, Broadcast]);
    // Noise in between is no sender's.
    datagrams.insert(3, (second, here, "\u{1}"));
    assert_eq!(flows(&datagrams)[1..], [Request; 6]);
    // Where somebody asked, nobody broadcasts to.
    datagrams.insert(1, (OTHER, here, "clock\r\n"));
    datagrams.remove(4);
    assert_eq!(flows(&datagrams)[1..], [Request; 6]);
}

#[test]
fn a_sender_that_connects_again_still_broadcasts() {
    let again = "10.0.0.1:55067";
    let flows = flows(&[
        (SENDER, TARGET, "hel;\r\n"),
        (SENDER, TARGET, "bye;\r\n"),
        (again, TARGET, "hel;\r\n"),
        (again, TARGET, "\u{1}"),
    ]);
    assert_eq!(flows, [Broadcast; 4]);
}

#[test]
fn several_rings_on_one_machine() {
    let flows = flows(&[
        ("127.0.0.1:5001", "127.0.0.1:6001", "hel;\r\n"),
        ("127.0.0.1:5002", "127.0.0.1:6002", "hel;\r\n"),
        ("127.0.0.1:5001", "127.0.0.1:6001", "clk;02:00\r\n"),
        ("127.0.0.1:5002", "127.0.0.1:6002", "clk;02:00\r\n"),
        ("127.0.0.1:5003", "127.0.0.1:9995", "clock\r\n"),
        ("127.0.0.1:5003", "127.0.0.1:9995", "pt1;3\r\n"),
    ]);
    assert_eq!(flows, [Broadcast, Broadcast, Broadcast, Broadcast, Request, Request]);
}

#[test]
fn without_addresses_only_the_ten_words_are_requests() {
    let mut classifier = FlowClassifier::new();
    assert_eq!(classifier.classify(None, None, b"clk;01:59"), Broadcast);
    assert_eq!(classifier.classify(None, None, b"clock"), Request);
    assert_eq!(classifier.classify(None, None, b"CLOCK"), Broadcast);
}
