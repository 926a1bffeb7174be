//! The table of committees against two others: `keshvar`, and Debian's `iso-codes` where it is installed.

use std::{collections::BTreeMap, env, fs};

use keshvar::CountryIterator;
use pss_protocol::noc::{self, Entry, Kind};

fn of_kind(kind: Kind) -> impl Iterator<Item = &'static Entry> {
    noc::all().iter().filter(move |entry| entry.kind == kind)
}

#[test]
fn there_are_206_committees_and_no_code_comes_twice() {
    assert_eq!(of_kind(Kind::Committee).count(), 206);
    let mut codes: Vec<_> = noc::all().iter().map(|entry| entry.code).collect();
    codes.sort_unstable();
    let all = codes.len();
    codes.dedup();
    assert_eq!(codes.len(), all);
    assert!(codes.iter().all(|code| code.len() == 3 && code.bytes().all(|byte| byte.is_ascii_uppercase())));
    for name in ["alpha2", "alpha3"] {
        let of = |entry: &Entry| if name == "alpha2" { entry.alpha2 } else { entry.alpha3 };
        let mut codes: Vec<_> = noc::all().iter().filter_map(of).collect();
        codes.sort_unstable();
        assert!(codes.windows(2).all(|pair| pair[0] != pair[1]), "{name}");
    }
}

/// An alpha-3 code that is another land's code of the IOC: there the IOC's meaning holds.
#[test]
fn codes_that_mean_two_lands_are_known() {
    let two = |entry: &&Entry| entry.alpha3.is_some_and(|alpha3| noc::find(alpha3) != Some(entry));
    let found: Vec<_> = noc::all().iter().filter(two).map(|entry| entry.code).collect();
    assert_eq!(found, ["BRU"]);
}

#[test]
fn every_name_and_code_of_the_table_is_recognized_as_a_file() {
    for entry in noc::all() {
        let found = noc::recognize(entry.code).map(|found| found.code);
        assert_eq!(found, Some(entry.code));
        let found = noc::recognize(entry.name).map(|found| found.code);
        assert_eq!(found, Some(entry.code), "{}", entry.name);
    }
}

#[test]
fn neutral_teams_and_chinese_taipei_never_get_the_flag_of_a_country() {
    for code in ["TPE", "TWN", "AIN", "EOR", "ROT", "ROC", "OAR", "IOA", "URS", "MIX"] {
        let entry = noc::find(code).unwrap();
        assert_eq!((entry.emoji(), entry.has_iso_flag()), (None, false), "{code}");
    }
    assert_eq!(noc::find("TWN"), noc::find("TPE"));
    for file in ["tw", "TWN", "taiwan", "flag-of-taiwan", "flag_tw", "Taiwan flag"] {
        assert_ne!(noc::recognize(file).map(|found| found.code), Some("TPE"), "{file}");
    }
}

#[test]
fn older_codes_are_known() {
    for (old, new) in [("TRI", "TTO"), ("SIN", "SGP"), ("LIB", "LBN"), ("ROM", "ROU")] {
        assert_eq!(noc::find(old).map(|entry| entry.code), Some(new));
        assert_eq!(noc::recognize(old).map(|found| found.code), Some(new));
    }
}

/// What `keshvar` says otherwise, and why we do not.
const KESHVAR: [(&str, &str, &str); 3] = [
    ("FO", "", "FRO"),    // ISO's alpha-3 code; the Faroe Islands have no committee
    ("SS", "SSD", ""),    // the committee of South Sudan is of 2015
    ("TT", "TTO", "TRI"), // the older code of Trinidad and Tobago
];

#[test]
fn keshvar_agrees_but_for_known_differences() {
    let mut differences = Vec::new();
    for country in CountryIterator::new() {
        let alpha2 = country.alpha2().to_string();
        let ours = noc::all().iter().find(|entry| entry.alpha2 == Some(&*alpha2));
        let committee = ours.filter(|entry| entry.kind == Kind::Committee).map(|entry| entry.code.to_owned());
        let theirs = country.maybe_ioc().map(|ioc| ioc.to_string());
        if committee != theirs {
            differences.push((alpha2, committee.unwrap_or_default(), theirs.unwrap_or_default()));
        } else if let Some(entry) = ours {
            let alpha3 = country.alpha3().to_string();
            assert!(entry.alpha3.is_none_or(|ours| ours == alpha3), "{entry:?} {alpha3}");
        }
    }
    differences.sort();
    let known: Vec<_> = KESHVAR
        .iter()
        .map(|(alpha2, ours, theirs)| (String::from(*alpha2), String::from(*ours), String::from(*theirs)))
        .collect();
    assert_eq!(differences, known, "alpha-2, ours, theirs");
}

#[test]
fn debians_iso_codes_agree_in_every_country() {
    const PATH: &str = "/usr/share/iso-codes/json/iso_3166-1.json";
    let Ok(text) = fs::read_to_string(PATH) else {
        let required = env::var("RESTRIKE_REQUIRE").is_ok_and(|what| what == "all");
        assert!(!required, "{PATH} is missing; install the package iso-codes");
        eprintln!("skipped: {PATH} is missing; install the package iso-codes");
        return;
    };
    let list: serde_json::Value = serde_json::from_str(&text).unwrap();
    let field = |country: &serde_json::Value, name: &str| country[name].as_str().unwrap().to_owned();
    let theirs: BTreeMap<_, _> = list["3166-1"]
        .as_array()
        .unwrap()
        .iter()
        .map(|country| (field(country, "alpha_2"), field(country, "alpha_3")))
        .collect();
    let ours: BTreeMap<_, _> = noc::all()
        .iter()
        .filter_map(|entry| Some((entry.alpha2?.to_owned(), entry.alpha3.unwrap_or_default().to_owned())))
        .collect();
    let not_iso: Vec<_> = ours.keys().filter(|alpha2| !theirs.contains_key(*alpha2)).collect();
    assert_eq!(not_iso, ["XK"], "Kosovo's code is user-assigned");
    for (alpha2, alpha3) in &theirs {
        assert_eq!(ours.get(alpha2), Some(alpha3), "{alpha2}");
    }
}
