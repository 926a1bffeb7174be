//! Invented people and events.

use alloc::{borrow::ToOwned as _, format, string::String};

use super::prng::Prng;
use crate::{Competitor, PerAthlete};

/// Given names with what the scoreboard shows of them, family names in capitals, and a country: the parts are
/// mixed, so no line is a person.
const GIVEN: &[&str] = &["A.", "B.", "C.", "D.", "E.", "G.", "H.", "J.", "K.", "L.", "M.", "R.", "S.", "Y."];
const FAMILY: &[(&str, &str)] = &[
    ("RIVERA", "ESP"),
    ("TANAKA", "JPN"),
    ("SILVA", "BRA"),
    ("NOVAK", "CRO"),
    ("MARTIN", "FRA"),
    ("OKAFOR", "NGR"),
    ("KOVACS", "HUN"),
    ("LINDGREN", "SWE"),
    ("BAKER", "GBR"),
    ("CARTER", "USA"),
    ("RAHIMI", "IRI"),
    ("CHEN", "TPE"),
    ("VAN DIJK", "NED"),
    ("SANTOS", "PHI"),
    ("MENSAH", "GHA"),
    ("PAPADAKIS", "GRE"),
];
/// Names that the real sender cuts, whole as they are.
const BEYOND_ASCII: &[(&str, &str)] = &[
    ("H. ÇELİK", "TUR"),
    ("M. ÖRNEK", "TUR"),
    ("Łukasz WÓJCIKOWSKI", "POL"),
    ("José MUÑOZ", "ESP"),
    ("박 지훈", "KOR"),
    ("K. MÜLLER", "GER"),
    ("أمير حداد", "JOR"),
    ("Đ. NGUYỄN", "VIE"),
    ("Ž. ŠIMIĆ", "CRO"),
];
const OFFICIALS: &[&str] = &[
    "S. PARK;KOR",
    "A. DIALLO;SEN",
    "M. ROSSI;ITA",
    "J. SMITH;GBR",
    "P. KLEIN;GER",
    "L. MORENO;MEX",
    "T. HASSAN;EGY",
];
const PHASES: &[&str] =
    &["Round of 32", "Round of 16", "Quarterfinal", "Semifinal", "Final", "¼ Finał", "Demi-finale"];
const MEN: &[&str] = &["-54 kg", "-58 kg", "-63 kg", "-68 kg", "-74 kg", "-80 kg", "-87 kg", "+87 kg"];
const WOMEN: &[&str] = &["-46 kg", "-49 kg", "-53 kg", "-57 kg", "-62 kg", "-67 kg", "-73 kg", "+73 kg"];
const DIVISIONS: &[&str] = &["SENIORS", "SENIORS", "JUNIORS", "CADETS", "U21"];

/// Two different athletes.
pub(super) fn athletes(rng: &mut Prng) -> PerAthlete<Competitor> {
    let blue = athlete(rng);
    loop {
        let red = athlete(rng);
        if red != blue {
            return PerAthlete { blue, red };
        }
    }
}

fn athlete(rng: &mut Prng) -> Competitor {
    let (name, country) = match rng.below(100) {
        0..=14 => {
            let &(name, country) = rng.pick(BEYOND_ASCII);
            (name.to_owned(), country)
        }
        // Nothing is escaped on the wire, and an athlete without a federation has no country.
        15 => ("O'BRIEN; T".to_owned(), ""),
        _ => {
            let &(family, country) = rng.pick(FAMILY);
            (format!("{} {family}", rng.pick(GIVEN)), country)
        }
    };
    let country = (!country.is_empty()).then(|| country.to_owned());
    Competitor { short_name: Some(name.clone()), name: Some(name), country }
}

/// `ref;…`: usually complete; absent parts vanish.
pub(super) fn referees(rng: &mut Prng) -> String {
    let mut officials = OFFICIALS.to_vec();
    rng.shuffle(&mut officials);
    match rng.below(20) {
        0 => "ref;ju1;ju2;ju3;".to_owned(),
        1 => format!("ref;ju1;{};ju2;{};ju3;{};", officials[0], officials[1], officials[2]),
        2 => format!("ref;{};ju1;ju2;ONLY NAME;ju3;", officials[0]),
        _ => format!("ref;{};ju1;{};ju2;{};ju3;{};", officials[0], officials[1], officials[2], officials[3]),
    }
}

pub(super) fn phase(rng: &mut Prng) -> String {
    let ascii = &PHASES[..5];
    let phases = if rng.percent(10) { PHASES } else { ascii };
    (*rng.pick(phases)).to_owned()
}

/// Gender and weight.
pub(super) fn category(rng: &mut Prng, para: bool) -> String {
    let sport_class = if para { " K44" } else { "" };
    let (gender, weights) = if rng.percent(50) { ("MEN", MEN) } else { ("WOMEN", WOMEN) };
    format!("{gender} {}{sport_class}", rng.pick(weights))
}

/// `None` is sent as `null`.
pub(super) fn division(rng: &mut Prng, para: bool) -> Option<String> {
    let division = (*rng.pick(DIVISIONS)).to_owned();
    match rng.below(20) {
        0 => None,
        _ if para => Some("PARA".to_owned()),
        _ => Some(division),
    }
}

/// The match number as the events of a ring write it, in one of three ways.
pub(super) fn number(ring: u32, match_of_ring: u32) -> String {
    match ring % 3 {
        1 => format!("{}", ring * 100 + match_of_ring),
        2 => format!("{}-{match_of_ring}", char::from(b'A' + (ring % 26) as u8)),
        _ => format!("{}.{}", 200 + match_of_ring, char::from(b'A' + (ring % 26) as u8)),
    }
}
