//! Flags: which picture stands for a code of the scoring system.
//!
//! The library opens no picture. Whoever can list a folder tells the names of its files to
//! [`Store::record_flag_scan`]; from then on [`Store::flag`] knows which of them to show.

mod chain;
mod scan;

use std::sync::Arc;

use diesel::prelude::*;
use pss_protocol::{Timestamp, noc};
use serde::Serialize;

pub use chain::{Flag, FlagLookup, FlagStep};
pub use scan::{FlagScan, ScannedFile};

use crate::{
    Change, Store, StoreError,
    change::OwnedChange,
    schema::{flag_files, flag_overrides, flag_recognition_history as history},
    store::Refusal,
};

/// Which folder a flag is from; what comes first wins.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum FlagTier {
    /// The folder of this event.
    Event,
    /// The folder of the house.
    House,
    /// What the system has.
    System,
}

impl FlagTier {
    /// Every tier, in the order in which they are asked.
    pub const ALL: [Self; 3] = [Self::Event, Self::House, Self::System];

    /// As in the database.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Event => "event",
            Self::House => "house",
            Self::System => "system",
        }
    }
}

/// How a flag is drawn.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum FlagFormat {
    /// SVG, which is sharp in every size.
    Svg,
    /// WebP.
    Webp,
    /// PNG.
    Png,
}

impl FlagFormat {
    const ALL: [Self; 3] = [Self::Svg, Self::Webp, Self::Png];

    /// As in the database, and the ending of such files.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Svg => "svg",
            Self::Webp => "webp",
            Self::Png => "png",
        }
    }

    fn from_word(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|format| format.as_str().eq_ignore_ascii_case(word))
    }
}

/// A file that a scan found to be a flag.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[non_exhaustive]
pub struct FlagFile {
    /// Whose folder.
    pub tier: FlagTier,
    /// The code of the flag, the IOC's where there is one.
    pub code: String,
    /// The folder.
    pub folder: String,
    /// The file's name in it.
    pub file: String,
    /// How it is drawn.
    pub format: FlagFormat,
    /// From 0.0 to 1.0: how sure its name makes it.
    pub confidence: f64,
}

/// A code that gets another flag than its own.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct FlagOverride {
    /// The code of the scoring system, in capital letters.
    pub pss_code: String,
    /// The code of the flag.
    pub flag_code: String,
    /// Since when.
    pub changed_at: Timestamp,
    /// By whom.
    pub changed_by: String,
    /// Why.
    pub reason: String,
}

/// What a scan, or somebody by hand, made of something.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[non_exhaustive]
pub struct FlagHistory {
    /// When.
    pub at: Timestamp,
    /// By whom.
    pub by: String,
    /// The folder; empty for an override by hand.
    pub folder: String,
    /// The file; for an override by hand the code of the scoring system.
    pub file: String,
    /// The code of the flag; `None` where nothing was recognized, or an override was taken back.
    pub code: Option<String>,
    /// From 0.0 to 1.0.
    pub confidence: f64,
    /// What spoke for it.
    pub reason: String,
}

impl Store {
    /// Keeps what the files of a folder are, in place of what the tier had before. Of several files for one flag
    /// the surest is taken, of equals SVG before WebP before PNG. The history gets a row for each file that is
    /// new or means something else than at the last scan.
    ///
    /// `files` are the names of the folder's files. Those that are no pictures are passed over.
    ///
    /// # Errors
    ///
    /// When the database cannot be written.
    pub fn record_flag_scan(
        &self,
        tier: FlagTier,
        folder: &str,
        files: &[String],
        change: &Change<'_>,
    ) -> Result<FlagScan, StoreError> {
        let scan = scan::scan(tier, folder, files);
        let (kept, change) = (scan.clone(), OwnedChange::from(change));
        self.write("keep a scan of flags", move |connection| scan::record(connection, &kept, &change.get()))?;
        Ok(scan)
    }

    /// The flag of a code as the scoring system sends it.
    ///
    /// Asked are, one after the other: an override by hand, the folder of the event, the folder of the house, the
    /// system's folder, the emoji. A team without a country then gets a neutral tile, everything else a tile with
    /// its code.
    ///
    /// # Errors
    ///
    /// When the database cannot be read.
    pub fn flag(&self, pss_code: &str) -> Result<Flag, StoreError> {
        Ok(self.flag_lookup(pss_code)?.flag.clone())
    }

    /// The flag of a code, with every step that led to it.
    ///
    /// # Errors
    ///
    /// When the database cannot be read.
    pub fn flag_lookup(&self, pss_code: &str) -> Result<Arc<FlagLookup>, StoreError> {
        let code = normal(pss_code);
        self.caches().flags.get_or_load(code.clone(), || {
            self.read("find a flag", |connection| chain::look_up(connection, &code)).map(Arc::new)
        })
    }

