use std::{
    collections::HashMap,
    future::Future,
    io::{Read as _, Write as _},
    net::{SocketAddr, TcpStream, UdpSocket},
    path::{Path, PathBuf},
    time::Duration,
};

use futures_util::StreamExt as _;
use pss_protocol::unescape;
use pss_store::{SessionDump, Store, StoreConfig};
use restrike_server::{App, Config, RECEIVE_BUFFER};
use serde_json::Value;
use tempfile::TempDir;
use tokio::{sync::oneshot, task::JoinHandle, time::timeout};
use tokio_tungstenite::tungstenite::Message;

/// Far beyond what anything here takes; a test that reaches it has failed.
pub(crate) const PATIENCE: Duration = Duration::from_secs(60);

/// A running server.
pub(crate) struct TestApp {
    pub(crate) http: SocketAddr,
    pub(crate) udp: SocketAddr,
    pub(crate) dir: TempDir,
    stop: oneshot::Sender<()>,
    running: JoinHandle<anyhow::Result<()>>,
}

/// One ring and HTTP on free loopback ports.
pub(crate) fn config(dir: &Path) -> Config {
    let mut config = Config::new(dir);
    config.http = "127.0.0.1:0".parse().unwrap();
    config.rings[0].listen = "127.0.0.1:0".parse().unwrap();
    config
}

impl TestApp {
    pub(crate) fn start() -> Self {
        Self::start_with(|_| {})
    }

    pub(crate) fn start_with(change: impl FnOnce(&mut Config)) -> Self {
        Self::start_in(tempfile::tempdir().unwrap(), change)
    }

    /// With the data of an earlier start.
    pub(crate) fn start_in(dir: TempDir, change: impl FnOnce(&mut Config)) -> Self {
        let mut config = config(dir.path());
        change(&mut config);
        let app = App::bind(&config).unwrap();
        let (stop, stopped) = oneshot::channel();
        let (http, udp) = (app.http_addr(), app.ring_addrs()[0].1);
        let running = tokio::spawn(app.run(async {
            let _ = stopped.await;
        }));
        Self { http, udp, dir, stop, running }
    }

    /// Drains the server; its data stay until the directory is dropped.
    pub(crate) async fn stop(self) -> TempDir {
        self.stop.send(()).expect("the server runs");
        timeout(PATIENCE, self.running).await.expect("the drain is bounded").unwrap().unwrap();
        self.dir
    }

    /// A sender's socket.
    pub(crate) fn sender(&self) -> Sender {
        Sender::from("127.0.0.1:0", self.udp)
    }

    /// `GET path`: status and body.
    pub(crate) fn get(&self, path: &str) -> (u16, String) {
        let (status, _, body) = get(self.http, path, "");
        (status, body)
    }

    /// The same with another method.
    pub(crate) fn ask(&self, method: &str, path: &str) -> (u16, String) {
        let (status, _, body) = ask(self.http, method, path, "");
        (status, body)
    }

    /// The first ring of `/api/v1/state`.
    pub(crate) fn state(&self) -> Value {
        let (status, body) = self.get("/api/v1/state");
        assert_eq!(status, 200, "{body}");
        let mut state: Value = serde_json::from_str(&body).unwrap();
        state["rings"][0].take()
    }

    /// The first ring, once `is` holds of it.
    pub(crate) async fn state_when(&self, is: impl Fn(&Value) -> bool) -> Value {
        let asked = async {
            loop {
                let state = self.state();
                if is(&state) {
                    return state;
                }
                tokio::time::sleep(Duration::from_millis(5)).await;
            }
        };
        match timeout(PATIENCE, asked).await {
            Ok(state) => state,
            Err(_) => panic!("never came about: {}", self.state()),
        }
    }

    /// Sends at full speed, and checks that all of it arrived. Where the system grants only a small receive
    /// buffer, at the speed that is possible then.
    pub(crate) async fn send_all(&self, datagrams: &[(String, Vec<u8>)]) {
        let before = self.state()["receive"].clone();
        let at_once = match before["buffer_bytes"].as_u64().unwrap() as usize {
            RECEIVE_BUFFER.. => datagrams.len(),
            _ => 100,
        };
        let mut senders: HashMap<&str, Sender> = HashMap::new();
        let mut received = before["received"].as_u64().unwrap();
        for chunk in datagrams.chunks(at_once) {
            for (source, bytes) in chunk {
                senders.entry(source).or_insert_with(|| self.sender()).send(bytes);
            }
            received += chunk.len() as u64;
            let state =
                self.state_when(|state| state["receive"]["received"].as_u64() >= Some(received)).await;
            assert_eq!(state["receive"]["kernel_drops"], 0);
        }
    }

