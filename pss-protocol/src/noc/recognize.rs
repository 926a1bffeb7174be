//! Which flag a file is, told from its name.

use alloc::{string::String, vec::Vec};

use super::{Entry, Kind, all, table};

/// What a file's name says.
#[derive(Clone, Copy, Debug, PartialEq)]
#[non_exhaustive]
pub struct Recognition {
    /// The code of the flag: an [`Entry::code`], or `TWN`, which is the flag of no committee.
    pub code: &'static str,
    /// From 0.0 to 1.0: how sure that is.
    pub confidence: f64,
    /// What spoke for it.
    pub reason: &'static str,
}

/// The flag that a file is named after; `stem` is its name without the ending, in any case. `None` for a name that
/// says nothing, or two things.
///
/// | the name is | confidence |
/// |---|---|
/// | a code of the IOC, or of a team without a country | 1.0 |
/// | an alpha-3 code of ISO | 0.95 |
/// | an alpha-2 code of ISO, a former code of the IOC | 0.9 |
/// | an English name | 0.85 |
/// | a name with `flag`, `of`, `the` around it | 0.75 |
/// | one code among other words | 0.6 |
///
/// ```
/// use pss_protocol::noc::recognize;
///
/// assert_eq!(recognize("GER").unwrap().code, "GER");
/// assert_eq!(recognize("Flag_of_the_Netherlands").unwrap().code, "NED");
/// assert!(recognize("background").is_none());
/// ```
pub fn recognize(stem: &str) -> Option<Recognition> {
    let plain = fold(stem.trim());
    if let Some(found) = code(&plain) {
        return Some(found);
    }
    let words: Vec<&str> = plain.split(|letter: char| !letter.is_ascii_alphanumeric()).collect();
    let words: Vec<&str> = words.into_iter().filter(|word| !word.is_empty()).collect();
    if let Some(code) = name(&words.concat()) {
        return Some(Recognition { code, confidence: 0.85, reason: "an English name" });
    }
    let rest: Vec<&str> = words.into_iter().filter(|word| !FILLERS.contains(word)).collect();
    if let Some(code) = name(&rest.concat()) {
        return Some(Recognition { code, confidence: 0.75, reason: "an English name among words for flags" });
    }
    // Two letters are too often a word.
    let mut codes: Vec<_> = rest
        .iter()
        .filter(|word| word.len() == 3)
        .filter_map(|word| code(word))
        .map(|found| found.code)
        .collect();
    codes.dedup();
    match codes.as_slice() {
        [code] => Some(Recognition { code, confidence: 0.6, reason: "one code among other words" }),
        _ => None,
    }
}

/// ISO's codes of the island of Taiwan are those of Chinese Taipei, but the flag that goes by them is not.
const ISO_TAIWAN: &str = "TWN";

const FILLERS: [&str; 7] = ["flag", "flags", "of", "the", "icon", "round", "svg"];

fn code(word: &str) -> Option<Recognition> {
    let is = |known: &str| known.eq_ignore_ascii_case(word);
    let found = |code, confidence, reason| Some(Recognition { code, confidence, reason });
    let by = |matches: &dyn Fn(&Entry) -> bool| {
        all()
            .iter()
            .find(|entry| matches(entry))
            .map(|entry| if entry.code == "TPE" { ISO_TAIWAN } else { entry.code })
    };
    if let Some(entry) = all().iter().find(|entry| entry.kind != Kind::Territory && is(entry.code)) {
        return found(entry.code, 1.0, "the code of the IOC or of a team");
    }
    if let Some(code) = by(&|entry| entry.alpha3.is_some_and(is)) {
        return found(code, 0.95, "the alpha-3 code of ISO");
    }
    if let Some(code) = by(&|entry| entry.alpha2.is_some_and(is)) {
        return found(code, 0.9, "the alpha-2 code of ISO");
    }
    let former = table::FORMER.iter().find(|(former, _)| is(former));
    former.and_then(|(_, now)| found(now, 0.9, "a former code of the IOC"))
}

/// The code of a name that is folded and has no gaps.
fn name(word: &str) -> Option<&'static str> {
    if word == "taiwan" {
        return Some(ISO_TAIWAN);
    }
    let own = all().iter().find(|entry| joined(entry.name) == word).map(|entry| entry.code);
    own.or_else(|| table::NAMES.iter().find(|(known, _)| *known == word).map(|(_, code)| *code))
}

fn joined(text: &str) -> String {
    fold(text).chars().filter(char::is_ascii_alphanumeric).collect()
}

/// Lower case, without the marks on letters that names of countries have.
fn fold(text: &str) -> String {
    text.chars()
        .flat_map(char::to_lowercase)
        .map(|letter| match letter {
            'à' | 'á' | 'â' | 'ã' | 'ä' | 'å' => 'a',
            'ç' => 'c',
            'è' | 'é' | 'ê' | 'ë' => 'e',
            'ì' | 'í' | 'î' | 'ï' => 'i',
            'ñ' => 'n',
            'ò' | 'ó' | 'ô' | 'õ' | 'ö' => 'o',
            'ù' | 'ú' | 'û' | 'ü' => 'u',
            other => other,
        })
        // The accent of a letter that was taken apart.
        .filter(|letter| !('\u{300}'..='\u{36F}').contains(letter))
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn seen(stem: &str) -> Option<(&'static str, f64)> {
        recognize(stem).map(|found| (found.code, found.confidence))
    }

    #[test]
    fn names_of_files_say_what_they_are() {
        for (stem, expected) in [
            ("GER", Some(("GER", 1.0))),
            ("ger", Some(("GER", 1.0))),
            ("deu", Some(("GER", 0.95))),
            ("De", Some(("GER", 0.9))),
            ("germany", Some(("GER", 0.85))),
            ("Flag_of_Germany", Some(("GER", 0.75))),
            ("South Korea", Some(("KOR", 0.85))),
            ("Türkiye", Some(("TUR", 0.85))),
            ("Tu\u{308}rkiye", Some(("TUR", 0.85))),
            ("cote-d-ivoire", Some(("CIV", 0.85))),
            ("_scotland", Some(("SCO", 0.85))),
            ("ESP - 1x1", Some(("ESP", 0.6))),
            ("AIN", Some(("AIN", 1.0))),
            ("eor", Some(("EOR", 1.0))),
            ("xk", Some(("KOS", 0.9))),
            ("mo", Some(("MAC", 0.9))),
            // The IOC's meaning: Bahrain, not Brunei.
            ("BRN", Some(("BRN", 1.0))),
            ("tpe", Some(("TPE", 1.0))),
            ("chinese taipei", Some(("TPE", 0.85))),
            ("tw", Some(("TWN", 0.9))),
            ("TWN", Some(("TWN", 0.95))),
            ("Taiwan", Some(("TWN", 0.85))),
            ("GER vs FRA", None),
            ("zz", None),
            ("_olympic", None),
            ("logo", None),
            ("", None),
            ("\u{202e}\u{0}", None),
        ] {
            assert_eq!(seen(stem), expected, "{stem:?}");
        }
    }
}
