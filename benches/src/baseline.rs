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

/// The common way: lossy text, `split(';')`, a vector of owned fields, and owned strings in the event.
pub fn split_and_own(datagram: &[u8]) -> OwnedEvent {
    let text = String::from_utf8_lossy(datagram);
    let mut fields: Vec<String> = text.trim().split(';').map(str::to_owned).collect();
    fn number<T: std::str::FromStr + Default>(text: &str) -> T {
        text.trim().parse().unwrap_or_default()
    }
    let code = std::mem::take(&mut fields[0]);
    let mut take = |index: usize| fields.get_mut(index).map(std::mem::take).unwrap_or_default();
    let maybe = |text: String| Some(text).filter(|text| !text.is_empty());
    match code.as_str() {
        "clk" => OwnedEvent::Clock { time: take(1), action: maybe(take(2)) },
        "brk" => OwnedEvent::Break { time: take(1), action: maybe(take(2)) },
        "ij0" | "ij1" | "ij2" => {
            OwnedEvent::Injury { athlete: number(&code[2..]), time: take(1), action: maybe(take(2)) }
        }
        "rnd" => OwnedEvent::Round { round: number(&take(1)) },
        "pt1" | "pt2" => OwnedEvent::Points { athlete: number(&code[2..]), points: number(&take(1)) },
        "hl1" | "hl2" => OwnedEvent::Hit { athlete: number(&code[2..]), level: number(&take(1)) },
        "sc1" => OwnedEvent::Score { blue: number(&take(1)), red: number(&take(3)) },
        "s11" => {
            fields[0] = code;
            let pairs = fields.chunks_exact(2);
            let scores = pairs.map(|pair| (number(&pair[0][1..2]), number(&pair[0][2..]), number(&pair[1])));
            OwnedEvent::RoundScores { scores: scores.collect() }
        }
        "wg1" => OwnedEvent::GamJeoms { blue: number(&take(1)), red: number(&take(3)) },
        "wrd" => {
            let pairs = fields[1..].chunks_exact(2);
            OwnedEvent::RoundWinners { winners: pairs.map(|pair| number(&pair[1])).collect() }
        }
        "ch0" | "ch1" | "ch2" => OwnedEvent::Challenge {
            athlete: number(&code[2..]),
            accepted: maybe(take(1)).map(|accepted| number(&accepted)),
        },
        "mch" => OwnedEvent::Match {
            number: take(1),
            phase: take(2),
            category: take(3),
            division: take(10),
            rounds: number(&take(11)),
            seconds: number(&take(12)),
        },
        "at1" => OwnedEvent::Athletes { blue: [take(1), take(2), take(3)], red: [take(5), take(6), take(7)] },
        "win" => OwnedEvent::Winner { winner: take(1) },
        "wmh" => OwnedEvent::Result { name: take(1), result: maybe(take(2)) },
        _ => {
            fields[0] = code;
            OwnedEvent::Other { fields }
        }
    }
}
