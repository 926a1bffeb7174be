use std::{
    io::{BufRead as _, BufReader, Read as _},
    net::{SocketAddr, UdpSocket},
    path::Path,
    process::{Child, Command, ExitStatus, Stdio},
    thread,
    time::Duration,
};

use crate::support::{PATIENCE, corpus, get, stored};

fn command(args: &[&str], dir: &Path) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_restrike-server"));
    command.args(args).arg("--data-dir").arg(dir).stdout(Stdio::piped()).stderr(Stdio::piped());
    command
}

/// A started server that does not outlive its test.
struct Server {
    child: Child,
    http: SocketAddr,
    udp: SocketAddr,
}

impl Server {
    fn start(args: &[&str], dir: &Path) -> Self {
        let mut child = command(args, dir).stderr(Stdio::null()).spawn().unwrap();
        let mut lines = BufReader::new(child.stdout.take().unwrap()).lines();
        let http = lines.next().unwrap().unwrap();
        let udp = lines.next().unwrap().unwrap();
        let http = http.strip_prefix("listening http ").unwrap().parse().unwrap();
        let udp = udp.strip_prefix("listening udp ring=1 ").unwrap().parse().unwrap();
        Self { child, http, udp }
    }

    fn terminate(&mut self) -> ExitStatus {
        let killed = Command::new("kill").args(["-TERM", &self.child.id().to_string()]).status().unwrap();
        assert!(killed.success());
        let polls = PATIENCE.as_millis() / 10;
        for _ in 0..polls {
            if let Some(status) = self.child.try_wait().unwrap() {
                return status;
            }
            thread::sleep(Duration::from_millis(10));
        }
        panic!("still there");
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// Starts a server, sends it these datagrams, and kills it as soon as all of them have arrived.
pub(crate) fn kill_after(dir: &Path, sent: &[(String, Vec<u8>)]) {
    let mut server = Server::start(&["--http", "127.0.0.1:0", "--ring", "1=127.0.0.1:0"], dir);
    let sender = UdpSocket::bind("127.0.0.1:0").unwrap();
    for (_, bytes) in sent {
        sender.send_to(bytes, server.udp).unwrap();
    }
    let arrived = (0..PATIENCE.as_millis() / 5).any(|_| {
        let (_, _, body) = get(server.http, "/api/v1/state", "");
        let state: serde_json::Value = serde_json::from_str(&body).unwrap();
        let arrived = state["rings"][0]["receive"]["received"] == sent.len();
        let text = std::fs::read_dir(dir.join("journal"))
            .unwrap()
            .map(|entry| std::fs::read_to_string(entry.unwrap().path()).unwrap());
        let written = text.map(|text| text.lines().filter(|line| !line.is_empty()).count()).sum::<usize>();
        // The header is a line too.
        arrived && written == sent.len() + 1 || {
            thread::sleep(Duration::from_millis(5));
            false
        }
    });
    assert!(arrived, "they never arrived");
    server.child.kill().unwrap();
    server.child.wait().unwrap();
}

#[test]
fn sigterm_loses_nothing_that_was_sent_before() {
    let dir = tempfile::tempdir().unwrap();
    let mut server = Server::start(&["--http", "127.0.0.1:0", "--ring", "1=127.0.0.1:0"], dir.path());
    let sent = corpus("a1_bestof3_realtime.txt");
    let sender = UdpSocket::bind("127.0.0.1:0").unwrap();
    for (_, bytes) in &sent {
        sender.send_to(bytes, server.udp).unwrap();
    }
    assert!(server.terminate().success());
    let kept = stored(dir.path()).datagrams;
    assert_eq!(kept.len(), sent.len());
    assert!(kept.iter().map(|datagram| &datagram.bytes).eq(sent.iter().map(|(_, bytes)| bytes)));
}

#[test]
fn the_demo_shows_a_match_and_leaves_the_live_data_alone() {
    let dir = tempfile::tempdir().unwrap();
    let mut server = Server::start(&["--http", "127.0.0.1:0", "--demo"], dir.path());
    let loaded = (0..PATIENCE.as_millis() / 20).any(|_| {
        thread::sleep(Duration::from_millis(20));
        let (_, _, body) = get(server.http, "/api/v1/state", "");
        let state: serde_json::Value = serde_json::from_str(&body).unwrap();
        state["rings"][0]["match"]["number"].is_string()
    });
    assert!(loaded, "no match was loaded");
    assert!(server.terminate().success());
    assert!(!dir.path().join("restrike.db").exists());
    assert!(dir.path().join("demo/restrike.db").exists());
}

fn run(args: &[&str], dir: &Path) -> (Option<i32>, String) {
    let mut child = command(args, dir).spawn().unwrap();
    let status = child.wait().unwrap();
    let mut text = String::new();
    child.stderr.take().unwrap().read_to_string(&mut text).unwrap();
    (status.code(), text)
}

#[test]
fn exit_statuses_say_what_was_wrong() {
    let dir = tempfile::tempdir().unwrap();
    assert_eq!(run(&["--validate"], dir.path()).0, Some(0));
    assert!(!dir.path().join("restrike.db").exists(), "--validate made something");

    let (code, text) = run(&["--validate", "--http", "0.0.0.0:8088"], dir.path());
    assert_eq!(code, Some(2), "{text}");
    assert!(text.contains("127.0.0.1"), "{text}");
    assert_eq!(run(&["--no-such-flag"], dir.path()).0, Some(2));
    assert_eq!(run(&["--config", "does-not-exist.toml"], dir.path()).0, Some(2));

    let taken = UdpSocket::bind("127.0.0.1:0").unwrap();
    let address = taken.local_addr().unwrap();
    let (code, text) = run(&["--http", "127.0.0.1:0", "--ring", &format!("1={address}")], dir.path());
    assert_eq!(code, Some(1), "{text}");
    assert!(text.contains(&address.to_string()), "{text}");
}
