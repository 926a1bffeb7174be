//! From a code of the scoring system to what is shown.

use diesel::prelude::*;
use pss_protocol::noc::{self, Entry, Kind};
use serde::Serialize;

use super::{FlagFile, FlagFormat, FlagTier};
use crate::schema::{flag_files, flag_overrides};

/// What is shown for a code.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
#[non_exhaustive]
pub enum Flag {
    /// A picture.
    File(FlagFile),
    /// Two regional indicators.
    Emoji {
        /// The code of the flag.
        code: String,
        /// What to show.
        emoji: String,
    },
    /// A tile that is of no country.
    Neutral {
        /// The code of the team.
        code: String,
    },
    /// A tile with this text.
    Text {
        /// The code, as far as it is one.
        text: String,
    },
}

/// A flag, and how it was found.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[non_exhaustive]
pub struct FlagLookup {
    /// What was asked for, in capital letters.
    pub asked: String,
    /// The code whose flag was looked for.
    pub code: String,
    /// What that code stands for; `None` for one that nobody knows.
    pub name: Option<String>,
    /// What was asked, one after the other; the last one had an answer.
    pub steps: Vec<FlagStep>,
    /// What is shown.
    pub flag: Flag,
}

/// One place where a flag was looked for.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct FlagStep {
    /// `override`, `event`, `house`, `system`, `emoji` or `tile`.
    pub place: &'static str,
    /// Whether it had something.
    pub found: bool,
    /// What, or why not.
    pub why: String,
}

/// A row of `flag_files`.
pub(super) type FileRow = (String, String, String, String, String, f64);

pub(super) fn file((tier, code, folder, file, format, confidence): FileRow) -> Option<FlagFile> {
    Some(FlagFile {
        tier: FlagTier::ALL.into_iter().find(|known| known.as_str() == tier)?,
        code,
        folder,
        file,
        format: FlagFormat::from_word(&format)?,
        confidence,
    })
}

/// `asked` is in capital letters.
pub(super) fn look_up(connection: &mut SqliteConnection, asked: &str) -> QueryResult<FlagLookup> {
    let mut steps = Vec::new();
    let mut step = |place, found, why| steps.push(FlagStep { place, found, why });
    let by_hand: Option<(String, String)> = flag_overrides::table
        .find(asked)
        .select((flag_overrides::flag_code, flag_overrides::changed_by))
        .first(connection)
        .optional()?;
    let wanted = match by_hand {
        Some((code, by)) => {
            step("override", true, format!("{asked} has the flag of {code}, set by {by}"));
            code
        }
        None => {
            step("override", false, format!("nothing was set for {asked}"));
            asked.to_owned()
        }
    };
    let entry = noc::find(&wanted);
    let code = entry.map_or(wanted, |entry| entry.code.to_owned());
    let mut found = None;
    for tier in FlagTier::ALL {
        let row: Option<FileRow> =
            flag_files::table.find((tier.as_str(), &code)).first(connection).optional()?;
        found = row.and_then(file);
        match &found {
            Some(file) => step(tier.as_str(), true, format!("{} in {}", file.file, file.folder)),
            None => step(tier.as_str(), false, format!("no file of {code} is known")),
        }
        if found.is_some() {
            break;
        }
    }
    let flag = match found {
        Some(file) => Flag::File(file),
        None => without_file(&code, entry, &mut step),
    };
    let name = entry.map(|entry| entry.name.to_owned());
    Ok(FlagLookup { asked: asked.to_owned(), code, name, steps, flag })
}

fn without_file(
    code: &str,
    entry: Option<&Entry>,
    step: &mut impl FnMut(&'static str, bool, String),
) -> Flag {
    let code = code.to_owned();
    let Some(entry) = entry else {
        step("emoji", false, format!("nobody knows the code {code}"));
        step("tile", true, format!("the text {code}"));
        return Flag::Text { text: code };
    };
    if let Some(emoji) = entry.emoji() {
        step("emoji", true, format!("{emoji} of {}", entry.alpha2.unwrap_or_default()));
        return Flag::Emoji { code, emoji };
    }
    if entry.kind == Kind::Neutral {
        step("emoji", false, format!("{} is no country", entry.name));
        step("tile", true, String::from("a neutral one"));
        return Flag::Neutral { code };
    }
    step("emoji", false, format!("{} has none of its own", entry.name));
    step("tile", true, format!("the text {code}"));
    Flag::Text { text: code }
}
