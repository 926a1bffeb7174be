//! Text from the network in a spreadsheet, which would run some of it.

use std::borrow::Cow;
use std::fmt::Write as _;

/// A text that no spreadsheet takes for a formula and that holds nothing invisible: names come from the network.
/// A `'` goes in front of what looks like a formula, and what is hidden is written as `\u{…}`.
pub fn cell(text: &str) -> Cow<'_, str> {
    let formula = text.trim_start().starts_with(['=', '+', '-', '@', '＝', '＋', '－', '＠']);
    if !formula && !text.contains(is_hidden) {
        return Cow::Borrowed(text);
    }
    let mut harmless = String::with_capacity(text.len() + 8);
    if formula {
        harmless.push('\'');
    }
    for character in text.chars() {
        if is_hidden(character) {
            let _ = write!(harmless, "\\u{{{:x}}}", u32::from(character));
        } else {
            harmless.push(character);
        }
    }
    Cow::Owned(harmless)
}

/// Control characters, tabs and line ends among them, and the marks that turn or hide text.
fn is_hidden(character: char) -> bool {
    character.is_control()
        || matches!(
            character,
            '\u{200B}'..='\u{200F}' | '\u{2028}'..='\u{202E}' | '\u{2060}'..='\u{2069}' | '\u{FEFF}' | '\u{061C}'
        )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_is_taken_for_a_formula() {
        for (text, harmless) in [
            ("=1+1", "'=1+1"),
            ("+49", "'+49"),
            ("-1", "'-1"),
            ("@SUM(A1)", "'@SUM(A1)"),
            (" =1", "' =1"),
            ("\t=1", "'\\u{9}=1"),
            ("\r=1", "'\\u{d}=1"),
            ("\u{a0}=1", "'\u{a0}=1"),
            ("＝1", "'＝1"),
            ("a\nb", "a\\u{a}b"),
            ("\u{202e}cod", "\\u{202e}cod"),
            ("\u{feff}=1", "\\u{feff}=1"),
            ("O'NEIL \"X\", Ş.", "O'NEIL \"X\", Ş."),
            ("01:59", "01:59"),
            ("a=b", "a=b"),
            ("", ""),
        ] {
            assert_eq!(cell(text), harmless, "{text:?}");
        }
    }
}
