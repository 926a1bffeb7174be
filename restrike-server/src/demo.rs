//! `--demo`: a match that never was, over real UDP on this machine, with a database of its own.

use std::{
    io,
    net::{Ipv4Addr, Ipv6Addr, SocketAddr, UdpSocket},
    path::{Path, PathBuf},
    thread::{self, JoinHandle},
    time::Duration,
};

use crossbeam_channel::{Receiver, RecvTimeoutError, Sender, bounded};
use pss_protocol::simulate::{Simulator, SimulatorConfig};
use tempfile::TempDir;

use crate::{clock::Clock, config::Config};

/// Where the demo keeps its data: never where the live server does.
#[derive(Debug)]
pub struct DemoData {
    dir: PathBuf,
    /// Removed at the end.
    _temporary: Option<TempDir>,
}

impl DemoData {
    /// Below the directory that was asked for, or a temporary one.
    ///
    /// # Errors
    ///
    /// When no temporary directory can be made.
    pub fn create(asked: Option<&Path>) -> io::Result<Self> {
        match asked {
            Some(dir) => Ok(Self { dir: dir.join("demo"), _temporary: None }),
            None => {
                let temporary = tempfile::Builder::new().prefix("restrike-demo-").tempdir()?;
                Ok(Self { dir: temporary.path().to_owned(), _temporary: Some(temporary) })
            }
        }
    }

    /// The same settings with this data, and rings that hear only this machine on ports that disturb nobody.
    #[must_use]
    pub fn apply(&self, mut config: Config) -> Config {
        config.data_dir.clone_from(&self.dir);
        config.database = self.dir.join("restrike.db");
        for ring in &mut config.rings {
            ring.listen = SocketAddr::from((Ipv4Addr::LOCALHOST, 0));
            ring.sender = None;
        }
        config
    }
}

/// A thread that plays matches to the rings, in real time, until this is dropped.
#[derive(Debug)]
pub struct Demo {
    stop: Option<Sender<()>>,
    thread: Option<JoinHandle<()>>,
}

impl Demo {
    /// Plays to these addresses, one ring each.
    ///
    /// # Errors
    ///
    /// When a socket cannot be opened or the thread not be started.
    pub fn start(rings: &[SocketAddr], clock: Clock) -> io::Result<Self> {
        let sockets = rings.iter().map(|&ring| connect(ring)).collect::<io::Result<Vec<_>>>()?;
        let (stop, stopped) = bounded(0);
        let thread =
            thread::Builder::new().name("demo".to_owned()).spawn(move || play(&sockets, clock, &stopped))?;
        Ok(Self { stop: Some(stop), thread: Some(thread) })
    }
}

impl Drop for Demo {
    fn drop(&mut self) {
        drop(self.stop.take());
        if let Some(thread) = self.thread.take() {
            // A panic there was printed when it happened, and ends nothing but the demo.
            let _ = thread.join();
        }
    }
}

/// A sender's socket: one for the whole time, as a real sender has.
fn connect(ring: SocketAddr) -> io::Result<UdpSocket> {
    let any: SocketAddr = match ring {
        SocketAddr::V4(_) => (Ipv4Addr::LOCALHOST, 0).into(),
        SocketAddr::V6(_) => (Ipv6Addr::LOCALHOST, 0).into(),
    };
    let socket = UdpSocket::bind(any)?;
    socket.connect(ring)?;
    Ok(socket)
}

fn play(rings: &[UdpSocket], clock: Clock, stopped: &Receiver<()>) {
    let mut config = SimulatorConfig::default();
    config.rings = rings.len() as u32;
    let start = clock.mono();
    for datagram in Simulator::new(config) {
        let due = start + datagram.at.0;
        let wait = due.since(clock.mono());
        if wait > Duration::ZERO && stopped.recv_timeout(wait) != Err(RecvTimeoutError::Timeout) {
            return;
        }
        // While the server stops nobody listens any more, and the system tells.
        let _ = rings[datagram.ring as usize - 1].send(&datagram.bytes);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn never_touches_the_live_data() {
        let live = Config::new("live");
        let own = DemoData::create(None).unwrap().apply(live.clone());
        assert!(!own.data_dir.starts_with("live") && !own.database.starts_with("live"));
        let below = DemoData::create(Some(Path::new("live"))).unwrap().apply(live.clone());
        assert_eq!(below.database, Path::new("live").join("demo").join("restrike.db"));
        assert_ne!(below.database, live.database);
        assert_ne!(below.rings[0].listen, live.rings[0].listen);
    }

    #[test]
    fn speaks_to_the_ring_and_stops() {
        let ring = UdpSocket::bind("127.0.0.1:0").unwrap();
        ring.set_read_timeout(Some(Duration::from_secs(60))).unwrap();
        let demo = Demo::start(&[ring.local_addr().unwrap()], Clock::start()).unwrap();
        let mut buffer = [0; 1024];
        let len = ring.recv(&mut buffer).unwrap();
        assert_eq!(&buffer[..len], b"hel;\r\n");
        drop(demo);
    }
}
