//! Reading an archive that may come from anybody.

use std::{
    fs::{self, File},
    io::{self, BufRead, BufReader, Read, Write as _},
    path::{Path, PathBuf},
};

use flate2::bufread::GzDecoder;
use tar::{Entry, EntryType};
use tempfile::TempDir;

use super::{
    ArchiveManifest, Counted,
    create::archived,
    manifest::{DATABASE, FORMAT, KIND, MANIFEST, SIGNATURE},
};
use crate::{
    DatabaseFile, StoreError,
    backup::hex,
    connection,
    signed::{PublicKey, Signature, Trust},
    unfinished::cannot_make,
};

/// An archive that was read to its end and found whole: every byte is what its manifest says, the database in
/// it is whole and holds the sessions that the manifest names, and a signature, where there is one, fits.
///
/// The database lies in a temporary folder, which goes when the value goes.
#[derive(Debug)]
pub struct OpenedArchive {
    manifest: ArchiveManifest,
    trust: Option<Trust>,
    folder: TempDir,
}

impl OpenedArchive {
    /// Reads an archive. `scratch` is a folder with room for the database in it.
    ///
    /// # Errors
    ///
    /// [`StoreError::BadArchive`] when it is cut short, changed or made to do harm: members that do not belong
    /// there, links, sizes that no database of its length has, a database with tables or triggers of its own.
    /// [`StoreError::NewerSchema`] when a newer version made it.
    pub fn open(path: &Path, scratch: &Path, trusted: &[PublicKey]) -> Result<Self, StoreError> {
        let bad = |reason: String| StoreError::BadArchive { path: path.to_owned(), reason };
        let file = File::open(path).map_err(|error| match error.kind() {
            io::ErrorKind::NotFound => StoreError::Missing { path: path.to_owned() },
            _ => StoreError::CannotOpen { path: path.to_owned(), reason: error.to_string() },
        })?;
        let length = file.metadata().map_or(0, |metadata| metadata.len());
        let folder = tempfile::Builder::new()
            .prefix(".restrike-archive-")
            .tempdir_in(scratch)
            .map_err(|error| cannot_make(scratch, &error))?;

        let mut tar = tar::Archive::new(GzDecoder::new(BufReader::new(file)));
        // Raw: what extends the format (long names, sparse files) is for us only a member of a wrong kind.
        let mut members = tar.entries().map_err(|error| bad(unreadable(&error)))?.raw(true);
        let mut next = |expected: &'static str| match members.next() {
            None => Err(bad(format!("it ends before {expected}"))),
            Some(Err(error)) => Err(bad(unreadable(&error))),
            Some(Ok(member)) => Ok(member),
        };

        let mut member = next(MANIFEST)?;
        let document = small(&mut member, MANIFEST, MOST_MANIFEST).map_err(bad)?;
        let manifest: ArchiveManifest = serde_json::from_slice(&document)
            .map_err(|error| bad(format!("its manifest cannot be read: {error}")))?;
        let described = describes_an_archive(&manifest, length).map_err(bad)?;

        let mut member = next(DATABASE)?;
        let mut trust = None;
        if name(&member) == SIGNATURE {
            let signature = small(&mut member, SIGNATURE, MOST_SIGNATURE).map_err(bad)?;
            let verified = Signature::from_json(&signature).and_then(|it| it.verify(&document, trusted));
            trust = Some(verified.map_err(|error| bad(error.to_string()))?);
            member = next(DATABASE)?;
        }
        // Newer ones are refused before gigabytes are unpacked.
        let known = connection::newest_schema();
        if manifest.schema > known {
            return Err(StoreError::NewerSchema { path: path.to_owned(), found: manifest.schema, known });
        }
        let database = folder.path().join(DATABASE);
        unpack(&mut member, &database, described).map_err(|error| match error {
            Unpack::Bad(reason) => bad(reason),
            Unpack::Write(error) => cannot_make(&database, &error),
        })?;
        drop(member);
        if members.next().is_some() {
            return Err(bad(String::from("there is more in it than belongs there")));
        }
        ends(tar.into_inner()).map_err(bad)?;
        let opened = Self { manifest, trust, folder };
        opened.verify_database().map_err(|error| match error {
            StoreError::DiskFull { .. } => StoreError::DiskFull { path: scratch.to_owned() },
            other => bad(other.to_string().replace(&opened.database().display().to_string(), DATABASE)),
        })?;
        Ok(opened)
    }

    /// What it says about itself.
    pub fn manifest(&self) -> &ArchiveManifest {
        &self.manifest
    }

    /// Who signed it; `None` when nobody did, so that nothing tells who made it.
    pub fn trust(&self) -> Option<Trust> {
        self.trust
    }

    /// The database in it, for as long as this value lives.
    pub(super) fn database(&self) -> PathBuf {
        self.folder.path().join(DATABASE)
    }

    /// Demands that the database is whole and is what the manifest says, then brings it to today's schema.
    fn verify_database(&self) -> Result<(), StoreError> {
        let path = self.database();
        let damaged = |reason: String| StoreError::Damaged { path: self.database(), reason };
        let file = DatabaseFile::new(&path)?;
        let found = file.verify()?;
        if let Some(damage) = found.damage.into_iter().next() {
            return Err(damaged(damage));
        }
        if found.schema.found.as_deref() != Some(self.manifest.schema.as_str()) {
            return Err(damaged(String::from("its schema is not the one of the manifest")));
        }
        file.migrate()?;
        let sessions = archived(&mut connection::look(&path)?)
            .map_err(|error| StoreError::from_sqlite(&path, &error.to_string()))?;
        if sessions != self.manifest.sessions {
            return Err(damaged(String::from("it does not hold the sessions of the manifest")));
        }
        Ok(())
    }
}

