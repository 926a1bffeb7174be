//! A new file that is there as a whole or not at all.

use std::{
    fs::{self, File},
    io::{BufWriter, Write as _},
    path::{Path, PathBuf},
};

use anyhow::{Context as _, bail};

use crate::output::text::Harmless;

/// Fails when a file of this name is there and is not to be replaced. What takes long asks before it begins.
pub(crate) fn refuse_existing(path: &Path, force: bool) -> anyhow::Result<()> {
    if path.exists() && !force {
        bail!(
            "{} is there already; remove it, choose another name, or give --force",
            Harmless(path.display())
        );
    }
    Ok(())
}

/// Makes the file under another name, and gives it its own once all is written: half of it would look like a whole
/// one. A file that was there is replaced only with `force`.
pub(crate) fn write_whole<T>(
    path: &Path,
    force: bool,
    write: impl FnOnce(&mut BufWriter<File>) -> anyhow::Result<T>,
) -> anyhow::Result<T> {
    refuse_existing(path, force)?;
    let unfinished = beside(path)?;
    let written = (|| {
        let mut file = BufWriter::new(File::create_new(&unfinished).context("it cannot be made")?);
        let done = write(&mut file)?;
        file.flush().context("it cannot be written")?;
        file.get_ref().sync_all().context("it cannot be written")?;
        fs::rename(&unfinished, path).context("it cannot be put in its place")?;
        anyhow::Ok(done)
    })();
    if written.is_err() {
        let _ = fs::remove_file(&unfinished);
    }
    written.with_context(|| Harmless(path.display()).to_string())
}

/// The same folder, another name.
fn beside(path: &Path) -> anyhow::Result<PathBuf> {
    let name = path.file_name().with_context(|| format!("{} is no name of a file", path.display()))?;
    let process = std::process::id();
    Ok(path.with_file_name(format!(".{}.{process}.unfinished", name.to_string_lossy())))
}