    pub(crate) async fn connect(&self, query: &str) -> Client {
        let url = format!("ws://{}/ws/v1{query}", self.http);
        let (socket, _) = timeout(PATIENCE, tokio_tungstenite::connect_async(url)).await.unwrap().unwrap();
        Client { socket }
    }
}

/// `GET path` with more headers (each line with its end): status, head and body.
pub(crate) fn get(http: SocketAddr, path: &str, headers: &str) -> (u16, String, String) {
    ask(http, "GET", path, headers)
}

fn ask(http: SocketAddr, method: &str, path: &str, headers: &str) -> (u16, String, String) {
    let mut stream = TcpStream::connect(http).unwrap();
    stream.set_read_timeout(Some(PATIENCE)).unwrap();
    let host = if headers.contains("Host:") { String::new() } else { format!("Host: {http}\r\n") };
    write!(stream, "{method} {path} HTTP/1.1\r\n{host}{headers}Connection: close\r\n\r\n").unwrap();
    let mut answer = String::new();
    stream.read_to_string(&mut answer).unwrap();
    let (head, body) = answer.split_once("\r\n\r\n").unwrap();
    let status = head.split(' ').nth(1).unwrap().parse().unwrap();
    (status, head.to_owned(), body.to_owned())
}

pub(crate) struct Sender(UdpSocket);

impl Sender {
    pub(crate) fn from(address: &str, to: SocketAddr) -> Self {
        let socket = UdpSocket::bind(address).unwrap();
        socket.connect(to).unwrap();
        Self(socket)
    }

    pub(crate) fn send(&self, bytes: impl AsRef<[u8]>) {
        self.0.send(bytes.as_ref()).unwrap();
    }
}

/// A client of the feed.
pub(crate) struct Client {
    socket: tokio_tungstenite::WebSocketStream<tokio_tungstenite::MaybeTlsStream<tokio::net::TcpStream>>,
}

impl Client {
    /// The next frame; `None` when the server closed the connection.
    pub(crate) async fn next(&mut self) -> Option<Value> {
        loop {
            match timeout(PATIENCE, self.socket.next()).await.expect("a frame") {
                Some(Ok(Message::Text(text))) => return Some(serde_json::from_str(&text).unwrap()),
                Some(Ok(Message::Ping(_))) => {}
                Some(Ok(Message::Close(_)) | Err(_)) | None => return None,
                Some(Ok(other)) => panic!("{other:?}"),
            }
        }
    }

    /// The frames up to the first for which `is` holds, that one included.
    pub(crate) async fn until(&mut self, is: impl Fn(&Value) -> bool) -> Vec<Value> {
        let mut frames = Vec::new();
        loop {
            let frame = self.next().await.expect("the connection lasts");
            let last = is(&frame);
            frames.push(frame);
            if last {
                return frames;
            }
        }
    }

    /// What the server says of the reason when it closes the connection.
    pub(crate) async fn close_code(mut self) -> Option<u16> {
        loop {
            match timeout(PATIENCE, self.socket.next()).await.expect("an end") {
                Some(Ok(Message::Close(frame))) => return frame.map(|frame| frame.code.into()),
                Some(Ok(_)) => {}
                Some(Err(_)) | None => return None,
            }
        }
    }

    pub(crate) async fn close(mut self) {
        let _ = self.socket.close(None).await;
    }
}

/// Sources and payloads of a listing of the corpus, in order.
pub(crate) fn corpus(name: &str) -> Vec<(String, Vec<u8>)> {
    let path = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../pss-protocol/tests/corpus").join(name);
    let text = std::fs::read_to_string(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
    let line = |line: &str| {
        let fields: Vec<&str> = line.split('\t').collect();
        (fields[1].to_owned(), unescape(fields[4]).unwrap())
    };
    text.lines().filter(|line| !line.starts_with('#')).map(line).collect()
}

/// What a server's database holds of its only session.
pub(crate) fn stored(dir: &Path) -> SessionDump {
    let store = Store::open(StoreConfig::new(dir.join("restrike.db"))).unwrap();
    let sessions = store.sessions().unwrap();
    assert_eq!(sessions.len(), 1);
    assert!(sessions[0].ended_at.is_some(), "the session was cut short");
    let dump = store.dump_records(sessions[0].id).unwrap();
    store.close().unwrap();
    dump
}

/// Runs a future that must end.
pub(crate) async fn bounded<T>(future: impl Future<Output = T>) -> T {
    timeout(PATIENCE, future).await.expect("an end")
}
