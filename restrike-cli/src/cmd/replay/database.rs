//! A recording into a database.

use std::{
    io::{self, Read},
    net::SocketAddr,
    path::Path,
    time::Duration,
};

use anyhow::{Context as _, anyhow};
use hitlevel::HitLinker;
use pss_protocol::{Both, Linker as _, Pipeline, PipelineConfig};
use pss_store::{NewSession, SessionId, SessionKind, SourceDigest, Store, StoreError, WhenFull};

use super::super::{Outcome, for_each_input, progress};
use crate::{
    args::{InputArgs, ReplayArgs},
    clock,
    database::store_config,
    input,
    output::{complain, text::Harmless},
    reading::{Failure, Reading},
    rings::ring_name,
};

/// Each ring of each input becomes a session of its own.
pub(super) fn run(args: &ReplayArgs, path: &Path) -> anyhow::Result<Outcome> {
    let store = Store::open(store_config(path))?;
    let rules = store.rule_book()?;
    let window = Duration::from_millis(store.setting("pipeline", "reorder_window_ms")?);
    let progress = progress(&args.input, false);
    let outcome = for_each_input(&args.input, &progress, |file| {
        let (digest, kept) = digest(file, &args.input).map_err(Failure::Input)?;
        let mut reading = match kept {
            Some(bytes) => Reading::new(file, Box::new(io::Cursor::new(bytes)), &args.input, &progress),
            None => Reading::open(file, &args.input, &progress),
        }
        .map_err(Failure::Input)?;
        let origin = file.display().to_string();
        let mut sessions = Vec::new();
        let (rings, fed) = reading.feed_rings(
            |ring, place, mut config| {
                config.reorder_window = window;
                let session = begin_session(&store, args, &origin, digest, (ring, place), config)?;
                sessions.push(session);
                let sink = Both(store.sink(session, WhenFull::Wait), HitLinker::default());
                Ok(Pipeline::with_rules(config, rules.clone(), sink))
            },
            |Both(sink, linker), took| {
                sink.processed(took);
                sink.take_links(linker);
            },
        );
        for pipeline in rings {
            let Both(mut sink, mut linker) = pipeline.finish();
            linker.settle();
            sink.take_links(&mut linker);
            sink.finish(clock::wall()).map_err(|error| Failure::Output(error.into()))?;
        }
        fed?;
        let summary = reading.finish();
        let named = match sessions.as_slice() {
            [only] => format!("session {only}"),
            several => {
                let list: Vec<String> = several.iter().map(ToString::to_string).collect();
                format!("sessions {}, one for each ring", list.join(", "))
            }
        };
        progress.complain(format_args!("{}: {} datagrams are {named}", Harmless(&origin), summary.kept));
        Ok(summary)
    })?;
    let written = store.close()?;
    drop(progress);
    complain(format_args!(
        "{} datagrams, {} messages and {} events stored in {}",
        written.datagrams,
        written.messages,
        written.events,
        path.display()
    ));
    Ok(outcome)
}

/// The session of a ring. Those after the first are named by the place that they speak to as well.
fn begin_session(
    store: &Store,
    args: &ReplayArgs,
    origin: &str,
    digest: [u8; 32],
    (ring, place): (usize, Option<SocketAddr>),
    config: PipelineConfig,
) -> Result<SessionId, Failure> {
    let place = place.filter(|_| ring > 0);
    let name = ring_name(&args.ring, place);
    let digest = match place {
        None => digest,
        Some(place) => {
            let mut of_ring = SourceDigest::default();
            of_ring.update(&digest);
            of_ring.update(place.to_string().as_bytes());
            of_ring.finish()
        }
    };
    let session = store.begin_session(NewSession {
        ring: &name,
        kind: SessionKind::Replay,
        origin: Some(origin),
        digest: Some(digest),
        again: args.again,
        started_at: clock::wall(),
        reading: config,
    });
    session.map_err(|error| match error {
        StoreError::AlreadyReplayed { session, finished } => {
            let cut = if finished { "" } else { ", which did not come to its end" };
            Failure::Input(anyhow!(
                "was replayed before, as session {session}{cut}; --again replays it again"
            ))
        }
        other => Failure::Output(other.into()),
    })
}

/// What tells this input from every other, and the bytes of one that cannot be read twice. The same file read
/// through another `--port` or `--source` is another input.
fn digest(path: &Path, args: &InputArgs) -> anyhow::Result<([u8; 32], Option<Vec<u8>>)> {
    let (mut bytes, length) = input::open(path)?;
    let mut digest = SourceDigest::default();
    let mut kept = length.is_none().then(Vec::new);
    let mut buffer = vec![0; 64 * 1024];
    loop {
        let read = match bytes.read(&mut buffer) {
            Err(error) if error.kind() == io::ErrorKind::Interrupted => continue,
            other => other.context("cannot be read")?,
        };
        if read == 0 {
            break;
        }
        digest.update(&buffer[..read]);
        if let Some(kept) = &mut kept {
            kept.extend_from_slice(&buffer[..read]);
        }
    }
    if args.port.is_some() || args.source.is_some() {
        digest.update(format!("{:?} {:?}", args.port, args.source).as_bytes());
    }
    Ok((digest.finish(), kept))
}
