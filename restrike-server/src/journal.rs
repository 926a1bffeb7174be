//! The journal: every accepted datagram of a ring in a text file, before anything is made of it.
//!
//! One file per ring and start, `DATA_DIR/journal/RING-START.journal`, in the format of
//! [`pss_protocol::capture`], so that `restrike` reads it like any other capture. One thread writes for all
//! rings: a disk that stalls or is full costs the journal, never the match.

use std::{
    fs::{self, File, OpenOptions},
    io::{self, Write},
    path::{Path, PathBuf},
    sync::{
        Arc, Mutex, PoisonError,
        atomic::{AtomicU64, Ordering::Relaxed},
    },
    thread::{self, JoinHandle},
    time::Duration,
};

use crossbeam_channel::{Receiver, Sender, TrySendError, bounded};

/// Texts that may wait for the disk. Under load each holds many lines; beyond, lines are lost and counted.
const QUEUE: usize = 4096;

/// Where lines go.
#[derive(Clone, Debug)]
pub(crate) struct Journal {
    queue: Sender<Work>,
    status: Arc<JournalStatus>,
    file: usize,
    path: Arc<Path>,
}

/// The writing thread; ends when the last [`Journal`] is dropped.
#[derive(Debug)]
pub(crate) struct JournalWriter {
    files: Vec<Target<File>>,
    status: Arc<JournalStatus>,
}

/// How the writing goes.
#[derive(Debug, Default)]
pub(crate) struct JournalStatus {
    /// Datagrams.
    lost: AtomicU64,
    error: Mutex<Option<String>>,
}

/// A file that lines go to.
#[derive(Debug)]
struct Target<W> {
    path: PathBuf,
    file: W,
    /// It may end in the middle of a line: the last write failed.
    torn: bool,
}

#[derive(Debug)]
enum Work {
    Lines {
        file: usize,
        text: String,
    },
    /// Tell when all that came before is in the file.
    Sync(Sender<()>),
}

impl JournalStatus {
    /// What is not as it should be, for `/readyz`.
    pub(crate) fn reasons(&self) -> Vec<String> {
        let mut reasons: Vec<_> =
            self.error.lock().unwrap_or_else(PoisonError::into_inner).iter().cloned().collect();
        match self.lost.load(Relaxed) {
            0 => {}
            lost => {
                reasons.push(format!("journal: the disk is too slow or full, {lost} datagrams are not in it"))
            }
        }
        reasons
    }

    /// Each line is a datagram.
    fn add_lost(&self, text: &str) {
        self.lost.fetch_add(text.lines().filter(|line| !line.is_empty()).count() as u64, Relaxed);
    }

    fn set_error(&self, error: Option<String>) {
        *self.error.lock().unwrap_or_else(PoisonError::into_inner) = error;
    }
}

/// Where the journal of a ring and a start is.
pub(crate) fn path_of(dir: &Path, ring: &str, start: &str) -> PathBuf {
    dir.join(format!("{ring}-{start}.journal"))
}

impl JournalWriter {
    /// Creates a file for each ring; `start` makes its name differ from those of other starts.
    ///
    /// # Errors
    ///
    /// The path that cannot be created, and why.
    pub(crate) fn create(dir: &Path, rings: &[&str], start: &str) -> Result<Self, (PathBuf, io::Error)> {
        fs::create_dir_all(dir).map_err(|error| (dir.to_owned(), error))?;
        let file = |ring: &&str| {
            let path = path_of(dir, ring, start);
            match OpenOptions::new().create_new(true).append(true).open(&path) {
                Ok(file) => Ok(Target { path, file, torn: false }),
                Err(error) => Err((path, error)),
            }
        };
        let files = rings.iter().map(file).collect::<Result<_, _>>()?;
        Ok(Self { files, status: Arc::default() })
    }

    /// How the writing goes.
    pub(crate) fn status(&self) -> Arc<JournalStatus> {
        Arc::clone(&self.status)
    }

    /// Starts the thread and gives each ring its end, in the order of the rings.
    pub(crate) fn spawn(self) -> io::Result<(Vec<Journal>, JoinHandle<()>)> {
        let (queue, lines) = bounded(QUEUE);
        let status = self.status();
        let journals = self.files.iter().enumerate().map(|(file, target)| Journal {
            queue: queue.clone(),
            status: self.status(),
            file,
            path: target.path.as_path().into(),
        });
        let journals = journals.collect();
        drop(queue);
        let thread = thread::Builder::new()
            .name("journal".to_owned())
            .spawn(move || write(self.files, &lines, &status))?;
        Ok((journals, thread))
    }
}

impl Journal {
    /// Hands over whole lines; never waits.
    pub(crate) fn append(&self, text: String) {
        if text.is_empty() {
            return;
        }
        match self.queue.try_send(Work::Lines { file: self.file, text }) {
            Ok(()) => {}
            Err(TrySendError::Full(work) | TrySendError::Disconnected(work)) => {
                if let Work::Lines { text, .. } = work {
                    self.status.add_lost(&text);
                }
            }
        }
    }

