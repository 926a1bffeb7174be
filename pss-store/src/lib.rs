//! Everything a ring said, kept for ever: datagrams, messages, events, matches and athletes in SQLite.
//!
//! A [`Store`] is one database file with one writer thread and some readers. A [`StoreSink`] takes what a
//! [`Pipeline`](pss_protocol::Pipeline) makes of a session's datagrams and hands it to the writer, which
//! commits whatever is queued as soon as the last commit has returned. The live path never waits for the disk;
//! a replay waits for room in the queue. What was reported as durable survives a power cut.
//!
//! ```
//! use pss_protocol::{Pipeline, PipelineConfig, Timestamp};
//! use pss_store::{NewSession, Query, SessionKind, Store, StoreConfig, WhenFull};
//!
//! # let folder = tempfile::tempdir()?;
//! let store = Store::open(StoreConfig::new(folder.path().join("restrike.db")))?;
//! let session = store.begin_session(NewSession {
//!     ring: "1",
//!     kind: SessionKind::Replay,
//!     origin: Some("saturday.pcap"),
//!     digest: None,
//!     again: false,
//!     started_at: Timestamp(1_763_811_191_000_000),
//!     reading: PipelineConfig::default(),
//! })?;
//! let pipeline = Pipeline::new(PipelineConfig::default(), store.sink(session, WhenFull::Wait));
//! // … `pipeline.ingest(&datagram)` for each datagram …
//! pipeline.finish().finish(Timestamp(1_763_811_195_000_000))?;
//! store.flush()?;
//! assert!(store.query_matches(&Query::new().limit(20))?.rows.is_empty());
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! # Crate features
//!
//! - `testing`: `TestStore`, a migrated database in a temporary folder that goes when the value goes.
//!
//! The tables are described in `docs/STORE.md`.
#![forbid(unsafe_code)]
#![warn(missing_docs)]

pub use archive::{
    ArchiveManifest, ArchiveMember, ArchiveRequest, ArchiveSelection, Archived, ArchivedSession,
    ImportOutcome, ImportedSession, OpenedArchive,
};
pub use athletes::{
    AthleteChange, AthleteFilter, AthleteMatch, AthleteRecord, BadMatchSide, Likeness, MatchSide,
    SimilarAthletes, StoredAthlete,
};
pub use backup::{Backup, BackupManifest, BackupProgress, TableHash, manifest_path};
pub use cache::CacheStatistics;
pub use change::Change;
pub use config::StoreConfig;
pub use courses::StoredCourse;
pub use database_file::{
    BackupRequest, DatabaseFile, DatabaseStatus, OwnBackups, Restored, SchemaVersions, SessionGaps,
    TableSize, Vacuumed, Verification,
};
pub use digest::SourceDigest;
pub use error::StoreError;
pub use event_id::{BadEventId, EventId};
pub use event_type::EventType;
pub use export::{ExportError, ExportFormat, ExportNoun, harmless_cell};
pub use flags::{
    Flag, FlagFile, FlagFormat, FlagHistory, FlagLookup, FlagOverride, FlagScan, FlagStep, FlagTier,
    ScannedFile,
};
pub use hub::{Subscription, Topic};
pub use match_log::{
    BadMatchLog, LogComparison, LogDifference, LogFlaw, LogItem, LogJoin, LogState, LoggedGamJeom, LoggedHit,
    LoggedPoint, MatchLog, MatchLogId, Pair, RoundComparison, StoredMatchLog, Tally,
};
pub use models::{
    challenge::StoredChallenge, injury::StoredInjury, match_::StoredMatch, match_event::StoredEvent,
};
pub use prune::{PrunableSession, Retention};
pub use query::{
    AthleteRow, BadCursor, Counts, Cursor, EventCounts, EventRow, HitRow, MatchRow, MessageCounts,
    MessageRow, Order, Page, Query, Rows,
};
pub use reader::{AthleteId, MatchId, SessionDump, StoredDatagram, StoredMessage};
pub use recognition::{NewPssEvent, RecognitionChange, StatusUpdate};
pub use refill::Refilled;
pub use reprocess::{
    Changes, Difference, KeptStatus, MatchDifference, Rereading, ResultChange, StatusChanges, WhichSessions,
};
pub use rules::{JudgedMessage, ResetRule, RuleHistoryEntry, RuleOrigin, RuleTrial, StatusShift, StoredRule};
pub use session::{NewSession, Session, SessionId, SessionKind};
pub use settings::{Setting, SettingChange, SettingDifference, SettingKind, SettingValue};
pub use sink::{StoreSink, WhenFull};
pub use slow::SlowQuery;
pub use statistics::{EventStatistics, ProcessingCounts, StatisticsFilter};
pub use status::{StoreStatus, Written};
pub use store::Store;
#[cfg(feature = "testing")]
pub use testing::{TestLock, TestStore};
pub use tournament::{
    SessionChoice, StoredTournament, TournamentChange, TournamentId, TournamentInfo, TournamentMatch,
};
pub use unknown::{Occurrence, Resolved, UnknownEvent, UnknownFilter};

mod archive;
mod assembly;
mod athletes;
mod backup;
mod batch;
mod cache;
mod change;
mod clock;
mod config;
mod connection;
mod courses;
mod database_file;
mod digest;
mod error;
mod event_id;
mod event_type;
mod export;
mod flags;
mod hub;
mod match_log;
mod models;
mod older;
mod prune;
mod query;
mod queue;
mod reader;
mod recognition;
mod refill;
mod reprocess;
mod rules;
mod schema;
mod session;
mod settings;
pub mod signed;
mod sink;
mod slow;
mod statistics;
mod status;
mod store;
#[cfg(feature = "testing")]
mod testing;
mod tournament;
mod unfinished;
mod unknown;
mod words;
mod writer;
