//! What the files of a folder are.

use std::collections::BTreeMap;

use diesel::prelude::*;
use pss_protocol::noc;
use serde::Serialize;

use super::{FlagFormat, FlagTier};
use crate::{
    Change,
    schema::{flag_files, flag_recognition_history as history},
};

/// What a scan made of a folder.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[non_exhaustive]
pub struct FlagScan {
    /// Whose folder it is.
    pub tier: FlagTier,
    /// The folder.
    pub folder: String,
    /// The pictures in it, by name.
    pub files: Vec<ScannedFile>,
    /// How many other files were passed over.
    pub passed_over: u64,
}

/// What a scan made of a picture.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[non_exhaustive]
pub struct ScannedFile {
    /// Its name in the folder.
    pub file: String,
    /// How it is drawn.
    pub format: FlagFormat,
    /// The code of the flag; `None` where its name says nothing.
    pub code: Option<String>,
    /// From 0.0 to 1.0: how sure that is.
    pub confidence: f64,
    /// What spoke for it, or against everything.
    pub reason: String,
    /// Whether it is the one that is shown; another file of the same flag may be better.
    pub chosen: bool,
}

pub(super) fn scan(tier: FlagTier, folder: &str, names: &[String]) -> FlagScan {
    let mut files: Vec<_> = names.iter().filter_map(|name| read(tier, name)).collect();
    let passed_over = (names.len() - files.len()) as u64;
    files.sort_by(|a, b| a.file.cmp(&b.file));
    let mut best: BTreeMap<String, usize> = BTreeMap::new();
    for (place, file) in files.iter().enumerate() {
        let Some(code) = &file.code else { continue };
        let known = best.entry(code.clone()).or_insert(place);
        if better(file, &files[*known]) {
            *known = place;
        }
    }
    for place in best.into_values() {
        files[place].chosen = true;
    }
    FlagScan { tier, folder: folder.to_owned(), files, passed_over }
}

fn better(this: &ScannedFile, than: &ScannedFile) -> bool {
    let by_confidence = this.confidence.total_cmp(&than.confidence);
    by_confidence.then_with(|| than.format.cmp(&this.format)).is_gt()
}

/// `None` for what is no picture.
fn read(tier: FlagTier, name: &str) -> Option<ScannedFile> {
    let (stem, ending) = name.rsplit_once('.')?;
    let format = FlagFormat::from_word(ending)?;
    let found = |code: Option<&str>, confidence, reason: &str| ScannedFile {
        file: name.to_owned(),
        format,
        code: code.map(str::to_owned),
        confidence,
        reason: reason.to_owned(),
        chosen: false,
    };
    if let Some(known) = noc::recognize(stem) {
        return Some(found(Some(known.code), known.confidence, known.reason));
    }
    // A code that only this event or this house has: a team of its own.
    let is_code =
        stem.len() == 3 && stem.bytes().all(|byte| byte.is_ascii_uppercase() || byte.is_ascii_digit());
    Some(if is_code && tier != FlagTier::System {
        found(Some(stem), 0.5, "three letters, as a code of its own")
    } else {
        found(None, 0.0, "its name is no code and no country, or more than one")
    })
}

pub(super) fn record(
    connection: &mut SqliteConnection,
    scan: &FlagScan,
    change: &Change<'_>,
) -> QueryResult<()> {
    diesel::delete(flag_files::table.filter(flag_files::tier.eq(scan.tier.as_str()))).execute(connection)?;
    for file in &scan.files {
        if let (true, Some(code)) = (file.chosen, &file.code) {
            diesel::insert_into(flag_files::table)
                .values((
                    flag_files::tier.eq(scan.tier.as_str()),
                    flag_files::flag_code.eq(code),
                    flag_files::folder.eq(&scan.folder),
                    flag_files::file.eq(&file.file),
                    flag_files::format.eq(file.format.as_str()),
                    flag_files::confidence.eq(file.confidence),
                ))
                .execute(connection)?;
        }
        let last: Option<(Option<String>, f64)> = history::table
            .filter(history::folder.eq(&scan.folder))
            .filter(history::file.eq(&file.file))
            .order(history::id.desc())
            .select((history::flag_code, history::confidence))
            .first(connection)
            .optional()?;
        if last != Some((file.code.clone(), file.confidence)) {
            let code = file.code.as_deref();
            remember(connection, &scan.folder, &file.file, code, file.confidence, &file.reason, change)?;
        }
    }
    Ok(())
}

pub(super) fn remember(
    connection: &mut SqliteConnection,
    folder: &str,
    file: &str,
    code: Option<&str>,
    confidence: f64,
    reason: &str,
    change: &Change<'_>,
) -> QueryResult<()> {
    diesel::insert_into(history::table)
        .values((
            history::scanned_at.eq(change.at.0),
            history::scanned_by.eq(change.by),
            history::folder.eq(folder),
            history::file.eq(file),
            history::flag_code.eq(code),
            history::confidence.eq(confidence),
            history::reason.eq(reason),
        ))
        .execute(connection)?;
    Ok(())
}