    /// The file of this ring.
    pub(crate) fn path(&self) -> &Path {
        &self.path
    }

    /// Waits until all that was handed over so far is in the file; `false` when that takes too long.
    pub(crate) fn sync(&self, patience: Duration) -> bool {
        let (done, synced) = bounded(1);
        self.queue.send_timeout(Work::Sync(done), patience).is_ok() && synced.recv_timeout(patience).is_ok()
    }
}

impl<W: Write> Target<W> {
    /// Adds whole lines. Behind half a line they begin a new one, or the first of them would be lost with it.
    fn append(&mut self, text: &str) -> io::Result<()> {
        let end_of_line = if self.torn { "\n" } else { "" };
        let result =
            self.file.write_all(end_of_line.as_bytes()).and_then(|()| self.file.write_all(text.as_bytes()));
        self.torn = result.is_err();
        result
    }
}

fn write(mut files: Vec<Target<File>>, work: &Receiver<Work>, status: &JournalStatus) {
    let mut failing = false;
    for work in work {
        let (file, text) = match work {
            Work::Lines { file, text } => (file, text),
            Work::Sync(done) => {
                // Who waited for it may have lost patience.
                let _ = done.send(());
                continue;
            }
        };
        let target = &mut files[file];
        let result = target.append(&text);
        let path = &target.path;
        if result.is_err() {
            status.add_lost(&text);
        }
        // The state is set when it changes, not for each of the thousands of lines of a full disk.
        match result {
            Ok(()) if failing => {
                tracing::info!(path = %path.display(), "the journal can be written again");
                status.set_error(None);
                failing = false;
            }
            Err(error) if !failing => {
                tracing::error!(path = %path.display(), %error, "cannot write the journal");
                status.set_error(Some(format!("journal: cannot write {}: {error}", path.display())));
                failing = true;
            }
            _ => {}
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn writes_each_ring_to_its_file() {
        let dir = tempfile::tempdir().unwrap();
        let writer = JournalWriter::create(&dir.path().join("journal"), &["1", "2"], "now").unwrap();
        let status = writer.status();
        let (journals, thread) = writer.spawn().unwrap();
        journals[1].append("b\n".to_owned());
        journals[0].append("a\n".to_owned());
        journals[1].append("c\n".to_owned());
        drop(journals);
        thread.join().unwrap();
        let read = |name| fs::read_to_string(dir.path().join("journal").join(name)).unwrap();
        assert_eq!((read("1-now.journal").as_str(), read("2-now.journal").as_str()), ("a\n", "b\nc\n"));
        assert_eq!(status.reasons(), [""; 0]);
    }

    #[test]
    fn a_start_never_writes_into_an_older_file() {
        let dir = tempfile::tempdir().unwrap();
        JournalWriter::create(dir.path(), &["1"], "now").unwrap();
        let (path, error) = JournalWriter::create(dir.path(), &["1"], "now").unwrap_err();
        assert_eq!(error.kind(), io::ErrorKind::AlreadyExists);
        assert!(path.ends_with("1-now.journal"));
    }

    /// A disk with so much room left.
    struct Disk {
        kept: Vec<u8>,
        room: usize,
    }

    impl Write for Disk {
        fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
            let length = bytes.len().min(self.room);
            if length == 0 {
                return Err(io::ErrorKind::StorageFull.into());
            }
            self.room -= length;
            self.kept.extend_from_slice(&bytes[..length]);
            Ok(length)
        }

        fn flush(&mut self) -> io::Result<()> {
            Ok(())
        }
    }

    #[test]
    fn half_a_line_takes_no_other_with_it() {
        let disk = Disk { kept: Vec::new(), room: 6 };
        let mut target = Target { path: PathBuf::new(), file: disk, torn: false };
        target.append("one\n").unwrap();
        target.append("two\n").unwrap_err();
        target.append("three\n").unwrap_err();
        target.file.room = 100;
        target.append("four\n").unwrap();
        target.append("five\n").unwrap();
        assert_eq!(String::from_utf8(target.file.kept).unwrap(), "one\ntw\nfour\nfive\n");
    }

    #[cfg(target_os = "linux")]
    #[test]
    fn a_full_disk_is_a_reason_and_no_more() {
        let path = PathBuf::from("/dev/full");
        let file = OpenOptions::new().append(true).open(&path).unwrap();
        let files = vec![Target { path, file, torn: false }];
        let writer = JournalWriter { files, status: Arc::default() };
        let status = writer.status();
        let (journals, thread) = writer.spawn().unwrap();
        journals[0].append("a\nb\n".to_owned());
        assert!(journals[0].sync(Duration::from_secs(60)));
        drop(journals);
        thread.join().unwrap();
        let [reason, lost] = &status.reasons()[..] else { panic!("{status:?}") };
        assert!(reason.starts_with("journal: cannot write /dev/full: "), "{reason}");
        assert!(lost.ends_with("2 datagrams are not in it"), "{lost}");
    }
}
