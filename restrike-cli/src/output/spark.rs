//! Small bar charts within a line.

use std::{env, fmt};

use hitlevel::Measured;

/// What a terminal can show.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Signs {
    ascii: bool,
}

impl Signs {
    /// Unicode where the locale says UTF-8, or where there are no locales; ASCII when that is asked for.
    pub(crate) fn new(ascii: bool) -> Self {
        let named = |name: &&str| env::var(name).is_ok_and(|value| !value.is_empty());
        let locale = ["LC_ALL", "LC_CTYPE", "LANG"].iter().find(|name| named(name)).map(env::var);
        let speaks = match locale {
            Some(Ok(locale)) => is_unicode(&locale),
            // A locale in no charset at all.
            Some(Err(_)) => false,
            None => cfg!(windows),
        };
        Self { ascii: ascii || !speaks }
    }

    /// Stands for a number that there is not.
    pub(crate) const fn dash(self) -> &'static str {
        if self.ascii { "-" } else { "–" }
    }

    /// The value, or a dash where there is none.
    pub(crate) fn or_dash(self, value: Option<impl fmt::Display>) -> String {
        value.map_or_else(|| self.dash().to_owned(), |value| value.to_string())
    }

    /// The value, or a dash and the reason.
    pub(crate) fn or_reason(self, value: Measured<impl fmt::Display>) -> String {
        match value {
            Ok(value) => value.to_string(),
            Err(missing) => format!("{} ({missing})", self.dash()),
        }
    }

    /// A bar for each number, the highest for the largest of them; a dot for nothing.
    pub(crate) fn spark<N: Copy + Into<u64>>(self, numbers: &[N]) -> Spark {
        Spark { numbers: numbers.iter().map(|&number| number.into()).collect(), ascii: self.ascii }
    }
}

fn is_unicode(locale: &str) -> bool {
    let locale = locale.to_ascii_lowercase();
    locale.contains("utf-8") || locale.contains("utf8")
}

/// A bar chart of one line.
#[derive(Clone, Debug)]
pub(crate) struct Spark {
    numbers: Vec<u64>,
    ascii: bool,
}

impl Spark {
    const BARS: [char; 9] = ['·', '▁', '▂', '▃', '▄', '▅', '▆', '▇', '█'];
    const ASCII_BARS: [char; 9] = ['.', '_', ',', '-', '=', '+', '*', '%', '#'];
}

impl fmt::Display for Spark {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let bars = if self.ascii { Self::ASCII_BARS } else { Self::BARS };
        let most = u128::from(self.numbers.iter().copied().max().unwrap_or(0).max(1));
        let highest = bars.len() as u128 - 1;
        let bar = |number: u64| bars[(u128::from(number) * highest).div_ceil(most) as usize];
        f.pad(&self.numbers.iter().map(|&number| bar(number)).collect::<String>())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_largest_is_highest_and_one_is_not_nothing() {
        let (unicode, ascii) = (Signs { ascii: false }, Signs { ascii: true });
        assert_eq!(unicode.spark(&[0_u64, 1, 4, 8]).to_string(), "·▁▄█");
        assert_eq!(unicode.spark(&[1_u64, u64::MAX]).to_string(), "▁█");
        assert_eq!(ascii.spark(&[0_u32, 1, 400]).to_string(), "._#");
        assert_eq!(unicode.spark(&[0_u64, 0]).to_string(), "··");
        assert_eq!(unicode.spark::<u64>(&[]).to_string(), "");
    }

    #[test]
    fn locales_say_their_charset() {
        for locale in ["C.UTF-8", "de_DE.utf8", "UTF-8"] {
            assert!(is_unicode(locale), "{locale}");
        }
        for locale in ["C", "POSIX", "de_DE.ISO-8859-1", ""] {
            assert!(!is_unicode(locale), "{locale}");
        }
    }
}
