//! Athletes that may be one: proposals for a person, never a decision.

use std::{
    cmp::Reverse,
    collections::{BTreeMap, BTreeSet},
};

use unicode_normalization::{UnicodeNormalization as _, char::is_combining_mark};

use super::{Likeness, SimilarAthletes, StoredAthlete};

/// The groups among `all`. Whoever was told apart by hand is left out.
pub(super) fn among(all: &[StoredAthlete]) -> Vec<SimilarAthletes> {
    let mut groups: BTreeMap<(String, &str), Vec<&StoredAthlete>> = BTreeMap::new();
    for athlete in all.iter().filter(|athlete| athlete.variant == 0) {
        let key = folded(&athlete.long_name);
        if !key.is_empty() {
            groups.entry((key, &athlete.country)).or_default().push(athlete);
        }
    }
    let mut found: Vec<_> = groups
        .into_values()
        .filter(|group| group.len() > 1)
        .map(|mut group| {
            group.sort_by_key(|athlete| (Reverse(athlete.matches), athlete.id));
            let spellings: BTreeSet<_> = group.iter().map(|athlete| &athlete.long_name).collect();
            let likeness = if spellings.len() > 1 { Likeness::Spelling } else { Likeness::Division };
            SimilarAthletes { likeness, athletes: group.into_iter().cloned().collect() }
        })
        .collect();
    found.sort_by(|one, other| {
        (one.likeness, &one.athletes[0].long_name).cmp(&(other.likeness, &other.athletes[0].long_name))
    });
    found
}

/// The letters of a name in the order of the alphabet: no case, diacritics, spaces or signs, and words may change
/// places.
fn folded(name: &str) -> String {
    let plain = name.nfkd().filter(|character| !is_combining_mark(*character)).flat_map(char::to_lowercase);
    let mut letters: Vec<char> = Vec::new();
    // A lower case that brings a mark of its own (`İ`) is rid of it as well.
    for character in plain.filter(|character| character.is_alphanumeric()) {
        match undressed(character) {
            Some(plain) => letters.extend(plain.chars()),
            None => letters.push(character),
        }
    }
    letters.sort_unstable();
    letters.into_iter().collect()
}

/// Letters that Unicode does not take apart, as passports write them.
fn undressed(character: char) -> Option<&'static str> {
    Some(match character {
        'ß' => "ss",
        'æ' => "ae",
        'œ' => "oe",
        'ø' => "o",
        'ł' => "l",
        'đ' | 'ð' => "d",
        'þ' => "th",
        'ħ' => "h",
        'ı' => "i",
        'ŧ' => "t",
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::AthleteId;

    fn athlete(id: i64, long_name: &str, country: &str, division: &str) -> StoredAthlete {
        StoredAthlete {
            id: AthleteId(id),
            long_name: long_name.to_owned(),
            country: country.to_owned(),
            division: division.to_owned(),
            variant: 0,
            short_name: None,
            merged_into: None,
            matches: 1,
        }
    }

    #[test]
    fn case_diacritics_spaces_and_order_make_no_other_name() {
        for (one, other) in [
            ("H. ÖZTÜRK", "h.  ozturk"),
            ("İbrahim Şahin", "IBRAHIM SAHIN"),
            ("SØREN Łukasz", "Soren LUKASZ"),
            ("RIVERA, Luis", "Luis Rivera"),
            ("O'NEIL S", "ONEIL S"),
            ("LEE Da-Bin", "DABIN LEE"),
            ("Ｋｉｍ", "KIM"),
        ] {
            assert_eq!(folded(one), folded(other), "{one} and {other}");
        }
        assert_ne!(folded("L. RIVERA"), folded("J. RIVERA"));
        assert_eq!(folded("…"), "");
    }

    #[test]
    fn groups_are_of_one_country_and_say_why() {
        let mut twin = athlete(9, "L. RIVERA", "ESP", "SENIORS");
        twin.variant = 1;
        let all = [
            athlete(1, "L. RIVERA", "ESP", "SENIORS"),
            athlete(2, "L. RIVERA", "ESP", "JUNIORS"),
            athlete(3, "L. RIVERA", "MEX", "SENIORS"),
            athlete(4, "H. ÖZTÜRK", "TUR", "SENIORS"),
            StoredAthlete { matches: 5, ..athlete(5, "H. OZTURK", "TUR", "SENIORS") },
            twin,
        ];
        let found: Vec<_> = among(&all)
            .into_iter()
            .map(|group| (group.likeness, group.athletes.iter().map(|one| one.id.0).collect::<Vec<_>>()))
            .collect();
        assert_eq!(found, [(Likeness::Spelling, vec![5, 4]), (Likeness::Division, vec![1, 2])]);
    }
}