    /// The files that are known as flags, by code and tier.
    ///
    /// # Errors
    ///
    /// When the database cannot be read.
    pub fn flag_files(&self) -> Result<Vec<FlagFile>, StoreError> {
        self.read("list the flags", |connection| {
            let rows: Vec<chain::FileRow> = flag_files::table.load(connection)?;
            let mut files: Vec<_> = rows.into_iter().filter_map(chain::file).collect();
            files.sort_by(|a, b| (&a.code, a.tier).cmp(&(&b.code, b.tier)));
            Ok(files)
        })
    }

    /// The codes that get another flag than their own.
    ///
    /// # Errors
    ///
    /// When the database cannot be read.
    pub fn flag_overrides(&self) -> Result<Vec<FlagOverride>, StoreError> {
        self.read("list the overrides of flags", |connection| {
            let rows: Vec<(String, String, i64, String, String)> =
                flag_overrides::table.order(flag_overrides::pss_code).load(connection)?;
            Ok(rows.into_iter().map(override_).collect())
        })
    }

    /// From now on a code of the scoring system gets the flag of another code.
    ///
    /// # Errors
    ///
    /// [`StoreError::Refused`] when one of both is no code, or the flag is of nobody; otherwise when the database
    /// cannot be written.
    pub fn set_flag(&self, pss_code: &str, flag_code: &str, change: &Change<'_>) -> Result<(), StoreError> {
        let (pss_code, asked) = (normal(pss_code), normal(flag_code));
        let change = OwnedChange::from(change);
        self.change("set a flag", move |connection| {
            if pss_code.is_empty() || pss_code.chars().count() > LONGEST_CODE {
                return Err(refused(format!("{pss_code:?} is no code of a scoring system")));
            }
            let flag_code = noc::find(&asked).map_or_else(|| asked.clone(), |entry| entry.code.to_owned());
            let has_file = flag_files::table.filter(flag_files::flag_code.eq(&flag_code));
            if noc::find(&flag_code).is_none()
                && !diesel::select(diesel::dsl::exists(has_file)).get_result(connection)?
            {
                return Err(refused(format!(
                    "nobody has the flag {flag_code:?}, and no folder holds it; give a code such as ESP, or scan its folder first"
                )));
            }
            diesel::delete(flag_overrides::table.find(&pss_code)).execute(connection)?;
            diesel::insert_into(flag_overrides::table)
                .values((
                    flag_overrides::pss_code.eq(&pss_code),
                    flag_overrides::flag_code.eq(&flag_code),
                    flag_overrides::changed_at.eq(change.at.0),
                    flag_overrides::changed_by.eq(&change.by),
                    flag_overrides::reason.eq(&change.reason),
                ))
                .execute(connection)?;
            by_hand(connection, &pss_code, Some(&flag_code), &change.get())?;
            Ok(())
        })
    }

    /// Takes an override back.
    ///
    /// # Errors
    ///
    /// [`StoreError::NotFound`] when there is none; otherwise when the database cannot be written.
    pub fn unset_flag(&self, pss_code: &str, change: &Change<'_>) -> Result<(), StoreError> {
        let pss_code = normal(pss_code);
        let change = OwnedChange::from(change);
        self.change("take an override of a flag back", move |connection| {
            if diesel::delete(flag_overrides::table.find(&pss_code)).execute(connection)? == 0 {
                return Err(
                    StoreError::NotFound { what: "override of the flag of", name: pss_code.clone() }.into()
                );
            }
            by_hand(connection, &pss_code, None, &change.get())?;
            Ok(())
        })
    }

    /// What scans and people made of files and codes, the latest first, at most so many.
    ///
    /// # Errors
    ///
    /// When the database cannot be read.
    pub fn flag_history(&self, limit: u32) -> Result<Vec<FlagHistory>, StoreError> {
        type Row = (i64, i64, String, String, String, Option<String>, f64, String);
        self.read("read the history of flags", |connection| {
            let rows: Vec<Row> =
                history::table.order(history::id.desc()).limit(limit.into()).load(connection)?;
            let entry = |(_, at, by, folder, file, code, confidence, reason)| FlagHistory {
                at: Timestamp(at),
                by,
                folder,
                file,
                code,
                confidence,
                reason,
            };
            Ok(rows.into_iter().map(entry).collect())
        })
    }
}

/// Codes of scoring systems have three letters; some room for those of others.
const LONGEST_CODE: usize = 16;

/// A code as it is looked up: without space around it, in capital letters.
fn normal(code: &str) -> String {
    code.trim().to_ascii_uppercase()
}

fn refused(reason: String) -> Refusal {
    StoreError::Refused { reason }.into()
}

fn override_(
    (pss_code, flag_code, at, changed_by, reason): (String, String, i64, String, String),
) -> FlagOverride {
    FlagOverride { pss_code, flag_code, changed_at: Timestamp(at), changed_by, reason }
}

fn by_hand(
    connection: &mut SqliteConnection,
    pss_code: &str,
    flag_code: Option<&str>,
    change: &Change<'_>,
) -> QueryResult<()> {
    let what = if flag_code.is_some() { "set by hand" } else { "no longer set by hand" };
    let reason =
        if change.reason.is_empty() { what.to_owned() } else { format!("{what}: {}", change.reason) };
    scan::remember(connection, "", pss_code, flag_code, 1.0, &reason, change)
}
