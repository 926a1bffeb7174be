//! A new file that is there as a whole or not at all.

use std::{
    fs::{self, File},
    io::{self, BufWriter, Write as _},
    path::{Path, PathBuf},
};

use anyhow::{Context as _, bail};

use crate::output::text::Harmless;

/// Fails when nothing can be put there: a file of this name is there and is not to be replaced, or it is no file at all.
/// What takes long asks before it begins.
pub(crate) fn refuse_existing(path: &Path, force: bool) -> anyhow::Result<()> {
    target(path, force).map(drop)
}

/// The file that is meant, behind all links. A device or a pipe is never replaced by a file, nor is a link.
fn target(path: &Path, force: bool) -> anyhow::Result<PathBuf> {
    let shown = || Harmless(path.display()).to_string();
    let is_link = match fs::symlink_metadata(path) {
        Ok(found) => found.is_symlink(),
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(path.to_owned()),
        Err(error) => return Err(error).with_context(shown),
    };
    let found = match fs::metadata(path) {
        Ok(found) => found,
        Err(error) if is_link && error.kind() == io::ErrorKind::NotFound => {
            bail!("{} is a link to nothing; remove it, or name the file that is to be made", shown())
        }
        Err(error) => return Err(error).with_context(shown),
    };
    if found.is_dir() {
        bail!("{} is a folder; name a file in it", shown());
    }
    if !found.is_file() {
        bail!("{} is no file but a device, a pipe or the like; name a file", shown());
    }
    if !force {
        bail!("{} is there already; remove it, choose another name, or give --force", shown());
    }
    if is_link { fs::canonicalize(path).with_context(shown) } else { Ok(path.to_owned()) }
}

/// Makes the file under another name, and gives it its own once all is written: half of it would look like a whole
/// one. A file that was there is replaced only with `force`, and where the name is a link, the file that it leads to.
pub(crate) fn write_whole<T>(
    path: &Path,
    force: bool,
    write: impl FnOnce(&mut BufWriter<File>) -> anyhow::Result<T>,
) -> anyhow::Result<T> {
    let target = target(path, force)?;
    let unfinished = beside(&target)?;
    let written = (|| {
        let mut file = BufWriter::new(File::create_new(&unfinished).context("it cannot be made")?);
        let done = write(&mut file)?;
        file.flush().context("it cannot be written")?;
        file.get_ref().sync_all().context("it cannot be written")?;
        fs::rename(&unfinished, &target).context("it cannot be put in its place")?;
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

#[cfg(all(test, unix))]
mod tests {
    use std::{
        os::unix::{fs::symlink, net::UnixListener},
        process::Command,
    };

    use super::*;

    fn put(path: &Path, force: bool) -> Result<(), String> {
        write_whole(path, force, |file| Ok(file.write_all(b"new")?)).map_err(|error| format!("{error:#}"))
    }

    #[test]
    fn only_files_are_replaced() {
        let folder = tempfile::tempdir().unwrap();
        let at = |name: &str| folder.path().join(name);
        let (socket, pipe) = (at("socket"), at("pipe"));
        let _listener = UnixListener::bind(&socket).unwrap();
        assert!(Command::new("mkfifo").arg(&pipe).status().unwrap().success());
        symlink(&pipe, at("to the pipe")).unwrap();
        symlink("nowhere", at("dangling")).unwrap();
        for (name, said) in [
            ("socket", "no file but a device"),
            ("pipe", "no file but a device"),
            ("to the pipe", "no file but a device"),
            ("dangling", "is a link to nothing"),
            (".", "is a folder"),
        ] {
            let before = fs::symlink_metadata(at(name)).unwrap().file_type();
            for force in [false, true] {
                let refused = put(&at(name), force).unwrap_err();
                assert!(refused.contains(said), "{name}: {refused}");
                assert_eq!(refuse_existing(&at(name), force).unwrap_err().to_string(), refused);
            }
            assert_eq!(fs::symlink_metadata(at(name)).unwrap().file_type(), before, "{name}");
        }
        assert!(!at("nowhere").exists());
    }

    #[test]
    fn a_link_stays_and_its_file_is_replaced() {
        let folder = tempfile::tempdir().unwrap();
        let (link, elsewhere) = (folder.path().join("link"), folder.path().join("elsewhere"));
        fs::create_dir(&elsewhere).unwrap();
        fs::write(elsewhere.join("page.html"), "old").unwrap();
        symlink("elsewhere/page.html", &link).unwrap();
        assert!(put(&link, false).unwrap_err().contains("is there already"));
        put(&link, true).unwrap();
        assert!(fs::symlink_metadata(&link).unwrap().is_symlink());
        assert_eq!(fs::read_to_string(elsewhere.join("page.html")).unwrap(), "new");
        assert_eq!(fs::read_dir(&elsewhere).unwrap().count(), 1, "nothing unfinished is left");
    }
}
