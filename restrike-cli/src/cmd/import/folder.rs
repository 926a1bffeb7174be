//! Folders of match logs.

use std::{
    fs::{self, File},
    io::Read as _,
    path::{Path, PathBuf},
};

use anyhow::{Context as _, bail};
use pss_store::MatchLog;

/// A log's files.
pub(super) struct Found {
    /// The file with the items, or the other where that one is missing.
    pub(super) path: PathBuf,
    /// The folder `CourtNN` around it.
    pub(super) court: String,
    /// What both names have in common.
    pub(super) name: String,
}

/// What was found under a place.
#[derive(Default)]
pub(super) struct Logs {
    /// By path.
    pub(super) logs: Vec<Found>,
    /// Folders that could not be looked into, and why.
    pub(super) unreadable: Vec<String>,
}

const ITEMS: &str = "-matchLogItems.csv";
const SUMMARY: &str = "-matchLog.csv";

/// A match has some hundred items of some hundred bytes.
const LARGEST: u64 = 64 << 20;

/// All logs under a folder, or the one that this file is of.
pub(super) fn logs(place: &Path) -> anyhow::Result<Logs> {
    let mut found = Logs::default();
    let kind = place.metadata().with_context(|| format!("{} cannot be read", place.display()))?;
    if kind.is_dir() {
        walk(place, &mut found);
        found.logs.sort_by(|one, other| one.path.cmp(&other.path));
    } else {
        match Found::of(place) {
            Some(log) => found.logs.push(log),
            None => bail!("{} is neither a folder nor a file …{ITEMS}", place.display()),
        }
    }
    Ok(found)
}

/// Links are not followed, so that no folder is looked into twice.
fn walk(folder: &Path, found: &mut Logs) {
    let entries = match fs::read_dir(folder).and_then(Iterator::collect::<Result<Vec<_>, _>>) {
        Ok(entries) => entries,
        Err(error) => {
            found.unreadable.push(format!("{}: {error}", folder.display()));
            return;
        }
    };
    for entry in entries {
        let path = entry.path();
        match entry.file_type() {
            Ok(kind) if kind.is_dir() => walk(&path, found),
            Ok(kind) if kind.is_file() => found.logs.extend(Found::of(&path)),
            _ => {}
        }
    }
}

impl Found {
    /// The log that a file is of; none for other files, and for a summary that has its items beside it.
    fn of(path: &Path) -> Option<Self> {
        let file = path.file_name()?.to_string_lossy();
        let name = match (file.strip_suffix(ITEMS), file.strip_suffix(SUMMARY)) {
            (Some(name), _) => name,
            (None, Some(name)) if !path.with_file_name(format!("{name}{ITEMS}")).exists() => name,
            _ => return None,
        };
        // In full, because the court may be above the folder that was named.
        let full = path.canonicalize().unwrap_or_else(|_| path.to_owned());
        let folders = full.ancestors().skip(1).filter_map(|folder| folder.file_name()?.to_str());
        let court = { folders }.find(|folder| is_court(folder)).unwrap_or_default();
        Some(Self { path: path.to_owned(), court: court.to_owned(), name: name.to_owned() })
    }

    pub(super) fn read(&self) -> anyhow::Result<MatchLog> {
        let of_name = |suffix: &str| self.path.with_file_name(format!("{}{suffix}", self.name));
        let items = bytes(&of_name(ITEMS))?.context("the file with the items is missing")?;
        let summary = bytes(&of_name(SUMMARY))?;
        Ok(MatchLog::read(&self.name, &self.court, &items, summary.as_deref())?)
    }
}

fn is_court(folder: &str) -> bool {
    let number = folder.get(..5).filter(|start| start.eq_ignore_ascii_case("court")).map(|_| &folder[5..]);
    number.is_some_and(|number| !number.is_empty() && number.bytes().all(|byte| byte.is_ascii_digit()))
}

fn bytes(path: &Path) -> anyhow::Result<Option<Vec<u8>>> {
    let file = match File::open(path) {
        Ok(file) => file,
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(None),
        Err(error) => return Err(error).context("cannot be read"),
    };
    let mut bytes = Vec::new();
    file.take(LARGEST + 1).read_to_end(&mut bytes).context("cannot be read")?;
    if bytes.len() as u64 > LARGEST {
        bail!("is larger than {} MiB, which no match log is", LARGEST >> 20);
    }
    Ok(Some(bytes))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn courts_are_folders_with_a_number() {
        assert!(is_court("Court01") && is_court("court7"));
        assert!(!is_court("Court") && !is_court("Courtyard") && !is_court("20261122") && !is_court("Ümläut"));
    }
}
