//! Sessions in one file that can be kept for years, given away and put into another database.
//!
//! An archive is a tar file through gzip with three members in this order: `manifest.json`, which names the
//! sessions and the SHA-256 of the rest; `manifest.sig`, unless it is not signed; `event.db`, a database of the
//! same schema with those sessions and what they refer to.

mod create;
mod import;
mod manifest;
mod open;
mod rows;

use std::{fs::File, io, path::Path};

use sha2::{Digest as _, Sha256};

pub use self::{
    create::{ArchiveRequest, ArchiveSelection, Archived},
    import::{ImportOutcome, ImportedSession},
    manifest::{ArchiveManifest, ArchiveMember, ArchivedSession},
    open::OpenedArchive,
};
use crate::backup::hex;

/// The length and the SHA-256 of a file.
fn digest(path: &Path) -> io::Result<(u64, String)> {
    let mut hash = Sha256::new();
    let mut counted = Counted { bytes: 0, to: &mut hash };
    io::copy(&mut File::open(path)?, &mut counted)?;
    let bytes = counted.bytes;
    Ok((bytes, hex(&hash.finalize())))
}

/// Hashes what is written.
struct Counted<'a> {
    bytes: u64,
    to: &'a mut Sha256,
}

impl io::Write for Counted<'_> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.to.update(bytes);
        self.bytes += bytes.len() as u64;
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}
