//! Text from the wire on a terminal.

use std::fmt::{self, Write as _};

/// Shows a text with everything escaped that a terminal may take for a command or that turns the direction of
/// reading: names come from the network.
pub(crate) struct Harmless<T>(pub(crate) T);

impl<T: fmt::Display> fmt::Display for Harmless<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(Filter(f), "{}", self.0)
    }
}

/// The same for a text of several lines, such as an error that shows where in a pattern it is.
pub(crate) struct HarmlessLines(pub(crate) String);

impl fmt::Display for HarmlessLines {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (index, line) in self.0.split('\n').enumerate() {
            if index > 0 {
                f.write_char('\n')?;
            }
            write!(f, "{}", Harmless(line))?;
        }
        Ok(())
    }
}

/// The beginning of what may be as long as a datagram, and how long all of it is. The other formats have all of it.
pub(crate) struct Shortened<T>(pub(crate) T);

impl<T> Shortened<T> {
    /// So many characters are shown.
    const MOST: usize = 120;
}

impl<T: fmt::Display> fmt::Display for Shortened<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let text = self.0.to_string();
        match text.char_indices().nth(Self::MOST) {
            Some((at, _)) => write!(f, "{}… ({} characters)", &text[..at], text.chars().count()),
            None => f.write_str(&text),
        }
    }
}

struct Filter<'a, 'f>(&'a mut fmt::Formatter<'f>);

impl fmt::Write for Filter<'_, '_> {
    fn write_str(&mut self, text: &str) -> fmt::Result {
        let mut rest = text;
        while let Some(at) = rest.find(is_harmful) {
            let (clean, from) = rest.split_at(at);
            self.0.write_str(clean)?;
            let mut characters = from.chars();
            let harmful = characters.next().expect("it was found there");
            write!(self.0, "\\u{{{:x}}}", u32::from(harmful))?;
            rest = characters.as_str();
        }
        self.0.write_str(rest)
    }
}

/// Control characters, line separators, and the marks that turn or hide text.
fn is_harmful(character: char) -> bool {
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
    fn what_a_terminal_would_obey_is_escaped() {
        let text = Harmless("Ş. \u{1b}[2J\u{202e}ÖZ\u{9b}\n").to_string();
        assert_eq!(text, r"Ş. \u{1b}[2J\u{202e}ÖZ\u{9b}\u{a}");
        let long = Shortened("ü".repeat(200)).to_string();
        assert_eq!(long, format!("{}… (200 characters)", "ü".repeat(120)));
        assert_eq!(Shortened("ü".repeat(120)).to_string(), "ü".repeat(120));
        let lines = HarmlessLines(String::from("(\u{1b}\n^")).to_string();
        assert_eq!(lines, "(\\u{1b}\n^");
    }
}
