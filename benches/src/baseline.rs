//! What our code is measured against: a floor, and how such datagrams are commonly read.

/// Counts the `;` of each datagram: about the least that a reader of this wire can do.
pub fn separators<'a>(datagrams: impl Iterator<Item = &'a [u8]>) -> u64 {
    datagrams.map(|datagram| memchr::memchr_iter(b';', datagram).count() as u64).sum()
}

/// An event of [`split_and_own`].
#[derive(Clone, Debug, PartialEq)]
#[expect(missing_docs, reason = "a stand-in for the events of others")]
pub enum OwnedEvent {
    Clock { time: String, action: Option<String> },
    Break { time: String, action: Option<String> },
    Injury { athlete: u8, time: String, action: Option<String> },
    Round { round: u8 },
    Points { athlete: u8, points: u8 },
    Hit { athlete: u8, level: u8 },
    Score { blue: i32, red: i32 },
    RoundScores { scores: Vec<(u8, u8, i32)> },
    GamJeoms { blue: u8, red: u8 },
    RoundWinners { winners: Vec<u8> },
    Challenge { athlete: u8, accepted: Option<i8> },
    Match { number: String, phase: String, category: String, division: String, rounds: u8, seconds: u32 },
    Athletes { blue: [String; 3], red: [String; 3] },
    Winner { winner: String },
    Result { name: String, result: Option<String> },
    Other { fields: Vec<String> },
}

/// The common way: lossy text, `split(';')`, a vector of fields, and owned strings in the event.
pub fn split_and_own(datagram: &[u8]) -> OwnedEvent {
    let text = String::from_utf8_lossy(datagram);
    let fields: Vec<&str> = text.trim().split(';').collect();
    let field = |index: usize| fields.get(index).copied().unwrap_or_default();
    let owned = |index: usize| field(index).to_owned();
    let maybe =
        |index: usize| fields.get(index).filter(|field| !field.is_empty()).map(|&field| field.to_owned());
    fn number<T: std::str::FromStr + Default>(text: &str) -> T {
        text.trim().parse().unwrap_or_default()
    }
    match field(0) {
        "clk" => OwnedEvent::Clock { time: owned(1), action: maybe(2) },
        "brk" => OwnedEvent::Break { time: owned(1), action: maybe(2) },
        "ij0" | "ij1" | "ij2" => {
            OwnedEvent::Injury { athlete: number(&field(0)[2..]), time: owned(1), action: maybe(2) }
        }
        "rnd" => OwnedEvent::Round { round: number(field(1)) },
        "pt1" | "pt2" => OwnedEvent::Points { athlete: number(&field(0)[2..]), points: number(field(1)) },
        "hl1" | "hl2" => OwnedEvent::Hit { athlete: number(&field(0)[2..]), level: number(field(1)) },
        "sc1" => OwnedEvent::Score { blue: number(field(1)), red: number(field(3)) },
        "s11" => OwnedEvent::RoundScores {
            scores: fields
                .chunks_exact(2)
                .map(|pair| (number(&pair[0][1..2]), number(&pair[0][2..]), number(pair[1])))
                .collect(),
        },
        "wg1" => OwnedEvent::GamJeoms { blue: number(field(1)), red: number(field(3)) },
        "wrd" => OwnedEvent::RoundWinners {
            winners: fields[1..].chunks_exact(2).map(|pair| number(pair[1])).collect(),
        },
        "ch0" | "ch1" | "ch2" => OwnedEvent::Challenge {
            athlete: number(&field(0)[2..]),
            accepted: maybe(1).map(|accepted| number(&accepted)),
        },
        "mch" => OwnedEvent::Match {
            number: owned(1),
            phase: owned(2),
            category: owned(3),
            division: owned(10),
            rounds: number(field(11)),
            seconds: number(field(12)),
        },
        "at1" => {
            OwnedEvent::Athletes { blue: [owned(1), owned(2), owned(3)], red: [owned(5), owned(6), owned(7)] }
        }
        "win" => OwnedEvent::Winner { winner: owned(1) },
        "wmh" => OwnedEvent::Result { name: owned(1), result: maybe(2) },
        _ => OwnedEvent::Other { fields: fields.iter().map(|&field| field.to_owned()).collect() },
    }
}
