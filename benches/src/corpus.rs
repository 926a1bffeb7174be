//! The datagrams that benches read: a seeded mix, and what a real sender sent.

use std::{fmt::Write as _, path::Path};

use crate::listing;

/// Datagrams, one behind the other in memory as in a receive buffer.
#[derive(Clone, Debug, Default)]
pub struct Corpus {
    bytes: Vec<u8>,
    ends: Vec<usize>,
}

impl Corpus {
    /// A hundred datagrams of which 60 are `clk`, 15 `hl`, 8 `pt`, 6 `sc`, 6 `s11`, 2 `wg` and 3 others, in
    /// shuffled order, as many times as to reach `count`. The same seed gives the same bytes.
    pub fn synthetic(count: usize, seed: u64) -> Self {
        let mut random = Random(seed);
        let mut corpus = Self::default();
        let mut text = String::new();
        while corpus.len() < count {
            let mut kinds: Vec<Kind> =
                MIX.iter().flat_map(|&(kind, times)| std::iter::repeat_n(kind, times)).collect();
            random.shuffle(&mut kinds);
            for kind in kinds {
                text.clear();
                kind.write(&mut random, &mut text);
                corpus.push(text.as_bytes());
            }
        }
        corpus
    }

    /// Every payload of the captures in the corpus of `pss-protocol`, `times` over and shuffled: read in a loop in
    /// their own order, a processor learns two thousand datagrams by heart, which no live match lets it do.
    ///
    /// # Panics
    ///
    /// When the captures are not there or not in their notation.
    pub fn captures(times: usize, seed: u64) -> Self {
        let folder = Path::new(listing::CORPUS);
        let names = listing::names(folder).expect("the captures are there");
        let read = |name: &String| listing::read(folder, name).unwrap_or_else(|error| panic!("{error:#}"));
        let recorded: Vec<_> = names.iter().flat_map(read).collect();
        assert!(!recorded.is_empty(), "no captures in {}", folder.display());
        let mut payloads: Vec<&[u8]> = recorded.iter().map(|recorded| &*recorded.bytes).collect();
        payloads = payloads.repeat(times);
        Random(seed).shuffle(&mut payloads);
        let mut corpus = Self::default();
        payloads.iter().for_each(|payload| corpus.push(payload));
        corpus
    }

    /// Each datagram.
    pub fn iter(&self) -> impl ExactSizeIterator<Item = &[u8]> + Clone {
        let mut start = 0;
        self.ends.iter().map(move |&end| &self.bytes[std::mem::replace(&mut start, end)..end])
    }

    /// How many datagrams.
    pub fn len(&self) -> usize {
        self.ends.len()
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.ends.is_empty()
    }

    /// How many bytes.
    pub fn bytes(&self) -> usize {
        self.bytes.len()
    }

    fn push(&mut self, datagram: &[u8]) {
        self.bytes.extend_from_slice(datagram);
        self.ends.push(self.bytes.len());
    }
}

#[derive(Clone, Copy)]
enum Kind {
    Clock,
    Hit,
    Points,
    Score,
    RoundScores,
    GamJeoms,
    Other,
}

const MIX: [(Kind, usize); 7] = [
    (Kind::Clock, 60),
    (Kind::Hit, 15),
    (Kind::Points, 8),
    (Kind::Score, 6),
    (Kind::RoundScores, 6),
    (Kind::GamJeoms, 2),
    (Kind::Other, 3),
];

impl Kind {
    fn write(self, random: &mut Random, text: &mut String) {
        let athlete = 1 + random.below(2);
        let written = match self {
            Self::Clock => {
                let time = format_args!("clk;{:02}:{:02}", random.below(3), random.below(60)).to_string();
                match random.below(20) {
                    0 => write!(text, "{time};start"),
                    1 => write!(text, "{time};stop"),
                    _ => write!(text, "{time}"),
                }
            }
            Self::Hit => write!(text, "hl{athlete};{}", 7 + random.below(80)),
            Self::Points => write!(text, "pt{athlete};{}", 1 + random.below(3)),
            Self::Score => write!(text, "sc1;{};sc2;{}", random.below(30), random.below(30)),
            Self::RoundScores => write!(
                text,
                "s11;{};s21;{};s12;{};s22;{};s13;{};s23;{}",
                random.below(20),
                random.below(20),
                random.below(20),
                random.below(20),
                random.below(20),
                random.below(20),
            ),
            Self::GamJeoms => write!(text, "wg1;{};wg2;{}", random.below(5), random.below(5)),
            Self::Other => match random.below(8) {
                0 => write!(text, "rnd;{}", 1 + random.below(3)),
                1 => write!(text, "brk;00:{:02}", random.below(60)),
                2 => write!(text, "ch{athlete};{}", random.below(2)),
                3 => write!(text, "wrd;rd1;{};rd2;{};rd3;0", random.below(3), random.below(3)),
                4 => write!(text, "win;BLUE"),
                5 => write!(text, "wmh;L. RIVERA;2-1 PTF"),
                6 => write!(text, "at1;L. RIVERA;L. RIVERA;ESP;at2;K. TANAKA;K. TANAKA;JPN"),
                _ => write!(
                    text,
                    "mch;{};Round of 16;MEN -58 kg;;#0000ff;#FFFFFF;#ff0000;#FFFFFF;b6c1a4d2-0001;SENIORS;3;120;\
                     cntDown;27;10",
                    100 + random.below(300)
                ),
            },
        };
        written.expect("writing into a string cannot fail");
        text.push_str("\r\n");
    }
}

/// SplitMix64: small, seeded, good enough to shuffle.
struct Random(u64);

impl Random {
    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut mixed = self.0;
        mixed = (mixed ^ mixed >> 30).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        mixed = (mixed ^ mixed >> 27).wrapping_mul(0x94D0_49BB_1331_11EB);
        mixed ^ mixed >> 31
    }

    fn below(&mut self, bound: u64) -> u64 {
        self.next() % bound
    }

    fn shuffle<T>(&mut self, items: &mut [T]) {
        for last in (1..items.len()).rev() {
            items.swap(last, self.below(last as u64 + 1) as usize);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_same_seed_gives_the_same_bytes() {
        let [one, same, other] = [7, 7, 8].map(|seed| Corpus::synthetic(1000, seed));
        assert_eq!(one.bytes, same.bytes);
        assert_ne!(one.bytes, other.bytes);
        assert_eq!(one.iter().filter(|datagram| datagram.starts_with(b"clk;")).count(), 600);
    }

    #[test]
    fn captures_hold_what_the_sender_sent() {
        let captures = Corpus::captures(2, 7);
        assert_eq!(captures.iter().map(<[u8]>::len).sum::<usize>(), captures.bytes());
        assert!(captures.iter().any(|datagram| datagram == b"hel;\r\n"));
    }
}