/// The length and hash of the database, from a manifest that makes sense.
fn describes_an_archive(manifest: &ArchiveManifest, length: u64) -> Result<(u64, &str), String> {
    if manifest.kind != KIND {
        return Err(String::from("its manifest is of something else"));
    }
    if manifest.format != FORMAT {
        return Err(format!("its format is {}, this version knows {FORMAT}", manifest.format));
    }
    let [member] = manifest.members.as_slice() else {
        return Err(String::from("its manifest names other members than belong there"));
    };
    if member.name != DATABASE {
        return Err(format!("its manifest names no {DATABASE}"));
    }
    if member.bytes > length.saturating_mul(MOST_COMPRESSED).saturating_add(SMALLEST) {
        return Err(String::from("it would become far larger than any archive of its length"));
    }
    Ok((member.bytes, &member.sha256))
}

fn name<R: Read>(member: &Entry<'_, R>) -> String {
    String::from_utf8_lossy(&member.path_bytes()).into_owned()
}

/// Demands a plain file of this name.
fn expect<R: Read>(member: &Entry<'_, R>, expected: &str) -> Result<(), String> {
    let name = name(member);
    if name != expected || member.header().entry_type() != EntryType::Regular {
        return Err(format!("it holds {name:?} where the file {expected} belongs"));
    }
    Ok(())
}

fn small<R: Read>(member: &mut Entry<'_, R>, expected: &str, most: u64) -> Result<Vec<u8>, String> {
    expect(member, expected)?;
    if member.size() > most {
        return Err(format!("{expected} is too large"));
    }
    let mut content = Vec::new();
    member.read_to_end(&mut content).map_err(|error| unreadable(&error))?;
    if content.len() as u64 != member.size() {
        return Err(format!("{expected} is cut short"));
    }
    Ok(content)
}

enum Unpack {
    Bad(String),
    Write(io::Error),
}

/// Writes the database, at most as long as it should be, and demands that it is the one that was described.
fn unpack<R: Read>(
    member: &mut Entry<'_, R>,
    path: &Path,
    (bytes, sha256): (u64, &str),
) -> Result<(), Unpack> {
    use sha2::Digest as _;
    let changed = || Unpack::Bad(format!("{DATABASE} is not the one that its manifest describes"));
    expect(member, DATABASE).map_err(Unpack::Bad)?;
    if member.size() != bytes {
        return Err(changed());
    }
    let mut hash = sha2::Sha256::new();
    let mut counted = Counted { bytes: 0, to: &mut hash };
    let mut file = File::create_new(path).map_err(Unpack::Write)?;
    let mut buffer = vec![0; 256 * 1024];
    loop {
        let read = match member.read(&mut buffer) {
            Ok(0) => break,
            Ok(read) => read,
            Err(error) if error.kind() == io::ErrorKind::Interrupted => continue,
            Err(error) => return Err(Unpack::Bad(unreadable(&error))),
        };
        file.write_all(&buffer[..read]).map_err(Unpack::Write)?;
        counted.write_all(&buffer[..read]).expect("hashing does not fail");
    }
    file.sync_all().map_err(Unpack::Write)?;
    let whole = counted.bytes == bytes && hex(&hash.finalize()) == sha256;
    if !whole {
        let _ = fs::remove_file(path);
        return Err(changed());
    }
    Ok(())
}

/// Demands that nothing follows the last member but the zeros that fill a tar, and that the checksum behind them fits.
fn ends<R: BufRead>(mut rest: GzDecoder<R>) -> Result<(), String> {
    let more = || String::from("there is more in it than belongs there");
    let mut buffer = [0; 4096];
    loop {
        match rest.read(&mut buffer) {
            Ok(0) => break,
            Ok(read) if buffer[..read].iter().all(|byte| *byte == 0) => {}
            Ok(_) => return Err(more()),
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            Err(error) => return Err(unreadable(&error)),
        }
    }
    let behind = rest.into_inner().fill_buf().map_err(|error| unreadable(&error))?.is_empty();
    if behind { Ok(()) } else { Err(more()) }
}

fn unreadable(error: &io::Error) -> String {
    format!("it is cut short or no archive: {error}")
}

const MOST_MANIFEST: u64 = 16 << 20;
const MOST_SIGNATURE: u64 = 64 << 10;

/// Databases become a fifth to a thirtieth; what becomes a five-hundredth is made of nothing.
const MOST_COMPRESSED: u64 = 500;

/// An empty database is small enough to be compressed further than a real one.
const SMALLEST: u64 = 4 << 20;
