//! Every format under damage: whatever bytes an input holds, reading it ends, and what was whole is read.

use std::{io::Cursor, path::Path};

use jiff::tz::TimeZone;

use super::{Input, InputDatagram, Step};

const FORMATS: [&str; 4] = [
    "a1_bestof3_realtime.pcap",
    "a1_bestof3_realtime.pcapng",
    "a1_bestof3_realtime.txt",
    "a1_bestof3_realtime-externalIntegration.log",
];

fn corpus(name: &str) -> Vec<u8> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../pss-protocol/tests/corpus");
    std::fs::read(folder.join(name)).unwrap()
}

/// The payloads and how many places could not be read; `None` for what is no input at all.
fn read(bytes: Vec<u8>) -> Option<(Vec<Vec<u8>>, usize)> {
    let most_steps = bytes.len() + 1;
    let mut input = Input::new(Box::new(Cursor::new(bytes)), &TimeZone::UTC).ok()?;
    let mut datagram = InputDatagram::default();
    let (mut payloads, mut damage) = (Vec::new(), 0);
    let mut last = datagram.arrival.mono;
    for _ in 0..most_steps {
        match input.next(&mut datagram).unwrap() {
            Step::End => return Some((payloads, damage)),
            Step::Damage(_) => damage += 1,
            Step::Datagram => {
                assert!(datagram.arrival.mono >= last, "time ran back");
                last = datagram.arrival.mono;
                payloads.push(datagram.bytes.clone());
            }
        }
    }
    panic!("more steps than bytes");
}

/// The same numbers in every run (splitmix64).
struct Random(u64);

impl Random {
    fn below(&mut self, limit: usize) -> usize {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        ((mixed ^ (mixed >> 31)) % limit as u64) as usize
    }
}

#[test]
fn a_flipped_byte_costs_at_most_its_surroundings() {
    let mut random = Random(1);
    for name in FORMATS {
        let whole = corpus(name);
        let (all, _) = read(whole.clone()).unwrap();
        for _ in 0..60 {
            let mut bytes = whole.clone();
            // The head of a file is what tells its format and its interfaces.
            let at = 400 + random.below(bytes.len() - 400);
            bytes[at] ^= 1 << random.below(8);
            let (payloads, _) = read(bytes).unwrap();
            let kept = payloads.iter().filter(|payload| all.contains(payload)).count();
            assert!(kept + 8 >= all.len(), "{name}: byte {at} costs {} datagrams", all.len() - kept);
        }
    }
}

#[test]
fn cut_anywhere_the_beginning_is_read() {
    let mut random = Random(2);
    for name in FORMATS {
        let whole = corpus(name);
        let (all, _) = read(whole.clone()).unwrap();
        for _ in 0..60 {
            let mut bytes = whole.clone();
            bytes.truncate(random.below(whole.len()));
            let Some((payloads, damage)) = read(bytes) else { continue };
            // A text cut within a line leaves a shorter datagram.
            let whole_ones = payloads.len().saturating_sub(1);
            assert_eq!(payloads[..whole_ones], all[..whole_ones], "{name}");
            assert!(damage <= 1, "{name}");
        }
    }
}

#[test]
fn noise_of_every_kind_ends() {
    let mut random = Random(3);
    for name in FORMATS {
        let head = corpus(name)[..300].to_vec();
        for _ in 0..40 {
            let mut bytes = head.clone();
            bytes.extend((0..3000).map(|_| random.below(256) as u8));
            read(bytes);
        }
    }
}
