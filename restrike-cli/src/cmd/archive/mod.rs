//! `restrike archive`: sessions in one file that can be kept, given away and put into another database.

mod create;
mod import;
mod keygen;
pub(crate) mod keys;
mod verify;

use pss_protocol::Timestamp;
use pss_store::{ArchivedSession, OpenedArchive, signed::Trust};
use serde::Serialize;

use super::Outcome;
use crate::output::text::Harmless;

#[derive(Debug, clap::Args)]
pub(crate) struct ArchiveArgs {
    #[command(subcommand)]
    verb: ArchiveVerb,
}

#[derive(Debug, clap::Subcommand)]
enum ArchiveVerb {
    /// Puts sessions into a new archive.
    Create(create::CreateArgs),
    /// Reads all of an archive and says who signed it.
    Verify(verify::VerifyArgs),
    /// Puts an archive's sessions into a database. What is there already is not added again.
    Import(import::ImportArgs),
    /// Makes a key pair for signing.
    Keygen(keygen::KeygenArgs),
}

pub(super) fn run(args: &ArchiveArgs) -> anyhow::Result<Outcome> {
    match &args.verb {
        ArchiveVerb::Create(args) => create::run(args),
        ArchiveVerb::Verify(args) => verify::run(args),
        ArchiveVerb::Import(args) => import::run(args),
        ArchiveVerb::Keygen(args) => keygen::run(args),
    }
}

/// A session of an archive, for JSON.
#[derive(Serialize)]
struct SessionReport<'a> {
    ring: &'a str,
    ring_uuid: &'a str,
    epoch: i64,
    kind: &'a str,
    started_at: Timestamp,
    ended_at: Option<Timestamp>,
    datagrams: i64,
    messages: i64,
    events: i64,
    matches: i64,
}

impl<'a> From<&'a ArchivedSession> for SessionReport<'a> {
    fn from(session: &'a ArchivedSession) -> Self {
        Self {
            ring: &session.ring,
            ring_uuid: &session.ring_uuid,
            epoch: session.epoch,
            kind: &session.kind,
            started_at: Timestamp(session.started_at),
            ended_at: session.ended_at.map(Timestamp),
            datagrams: session.datagrams,
            messages: session.messages,
            events: session.events,
            matches: session.matches,
        }
    }
}

fn sessions(sessions: &[ArchivedSession]) -> Vec<SessionReport<'_>> {
    sessions.iter().map(SessionReport::from).collect()
}

fn session_line(session: &SessionReport<'_>) -> String {
    format!(
        "  began {}  {:>9} datagrams  {:>4} matches  ring {}",
        session.started_at,
        session.datagrams,
        session.matches,
        Harmless(session.ring)
    )
}

/// Who vouches for an archive: a word for JSON, the key's name, a sentence for people.
fn signer(archive: &OpenedArchive) -> (&'static str, Option<String>, String) {
    match archive.trust() {
        Some(Trust::Trusted(id)) => ("trusted", Some(id.to_string()), format!("signed by {id}; trusted")),
        Some(Trust::Unknown(id)) => (
            "unknown",
            Some(id.to_string()),
            format!("intact, but its signer is not known: {id}; give the public key with --key"),
        ),
        None => ("unsigned", None, String::from("intact, but nobody signed it")),
    }
}
